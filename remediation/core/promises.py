"""What became of a week's promise: proven, attested, claimed, carried over or dropped. No clock in here.

A promise is what was taken in when the week was committed; what is taken in later was added, and is counted by itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one thing of a week; `open` while that week still runs."""

    PROVEN = "proven"
    ATTESTED = "attested"
    CLAIMED = "claimed"
    CARRIED = "carried"
    DROPPED = "dropped"
    OPEN = "open"


KEPT = frozenset({Outcome.PROVEN, Outcome.ATTESTED})
SETTLED = {"proven": Outcome.PROVEN, "attested": Outcome.ATTESTED, "accepted": Outcome.DROPPED}


@dataclass(frozen=True, slots=True)
class Fate:
    """An item as its promise sees it: how and when it was settled (`by` a word of `SETTLED`), claimed, refuted."""

    by: str = ""
    settled: datetime | None = None
    claimed: datetime | None = None
    refuted: datetime | None = None


def outcome(fate: Fate, over: datetime, *, running: bool) -> Outcome:
    """What it came to by the moment the week is `over`. Later proof is the next week's; a refuted claim is no claim.

    What a verdict settled was not done: it was dropped.
    """
    if fate.settled is not None and fate.settled < over and fate.by in SETTLED:
        return SETTLED[fate.by]
    if fate.claimed is not None and fate.claimed < over:
        stands = fate.refuted is None or fate.refuted < fate.claimed or fate.refuted >= over
        if stands:
            return Outcome.CLAIMED
    return Outcome.OPEN if running else Outcome.CARRIED


@dataclass(frozen=True, slots=True)
class Result:
    """A week in figures: how many were promised, what became of these, how many were `added` later and how many of
    those were done.
    """

    promised: int
    outcomes: Mapping[Outcome, int]
    added: int = 0
    added_kept: int = 0

    @property
    def kept(self) -> int:
        """How many of the promised ones were proven or attested."""
        return sum(n for name, n in self.outcomes.items() if name in KEPT)


def result(rows: Iterable[tuple[Outcome, bool]]) -> Result:
    """Count (outcome, was it added later)."""
    listed = list(rows)
    promised = Counter(name for name, added in listed if not added)
    late = [name for name, added in listed if added]
    return Result(promised.total(), dict(promised), len(late), sum(name in KEPT for name in late))


@dataclass(frozen=True, slots=True)
class Load:
    """A person's hours of a week: what is `asked` of them, and what they have (None: nobody said). `unknown` =
    things of theirs that nobody estimated.
    """

    asked: Decimal
    capacity: Decimal | None
    unknown: int = 0

    @property
    def over(self) -> Decimal:
        """The hours that are too many."""
        return max(self.asked - self.capacity, Decimal(0)) if self.capacity is not None else Decimal(0)


def loads(
    asked: Iterable[tuple[int | None, Decimal | None]], capacity: Mapping[int, Decimal]
) -> dict[int | None, Load]:
    """Person -> load, for everybody who has hours or is asked for some; None = what nobody owns.

    `asked` are (owner, hours) of the week's work; None = nobody estimated it.
    """
    sums: dict[int | None, Decimal] = dict.fromkeys(capacity, Decimal(0))
    unknown: Counter[int | None] = Counter()
    for owner, hours in asked:
        sums[owner] = sums.get(owner, Decimal(0)) + (hours or Decimal(0))
        unknown[owner] += hours is None
    have = {None: None} | dict(capacity)
    return {owner: Load(total, have.get(owner), unknown[owner]) for owner, total in sums.items()}
