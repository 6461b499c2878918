"""From an observation to a finding and back: apply, close with evidence, come back, hold, undo."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from findings import actions
from findings.actions.undo import Overtaken
from findings.core.types import Coverage, Drift, LineMap
from findings.models import Change, Event, Evidence, Finding, Occurrence
from tests.cast import NOON, change, land, only, seen

pytestmark = pytest.mark.django_db
TOPIC = {"rule": "kafka/under-replicated-topic", "key": "main/orders"}


def test_a_first_batch_makes_one_finding_for_each_subject(repository):
    land(repository, [seen(**TOPIC), seen(**TOPIC, path="k8s/b.yaml"), seen(line=9)])
    topic = only(key="main/orders")
    assert topic.state == "open"
    assert sorted(topic.occurrences.values_list("path", flat=True)) == ["k8s/a.yaml", "k8s/b.yaml"]
    assert Finding.objects.count() == 2


def test_the_same_batch_again_changes_nothing(repository):
    land(repository, [seen(**TOPIC), seen(line=9)])
    run = land(repository, [seen(**TOPIC), seen(line=9)])
    assert (run.counts["new"], run.counts["again"], run.counts["fixed"]) == (0, 2, 0)
    assert not Change.objects.filter(run=run, table__in=["findings.Finding", "findings.Occurrence"]).exists()


def test_moved_lines_keep_the_finding_and_take_the_new_lines(repository):
    land(repository, [seen(line=9, text="x")])
    drift = Drift(lines={"k8s/a.yaml": LineMap(((0, 0, 1, 50),))})
    land(repository, [seen(line=59, text="x")], drift=drift)
    assert Occurrence.objects.get().line == 59
    assert Occurrence.objects.get().moved == 50


def test_a_closed_finding_keeps_evidence_and_comes_back_as_itself(repository):
    land(repository, [seen(**TOPIC)])
    fixed = land(repository, [])
    topic = only(key="main/orders")
    assert (topic.state, topic.evidence.commit) == ("fixed", fixed.commit)
    back = land(repository, [seen(**TOPIC)], at=NOON + timedelta(days=30))
    topic.refresh_from_db()
    assert (topic.state, topic.reopened, topic.evidence) == ("open", 1, None)
    assert Event.objects.filter(verb="came back", run_ref=back.pk, subject=f"finding:{topic.pk}").exists()


def test_a_closing_without_grounds_is_not_written(repository):
    land(repository, [seen(**TOPIC)])
    land(repository, [seen(line=1)], explain=False)
    assert only(key="main/orders").state == "open"


def test_a_batch_that_cannot_explain_itself_is_held(repository):
    land(repository, [seen(line=n, path=f"{n}.yaml") for n in range(1, 7)])
    run = land(repository, [], explain=False)
    assert (run.state, Finding.objects.filter(state="open").count()) == ("held", 6)


def test_what_was_not_readable_is_not_closed(repository):
    land(repository, [seen(**TOPIC)])
    coverage = Coverage(rules=frozenset({TOPIC["rule"]}), unreadable=frozenset({"k8s/a.yaml"}))
    land(repository, [], coverage=coverage)
    assert only(key="main/orders").state == "open"


def test_two_reopenings_in_two_weeks_stop_automation_until_a_person_looks(repository, alice):
    for day in (0, 2, 4):
        land(repository, [seen(**TOPIC)], at=NOON + timedelta(days=day))
        land(repository, [], at=NOON + timedelta(days=day + 1))
    topic = only(key="main/orders")
    assert (topic.flapping, topic.state) == (True, "open")
    actions.look_at(topic, actor=alice)
    land(repository, [seen(line=40)], at=NOON + timedelta(days=6))
    topic.refresh_from_db()
    assert topic.state == "fixed"


def test_a_secret_closes_only_when_rotated_and_gone(repository, alice):
    live = seen("secrets/plaintext", "app.env", key="k1")
    past = seen("secrets/plaintext", "app.env", key="k1", at_head=False)
    land(repository, [live])
    land(repository, [past])
    secret = only(key="k1")
    assert (secret.state, secret.at_head) == ("open", False)
    assert actions.attest(secret, "rotated, ticket 12", actor=alice) is True
    land(repository, [past])
    secret.refresh_from_db()
    assert secret.state == "fixed"


def test_a_rotated_secret_that_is_still_in_the_code_stays_open(repository, alice):
    land(repository, [seen("secrets/plaintext", "app.env", key="k1")])
    assert actions.attest(only(), "rotated", actor=alice) is False
    assert only().state == "open"
    land(repository, [seen("secrets/plaintext", "app.env", key="k1", at_head=False)])
    assert only().state == "fixed"


def test_undo_restores_every_row_but_events(repository):
    land(repository, [seen(**TOPIC), seen(line=9)])
    before = _snapshot()
    events = Event.objects.count()
    run = land(repository, [seen(line=12, path="new.yaml")])
    assert _snapshot() != before
    actions.undo(run, actor="test")
    assert _snapshot() == before
    assert Event.objects.count() > events


def test_undo_of_a_first_batch_leaves_nothing(repository):
    run = land(repository, [seen(**TOPIC)])
    actions.undo(run, actor="test")
    assert not Finding.objects.exists()


def test_undo_names_what_was_changed_since(repository, alice):
    run = land(repository, [seen(**TOPIC)])
    actions.assign([only()], alice, actor=alice)
    with pytest.raises(Overtaken) as refusal:
        actions.undo(run, actor="test")
    assert refusal.value.rows == [str(only())]


def test_the_database_refuses_to_close_without_evidence(repository):
    land(repository, [seen(**TOPIC)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.update(present=False, at_head=False)


def test_the_database_refuses_evidence_without_its_fields(repository):
    run = land(repository, [seen(**TOPIC)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(finding=only(), closes=True, kind="diff", run=run, commit="c", path="p", at=NOON)


def test_a_verdict_survives_scans_until_its_block_changes(repository, alice):
    land(repository, [seen(**TOPIC, text="replicas: 1")])
    actions.decide([only()], "false_positive", actor=alice, reason="test cluster")
    land(repository, [seen(**TOPIC, text="replicas: 1", line=70)])
    assert only().state == "false_positive"
    land(repository, [seen(**TOPIC, text="replicas: 2")])
    assert only().state == "open"


def _snapshot():
    fields = [f.attname for f in Finding._meta.concrete_fields]
    places = [f.attname for f in Occurrence._meta.concrete_fields]
    return (
        list(Finding.objects.order_by("pk").values(*fields)),
        list(Occurrence.objects.order_by("pk").values(*places)),
        list(Evidence.objects.order_by("pk").values()),
    )


def test_a_held_scan_closes_with_the_grounds_it_found_once_the_lead_accepts(repository, alice):
    land(repository, [seen(line=n, path=f"{n}.yaml") for n in range(1, 7)])
    run = land(repository, [], grounds={f.pk: change("c" * 40) for f in Finding.objects.all()}, explained=())
    assert run.state == "held"
    actions.accept(run, actor=alice, anyway=True)
    assert set(Finding.objects.values_list("state", "evidence__kind")) == {("fixed", "diff")}


def test_undo_of_a_scan_takes_its_grades_and_its_proof_back(repository):
    first = land(repository, [seen()])
    second = land(repository, [seen(), seen(line=9)])
    actions.undo(second, actor="test")
    repository.refresh_from_db()
    assert repository.proven_commit == first.commit
    assert not second.grades.exists()
