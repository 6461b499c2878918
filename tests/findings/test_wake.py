"""A wake-up reaches the queue, and a broker in any kind of trouble costs its caller 50 ms and no exception."""

import json
import logging
import socket
import statistics
import threading
import time
from base64 import b64decode

import pytest
import redis
from celery import current_app

from findings import wake as waking
from findings.wake import wake

BOUND = waking.LIMIT + 0.05  # the promise, and what a busy machine adds


@pytest.fixture
def broker(monkeypatch):
    """Point Celery's next connections at another broker."""
    waking.complained.clear()

    def use(url: str) -> None:
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    yield use
    _await_senders()


def _await_senders() -> None:
    for thread in threading.enumerate():
        if thread.name == "wake":
            thread.join(10)


def _timed(*args: int) -> tuple[bool, float]:
    start = time.perf_counter()
    sent = wake("nova.scan", *args)
    return sent, time.perf_counter() - start


def test_the_message_holds_the_name_and_the_ids(redis_server, broker):
    client = redis.Redis.from_url(redis_server)
    client.delete("nova")
    wake("nova.scan", 7)
    _await_senders()
    message = json.loads(client.lpop("nova"))
    assert message["headers"]["task"] == "nova.scan"
    assert json.loads(b64decode(message["body"]))[0] == [7]


def test_a_healthy_broker_takes_it_in_time(redis_server, broker):
    wake("nova.scan", 0)
    _await_senders()
    assert any(wake("nova.scan", number) for number in range(5))


def test_a_missing_socket_costs_nothing(broker, tmp_path):
    broker(f"redis+socket://{tmp_path}/no.sock")
    sent, seconds = _timed(1)
    assert (sent, seconds < BOUND) == (False, True)


def test_a_refused_connection_costs_nothing(broker):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    broker(f"redis://127.0.0.1:{port}/0")
    sent, seconds = _timed(1)
    assert (sent, seconds < BOUND) == (False, True)


def test_a_broker_that_never_answers_is_left_after_the_limit(broker):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        outcomes = [_timed(number) for number in range(10)]
    assert not any(sent for sent, _ in outcomes)
    # A loaded machine may take its time once; a wait for the broker would show in each.
    assert statistics.median(seconds for _, seconds in outcomes) < BOUND


def test_senders_that_hang_are_bounded_and_come_back(broker):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        broker(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        for number in range(12):
            wake("nova.scan", number)
        assert sum(thread.name == "wake" for thread in threading.enumerate()) <= 8
    _await_senders()
    assert sum(thread.name == "wake" for thread in threading.enumerate()) == 0


def test_trouble_is_logged_once_without_the_address(broker, tmp_path, caplog):
    broker(f"redis+socket://:hunter2@{tmp_path}/no.sock")
    with caplog.at_level(logging.INFO, "findings.wake"):
        for number in range(3):
            wake("nova.scan", number)
        _await_senders()
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "hunter2" not in caplog.text
