"""A report goes out with what became of its rows, and comes back as the same report."""

from dataclasses import replace
from functools import cache

import pytest

from remediation.core.review import diff, parse
from remediation.core.review.export import Mark, with_marks, without_marks
from remediation.core.types import Review
from tests.accuracy.reviews.measure import cases


@cache
def read(text: str) -> Review:
    return parse(text, redact=str)


def marked(text: str) -> str:
    """The report with every finding fixed and every item ticked."""
    review = read(text)
    marks = {f.line: Mark("fixed at abc1234") for f in review.findings}
    return with_marks(text, marks | {i.line: Mark("proven, owner Bob", True) for i in review.items}, "today")


def test_a_box_is_ticked_and_unticked_and_our_line_stands_beneath_the_whole_entry():
    text = "# R\n\n## Week 1\n\n- [ ] Rotate\n  both of them\n- [x] Close\n\nThe end.\n"
    assert with_marks(text, {5: Mark("done", True), 7: Mark("open", False)}, "today") == (
        "# R\n\n## Week 1\n\n- [x] Rotate\n  both of them\n  - **Nova**: done\n- [ ] Close\n  - **Nova**: open\n\nThe end.\n"
    )


def test_a_heading_has_our_line_under_it_set_apart_from_what_follows():
    text = "# R\n\n### P0-1: Leak\nIt leaks.\n\nP0-2: Lock\n----------\n\nSlow.\n"
    assert with_marks(text, {3: Mark("fixed"), 6: Mark("open")}, "today") == (
        "# R\n\n### P0-1: Leak\n\n> **Nova**: fixed\n\nIt leaks.\n\nP0-2: Lock\n----------\n\n> **Nova**: open\n\nSlow.\n"
    )


def test_what_is_said_of_rows_of_tables_stands_at_the_end():
    text = "# R\n\n| ID | Finding |\n|---|---|\n| P1-1 | Slow |\n"
    out = with_marks(text, {5: Mark("fixed")}, "where it stands today")
    assert out.endswith("\n## **Nova**: where it stands today\n\n- P1-1 · Slow: fixed\n")
    assert without_marks(out) == text


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_report_that_went_out_and_came_back_says_the_same(case):
    review, again = read(case.text), read(marked(case.text))
    told = diff(review, again)
    assert (told.new, told.gone, told.reworded) == ((), (), ())
    assert [f.anchor for f in again.findings] == [f.anchor for f in review.findings]
    boxes = {i.anchor for i in again.items if i.ticked}
    assert boxes >= {i.anchor for i in review.items if i.ticked}
    assert replace(
        again, candidates=(), items=(), findings=(), unread=(), notices=(), conflicts=(), phases=(), costs=()
    ) == replace(review, candidates=(), items=(), findings=(), unread=(), notices=(), conflicts=(), phases=(), costs=())


def test_marks_are_taken_out_again_and_nothing_else():
    text = "# R\n\n> A quote of **Nova**, the star.\n\n- Nova: a plain word\n"
    assert without_marks(text) == text
