"""Evidence: the commit that ended a finding or brought it back, and a hunk that shows no secret."""

import pytest

from findings.core.lineage import Turn
from findings.core.types import Known, Reason
from findings.evidence import Evidence, Subject
from findings.git import Mirror
from findings.scanner import MemoryStore, scan
from tests.findings.git_repo import Repo

KEY = b"a key for tests"
REAL = "kX9-thirteen!"
LOCKED = "use redis;\n\nstruct Cache {\n    pool: Arc<Mutex<ConnectionManager>>,\n}\n"
FREE = "use redis;\n\nstruct Cache {\n    pool: ConnectionManager,\n}\n"


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


@pytest.fixture
def evidence(repo):
    return Evidence(Mirror(repo.path), MemoryStore(), KEY)


def subject(repo, rule):
    mirror = Mirror(repo.path)
    seen = scan(mirror, mirror.resolve("HEAD"), MemoryStore(), KEY).batch.observations
    (found,) = [one for one in seen if one.rule == rule]
    return Subject(rule, found.path, found.key, found.line_hash, found.block_hash)


def test_the_commit_that_fixed_a_line_is_found_among_others_that_touched_the_file(repo, evidence):
    old = repo.commit("start", {"a/src/lib.rs": LOCKED})
    what = subject(repo, "rust/mutex-wrapped-connection")
    repo.commit("comment", {"a/src/lib.rs": "// cache\n" + LOCKED})
    fix = repo.commit("Share the connection", {"a/src/lib.rs": "// cache\n" + FREE})
    repo.commit("later", {"a/src/lib.rs": "// the cache\n" + FREE})
    new = repo.commit("elsewhere", {"x.txt": "x"})
    change = evidence.fixed_by(old, new, what)
    assert (change.commit.sha, change.commit.subject, change.path) == (fix, "Share the connection", "a/src/lib.rs")
    assert "-    pool: Arc<Mutex<ConnectionManager>>," in change.hunk
    assert not change.deleted


def test_an_index_that_a_later_file_drops_is_shown_by_that_file(repo, evidence):
    old = repo.commit("start", {"m/1.sql": "CREATE TABLE t (ok boolean);\nCREATE INDEX t_ok ON t (ok);\n"})
    what = subject(repo, "postgres/low-cardinality-index")
    repo.commit("more", {"m/2.sql": "ALTER TABLE t ADD n int;\n"})
    fix = repo.commit("drop it", {"m/3.sql": "DROP INDEX t_ok;\n"})
    change = evidence.fixed_by(old, fix, what)
    assert (change.commit.sha, change.path, change.deleted) == (fix, "m/3.sql", False)
    assert "+DROP INDEX t_ok;" in change.hunk


def test_replicas_that_an_overlay_sets_are_shown_by_that_overlay(repo, evidence):
    web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: "
    pods = "\n  template: {spec: {containers: [{name: web, image: web}]}}\n"
    base = {"base/web.yaml": f"{web}1{pods}", "base/kustomization.yaml": "resources: [web.yaml]\n"}
    overlay = "resources: [../../base]\n"
    old = repo.commit("start", {**base, "overlays/prod/kustomization.yaml": overlay})
    what = subject(repo, "kubernetes/single-replica-service")
    more = f"{overlay}patches: [{{path: two.yaml}}]\n"
    fix = repo.commit("two", {"overlays/prod/kustomization.yaml": more, "overlays/prod/two.yaml": f"{web}2\n"})
    assert evidence.fixed_by(old, fix, what).commit.sha == fix


def test_a_deleted_file_is_evidence_of_its_own_kind(repo, evidence):
    old = repo.commit("start", {"a/src/lib.rs": LOCKED})
    what = subject(repo, "rust/mutex-wrapped-connection")
    gone = repo.commit("drop", {"a/src/lib.rs": None})
    change = evidence.fixed_by(old, gone, what)
    assert (change.commit.sha, change.deleted, change.hunk) == (gone, True, "")


def test_a_fix_after_a_rename_is_found_under_the_new_name(repo, evidence):
    body = LOCKED + "".join(f"// {number}\n" for number in range(30))
    old = repo.commit("start", {"a/src/lib.rs": body})
    what = subject(repo, "rust/mutex-wrapped-connection")
    repo.commit("rename", {"a/src/lib.rs": None, "b/src/lib.rs": body})
    fix = repo.commit("fix", {"b/src/lib.rs": body.replace("Arc<Mutex<ConnectionManager>>", "ConnectionManager")})
    assert evidence.fixed_by(old, fix, what).commit.sha == fix


def test_the_last_of_several_fixes_counts(repo, evidence):
    old = repo.commit("start", {"a/src/lib.rs": LOCKED})
    what = subject(repo, "rust/mutex-wrapped-connection")
    repo.commit("fix", {"a/src/lib.rs": FREE})
    repo.commit("revert", {"a/src/lib.rs": LOCKED})
    last = repo.commit("fix again", {"a/src/lib.rs": FREE})
    assert evidence.fixed_by(old, last, what).commit.sha == last


def test_the_commit_that_brought_a_finding_back_is_named(repo, evidence):
    repo.commit("start", {"o/kustomization.yaml": "patches:\n" + "- path: p\n" * 6})
    what = subject(repo, "kustomize/patch-sprawl")
    clean = repo.commit("fix", {"o/kustomization.yaml": "patches: []\n"})
    repo.commit("other", {"x": "x"})
    back = repo.commit("Patch it again", {"o/kustomization.yaml": "patches:\n" + "- path: p\n" * 7})
    change = evidence.returned(Turn(back, clean, Known(1, 0, what.rule, what.path), Reason.FIXED, 3))
    assert change.commit.sha == back
    assert "+- path: p" in change.hunk
    assert evidence.fixed_by(clean, back, what) is None


def test_the_first_commit_neither_fixes_anything_nor_brings_it_back(repo, evidence):
    first = repo.commit("start", {"a.proto": "package shop;\n"})
    what = subject(repo, "protobuf/unversioned-package")
    assert evidence.fixed_by("", first, what) is None
    assert evidence.returned(Turn(first, "", Known(1, 0, what.rule, what.path), Reason.FIXED, 1)) is None


def test_a_fix_in_another_file_is_found_by_what_the_rule_sees(repo, evidence):
    alias = "pub type SharedConn = Arc<Mutex<ConnectionManager>>;\n"
    use = "use crate::SharedConn;\nstruct A {\n    conn: SharedConn,\n}\n"
    old = repo.commit("start", {"a/src/lib.rs": alias, "a/src/user.rs": use})
    mirror = Mirror(repo.path)
    seen = scan(mirror, old, MemoryStore(), KEY).batch.observations
    found = next(one for one in seen if one.path == "a/src/user.rs")
    repo.commit("touch", {"a/src/user.rs": use + "// more\n"})
    fix = repo.commit("fix", {"a/src/lib.rs": "pub type SharedConn = ConnectionManager;\n"})
    new = repo.commit("other", {"x.txt": "x"})
    change = evidence.fixed_by(old, new, Subject(found.rule, found.path, "", found.line_hash, found.block_hash))
    assert (change.commit.sha, change.path) == (fix, "a/src/lib.rs")


def test_a_merge_is_the_commit_of_the_first_parent_line(repo, evidence):
    old = repo.commit("start", {"a.proto": "package shop;\n"})
    what = subject(repo, "protobuf/unversioned-package")
    repo.git("checkout", "-qb", "side")
    repo.commit("fix", {"a.proto": "package shop.v1;\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("other", {"x": "x"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    change = evidence.fixed_by(old, repo.git("rev-parse", "HEAD"), what)
    assert change.commit.subject == "Merge side"
    assert "+package shop.v1;" in change.hunk


def test_hunks_show_no_value_of_either_side_even_where_the_hunk_alone_would_not_tell(repo, evidence):
    before = (
        f"env:\n  - name: DB_PASSWORD\n    # one\n    # two\n    # three\n    # four\n    value: {REAL}\n    extra: 1\n"
    )
    after = before.replace(REAL, "Zr8mT2wQ5yB1nV7c").replace("extra: 1", "extra: 2")
    old = repo.commit("one", {"k8s/d.yaml": before})
    new = repo.commit("two", {"k8s/d.yaml": after})
    hunk = evidence.hunk(old, new, "k8s/d.yaml")
    assert "+    extra: 2" in hunk
    assert REAL not in hunk
    assert "Zr8mT2wQ5yB1nV7c" not in hunk
    assert hunk.count("•") >= 16


def test_a_file_too_large_to_be_redacted_shows_no_hunk(repo):
    old = repo.commit("one", {"a.txt": "x\n" * 99})
    new = repo.commit("two", {"a.txt": "y\n" * 9999})
    evidence = Evidence(Mirror(repo.path), MemoryStore(), KEY)
    assert evidence.hunk(old, new, "a.txt")
    small = Evidence(Mirror(repo.path), MemoryStore(), KEY, evidence.limits.__class__(blob_bytes=1000))
    assert small.hunk(old, new, "a.txt") == ""
