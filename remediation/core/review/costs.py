"""Cost tables: which tables tell monthly costs, of what is or of what should be, and whether they add up."""

import re
from collections.abc import Iterator
from decimal import Decimal

from findings.core.types import Notice
from remediation.core.review.blocks import Block, Document, Section
from remediation.core.review.money import Money, currency_of, months_of, read_money, uses_comma
from remediation.core.review.words import clean, fold
from remediation.core.types import CostRow, CostTable

COST = re.compile(
    r"\bcosts?\b|\bmoney\b|\bprice|\bmonthly|\bspend|\bbill\b|\b(?:a|per|each) month\b"
    r"|/ ?(?:mo|month|月)|\$|€|£|成本|费用|月费|价格|花费|支出|金额|预算"
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
            notices.append(Notice(f"The amount of “{name}” could not be read", line=row.line))
            money = Money(None, None)
        elif money.doubt:
            notices.append(Notice(f"“{row.cells[column]}” {money.doubt}", line=row.line))
        if currency and money.currency not in ("", currency):
            message = f"“{name}” is in {money.currency}, the table in {currency}: left out"
            notices.append(Notice(message, line=row.line))
            continue
        currency = currency or money.currency
        if TOTAL.fullmatch(fold(name)):
            printed = printed if SUBTOTAL.match(fold(name)) else money.low
        else:
            others = (c for i, c in enumerate(row.cells) if i not in (service, *columns) and c.strip("- –—"))
            rows.append(CostRow(name, money.low, money.high, row.line, "; ".join(filter(None, [*others, money.note]))))
    currency = currency or currency_of(title)
    if not currency:
        notices.append(Notice("The table names no currency: USD was taken", line=block.line))
    table = CostTable(role, title, currency or "USD", tuple(rows), printed, block.line)
    return table, notices + _check(table)


def _check(table: CostTable) -> list[Notice]:
    """Whether the printed total is the sum of the rows, or lies between the sums of their ends."""
    high = sum((r.high for r in table.rows if r.high is not None), Decimal(0))
    if table.printed is None or table.total <= table.printed <= high:
        return []
    message = f"The table's total says {table.printed} {table.currency}, its rows add up to {table.total}"
    return [Notice(message, line=table.line)]


def _roles(tables: list[CostTable], notices: list[Notice]) -> list[CostTable]:
    """Tables that do not say what they are: the first is what is, the next what should be."""
    settled: list[CostTable] = []
    for table in tables:
        role = table.role
        if not role:
            role = "target" if any(t.role == "baseline" for t in settled) else "baseline"
            notices.append(
                Notice(f"The cost table does not say if it is current or planned: {role} was taken", line=table.line)
            )
        settled.append(CostTable(role, table.title, table.currency, table.rows, table.printed, table.line))
    return settled
