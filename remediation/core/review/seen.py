"""Proposing the rules that the last scan already sees at the places which a review states. Pure.

A place says more than words do, but not everything: of a line that says two things, or of a file without a line, the
words choose; and what they say of something else is not proved by what stands on the same line.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from findings.core.types import gettext_noop
from remediation.core.review.factcheck import SURE, Spot
from remediation.core.review.links import inherit, scope
from remediation.core.review.subjects import OTHER, speaks_of
from remediation.core.review.words import fold
from remediation.core.types import LinkProposal, Place, Review, ReviewFinding, ReviewItem

AT_LINE = gettext_noop("what the scan sees at the stated line")
IN_FILE = gettext_noop("what the scan sees in the stated file")
WHYS = frozenset({AT_LINE, IN_FILE})
"""Reasons in our words, to be told in the reader's language; all others are the report's own words."""
BY_LINE = 0.95
BY_FILE = 0.8
PLAIN = 0.7
"""Confidence from which the words of a finding are about the rule that they point to, and about no other."""
LOWERED = 0.75
"""What a proposal of the words keeps where the scan sees another thing there."""
NARROW = 12
"""Lines up to which a stretch is a place: a longer one is a file's part, where much else stands."""

Links = dict[str, list[list[Any]]]


@dataclass(slots=True)
class Sight:
    """Where a rule is seen of the places that a finding states: on their lines (`begun`: it begins there), or anywhere
    in their files.
    """

    lines: dict[Place, set[str]]
    files: set[str]
    begun: set[Place]


class Seen:
    """What the last scan sees, by the name of its file: a report may leave the folder out."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self.named: dict[str, list[Spot]] = defaultdict(list)
        for spot in spots:
            self.named[_name(spot.path)].append(spot)

    def at(self, places: Iterable[Place]) -> dict[str, Sight]:
        """What is seen of some places, by rule. The full path counts where there is one, else those that end so."""
        found: dict[str, Sight] = {}
        for place in dict.fromkeys(places):
            named = self.named.get(_name(place.path), ())
            same = [s for s in named if s.path == place.path]
            for spot in same or [s for s in named if s.path.endswith(f"/{place.path}")]:
                sight = found.setdefault(spot.rule, Sight({}, set(), set()))
                sight.files.add(spot.path)
                if _meets(place, spot):
                    sight.lines.setdefault(place, set()).add(spot.path)
                    sight.begun |= {place} if place.line <= spot.line else set()
        return found


def propose(finding: ReviewFinding, seen: Seen) -> tuple[LinkProposal, ...]:
    """The links of a finding with those that the scan shows at its places: first, where the words do not say them."""
    sights = seen.at(finding.places)
    on_line = {rule: set[str]().union(*sight.lines.values()) for rule, sight in sights.items() if sight.lines}
    if not sights or on_line.keys() & {link.rule for link in finding.links}:
        return finding.links
    title = fold(finding.title)
    plain = any(link.confidence >= PLAIN for link in finding.links) or bool(OTHER.search(title))
    text = title if plain else fold(f"{finding.title}\n{finding.problem}")
    meant = {rule for rule in sights if speaks_of(rule, text)}
    added: list[LinkProposal] = []
    if chosen := on_line.keys() & meant or _only(on_line, finding, sights, plain=plain or bool(meant)):
        added = [_link(rule, on_line[rule], AT_LINE, BY_LINE) for rule in sorted(chosen)]
    elif not plain:
        said = {link.rule for link in finding.links}
        added = [_link(rule, sights[rule].files, IN_FILE, BY_FILE) for rule in sorted(meant - said)]
    if not added:
        return finding.links
    most = min(link.confidence for link in added)
    return (*added, *(_behind(link, most) if link.rule not in sights else link for link in finding.links))


def linked_by(review: Review, spots: Iterable[Spot]) -> dict[str, Links]:
    """The links of the rows to which what the scan sees gives other ones, by kind and anchor, for `relink`. An item
    without a rule of its own has that of the finding which it settles.
    """
    seen = Seen(spots)
    rows = [(row, propose(row, seen)) for row in (*review.findings, *review.candidates)]
    changed = {row.anchor: (row, links) for row, links in rows if links != row.links}
    items: Links = {}
    for item in review.items:
        if not item.links and item.findings and (told := changed.get(item.findings[0])):
            row, links = told
            items[item.anchor] = _dumped(inherit(links, row.title))
    return {"findings": {anchor: _dumped(links) for anchor, (_row, links) in changed.items()}, "items": items}


def relink(review: Review, kept: Mapping[str, Mapping[str, Sequence[Sequence[Any]]]]) -> Review:
    """The review with the links that were found for it."""
    findings, items = kept.get("findings", {}), kept.get("items", {})

    def of(row: ReviewFinding) -> ReviewFinding:
        return replace(row, links=_loaded(findings[row.anchor])) if row.anchor in findings else row

    def task(row: ReviewItem) -> ReviewItem:
        return replace(row, links=_loaded(items[row.anchor])) if row.anchor in items else row

    return replace(
        review,
        findings=tuple(map(of, review.findings)),
        candidates=tuple(map(of, review.candidates)),
        items=tuple(map(task, review.items)),
    )


def _meets(place: Place, spot: Spot) -> bool:
    """Whether a stated line is one of a spot's, where neither is so long that much else stands there."""
    last, end = place.end_line or place.line, spot.end_line or spot.line
    narrow = last - place.line < NARROW and end - spot.line < NARROW
    return bool(place.line) and narrow and spot.line <= last and end >= place.line


def _only(
    on_line: Mapping[str, set[str]], finding: ReviewFinding, sights: Mapping[str, Sight], *, plain: bool
) -> set[str]:
    """The one rule on the lines of most places, where no words are plainly of something else; one of many is chance."""
    hit = set[Place]().union(*(sight.begun for sight in sights.values()))
    return set(on_line) if len(on_line) == 1 and not plain and len(hit) * 2 > len(set(finding.places)) else set()


def _link(rule: str, paths: Iterable[str], why: str, confidence: float) -> LinkProposal:
    return LinkProposal(rule, scope([Place(path) for path in sorted(paths)]), why, confidence)


def _behind(link: LinkProposal, most: float) -> LinkProposal:
    """A proposal of the words behind that of the scan, which it does not stop being."""
    return replace(link, confidence=max(SURE, round(min(link.confidence, most) * LOWERED, 2)))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _dumped(links: Iterable[LinkProposal]) -> list[list[Any]]:
    return [[k.rule, k.scope, k.why, k.confidence] for k in links]


def _loaded(rows: Iterable[Sequence[Any]]) -> tuple[LinkProposal, ...]:
    return tuple(LinkProposal(*row) for row in rows)
