"""Which of several changes did it: rules are pure, so they can be asked about trees with only some of the changes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from findings.core.lineage import as_known
from findings.core.tracking import NO_DRIFT, track
from findings.core.types import Batch, Drift, Observation

ROUNDS = 3  # changes that did not do it alone and are set aside, before it is taken that several did it together

T = TypeVar("T")


def cause(own: T | None, others: Sequence[T], done: Callable[[Sequence[T]], bool]) -> T | None:
    """The change that did something, all of them together having done it. `done`: whether these alone do.

    A place's `own` change comes first, then the first of the others that does it alone. Where no single one does, it is
    the one that was still missing behind the others before it, or the own one where it is not done without. None where
    the changes do not explain it.
    """
    rest, last = list(others), own
    if own is not None and (not rest or done([own])):
        return own
    for _ in range(ROUNDS):
        if not rest or not done(rest):
            break
        tip = rest[_fewest(rest, done) - 1]
        if done([tip]):
            return tip
        last = tip if last is own else last
        rest.remove(tip)
    return last


def _fewest(changes: Sequence[T], done: Callable[[Sequence[T]], bool]) -> int:
    """How many of the changes, from the first on, do it; all of them do."""
    low, high = 1, len(changes)
    while low < high:
        half = (low + high) // 2
        low, high = (low, half) if done(changes[:half]) else (half + 1, high)
    return high


def goes_on(seen: Sequence[Observation], at: int, batch: Batch, drift: Drift = NO_DRIFT) -> bool:
    """Whether what was `seen` once, of which one is asked, is there in a batch as well; also where nobody can tell.

    `seen` are all observations of its rule then, because each of them goes on as one at most.
    """
    findings = _findings(seen)
    then = [as_known(findings[n], n + 1, one) for n, one in enumerate(seen)]
    now = [one for one in batch.observations if one.rule == seen[at].rule]
    return findings[at] not in track(then, now, batch.coverage, drift).closed


def _findings(seen: Sequence[Observation]) -> list[int]:
    """A number for each: observations of one key are one finding."""
    first: dict[str | int, int] = {}
    return [first.setdefault(one.key if one.key and one.identity else n, n + 1) for n, one in enumerate(seen)]
