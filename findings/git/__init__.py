"""Bare mirrors and what is read from them: plumbing only, in bytes, never a checkout, no hooks, no prompts.

Everything a caller passes (addresses, revisions, paths) stands behind `--` or `--end-of-options`, so none of it can
be taken for an option; the transports git may use are named per call, and reading uses none.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import IO, Any

import git

from findings.core.blame import Span, Writer, arguments, parse_blame
from findings.core.drift import parse_lines, parse_renames
from findings.core.paths import escape, unescape
from findings.core.types import LineMap
from findings.git.calls import COMMON, EMPTY_TREE, ENVIRONMENT, FETCH, MAPS, PATCH, RENAMES, SAFE, WHO
from findings.git.names import Commit, Entry, GitError, Past, Tree, TreeMissing, address, complaint, sha
from findings.git.patches import is_plain, section
from findings.git.processes import Processes, answering
from findings.git.streams import (
    MISSING,
    Content,
    Delta,
    bounded,
    content,
    deltas,
    parent_of,
    raw_changes,
    records,
    size,
    stream_records,
    widened,
)

__all__ = [
    "EMPTY_TREE",
    "MISSING",
    "NO_FILES",
    "Commit",
    "Content",
    "Delta",
    "Entry",
    "GitError",
    "Mirror",
    "Past",
    "Tree",
    "TreeMissing",
    "address",
    "sha",
]

SYMLINK, SUBMODULE = "120000", "160000"
NO_FILES = {SYMLINK: "a symbolic link", SUBMODULE: "a submodule"}
MOST_FILES = 500_000  # of one tree
SMALL = 50  # files of a commit whose patch is read whole, rather than that of a few paths from a process of its own
FEW = 500  # blobs that are worth asking a kept process for; more come faster from one that fills its pipe


class Mirror:
    """A repository on this machine, bare or with a work tree that is never looked at. `timeout` in seconds."""

    def __init__(self, path: str | Path, timeout: float = 600) -> None:
        self.path, self.timeout = Path(path), timeout
        # Named outright: git must neither climb to a repository above, nor obey a GIT_DIR of the caller's surroundings.
        self.git_dir = self.path / ".git" if (self.path / ".git").exists() else self.path
        self._kept: Processes | None = None

    @property
    def keeps(self) -> bool:
        """Whether questions are answered by kept processes."""
        return self._kept is not None

    @contextmanager
    def session(self) -> Iterator["Mirror"]:
        """This mirror with its processes kept open: a step from commit to commit then starts none. For one thread."""
        mirror = Mirror(self.path, self.timeout)
        mirror._kept = Processes(mirror._started, self.timeout)
        try:
            yield mirror
        finally:
            mirror._kept.close()

    def exists(self) -> bool:
        """Whether there is a repository at the path."""
        try:
            return self.path.is_dir() and bool(self._run("rev-parse", "--git-dir"))
        except GitError:
            return False

    def create(self) -> None:
        """An empty bare mirror at the path, unless there is one."""
        if not (self.path / "HEAD").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            self._run("init", "--bare", "--quiet", "--template=")

    @contextmanager
    def apart(self) -> Iterator["Mirror"]:
        """The same objects without the repository's own settings: nothing in them can run, and what a partial clone
        lacks is missing instead of fetched.
        """
        objects = self._run("rev-parse", "--git-path", "objects").decode().rstrip("\n")
        shallow = Path(self._run("rev-parse", "--git-path", "shallow").decode().rstrip("\n"))
        with tempfile.TemporaryDirectory(prefix="nova-") as folder:
            mirror = Mirror(folder, self.timeout)
            mirror.create()
            (mirror.path / "objects" / "info").mkdir(exist_ok=True)
            (mirror.path / "objects" / "info" / "alternates").write_text(f"{objects}\n")
            if shallow.exists():
                (mirror.path / "shallow").write_bytes(shallow.read_bytes())
            yield mirror

    def fetch(self, url: str, protocols: Sequence[str]) -> None:
        """All branches and tags of the address, over one of the protocols (`https`, `ssh`, `git`, `file`)."""
        specs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self._run("fetch", *FETCH, "--", address(url), *specs, protocols=protocols)

    def remote_head(self, url: str, protocols: Sequence[str], branch: str = "") -> tuple[str, str]:
        """(default branch, or the one asked for; its commit). Empty texts where the remote has no such branch."""
        wanted = f"refs/heads/{branch}" if branch else "HEAD"
        out = self._run("ls-remote", "--symref", "--", address(url), wanted, protocols=protocols)
        name, sha = branch, ""
        for line in out.decode("utf-8", "replace").splitlines():
            left, _, right = line.partition("\t")
            if left.startswith("ref: ") and right == "HEAD":
                name = left.removeprefix("ref: refs/heads/")
            elif right == wanted:
                sha = left
        return (name, sha) if sha else ("", "")

    def resolve(self, revision: str) -> str:
        """The commit a branch, tag or (short) hash names. Raises `GitError` for one that is not there."""
        try:
            out = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GitError:
            raise GitError(f"There is no commit {revision!r} in this repository") from None
        return out.decode().split()[-1]

    def has(self, commit: str) -> bool:
        """Whether a commit, given by its whole name, is here."""
        if self._kept:
            with answering("cat-file"):
                return self._kept.sizes([f"{sha(commit)}^{{commit}}"]).popitem()[1] >= 0
        try:
            return self.resolve(commit) == commit
        except GitError:
            return False

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `old` is reachable from `new`; false also where either is unknown here."""
        try:
            self._run("merge-base", "--is-ancestor", sha(old), sha(new))
        except GitError:
            return False
        return True

    def is_shallow(self) -> bool:
        """Whether older history was left out when this repository was cloned."""
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def tree(self, commit: str) -> Tree:
        """Every path of a commit; links and submodules are named, never followed. Raises `GitError` where there are
        more than anybody writes: a few trees that hold each other make billions.
        """
        tree = Tree()
        with self._stream("ls-tree", "-r", "-z", "-l", "--full-tree", sha(commit), given=()) as out:
            for count, record in enumerate(stream_records(out)):
                if count >= MOST_FILES:
                    raise GitError(f"The tree of {commit[:7]} has more than {MOST_FILES:,} files")
                head, _, raw = record.partition(b"\t")
                mode, _, name, size = head.decode().split()
                if why := NO_FILES.get(mode):
                    tree.skipped.append((escape(raw), why))
                else:
                    tree.entries.append(Entry(escape(raw), name, sys.intern(mode), int(size) if size.isdigit() else -1))
        return tree

    def paths(self, commit: str) -> frozenset[str]:
        """Every path of a commit, links and submodules included."""
        out = self._run("ls-tree", "-r", "-z", "--name-only", "--full-tree", sha(commit))
        return frozenset(map(escape, records(out)))

    def deltas(self, old: str, new: str) -> list[Delta]:
        """Every path that differs between two commits; a rename is a deletion and an addition."""
        if self._kept and old != EMPTY_TREE:
            with answering("diff-tree"):
                return self._kept.diff(sha(old), sha(new))
        return list(deltas(iter(records(self._diff(old, new, "-z", "--raw", "--no-abbrev", "--no-renames")))))

    def look_ahead(self, commits: Sequence[str]) -> set[str]:
        """The blobs of files that these commits changed, each compared with the one before: a session then knows it."""
        if self._kept is None:
            return set()
        with answering("diff-tree"):
            found = self._kept.look_ahead([(sha(old), sha(new)) for old, new in pairwise(commits)])
        return {delta.new for delta in found if int(delta.new_mode) and delta.new_mode not in NO_FILES}

    def sizes(self, names: Sequence[str]) -> dict[str, int]:
        """Bytes of each of these objects; -1 where it is missing."""
        if self._kept:
            with answering("cat-file"):
                return self._kept.sizes([sha(name) for name in names])
        if not names:
            return {}
        with self._stream("cat-file", "--batch-check", "--buffer", given=[sha(name) for name in names]) as out:
            return {name: size(out.readline()) for name in names}

    def read(self, names: Iterable[str], limit: int) -> Iterator[Content]:
        """The blobs of these hashes, in order, one at a time; none of what is larger than `limit` bytes."""
        wanted = [sha(name) for name in names]
        if self._kept and len(wanted) <= FEW:
            with answering("cat-file"):
                yield from self._kept.read(wanted, limit)
        elif wanted:
            with self._stream("cat-file", "--batch", "--buffer", given=wanted) as out:
                for name in wanted:
                    yield content(out, name, limit)

    def tips(self) -> list[str]:
        """The commits that branches and tags name."""
        form = "--format=%(objecttype) %(objectname)%0a%(*objecttype) %(*objectname)"
        lines = self._run("for-each-ref", form, "refs/heads", "refs/tags").decode().splitlines()
        return sorted({line.removeprefix("commit ") for line in lines if line.startswith("commit ")})

    def history_blobs(
        self, commit: str, known: Container[str] = (), since: Sequence[str] = (), all_refs: bool = False
    ) -> Iterator[Past]:
        """Each blob that a commit added which this one (or any branch or tag) reaches and those in `since` do not:
        once, oldest first, without those known. Raises `TreeMissing` at the first commit whose folders are not here.
        """
        wanted = [sha(commit), *(f"^{sha(name)}" for name in since), *(["--branches", "--tags"] if all_refs else [])]
        commits = self._run("rev-list", "--reverse", "--topo-order", *wanted, "--").decode().split()
        if not commits:
            return
        seen: set[str] = set()
        options = ("--stdin", "-r", "-z", "-m", "--root", "--no-renames", "--raw", "--no-abbrev", "--diff-filter=AMT")
        with self._stream("diff-tree", *options, given=commits) as out:
            for name, mode, blob, path in raw_changes(stream_records(out)):
                if blob not in seen and mode not in NO_FILES and blob not in known:
                    seen.add(blob)
                    yield Past(blob, escape(path), name)

    def changes(self, old: str, new: str) -> list[tuple[str, str]]:
        """(status letter, path) of every file that differs; a rename is a deletion and an addition."""
        return [(delta.status, escape(delta.path)) for delta in self.deltas(old, new)]

    def renames(self, old: str, new: str) -> dict[str, str]:
        """Old path -> new path of what git sees as renamed; where it may not hold so much, only what did not change."""
        asked = ("-r", *SAFE, "-z", "--name-status", f"-l{RENAMES}", sha(old), sha(new), "--")
        with suppress(GitError), self._stream("diff-tree", "-M", *asked, given=()) as out:
            return parse_renames(out.read())
        return parse_renames(self._run("diff-tree", "-M100%", *asked))

    def line_maps(self, old: str, new: str, paths: Sequence[str] = ()) -> dict[str, LineMap]:
        """New path -> where its lines went, for every text file (of these paths) that was changed or renamed."""
        if paths and self._small(old, new):
            changed = {path for status, path in self.changes(old, new) if status == "M"}
            maps = parse_lines(self._compared(old, new, *MAPS))
            return {path: maps[path] for path in paths if path in maps and path in changed}
        return parse_lines(self._diff(old, new, *MAPS, paths=paths))

    def hunk(self, old: str, new: str, path: str, before: str = "") -> str:
        """The patch of one path between two commits, not redacted; empty where nothing changed. `before` is what the
        file was called before, where it was renamed.
        """
        if not before and is_plain(path):
            words, small = (*PATCH, "--no-renames"), self._small(old, new)
            patch = self._compared(old, new, *words) if small else self._diff(old, new, *words, paths=(path,))
            return section(patch, path).decode("utf-8", "replace")
        found = ("-M1%", before) if before else ("--no-renames",)
        return self._diff(old, new, *PATCH, *found[:1], paths=(path, *found[1:])).decode("utf-8", "replace")

    def _small(self, old: str, new: str) -> bool:
        """Whether a kept process may print the whole patch between two commits."""
        return self._kept is not None and old != EMPTY_TREE and len(self.deltas(old, new)) <= SMALL

    def _compared(self, old: str, new: str, *options: str) -> bytes:
        if self._kept is None:
            return self._diff(old, new, *options)
        with answering("diff-tree"):
            return self._kept.compare(sha(old), sha(new), *SAFE, *options)

    def _diff(self, old: str, new: str, *options: str, paths: Sequence[str] = ()) -> bytes:
        limit = ["--", *(os.fsdecode(unescape(path)) for path in paths)]  # a file may be called as a commit is
        return self._run("diff-tree", "-r", *SAFE, *options, sha(old), sha(new), *limit)

    def first_parent(self, old: str, new: str, paths: Sequence[str] = (), most: int = -1) -> list[str]:
        """The commits after `old` up to `new` along first parents, oldest first; the last ones that touch paths."""
        if self._kept and old and not paths and self.parent(new) == old:
            return [new]
        span = [f"--max-count={most}", sha(new)] + ([f"^{sha(old)}"] if old else [])
        limits = ["--", *(os.fsdecode(unescape(path)) for path in paths)]
        return self._run("rev-list", "--first-parent", "--reverse", *span, *limits).decode().split()

    def dates(self, new: str) -> list[tuple[str, str]]:
        """The commits up to `new` along first parents, oldest first, with the committer's dates (ISO 8601)."""
        out = self._run("rev-list", "--first-parent", "--reverse", "--format=%H %cI", sha(new), "--").decode()
        lines = [line.split() for line in out.splitlines() if not line.startswith("commit ")]
        return [(name, when) for name, when in lines]

    def parent(self, commit: str) -> str:
        """The first parent of a commit, or an empty text for a root."""
        if self._kept:
            with answering("cat-file"):
                return parent_of(self._kept.object(sha(commit)))
        names = self._run("rev-list", "--parents", "--max-count=1", sha(commit), "--").decode().split()
        return names[1] if len(names) > 1 else ""

    def commit(self, commit: str) -> Commit:
        """Author, committer's date and subject of a commit."""
        if self._kept:
            with answering("diff-tree"):
                said = self._kept.told(sha(commit), "-s", "--root", "--always", *WHO)
        else:
            said = self._run("rev-list", "--max-count=1", *WHO, sha(commit)).split(b"\n", 1)[1]
        return Commit(*said.decode("utf-8", "replace").rstrip("\n").split("\0", 4))

    def blob_at(self, commit: str, path: str, limit: int) -> Content | None:
        """The file at a path of a commit; none where there is no regular file."""
        if self._kept:
            with answering("cat-file"):
                found = self._kept.entry(sha(commit), unescape(path))
            head = [] if found is None else [found[0].decode().rjust(6, "0"), found[1]]
        else:
            out = self._run("ls-tree", "-z", "--full-tree", sha(commit), "--", os.fsdecode(unescape(path)))
            head = out.split(b"\t", 1)[0].decode().split()[::2]
        if not head or not head[0].startswith("100"):
            return None
        [whole] = self.read([head[1]], limit)  # to its end: a kept process that is left in the middle is lost
        return whole

    def holds(self, commit: str, path: str) -> bool:
        """Whether there is a file, a link or a submodule at a path of a commit. Cheap in a session."""
        if not self._kept:
            return path in self.paths(commit)
        with answering("cat-file"):
            found = self._kept.entry(sha(commit), unescape(path))
        return found is not None and found[0] != b"40000"

    def blame(self, commit: str, path: str, spans: Sequence[Span]) -> dict[int, Writer]:
        """Line -> who wrote it last, by the commit's `.mailmap`. Raises `GitError` where no such line is."""
        aliases = f"mailmap.blob={sha(commit)}:.mailmap"
        lines = ("blame", "--porcelain", "-w", *arguments(spans), sha(commit), "--", os.fsdecode(unescape(path)))
        return parse_blame(self._run("-c", aliases, *lines))

    def _run(self, *words: str, protocols: Sequence[str] = ()) -> bytes:
        """Output of a git command, in bytes. Raises `GitError` with git's own last words."""
        try:
            return self._git(protocols).execute(
                ["git", f"--git-dir={self.git_dir.absolute()}", *COMMON, *words],
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=self.timeout,
            )
        except git.GitCommandNotFound:
            raise GitError("git is not installed, or not on PATH") from None
        except git.GitCommandError as error:
            raise complaint(str(error.stderr), words[0]) from None

    def _git(self, protocols: Sequence[str]) -> git.Git:
        command = git.Git(str(self.path))
        command.update_environment(**ENVIRONMENT, GIT_ALLOW_PROTOCOL=":".join(protocols) or "none")
        return command

    @contextmanager
    def _stream(self, *words: str, given: Iterable[str]) -> Iterator[IO[bytes]]:
        """A running command's output. Its input is a file, so neither side can wait for the other."""
        with tempfile.TemporaryFile() as source:
            source.write("\n".join(given).encode() + b"\n")
            source.seek(0)
            command = ["git", f"--git-dir={self.git_dir.absolute()}", *COMMON, *words]
            running = self._git(()).execute(command, istream=source, as_process=True)  # ends with its last reference
            process = running.proc
            if process is None or process.stdout is None:
                raise GitError(f"git {words[0]} did not start")
            bounded(process, words[0])
            watch = Timer(self.timeout, process.kill)
            watch.start()
            try:
                yield widened(process.stdout)
                if process.wait() != 0:
                    said = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
                    raise complaint(said, words[0])
            finally:
                watch.cancel()
                process.stdout.close()
                process.kill()
                process.wait()

    def _started(self, *words: str) -> Any:
        """A running command with open pipes; it ends with its last reference."""
        command = ["git", f"--git-dir={self.git_dir.absolute()}", *COMMON, *words]
        return self._git(()).execute(command, istream=subprocess.PIPE, as_process=True)
