"""The rows of a page in the order of the table, with how many match: read along an index until the page is full, or
taken of all that match where these are few.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Q

from findings.models import State
from findings.pages import Span
from remediation.forms.filters import ANY, Filter, Reader
from remediation.reads import counting, tallied
from remediation.reads.counting import Statement, first_of, narrowed, statement
from remediation.reads.held import place_of
from remediation.reads.matching import matching, people_of

# What sets a setting is run by one process (this one is never asked): to start others takes longer than to fill a page.
ALONE = "WITH alone AS (SELECT set_config('max_parallel_workers_per_gather', '0', true))"
TOGETHER = "{alone} SELECT ({total}), pages.* FROM ({pages}) pages"
# Where only a look at each tells how many match, the first ones are found beforehand.
FOUND = """{alone}, found AS MATERIALIZED ({found}), size AS MATERIALIZED (SELECT count(*) AS n FROM found)
SELECT size.n, pages.* FROM size LEFT JOIN ({pages}) pages ON true
"""
PAGE = "(SELECT id, {field} FROM ({found}) f {beyond})"


def walked(chosen: Filter, who: Reader, late: Q | None, span: Span, told: int | None = None) -> tuple[list[Any], int]:
    """(Where the rows of a page stand in their order, how many match up to the cap and some more). `told`: how many,
    where that is known. One statement, and one more behind the last row.
    """
    arms = [_keys(one, who, late) for one in in_order(chosen)]
    every = arms[0] if len(arms) == 1 else _keys(chosen, who, late)
    if late is not None:
        rows = _found(every, [("SELECT * FROM found", [])], span)
    elif told is None and not tallied.knows(replace(chosen, due="")):
        # Are the first ones all, the page is of them; the table is read in its order only where there are more.
        few = "SELECT * FROM found WHERE (SELECT n FROM size) <= %s", [counting.CAP]
        more = [narrowed(arm, "(SELECT n FROM size) > %s", [counting.CAP]) for arm in arms]
        first = _any(tallied.looked_at(chosen, who, every), chosen, who)
        rows = _found(first_of(first), [few, *more], span)
    else:
        total = tallied.total(chosen, who, every) if told is None else tallied.Told("SELECT %s::bigint", [told])
        rows = _together(total, [_any(arm, chosen, who) for arm in arms], span)
        if span.place and not rows:
            rows = _found(first_of(every), [], span)
    return [place_of(chosen.order)(*row[1:]) for row in rows if row[1] is not None], rows[0][0] if rows else 0


def in_order(chosen: Filter) -> list[Filter]:
    """The filter for each of its states, where its order is that of an index that begins with the state."""
    if chosen.order.field != "priority":
        return [chosen]
    return [replace(chosen, state=(state,)) for state in (State.values if ANY in chosen.state else chosen.state)]


def _keys(chosen: Filter, who: Reader, late: Q | None) -> Statement:
    """All that match, each with its place."""
    return statement(matching(chosen, who, late).order_by().values("id", chosen.order.field))


def _any(found: Statement, chosen: Filter, who: Reader) -> Statement:
    """The same, where the tally does not tell that there are none."""
    some = tallied.some(chosen, who, people_of(chosen.owner, who))
    return narrowed(found, f"({some.statement}) > 0", some.values) if some else found


def _together(total: tallied.Told, arms: Sequence[Statement], span: Span) -> list[Any]:
    """(How many match, key, place in the order) of the page that is read along the arms."""
    pages, values = _pages(arms, span)
    return _asked(TOGETHER.format(alone=ALONE, total=total.statement, pages=pages), [*total.values, *values])


def _found(found: Statement, arms: Sequence[Statement], span: Span) -> list[Any]:
    """(How many were found, key, place in the order) of the page, where there is any, of arms that may ask for `found`
    and its `size`.
    """
    pages, values = _pages(arms or [("SELECT * FROM found WHERE false", [])], span)
    return _asked(FOUND.format(alone=ALONE, found=found[0], pages=pages), [*found[1], *values])


def _pages(arms: Sequence[Statement], span: Span) -> Statement:
    """The first rows of each."""
    beyond, place = span.sql()
    pages = (PAGE.format(field=span.order.field, found=arm, beyond=beyond) for arm, _values in arms)
    return " UNION ALL ".join(pages), [value for _arm, values in arms for value in (*values, *place)]


def _asked(query: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
