"""What a tree comes to: where its facts are, what could not be read, what the rules saw. A tree that differs from one
whose fold is known costs the difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from findings.core.facts import Family, Place, Settings
from findings.core.types import Observation
from findings.scanner.kept import FactStore, Reading
from findings.scanner.kinds import FactKey, Kind
from findings.scanner.reading import EVERY, is_missing

FEW = 200  # paths of which it is worth asking whether their facts are the same
CHUNK = 2000  # facts in memory at once, unless a single part has more

Seen = dict[str, tuple[Observation, ...]]
Places = dict[str, dict[str, FactKey]]


@dataclass(slots=True)
class Held:
    """What one family has of a tree: part -> path -> its facts, and part -> what its rules saw there.

    `stale`: parts whose rules have to look again. `own`: parts that no other fold shares. `changed`: parts that are not
    as they were kept.
    """

    places: Places = field(default_factory=dict)
    seen: Seen = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def parts(self) -> set[str]:
        """The parts that have anything."""
        return {part for part in (*self.places, *self.seen) if self.places.get(part) or self.seen.get(part)}

    def copy(self) -> "Held":
        """A copy to be changed. Its parts are copied when they are."""
        return Held(dict(self.places), dict(self.seen), set(self.stale), changed=set(self.changed))

    def put(self, part: str, path: str, key: FactKey | None) -> None:
        """From now on these are the facts of a path, or there are none."""
        if self.places.get(part, {}).get(path) == key:
            return
        if part not in self.own:
            self.own.add(part)
            self.places[part] = dict(self.places.get(part, ()))
        if key:
            self.places[part][path] = key
        else:
            del self.places[part][path]
        self.stale.add(part)
        self.changed.add(part)


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

    def drop(self, path: str, families: Mapping[str, Family]) -> None:
        """Forgets a path."""
        self.unreadable.pop(path, None)
        self.missing.pop(path, None)
        for name, held in self.held.items():
            held.put(families[name].part(path), path, None)

    def put(self, path: str, blob: str, readings: Sequence[tuple[Kind, Reading]]) -> None:
        """Adds a path that was dropped or is new."""
        failed: dict[str, str] = {}
        for kind, reading in readings:
            failed.update(reading.failed)
            if is_missing(reading):
                self.missing[path] = blob
            for bit, part in enumerate(kind.parts if reading.found else ()):
                if reading.found >> bit & 1:
                    held = self.held.setdefault(part.family.name, Held())
                    held.put(part.family.part(path), path, part.key(blob))
        if failed:
            self.unreadable[path] = failed

    def settle(self, before: "Fold", store: FactStore) -> None:
        """Nothing has to be judged again where the facts are what they were before, though the blobs are others."""
        for name, held in self.held.items():
            old = before.held.get(name, Held())
            for part in held.stale - old.stale:
                if same_facts(old.places.get(part, {}), held.places[part], store):
                    held.stale.discard(part)

    def uncovered(self, families: Mapping[str, Family]) -> dict[str, str]:
        """Path -> why one of these families could not read it."""
        order = [EVERY, *families]
        said = ((path, [why[name] for name in order if name in why]) for path, why in self.unreadable.items())
        return {path: reasons[-1] for path, reasons in sorted(said) if reasons}

    def places(self, family: Family, store: FactStore) -> list[Place]:
        """Everything a family has of the tree."""
        held = self.held.get(family.name, Held())
        keys = [(path, key) for part in sorted(held.places) for path, key in sorted(held.places[part].items())]
        facts = store.get_many({key for _, key in keys})
        return [Place(path, facts[key]) for path, key in keys]

    def judged(self, family: Family, store: FactStore, settings: Settings) -> Iterator[Observation]:
        """What the rules of a family see. Only parts that changed since they were judged are judged again."""
        held = self.held.get(family.name, Held())
        for parts in _chunks(held):
            keys = {key for part in parts for key in held.places[part].values()}
            facts = store.get_many(keys)
            for part in parts:
                places = [Place(path, facts[key]) for path, key in sorted(held.places[part].items())]
                held.seen[part] = tuple(family.judge(places, settings)) if places else ()
                held.changed.add(part)
        held.stale.clear()
        for part in sorted(held.seen):
            yield from held.seen[part]


def _chunks(held: Held) -> Iterator[list[str]]:
    """The stale parts, so many at once that their facts fit."""
    some: list[str] = []
    size = 0
    for part in sorted(held.stale):
        some.append(part)
        size += len(held.places[part])
        if size >= CHUNK:
            yield some
            some, size = [], 0
    if some:
        yield some


def same_facts(old: Mapping[str, FactKey], new: Mapping[str, FactKey], store: FactStore) -> bool:
    """Whether the same paths have the same facts."""
    if old.keys() != new.keys():
        return False
    pairs = [(old[path], key) for path, key in new.items() if old[path] != key]
    if len(pairs) > FEW:
        return False
    facts = store.get_many({key for pair in pairs for key in pair})
    return all(facts[a] == facts[b] for a, b in pairs)
