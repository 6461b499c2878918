"""From the geometry of `remediation.core.charts` to what an SVG template writes down: points, labels, words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django import template
from django.utils.formats import date_format, number_format

from remediation.core.charts import XY, Bar, BarChart, spread

register = template.Library()

SHADES = 6
LABEL_GAP = 15.0
LABEL_WIDTH = 34


@register.filter
def points(run: Sequence[XY]) -> str:
    """A run of a line as the `points` of a polyline."""
    return " ".join(f"{x:g},{y:g}" for x, y in run)


@register.filter
def tick(value: float | date) -> str:
    """What stands at a mark of an axis: a short date, or a number with no needless zeros."""
    if isinstance(value, date):
        return date_format(value, "SHORT_MONTH_FORMAT" if value.month == value.day == 1 else "MONTH_DAY_FORMAT")
    return number_format(int(value) if value == int(value) else value, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Layer:
    """One name of a stacked chart: its bars, its shade (1..6) and where its label stands beside the last column.

    Shade 0 is the target line, which has a label and no bars.
    """

    name: str
    shade: int
    bars: tuple[Bar, ...]
    label: XY | None


@register.simple_tag
def layers(chart: BarChart, target: str = "") -> list[Layer]:
    """The bars by name, lowest layer first, then the target line; labels stand right of the last column, kept apart."""
    names = list(dict.fromkeys(bar.name for bar in chart.bars))
    wanted = {bar.name: bar.y + bar.height / 2 for bar in chart.bars if bar.column == len(chart.centres) - 1}
    if target and chart.targets:
        wanted[target] = chart.targets[-1][-1][1]
    _, top, right, bottom = chart.box.plot
    heights = spread(list(wanted.values()), top, bottom, LABEL_GAP)
    places = {name: (right + 6, height) for name, height in zip(wanted, heights, strict=True)}
    drawn = [
        Layer(name, min(n, SHADES), tuple(bar for bar in chart.bars if bar.name == name), places.get(name))
        for n, name in enumerate(names, start=1)
    ]
    return [*drawn, Layer(target, 0, (), places[target])] if target in places else drawn


@register.simple_tag
def columns(chart: BarChart, labels: Sequence[str]) -> list[tuple[float, str]]:
    """Where the names of the categories stand, thinned out from the last one back where they would collide."""
    left, _, right, _ = chart.box.plot
    room = max(int((right - left) // LABEL_WIDTH), 1)
    step = -(-len(labels) // room)
    marked = list(zip(chart.centres, labels, strict=True))
    return [pair for n, pair in enumerate(reversed(marked)) if n % step == 0][::-1]
