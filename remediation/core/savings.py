"""The savings ledger: what was planned, promised, and what the bill says came of it. All amounts are a month's money.

Rules, for one item with lines (service, baseline, target):

* planned: the sum of baseline - target of its lines. A line may grow (a managed database that replaces two machines);
  then it counts against the rest.
* committed: the planned saving once the item is promised or done, until a bill has judged it.
* judged: by full months only, the first of them being the month after the one in which the item was closed, and only
  by months that have a bill in its currency. A service is looked up on the bill by its name; one that no bill ever
  named proves nothing, so it is left out and named in `unbilled`. A service that was billed once and is not on a later
  bill costs nothing there.
* realised: what the latest such month is below the baseline, at most what was planned for the line. Where several items
  count on the same service, the one closed first has the saving first, so no saving is counted twice.
* missed: the rest of the planned saving. An item none of whose saving shows is *missed*, else it is *realised*.

Currencies are never added nor converted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Id = int | str
WORD = re.compile(r"[a-z0-9]{3,}")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Billed:
    """Money that was really billed (no estimate, no plan) for one service in one month, given by its first day."""

    month: date
    service: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TargetLine:
    """What a service cost a month before, and what it should cost."""

    service: str
    baseline: Decimal
    target: Decimal

    @property
    def planned(self) -> Decimal:
        """The saving it stands for; negative for a service that is meant to grow."""
        return self.baseline - self.target


@dataclass(frozen=True, slots=True)
class SavingItem:
    """An item that is to save money. `promised` is the day a team took it on, `closed` the day it was proven or
    attested; None where that has not happened.
    """

    id: Id
    currency: str
    lines: tuple[TargetLine, ...]
    promised: date | None = None
    closed: date | None = None


class SavingState(StrEnum):
    """How far a saving has come. `waiting`: its item is done and no full month has been billed since."""

    PLANNED = "planned"
    COMMITTED = "committed"
    WAITING = "waiting"
    REALISED = "realised"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class MonthSaving:
    """What one billed month shows of an item's saving: `billed` is what its services cost in that month."""

    month: date
    billed: Decimal
    realised: Decimal


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An item in the ledger. Once promised, planned = committed + realised + missed. `to_date` adds up `months`."""

    item: Id
    currency: str
    state: SavingState
    planned: Decimal
    committed: Decimal = NOTHING
    realised: Decimal = NOTHING
    missed: Decimal = NOTHING
    to_date: Decimal = NOTHING
    since: date | None = None
    months: tuple[MonthSaving, ...] = ()
    unbilled: tuple[str, ...] = ()


class _Bills:
    """The bills, looked up by month, service and currency, with what earlier items have already claimed of them."""

    def __init__(self, billed: Iterable[Billed], today: date) -> None:
        self.sums: dict[tuple[date, str, str], Decimal] = {}
        self.claimed: dict[tuple[date, str, str], Decimal] = {}
        for line in billed:
            key = (line.month.replace(day=1), line.service, line.currency)
            self.sums[key] = self.sums.get(key, NOTHING) + line.amount
        self.full = sorted({(month, currency) for month, _, currency in self.sums if next_month(month) <= today})
        self.named = {(service, currency) for _, service, currency in self.sums}

    def months_after(self, closed: date, currency: str) -> list[date]:
        """The full months with a bill in this currency that began after the month of closing."""
        return [month for month, money in self.full if money == currency and month >= next_month(closed)]

    def judge(self, line: TargetLine, month: date, currency: str) -> Decimal:
        """What a month shows of a line's saving and nobody claimed before; claims it."""
        key = (month, line.service, currency)
        shown = line.baseline - self.sums.get(key, NOTHING) - self.claimed.get(key, NOTHING)
        realised = min(max(shown, NOTHING), line.planned) if line.planned >= 0 else min(shown, NOTHING)
        self.claimed[key] = self.claimed.get(key, NOTHING) + realised
        return realised


def ledger(items: Sequence[SavingItem], billed: Iterable[Billed], today: date) -> tuple[LedgerRow, ...]:
    """The ledger's rows in the order of the items. An item that saves in two currencies is given as two."""
    bills = _Bills(billed, today)
    first_closed = sorted(range(len(items)), key=lambda n: (items[n].closed or date.max, str(items[n].id)))
    rows = {n: _row(items[n], bills) for n in first_closed}
    return tuple(rows[n] for n in range(len(items)))


def _row(item: SavingItem, bills: _Bills) -> LedgerRow:
    planned = sum((line.planned for line in item.lines), NOTHING)
    if item.closed is None:
        state = SavingState.COMMITTED if item.promised else SavingState.PLANNED
        committed = planned if item.promised else NOTHING
        return LedgerRow(item.id, item.currency, state, planned, committed, since=item.promised)
    lines = [line for line in item.lines if (line.service, item.currency) in bills.named]
    unbilled = tuple(line.service for line in item.lines if line not in lines)
    judged = bills.months_after(item.closed, item.currency) if lines else []
    months = tuple(_month(item, lines, month, bills) for month in judged)
    if not months:
        return LedgerRow(
            item.id, item.currency, SavingState.WAITING, planned, planned, since=item.closed, unbilled=unbilled
        )
    realised = months[-1].realised
    return LedgerRow(
        item=item.id,
        currency=item.currency,
        state=SavingState.REALISED if realised > 0 else SavingState.MISSED,
        planned=planned,
        realised=realised,
        missed=planned - realised,
        to_date=sum((m.realised for m in months), NOTHING),
        since=months[0].month,
        months=months,
        unbilled=unbilled,
    )


def _month(item: SavingItem, lines: Sequence[TargetLine], month: date, bills: _Bills) -> MonthSaving:
    services = {line.service for line in lines}
    billed = sum((bills.sums.get((month, s, item.currency), NOTHING) for s in services), NOTHING)
    realised = sum((bills.judge(line, month, item.currency) for line in lines), NOTHING)
    return MonthSaving(month, billed, realised)


def next_month(day: date) -> date:
    """The first day of the month after this day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Overview:
    """A team's money in one currency, a month's each but for `to_date`. `month` is the latest full billed month and
    `current` all that was billed in it; None where there is none.
    """

    currency: str
    baseline: Decimal | None
    target: Decimal | None
    month: date | None
    current: Decimal | None
    planned: Decimal
    committed: Decimal
    realised: Decimal
    missed: Decimal
    to_date: Decimal

    @property
    def below_baseline(self) -> Decimal | None:
        """How much less the month cost than the baseline; negative when it cost more."""
        return None if self.baseline is None or self.current is None else self.baseline - self.current

    @property
    def to_target(self) -> Decimal | None:
        """How much of the month is still above the target; negative when the target is beaten."""
        return None if self.target is None or self.current is None else self.current - self.target


def overview(
    rows: Sequence[LedgerRow],
    billed: Sequence[Billed],
    baseline: Mapping[str, Decimal],
    target: Mapping[str, Decimal],
    today: date,
) -> tuple[Overview, ...]:
    """A team's totals, one for each currency that occurs; `baseline` and `target` map a currency to a month's total."""
    bills = _Bills(billed, today)
    currencies = sorted({*baseline, *target, *(r.currency for r in rows), *(b.currency for b in billed)})
    return tuple(_overview(c, [r for r in rows if r.currency == c], bills, baseline, target) for c in currencies)


def _overview(
    currency: str,
    rows: Sequence[LedgerRow],
    bills: _Bills,
    baseline: Mapping[str, Decimal],
    target: Mapping[str, Decimal],
) -> Overview:
    month = max((m for m, money in bills.full if money == currency), default=None)
    in_month = [amount for (m, _, money), amount in bills.sums.items() if m == month and money == currency]
    return Overview(
        currency=currency,
        baseline=baseline.get(currency),
        target=target.get(currency),
        month=month,
        current=sum(in_month, NOTHING) if month else None,
        planned=sum((r.planned for r in rows), NOTHING),
        committed=sum((r.committed for r in rows), NOTHING),
        realised=sum((r.realised for r in rows), NOTHING),
        missed=sum((r.missed for r in rows), NOTHING),
        to_date=sum((r.to_date for r in rows), NOTHING),
    )


def speaks_of(title: str, service: str) -> bool:
    """Whether an item's title names a service of the bill: two of the service's words, in singular or plural."""
    return len(_words(title) & _words(service)) > 1


def _words(text: str) -> set[str]:
    return {word.rstrip("s") for word in WORD.findall(text.lower())}
