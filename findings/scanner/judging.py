"""What rules see at places, and how little of a tree is judged again where a family says what a change reaches."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from findings.core.facts import Family, Place, Settings
from findings.core.narrowing import Narrow
from findings.core.types import Observation
from findings.memory import steady_memory
from findings.scanner.held import Held, Seen
from findings.scanner.kept import FactStore
from findings.scanner.kinds import FactKey
from findings.scanner.reading import where
from findings.scanner.shelves import Shelf, fill

log = logging.getLogger(__name__)

FEW = 200  # changed places for which it is worth asking what they reach


class Misjudged(Exception):
    """The rules of a family broke on a tree: nobody knows what they would have seen."""


@steady_memory()
def judgement(family: Family, places: Sequence[Place], settings: Settings) -> Seen:
    """What the rules of a family see at these places. Raises `Misjudged` where they break."""
    try:
        return tuple(family.judge(places, settings)) if places else ()
    except Exception as error:
        log.error("the rules of %s failed: %s", family.name, where(error))
        raise Misjudged from None


def placed(keys: Mapping[str, FactKey], store: FactStore) -> list[Place]:
    """These paths with their facts, in order."""
    facts = store.get_many(set(keys.values()))
    return [Place(path, facts[key]) for path, key in sorted(keys.items())]


class Asked:
    """See `narrowing.Ask`: the places of a tree, but for those that changed."""

    def __init__(self, held: Held, store: FactStore, changed: Collection[str]) -> None:
        self.held, self.store, self.changed = held, store, changed
        self._known: dict[str, Place] = {}

    def marked(self, marks: Collection[str]) -> list[Place]:
        """Those that have one of these marks."""
        fill([(self.held.marks, self.held.marks.lacking(marks))])
        return self.at({path for mark in marks for path in self.held.marks.at(mark).get(mark, ())})

    def at(self, paths: Collection[str]) -> list[Place]:
        """Those at these paths that have facts."""
        fresh = [path for path in paths if path not in self._known and path not in self.changed]
        fill([(self.held.places, self.held.places.lacking(fresh))])
        keys = {path: key for path in fresh if (key := self.held.places.at(path).get(path))}
        self._known.update((place.path, place) for place in placed(keys, self.store))
        return [self._known[path] for path in sorted(paths) if path in self._known]


def judge_around(family: Family, narrow: Narrow, held: Held, store: FactStore, settings: Settings) -> None:
    """Bring what a family saw up to date: by what its changes reach, or else by the whole tree. Raises `Misjudged`."""
    if held.stale and not _judged_again(family, narrow, held, store, settings):
        _judged_whole(family, narrow, held, store, settings)
    held.stale.clear()


def _judged_again(family: Family, narrow: Narrow, held: Held, store: FactStore, settings: Settings) -> bool:
    """Whether it could be done by what changed alone."""
    pairs = held.changes(FEW)
    if pairs is None:
        return False
    facts = store.get_many({key for pair in pairs.values() for key in pair if key})
    old = [Place(path, facts[key]) for path, (key, _) in pairs.items() if key]
    new = [Place(path, facts[key]) for path, (_, key) in pairs.items() if key]
    try:
        around = narrow.around([*old, *new], Asked(held, store, pairs.keys()))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        log.error("what a change reaches for %s: %s", family.name, where(error))
        around = None
    if around is None:
        return False
    others = [Place(place.path, place.facts) for place in around]
    gone, come = (judgement(family, _in_order([*others, *some]), settings) for some in (old, new))
    rows = {path: list(held.seen.at(path).get(path, ())) for path in {one.path for one in (*gone, *come)}}
    try:
        for one in gone:
            rows[one.path].remove(one)
    except ValueError:  # then it is not what was seen before: a rule that looks further than it says
        log.error("what %s saw before is not what it sees there: its whole tree is judged", family.name)
        return False
    for one in come:
        rows[one.path].append(one)
    for path, seen in rows.items():
        held.seen.put(path, path, tuple(sorted(seen, key=_turn)) or None)
    _mark(narrow, held, old, new)
    return True


def _judged_whole(family: Family, narrow: Narrow, held: Held, store: FactStore, settings: Settings) -> None:
    places = placed(dict(held.places.items()), store)
    rows: dict[str, list[Observation]] = defaultdict(list)
    for one in judgement(family, places, settings):
        rows[one.path].append(one)
    marks: dict[str, list[str]] = defaultdict(list)
    for place in places:
        for mark in set(narrow.marks(place)):
            marks[mark].append(place.path)
    held.seen = Shelf.of(held.seen.name, {path: tuple(sorted(seen, key=_turn)) for path, seen in rows.items()})
    held.marks = Shelf.of(held.marks.name, {mark: tuple(paths) for mark, paths in marks.items()})


def _mark(narrow: Narrow, held: Held, old: Iterable[Place], new: Iterable[Place]) -> None:
    """Bring the marks up to date."""
    before, after = ({(mark, place.path) for place in places for mark in narrow.marks(place)} for places in (old, new))
    for mark, path in before - after:
        left = tuple(other for other in held.marks.at(mark)[mark] if other != path)
        held.marks.put(mark, mark, left or None)
    for mark, path in after - before:
        held.marks.put(mark, mark, tuple(sorted({*held.marks.at(mark).get(mark, ()), path})))


def _in_order(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: place.path)


def _turn(one: Observation) -> tuple[int, str, str, str]:
    return one.line, one.rule, one.key, repr(one)
