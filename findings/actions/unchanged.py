"""What a report says in the very words of the one before: told by stamps, so that it is neither read nor compared.

Only where nothing is known to have changed between the two (no diff), and only findings without a key, which have one
place. `track` pairs equal words before all else where they stand once on both sides, whatever fingerprint or id others
share with them, so what is settled here would come out the same there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from findings.actions.known import Book, Owner, load, place_stamp
from findings.core.pairing import strongest
from findings.core.tracking import Words, folded
from findings.core.types import Match, Observation
from findings.models import Run

CHUNK = 10_000

PRESENT = """
SELECT o.said, o.id, f.id, o.component_id, f.component_id, f.at_head, f.key = ''
FROM findings_occurrence o JOIN findings_finding f ON f.id = o.finding_id
WHERE f.repository_id = %s AND f.category = %s AND f.rule_id = ANY(ARRAY(SELECT id FROM findings_rule WHERE tool = %s))
    AND o.to_run_id IS NULL
"""
Place = tuple[int, int, int, int, int, bool, bool]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """`words` of the batch, with what is settled; `matches` of those; `book` of all the others."""

    words: Words
    matches: list[Match]
    book: Book


def recognise(run: Run, seen: Sequence[Observation], owner: Owner) -> Unchanged:
    """Settle what is told as it was, and read what is left."""
    known, order = _Known(run), folded(seen)
    stamps = list(map(place_stamp, seen)) if known.places else []
    same = {index: place for index in order if stamps and (place := known.same(stamps[index], seen[index], owner))}
    settled = {place[1] for place in same.values()}
    book = load(run, [place for place in known.places if place not in settled] if settled else None)
    book.same, book.owner = {place[2] for place in same.values()}, owner
    matches = [_match(index, place, seen[index]) for index, place in same.items()]
    return Unchanged(Words(stamps, order, same.keys()), matches, book)


def _match(index: int, place: Place, one: Observation) -> Match:
    return Match(place[2], place[1], index, strongest(bool(one.tool_id), bool(one.partial)))


class _Known:
    """The present places of a scope, by the stamps of what was last said of them; those that share one are left out."""

    def __init__(self, run: Run) -> None:
        self.places: list[int] = []
        self._by_said: dict[int, Place | None] = {}
        for place in _present(run):
            self.places.append(place[1])
            self._by_said[place[0]] = None if place[0] in self._by_said or not place[6] else place

    def same(self, stamp: int, one: Observation, owner: Owner) -> Place | None:
        """The place that an observation is, in the same words and hands."""
        place = self._by_said.get(stamp)
        if place is None or one.key or one.at_head != place[5]:
            return None
        part = owner(one.path).pk
        return place if part == place[3] == place[4] else None


def _present(run: Run) -> Iterator[Place]:
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, [run.repository_id, run.category, run.tool])
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
