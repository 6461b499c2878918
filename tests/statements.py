"""Counts what is sent to the database, COPY included (Django's own counter is for debugging, and keeps every text)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper


class Statements:
    """`count` of statements so far; `texts` are their beginnings."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @property
    def count(self) -> int:
        return len(self.texts)

    def note(self, statement: Any) -> None:
        self.texts.append(statement[:200] if isinstance(statement, str) else statement.as_string(None)[:200])


@contextmanager
def counted() -> Iterator[Statements]:
    """Count the statements that this thread sends inside."""
    found = Statements()

    class Counting(CursorWrapper):
        def execute(self, sql: Any, params: Any = None) -> Any:
            found.note(sql)
            return super().execute(sql, params)

        def executemany(self, sql: Any, param_list: Any) -> Any:
            found.note(sql)
            return super().executemany(sql, param_list)

        def copy(self, statement: Any) -> Any:
            found.note(statement)
            return self.cursor.copy(statement)

    old = connection.make_cursor, connection.make_debug_cursor
    connection.make_cursor = connection.make_debug_cursor = lambda cursor: Counting(cursor, connection)
    try:
        yield found
    finally:
        connection.make_cursor, connection.make_debug_cursor = old
