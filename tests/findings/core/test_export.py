"""Rows for spreadsheets and for programs."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest

from findings.core.export import csv_pieces, json_pieces


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(cell):
    assert cells("".join(csv_pieces([{cell: cell}], [cell]))) == [["'" + cell], ["'" + cell]]


def test_numbers_dates_and_missing_values_are_written_plainly():
    row = {"n": -5, "d": Decimal("-1.50"), "day": date(2024, 5, 1), "none": None, "text": 'a "b", c'}
    assert cells("".join(csv_pieces([row], [*row, "absent"])))[1] == ["-5", "-1.50", "2024-05-01", "", 'a "b", c', ""]


def test_json_keeps_types_and_letters():
    text = "".join(json_pieces([{"path": "持久.rs", "line": 3, "cost": Decimal("1.50"), "day": date(2024, 5, 1)}]))
    assert json.loads(text) == [{"path": "持久.rs", "line": 3, "cost": "1.50", "day": "2024-05-01"}]
    assert "持久" in text
