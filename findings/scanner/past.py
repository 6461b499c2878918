"""Credentials in history: each of its blobs is read once in the life of a repository."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from findings.core.facts import Family, Place
from findings.core.types import Notice, gettext_noop, notice
from findings.git import Past, TreeMissing
from findings.scanner.fold import Fold
from findings.scanner.kept import NOTHING
from findings.scanner.kinds import FactKey, Kinds, Part
from findings.scanner.reading import Progress, Reader

HISTORY = "history"
SHALLOW = gettext_noop("The clone is shallow: history before it was not searched for credentials")
TREELESS = gettext_noop(
    "The clone lacks the folders of earlier commits (--filter=tree:0): history was not searched for credentials"
)
LOST = gettext_noop("%(n)s blobs of history could not be read (missing or too large)")
TELLING = "hits"  # what facts of a blob must hold to matter once no tree has it


@dataclass(frozen=True, slots=True)
class Span:
    """Which history: of a commit, and of all branches and tags (`all_refs`). `since` was scanned with this store."""

    commit: str
    since: str
    all_refs: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Places of blobs that hold a candidate and are not in the tree, blobs read, what could not be read."""

    places: list[Place]
    read: int
    notices: list[Notice]


class Historian:
    """One family's look at history.

    The answer is kept under the commit, with the names of what was walked, so that a later scan which names the commit
    in `since` walks only what is new.
    """

    def __init__(self, reader: Reader, family: Family, span: Span, progress: Progress) -> None:
        self.reader, self.family, self.span, self.progress = reader, family, span, progress
        self.kinds = Kinds({family.name: family}, reader.key_name)
        self.version = "-".join([*map(str, family.versions.values()), reader.key_name])

    @contextmanager
    def walking(self) -> Iterator[None]:
        """Git goes through history while something else is done here, before `find`."""
        span, mirror = self.span, self.reader.mirror
        self.before = self._before()
        self.tips = mirror.tips() if span.all_refs else []
        self.lost = [Past(*one) for one in self.before["lost"]]
        seen = {blob for blob, _, _ in (*self.before["held"], *self.lost)}
        with ThreadPoolExecutor(1) as aside:
            walked = mirror.history_blobs(span.commit, seen, self.before["tips"], span.all_refs)
            self.fresh = aside.submit(_walked, walked)
            yield

    def find(self, fold: Fold) -> Found:
        """What history holds besides the tree that was folded."""
        span, mirror = self.span, self.reader.mirror
        fresh, whole = self.fresh.result()
        held, past = self.before["held"], [*self.lost, *fresh]
        wanted = {blob.sha: kinds for blob in past if (kinds := self.kinds.of(blob.path))}
        readings, read = self.reader.readings(
            wanted, lambda new: mirror.sizes(list(new)), self.progress, HISTORY, shared=True
        )
        of_blob = {blob: reading for (blob, _), reading in readings.items() if reading is not NOTHING}
        lost = [blob for blob in past if blob.sha in of_blob and of_blob[blob.sha].failed]
        held = held + self._telling([blob for blob in past if blob.sha in of_blob and of_blob[blob.sha].found])
        cut = [SHALLOW] * mirror.is_shallow() + [TREELESS] * (not whole)
        if not cut:
            kept = {"held": held, "lost": lost, "tips": self.tips}
            self.reader.store.put_many({self._name(span.commit, span.all_refs): kept})
        gone = [blob for blob in lost if blob.path not in fold.unreadable]
        return Found(self._places(held, fold), read, [notice(why) for why in cut] + _lost(gone))

    def _before(self) -> dict[str, list[Any]]:
        """What the scan of `since` came to, and the tips to stop at; nothing where history was rewritten."""
        span, mirror = self.span, self.reader.mirror
        names = [self._name(span.since, every) for every in ({span.all_refs, False} if span.since else ())]
        known = self.reader.store.get_many(names)
        if not known or not mirror.is_ancestor(span.since, span.commit):
            return {"held": [], "lost": [], "tips": []}
        best = known.get(self._name(span.since, span.all_refs)) or next(iter(known.values()))
        tips = [span.since, *best["tips"]]
        here = mirror.sizes(tips)
        return {**best, "tips": [tip for tip in tips if here[tip] >= 0]}

    def _name(self, commit: str, all_refs: bool) -> FactKey:
        """The history of a commit is the same everywhere; what else a repository has is its own."""
        return FactKey(commit, f"{HISTORY}:all:{self.reader.store.scope}" if all_refs else HISTORY, self.version)

    def _telling(self, found: Sequence[Past]) -> list[list[str]]:
        """Those of the blobs whose facts matter once no tree has them."""
        keys = [(blob, self._part(blob.path).key(blob.sha)) for blob in found]
        facts = self.reader.store.get_many({key for _, key in keys})
        return [[blob.sha, blob.path, blob.commit] for blob, key in keys if TELLING in facts.get(key, ())]

    def _places(self, held: Sequence[Sequence[str]], fold: Fold) -> list[Place]:
        """Places of history. A blob that the tree holds as well speaks for itself there."""
        present = fold.blobs(self.family)
        keys = [(path, commit, self._part(path).key(blob)) for blob, path, commit in held if blob not in present]
        facts = self.reader.store.get_many({key for _, _, key in keys})
        return [Place(path, facts[key], commit) for path, commit, key in keys]

    def _part(self, path: str) -> Part:
        return self.kinds.of(path)[0].parts[0]


def _walked(blobs: Iterator[Past]) -> tuple[list[Past], bool]:
    """What git finds on its way, and whether it came to the end."""
    found: list[Past] = []
    try:
        found.extend(blobs)
    except TreeMissing:
        return found, False
    return found, True


def _lost(blobs: Sequence[Past]) -> list[Notice]:
    return [notice(LOST, blobs[0].path, n=len(blobs))] if blobs else []
