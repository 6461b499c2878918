"""Items, repositories, grades and costs over the API."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from findings.models import Component, Repository, Scan
from remediation.models import Grade, Item
from tests.pages import World, grow
from tests.remediation.api.conftest import problem

pytestmark = pytest.mark.django_db
LISTS = ("findings", "batches", "scans", "items", "repositories", "grades", "grades/now", "costs", "costs/savings")


@pytest.fixture
def world(platform, repository, alice, bob) -> World:
    return grow(platform, repository, alice, bob, rows=4)


def test_an_item_is_given_moved_claimed_and_given_back(machine, world):
    path = f"items/{world.item.pk}"
    assert machine.ask("PUT", f"{path}/owner", {"owner": None}).json()["owner"] is None
    given = machine.ask("PUT", f"{path}/owner", {"owner": "bob@example.com"}).json()
    assert given["owner"] == "bob@example.com"
    moved = machine.ask("PUT", f"{path}/due", {"due": "2031-02-03", "why": "a freeze"}).json()
    assert (moved["due"], moved["phase"]) == ("2031-02-03", world.item.phase.title)
    claimed = machine.ask("PUT", f"{path}/claim").json()
    assert (claimed["claimed_by"], claimed["state"]) == ("token Nightly build", "claimed")
    assert machine.ask("DELETE", f"{path}/claim").json()["claimed_by"] == ""
    assert problem(machine.ask("POST", f"{path}/attestation", {"text": "x"}))["status"] == 409
    Item.objects.update(version=99)
    tag = f'"v{claimed["version"]}"'
    assert problem(machine.ask("PUT", f"{path}/claim", If_Match=tag))["status"] == 412


def test_items_by_owner_priority_and_whether_they_are_settled(machine, world):
    assert {row["owner"] for row in machine.get("items?owner=bob@example.com").json()["items"]} == {"bob@example.com"}
    assert {row["owner"] for row in machine.get("items?owner=none").json()["items"]} == {None}
    some = machine.get("items?priority=P2&settled=false").json()["items"]
    assert {row["priority"] for row in some} == {"P2"}
    assert not any(row["done"] for row in some)


def test_a_repository_is_followed_and_waits_for_its_first_scan(machine, world, queue):
    made = machine.ask("POST", "repositories", {"url": "https://git.example.com/new.git", "branch": "trunk"})
    assert made.status_code == 201
    assert (made.json()["slug"], made.json()["branch"]) == ("new", "trunk")
    assert made["Location"].endswith("/api/v1/repositories/new")
    assert Scan.objects.filter(repository__slug="new", state="queued", actor="token Nightly build").exists()
    for url in ("file:///etc", "ext::sh", "-u x", "https://u:p@git.example.com/x.git"):
        assert problem(machine.ask("POST", "repositories", {"url": url}))["errors"][0]["where"] == "/url"


def test_a_repository_tells_only_the_teams_own_parts(machine, world, other_team):
    Component.objects.create(repository=world.repository, team=other_team, name="theirs", paths=["theirs/"])
    told = machine.get("repositories/shop").json()
    assert [part["name"] for part in told["components"]] == ["shop"]
    assert sum(told["open"].values()) == len(machine.get("findings?limit=200").json()["items"])
    subject = f"repository:{world.repository.pk}"
    assert Grade.objects.filter(subject=subject).exists()
    assert machine.get(f"grades?subject={subject}").json()["items"] == []


def test_the_points_of_the_grade_add_up_to_the_score(machine, world):
    now = machine.get("grades/now").json()
    parts = sum(Decimal(part["points"]) for part in [*now["parts"], *now["caps"]])
    assert Decimal(100) - parts == Decimal(now["score"])
    [last, *_rest] = machine.get(f"grades?subject={now['subject']}").json()["items"]
    assert (last["letter"], last["subject"]) == (now["letter"], now["subject"])


def test_costs_are_strings_that_lose_nothing(machine, world):
    lines = machine.get("costs?kind=billed&currency=USD").json()["items"]
    assert sorted(Decimal(line["amount"]) for line in lines) == [10, 11, 12, 13]
    assert machine.get("costs?kind=plan").json()["items"] == []
    [view] = machine.get("costs/savings").json()["currencies"]
    assert view["currency"] == "USD"


def test_ten_times_the_rows_take_no_more_statements(machine, world, platform, repository, alice, bob):
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert machine.get(path).status_code == 200
        return len(seen)

    few = {path: count(path) for path in LISTS}
    grow(platform, repository, alice, bob, rows=40, more=27)
    assert {path: (n, more) for path, n in few.items() if (more := count(path)) > n} == {}
    assert max(few.values()) <= 20
    assert Repository.objects.count() == 1
