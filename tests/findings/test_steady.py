"""Statements that never change are prepared once for a connection, and are counted like any other."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.steady import steady

pytestmark = pytest.mark.django_db
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT id, email FROM findings_user%%'"


def ask(email: str) -> list[tuple[int, str]]:
    with steady() as cursor:
        cursor.execute("SELECT id, email FROM findings_user WHERE email = %(email)s", {"email": email})
        return list(cursor.fetchall())


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        [(n,)] = cursor.fetchall()
    return int(n)


def test_a_statement_is_prepared_once_and_answers_for_each_value(django_user_model):
    users = [django_user_model.objects.create_user(f"p{n}@example.com", "x") for n in range(2)]
    assert [ask(user.email) for user in users] == [[(user.pk, user.email)] for user in users]
    assert prepared() == 1


def test_it_is_logged_as_it_was_asked(django_user_model):
    user = django_user_model.objects.create_user("ann@example.com", "x")
    with CaptureQueriesContext(connection) as captured:
        assert ask(user.email) == [(user.pk, user.email)]
    assert [one["sql"].partition(" WHERE")[0] for one in captured] == ["SELECT id, email FROM findings_user"]


def test_it_is_not_prepared_where_connections_are_shared(django_user_model, monkeypatch):
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    user = django_user_model.objects.create_user("ann@example.com", "x")
    assert ask(user.email) == [(user.pk, user.email)]
    assert prepared() == 0
