"""Until when a finding is in time: the one answer that lists, pages, exports and counts share."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, QuerySet

from findings.core.types import Priority
from findings.models import Finding
from remediation.core.planning import Calendar, DueSource, due_date, overdue
from remediation.models import Placement
from remediation.reads.digest import zone_of


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date, whose it is (the finding's own, its item's, or the SLA's), and whether it has passed."""

    on: date
    source: DueSource
    overdue: bool


def deadlines(findings: Iterable[Finding], teams: Collection[int], now: datetime) -> dict[int, Deadline]:
    """Finding -> its deadline, for those that are open. One query, whatever their number.

    The plans of `teams` (keys) count, and the calendar and SLA of the team that owns the finding. Findings need
    `component__team` joined.
    """
    still = [f for f in findings if f.state == "open"]
    planned = item_dates([f.pk for f in still], teams)
    return {f.pk: _deadline(f, planned.get(f.pk), now) for f in still}


def item_dates(findings: Sequence[int], teams: Collection[int]) -> dict[int, date]:
    """Finding -> the first due date of the unsettled items it is on."""
    rows = Placement.objects.filter(
        finding__in=findings, item__settled_at=None, item__due__isnull=False, item__checklist__team__in=teams
    )
    return dict(rows.values_list("finding").annotate(due=Min("item__due")))


def _deadline(finding: Finding, planned: date | None, now: datetime) -> Deadline:
    team = finding.component.team
    zone = zone_of(team)
    due = due_date(
        finding.due,
        planned,
        priority=Priority(finding.priority),
        opened=finding.first_seen_at.astimezone(zone).date(),
        sla={Priority(p): days for p, days in team.sla.items()},
        calendar=Calendar(holidays=tuple(team.holidays)),
    )
    return Deadline(due.on, due.source, overdue(due.on, now.astimezone(zone).date()))


def due_by(findings: QuerySet[Finding], teams: Collection[int], now: datetime, until: date | None) -> list[int]:
    """The open findings that are overdue (`until` none), or due on `until` at the latest: keys."""
    rows = findings.filter(state="open").select_related("component__team")
    known = deadlines(rows, teams, now)
    return [pk for pk, deadline in known.items() if (deadline.overdue if until is None else deadline.on <= until)]
