"""A team's money as pages and mails tell it: bills by month and service, plans, and what came of the savings.

Only `billed` money is in a trend; estimates and plans stand beside it. Currencies are never added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F
from django.utils.translation import gettext as _

from findings.models import Event, Team
from findings.steady import steady
from remediation.core.charts import BarChart, Box, Stack, stacked_bars
from remediation.core.digest import CostMove
from remediation.core.savings import (
    Billed,
    LedgerRow,
    Overview,
    SavingItem,
    TargetLine,
    ledger,
    next_month,
    overview,
    speaks_of,
)
from remediation.models import CostUnit, Item
from remediation.querysets import ItemQuerySet

MONTHS = 12
LAYERS = 5
BOX = Box(width=720, right=176)  # pixels; the names of services stand at the right
NAME = 26  # characters of a service's name that fit there
NOTHING = Decimal(0)
Cell = tuple[date, str | None]


# What is stored


class Line(NamedTuple):
    """The lines of one unit that are of one month, service, currency and category, together; a unit without any has one
    without a month. `n` of them have an amount.
    """

    unit: int
    kind: str
    role: str
    source: str
    month: date | None
    service: str | None
    currency: str | None
    category: str | None
    total: Decimal | None
    n: int


LINES = """
SELECT u.id, u.kind, u.role, u.source, l.month, l.service, l.currency, l.category, sum(l.amount), count(l.amount)
FROM remediation_costunit u LEFT JOIN remediation_costline l ON l.unit_id = u.id
WHERE u.team_id = %s GROUP BY u.id, l.month, l.service, l.currency, l.category
ORDER BY u.month, u.imported_at, u.id, min(l.id)
"""


def lines_of(team: Team) -> list[Line]:
    """All of a team's money, units as they speak: what was imported later comes later. One statement."""
    with steady() as cursor:
        cursor.execute(LINES, [team.pk])
        return [Line(*row) for row in cursor]


# Bills


def billed_lines(lines: Iterable[Line], without: Sequence[str] = ()) -> list[Billed]:
    """What was billed, summed by month, service and currency. `without` leaves out charge categories ("tax")."""
    sums: dict[tuple[date, str, str], Decimal] = {}
    for line in lines:
        if line.kind == "billed" and line.n and line.category not in without and line.month:
            key = (line.month, line.service or "", line.currency or "")
            sums[key] = sums.get(key, NOTHING) + (line.total or NOTHING)
    return [Billed(*key, total) for key, total in sorted(sums.items())]


# Plans


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What a review says a service costs a month, and should cost."""

    service: str
    currency: str
    baseline: Decimal
    target: Decimal
    source: str


def current_tables(team: Team) -> list[int]:
    """The cost tables of reviews that speak now: a later version of a report takes the word from the one before."""
    units = CostUnit.objects.filter(team=team).exclude(role="").order_by("month", "imported_at", "pk")
    return list({(source, role): pk for source, role, pk in units.values_list("source", "role", "pk")}.values())


def _tables(lines: Iterable[Line]) -> list[Line]:
    """Those of the tables of reviews that speak now (see `current_tables`)."""
    known = [line for line in lines if line.role]
    current = set({(line.source, line.role): line.unit for line in known}.values())
    return [line for line in known if line.unit in current and line.month]


def service_plans(lines: Iterable[Line]) -> list[ServicePlan]:
    """The services of the reviews' current cost tables. Amounts that a review calls unknown count as nothing."""
    found: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for line in sorted(_tables(lines), key=lambda line: line.unit):
        sums = found.setdefault((line.service or "", line.currency or "", line.source), {})
        sums[line.role] = sums.get(line.role, NOTHING) + (line.total or NOTHING)
    return [
        ServicePlan(service, currency, sums.get("baseline", NOTHING), sums.get("target", NOTHING), source)
        for (service, currency, source), sums in found.items()
    ]


def plan_totals(plans: Iterable[ServicePlan], roles: Mapping[str, set[str]]) -> tuple[dict[str, Decimal], ...]:
    """The month's baseline and target for each currency, where a table of that role gives one."""
    baseline: dict[str, Decimal] = {}
    target: dict[str, Decimal] = {}
    for plan in plans:
        for sums, role, amount in ((baseline, "baseline", plan.baseline), (target, "target", plan.target)):
            if plan.currency in roles.get(role, set()):
                sums[plan.currency] = sums.get(plan.currency, NOTHING) + amount
    return baseline, target


def _roles(lines: Iterable[Line]) -> dict[str, set[str]]:
    """The currencies that tables of each role are in."""
    found: dict[str, set[str]] = {}
    for line in _tables(lines):
        found.setdefault(line.role, set()).add(line.currency or "")
    return found


def planned_months(lines: Iterable[Line]) -> dict[tuple[date, str], Decimal]:
    """What an imported plan (not a review) allows for a month, by month and currency."""
    sums: dict[tuple[date, str], Decimal] = {}
    for line in lines:
        if line.kind == "plan" and not line.role and line.n and line.month:
            key = (line.month, line.currency or "")
            sums[key] = sums.get(key, NOTHING) + (line.total or NOTHING)
    return sums


# Savings


@dataclass(frozen=True, slots=True)
class Saving:
    """A row of the ledger with its item."""

    item: Item
    row: LedgerRow
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """All of a team's money: bills, what reviews plan, the ledger, and totals by currency."""

    billed: tuple[Billed, ...]
    plans: tuple[ServicePlan, ...]
    savings: tuple[Saving, ...]
    overviews: tuple[Overview, ...]
    goals: Mapping[tuple[date, str], Decimal]


def money(
    team: Team, today: date, zone: tzinfo, without: Sequence[str] = (), items: Iterable[Item] | None = None
) -> Money:
    """Read it all, in two statements; in one where the team's `items` are known, each with the `source` of its review.
    `today` is the team's.
    """
    lines = lines_of(team)
    billed, plans, goals = billed_lines(lines, without), service_plans(lines), planned_months(lines)
    known = with_source(Item.objects.filter(checklist__team=team).order_by("pk")) if items is None else items
    saving, services = saving_items(known, plans, billed, zone)
    rows = ledger([entry for _item, entry in saving], billed, today)
    savings = tuple(Saving(i, row, services[i.pk]) for (i, _), row in zip(saving, rows, strict=True))
    baseline, target = plan_totals(plans, _roles(lines))
    for (month, currency), amount in sorted(goals.items()):
        if month <= today:
            target[currency] = amount
    views = overview(rows, billed, baseline, target, today)
    # The currency that somebody planned in comes first.
    ordered = sorted(views, key=lambda v: (v.baseline is None and v.target is None, v.currency))
    return Money(tuple(billed), tuple(plans), savings, tuple(ordered), goals)


def with_source(items: ItemQuerySet) -> ItemQuerySet:
    """Adds the `source` of the tables of an item's review; None where none spoke of it."""
    return items.annotate(source=F("checklist__review__run__category"))


def saving_items(
    items: Iterable[Item], plans: Sequence[ServicePlan], billed: Sequence[Billed], zone: tzinfo
) -> tuple[list[tuple[Item, SavingItem]], dict[int, tuple[str, ...]]]:
    """Those of the items that are to save money, as the ledger takes them, and the services each is about."""
    rows = [item for item in items if item.saving is not None and item.saving_currency]
    found = [(item, _saving_item(item, plans, billed, zone)) for item in rows]
    return found, {item.pk: tuple(line.service for line in entry.lines) for item, entry in found}


def _saving_item(item: Item, plans: Sequence[ServicePlan], billed: Sequence[Billed], zone: tzinfo) -> SavingItem:
    """An item whose saving is that of its review's tables, or of the services its title names there, is judged service
    by service, any other by its title.
    """
    promised = item.promised_at and item.promised_at.astimezone(zone).date()
    closed = item.settled_at and item.settled_at.astimezone(zone).date()
    source = vars(item)["source"]
    own = [p for p in plans if p.source == (source and source[:100]) and p.currency == item.saving_currency]
    changed = tuple(TargetLine(p.service, p.baseline, p.target) for p in own if p.baseline != p.target)
    saving = item.saving or NOTHING
    named = tuple(line for line in changed if speaks_of(item.title, line.service))
    changed = next((lines for lines in (changed, named) if lines and _planned(lines) == saving), ())
    if not changed:
        begun = promised or closed or date.max
        before = _baseline(item.title, item.saving_currency, begun, plans, billed)
        start = saving if before is None else before
        changed = (TargetLine(item.title, start, start - saving),)
    return SavingItem(item.pk, item.saving_currency, changed, promised=promised, closed=closed)


def _planned(lines: Sequence[TargetLine]) -> Decimal:
    return sum((line.planned for line in lines), NOTHING)


def _baseline(
    service: str, currency: str, begun: date, plans: Iterable[ServicePlan], billed: Iterable[Billed]
) -> Decimal | None:
    """What a service cost before the work: as a review says, else as the last bill up to then does."""
    named = [p.baseline for p in plans if (p.service, p.currency) == (service, currency)]
    bills = [b for b in billed if (b.service, b.currency) == (service, currency) and b.month <= begun]
    return named[0] if named else max(bills, key=lambda b: b.month).amount if bills else None


# The trend


@dataclass(frozen=True, slots=True)
class Trend:
    """Months of bills in one currency, oldest first, stacked by service. `cells` holds the sums behind the chart by
    month and layer; the layer None is all the services that have none of their own.
    """

    currency: str
    months: tuple[date, ...]
    layers: tuple[str | None, ...]
    cells: Mapping[Cell, Decimal]
    goals: tuple[Decimal | None, ...]
    chart: BarChart
    overview: Overview

    def total(self, month: date) -> Decimal | None:
        """All that was billed in a month; None where no bill is."""
        found = [amount for (m, _name), amount in self.cells.items() if m == month]
        return sum(found, NOTHING) if found else None


def cost_trend(
    team: Team, today: date, zone: tzinfo, *, months: int = MONTHS, without: Sequence[str] = ()
) -> list[Trend]:
    """A trend for each currency that was billed, for the costs page and the team's page."""
    return trends(money(team, today, zone, without), months)


def trends(found: Money, months: int = MONTHS) -> list[Trend]:
    """The trends of money that was read already."""
    billed = {b.currency for b in found.billed}
    return [_trend(found, view, months) for view in found.overviews if view.currency in billed]


def _trend(found: Money, view: Overview, months: int) -> Trend:
    lines = [b for b in found.billed if b.currency == view.currency]
    last = max(b.month for b in lines)
    span = tuple(m for m in _months(min(b.month for b in lines), last))[-months:]
    inside = [b for b in lines if b.month >= span[0]]
    layers = _layers(inside)
    cells: dict[Cell, Decimal] = {}
    for b in inside:
        key = (b.month, b.service if b.service in layers else None)
        cells[key] = cells.get(key, NOTHING) + b.amount
    goals = tuple(found.goals.get((m, view.currency), view.target) for m in span)
    names = _short([layer_name(layer) for layer in layers])
    stacks = [Stack(name, [cells.get((m, layer)) for m in span]) for name, layer in zip(names, layers, strict=True)]
    chart = stacked_bars(stacks, len(span), target=goals, box=BOX)
    return Trend(view.currency, span, layers, cells, goals, chart, view)


def _short(names: Sequence[str]) -> list[str]:
    """Names cut to what fits beside a chart, as long as they stay different."""
    cut = [name if len(name) <= NAME else f"{name[: NAME - 1]}…" for name in names]
    return [short if cut.count(short) == 1 else name for short, name in zip(cut, names, strict=True)]


def _months(first: date, last: date) -> Iterable[date]:
    while first <= last:
        yield first
        first = next_month(first)


def layer_name(layer: str | None) -> str:
    """How a layer is called."""
    return _("others") if layer is None else layer or _("no service named")


def _layers(lines: Iterable[Billed]) -> tuple[str | None, ...]:
    """The services that get a layer of their own: the dearest ones, all of them where one more would fit. None, for
    the rest, comes last where there is a rest.
    """
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.service] = sums.get(line.service, NOTHING) + line.amount
    ordered = sorted(sums, key=lambda name: (-sums[name], name))
    return tuple(ordered) if len(ordered) <= LAYERS + 1 else (*ordered[:LAYERS], None)


# What a digest says of it


def cost_moves(team: Team, since: datetime, until: datetime, zone: tzinfo) -> Iterable[CostMove]:
    """The latest full month beside the one before, where its bill came or changed in the period.

    A month's saving is told once: in the period in which the month was over and its bill first there.
    """
    news = _imported(team, until)
    if not news:
        return
    found = money(team, until.astimezone(zone).date(), zone)
    for view in found.overviews:
        if view.month is None or view.current is None:
            continue
        saved = sum(
            (
                m.realised
                for s in found.savings
                if s.row.currency == view.currency
                for m in s.row.months
                if since < _known_at(m.month, news, zone) <= until
            ),
            NOTHING,
        )
        before = _total(found.billed, _month_before(view.month), view.currency)
        told = any(since < at for at, months in news if view.month in months)
        if saved or told or since < _known_at(view.month, news, zone):
            yield CostMove(team.name, view.currency, view.month, view.current, before, saved)


def _imported(team: Team, until: datetime) -> list[tuple[datetime, set[date]]]:
    """When bills came in, oldest first, and of which months."""
    rows = Event.objects.filter(subject=f"costs:{team.pk}", verb="imported costs", at__lte=until, after__kind="billed")
    return [
        (at, {date.fromisoformat(m) for m in after["months"]})
        for at, after in rows.order_by("id").values_list("at", "after")
    ]


def _known_at(month: date, news: Sequence[tuple[datetime, set[date]]], zone: tzinfo) -> datetime:
    """When a month was over and its bill there."""
    over = datetime.combine(next_month(month), time(), zone)
    return max(over, next((at for at, months in news if month in months), over))


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _total(billed: Iterable[Billed], month: date, currency: str) -> Decimal | None:
    amounts = [b.amount for b in billed if b.month == month and b.currency == currency]
    return sum(amounts, NOTHING) if amounts else None
