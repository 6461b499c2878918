"""Two versions of one report: what the second adds, says otherwise, drops and ticks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from remediation.core.review.words import likeness, normal
from remediation.core.types import Review, ReviewFinding, ReviewItem

Row = ReviewFinding | ReviewItem
ALIKE = 0.5
"""Likeness of titles below which a number that is used again stands for something else."""


@dataclass(frozen=True, slots=True)
class ReviewDiff:
    """What changed from one version of a report to the next. `reworded` and `ticked` pair the old row with the new."""

    new: tuple[Row, ...] = ()
    reworded: tuple[tuple[Row, Row], ...] = ()
    gone: tuple[Row, ...] = ()
    ticked: tuple[tuple[ReviewItem, ReviewItem], ...] = ()


def diff(old: Review, new: Review) -> ReviewDiff:
    """Pairs the rows of two versions by anchor, renumbered findings by title, and tells the rest apart."""
    pairs, added, gone = _pair(old.findings, new.findings)
    tasks, new_tasks, gone_tasks = _pair(old.items, new.items)
    ticked = tuple(
        (a, b)
        for a, b in tasks
        if isinstance(a, ReviewItem) and isinstance(b, ReviewItem) and b.ticked and not a.ticked
    )
    reworded = tuple((a, b) for a, b in [*pairs, *tasks] if _words(a) != _words(b))
    return ReviewDiff((*added, *new_tasks), reworded, (*gone, *gone_tasks), ticked)


def _pair(old: Sequence[Row], new: Sequence[Row]) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows of the same anchor and a like title, then of the same title, then of the same anchor."""
    left, right = list(old), list(new)
    pairs: list[tuple[Row, Row]] = []
    for same in (_anchor_and_title, _title, _anchor):
        for a in list(left):
            b = next((b for b in right if same(a, b)), None)
            if b is not None:
                pairs.append((a, b))
                left.remove(a)
                right.remove(b)
    return pairs, right, left


def _anchor_and_title(a: Row, b: Row) -> bool:
    return a.anchor == b.anchor and (normal(a.title) == normal(b.title) or likeness(a.title, b.title) >= ALIKE)


def _title(a: Row, b: Row) -> bool:
    return normal(a.title) == normal(b.title) != ""


def _anchor(a: Row, b: Row) -> bool:
    return a.anchor == b.anchor


def _words(row: Row) -> Row:
    """A row without what changes when text above it grows, and without its tick."""
    if isinstance(row, ReviewItem):
        return replace(row, line=0, action_line=0, ticked=False, anchor="", findings=(), links=())
    return replace(row, line=0, anchor="", label="", links=())
