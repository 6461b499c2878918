"""What people have, where that is little among much: looked up by its keys, all of it. Who reads the table in its order
looks at nearly everything until a page is full, and at all of it to count.
"""

from typing import Any, NamedTuple

from django.db import connection

from findings.pages import Order
from remediation.forms.filters import ANY, NOBODY, Filter, Reader
from remediation.reads.matching import people_of

ALONE = {"owner", "state", "team"}  # what a filter may ask for whose statement never changes
MOST = 1_000  # findings that are looked at, of their own and of their plan each; who has more is soon met in the table

# What `owned_by` lets through: their own, and what nobody has whose first owned item is one of theirs. `few` is false
# where it is too much. Which item is the first is asked of all placed ones together: one by one it took the longest.
HELD = """
WITH owed AS MATERIALIZED (
    SELECT i.id, i.due, i.owner_id FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
    WHERE i.settled_at IS NULL AND i.owner_id IS NOT NULL AND l.team_id = ANY (%(teams)s::bigint[])
), theirs AS MATERIALIZED (
    SELECT ARRAY(SELECT id FROM owed WHERE owner_id = ANY (%(owners)s::bigint[])) AS items
), known AS MATERIALIZED (
    SELECT (SELECT count(*) FROM (
        SELECT FROM findings_finding WHERE owner_id = ANY (%(owners)s::bigint[]) LIMIT %(most)s + 1) own) <= %(most)s
    AND (SELECT count(*) FROM (
        SELECT FROM remediation_placement WHERE item_id = ANY ((SELECT items FROM theirs)::bigint[])
        LIMIT %(most)s + 1) placed) <= %(most)s AS few
), placed AS MATERIALIZED (
    SELECT DISTINCT ON (p.finding_id) p.finding_id, i.owner_id
    FROM remediation_placement p JOIN owed i ON i.id = p.item_id
    WHERE p.finding_id = ANY (CASE WHEN (SELECT few FROM known) THEN ARRAY(
        SELECT finding_id FROM remediation_placement WHERE item_id = ANY ((SELECT items FROM theirs)::bigint[])
    ) END)
    ORDER BY p.finding_id, i.due, i.id
)
SELECT few, f.id, f.{field} FROM known LEFT JOIN (
    SELECT * FROM findings_finding f
    WHERE f.id = ANY (CASE WHEN (SELECT few FROM known) THEN ARRAY(
        SELECT id FROM findings_finding WHERE owner_id = ANY (%(owners)s::bigint[]) UNION
        SELECT finding_id FROM placed WHERE owner_id = ANY (%(owners)s::bigint[])
    ) END)
    AND (%(any)s OR f.state = ANY (%(states)s::text[]))
    AND (f.component_id = ANY (%(own)s::bigint[]) OR f.component_id = ANY (%(others)s::bigint[]) AND f.key <> '' AND (
        SELECT true FROM findings_occurrence o
        WHERE o.finding_id = f.id AND o.component_id = ANY (%(own)s::bigint[]) AND o.to_run_id IS NULL LIMIT 1))
    AND (f.owner_id IS NULL OR f.owner_id = ANY (%(owners)s::bigint[]))
) f ON true
"""


class ByPriority(NamedTuple):
    """Where a finding stands in the usual order."""

    pk: int
    priority: str


class ByAge(NamedTuple):
    """Where a finding stands among newer and older ones."""

    pk: int
    first_seen_at: Any


def place_of(order: Order) -> type[ByPriority | ByAge]:
    """What tells where a finding stands in an order."""
    return ByPriority if order.field == "priority" else ByAge


def held(chosen: Filter, who: Reader) -> list[Any] | None:
    """All findings that a filter lets through which asks for people and little else, each with its place in its order.
    None where it asks for more, or for what nobody has, or where they have much. One statement.
    """
    owners = people_of(chosen.owner, who)
    if not owners or NOBODY in chosen.owner or not ALONE.issuperset(chosen.changed()):
        return None
    kind = place_of(chosen.order)
    values: dict[str, Any] = {"owners": owners, "teams": who.team_keys, "most": MOST, "own": who.components}
    values |= {"others": who.others, "any": ANY in chosen.state, "states": list(chosen.state)}
    # Not prepared: of who has much, the way to the first of it is another one.
    with connection.cursor() as cursor:
        cursor.execute(HELD.format(field=chosen.order.field), values)
        rows = cursor.fetchall()
    return [kind(pk, value) for _few, pk, value in rows if pk is not None] if rows[0][0] else None
