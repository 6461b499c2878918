"""Rows as CSV that a spreadsheet cannot run, and as JSON."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_pieces(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """CSV (RFC 4180) with a header row, row by row. A text that a spreadsheet would take for a formula gets a leading
    `'`; numbers stay numbers; a missing value is an empty cell.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(column) for column in columns])
    for row in rows:
        yield _taken(out)
        writer.writerow([_cell(row.get(column)) for column in columns])
    yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def json_pieces(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON array of the rows, row by row. Dates, decimals and other values are written as their text."""
    number = -1
    for number, row in enumerate(rows):
        yield (",\n" if number else "[\n") + json.dumps(dict(row), ensure_ascii=False, default=str)
    yield "\n]\n" if number >= 0 else "[]\n"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text
