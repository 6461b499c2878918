"""Which of several readings of a report is right, by what the report says of itself: its own counts of its findings.

The usual reading is kept unless another fits those counts better. What a wider one would take beside it is shown to a
person, who may choose it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from findings.core.types import Priority
from remediation.core.review import endings
from remediation.core.review.blocks import Document
from remediation.core.review.claims import Claim, claims_of
from remediation.core.review.drafts import SAME, Draft, Found, Source
from remediation.core.review.findings import collect
from remediation.core.review.lens import USUAL, Lens
from remediation.core.review.notes import HEADING_SAYS, REPORT_SAYS
from remediation.core.review.priorities import Scale
from remediation.core.review.words import likeness
from remediation.core.types import Place

LENSES = (
    Lens(prose=True),
    Lens(plain=True),
    Lens(prose=True, plain=True),
    Lens(rows=True),
    Lens(prose=True, plain=True, rows=True),
)
"""From the plainest to those that take more."""
WIDEST = Lens(prose=True, plain=True, rows=True)
PLANNED = Lens(plain=True, plans=True)
SOURCES: tuple[Source, ...] = ("heading", "row", "entry")


SAMPLE = 200
"""Notes, at most, that are compared with what is known, to see whether they tell something else."""
SAID = 120
"""Characters of a note that are compared."""


class Readings:
    """Readings of one report, each made when it is first asked for."""

    def __init__(self, document: Document, scale: Scale) -> None:
        self.document = document
        self.scale = scale
        self.pristine = document.root.copied()
        self.made: dict[Lens, Found] = {}

    def of(self, lens: Lens) -> Found:
        """The findings as they look through a lens. The usual reading takes paragraphs that are headings out of the
        document itself, for those who read the plan after it.
        """
        if lens not in self.made:
            document = self.document if lens == USUAL else replace(self.document, root=self.pristine.copied())
            self.made[lens] = collect(document, self.scale, lens)
        return self.made[lens]

    def all(self) -> Iterator[Found]:
        """Each reading, and each of them by one form only."""
        for lens in (USUAL, *LENSES):
            found = self.of(lens)
            yield found
            forms = {draft.source for draft in found.drafts}
            for form in SOURCES:
                if form in forms and len(forms) > 1:
                    yield replace(found, drafts=[d for d in found.drafts if d.source == form])


def choose(document: Document, scale: Scale) -> tuple[Document, Found, list[Draft]]:
    """The report as it is to be read on, its findings as its own counts confirm them, and what else may be one. What it
    rates at the end is rated in front, where the usual reading does not find the most of that otherwise.
    """
    readings = Readings(document, scale)
    found = readings.of(USUAL)
    if raised := _raised(readings, found):
        document, readings = raised, Readings(raised, scale)
        found = readings.of(USUAL)
    claims = claims_of(document, scale)
    for claim in claims:
        _fit(found, claim, claims, readings)
    if not found.drafts and not found.unranked and not claims:
        _take(found, readings.of(PLANNED).drafts, readings.of(PLANNED))
    for claim in claims:
        _doubt(found, claim)
    return document, found, _others(found, readings.of(WIDEST))


def _raised(readings: Readings, usual: Found) -> Document | None:
    """The report with the ranks that stand at the end of notes in front of them, if most of these are not known."""
    document = replace(readings.document, root=endings.unfolded(readings.pristine))
    ended = endings.rated(document, readings.scale)
    known = {draft.line for draft in usual.drafts} | usual.sections | {line for line, _ in usual.settled}
    left = [told for line, told in ended.items() if line not in known and told[0].section.line not in usual.sections]
    sample = left[:: 1 + len(left) // SAMPLE]
    untold = sum(usual.alike(note.own[:SAID]) is None for note, _ in sample)
    most = untold * len(left) * 2 > len(ended) * len(sample)
    return endings.raised(document, left) if left and most else None


def _fit(found: Found, claim: Claim, claims: Sequence[Claim], readings: Readings) -> None:
    """Takes what another reading has of what a claim speaks of, where that comes nearer to the claim and to no other
    less near; never more than is claimed, and never fewer than were read.
    """
    best, chosen = claim.misfit(_count(found, found.drafts, claim)), None
    if not best:
        return
    before = _misfits(found, found.drafts, claims)
    for reading in readings.all():
        drafts = _swapped(found.drafts, reading.drafts, claim)
        count = _count(found, drafts, claim)
        misfit = claim.misfit(count)
        more = len(drafts) >= len(found.drafts) and count <= max(claim.counts)
        kept = all(now <= once for now, once in zip(_misfits(found, drafts, claims), before, strict=True))
        near = misfit * 2 <= max(claim.counts)  # else the figure is that of something else
        if more and near and misfit < best and kept and not _retells(found.drafts, drafts):
            best, chosen = misfit, (drafts, reading)
    if chosen:
        _take(found, *chosen)


def _retells(mine: Sequence[Draft], theirs: Sequence[Draft]) -> bool:
    """Whether a finding under a heading would give way to what elsewhere says again where it is."""
    lines, known = {draft.line for draft in theirs}, {draft.line for draft in mine}
    added = [(draft.line, _lined(draft)) for draft in theirs if draft.line not in known]
    ordered = sorted(mine, key=lambda draft: draft.line)
    for draft, following in zip(ordered, [*ordered[1:], None], strict=True):
        end = following.line if following else draft.line
        if draft.source == "heading" and draft.line not in lines:
            told = _lined(draft)
            if any(spots and spots <= told and not draft.line < line < end for line, spots in added):
                return True
    return False


def _lined(draft: Draft) -> set[Place]:
    return {place for place in draft.places if place.line}


def _take(found: Found, drafts: list[Draft], reading: Found) -> None:
    found.drafts = drafts
    found.sections = found.sections | reading.sections
    lines = {draft.line for draft in drafts}
    found.unranked = [draft for draft in found.unranked if draft.line not in lines]


def _swapped(mine: Sequence[Draft], theirs: Sequence[Draft], claim: Claim) -> list[Draft]:
    """Those of mine that a claim does not speak of, and those of theirs that it does."""
    kept = [draft for draft in mine if not _concerned(claim, draft.line, draft.priority)]
    lines, labels = {draft.line for draft in kept}, {draft.label for draft in kept if draft.label}
    for draft in theirs:
        if _concerned(claim, draft.line, draft.priority) and draft.line not in lines and draft.label not in labels:
            kept.append(draft)
    return kept


def _concerned(claim: Claim, line: int, priority: Priority | None) -> bool:
    if claim.first:
        return claim.first <= line <= claim.last
    return claim.priority in (None, priority)


def _count(found: Found, drafts: Sequence[Draft], claim: Claim) -> int:
    """How many findings a claim speaks of, with those that the report says are done."""
    lines = {draft.line for draft in drafts if _concerned(claim, draft.line, draft.priority)}
    return len(lines | {line for line, priority in found.settled if _concerned(claim, line, priority)})


def _misfits(found: Found, drafts: Sequence[Draft], claims: Sequence[Claim]) -> list[int]:
    return [claim.misfit(_count(found, drafts, claim)) for claim in claims]


def _doubt(found: Found, claim: Claim) -> None:
    """Says where what was read is not what the report claims."""
    count = _count(found, found.drafts, claim)
    if not claim.misfit(count) or claim.priority is None or len(claim.counts) > 1:
        return
    claimed = next(iter(claim.counts))
    words = HEADING_SAYS if claim.first else REPORT_SAYS
    found.note(words, claim.line, claimed=claimed, priority=claim.priority, count=count)


def _others(found: Found, wide: Found) -> list[Draft]:
    """What a wide reading takes and the chosen one does not: by line, number and title something else."""
    others: list[Draft] = []
    lines = {draft.line for draft in found.drafts} | {line for line, _ in found.settled}
    for draft in [*wide.drafts, *wide.unranked]:
        known = [*found.drafts, *others]
        again = any((draft.label and draft.label == k.label) or likeness(draft.title, k.title) >= SAME for k in known)
        if draft.line not in lines and not again:
            others.append(draft)
    return others
