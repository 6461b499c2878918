"""`GET /healthz` for load balancers and monitors."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from findings.models import Heartbeat
from nova_dashboard import heartbeat

pytestmark = pytest.mark.django_db


def heard(name: str, ago: timedelta = timedelta()) -> None:
    Heartbeat.objects.create(name=name, at=timezone.now() - ago)


def ask() -> tuple[int, dict]:
    response = Client().get("/healthz")
    return response.status_code, response.json()


def test_all_is_well_with_a_worker_a_database_and_a_broker(redis_server):
    heard("worker1@here")
    status, body = ask()
    assert (status, body["status"], body["down"]) == (200, "ok", [])
    assert (body["database"], body["broker"], body["version"]) == ("ok", "ok", "0.1.0")
    assert [worker["name"] for worker in body["workers"]] == ["worker1@here"]
    assert body["workers"][0]["seconds"] < 5


def test_without_a_worker_it_is_down(redis_server):
    assert ask() == (
        503,
        {"status": "down", "down": ["workers"], "database": "ok", "broker": "ok", "workers": [], "version": "0.1.0"},
    )


def test_a_heartbeat_older_than_45_seconds_is_down(redis_server):
    heard("worker1@here", timedelta(seconds=46))
    status, body = ask()
    assert (status, body["down"], body["workers"][0]["status"]) == (503, ["workers"], "down")
    assert body["workers"][0]["seconds"] >= 46


def test_one_silent_worker_among_others_is_shown_and_takes_nothing_down(redis_server):
    heard("worker1@gone", timedelta(minutes=10))
    heard("worker2@here")
    status, body = ask()
    assert status == 200
    assert {worker["name"]: worker["status"] for worker in body["workers"]} == {
        "worker1@gone": "down",
        "worker2@here": "ok",
    }


def test_a_broker_that_is_away_is_named(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/no.sock"
    heard("worker1@here")
    status, body = ask()
    assert (status, body["down"], body["broker"]) == (503, ["broker"], "down")


def test_a_database_that_is_away_is_named(monkeypatch, redis_server):
    def away(*_: object) -> None:
        raise DatabaseError("connection to server at 10.1.2.3 failed")

    monkeypatch.setattr(connection, "cursor", away)
    response = Client().get("/healthz")
    assert (response.status_code, response.json()["down"]) == (503, ["database"])
    assert b"10.1.2.3" not in response.content


def test_a_session_cookie_is_not_looked_at(redis_server, django_assert_num_queries):
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    with django_assert_num_queries(2):  # SELECT 1, heartbeats
        client.get("/healthz")


@pytest.mark.django_db(transaction=True)  # a heartbeat closes its connection
def test_a_worker_that_stops_in_order_is_not_missed():
    heartbeat.beat("worker1@here")
    heartbeat.beat("worker1@here")
    assert Heartbeat.objects.count() == 1
    heartbeat.forget("worker1@here")
    assert Heartbeat.objects.count() == 0


def test_a_heartbeat_without_database_is_logged_and_not_raised(monkeypatch, caplog):
    def away(**_: object) -> None:
        raise DatabaseError("no connection")

    monkeypatch.setattr(Heartbeat.objects, "update_or_create", away)
    heartbeat.beat("worker1@here")
    assert "heartbeat not written: no connection" in caplog.text
