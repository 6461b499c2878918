"""What a team's grade counts, without looking at each finding: problems that are alike, and on the same items,
together.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from findings.core.types import Priority
from findings.models import Team
from remediation.clock import calendar_of
from remediation.core.grading import FELT, CapName, Id, Problem
from remediation.core.planning import due_date, overdue, sla_date


class Kind(NamedTuple):
    """`n` problems alike in all that counts; `keys` are the first of them, as many as the grade can feel. `items` are
    the team's own unsettled ones that they are on; `opened` only where a date follows from it.
    """

    rule: str
    priority: str
    state: str
    due: date | None
    item_due: date | None
    item_first: date | None
    opened: date | None
    items: list[int]
    n: int
    keys: list[int]
    back: list[bool]


class Fact(NamedTuple):
    """What a change of the score says of a finding: `back` = it came back lately."""

    priority: str
    state: str
    back: bool


KINDS = """
SELECT r.key, k.priority, k.state, k.due, k.item_due, k.item_first, k.opened, k.items, k.n, k.keys, k.back
FROM (
    SELECT rule_id, priority, state, due, item_due, item_first, CASE WHEN item_first IS NULL OR coalesce(due, item_due)
        IS NULL THEN opened END AS opened, items, count(*) AS n,
        (array_agg(id ORDER BY id))[:(%(felt)s::jsonb ->> priority)::int] AS keys,
        (array_agg(back ORDER BY id))[:(%(felt)s::jsonb ->> priority)::int] AS back
    FROM (
        SELECT f.id, coalesce(f.reopened_at >= %(since)s, false) AS back,
            f.rule_id, f.priority, f.state, f.due, (f.first_seen_at AT TIME ZONE %(zone)s)::date AS opened,
            min(i.due) AS item_due, min(i.first_due) AS item_first,
            coalesce(array_agg(i.id ORDER BY i.id) FILTER (WHERE l.team_id = %(team)s), '{}') AS items
        FROM findings_finding f LEFT JOIN remediation_placement p ON p.finding_id = f.id
        LEFT JOIN remediation_item i ON i.id = p.item_id AND i.settled_at IS NULL
        LEFT JOIN remediation_checklist l ON l.id = i.checklist_id
        WHERE f.component_id = ANY (ARRAY(SELECT id FROM findings_component WHERE team_id = %(team)s))
            AND f.state IN ('open', 'accepted') AND f.id <> ALL (ARRAY(
                SELECT k.finding_id FROM remediation_link k JOIN findings_finding told ON told.id = k.finding_id
                WHERE EXISTS (SELECT FROM findings_finding test
                    WHERE test.rule_id = k.rule_id AND test.repository_id = told.repository_id)
            ))
        GROUP BY f.id
    ) one GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
) k JOIN findings_rule r ON r.id = k.rule_id
UNION ALL
SELECT '', priority, state, NULL, NULL, NULL, NULL, '{}', 1, ARRAY[id], ARRAY[coalesce(reopened_at >= %(since)s, false)]
FROM findings_finding WHERE id = ANY (%(known)s)
"""
CAPS = {"P0": (CapName.OPEN_P0, CapName.OVERDUE_P0), "P1": (None, CapName.OVERDUE_P1)}


@dataclass(slots=True)
class Known:
    """The problems that the grade can feel; which of them each item would settle; and how many there are in truth, by
    rule and by the cap they cause.
    """

    problems: list[Problem] = field(default_factory=list)
    settles: dict[int, set[Id]] = field(default_factory=lambda: defaultdict(set))
    rules: Counter[str] = field(default_factory=Counter)
    caps: Counter[CapName] = field(default_factory=Counter)


def problems_of(team: Team, today: date) -> Known:
    """What counts for a team, accepted problems too. One statement, a row for each kind."""
    return named_problems(team, today)[0]


def named_problems(
    team: Team, today: date, known: Collection[int] = (), since: datetime | None = None
) -> tuple[Known, dict[int, Fact]]:
    """The same, and what there is to say of each of these problems and of the findings that are `known`. `since`: what
    came back from then on did so lately.
    """
    values: dict[str, Any] = {"team": team.pk, "zone": team.timezone, "felt": json.dumps(FELT)}
    with connection.cursor() as cursor:
        cursor.execute(KINDS, values | {"since": since, "known": list(known)})
        kinds = [Kind(*row) for row in cursor.fetchall()]
    facts = {
        key: Fact(kind.priority, kind.state, back)
        for kind in kinds
        for key, back in zip(kind.keys, kind.back, strict=True)
    }
    return _known((kind for kind in kinds if kind.rule), team, today), facts


def _known(kinds: Iterable[Kind], team: Team, today: date) -> Known:
    known = Known()
    sla, calendar = {Priority(p): days for p, days in team.sla.items()}, calendar_of(team)
    for kind in kinds:
        level, opened = Priority(kind.priority), kind.opened or today
        due = due_date(kind.due, kind.item_due, priority=level, opened=opened, sla=sla, calendar=calendar).on
        first = kind.item_first or sla_date(level, opened, sla, calendar)
        accepted = kind.state == "accepted"
        known.problems += (
            Problem(key, kind.rule, level, due=due, first_due=first, accepted=accepted) for key in kind.keys
        )
        if accepted:
            continue
        known.rules[kind.rule] += kind.n
        for item in kind.items:
            known.settles[item].update(kind.keys)
        always, late = CAPS.get(kind.priority, (None, None))
        for cap in (always, late if overdue(due, today) else None):
            if cap is not None:
                known.caps[cap] += kind.n
    return known
