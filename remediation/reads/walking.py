"""The rows of a page in the order of the table, with how many match: read along an index until the page is full, or
taken of all that match where these are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Q

from findings.models import State
from findings.pages import LARGEST, Span
from remediation.forms.filters import ANY, Filter, Reader
from remediation.reads import counting, tallied
from remediation.reads.counting import Statement, first_of, narrowed, statement
from remediation.reads.held import place_of
from remediation.reads.looked import asked_of_each, bare, looked_at, together
from remediation.reads.matching import matching, people_of

# What sets a setting is run by one process (this one is never asked): to start others takes longer than to fill a page.
ALONE = "WITH alone AS (SELECT set_config('max_parallel_workers_per_gather', '0', true))"
TOGETHER = "{alone} SELECT false, ({total}), pages.* FROM ({pages}) pages"
# Where only a look at each tells how many match, the first ones are found beforehand.
FOUND = """{alone}, found AS MATERIALIZED ({found}), size AS MATERIALIZED (SELECT count(*) AS n FROM found){head}
SELECT {cut}, size.n, pages.* FROM size LEFT JOIN ({pages}) pages ON true
"""
PAGE = "(SELECT id, {field} FROM ({found}) f {beyond})"
FEW = "SELECT * FROM found WHERE (SELECT n FROM size) <= %s"
FIRST = 20_000  # findings of an order of which each is asked for words until a page is full, at first
# Those, as far as the page needs them; the page; and whether it might be longer with what stands behind them.
WALK = """,
walk{n} AS MATERIALIZED (SELECT * FROM ({rows}) c {beyond}),
page{n} AS MATERIALIZED (SELECT id, {field} FROM walk{n} AS findings_finding WHERE {asked} {first})"""
WALKED = "SELECT * FROM page{n}"
CUT = "CASE WHEN (SELECT count(*) FROM page{n}) <= {size} THEN (SELECT count(*) FROM walk{n}) >= {most} ELSE false END"


@dataclass(frozen=True, slots=True)
class Arms:
    """The first rows of a page in each of the states that a filter lets through: what stands before the statement
    that asks for them (`head`), they themselves (`pages`), and whether one of them was `cut` too early.
    """

    head: Statement
    pages: Statement
    cut: str

    def behind(self, few: Statement) -> Statement:
        """Their pages behind the rows of another statement."""
        if not self.pages[0]:
            return few
        return f"{few[0]} UNION ALL {self.pages[0]}", [*few[1], *self.pages[1]]


NONE = Arms(("", []), ("", []), "false")
EVERY = LARGEST - 1


def walked(chosen: Filter, who: Reader, late: Q | None, span: Span) -> tuple[list[Any], int]:
    """(Where the rows of a page stand in their order, how many match up to the cap and some more). One statement, and
    one more behind the last row, or where words are rare among the first findings.
    """
    if late is not None and not chosen.q and not chosen.path:
        rows = _found(looked_at(chosen, who, late), [("SELECT * FROM found", [])], span)
    elif tallied.knows(replace(chosen, due="")):
        rows = _counted(chosen, who, span)
    else:
        rows = _looked_at(chosen, who, late, span, FIRST)
        if rows and rows[0][0]:
            rows = _looked_at(chosen, who, late, span, EVERY)
    return [place_of(chosen.order)(*row[2:]) for row in rows if row[2] is not None], rows[0][1] if rows else 0


def in_order(chosen: Filter) -> list[Filter]:
    """The filter for each of its states, where its order is that of an index that begins with the state."""
    if chosen.order.field != "priority":
        return [chosen]
    return [replace(chosen, state=(state,)) for state in (State.values if ANY in chosen.state else chosen.state)]


def arms_of(chosen: Filter, who: Reader, late: Q | None, span: Span, gate: Statement, most: int = 0) -> Arms:
    """The table in its order, where `gate` holds. `most`: findings of each state that are asked for words."""
    most = most or FIRST
    asked, several = asked_of_each(chosen, who), in_order(chosen)
    if not {"q", "path"} & asked.keys():
        keys = [narrowed(_keys(one, who, late), *gate) for one in several]
        return Arms(("", []), pages_of(keys, span), "false")
    each, values = together(asked.values())
    beyond, place = replace(span, size=most).sql()
    first, size = replace(span, place=None).sql()
    head, given = "", list[Any]()
    for n, one in enumerate(several):
        rows, known = narrowed(bare(one, who, late), *gate)
        head += WALK.format(n=n, rows=rows, beyond=beyond, field=span.order.field, asked=each, first=first)
        given += [*known, *place, *values, *size]
    numbers = range(len(several))
    cut = " OR ".join(CUT.format(n=n, size=span.size, most=most) for n in numbers)
    return Arms((head, given), (" UNION ALL ".join(WALKED.format(n=n) for n in numbers), []), cut)


def _keys(chosen: Filter, who: Reader, late: Q | None = None) -> Statement:
    """All that match, each with its place."""
    return statement(matching(chosen, who, late).order_by().values("id", chosen.order.field))


def _any(found: Statement, chosen: Filter, who: Reader) -> Statement:
    """The same, where the tally does not tell that there are none."""
    some = _some(chosen, who)
    return narrowed(found, *some) if some else found


def _some(chosen: Filter, who: Reader) -> Statement | None:
    some = tallied.some(chosen, who, people_of(chosen.owner, who))
    return (f"({some.statement}) > 0", some.values) if some else None


def _counted(chosen: Filter, who: Reader, span: Span) -> list[Any]:
    """(False, how many match as the tally knows, key, place in the order) of the page."""
    every = _keys(chosen, who)
    total, arms = (
        tallied.total(chosen, who, every),
        arms_of(chosen, who, None, span, _some(chosen, who) or ("true", [])),
    )
    query = TOGETHER.format(alone=ALONE, total=total.statement, pages=arms.pages[0])
    rows = _asked(query, [*total.values, *arms.pages[1]])
    return rows if rows or not span.place else _found(first_of(every), [("SELECT * FROM found WHERE false", [])], span)


def _looked_at(chosen: Filter, who: Reader, late: Q | None, span: Span, most: int) -> list[Any]:
    """(Whether there may be more, how many match, key, place in the order) of the page: where the first ones that were
    found are all, it is of them; the table is read in its order only where there are more.
    """
    found = first_of(_any(looked_at(chosen, who, late), chosen, who))
    arms = arms_of(chosen, who, late, span, ("(SELECT n FROM size) > %s", [counting.CAP]), most)
    return _found(found, [(FEW, [counting.CAP])], span, arms)


def _found(found: Statement, few: Sequence[Statement], span: Span, arms: Arms = NONE) -> list[Any]:
    """(Whether the arms were cut, how many were found, key, place in the order) of the page, where there is any: of
    what was found, or of arms that may ask for `found` and its `size`.
    """
    pages, values = arms.behind(pages_of(few, span))
    query = FOUND.format(alone=ALONE, found=found[0], head=arms.head[0], cut=arms.cut, pages=pages)
    return _asked(query, [*found[1], *arms.head[1], *values])


def pages_of(arms: Sequence[Statement], span: Span) -> Statement:
    """The first rows of each, in the order or its reverse, behind the place where the page begins."""
    beyond, place = span.sql()
    pages = (PAGE.format(field=span.order.field, found=arm, beyond=beyond) for arm, _values in arms)
    return " UNION ALL ".join(pages), [value for _arm, values in arms for value in (*values, *place)]


def _asked(query: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
