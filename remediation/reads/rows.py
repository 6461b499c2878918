"""A team's items as the pages of its plan ask for them: one statement each, the same text every time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from findings.models import Team
from findings.steady import steady
from remediation.clock import start_of
from remediation.core.planning import Week
from remediation.core.promises import KEPT, Outcome
from remediation.models import Item

FIELDS = [field.attname for field in Item._meta.concrete_fields]
COLUMNS = ", ".join(f"i.{field.column}" for field in Item._meta.concrete_fields)
KEY = FIELDS.index("id")
WEEKS = 6  # with promises, which a team's page tells of
ITEMS = """
SELECT {columns}, (SELECT count(*) FROM remediation_link k WHERE k.item_id = i.id) AS n_links{more}
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


@dataclass(frozen=True, slots=True)
class Rows:
    """Items as the database tells them: their fields, then `more` that a page asks for. Two of the same are equal."""

    more: list[str]
    told: list[tuple[Any, ...]]

    @property
    def keys(self) -> list[int]:
        """Of the items."""
        return [row[KEY] for row in self.told]

    def items(self) -> dict[int, Item]:
        """By key, each with what else was asked for."""
        found = {}
        for row in self.told:
            item = Item.from_db(DEFAULT_DB_ALIAS, FIELDS, row[: len(FIELDS)])
            vars(item).update(zip(self.more, row[len(FIELDS) :], strict=True))
            found[item.pk] = item
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a team's items: its `name`, and how it is put."""

    name: str
    more: str = ""
    joins: str = ""
    which: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, team: Team) -> Rows:
        """The answer as it comes."""
        statement = ITEMS.format(columns=COLUMNS, more=self.more, joins=self.joins, which=self.which)
        with steady() as cursor:
            cursor.execute(statement, {"team": team.pk} | dict(self.values))
            return Rows([column.name for column in cursor.description][len(FIELDS) :], cursor.fetchall())


def items_of() -> Asked:
    """All of them, with what `reads.items.row_of` needs beside the counts that `reads.stock` adds."""
    return Asked("all")


def items_of_week(team: Team, today: date) -> Asked:
    """Those that the week of `today` may speak of, each with this week's promise (`reads.promises.promise_of`), and how
    often it was `carried` over before.
    """
    week = Week.of(today)
    values = {
        "monday": start_of(week.start, team),
        "year": week.year,
        "number": week.number,
        "over": [str(one) for one in (Outcome.DROPPED, *KEPT)],
    }
    which = "AND (i.settled_at IS NULL OR i.settled_at >= %(monday)s)"
    return Asked("week", more=PLEDGED, which=which, values=values)


def items_of_history() -> Asked:
    """All of them, each with `source` and day (`reviewed`) of its review, and with its promises of the last weeks."""
    return Asked("history", more=TOLD, joins=REVIEWS, values={"weeks": WEEKS})


def said(item: Item, name: str) -> Any:
    """What such a column holds, which the database told as a text."""
    text = vars(item)[name]
    return json.loads(text) if text else None
