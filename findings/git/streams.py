"""What git's plumbing prints, taken apart as it arrives: bytes in, records out."""

import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fcntl import fcntl
from typing import IO, Any

CHUNK = 1 << 16
MEMORY = 400 << 20
WIDE = 1 << 20
SIZE_OF_PIPE = 1031  # Linux's F_SETPIPE_SZ
MISSING = "the object is missing here (a partial or damaged clone)"


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a blob, or why there are none."""

    sha: str
    data: bytes | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A path that differs between two trees: mode and blob before and after (zeros where it was or is not)."""

    path: bytes
    old_mode: str
    new_mode: str
    old: str
    new: str

    @property
    def status(self) -> str:
        """A for added, D for deleted, T for another kind of thing, M for modified."""
        if not int(self.old_mode) or not int(self.new_mode):
            return "D" if int(self.old_mode) else "A"
        return "M" if self.old_mode[:2] == self.new_mode[:2] else "T"


def records(out: bytes) -> list[bytes]:
    """The records of a whole output that end in NUL."""
    return out.split(b"\0")[:-1] if out else []


def stream_records(out: IO[bytes]) -> Iterator[bytes]:
    """NUL-ended records of a stream, whatever its length."""
    rest = b""
    while chunk := out.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def raw_changes(found: Iterator[bytes]) -> Iterator[tuple[str, str, str, bytes]]:
    """(commit, mode, blob, path) from `diff-tree --stdin -z --raw`: a commit's name, then pairs of head and path."""
    commit = ""
    for record in found:
        if not record.startswith(b":"):
            commit = record.decode().strip()
            continue
        _, mode, _, blob, _ = record.decode().split()
        yield commit, mode, blob, next(found)


def deltas(found: Iterator[bytes]) -> Iterator[Delta]:
    """The pairs of head and path that `diff-tree -z --raw` prints of two trees; a commit's name is passed over."""
    return (delta for _, delta in named_deltas(found))


def named_deltas(found: Iterator[bytes]) -> Iterator[tuple[str, Delta]]:
    """What `diff-tree --stdin -z --raw` prints of many pairs, each with the name of the commit it stands under."""
    commit = ""
    for record in found:
        if record.startswith(b":"):
            old_mode, new_mode, old, new, _ = record[1:].decode().split()
            yield commit, Delta(next(found), old_mode, new_mode, old, new)
        else:
            commit = record.decode().strip()


def widened(out: IO[bytes]) -> IO[bytes]:
    """The same pipe, of which nothing was read yet, with room for a megabyte: git runs ahead, and few calls fetch much.
    It is closed where it was opened.
    """
    with suppress(OSError):  # elsewhere than on Linux a pipe has the room it has
        fcntl(out.fileno(), SIZE_OF_PIPE, WIDE)
    return open(out.fileno(), "rb", buffering=WIDE // 4, closefd=False)


def bounded(process: Any, command: str) -> None:
    """Lets git have so much memory of its own where it gathers what differs before it prints any: the trees of one
    commit may list billions of files.
    """
    with suppress(OSError, AttributeError):  # it is over, or elsewhere than on Linux
        if command == "diff-tree":
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def content(out: IO[bytes], name: str, limit: int) -> Content:
    """The next answer of `cat-file --batch`."""
    head = out.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        skip(out.read, int(head[2]) + 1 if len(head) == 3 else 0)
        return Content(name, None, MISSING)
    size = int(head[2])
    if size > limit:
        skip(out.read, size + 1)
        return Content(name, None, f"larger than {limit} bytes")
    data = out.read(size + 1)
    return Content(name, data[:-1])


def skip(read: Callable[[int], bytes], size: int) -> None:
    """Reads on without keeping."""
    while size > 0 and (chunk := read(min(size, 1 << 20))):
        size -= len(chunk)


def size(line: bytes) -> int:
    """Bytes of the object that a line of `cat-file --batch-check` is about; -1 for a missing one."""
    head = line.split()
    return int(head[2]) if len(head) == 3 else -1


def parent_of(commit: bytes) -> str:
    """The first parent that the text of a commit names; empty for a root."""
    head = commit.partition(b"\n\n")[0].split(b"\n")
    return next((line[7:].decode() for line in head if line.startswith(b"parent ")), "")


def entries(tree: bytes, width: int) -> dict[bytes, tuple[bytes, str]]:
    """Name -> (mode, object) of what the bytes of a tree list; object names are `width` bytes long."""
    found: dict[bytes, tuple[bytes, str]] = {}
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + width
        found[name] = (mode, tree[end + 1 : at].hex())
    return found
