"""Many findings that one run made are told by one event for each team, and each of them begins its history with it."""

from datetime import timedelta

import pytest

from findings import actions
from findings.actions import writing
from findings.models import Event, Finding
from remediation.core.digest import Outcome
from remediation.reads.digest import state_of
from tests.cast import NOON, land, only, seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_are_many(monkeypatch):
    monkeypatch.setattr(writing, "MANY", 3)


def many(start: int, count: int = 4):
    return [seen(path=f"k8s/f{n}.yaml", line_hash=f"{n:040x}") for n in range(start, start + count)]


def told_of(finding):
    return list(Event.objects.of_finding(finding.pk).values_list("verb", "run_ref"))


def test_each_begins_its_history_with_the_run_that_made_it(client, repository, alice):
    run = land(repository, many(0))
    assert {tuple(told_of(one)) for one in Finding.objects.all()} == {(("found together", run.pk),)}
    client.force_login(alice)
    page = client.get(Finding.objects.first().get_absolute_url()).content.decode()
    assert page.count("Found.") == 1


def test_few_have_an_event_each(repository):
    run = land(repository, many(0, 2))
    assert [told_of(one) for one in Finding.objects.all()] == [[("found", run.pk)]] * 2


def test_a_place_that_a_later_run_began_tells_nothing_of_what_that_run_found(repository):
    first = land(repository, [seen(path="k8s/old.yaml", line_hash="a" * 40, block_hash="b" * 40)])
    mover = only()
    moved = seen(path="k8s/new.yaml", line_hash="a" * 40, block_hash="b" * 40)
    second = land(repository, [moved, *many(0)])
    assert mover.occurrences.filter(from_run=second, to_run=None).exists()
    assert told_of(mover) == [("found", first.pk)]


def test_each_team_is_told_of_its_own(repository, platform, other_team):
    actions.define_component(repository, "warehouse", team=other_team, paths=["/warehouse/"], actor="test")
    run = land(repository, [*many(0, 3), seen(path="warehouse/a.yaml", line_hash="c" * 40)])
    events = Event.objects.filter(verb="found together", run_ref=run.pk)
    assert {e.team_ref: e.after["findings"] for e in events} == {platform.pk: 3, other_team.pk: 1}


def test_a_digest_names_each_once_and_not_what_was_taken_back(repository, alice, other_team):
    actions.define_component(repository, "warehouse", team=other_team, paths=["/warehouse/"], actor="test")
    run = land(repository, [*many(0, 3), seen(path="warehouse/a.yaml", line_hash="c" * 40)], at=NOON)
    day = timedelta(days=1)
    mine = Finding.objects.filter(component__team__slug="platform")
    news = [h for h in state_of(alice, NOON - day, NOON + day).happenings if h.outcome == Outcome.NEW]
    assert sorted(h.thing.subject for h in news) == sorted(f"finding:{f.pk}" for f in mine)
    actions.undo(run, actor=alice)
    assert not state_of(alice, NOON - day, NOON + day).happenings
