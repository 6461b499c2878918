"""A batch as plain values and back, so that a preview can carry what it showed instead of the file."""

from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from findings.core.types import Notice
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch

COLUMNS = tuple(f.name for f in fields(CostEntry))


def pack(found: CostBatch) -> dict[str, Any]:
    """Values that JSON can hold. Amounts stay decimal text."""
    return {
        "source": found.source,
        "kind": str(found.kind),
        "lines": [[_plain(getattr(entry, name)) for name in COLUMNS] for entry in found.lines],
        "notices": [asdict(n) for n in found.notices],
        "lower_bound": found.lower_bound,
        "version": found.version,
    }


def unpack(said: dict[str, Any]) -> CostBatch:
    """The batch that `pack` was given."""
    return batch(
        said["source"],
        CostKind(said["kind"]),
        [_entry(dict(zip(COLUMNS, row, strict=True))) for row in said["lines"]],
        [Notice(**n) for n in said["notices"]],
        lower_bound=said["lower_bound"],
        version=said["version"],
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (date, Decimal)) else value


def _entry(row: dict[str, Any]) -> CostEntry:
    days = {name: date.fromisoformat(row[name]) for name in ("month", "period")}
    return CostEntry(**row | days | {"amount": Decimal(row["amount"])})
