"""Which finding is which, in two tellings of one history."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from findings.core.twins import Life, twins

HERE = Life(1, "rust/x", "", True, "a.rs", 10, "text", "block")
KEYED = Life(1, "kafka/topic", "main/orders", True, "k8s/orders.yaml", 3)


def there(one: Life, **fields: object) -> Life:
    return replace(one, finding=100 + one.finding, **fields)


def test_a_key_is_enough_wherever_it_stands():
    assert twins([KEYED], [there(KEYED, present=False, path="old.yaml", line=9, ended="c1")]) == {101: 1}
    assert twins([KEYED], [there(KEYED, key="main/other")]) == {}


def test_what_is_there_is_known_by_where_it_stands():
    other = replace(HERE, finding=2, line=20)
    assert twins([HERE, other], [there(other), there(HERE)]) == {101: 1, 102: 2}


def test_what_is_over_is_known_by_the_commit_that_ended_it():
    first = replace(HERE, present=False, ended="c1")
    second = replace(HERE, finding=2, present=False, ended="c2")
    assert twins([first, second], [there(second), there(first)]) == {101: 1, 102: 2}


def test_what_is_there_is_not_taken_for_what_was_over_while_another_is_there():
    over = replace(HERE, finding=2, line=4, present=False, ended="c1")
    assert twins([HERE], [there(over), there(HERE, line=11)]) == {101: 1}


def test_another_rule_or_another_text_is_another_finding():
    assert twins([HERE], [there(HERE, rule="rust/y")]) == {}
    assert twins([HERE], [there(HERE, line_hash="other", line=11)]) == {}
    assert twins([replace(HERE, line_hash="")], [there(HERE, line_hash="", line=11)]) == {}


LIVES = st.builds(
    Life,
    st.integers(1, 1000),
    st.sampled_from(["r1", "r2"]),
    st.sampled_from(["", "", "k1", "k2"]),
    st.booleans(),
    st.sampled_from(["a.rs", "b.rs"]),
    st.integers(1, 4),
    st.sampled_from(["", "t1", "t2"]),
    st.sampled_from(["", "b1"]),
    st.sampled_from(["", "c1"]),
)

TELLING = st.lists(LIVES, max_size=10, unique_by=lambda one: one.finding)


@given(TELLING, TELLING)
def test_nobody_is_paired_twice_and_only_with_the_same_rule(live, past):
    found = twins(live, past)
    assert len(set(found.values())) == len(found)
    rules, theirs = {one.finding: one.rule for one in live}, {one.finding: one.rule for one in past}
    assert all(rules[mine] == theirs[other] for other, mine in found.items())


@given(TELLING)
def test_a_telling_is_its_own_twin(lives):
    told = [one for one in lives if one.key or one.line_hash]
    distinct = {(one.rule, one.key) if one.key else replace(one, finding=0): one for one in told}
    assert twins(distinct.values(), distinct.values()).keys() == {one.finding for one in distinct.values()}
