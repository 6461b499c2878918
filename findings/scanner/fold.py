"""What a tree comes to: where its facts are, what could not be read, what the rules saw. A tree that differs from one
whose fold is known costs the difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from findings.core.facts import Family, Place, Settings
from findings.core.types import Observation
from findings.scanner.held import Held, Places
from findings.scanner.judging import judge_around, judgement, placed
from findings.scanner.kept import FactStore, Reading
from findings.scanner.kinds import FactKey, Kind
from findings.scanner.reading import EVERY, is_missing
from findings.scanner.shelves import fill

CHUNK = 2000  # facts in memory at once, unless a single part has more


@dataclass(slots=True)
class Fold:
    """The fold of a commit's tree under one signature (versions, limits, key). Not changed once it is kept.

    `unreadable`: path -> family -> why (an empty name: every family). `missing`: path -> blob of what was not here.
    `files`: how many regular files there are. `token`: how it, or the one it grew from, was kept last.
    """

    signature: str
    commit: str
    files: int = 0
    held: dict[str, Held] = field(default_factory=dict)
    unreadable: dict[str, Mapping[str, str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def successor(self, commit: str) -> "Fold":
        """A copy to be changed into the fold of another commit."""
        held = {name: one.copy() for name, one in self.held.items()}
        unreadable, missing = dict(self.unreadable), dict(self.missing)
        return Fold(self.signature, commit, self.files, held, unreadable, missing, self.token)

    def prepare(self, paths: Mapping[str, Sequence[Kind]]) -> None:
        """Fetches at once what is held of these paths."""
        homes: dict[str, set[str]] = {}
        for path, kinds in paths.items():
            for family in _families(kinds):
                homes.setdefault(family.name, set()).add(family.part(path) or path)
        held = [(self.held[name].places, some) for name, some in homes.items() if name in self.held]
        fill([(places, places.lacking(some)) for places, some in held])

    def drop(self, path: str, kinds: Sequence[Kind]) -> None:
        """Forgets a path."""
        self.unreadable.pop(path, None)
        self.missing.pop(path, None)
        for family in _families(kinds):
            if held := self.held.get(family.name):
                held.put(family, path, None)

    def put(self, path: str, blob: str, readings: Sequence[tuple[Kind, Reading]]) -> None:
        """Adds a path that was dropped or is new."""
        failed: dict[str, str] = {}
        for kind, reading in readings:
            failed.update(reading.failed)
            if is_missing(reading):
                self.missing[path] = blob
            for bit, part in enumerate(kind.parts if reading.found else ()):
                if reading.found >> bit & 1:
                    name = part.family.name
                    if name not in self.held:
                        self.held[name] = Held.of(name)
                    self.held[name].put(part.family, path, part.key(blob))
        if failed:
            self.unreadable[path] = failed

    def stand_in(self, earlier: Mapping[str, Iterable[tuple[Family, FactKey]]]) -> None:
        """Take what files said earlier for what they say, where they cannot be read now."""
        for path, facts in earlier.items():
            why = self.unreadable[path]
            for family, key in facts:
                if EVERY in why or family.name in why:
                    self.held.setdefault(family.name, Held.of(family.name)).put(family, path, key)

    def settle(self, store: FactStore) -> None:
        """Nothing has to be judged again where the facts are what they were before, though the blobs are others."""
        pairs = {name: held.pairs() for name, held in self.held.items()}
        every = [pair for parts in pairs.values() for paths in parts.values() for pair in paths.values()]
        facts = store.get_many({key for old, new in every if old and new and old != new for key in (old, new)})
        for name, parts in pairs.items():
            for part, paths in parts.items():
                if all(old == new or _same(old, new, facts) for old, new in paths.values()):
                    del self.held[name].stale[part]

    def uncovered(self, families: Mapping[str, Family]) -> dict[str, str]:
        """Path -> why one of these families could not read it."""
        order = [EVERY, *families]
        said = ((path, [why[name] for name in order if name in why]) for path, why in self.unreadable.items())
        return {path: reasons[-1] for path, reasons in sorted(said) if reasons}

    def blobs(self, family: Family) -> set[str]:
        """The blobs of which a family has facts."""
        return {key.blob for _, key in self.held[family.name].places.items()} if family.name in self.held else set()

    def places(self, family: Family, store: FactStore) -> list[Place]:
        """Everything a family has of the tree."""
        held = self.held.get(family.name) or Held.of(family.name)
        return placed(dict(held.places.items()), store)

    def differing(self, other: "Fold", family: Family, paths: Iterable[str], store: FactStore) -> list[str]:
        """Those of the paths of which a family has other facts in another tree."""
        pairs = {path: (self._key(family, path), other._key(family, path)) for path in paths}
        keys = {key for pair in pairs.values() if None not in pair and pair[0] != pair[1] for key in pair if key}
        facts = store.get_many(keys)
        return [path for path, (one, two) in pairs.items() if one != two and not _same(one, two, facts)]

    def mixed(self, other: "Fold", family: Family, paths: Iterable[str]) -> "Fold":
        """A copy in which these paths are to a family what they are in another tree."""
        fold = self.successor(self.commit)
        for path in paths:
            fold.held.setdefault(family.name, Held.of(family.name)).put(family, path, other._key(family, path))
            fold.unreadable.pop(path, None)
            if path in other.unreadable:
                fold.unreadable[path] = other.unreadable[path]
        return fold

    def _key(self, family: Family, path: str) -> FactKey | None:
        held = self.held.get(family.name)
        return held.key(family, path) if held else None

    def judged(self, family: Family, store: FactStore, settings: Settings) -> Iterator[Observation]:
        """What the rules of a family see in files that can be read. Only parts that changed since they were judged are
        judged again. Raises `Misjudged`; the next fold tries again.
        """
        held = self.held.get(family.name) or Held.of(family.name)
        if family.narrow:
            judge_around(family, family.narrow, held, store, settings)
        for some in _chunks(held.parts(family, held.stale)):
            facts = store.get_many({key for keys in some.values() for key in keys.values()})
            for part, keys in some.items():
                places = [Place(path, facts[key]) for path, key in sorted(keys.items())]
                held.seen.put(part, part, judgement(family, places, settings) or None)
        held.stale.clear()
        unread = {path for path, why in self.unreadable.items() if EVERY in why or family.name in why}
        for _, seen in sorted(held.seen.items(), key=lambda item: item[0]):
            yield from (one for one in seen if one.path not in unread) if unread else seen


def _same(one: FactKey | None, other: FactKey | None, facts: Mapping[FactKey, Any]) -> bool:
    return one is not None and other is not None and bool(facts[one] == facts[other])


def _families(kinds: Sequence[Kind]) -> Iterator[Family]:
    return (part.family for kind in kinds for part in kind.parts)


def _chunks(parts: Mapping[str, Places]) -> Iterator[dict[str, Places]]:
    """Parts in order, so many at once that their facts fit."""
    some: dict[str, Places] = {}
    size = 0
    for part in sorted(parts):
        some[part] = parts[part]
        size += len(parts[part])
        if size >= CHUNK:
            yield some
            some, size = {}, 0
    if some:
        yield some
