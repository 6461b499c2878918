"""Rows by the hundred thousand: keys in one statement, COPY in, one UPDATE for each table. Use inside a transaction."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import JSONField
from django.db.models.fields import NOT_PROVIDED
from psycopg import sql

from findings import memory
from findings.actions import copying

_encode = DjangoJSONEncoder(ensure_ascii=False).encode
_temporary = itertools.count(1)
Row = Sequence[Any]
FEW = 50  # rows that one statement takes as they are
PLAIN: Mapping[copying.Kind | None, type] = {copying.words: str, copying.whole: int, copying.flags: bool}
WHICH = (sql.Identifier("nova_key"), sql.Identifier("nova_mask"))
steady_memory = memory.steady_memory


def expect_many() -> None:
    """Until the transaction ends, let new entries of an index of words wait in its list, which searches read as well
    and the next autovacuum sorts in: a third of the time that a hundred thousand places take to be written. Let that
    many rows be sorted in memory, and look up by their keys ten thousand that are changed among a million, which were
    read a moment ago, rather than read all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL gin_pending_list_limit = '64MB'; SET LOCAL work_mem = '32MB'; SET LOCAL random_page_cost = 1.1"
        )


# The keys themselves are gathered only where there are gaps between them.
SPAN = """min(key), max(key), CASE WHEN max(key) - min(key) + 1 <> count(*) THEN
    (SELECT array_agg(key ORDER BY key) FROM {keys}) END"""
KEYS = """WITH source AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name),
keys AS MATERIALIZED (SELECT nextval(source.name) AS key FROM source, generate_series(1, %s))
SELECT {span} FROM keys"""


def reserve(*wanted: tuple[type[models.Model], int]) -> list[Sequence[int]]:
    """Keys for that many new rows of each model, rising; in one statement. Ranges, but where another session took some
    in between.
    """
    parts, values = [], list[str | int]()
    for n, (model, count) in enumerate(wanted):
        parts.append(KEYS.format(span=f"{n} AS part, {SPAN.format(keys='keys')}"))
        values += [connection.ops.quote_name(model._meta.db_table), model._meta.pk.attname, count]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({part})" for part in parts), values)
        rows = cursor.fetchall()
    found: list[Sequence[int]] = [range(0)] * len(wanted)
    for n, first, last, scattered in rows:
        found[n] = _span(first, last, scattered)
    return found


def _span(first: int | None, last: int, scattered: list[int] | None) -> Sequence[int]:
    return range(0) if first is None else scattered or range(first, last + 1)


def stretches(keys: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each stretch of consecutive keys; `keys` are rising."""
    if isinstance(keys, range):
        if keys:
            yield keys[0], keys[-1]
        return
    first = last = None
    for key in keys:
        if last is not None and key != last + 1:
            yield first or 0, last
            first = None
        first, last = (key if first is None else first), key
    if first is not None and last is not None:
        yield first, last


def copy_in(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows. `names` are attribute names ("owner_id"); JSON is given as text (see `dump`)."""
    columns, kinds = [_column(model, name) for name in names], [_kind(model, name) for name in names]
    _copy(_identifier(model._meta.db_table), columns, kinds, rows)


def insert_from(
    model: type[models.Model], names: Sequence[str], select: str, values: Mapping[str, Any]
) -> Sequence[int]:
    """Insert what a SELECT finds, which never leaves the database; answers the keys, rising."""
    statement = sql.SQL("WITH made AS ({insert} RETURNING {key} AS key) SELECT {span} FROM made").format(
        insert=_insertion(model, names, select), key=_key(model), span=sql.SQL(SPAN.format(keys="made"))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return _span(*cursor.fetchone())


def tell_from(model: type[models.Model], names: Sequence[str], select: str, values: Mapping[str, Any]) -> None:
    """The same where nobody asks for the keys."""
    with connection.cursor() as cursor:
        cursor.execute(_insertion(model, names, select), values)


def _insertion(model: type[models.Model], names: Sequence[str], select: str) -> sql.Composed:
    return sql.SQL("INSERT INTO {table} ({columns}) {select}").format(
        table=_identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(_column(model, name) for name in names),
        select=sql.SQL(select),
    )


def insert(rows: Sequence[models.Model]) -> Sequence[int]:
    """Insert objects of one model, as `bulk_create` does, in two statements; sets and answers their keys."""
    model = type(rows[0])
    [keys] = reserve((model, len(rows)))
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
    fields = [(f, prepare(f)) for f in model._meta.concrete_fields if not f.generated]
    values = ([ready(field.pre_save(row, add=True)) for field, ready in fields] for row in rows)
    copy_in(model, [field.attname for field, _ in fields], values)
    return keys


def insert_few(rows: Sequence[models.Model]) -> None:
    """Insert some objects of one model and set their keys, as `bulk_create` does, which would quote their JSON mark by
    mark in Python.
    """
    model = type(rows[0])
    fields = [(f, prepare(f)) for f in model._meta.concrete_fields if not (f.primary_key or f.generated)]
    places = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(fields)))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {} RETURNING {}").format(
        _identifier(model._meta.db_table),
        sql.SQL(", ").join(_column(model, field.attname) for field, _ in fields),
        sql.SQL(", ").join([places] * len(rows)),
        _key(model),
    )
    for row, (field, _) in itertools.product(rows, fields):
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname) is None and field.is_cached(row):
            setattr(row, field.name, field.get_cached_value(row))  # which got its key after it was named here
    with connection.cursor() as cursor:
        cursor.execute(statement, [ready(field.pre_save(row, add=True)) for row in rows for field, ready in fields])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding = key, False


def update_in(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Change rows given as (key, mask, value of each name): a name counts where its bit of the mask is set."""
    rows = iter(rows)
    first = list(itertools.islice(rows, FEW + 1))
    if not first:
        return
    columns = [_column(model, name) for name in names]
    change = _change(model, columns)
    if len(first) <= FEW:
        types = ["bigint", "bigint", *(_type(model, name) for name in names)]
        row = sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL(f"%s::{kind}") for kind in types))
        values = sql.SQL("(VALUES {}) new ({})").format(
            sql.SQL(", ").join([row] * len(first)), sql.SQL(", ").join([*WHICH, *columns])
        )
        with connection.cursor() as cursor:
            cursor.execute(change.format(rows=values), [value for row in first for value in row])
    else:
        kinds = [copying.whole, copying.whole, *(_kind(model, name) for name in names)]
        _update_many(model, columns, kinds, change, itertools.chain(first, rows))


def _update_many(
    model: type[models.Model],
    columns: Sequence[sql.Identifier],
    kinds: Sequence[copying.Kind | None],
    change: sql.SQL,
    rows: Iterable[Row],
) -> None:
    """Through a table of their own."""
    temporary = _identifier(f"nova_update_{next(_temporary)}")
    make = sql.SQL(
        "CREATE TEMPORARY TABLE {temporary} ON COMMIT DROP AS"
        " SELECT {key} AS nova_key, 0::bigint AS nova_mask, {columns} FROM {table} WITH NO DATA"
    ).format(
        temporary=temporary,
        key=_key(model),
        columns=sql.SQL(", ").join(columns),
        table=_identifier(model._meta.db_table),
    )
    with connection.cursor() as cursor:
        cursor.execute(make)
        _copy(temporary, [*WHICH, *columns], kinds, rows)
        cursor.execute(change.format(rows=sql.SQL("{} new").format(temporary)))


def _change(model: type[models.Model], columns: Sequence[sql.Identifier]) -> sql.SQL:
    """The UPDATE, with a place for where the new values come from."""
    one = sql.SQL("{column} = CASE WHEN new.nova_mask & {bit} <> 0 THEN new.{column} ELSE old.{column} END")
    changes = [one.format(column=column, bit=sql.Literal(1 << n)) for n, column in enumerate(columns)]
    change = sql.SQL("UPDATE {table} old SET {changes} FROM {{rows}} WHERE old.{key} = new.nova_key").format(
        table=_identifier(model._meta.db_table), changes=sql.SQL(", ").join(changes), key=_key(model)
    )
    return sql.SQL(change.as_string(connection.connection))


def defaults(model: type[models.Model]) -> dict[str, Any]:
    """What a row of a model holds where nothing is said, ready for `copy_in`; without what the database fills in."""
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and not f.generated]
    said = [f for f in fields if f.db_default is NOT_PROVIDED and not (f.null and f.default is NOT_PROVIDED)]
    return {f.attname: prepare(f)(f.get_default()) for f in said}


def dump(value: Any) -> str:
    """A value as the text of a JSON column."""
    if value.__class__ is dict and len(value) < 2:
        if not value:
            return "{}"
        [(name, text)] = value.items()
        if name.__class__ is text.__class__ is str:  # as most are: in a quarter of the time
            return f"{{{encode_basestring(name)}: {encode_basestring(text)}}}"
    return _encode(value)


def prepare(field: Any) -> Callable[[Any], Any]:
    """How a value of a field is made ready for COPY."""
    if isinstance(field, JSONField):
        return lambda value: None if value is None else dump(value)
    plain = PLAIN.get(copying.kind_of(field))  # what is of that type already is ready
    return lambda value: (
        value if value is None or value.__class__ is plain else field.get_db_prep_save(value, connection)
    )


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _key(model: type[models.Model]) -> sql.Identifier:
    return _identifier(model._meta.pk.attname)


def _column(model: type[models.Model], name: str) -> sql.Identifier:
    return _identifier(next(f.column for f in model._meta.concrete_fields if f.attname == name and f.column))


def _type(model: type[models.Model], name: str) -> str:
    """The type of a column, without a length: a cast to one would cut in silence what is too long."""
    kind = next(f.db_type(connection) for f in model._meta.concrete_fields if f.attname == name)
    return re.sub(r"\([^)]*\)", "", kind or "")


def _kind(model: type[models.Model], name: str) -> copying.Kind | None:
    return copying.kind_of(next(f for f in model._meta.concrete_fields if f.attname == name))


def _copy(
    table: sql.Identifier,
    columns: Sequence[sql.Identifier],
    kinds: Sequence[copying.Kind | None],
    rows: Iterable[Row],
) -> None:
    """Text by column where all of them can be written so, else value by value."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, sql.SQL(", ").join(columns))
    known = [kind for kind in kinds if kind]
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        if len(known) == len(kinds):
            copying.widen(cursor.connection.fileno())
            for text in copying.lines(known, rows):
                copy.write(text)
        else:
            for row in rows:
                copy.write_row(row)
