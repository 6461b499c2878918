"""What a report says of its own findings in figures: "3 P0, 5 P1", a table, "## High (4)", "共发现 14 个问题"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from findings.core.types import Priority
from remediation.core.review.blocks import Block, Document
from remediation.core.review.heads import read_head
from remediation.core.review.priorities import Scale, code_of, heading_priority, word_of
from remediation.core.review.terms import CODE, LEVEL
from remediation.core.review.words import clean, fold

UNIT = "(?:issues?|problems?|findings?|items?|bugs?|defects?|risks?|vulnerabilit(?:y|ies)|warnings?|blockers?)"
COUNTED = r"[个個项項条條处處类類]"
NOUN = r"(?:级|优先级|级别|性|危)?(?:的)?(?:问题|缺陷|漏洞|风险|隐患|项|建议)?"
WORD = rf"(?:{LEVEL}|p[0-4](?![a-z0-9]))"
NUMBER = r"(?P<{name}>\d{{1,3}})(?![\d.,/%:-]|\s*(?:%|/))"
BEHIND = re.compile(
    rf"(?P<word>{WORD})\s*(?:(?:priority|severity)\s*)?(?:{UNIT})?{NOUN}[\s*:：=×x(（|—–-]{{0,6}}(?:共|有|计)?\s*"
    rf"{NUMBER.format(name='count')}\s*(?:{COUNTED}|{UNIT}|$|[,，;；、。.|)）(（·/\s])"
)
"""The figure behind the word: "critical: 3", "严重问题：5 个", "P0 × 2"."""
BEFORE = re.compile(
    rf"(?<![\w.:#-]){NUMBER.format(name='count')}\s*(?:x\s*|×\s*|{COUNTED}\s*(?:是|属于?)?\s*)?[\"“「【\[*]*(?P<word>{WORD})"
)
"""The figure before the word: "3 critical issues", "5 个高危问题"."""
TOTAL = re.compile(
    rf"(?:(?:total|overall)\s*(?:number of\s*)?{UNIT}?(?:\s*(?:found|identified))?\s*[:：]\s*\**\s*"
    r"|共(?:计|发现|识别|找到)?\s*|总(?:问题|计)?(?:数|数量)?\s*[:：]\s*)"
    rf"{NUMBER.format(name='a')}\s*(?:{COUNTED}|$|{UNIT})"
    rf"|(?<![\w.#-]){NUMBER.format(name='b')}\s+{UNIT}\s+(?:(?:were|have been)\s+)?"
    "(?:found|identified|in total|discovered)"
)
"""How many there are of all: "Total: 17", "共发现 14 个问题", "14 issues were found"."""
HEADED = re.compile(rf"[(（\[【]\s*(?:共\s*)?(\d{{1,3}})\s*(?:{COUNTED}|{UNIT})?\s*(?:{UNIT}|问题)?\s*[)）\]】]\s*$")
"""A figure behind a heading: "Critical issues (3)", "P1 问题（5 个）"."""
SUM = re.compile(r"(?:grand )?total|sum|all|overall|总计|合计|总数|共计|小计|全部|总")
FIGURE = re.compile(r"[~≈约]?\s*\**(\d{1,3})\**\s*(?:[个項项条处类]|issues?|findings?)?(?:\s*[(（].*)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """That there are so many findings of a priority (None: of any); more than one count where the report says several.
    `first` and `last` are the lines between which they stand, where the claim is a heading's.
    """

    counts: frozenset[int]
    priority: Priority | None
    line: int
    first: int = 0
    last: int = 0

    def misfit(self, count: int) -> int:
        """How far a count is from what is claimed."""
        return min(abs(claimed - count) for claimed in self.counts)


def claims_of(document: Document, scale: Scale) -> list[Claim]:
    """What headings claim of what stands under them, then what the report claims of each priority, then of all."""
    told: dict[Priority | None, dict[int, int]] = {}
    for line, counts in _sources(document, scale):
        for priority, count in counts.items():
            told.setdefault(priority, {}).setdefault(count, line)
    whole = [
        Claim(frozenset(counts), priority, min(counts.values()))
        for priority, counts in sorted(told.items(), key=lambda pair: str(pair[0] or "~"))
    ]
    return [*_headed(document, scale), *whole]


def _headed(document: Document, scale: Scale) -> Iterator[Claim]:
    for section in document.root.walk():
        match = HEADED.search(clean(section.title)) if section.level else None
        priority = heading_priority(section.title[:400], scale) if match else None
        if not match or not priority or not (section.children or section.blocks):
            continue
        # A heading that has a title of its own counts something else: "N+1 queries (12)".
        if not read_head(section.title[: section.title.rfind(match[1]) - 1], scale).own:
            yield Claim(frozenset({int(match[1])}), priority, section.line, section.line, section.end)


def _sources(document: Document, scale: Scale) -> Iterator[tuple[int, dict[Priority | None, int]]]:
    for section in document.root.walk():
        for block in section.blocks:
            counts = _table(block, scale) if block.kind == "table" else _prose(list(_lines(block)), scale)
            if counts:
                yield block.line, counts


def _lines(block: Block) -> Iterator[str]:
    if block.kind in ("text", "quote"):
        yield from block.text.split("\n")
    for entry in block.entries:
        yield from entry.text.split("\n")
        for inner in entry.blocks:
            yield from _lines(inner)


def _prose(lines: Sequence[str], scale: Scale) -> dict[Priority | None, int]:
    """The figures of a paragraph or list that tells those of two severities at least, or a total."""
    words: dict[str, tuple[Priority, int]] = {}
    total: int | None = None
    for line in lines:
        folded = fold(clean(line.replace("`", "")))[:300]
        for pattern in (BEHIND, BEFORE):
            found = [(m["word"], int(m["count"])) for m in pattern.finditer(folded)]
            ranked = [(w, rank, n) for w, n in found if (rank := word_of(w, scale))]
            if ranked and (len(ranked) > 1 or len(lines) > 1):
                words |= {w: (rank, n) for w, rank, n in ranked if w not in words}
                break
        if total is None and not re.search(WORD, folded) and (match := TOTAL.search(folded)):
            total = int(match["a"] or match["b"])
    if len(words) < 2:
        words = {}
    return _summed(words.values(), total)


def _summed(counted: Iterable[tuple[Priority, int]], total: int | None) -> dict[Priority | None, int]:
    sums: dict[Priority | None, int] = {}
    for priority, count in counted:
        sums[priority] = sums.get(priority, 0) + count
    return sums | ({None: total} if total is not None else {})


def _table(table: Block, scale: Scale) -> dict[Priority | None, int]:
    """The figures of a table with a row, or a column, for each severity."""
    ranks = [(_rank(row.cells[0], scale), row.cells) for row in table.rows if row.cells]
    ranked = [(rank, cells) for rank, cells in ranks if rank]
    if len(ranked) > 1 and len({fold(cells[0]) for _, cells in ranked}) == len(ranked):
        figures = [(rank, _figure(next((c for c in cells[1:] if c.strip()), ""))) for rank, cells in ranked]
        if all(n is not None for _, n in figures):
            sums = [cells for rank, cells in ranks if not rank and SUM.fullmatch(fold(clean(cells[0])))]
            total = next((n for cells in sums for c in cells[1:2] if (n := _figure(c)) is not None), None)
            return _summed([(rank, n) for rank, n in figures if n is not None], total)
    return _across(table, scale)


def _across(table: Block, scale: Scale) -> dict[Priority | None, int]:
    columns = [(i, rank) for i, name in enumerate(table.header) if (rank := _rank(name, scale))]
    if len(columns) < 2:
        return {}
    rows = [row.cells for row in table.rows if len(row.cells) == len(table.header)]
    sums = [cells for cells in rows if SUM.fullmatch(fold(clean(cells[0])))] or rows
    figures = [[_figure(cells[i]) for i, _ in columns] for cells in sums]
    if not figures or any(n is None for row in figures for n in row):
        return {}
    counted = [(rank, n) for row in figures for (_, rank), n in zip(columns, row, strict=True) if n is not None]
    return _summed(counted, None)


def _rank(cell: str, scale: Scale) -> Priority | None:
    """The priority of a cell that says a severity and nothing else of its own."""
    text = clean(cell)
    if len(text) > 40 or not re.search(r"\w", text) or not (CODE.search(text) or re.search(LEVEL, fold(text))):
        return None
    if read_head(text, scale).own and heading_priority(text, scale) is None:
        return None
    return code_of(text) or heading_priority(text, scale) or word_of(text, scale)


def _figure(cell: str) -> int | None:
    match = FIGURE.fullmatch(fold(cell))
    none = fold(cell).strip() in ("-", "—", "–", "none", "无")
    return int(match[1]) if match else 0 if none else None
