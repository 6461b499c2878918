"""The past of a repository: told once, in order, with the dates of its commits, whoever is killed on the way."""

from collections import Counter
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from findings import actions
from findings.models import Finding, Occurrence, Repository, Run, Scan
from nova_dashboard import past, pipeline
from remediation.models import Grade, Item
from tests.nova_dashboard.forge import STRONG, WEAK, Forge
from tests.replay.chance import Chance
from tests.replay.player import Player
from tests.replay.world import SECRET

pytestmark = pytest.mark.django_db
PATH = "k8s/orders.yaml"
LEAK, EMPTY = "DB_PASSWORD=kX9-thirteen!zz\n", "DB_PASSWORD=\n"


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    return Forge(tmp_path, platform)


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction for each commit."""
    monkeypatch.setattr(past, "CHUNK", 0.0)
    monkeypatch.setattr(past, "LONG", 0)


def topic() -> Finding:
    return Finding.objects.get(rule__key="kafka/under-replicated-topic")


def test_the_past_is_told_in_order_with_its_own_dates(forge):
    forge.push("one", {PATH: WEAK})
    fix = forge.push("two", {PATH: STRONG})
    back = forge.push("three", {PATH: WEAK})
    scan = forge.past()
    assert (scan.state, scan.commit, forge.repository.proven_commit) == ("done", back, back)
    found = topic()
    assert (found.state, found.reopened, found.first_seen_at.year) == ("open", 1, 2024)
    assert found.proofs.get(closes=True).commit == fix
    assert found.proofs.get(closes=False).commit == back
    assert set(Grade.objects.values_list("at__year", flat=True)) == {2024}


@pytest.mark.parametrize("road", ["pushes", "past"])
def test_the_file_that_did_it_is_shown_though_its_own_changed_too(forge, road):
    """The base says one copy and gets a label, the overlay sets the number."""
    web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {team: %s}}\nspec:\n  replicas: 1\n"
    web += "  selector: {matchLabels: {app: web}}\n  template: {spec: {containers: [{name: web, image: web}]}}\n"
    base, prod = "base/web.yaml", "overlays/prod/kustomization.yaml"
    plain, sets = "resources: [../../base]\n", "resources: [../../base]\nreplicas: [{name: web, count: %d}]\n"
    states: list[dict[str, str | bytes | None]] = [
        {base: web % "a", "base/kustomization.yaml": "resources: [web.yaml]\n", prod: plain},
        {base: web % "b", prod: sets % 2, "base/api.yaml": web.replace("web", "api") % "a"},
        {base: web % "c", prod: sets % 1, "base/api.yaml": web.replace("web", "api") % "b"},
    ]
    commits = []
    for n, files in enumerate(states):
        commits.append(forge.push(f"c{n}", files))
        if road == "pushes":
            assert forge.scan().state == "done"
    if road == "past":
        assert forge.past().state == "done"
    proofs = Finding.objects.get(key="Deployment//web").proofs
    fixed, back = proofs.get(closes=True), proofs.get(closes=False)
    assert [(one.commit, one.path) for one in (fixed, back)] == [(commits[1], prod), (commits[2], prod)]
    assert "count: 2" in fixed.hunk
    assert "count: 1" in back.hunk


def test_commits_that_change_nothing_leave_no_run(forge):
    first = forge.push("one", {PATH: WEAK})
    commits = [forge.push(f"c{n}", {"a.txt": f"{n}"}) for n in range(4)]
    forge.past()
    assert list(Run.objects.order_by("pk").values_list("commit", flat=True)) == [first, commits[-1]]


def test_every_second_commit_still_ends_with_the_newest_and_names_the_one_that_did_it(forge):
    forge.push("one", {PATH: WEAK})
    forge.push("two", {"a.txt": "2"})
    fix = forge.push("three", {PATH: STRONG})
    forge.push("four", {"a.txt": "4"})
    scan = forge.past(every=2)
    assert (scan.counts["every"], topic().state, topic().evidence.commit) == (2, "fixed", fix)


def test_only_the_commits_since_a_day_are_told(forge):
    forge.push("one", {PATH: WEAK})
    scan = forge.past(since=date(2024, 3, 2))
    assert (scan.state, scan.error) == ("failed", "The branch has no commit since 2024-03-02")


def test_a_repository_that_is_scanned_before_its_past_is_begun_takes_it_over(forge):
    first = forge.push("one", {PATH: WEAK})
    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    live, _ = actions.request_scan(forge.repository, actor="test")
    assert pipeline.run_scan(live.pk)
    known = topic()
    assert pipeline.run_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.counts["aside"], topic().pk, topic().first_seen_commit) == ("done", True, known.pk, first)
    assert topic().first_seen_at < known.first_seen_at


def test_a_push_that_arrives_meanwhile_waits_and_is_scanned_afterwards(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    forge.push("two", {"a.txt": "2"})
    tried: list[Any] = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "past" and done == 1:
            tried.append(forge.tell(forge.push("three", {PATH: STRONG})).status_code)
            tried.append(pipeline.run_scan(forge.repository.scans.get(kind="push").pk))

    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    assert pipeline.run_scan(scan.pk, meanwhile)
    assert tried == [202, False]
    assert topic().state == "open"
    assert (forge.scan().kind, topic().state) == ("push", "fixed")


@pytest.mark.django_db(transaction=True)
def test_who_changes_an_item_meanwhile_is_not_overruled(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    forge.push("two", {PATH: STRONG})
    forge.push("three", {PATH: WEAK})
    heard: list[int] = []

    def attest() -> None:
        changes = {"settled_at": timezone.now(), "settled_by": "attested", "attestation": "seen", "version": 2}
        heard.append(Item.objects.update(attested_by="Ada", **changes))
        connection.close()

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "past" and done == 2 and not heard:
            somebody = Thread(target=attest)
            somebody.start()
            somebody.join()

    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    assert pipeline.run_scan(scan.pk, meanwhile)
    item = Item.objects.get(successor_of=None)
    assert heard == [1]
    assert (item.settled_by, item.attested_by, item.version) == ("attested", "Ada", 2)
    assert (topic().state, topic().reopened, Run.objects.count()) == ("open", 1, 3)


def test_two_cannot_be_asked_for_at_once(forge):
    actions.request_past(forge.repository, since=date(2024, 1, 1), actor="test")
    with pytest.raises(ValueError, match="already"):
        actions.request_past(forge.repository, since=date(2024, 1, 1), actor="test")
    assert Scan.objects.count() == 1


class Killed(BaseException):
    """What ends a worker without a word."""


def interrupted(forge: Forge, after: int) -> Scan:
    """A scan of the past whose worker dies after some commits, and whose lease ran out since."""

    def die(stage: str, done: int, total: int) -> None:
        if stage == "past" and done > after:
            raise Killed

    scan = actions.request_past(forge.repository, since=date(2000, 1, 1), actor="test")
    with pytest.raises(Killed):
        pipeline.run_scan(scan.pk, die)
    Scan.objects.filter(pk=scan.pk).update(lease=timezone.now() - timedelta(seconds=1))
    return scan


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_killed_worker_is_followed_by_one_that_goes_on(forge, monkeypatch, after):
    one_by_one(monkeypatch)
    first = forge.push("one", {PATH: WEAK, "deploy/app.env": LEAK})
    fix = forge.push("two", {PATH: STRONG, "deploy/app.env": EMPTY})
    forge.push("three", {"a.txt": "3"})
    back = forge.push("four", {PATH: WEAK})
    scan = interrupted(forge, after)
    scan.refresh_from_db()
    assert (scan.state, scan.counts.get("at", "") != "") == ("running", after > 0)
    assert pipeline.run_scan(scan.pk)
    found = topic()
    assert (found.first_seen_commit, found.reopened) == (first, 1)
    assert [proof.commit for proof in found.proofs.order_by("pk")] == [fix, back]
    leaked = Finding.objects.get(rule__key=SECRET)
    assert (leaked.present, leaked.at_head, leaked.first_seen_commit) == (True, False, first)
    assert Occurrence.objects.get(finding=leaked, to_run=None).from_run.commit == fix


def test_one_that_failed_goes_on_when_it_is_asked_for_again(forge, monkeypatch):
    one_by_one(monkeypatch)
    forge.push("one", {PATH: WEAK})
    fix = forge.push("two", {PATH: STRONG})
    scan = interrupted(forge, 1)
    actions.fail(actions.claim(scan.pk), "no route to host")
    again = forge.past(since=date(2024, 3, 1))
    assert (again.state, again.counts["since"]) == ("done", "2000-01-01")
    assert (Finding.objects.count(), topic().evidence.commit) == (1, fix)


def test_a_secret_leaves_the_tree_on_the_day_it_left(forge):
    forge.push("one", {"app.env": LEAK})
    gone = forge.push("two", {"app.env": EMPTY})
    forge.push("three", {PATH: WEAK})
    forge.past()
    place = Occurrence.objects.get(finding__rule__key=SECRET, to_run=None)
    assert (place.at_head, place.from_run.commit) == (False, gone)


def told(repository: Repository) -> Counter[Any]:
    """The findings of a repository as who reads them cares: what, where, since when, ended by what."""
    rows = Finding.objects.filter(repository=repository).prefetch_related("proofs", "occurrences")
    return Counter(
        (
            f.rule_id,
            f.state,
            f.at_head,
            f.first_seen_commit,
            tuple(sorted((p.closes, p.kind, p.commit, p.path) for p in f.proofs.all())),
            tuple(sorted((o.path, o.line, o.at_head) for o in f.occurrences.all() if o.to_run_id is None)),
        )
        for f in rows
    )


def test_the_past_is_what_watching_it_would_have_said(tmp_path, platform):
    player = Player(tmp_path, platform)
    chance = Chance(player, 7)
    chance.start()
    player.push("Start")
    for _ in range(25):
        player.push(chance.change())
    afterwards = actions.track(str(player.forge.bare), team=platform, actor="test", slug="again")
    watched = told(player.forge.repository)
    player.forge.repository = afterwards
    assert player.forge.past().state == "done"
    assert told(afterwards) == watched
