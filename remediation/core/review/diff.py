"""Two versions of one report: what the second adds, says otherwise, drops and ticks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.core.review.words import likeness, normal, terms, unique
from remediation.core.types import Review, ReviewFinding, ReviewItem

Row = ReviewFinding | ReviewItem
REWORDED = 0.7
"""Likeness of titles from which one is the other, said in other words."""
ALIKE = 0.5
"""Likeness of titles below which a number that is used again stands for something else."""


@dataclass(frozen=True, slots=True)
class ReviewDiff:
    """What changed from one version of a report to the next. `reworded`, `ticked` and `owned` (by somebody else
    than before) pair the old row with the new.
    """

    new: tuple[Row, ...] = ()
    reworded: tuple[tuple[Row, Row], ...] = ()
    gone: tuple[Row, ...] = ()
    ticked: tuple[tuple[ReviewItem, ReviewItem], ...] = ()
    owned: tuple[tuple[Row, Row], ...] = ()


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
    owned = tuple((a, b) for a, b in [*pairs, *tasks] if b.owner and normal(a.owner) != normal(b.owner))
    return ReviewDiff((*added, *new_tasks), reworded, (*gone, *gone_tasks), ticked, owned)


def anchors(old: Review, new: Review) -> dict[str, dict[str, str]]:
    """The anchors of a new version -> those its rows are kept by, of findings and items. Renumbered and reworded rows
    keep what they had; a number that now stands for something else gets an anchor of its own.
    """
    return {"findings": _kept(old.findings, new.findings), "items": _kept(old.items, new.items)}


def rename(review: Review, findings: Mapping[str, str], items: Mapping[str, str]) -> Review:
    """The review with other anchors."""
    named = tuple(replace(f, anchor=findings.get(f.anchor, f.anchor)) for f in review.findings)
    tasks = tuple(
        replace(i, anchor=items.get(i.anchor, i.anchor), findings=tuple(findings.get(a, a) for a in i.findings))
        for i in review.items
    )
    others = tuple(replace(c, anchor=findings.get(c.anchor, c.anchor)) for c in review.candidates)
    return replace(review, findings=named, candidates=others, items=tasks)


def kinship(old: Review, new: Review) -> float:
    """How much of two reports is the same, 0..1: pairs over the rows of the smaller one."""
    rows = min(len(old.findings) + len(old.items), len(new.findings) + len(new.items))
    pairs = len(_pair(old.findings, new.findings)[0]) + len(_pair(old.items, new.items)[0])
    return pairs / rows if rows else 0.0


def _kept(old: Sequence[Row], new: Sequence[Row]) -> dict[str, str]:
    """New anchors -> the anchors they are kept under."""
    pairs, added, _ = _pair(old, new)
    kept = {b.anchor: a.anchor for a, b in pairs}
    taken = {row.anchor for row in old}
    kept |= {row.anchor: unique(row.anchor, taken) for row in added}
    return {new: old for new, old in kept.items() if new != old}


def _pair(old: Sequence[Row], new: Sequence[Row]) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows of the same anchor and a like title, of the same title, nearly the same, or the same anchor and place."""
    left, right = list(old), list(new)
    pairs: list[tuple[Row, Row]] = []
    for same in (_anchor_and_title, _title, _alike, _same_place):
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


def _alike(a: Row, b: Row) -> bool:
    common = terms(a.title) & terms(b.title)
    return len(common) > 1 and likeness(a.title, b.title) >= REWORDED


def _same_place(a: Row, b: Row) -> bool:
    """A number that is used again stands for the same thing where it also names the same place."""
    if a.anchor != b.anchor or not isinstance(a, ReviewFinding) or not isinstance(b, ReviewFinding):
        return False
    return bool({p.path for p in a.places} & {p.path for p in b.places})


def _words(row: Row) -> Row:
    """A row without what changes when text above it grows, and without its tick."""
    if isinstance(row, ReviewItem):
        return replace(row, line=0, action_line=0, ticked=False, anchor="", findings=(), links=(), owner="")
    return replace(row, line=0, anchor="", label="", links=(), others=(), owner="")
