"""Telling apart what a report tells in full and what it tells again: in its summary, and in what is to be done."""

from collections.abc import Sequence

from remediation.core.review import groups, places
from remediation.core.review.blocks import Block, Document, Section, entries
from remediation.core.review.body import read_body
from remediation.core.review.drafts import Draft, Found
from remediation.core.review.heads import read_head
from remediation.core.review.lens import Context
from remediation.core.review.priorities import Scale, severity_of
from remediation.core.review.schedule import phase_of
from remediation.core.review.tables import columns_of
from remediation.core.review.terms import DOING
from remediation.core.review.words import clean, fold

LINE = 80
"""Characters of an entry in which it says how bad it is."""


def tells_in_full(document: Document, section: Section, scale: Scale) -> bool:
    """Whether a section under a summary tells findings with their places and more, which no summary does: headings of
    reports do not always stand on the level that they should.
    """
    told = read_body(document, section, scale)
    ranked = [
        e for e in entries(section.blocks) if severity_of(e.lead, scale) or read_head(e.text[:LINE], scale).priority
    ]
    listed = sum(bool(places.find(entry.text)) for entry in ranked)
    return bool(told.places()) and (listed > 1 or bool(told.labels & {"problem", "impact", "fix"}))


def citing(section: Section, found: Found | None = None) -> bool:
    """Whether half of the entries under a heading name findings by number; those of `found`, where it is given."""
    listed = [groups.REFERENCE.findall(entry.text) for block in section.blocks for entry in block.entries]
    cited = [names for names in listed if any(found is None or found.labelled(name) for name in names)]
    return bool(listed) and len(cited) * 2 >= len(listed)


def resolves(table: Block, found: Found) -> bool:
    """Whether most rows of a table say what is to do, where what was told before, no fewer, says what is wrong."""
    column = columns_of(table.header).get("title", -1)
    titles = [row.cells[column] for row in table.rows if 0 <= column < len(row.cells)]
    told = [draft.title for draft in found.drafts]
    return _doing(titles) * 3 > len(titles) * 2 > 2 and len(told) >= len(titles) and _doing(told) * 4 <= len(told)


def _doing(titles: Sequence[str]) -> int:
    return sum(bool(DOING.match(fold(clean(title)))) for title in titles)


def schedules(section: Section, context: Context, found: Found, told: int, scale: Scale) -> bool:
    """Whether the entries of a section are what is to do about the findings told: they cite their numbers, or stand
    under a heading that says when, or in a chapter of advice.
    """
    listed = groups.listed(section)
    heads = [(entry.line, read_head(entry.text.partition("\n")[0], scale)) for entry in listed]
    afresh = [Draft(line, head.title, head.label) for line, head in heads if head.label]
    if context.priority and groups.renumbered(afresh, found.drafts):
        return False
    labels = {draft.label for draft in found.drafts if draft.label}
    if citing(section, found) or (
        phase_of(section.title, 0) and any(groups.follows_up(block, labels) for block in section.blocks)
    ):
        return True
    plain = not any(read_head(entry.text, scale).explicit or places.find(entry.text) for entry in listed)
    doing = sum(bool(DOING.match(fold(head.title))) for _, head in heads) * 2 > len(heads)
    if context.advice and told and doing:
        return True
    return bool(listed and told and plain and (doing or phase_of(section.title, 0)))
