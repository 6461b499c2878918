"""A connection is known to hold without a statement, and known to be gone when the server ended it."""

import time

import psycopg
import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


def statements(monkeypatch):
    said, real = [], psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda self, query, *a, **k: said.append(query) or real(self, query, *a, **k)
    )
    return said


def test_a_connection_that_holds_is_not_asked(monkeypatch):
    connection.ensure_connection()
    said = statements(monkeypatch)
    assert connection.is_usable()
    assert said == []


def test_a_connection_that_the_server_ended_is_none():
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    until = time.monotonic() + 10
    while connection.is_usable() and time.monotonic() < until:
        time.sleep(0.01)
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()


def test_a_word_from_the_server_makes_it_be_asked(monkeypatch):
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN told")
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("NOTIFY told")
    said, until = statements(monkeypatch), time.monotonic() + 10
    while not said and time.monotonic() < until:
        assert connection.is_usable()
    assert said == ["SELECT 1"]
