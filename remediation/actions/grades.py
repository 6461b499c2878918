"""Grades: at each batch and at the end of each day, for every component, repository and team it speaks of."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from findings.actions.ledger import Ledger
from findings.core.types import Priority
from findings.models import Component, Repository, Run, Team
from remediation.clock import calendar_of, day_of, zone_of
from remediation.core.grading import FELT, FORMULA, Problem, grade, strict_grade, unmoved
from remediation.core.planning import due_date, sla_date
from remediation.models import Grade

NAMED = 20  # findings that a stored cap names


class Alike(NamedTuple):
    """Problems that are alike in all that the grade looks at: how many (`n`), and the first `FELT` of them."""

    component: int
    rule: str
    priority: str
    due: date | None
    seen: datetime
    state: str
    item_due: date | None
    item_first_due: date | None
    n: int
    keys: list[int]


class _Dates:
    """When problems are due, in a team's calendar."""

    def __init__(self, team: Team) -> None:
        self.sla = {Priority(p): days for p, days in team.sla.items()}
        self.calendar, self.zone = calendar_of(team), zone_of(team)

    def of(
        self, level: Priority, due: date | None, seen: datetime, item_due: date | None, item_first: date | None
    ) -> tuple[date, date]:
        """When a problem is due, and when it was before anybody moved the date."""
        opened = seen.astimezone(self.zone).date()
        now = due_date(due, item_due, priority=level, opened=opened, sla=self.sla, calendar=self.calendar).on
        return now, item_first or sla_date(level, opened, self.sla, self.calendar)

    def problems(self, kind: Alike) -> Iterator[Problem]:
        """The first of the problems that are alike: the others cost nothing."""
        level = Priority(kind.priority)
        now, first = self.of(level, kind.due, kind.seen, kind.item_due, kind.item_first_due)
        for key in kind.keys:
            yield Problem(key, kind.rule, level, due=now, first_due=first, accepted=kind.state == "accepted")


# Rows of `Alike`. The tally knows the items of each kind of problem: where all of a kind have the same dates by them,
# as nearly always, no finding is asked for its items. Right after a large import the planner does not know yet that the
# tables grew: every join of findings here has an index to fall back on.
ALIKE = """
WITH told AS MATERIALIZED (
    SELECT array_agg(k.finding_id) AS keys
    FROM remediation_link k JOIN findings_finding told ON told.id = k.finding_id
    WHERE EXISTS (
        SELECT FROM findings_finding test WHERE test.rule_id = k.rule_id AND test.repository_id = told.repository_id
        OFFSET 0
    )
), kinds AS MATERIALIZED (
    SELECT component_id, rule_id, priority, state, min(item_due) AS item_due, min(item_first_due) AS item_first_due,
        count(DISTINCT concat_ws(' ', coalesce(item_due::text, '-'), item_first_due)) = 1 AS sure
    FROM (
        SELECT component_id, rule_id, priority, state, items FROM remediation_tally
        WHERE component_id = ANY(%(parts)s) AND state IN ('open', 'accepted')
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) > 0
    ) t CROSS JOIN LATERAL (
        SELECT min(i.due) AS item_due, min(i.first_due) AS item_first_due FROM remediation_item i
        WHERE i.id = ANY(t.items) AND i.settled_at IS NULL
    ) dates
    GROUP BY 1, 2, 3, 4
), alike AS (
    SELECT f.component_id, f.rule_id, f.priority, f.due, f.first_seen_at, f.state, count(*) AS n,
        array_agg(f.id) AS keys
    FROM findings_finding f WHERE {counted} GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT one.component_id, (SELECT key FROM findings_rule WHERE id = one.rule_id), one.priority, one.due,
    one.first_seen_at, one.state, one.item_due, one.item_first_due, one.n,
    ARRAY(SELECT key FROM unnest(one.keys) AS key ORDER BY key LIMIT (%(felt)s::jsonb ->> one.priority)::int)
FROM (
    SELECT alike.component_id, alike.rule_id, alike.priority, alike.due, alike.first_seen_at, alike.state,
        kinds.item_due, kinds.item_first_due, alike.n, alike.keys
    FROM alike JOIN kinds USING (component_id, rule_id, priority, state) WHERE kinds.sure
    UNION ALL
    SELECT each.component_id, each.rule_id, each.priority, each.due, each.first_seen_at, each.state, each.item_due,
        each.item_first_due, count(*), array_agg(each.id)
    FROM (
        SELECT f.id, f.component_id, f.rule_id, f.priority, f.due, f.first_seen_at, f.state, min(i.due) AS item_due,
            min(i.first_due) AS item_first_due
        FROM findings_finding f LEFT JOIN remediation_placement p ON p.finding_id = f.id
        LEFT JOIN remediation_item i ON i.id = p.item_id AND i.settled_at IS NULL
        WHERE (SELECT bool_or(NOT sure) FROM kinds) AND {counted}
            AND (f.component_id, f.rule_id, f.priority, f.state) IN (
                SELECT component_id, rule_id, priority, state FROM kinds WHERE NOT sure
            )
        GROUP BY f.id
    ) each
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
) one
"""
COUNTED = """f.component_id = ANY(%(parts)s) AND f.state IN ('open', 'accepted') AND {which}
        AND f.id <> ALL (coalesce((SELECT keys FROM told), ARRAY[]::bigint[]))"""

BESIDE = """NOT (f.repository_id = %(repository)s AND f.category = %(category)s AND f.rule_id IN (
        SELECT id FROM findings_rule WHERE tool = %(tool)s))"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a grade is about: its components, whose calendar counts, and whether all of it was scanned."""

    name: str
    parts: frozenset[int]
    team: Team
    scanned: bool


class Scope(NamedTuple):
    """The findings that one tool and category have in a repository."""

    repository: int
    tool: str
    category: str


def alike(parts: Iterable[int], beside: Scope | None = None) -> list[Alike]:
    """The problems of these components, those that are alike together; without those of a scope (`beside`). One query,
    a row for each kind.
    """
    values: dict[str, Any] = {"parts": list(parts), "felt": json.dumps(FELT)} | (beside._asdict() if beside else {})
    with connection.cursor() as cursor:
        cursor.execute(ALIKE.format(counted=COUNTED.format(which=BESIDE if beside else "true")), values)
        return [Alike(*row) for row in cursor.fetchall()]


def subjects_of(repository: Repository) -> list[Subject]:
    """Every component, repository and team that a batch of the repository speaks of. One query."""
    return subjects(repository, parts_beside(repository))


def parts_beside(repository: Repository) -> list[Component]:
    """The components of a repository, and all others of their teams."""
    teams = Team.objects.filter(components__repository=repository)
    return list(Component.objects.filter(team__in=teams).select_related("team", "repository").order_by("pk"))


def subjects(repository: Repository, parts: Sequence[Component]) -> list[Subject]:
    """Every component, repository and team that is graded, given what `parts_beside` found."""
    mine = [part for part in parts if part.repository_id == repository.pk]
    home = next(part for part in mine if part.is_default)
    found = [_subject(f"component:{part.pk}", [part], part.team) for part in mine]
    found.append(_subject(f"repository:{repository.pk}", mine, home.team))
    for team in {part.team_id: part.team for part in mine}.values():
        found.append(_subject(f"team:{team.pk}", [part for part in parts if part.team_id == team.pk], team))
    return found


def _subject(name: str, parts: list[Component], team: Team) -> Subject:
    return Subject(name, frozenset(p.pk for p in parts), team, all(p.repository.proven_commit for p in parts))


def grade_run(
    run: Run, ledger: Ledger, *, at: datetime, subjects: Iterable[Subject], kinds_of: Callable[[set[int]], list[Alike]]
) -> None:
    """Write the grades as they stand after a batch; through its ledger, so that an undo takes them back. `kinds_of`
    answers the problems of components.
    """
    if ledger.again:  # a held run that is accepted
        Grade.objects.filter(run=run).delete()
    subjects = [subject for subject in subjects if subject.scanned]
    kinds = kinds_of({part for subject in subjects for part in subject.parts}) if subjects else []
    graded: dict[tuple[frozenset[int], int], dict[str, Any]] = {}
    for subject in subjects:  # a repository of one part is graded as that part
        if (subject.parts, subject.team.pk) not in graded:
            graded[subject.parts, subject.team.pk] = _graded(subject, kinds, at)
    ledger.create(
        Grade(subject=subject.name, run=run, formula=FORMULA, at=at, **graded[subject.parts, subject.team.pk])
        for subject in subjects
    )


def grade_day(team: Team, *, at: datetime) -> None:
    """Write a team's grade for the day it is in the team's zone; the last one of a day stays."""
    day = day_of(team, at)
    parts = list(team.components.select_related("repository"))
    subject = _subject(f"team:{team.pk}", parts, team)
    if parts and subject.scanned:
        Grade.objects.bulk_create(
            [_row(subject, alike(subject.parts), at=at, run=None, day=day)],
            update_conflicts=True,
            unique_fields=["subject", "day", "formula"],
            update_fields=["score", "plain", "letter", "caps", "parts", "open_p0", "open_p1", "open_p2", "at"],
        )


def _row(subject: Subject, kinds: Iterable[Alike], *, at: datetime, run: Run | None, day: date | None) -> Grade:
    return Grade(subject=subject.name, run=run, day=day, formula=FORMULA, at=at, **_graded(subject, kinds, at))


def _graded(subject: Subject, kinds: Iterable[Alike], at: datetime) -> dict[str, Any]:
    """What a grade's row says of a subject."""
    dates, today = _Dates(subject.team), day_of(subject.team, at)
    mine = [kind for kind in kinds if kind.component in subject.parts]
    counted = [problem for kind in mine for problem in dates.problems(kind)]
    result = grade(counted, today=today)
    moved = any(one.accepted or unmoved(one) != one.due for one in counted)
    plain = strict_grade(counted, today=today) if moved else result
    still = Counter[str]()
    for kind in mine:
        still[kind.priority] += kind.n if kind.state == "open" else 0
    return {
        "score": result.score or Decimal(0),
        "plain": plain.score or Decimal(0),
        "letter": result.letter,
        "caps": [
            {"name": c.name, "letter": c.letter, "points": str(c.points), "findings": list(c.problems[:NAMED])}
            for c in result.caps
        ],
        # What costs nothing is not kept: the sum is the same.
        "parts": [
            {"finding": p.problem, "points": str(p.points), "overdue": p.overdue} for p in result.parts if p.points
        ],
        "open_p0": still[Priority.P0],
        "open_p1": still[Priority.P1],
        "open_p2": still[Priority.P2],
    }
