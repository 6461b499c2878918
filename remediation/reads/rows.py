"""A team's items as the pages of its plan ask for them: one statement each, the same text every time."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from findings.models import Team
from remediation.clock import start_of
from remediation.core.planning import Week
from remediation.core.promises import KEPT, Outcome
from remediation.models import Item

WEEKS = 6  # with promises, which a team's page tells of
ITEMS = """
SELECT i.*, (SELECT count(*) FROM remediation_link k WHERE k.item_id = i.id) AS n_links{more}
FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id {joins}
WHERE l.team_id = %(team)s {which} ORDER BY i.id
"""
# This week's promise, and in how many earlier weeks it was promised and not kept.
PLEDGED = """, (
    SELECT json_build_object('pk', p.id, 'outcome', p.outcome, 'why', p.why, 'dropped_by', p.dropped_by,
        'added', p.added, 'capacity', w.capacity)::text
    FROM remediation_promise p JOIN remediation_week w ON w.id = p.week_id
    WHERE p.item_id = i.id AND w.team_id = l.team_id AND (w.year, w.number) = (%(year)s, %(number)s)
) AS pledge, (
    SELECT count(*) FROM remediation_promise p JOIN remediation_week w ON w.id = p.week_id
    WHERE p.item_id = i.id AND i.settled_at IS NULL AND w.team_id = l.team_id
        AND (w.year, w.number) < (%(year)s, %(number)s) AND p.outcome <> ALL (%(over)s)
) AS carried
"""
# What a review said of it and when; its promises in the last weeks that had any.
TOLD = """, b.category AS source, b.observed_at AS reviewed, (
    SELECT json_agg(json_build_object('pk', p.id, 'added', p.added, 'owner', p.owner_id, 'outcome', p.outcome,
        'year', w.year, 'number', w.number))::text
    FROM remediation_promise p JOIN remediation_week w ON w.id = p.week_id
    WHERE p.item_id = i.id AND w.id IN (SELECT id FROM remediation_week WHERE team_id = %(team)s
        ORDER BY year DESC, number DESC LIMIT %(weeks)s)
) AS pledges
"""
REVIEWS = "LEFT JOIN remediation_review v ON v.id = l.review_id LEFT JOIN findings_run b ON b.id = v.run_id"


def items_of(team: Team) -> Iterable[Item]:
    """All of them, with what `reads.items.row_of` needs beside the counts that `reads.stock` adds."""
    return _items(team)


def items_of_week(team: Team, today: date) -> Iterable[Item]:
    """Those that the week of `today` may speak of, each with this week's promise (`reads.promises.promise_of`), and how
    often it was `carried` over before.
    """
    week = Week.of(today)
    return _items(
        team,
        more=PLEDGED,
        which="AND (i.settled_at IS NULL OR i.settled_at >= %(monday)s)",
        monday=start_of(week.start, team),
        year=week.year,
        number=week.number,
        over=[str(one) for one in (Outcome.DROPPED, *KEPT)],
    )


def items_of_history(team: Team) -> Iterable[Item]:
    """All of them, each with `source` and day (`reviewed`) of its review, and with its promises of the last weeks."""
    return _items(team, more=TOLD, joins=REVIEWS, weeks=WEEKS)


def _items(team: Team, more: str = "", joins: str = "", which: str = "", **values: Any) -> Iterable[Item]:
    statement = ITEMS.format(more=more, joins=joins, which=which)
    return Item.objects.raw(statement, {"team": team.pk} | values)


def said(item: Item, name: str) -> Any:
    """What such a column holds, which the database told as a text."""
    text = vars(item)[name]
    return json.loads(text) if text else None
