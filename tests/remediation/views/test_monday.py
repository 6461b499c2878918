"""Monday's list: what is due, what was carried over, what a lead adds; whose hours; two leads at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from findings.actions import invite
from findings.core.types import Coverage
from remediation.actions.items import give, reschedule
from remediation.actions.weeks import commit_week
from remediation.core.planning import Week
from remediation.models import Checklist, Item, Promise
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
URL = "/week/platform/commit/"


@pytest.fixture
def today() -> date:
    return timezone.now().date()


@pytest.fixture
def items(repository, today) -> list[Item]:
    """Three items of four hours: due this week, due in two months and promised last week, due in two months."""
    found = [seen(f"custom/{n}", line=n) for n in range(3)]
    land(repository, found, at=timezone.now() - timedelta(days=9), coverage=Coverage(rules=None))
    later = today + timedelta(days=60)
    Item.objects.update(effort_low=4, effort_high=4, due=later)
    made = list(Item.objects.order_by("pk"))
    Item.objects.filter(pk=made[0].pk).update(due=today)
    return made


def rows(response) -> dict[str, list[int]]:
    return {s["key"]: [row["item"].pk for row in s["rows"]] for s in response.context["sections"]}


def ticked(response) -> set[int]:
    return {row["item"].pk for s in response.context["sections"] for row in s["rows"] if row["checked"]}


def test_the_list_is_what_is_due_and_carried_over_and_the_rest_to_add(client, alice, platform, items, today):
    commit_week(platform, items[1:2], today=today - timedelta(days=7), actor=alice)
    client.force_login(alice)
    response = client.get(URL)
    assert rows(response) == {"due": [items[0].pk], "carried": [items[1].pk], "more": [items[2].pk]}
    assert ticked(response) == {items[0].pk, items[1].pk}
    assert b"carried over 1 time" in response.content


def test_ticked_is_only_what_the_hours_allow_most_urgent_first(client, alice, items, today):
    Item.objects.update(due=today)
    Item.objects.filter(pk=items[2].pk).update(priority="P0")
    client.force_login(alice)
    assert ticked(client.get(URL)) == {items[2].pk, items[0].pk}


def test_hours_are_told_for_each_person_with_a_warning(client, alice, bob, items):
    give(items[0], bob, actor=alice)
    Item.objects.update(effort_low=12, effort_high=12)
    client.force_login(alice)
    response = client.post(URL, {"version": 0, "look": 1, "items": [items[0].pk, items[1].pk]})
    assert response.status_code == 200
    load = {row["name"]: (row["asked"], row["over"]) for row in response.context["load"]}
    assert load == {"Alice": (0, 0), "Bob": (12, 2), "Nobody yet": (12, 0), "The team": (24, 4)}
    assert "2\N{NO-BREAK SPACE}h too many" in response.content.decode()
    assert not Promise.objects.exists()


def test_a_change_swaps_the_hours_alone(client, alice, items):
    client.force_login(alice)
    response = client.post(URL, {"version": 0, "look": 1, "items": items[0].pk}, headers={"HX-Request": "true"})
    assert response.content.lstrip().startswith(b'<section id="load"')


def test_a_search_reaches_the_rest_and_keeps_the_ticks(client, alice, platform, items, today):
    plan = Checklist.objects.get()
    rest = {"checklist": plan, "phase": plan.phases.first(), "priority": "P2", "due": today + timedelta(days=60)}
    Item.objects.bulk_create(Item(anchor=f"x{n}", title=f"Tidy cupboard {n}", **rest) for n in range(90))
    Item.objects.create(anchor="y", title="Paint the fence", **rest)
    client.force_login(alice)
    first = client.get(URL)
    assert sum(len(found) for found in rows(first).values()) == 60
    assert first.context["sections"][-1]["rest"]
    sent = {"version": 0, "look": 1, "wanted": "fence paint", "items": items[2].pk}
    response = client.post(URL, sent)
    titles = [row["item"].title for s in response.context["sections"] for row in s["rows"]]
    assert "Paint the fence" in titles and "Tidy cupboard 1" not in titles
    assert ticked(response) == {items[2].pk}


def test_the_second_lead_is_told_what_the_first_promised_and_keeps_the_ticks(client, alice, platform, items):
    second = invite(platform, "zoe@example.com", "lead", actor=alice, name="Zoe").user
    client.force_login(second)
    client.post(URL, {"version": 0, "items": items[0].pk})
    client.force_login(alice)
    response = client.post(URL, {"version": 0, "items": [items[1].pk]})
    assert response.status_code == 422
    assert f"Zoe promised for this week meanwhile: {items[0].title}" in response.content.decode()
    assert ticked(response) == {items[1].pk}
    again = response.context["form"]["version"].value()
    assert client.post(URL, {"version": again, "items": [items[1].pk]}).status_code == 302
    assert Promise.objects.get(item=items[1]).added
    assert "1 item is added to week" in client.get("/").content.decode()


def test_what_is_dropped_is_told_with_its_reason_this_week_and_later(client, alice, platform, items, today):
    commit_week(platform, items[:2], today=today, actor=alice)
    promise = Promise.objects.get(item=items[1])
    client.force_login(alice)
    url = f"/week/platform/drop/{promise.pk}/"
    assert url in client.get("/").content.decode()
    assert client.post(url, {"why": ""}).status_code == 422
    response = client.post(url, {"why": "no budget"}, follow=True)
    dropped = next(s for s in response.context["sections"] if s["key"] == "dropped")
    assert [row["note"] for row in dropped["rows"]] == ["dropped by Alice: no budget"]
    assert response.context["promise"] == "2 promised: 1 still open, 1 dropped."
    assert client.post(url, {"why": "again"}).status_code == 422
    shown = [row["url"] for section in response.context["sections"] for row in section["rows"]]
    assert len(shown) == len(set(shown))


def test_a_promise_of_another_team_cannot_be_dropped(client, alice, charlie, platform, items, today):
    commit_week(platform, items, today=today, actor=alice)
    client.force_login(charlie)
    assert client.post(f"/week/delivery/drop/{Promise.objects.first().pk}/", {"why": "x"}).status_code == 404


def test_a_week_that_is_over_lists_each_outcome_and_how_often_it_was_carried(client, alice, platform, items, today):
    for weeks in (3, 2, 1):
        commit_week(platform, items[:1], today=today - timedelta(weeks=weeks), actor=alice)
    client.force_login(alice)
    before = Week.of(today).shift(-1)
    response = client.get(f"/week/platform/{before}/")
    [section] = response.context["sections"]
    assert (section["key"], [row["note"] for row in section["rows"]]) == ("carried", ["carried over 3 times"])
    assert response.context["sentence"] == "1 promised: 1 carried over."


def test_a_long_section_shows_some_rows_and_the_way_to_all(client, alice, platform, items, today):
    plan = Checklist.objects.get()
    rest = {"checklist": plan, "phase": plan.phases.first(), "priority": "P2", "due": today}
    Item.objects.bulk_create(Item(anchor=f"x{n}", title=f"Tidy cupboard {n}", **rest) for n in range(30))
    client.force_login(alice)
    response = client.get("/")
    [due] = [s for s in response.context["sections"] if s["key"] == "due"]
    assert (due["total"], len(due["rows"]), due["more"]) == (31, 12, 19)
    assert response.context["counts"]["due"]["n"] == 31
    [alone] = client.get("/?section=due").context["sections"]
    assert len(alone["rows"]) == 31


def test_capacity_is_a_persons_own_on_the_page_of_the_week(client, alice, bob, items, today):
    give(items[0], bob, actor=alice)
    items[0].refresh_from_db()
    reschedule(items[0], today, actor=alice)
    Item.objects.filter(pk=items[0].pk).update(effort_low=11, effort_high=11)
    client.force_login(alice)
    load = {row["name"]: row["over"] for row in client.get("/").context["load"]}
    assert load == {"Alice": 0, "Bob": Decimal(1), "The team": 0}


def test_where_nothing_is_left_to_promise_nothing_can_be_promised(client, alice, platform):
    client.force_login(alice)
    said = client.get(URL).content.decode()
    assert "Nothing is left to promise: whatever is planned" in said
    assert "Promise these" not in said
