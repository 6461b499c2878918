"""Reading what all cost files share: bytes to text, text to rows, cells to months, amounts and currencies.

An error names the line and the column and what was expected there, but never repeats the cell: what stands in a wrong
column may be anything, a password included.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from findings.core.types import FormatError

MAX_BYTES = 100 * 1024 * 1024
GZIP = b"\x1f\x8b"
DELIMITERS = ",;\t"

# A point for decimals; commas only between groups of three.
AMOUNT = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{0,30})?(?:[eE][+-]?\d{1,2})?|[+-]?\.\d{1,30}")
LONE_COMMA = re.compile(r"[+-]?\d{1,3},\d{3}")
ISO_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2})(?:[T ].*)?)?")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")
CURRENCY = re.compile(r"[A-Z]{3}")
SYMBOLS = "$€£¥"
LIMIT = Decimal(10) ** 15


def decode(data: bytes) -> str:
    """The text of a file: unpacked if it is gzip, UTF-8 with or without a byte order mark, 100 MiB at most."""
    if data.startswith(GZIP):
        data = _unpacked(data)
    if len(data) > MAX_BYTES:
        raise FormatError("the file is too large", expected=f"at most {MAX_BYTES // 1024**2} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError("the file is not UTF-8 text", f"line {line}", "UTF-8") from None


def _unpacked(data: bytes) -> bytes:
    """Unpack every member of a gzip file; a small file that unpacks without end is stopped at the limit."""
    out = bytearray()
    while data:
        stream = zlib.decompressobj(wbits=31)
        try:
            out += stream.decompress(data, MAX_BYTES + 1 - len(out))
        except zlib.error:
            raise FormatError("the gzip file is damaged", expected="gzip") from None
        if len(out) > MAX_BYTES:
            raise FormatError("the file is too large", expected=f"at most {MAX_BYTES // 1024**2} MiB unpacked")
        if not stream.eof:
            raise FormatError("the gzip file ends too early", expected="a whole gzip file")
        data = stream.unused_data.lstrip(b"\0")
    return bytes(out)


def header(text: str) -> tuple[list[str], str]:
    """The cells of the first line that holds anything, stripped, and the delimiter that parts it best.

    No cells where that line is none of a table, such as JSON without line breaks.
    """
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    try:
        rows = {d: next(csv.reader([first], delimiter=d), []) for d in DELIMITERS}
    except csv.Error:
        return [], ","
    best = max(DELIMITERS, key=lambda d: len(rows[d]))
    return [cell.strip() for cell in rows[best]], best


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table by the lower-case names of its columns. `line` counts from 1 in the file."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """A cell, stripped; "" where the column is missing or the cell is empty."""
        return self.cells.get(column.lower(), "")

    def where(self, column: str) -> str:
        """The place of a cell, for an error."""
        return f"line {self.line}, column {column}"

    def need(self, column: str) -> str:
        """A cell that must not be empty."""
        cell = self.get(column)
        if not cell:
            raise FormatError("the cell is empty", self.where(column), "a value")
        return cell

    def amount(self, column: str) -> Decimal:
        """A cell that must hold an amount."""
        return amount(self.need(column), self.where(column))

    def currency(self, column: str) -> str:
        """A cell that must hold an ISO 4217 code."""
        code = self.need(column).upper()
        if not CURRENCY.fullmatch(code):
            raise FormatError("not a currency", self.where(column), "an ISO 4217 code such as USD")
        return code

    def month(self, column: str) -> date:
        """The first day of the month that a cell's date lies in."""
        return month(self.need(column), self.where(column))


def grid(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV table, header first, as (line, stripped cells); empty lines are left out.

    A line with another number of cells than the header is an error, but for empty cells at its end.
    """
    names, delimiter = header(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            cells = [c.strip() for c in cells]
            if any(cells):
                yield line, _fitted(cells, len(names), line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError(f"not a CSV table ({error})", f"line {line}", "CSV") from None


def _fitted(cells: list[str], width: int, line: int) -> list[str]:
    if len(cells) < width or any(cells[width:]):
        raise FormatError(f"the row has {len(cells)} cells", f"line {line}", f"{width}, as the header has")
    return cells[:width]


def rows(text: str) -> Iterator[Row]:
    """The rows of a CSV table under its header."""
    lines = grid(text)
    number, names = next(lines, (1, []))
    names = [n.lower() for n in names]
    double = next((n for n in names if n and names.count(n) > 1), "")
    if double:
        raise FormatError(f"the column {double} is there twice", f"line {number}", "different column names")
    for line, cells in lines:
        yield Row(line, dict(zip(names, cells, strict=True)))


def amount(text: str, where: str) -> Decimal:
    """Read "1234.5", "-0.2", "$1,234.50", "(12.00)" (negative), "1.2E-7"; a lone "1,234" is ambiguous and refused."""
    plain = text.strip()
    negative = plain.startswith("(") and plain.endswith(")")
    bare = plain.strip("()").strip() if negative else plain
    marked = any(s in bare for s in SYMBOLS)
    for symbol in SYMBOLS:
        bare = bare.replace(symbol, "", 1)
    bare = bare.strip()
    if LONE_COMMA.fullmatch(bare) and not marked:
        raise FormatError("the amount can be read in two ways", where, "a number such as 1234 or 1.234")
    if not AMOUNT.fullmatch(bare):
        raise FormatError("not an amount", where, "a number such as 1234.50, with a point for decimals")
    value = Decimal(bare.replace(",", ""))
    if abs(value) >= LIMIT:
        raise FormatError("the amount is too large", where, f"less than {LIMIT:f}")
    return -value if negative else value


def month(text: str, where: str) -> date:
    """The first day of the month of a date: ISO 8601 (in UTC where it has an offset), or "4/1/25" for April 2025.

    The second form is read month first, and only where the day is the first: a month starts on no other.
    """
    expected = "a month or a date such as 2025-10 or 2025-10-01"
    year, number = _year_month(text.strip(), where, expected)
    if not (2000 <= year <= 2100 and 1 <= number <= 12):
        raise FormatError("not a month", where, expected)
    return date(year, number, 1)


def _year_month(text: str, where: str, expected: str) -> tuple[int, int]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        moment = moment.astimezone(UTC) if moment.tzinfo and moment.year > 1 else moment
        return moment.year, moment.month
    if iso := ISO_MONTH.fullmatch(text):
        return int(iso[1]), int(iso[2])
    if slashed := SLASHED.fullmatch(text):
        if int(slashed[2]) != 1:
            raise FormatError("the date can be read in two ways", where, expected)
        return int(slashed[3]) + (2000 if len(slashed[3]) == 2 else 0), int(slashed[1])
    raise FormatError("not a month", where, expected)
