"""What a person decided in the preview of a review: links, priorities, what is left out, the day it speaks of. Pure.

Kept as JSON beside the report: {"findings": {anchor: {...}}, "items": {anchor: {...}}, "reviewed": "2026-03-02",
"picked": {anchor: "P1"}}, the last being what of the candidates is a finding.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from findings.core.types import Notice, Priority
from remediation.core.review.notes import NOT_TAKEN, NOTHING
from remediation.core.types import LinkProposal, Review, ReviewFinding, ReviewItem

Row = TypeVar("Row", ReviewFinding, ReviewItem)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided about a finding or an item. None = as the report proposes; `owner` is an account, 0 nobody."""

    links: tuple[LinkProposal, ...] | None = None
    priority: Priority | None = None
    left_out: bool = False
    owner: int | None = None

    def dump(self) -> dict[str, Any]:
        """As JSON, without what was not decided."""
        said: dict[str, Any] = {}
        if self.links is not None:
            said["links"] = [[k.rule, k.scope, k.why, k.confidence] for k in self.links]
        if self.priority:
            said["priority"] = str(self.priority)
        if self.owner is not None:
            said["owner"] = self.owner
        return said | ({"left_out": True} if self.left_out else {})

    @classmethod
    def load(cls, said: Mapping[str, Any]) -> "Choice":
        """From JSON that `dump` made."""
        links = tuple(LinkProposal(*link) for link in said["links"]) if "links" in said else None
        priority = Priority(said["priority"]) if "priority" in said else None
        return cls(links, priority, bool(said.get("left_out")), said.get("owner"))


def choose(review: Review, said: Mapping[str, Any]) -> Review:
    """The review as a person decided it. Decisions about what the report does not name are nothing."""
    review = pick(review, said)
    findings = _rows(review.findings, said.get("findings", {}))
    items = _rows(review.items, said.get("items", {}))
    left = {f.anchor for f in review.findings} - {f.anchor for f in findings}
    day = date.fromisoformat(said["reviewed"]) if said.get("reviewed") else review.reviewed
    kept = tuple(replace(item, findings=tuple(a for a in item.findings if a not in left)) for item in items)
    return replace(review, findings=tuple(findings), items=kept, reviewed=day)


def pick(review: Review, said: Mapping[str, Any]) -> Review:
    """The review with those candidates among its findings that a person picked."""
    picked = {anchor: Priority(priority) for anchor, priority in said.get("picked", {}).items()}
    taken = [replace(c, priority=picked[c.anchor]) for c in review.candidates if c.anchor in picked]
    findings = sorted([*review.findings, *taken], key=lambda finding: finding.line)
    left = tuple(c for c in review.candidates if c.anchor not in picked)
    notices = tuple(n for n in _without(review.notices, taken) if n.template != NOTHING)
    return replace(review, findings=tuple(findings), candidates=left, notices=notices) if taken else review


def beside_candidates(review: Review) -> tuple[Notice, ...]:
    """What is to be known of a review where its candidates are listed: that they were not taken is told there."""
    return _without(review.notices, review.candidates)


def _without(notices: Iterable[Notice], rows: Iterable[ReviewFinding]) -> tuple[Notice, ...]:
    lines = {row.line for row in rows}
    return tuple(n for n in notices if n.line not in lines or n.template not in NOT_TAKEN)


def _rows(rows: Iterable[Row], said: Mapping[str, Any]) -> list[Row]:
    chosen = [(row, Choice.load(said.get(row.anchor, {}))) for row in rows]
    return [_decided(row, choice) for row, choice in chosen if not choice.left_out]


def _decided(row: Row, choice: Choice) -> Row:
    if choice.links is not None:
        row = replace(row, links=choice.links)
    return replace(row, priority=choice.priority) if choice.priority else row
