"""Statements that never change: prepared, so that PostgreSQL reads and plans each once for a connection and not for
each page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor


class Prepared(Cursor[Any]):
    """A cursor that prepares whatever it is asked, unless the settings say that connections are shared."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """As any other; values travel beside the text. Not where statements are logged: of what is prepared, a name is
        sent.
        """
        return super().execute(query, params, prepare=not connection.queries_logged, **more)


@contextmanager
def steady() -> Iterator[CursorWrapper]:
    """A cursor for a statement whose text is the same each time, and whose plan does not hang on its values."""
    with connection.cursor() as cursor:
        cursor.cursor = Prepared(connection.connection)
        yield cursor
