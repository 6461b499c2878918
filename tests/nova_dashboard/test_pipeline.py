"""The whole road with a real repository: a push arrives, a scan looks, findings close with proof and come back."""

import errno
from dataclasses import replace

import pytest

from findings import actions
from findings.core.rules import FAMILIES
from findings.models import Delivery, Event, Finding, Occurrence, Run, Scan
from nova_dashboard import pipeline
from remediation.models import Grade, Item
from tests.nova_dashboard.forge import PROTO, STRONG, WEAK, Forge

pytestmark = pytest.mark.django_db
PATH = "k8s/orders.yaml"
BROKEN = "  broken: [\n"


@pytest.fixture
def forge(tmp_path, platform) -> Forge:
    return Forge(tmp_path, platform)


@pytest.fixture
def scanned(forge) -> Forge:
    """A repository with one weak topic, scanned once."""
    forge.push("Add the topic", {PATH: WEAK, "README.md": "# Shop\n"})
    assert forge.scan().state == "done"
    return forge


def topic() -> Finding:
    return Finding.objects.get(rule__key="kafka/under-replicated-topic")


def item() -> Item:
    return Item.objects.get(findings=topic())


def test_a_rule_that_breaks_closes_nothing_and_is_told(scanned, monkeypatch):
    family = FAMILIES["kafka"]

    def judge(places, limits):
        raise ValueError

    scanned.push("Three copies of orders", {PATH: STRONG, "b.proto": PROTO})
    monkeypatch.setitem(FAMILIES, "kafka", replace(family, judge=judge))
    scan = scanned.scan()
    assert (scan.state, topic().state) == ("done", "open")
    assert [note["message"] for note in scan.notices] == [
        "kafka/under-replicated-topic: the rule failed on this tree, and closes nothing"
    ]
    assert Run.objects.first().state == "applied"
    assert Finding.objects.filter(rule__key="protobuf/unversioned-package").exists()
    monkeypatch.setitem(FAMILIES, "kafka", family)
    fix = scanned.push("Later", {"a.txt": "1\n"})
    scanned.scan()
    assert topic().state == "fixed"
    assert topic().evidence.commit != fix
    assert topic().evidence.subject == "Three copies of orders"


# The story


def test_a_first_scan_finds_plans_and_grades(scanned):
    found, scan = topic(), Scan.objects.get()
    assert (found.state, found.present, found.first_seen_commit) == ("open", True, scan.commit)
    assert found.occurrences.get().path == PATH
    assert "replicas: 1" in found.occurrences.get().excerpt
    assert (item().settled_at, item().priority) == (None, found.priority)
    assert scanned.repository.proven_commit == scanned.repository.remote_head == scan.commit
    assert scanned.repository.default_branch == "main"
    assert Grade.objects.filter(subject=f"repository:{scanned.repository.pk}", run=Run.objects.get()).exists()


def test_a_pushed_fix_closes_the_finding_with_the_change_that_did_it(scanned):
    fix = scanned.push("Three copies of orders", {PATH: STRONG})
    assert scanned.tell(fix).status_code == 202
    assert Scan.objects.filter(state="queued", kind="push").count() == 1
    assert scanned.scan().state == "done"
    proof = topic().evidence
    assert topic().state == "fixed"
    assert (proof.kind, proof.commit, proof.path, proof.subject) == ("diff", fix, PATH, "Three copies of orders")
    assert "-  replicas: 1" in proof.hunk
    assert "+  replicas: 3" in proof.hunk
    assert proof.author == "Ada Byron <ada@shop.test>"
    assert (item().settled_by, item().settled_commit) == ("proven", fix)


def test_the_commit_that_did_it_is_found_among_many(scanned):
    scanned.push("Before", {"a.txt": "1\n"})
    fix = scanned.push("The fix", {PATH: STRONG})
    last = scanned.push("After", {PATH: STRONG + "    retention.ms: 1000\n"})
    assert scanned.scan().commit == last
    assert topic().evidence.commit == fix


def test_a_revert_is_a_regression_with_the_commit_that_brought_it_back(scanned):
    scanned.push("Three copies of orders", {PATH: STRONG})
    scanned.scan()
    first = topic().pk
    scanned.push("Unrelated", {"a.txt": "1\n"})
    back = scanned.push("Revert", {PATH: WEAK})
    assert scanned.tell(back).status_code == 202
    scanned.scan()
    found = topic()
    assert (found.pk, found.state, found.reopened, found.evidence) == (first, "open", 1, None)
    proof = found.proofs.get(closes=False)
    assert (proof.commit, proof.subject) == (back, "Revert")
    event = Event.objects.get(verb="came back", subject=f"finding:{first}")
    assert event.after == {"commit": back}
    assert item().settled_at is None
    assert Event.objects.filter(verb="came back", subject=f"item:{item().pk}").exists()


def test_deleted_code_closes_as_deleted(scanned):
    gone = scanned.push("Drop orders", {PATH: None})
    scanned.scan()
    assert (topic().evidence.kind, topic().evidence.commit, topic().evidence.path) == ("deleted", gone, PATH)


def test_a_moved_file_keeps_its_finding(scanned):
    scanned.push("Move", {PATH: None, "deploy/orders.yaml": WEAK})
    scanned.scan()
    assert topic().state == "open"
    assert topic().occurrences.get(to_run=None).path == "deploy/orders.yaml"


def test_the_same_commit_again_changes_nothing(scanned):
    before = list(Finding.objects.values()), list(Occurrence.objects.values())
    scanned.scan()
    assert (list(Finding.objects.values()), list(Occurrence.objects.values())) == before
    assert Run.objects.first().counts["again"] == 1


# Deliveries


def test_a_delivery_that_comes_twice_is_one(scanned):
    fix = scanned.push("fix", {PATH: STRONG})
    assert scanned.tell(fix, delivery="d-1").status_code == 202
    assert scanned.tell(fix, delivery="d-1").status_code == 200
    assert (Delivery.objects.count(), Scan.objects.filter(state="queued").count()) == (1, 1)


def test_many_pushes_are_one_scan_of_the_newest(scanned):
    commits = [scanned.push(f"c{n}", {"a.txt": f"{n}\n"}) for n in range(6)]
    for commit in commits:
        assert scanned.tell(commit).status_code == 202
    assert Scan.objects.filter(state="queued").count() == 1
    assert scanned.scan().commit == commits[-1]


def test_another_branch_and_a_forged_delivery_scan_nothing(scanned):
    made = scanned.push("side", {PATH: STRONG}, branch="side")
    assert scanned.tell(made, branch="side").status_code == 200
    assert scanned.tell(made, secret="guess").status_code == 403
    assert not Scan.objects.filter(state="queued").exists()


# What proves nothing closes nothing


def test_a_file_that_stops_parsing_closes_nothing(scanned):
    scanned.push("Break it", {PATH: STRONG + BROKEN})
    scan = scanned.scan()
    assert scan.state == "done"
    assert topic().state == "open"
    assert scan.notices[0]["path"] == PATH


@pytest.mark.parametrize("scans", [1, 2], ids=["in one push", "with a scan between"])
def test_the_proof_spans_what_could_not_be_read(scanned, scans):
    scanned.push("Break it", {PATH: WEAK + BROKEN})
    scanned.push("Break it more", {PATH: STRONG + BROKEN})
    if scans == 2:
        scanned.scan()
    mend = scanned.push("Mend it", {PATH: STRONG})
    scanned.push("After", {PATH: STRONG + "    retention.ms: 1000\n"})
    scanned.scan()
    proof = topic().evidence
    assert (topic().state, proof.commit) == ("fixed", mend)
    assert "-  replicas: 1" in proof.hunk
    assert "broken" not in proof.hunk


def test_a_history_that_shares_nothing_closes_nothing_en_masse(forge):
    protos = {f"proto/p{n}.proto": PROTO.format(name=f"name{n}").replace("shop", f"shop{n}") for n in range(6)}
    forge.push("All", protos | {PATH: WEAK})
    forge.scan()
    assert Finding.objects.filter(state="open").count() == 7
    forge.work.git("checkout", "-q", "--orphan", "other")
    forge.push("Another project", dict.fromkeys([*protos, PATH]) | {"README.md": "# Other\n"})
    scan = forge.scan()
    assert scan.state == "done"
    assert Finding.objects.filter(state="fixed").count() == 0
    assert Run.objects.first().state == "held"


def test_a_rewritten_history_with_the_same_tree_changes_nothing(scanned):
    before = topic().version
    scanned.work.git("checkout", "-q", "--orphan", "squashed")
    scanned.push("Squashed", {})
    assert scanned.scan().state == "done"
    assert (topic().state, topic().version) == ("open", before)


def test_a_repository_without_commits_is_a_clear_failure(forge):
    scan = forge.scan()
    assert (scan.state, scan.error) == ("failed", "The repository has no commit yet")


def test_a_repository_that_went_away_fails_and_closes_nothing(scanned):
    scanned.bare.rename(scanned.bare.with_name("gone.git"))
    scan = scanned.scan()
    assert scan.state == "failed"
    assert scan.error.startswith("git ")
    assert "\n" not in scan.error
    assert topic().state == "open"


def test_a_full_disk_is_told_and_the_next_scan_goes_on(scanned, monkeypatch):
    scanned.push("Fix it", {PATH: STRONG})

    def full(repository):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "refresh", full)
        scan = scanned.scan()
    assert (scan.state, scan.error, topic().state) == ("failed", pipeline.FULL, "open")
    assert scanned.scan().state == "done"
    assert topic().state == "fixed"


def test_an_older_commit_and_one_of_another_branch_are_refused(scanned):
    first = scanned.repository.proven_commit
    scanned.push("side", {PATH: STRONG}, branch="side")
    side = scanned.work.git("rev-parse", "HEAD")
    scanned.work.git("reset", "-q", "--hard", first)
    scanned.push("fix", {PATH: STRONG, "x": "1"})
    scanned.scan()
    for commit, why in ((first, "is older than"), (side, "is not on the branch 'main'")):
        scan, _made = actions.request_scan(scanned.repository, actor="test", commit=commit)
        pipeline.run_scan(scan.pk)
        scan.refresh_from_db()
        assert (scan.state, why in scan.error) == ("failed", True)
