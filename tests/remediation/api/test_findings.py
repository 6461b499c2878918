"""Findings over the API: the page's filters, pages by cursor, entity tags, and words in the token's name."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from findings.models import Event, Finding
from tests.cast import land, seen
from tests.remediation.api.conftest import problem

pytestmark = pytest.mark.django_db
TOPIC = "kafka/under-replicated-topic"


@pytest.fixture
def found(repository, bob) -> Finding:
    land(repository, [seen(TOPIC, "topics/a.yaml", key="main/orders"), *(seen(path=f"k8s/{n}.yaml") for n in range(9))])
    return Finding.objects.get(key="main/orders")


def test_the_list_takes_the_filters_of_the_page(machine, found):
    every = machine.get("findings").json()
    assert len(every["items"]) == 10
    assert every["next"] is None
    [row] = machine.get("findings?priority=P0&priority=P1&rule=kafka/under-replicated-topic&path=topics").json()[
        "items"
    ]
    assert (row["id"], row["path"], row["state"], row["owner"]) == (found.pk, "topics/a.yaml", "open", None)
    assert machine.get("findings?state=fixed").json()["items"] == []
    machine.ask("PUT", f"findings/{found.pk}/owner", {"owner": "bob@example.com"})
    assert [r["id"] for r in machine.get("findings?owner=bob@example.com").json()["items"]] == [found.pk]
    assert len(machine.get("findings?owner=none").json()["items"]) == 9
    assert machine.get("findings?owner=nobody@example.com").json()["items"] == []


def test_pages_follow_each_other_by_cursor_until_none_is_left(machine, found):
    url, keys = "findings?limit=4&sort=newest", []
    while url:
        response = machine.get(url)
        keys += [row["id"] for row in response.json()["items"]]
        link = response.headers.get("Link", "")
        assert bool(link) == bool(response.json()["next"])
        url = link.removeprefix("<").partition(">")[0].partition("127.0.0.1:8000")[2] if link else ""
        assert not link or link.endswith('>; rel="next"')
    assert sorted(keys) == sorted(Finding.objects.values_list("pk", flat=True))
    assert problem(machine.get("findings?cursor=bm9wZQ"))["status"] == 404
    assert problem(machine.get("findings?cursor=%C3%A4"))["status"] == 404


def test_what_did_not_change_is_not_sent_again(machine, found):
    for path in ("findings", f"findings/{found.pk}"):
        first = machine.get(path)
        again = machine.get(path, If_None_Match=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        Finding.objects.filter(pk=found.pk).update(version=F("version") + 1)
        assert machine.get(path, If_None_Match=first["ETag"]).status_code == 200


def test_a_verdict_is_said_in_the_tokens_name_and_taken_back(machine, found):
    said = machine.ask("PUT", f"findings/{found.pk}/verdict", {"verdict": "accepted", "reason": "one broker"})
    assert said.status_code == 200
    assert (said.json()["state"], said.json()["verdict"]["person"]) == ("accepted", "token Nightly build")
    assert Event.objects.filter(subject=f"finding:{found.pk}", actor="token Nightly build", verb="accepted").exists()
    back = machine.ask("DELETE", f"findings/{found.pk}/verdict")
    assert (back.json()["state"], back.json()["verdict"]) == ("open", None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "verdict", {"verdict": "accepted", "reason": "known"}),
        ("PUT", "due", {"due": "2031-01-01"}),
        ("PUT", "owner", {"owner": None}),
        ("POST", "attestation", {"text": "done"}),
    ],
)
def test_a_write_on_an_older_version_is_refused(machine, found, method, path, body):
    tag = machine.get(f"findings/{found.pk}")["ETag"]
    assert machine.ask("PUT", f"findings/{found.pk}/due", {"due": "2030-01-01"}, If_Match=tag).status_code == 200
    stale = machine.ask(method, f"findings/{found.pk}/{path}", body, If_Match=tag)
    assert problem(stale)["status"] == 412
    assert problem(machine.ask(method, f"findings/{found.pk}/{path}", body, If_Match='"what"'))["status"] == 412
    assert machine.get(f"findings/{found.pk}").json()["due"] == "2030-01-01"


def test_what_cannot_be_said_as_things_are_is_a_conflict_that_says_why(machine, found):
    over = machine.ask(
        "PUT", f"findings/{found.pk}/verdict", {"verdict": "accepted", "reason": "x", "until": "2020-01-01"}
    )
    assert problem(over)["errors"][0]["where"] == "/until"
    stranger = machine.ask("PUT", f"findings/{found.pk}/owner", {"owner": "nobody@example.com"})
    assert (stranger.status_code, problem(stranger)["errors"][0]["where"]) == (409, "/owner")
    scanned = machine.ask("POST", f"findings/{found.pk}/attestation", {"text": "done"})
    assert "a scan proves this one" in problem(scanned)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"verdict": "accepted"},
        {"verdict": "fine", "reason": "x"},
        {"verdict": "accepted", "reason": " "},
        {"verdict": "accepted", "reason": "a\0b"},
        {"verdict": "accepted", "reason": 7},
        {"verdict": "accepted", "reason": "x", "until": "2026-13-01"},
        {"verdict": "accepted", "reason": "x", "more": 1},
    ],
)
def test_a_body_that_is_not_as_described_is_told_where(machine, found, body):
    told = problem(machine.ask("PUT", f"findings/{found.pk}/verdict", body))
    assert told["status"] == 422
    assert all(set(error) == {"where", "detail"} for error in told["errors"])
    assert told["errors"]
    found.refresh_from_db()
    assert found.verdict == ""


@pytest.mark.parametrize(
    "query", ["priority=P9", "state=", "limit=0", "limit=x", "limit=1&limit=2", "nothing=1", "q=%00"]
)
def test_parameters_that_are_not_as_described_are_refused(machine, query):
    assert problem(machine.get(f"findings?{query}"))["status"] == 422


def test_ten_more_rows_take_no_more_statements(machine, repository, found):
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as seen_queries:
            assert machine.get(path).status_code == 200
        return len(seen_queries)

    few = {path: count(path) for path in ("findings", "batches", "scans", f"findings/{found.pk}")}
    for n in range(10):
        land(repository, [seen(TOPIC, f"topics/{i}.yaml", key="main/orders") for i in range(n + 2)])
        land(repository, [seen(path=f"more/{i}.yaml") for i in range(n * 3)], tool="nova", category=f"c{n}")
    assert {path: n for path, n in few.items() if count(path) > n} == {}
    assert max(few.values()) <= 20
