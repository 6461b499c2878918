"""How a plan burns down."""

from datetime import date, timedelta

from remediation.core.burndown import Life, burn_down

MONDAY = date(2026, 3, 2)


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def left(*lives: Life, days: int = 6) -> list[int]:
    return [point.left for point in burn_down(lives, [day(n) for n in range(days)])]


def test_an_item_is_left_from_the_day_it_came_until_it_is_settled():
    assert left(Life(day(1), turns=((day(3), True),))) == [0, 1, 1, 0, 0, 0]


def test_what_comes_back_is_left_again():
    turns = ((day(1), True), (day(3), False), (day(5), True))
    assert left(Life(day(0), turns=turns)) == [1, 0, 0, 1, 1, 0]


def test_of_one_day_the_last_word_counts():
    assert left(Life(day(0), turns=((day(2), True), (day(2), False)))) == [1, 1, 1, 1, 1, 1]


def test_the_plan_leaves_what_is_not_due_yet_and_what_has_no_date():
    points = burn_down([Life(day(0), due=day(2)), Life(day(0))], [day(n) for n in range(4)])
    assert [point.planned for point in points] == [2, 2, 1, 1]
