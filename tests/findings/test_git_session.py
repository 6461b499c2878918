"""A mirror whose processes stay open answers as one that starts a process for each question."""

from itertools import pairwise

import pytest

from findings.core.paths import escape
from findings.git import EMPTY_TREE, GitError, Mirror
from findings.git.processes import Running
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
        session.deltas(old, new)
    assert [change.status for change in session.deltas(old, new)] == ["M"]


def test_a_commit_that_is_not_there_is_an_error_and_not_an_empty_answer(repo, session):
    new = repo.commit("one", {"a.txt": "1\n"})
    for mirror in (session, Mirror(repo.path)):
        with pytest.raises(GitError):
            mirror.deltas(MISSING, new)
        with pytest.raises(GitError):
            mirror.deltas(new, MISSING)


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
