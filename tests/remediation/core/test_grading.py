from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import Priority
from remediation.core.grading import (
    FORMULA,
    LETTERS,
    CapName,
    ChangeKind,
    Problem,
    grade,
    letter_for,
    movement,
    strict_grade,
    what_if,
)

TODAY = date(2025, 11, 5)
LATE, SOON = TODAY - timedelta(days=1), TODAY + timedelta(days=9)
ORDER = "".join(LETTERS)

problem_lists = st.lists(
    st.builds(
        Problem,
        id=st.integers(1, 10**6),
        rule=st.sampled_from(["a", "b", "c", "d", "e"]),
        priority=st.sampled_from([Priority.P0, Priority.P1, Priority.P1, Priority.P2, Priority.P2]),
        due=st.sampled_from([None, LATE, SOON]),
        first_due=st.sampled_from([None, LATE, SOON]),
        accepted=st.sampled_from([False, False, False, True]),
        false_positive=st.sampled_from([False, False, False, True]),
    ),
    max_size=25,
    unique_by=lambda p: p.id,
)


def problem(id=1, rule="r", priority=Priority.P2, **over):
    return Problem(id, rule, priority, **over)


def graded(problems):
    return grade(problems, today=TODAY)


def test_no_open_problem_is_an_a_of_100():
    best = graded([])
    assert (best.score, best.letter, best.taste, best.formula) == (Decimal("100.0"), "A", "🟢", FORMULA)
    assert best.parts == best.caps == ()


def test_without_a_complete_scan_there_is_no_grade():
    none = grade([problem()], today=TODAY, scanned=False)
    assert (none.score, none.letter, none.taste, none.parts) == (None, "", "", ())


def test_the_second_and_third_problem_of_a_rule_cost_a_half_and_a_third():
    points = [p.points for p in graded([problem(n, priority=Priority.P1) for n in (1, 2, 3)]).parts]
    assert points == [Decimal("5.0"), Decimal("2.5"), Decimal("1.7")]


def test_a_problem_of_another_rule_costs_its_full_points():
    assert graded([problem(1, "x"), problem(2, "y")]).raw == Decimal("96.0")


def test_an_overdue_problem_costs_half_as_much_again():
    assert graded([problem(due=LATE)]).raw == Decimal("97.0")


def test_accepted_problems_and_false_positives_cost_nothing():
    assert graded([problem(1, accepted=True), problem(2, false_positive=True)]).score == 100


def test_an_open_p0_holds_the_grade_at_d_and_says_which_problem_does():
    held = graded([problem(7, priority=Priority.P0)])
    assert (held.letter, held.raw, held.score) == ("D", Decimal("90.0"), Decimal("59.9"))
    assert [(c.name, c.points, c.problems) for c in held.caps] == [(CapName.OPEN_P0, Decimal("30.1"), (7,))]


def test_an_overdue_p0_is_an_f():
    held = graded([problem(priority=Priority.P0, due=LATE)])
    assert held.letter == "F"
    assert {c.name for c in held.caps} == {CapName.OPEN_P0, CapName.OVERDUE_P0}


def test_an_overdue_p1_holds_the_grade_at_c():
    held = graded([problem(priority=Priority.P1, due=LATE)])
    assert (held.letter, held.taste, held.score) == ("C", "🟡", Decimal("74.9"))


def test_the_strict_grade_counts_acceptances_and_the_first_date_but_no_false_positives():
    moved = [
        problem(1, "a", priority=Priority.P1, due=SOON, first_due=LATE),
        problem(2, "b", accepted=True),
        problem(3, "c", false_positive=True),
        problem(4, "d", due=None, first_due=LATE),
    ]
    assert graded(moved).raw == Decimal("93.0")
    assert strict_grade(moved, today=TODAY).raw == 100 - Decimal("7.5") - 2 - 3


def test_many_problems_end_at_zero_and_the_floor_row_keeps_the_sum_right():
    worst = graded([problem(n, f"rule{n}", priority=Priority.P0) for n in range(14)])
    assert worst.score == 0
    assert worst.parts[-1].problem is None
    assert worst.parts[-1].points == -40


def test_movement_says_which_problem_gave_how_many_points():
    before = [problem(1, "a", Priority.P0), problem(2, "b", Priority.P1)]
    after = [problem(2, "b", Priority.P1), problem(3, "c", Priority.P2)]
    rows = [(c.kind, c.subject, c.points) for c in movement(graded(before), graded(after))]
    assert rows == [
        (ChangeKind.CAP, CapName.OPEN_P0, Decimal("25.1")),
        (ChangeKind.GONE, 1, Decimal("10.0")),
        (ChangeKind.NEW, 3, Decimal("-2.0")),
    ]


def test_two_formula_versions_are_never_compared():
    assert movement(graded([problem()]), replace(graded([]), formula=FORMULA + 1)) == ()


@settings(max_examples=120)
@given(problem_lists)
def test_the_rows_behind_a_grade_add_up_to_it(problems):
    made = graded(problems)
    assert 100 - sum(p.points for p in made.parts) == made.raw
    assert made.raw - sum(c.points for c in made.caps) == made.score
    assert 0 <= made.score <= made.raw <= 100
    assert made.letter == letter_for(made.score)


@settings(max_examples=120)
@given(problem_lists, st.randoms())
def test_fixing_never_lowers_a_grade_and_adding_never_raises_it(problems, random):
    whole = graded(problems)
    for one in random.sample(problems, min(4, len(problems))):
        less = what_if(problems, {one.id}, today=TODAY)
        assert less.score >= whole.score
        assert less.raw >= whole.raw


@settings(max_examples=60)
@given(problem_lists, st.randoms())
def test_the_order_of_problems_never_matters(problems, random):
    mixed = list(problems)
    random.shuffle(mixed)
    assert graded(mixed) == graded(problems)


def changed(problem, kind):
    if kind == "accept":
        return replace(problem, accepted=not problem.accepted)
    if kind == "date":
        return replace(problem, due=LATE if problem.due != LATE else None)
    return replace(problem, priority=Priority.P0 if problem.priority != Priority.P0 else Priority.P2)


@settings(max_examples=150)
@given(problem_lists, st.sampled_from(["fix", "accept", "date", "priority"]), st.randoms())
def test_one_change_never_jumps_two_letters_without_a_cap_that_is_felt(problems, kind, random):
    for one in random.sample(problems, min(3, len(problems))):
        rest = [p for p in problems if p.id != one.id]
        before, after = graded(problems), graded(rest if kind == "fix" else [*rest, changed(one, kind)])
        felt = any(c.points for c in (*before.caps, *after.caps))
        assert felt or abs(ORDER.index(before.letter) - ORDER.index(after.letter)) <= 1


@settings(max_examples=60)
@given(problem_lists)
def test_the_strict_grade_is_never_better_than_the_grade(problems):
    assert strict_grade(problems, today=TODAY).score <= graded(problems).score


@settings(max_examples=60)
@given(problem_lists, problem_lists)
def test_movement_adds_up_to_the_difference_of_the_scores(before, after):
    old, new = graded(before), graded(after)
    assert sum(c.points for c in movement(old, new)) == new.score - old.score


@given(problem_lists, st.integers(1, 40))
def test_problems_that_stand_together_cost_what_they_cost_one_by_one(problems, n):
    alone = [replace(p, id=1000 * k + i) for k, p in enumerate(problems) for i in range(n)]
    together = [replace(p, id=1000 * k, n=n) for k, p in enumerate(problems)]
    one, other = grade(alone, today=TODAY), grade(together, today=TODAY)
    assert (one.score, one.raw, one.letter) == (other.score, other.raw, other.letter)
    assert [(c.name, c.points) for c in one.caps] == [(c.name, c.points) for c in other.caps]
    assert sum(p.points for p in one.parts) == sum(p.points for p in other.parts)


def test_a_cap_names_its_problems_oldest_first_also_where_keys_get_longer():
    found = grade([Problem(n, "r", Priority.P0) for n in (1000, 999)], today=TODAY)
    assert [cap.problems for cap in found.caps] == [(999, 1000)]
