"""The shapes that headings of findings have: real ones, and paragraphs that stand for one."""

import re
from collections.abc import Sequence

from findings.core.types import Priority
from remediation.core.review import groups, places
from remediation.core.review.blocks import Block, Section
from remediation.core.review.body import coded_label, dotted_rank
from remediation.core.review.heads import Head, read_head
from remediation.core.review.priorities import Scale, severity_of, word_of
from remediation.core.review.terms import DONE_MARKS, NOTHING, Field, field_of
from remediation.core.review.words import clean, fold

LISTED = re.compile(r"\s*[（(]\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[）)]\s*\S")
"""A line that is numbered in brackets: "（一）托运接口没有限流"."""
RANKED = re.compile(r"[A-Z]{1,3}-?\d{1,3}[.:：]?\s*[\[【(（]\s*\w{1,8}\s*[)）】\]]\s*\S")
"""Emphasised words that begin with a number and a severity: the title, however the sentence goes on."""
NUMBERED = re.compile(r"^[\s\d.、)）–~-]*")
RATING = re.compile(r"(?<=`)\s+[—–-]+\s+[^`]{1,40}$|(?<=`)\s*[(（\[][^`]{1,40}[)）\]]$")
"""How good a file is, behind its name: "`a.py` — ⚠️ High priority", "`a.py` (120 lines)"."""
RATED = re.compile(r"[(（\[【]\s*(?P<rank>[^()（）\[\]【】]{1,24})\s*[)）\]】]\s*[:：.—–-]?\s*")
"""A severity in brackets behind emphasised words: "**F2 No limit** (High)"."""
CODED = re.compile(
    r"[^\w\[(（【]*(?:(?:finding|issue|problem|bug|risk|发现|问题)\s*)?[\[(（【]?(?P<code>P[0-4](?:-\d+)?)[\])）】]?"
    r"(?:\s*(?:finding|issue|problem|bug|risk|blocker|发现|问题))?\s*[:：]\s*$",
    re.I,
)
"""Emphasised words that are a code with a colon and no title: "**🔴 Finding P0-7:** no limit"."""
OBJECTED = re.compile(
    r"\W*[A-Za-z一-鿿]{0,16}\s?#?\d{1,3}\s*[(（\[【]\s*(?P<rank>[^()（）\[\]【】]{1,16})\s*[)）\]】]\W*$"
)
"""Emphasised words that are a number and a severity and no title: "**Objection 2 (blocking).** Nothing checks …"."""
BRACKETED = re.compile(r"[\[【]\s*(?P<rank>[^\[\]【】\n]{1,14}?)\s*[\]】]\s+(?=[\w`])")
"""A paragraph that begins with a severity in brackets: "[P1] Nothing is synced. …"."""
FIRST = re.compile(r".{8,300}?(?:(?<!e\.g)(?<!i\.e)[.!?](?=\s|$)|[。！？]|$)|.{1,300}", re.S)
"""The first sentence of a paragraph, or as much of it as a title holds."""
TAGGED = re.compile(r"^[A-Z]{1,3}\d{1,2}\s*[:：—–-]+\s*(?=`)")
"""A number of its own in front of a file: "B1 — `a.spec.ts`"."""
KEYED = 2
"""Cells of a row that says something under a label."""
SENTENCE = 40
"""Characters of a numbered line from which on it may say all that there is to say."""
SAID = 80
"""Characters of a line that says a severity between dots."""
LABELLED = re.compile(r"\s*(?P<label>【[^】\n]{1,30}】|[^:：\n]{1,30})(?:[:：]|(?<=】)|$)")
"""A line that begins with what may be a label, or is nothing else."""
PROMOTED = 7
"""The level of a paragraph that stands for a heading: below all real ones."""


def file_of(section: Section) -> str:
    """The file that a heading names and nothing else: "File: `a.py`", "### 文件：a.py"."""
    label, colon, rest = clean(section.title).replace("：", ":").partition(":")
    named = rest if colon and field_of(fold(label)) == "location" else clean(NUMBERED.sub("", section.title))
    told = RATING.sub("", TAGGED.sub("", named))
    found = places.find(told)
    alone = len(found) == 1 and not found[0].line and told.strip(" `") == found[0].path
    return found[0].path if alone else ""


def own_finding(head: Head) -> bool:
    return head.explicit and head.own and bool(head.priority or head.label)


def numbered(section: Section, scale: Scale) -> bool:
    return all(read_head(c.title, scale).number for c in section.children)


def part_of(section: Section) -> Field | None:
    """The part of a finding that a heading is the label of."""
    return field_of(fold(clean(coded_label(section.title)[0])))


def holds_findings(section: Section) -> bool:
    """Whether a heading that may be a label of a finding's problem stands over headings: "Findings"."""
    return bool(section.children) and field_of(fold(clean(section.title))) == "problem"


def has_content(section: Section) -> bool:
    """Whether anything stands under the heading; a bold line may go on in its own paragraph."""
    return bool(section.blocks) or (section.level == PROMOTED and section.end > section.line)


def has_code(section: Section) -> bool:
    return any(b.kind == "code" for s in section.walk() for b in s.blocks)


def promoted(section: Section, head: Head, ranked: Priority | None, scale: Scale) -> list[Section]:
    """Paragraphs that number a finding, as sections of their own up to the next: a bold line, bold words that begin
    one, or a numbered line with labels under it.
    """
    starts = _starts(section, ranked, scale)
    if not starts or own_finding(head):
        return []
    last = section.children[0].line - 1 if section.children else section.end
    made = []
    for start, stop in zip(starts, [*list(starts)[1:], len(section.blocks)], strict=True):
        title, run_in = starts[start]
        said = ranked and len(title) >= SENTENCE and read_head(title, scale).number
        told = own_finding(own := read_head(title, scale)) and own.label and own.priority
        if stop == start + 1 and "\n" not in section.blocks[start].text and not (run_in or said or told):
            continue
        blocks = section.blocks[start + 1 : stop]
        end = section.blocks[stop].line - 1 if stop < len(section.blocks) else last
        made.append(Section(PROMOTED, title, section.blocks[start].line, end, blocks, run_in=run_in))
    del section.blocks[min(starts) :]
    return made


def _starts(section: Section, ranked: Priority | None, scale: Scale) -> dict[int, tuple[str, bool]]:
    """The paragraphs that are headings, by their place among the blocks; those that only begin with a severity are, if
    there is more than one of them.
    """
    starts: dict[int, tuple[str, bool]] = {}
    alike: dict[int, tuple[str, bool]] = {}
    for i, block in enumerate(section.blocks):
        title, run_in = heading_of(block, scale)
        own = read_head(title, scale) if title else None
        if own is None or NOTHING.match(fold(own.title)):
            continue
        told = own.priority or (ranked if not section.children else None)
        if own.number and not told and i + 1 < len(section.blocks):
            told = _rated(section.blocks[i + 1], scale)
        if (own_finding(own) and own.priority) or ((own.number or own.label) and told):
            starts[i] = title, run_in
        elif own.priority and own.own:
            alike[i] = title, run_in
        elif told and own.own and not run_in and not field_of(fold(clean(title))):
            below = section.blocks[i + 1 :]
            if _labelled(below) and not any(map(groups.rates, below)):
                starts[i] = title, run_in
    return dict(sorted((starts | alike).items())) if len(alike) > 1 or (alike and starts) else starts


def _rated(block: Block, scale: Scale) -> Priority | None:
    """The severity that a line of a block says, under a label or between dots: "Severity: High", "*High · 2 h*"."""
    listed = [entry.text for entry in block.entries]
    rows = [": ".join(row.cells) for row in block.rows if len(row.cells) == KEYED]
    for line in () if block.kind == "code" else (*block.text.split("\n"), *listed, *rows):
        if len(line) < SAID and (rank := dotted_rank(line, scale)):
            return rank
        match = LABELLED.match(line)
        if match and field_of(fold(clean(match["label"]))) == "priority":
            return word_of(line[match.end() :], scale)
    return None


def _labelled(blocks: Sequence[Block]) -> bool:
    """Whether the first of some blocks says something under a label of a finding's parts."""
    lines = [*blocks[0].text.split("\n"), *(entry.text for entry in blocks[0].entries)] if blocks else []
    return any((match := LABELLED.match(line)) and field_of(fold(clean(match["label"]))) for line in lines)


def heading_of(block: Block, scale: Scale) -> tuple[str, bool]:
    """The words of a paragraph that may be a heading ("" where none are), with a severity in brackets behind them, and
    whether its text goes on.
    """
    line, _, rest = block.text.partition("\n")
    if block.kind == "text" and (coded := CODED.match(block.lead)) and (said := line.removeprefix(block.lead).strip()):
        return f"[{coded['code']}] {said}", True
    if block.kind == "text" and (title := _ranked(block, scale)):
        return title, True
    if block.kind != "text" or block.lead.endswith((":", "：")):
        return "", False
    if block.lead:
        title = block.lead.rstrip(" .。")
        alone = line.strip() == block.lead
        behind = line.strip().removeprefix(block.lead).strip()
        rated = RATED.match(behind)
        if rated and severity_of(rated["rank"], scale):
            return f"{title} ({rated['rank']})", bool(rest) or rated.end() < len(behind)
        if behind in DONE_MARKS:
            return f"{title} {behind}", bool(rest)
        if not alone and (behind.startswith(("(", "（", "—", "–", "- ", "`", "[")) or not re.search(r"\w", behind)):
            return title, True
        ended = block.lead.rstrip().endswith((".", "。", "!", "?", "！", "？")) or RANKED.match(block.lead)
        return (title, not alone) if alone or ended else ("", False)
    labelled = any(field_of(fold(part.partition("：")[0].partition(":")[0])) for part in rest.split("\n"))
    return (line.strip(), False) if LISTED.match(line) and labelled else ("", False)


def _ranked(block: Block, scale: Scale) -> str:
    """The first sentence of a paragraph in front of which nothing but a severity stands, perhaps with a number; else
    empty.
    """
    match = OBJECTED.match(block.lead) if block.lead else BRACKETED.match(block.text)
    if match is None or not severity_of(match["rank"], scale):
        return ""
    said = block.text.removeprefix(block.lead) if block.lead else block.text[match.end() :]
    first = FIRST.match(" ".join(said.split()))
    return f"[{match['rank']}] {first.group().rstrip('.。')}" if first else ""


def leads(block: Block, scale: Scale) -> bool:
    """Whether a paragraph is the heading of a finding: "**P1-AUTH-001: No reset token**"."""
    title, _ = heading_of(block, scale)
    return bool(title) and own_finding(read_head(title, scale))
