"""Whose a finding is, and until when it is in time: the one answer that lists, pages, exports and counts share."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.db.models import BigIntegerField, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from findings.core.types import Priority
from findings.models import Finding, Team, User
from findings.querysets import FindingQuerySet
from remediation.clock import calendar_of, zone_of
from remediation.core.planning import Calendar, DueSource, due_date, overdue
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


def deadlines(findings: Iterable[Finding], teams: Collection[int], now: datetime) -> dict[int, Deadline]:
    """Finding -> its deadline, for those that are open. One query, whatever their number.

    The plans of `teams` (keys) count, and the calendar and SLA of the team that owns the finding. Findings need
    `component__team` joined.
    """
    still = [f for f in findings if f.state == "open"]
    planned = item_dates([f.pk for f in still], teams)
    owners = {f.component.team_id: f.component.team for f in still}
    clocks = {pk: clock_of(team, now) for pk, team in owners.items()}
    return {f.pk: clocks[f.component.team_id].deadline(f, planned.get(f.pk)) for f in still}


def item_dates(findings: Sequence[int], teams: Collection[int]) -> dict[int, date]:
    """Finding -> the first due date of the unsettled items it is on."""
    rows = Placement.objects.filter(
        finding__in=findings, item__settled_at=None, item__due__isnull=False, item__checklist__team__in=teams
    )
    return dict(rows.values_list("finding").annotate(due=Min("item__due")))


def with_holder(findings: FindingQuerySet, teams: Collection[int]) -> FindingQuerySet:
    """Adds `holder`, the key of who has it: the finding's own owner, else that of its first unsettled item."""
    planned = Placement.objects.filter(
        finding=OuterRef("pk"), item__settled_at=None, item__owner__isnull=False, item__checklist__team__in=teams
    ).order_by(F("item__due").asc(nulls_last=True), "item")
    return findings.annotate(
        holder=Coalesce("owner_id", Subquery(planned.values("item__owner")[:1]), output_field=BigIntegerField())
    )


def holders(findings: Iterable[Finding]) -> dict[int, User]:
    """Finding (from `with_holder`) -> the person who has it. One query."""
    keys = {f.pk: holder for f in findings if (holder := vars(f).get("holder"))}
    people = User.objects.in_bulk(set(keys.values()))
    return {pk: people[holder] for pk, holder in keys.items() if holder in people}


def due_by(findings: QuerySet[Finding], teams: Collection[int], now: datetime, until: date | None) -> list[int]:
    """The open findings that are overdue (`until` none), or due on `until` at the latest: keys."""
    rows = findings.filter(state="open").select_related("component__team")
    known = deadlines(rows, teams, now)
    return [pk for pk, deadline in known.items() if (deadline.overdue if until is None else deadline.on <= until)]
