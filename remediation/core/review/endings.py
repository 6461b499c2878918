"""Ranks that stand behind what they rank: "… for each row. (H)", "… → 🔴", "*Rating: Urgent.*" below a paragraph.

One such end is a remark. Where a report ends its notes so again and again, in one shape and with several ranks, it is
how its author rates, and what ends so is a finding: the rank is put in front of it, where the other readers look.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from findings.core.types import Priority
from remediation.core.review import places
from remediation.core.review.blocks import Block, Document, Entry, Section
from remediation.core.review.heads import read_head
from remediation.core.review.kinds import section_kind
from remediation.core.review.priorities import USUAL, Scale, severity_of
from remediation.core.review.shapes import FIRST, PROMOTED, file_of
from remediation.core.review.terms import DOING, DONE_MARKS, Kind, field_of
from remediation.core.review.words import clean, fold

LEAST = 4
"""Notes with an end of one shape from which on it is how the report rates."""
PLACED = 4
"""One of so many of them at least must say where: else they may be opinions, or steps of a plan."""
TAIL = 140
"""Characters at the end of a text in which its rank stands."""
SPEAKING = 6
"""Characters from which on a text says something beside its rank."""
SEVERAL = 2
"""Entries below a file's name that end in one shape from which on they are what is told, and not the file."""
ASKED = 24
"""Characters of a question up to which it needs its answer to be understood."""
REMARK = r"(?:\s*[(（][^()（）]{1,80}[)）])?[\s.。*_]{0,3}$"
TAILS = {
    "label": re.compile(
        r"(?:^|[\s.。;；,，(（\[【])(?P<label>[A-Za-z一-鿿][A-Za-z 一-鿿]{1,20}?)\s*[:：=]\s*"
        r"(?P<rank>[^\s:：=()（）][^:：=()（）]{0,15}?)[\s.。*_)）\]】]{0,3}$"
    ),
    "bracket": re.compile(
        r"(?P<open>[(（\[【〔<「])\s*(?P<rank>[^()（）\[\]【】〔〕<>「」]{1,48})\s*[)）\]】〕>」]" + REMARK
    ),
    "arrow": re.compile(r"(?:→|⇒|➜|[-=]+>)\s*(?P<rank>[^\s(（→⇒➜>][^(（→⇒➜>]{0,15}?)" + REMARK),
    "mark": re.compile(r"(?<=[\s.。)）`！!])(?P<rank>[🔴🟠🟡🔵⚪]{1,4})\ufe0f?\s*$"),
    "dash": re.compile(r"(?:^|\s)(?:[—–-]{1,2}|[|·•])\s*(?P<rank>[^\s(（—–|·•-][^(（—–|·•]{0,15}?)" + REMARK),
}
"""The shapes of an end; brackets are told apart by how they open."""
STARTS = {
    "number": re.compile(r"\s*(?:§\s?)?(?:\d+(?:\.\d+)+\.?|[A-Z]?\d{1,3}[.)、:：]|#\d+|[(（]\d{1,2}[)）])\s*\S"),
    "question": re.compile(r"(?:[问問]|Q(?:uestion)?)\s*\d{0,3}\s*[:：.、]|[^\n]{4,200}[?？]\s*(?:\n|$)", re.I),
}
"""How the first paragraph of a note begins, where a note has several."""
APART: frozenset[Kind] = frozenset({"plan", "praise", "summary", "verdict", "cost"})
"""Kinds of sections whose notes tell nothing new."""
ASKS = re.compile(r"\s*(?:[问問]|Q(?:uestion)?)\s*\d{0,3}\s*[:：.、]\s*", re.I)
ANSWERS = re.compile(r"\s*(?:[答]|A(?:nswer)?)\s*\d{0,3}\s*[:：.、]\s*", re.I)
PARTS = re.compile(r"\s*[,，;；、·|/]\s*")
"""What parts a rank from what else is said beside it: "(`a.py:3`, high, 2 h)"."""
CLOCK = re.compile(r"\s*\d{1,2}[:.]\d{2}\s+(?=\S)")
"""The time at which a note was made, in front of it."""
LINES = re.compile(r"\s*(?P<lines>\d{1,5}(?:\s?[-–]\s?\d{1,5})?)\s*[:：]\s+(?=\S)")
"""The lines of the file above a note, in front of it."""


@dataclass(frozen=True, slots=True)
class End:
    """How a text ends: the shape of the end, what stands in the place of a rank, and the text before it."""

    shape: str
    rank: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What may be rated behind it: the entry of a list, or blocks of a section from one to another (`whole`: they are
    all there is under the heading). `said` is all its text, `own` the first of it, which becomes its title.
    """

    section: Section
    line: int
    end: End
    own: str
    said: str
    entry: Entry | None = None
    span: tuple[int, int] = (0, 0)
    whole: bool = False


def ends(text: str) -> Iterator[End]:
    """The ends of a text that may be a rank, each in another shape."""
    tail = text[-TAIL:]
    for shape, pattern in TAILS.items():
        match = pattern.search(tail)
        if match and (shape != "label" or field_of(fold(match["label"])) == "priority"):
            kind = match["open"].replace("（", "(") if shape == "bracket" else shape
            yield End(kind, match["rank"].strip(" *_`.。"), text[: len(text) - len(tail) + match.start()])


def rated(document: Document, scale: Scale) -> dict[int, tuple[Note, Priority]]:
    """What the report rates behind it, by line, with the priority of each; nothing where that is not its habit."""
    style = _style(document)
    shapes: dict[str, list[Note]] = {}
    for section in _sections(document.root, ""):
        for note in _notes(section, style):
            shapes.setdefault(note.end.shape, []).append(note)
    told: dict[int, tuple[Note, Priority]] = {}
    for alike in shapes.values():
        letters = _letters(alike, scale)
        ranked = [
            (note, rank) for note in alike if (rank := _rank(note.end.rank, letters, scale)) and _tells(note, scale)
        ]
        if len(ranked) < LEAST or len({rank for _, rank in ranked}) == 1:
            continue
        if sum(_placed(note) for note, _ in ranked) * PLACED >= len(ranked):
            told |= {note.line: (note, rank) for note, rank in ranked if note.line not in told}
    return told


def _sections(section: Section, above: Kind) -> Iterator[Section]:
    """The sections that may tell findings: no plan, praise, summary or sum of costs, and nothing under one."""
    kind = section_kind(section.title, above, False) if section.level else above
    if kind not in APART or section.level == 1:
        yield section
        for child in section.children:
            yield from _sections(child, "" if section.level == 1 else kind)


def _tells(note: Note, scale: Scale) -> bool:
    """Whether a note says what is wrong, and not what to do or that it is done."""
    if note.whole and not read_head(note.section.title, scale).own:
        return False
    own = note.section.title if note.whole else note.own
    ticked = note.entry is not None and note.entry.ticked is not None
    if len(own.strip(" *_\n")) < SPEAKING or places.only(own):
        return False
    return not (ticked or own.lstrip().startswith((*DONE_MARKS, "~~")) or DOING.match(fold(own[:TAIL])))


def _placed(note: Note) -> bool:
    return bool(places.find(note.said)) or bool(
        (LINES.match(note.own) or places.named_lines(note.own)) and file_of(note.section)
    )


def _letters(alike: Sequence[Note], scale: Scale) -> dict[str, Priority]:
    """What single letters in the place of ranks mean: the first letters of critical, high, medium and low, where there
    are no others and one of the first two is among them: M and L may be sizes.
    """
    said = {note.end.rank for note in alike if len(note.end.rank) == 1 and note.end.rank.isalpha()}
    usual = len(said) > 1 and USUAL.keys() >= said and bool(said & {"C", "H"})
    return dict(scale.letters) or (dict(USUAL) if usual else {})


def _rank(said: str, letters: dict[str, Priority], scale: Scale) -> Priority | None:
    if not re.search(r"\w", said):
        return None if said.startswith(("🟢", *DONE_MARKS)) and "🟢" not in scale.marks else scale.colour(said)
    if re.search(r"\brisk|风险", fold(said)):
        return None  # how dangerous it is to do something
    if rank := letters.get(said) or severity_of(said, scale):
        return rank
    parts = [severity_of(part, scale) for part in PARTS.split(said)]
    return next(filter(None, parts)) if sum(map(bool, parts)) == 1 else None


def _style(document: Document) -> str:
    """How the report begins its notes, where it does so in one way."""
    texts = [block.text for section in document.root.walk() for block in section.blocks if block.kind == "text"]
    counts = {name: sum(bool(start.match(text)) for text in texts) for name, start in STARTS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= LEAST else ""


def _starts(block: Block, style: str) -> bool:
    return block.kind == "text" and bool(style) and bool(STARTS[style].match(block.text))


def _notes(section: Section, style: str) -> Iterator[Note]:
    """What may be rated in one section: the entries of its lists, and paragraphs up to one with an end."""
    ended = [i for i, block in enumerate(section.blocks) if block.kind == "text" and any(ends(block.text))]
    last = max((i for i, block in enumerate(section.blocks) if block.kind == "text"), default=0)
    first = 0
    for i, block in enumerate(section.blocks):
        listed = [note for entry in block.entries for note in _entries(section, entry)]
        yield from listed
        if i in ended:
            start = _start(section.blocks, first, i, style)
            alone = ended == [last] and not section.children and not _starts(section.blocks[start], style)
            yield from _told(section, 0 if alone and first == 0 else start, i, whole=alone and section.level > 0)
        if listed or (i in ended and not style):  # what begins in the report's style needs no other bound
            first = i + 1


def _start(blocks: Sequence[Block], first: int, last: int, style: str) -> int:
    """The block that begins the note which ends in another: the last that is in the report's style, else that block
    itself where it says something, else the first that belongs to no note before.
    """
    begun = [i for i in range(first, last + 1) if _starts(blocks[i], style)]
    if begun:
        return begun[-1]
    said = min((len(end.text.strip(" *_\n")) for end in ends(blocks[last].text)), default=0)
    return last if said >= SPEAKING else first


def _told(section: Section, start: int, stop: int, *, whole: bool) -> Iterator[Note]:
    blocks = section.blocks[start : stop + 1]
    said = "\n".join(block.text for block in blocks)
    for end in ends(blocks[-1].text):
        own = _named(blocks[0].text if len(blocks) > 1 else end.text, blocks[0].lead)
        if len(blocks) > 1 and len(own) < ASKED and STARTS["question"].match(own):
            own = f"{own} {ANSWERS.sub('', blocks[1].text)}"
        line = section.line if whole else blocks[0].line
        yield Note(section, line, end, own, said, None, (start, stop + 1), whole)


def _entries(section: Section, entry: Entry) -> Iterator[Note]:
    """An entry that ends in a rank, itself or in what stands last under it; several ends in one make it a topic."""
    said = "\n".join((entry.text, *(block.text for block in entry.blocks)))
    if found := list(ends(entry.text)):
        for end in found:
            yield Note(section, entry.line, end, _named(end.text, entry.lead), said, entry)
    elif entry.blocks:
        *others, last = [e.text for e in entry.blocks[-1].entries] or [entry.blocks[-1].text]
        again = {end.shape for text in others for end in ends(text)}
        own = _named(entry.text, entry.lead)
        yield from (Note(section, entry.line, end, own, said, entry) for end in ends(last) if end.shape not in again)


def unfolded(section: Section) -> Section:
    """The section with entries that are only topics over rated ones ("- `src/tide.py`") as headings over these."""
    topics = [entry for block in section.blocks for entry in block.entries if _topic(entry)]
    made = [Section(PROMOTED, e.text, e.line, e.end, list(e.blocks)) for e in topics]
    lines = {entry.line for entry in topics}
    blocks = [
        replace(b, entries=tuple(e for e in b.entries if e.line not in lines)) if b.entries else b
        for b in section.blocks
    ]
    children = [*made, *map(unfolded, section.children)]
    return Section(section.level, section.title, section.line, section.end, blocks, children, section.run_in)


def _topic(entry: Entry) -> bool:
    """Whether an entry names a file, and several below it end in one shape."""
    inner = [e for block in entry.blocks for e in block.entries]
    if len(inner) < SEVERAL or not places.only(entry.text):
        return False
    shapes = Counter(shape for e in inner for shape in {end.shape for end in ends(e.text)})
    return bool(shapes) and max(shapes.values()) >= SEVERAL


def raised(document: Document, told: Sequence[tuple[Note, Priority]]) -> Document:
    """The report with the ranks of some notes in front of them, and paragraphs that are notes under headings."""
    changed: dict[int, list[tuple[Note, Priority]]] = {}
    for note, rank in told:
        changed.setdefault(id(note.section), []).append((note, rank))
    return replace(document, root=_raised(document.root, changed))


def _raised(section: Section, changed: Mapping[int, Sequence[tuple[Note, Priority]]]) -> Section:
    children = [_raised(child, changed) for child in section.children]
    title, made, taken = section.title, list[Section](), set[int]()
    entries: dict[int, Entry] = {}
    for note, rank in changed.get(id(section), ()):
        if note.whole:
            title = f"[{rank}] {title}"
        elif note.entry:
            entries[note.line] = _ranked(note, note.entry, rank)
        else:
            start, stop = note.span
            blocks, name = section.blocks[start:stop], f"[{rank}] {_title(note.own)}"
            made.append(Section(PROMOTED, name, note.line, blocks[-1].end, blocks[1:], run_in=True))
            taken.update(range(start, stop))
    kept = [_with(block, entries) for i, block in enumerate(section.blocks) if i not in taken]
    return Section(section.level, title, section.line, section.end, kept, [*made, *children], section.run_in)


def _with(block: Block, changed: Mapping[int, Entry]) -> Block:
    """A list with some of its entries changed."""
    if not changed or not any(entry.line in changed for entry in block.entries):
        return block
    return replace(block, entries=tuple(changed.get(entry.line, entry) for entry in block.entries))


def _ranked(note: Note, entry: Entry, rank: Priority) -> Entry:
    """An entry that begins with its rank; the lines of the file above it stay in front of that."""
    own = CLOCK.sub("", note.own)
    lines = LINES.match(own)
    begun = f"L{lines['lines']} " if lines else ""
    title = _title(own[lines.end() :] if lines else own)
    return replace(entry, text=f"{begun}[{rank}] {title}", lead="")


def _title(own: str) -> str:
    """What a note is about, in its first sentence."""
    asked = ASKS.sub("", " ".join(own.split()))
    first = FIRST.match(asked)
    return (first.group() if first else asked).rstrip(" .。:：*")


def _named(text: str, lead: str) -> str:
    """The emphasised words that a text begins with, where they are no label of a part; else the text."""
    return lead if lead and text.startswith(lead) and not field_of(fold(clean(lead))) else text
