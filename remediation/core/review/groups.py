"""Deciding for a group at once what its entries are: findings each, or the places of the one that the heading names."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from findings.core.types import Priority
from remediation.core.review import places
from remediation.core.review.blocks import Block, Document, Entry, Section
from remediation.core.review.drafts import CODED, Draft
from remediation.core.review.heads import read_head
from remediation.core.review.priorities import DOT, WEIGHED, Scale, heading_priority, severity_of
from remediation.core.review.tables import VAGUE, Column, columns_of
from remediation.core.review.terms import DOING, field_of, kind_of
from remediation.core.review.words import clean, fold, likeness

TARGET = re.compile(
    r"(?:reviewed |target |source |audited )?(?:contract|file|target|module|script|source)s?(?: reviewed| audited)?"
    r"|(?:审查|目标|被审|分析|源|合约|审计)?(?:文件|合约|脚本|模块|代码文件|对象|目标)"
)
"""A label above all headings that may name the one file which a report is about."""
AREA = re.compile(r"areas?|topics?|subject|theme|领域|主题|方面")
SEEN = re.compile(r"evidence|details?|observations?|analysis|what|证据|详情|现象|分析|说明")
DESCRIBED = re.compile(r"(?:short )?descriptions?|描述|说明")
SORT = re.compile(r"categor|type|kind|class|^\W*$|分类|类别|类型")
"""What the first column says where it names no row: a sort of problem, or nothing."""
LIKELIHOOD = re.compile(r"likelihood|probability|chance|(?:发生)?(?:概率|可能性|几率)")
CATEGORY = re.compile(
    r"(?:[\d.]+ ?)?(?:[\w/ -]{0,20}(?:层|端|侧|方面|部分)|(?:back|front)[- ]?end|server|client|database"
    r"|auth(?:entication)?|security|performance|testing|documentation|infrastructure|api|ui(?:/ux)?|devops|安全性?|性能|测试|文档|架构|代码质量)"
)
"""A heading that only says of what part the plain entries under it are."""
SIZED = re.compile(
    r"(?<![\d,.])\d[\d,.]{0,12}\s*(?:(?:LOC|lines?|places|times|occurrences|instances|matches)\b|行|处|次)", re.I
)
NUMBERED_TOPIC = re.compile(r"[(（]\s*(\d{1,2})\s*(?:[个項项条处]|items?|issues?|findings?)?\s*[)）]$")
RANGED = re.compile(r"\W*(\d{1,3})\s?[-–~～]\s?(\d{1,3})\s*[.、:：)）]")
"""The numbers of several findings in front of what they are about: "19-25: other things"."""
HANDFUL = 5
"""Entries up to which a heading counts them right."""
LISTING = ("list", "table")
SHORT = 60
"""Characters of a line that may be a heading."""
SEVERAL = 2
"""Lines of a severity alone from which on they are headings, whatever stands under them."""
REFERENCE = re.compile(
    r"\b(?:P[0-4](?:-[A-Z]+)*-[A-Z]?\d+[a-z]?|[A-Z]{1,10}[-_](?:[A-Z][A-Z0-9]{0,9}[-_])*\d+[a-z]?)\b"
)
"""A finding's number, as other lines cite it."""
UNLIKE = 0.1
"""Likeness below which two tellings with one number are two findings."""


def listed(section: Section) -> list[Entry]:
    """The entries of a section's own lists."""
    return [entry for block in section.blocks for entry in block.entries]


def placed(section: Section) -> bool:
    """Whether most entries under a heading begin with a place and say what is wrong there: findings each, the heading
    being only their topic.
    """
    entries = listed(section)
    if any(block.kind not in ("list", "table") for block in section.blocks):
        return False
    tables = [columns_of(block.header) for block in section.blocks if block.kind == "table"]
    rows = any({"location", "title"} <= columns.keys() for columns in tables)
    began = sum(places.begins(entry.text) for entry in entries)
    return (rows and not entries) or (len(entries) > 1 and began * 2 >= len(entries))


def unlabelled(section: Section) -> Section:
    """A section without the lines that only say what the list behind them is."""
    blocks = [b for b in section.blocks if b.kind != "text" or not b.text.rstrip().endswith((":", "：", ":**"))]
    return replace(section, blocks=blocks)


def only_places(section: Section) -> bool:
    """Whether a section says nothing but where: lists of bare places, tables of files without a word on each."""
    entries = listed(section)
    tables = [block for block in section.blocks if block.kind == "table"]
    if not entries and not tables:
        return False
    return all(_bare(entry.text) for entry in entries) and all(_located(table) for table in tables)


def _bare(text: str) -> bool:
    first = text.partition("\n")[0]
    return bool(places.find(first)) and not re.search(r"\w", CODED.sub("", first))


def counted(section: Section) -> bool:
    """Whether a heading tells the number of the entries under it, which say more than where: a topic over as many
    findings ("Storage (4)", "19-25: other things"). Who counts more than a handful may be one wrong.
    """
    match, entries = NUMBERED_TOPIC.search(clean(section.title)), listed(section)
    ranged = RANGED.match(section.title) if all(block.kind == "list" for block in section.blocks) else None
    told = int(match[1]) if match else int(ranged[2]) - int(ranged[1]) + 1 if ranged else 0
    several = told > 1 and abs(len(entries) - told) <= (told > HANDFUL)
    return several and not section.children and not any(_bare(entry.text) for entry in entries)


def measured(entries: Sequence[Entry]) -> bool:
    """Whether entries name files and how long each is, and nothing that is wrong."""
    return len(entries) > 1 and all(bool(SIZED.search(e.text)) and places.only(SIZED.sub("", e.text)) for e in entries)


def _located(table: Block) -> bool:
    columns = columns_of(table.header)
    return "location" in columns and ("title" not in columns or coded(table))


def register(table: Block) -> bool:
    """Whether a table weighs what may happen, by how likely it is, and finds nothing."""
    return any(LIKELIHOOD.fullmatch(fold(clean(name))) for name in table.header)


def coded(table: Block) -> bool:
    """Whether all titles of a table are nothing but code: what stands at places, and not what is wrong."""
    column = columns_of(table.header).get("title", -1)
    titles = [row.cells[column] for row in table.rows if 0 <= column < len(row.cells)]
    return bool(titles) and not any(re.search(r"\w", CODED.sub("", title)) for title in titles)


def label_of(text: str) -> str:
    """The folded words before the first colon of a text."""
    return fold(clean(text.partition("\n")[0].replace("：", ":").partition(":")[0]))


def continues_labelled(before: Block) -> bool:
    """Whether a paragraph only says that the list behind it tells what to do, what it costs or what comes of it."""
    line = before.text.rsplit("\n", 1)[-1].strip()
    alone = line.endswith((":", "：")) or (before.lead.strip() == line and bool(line))
    return before.kind == "text" and alone and field_of(label_of(line)) in ("fix", "impact", "effort", "note")


def titled(table: Block, columns: dict[Column, int]) -> dict[Column, int]:
    """The columns of a table in which a short name of each row ("Area", or what stands first before a description)
    stands beside what was seen: the name is its title, if no two rows share one.
    """
    heads = [fold(clean(name)) for name in table.header]
    known = columns.get("title", -1)
    areas = [i for i, name in enumerate(heads) if AREA.fullmatch(name)] if SEEN.fullmatch(heads[known]) else []
    if known > 0 and DESCRIBED.fullmatch(heads[known]) and 0 not in columns.values() and not SORT.search(heads[0]):
        areas = [0]
    if not areas or known < 0:
        return columns
    names = [row.cells[areas[0]] for row in table.rows if areas[0] < len(row.cells)]
    if columns.get("location") == areas[0] or len(set(names)) < len(names) or not names:
        return columns
    return columns | {"title": areas[0], "problem": known}


def by_severity(section: Section, level: int, scale: Scale) -> list[Section]:
    """The lists and tables of a section that stand under lines of nothing but a severity ("**Medium (later)**:"), as
    sections of their own.
    """
    blocks = section.blocks
    if ranks := _ranked_parents(section, scale):
        made = [Section(level, e.text.rstrip(":："), e.line, e.end, list(e.blocks)) for e in ranks]
        blocks.clear()
        return made
    starts = [i for i, block in enumerate(blocks[:-1]) if severity_line(block, scale)]
    if len(starts) < SEVERAL:
        starts = [i for i in starts if blocks[i + 1].kind in LISTING]
    if not starts:
        return []
    others = [i for i, block in enumerate(blocks[:-1]) if i > starts[0] and _turns(block)]
    starts = sorted({*starts, *(i for i in others if blocks[i + 1].kind in LISTING)})
    last = section.children[0].line - 1 if section.children else section.end
    made = []
    for start, stop in zip(starts, [*starts[1:], len(blocks)], strict=True):
        end = blocks[stop].line - 1 if stop < len(blocks) else last
        made.append(Section(level, blocks[start].text.rstrip(":："), blocks[start].line, end, blocks[start + 1 : stop]))
    del blocks[starts[0] :]
    return made


def _ranked_parents(section: Section, scale: Scale) -> list[Entry]:
    """The entries of a section that is one list of nothing but severities, each with a list below it, most of which
    does not say what to do.
    """
    entries = section.blocks[0].entries if len(section.blocks) == 1 else ()
    bare = [
        e
        for e in entries
        if all(b.kind == "list" for b in e.blocks)
        and e.blocks
        and heading_priority(e.text.rstrip(":："), scale)
        and not read_head(e.text.rstrip(":："), scale).own
    ]
    below = [e.text for entry in bare for block in entry.blocks for e in block.entries]
    doing = sum(bool(DOING.match(fold(clean(text)))) for text in below)
    return bare if len(bare) > 1 and len(bare) == len(entries) and doing * 3 < len(below) else []


def _turns(block: Block) -> bool:
    """Whether a paragraph is one short line that says that what follows is praise, a plan or what to do."""
    line = block.text.strip()
    alone = line.endswith((":", "：")) or line == block.lead.strip()
    if block.kind != "text" or "\n" in line or len(line) > SHORT or not alone:
        return False
    return kind_of(label_of(line)) in ("praise", "plan") or field_of(label_of(line)) == "fix"


def several_ranks(sections: Sequence[Section], scale: Scale) -> bool:
    """Whether some of a section's parts say nothing but how bad what they list is, and not all the same."""
    bare = [section.title for section in sections if not read_head(section.title, scale).own]
    return len({rank for title in bare if (rank := heading_priority(title, scale))}) > 1


def raise_lines(section: Section, scale: Scale) -> None:
    """Makes headings of the lines of nothing but a severity that stand directly above headings: these go below them."""
    lines = [_line_above(section, i, scale) for i in range(len(section.children))]
    if lines and (lines[0] or sum(map(bool, lines)) >= SEVERAL):
        raised: list[Section] = []
        group: Section | None = None
        for i, (child, line) in enumerate(zip(section.children, lines, strict=True)):
            if line:
                _cut(section if i == 0 else section.children[i - 1], line, whole=i > 0)
                group = Section(child.level, line.text.rstrip(":："), line.line, child.end)
                raised.append(group)
            if group:
                group.children.append(child)
                group.end = child.end
            else:
                raised.append(child)
        section.children = raised
    for child in section.children:
        raise_lines(child, scale)


def _line_above(section: Section, i: int, scale: Scale) -> Block | None:
    """The line of severity directly above a section's child: it ends the blocks of the section, or the child before."""
    before = section.children[i - 1] if i else section
    while i and before.children:
        before = before.children[-1]
    return before.blocks[-1] if before.blocks and severity_line(before.blocks[-1], scale) else None


def _cut(section: Section, line: Block, *, whole: bool) -> None:
    """Takes a line out of the section that ends with it, where that is the end of the `whole`."""
    for part in section.walk() if whole else [section]:
        part.blocks = [block for block in part.blocks if block is not line]
        part.end = min(part.end, line.line - 1) if whole and part.end >= line.line else part.end


def severity_line(block: Block, scale: Scale, titled: bool = False) -> Priority | None:
    """The severity of a paragraph that is one short line which says how bad what follows is, and nothing else unless
    it may be `titled`.
    """
    line = block.text.strip()
    alone = line.endswith((":", "：")) or line == block.lead.strip() or bool(re.match(DOT, line))
    if block.kind != "text" or "\n" in line or len(line) > SHORT or not alone or field_of(label_of(line)):
        return None
    title = line.rstrip(":：")
    return heading_priority(title, scale) if titled or not read_head(title, scale).own else None


def renumbered(drafts: Sequence[Draft], known: Sequence[Draft]) -> bool:
    """Whether a chapter counts its findings from one again: none says what the one before of its number does."""
    drafts = [d for d in drafts if d.label]
    counted = [int(re.sub(r"\D", "", d.label.rpartition("-")[2]) or 0) for d in drafts]
    pairs = [(d, k) for d in drafts for k in known if d.label and d.label == k.label]
    afresh = bool(pairs) and counted == list(range(1, len(drafts) + 1))
    return afresh and all(likeness(d.title, k.title) < UNLIKE for d, k in pairs)


def target_of(document: Document) -> str:
    """The one file that a report is about, as its title or the lines above all headings name it; else empty."""
    title = document.heading
    blocks = [*document.root.blocks, *(title.blocks if title else [])]
    found = {p.path for p in places.find(title.title)} if title else set()
    for line in (line for block in blocks for line in _lines(block)):
        label, colon, rest = line.replace("：", ":").partition(":")
        if colon and (TARGET.fullmatch(fold(clean(label))) or field_of(fold(clean(label))) == "location"):
            found |= {p.path for p in places.find(rest)}
    whole = {path for path in found if not any(other.endswith(f"/{path}") for other in found)}
    return whole.pop() if len(whole) == 1 else ""


def _lines(block: Block) -> list[str]:
    return [*block.text.split("\n"), *(line for entry in block.entries for line in entry.text.split("\n"))]


def sorts(section: Section) -> bool:
    """Whether a heading is a category with nothing but a list under it."""
    listed = bool(section.blocks) and all(b.kind == "list" for b in section.blocks) and not section.children
    return listed and bool(CATEGORY.fullmatch(fold(clean(section.title))))


def tells_each(section: Section, scale: Scale) -> bool:
    """Whether a list has entries that each say under a label of their own where it is, or how bad: findings, of which
    the heading is none.
    """
    return sum(any(_rated_line(line, scale) for line in _below(entry)) for entry in listed(section)) > 1


def _below(entry: Entry) -> list[str]:
    """What stands below the first line of an entry: the lines of its paragraphs, and entries."""
    texts = [entry.text.split("\n")[1:], *(block.text.split("\n") for block in entry.blocks if block.kind == "text")]
    return [*(e.text for block in entry.blocks for e in block.entries), *(line for lines in texts for line in lines)]


def _rated_line(line: str, scale: Scale) -> bool:
    """Whether a line has the label of a place or a severity, or of an impact of which it says how bad it is."""
    part = field_of(label_of(line))
    weight = WEIGHED.split(line.replace("：", ":").partition(":")[2].strip()[:SHORT], maxsplit=1)[0]
    return part in ("location", "priority") or (part == "impact" and severity_of(weight, scale) is not None)


def lists_findings(block: Block) -> bool:
    """Whether a table has a row for each of several findings."""
    columns = columns_of(block.header)
    return block.kind == "table" and "title" in columns and bool({"id", "location", "priority"} & columns.keys())


def rates(table: Block) -> bool:
    """Whether a table says of each row how bad it is: what it stands under is no finding, however it is labelled."""
    return lists_findings(table) and "priority" in columns_of(table.header)


def itemized(section: Section) -> bool:
    """Whether a section has a table that rates its findings, or a list that numbers or emphasises them."""
    told = [e for e in listed(section) if (e.number or e.lead) and not field_of(label_of(e.text))]
    return bool(told) or any(rates(block) and len(block.rows) > 1 for block in section.blocks)


def rated_below(section: Section, scale: Scale) -> bool:
    """Whether a table under one of a section's headings rates several findings, or lists there stand under lines of
    nothing but a severity.
    """
    below = [part for child in section.children for part in child.walk()]
    tables = any(rates(block) and len(block.rows) > 1 for part in below for block in part.blocks)
    return tables or any(_ranks_lists(part, scale) for part in below)


def _ranks_lists(section: Section, scale: Scale) -> bool:
    pairs = zip(section.blocks, section.blocks[1:], strict=False)
    return len({severity_line(line, scale) for line, block in pairs if block.kind in LISTING} - {None}) > 1


def compares(section: Section) -> bool:
    """Whether a section is nothing but a table that says something of each of several things."""
    tables = [b for b in section.blocks if b.kind == "table" and len(b.rows) > 1 and "title" in columns_of(b.header)]
    return len(tables) == len(section.blocks) == 1 and not section.children


def by_part(table: Block) -> bool:
    """Whether a table says of each part of the whole how it is: a sum of the findings told before it."""
    columns = columns_of(table.header)
    first = fold(clean(table.header[0])) if table.header else ""
    parts = bool(VAGUE.fullmatch(first) or AREA.fullmatch(first))
    return parts and "id" not in columns and columns.get("title", 0) > 1


def backlog(table: Block) -> bool:
    """Whether a table of a plan says of each row how bad, what and where: a list of findings, whatever it is called."""
    return table.kind == "table" and {"priority", "title", "location"} <= columns_of(table.header).keys()


def follows_up(table: Block, labels: Collection[str]) -> bool:
    """Whether half of a table's rows name findings in a cell that is neither their own number nor their title, beside
    what they take or how far they are: what is to do about those findings.
    """
    columns = columns_of(table.header)
    if table.kind != "table" or not {"effort", "status"} & columns.keys():
        return False
    own = {columns.get("id"), columns.get("title")}
    rest = [" ".join(text for i, text in enumerate(row.cells) if i not in own) for row in table.rows]
    return sum(any(name in labels for name in REFERENCE.findall(text)) for text in rest) * 2 >= len(rest) > 0
