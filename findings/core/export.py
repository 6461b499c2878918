"""Rows as CSV that a spreadsheet cannot run, and as JSON."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """CSV (RFC 4180) with a header row. A text that a spreadsheet would take for a formula gets a leading `'`;
    numbers stay numbers; a missing value is an empty cell.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(column) for column in columns])
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def to_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """A JSON array of the rows. Dates, decimals and other values are written as their text."""
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2, default=str) + "\n"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text
