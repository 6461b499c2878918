"""The grade: a number that explains itself, made from the open problems and today's date, and from nothing else.

Formula 1. Every open problem costs points by priority, half as much again when it is overdue. The problems of one rule
are ranked, the costliest first, and the n-th costs an n-th of its points (rounded half up to a tenth): the hundredth
finding of a rule hardly matters, the first of another rule does. The raw score is 100 less these parts, not below 0.
Then caps: an open P0 holds the grade at D or below, an overdue P0 at F, an overdue P1 at C or below.

Why the properties hold: sorted costs can only shrink when one is taken away, so fixing never lowers and adding never
raises; no problem costs more than 15 points and B and C are 15 points wide, so one change moves the raw score by one
letter at most, and whatever jumps further does so because of a cap, which is named.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import accumulate

from findings.core.types import Priority
from remediation.core.planning import overdue

FORMULA = 1

Id = int | str

TOP = Decimal("100.0")
TENTH = Decimal("0.1")
NONE = Decimal("0.0")

# What a problem costs at full, in tenths of a point: in time, and overdue.
WEIGHTS: Mapping[Priority, int] = {Priority.P0: 100, Priority.P1: 50, Priority.P2: 20}
LATE_WEIGHTS: Mapping[Priority, int] = {Priority.P0: 150, Priority.P1: 75, Priority.P2: 30}

# A problem that stands behind so many of its rule costs nothing (see `tenths_at`): it only has to be counted.
FELT: Mapping[Priority, int] = {priority: 2 * cost for priority, cost in LATE_WEIGHTS.items()}

# The lowest score of each letter, best first.
LETTERS: Mapping[str, Decimal] = {
    "A": Decimal(90),
    "B": Decimal(75),
    "C": Decimal(60),
    "D": Decimal(40),
    "F": Decimal(0),
}
TASTES: Mapping[str, str] = {"A": "🟢", "B": "🟢", "C": "🟡", "D": "🔴", "F": "🔴", "": ""}


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding as the grade sees it. What is flapping, not covered or only claimed counts as any open one, so there is
    no field for it; what is fixed is not given at all. `first_due` is the date before anybody moved it. `n` such
    findings that nothing tells apart may stand together: they cost what they would cost one by one.
    """

    id: Id
    rule: str
    priority: Priority
    due: date | None = None
    first_due: date | None = None
    accepted: bool = False
    false_positive: bool = False
    n: int = 1

    @property
    def counts(self) -> bool:
        """Whether it costs points: accepted problems and false positives do not."""
        return not (self.accepted or self.false_positive)


@dataclass(frozen=True, slots=True)
class Part:
    """What one problem costs: `rank` is its (first) place among the problems of its rule. The floor row (`problem`
    None) gives back what goes below zero, so that the parts always add up to 100 less the raw score.
    """

    problem: Id | None
    rule: str
    priority: Priority | None
    overdue: bool
    rank: int
    points: Decimal


class CapName(StrEnum):
    """Why a grade cannot be better than a letter."""

    OPEN_P0 = "open_p0"
    OVERDUE_P0 = "overdue_p0"
    OVERDUE_P1 = "overdue_p1"


# From the mildest to the hardest, so that each one says what it takes on top of those before it.
CAPS: Mapping[CapName, str] = {CapName.OVERDUE_P1: "C", CapName.OPEN_P0: "D", CapName.OVERDUE_P0: "F"}


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap that applies: at most `letter`, because of these problems. `points` is what it takes (0: not felt)."""

    name: CapName
    letter: str
    ceiling: Decimal
    points: Decimal
    problems: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and all that explains it. Points are Decimals with one place.

    100 - sum(points of parts) = raw, and raw - sum(points of caps) = score. Without a complete scan there is no grade:
    score and raw are None, letter is "".
    """

    score: Decimal | None
    letter: str
    raw: Decimal | None = None
    parts: tuple[Part, ...] = ()
    caps: tuple[Cap, ...] = ()
    formula: int = FORMULA

    @property
    def taste(self) -> str:
        """🟢 for A and B, 🟡 for C, 🔴 below; nothing where there is no grade."""
        return TASTES[self.letter]


UNGRADED = Grade(score=None, letter="")


def grade(problems: Sequence[Problem], *, today: date, scanned: bool = True) -> Grade:
    """Grade a component, a repository or a team by its problems; `scanned` says that one complete scan has run."""
    if not scanned:
        return UNGRADED
    parts = cost_parts(problems, today)
    raw = TOP - sum((p.points for p in parts), NONE)
    caps = _caps(parts, raw)
    score = raw - sum((c.points for c in caps), NONE)
    return Grade(score=score, letter=letter_for(score), raw=raw, parts=parts, caps=caps)


def strict_grade(problems: Sequence[Problem], *, today: date, scanned: bool = True) -> Grade:
    """The grade as it would be without acceptances and moved dates. False positives stay out: they are no problems."""
    return grade([replace(p, accepted=False, due=unmoved(p)) for p in problems], today=today, scanned=scanned)


def what_if(problems: Sequence[Problem], fixed: Collection[Id], *, today: date, scanned: bool = True) -> Grade:
    """The grade as it would be with these problems fixed."""
    return grade([p for p in problems if p.id not in fixed], today=today, scanned=scanned)


def letter_for(score: Decimal) -> str:
    """The letter of a score from 0 to 100."""
    return next(letter for letter, lowest in LETTERS.items() if score >= lowest)


def weight(problem: Problem, today: date) -> int:
    """The full cost of a problem in tenths of a point, before it is divided by its rank in its rule."""
    return (LATE_WEIGHTS if overdue(problem.due, today) else WEIGHTS)[problem.priority]


def tenths_at(cost: int, rank: int) -> int:
    """What a problem of this full cost takes at this rank (from 1): cost / rank in tenths, rounded half up."""
    return (2 * cost + rank) // (2 * rank)


def tenths_of(cost: int, rank: int, n: int = 1) -> int:
    """What `n` problems of this full cost take from this rank on."""
    sums = _sums(cost)
    return sums[min(rank + n - 1, 2 * cost)] - sums[min(rank - 1, 2 * cost)]


@cache
def _sums(cost: int) -> tuple[int, ...]:
    """What the first problems of a rule cost together, for each number of them that is felt."""
    return tuple(accumulate((tenths_at(cost, rank) for rank in range(1, 2 * cost + 1)), initial=0))


def cost_parts(problems: Iterable[Problem], today: date) -> tuple[Part, ...]:
    """The parts of the raw score, costliest first, with the floor row last where the parts exceed 100."""
    rules: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.counts:
            rules.setdefault(problem.rule, []).append(problem)
    parts = [part for group in rules.values() for part in _ranked(group, today)]
    parts.sort(key=lambda p: (-p.points, p.rule, p.rank))
    excess = sum((p.points for p in parts), NONE) - TOP
    if excess > 0:
        parts.append(Part(None, "", None, False, 0, -excess))
    return tuple(parts)


def _ranked(group: list[Problem], today: date) -> list[Part]:
    parts, rank = [], 1
    for p in sorted(group, key=lambda p: (-weight(p, today), p.priority, _by_age(p.id))):
        points = tenths_of(weight(p, today), rank, p.n) * TENTH
        parts.append(Part(p.id, p.rule, p.priority, overdue(p.due, today), rank, points))
        rank += p.n
    return parts


def _by_age(id: Id) -> tuple[int, str]:
    return (id, "") if isinstance(id, int) else (0, id)


def caps_of(priority: Priority | None, late: bool) -> tuple[CapName, ...]:
    """The caps a single open problem brings."""
    if priority == Priority.P0:
        return (CapName.OPEN_P0, CapName.OVERDUE_P0) if late else (CapName.OPEN_P0,)
    return (CapName.OVERDUE_P1,) if priority == Priority.P1 and late else ()


def ceiling_of(letter: str) -> Decimal:
    """The highest score that still has this letter."""
    better = [lowest for lowest in LETTERS.values() if lowest > LETTERS[letter]]
    return min(better) - TENTH if better else TOP


def _caps(parts: Sequence[Part], raw: Decimal) -> tuple[Cap, ...]:
    found: list[Cap] = []
    for name, letter in CAPS.items():
        causes = [p.problem for p in parts if p.problem is not None and name in caps_of(p.priority, p.overdue)]
        if causes:
            ceiling = ceiling_of(letter)
            taken = max(raw - ceiling, NONE)
            raw -= taken
            found.append(Cap(name, letter, ceiling, taken, tuple(sorted(causes, key=_by_age))))
    return tuple(found)


def unmoved(problem: Problem) -> date | None:
    """When it was due before anybody moved the date."""
    if problem.due is None or problem.first_due is None:
        return problem.due or problem.first_due
    return min(problem.due, problem.first_due)


class ChangeKind(StrEnum):
    """What became of a problem, or what a cap did, between two grades."""

    GONE = "gone"
    NEW = "new"
    CHANGED = "changed"
    FLOOR = "floor"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of why a grade moved: `points` is its share of the movement, positive when it raised the score."""

    kind: ChangeKind
    subject: Id
    points: Decimal


def movement(before: Grade, after: Grade) -> tuple[Change, ...]:
    """Why the score moved: rows that add up to the difference of the two scores, the largest first.

    Nothing can be said between two formula versions, or where one side has no grade: the answer is empty.
    """
    if before.score is None or after.score is None or before.formula != after.formula:
        return ()
    old = {p.problem: p.points for p in before.parts}
    new = {p.problem: p.points for p in after.parts}
    rows = [_part_change(key, old.get(key), new.get(key)) for key in {**old, **new}]
    taken = {c.name: c.points for c in before.caps}
    takes = {c.name: c.points for c in after.caps}
    rows += [Change(ChangeKind.CAP, n, taken.get(n, NONE) - takes.get(n, NONE)) for n in {**taken, **takes}]
    felt = [row for row in rows if row.points]
    return tuple(sorted(felt, key=lambda r: (-abs(r.points), r.kind, str(r.subject))))


def _part_change(problem: Id | None, old: Decimal | None, new: Decimal | None) -> Change:
    points = (old or NONE) - (new or NONE)
    if problem is None:
        return Change(ChangeKind.FLOOR, "", points)
    if new is None:
        return Change(ChangeKind.GONE, problem, points)
    return Change(ChangeKind.NEW if old is None else ChangeKind.CHANGED, problem, points)
