"""Geometry only: numbers in, coordinates out. No SVG strings, no colours, no Django.

Coordinates are pixels in a box whose origin is the upper left corner, rounded to a hundredth. A value of None is a gap
and stays one: a line is broken there, a bar is missing. Every chart takes an empty series. Zero is always on a value
axis; a sparkline alone is scaled to its own range.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from math import ceil, floor, isfinite, log10

Number = int | float | Decimal
XY = tuple[float, float]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 5


@dataclass(frozen=True, slots=True)
class Box:
    """Where to draw: the whole size, and the margins that ticks and labels need."""

    width: float = 640
    height: float = 240
    left: float = 48
    right: float = 96
    top: float = 12
    bottom: float = 28

    @property
    def plot(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge of the plotted area."""
        return self.left, self.top, self.width - self.right, self.height - self.bottom


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and the value or the date it stands for."""

    at: float
    value: float | date


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)


def round_ticks(values: Iterable[Number], count: int = TICKS) -> tuple[float, ...]:
    """About `count` round marks (1, 2, 2.5 or 5 times a power of ten) from below the least to above the greatest value.

    Zero is always among them. No values, or zeros only: 0 and 1.
    """
    numbers = [float(v) for v in values if isfinite(v)]
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    if low == high:
        return (0.0, 1.0)
    rough = (high - low) / max(count, 1)
    power = 10.0 ** floor(log10(rough))
    step = next((s for s in STEPS if s * power >= rough), STEPS[-1]) * power
    first, last = floor(round(low / step, 9)), ceil(round(high / step, 9))
    return tuple(float(f"{n * step:.12g}") for n in range(first, last + 1))


def _value_axis(values: Iterable[Number], box: Box) -> tuple[Scale, tuple[Tick, ...]]:
    ticks = round_ticks(values)
    _, top, _, bottom = box.plot
    scale = Scale(ticks[0], ticks[-1], bottom, top)
    return scale, tuple(Tick(scale(t), t) for t in ticks)


# --- time ---


def date_ticks(first: date, last: date, count: int = 6) -> tuple[date, ...]:
    """At most `count` round dates within a span: days, Mondays, firsts of months, of quarters or of years."""
    for days in (1, 2, 7, 14):
        if (last - first).days // days < count:
            anchor = first + timedelta(days=-first.weekday() % 7 if days >= 7 else 0)
            return _stepped(anchor, last, days)
    for months in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400):
        found = _firsts(first, last, months)
        if len(found) <= count:
            return found
    return (first,)


def _stepped(day: date, last: date, days: int) -> tuple[date, ...]:
    return tuple(day + timedelta(days=n) for n in range(0, (last - day).days + 1, days))


def _firsts(first: date, last: date, months: int) -> tuple[date, ...]:
    """The firsts of every n-th month in the span, counted so that a year's January is always among them."""
    begin, end = first.year * 12 + first.month - (first.day == 1), last.year * 12 + last.month - 1
    return tuple(date(n // 12, n % 12 + 1, 1) for n in range(-(-begin // months) * months, end + 1, months))


# --- lines ---


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of dated values; None is a gap. The order of the points does not matter."""

    name: str
    points: Sequence[tuple[date, Number | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn series: unbroken `runs` of two points or more, single points as `dots`, its label at the last value."""

    name: str
    runs: tuple[tuple[XY, ...], ...] = ()
    dots: tuple[XY, ...] = ()
    end: XY | None = None
    label: XY | None = None
    last: Number | None = None


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line chart on a time axis. `zero` is the height of the zero line."""

    box: Box
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero: float


def line_chart(
    series: Sequence[Series], box: Box | None = None, span: tuple[date, date] | None = None, label_gap: float = 14
) -> LineChart:
    """Draw series over a time axis; `span` fixes its ends, so that several charts share one (points outside are left
    out). Labels stand right of the plot, `label_gap` pixels apart where the height has room for all of them.
    """
    box = box or Box()
    rows = [(s.name, _within(s.points, span)) for s in series]
    y, y_ticks = _value_axis((v for _, points in rows for _, v in points if v is not None), box)
    left, top, right, bottom = box.plot
    days = [day for _, points in rows for day, _ in points]
    ends = span or ((min(days), max(days)) if days else None)
    if ends is None:
        return LineChart(box, tuple(Line(name) for name, _ in rows), (), y_ticks, y(0))
    x = _time_scale(ends, left, right)
    lines = [_line(name, points, x, y) for name, points in rows]
    ticks = tuple(Tick(x(day.toordinal()), day) for day in date_ticks(*ends))
    return LineChart(box, _labelled(lines, right + 6, (top, bottom), label_gap), ticks, y_ticks, y(0))


def _within(
    points: Sequence[tuple[date, Number | None]], span: tuple[date, date] | None
) -> list[tuple[date, Number | None]]:
    ordered = sorted(points, key=lambda p: p[0])
    return [p for p in ordered if span is None or span[0] <= p[0] <= span[1]]


def _time_scale(ends: tuple[date, date], left: float, right: float) -> Scale:
    """Days to pixels; a span of a single day lies in the middle."""
    first, last = ends[0].toordinal(), ends[1].toordinal()
    return Scale(first, last, left, right) if last > first else Scale(first - 1, first + 1, left, right)


def _line(name: str, points: list[tuple[date, Number | None]], x: Scale, y: Scale) -> Line:
    runs: list[tuple[XY, ...]] = []
    for gap, run in groupby(points, key=lambda p: p[1] is None):
        if not gap:
            runs.append(tuple((x(day.toordinal()), y(v)) for day, v in run if v is not None))
    return Line(
        name,
        runs=tuple(r for r in runs if len(r) > 1),
        dots=tuple(r[0] for r in runs if len(r) == 1),
        end=runs[-1][-1] if runs else None,
        last=next((v for _, v in reversed(points) if v is not None), None),
    )


def _labelled(lines: list[Line], x: float, edges: tuple[float, float], gap: float) -> tuple[Line, ...]:
    heights = iter(spread([line.end[1] for line in lines if line.end], *edges, gap))
    return tuple(Line(n.name, n.runs, n.dots, n.end, (x, next(heights)) if n.end else None, n.last) for n in lines)


def spread(wanted: Sequence[float], top: float, bottom: float, gap: float) -> tuple[float, ...]:
    """Move heights apart to at least `gap`, within the edges, keeping their order and near where they want to be.

    With more of them than the height has room for, the gap shrinks until they fit.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    gap = min(gap, (bottom - top) / (len(wanted) - 1)) if len(wanted) > 1 else gap
    placed = [0.0] * len(wanted)
    lowest = top
    for i in order:
        placed[i] = max(wanted[i], lowest)
        lowest = placed[i] + gap
    highest = bottom
    for i in reversed(order):
        placed[i] = min(placed[i], highest)
        highest = placed[i] - gap
    return tuple(round(p, 2) for p in placed)


# --- bars ---


@dataclass(frozen=True, slots=True)
class Stack:
    """One layer of a stacked bar chart: a value for each category, None where there is none."""

    name: str
    values: Sequence[Number | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn piece of a bar; `column` is the index of its category. What is below zero hangs below the zero line."""

    name: str
    column: int
    x: float
    y: float
    width: float
    height: float
    value: Number


@dataclass(frozen=True, slots=True)
class BarChart:
    """Stacked bars. `centres` are where the categories' labels go; `targets` are runs of the target line, `totals` the
    sum of each column (None where no layer has a value).
    """

    box: Box
    bars: tuple[Bar, ...]
    centres: tuple[float, ...]
    totals: tuple[Decimal | None, ...]
    y_ticks: tuple[Tick, ...]
    zero: float
    targets: tuple[tuple[XY, ...], ...] = field(default=())


def stacked_bars(
    stacks: Sequence[Stack],
    columns: int,
    target: Number | Sequence[Number | None] | None = None,
    box: Box | None = None,
    fill: float = 0.7,
) -> BarChart:
    """Draw layers over `columns` categories, the first layer lowest; `fill` is how much of its column a bar takes.

    `target` is one value for all columns or one for each. Layers of another length than `columns` are a ValueError.
    """
    box = box or Box()
    goals = list(target) if isinstance(target, Sequence) else [target] * columns
    if any(len(s.values) != columns for s in stacks) or len(goals) != columns:
        raise ValueError(f"every layer and the target need {columns} values")
    reach = [_reach(stacks, c) for c in range(columns)]
    y, y_ticks = _value_axis([*(v for pair in reach for v in pair), *(g for g in goals if g is not None)], box)
    left, _, right, _ = box.plot
    slot = (right - left) / max(columns, 1)
    bars = tuple(bar for c in range(columns) for bar in _column(stacks, c, y, left + slot * c, slot, fill))
    centres = tuple(round(left + slot * (c + 0.5), 2) for c in range(columns))
    return BarChart(
        box,
        bars,
        centres,
        tuple(_total(stacks, c) for c in range(columns)),
        y_ticks,
        y(0),
        _target_runs(goals, y, left, slot),
    )


def _present(stacks: Sequence[Stack], column: int) -> list[tuple[str, Number]]:
    return [(s.name, v) for s in stacks if (v := s.values[column]) is not None]


def _reach(stacks: Sequence[Stack], column: int) -> tuple[float, float]:
    """How far a column goes below and above zero."""
    values = [float(v) for _, v in _present(stacks, column)]
    return sum(v for v in values if v < 0), sum(v for v in values if v > 0)


def _total(stacks: Sequence[Stack], column: int) -> Decimal | None:
    values = [Decimal(str(v)) for _, v in _present(stacks, column)]
    return sum(values, Decimal(0)) if values else None


def _column(stacks: Sequence[Stack], column: int, y: Scale, x: float, slot: float, fill: float) -> Iterable[Bar]:
    up = down = 0.0
    for name, value in _present(stacks, column):
        if value > 0:
            start, up = up, up + float(value)
            upper, lower = y(up), y(start)
        else:
            start, down = down, down + float(value)
            upper, lower = y(start), y(down)
        yield Bar(
            name,
            column,
            round(x + slot * (1 - fill) / 2, 2),
            upper,
            round(slot * fill, 2),
            round(lower - upper, 2),
            value,
        )


def _target_runs(goals: Sequence[Number | None], y: Scale, left: float, slot: float) -> tuple[tuple[XY, ...], ...]:
    """The target line: each column's goal over the width of its column, joined to its neighbours."""
    runs: list[tuple[XY, ...]] = []
    for gap, run in groupby(enumerate(goals), key=lambda pair: pair[1] is None):
        if not gap:
            ends = [(round(left + slot * (c + side), 2), y(g)) for c, g in run if g is not None for side in (0, 1)]
            runs.append(tuple(ends))
    return tuple(runs)


# --- small ones ---


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line without axes: runs, single points, and the last point for a dot."""

    runs: tuple[tuple[XY, ...], ...]
    dots: tuple[XY, ...]
    last: XY | None


def sparkline(values: Sequence[Number | None], width: float = 96, height: float = 20, pad: float = 2) -> Sparkline:
    """Draw values at equal distances, scaled to their own range; equal values lie in the middle."""
    known = [float(v) for v in values if v is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    spare = 0.0 if high > low else 1.0
    y = Scale(low - spare, high + spare, height - pad, pad)
    step = (width - 2 * pad) / max(len(values) - 1, 1)
    runs: list[tuple[XY, ...]] = []
    for gap, run in groupby(enumerate(values), key=lambda pair: pair[1] is None):
        if not gap:
            runs.append(tuple((round(pad + n * step, 2), y(v)) for n, v in run if v is not None))
    return Sparkline(
        runs=tuple(r for r in runs if len(r) > 1),
        dots=tuple(r[0] for r in runs if len(r) == 1),
        last=runs[-1][-1] if runs else None,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a meter: a count and the stretch it takes."""

    name: str
    count: int
    x: float
    width: float


def meter(counts: Sequence[tuple[str, int]], width: float = 100, least: float = 2) -> tuple[Piece, ...]:
    """Divide a bar by counts; zeros take nothing, and whatever there is takes at least `least` pixels to be seen."""
    shown = [(name, n) for name, n in counts if n > 0]
    least = min(least, width / max(len(shown), 1))
    spare = width - least * len(shown)
    total = sum(n for _, n in shown)
    edges = [0.0]
    for _, n in shown:
        edges.append(edges[-1] + least + spare * n / total)
    return tuple(
        Piece(name, n, round(edges[i], 2), round(round(edges[i + 1], 2) - round(edges[i], 2), 2))
        for i, (name, n) in enumerate(shown)
    )
