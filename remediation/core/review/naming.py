"""Headings of findings that are nothing but a number and a rank: what stands first below them is their title."""

from remediation.core.review.blocks import Block, Section
from remediation.core.review.heads import Head, read_head
from remediation.core.review.priorities import Scale, heading_priority, severity_of
from remediation.core.review.shapes import FIRST
from remediation.core.review.terms import field_of
from remediation.core.review.words import clean, fold

SEVERAL = 3
"""Neighbours with such headings from which on they are findings, if two share a rank: else each is over all of it."""
SPEAKING = 6
"""Characters from which on words are a title."""


def name_headings(section: Section, scale: Scale) -> None:
    """Gives headings of number and rank alone ("### 3.2 — P1", "#### F-7 · High") the first words below them."""
    bare = {child.line: named for child in section.children if (named := _named(child, scale))}
    ranks = [rank for rank, _ in bare.values()]
    if len(bare) >= SEVERAL and len(set(ranks)) < len(ranks):
        for child in section.children:
            if named := bare.get(child.line):
                child.title = named[1]
    for child in section.children:
        name_headings(child, scale)


def _named(section: Section, scale: Scale) -> tuple[str, str] | None:
    """The rank of a heading without a title, and one that has one."""
    head, rank = read_head(section.title, scale), heading_priority(section.title, scale)
    if section.children or not section.blocks or not (number := _number(head, scale)):
        return None
    rank = head.priority or severity_of(head.title, scale) or rank
    words = _words(section.blocks[0])
    return (str(rank), f"[{rank}] {number} {words}") if rank and words else None


def _number(head: Head, scale: Scale) -> str:
    """The number of a heading that says nothing else but a rank; else empty."""
    titled = head.own and not severity_of(head.title, scale)
    if titled or not (head.label or head.number):
        return ""
    return f"{head.label}:" if head.label else f"{head.number}."


def _words(block: Block) -> str:
    """The emphasised words that a paragraph begins with, where they are no label, else its first sentence."""
    labelled = bool(field_of(fold(clean(block.lead))))
    text = block.text.removeprefix(block.lead).strip(" :：\n") if labelled else block.text
    if block.kind != "text" or text.endswith((":", "：")):
        return ""
    first = FIRST.match(" ".join(text.split()))
    words = block.lead if block.lead and not labelled else first.group() if first else ""
    return words.rstrip(" .。:：") if len(words) >= SPEAKING else ""
