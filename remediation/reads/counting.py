"""Counts that stop by themselves: past a thousand nobody reads on, and the database need not count on."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import IntegerField, QuerySet, Subquery
from django.utils.formats import number_format

CAP = 1000
# With the columns that anybody here asks for.
NOTHING = """SELECT 0::bigint AS id, ''::text AS priority, ''::text AS state, 0::bigint AS rule_id,
    0::bigint AS component_id, 0::bigint AS owner_id, 0::bigint AS finding_id, 0::bigint AS planned WHERE false"""


class Capped(Subquery):
    """How many rows a query finds, as a column: the same number for every row, counted once."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def capped(rows: QuerySet[Any]) -> Capped:
    """How many rows there are, up to one more than the cap."""
    return Capped(_few(rows))


def _few(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values("pk")[: CAP + 1]


def figure(n: int) -> str:
    """A capped count in figures: "412", "1,000+"."""
    return f"{grouped(CAP)}+" if n > CAP else grouped(n)


def grouped(n: int) -> str:
    """A number with its thousands apart, as they are in the reader's language."""
    return str(number_format(n, force_grouping=True))


def statement(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    """A query as text and values; one that cannot find anything, too, which Django would not send."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return NOTHING, ()


def counts(queries: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows each query finds, up to one more than the cap; of one that has a limit already, up to that. One
    statement.
    """
    parts = [statement(rows if rows.query.is_sliced else _few(rows)) for rows in queries]
    columns = ", ".join(Capped.template % {"subquery": sql} for sql, _ in parts)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _, values in parts for value in values])
        row: Sequence[int] = cursor.fetchone() or ()
        return list(row)
