"""How long a team's repairs take, by priority, and how its plan burns down."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F
from django.db.models.functions import Coalesce
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Event, Finding, Team
from findings.words import paragraph
from remediation.clock import zone_of
from remediation.core.burndown import Life, Point, burn_down
from remediation.core.charts import Box, Series, line_chart
from remediation.models import Item

SINCE = timedelta(days=90)
SPAN = 12  # weeks of the burn-down
SETTLES, RETURNS = ("proven", "attested", "accepted"), ("came back", "reopened")
BOX = Box(width=640, height=160)
WEEK = timedelta(days=7)


def repairs(team: Team, now: datetime) -> list[dict[str, Any]]:
    """The mean time from when a finding (last) opened to its fix, for each priority; a verdict is no fix. One query."""
    fixed = Finding.objects.filter(component__team=team, present=False, fixed_at__gte=now - SINCE)
    took = fixed.annotate(took=F("fixed_at") - Coalesce("reopened_at", "first_seen_at")).filter(took__gte=timedelta(0))
    found = {p: (n, mean) for p, n, mean in took.order_by().values_list("priority").annotate(Count("pk"), Avg("took"))}
    return [_repair(team, priority, *found[priority]) for priority in team.sla if priority in found]


def _repair(team: Team, priority: str, n: int, mean: timedelta) -> dict[str, Any]:
    days, allowed = mean / timedelta(days=1), team.sla[priority]
    figure = number_format(days, 1 if days < 10 else 0)
    return {
        "priority": priority,
        "mean": _("%s d") % figure,
        "n": ngettext("%d fixed", "%d fixed", n) % n,
        "late": days > allowed,
        "allowed": _("%d d allowed") % allowed,
    }


def burn_down_of(team: Team, today: date) -> list[dict[str, Any]]:
    """The figure of the last weeks: items left, and those that the plan (by first dates) would leave. Two queries."""
    lives = list(_lives(team))
    if len(lives) < 2:
        return []
    days = [today - WEEK * n for n in range(SPAN, -1, -1)]
    points = [p for p in burn_down(lives, days) if p.left or p.planned]
    return [_figure(points)] if len(points) > 1 else []


def _lives(team: Team) -> Iterator[Life]:
    zone = zone_of(team)
    columns = ("pk", "created_at", "checklist__review__run__observed_at", "first_due", "settled_at")
    items = Item.objects.filter(checklist__team=team).values_list(*columns)
    turns: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    verbs = ("opened", *SETTLES, *RETURNS)
    told = Event.objects.filter(team_ref=team.pk, subject__startswith="item:", verb__in=verbs)
    for subject, verb, at in told.order_by("at", "pk").values_list("subject", "verb", "at"):
        turns[subject].append((at.astimezone(zone).date(), verb in SETTLES))
    for pk, created, reviewed, due, settled in items:
        mine = turns[f"item:{pk}"] or ([(settled.astimezone(zone).date(), True)] if settled else [])
        begun = min(created, reviewed or created).astimezone(zone).date()
        born = min([begun, *(day for day, _done in mine)])
        yield Life(born, due, tuple(mine))


def _figure(points: Sequence[Point]) -> dict[str, Any]:
    last = points[-1]
    late = last.left - last.planned
    said = ngettext("%d item is left.", "%d items are left.", last.left) % last.left
    if late > 0:
        behind = ngettext("%d more than planned.", "%d more than planned.", late) % late
        said = paragraph([said, behind])
    series = [
        Series(_("Left"), [(p.day, p.left) for p in points]),
        Series(_("Planned"), [(p.day, p.planned) for p in points]),
    ]
    span = (points[0].day, last.day)
    return {
        "title": _("Items left"),
        "sentence": said,
        "kind": "line",
        "chart": line_chart(series, BOX, span),
        "head": [_("Day"), _("Left"), _("Planned")],
        "rows": [[date_format(p.day, "SHORT_DATE_FORMAT"), p.left, p.planned] for p in reversed(points)],
    }
