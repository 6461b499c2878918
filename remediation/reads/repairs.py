"""How long a team's repairs take, by priority, and how its plan burns down."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.same import Same
from findings.models import Team
from findings.words import paragraph
from remediation.clock import zone_of
from remediation.core.burndown import Life, Point, burn_down
from remediation.core.charts import Box, Series, line_chart
from remediation.models import Item

SINCE = timedelta(days=90)
SPAN = 12  # weeks of the burn-down
RECENT = timedelta(days=30)
SETTLES, RETURNS, CLAIMS = ("proven", "attested", "accepted"), ("came back", "reopened"), ("refuted", "claimed")
BOX = Box(width=640, height=160)
WEEK = timedelta(days=7)


class Turn(NamedTuple):
    """Something that happened to an item."""

    subject: str
    verb: str
    at: datetime


# What happened to items: when they were opened, settled and came back, and what was claimed and refuted lately. Then
# the repairs of the last weeks by priority, and what came back lately: scans of indexes.
HAPPENED = """
SELECT subject, verb, at, id, NULL::interval FROM findings_event
WHERE team_ref = %(team)s AND subject LIKE 'item:%%'
    AND (verb = ANY (%(turns)s) OR (verb = ANY (%(claims)s) AND at >= %(recent)s))
UNION ALL
SELECT priority, 'fixed', NULL, count(*), avg(fixed_at - coalesce(reopened_at, first_seen_at)) FROM findings_finding
WHERE component_id = ANY (%(mine)s::bigint[]) AND NOT present AND fixed_at >= %(since)s
    AND fixed_at >= coalesce(reopened_at, first_seen_at) GROUP BY 1
UNION ALL
SELECT '', 'back', NULL, count(*), NULL FROM findings_finding
WHERE component_id = ANY (%(mine)s::bigint[]) AND reopened_at >= %(recent)s
"""


@dataclass(slots=True)
class Happened:
    """What happened to a team's items, in order; how many findings of each priority were fixed of late, and how long
    that took, in the mean (a verdict is no fix); how many came back.
    """

    turns: list[Turn] = field(default_factory=list)
    fixed: dict[str, tuple[int, timedelta]] = field(default_factory=dict)
    back: int = 0


def happened_to(team: Team, components: Sequence[int], now: datetime) -> Happened:
    """Read it, in one statement; `components` are those that the team owns."""
    words: dict[str, Any] = {"turns": ["opened", *SETTLES, *RETURNS], "claims": list(CLAIMS), "team": team.pk}
    found, turns = Happened(), list[tuple[datetime, int, Turn]]()
    with connection.cursor() as cursor:
        cursor.execute(HAPPENED, words | {"mine": list(components), "since": now - SINCE, "recent": now - RECENT})
        for subject, verb, at, n, mean in cursor.fetchall():
            if verb == "fixed" and at is None:
                found.fixed[subject] = n, mean
            elif verb == "back" and at is None:
                found.back = n
            else:
                turns.append((at, n, Turn(subject, verb, at)))
    found.turns = [turn for _at, _key, turn in sorted(turns)]
    return found


def repairs(team: Team, found: Happened) -> list[Mapping[str, Any]]:
    """The mean time from when a finding (last) opened to its fix, for each priority."""
    return [_repair(team, priority, *found.fixed[priority]) for priority in team.sla if priority in found.fixed]


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


def burn_down_of(team: Team, items: Iterable[Item], told: Iterable[Turn], today: date) -> list[Mapping[str, Any]]:
    """The figure of the last weeks: items left, and those that the plan (by first dates) would leave. `items` are all
    the team's, from `items_of_history`.
    """
    lives = list(_lives(team, items, told))
    if len(lives) < 2:
        return []
    days = [today - WEEK * n for n in range(SPAN, -1, -1)]
    points = [p for p in burn_down(lives, days) if p.left or p.planned]
    return [_figure(points)] if len(points) > 1 else []


def _lives(team: Team, items: Iterable[Item], told: Iterable[Turn]) -> Iterator[Life]:
    zone = zone_of(team)
    turns: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for turn in told:
        if turn.verb not in CLAIMS:
            turns[turn.subject].append((turn.at.astimezone(zone).date(), turn.verb in SETTLES))
    for item in items:
        settled, reviewed = item.settled_at, vars(item)["reviewed"]
        mine = turns[f"item:{item.pk}"] or ([(settled.astimezone(zone).date(), True)] if settled else [])
        begun = min(item.created_at, reviewed or item.created_at).astimezone(zone).date()
        born = min([begun, *(day for day, _done in mine)])
        yield Life(born, item.first_due, tuple(mine))


def _figure(points: Sequence[Point]) -> Mapping[str, Any]:
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
    return Same(
        title=_("Items left"),
        sentence=said,
        kind="line",
        chart=line_chart(series, BOX, span),
        head=[_("Day"), _("Left"), _("Planned")],
        rows=[[date_format(p.day, "SHORT_DATE_FORMAT"), p.left, p.planned] for p in reversed(points)],
    )
