"""From the last proven commit to the one that is scanned, one by one: who is what now, and which commit did it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from findings.core.lineage import Lineage, Turn
from findings.core.types import Batch, Drift, Known, Tracked
from findings.git import Mirror

Look = Callable[[str], Batch]


@dataclass(frozen=True, slots=True)
class Way:
    """From `old` back to `start`, where that is another commit, and on over `commits`. `straight`: each of these is
    the child of the one before; else the way is a jump between two histories.
    """

    old: str
    start: str
    commits: Sequence[str]
    straight: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """`tracked` is what the whole way means for what was known; `ended` and `back` say by which step. `before` are
    findings that were gone already where the way begins.
    """

    way: Way
    tracked: Tracked
    ended: dict[int, Turn] = field(default_factory=dict)
    back: dict[int, Turn] = field(default_factory=dict)
    before: frozenset[int] = frozenset()

    def made_by(self, turn: Turn) -> bool:
        """Whether the step of a turn is a commit of the branch, compared with its parent."""
        return self.way.straight and turn.commit in self.way.commits


def way(mirror: Mirror, old: str, new: str) -> Way:
    """How to get from one commit to the other.

    Where `old` is no first parent of `new` (rewritten history, or a merge that put another line first), the way goes
    back to where the line of `new` leaves what was known. A line that shares nothing is a jump.
    """
    if old == new:
        return Way(old, old, [new])
    commits = mirror.first_parent(old, new) if old else []
    start = mirror.parent(commits[0]) if commits else ""
    return Way(old, start, commits) if start and mirror.has(start) else Way(old, old, [new], straight=False)


def walk(mirror: Mirror, known: Sequence[Known], way: Way, new: Batch, look: Look) -> Walk:
    """Track along a way to the batch `new`; `look` says what the rules see at a commit before it."""
    if len(way.commits) == 1 and way.start == way.old:
        line = Lineage(known, way.old)
        line.step(new.commit, new.observations, new.coverage, drift(mirror, way.old, new.commit, line.paths))
        if not line.ended and not line.back:
            return Walk(way, line.outcome())
    line = Lineage(known)
    if way.old:
        first = look(way.old)
        line.step(way.old, first.observations, first.coverage)
    for commit in ([way.start] if way.start != way.old else []) + list(way.commits):
        batch = new if commit == new.commit else look(commit)
        line.step(commit, batch.observations, batch.coverage, drift(mirror, line.commit, commit, line.paths))
    before = frozenset(finding for finding, turn in line.ended.items() if way.old and turn.step == 1)
    return Walk(way, line.outcome(), line.ended, line.back, before)


def drift(mirror: Mirror, old: str, new: str, paths: Iterable[str]) -> Drift:
    """How the files in which something is known changed. Renames are looked for only where one of them is gone."""
    if not old or old == new:
        return Drift()
    changed = {path: status for status, path in mirror.changes(old, new)}
    touched = sorted(path for path in paths if path in changed)
    if any(changed[path] == "D" for path in touched):
        return Drift(renames=mirror.renames(old, new), lines=mirror.line_maps(old, new))
    return Drift(lines=mirror.line_maps(old, new, touched)) if touched else Drift()
