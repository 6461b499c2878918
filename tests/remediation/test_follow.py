"""What follows from a batch: findings land on items, scans prove and refute claims, grades are written."""

from datetime import timedelta

import pytest

from findings import actions
from findings.models import Event
from remediation.actions import items, verdicts
from remediation.actions.follow import settle_now
from remediation.models import Grade, Item, Link, Placement
from tests.cast import NOON, land, only, seen

pytestmark = pytest.mark.django_db
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}
DAY = timedelta(days=1)


def test_a_rule_without_a_review_gets_a_default_item_with_the_sla_date(repository, platform):
    land(repository, [seen(**TOPIC)])
    item = Item.objects.get()
    assert (item.checklist.team, item.priority, item.phase.key) == (platform, "P0", "week-1")
    assert item.due == (NOON + 7 * DAY).date()
    assert list(item.findings.all()) == [only()]


def test_a_later_finding_of_the_rule_is_already_on_the_list(repository):
    land(repository, [seen(**TOPIC)])
    land(repository, [seen(**TOPIC), seen("kafka/under-replicated-topic", key="main/bills")])
    assert Item.objects.get().findings.count() == 2


def test_an_item_is_proven_by_the_scan_that_sees_no_finding_any_more(repository):
    land(repository, [seen(**TOPIC), seen()])
    run = land(repository, [seen()])
    item = Item.objects.get(priority="P0")
    assert (item.settled_by, item.settled_commit) == ("proven", run.commit)


def test_a_regression_reopens_the_item_it_was_on(repository):
    land(repository, [seen(**TOPIC), seen()])
    land(repository, [seen()])
    land(repository, [seen(**TOPIC), seen()], at=NOON + DAY)
    item = Item.objects.get(priority="P0")
    assert (item.settled_by, item.settled_at) == ("", None)
    assert Event.objects.filter(verb="came back", subject=f"item:{item.pk}").exists()


def test_a_new_finding_after_the_proof_opens_a_successor(repository):
    land(repository, [seen(**TOPIC), seen()])
    land(repository, [seen()])
    land(repository, [seen("kafka/under-replicated-topic", key="main/bills"), seen()])
    old, new = Item.objects.filter(priority="P0").order_by("pk")
    assert (old.settled_by, new.successor_of, new.settled_at) == ("proven", old, None)


def test_a_claim_is_refuted_once_by_the_next_scan(repository, bob):
    land(repository, [seen(**TOPIC)])
    items.claim(Item.objects.get(), actor=bob, at=NOON + DAY)
    land(repository, [seen(**TOPIC)], at=NOON + 2 * DAY)
    land(repository, [seen(**TOPIC)], at=NOON + 3 * DAY)
    assert Item.objects.get().refuted == 1


def test_an_item_whose_findings_were_all_accepted_is_settled_as_that(repository, alice):
    land(repository, [seen(**TOPIC)])
    actions.decide([only()], "accepted", actor=alice, reason="a test cluster")
    settle_now(repository, at=NOON + DAY)
    assert Item.objects.get().settled_by == "accepted"


def test_two_priorities_of_a_rule_are_two_items(repository):
    land(repository, [seen(**TOPIC), seen("kafka/under-replicated-topic", key="local/x", priority="P2")])
    assert sorted(Item.objects.values_list("priority", flat=True)) == ["P0", "P2"]


def test_a_part_of_the_repository_belongs_to_its_own_team(repository, platform, other_team):
    actions.define_component(repository, "Parcels", team=other_team, paths=["/parcels/"], actor="test")
    land(repository, [seen(path="parcels/k8s/a.yaml", text="a"), seen(path="k8s/a.yaml", text="b")])
    owners = {i.checklist.team.slug: i.findings.get().occurrences.get().path for i in Item.objects.all()}
    assert owners == {"delivery": "parcels/k8s/a.yaml", "platform": "k8s/a.yaml"}


def test_each_batch_grades_component_repository_and_team(repository, platform):
    run = land(repository, [seen(**TOPIC)])
    subjects = set(Grade.objects.filter(run=run).values_list("subject", flat=True))
    component = repository.components.get().pk
    assert subjects == {f"component:{component}", f"repository:{repository.pk}", f"team:{platform.pk}"}
    grade = Grade.objects.get(run=run, subject=f"team:{platform.pk}")
    assert (grade.letter, grade.open_p0) == ("D", 1)


def test_without_a_complete_scan_there_is_no_grade(repository, platform):
    actions.track("https://git.example.com/b.git", team=platform, actor="test", slug="b")
    run = land(repository, [seen(**TOPIC)])
    assert not Grade.objects.filter(run=run, subject=f"team:{platform.pk}").exists()


def test_undo_takes_items_and_placements_back(repository):
    run = land(repository, [seen(**TOPIC)])
    actions.undo(run, actor="test")
    assert not Item.objects.exists()
    assert not Placement.objects.exists()
    assert not Link.objects.exists()


def test_an_attested_secret_settles_its_item_and_withdrawing_a_verdict_opens_it_again(repository, alice):
    land(repository, [seen("secrets/plaintext", "app.env", key="k1", at_head=False), seen(**TOPIC)])
    verdicts.attest(only(key="k1"), "rotated, OPS-1", actor=alice)
    secret = Item.objects.get(findings__key="k1")
    assert (secret.settled_by, secret.attested_by) == ("attested", alice.email)
    verdicts.decide([only(key="main/orders")], "accepted", actor=alice, reason="a test cluster")
    verdicts.withdraw([only(key="main/orders")], actor=alice)
    assert Item.objects.get(findings__key="main/orders").settled_at is None
