"""What a row of commits means for what is known: tracked commit by commit, told as one answer.

A push of many commits is walked one by one, because each step changes little: code that moved in one commit and was
edited in the next is followed, and what ended or came back is known by the commit that did it. The answer speaks of
what was known before the first step and what is seen after the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from findings.core.tracking import NO_DRIFT, track
from findings.core.types import Absence, Coverage, Drift, Known, Match, Observation, Reason, Tracked

PLACES = 4  # the latest places of a finding, each in another file, that it is known by when it comes back


class Turn(NamedTuple):
    """The step that ended a finding or brought it back: `place` as it was before that (or is now). `base` is the commit
    to compare with: the last one in which the place was read.
    """

    commit: str
    base: str
    place: Known
    reason: Reason
    step: int


@dataclass(slots=True)
class Seen:
    """What one step saw of one place: which observation it is, and the weakest pass that ever matched it."""

    index: int
    step: int
    ambiguous: bool = False
    renamed: bool = False


@dataclass(slots=True)
class Lineage:
    """Begins with what is known; `step` through the commits; `outcome` is the answer, `ended` and `back` say which step
    turned what.
    """

    known: Sequence[Known]
    commit: str = ""
    ended: dict[int, Turn] = field(default_factory=dict)
    back: dict[int, Turn] = field(default_factory=dict)
    _places: dict[int, Known] = field(default_factory=dict)
    _past: dict[int, list[Known]] = field(default_factory=dict)
    _seen: dict[int, Seen] = field(default_factory=dict)
    _over: dict[int, Reason] = field(default_factory=dict)
    _kept: dict[int, Reason] = field(default_factory=dict)
    _unread: dict[int, str] = field(default_factory=dict)
    _rotated: frozenset[int] = frozenset()
    _number: int = 0
    _steps: int = 0

    def __post_init__(self) -> None:
        self._rotated = frozenset(one.finding for one in self.known if one.rotated)
        for one in self.known:
            if one.present:
                self._places[one.occurrence] = one
            else:
                self._past.setdefault(one.finding, []).append(one)

    @property
    def paths(self) -> set[str]:
        """Where anything is known to be now."""
        return {place.path for place in self._places.values() if place.at_head}

    def step(self, commit: str, seen: Sequence[Observation], coverage: Coverage, drift: Drift = NO_DRIFT) -> Tracked:
        """Go on to a commit that saw this. Answers what this step alone changed."""
        rows = [*self._places.values(), *(one for rows in self._past.values() for one in rows)]
        tracked = track(rows, seen, coverage, drift)
        self._steps += 1
        self._end(commit, tracked)
        self._keep(tracked.kept)
        before, self._seen = self._seen, {}
        for match in tracked.matches:
            self._follow(commit, match, seen[match.seen], before)
        for group in tracked.new:
            finding = self._next()
            for index in group:
                self._take(finding, self._next(), seen[index], Seen(index, 0))
        self.commit = commit
        return tracked

    def _next(self) -> int:
        """A number for what the caller does not know: below zero."""
        self._number -= 1
        return self._number

    def _end(self, commit: str, tracked: Tracked) -> None:
        for absence in tracked.ended:
            self._places.pop(absence.occurrence)
            self._over[absence.occurrence] = absence.reason
        for finding, reason in tracked.closed.items():
            places = [one for one in self._places.values() if one.finding == finding]
            for one in places:
                del self._places[one.occurrence]
                self._over[one.occurrence] = reason
            last = places[-1]
            base = next((self._unread[one.occurrence] for one in places if one.occurrence in self._unread), self.commit)
            self.ended[finding] = Turn(commit, base, last, reason, self._steps)
            self.back.pop(finding, None)
            self._leave(last)

    def _leave(self, place: Known) -> None:
        """Remember a place that a finding has no more, before the others it had."""
        others = [one for one in self._past.get(place.finding, ()) if one.path != place.path and not place.key]
        rows = [place, *sorted(others, key=attrgetter("ago"))][:PLACES]
        self._past[place.finding] = [replace(one, occurrence=0, present=False, ago=n) for n, one in enumerate(rows)]

    def _keep(self, kept: Iterable[Absence]) -> None:
        self._kept = {}
        for absence in kept:
            one = self._places[absence.occurrence]
            self._places[absence.occurrence] = replace(one, path=absence.path or one.path, line=absence.line)
            self._kept[absence.occurrence] = absence.reason
            if absence.reason == Reason.NOT_COVERED:
                self._unread.setdefault(absence.occurrence, self.commit)

    def _follow(self, commit: str, match: Match, seen: Observation, before: Mapping[int, Seen]) -> None:
        occurrence = match.occurrence or self._next()
        old, place = before.get(occurrence), self._places.get(occurrence)
        if place and place.path != seen.path and not place.key:
            self._leave(place)
        self._take(
            match.finding,
            occurrence,
            seen,
            Seen(
                match.seen,
                max(match.step, old.step if old else 0),
                match.ambiguous or (old is not None and old.ambiguous),
                match.renamed or (old is not None and old.renamed),
            ),
        )
        self._unread.pop(occurrence, None)
        turned = self.back.get(match.finding)
        if match.regression and not (turned and turned.step == self._steps):
            self.ended.pop(match.finding, None)
            self.back[match.finding] = Turn(commit, self.commit, self._places[occurrence], Reason.FIXED, self._steps)

    def _take(self, finding: int, occurrence: int, seen: Observation, what: Seen) -> None:
        self._places[occurrence] = as_known(finding, occurrence, seen, finding in self._rotated)
        self._seen[occurrence] = what

    # The answer

    def outcome(self) -> Tracked:
        """What became of what was known at the beginning, in terms of what the last step saw."""
        start = {one.occurrence: one for one in self.known if one.present}
        was_open = {one.finding for one in start.values()}
        known = was_open | {one.finding for one in self.known}
        heirs = self._heirs(start)
        matches: list[Match] = []
        groups: dict[int, list[int]] = {}
        kept: list[Absence] = []
        for occurrence, place in self._places.items():
            origin = occurrence if occurrence in start else heirs.get(occurrence, 0)
            if place.finding not in known:
                if occurrence in self._seen:
                    groups.setdefault(place.finding, []).append(self._seen[occurrence].index)
            elif occurrence in self._seen:
                matches.append(self._match(place, origin, start.get(origin), place.finding not in was_open))
            elif origin:
                reason = self._kept.get(occurrence, Reason.NOT_COVERED)
                kept.append(Absence(place.finding, origin, reason, place.path, place.line))
        alive = {place.finding for place in self._places.values()}
        used = {match.occurrence for match in matches} | {absence.occurrence for absence in kept}
        ended = [
            Absence(one.finding, occurrence, self._over.get(occurrence, Reason.MOVED))
            for occurrence, one in start.items()
            if occurrence not in used and one.finding in alive
        ]
        closed = {finding: self.ended[finding].reason for finding in sorted(was_open - alive)}
        matches.sort(key=lambda match: match.seen)
        order = sorted((tuple(sorted(group)) for group in groups.values()), key=lambda group: group[0])
        return Tracked(tuple(matches), tuple(order), tuple(ended), closed, tuple(kept))

    def _heirs(self, start: Mapping[int, Known]) -> dict[int, int]:
        """Place found on the way -> the first one of its finding, in the same file, that ended and came back; or, for
        one that cannot be read now, any that ended.
        """
        free: dict[int, list[Known]] = {}
        for occurrence, one in start.items():
            if occurrence not in self._places:
                free.setdefault(one.finding, []).append(one)
        heirs = {}
        for occurrence, place in self._places.items():
            rows = free.get(place.finding, []) if occurrence not in start else []
            unread = occurrence not in self._seen
            row = next((one for one in rows if (one.path, one.at_head) == (place.path, place.at_head) or unread), None)
            if row is not None:
                rows.remove(row)
                heirs[occurrence] = row.occurrence
        return heirs

    def _match(self, place: Known, origin: int, first: Known | None, regression: bool) -> Match:
        seen = self._seen[place.occurrence]
        moved = place.line - first.line if first and first.line and place.line else 0
        return Match(
            place.finding,
            origin,
            seen.index,
            8 if regression else seen.step,
            moved,
            seen.ambiguous,
            regression,
            seen.renamed,
        )


def as_known(finding: int, occurrence: int, seen: Observation, rotated: bool = False) -> Known:
    """What a batch saw, as what is known when the next one comes."""
    return Known(
        finding=finding,
        occurrence=occurrence,
        rule=seen.rule,
        path=seen.path,
        line=seen.line,
        identity=seen.identity,
        key=seen.key,
        tool_id=seen.tool_id,
        partial=seen.partial,
        line_hash=seen.line_hash,
        block_hash=seen.block_hash,
        shape=seen.shape,
        excerpt=seen.excerpt,
        excerpt_line=seen.excerpt_line,
        at_head=seen.at_head,
        rotated=rotated,
    )
