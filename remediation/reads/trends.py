"""How a team's grade and its open findings went, as charts over one axis of time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from findings.core.same import Same
from findings.models import Team
from findings.words import listed
from remediation.clock import start_of, zone_of
from remediation.core.charts import Box, LineChart, Series, line_chart
from remediation.core.kept import Kept
from remediation.reads.counting import grouped
from remediation.reads.marks import Past, figure
from remediation.reads.stock import Stock
from remediation.reads.team import findings_url

SPAN = timedelta(weeks=26)
BOX = Box(width=640, height=160)
PRIORITIES = ("P0", "P1", "P2")
FIGURES = Kept[list[Mapping[str, Any]]](64)  # by team and language


class Now(NamedTuple):
    """What is open as the grade counts it, by priority; and how many findings more, which count through their rules."""

    counted: tuple[int, ...]
    told: int


def grades_by_day(team: Team, today: date, grades: Iterable[Past]) -> list[tuple[date, Past]]:
    """The last of the grades of each day that has one, oldest first, for half a year."""
    zone, first = zone_of(team), start_of(today - SPAN, team)
    return list({row.at.astimezone(zone).date(): row for row in grades if row.at >= first}.items())


def figures(team: Team, today: date, grades: Iterable[Past], stock: Stock) -> list[Mapping[str, Any]]:
    """The grade and the open findings by priority; nothing before there are two days to compare. `stock` tells what is
    open now.
    """
    now = Now(tuple(_open_of(stock, name) for name in PRIORITIES), stock.told)
    made_of = today, team.slug, team.timezone, [*grades], now
    return FIGURES.of((team.pk, get_language()), made_of, lambda: (_figures(team, today, made_of[3], now), True))


def _open_of(stock: Stock, priority: str) -> int:
    alike = (one for one in stock.alike if one.mine and one.state == "open" and one.priority == priority)
    return sum(one.n for one in alike)


def _figures(team: Team, today: date, grades: Iterable[Past], now: Now) -> list[Mapping[str, Any]]:
    days = grades_by_day(team, today, grades)
    if len(days) < 2:
        return []
    span = (days[0][0], max(today, days[-1][0]))
    return [_grade(days, span), _open(days, span, now, team)]


def _grade(days: Sequence[tuple[date, Past]], span: tuple[date, date]) -> Mapping[str, Any]:
    first, last = days[0][1], days[-1][1]
    said = {"before": f"{first.letter} {figure(first.score)}", "after": f"{last.letter} {figure(last.score)}"}
    rows = [[_day(day), row.letter, figure(row.score)] for day, row in reversed(days)]
    return _line(
        _("Grade"),
        _("From %(before)s to %(after)s.") % said,
        line_chart(_by_formula(days), BOX, span),
        [_("Day"), _("Letter"), _("Score")],
        rows,
    )


def _by_formula(days: Sequence[tuple[date, Past]]) -> list[Series]:
    """One line for each version of the formula: two of them are never joined."""
    newest = days[-1][1].formula
    lines: dict[int, list[tuple[date, Any]]] = {}
    for day, row in days:
        lines.setdefault(row.formula, []).append((day, row.score))
    names = {f: _("Grade") if f == newest else _("Grade, formula %d") % f for f in lines}
    return [Series(names[formula], points) for formula, points in lines.items()]


def _open(days: Sequence[tuple[date, Past]], span: tuple[date, date], now: Now, team: Team) -> Mapping[str, Any]:
    fields = {name: f"open_{name.lower()}" for name in PRIORITIES}
    series = [Series(name, [(day, getattr(row, fields[name])) for day, row in days]) for name in PRIORITIES]
    counts = listed(f"{grouped(n)} {name}" for n, name in zip(now.counted, PRIORITIES, strict=True))
    rows = [[_day(day), *(getattr(row, fields[name]) for name in PRIORITIES)] for day, row in reversed(days)]
    chart, head = line_chart(series, BOX, span), [_("Day"), *PRIORITIES]
    found = _line(_("Open findings"), _("Open now: %s.") % counts, chart, head, rows)
    if not now.told:
        return found
    text = ngettext(
        "%(n)s more that a review describes is counted by what its rules see",
        "%(n)s more that reviews describe are counted by what their rules see",
        now.told,
    )
    return Same(**found, beside=text % {"n": grouped(now.told)}, url=findings_url(team, state="open", mark="told"))


def _line(title: str, sentence: str, chart: LineChart, head: list[str], rows: list[list[Any]]) -> Mapping[str, Any]:
    return Same(title=title, sentence=sentence, kind="line", chart=chart, head=head, rows=rows)


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
