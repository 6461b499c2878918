"""The body of a finding -> its parts: the lines under each label, the places named, effort, priority, status."""

import re
from dataclasses import dataclass, field

from findings.core.types import Priority
from remediation.core.review import places
from remediation.core.review.blocks import Block, Document, Section
from remediation.core.review.owners import LABEL, name_in
from remediation.core.review.priorities import WEIGHED, Scale, code_of, severity_of, word_of
from remediation.core.review.schedule import effort_behind, effort_of, only_effort
from remediation.core.review.tables import cell, columns_of, is_done, sizes
from remediation.core.review.terms import COLOURS, FIX_VERBS, LEVEL, REMARK, Field, field_of
from remediation.core.review.words import clean, fold, simplify
from remediation.core.types import Effort, Place

BOLD = re.compile(
    r"^(?P<mark>\s*(?:>\s*)?(?:[-*+]\s+|\d+[.)]\s+)?(?:[^\w\s*|>`#-]{1,2}\s*)?)(?P<strong>\*\*?|__?)(?P<label>[^*_]{1,60}?)(?P=strong)(?P<rest>.*)$"
)
KEYED = re.compile(r"^\s*\|\s*(?:\*\*)?(?P<label>[^|*]{1,30}?)(?:\*\*)?\s*\|\s*(?P<rest>[^|]+?)\s*\|\s*$")
PLAIN = re.compile(
    r"^(?P<mark>\s*(?:>\s*)?(?:[-*+]\s+|\d+[.)]\s+)?)(?P<label>[^\W\d_][^:：`*|]{0,28}?)\s*[:：](?P<rest>(?:\s|$|(?<=：)|(?=[一-鿿])|`).*)$"
)
SET = re.compile(
    r"^(?P<mark>\s*(?:>\s*)?(?:[-*+]\s+|\d+[.)]\s+)?(?:[^\w\s*|>`#【-]{1,2}\s*)?)(?:\*\*|__)?"
    r"(?:【(?P<a>[^】]{1,30})】|\[(?P<b>[^\]]{1,30})\](?!\()|`(?P<c>[^`]{1,30})`|<(?:b|strong)>(?P<d>[^<]{1,30})</(?:b|strong)>"
    r"|(?:^|(?<=[-*+] ))(?P<e>[^\W\d_][^:：`*|—–]{0,28}?)(?=\s+[—–|]\s))"
    r"(?:\*\*|__)?\s*(?:[:：]|[—–|]\s)?\s*(?P<rest>.*)$"
)
"""A label set apart by something else: "【位置】…", "`File`: …", "- Impact — …"."""
DASHED = re.compile(r"^[—–|-]\s")
BEGUN = re.compile(r"^\s*(?:\*\*`(?P<place>[^`*]+)`\*\*|[-*+]\s+`(?P<listed>[^`*]+)`(?=\s*[:：]))\s*(?:[—–:：]|-\s|$)")
"""A line that begins with a place and goes on with what is wrong there: "**`Cargo.toml`** — no version"."""
CODED = re.compile(r"\W*P[0-4]\b(?!-\d)")
"""What begins with a code of priority: "**P0 — delete two of them**"."""
URGENT = re.compile(rf"^(?:{LEVEL})\s*")
"""A word of severity in front of a label."""
TOGETHER = re.compile(r"(?<=\S)\s*[|·•]\s*(?=\*\*[^*|]{1,30}\*\*)")
"""Between labels that share a line: "**Severity:** high | **Effort:** 2 h"."""
META = re.compile(r"^\s*(?:>\s*)?([*_]{1,3})(?=[^*_\s])(?P<said>[^*\n]{3,200}?)\1\s*$")
"""An emphasised line of its own that says how bad, how long and where: "*Critical · 2 h · `a.py:3`*"."""
DOTS = re.compile(r"\s+[·•|]\s+")
RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s")
SENTENCE = re.compile(r"(?<=[.;!?])\s+|(?<=[。；！？])(?=.)")
ASIDE = re.compile(r"(?<!\])[(（][^()（）`\d]*[)）](?!/)")
"""What stands in brackets behind a place and is none: "`Dockerfile` (no .dockerignore)"."""
ALREADY = re.compile(
    r"\s*[✅✔☑]\ufe0f?[\s*_]*(?:已(?:经)?(?:实现|修复|解决|完成)|already (?:implemented|fixed|done|in place))", re.I
)
"""A line that says that there is nothing to mend: "✅ **Already implemented** - see …"."""
LACKING = re.compile(r"\s*(?:[-*+]\s+)?[❌✗✘⚠]")
"""One beside it that says what there is all the same."""
VALUE = 40
"""Characters of what a label of a short part says in the line behind it."""
META_PART = 32
"""Characters of a severity that stands between dots."""
SHORT: frozenset[Field] = frozenset({"effort", "priority", "status", "line", "note"})
"""Parts that are said on the label's own line; what follows belongs to the part before."""


@dataclass(slots=True)
class Body:
    """What a finding says of itself. `labels` are the parts that had a label; `loose` the lines that it gives without
    the file that they are of; `mended` the places of the code that would be better, which stand for it where no others
    do; `coded` says that it has a priority and no mere severity, `weighed` how bad it calls its impact, where it says
    nothing else of that.
    """

    texts: dict[Field, list[str]] = field(default_factory=dict)
    labels: set[Field] = field(default_factory=set)
    named: list[Place] = field(default_factory=list)
    mentioned: list[Place] = field(default_factory=list)
    loose: list[tuple[int, int]] = field(default_factory=list)
    mended: list[Place] = field(default_factory=list)
    effort: Effort | None = None
    owner: str = ""
    priority: Priority | None = None
    weighed: Priority | None = None
    coded: bool = False
    remark: bool = False
    done: bool = False

    def text(self, part: Field) -> str:
        """The Markdown under a label, without blank edges."""
        return "\n".join(self.texts.get(part, [])).strip()

    def beside(self) -> list[Place]:
        """The places mentioned; beside lines that a label names only those that say a line too."""
        exact = any(place.line for place in self.named)
        return [place for place in self.mentioned if place.line or not exact]

    def places(self) -> tuple[Place, ...]:
        """The places of the finding, those under its location label first."""
        found = places.gather(self.named, self.beside()) or places.gather(places.folders(self.text("problem")), [])
        return found or places.gather([place for place in self.mended if place.line], [])


def read_body(document: Document, section: Section, scale: Scale) -> Body:
    """The parts of the finding that a section is, its sub-headings being labels."""
    code = {b.line: b for s in section.walk() for b in _fences(s.blocks)}
    heads = {s.line: s.title for s in section.walk() if s is not section}
    first = section.line if section.run_in else section.line + 1
    body = _Reader(scale).read(document.lines, first, section.end, code, heads)
    for block in (b for s in section.walk() for b in s.blocks if b.kind == "table"):
        body.named += _listed(block)
    return body


def _listed(table: Block) -> list[Place]:
    """The places in a table with a column for them, and perhaps one for lines."""
    columns = columns_of(table.header)
    if "location" not in columns:
        return []
    if "line" in columns and sizes(table, columns["line"]):
        del columns["line"]
    cells = ((cell(row, columns, "location"), cell(row, columns, "line")) for row in table.rows)
    return [p for path, line in cells for p in places.find(f"{path} 第 {line} 行" if line else path, folders=True)]


def read_lines(document: Document, first: int, last: int, blocks: tuple[Block, ...], scale: Scale) -> Body:
    """The parts of a finding that stands between two lines, as a list entry does."""
    return _Reader(scale).read(document.lines, first, last, {b.line: b for b in _fences(blocks)}, {})


def _fences(blocks: "list[Block] | tuple[Block, ...]") -> list[Block]:
    found = [b for b in blocks if b.kind == "code"]
    return found + [b for block in blocks for entry in block.entries for b in _fences(entry.blocks)]


def dotted_rank(said: str, scale: Scale) -> Priority | None:
    """The severity in a line that says it between dots: "Critical · 2 h · `a.py:3`"."""
    parts = DOTS.split(said)
    ranks = (word_of(part, scale) for part in parts if len(part) < META_PART)
    return next(filter(None, ranks), None) if len(parts) > 1 else None


def coded_label(title: str) -> tuple[str, str]:
    """A heading's label and what begins with a code of priority behind it ("Fix: P0 - drop it"), else the heading."""
    label, _, value = title.replace("：", ":").partition(":")
    return (label, value.strip()) if CODED.match(value) and field_of(fold(clean(label))) else (title, "")


class _Reader:
    """Walks the lines of one finding, knowing under which label it stands."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.body = Body()
        self.part: Field = "problem"
        self.before: Field = "problem"
        self.blank = False
        self.said = False
        self.rows = False
        self.already = False
        self.lacking = False

    def read(
        self, lines: tuple[str, ...], first: int, last: int, code: dict[int, Block], heads: dict[int, str]
    ) -> Body:
        number = first
        while number <= min(last, len(lines)):
            if block := code.get(number):
                self._code(block, lines[block.line - 1 : block.end])
                number = block.end
            elif number in heads:
                self._heading(heads[number], lines[number - 1])
            else:
                line = lines[number - 1]
                for part in (line,) if line.lstrip().startswith("|") else TOGETHER.split(line):
                    self._line(part)
            number += 1
        self.body.done |= self.already and not self.lacking
        return self.body

    def _heading(self, title: str, line: str) -> None:
        """Begins the part that a heading is a label of; a code behind its colon says how urgent that is."""
        label, value = coded_label(title)
        self._label(label, value, line, known_only=False)
        self.body.priority = self.body.priority or (code_of(value) if value else None)

    def _code(self, block: Block, source: tuple[str, ...]) -> None:
        located = self.part == "location"
        if self.part in SHORT or self.part == "location":
            self.part = self.before if self.part in SHORT else "problem"
        self._keep(*source)
        told = self.body.named if located else self.body.mentioned
        if located:
            self.body.named += places.in_listing(block.text)
        if self.part == "fix":
            self.body.mended += places.in_comments(block.text)
        if self.part != "fix" or places.EXCERPT.match(block.info):
            told += places.in_comments(block.text) or places.in_info(block.info, block.text)
            told += [] if located or block.info else places.in_figures(block.text)

    def _line(self, line: str) -> None:
        if RULE.match(line):
            return
        if not line.strip():
            self.blank = True
            if self.part not in SHORT and self.part != "location":
                self._keep("")
            return
        if self.part in SHORT and (self.said or len(line.strip()) > VALUE):
            self.part = self.before
        elif self.part == "location" and self.said and self.blank and not BULLET.match(line):
            self.part = "problem"
        if self.rows and not line.lstrip().startswith("|"):
            self.part, self.rows = "problem", False  # behind a table of labels
        self.blank = False
        begun = BEGUN.match(line) if self.part == "problem" and "location" not in self.body.labels else None
        if begun and (begun["listed"] or not self.body.named):
            self.body.named += places.find(begun["listed"] or begun["place"])
        if self.part == "problem" and self._meta(line):
            return
        if match := BOLD.match(line):
            rest = match["rest"].lstrip()
            inside, _, value = match["label"].replace("：", ":").partition(":")
            if value.strip() and not rest.startswith((":", "：")) and field_of(fold(clean(inside))) in SHORT:
                self._label(inside, f"{value.strip()} {rest}".rstrip(), line, known_only=True)
                return
            if (
                match["label"].rstrip().endswith((":", "："))
                or rest.startswith((":", "："))
                or (not rest and len(match["strong"]) == 2 and not BULLET.match(line))
            ):
                self._label(match["label"], rest.lstrip(":： "), line, known_only=bool(BULLET.match(line)))
                return
            part = field_of(fold(clean(match["label"])))
            if rest and part and (part in ("location", "line", "priority", "effort", "status") or DASHED.match(rest)):
                self._label(match["label"], DASHED.sub("", rest), line, known_only=True)
                return
        elif (match := KEYED.match(line)) and field_of(fold(clean(match["label"]))):
            if not field_of(fold(clean(match["rest"]))):
                self._label(match["label"], match["rest"], line, known_only=True)
                self.rows = True
                return
        elif (match := PLAIN.match(line)) and field_of(fold(clean(match["label"]))):
            self._label(match["label"], match["rest"].strip(), line, known_only=True)
            return
        elif (match := SET.match(line)) and field_of(fold(clean(label := next(filter(None, match.group(*"abcde")))))):
            self._label(label, match["rest"], line, known_only=True)
            return
        self._text(line)

    def _meta(self, line: str) -> bool:
        """Takes a line that says only a severity and, between dots, what else there is to say shortly."""
        match = META.match(line)
        rank = dotted_rank(match["said"], self.scale) if match else None
        if match is None or rank is None or self.body.priority:
            return False
        parts = DOTS.split(match["said"])
        self.body.priority = rank
        self.body.labels.add("priority")
        for part in parts:
            self.body.named += places.find(part, folders=True)
            self.body.effort = self.body.effort or only_effort(part)
        return True

    def _label(self, label: str, rest: str, line: str, known_only: bool) -> None:
        """Begins a part, if the label is known; a label of the reviewer's own stays in the part it stands in."""
        folded = fold(clean(label))
        part = field_of(folded)
        if part is None and field_of(URGENT.sub("", folded)) == "fix":  # "**Critical recommendation:**"
            part = "fix"
        if LABEL.fullmatch(folded):
            self.body.owner = self.body.owner or name_in(rest)
        if part is None:
            if not known_only and FIX_VERBS.match(folded):
                self.part = "fix"
            elif self.part == "location":
                self.part = "problem"
            if not known_only and " " not in folded.strip():  # "**Critical:** …", not "**Critical issue:** …"
                self.body.weighed = self.body.weighed or word_of(label, self.scale)
            self._text(line)
            return
        self.before = self.part if self.part not in SHORT and self.part != "location" else self.before
        self.part = part
        self.body.labels.add(part)
        if part == "fix" and self.body.effort is None and (aside := re.search(r"[(（](.*?)[)）]", label)):
            self.body.effort = effort_of(aside[1])
        if part == "problem" and self.body.texts.get("problem"):
            self._keep("")
        self.said = False
        if rest:
            self._text(rest)

    def _text(self, line: str) -> None:
        self.said = True
        if self.part == "effort":
            self.body.effort = effort_of(line) or self.body.effort
        elif self.part == "priority":
            self.body.priority = self.body.priority or word_of(line, self.scale)
            self.body.coded |= code_of(line) is not None
            self.body.remark |= bool(REMARK.fullmatch(clean(line)))
        elif self.part == "status":
            self.body.done |= is_done(line.strip())
        elif self.part == "impact":
            weight = severity_of(WEIGHED.split(line[:VALUE], maxsplit=1)[0], self.scale)
            self.body.weighed = self.body.weighed or weight
            if weight and line.startswith(tuple(COLOURS)):  # "🟠 HIGH - …" is a rank of its own
                self.body.priority = self.body.priority or weight
                self.body.labels.add("priority")
        elif self.body.effort is None and self.part in ("problem", "fix"):
            behind, handle = effort_behind(line) if self.part == "fix" else (None, "")
            self.body.effort = only_effort(SENTENCE.split(BULLET.sub("", line).rstrip())[-1]) or behind
            self.body.owner = self.body.owner or handle
        if self.part == "line":
            self._lines(line)
        elif self.part == "location":
            found = places.find(ASIDE.sub("", line), folders=True)
            self.body.named += found
            # Its lines alone, or those of the file that stands in a label before.
            if not found and (self.body.text("location") == "" or places.named_lines(line)):
                self._lines(line)
        elif self.part != "fix":
            self.already = self.already or bool(ALREADY.match(simplify(line)))
            self.lacking = self.lacking or bool(LACKING.match(line))
            self.body.mentioned += places.find(line)
        self._keep(line)

    def _lines(self, text: str) -> None:
        if self.body.named:
            self.body.named = places.lined(self.body.named, text)
        else:
            self.body.loose += places.stretches(text)

    def _keep(self, *lines: str) -> None:
        self.body.texts.setdefault(self.part, []).extend(line.rstrip() for line in lines)
