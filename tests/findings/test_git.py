"""Mirrors: what is read from a repository, and what a hostile one or address cannot do."""

import os
import subprocess
from pathlib import Path

import pytest

from findings.core.types import LineMap
from findings.git import GitError, Mirror
from findings.git.owners import codeowners
from tests.findings.git_repo import Repo

LIMIT = 1 << 20


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


@pytest.fixture
def mirror(repo):
    return Mirror(repo.path)


def test_a_mirror_is_fetched_bare_and_follows_deletions(repo, tmp_path):
    first = repo.commit("one", {"a.txt": "1\n"})
    repo.git("branch", "side")
    mirror = Mirror(tmp_path / "mirror.git")
    mirror.create()
    mirror.fetch(str(repo.path), ["file"])
    assert mirror.resolve("main") == first
    assert mirror.resolve("side") == first
    assert not (tmp_path / "mirror.git" / "a.txt").exists()
    repo.git("branch", "-D", "side")
    second = repo.commit("two", {"a.txt": "2\n"})
    mirror.fetch(str(repo.path), ["file"])
    assert mirror.resolve("main") == second
    with pytest.raises(GitError, match="no commit 'side'"):
        mirror.resolve("side")


def test_only_the_named_protocols_are_spoken(repo, tmp_path):
    repo.commit()
    mirror = Mirror(tmp_path / "m.git")
    mirror.create()
    with pytest.raises(GitError, match="file"):
        mirror.fetch(str(repo.path), ["https"])
    with pytest.raises(GitError, match="ext"):
        mirror.fetch(f"ext::sh -c touch% {tmp_path}/owned", ["https", "file"])
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("url", ["--upload-pack=touch owned", "-c", "", "https://a\nb"])
def test_an_address_cannot_be_an_option(tmp_path, url):
    mirror = Mirror(tmp_path / "m.git")
    mirror.create()
    with pytest.raises(GitError, match="address"):
        mirror.fetch(url, ["file"])
    with pytest.raises(GitError, match="address"):
        mirror.remote_head(url, ["file"])
    assert not (tmp_path / "m.git" / "owned").exists()


@pytest.mark.parametrize("revision", ["--help", "--all", "nothing", "HEAD:a.txt", "", "main --all"])
def test_a_revision_that_is_no_commit_is_refused_in_one_line(repo, mirror, revision):
    repo.commit("x", {"a.txt": "x"})
    with pytest.raises(GitError, match="There is no commit"):
        mirror.resolve(revision)


@pytest.mark.parametrize("revision", ["main", "HEAD", "HEAD~1", "v1"])
def test_branches_tags_and_expressions_are_resolved(repo, mirror, revision):
    repo.commit("x")
    repo.commit("y")
    repo.git("tag", "-a", "v1", "-m", "tag")
    assert len(mirror.resolve(revision)) == 40


def test_names_that_are_no_hashes_are_refused_where_a_hash_is_meant(repo, mirror):
    repo.commit()
    for call in (mirror.tree, mirror.commit, lambda name: list(mirror.read([name], LIMIT))):
        with pytest.raises(GitError, match="full object name"):
            call("--output=/tmp/x")


def test_an_error_does_not_show_the_login_of_an_address(tmp_path):
    mirror = Mirror(tmp_path / "m.git", timeout=20)
    mirror.create()
    with pytest.raises(GitError) as error:
        mirror.fetch("http://ada:kX9-thirteen@127.0.0.1:9/x.git", ["http"])
    assert "kX9" not in str(error.value)
    assert "\n" not in str(error.value)


def test_the_head_of_a_remote_is_asked_for_without_a_fetch(repo, tmp_path):
    head = repo.commit()
    repo.git("branch", "next")
    mirror = Mirror(tmp_path / "m.git")
    mirror.create()
    assert mirror.remote_head(str(repo.path), ["file"]) == ("main", head)
    assert mirror.remote_head(str(repo.path), ["file"], "next") == ("next", head)
    assert mirror.remote_head(str(repo.path), ["file"], "gone") == ("", "")


def test_a_tree_names_links_and_submodules_without_following_them(repo, mirror):
    (repo.path / "link").symlink_to("/etc/passwd")
    inner = repo.commit("one", {"a.txt": "text"})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{inner},sub")
    repo.git("commit", "-qm", "sub")
    tree = mirror.tree(mirror.resolve("HEAD"))
    assert [(entry.path, entry.size) for entry in tree.entries] == [("a.txt", 4)]
    assert dict(tree.skipped) == {"link": "a symbolic link", "sub": "a submodule"}


def test_paths_that_are_not_utf_8_survive_every_question(repo, mirror):
    raw = b'caf\xe9 \n"q".txt'
    path = Path(os.fsdecode(os.fsencode(repo.path) + b"/" + raw))
    path.write_bytes(b"one\ntwo\n")
    old = repo.commit("odd")
    path.write_bytes(b"zero\none\ntwo\n")
    new = repo.commit("odder")
    (entry,) = mirror.tree(new).entries
    assert entry.path == 'caf\\xe9 \n"q".txt'
    assert mirror.line_maps(old, new) == {entry.path: LineMap(((0, 0, 1, 1),))}
    assert "+zero" in mirror.hunk(old, new, entry.path)
    assert mirror.first_parent(old, new, [entry.path]) == [new]
    assert mirror.blob_at(new, entry.path, LIMIT).data == b"zero\none\ntwo\n"
    assert {past.path for past in mirror.history_blobs(new)} == {entry.path}


def test_blobs_are_read_in_order_and_the_rest_is_said(repo, mirror):
    repo.commit("x", {"a": "small", "b": "large" * 100, "c": "", "d": "after"})
    names = {entry.path: entry.sha for entry in mirror.tree(mirror.resolve("HEAD")).entries}
    got = list(mirror.read([names["a"], names["b"], "0" * 40, names["c"], names["d"]], 100))
    assert [content.data for content in got] == [b"small", None, None, b"", b"after"]
    assert "larger than 100 bytes" in got[1].reason
    assert "missing" in got[2].reason


def test_reading_may_stop_early(repo, mirror):
    repo.commit("x", {f"f{number}": str(number) * 9999 for number in range(50)})
    names = [entry.sha for entry in mirror.tree(mirror.resolve("HEAD")).entries]
    assert next(mirror.read(names, LIMIT)).data == b"0" * 9999


def test_history_has_each_blob_once_with_its_first_commit_and_path(repo, mirror):
    first = repo.commit("one", {"a": "A", "b": "B"})
    second = repo.commit("two", {"a": "A2", "copy": "B"})
    third = repo.commit("three", {"a": None})
    assert [(past.path, past.commit) for past in mirror.history_blobs(third)] == [
        ("a", first),
        ("b", first),
        ("a", second),
    ]
    assert [past.path for past in mirror.history_blobs(third, since=[first])] == ["a", "copy"]
    known = {past.sha for past in mirror.history_blobs(first)}
    assert [past.commit for past in mirror.history_blobs(third, known)] == [second]
    assert list(mirror.history_blobs(third, since=[third])) == []


def test_history_sees_side_branches_merges_and_on_demand_other_branches(repo, mirror):
    repo.commit("one", {"a": "A"})
    repo.git("checkout", "-qb", "side")
    repo.commit("side", {"s": "S"})
    repo.commit("side gone", {"s": None})
    repo.git("checkout", "-q", "main")
    repo.commit("two", {"b": "B"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    head = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-qb", "other")
    repo.commit("other", {"o": "O"})
    assert {past.path for past in mirror.history_blobs(head)} == {"a", "b", "s"}
    assert {past.path for past in mirror.history_blobs(head, all_refs=True)} == {"a", "b", "s", "o"}


def test_files_that_are_too_large_to_be_compared_are_renamed_where_they_did_not_change(repo, mirror, monkeypatch):
    monkeypatch.setattr("findings.git.streams.MEMORY", 32 << 20)
    large = b"0" * (64 << 20)
    first = repo.commit("one", {"a": large, "same": b"1" + large})
    second = repo.commit("two", {"b": large + b"1", "moved": b"1" + large, "a": None, "same": None})
    # The limit is set on a git that runs already: on a busy machine one may be through before.
    assert any(mirror.renames(first, second) == {"same": "moved"} for _ in range(3))


def test_files_that_nobody_reads_are_not_compared_line_by_line(repo, mirror):
    large = b"a line of a log\n" * (17 << 16)
    old = repo.commit("one", {"a.log": large, "b.txt": "1\n"})
    new = repo.commit("two", {"a.log": b"new\n" + large, "b.txt": "0\n1\n"})
    with mirror.session() as session:
        for place in (mirror, session):
            assert place.line_maps(old, new) == {"b.txt": LineMap(((0, 0, 1, 1),))}
            assert place.line_maps(old, new, ["a.log", "b.txt"]) == {"b.txt": LineMap(((0, 0, 1, 1),))}
            assert "+0\n" in place.hunk(old, new, "b.txt")
            assert "@@" not in place.hunk(old, new, "a.log")


def test_renames_and_where_lines_went(repo, mirror):
    text = "".join(f"line {number}\n" for number in range(20))
    old = repo.commit("one", {"a/x.txt": text, "y.txt": "y\n", "z.txt": "z\n"})
    new = repo.commit("two", {"a/x.txt": None, "b/x.txt": "new\n" + text, "y.txt": "Y\n", "z.txt": None})
    assert mirror.renames(old, new) == {"a/x.txt": "b/x.txt"}
    assert mirror.line_maps(old, new) == {"b/x.txt": LineMap(((0, 0, 1, 1),)), "y.txt": LineMap(((1, 1, 1, 1),))}
    assert set(mirror.changes(old, new)) == {("D", "a/x.txt"), ("A", "b/x.txt"), ("M", "y.txt"), ("D", "z.txt")}


def test_first_parents_oldest_first_and_by_path(repo, mirror):
    first = repo.commit("one", {"a": "1"})
    second = repo.commit("two", {"b": "1"})
    third = repo.commit("three", {"a": "2"})
    assert mirror.first_parent(first, third) == [second, third]
    assert mirror.first_parent(first, third, ["a"]) == [third]
    assert mirror.first_parent("", third) == [first, second, third]
    assert (mirror.parent(third), mirror.parent(first)) == (second, "")
    assert mirror.is_ancestor(first, third)
    assert not mirror.is_ancestor(third, first)
    assert not mirror.is_ancestor("1" * 40, third)


def test_who_made_a_commit_and_when(repo, mirror):
    name = repo.commit("Give orders a volume\n\nBody.")
    commit = mirror.commit(name)
    assert (commit.sha, commit.author, commit.email) == (name, "Ada Byron", "ada@shop.test")
    assert (commit.date, commit.subject) == ("2024-03-01T10:01:00+02:00", "Give orders a volume")


def test_owners_are_read_from_where_a_forge_looks(repo, mirror):
    first = repo.commit("one", {"docs/CODEOWNERS": "* @docs\n"})
    second = repo.commit("two", {".github/CODEOWNERS": "* @shop\n"})
    assert codeowners(mirror, first) == "* @docs\n"
    assert codeowners(mirror, second) == "* @shop\n"
    assert mirror.blob_at(second, "nothing", LIMIT) is None
    assert mirror.blob_at(second, "docs", LIMIT) is None


def test_a_pathspec_is_a_path_and_no_pattern(repo, mirror):
    old = repo.commit("one", {"a.txt": "1\n", ":(glob)*": "1\n"})
    new = repo.commit("two", {"a.txt": "2\n"})
    assert mirror.hunk(old, new, ":(glob)*") == ""
    assert mirror.hunk(old, new, "*") == ""


def test_the_repository_s_own_settings_run_nothing(repo, mirror, tmp_path):
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/owned\ncat\n")
    evil.chmod(0o755)
    for name in ("diff.external", "core.pager", "diff.x.textconv", "diff.x.command", "gpg.program", "core.fsmonitor"):
        repo.git("config", name, str(evil))
    repo.git("config", "log.showSignature", "true")
    old = repo.commit("one", {"a.txt": "1\n", ".gitattributes": "*.txt diff=x filter=x\n"})
    (tmp_path / "owned").unlink(missing_ok=True)
    repo.git("config", "filter.x.smudge", str(evil))
    (repo.path / "a.txt").write_text("2\n")
    blob = repo.git("hash-object", "-w", "--no-filters", "a.txt")
    tree = repo.git("mktree", data=f"100644 blob {blob}\ta.txt\n".encode())
    new = repo.git("commit-tree", tree, "-p", old, "-m", "two")
    (tmp_path / "owned").unlink(missing_ok=True)
    mirror.hunk(old, new, "a.txt")
    mirror.line_maps(old, new)
    mirror.commit(new)
    list(mirror.history_blobs(new))
    mirror.blob_at(new, "a.txt", LIMIT)
    assert not (tmp_path / "owned").exists()


def test_git_s_surroundings_do_not_lead_to_another_repository(repo, tmp_path, monkeypatch):
    repo.commit("x", {"a.txt": "x"})
    (repo.path / "folder").mkdir()
    other = Repo(tmp_path / "other")
    head = other.commit("y")
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    assert Mirror(other.path).resolve("HEAD") == head
    assert not Mirror(repo.path / "folder").exists()
    assert not Mirror(tmp_path / "nowhere").exists()


def test_a_partial_clone_says_what_is_missing_and_fetches_nothing(repo, tmp_path):
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit("x", {"a.txt": "text"})
    clone = tmp_path / "partial.git"
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(clone)], check=True
    )
    commit = Mirror(clone).resolve("HEAD")
    with Mirror(clone).apart() as mirror:
        (entry,) = mirror.tree(commit).entries
        (content,) = mirror.read([entry.sha], LIMIT)
    assert content.data is None
    assert entry.size == -1
    assert not mirror.path.exists()


def test_a_shallow_clone_is_known_as_one(repo, mirror, tmp_path):
    repo.commit("x")
    repo.commit("y")
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "s")], check=True)
    assert Mirror(tmp_path / "s").is_shallow()
    with Mirror(tmp_path / "s").apart() as apart:
        assert apart.is_shallow()
    assert not mirror.is_shallow()
