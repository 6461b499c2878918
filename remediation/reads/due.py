"""Whose a finding is, and until when it is in time: the one answer that lists, pages, exports and counts share."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from findings.core.types import Priority
from findings.models import Component, Finding, Team, User
from findings.querysets import FindingQuerySet
from remediation.clock import calendar_of, zone_of
from remediation.core.planning import DAY, Calendar, DueSource, due_date, overdue, sla_date
from remediation.models import Placement


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date, whose it is (the finding's own, its item's, or the SLA's), and whether it has passed."""

    on: date
    source: DueSource
    overdue: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """What a team reckons its dates with."""

    zone: tzinfo
    today: date
    sla: dict[Priority, int]
    calendar: Calendar

    def bounds(self, day: date) -> tuple[date, tuple[tuple[str, datetime], ...]]:
        """What is due before a day: (the day, for each priority the moment before which something was opened whose SLA
        date lies before it). SLA dates never fall as what they are reckoned from rises.
        """
        moments = []
        for priority, days in self.sla.items():
            opened = day - DAY * (days + 1)
            while sla_date(priority, opened, self.sla, self.calendar) >= day:
                opened -= DAY
            moments.append((str(priority), datetime.combine(opened + DAY, time(), self.zone)))
        return day, tuple(moments)

    def deadline(self, finding: Finding, planned: date | None) -> Deadline:
        """A finding's deadline; `planned` = the date of its item."""
        due = due_date(
            finding.due,
            planned,
            priority=Priority(finding.priority),
            opened=finding.first_seen_at.astimezone(self.zone).date(),
            sla=self.sla,
            calendar=self.calendar,
        )
        return Deadline(due.on, due.source, overdue(due.on, self.today))


def clock_of(team: Team, now: datetime) -> Clock:
    """The team's own clock and calendar."""
    zone = zone_of(team)
    sla = {Priority(p): days for p, days in team.sla.items()}
    return Clock(zone, now.astimezone(zone).date(), sla, calendar_of(team))


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan says of a finding: the first due date of the items it is on, and the owner of the first owned
    one.
    """

    due: date | None
    owner: User | None


NOTHING = Planned(None, None)


def planned(findings: Collection[int], teams: Collection[int]) -> dict[int, Planned]:
    """Finding -> what the unsettled items of these teams say of it. One query."""
    rows = _owed(teams).filter(finding__in=findings).select_related("item__owner")
    found: dict[int, Planned] = {}
    for row in rows.order_by(*FIRST):
        known = found.get(row.finding_id, NOTHING)
        found[row.finding_id] = Planned(known.due or row.item.due, known.owner or row.item.owner)
    return found


def deadlines(
    findings: Iterable[Finding], teams: Collection[int], now: datetime, plans: Mapping[int, Planned] | None = None
) -> dict[int, Deadline]:
    """Finding -> its deadline, for those that are open. One query, whatever their number; none where `plans` are known.

    The plans of `teams` (keys) count, and the calendar and SLA of the team that owns the finding. Findings need
    `component__team` joined.
    """
    still = [f for f in findings if f.state == "open"]
    known = planned([f.pk for f in still], teams) if plans is None else plans
    owners = {f.component.team_id: f.component.team for f in still}
    clocks = {pk: clock_of(team, now) for pk, team in owners.items()}
    return {f.pk: clocks[f.component.team_id].deadline(f, known.get(f.pk, NOTHING).due) for f in still}


def holders(findings: Iterable[Finding], plans: Mapping[int, Planned]) -> dict[int, User]:
    """Finding (with `owner` joined) -> the person who has it: its own owner, else that of its plan."""
    held = {f.pk: f.owner or plans.get(f.pk, NOTHING).owner for f in findings}
    return {pk: user for pk, user in held.items() if user is not None}


# The same, as conditions

FIRST = (F("item__due").asc(nulls_last=True), "item_id")


def _owed(teams: Collection[int]) -> QuerySet[Placement]:
    return Placement.objects.filter(item__settled_at=None, item__checklist__team__in=teams)


def owned(teams: Collection[int]) -> QuerySet[Placement]:
    """Where findings are on unsettled items that somebody owns."""
    return _owed(teams).filter(item__owner__isnull=False)


def owned_items(teams: Collection[int]) -> QuerySet[Placement]:
    """Those of the finding that is asked about."""
    return owned(teams).filter(finding=OuterRef("pk"))


def first_owner(teams: Collection[int], owners: Collection[int]) -> Q:
    """Whether the first of those items is one of these people's."""
    first = owned_items(teams).order_by(*FIRST).values("item__owner")[:1]
    return Q(In(Subquery(first), owners))


def with_holder(findings: FindingQuerySet, teams: Collection[int]) -> FindingQuerySet:
    """Adds `holder`, the key of who has it: the finding's own owner, else that of its first unsettled item."""
    first = owned_items(teams).order_by(*FIRST).values("item__owner")[:1]
    return findings.annotate(holder=Coalesce("owner_id", Subquery(first), output_field=BigIntegerField()))


Bounds = tuple[date, tuple[tuple[str, datetime], ...]]


def late_in(parts: Iterable[Component], now: datetime, until: date | None) -> Mapping[Bounds, list[int]]:
    """Components by what is late in them (see `Clock.bounds`): overdue (`until` none), or due on `until`."""
    alike: dict[Bounds, list[int]] = defaultdict(list)
    bounds: dict[int, Bounds] = {}
    for part in parts:
        if part.team_id not in bounds:
            clock = clock_of(part.team, now)
            bounds[part.team_id] = clock.bounds(clock.today if until is None else until + DAY)
        alike[bounds[part.team_id]].append(part.pk)
    return alike


def _aged(opened: Iterable[tuple[str, datetime]]) -> Q:
    by_priority = Q(pk__in=[])
    for priority, moment in opened:
        by_priority |= Q(priority=priority, first_seen_at__lt=moment)
    return by_priority


def due_by(
    findings: FindingQuerySet, parts: Iterable[Component], teams: Collection[int], now: datetime, until: date | None
) -> FindingQuerySet:
    """The open findings that are overdue (`until` none), or due on `until` at the latest, as `deadlines` would say.
    `parts` are all the components that they may belong to, with their teams.
    """
    dated = _owed(teams).filter(finding=OuterRef("pk"), item__due__isnull=False)
    wanted = Q(pk__in=[])
    for (day, opened), keys in late_in(parts, now, until).items():
        late = Q(Exists(dated.filter(item__due__lt=day)))
        planned_late = Q(due=None) & (late | Q(~Exists(dated)) & _aged(opened))
        wanted |= Q(component__in=keys) & (Q(due__lt=day) | planned_late)
    return findings.filter(wanted, state="open")
