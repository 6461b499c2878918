"""Blobs become facts: each is read once, under a limit, and a bad one costs itself only."""

import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.hashing import key_id
from findings.git import MISSING, Content, Mirror
from findings.scanner.kept import NOTHING, FactStore, Read, Reading
from findings.scanner.kinds import FactKey, Kind
from findings.scanner.limits import Limits, OutOfTime, Watch
from findings.scanner.together import pays, together

log = logging.getLogger(__name__)

LFS = b"version https://git-lfs.github.com/spec/"
LFS_SIZE = 1024
BATCH = 200
EVERY = ""  # stands for every family where a blob as a whole could not be read

Progress = Callable[[str, int, int], None]
Wanted = Mapping[str, Collection[Kind]]  # blob -> the kinds it has to be read as
Missing = Mapping[str, Sequence[Kind]]  # the same of blobs that have to be read
Sizes = Callable[[Collection[str]], Mapping[str, int]]  # of these blobs, and of any others, in bytes


def silent(step: str, done: int, total: int) -> None:
    """A progress callback for who does not listen."""


class Reader:
    """Readings of blobs: known ones from the store, the others read now, and kept."""

    def __init__(self, mirror: Mirror, store: FactStore, key: bytes, limits: Limits) -> None:
        self.mirror, self.store, self.key, self.limits = mirror, store, key, limits
        self.key_name, self.watch = key_id(key), Watch(limits.seconds)
        self._ready: set[str] = set()

    def readings(
        self, wanted: Wanted, sizes: Sizes, progress: Progress, step: str, shared: bool = False
    ) -> tuple[dict[tuple[str, str], Reading], int]:
        """((blob, name of a kind) -> its reading, how many blobs were read for it). `shared`: by two processes, where
        there are many.
        """
        limit = self.limits.blob_bytes
        known = self._known(wanted.items())
        missing: dict[str, list[Kind]] = {}
        for blob, kinds in wanted.items():
            if lacking := [kind for kind in kinds if (blob, kind.name) not in known]:
                missing[blob] = lacking
        too_large = Reading(failed={EVERY: f"larger than {limit} bytes"})
        for blob in [blob for blob, size in sizes(missing).items() if size > limit]:
            known.update({(blob, kind.name): too_large for kind in wanted.get(blob, ())})
            missing.pop(blob, None)
        fresh: list[Read] = []
        with self.watch.on(), self.store.ahead() if len(missing) > BATCH else nullcontext():
            found = self._both(missing) if shared and pays(len(missing)) else self._work(missing, self.mirror, missing)
            for count, taken in enumerate(found, 1):
                for one, lasting in taken:
                    known[one.blob, one.kind] = one.reading
                    if lasting:
                        fresh.append(one)
                    elif one.facts:  # what the other families found counts now
                        self.store.put_many(one.facts)
                if count % BATCH == 0:
                    self.watch.rest()
                    self.store.keep(fresh)
                    fresh = []
                    progress(step, count, len(missing))
            self.watch.rest()
            self.store.keep(fresh)
        return known, len(missing)

    def _both(self, missing: Missing) -> Iterator[list[tuple[Read, bool]]]:
        """What each of these blobs holds, found by two processes: neither asks a git process of the other's."""
        mirror = Mirror(self.mirror.path, self.mirror.timeout)
        return together([*missing], partial(self._work, missing, mirror))

    def _work(self, missing: Missing, mirror: Mirror, names: Iterable[str]) -> Iterator[list[tuple[Read, bool]]]:
        """What each of these blobs holds."""
        for content in mirror.read(names, self.limits.blob_bytes):
            yield [*self._taken(content, missing[content.sha])]

    def _known(self, wanted: Iterable[tuple[str, Collection[Kind]]]) -> dict[tuple[str, str], Reading]:
        blobs: dict[str, list[str]] = {}
        for blob, kinds in wanted:
            for kind in kinds:
                blobs.setdefault(kind.name, []).append(blob)
        found = {name: self.store.readings(name, some) for name, some in blobs.items()}
        return {(blob, name): reading for name, readings in found.items() for blob, reading in readings.items()}

    def _taken(self, content: Content, kinds: Collection[Kind]) -> Iterator[tuple[Read, bool]]:
        """What a blob holds, kind by kind, and whether that is for good: the next scan may have more time, or the
        object.
        """
        why, lasting = "", False
        if content.data is None:
            why = content.reason
        elif len(content.data) < LFS_SIZE and content.data.startswith(LFS):
            why, lasting = "a Git LFS pointer, its content is elsewhere", True
        else:
            self._prepare(kinds)
            try:
                with self.watch.piece():
                    blob = Blob(content.data, "", self.key)
                    found = [self._read(content.sha, blob, kind) for kind in kinds]
                yield from found
                return
            except OutOfTime:
                why = f"timed out: reading it takes more than {self.limits.seconds:g} seconds"
                log.warning("blob %s timed out after %g seconds", content.sha, self.limits.seconds)
        for kind in kinds:
            yield Read(content.sha, kind.name, Reading(failed={EVERY: why}), {}), lasting

    def _prepare(self, kinds: Collection[Kind]) -> None:
        for kind in kinds:
            if kind.name not in self._ready:
                self._ready.add(kind.name)
                for part in kind.parts:
                    part.family.ready(part.path_class)

    def _read(self, name: str, blob: Blob, kind: Kind) -> tuple[Read, bool]:
        facts: dict[FactKey, Any] = {}
        failed: dict[str, str] = {}
        found, lasting = 0, True
        for bit, part in enumerate(kind.parts):
            made: Any = None
            if blob.path_class != part.path_class:
                blob = blob.as_class(part.path_class)
            try:
                made = part.family.extract(blob)
            except Unreadable as error:
                failed[part.family.name] = str(error)
                made = error.facts
            except Exception as error:
                failed[part.family.name] = f"the rules of {part.family.name!r} failed on it"
                lasting = False
                log.error("%s of %s failed on blob %s: %s", part.path_class, part.family.name, name, where(error))
            if made:
                facts[part.key(name)] = made
                found |= 1 << bit
        return Read(name, kind.name, Reading(found, failed) if found or failed else NOTHING, facts), lasting


def where(error: Exception) -> str:
    """What failed, and where. The message of an error may quote a file, and is left out."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    said = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {said}"


def is_missing(reading: Reading) -> bool:
    """Whether the object was not here, and may be another time."""
    return reading.failed.get(EVERY) == MISSING
