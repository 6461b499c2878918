"""What a report says of itself: title, date, verdict."""

import re
from collections.abc import Iterator
from datetime import date

from remediation.core.review.blocks import Document, Section
from remediation.core.review.terms import field_of, kind_of
from remediation.core.review.words import COMMENT, TAG, clean, fold, simplify

DATED = re.compile(
    r"(?:review|audit|analysis|report|assessment)?(?: )?date"
    r"|reviewed(?: on)?|dated?|(?:审查|审核|审计|评审|报告|分析|检查)?(?:日期|时间)"
)
LABELLED_DATE = re.compile(r"([^|>:：*_\n]{0,24}(?:date|日期))[*_\s]*[:：|][*_\s]*([^:：]{4,30})", re.I)
"""A label with a date where more than one label stands in a line, or a cell of a table."""
HEAD = 12
"""Lines that hold something, in which a date without a label is taken for that of the review."""
NUMERIC = re.compile(r"\b((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
NAMES = "january february march april may june july august september october november december"
MONTHS = {name[:3]: i for i, name in enumerate(NAMES.split(), 1)}
SPOKEN = re.compile(
    r"\b(\d{1,2}) ([a-z]{3,9})\.?,? ((?:19|20)\d\d)"
    r"|\b([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)"
)
GRADE = re.compile(r"taste|rating|score|grade|verdict|评分|评级|评等|品味")
READY = re.compile(
    r"(?:(?:production|release|launch|go-live|deployment) )?readiness"
    r"|overall (?:risk|health|security|status|quality|maturity)(?: (?:level|rating|posture|status))?"
    r"|(?:总体|整体|综合|系统|项目)(?:健康度?|风险(?:等级|级别|水平)?|安全(?:等级|性)?|质量|成熟度)|健康度|上线结论"
)
"""A label that judges the whole: "Production readiness", "总体健康度"."""
OVERALL = re.compile(
    r"(?:overall|total)(?: (?:score|grade|rating|health))?|(?:综合|总体|整体|总)(?:评分|评价|评级|得分|分|健康度)"
)
"""The first cell of the row that sums a table of grades up."""
MARKS = re.compile(r"(?:\d{1,3}(?:\.\d{1,2})?\s*(?:/\s*\d{1,3}|%|分)|[a-f][+-]?)(?![a-z])")
"""A grade at the start of a text: "7.5/10", "B+"."""
WOULD = re.compile(r"\s*(?:→|->|⇒|=>)")
"""Between the grade that is and the one that would be."""
JUDGED = re.compile(
    r"(?:^|[.。;；!?！？，,\s])(?:(?:final|overall|my|our)\s)?(?:grade|rating|verdict|score|overall"
    r"|(?:综合|总体|整体|审计|审查|评审)(?:评级|评分|评等|评价|结论))\s*[:：为是]\s*(?P<value>[^。;；\n]{1,120})",
    re.I,
)
"""A judgement inside a line of prose: "…, overall grade: C"."""
LABELLED = re.compile(r"^[\s>*_【\[-]*(?P<label>[^:：*_】\]]{2,30})[】\]*_\s]*[:：]\s*(?P<value>.+)$")
MARK = re.compile(r"[:：]|【[^】]*】.")
NUMBERED = re.compile(r"\W*\d+\.\d")
ELSEWHERE = re.compile(r"\s*(?:\||[-*] |```)")
OTHER_DATE = re.compile(r"\b(?:due|next|last|start|end|updated?)\b|下次|上次|截止|完成|开始|结束|更新", re.I)
SIZE = 200
"""Characters of a verdict that are kept; it is a headline, not a chapter."""


def title_of(document: Document) -> str:
    """The first top heading, else the first heading."""
    sections = [s for s in document.root.walk() if s.title]
    top = next((s for s in sections if s.level == 1), sections[0] if sections else None)
    return tidy(top.title) if top else ""


def reviewed_on(document: Document) -> date | None:
    """The date that the head of the report gives the review, not one at which something was or will be done."""
    dated = []
    for line in _labelled(document.lines):
        label = fold(line[0])
        if DATED.fullmatch(label.strip()):
            dated.append(line[1])
    later = [
        value
        for line in document.lines
        for label, value in LABELLED_DATE.findall(simplify(line))
        if not OTHER_DATE.search(fold(label))
    ]
    head = [line for line in document.lines if line.strip()][:HEAD]
    short = [line for line in head if len(line) < SIZE and not ELSEWHERE.match(line) and not OTHER_DATE.search(line)]
    return next((found for value in [*dated, *later, *short] if (found := read_date(value))), None)


def read_date(text: str) -> date | None:
    """The first date in a text: 2025-11-02, 2025年11月2日, 2 November 2025, November 2, 2025."""
    folded = fold(text)
    if match := NUMERIC.search(folded):
        return _date(*map(int, match.groups()))
    if match := SPOKEN.search(folded):
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        return _date(int(year), MONTHS.get(month[:3], 0), int(day))
    return None


def verdict_of(document: Document) -> str:
    """The reviewer's judgement in a line: the grade, and the core judgement where the report has both."""
    said = [(GRADE.search(fold(name)) is None, text) for name, text in _verdicts(document.root) if text]
    said += [(False, v) for label, v in _labelled(document.lines) if GRADE.search(fold(label)) and len(v) < SIZE]
    said += [(False, value) for value in _ready(document)]
    said += [(False, match["value"]) for line in _prose(document.root) if (match := JUDGED.search(simplify(line)))]
    said += [(False, text) for text in _summed(document.root)]
    grades = [_present(text) for judged, text in said if not judged]
    judged = [text for judged, text in said if judged and not any(grade in text for grade in grades)]
    return " — ".join(tidy(text)[:SIZE] for text in [*grades[:1], *judged[:1]])


def _verdicts(root: Section) -> Iterator[tuple[str, str]]:
    """The headings that announce a judgement, each with what it says: behind a colon, in a heading, or a first line."""
    for section in root.walk():
        if section.level == 0 or kind_of(fold(section.title)) != "verdict":
            continue
        behind = re.sub(r"^.*?(?:【[^】]*】|[:：])\s*", "", section.title) if MARK.search(section.title) else ""
        first = next((c.title for c in section.children if not NUMBERED.match(c.title)), "")
        text = next((b.text for b in section.blocks if b.kind in ("text", "quote") and b.text), "")
        if field_of(fold(text.replace("：", ":").partition(":")[0])):
            text = ""  # a finding that stands there, and no judgement
        yield section.title, behind.strip() or (first if first and not text else text).partition("\n")[0]


def _ready(document: Document) -> Iterator[str]:
    """What headings and labels say of the whole that have no word of grades: "Overall risk level: high"."""
    titles = [s.title for s in document.root.walk() if s.level and MARK.search(s.title)]
    pairs = [match.group("label", "value") for title in titles if (match := LABELLED.match(title))]
    for label, value in [*pairs, *_labelled(document.lines)]:
        folded = fold(clean(label))
        graded = GRADE.search(folded) and MARKS.match(fold(clean(value)))
        if len(value) < SIZE and (READY.fullmatch(folded) or graded):
            yield value


def _summed(root: Section) -> Iterator[str]:
    """The grades in the rows that sum up tables of grades: of two versions side by side the last is the present one."""
    for section in root.walk():
        for block in section.blocks:
            for row in block.rows:
                if row.cells and OVERALL.fullmatch(fold(clean(row.cells[0]))):
                    yield from [cell for cell in row.cells[1:] if MARKS.match(fold(cell).strip("* "))][-1:]


def _present(text: str) -> str:
    """A judgement without what it would be after the work: "B+ → A (after the fixes)" is "B+"."""
    match = WOULD.search(text)
    before = fold(clean(text[: match.start()])) if match else ""
    return text[: match.start()] if match and MARKS.fullmatch(before) else text


def _prose(root: Section) -> Iterator[str]:
    """The lines of paragraphs and quotes."""
    for section in root.walk():
        for block in section.blocks:
            if block.kind in ("text", "quote"):
                yield from block.text.split("\n")


def _labelled(lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The "label: value" lines of a report outside headings and code."""
    fenced = False
    for line in lines:
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and not line.startswith(("#", "|", "    ")) and (match := LABELLED.match(line)):
            yield match["label"].strip(), match["value"].strip()


def tidy(text: str) -> str:
    """A line without emphasis marks, comments and tags; emoji stay, they carry the taste."""
    text = TAG.sub("", COMMENT.sub("", text)).replace("**", "").replace("__", "").replace("`", "")
    return " ".join(text.split()).strip(" -—*>")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
