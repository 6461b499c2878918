"""The rules hold what they promise over the corpus; and the measure itself can fail."""

import pytest

from findings.core.rules import RULES
from findings.core.types import Observation, Priority
from tests.accuracy.case import cases, parse
from tests.accuracy.measure import Result, compare, measure

SMALL = "=== a.yaml\nx: 1    ⟵ kubernetes/ephemeral-state P0\ny: 2 ⟵ not kubernetes/ephemeral-state: no\n"


@pytest.fixture(scope="module")
def result() -> Result:
    return measure(cases())


def test_the_corpus_is_large_enough():
    labels = [label for case in cases() for label in case.labels()]
    assert {label.rule for label in labels if not label.trap} == set(RULES)
    assert len(labels) >= 300
    assert sum(label.trap for label in labels) >= 100


def test_nearly_everything_labelled_is_found(result):
    assert {rule: score.missed for rule, score in result.rules.items() if score.recall < 0.95} == {}
    assert result.classes["real"].recall >= 0.95, result.classes["real"].missed
    assert {kind: score.missed for kind, score in result.classes.items() if score.recall < 0.9} == {}


def test_nearly_everything_found_is_labelled(result):
    low = {rule: score.false for rule, score in result.rules.items() if score.precision < 0.9}
    assert low == {}


def seen(line: int, rule: str = "kubernetes/ephemeral-state") -> Observation:
    return Observation(rule=rule, path="a.yaml", line=line, priority=Priority.P0)


def compared(*observations: Observation) -> Result:
    result = Result()
    compare(parse("small", SMALL), observations, result)
    return result


def test_a_label_that_nothing_was_said_of_is_missed():
    score = compared().rules["kubernetes/ephemeral-state"]
    assert (score.recall, score.precision) == (0.0, 1.0)
    assert score.missed == ["small.case:2 a.yaml:1"]


def test_two_observations_of_one_label_are_one_too_many():
    score = compared(seen(1), seen(1)).rules["kubernetes/ephemeral-state"]
    assert (score.recall, score.precision) == (1.0, 0.5)


def test_a_trap_that_was_walked_into_is_counted_and_false():
    result = compared(seen(1), seen(2))
    assert result.sprung["kubernetes/ephemeral-state"] == 1
    assert len(result.rules["kubernetes/ephemeral-state"].false) == 1


def test_another_priority_is_told():
    (said,) = (
        compared(Observation(rule="kubernetes/ephemeral-state", path="a.yaml", line=1))
        .rules["kubernetes/ephemeral-state"]
        .other_priority
    )
    assert "P2 instead of P0" in said


def test_labels_follow_files_and_history_keeps_what_is_gone():
    case = parse(
        "moves",
        "=== a.env\nP=one ⟵ secrets/plaintext P0 class=real\nQ=two ⟵ gone secrets/plaintext class=real\n"
        "@@@ move\n=== a.env -> b.env\nP=one ⟵ secrets/plaintext\n@@@ drop\n=== c.env\nx ⟵ rust/n-plus-one\n"
        "@@@ out\n=== c.env DELETED\n",
    )
    assert sorted((label.path, label.line, label.gone) for label in case.labels()) == [
        ("a.env", 2, True),
        ("b.env", 1, False),
    ]


def test_marks_are_unfolded():
    files = parse("marks", "=== a\n⟪3×⟫line {n}\nkey: ⟪b64⟫abc⟪/b64⟫\nto⁞ken\n").commits[0].files
    assert files["a"].splitlines()[:5] == ["line 1", "line 2", "line 3", "key: YWJj", "token"]


def test_a_file_may_end_its_lines_as_windows_does():
    step = parse("ends", "=== a.yaml CRLF\nx: 1\n=== b.yaml\ny: 2\n").commits[0]
    assert step.files["a.yaml"].startswith("x: 1\r\n")
    assert "\r" not in step.files["b.yaml"]


def test_a_case_that_is_not_in_the_form_names_its_line():
    with pytest.raises(ValueError, match=r"bad\.case:2: a label names a rule"):
        parse("bad", "=== a\nx ⟵ nonsense\n")
