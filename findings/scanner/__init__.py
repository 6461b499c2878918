"""A scan: the whole tree of a commit at the price of what differs from one that is known.

Facts are kept by (blob, extractor, version) in a `FactStore`; rules fold the facts of the whole tree, and look again
where those changed. Only secrets look at history, and each blob of history is read once in the life of a repository.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from findings.core.facts import Family
from findings.core.rules import FAMILIES, TOOL
from findings.core.types import Batch, Coverage, Notice, Observation, gettext_noop, notice
from findings.git import Mirror
from findings.scanner.fold import Fold
from findings.scanner.judging import Misjudged, judgement
from findings.scanner.kept import FactStore, MemoryStore, Read, Reading
from findings.scanner.kinds import FactKey, is_past
from findings.scanner.limits import Limits, few_collections
from findings.scanner.past import Historian, Span
from findings.scanner.reading import Progress, Reader, silent
from findings.scanner.shelves import Outdated
from findings.scanner.trees import Folder

__all__ = [
    "Between",
    "Counts",
    "FactKey",
    "FactStore",
    "Fold",
    "Limits",
    "MemoryStore",
    "Progress",
    "Read",
    "Reading",
    "ScanResult",
    "TreePaths",
    "observed",
    "scan",
    "silent",
]

VERSION = "1"
FAILED = gettext_noop("%(rules)s: the rule failed on this tree, and closes nothing")
TRIES = 3

T = TypeVar("T")


@dataclass(slots=True)
class Counts:
    """What a scan cost and found: paths, blobs read now (of the tree, of history), observations by rule."""

    files: int = 0
    blobs_read: int = 0
    history_blobs: int = 0
    rules: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The batch of a commit and what it cost."""

    batch: Batch
    counts: Counts


class TreePaths(Set[str]):
    """Every path of a commit. Few scans ask, so they are read when one does."""

    def __init__(self, mirror: Mirror, commit: str) -> None:
        self.mirror, self.commit = mirror, commit

    @cached_property
    def _all(self) -> frozenset[str]:
        return self.mirror.paths(self.commit)

    def __contains__(self, path: object) -> bool:
        if self.mirror.keeps and isinstance(path, str):
            return self.mirror.holds(self.commit, path)
        return path in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __hash__(self) -> int:
        return hash(self.commit)


def scan(
    mirror: Mirror,
    commit: str,
    store: FactStore,
    key: bytes,
    *,
    limits: Limits | None = None,
    history: bool = True,
    since: str = "",
    all_refs: bool = False,
    families: Mapping[str, Family] = FAMILIES,
    progress: Progress = silent,
) -> ScanResult:
    """Everything the rules see at a commit, as one batch with its coverage.

    `since` names an earlier commit whose history was scanned with this store, so that only what came after it is
    walked; `all_refs` adds the history of every branch and tag. Raises `GitError` where the repository or the commit
    cannot be read.
    """
    limits = limits or Limits()
    reader = Reader(mirror, store, key, limits)

    def work() -> ScanResult:
        folder = Folder(reader, families, progress)
        span = Span(commit, since, all_refs)
        past = [family for family in families.values() if history and is_past(family)]
        historians = {family.name: Historian(reader, family, span, progress) for family in past}
        with ExitStack() as aside:
            for historian in historians.values():
                aside.enter_context(historian.walking())
            fold = folder.fold(commit, [since] if since else [])
        said = Said(Counts(fold.files, folder.read))
        for family in families.values():
            with said.of(family) as seen:
                if family.name in historians:
                    found = historians[family.name].find(fold)
                    seen += judgement(family, [*fold.places(family, store), *found.places], limits.settings)
                    said.counts.history_blobs += found.read
                    said.notices += found.notices
                else:
                    seen += fold.judged(family, store, limits.settings)
        store.put_fold(fold, lasting=all_refs)
        return ScanResult(_batch(mirror, fold, families, said), said.counts)

    with few_collections():
        return _whole(work, store)


def observed(mirror: Mirror, commit: str, store: FactStore, key: bytes, family: Family, limits: Limits) -> Batch:
    """What one family sees in the tree of a commit, history left out, and what it could not read."""
    reader = Reader(mirror, store, key, limits)

    def work() -> Batch:
        fold, said = Folder(reader, FAMILIES, silent).fold(commit, []), Said(Counts())
        with said.of(family) as seen:
            seen += fold.judged(family, store, limits.settings)
        store.put_fold(fold, lasting=False)
        return _batch(mirror, fold, {family.name: family}, said)

    return _whole(work, store)


@dataclass(frozen=True)
class Between:
    """Trees of which one family is asked what it sees: that of `old`, with some paths as they are in that of `new`."""

    mirror: Mirror
    store: FactStore
    key: bytes = field(repr=False)
    limits: Limits
    family: Family
    old: str
    new: str

    def differing(self, paths: Collection[str]) -> list[str]:
        """Those of the paths that say something else to the family in the one tree than in the other."""

        def work() -> list[str]:
            one, other = self._folds()
            return one.differing(other, self.family, paths, self.store)

        return _whole(work, self.store)

    def seen(self, paths: Collection[str]) -> Batch:
        """What there is to be seen with these paths as they are in the newer tree."""

        def work() -> Batch:
            (one, other), said = self._folds(), Said(Counts())
            with said.of(self.family) as seen:
                deque(one.judged(self.family, self.store, self.limits.settings), 0)  # only what is mixed in costs
                one = one.mixed(other, self.family, paths)
                seen += one.judged(self.family, self.store, self.limits.settings)
            return _batch(self.mirror, one, {self.family.name: self.family}, said)

        return _whole(work, self.store)

    def _folds(self) -> tuple[Fold, Fold]:
        folder = Folder(Reader(self.mirror, self.store, self.key, self.limits), FAMILIES, silent)
        one, other = folder.fold(self.old, [self.new]), folder.fold(self.new, [self.old])
        for fold in (other, one):
            self.store.put_fold(fold, lasting=False)
        return one, other


@dataclass(slots=True)
class Said:
    """What the families say of a tree, and which of their rules broke."""

    counts: Counts
    seen: list[Observation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    @contextmanager
    def of(self, family: Family) -> Iterator[list[Observation]]:
        """Takes what a family sees: all of it, or nothing where its rules break."""
        seen: list[Observation] = []
        try:
            yield seen
        except Misjudged:
            keys = [rule.key for rule in family.rules]
            self.failed.update(keys)
            self.notices.append(notice(FAILED, rules=", ".join(keys)))
        else:
            self.seen += seen
            self.counts.rules.update(one.rule for one in seen)


def _whole(work: Callable[[], T], store: FactStore) -> T:
    """What a piece of work comes to. It begins again where another process replaces the fold it started from."""
    for _ in range(TRIES):
        try:
            return work()
        except Outdated:
            store.renew()
    return work()


def _batch(mirror: Mirror, fold: Fold, families: Mapping[str, Family], said: Said) -> Batch:
    unreadable = fold.uncovered(families)
    rules = tuple(rule for family in families.values() for rule in family.rules)
    return Batch(
        tool=TOOL,
        tool_version=VERSION,
        rules=rules,
        observations=tuple(said.seen),
        coverage=Coverage(
            rules=frozenset(rule.key for rule in rules) - said.failed,
            unreadable=frozenset(unreadable),
            paths=TreePaths(mirror, fold.commit),
            failed=frozenset(said.failed),
        ),
        commit=fold.commit,
        notices=(*(Notice(why, path) for path, why in unreadable.items()), *said.notices),
    )
