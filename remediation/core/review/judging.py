"""Whether a section, by what stands under its heading, tells a problem, and one only."""

from dataclasses import replace

from remediation.core.review import groups
from remediation.core.review.blocks import Document, Section
from remediation.core.review.body import read_body
from remediation.core.review.heads import Head, read_head
from remediation.core.review.kinds import LACKS
from remediation.core.review.lens import Context
from remediation.core.review.priorities import Scale
from remediation.core.review.schedule import phase_of
from remediation.core.review.shapes import NUMBERED, file_of, holds_findings, part_of
from remediation.core.review.terms import DONE_MARKS
from remediation.core.review.words import fold


def evident(document: Document, section: Section, head: Head, context: Context, scale: Scale) -> bool:
    """Whether a title that speaks of plans, costs or praise names a problem all the same: "Kafka backlog grows"."""
    if context.kind in ("plan", "praise") or not head.own or any(map(holds_findings, section.children)):
        return False
    if any(phase_of(child.title, child.line) for child in section.children):
        return False  # what is done in phases is a plan
    if NUMBERED.sub("", section.title).startswith(DONE_MARKS):
        return False
    body = read_body(document, section, scale)
    told = body.labels & {"location", "problem", "impact", "fix"}
    ranked = head.priority or context.priority or body.priority
    if context.kind == "problems" and context.priority and head.number and body.places():
        return True
    if context.priority and head.number and LACKS.match(fold(head.title)):
        return True
    if (len(told) > 1 and (head.label or ranked)) or (head.label and ranked):
        return True
    return "location" in told and (len(told) > 1 or bool(context.priority and head.number))


def alone(document: Document, section: Section, head: Head, context: Context, scale: Scale) -> bool:
    """Whether a section tells of one thing: its headings are labels of it, and not findings of their own."""
    topics = [c for c in section.children if holds_findings(c) or not part_of(c)]
    if sum(bool(read_head(s.title, scale).number) for c in section.children for s in c.children) > 1:
        return False
    if groups.rated_below(section, scale) and not (head.priority or context.priority):
        return False  # a part of the whole, whose problems stand in a table
    if file_of(section) and groups.itemized(section):
        return False
    if not topics:
        return True
    own = replace(section, children=[], end=section.children[0].line - 1)
    told = read_body(document, own, scale).labels
    parts = len(topics) < len(section.children)
    ranked = (context.priority and head.number) or (head.priority and not head.label and (parts or head.number))
    if not (told & {"location", "problem", "priority"} or ranked):
        return False
    if ranked and not told and any(read_head(c.title, scale).number for c in topics):
        return False
    parts_of = [read_body(document, c, scale).labels for c in topics]
    several = sum({"problem", "fix"} <= labels for labels in parts_of) > 1
    # Only a topic stands above a heading that says what is wrong and what to do.
    topic = not section.blocks and any("fix" in labels and labels & {"problem", "impact"} for labels in parts_of)
    return not (several or topic) and not any(labels & {"location", "priority"} for labels in parts_of)
