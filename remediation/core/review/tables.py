"""What the columns of a table hold, by their headers."""

import re
from typing import Literal

from remediation.core.review.blocks import Block, Row
from remediation.core.review.owners import LABEL
from remediation.core.review.terms import CLOSED, CONFIRMED, DONE, DONE_MARKS, NOT_DONE, Field, field_of
from remediation.core.review.words import clean, fold

Column = Literal["id", "title", "count", "task", "phase", "line", "owner"] | Field
NAMED: tuple[tuple[Column, str], ...] = (
    ("id", r"#|id|no\.?|nr\.?|编号|序号|ref|key|label|问题编号|问题id"),
    ("count", r".*(?:数量|个数|count|total|number of|合计).*|数"),
    (
        "task",
        r"(?:action |remediation )?(?:tasks?|action items?|to-?do|work items?|deliverables?)"
        r"|(?:主要|工作)?内容|(?:整改|改进|修复|优化|行动|待办|工作)?(?:任务|事项|措施)|行动项?|工作项|待办|步骤|改进项|修复项",
    ),
    ("owner", LABEL.pattern),
    (
        "line",
        r"lines?|lines?(?: numbers?| no\.?| range|\(s\))|line\(s\)"
        r"|行|(?:代码|所在|具体)?行(?:号|数)?(?:范围)?|起止行号?",
    ),
    (
        "phase",
        r"phase|week|sprint|timeline|when|due|deadline|milestone"
        r"|阶段|时间|周期|(?:完成|整改|处理|计划)?(?:时限|期限)|截止(?:时间|日期)?|(?:计划|完成)时间",
    ),
    (
        "title",
        r"title|name|summary|vulnerability|weakness|gap|smell|issue|problem|finding|description|risk item"
        r"|bugs?|defects?|blockers?|concerns?|observations?|remarks?|weaknesses|violations?|what(?:'s| is) wrong"
        r"|名称|标题|漏洞|缺陷|缺口|短板|描述|现象|发现|说明"
        r"|(?:具体|主要|核心)?问题(?:描述|点|项|名称|说明|简述|概述|标题|摘要|内容|详情)?"
        r"|(?:风险|缺陷|漏洞|隐患)(?:描述|点|项|名称|说明|内容)?|隐患|bug|项目?|条目|检查项|details?|what",
    ),
)
_NAMED = tuple((column, re.compile(pattern)) for column, pattern in NAMED)


TICKET = re.compile(r"#\d{2,6}|[A-Z]{2,10}-\d{2,6}")
"""A cell that names where something is dealt with: "#361", "OPS-12"."""
STRUCK = re.compile(rf"[\W\d]*~~[^~]{{4,}}~~(?:.{{0,20}}$|\W*(?:{DONE.pattern}))", re.S)
"""A title that is crossed out, perhaps with a word behind it why."""
TITLE = 300
"""Characters of a title that are read for whether it is done."""
ZERO = re.compile(
    r"(?:：\s*0|[:：]\s*0\s*(?:处|个|项|次|条|严重|found"
    r"|(?:issues?|findings?|problems?|occurrences?|instances?|cases?|places?)(?: found)?))\s*$",
    re.I,
)
"""A title of something that was looked for and of which there is none: "Locks held too long: 0 places"."""
SIZE = re.compile(r"[~≈约]?\s*[\d,.]*\s*k?\W*")
WHY = re.compile(r"why.{0,20}|reasons?|rationale|justification|原因|理由|依据|为什么")
"""Columns that say why something matters, and not what it is."""
NEWEST = re.compile(r"(?:latest|newest)(?: (?:stable|version|release))?|最新(?:版|版本|稳定版)?")
"""A column of versions; one of what is current beside it holds versions too."""
VAGUE = re.compile(r"(?:areas?|modules?|components?|services?|places?|scope|模块|组件|服务|范围)")
"""Columns that say where only if no other does."""


def columns_of(header: tuple[str, ...]) -> dict[Column, int]:
    """Which column holds what, the first of each kind; files are a better place than areas."""
    columns: dict[Column, int] = {}
    vaguely: set[int] = set()
    named = [fold(clean(cell)).replace("`", "") for cell in header]
    versions = any(map(NEWEST.fullmatch, named))
    for i, folded in enumerate(named):
        name: Column | None = next((c for c, pattern in _NAMED if pattern.fullmatch(folded)), None) or field_of(folded)
        if versions and name == "problem" and folded.startswith(("current", "当前", "现有", "目前")):
            continue
        if name == "problem" and not WHY.fullmatch(folded):
            name = "title" if "title" not in columns else "problem"
        vague = name == "location" and VAGUE.fullmatch(folded)
        if name and (name not in columns or (name == "location" and not vague and columns[name] in vaguely)):
            columns[name] = i
        if vague:
            vaguely.add(i)
    if "title" not in columns and "id" in columns and columns.get("location", -1) in vaguely:
        columns["title"] = columns.pop("location")
    if "task" in columns and {"location"} <= columns.keys() and "id" not in columns:
        columns |= _named_by_task(header, columns)
    if "title" not in columns and len({"priority", "id", "location"} & columns.keys()) > 1:
        columns |= _unnamed(header, columns)
    return columns


def _named_by_task(header: tuple[str, ...], columns: dict[Column, int]) -> dict[Column, int]:
    """What is to do, with its file, names a problem; a description beside it tells of it."""
    if "title" not in columns:
        return {"title": columns["task"]}
    described = fold(clean(header[columns["title"]])) in ("description", "描述", "说明")
    return {"title": columns["task"], "problem": columns["title"]} if described else {}


def _unnamed(header: tuple[str, ...], columns: dict[Column, int]) -> dict[Column, int]:
    """The first column that nothing is known of, else what is to be done: what else should say what is wrong, in a
    table of numbers or ranks and places.
    """
    if "task" in columns:
        return {"title": columns["task"]}
    free = [i for i in range(len(header)) if i not in columns.values()]
    known = [columns[name] for name in ("impact", "fix") if name in columns]
    return {"title": min(free + known)} if free or known else {}


def identified(table: Block) -> tuple[str, ...]:
    """The headers of a table, a column of nothing but tickets being one of numbers whatever it is called."""
    if len(table.header) < 3:
        return table.header
    cells = [[row.cells[i] for row in table.rows if i < len(row.cells)] for i in range(len(table.header))]
    tickets = [bool(column) and all(map(TICKET.fullmatch, column)) for column in cells]
    return tuple("#" if ticket else name for name, ticket in zip(table.header, tickets, strict=True))


def sizes(table: Block, column: int) -> bool:
    """Whether a column of "lines" says how many a file has: a number each, and never a stretch."""
    name = fold(clean(table.header[column]))
    cells = [fold(clean(row.cells[column])) for row in table.rows if column < len(row.cells)]
    if name not in ("lines", "行数", "代码行数", "代码行", "loc") or not all(map(SIZE.fullmatch, cells)):
        return False
    return (
        any("," in cell or "k" in cell for cell in cells)
        or not {"title", "priority"} <= columns_of(table.header).keys()
    )


def is_done(status: str) -> bool:
    """Whether a cell says that something is done."""
    folded = fold(status)
    marked = status.startswith(DONE_MARKS) and not CONFIRMED.search(folded)
    return (bool(DONE.search(folded)) or marked) and not NOT_DONE.search(folded)


def settled(row: Row) -> bool:
    """Whether a cell of a row begins with a tick and a word of being done: "✅ 已修（…）"."""
    return any(text.startswith(DONE_MARKS) and DONE.search(fold(text[:16])) for text in row.cells)


def closed(title: str) -> bool:
    """Whether a title says that its problem is no more: "Open port (fixed)"."""
    title = title[:TITLE]  # patterns take time, and no title is longer
    folded = fold(title)
    over = STRUCK.match(folded) or CLOSED.search(folded) or ZERO.search(title)
    return bool(over) and not NOT_DONE.search(folded)


def timed(row: Row, header: tuple[str, ...]) -> str:
    """What all cells that say when say together."""
    pattern = dict(_NAMED)["phase"]
    cells = zip(header, row.cells, strict=False)
    return " ".join(text for name, text in cells if pattern.fullmatch(fold(clean(name)))).strip()


def cell(row: Row, columns: dict[Column, int], name: Column) -> str:
    """The text of a row's cell, empty where there is no such column."""
    i = columns.get(name, -1)
    return row.cells[i].strip() if 0 <= i < len(row.cells) else ""
