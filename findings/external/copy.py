"""The regular files of a commit, written to a private folder: no links, no submodules, nothing a scanner obeys."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from findings.core.paths import unescape
from findings.core.scanners import configures_scanners
from findings.git import Entry, Mirror, Tree

PREFIX = "scan-"
LOCK = "lock"
MOST_BYTES = 2 * 1024**3
LFS = b"version https://git-lfs.github.com/spec/"
LFS_SIZE = 1024
_NEVER = frozenset({"", ".", "..", ".git"})


@dataclass(slots=True)
class Copy:
    """The folder, the paths that are in it, and path -> why it is not."""

    root: Path
    paths: set[str] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)

    def place(self, path: str) -> Path:
        """Where a path of the tree is written. Raises `ValueError` for a name that no folder should have."""
        parts = os.fsdecode(unescape(path)).split("/")
        if not _NEVER.isdisjoint(part.lower() for part in parts):
            raise ValueError("a name that git itself would refuse")
        return self.root.joinpath(*parts)

    def read(self, path: str) -> bytes:
        """The bytes of a path; none where it is not there."""
        return self.place(path).read_bytes() if path in self.paths else b""


@contextmanager
def private_folder(home: Path) -> Iterator[Path]:
    """A folder that only we can read, gone afterwards. One that a killed worker left behind goes with the next."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in home.glob(f"{PREFIX}*"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home)).resolve()
    with (folder / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever holds it still works there
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return


def copied(mirror: Mirror, tree: Tree, root: Path, limit: int) -> Copy:
    """Write the files of a tree under `root`; none of what is larger than `limit` bytes. Raises `GitError`."""
    root.mkdir(mode=0o700)
    copy = Copy(root, missing=dict(tree.skipped))
    wanted = [entry for entry in tree.entries if _wanted(copy, entry, limit)]
    room = MOST_BYTES
    for entry, content in zip(wanted, mirror.read([entry.sha for entry in wanted], limit), strict=True):
        if content.data is None:
            copy.missing[entry.path] = content.reason
        elif len(content.data) < LFS_SIZE and content.data.startswith(LFS):
            copy.missing[entry.path] = "a Git LFS pointer, its content is elsewhere"
        elif len(content.data) > room:
            copy.missing[entry.path] = f"beyond the first {MOST_BYTES // 2**20} MB of the tree"
        else:
            room -= len(content.data)
            _write(copy, entry.path, content.data)
    return copy


def _wanted(copy: Copy, entry: Entry, limit: int) -> bool:
    if configures_scanners(entry.path):
        copy.missing[entry.path] = "configuration of a scanner, which is left out"
    elif entry.size > limit:
        copy.missing[entry.path] = f"larger than {limit} bytes"
    return entry.path not in copy.missing


def _write(copy: Copy, path: str, data: bytes) -> None:
    try:
        place = copy.place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:  # a name that is there already: a tree that has it twice
            file.write(data)
    except (OSError, ValueError) as error:
        copy.missing[path] = f"it cannot be written out: {error.strerror if isinstance(error, OSError) else error}"
    else:
        copy.paths.add(path)
