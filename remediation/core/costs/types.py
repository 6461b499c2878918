"""The words of cost imports. Money is Decimal with an ISO 4217 currency, never added over currencies or kinds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from findings.core.types import Notice


class CostKind(StrEnum):
    """What money is: paid, calculated beforehand, or wished for. The three are never one line."""

    BILLED = "billed"
    ESTIMATE = "estimate"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class CostUnit:
    """What an import replaces as a whole: a source's say about one account and billing month (its first day)."""

    source: str
    account: str
    month: date


@dataclass(frozen=True, slots=True)
class CostEntry:
    """Money of one service in one month, summed over the rows of the file that say the same.

    `month` is where the money belongs in a trend, `period` the billing month whose file it came in (both the first of
    the month). They differ only for a correction of an earlier month; the unit of import goes by `period`, so that a
    correction never replaces the month it corrects. `category` is the lower-case FOCUS charge category. `line` is the
    first row it came from, `rows` how many there were.
    """

    month: date
    service: str
    account: str
    amount: Decimal
    currency: str
    period: date
    sub_account: str = ""
    category: str = "usage"
    correction: bool = False
    line: int = 0
    rows: int = 1


@dataclass(frozen=True, slots=True)
class CostBatch:
    """What one file says. `lower_bound`: some amounts are not known, so every total is at least what is written.

    `version` is that of the format where it has one. `units` is what accepting this batch replaces.
    """

    source: str
    kind: CostKind
    lines: tuple[CostEntry, ...]
    units: tuple[CostUnit, ...]
    notices: tuple[Notice, ...] = ()
    lower_bound: bool = False
    version: str = ""

    def totals(self) -> dict[str, Decimal]:
        """The sum of the lines for each currency."""
        sums: dict[str, Decimal] = {}
        for entry in self.lines:
            sums[entry.currency] = sums.get(entry.currency, Decimal(0)) + entry.amount
        return sums


def batch(
    source: str,
    kind: CostKind,
    entries: Iterable[CostEntry],
    notices: Iterable[Notice] = (),
    *,
    lower_bound: bool = False,
    version: str = "",
) -> CostBatch:
    """Make a batch: equal entries are summed, lines are ordered, and the units follow from them."""
    lines = _merged(entries)
    units = sorted({(e.account, e.period) for e in lines})
    return CostBatch(
        source=source,
        kind=kind,
        lines=lines,
        units=tuple(CostUnit(source, account, month) for account, month in units),
        notices=tuple(notices),
        lower_bound=lower_bound,
        version=version,
    )


Key = tuple[date, date, str, str, str, str, str, bool]


def _merged(entries: Iterable[CostEntry]) -> tuple[CostEntry, ...]:
    sums: dict[Key, tuple[CostEntry, Decimal, int]] = {}
    for entry in entries:
        first, amount, rows = sums.get(_key(entry), (entry, Decimal(0), 0))
        sums[_key(entry)] = (first, amount + entry.amount, rows + entry.rows)
    return tuple(replace(first, amount=amount, rows=rows) for _, (first, amount, rows) in sorted(sums.items()))


def _key(e: CostEntry) -> Key:
    return (e.month, e.period, e.account, e.sub_account, e.service, e.currency, e.category, e.correction)
