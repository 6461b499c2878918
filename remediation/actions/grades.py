"""Grades: at each batch and at the end of each day, for every component, repository and team it speaks of."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from findings.actions.ledger import Ledger
from findings.core.types import Priority
from findings.models import Finding, Repository, Run, Team
from remediation.core.grading import FORMULA, Problem, grade, strict_grade
from remediation.core.planning import Calendar, due_date, sla_date
from remediation.models import Grade, Link

# A finding a person described is counted through the rules that test it, once those saw anything in its repository.
TESTED = Exists(Link.objects.filter(finding=OuterRef("pk"), rule__findings__repository=OuterRef("repository")))


def problems(findings: QuerySet[Finding], team: Team) -> list[Problem]:
    """What the grade counts of these findings: open and accepted ones, with their dates in the team's calendar."""
    sla = {Priority(p): days for p, days in team.sla.items()}
    calendar, zone = Calendar(holidays=tuple(team.holidays)), ZoneInfo(team.timezone)
    rows = (
        findings.filter(state__in=["open", "accepted"])
        .exclude(TESTED)
        .annotate(
            item_due=Min("items__due", filter=Q(items__settled_at=None)),
            item_first_due=Min("items__first_due", filter=Q(items__settled_at=None)),
        )
        .values_list("pk", "rule__key", "priority", "due", "first_seen_at", "state", "item_due", "item_first_due")
    )
    found = []
    for pk, rule, priority, due, seen, state, item_due, item_first in rows:
        opened, level = seen.astimezone(zone).date(), Priority(priority)
        now = due_date(due, item_due, priority=level, opened=opened, sla=sla, calendar=calendar).on
        first = item_first or sla_date(level, opened, sla, calendar)
        found.append(Problem(pk, rule, level, due=now, first_due=first, accepted=state == "accepted"))
    return found


def scanned(repositories: Iterable[int]) -> bool:
    """Whether every one of these repositories was scanned to the end at least once."""
    wanted = set(repositories)
    done = Repository.objects.filter(pk__in=wanted).exclude(proven_commit="").count()
    return bool(wanted) and done == len(wanted)


def _subjects(repository: Repository) -> Iterable[tuple[str, QuerySet[Finding], Team, list[int]]]:
    """(subject, its findings, whose calendar, repositories that must have been scanned)."""
    parts = list(repository.components.select_related("team"))
    home = next(p for p in parts if p.is_default)
    for part in parts:
        yield f"component:{part.pk}", Finding.objects.filter(component=part), part.team, [repository.pk]
    yield f"repository:{repository.pk}", Finding.objects.filter(repository=repository), home.team, [repository.pk]
    for team in {p.team_id: p.team for p in parts}.values():
        yield team_subject(team)


def team_subject(team: Team) -> tuple[str, QuerySet[Finding], Team, list[int]]:
    """A team as a subject of grades: all its components."""
    repositories = list(team.components.values_list("repository_id", flat=True))
    return f"team:{team.pk}", Finding.objects.filter(component__team=team), team, repositories


def grade_run(run: Run, ledger: Ledger, *, at: datetime) -> None:
    """Write the grades as they stand after a batch; through its ledger, so that an undo takes them back."""
    Grade.objects.filter(run=run).delete()  # a held run that is accepted is graded again
    rows = [_row(*subject, at=at, run=run, day=None) for subject in _subjects(run.repository)]
    ledger.create(row for row in rows if row is not None)
    ledger.flush()


def grade_day(team: Team, *, at: datetime) -> None:
    """Write a team's grade for the day it is in the team's zone; the last one of a day stays."""
    day = at.astimezone(ZoneInfo(team.timezone)).date()
    row = _row(*team_subject(team), at=at, run=None, day=day)
    if row is not None:
        Grade.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["subject", "day", "formula"],
            update_fields=["score", "plain", "letter", "caps", "parts", "open_p0", "open_p1", "open_p2", "at"],
        )


def _row(
    subject: str,
    findings: QuerySet[Finding],
    team: Team,
    repositories: list[int],
    *,
    at: datetime,
    run: Run | None,
    day: date | None,
) -> Grade | None:
    if not scanned(repositories):
        return None
    counted = problems(findings, team)
    today = at.astimezone(ZoneInfo(team.timezone)).date()
    result, plain = grade(counted, today=today), strict_grade(counted, today=today)
    if result.score is None or plain.score is None:
        return None
    still = [p.priority for p in counted if p.counts]
    return Grade(
        subject=subject,
        run=run,
        day=day,
        formula=FORMULA,
        score=result.score,
        plain=plain.score,
        letter=result.letter,
        caps=[
            {"name": c.name, "letter": c.letter, "points": str(c.points), "findings": list(c.problems)}
            for c in result.caps
        ],
        parts=[{"finding": p.problem, "points": str(p.points), "overdue": p.overdue} for p in result.parts],
        open_p0=still.count(Priority.P0),
        open_p1=still.count(Priority.P1),
        open_p2=still.count(Priority.P2),
        at=at,
    )
