from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import Priority
from remediation.core.cheapest import Fix, cheapest_path, one_by_one
from remediation.core.grading import LETTERS, Problem, grade, what_if

TODAY = date(2025, 11, 5)
LATE = TODAY - timedelta(days=1)


def problems_of(draw, ids):
    return [
        Problem(
            n,
            draw(st.sampled_from(["a", "b", "c", "d"])),
            draw(st.sampled_from(list(Priority))),
            due=draw(st.sampled_from([None, LATE])),
        )
        for n in ids
    ]


@st.composite
def plans(draw):
    problems = problems_of(draw, range(draw(st.integers(0, 9))))
    ids = st.frozensets(st.integers(0, 10), min_size=1, max_size=4)
    fixes = [Fix(f"f{n}", draw(ids), Decimal(draw(st.integers(0, 8)))) for n in range(draw(st.integers(0, 7)))]
    return problems, fixes


def brute_hours(problems, fixes, letter):
    """The least hours to a letter, by trying every choice of fixes."""
    hours = [
        sum(f.hours for f in choice)
        for size in range(len(fixes) + 1)
        for choice in combinations(fixes, size)
        if what_if(problems, {i for f in choice for i in f.problems}, today=TODAY).score >= LETTERS[letter]
    ]
    return min(hours, default=None)


@settings(max_examples=60)
@given(plans())
def test_the_path_is_as_cheap_as_trying_every_choice(plan):
    problems, fixes = plan
    found = {p.letter: p for p in cheapest_path(problems, fixes, today=TODAY)}
    now = grade(problems, today=TODAY)
    for letter, lowest in LETTERS.items():
        if lowest > LETTERS[now.letter]:
            best = brute_hours(problems, fixes, letter)
            assert (found[letter].hours if letter in found else None) == best
        else:
            assert letter not in found
    assert all(p.exact for p in found.values())


@settings(max_examples=40)
@given(plans())
def test_a_path_reaches_its_letter_with_the_fixes_it_names(plan):
    problems, fixes = plan
    by_id = {f.id: f for f in fixes}
    for path in cheapest_path(problems, fixes, today=TODAY):
        assert path.grade.score >= LETTERS[path.letter]
        assert path.hours == sum(by_id[i].hours for i in path.fixes)
        settled = {i for f in path.fixes for i in by_id[f].problems} & {p.id for p in problems}
        assert set(path.problems) == settled


@settings(max_examples=5)
@given(st.data())
def test_one_rule_with_many_single_fixes_is_still_exact(data):
    problems = [
        Problem(
            n, "a", data.draw(st.sampled_from([Priority.P0, Priority.P1])), due=data.draw(st.sampled_from([None, LATE]))
        )
        for n in range(11)
    ]
    fixes = one_by_one(problems, {n: Decimal(data.draw(st.integers(1, 5))) for n in range(11)}, Decimal(1))
    for path in cheapest_path(problems, fixes, today=TODAY):
        assert path.exact
        assert path.hours == brute_hours(problems, fixes, path.letter)


def test_a_single_large_gain_is_not_taken_where_two_small_ones_are_cheaper():
    problems = [Problem("big", "a", Priority.P1)] + [Problem(n, f"r{n}", Priority.P2) for n in range(3)]
    effort = {"big": Decimal(5), 0: Decimal(1), 1: Decimal(2), 2: Decimal(9)}
    path = cheapest_path(problems, one_by_one(problems, effort, Decimal(1)), today=TODAY)[0]
    assert (path.letter, path.fixes, path.hours) == ("A", (0,), Decimal(1))


def test_a_letter_no_fix_can_reach_is_left_out():
    problems = [Problem(1, "a", Priority.P0), Problem(2, "b", Priority.P2)]
    assert cheapest_path(problems, [Fix("i", frozenset({2}), Decimal(1))], today=TODAY) == ()


def test_an_item_that_settles_two_rules_at_once_is_chosen_over_two_of_them():
    problems = [Problem(1, "a", Priority.P0), Problem(2, "b", Priority.P0)]
    fixes = [
        Fix("both", frozenset({1, 2}), Decimal(3)),
        Fix("one", frozenset({1}), Decimal(2)),
        Fix("two", frozenset({2}), Decimal(2)),
    ]
    paths = cheapest_path(problems, fixes, today=TODAY)
    assert [(p.letter, p.fixes) for p in paths] == [("C", ("both",)), ("B", ("both",)), ("A", ("both",))]


def test_the_path_to_an_a_grade_from_an_a_is_empty():
    assert cheapest_path([], [], today=TODAY) == ()


def test_a_large_tangle_gives_an_upper_bound_and_says_so():
    problems = [Problem(n, f"r{n % 5}", Priority.P1) for n in range(60)]
    fixes = [Fix(n, frozenset({n, (n + 1) % 60}), Decimal(1 + n % 3)) for n in range(60)]
    paths = cheapest_path(problems, fixes, today=TODAY)
    assert paths and not any(p.exact for p in paths)
    assert all(p.grade.score >= LETTERS[p.letter] for p in paths)


def test_four_hundred_problems_of_seventeen_rules_take_less_than_two_seconds():
    problems = [Problem(n, f"r{n % 17}", list(Priority)[n % 3 if n % 17 > 8 else 2]) for n in range(400)]
    effort = {n: Decimal(1 + n % 7) for n in range(400)}
    start = process_time()
    paths = cheapest_path(problems, one_by_one(problems, effort, Decimal(1)), today=TODAY)
    assert process_time() - start < 2
    assert [p.letter for p in paths][-1] == "A"
