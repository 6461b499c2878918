from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.core.charts import (
    Box,
    Series,
    Stack,
    date_ticks,
    line_chart,
    meter,
    round_ticks,
    sparkline,
    spread,
    stacked_bars,
)

DAY = timedelta(days=1)
MONDAY = date(2025, 11, 3)
amounts = st.one_of(st.none(), st.decimals(-10_000, 10_000, places=2))


def weekly(*values):
    return [(MONDAY + 7 * n * DAY, v) for n, v in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], (0, 1)),
        ([0, 0], (0, 1)),
        ([7], (0, 2, 4, 6, 8)),
        ([100], (0, 20, 40, 60, 80, 100)),
        ([Decimal("241.30"), 275], (0, 100, 200, 300)),
        ([-30, 90], (-50, -25, 0, 25, 50, 75, 100)),
        ([0.003], (0, 0.001, 0.002, 0.003)),
        ([-5], (-5, -4, -3, -2, -1, 0)),
    ],
)
def test_ticks_are_round_and_hold_zero(values, ticks):
    assert round_ticks(values) == ticks


@settings(max_examples=80)
@given(st.lists(st.floats(-1e9, 1e9), max_size=8))
def test_ticks_enclose_all_values_and_are_few(values):
    ticks = round_ticks(values)
    assert 0 in ticks
    assert list(ticks) == sorted(set(ticks))
    assert 2 <= len(ticks) <= 8
    unseen = 1e-6 * (ticks[-1] - ticks[0])
    assert all(ticks[0] - unseen <= v <= ticks[-1] + unseen for v in values)


def test_a_span_of_half_a_year_is_marked_at_firsts_of_months():
    assert date_ticks(date(2025, 6, 2), date(2025, 11, 30)) == tuple(date(2025, m, 1) for m in range(7, 12))


def test_a_span_of_weeks_is_marked_on_mondays():
    assert date_ticks(date(2025, 11, 5), date(2025, 12, 3)) == tuple(date(2025, 11, 10) + 7 * n * DAY for n in range(4))


def test_a_long_span_is_marked_at_januaries():
    assert date_ticks(date(2021, 3, 9), date(2025, 11, 30)) == tuple(date(y, 1, 1) for y in range(2022, 2026))


@settings(max_examples=80)
@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 20_000))
def test_date_ticks_lie_within_their_span_and_are_at_most_six(first, days):
    ticks = date_ticks(first, first + days * DAY)
    assert len(ticks) <= 6
    assert all(first <= t <= first + days * DAY for t in ticks)
    assert list(ticks) == sorted(set(ticks))


def test_a_gap_breaks_the_line_and_a_lone_value_is_a_dot():
    line = line_chart([Series("p0", weekly(1, 2, None, 3, None, 4, 5))]).lines[0]
    assert [len(run) for run in line.runs] == [2, 2]
    assert len(line.dots) == 1
    assert line.last == 5


def test_a_line_starts_left_ends_right_and_higher_is_smaller_y():
    box = Box(width=200, height=100, left=10, right=20, top=5, bottom=15)
    run = line_chart([Series("s", weekly(0, 10))], box).lines[0].runs[0]
    assert run == ((10, 85), (180, 5))


@pytest.mark.parametrize("series", [[], [Series("s", [])], [Series("s", weekly(None, None))]])
def test_an_empty_series_draws_axes_and_no_line(series):
    chart = line_chart(series)
    assert [t.value for t in chart.y_ticks] == [0, 1]
    assert all(not line.runs and not line.dots and line.label is None for line in chart.lines)


def test_a_single_day_is_a_dot_in_the_middle():
    box = Box(width=120, left=10, right=10)
    assert line_chart([Series("s", weekly(3))], box).lines[0].dots[0][0] == 60


def test_charts_given_one_span_share_their_axis_and_drop_what_lies_outside():
    span = (MONDAY, MONDAY + 28 * DAY)
    long = line_chart([Series("a", weekly(1, 2, 3, 4, 5, 99))], span=span)
    short = line_chart([Series("b", weekly(1))], span=span)
    assert long.x_ticks == short.x_ticks
    assert long.lines[0].last == 5


@settings(max_examples=80)
@given(st.lists(st.floats(0, 200), max_size=9), st.floats(5, 20))
def test_labels_never_overlap_nor_leave_the_plot(wanted, gap):
    placed = spread(wanted, 0, 200, gap)
    room = min(gap, 200 / max(len(wanted) - 1, 1))
    ordered = sorted(placed)
    assert all(b - a >= room - 0.02 for a, b in pairwise(ordered))
    assert all(-0.01 <= p <= 200.01 for p in placed)
    assert all((wanted[i] <= wanted[j]) or placed[i] >= placed[j] for i in range(len(wanted)) for j in range(i))


def test_two_lines_that_end_together_have_labels_apart():
    chart = line_chart([Series("a", weekly(1, 5)), Series("b", weekly(2, 5))], label_gap=14)
    first, second = (line.label for line in chart.lines)
    assert first and second and abs(first[1] - second[1]) >= 14


def test_layers_stand_on_each_other_and_credits_hang_below_zero():
    chart = stacked_bars([Stack("ec2", [60]), Stack("s3", [40]), Stack("credit", [-20])], 1)
    ec2, s3, credit = chart.bars
    assert s3.y + s3.height == pytest.approx(ec2.y)
    assert ec2.y + ec2.height == pytest.approx(chart.zero)
    assert credit.y == chart.zero
    assert chart.totals == (Decimal(80),)


def test_a_missing_month_is_a_gap_and_not_a_zero():
    chart = stacked_bars([Stack("ec2", [60, None, 30])], 3)
    assert [b.column for b in chart.bars] == [0, 2]
    assert chart.totals == (Decimal(60), None, Decimal(30))


def test_a_target_line_runs_over_its_columns_and_fits_the_axis():
    chart = stacked_bars([Stack("ec2", [10, 10, 10])], 3, target=[None, 50, 40])
    assert len(chart.targets) == 1 and len(chart.targets[0]) == 4
    assert chart.y_ticks[-1].value >= 50
    assert stacked_bars([], 2, target=60).targets[0][0][1] == stacked_bars([], 2, target=60).targets[0][-1][1]


def test_no_columns_at_all_draw_an_empty_chart():
    chart = stacked_bars([], 0)
    assert chart.bars == chart.centres == chart.targets == ()


def test_layers_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="need 2 values"):
        stacked_bars([Stack("a", [1])], 2)


@settings(max_examples=60)
@given(st.lists(st.lists(amounts, min_size=4, max_size=4), max_size=4))
def test_bars_stay_within_the_plot_and_have_no_negative_height(rows):
    chart = stacked_bars([Stack(str(n), row) for n, row in enumerate(rows)], 4)
    left, top, right, bottom = chart.box.plot
    for bar in chart.bars:
        assert bar.height >= 0
        assert top - 0.1 <= bar.y and bar.y + bar.height <= bottom + 0.1
        assert left <= bar.x and bar.x + bar.width <= right + 0.1


def test_a_sparkline_of_equal_values_lies_in_the_middle_and_an_empty_one_is_empty():
    assert {y for _, y in sparkline([5, 5, 5], height=20).runs[0]} == {10}
    assert sparkline([]).last is None
    assert sparkline([None, 3]).dots == (sparkline([None, 3]).last,)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 500)), max_size=6))
def test_a_meter_fills_its_width_and_hides_nothing_that_is_there(counts):
    pieces = meter(counts, width=100, least=2)
    assert len(pieces) == sum(n > 0 for _, n in counts)
    assert sum(p.width for p in pieces) == pytest.approx(100 if pieces else 0)
    assert all(p.width >= 1.98 for p in pieces)
