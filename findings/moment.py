"""Pages that read all they say as of one moment: what a scan commits meanwhile is not seen by half of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from psycopg import IsolationLevel

View = Callable[..., HttpResponse]


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside is as the first statement found it. Inside of another transaction it is that one's moment."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    session: Any = connection.connection
    session.isolation_level = IsolationLevel.REPEATABLE_READ  # said with BEGIN: no statement of its own
    try:
        with transaction.atomic():
            yield
    finally:
        if not session.closed:
            session.isolation_level = None


def of_one_moment(view: View) -> View:
    """A view that only reads, as of one moment."""

    @wraps(view)
    def reads(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        with one_moment():
            return view(request, *args, **named)

    return reads
