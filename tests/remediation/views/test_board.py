"""The board: phases of all checklists side by side, or of one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from findings.core.types import Coverage
from findings.models import User
from remediation.models import Checklist, Item, Phase, Review
from tests.cast import land, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(repository, platform) -> Checklist:
    """A standing list with one item, and the list of a review with two, one of them in a phase of the same key."""
    run = land(repository, [seen()], at=timezone.now(), coverage=Coverage(rules=None))
    standing = Phase.objects.get()
    review = Review.objects.create(
        run=run, team=platform, repository=repository, title="Review", reviewed=timezone.now().date()
    )
    checklist = Checklist.objects.create(team=platform, review=review, title="Review")
    same = Phase.objects.create(checklist=checklist, key=standing.key, title="Month two", position=2)
    late = Phase.objects.create(checklist=checklist, key="month-3", title="Month 3+", position=3)
    for phase in (same, late):
        Item.objects.create(checklist=checklist, phase=phase, anchor=phase.key, title=phase.title, priority="P1")
    return checklist


def columns(response):
    return {phase["title"]: [card["title"] for card in phase["cards"]] for phase in response.context["phases"]}


def test_equal_phases_of_two_plans_are_one_column(client, alice, reviewed):
    client.force_login(alice)
    response = client.get("/board/")
    assert columns(response) == {"Month 2": ["Month two", "Too many patches"], "Month 3+": ["Month 3+"]}
    assert [(tab["label"], tab["count"]) for tab in response.context["tabs"]] == [
        ("All", 3),
        ("Review", 2),
        ("Standing list", 1),
    ]


def test_one_checklist_alone(client, alice, reviewed):
    client.force_login(alice)
    assert columns(client.get(f"/board/?list={reviewed.pk}")) == {"Month two": ["Month two"], "Month 3+": ["Month 3+"]}


@pytest.mark.parametrize("which", ["0", "x", "9" * 30])
def test_a_checklist_that_is_not_there(client, alice, reviewed, which):
    client.force_login(alice)
    assert client.get(f"/board/?list={which}").status_code == 404


def test_another_teams_checklist_is_not_there(client, charlie, reviewed):
    client.force_login(charlie)
    assert client.get(f"/board/?list={reviewed.pk}").status_code == 404


def test_what_is_done_stands_last_and_is_counted(client, alice, reviewed, repository):
    land(repository, [], at=timezone.now(), coverage=Coverage(rules=None))
    client.force_login(alice)
    response = client.get("/board/")
    first = response.context["phases"][0]
    assert (first["done"], first["total"], [card["done"] for card in first["cards"]]) == (1, 2, [False, True])
    assert response.context["sentence"].startswith("1 of 3 items are done")


def test_a_member_can_move_a_card_and_a_viewer_cannot(client, bob, vera, reviewed):
    for user, links in ((bob, True), (vera, False)):
        client.force_login(user)
        cards = [card for phase in client.get("/board/").context["phases"] for card in phase["cards"]]
        assert [bool(card["move"]) for card in cards] == [links] * 3


def test_a_board_that_was_read_before_follows_names_phases_and_what_is_asked_of_it(client, alice, bob, reviewed):
    Item.objects.filter(phase__key="month-3").update(owner=bob, claimed_by=alice.email, claimed_at=timezone.now())
    client.force_login(alice)

    def late(query=""):
        phase = client.get(f"/board/{query}").context["phases"][-1]
        return phase["title"], phase["ends"], [(card["owner"], card["note"]) for card in phase["cards"]]

    title, ends, [(owner, note)] = late()
    assert (title, ends, owner, late()) == ("Month 3+", None, "Bob", (title, ends, [(owner, note)]))
    assert "Alice" in note
    User.objects.filter(pk=bob.pk).update(name="Roberta Quist")
    User.objects.filter(pk=alice.pk).update(name="Alison Quist")
    ends_on = timezone.localdate()
    Phase.objects.filter(key="month-3").update(title="Later", due=ends_on)
    title, ends, [(owner, note)] = late()
    assert (title, ends, owner) == ("Later", ends_on, "Roberta")
    assert "Alison" in note
    assert late("?phase=month-3") == late() == late(f"?list={reviewed.pk}")
    assert [phase["key"] for phase in client.get("/board/?phase=month-3").context["phases"]] == ["month-3"]


def test_a_card_goes_into_a_phase_that_only_another_plan_has(client, bob, reviewed):
    item = Item.objects.get(checklist__review=None)
    client.force_login(bob)
    sent = {"version": item.version, "to": "phase:month-3"}
    response = client.post(f"/items/{item.pk}/move/?next=/board/", sent, follow=True)
    item.refresh_from_db()
    assert (item.phase.key, item.phase.checklist) == ("month-3", item.checklist)
    assert columns(response)["Month 3+"] == ["Month 3+", "Too many patches"]
    page = response.content.decode()
    assert "Moved “Too many patches”: Month 3+" in page
    assert f'action="/items/{item.pk}/why/?next=%2Fboard%2F"' in page


def test_a_phase_that_is_over_gives_no_date(client, bob, reviewed):
    item = Item.objects.get(checklist__review=None)
    Phase.objects.filter(key="month-3").update(due=timezone.now().date() - timedelta(days=30))
    client.force_login(bob)
    client.post(f"/items/{item.pk}/move/", {"version": item.version, "to": "phase:month-3"})
    before, item = item.due, Item.objects.get(pk=item.pk)
    assert (item.phase.key, item.due) == ("month-3", before)


def test_a_long_column_shows_some_cards_and_the_way_to_all(client, alice, reviewed):
    phase = reviewed.phases.last()
    many = [Item(checklist=reviewed, phase=phase, anchor=f"x{n}", title=f"Task {n}", priority="P2") for n in range(40)]
    Item.objects.bulk_create(many)
    client.force_login(alice)
    last = client.get("/board/").context["phases"][-1]
    assert (last["total"], len(last["cards"]), last["more"]) == (41, 15, 26)
    [alone] = client.get("/board/?phase=month-3").context["phases"]
    assert (alone["key"], len(alone["cards"])) == ("month-3", 41)


def test_a_board_without_a_plan_says_where_one_comes_from_and_not_how_to_drag(client, alice):
    client.force_login(alice)
    said = client.get("/board/").content.decode()
    assert "Upload a review" in said
    assert "Drag a card" not in said
