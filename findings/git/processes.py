"""Git processes that stay: each answers question after question, so that a step through history starts none."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from threading import Event, Thread
from time import monotonic
from typing import Any

from findings.git.calls import EMPTY_TREE
from findings.git.names import GitError
from findings.git.streams import CHUNK, Content, Delta, content, deltas, entries, named_deltas, records, size

ASKED = 100  # names on their way at once: few enough to fit a pipe whole, so neither side waits for the other
RAW = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
PAIRS, COMMITS, FOLDERS = 4, 500, 500  # of which the answer is kept
WATCHES = 10  # times that a process is looked at before it was silent for too long


class Ended(Exception):
    """A process that does not answer any more."""


@contextmanager
def answering(command: str) -> Iterator[None]:
    """Names what a kept process could not do."""
    try:
        yield
    except Ended:
        raise GitError(f"git {command} ended early") from None


class Running:
    """One process. An answer that is not read to its end, or takes longer than `timeout` seconds, ends it."""

    def __init__(self, start: Callable[[], Any], timeout: float) -> None:
        self.start, self.timeout = start, timeout
        self.handle: Any = None
        self.asked_at = 0.0  # by the monotonic clock; 0: nothing is asked
        self._over = Event()

    @contextmanager
    def asked(self, question: bytes) -> Iterator[BufferedReader]:
        """Where the answer is to be read from."""
        if self.handle is None:
            self._begin()
        process = self.handle.proc
        whole = False
        self.asked_at = monotonic()
        try:
            process.stdin.write(question)
            process.stdin.flush()
            yield process.stdout
            whole = process.poll() is None
            if not whole:
                raise Ended
        except OSError:
            raise Ended from None
        finally:
            self.asked_at = 0.0
            if not whole:
                self.close()

    def _begin(self) -> None:
        self.handle, self._over = self.start(), Event()
        Thread(target=self._watch, args=(self.handle.proc, self._over), daemon=True).start()

    def _watch(self, process: Any, over: Event) -> None:
        """Ends a process that is silent for too long. One thread for all questions: to start one costs more than most
        answers do.
        """
        while not over.wait(self.timeout / WATCHES):
            if self.asked_at and monotonic() - self.asked_at > self.timeout:
                process.kill()
                return

    def close(self) -> None:
        """Ends the process. The next question starts another."""
        handle, self.handle = self.handle, None
        if handle is None:
            return
        self._over.set()
        process = handle.proc
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                try:
                    pipe.close()
                except OSError:  # what was written last found nobody
                    continue


class Processes:
    """The processes of one mirror. `start` runs a git command with open pipes."""

    def __init__(self, start: Callable[..., Any], timeout: float) -> None:
        self._start, self._timeout = start, timeout
        self._running: dict[tuple[str, ...], Running] = {}
        self.contents = self._kept("cat-file", "--batch")
        self.heads = self._kept("cat-file", "--batch-check")
        self.differences = self._kept(*RAW)
        self.end = f"end {secrets.token_hex(8)}\n".encode()  # no path of a repository can be this
        self._diffs: dict[tuple[str, str], list[Delta]] = {}
        self._ahead: dict[tuple[str, str], list[Delta]] = {}
        self._roots: dict[str, str] = {}
        self._trees: dict[str, dict[bytes, tuple[bytes, str]]] = {}

    def _kept(self, *words: str) -> Running:
        """The process of a command."""
        if words not in self._running:
            self._running[words] = Running(lambda: self._start(*words), self._timeout)
        return self._running[words]

    def close(self) -> None:
        """Ends them all."""
        for running in self._running.values():
            running.close()

    def read(self, names: Sequence[str], limit: int) -> Iterator[Content]:
        """The blobs, in order."""
        for first in range(0, len(names), ASKED):
            some = names[first : first + ASKED]
            with self.contents.asked(_lines(some)) as out:
                for name in some:
                    yield content(out, name, limit)

    def sizes(self, names: Sequence[str]) -> dict[str, int]:
        """Bytes of each object; -1 where it is missing."""
        found: dict[str, int] = {}
        for first in range(0, len(names), ASKED):
            some = names[first : first + ASKED]
            with self.heads.asked(_lines(some)) as out:
                found.update({name: size(out.readline()) for name in some})
        return found

    def object(self, name: str) -> bytes:
        """The bytes of a small object of any type; none where it is missing."""
        with self.contents.asked(_lines([name])) as out:
            head = out.readline().split()
            return out.read(int(head[2]) + 1)[:-1] if len(head) == 3 else b""

    def diff(self, old: str, new: str) -> list[Delta]:
        """What differs between two commits; of the last few pairs it is known."""
        if (old, new) in self._ahead:
            return self._ahead[old, new]
        if (old, new) not in self._diffs:
            found = records(self.compare(old, new, *RAW[3:]))
            _make_room(self._diffs, PAIRS)
            self._diffs[old, new] = list(deltas(iter(found)))
        return self._diffs[old, new]

    def look_ahead(self, pairs: Sequence[tuple[str, str]]) -> list[Delta]:
        """What differs in each of these pairs of commits, asked together; it is known until the next such question."""
        self._ahead = {}
        if -1 in self.sizes([name for pair in pairs for name in pair]).values():
            return []
        for first in range(0, len(pairs), ASKED):
            some = pairs[first : first + ASKED]
            self._ahead |= {pair: [] for pair in some}
            before = {new: (old, new) for old, new in some}
            out = self.told("\n".join(f"{new} {old}" for old, new in some), *RAW[3:])
            for commit, delta in named_deltas(iter(records(out))):
                self._ahead[before[commit]].append(delta)
        return [delta for changed in self._ahead.values() for delta in changed]

    def compare(self, old: str, new: str, *options: str) -> bytes:
        """What `diff-tree` prints of two commits, below a line that names the newer one."""
        if -1 in self.sizes([old, new]).values():  # of a commit that is missing it would say nothing, as of no change
            raise Ended
        return self.told(f"{new} {old}", *options)

    def told(self, question: str, *options: str) -> bytes:
        """What `diff-tree` answers. A line that is no name comes back as it is, and so ends the answer."""
        asked = f"{question}\n".encode() + self.end
        with self._kept(*RAW[:3], *options).asked(asked) as out:
            return _until(out, self.end)

    def entry(self, commit: str, path: bytes) -> tuple[bytes, str] | None:
        """(mode, object) at a path of a commit; none where there is nothing."""
        mode, name = b"40000", self._tree_of(commit)
        for part in path.split(b"/"):
            found = self._tree(name).get(part) if mode == b"40000" else None
            if found is None:
                return None
            mode, name = found
        return mode, name

    def _tree_of(self, commit: str) -> str:
        if commit == EMPTY_TREE:
            return commit
        if commit not in self._roots:
            head = self.object(commit).split(b"\n", 1)[0]
            if not head.startswith(b"tree "):
                raise Ended
            _make_room(self._roots, COMMITS)
            self._roots[commit] = head[5:].decode()
        return self._roots[commit]

    def _tree(self, name: str) -> dict[bytes, tuple[bytes, str]]:
        """What a folder holds; of the last ones that were asked for it is known."""
        if name not in self._trees:
            raw = self.object(name)
            if not raw and self.sizes([name])[name]:  # missing, and not a folder that holds nothing
                raise Ended
            _make_room(self._trees, FOLDERS)
            self._trees[name] = entries(raw, len(name) // 2)
        return self._trees[name]


def _lines(names: Sequence[str]) -> bytes:
    return "\n".join(names).encode() + b"\n"


def _until(out: BufferedReader, end: bytes) -> bytes:
    """What stands before the line that ends an answer."""
    rest = bytearray()
    while not rest.endswith(end):
        chunk = out.read1(CHUNK)
        if not chunk:
            raise Ended
        rest += chunk
    return bytes(rest[: -len(end)])


def _make_room(kept: dict[Any, Any], most: int) -> None:
    """Forget the oldest where there are as many as may be kept."""
    if len(kept) >= most:
        del kept[next(iter(kept))]
