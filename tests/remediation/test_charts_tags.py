"""What chart templates write down: points, ticks, layers and their labels. No database."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from django.template.loader import render_to_string

from remediation.core.charts import Series, Stack, line_chart, stacked_bars
from remediation.templatetags import charts

MONTHS = ("May", "Jun", "Jul")


def bars(**over):
    stacks = [Stack("Kafka", [10, 20, 30]), Stack("Redis", [5, None, 6])]
    return stacked_bars(over.pop("stacks", stacks), 3, **over)


def test_points_of_a_run_are_written_without_needless_zeros():
    assert charts.points(((1.0, 2.5), (3, 4.25))) == "1,2.5 3,4.25"


@pytest.mark.parametrize(
    ("value", "text"),
    [(date(2026, 11, 3), "3 Nov"), (date(2026, 1, 1), "Jan 2026"), (1500.0, "1,500"), (2.5, "2.5"), (0.0, "0")],
)
def test_a_tick_is_a_short_date_or_a_plain_number(value, text):
    assert charts.tick(value) == text


def test_layers_keep_their_order_and_every_bar_once():
    chart = bars()
    found = charts.layers(chart)
    assert [(layer.name, layer.shade) for layer in found] == [("Kafka", 1), ("Redis", 2)]
    assert sum(len(layer.bars) for layer in found) == len(chart.bars)


def test_a_layer_that_is_absent_from_the_last_column_has_no_label():
    found = charts.layers(bars(stacks=[Stack("Kafka", [10, 20, None]), Stack("Redis", [5, 5, 6])]))
    assert [layer.label is None for layer in found] == [True, False]


def test_labels_of_layers_and_target_never_overlap():
    found = charts.layers(bars(target=Decimal(31)), "target 31")
    heights = sorted(layer.label[1] for layer in found)
    assert found[-1].shade == 0
    assert all(b - a >= charts.LABEL_GAP for a, b in pairwise(heights))


def test_names_of_columns_are_thinned_from_the_last_one_back():
    chart = stacked_bars([Stack("x", [1] * 36)], 36)
    shown = [text for _x, text in charts.columns(chart, [str(n) for n in range(36)])]
    assert shown[-1] == "35"
    assert len(shown) < 20


def test_an_svg_is_written_from_geometry_with_no_style_in_it():
    chart = line_chart([Series("P0", [(date(2026, 11, d), d) for d in (1, 8, 15)])])
    svg = render_to_string("components/line.svg", {"chart": chart, "title": "Open <P0>", "sentence": "Rising."})
    assert svg.count("<polyline") == 1
    assert "P0 15" in svg
    assert "Open &lt;P0&gt;" in svg
    assert "style" not in svg


def test_an_empty_chart_still_draws_its_axis():
    svg = render_to_string("components/bars.svg", {"chart": stacked_bars([], 3), "labels": MONTHS, "title": "t"})
    assert "<rect" not in svg
    assert 'class="axis"' in svg
