"""The week: what is asked, what came back, what was proven; the promise, and other weeks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from findings.actions import create_team, decide, invite
from findings.core.types import Coverage
from findings.models import Evidence, Finding
from remediation.actions.items import claim, give, reschedule
from remediation.actions.weeks import commit_week
from remediation.core.planning import Week
from remediation.models import Item
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}
EVERYTHING = Coverage(rules=None)


@pytest.fixture
def today() -> date:
    return timezone.now().date()


@pytest.fixture(scope="module")
def landed(once):
    once("alice")
    rows = [seen(**TOPIC), seen(**TOPIC, path="k8s/b.yaml")]
    land(once("repository"), rows, at=timezone.now() - timedelta(days=3))


@pytest.fixture
def item(landed) -> Item:
    return Item.objects.get()


def sections(response) -> dict[str, list[dict]]:
    return {section["key"]: section["rows"] for section in response.context["sections"]}


def test_an_item_stands_under_overdue_from_the_day_after_its_date(client, alice, item, today):
    client.force_login(alice)
    reschedule(item, today, actor=alice)
    assert list(sections(client.get("/"))) == ["due"]
    reschedule(item, today - timedelta(days=1), actor=alice)
    response = client.get("/")
    assert list(sections(response)) == ["overdue"]
    assert response.context["counts"]["overdue"] == {"n": 1, "url": "#overdue"}


def test_what_is_promised_and_due_later_is_not_called_due_by_sunday(client, alice, item, platform, today):
    reschedule(item, today + timedelta(days=60), actor=alice)
    commit_week(platform, [item], today=today, actor=alice)
    client.force_login(alice)
    response = client.get("/")
    assert response.context["counts"]["due"] == {"n": 1, "url": "#due"}
    said = response.content.decode()
    assert "due or promised" in said
    assert "due by Sunday" not in said


def test_a_claim_is_said_with_its_name_and_what_comes_next(client, alice, bob, item, today):
    client.force_login(alice)
    reschedule(item, today, actor=alice)
    claim(item, actor=bob)
    (row,) = sections(client.get("/"))["due"]
    assert row["note"] == "claimed by Bob, next scan decides"


def test_what_was_proven_this_week_names_its_commit_and_files(client, alice, item, repository):
    run = land(repository, [], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    (row,) = sections(client.get("/"))["done"]
    assert (row["note"], row["action"]["label"]) == (f"{run.commit[:7]}, 1 file", "Evidence")


def test_what_came_back_is_said_with_its_age(client, alice, item, repository, today):
    now = timezone.now()
    land(repository, [], at=now - timedelta(days=2), coverage=EVERYTHING)
    land(repository, [seen(**TOPIC)], at=now, coverage=EVERYTHING)
    reschedule(item, today + timedelta(days=60), actor=alice)
    client.force_login(alice)
    response = client.get("/")
    assert response.context["counts"]["returned"]["n"] == 1
    assert [row["title"] for row in sections(response)["came_back"]] == [item.title]


def test_of_what_came_back_the_last_that_has_a_proof_is_told(client, alice, repository, today):
    """Each finding with the commit that fixed it and the one that brought it back; one was only seen to be back."""
    now, places = timezone.now(), [f"k8s/{name}.yaml" for name in "abc"]
    land(repository, [seen(path=path) for path in places], at=now - timedelta(days=9), coverage=EVERYTHING)
    land(repository, [], at=now - timedelta(days=7), coverage=EVERYTHING)
    runs = [
        land(repository, [seen(path=path) for path in places[:n]], at=now - timedelta(days=4 - n), coverage=EVERYTHING)
        for n in (1, 2, 3)
    ]
    back = Finding.objects.filter(reopened=1).order_by("reopened_at")
    for finding, run in zip(back[:2], runs[:2], strict=True):
        Evidence.objects.create(
            finding=finding, closes=False, kind="deleted", run=run, commit=run.commit, path="a", at=finding.reopened_at
        )
    reschedule(Item.objects.get(rule=back[0].rule, settled_at=None), today, actor=alice)
    client.force_login(alice)
    [row] = [row for rows in sections(client.get("/")).values() for row in rows if "reopened" in row["note"]]
    assert f"reopened by {runs[1].commit[:7]}" in row["note"]
    assert "fixed for 5 days" in row["note"]


def test_new_to_triage_counts_the_rows_its_link_shows(client, alice, bob, item, repository):
    land(repository, [seen(**TOPIC), seen(line=9), seen(line=99)], at=timezone.now(), coverage=EVERYTHING)
    Finding.objects.filter(key="").update(owner=None)
    decide([Finding.objects.filter(key="").first()], "accepted", actor=bob, reason="known")
    client.force_login(alice)
    fresh = client.get("/").context["counts"]["new"]
    listed = client.get(fresh["url"])
    assert fresh["n"] == 2 == len(listed.context["rows"])


def test_hours_are_what_is_left_after_what_is_asked(client, alice, item, today):
    Item.objects.update(effort_low=2, effort_high=4, due=today)
    client.force_login(alice)
    said = client.get("/").context["capacity"]
    assert (said["left"], said["total"]) == (Decimal(7), Decimal(10))
    Item.objects.update(effort_high=40)
    assert client.get("/").context["capacity"]["over"] == Decimal(11)


def test_a_promise_is_made_by_a_lead_and_shown(client, alice, item):
    client.force_login(alice)
    response = client.post("/week/platform/commit/", {"items": item.pk, "version": 0}, follow=True)
    assert response.context["promise"] == "1 promised: 1 still open."
    assert [row["title"] for row in sections(response)["due"]] == [item.title]


def test_a_promise_takes_no_items_of_other_teams(client, alice, charlie, other_team, item):
    client.force_login(charlie)
    response = client.post("/week/delivery/commit/", {"items": item.pk, "version": 0})
    assert response.status_code == 422
    assert not other_team.weeks.exists()


def test_a_week_that_is_over_says_what_was_kept(client, alice, platform, item, today):
    commit_week(platform, [item], today=today - timedelta(days=7), actor=alice)
    before = Week.of(today).shift(-1)
    client.force_login(alice)
    response = client.get(f"/week/platform/{before}/")
    assert response.context["sentence"] == "1 promised: 1 carried over."
    assert list(sections(response)) == ["carried"]


def test_a_week_to_come_says_what_is_due(client, alice, item, today):
    after = Week.of(today).shift(2)
    reschedule(item, after.end, actor=alice)
    client.force_login(alice)
    assert client.get(f"/week/platform/{after}/").context["sentence"] == "1 item is due in this week."


@pytest.mark.parametrize("iso", ["2026-W99", "soon", "2026-47"])
def test_a_week_that_is_none_is_not_there(client, alice, iso):
    client.force_login(alice)
    assert client.get(f"/week/platform/{iso}/").status_code == 404


def test_a_team_with_nothing_sees_the_three_ways_in(client, charlie):
    client.force_login(charlie)
    assert b"Three ways in" in client.get("/").content


def test_somebody_in_no_team_is_told_so(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@example.com", "correct horse"))
    response = client.get("/")
    assert response.status_code == 200
    assert b"in no team yet" in response.content
    assert client.get("/board/").status_code == 404


def test_of_several_teams_the_address_decides_else_the_first_by_name(client, alice):
    second = create_team("atlas", name="Atlas", actor="test")
    invite(second, alice.email, "viewer", actor="test")
    client.force_login(alice)
    assert client.get("/").context["team"] == second
    assert client.get("/?team=platform").context["team"].slug == "platform"
    assert client.get("/board/platform/").context["team"].slug == "platform"
    assert client.get("/?team=nowhere").status_code == 404


def test_a_week_without_due_items_points_at_what_is_new_or_not_scanned(client, alice, repository, today):
    client.force_login(alice)
    assert "No code was scanned yet" in client.get("/").content.decode()
    land(repository, [seen(), seen(path="k8s/b.yaml")], at=timezone.now())
    Item.objects.update(due=today + timedelta(days=60))
    said = client.get("/").content.decode()
    assert "2 findings are new and nobody’s yet" in said
    assert "nothing is new" not in said
    give(Item.objects.get(), alice, actor=alice)
    assert "nothing is new" in client.get("/").content.decode()


def test_who_attested_is_named_as_everywhere_else(client, alice, repository):
    secret = {"rule": "secrets/plaintext", "key": "b" * 64}
    land(repository, [seen(**secret, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    item = Item.objects.get()
    said = client.post(f"/items/{item.pk}/attest/", {"version": item.version, "text": "https://tickets.example.com/7"})
    assert said.status_code == 302, said.content.decode()
    assert [row["note"] for row in sections(client.get("/"))["done"]] == ["attested by Alice"]
