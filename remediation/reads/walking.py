"""The rows of a page in the order of the table, with how many match: read along an index until the page is full."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from findings.models import State
from findings.pages import Span
from remediation.forms.filters import ANY, Filter, Reader
from remediation.reads import tallied
from remediation.reads.counting import counts, statement
from remediation.reads.held import place_of
from remediation.reads.matching import matching, people_of

# What sets a setting is run by one process (this one is never asked): to start others takes longer than to fill a page.
TOGETHER = """
WITH alone AS (SELECT set_config('max_parallel_workers_per_gather', '0', true))
SELECT ({total}), pages.* FROM ({pages}) pages
"""


def walked(chosen: Filter, who: Reader, late: Q | None, span: Span, told: int | None = None) -> tuple[list[Any], int]:
    """(Where the rows of a page stand in their order, how many match up to the cap and some more). `told`: how many,
    where that is known.
    """
    owners = people_of(chosen.owner, who)
    some, total = tallied.some(chosen, who, owners), tallied.Told("SELECT %s::bigint", [told])
    if told is None:
        total = tallied.total(chosen, who, owners, lambda: matching(chosen, who, late), known=late is not None)
    arms = [matching(one, who, late) for one in in_order(chosen)]
    pages = [span.rows(arm.filter(some) if some else arm) for arm in arms]
    rows = _together(pages, chosen.order.field, total)
    if rows or not span.place:
        return [place_of(chosen.order)(*row[1:]) for row in rows], rows[0][0] if rows else 0
    return [], counts([matching(chosen, who, late)])[0]


def in_order(chosen: Filter) -> list[Filter]:
    """The filter for each of its states, where its order is that of an index that begins with the state."""
    if chosen.order.field != "priority":
        return [chosen]
    return [replace(chosen, state=(state,)) for state in (State.values if ANY in chosen.state else chosen.state)]


def _together(pages: Sequence[QuerySet[Any]], field: str, total: tallied.Told) -> list[Any]:
    """(How many match, key, place in the order) of the rows of several pages. One statement."""
    asked = [statement(page.values("id", field)) for page in pages]
    query = TOGETHER.format(total=total.statement, pages=" UNION ALL ".join(f"({sql})" for sql, _ in asked))
    with connection.cursor() as cursor:
        cursor.execute(query, [*total.values, *(value for _, some in asked for value in some)])
        return cursor.fetchall()
