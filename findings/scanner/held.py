"""What one family has of a tree, in shares."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from findings.core.facts import Family
from findings.core.types import Observation
from findings.scanner.kinds import FactKey
from findings.scanner.shelves import BUCKETS, Shelf, Source, bucket_of, fill

FEW = 200  # paths of which it is worth asking whether their facts are the same

Seen = tuple[Observation, ...]
Places = dict[str, FactKey]
Changes = dict[str, FactKey | None]


@dataclass(slots=True)
class Held:
    """What one family has of a tree: path -> its facts, part -> what its rules saw there.

    Places of a part are kept together; where the whole tree is one part, by path. `stale`: parts whose rules have to
    look again -> paths that changed since they did, with what was there; None where that is not known. `marks`: mark ->
    paths of the places that had it when they were judged.
    """

    places: Shelf[FactKey]
    seen: Shelf[Seen]
    marks: Shelf[tuple[str, ...]]
    stale: dict[str, Changes | None] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, source: Source | None = None, stale: Iterable[str] = ()) -> "Held":
        """What is kept of a family of this name; without a source, nothing."""
        places: Shelf[FactKey] = Shelf(f"{name}:places", source)
        return cls(places, Shelf(f"{name}:seen", source), Shelf(f"{name}:marks", source), dict.fromkeys(stale))

    def shelves(self) -> "tuple[Shelf[FactKey], Shelf[Seen], Shelf[tuple[str, ...]]]":
        """All there is to be kept."""
        return self.places, self.seen, self.marks

    def copy(self) -> "Held":
        """A copy to be changed."""
        stale = {part: None if changes is None else dict(changes) for part, changes in self.stale.items()}
        return Held(self.places.copy(), self.seen.copy(), self.marks.copy(), stale)

    def put(self, family: Family, path: str, key: FactKey | None) -> None:
        """From now on these are the facts of a path, or there are none."""
        part = family.part(path)
        before = self.places.at(part or path).get(path)
        if self.places.put(part or path, path, key):
            changes = self.stale.setdefault(part, {})
            if changes is not None:
                changes.setdefault(path, before)

    def key(self, family: Family, path: str) -> FactKey | None:
        """Where the facts of a path are, if it has any."""
        return self.places.at(family.part(path) or path).get(path)

    def pairs(self) -> dict[str, dict[str, tuple[FactKey | None, FactKey | None]]]:
        """Part -> path -> (what was there, what is there now), of stale parts with few changes."""
        return {
            part: {path: (before, self.places.at(part or path).get(path)) for path, before in changes.items()}
            for part, changes in self.stale.items()
            if changes is not None and len(changes) <= FEW
        }

    def changes(self, most: int) -> dict[str, tuple[FactKey | None, FactKey | None]] | None:
        """Path -> (what was there, what is there now), of all that changed; None if that is not known, or too much."""
        found: dict[str, tuple[FactKey | None, FactKey | None]] = {}
        for part, changes in self.stale.items():
            if changes is None:
                return None
            found.update((path, (before, self.places.at(part or path).get(path))) for path, before in changes.items())
        return found if len(found) <= most else None

    def parts(self, family: Family, wanted: Collection[str]) -> dict[str, Places]:
        """Part -> path -> facts, of these parts."""
        found: dict[str, Places] = {part: {} for part in wanted}
        homes = None if "" in found else list(found)
        fill([(self.places, self.places.lacking(homes))])
        for number in range(BUCKETS) if homes is None else {bucket_of(part) for part in homes}:
            for path, key in self.places.bucket(number).items():
                if (mine := found.get(family.part(path))) is not None:
                    mine[path] = key
        return found
