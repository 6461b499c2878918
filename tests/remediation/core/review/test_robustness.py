"""No text, however broken, raises anything but a FormatError, and every line told lies in the text."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import FormatError
from remediation.core.review import diff, parse
from remediation.core.types import Review
from tests.remediation.core.review import reports

ALL = [reports.ENGLISH, reports.SIMPLIFIED, reports.TRADITIONAL, reports.LISTS]
MARKS = """## P0_ ###_1._ ###_P0-1:_ -_[_]_ -_[x]_ 1._** ** **Location**:_ **影响**： ` ``` |---|---| [P0] (2_天) Week_1
第一周 $10 $1.234,5 a/b.rs:12 第_9_行 >_ <br> ~~~ 成本 严重 ✅ 🔥 ¥ 99999999999999999999 : ： 【 】 ( ) \\ * |
"""
FORMS = [
    "## P0\n\n### One\n\n…\n",
    "## P0\n\n- …\n- b\n",
    "## P0\n\n### …\n\na\n",
    "## …\n\n- a\n",
    "## P0\n\n**…**\n\na\n",
]
TABLE = "| a | b |\n|---|---|\n| 1 | $2 |\n"
PIECES = st.sampled_from(
    [*(m.replace("_", " ") for m in MARKS.split()), "\n", "\n\n", TABLE, "\t", "\x0b", "\u2028", "\ufeff", "١٢"]
)


def read(text: str) -> Review | None:
    try:
        return parse(text, redact=lambda t: t)
    except FormatError:
        return None


def lines_of(review: Review) -> list[int]:
    rows = [*review.findings, *review.items, *review.phases, *review.costs, *review.notices]
    return [r.line for r in rows] + [r.line for t in review.costs for r in t.rows]


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_mixture_of_marks_is_read(text):
    review = read(text)
    if review:
        assert all(0 <= line <= text.count("\n") + 1 for line in lines_of(review))
        assert len({f.anchor for f in review.findings}) == len(review.findings)
        assert len({i.anchor for i in review.items}) == len(review.items)


@settings(max_examples=60)
@given(st.sampled_from(ALL), st.data())
def test_a_report_cut_anywhere_is_read(report, data):
    start = data.draw(st.integers(0, len(report)))
    end = data.draw(st.integers(start, len(report)))
    review = read(report[start:end])
    assert review is not None
    assert diff(review, review).new == ()


@settings(max_examples=80)
@given(st.text(max_size=200))
def test_any_text_is_read(text):
    read(text)


@pytest.mark.parametrize(
    "text",
    [
        "# " + "a " * 50_000,
        "## P0\n\n### " + "(" * 50_000,
        "*a " * 3_000 + "a* " * 3_000,
        "> " * 5_000 + "x",
        "- " * 5_000 + "x",
        "`" * 20_000,
        "[" * 20_000,
        "| " * 5_000 + "\n" + "|-" * 5_000 + "\n",
        "## P0 Blockers\n" + "### 1. x\n`a/b.rs:1`\n" * 1_000,
        "**Location**: " + "a/" * 50_000 + "\n",
        "## Plan\n### Week 1\n" + "- [ ] do a thing\n" * 1_000,
        *(
            form.replace("…", unit * (10_000 // len(unit)))
            for form in FORMS
            for unit in ("word ", "a", "1", "-", "严", "[")
        ),
    ],
    ids=itertools.count(),
)
def test_hostile_text_is_answered_within_seconds(text):
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 10
