"""Plain CSV: `month,service,amount,currency` and, if wanted, `account` and `kind`, in any order.

    month,service,amount,currency,account,kind
    2025-10,Object storage,41.20,USD,prod,billed

month is 2025-10 or any date in it; amount has a point for decimals and may be negative; currency is an ISO 4217 code;
kind is billed (default), estimate or plan, the same for the whole file. Rows that say the same are summed.
"""

from collections.abc import Iterable
from datetime import date

from findings.core.types import FormatError, gettext_noop, notice
from remediation.core.costs.table import Row, header, rows
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch

NEEDED = ("month", "service", "amount", "currency")
OPTIONAL = ("account", "kind")


def matches(text: str) -> bool:
    """Whether the header has the columns that tell this format from the others."""
    names = {name.lower() for name in header(text)[0]}
    return {"month", "amount"} <= names


def parse(text: str, month: date | None = None) -> CostBatch:
    """Read a plain CSV file; `month` is not used, each row has its own."""
    names = [name.lower() for name in header(text)[0]]
    for name in NEEDED:
        if name not in names:
            raise FormatError(f"the column {name} is missing", "line 1", ",".join(NEEDED))
    found = list(rows(text))
    other = [n for n in names if n and n not in (*NEEDED, *OPTIONAL)]
    notices = [notice(gettext_noop("column %(name)s is not used"), line=1, name=name) for name in other]
    return batch("plain", _kind(found), [_entry(row) for row in found], notices)


def _entry(row: Row) -> CostEntry:
    month = row.month("month")
    return CostEntry(
        month=month,
        service=row.need("service"),
        account=row.get("account"),
        amount=row.amount("amount"),
        currency=row.currency("currency"),
        period=month,
        line=row.line,
    )


def _kind(found: Iterable[Row]) -> CostKind:
    """The kind of the whole file: kinds are never mixed in one batch."""
    kind: CostKind | None = None
    for row in found:
        said = row.get("kind").lower() or CostKind.BILLED
        if said not in list(CostKind):
            raise FormatError("not a kind of cost", row.where("kind"), "billed, estimate or plan")
        if kind not in (None, said):
            raise FormatError("the file mixes kinds of cost", row.where("kind"), f"{kind}, as in the rows above")
        kind = CostKind(said)
    return kind or CostKind.BILLED
