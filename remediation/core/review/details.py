"""Findings that a table or list ranks and a section without a rank tells in full: they stand where they are told."""

from collections.abc import Iterable, Iterator
from posixpath import basename

from remediation.core.review.blocks import Document, Section
from remediation.core.review.body import Body, read_body
from remediation.core.review.drafts import SAME, Draft, Found
from remediation.core.review.heads import read_head
from remediation.core.review.lens import Context
from remediation.core.review.priorities import Scale
from remediation.core.review.words import likeness, terms

HALF = 0.5
"""Likeness of titles that is enough where the files are the same."""
WORDS = {True: 2, False: 3}
"""Words that two titles must share: one alone is in many. One more where not the same file tells that they are one."""

SPOKEN = ("text", "code", "quote")


def unfold(found: Found, document: Document, sections: Iterable[tuple[Section, Context]], scale: Scale) -> None:
    """Moves each row or entry to the one section that tells of it and of no other, with its title and places."""
    short = [draft for draft in found.drafts if draft.source != "heading" and not draft.label]
    told = list(_telling(document, sections, scale)) if short else []
    pairs = [(draft, one) for draft in short for one in told if _same(draft, *one)]
    for draft, (section, title, body) in pairs:
        alone = sum(d is draft for d, _ in pairs) == sum(s is section for _, (s, *_) in pairs) == 1
        if alone and section.line < draft.line:
            full = Draft(section.line, title, priority=draft.priority, body=body, places=body.places())
            full.complete(draft)
            found.drafts[found.drafts.index(draft)] = full
            found.sections.add(section.line)


def _telling(
    document: Document, sections: Iterable[tuple[Section, Context]], scale: Scale
) -> Iterator[tuple[Section, str, Body]]:
    """The sections below all others that say in words or code where something is, and not how bad."""
    for section, context in sections:
        head, spoken = read_head(section.title, scale), any(block.kind in SPOKEN for block in section.blocks)
        if context.kind in ("", "problems") and not section.children and spoken and head.own and not head.priority:
            body = read_body(document, section, scale)
            if body.places() and not body.done:
                yield section, head.title, body


def _same(draft: Draft, section: Section, title: str, body: Body) -> bool:
    if section.line <= draft.line <= section.end:
        return False
    files = bool({basename(p.path) for p in draft.places} & {basename(p.path) for p in body.places()})
    shared = len(terms(title) & terms(draft.title))
    return shared >= WORDS[files] and likeness(title, draft.title) >= (HALF if files else SAME)
