"""Which of several changes did it, asked of a function that says whether some of them do."""

import pytest

from findings.core.causes import cause


def asked_of(*enough):
    """Whether one of these sets is among the changes; and how often that was asked."""
    calls = []

    def done(some):
        calls.append(list(some))
        return any(set(one) <= set(some) for one in enough)

    return done, calls


@pytest.mark.parametrize(
    ("own", "others", "enough", "answer"),
    [
        ("o", "abc", ["o"], "o"),
        ("o", "abc", ["o", "a"], "o"),
        ("o", "abc", ["b"], "b"),
        ("o", "abc", ["c", "b"], "b"),
        (None, "abcdefgh", ["f"], "f"),
        ("o", "abc", ["oc"], "o"),
        ("o", "abc", ["ac"], "c"),
        ("o", "abcd", ["ac", "d"], "d"),
        (None, "ab", ["ab"], "b"),
        (None, "ab", [], None),
        ("o", "ab", [], "o"),
    ],
    ids=["own", "own first", "another", "the first", "of many", "with the own", "two others", "one behind two",
         "both", "nothing", "nothing but it changed"],
)  # fmt: skip
def test_the_change_that_did_it(own, others, enough, answer):
    done, _ = asked_of(*enough)
    assert cause(own, list(others), done) == answer


def test_one_that_is_alone_is_not_asked_about():
    done, calls = asked_of("o")
    assert cause("o", [], done) == "o"
    assert calls == []


def test_of_many_few_are_asked_about():
    done, calls = asked_of(["77"])
    assert cause(None, [str(n) for n in range(200)], done) == "77"
    assert len(calls) <= 10
