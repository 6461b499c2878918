"""A scan: the whole tree of a commit at the price of what differs from one that is known.

Facts are kept by (blob, extractor, version) in a `FactStore`; rules fold the facts of the whole tree, and look again
where those changed. Only secrets look at history, and each blob of history is read once in the life of a repository.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from findings.core.facts import Family
from findings.core.rules import FAMILIES, TOOL
from findings.core.types import Batch, Coverage, Notice, Observation
from findings.git import Mirror
from findings.scanner.fold import Fold
from findings.scanner.kept import FactStore, MemoryStore, Read, Reading
from findings.scanner.kinds import FactKey, is_past
from findings.scanner.limits import Limits
from findings.scanner.past import Historian, Span
from findings.scanner.reading import Progress, Reader, silent
from findings.scanner.trees import Folder

__all__ = [
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
    folder = Folder(reader, families, progress)
    fold = folder.fold(commit, [since] if since else [])
    counts = Counts(fold.files, folder.read)
    said: list[Notice] = []
    seen: list[Observation] = []
    for family in families.values():
        if history and is_past(family):
            found = Historian(reader, family, progress).find(Span(commit, since, all_refs), fold)
            seen += family.judge([*fold.places(family, store), *found.places], limits.settings)
            counts.history_blobs += found.read
            said += found.notices
        else:
            seen += fold.judged(family, store, limits.settings)
    store.put_fold(fold, lasting=all_refs)
    counts.rules.update(observation.rule for observation in seen)
    return ScanResult(_batch(mirror, fold, families, seen, said), counts)


def observed(mirror: Mirror, commit: str, store: FactStore, key: bytes, family: Family, limits: Limits) -> Batch:
    """What one family sees in the tree of a commit, history left out, and what it could not read."""
    reader = Reader(mirror, store, key, limits)
    fold = Folder(reader, FAMILIES, silent).fold(commit, [])
    seen = list(fold.judged(family, store, limits.settings))
    store.put_fold(fold, lasting=False)
    return _batch(mirror, fold, {family.name: family}, seen, [])


def _batch(
    mirror: Mirror, fold: Fold, families: Mapping[str, Family], seen: Sequence[Observation], said: Sequence[Notice]
) -> Batch:
    unreadable = fold.uncovered(families)
    rules = tuple(rule for family in families.values() for rule in family.rules)
    return Batch(
        tool=TOOL,
        tool_version=VERSION,
        rules=rules,
        observations=tuple(seen),
        coverage=Coverage(
            rules=frozenset(rule.key for rule in rules),
            unreadable=frozenset(unreadable),
            paths=TreePaths(mirror, fold.commit),
        ),
        commit=fold.commit,
        notices=(*(Notice(why, path) for path, why in unreadable.items()), *said),
    )
