"""The rows above and below a finding in the list that its page was opened from."""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Value

from findings.models import Finding
from findings.pages import Order
from remediation.forms.filters import ANY, Filter, Reader
from remediation.reads.late import where_late
from remediation.reads.matching import matching

PLAIN = {"state", "team"}  # what a filter may ask for whose statement never changes
OWN = "f.component_id = ANY (%(own)s)"
# As `FindingQuerySet.seen_from` says it.
SHARED = """({own} OR f.component_id = ANY (%(others)s) AND f.key <> '' AND (
    SELECT true FROM findings_occurrence o
    WHERE o.finding_id = f.id AND o.component_id = ANY (%(own)s) AND o.to_run_id IS NULL LIMIT 1))""".replace(
    "{own}", OWN
)
SIDE = """(SELECT f.id, {before} AS before FROM findings_finding f
WHERE f.state = %(state)s AND {seen} AND (f.{field}, f.id) {than} (%(value)s, %(key)s)
ORDER BY f.{field} {way}, f.id {way} LIMIT 1)"""


def neighbours(finding: Finding, chosen: Filter, who: Reader) -> dict[bool, int]:
    """Their keys, by whether they stand before it. One statement, and one more where a date is asked for."""
    if PLAIN.issuperset(chosen.changed()) and len(chosen.state) == 1 and ANY not in chosen.state:
        return _plain(finding, chosen, who)
    rows, order = matching(chosen, who, where_late(chosen, who)), chosen.order
    cursor, sides = order.cursor(finding), []
    for before in (True, False):
        if beyond := order.beyond(cursor, before=before):
            beside = order.sorted(rows.filter(beyond), backwards=before).values("pk").annotate(before=Value(before))
            sides.append(beside[:1])
    return {row["before"]: row["pk"] for row in (sides[0].union(*sides[1:], all=True) if sides else ())}


def _plain(finding: Finding, chosen: Filter, who: Reader) -> dict[bool, int]:
    values: dict[str, Any] = {"own": who.components, "others": who.others, "state": chosen.state[0], "key": finding.pk}
    # Not prepared: for a small team the way is another one than for who sees most of the findings.
    with connection.cursor() as cursor:
        statement = _statement(chosen.order, shared=bool(who.others))
        cursor.execute(statement, values | {"value": getattr(finding, chosen.order.field)})
        return {before: pk for pk, before in cursor.fetchall()}


@cache
def _statement(order: Order, *, shared: bool) -> str:
    sides = []
    for before in (True, False):
        falls = order.down is not before
        words = {"than": "<", "way": "DESC"} if falls else {"than": ">", "way": "ASC"}
        sides.append(SIDE.format(before=before, seen=SHARED if shared else OWN, field=order.field, **words))
    return " UNION ALL ".join(sides)
