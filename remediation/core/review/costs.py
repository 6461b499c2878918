"""Cost tables: which tables tell monthly costs, of what is or of what should be, and whether they add up."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from findings.core.types import Notice, notice
from remediation.core.review.blocks import Block, Document, Section
from remediation.core.review.money import Money, currency_of, months_of, read_money, uses_comma
from remediation.core.review.notes import NO_CURRENCY, OTHER_CURRENCY, ROLES_TAKEN, UNREAD_AMOUNT, WRONG_TOTAL
from remediation.core.review.words import clean, fold
from remediation.core.types import CostRow, CostTable

COST = re.compile(
    r"\bcosts?\b|\bmoney\b|\bprice|\bmonthly|\bspend|\bbill\b|\b(?:a|per|each) month\b"
    r"|/ ?(?:mo|month|月)|\$|€|£|成本|费用|月费|价格|花费|支出|金额|预算"
)
COUNTED = re.compile(
    r"requests?|calls?|invocations?|users?|events?|messages?|quer(?:y|ies)|reads?|writes?|operations?|hours?|\b[gtm]b\b"
    r"|traffic|volume|visits?|请求|调用|用户|次数|流量|用量|消息"
)
"""What is counted by the month too, and costs nothing by itself: "Requests/Month"."""
MONEY = re.compile(
    r"\bcosts?\b|\bmoney\b|\bprice|\bspend|\bbill\b|\$|€|£|¥|usd|eur|成本|费用|月费|价格|花费|支出|金额|预算"
)
SAVING = re.compile(r"saving|\bsaved?\b|reduc|\bdelta|\bdiff|change|节省|节约|降低|差额|变化|%|百分")
TOTAL = re.compile(r"(?:grand |sub)?-?total\b.*|\bsum\b.*|总计.*|合计.*|小计.*|总成本.*|总和|共计.*|月总.*|年总.*")
SUBTOTAL = re.compile(r"sub-?total|小计")
TARGET = re.compile(
    r"\bafter\b|optimi[sz]ed|\btarget|\bproposed|recommended|\bfuture"
    r"|\b(?:could|should|would|to)[- ]be\b|\bgoal|\bnew\b|\bplanned|\brevised|right-?siz"
    r"|优化后|优化方案|目标|推荐|建议|改进后|重构后|迁移后|未来|调整后|新方案"
)
BASELINE = re.compile(
    r"\bbefore\b|\bcurrent|\bas-is\b|\bnow\b|\btoday|\bbaseline"
    r"|\bexisting|\bpresent\b|当前|现有|目前|现状|优化前|迁移前|原"
)


def collect(document: Document) -> tuple[list[CostTable], list[Notice]]:
    """The cost tables of a report and what is doubtful about them."""
    tables: list[CostTable] = []
    notices: list[Notice] = []
    for section, above in _under(document.root):
        for caption, block in _captioned(section):
            for table, said in _read(block, caption, section.title, above):
                tables.append(table)
                notices += said
    return _roles(tables, notices), notices


def _under(section: Section, above: str = "") -> Iterator[tuple[Section, str]]:
    """A section and all under it, each with the titles it stands under."""
    yield section, above
    for child in section.children:
        yield from _under(child, f"{above} {section.title}")


def _captioned(section: Section) -> Iterator[tuple[str, Block]]:
    """The tables of a section, each with the paragraph above it."""
    above = ""
    for block in section.blocks:
        if block.kind == "table":
            yield above, block
        above = block.text if block.kind == "text" and len(block.text) < 200 else ""


def _read(block: Block, caption: str, title: str, above: str) -> Iterator[tuple[CostTable, list[Notice]]]:
    """One table for each column of amounts: "current" and "optimised" side by side are two."""
    columns = _amount_columns(block, f"{caption} {title}", above)
    service = next((i for i in range(len(block.header)) if i not in columns), 0)
    for column in columns:
        header = block.header[column]
        said = [fold(clean(t)) for t in ((header, caption, title) if len(columns) == 1 else (header,))]
        role = next((r for text in said if (r := _role(text))), "")
        name = clean(caption).rstrip(":：") or clean(title)
        yield _table(block, column, service, columns, role, f"{name}: {header}" if len(columns) > 1 else name)


def _role(text: str) -> str:
    after, before = TARGET.search(text), BASELINE.search(text)
    if after and before:
        return "target" if after.start() < before.start() else "baseline"
    return "target" if after else "baseline" if before else ""


def _amount_columns(block: Block, around: str, above: str) -> list[int]:
    """The columns whose cells are mostly money, by their header or by a currency in the cells.

    The titles `above` count for a currency only: figures of another kind stand under "Cost and speed" too.
    """
    found = []
    for i, header in enumerate(block.header):
        folded = fold(header)
        cells = [row.cells[i] for row in block.rows if i < len(row.cells)]
        read = [(c, m) for c in cells if (m := read_money(c)) and m.low is not None]
        if COUNTED.search(folded) and not MONEY.search(folded) and not any(m.currency for _, m in read):
            continue
        named = bool(COST.search(folded)) or (bool(COST.search(fold(around))) and bool(_role(folded)))
        marked = sum(bool(m.currency) for _, m in read)
        timed = sum(bool(m.currency and months_of(c)) for c, m in read)
        costly = named or timed * 2 > len(cells)
        costly |= marked * 2 > len(cells) and bool(COST.search(fold(f"{above} {around}")))
        if i and costly and len(read) * 2 >= len(cells) > 0 and not SAVING.search(folded) and (marked or named):
            found.append(i)
    monthly = [i for i in found if months_of(block.header[i]) == 1]
    yearly = [i for i in found if (months_of(block.header[i]) or Decimal(1)) > 1]
    return [i for i in found if i not in yearly] if monthly and yearly else found


def _table(
    block: Block, column: int, service: int, columns: list[int], role: str, title: str
) -> tuple[CostTable, list[Notice]]:
    cells = [row.cells[column] for row in block.rows if column < len(row.cells)]
    comma, months = uses_comma(cells), months_of(block.header[column]) or Decimal(1)
    rows: list[CostRow] = []
    printed: Decimal | None = None
    notices: list[Notice] = []
    currency = currency_of(block.header[column])
    for row in block.rows:
        money = read_money(row.cells[column], comma, months) if column < len(row.cells) else None
        name = clean(row.cells[service]).replace("`", "")
        if money is None:
            notices.append(notice(UNREAD_AMOUNT, line=row.line, name=name))
            money = Money(None, None)
        elif money.doubt:
            notices.append(notice(money.doubt, line=row.line, cell=row.cells[column]))
        if currency and money.currency not in ("", currency):
            said = {"name": name, "own": money.currency, "currency": currency}
            notices.append(notice(OTHER_CURRENCY, line=row.line, **said))
            continue
        currency = currency or money.currency
        if TOTAL.fullmatch(fold(name)):
            printed = printed if SUBTOTAL.match(fold(name)) else money.low
        else:
            others = (c for i, c in enumerate(row.cells) if i not in (service, *columns) and c.strip("- –—"))
            rows.append(CostRow(name, money.low, money.high, row.line, "; ".join(filter(None, [*others, money.note]))))
    currency = currency or currency_of(title)
    if not currency:
        notices.append(notice(NO_CURRENCY, line=block.line))
    table = CostTable(role, title, currency or "USD", tuple(rows), printed, block.line)
    return table, notices + _check(table)


def _check(table: CostTable) -> list[Notice]:
    """Whether the printed total is the sum of the rows, or lies between the sums of their ends."""
    high = sum((r.high for r in table.rows if r.high is not None), Decimal(0))
    if table.printed is None or table.total <= table.printed <= high:
        return []
    said: dict[str, Any] = {"printed": table.printed, "currency": table.currency, "total": table.total}
    return [notice(WRONG_TOTAL, line=table.line, **said)]


def _roles(tables: list[CostTable], notices: list[Notice]) -> list[CostTable]:
    """Tables that do not say what they are: the first is what is, the next what should be."""
    settled: list[CostTable] = []
    for table in tables:
        role = table.role
        if not role:
            role = "target" if any(t.role == "baseline" for t in settled) else "baseline"
            notices.append(notice(ROLES_TAKEN[role], line=table.line))
        settled.append(CostTable(role, table.title, table.currency, table.rows, table.printed, table.line))
    return settled
