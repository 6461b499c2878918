"""A repository with a story of its own gets its past: told where nobody sees it, and taken over in one step."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from findings import actions
from findings.actions.undo import Overtaken
from findings.models import Event, Evidence, Finding, Occurrence, Repository, Run, Scan, Team
from nova_dashboard import past, pipeline, tasks
from remediation.models import Checklist, Grade, Item, Placement
from tests.cast import member
from tests.nova_dashboard.forge import STRONG, WEAK, Forge
from tests.nova_dashboard.test_past import EMPTY, LEAK, PATH, Killed, interrupted, one_by_one, told
from tests.replay.chance import Chance
from tests.replay.player import Player
from tests.replay.world import SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    return Forge(tmp_path, platform)


def topic(forge: Forge) -> Finding:
    return Finding.objects.get(rule__key="kafka/under-replicated-topic", repository=forge.repository)


def sizes() -> Counter[str]:
    """How many rows there are of what a past aside is made of."""
    models = (Repository, Team, Checklist, Scan, Run, Finding, Occurrence, Evidence, Item, Placement)
    return Counter({model._meta.label: model._default_manager.count() for model in models})


def test_what_people_said_stays_and_the_dates_are_those_of_the_past(forge, platform, alice):
    first = forge.push("one", {PATH: WEAK, "deploy/app.env": LEAK})
    fix = forge.push("two", {PATH: STRONG})
    back = forge.push("three", {PATH: WEAK, "deploy/app.env": EMPTY})
    forge.scan()
    known = topic(forge)
    actions.decide([known], "accepted", actor=alice, reason="until spring")
    actions.assign([known], alice, actor=alice)
    actions.set_due([known], date(2030, 1, 1), actor=alice)
    leak = Finding.objects.get(rule__key=SECRET)
    actions.attest(leak, "rotated in OPS-1", actor=alice)
    scan = forge.past()
    assert (scan.state, scan.error, scan.commit, forge.repository.proven_commit) == ("done", "", back, back)
    found = topic(forge)
    assert (found.pk, found.state, found.owner, found.due) == (known.pk, "accepted", alice, date(2030, 1, 1))
    assert (found.first_seen_commit, found.first_seen_at.year, found.reopened) == (first, 2024, 1)
    assert [proof.commit for proof in found.proofs.order_by("pk")] == [fix, back]
    assert found.verdicts.get().reason == "until spring"
    leak.refresh_from_db()
    assert (leak.state, leak.rotated, leak.evidence.kind, leak.first_seen_commit) == ("fixed", True, "attested", first)


def test_what_was_over_before_the_first_scan_comes_along(forge):
    forge.push("one", {PATH: WEAK})
    fix = forge.push("two", {PATH: STRONG})
    forge.push("three", {"deploy/app.env": LEAK})
    forge.scan()
    assert Finding.objects.count() == 1
    forge.past()
    assert (topic(forge).state, topic(forge).evidence.commit, topic(forge).fixed_at.year) == ("fixed", fix, 2024)
    item = Item.objects.get(findings=topic(forge))
    assert (item.checklist.team.slug, item.settled_by, item.settled_commit) == ("platform", "proven", fix)
    verbs = Event.objects.about(f"finding:{topic(forge).pk}").values_list("verb", "at__year")
    assert list(verbs) == [("closed", 2024), ("found", 2024)]


def test_grades_begin_with_the_past_and_go_on_as_they_were_seen(forge):
    forge.push("one", {PATH: WEAK})
    forge.push("two", {"deploy/app.env": LEAK})
    forge.scan()
    subjects = {f"repository:{forge.repository.pk}", f"team:{forge.repository.components.get().team_id}"}
    seen = list(Grade.objects.filter(run__isnull=False).order_by("pk").values_list("pk", "score"))
    forge.past()
    assert [row for row in Grade.objects.order_by("pk").values_list("pk", "score") if row in seen] == seen
    for subject in subjects:
        years = (
            Grade.objects.filter(subject=subject, run__isnull=False).order_by("at").values_list("at__year", flat=True)
        )
        assert list(years)[:2] == [2024, 2024]
        assert list(years)[2:] == [timezone.now().year]
    named = {part["finding"] for grade in Grade.objects.all() for part in grade.parts}
    assert named == set(Finding.objects.values_list("pk", flat=True))


def test_nothing_is_left_of_what_was_told_aside(forge):
    forge.push("one", {PATH: WEAK})
    forge.push("two", {"a.txt": "2"})
    forge.scan()
    before = sizes()
    forge.past()
    new = sizes() - before
    assert set(new) == {"findings.Scan", "findings.Run"}
    assert not Repository.objects.exclude(aside_of=None).exists()


def test_nobody_sees_it_before_it_is_taken_over(forge, platform, alice, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    forge.push("two", {PATH: STRONG})
    forge.push("three", {"deploy/app.env": LEAK})
    forge.scan()
    seen: list[Any] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage == "past":
            rows = (Finding.objects, Run.objects, Repository.objects, Event.objects, Team.objects)
            seen.append([rows.visible_to(alice).count() for rows in rows])
            seen.append(Repository.objects.count())

    visible = [1, 1, 1, Event.objects.visible_to(alice).count() + 1, 1]
    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    assert pipeline.run_scan(scan.pk, look)
    assert seen == [visible, 2] * 3
    assert Finding.objects.visible_to(alice).count() == 2


def test_daily_work_and_polling_leave_it_alone(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    forge.push("two", {PATH: STRONG})
    forge.scan()
    interrupted(forge, 1)
    aside = Repository.objects.get(aside_of=forge.repository)
    forge.push("three", {"a.txt": "3"})
    tasks.daily()
    tasks.poll_heads()
    assert [scan.kind for scan in aside.scans.all()] == ["backfill"]
    assert not Grade.objects.filter(day__isnull=False, subject=f"team:{aside.components.get().team_id}").exists()


def test_a_push_that_arrives_meanwhile_waits(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: STRONG})
    forge.push("two", {PATH: WEAK})
    forge.scan()
    tried: list[Any] = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "past" and done == 1:
            tried.append(forge.tell(forge.push("three", {PATH: STRONG})).status_code)
            tried.append(pipeline.run_scan(forge.repository.scans.get(kind="push").pk))

    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    assert pipeline.run_scan(scan.pk, meanwhile)
    assert tried == [202, False]
    assert (forge.scan().kind, topic(forge).state) == ("push", "fixed")


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_killed_worker_is_followed_by_one_that_goes_on(forge, monkeypatch, after):
    one_by_one(monkeypatch)
    first = forge.push("one", {PATH: WEAK})
    fix = forge.push("two", {PATH: STRONG})
    back = forge.push("three", {PATH: WEAK})
    forge.scan()
    scan = interrupted(forge, after)
    assert (topic(forge).first_seen_at.year, topic(forge).reopened) == (timezone.now().year, 0)
    assert pipeline.run_scan(scan.pk)
    assert (topic(forge).first_seen_commit, topic(forge).reopened) == (first, 1)
    assert [proof.commit for proof in topic(forge).proofs.order_by("pk")] == [fix, back]
    assert Run.objects.filter(scan=scan).count() == 3


def test_a_worker_that_is_killed_while_it_takes_over_leaves_all_as_it_was(forge, monkeypatch):
    first = forge.push("one", {PATH: WEAK})
    forge.push("two", {"a.txt": "2"})
    forge.scan()
    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    whole = past.take_over

    def die(*args: Any, **more: Any) -> None:
        whole(*args, **more)
        raise Killed

    monkeypatch.setattr(past, "take_over", die)
    with pytest.raises(Killed):
        pipeline.run_scan(scan.pk)
    assert (Run.objects.filter(repository=forge.repository).count(), topic(forge).first_seen_commit != first) == (
        1,
        True,
    )
    monkeypatch.setattr(past, "take_over", whole)
    Scan.objects.filter(pk=scan.pk).update(lease=timezone.now() - timedelta(seconds=1))
    assert pipeline.run_scan(scan.pk)
    assert topic(forge).first_seen_commit == first


def test_another_day_begins_anew_and_the_same_goes_on(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    forge.push("two", {PATH: STRONG})
    forge.push("three", {PATH: WEAK})
    forge.scan()
    actions.fail(actions.claim(interrupted(forge, 1).pk), "no route to host")
    forge.push("four", {"a.txt": "4"})
    forge.scan()
    same = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    assert same.counts.get("at")
    actions.fail(actions.claim(same.pk), "no route to host")
    other = actions.request_past(forge.repository, since=date(2001, 1, 1), actor="test")
    assert (other.counts["since"], other.counts.get("at", "")) == ("2001-01-01", "")
    assert pipeline.run_scan(other.pk)
    assert topic(forge).reopened == 1


def test_no_run_can_be_undone_past_it(forge):
    forge.push("one", {PATH: WEAK})
    forge.push("two", {PATH: STRONG})
    forge.push("three", {PATH: WEAK})
    forge.scan()
    forge.past()
    before = told(forge.repository)
    for run in Run.objects.filter(repository=forge.repository, state="applied"):
        with pytest.raises(Overtaken):
            actions.undo(run, actor="test")
    assert told(forge.repository) == before


def test_the_next_push_goes_on_from_there_and_can_be_undone(forge):
    forge.push("one", {PATH: WEAK})
    forge.push("two", {"a.txt": "2"})
    forge.scan()
    forge.past()
    fix = forge.push("three", {PATH: STRONG})
    forge.scan()
    assert (topic(forge).state, topic(forge).evidence.commit) == ("fixed", fix)
    actions.undo(Run.objects.latest("pk"), actor="test")
    assert topic(forge).state == "open"


def test_parts_go_to_the_teams_that_own_them(forge, platform, other_team):
    charlie = member(other_team, "charlie", "lead")
    actions.define_component(forge.repository, "Orders", team=other_team, paths=["k8s/"], actor="test")
    forge.push("one", {PATH: WEAK, "deploy/app.env": LEAK})
    forge.push("two", {PATH: STRONG})
    forge.push("three", {PATH: WEAK})
    forge.scan()
    before = topic(forge)
    forge.past()
    assert list(Finding.objects.visible_to(charlie)) == [before]
    assert topic(forge).component.team == other_team
    assert Grade.objects.filter(subject=f"team:{other_team.pk}", at__year=2024).exists()
    assert sorted(Team.objects.values_list("slug", flat=True)) == ["delivery", "platform"]


@pytest.mark.parametrize("seed", [5, 17])
def test_it_is_the_past_that_would_have_been_told_before(tmp_path, platform, seed):
    player = Player(tmp_path, platform)
    chance = Chance(player, seed)
    chance.start()
    player.commit("Start")
    for _ in range(12):
        player.commit(chance.change())
    player.forge.work.git("push", "-q", "--force", str(player.forge.bare), "HEAD:refs/heads/main")
    player.forge.scan()
    for _ in range(3):
        for _ in range(4):
            player.commit(chance.change())
        player.forge.work.git("push", "-q", "--force", str(player.forge.bare), "HEAD:refs/heads/main")
        player.forge.scan()
    known = set(Finding.objects.values_list("pk", flat=True))
    watched = player.forge.repository
    assert player.forge.past().state == "done"
    assert known <= set(Finding.objects.values_list("pk", flat=True))
    player.forge.repository = actions.track(str(player.forge.bare), team=platform, actor="test", slug="again")
    assert player.forge.past().state == "done"
    assert told(watched) == told(player.forge.repository)
