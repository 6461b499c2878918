"""AWS Cost Explorer CSV: a pivot table of months (or days) by service, linked account, region or another dimension.

Either axis may hold the dates. Totals, a row and a column, are left out and checked against what they add up. The
currency stands in brackets after the names: "EC2-Instances($)".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from findings.core.types import FormatError, Notice, gettext_noop, notice
from remediation.core.costs import table
from remediation.core.costs.types import CostBatch, CostEntry, CostKind, batch

DIFFERS = gettext_noop("the printed total differs from the sum of the row, %(sum)s")
NAMED = re.compile(r"(?P<name>.*?)\s*\(\s*(?P<currency>\$|€|£|[A-Z]{3})\s*\)")
TOTAL = re.compile(r"(?:.*\s)?total(?:\s+costs?)?", re.IGNORECASE)
DATED = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP"}
ACCOUNTS = frozenset({"linked account", "account", "member account", "usage account"})
# Cost Explorer rounds its totals on its own; a difference up to this is no news.
ROUNDING = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of the pivot: the month it belongs to, the value of the dimension, the amount."""

    month: date
    name: str
    amount: Decimal
    line: int


def matches(text: str) -> bool:
    """Whether it looks like a pivot of Cost Explorer: names with a currency, or a total, after a first column."""
    cells = table.header(text)[0]
    return len(cells) > 1 and any(NAMED.fullmatch(c) or TOTAL.fullmatch(c) for c in cells[1:])


def parse(text: str, month: date | None = None) -> CostBatch:
    """Read a Cost Explorer download; `month` is not used, the table has its own."""
    (_, head), *lines = list(table.grid(text)) or [(1, [])]
    body = [(n, row) for n, row in lines if not TOTAL.fullmatch(row[0])]
    currency, names = _currency(head), [_bare(c) for c in head]
    columns = [c for c in range(1, len(head)) if not TOTAL.fullmatch(names[c]) and names[c]]
    dates_across = bool(columns) and all(DATED.fullmatch(names[c]) for c in columns)
    by_account = names[0].lower() in ACCOUNTS
    entries = [_entry(c, currency, by_account) for c in _cells(body, names, columns, dates_across)]
    return batch("aws", CostKind.BILLED, entries, _wrong_totals(lines, names, columns))


def _entry(cell: _Cell, currency: str, by_account: bool) -> CostEntry:
    service, account = ("", cell.name) if by_account else (cell.name, "")
    return CostEntry(cell.month, service, account, cell.amount, currency, cell.month, line=cell.line)


def _currency(head: list[str]) -> str:
    """The one currency named in the header."""
    found = {SYMBOLS.get(m["currency"], m["currency"]) for m in map(NAMED.fullmatch, head) if m}
    if len(found) != 1:
        raise FormatError("no single currency in the header", "line 1", 'one currency, as in "Total costs($)"')
    return found.pop()


def _bare(cell: str) -> str:
    named = NAMED.fullmatch(cell)
    return named["name"] if named else cell


def _cells(body: list[tuple[int, list[str]]], names: list[str], columns: list[int], across: bool) -> Iterator[_Cell]:
    for line, row in body:
        for c in columns:
            if row[c]:
                when, name = (names[c], row[0]) if across else (row[0], names[c])
                where = f"line {line}, column {c + 1}"
                month = table.month(when, where if across else f"line {line}, column 1")
                yield _Cell(month, name, table.amount(row[c], where), line)


def _wrong_totals(body: list[tuple[int, list[str]]], names: list[str], columns: list[int]) -> Iterator[Notice]:
    """A notice for each row whose printed total is not the sum of its cells."""
    totals = [c for c in range(1, len(names)) if TOTAL.fullmatch(names[c])]
    for line, row in body:
        for c in totals:
            where = f"line {line}, column "
            summed = sum((table.amount(row[n], f"{where}{n + 1}") for n in columns if row[n]), Decimal(0))
            if row[c] and abs(table.amount(row[c], f"{where}{c + 1}") - summed) > ROUNDING:
                yield notice(DIFFERS, line=line, sum=summed)
