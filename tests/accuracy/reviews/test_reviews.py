"""Reviews by other hands arrive as a reader would have them; and the measure itself can fail."""

from dataclasses import replace

import pytest

from findings.core.types import Priority
from remediation.core.review import parse
from remediation.core.types import Place
from tests.accuracy.reviews.measure import Score, cases, compare, expected_of, measure, read, together

SMALL = "# R\n\n## P0\n\n### P0-1: Open door\n\n**Location**: `a/b.py:3-5`\n\n## P1\n\n### P1-1: Loose lid\n\n**Location**: `a/c.py`\n"
SAID = "P0 | Open door | a/b.py:3-5\nP1 | Loose lid | a/c.py, ?a/d.py\nitems 0 ticked 0\n"


def scored(said: str = SAID, text: str = SMALL) -> Score:
    return measure(expected_of("small", text, said))


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return [measure(case) for case in cases()]


def test_there_are_enough_reviews_and_they_differ():
    assert len(cases()) >= 9
    assert sum(len(case.findings) for case in cases()) >= 100
    assert {read(case.text).language for case in cases()} == {"en", "zh-hans", "zh-hant"}


def test_nine_of_ten_findings_arrive_with_their_priority_and_places_from_every_review(scores):
    assert [score.missed + score.other_priority + score.other_place for score in scores if score.arrived < 0.9] == []


def test_no_finding_is_invented(scores):
    assert together(scores).invented == []


def test_plans_and_costs_are_whole(scores):
    assert together(scores).other_count == []


def test_a_small_review_is_wholly_right():
    assert (scored().recall, scored().precision, scored().arrived) == (1.0, 1.0, 1.0)


def test_what_is_missed_is_named_with_its_line():
    score = scored(SAID + "P2 | Nothing of the kind | \n")
    assert (round(score.recall, 2), score.missed) == (0.67, ["small.expected:4 Nothing of the kind"])


def test_what_nobody_expected_is_invented():
    score = scored("P0 | Open door | a/b.py:3-5\n")
    assert (score.precision, score.invented) == (0.5, ["small.md:11 Loose lid"])


def test_another_priority_or_place_has_not_arrived():
    score = scored(SAID.replace("P1 |", "P2 |").replace(":3-5", ":3-6"))
    assert (score.recall, score.arrived) == (1.0, 0.0)
    assert "P1 instead of P2" in score.other_priority[0]
    assert "without a/b.py:3-6, with a/b.py:3-5" in score.other_place[0]


def test_places_that_may_be_named_are_neither_missed_nor_invented():
    case = expected_of("small", SMALL, SAID)
    review = parse(SMALL, redact=str)
    more = replace(review.findings[1], places=(Place("a/c.py"), Place("a/d.py")))
    assert compare(case, replace(review, findings=(review.findings[0], more))).arrived == 1.0


def test_a_side_file_that_is_not_in_the_form_names_its_line():
    with pytest.raises(ValueError, match=r"x\.expected:2"):
        expected_of("x", "", "# fine\nP0 | no places\n")
    assert expected_of("x", "", "P1 | t | Makefile:4\n").findings[0].priority == Priority.P1
