"""Findings that a table or list ranks and a section without a rank tells in full: they stand where they are told."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename

from remediation.core.review.blocks import Document, Section
from remediation.core.review.body import Body, read_body
from remediation.core.review.drafts import SAME, Draft, Found
from remediation.core.review.heads import read_head
from remediation.core.review.lens import Context
from remediation.core.review.priorities import Scale
from remediation.core.review.words import likeness, terms
from remediation.core.types import Place

HALF = 0.5
"""Likeness of titles that is enough where the files are the same."""
WORDS = {True: 2, False: 3}
"""Words that two titles must share: one alone is in many. One more where not the same file tells that they are one."""
SPOKEN = ("text", "code", "quote")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a title says and where: of a row or entry (`first` to `last` being its line), or of a section."""

    title: str
    words: frozenset[str]
    files: frozenset[str]
    first: int
    last: int

    def same(self, other: "Telling") -> bool:
        """Whether two tell of one thing, each at a place of its own."""
        shared = len(self.words & other.words)
        if shared < WORDS[True] or other.first <= self.first <= other.last:
            return False
        files = not self.files.isdisjoint(other.files)
        return shared >= WORDS[files] and likeness(self.title, other.title) >= (HALF if files else SAME)


def unfold(found: Found, document: Document, sections: Iterable[tuple[Section, Context]], scale: Scale) -> None:
    """Moves each row or entry to the one section that tells of it and of no other, with its title and places: one that
    stands before it, or behind it where half of all rows and entries rank what is told there.
    """
    short = [draft for draft in found.drafts if draft.source != "heading" and not draft.label]
    told = list(_telling(document, sections, scale)) if short else []
    rows = [(draft, _of(draft.title, draft.places, draft.line, draft.line)) for draft in short]
    pairs = [(draft, one) for draft, row in rows for one in told if row.same(one[0])]
    ahead = sum(one.first > draft.line for draft, (one, _) in pairs) * 2 >= len(short)
    by_draft, by_section = Counter(id(draft) for draft, _ in pairs), Counter(one.first for _, (one, _) in pairs)
    for draft, (one, body) in pairs:
        if by_draft[id(draft)] == by_section[one.first] == 1 and (ahead or one.first < draft.line):
            full = Draft(one.first, one.title, priority=draft.priority, body=body, places=body.places())
            full.complete(draft)
            found.drafts[found.drafts.index(draft)] = full
            found.sections.add(one.first)


def _telling(
    document: Document, sections: Iterable[tuple[Section, Context]], scale: Scale
) -> Iterator[tuple[Telling, Body]]:
    """The sections below all others that say in words or code where something is, and not how bad."""
    for section, context in sections:
        head, spoken = read_head(section.title, scale), any(block.kind in SPOKEN for block in section.blocks)
        if context.kind in ("", "problems") and not section.children and spoken and head.own and not head.priority:
            body = read_body(document, section, scale)
            places = body.places()
            if places and not body.done:
                yield _of(head.title, places, section.line, section.end), body


def _of(title: str, places: Iterable[Place], first: int, last: int) -> Telling:
    return Telling(title, terms(title), frozenset(basename(place.path) for place in places), first, last)
