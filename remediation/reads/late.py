"""What is overdue or due soon, where it is little among much. Whether a finding is, its own date, its plan, or its age
says: who reads the table in its order then looks at nearly everything. The tally knows in which of its kinds such
findings can be, and how many there are at most.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, F, Q, Value

from findings.pages import Span
from remediation.forms.filters import Filter, Reader
from remediation.reads.counting import CAP
from remediation.reads.due import Bounds, late_in
from remediation.reads.held import place_of
from remediation.reads.matching import OneOf, end_of_week
from remediation.reads.summed import named_values

SHOWN = 51  # rows until which the table is read, as if a page had them: keys are cheap to look up for fewer, too
SOUGHT = 1_000  # findings that are looked at where few of them have the words that are sought, too
CALENDARS = 5  # of one statement

# Of which rules there are findings that nobody planned, and how many are of kinds of which some may be late. Few are
# those that are sooner looked at one by one than found on the way through the table until a page is full.
KINDS = """
WITH planned AS MATERIALIZED (
    SELECT i.id, i.due < %(day)s AS late FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
    WHERE i.settled_at IS NULL AND i.due IS NOT NULL AND l.team_id = ANY (%(teams)s)
), kinds AS MATERIALIZED (
    SELECT array_agg(rule_id) FILTER (WHERE aged) AS rules, coalesce(sum(n), 0)::numeric AS n,
        coalesce(sum(total), 0)::bigint AS total
    FROM (
        SELECT rule_id, bool_or(NOT dated AND NOT owed) AS aged, sum(n) AS total,
            sum(n) FILTER (WHERE dated OR late OR NOT owed) AS n
        FROM (
            SELECT t.rule_id, t.dated, t.n, CASE WHEN cardinality(t.items) < 2 THEN p.id IS NOT NULL
                ELSE EXISTS (SELECT FROM unnest(t.items) k WHERE k IN (SELECT id FROM planned)) END AS owed,
                CASE WHEN cardinality(t.items) < 2 THEN p.late IS TRUE
                ELSE EXISTS (SELECT FROM unnest(t.items) k WHERE k IN (SELECT id FROM planned WHERE late)) END AS late
            FROM remediation_tally t LEFT JOIN planned p ON p.id = t.items[1]
            WHERE t.component_id = ANY (%(parts)s) AND t.state = 'open'
        ) one GROUP BY rule_id
    ) alike
), late AS MATERIALIZED (
    SELECT CASE WHEN n <= %(few)s OR n * n < %(shown)s * total THEN ARRAY({arms}) END AS keys FROM kinds
)
"""
KEYS = "SELECT keys FROM late"
# How many of these the reader sees, and those of one page.
PAGE = """, seen AS MATERIALIZED (
    SELECT f.id, f.{field} FROM findings_finding f WHERE f.id = ANY ((SELECT keys FROM late)::bigint[])
    AND (f.component_id = ANY (%(own)s::bigint[]) OR f.component_id = ANY (%(others)s::bigint[]) AND f.key <> '' AND (
        SELECT true FROM findings_occurrence o
        WHERE o.finding_id = f.id AND o.component_id = ANY (%(own)s::bigint[]) AND o.to_run_id IS NULL LIMIT 1))
)
SELECT late.keys IS NOT NULL, (SELECT count(*) FROM seen), page.*
FROM late LEFT JOIN (SELECT id, {field} FROM seen {beyond}) page ON true"""
# What `due_by` lets through, of one calendar: by dates of their own, by plans, by age. The arrays tell the planner that
# these are few, and are looked up by their keys.
ARMS = """
SELECT id FROM findings_finding
WHERE due IS NOT NULL AND due < %(day{n})s AND component_id = ANY (%(keys{n})s) AND state = 'open'
UNION ALL SELECT f.id FROM unnest(ARRAY(
    SELECT finding_id FROM remediation_placement WHERE item_id = ANY (ARRAY(
        SELECT i.id FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
        WHERE i.settled_at IS NULL AND l.team_id = ANY (%(teams)s) AND i.due < %(day{n})s
    ))
)) late JOIN findings_finding f ON f.id = late
WHERE f.due IS NULL AND f.component_id = ANY (%(keys{n})s) AND f.state = 'open'
UNION ALL SELECT f.id FROM findings_finding f
JOIN unnest(%(priorities{n})s::text[], %(moments{n})s::timestamptz[]) o (priority, moment)
    ON o.priority = f.priority AND f.first_seen_at < o.moment
WHERE f.rule_id = ANY ((SELECT rules FROM kinds)::bigint[]) AND f.state = 'open' AND f.due IS NULL
    AND f.component_id = ANY (%(keys{n})s) AND NOT EXISTS (
        SELECT FROM remediation_placement p JOIN planned i ON i.id = p.item_id WHERE p.finding_id = f.id)
"""


# Of findings that a statement tells of: with a date of their own; or with none from anybody, and too old without.
DATED = "findings_finding.due IS NOT NULL AND findings_finding.state = 'open' AND ({arms})"
DATED_IN = "findings_finding.component_id = ANY (%s) AND findings_finding.due < %s"
AGED = """findings_finding.rule_id = ANY (%s) AND findings_finding.due IS NULL AND findings_finding.state = 'open'
AND ({arms}) AND NOT EXISTS (
    SELECT FROM remediation_placement p JOIN remediation_item i ON i.id = p.item_id
    JOIN remediation_checklist l ON l.id = i.checklist_id
    WHERE p.finding_id = findings_finding.id AND i.settled_at IS NULL AND i.due IS NOT NULL AND l.team_id = ANY (%s))"""
AGED_IN = """findings_finding.component_id = ANY (%s) AND findings_finding.priority = %s
AND findings_finding.first_seen_at < %s"""


def dated(alike: Mapping[Bounds, list[int]]) -> tuple[str, list[Any]]:
    """That a finding's own date says it is late (see `late_in`), as a condition and its values."""
    values = [value for (day, _), keys in alike.items() for value in (keys, day)]
    return DATED.format(arms=" OR ".join([DATED_IN] * len(alike)) or "false"), values


def aged(alike: Mapping[Bounds, list[int]], rules: list[int], teams: list[int]) -> tuple[str, list[Any]]:
    """That nobody gave a finding of these rules a date, and it is late by the time since it was found."""
    arms = [(keys, str(priority), at) for (_, opened), keys in alike.items() for priority, at in opened]
    values = [rules, *(value for arm in arms for value in arm), teams]
    return AGED.format(arms=" OR ".join([AGED_IN] * len(arms)) or "false"), values


def where_late(chosen: Filter, who: Reader) -> Q | None:
    """The filter's `due` as a condition that is soon looked up; None where it asks for no date, where so much may be
    late that it is soon found, or where teams have many calendars. One statement.
    """
    if not chosen.due:
        return None
    alike = _alike(chosen, who)
    if not alike:
        return Q(pk__in=[])
    if len(alike) > CALENDARS:
        return None
    query, values = _kinds(alike, who, SOUGHT if chosen.q or chosen.path else SHOWN)
    [(found,)] = _asked(query + KEYS, values)
    return None if found is None else Q(OneOf(F("pk"), Value(found, output_field=ArrayField(BigIntegerField()))))


def late_page(chosen: Filter, who: Reader, span: Span) -> tuple[list[Any], int] | None:
    """(Where the rows of a page stand in their order, how many match) of a filter that asks for a date and for nothing
    else. None where so much may be late that it is soon found, or where teams have many calendars. One statement.
    """
    alike, field = _alike(chosen, who), span.order.field
    if not alike:
        return [], 0
    if len(alike) > CALENDARS:
        return None
    query, values = _kinds(alike, who, SHOWN)
    beyond, place = named_values("span", *span.sql())
    page = PAGE.format(field=field, beyond=beyond)
    rows = _asked(query + page, values | place | {"own": who.components, "others": who.others})
    few, total = rows[0][:2]
    return ([place_of(span.order)(*row[2:]) for row in rows if row[2] is not None], total) if few else None


def _alike(chosen: Filter, who: Reader) -> list[tuple[Bounds, list[int]]]:
    until = None if chosen.due == "overdue" else end_of_week(who)
    return list(late_in(who.parts.values(), who.now, until).items())


def _kinds(alike: list[tuple[Bounds, list[int]]], who: Reader, shown: int) -> tuple[str, dict[str, Any]]:
    """The beginning of a statement that may ask for `late`, and its values."""
    values: dict[str, Any] = {"teams": who.team_keys, "parts": list(who.parts), "few": CAP, "shown": shown}
    values["day"] = max(day for (day, _), _ in alike)
    for n, ((day, opened), keys) in enumerate(alike):
        values |= {f"day{n}": day, f"keys{n}": keys}
        values |= {f"priorities{n}": [p for p, _ in opened], f"moments{n}": [at for _, at in opened]}
    arms = " UNION ALL ".join(ARMS.format(n=n) for n in range(len(alike)))
    return KINDS.format(arms=arms), values


def _asked(query: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
