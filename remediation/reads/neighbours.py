"""The rows above and below a finding in the list that its page was opened from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value

from findings.models import Finding
from findings.pages import Order, Span
from remediation.forms.filters import ANY, Filter, Reader
from remediation.reads.late import where_late
from remediation.reads.matching import matching
from remediation.reads.sought import sought
from remediation.reads.walking import in_order

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
    """Their keys, by whether they stand before it. One statement, and one more where a date is asked for, or two where
    words are.
    """
    if PLAIN.issuperset(chosen.changed()) and len(chosen.state) == 1 and ANY not in chosen.state:
        return _plain(finding, chosen, who)
    order, late, found = chosen.order, where_late(chosen, who), dict[bool, int]()
    place, arms = order.place(order.cursor(finding)), list[QuerySet[Any, Any]]()
    for span in [Span(order, 0, place, before) for before in (True, False)] if place else ():
        told = sought(chosen, who, late, span)
        if told and told[0]:
            found[span.backwards] = order.listed(told[0], "", backwards=span.backwards)[0].pk
        elif told is None:
            rows = [span.rows(matching(one, who, late)) for one in in_order(chosen)]
            arms += [some.annotate(before=Value(span.backwards)) for some in rows]
    sides: dict[bool, list[tuple[Any, int]]] = defaultdict(list)
    for value, pk, before in _together(arms, order.field):
        sides[before].append((value, pk))
    return found | {before: (max if order.down is not before else min)(several)[1] for before, several in sides.items()}


def _together(arms: Sequence[QuerySet[Any, Any]], field: str) -> Iterable[tuple[Any, int, bool]]:
    rows = [arm.values_list(field, "pk", "before") for arm in arms]
    return rows[0].union(*rows[1:], all=True) if rows else ()


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
