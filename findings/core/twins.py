"""The same findings in two tellings of one history: which is which. One-to-one, the surest signs first."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Life:
    """A finding with the place it has (or had last). `ended`: the commit that closed it, where one is known."""

    finding: int
    rule: str
    key: str
    present: bool
    path: str = ""
    line: int = 0
    line_hash: str = ""
    block_hash: str = ""
    ended: str = ""


Sign = Callable[[Life], Hashable | None]


def _text(*rest: str) -> Sign:
    """Rule and text of the line, and these attributes as well; not of what has a key, or no text."""
    mark = attrgetter("rule", "line_hash", *rest)
    return lambda one: mark(one) if one.line_hash and not one.key else None


# What names the same finding in both; None where a life has no such sign. Both tellings end with the same commit, so
# what is there stands in the same line; what is over was ended by the same commit.
SIGNS: tuple[Sign, ...] = (
    lambda one: (one.rule, one.key) if one.key else None,
    lambda one: (one.rule, one.path, one.line, one.line_hash) if one.present and not one.key else None,
    _text("path", "block_hash", "ended", "present"),
    _text("path", "block_hash", "present"),
    _text("path", "block_hash"),
    _text("block_hash", "present"),
    _text("path", "present"),
)


def twins(here: Iterable[Life], there: Iterable[Life]) -> dict[int, int]:
    """Finding of `there` -> finding of `here`, for those that are the same."""
    left, right = list(here), list(there)
    found: dict[int, int] = {}
    for sign in SIGNS:
        waiting = _by(sign, left)
        for mark, lives in _by(sign, right).items():
            pairs = zip(waiting.get(mark, ()), lives, strict=False)
            found |= {theirs.finding: ours.finding for ours, theirs in pairs}
        taken = set(found.values())
        left = [one for one in left if one.finding not in taken]
        right = [one for one in right if one.finding not in found]
    return found


def _by(sign: Sign, lives: Sequence[Life]) -> dict[Hashable, list[Life]]:
    groups: dict[Hashable, list[Life]] = defaultdict(list)
    for one in sorted(lives, key=lambda one: (one.line, one.finding)):
        mark = sign(one)
        if mark is not None:
            groups[mark].append(one)
    return groups
