"""Batches and plans as bytes, for runs that wait for a person. Observations are redacted before they get here.

Column by column: a column of equal values is kept once, and one of a kind packs and parses several times faster than
row by row.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from operator import attrgetter
from typing import Any

from findings.core.types import (
    Absence,
    Batch,
    Coverage,
    Grounds,
    Identity,
    Match,
    Notice,
    Observation,
    Priority,
    Proof,
    Reason,
    RuleInfo,
    Tracked,
)

FAST = 1  # zlib's level: a tenth of the size for a tenth of the time of the best


def pack(batch: Batch) -> bytes:
    """A batch. The paths of the tree are not kept: a waiting run has none."""
    plain = asdict(replace(batch, coverage=Coverage(), observations=()))
    plain["coverage"] = dump_coverage(batch.coverage)
    return _pack(plain | {"observations": _columns(Observation, batch.observations)})


def unpack(packed: bytes | memoryview) -> Batch:
    """The batch that `pack` was given, without the paths of its tree."""
    plain = _unpack(packed)
    words: dict[str, dict[str, Any]] = {
        "priority": {str(p): p for p in Priority},
        "identity": {str(i): i for i in Identity},
    }
    coverage = plain["coverage"]
    return Batch(
        **plain
        | {
            "rules": tuple(_rule(r) for r in plain["rules"]),
            "observations": tuple(_rows(Observation, plain["observations"], words)),
            "notices": tuple(_notice(n) for n in plain["notices"]),
            "coverage": Coverage(
                rules=None if coverage["rules"] is None else frozenset(coverage["rules"]),
                unreadable=frozenset(coverage["unreadable"]),
                complete=coverage["complete"],
                failed=frozenset(coverage.get("failed", ())),
            ),
        }
    )


def dump_coverage(coverage: Coverage) -> dict[str, Any]:
    """A coverage as JSON: rules (None = all), unreadable paths, complete, and rules that failed, if any."""
    return {
        "rules": None if coverage.rules is None else sorted(coverage.rules),
        "unreadable": sorted(coverage.unreadable),
        "complete": coverage.complete,
        **({"failed": sorted(coverage.failed)} if coverage.failed else {}),
    }


def pack_plan(tracked: Tracked, grounds: Mapping[int, Grounds], **more: Any) -> bytes:
    """What a batch would do, with the grounds that are known already. `more` is JSON."""
    return _pack(
        {
            "matches": _columns(Match, tracked.matches),
            "new": tracked.new,
            "ended": _columns(Absence, tracked.ended),
            "closed": list(tracked.closed.items()),
            "kept": _columns(Absence, tracked.kept),
            "grounds": {pk: asdict(g) for pk, g in grounds.items()},
            "more": more,
        }
    )


def unpack_plan(packed: bytes | memoryview) -> tuple[Tracked, dict[int, Grounds], dict[str, Any]]:
    """What `pack_plan` was given."""
    plain = _unpack(packed)
    reasons = {"reason": {str(r): r for r in Reason}}
    tracked = Tracked(
        matches=tuple(_rows(Match, plain["matches"], {})),
        new=tuple(tuple(group) for group in plain["new"]),
        ended=tuple(_rows(Absence, plain["ended"], reasons)),
        closed={pk: Reason(reason) for pk, reason in plain["closed"]},
        kept=tuple(_rows(Absence, plain["kept"], reasons)),
    )
    return tracked, {int(pk): Grounds(**g) for pk, g in plain["grounds"].items()}, plain["more"]


def _pack(plain: Any) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), FAST)


def _unpack(packed: bytes | memoryview) -> Any:
    return json.loads(zlib.decompress(packed))


def _columns(kind: type[Any], rows: Sequence[Any]) -> dict[str, Any]:
    """{"rows": how many, name: its values, or [the value] where all are equal}."""
    columns: dict[str, Any] = {"rows": len(rows)}
    for field in fields(kind):
        values = list(map(attrgetter(field.name), rows))
        columns[field.name] = values[:1] if values and values.count(values[0]) == len(values) else values
    return columns


def _rows(kind: type[Any], columns: dict[str, Any], words: Mapping[str, Mapping[str, Any]]) -> Iterable[Any]:
    count = columns.pop("rows")
    for name, known in words.items():
        columns[name] = [known[value] for value in columns[name]]
    whole = {name: values * count if len(values) == 1 else values for name, values in columns.items()}
    names = [field.name for field in fields(kind)]
    if names == list(whole):
        return map(kind, *whole.values())
    # Packed before an upgrade that added a field: it gets its default.
    return (kind(**dict(zip(whole, row, strict=True))) for row in zip(*whole.values(), strict=True))


def _notice(plain: dict[str, Any]) -> Notice:
    return Notice(**plain | {"values": tuple((name, value) for name, value in plain.get("values", ()))})


def _rule(plain: dict[str, Any]) -> RuleInfo:
    from_text = {"priority": Priority(plain["priority"]), "proof": Proof(plain["proof"])}
    return RuleInfo(**plain | from_text)
