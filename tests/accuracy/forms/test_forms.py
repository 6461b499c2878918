"""Whatever form a review has, its findings arrive: all of them, with their priority and place, and no other."""

import pytest

from remediation.core.review import parse
from remediation.core.review.words import normal
from tests.accuracy.forms.grammar import DIMENSIONS, Review, draw

DRAWS = 4
"""Reviews that are drawn for each choice of each dimension."""
CASES = [(name, option, seed) for name, options in DIMENSIONS.items() for option in options for seed in range(DRAWS)]


def wrong(review: Review) -> list[str]:
    """What is not as drawn: findings told and not read, and those read that nobody told."""
    read = list(parse(review.text, redact=str).findings)
    missing = []
    for priority, title, path, first, last in review.expected():
        match = next((f for f in read if normal(title) in normal(f.title)), None)
        if match is None:
            missing.append(f"missed {priority} {title}")
            continue
        read.remove(match)
        got = (str(match.priority), [(p.path, p.line, p.end_line) for p in match.places])
        if got != (priority, [(path, first, last)]):
            missing.append(f"{priority} {title} {path}:{first}-{last}: {got}")
    return [*missing, *(f"invented {f.line} {f.priority} {f.title}" for f in read)]


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_form_of_a_review_arrives_whole(name: str):
    failed = {}
    for option in DIMENSIONS[name]:
        for seed in range(DRAWS):
            form = draw(seed, **{name: option})
            review = Review(form)
            if told := wrong(review):
                failed[f"{option} {seed}"] = (form.chosen, told)
    assert failed == {}


def test_the_measure_sees_what_is_missed_and_what_is_invented():
    review = Review(draw(1, level="section", entry="heading", placed="label", after="nothing"))
    review.text = review.text.replace(review.facts[0].path, "src/other/place.py", 1)
    review.facts[-1] = review.facts[-2]
    assert len(wrong(review)) == 3
