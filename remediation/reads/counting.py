"""Counts that stop by themselves: past a thousand nobody reads on, and the database need not count on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Func, QuerySet
from django.utils.formats import number_format

CAP = 1000
KEYS, SIZE = "ARRAY(SELECT id FROM %(function)s)", "(SELECT count(*) FROM %s)"
# With the columns that anybody here asks for.
NOTHING = """SELECT 0::bigint AS id, ''::text AS priority, ''::text AS state, 0::bigint AS rule_id,
    0::bigint AS component_id, 0::bigint AS owner_id, 0::bigint AS finding_id, 0::bigint AS planned,
    ''::text AS key, NULL::date AS due, now() AS first_seen_at FROM findings_finding WHERE false"""
Statement = tuple[str, Sequence[Any]]  # as text, and its values


def few(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The keys of the first rows, one more than the cap."""
    return rows.order_by().values("pk")[: CAP + 1]


def figure(n: int) -> str:
    """A capped count in figures: "412", "1,000+"."""
    return f"{grouped(CAP)}+" if n > CAP else grouped(n)


def grouped(n: int) -> str:
    """A number with its thousands apart, as they are in the reader's language."""
    return str(number_format(n, force_grouping=True)) if n >= CAP else str(n)


def statement(rows: QuerySet[Any]) -> Statement:
    """A query as text and values; one that cannot find anything, too, which Django would not send."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return NOTHING, ()


def narrowed(rows: Statement, condition: str, values: Sequence[Any]) -> Statement:
    """Of a query of findings without order or end, those for which this holds, too. Where several questions are about
    the same findings, the query is made once: Django takes half a millisecond for each.
    """
    return f"{rows[0]} AND {condition}", [*rows[1], *values]


def first_of(rows: Statement) -> Statement:
    """The first rows, one more than the cap."""
    return f"{rows[0]} LIMIT {CAP + 1}", rows[1]


def size_of(rows: Statement) -> str:
    """How many rows a statement finds, as the text of a column."""
    return SIZE % f"({rows[0]}) counted"


def told(name: str) -> Func:
    """The keys that a query of that name found (see `counts_of`), as one array: else the planner takes them for a
    handful and goes through them for every row.
    """
    return Func(function=name, template=KEYS, output_field=ArrayField(BigIntegerField()))


def counts(queries: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows each query finds, up to one more than the cap. One statement."""
    return counts_of(queries, {})[0]


def counts_of(
    queries: Sequence[QuerySet[Any] | Statement], firsts: Mapping[str, QuerySet[Any] | Statement]
) -> tuple[list[int], dict[str, int]]:
    """As `counts`, of queries (or statements) that may look into those in `firsts` by name, each of which runs once;
    and the sizes of these.
    """
    before = {name: rows if isinstance(rows, tuple) else statement(rows) for name, rows in firsts.items()}
    parts = [rows if isinstance(rows, tuple) else statement(few(rows)) for rows in queries]
    columns = [size_of(part) for part in parts]
    columns += [SIZE % name for name in before]
    if not columns:
        return [], {}
    head = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, (sql, _) in before.items())
    values = [value for _, some in (*before.values(), *parts) for value in some]
    with connection.cursor() as cursor:
        cursor.execute(f"{f'WITH {head} ' if head else ''}SELECT {', '.join(columns)}", values)
        row: Sequence[int] = cursor.fetchone() or ()
    return list(row[: len(parts)]), dict(zip(before, row[len(parts) :], strict=True))
