"""A mirror whose processes stay open answers as one that starts a process for each question."""

from itertools import pairwise

import pytest

from findings.core.paths import escape
from findings.git import EMPTY_TREE, GitError, Mirror
from findings.git.processes import RAW, Running
from tests.findings.git_repo import Repo

LIMIT = 1000
MISSING = "0" * 39 + "1"


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


@pytest.fixture
def session(repo):
    with Mirror(repo.path).session() as mirror:
        yield mirror


@pytest.fixture
def started(monkeypatch):
    """The git commands that were started, in order."""
    commands = []
    start, run, stream = Mirror._started, Mirror._run, Mirror._stream
    monkeypatch.setattr(Mirror, "_started", lambda self, *words: commands.append(words[0]) or start(self, *words))
    monkeypatch.setattr(
        Mirror, "_run", lambda self, *words, **more: commands.append(words[0]) or run(self, *words, **more)
    )
    monkeypatch.setattr(
        Mirror, "_stream", lambda self, *words, **more: commands.append(words[0]) or stream(self, *words, **more)
    )
    return commands


def odd_history(repo):
    """Commits with what paths and modes can be, a merge and a commit that changes nothing."""
    first = repo.commit("one", {"a.txt": "1\n", "b/c.txt": "2\n", "gone.txt": "3\n", "new\nline": "4\n"})
    (repo.path / "link").symlink_to("a.txt")
    repo.commit("two", {"gone.txt": None, b"caf\xe9".decode("utf-8", "surrogateescape"): "5\n", "b/c.txt": None})
    (repo.path / "b").rmdir()
    repo.commit("file for folder", {"b": "6\n"})
    repo.git("checkout", "-qb", "side", first)
    repo.commit("side", {"d.txt": "7\n"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    repo.commit("nothing")
    return repo.git("rev-list", "--reverse", "main").split()


def test_a_session_sees_the_changes_and_parents_that_single_commands_see(repo, session):
    commits, plain = odd_history(repo), Mirror(repo.path)
    for old in [EMPTY_TREE, *commits]:
        for new in commits:
            assert session.changes(old, new) == plain.changes(old, new)
            assert session.deltas(old, new) == plain.deltas(old, new)
    assert [session.parent(commit) for commit in commits] == [plain.parent(commit) for commit in commits]
    assert ("D", "gone.txt") in session.changes(commits[0], commits[-1])
    assert ("A", escape(b"caf\xe9")) in session.changes(commits[0], commits[-1])


def test_a_session_tells_of_commits_and_files_what_single_commands_tell(repo, session):
    commits, plain = odd_history(repo), Mirror(repo.path)
    paths = sorted({path for commit in commits for path in plain.paths(commit)} | {"b/none", "a.txt/none", "none"})
    for commit in commits:
        assert (session.commit(commit), session.has(commit)) == (plain.commit(commit), True)
        for path in paths:
            assert session.blob_at(commit, path, LIMIT) == plain.blob_at(commit, path, LIMIT)
            assert session.holds(commit, path) == plain.holds(commit, path)
    assert session.blob_at(EMPTY_TREE, "a.txt", LIMIT) is plain.blob_at(EMPTY_TREE, "a.txt", LIMIT) is None
    for old, new in pairwise(commits):
        assert session.first_parent(old, new) == plain.first_parent(old, new)
        assert session.line_maps(old, new, paths) == plain.line_maps(old, new, paths)
        assert [session.hunk(old, new, path) for path in paths] == [plain.hunk(old, new, path) for path in paths]
        assert session.hunk(EMPTY_TREE, new, "a.txt") == plain.hunk(EMPTY_TREE, new, "a.txt")
    with pytest.raises(GitError):
        session.blob_at(MISSING, "a.txt", LIMIT)
    assert not session.has(MISSING)
    assert not plain.has(MISSING)


def test_a_session_shows_patches_as_single_commands_do(repo, session):
    plain, text = Mirror(repo.path), "".join(f"{n}\n" for n in range(40))
    old = repo.commit(
        "one", {"a b.txt": text, "a": "diff --git a/c b/c\n", "c": "1", "moved": text + "x\n", "d": "1\n"}
    )
    (repo.path / "d").unlink()
    (repo.path / "d").symlink_to("c")
    new = repo.commit("two", {"a b.txt": text[10:], "a": "+++ b/c\n", "c": "2", "moved": None, "to": text + "x\n"})
    for path in ("a b.txt", "a", "c", "moved", "to", "d", "none"):
        assert session.hunk(old, new, path) == plain.hunk(old, new, path)
        assert session.line_maps(old, new, [path]) == plain.line_maps(old, new, [path])
    assert "-diff --git" in session.hunk(old, new, "a")
    assert session.hunk(old, new, "c").count("\n") > 5
    assert session.line_maps(old, new) == plain.line_maps(old, new)


def test_evidence_is_gathered_without_starting_anything(repo, started, session):
    commits = [repo.commit(str(number), {"deep/er/a.txt": f"{number}\n", "b.txt": "1\n"}) for number in range(9)]
    for old, new in pairwise(commits):
        assert session.hunk(old, new, "deep/er/a.txt")
        assert session.line_maps(old, new, ["deep/er/a.txt"])
        assert session.blob_at(new, "deep/er/a.txt", LIMIT)
        assert session.holds(new, "b.txt")
        assert session.commit(new).subject
        assert session.first_parent(old, new) == [new]
    assert len(started) <= 6


def test_a_session_reads_what_single_commands_read(repo, session):
    repo.commit("one", {"a.txt": "1\n", "big.txt": "x" * (LIMIT + 1), "empty": "", "nul": b"\0\n\0"})
    names = [entry.sha for entry in session.tree(repo.git("rev-parse", "HEAD")).entries]
    asked = [MISSING, *names, *names, MISSING]
    plain = Mirror(repo.path)
    assert list(session.read(asked, LIMIT)) == list(plain.read(asked, LIMIT))
    assert session.sizes(asked) == plain.sizes(asked)
    assert session.sizes(asked)[MISSING] == -1
    assert [content.data for content in session.read(names, LIMIT)] == [b"1\n", None, b"", b"\0\n\0"]


def test_a_walk_through_history_starts_three_processes(repo, started, session):
    commits = [repo.commit(str(number), {"a.txt": str(number)}) for number in range(20)]
    for old, new in pairwise(commits):
        assert session.parent(new) == old
        (change,) = session.deltas(old, new)
        assert session.sizes([change.new])[change.new] in (1, 2)
        (content,) = session.read([change.new], LIMIT)
        assert content.data
    assert sorted(started) == ["cat-file", "cat-file", "diff-tree"]


def test_an_answer_left_half_read_spoils_no_later_one(repo, session):
    repo.commit("one", {f"{number}.txt": f"{number}\n" * 50 for number in range(9)})
    names = [entry.sha for entry in session.tree(repo.git("rev-parse", "HEAD")).entries]
    for content in session.read(names, LIMIT):
        assert content.data
        break
    assert [content.data for content in session.read(names[-1:], LIMIT)] == [b"8\n" * 50]


def test_objects_fetched_later_are_seen(repo, session):
    old = repo.commit("one", {"a.txt": "1\n"})
    assert session.deltas(old, old) == []
    new = repo.commit("two", {"a.txt": "2\n"})
    repo.git("gc", "-q")
    (change,) = session.deltas(old, new)
    assert next(session.read([change.new], LIMIT)).data == b"2\n"


def test_a_process_that_dies_is_an_error_once(repo, session):
    old, new = repo.commit("one", {"a.txt": "1\n"}), repo.commit("two", {"a.txt": "2\n"})
    session.deltas(old, new)
    session._kept.differences.handle.proc.kill()
    session._kept.differences.handle.proc.wait()
    with pytest.raises(GitError, match="ended early"):
        session.deltas(new, old)
    assert [change.status for change in session.deltas(new, old)] == ["M"]


def test_a_commit_that_is_not_there_is_an_error_and_not_an_empty_answer(repo, session):
    new = repo.commit("one", {"a.txt": "1\n"})
    for mirror in (session, Mirror(repo.path)):
        with pytest.raises(GitError):
            mirror.deltas(MISSING, new)
        with pytest.raises(GitError):
            mirror.deltas(new, MISSING)


def test_many_steps_are_looked_at_ahead(repo, session):
    odd = "a\nb.txt"
    names = [repo.commit("one", {"a.txt": "1\n", odd: "1\n"})]
    names.append(repo.commit("two", {"a.txt": None, names[0]: "a file that is called as a commit\n"}))
    names.append(repo.commit("three", {"a.txt": "2\n", odd: "2\n"}))
    plain = Mirror(repo.path)
    blobs = session.look_ahead(names)
    process = session._kept._running[RAW].handle.proc
    process.kill()  # what was asked for ahead is known
    for old, new in pairwise(names):
        assert session.deltas(old, new) == plain.deltas(old, new)
    assert blobs == {
        delta.new for old, new in pairwise(names) for delta in plain.deltas(old, new) if int(delta.new, 16)
    }


def test_what_is_missing_is_not_known_ahead(repo, session):
    new = repo.commit("one", {"a.txt": "1\n"})
    assert session.look_ahead([MISSING, new]) == set()
    with pytest.raises(GitError):
        session.deltas(MISSING, new)


def test_a_process_that_says_nothing_is_ended(repo):
    mirror = Mirror(repo.path)
    running = Running(lambda: mirror._started("cat-file", "--batch"), timeout=0.2)
    with pytest.raises(ValueError), running.asked(b"") as out:  # nothing is asked, so nothing is ever said
        assert out.read(1) == b""
        raise ValueError
    assert running.handle is None


def test_the_processes_end_with_the_session(repo):
    repo.commit("one", {"a.txt": "1\n"})
    with Mirror(repo.path).session() as mirror:
        mirror.sizes([MISSING])
        process = mirror._kept.heads.handle.proc
        assert process.poll() is None
    assert process.poll() is not None
