"""Findings told as list entries."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from findings.core.types import Priority
from remediation.core.review import groups, places
from remediation.core.review.blocks import Block, Document, Entry, Section, entries
from remediation.core.review.body import SENTENCE, Body, read_lines
from remediation.core.review.drafts import CODED, TITLE, Draft, Found
from remediation.core.review.heads import Head, read_head
from remediation.core.review.notes import TOLD
from remediation.core.review.priorities import DOT, LEGEND, LONG, Scale, severity_of, word_of
from remediation.core.review.rows import RANK, one_line
from remediation.core.review.schedule import effort_aside, effort_of
from remediation.core.review.shapes import file_of
from remediation.core.review.tables import closed
from remediation.core.review.terms import CODE, DEMANDS, DOING, DONE_MARKS, NOTHING, Field, field_of
from remediation.core.review.words import clean, fold
from remediation.core.types import Place

BEHIND = re.compile(r"\s*[(（]`[^`]+`[)）]\s*[.。]?\s*$")
"""A place in brackets behind a title."""
RATED = re.compile(r"\s*[(（\[【]\s*(?P<rank>[^()（）\[\]【】]{1,14})[)）\]】]")
"""A severity in brackets behind emphasised words: "**No limit** (High) …"."""
NAMED = re.compile(
    r"[^()（）\[\]【】]{4,90}\s*[(（\[【]\s*(?P<rank>[^()（）\[\]【】]{1,14})[)）\]】](?=\s*(?:[—–:：]|-\s))"
)
"""A title and its severity in brackets, with more behind a dash: "No limit (High) — …"."""
TRAILED = re.compile(
    r"(?P<text>.*[^\s.。—–|·-])(?:[.。]\s*|(?<=[)）`])\s+|\s*[—–|·-]+\s+)(?:[^\w\s(（`]+\s*)?"
    r"(?P<rank>(?:(?:severity|priority|严重程度|严重性|优先级|级别)\s*[:：]\s*)?"
    r"[^\s.。()（）`—–|·\]】][^.。()（）`—–|·\]】]{0,15})[\]】]?\.?\s*$",
    re.I | re.S,
)
"""A severity at the end of an entry, alone: "No limit (`a.py:3`). High", "No limit — Severity: High"."""
PLACED = re.compile(r"(?<=[^\s—–-])\s*(?:[(（]`[^`\s]*[./][^`\s]*`[)）]|[—–-]\s+`[^`\s]*[./][^`\s]*`)\s*[.。]?\s*$")
"""A place that ends a title, in brackets or behind a dash."""
FOLDER = re.compile(r"`?[\w.-]{1,60}(?:/[\w.-]{1,60}){0,8}/`?")
"""An entry that is nothing but a folder: ".github/workflows/"."""
LEADING = re.compile(r"(?P<code>P[0-4])\s+(?P<rest>[^\s(（:：—–-].*)$", re.S)
"""Emphasised words that begin with a code and nothing else: "**P1 No limit**"."""
UNLINED = re.compile(
    r"^(?P<mark>[🔴🚨⛔🟠🟡🔵🟢⚪]\ufe0f?\s*)?(?:L|lines?\s+|第\s*)\d+(?:\s*[-–~]\s*L?\d+)?\s*行?\s*[:：—–-]?\s+(?=\S)",
    re.I,
)
MARKED = re.compile(rf"{DOT}\ufe0f?\s*\S")
"""An entry that begins with a coloured mark."""
PARAGRAPH = 200
"""Characters of a line from which on only its first sentence is a title."""
SEVERAL = 4
"""Entries from which on a list sums up, if three of four were told before."""
OTHER: frozenset[Field | None] = frozenset({"fix", "effort", "status", "note", "impact", "priority"})
"""What an entry may be about, by its label, and no finding: "**Effort**: 2 h"."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What holds for all entries of a section: its priority (`fallback`: that of those with numbers of their own), the
    file that it is about, and the lines of entries that begin with nothing but a severity (`rated`) or with a coloured
    mark (`marked`). Those without number, place and emphasis count only where they are `plain`ly problems. `weighed`
    are those of which several say how bad their impact is.
    """

    ranked: Priority | None
    fallback: Priority | None
    scale: Scale
    plain: bool
    file: str
    rated: "set[int]"
    marked: frozenset[int]
    weighed: frozenset[int]


def read_entries(
    found: Found,
    document: Document,
    section: Section,
    ranked: Priority | None,
    scale: Scale,
    fallback: Priority | None,
    file: str,
    *,
    plain: bool,
) -> None:
    """Takes the entries of lists that tell findings: all of a section with a priority, elsewhere those that say one, or
    have a number of their own where all may have that of `fallback`. Those without number, place and emphasis count
    only where the heading says that they are problems (`plain`). What names lines and no file is of the `file`.
    """
    last: Draft | None = None
    listed = groups.listed(section)
    if groups.measured(listed):
        return
    bodies = {e.line: read_lines(document, e.line, e.end, e.blocks, scale) for e in listed}
    here = Listing(ranked, fallback, scale, plain, file, *_marks(listed, bodies, scale))
    read = {e.line: _entry(e, bodies[e.line], here) for e in listed}
    afresh = groups.renumbered([draft for draft in read.values() if draft], found.drafts)
    told = {line: found.alike(draft.title) for line, draft in read.items() if draft}  # no two entries of a list are one
    left: list[int] = []  # of a list that sums up
    again = len(told) >= SEVERAL and sum(map(bool, told.values())) * 4 >= len(told) * 3
    for before, block in zip([None, *section.blocks], section.blocks, strict=False):
        if last and before and (part := _continues(before, block, last)):
            _extend(last, part, block)
            continue
        if before and groups.continues_labelled(before):
            continue
        for entry in block.entries:
            draft = read[entry.line]
            if draft:
                _place(draft, entry, file, section)
            if draft and again and not (told[entry.line] or draft.label or draft.places):
                left.append(entry.line)
            elif draft and (draft.done or closed(entry.text.partition("\n")[0][:200])):
                found.settle(draft.title[:60], entry.line, draft.priority)
            elif draft and (known := _known(found, draft, told, afresh=afresh)):
                if not known.priority or (
                    known.source == "row" and not known.places
                ):  # only named, or told without a rank
                    known.complete(draft)
            elif draft:
                found.add(draft, afresh=afresh)
                last = draft
                last.number = last.number or str(entry.number or "")
    if left:
        found.note(TOLD, left[0], n=len(left))


def _marks(
    listed: Sequence[Entry], bodies: Mapping[int, Body], scale: Scale
) -> tuple[set[int], frozenset[int], frozenset[int]]:
    """The lines of entries that begin with nothing but a severity, of those that begin with a coloured mark, and of
    those that weigh their impact.
    """
    rated = {entry.line for entry in listed if entry.lead and _only_rank(entry.lead, scale)}
    # A legend tells each severity once, and no place.
    ranks = [fold(clean(entry.lead)) for entry in listed if entry.line in rated]
    inside = (e.text for entry in listed if entry.line in rated for e in (entry, *entries(entry.blocks)))
    telling = len(set(ranks)) < len(ranks) or any(map(places.find, inside))
    marked = {entry.line for entry in listed if MARKED.match(_unlined(entry.text))}
    weighed = {e.line for e in listed if (e.lead or e.number) and bodies[e.line].weighed}
    weighed -= {e.line for e in listed if DOING.match(fold(e.text))}
    return (rated if telling and len(rated) * 2 >= len(listed) else set()), _several(marked), _several(weighed)


def _several(lines: set[int]) -> frozenset[int]:
    return frozenset(lines if len(lines) > 1 else ())


def _place(draft: Draft, entry: Entry, file: str, section: Section) -> None:
    """Gives an entry that names lines and no file the file above it."""
    stretches = places.named_lines(entry.text) if file or len(draft.places) == 1 else []
    if file and not draft.places:
        draft.places = tuple(Place(file, line, end) for line, end in stretches)
    if len(draft.places) == 1 and not draft.places[0].line:
        draft.places = tuple(Place(draft.places[0].path, *s) for s in stretches) or draft.places
    if not draft.places and (own := file_of(section)):
        draft.places = (Place(own),)


def _known(found: Found, draft: Draft, told: dict[int, Draft | None], *, afresh: bool) -> Draft | None:
    """The draft that told before what an entry does: by its label, by its title or by its place."""
    return (None if afresh else found.labelled(draft.label)) or told[draft.line] or found.at(draft)


def _only_rank(lead: str, scale: Scale) -> bool:
    head = read_head(lead.rstrip(":："), scale)
    return not head.own and word_of(lead, scale) is not None


def _continues(before: Block, block: Block, last: Draft) -> Field | None:
    """The part of the entry before that a list goes on with: it stands under a label ("Evidence:"), or under other
    plain words with a colon while the findings are numbered and it is not.
    """
    label = before.text.rsplit("\n", 1)[-1].strip()
    if before.kind != "text" or not block.entries or not label.endswith((":", "：")):
        return None
    plain = bool(last.number) and not before.lead and not any(e.number for e in block.entries)
    return field_of(fold(clean(label.rstrip(":：")))) or ("note" if plain else None)


def _extend(draft: Draft, part: Field, block: Block) -> None:
    """Adds what a list behind a finding says to it."""
    lines = [line for entry in entries((block,)) for line in entry.text.split("\n")]
    draft.body.texts.setdefault(part, []).extend(f"- {line}" for line in lines)
    if part in ("location", "problem", "impact"):
        draft.places = places.gather(draft.places, places.find("\n".join(lines)))


def _entry(entry: Entry, body: Body, here: Listing) -> Draft | None:
    scale, rated = here.scale, entry.line in here.rated
    if (
        (entry.ticked is not None and not (here.plain and here.ranked and not entry.ticked))
        or entry.text.lstrip().startswith(DONE_MARKS)
        or NOTHING.match(fold(entry.text))
    ):
        return None
    label = groups.label_of(entry.text)
    labelled = field_of(label) in OTHER and not DEMANDS.match(label)
    if labelled or (LEGEND.match(fold(entry.text)) and CODE.search(entry.text)):
        return None
    head = _rated(entry, scale) if rated else read_head(_title(entry, scale), scale)
    if entry.line in here.marked:
        head = replace(head, priority=head.priority or scale.colour(_unlined(entry.text)[:2]), explicit=True)
    ranked = here.ranked or (here.fallback if head.label else None)
    if not head.own or (rated and NOTHING.match(fold(head.title))):
        return None
    own = body.priority or head.priority or (body.weighed if entry.line in here.weighed else None)
    placed = bool(body.named or body.mentioned) or bool(here.file and places.named_lines(entry.text))
    told = bool(entry.lead or entry.number or head.explicit)
    said = bool(own) and told and (placed or entry.line in here.weighed)
    if entry.line in here.marked and not (said or here.ranked):
        return None  # a mark alone says how good something is as often as how bad
    if here.file and not here.ranked and _unlined(entry.text).startswith("🟢"):
        return None  # what is good about the file
    if not ((head.explicit and head.priority) or ranked or said):
        return None
    bare = not (entry.lead or entry.number or body.mentioned or body.named)
    if bare and not head.explicit and not here.plain:
        return None
    title, aside = effort_aside(head.title)
    if field_of(fold(clean(entry.text.partition("\n")[0].partition(":")[0]))) == "location":
        title = SENTENCE.split(" ".join(body.text("problem").split()))[0][:TITLE] or title
    draft = Draft(entry.line, one_line(title), head.label, head.priority or own or ranked, body=body)
    draft.source = "entry"
    draft.places = body.places() or places.sources(body.mentioned)
    draft.effort, draft.done = body.effort or aside or effort_of(entry.text), body.done
    if not draft.places and places.begins(entry.text):
        draft.places = places.gather(places.find(re.split(r"[\s：]", entry.text)[0], folders=True), [])
    if not draft.places:
        below = [e.text.strip() for e in entries(entry.blocks)]
        draft.places = places.gather(
            [p for t in below if FOLDER.fullmatch(t) for p in places.find(t, folders=True)], []
        )
    return draft


def _rated(entry: Entry, scale: Scale) -> Head:
    """An entry that begins with nothing but a severity: "**High** — no limit (`a.py`). It …"."""
    first = entry.text.partition("\n")[0]
    behind = first.removeprefix(entry.lead).lstrip(" :：—–-|·")
    head = read_head(f"[{entry.lead.strip(' :：[]【】()（）')}] {entry.then or behind}", scale)
    return head if entry.then else replace(head, title=BEHIND.sub("", SENTENCE.split(head.title)[0]))


def _title(entry: Entry, scale: Scale) -> str:
    """The emphasised words an entry begins with; more of its first line where those are only a priority or number. How
    bad it is stands in front of them, though it may be said behind.
    """
    first = _unlined(entry.text.partition("\n")[0])
    if len(first) < LONG and (trailed := TRAILED.match(first)) and severity_of(trailed["rank"], scale):
        return f"[{trailed['rank']}] {_shortened(PLACED.sub('', trailed['text']))}"
    if MARKED.match(first) and not entry.lead and len(first) < LONG:
        return _shortened(PLACED.sub("", first))
    if coded := LEADING.match(entry.lead):
        return f"[{coded['code']}] {coded['rest']}"
    lined = UNLINED.match(f"{entry.lead} x")
    if entry.lead and not lined and not RANK.fullmatch(entry.lead) and read_head(entry.lead.rstrip(":："), scale).own:
        if not re.search(r"\w", CODED.sub("", entry.lead)):
            return _shortened(first)  # only where it is
        behind = RATED.match(first.removeprefix(entry.lead)) if first.startswith(entry.lead) else None
        return entry.lead.rstrip(":：") + (behind.group() if behind and word_of(behind["rank"], scale) else "")
    if (inside := NAMED.match(first)) and word_of(inside["rank"], scale):
        return inside.group()
    return _shortened(first)


def _shortened(line: str) -> str:
    """A line as a title, of a long one only the first sentence."""
    return line if len(line) < PARAGRAPH else SENTENCE.split(line)[0]


def _unlined(text: str) -> str:
    """An entry without the lines of the file above it that it begins with: "L30-34 Errors are dropped"."""
    return UNLINED.sub(lambda m: m["mark"] or "", text)
