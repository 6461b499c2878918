"""An item: what it says of its state, and what people may say of it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from findings.actions import decide, define_component
from findings.core.types import Coverage
from findings.models import Component, Event, Finding
from remediation.actions.items import claim, give
from remediation.actions.weeks import commit_week
from remediation.models import Checklist, Item, Link, Phase
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
EVERYTHING = Coverage(rules=None)
SECRET = {"rule": "secrets/plaintext", "key": "a" * 64}


@pytest.fixture(scope="module")
def landed(once):
    for name in ("alice", "bob"):
        once(name)
    three = [seen(line=n) for n in (1, 2, 3)]
    land(once("repository"), three, at=timezone.now() - timedelta(days=3), coverage=EVERYTHING)


@pytest.fixture
def item(landed) -> Item:
    return Item.objects.get()


def page(client, item):
    return client.get(f"/items/{item.pk}/").context


def say(client, item, verb, **data):
    item.refresh_from_db()
    return client.post(f"/items/{item.pk}/{verb}/", {"version": item.version} | data)


def test_an_item_says_what_is_proven_and_what_is_left(client, alice, item, repository):
    run = land(repository, [seen(line=1)], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    said = page(client, item)
    assert said["sentence"] == f"2 of 3 proven at {run.commit[:7]}. 1 left, in k8s."
    assert (said["item"]["proven"], said["item"]["total"]) == (2, 3)


def test_of_very_many_findings_the_first_are_shown_open_ones_before_others_and_all_on_demand(
    client, alice, item, repository, monkeypatch
):
    monkeypatch.setattr("remediation.views.items.MANY", 2)
    run = land(repository, [seen(line=1), seen(line=2)], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    said = page(client, item)
    assert [row["state"] for row in said["findings"]] == ["open", "open"]
    assert said["more"] == 1
    assert said["sentence"] == f"1 of 3 proven at {run.commit[:7]}. 2 left."
    assert [event["text"] for event in said["events"] if run.commit[:7] in event["text"]] != []
    whole = client.get(f"/items/{item.pk}/?all=1").context
    assert ([row["state"] for row in whole["findings"]], whole["more"]) == (["open", "open", "fixed"], 0)


def test_what_a_verdict_settled_is_not_called_proven(client, alice, item):
    decide(Finding.objects.order_by("pk")[:2], "accepted", actor=alice, reason="known")
    client.force_login(alice)
    said = page(client, item)
    assert "0 of 1 proven" in said["sentence"]
    assert "2 accepted." in said["sentence"]


def test_an_item_whose_rules_saw_nothing_is_not_seen(client, alice, item):
    unseen = Item.objects.create(checklist=item.checklist, phase=item.phase, anchor="x", title="Unseen", priority="P1")
    Link.objects.create(item=unseen, rule=item.rule, scope="nowhere/**")
    client.force_login(alice)
    assert page(client, unseen)["item"]["state"] == "not_seen"
    assert say(client, unseen, "claim").status_code == 302
    assert page(client, unseen)["sentence"] == "Claimed by Alice, no scan has seen it."


def test_a_claim_carries_the_name_and_a_scan_refutes_it(client, alice, bob, item, repository):
    client.force_login(bob)
    assert say(client, item, "claim").status_code == 302
    assert page(client, item)["sentence"].startswith("0 of 3 proven")
    assert "Claimed by Bob, next scan decides." in page(client, item)["sentence"]
    land(repository, [seen(line=1)], at=timezone.now() + timedelta(hours=1), coverage=EVERYTHING)
    said = page(client, item)
    assert said["item"]["state"] == "refuted"
    assert "the scan found 1 open" in said["sentence"]


def test_a_claim_can_be_taken_back(client, bob, item):
    claim(item, actor=bob)
    client.force_login(bob)
    say(client, item, "unclaim")
    item.refresh_from_db()
    assert (item.claimed_at, page(client, item)["item"]["state"]) == (None, "open")


def test_who_was_slower_is_told_and_nothing_is_lost(client, alice, bob, item):
    client.force_login(alice)
    shown = item.version
    claim(item, actor=bob)
    response = client.post(f"/items/{item.pk}/due/", {"version": shown, "phase": item.phase_id, "why": "busy"})
    assert response.status_code == 422
    assert b"Somebody changed this item since you opened it. Bob: Said to be done." in response.content
    assert b"busy" in response.content
    again = response.context["form"]["version"].value()
    repeated = {"version": again, "phase": item.phase_id, "why": "busy"}
    assert client.post(f"/items/{item.pk}/due/", repeated).status_code == 302


def test_moving_needs_a_reason_and_keeps_the_first_date(client, bob, item):
    client.force_login(bob)
    first = item.due
    day = first + timedelta(days=30)
    assert say(client, item, "due", due=day, phase=item.phase_id).status_code == 422
    assert say(client, item, "due", due=day, phase=item.phase_id, why="supplier").status_code == 302
    item.refresh_from_db()
    assert (item.due, item.first_due) == (day, first)
    assert Event.objects.about(f"item:{item.pk}").first().after["why"] == "supplier"
    assert "supplier" in [event["detail"] for event in page(client, item)["events"]]


def test_moving_to_another_phase_takes_its_date(client, bob, item):
    later = Phase.objects.create(
        checklist=item.checklist, key="later", title="Later", position=9, due=item.due + timedelta(days=90)
    )
    client.force_login(bob)
    response = client.post(
        f"/items/{item.pk}/due/?next=/board/",
        {"version": item.version, "due": item.due, "phase": later.pk, "why": "later"},
    )
    item.refresh_from_db()
    assert (response["Location"], item.phase, item.due) == ("/board/", later, later.due)


def test_a_phase_of_another_checklist_is_refused(client, bob, item, other_team):
    strange = Checklist.objects.create(team=other_team, title="Theirs")
    phase = Phase.objects.create(checklist=strange, key="x", title="X", position=0)
    client.force_login(bob)
    assert say(client, item, "due", phase=phase.pk, why="x").status_code == 422


def test_two_keys_move_an_item_and_an_undo_brings_it_back(client, bob, item):
    client.force_login(bob)
    first, day = item.due, item.due + timedelta(days=7)
    response = client.get(f"/items/{item.pk}/move/")
    week = next(move for move in response.context["moves"] if move.key == "w")
    assert week.due >= day
    moved = say(client, item, "move", to=week.code)
    item.refresh_from_db()
    assert (moved.status_code, item.due, item.first_due) == (302, week.due, first)
    say(client, item, "why", why="the supplier is late")
    assert Event.objects.about(f"item:{item.pk}").first().after["why"] == "the supplier is late"
    say(client, item, "due", due=first, phase=item.phase_id, why="Undone.")
    item.refresh_from_db()
    assert item.due == first


def test_a_phase_of_the_standing_list_is_due_as_its_priority_is(client, bob, item, platform):
    Phase.objects.create(checklist=item.checklist, key="week-1", title="Week 1", position=0)
    client.force_login(bob)
    say(client, item, "move", to="phase:week-1", why="urgent")
    item.refresh_from_db()
    today = timezone.now().date()
    assert item.phase.key == "week-1"
    assert today + timedelta(days=7) <= item.due <= today + timedelta(days=9)
    event = Event.objects.about(f"item:{item.pk}").first()
    assert (event.after["phase"], event.after["why"]) == ("Week 1", "urgent")
    assert "Moved to “Week 1”. Due date moved from" in page(client, item)["events"][0]["text"]


def test_a_move_that_is_none_and_one_from_an_older_card_are_refused(client, alice, bob, item):
    client.force_login(bob)
    assert say(client, item, "move", to="phase:nowhere").status_code == 422
    shown = item.version
    give(item, bob, actor=alice)
    response = client.post(f"/items/{item.pk}/move/", {"version": shown, "to": "later:w"})
    assert response.status_code == 422
    assert b"Somebody changed this item since you opened it. Alice: Given to Bob." in response.content


def test_what_is_settled_is_not_moved(client, bob, item, repository):
    land(repository, [], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(bob)
    assert say(client, item, "move", to="later:w").status_code == 422


def test_next_leads_to_no_other_site(client, bob, item):
    client.force_login(bob)
    response = client.post(f"/items/{item.pk}/claim/?next=https://evil.example/", {"version": item.version})
    assert response["Location"] == item.get_absolute_url()


def test_only_people_of_the_team_can_be_given_an_item(client, alice, bob, charlie, item):
    client.force_login(alice)
    assert say(client, item, "assign", owner=charlie.pk).status_code == 422
    assert say(client, item, "assign", owner=bob.pk).status_code == 302
    assert page(client, item)["owner"] == "Bob"


def test_what_a_scan_sees_cannot_be_attested(client, bob, item):
    client.force_login(bob)
    assert "Attest" not in [action["label"] for action in page(client, item)["actions"]]
    response = say(client, item, "attest", text="done, trust me")
    assert response.status_code == 422
    assert b"scans see open findings" in response.content


def test_a_secret_that_is_gone_is_attested_with_its_item(client, bob, repository):
    land(repository, [seen(**SECRET, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    client.force_login(bob)
    assert "Gone at HEAD, in history." in page(client, item)["sentence"]
    assert say(client, item, "attest", text="https://tickets.example.com/7").status_code == 302
    said = page(client, item)
    assert said["item"]["state"] == "attested"
    assert "by Bob: https://tickets.example.com/7" in said["sentence"]
    assert Finding.objects.get().state == "fixed"


def test_a_secret_still_in_the_code_stays_open_after_the_word(client, bob, repository):
    land(repository, [seen(**SECRET)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    client.force_login(bob)
    say(client, item, "attest", text="rotated")
    said = page(client, item)
    assert said["item"]["state"] == "open"
    assert "still in the code" in said["events"][0]["text"]
    assert Finding.objects.get().rotated


def test_a_p0_is_attested_by_another_person_than_its_claimant(client, alice, bob, repository):
    land(repository, [seen(**SECRET, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    client.force_login(bob)
    say(client, item, "claim")
    said = client.get(f"/items/{item.pk}/")
    assert "Attest" not in [action["label"] for action in said.context["actions"]]
    assert b"somebody else of the team has to attest it" in said.content
    assert b"somebody else than who did it" in say(client, item, "attest", text="rotated").content
    client.force_login(alice)
    assert say(client, item, "attest", text="rotated").status_code == 302
    assert page(client, item)["item"]["state"] == "attested"


def test_where_nobody_claimed_a_p0_its_owner_does_not_attest_it_alone(client, alice, bob, repository):
    land(repository, [seen(**SECRET, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    give(item, bob, actor=alice)
    client.force_login(bob)
    assert say(client, item, "attest", text="rotated").status_code == 422


def test_who_is_alone_in_the_team_attests_a_p0_of_their_own(client, alice, vera, repository):
    land(repository, [seen(**SECRET, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    client.force_login(alice)
    say(client, item, "claim")
    assert say(client, item, "attest", text="rotated").status_code == 302


def test_a_claim_stays_visible_beside_its_proof(client, alice, bob, item, repository):
    claim(item, actor=bob)
    run = land(repository, [], at=timezone.now() + timedelta(hours=1), coverage=EVERYTHING)
    client.force_login(alice)
    said = page(client, item)["sentence"]
    assert f"at {run.commit[:7]}. Bob had claimed it on" in said


def test_a_claim_that_was_proven_is_not_refuted_when_it_comes_back(client, alice, bob, item, repository):
    claim(item, actor=bob)
    now = timezone.now()
    land(repository, [], at=now + timedelta(hours=1), coverage=EVERYTHING)
    Item.objects.filter(pk=item.pk).update(checklist=item.checklist)
    for hours in (2, 3):
        land(repository, [seen(line=1)], at=now + timedelta(hours=hours), coverage=EVERYTHING)
    assert sum(Item.objects.values_list("refuted", flat=True)) == 0


def test_an_attestation_can_be_taken_back(client, bob, repository):
    land(repository, [seen(**SECRET, at_head=False)], at=timezone.now(), coverage=EVERYTHING)
    item = Item.objects.get()
    client.force_login(bob)
    say(client, item, "attest", text="done")
    assert [action["label"] for action in page(client, item)["actions"]] == ["Take the attestation back"]
    say(client, item, "reopen")
    item.refresh_from_db()
    assert item.settled_at is None


def test_the_timeline_holds_the_change_that_proved_it(client, alice, item, repository):
    run = land(repository, [], at=timezone.now(), coverage=EVERYTHING)
    client.force_login(alice)
    said = page(client, item)
    assert f"Proven at {run.commit[:7]}." in [event["text"] for event in said["events"]]
    proof = next(event for event in said["events"] if event.get("hunk"))
    assert proof["actor"] == "Chen"
    assert "+replicas: 3" in proof["hunk"]


def test_the_timeline_names_people_and_weeks_as_other_pages_do(client, bob, platform, repository):
    land(repository, [seen(**SECRET)], at=timezone.now() - timedelta(days=2), coverage=EVERYTHING)
    item = Item.objects.get()
    land(repository, [], at=timezone.now(), coverage=EVERYTHING)
    commit_week(platform, [item], today=date(2026, 11, 25), actor=bob)
    client.force_login(bob)
    say(client, item, "attest", text="https://tickets.example.com/7")
    told = page(client, item)["events"]
    assert {row["actor"] for row in told if row["text"].endswith("was attested.")} == {"Bob"}
    assert "Promised for week 48." in [row["text"] for row in told]


def test_a_shared_finding_is_told_in_the_words_of_ones_own_code(client, alice, charlie, other_team, repository):
    define_component(repository, "theirs", team=other_team, paths=["theirs/"], actor=alice)
    land(
        repository,
        [
            seen(**SECRET, path="theirs/a.ini", message="Password in theirs/a.ini"),
            seen(**SECRET, path="zz/own.ini", message="Password in own.ini"),
        ],
        at=timezone.now(),
        coverage=EVERYTHING,
    )
    finding = Finding.objects.get()
    assert finding.component == Component.objects.get(name="theirs")
    for user, hidden in ((alice, b"theirs/a.ini"), (charlie, b"own.ini")):
        client.force_login(user)
        for item in Item.objects.visible_to(user):
            assert hidden not in client.get(f"/items/{item.pk}/").content
