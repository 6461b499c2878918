"""Git processes that stay: each answers question after question, so that a step through history starts none."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from threading import Timer
from typing import Any

from findings.git.streams import CHUNK, Content, Delta, content, deltas, records, size

ASKED = 100  # names on their way at once: few enough to fit a pipe whole, so neither side waits for the other


class Ended(Exception):
    """A process that does not answer any more."""


class Running:
    """One process. An answer that is not read to its end, or takes longer than `timeout` seconds, ends it."""

    def __init__(self, start: Callable[[], Any], timeout: float) -> None:
        self.start, self.timeout = start, timeout
        self.handle: Any = None

    @contextmanager
    def asked(self, question: bytes) -> Iterator[BufferedReader]:
        """Where the answer is to be read from."""
        if self.handle is None:
            self.handle = self.start()
        process = self.handle.proc
        watch = Timer(self.timeout, process.kill)
        watch.daemon = True
        watch.start()
        whole = False
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
            watch.cancel()
            if not whole:
                self.close()

    def close(self) -> None:
        """Ends the process. The next question starts another."""
        handle, self.handle = self.handle, None
        if handle is None:
            return
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
    """The processes of one mirror: contents, sizes, differences. `start` runs a git command with open pipes."""

    def __init__(self, start: Callable[..., Any], timeout: float) -> None:
        options = ("--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
        self.contents = Running(lambda: start("cat-file", "--batch"), timeout)
        self.heads = Running(lambda: start("cat-file", "--batch-check"), timeout)
        self.differences = Running(lambda: start("diff-tree", *options), timeout)
        self.end = f"end {secrets.token_hex(8)}\n".encode()  # no path of a repository can be this

    def close(self) -> None:
        """Ends them all."""
        for running in (self.contents, self.heads, self.differences):
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
        """What differs between two commits. A line that is no name comes back as it is, and so ends the answer."""
        if -1 in self.sizes([old, new]).values():  # of a commit that is missing it would say nothing, as of no change
            raise Ended
        with self.differences.asked(f"{new} {old}\n".encode() + self.end) as out:
            return list(deltas(_until(out, self.end)))


def _lines(names: Sequence[str]) -> bytes:
    return "\n".join(names).encode() + b"\n"


def _until(out: BufferedReader, end: bytes) -> Iterator[bytes]:
    """The records before the line that ends an answer."""
    rest = b""
    while not rest.endswith(end):
        chunk = out.read1(CHUNK)
        if not chunk:
            raise Ended
        rest += chunk
    yield from records(rest[: -len(end)])
