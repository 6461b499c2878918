"""What a team promised by week and what came of it, who kept what, and what went wrong, said plainly."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Event, Finding, Membership, Team
from remediation.core.planning import Week
from remediation.models import Item, Promise
from remediation.reads.team import start_of

WEEKS = 6
RECENT = timedelta(days=30)
REPAIRS = timedelta(days=90)


def promises_of(team: Team) -> list[Promise]:
    """The promises of the last weeks that had any, oldest first."""
    weeks = team.weeks.order_by("-year", "-number").values_list("pk", flat=True)[:WEEKS]
    rows = Promise.objects.filter(week__in=list(weeks)).select_related("week", "item")
    return list(rows.order_by("week__year", "week__number", "item__priority", "pk"))


def fate(promise: Promise, team: Team, today: date) -> str:
    """What became of a promise: kept, claimed or missed by the end of its week; "open" while that week runs."""
    week = Week(promise.week.year, promise.week.number)
    over = start_of(week.shift(1).start, team)
    if _by(promise.item.settled_at, over):
        return "kept"
    if _by(promise.item.claimed_at, over):
        return "claimed"
    return "missed" if week.end < today else "open"


def _by(moment: datetime | None, end: datetime) -> bool:
    return moment is not None and moment < end


def squares(promises: Iterable[Promise], team: Team, today: date) -> list[dict[str, Any]]:
    """A row of squares for each week, one for each item promised; newest last."""
    by_week: dict[Week, list[str]] = {}
    for promise in promises:
        by_week.setdefault(Week(promise.week.year, promise.week.number), []).append(fate(promise, team, today))
    return [
        {
            "label": _("Week %d") % week.number,
            "week": str(week),
            "squares": sorted(fates, key=("kept", "claimed", "open", "missed").index),
            "text": _("%(kept)d of %(n)d kept") % {"kept": fates.count("kept"), "n": len(fates)},
        }
        for week, fates in by_week.items()
    ]


def people(team: Team, promises: Sequence[Promise], today: date) -> list[dict[str, Any]]:
    """Who is in the team, and how many of the items promised lately were theirs and kept."""
    promised = Counter(p.item.owner_id for p in promises)
    kept = Counter(p.item.owner_id for p in promises if fate(p, team, today) == "kept")
    rows = Membership.objects.people().filter(team=team).select_related("user").order_by("user__name", "user__email")
    return [
        {
            "name": str(m.user),
            "role": m.get_role_display(),
            "promised": promised[m.user_id],
            "kept": kept[m.user_id],
        }
        for m in rows
    ]


def plainly(team: Team, now: datetime) -> list[str]:
    """What came back, what was claimed and not so, how long repairs take. Facts without blame."""
    since = now - RECENT
    back = Finding.objects.filter(component__team=team, reopened_at__gte=since).count()
    refuted = Event.objects.filter(team_ref=team.pk, verb="refuted", subject__startswith="item:", at__gte=since).count()
    claims = Event.objects.filter(team_ref=team.pk, verb="claimed", subject__startswith="item:", at__gte=since).count()
    lines = []
    if back:
        words = ngettext(
            "%d finding came back in the last 30 days.", "%d findings came back in the last 30 days.", back
        )
        lines.append(words % back)
    if refuted:
        words = ngettext(
            "%(n)d of %(all)d claim was refuted by a scan.", "%(n)d of %(all)d claims were refuted by a scan.", claims
        )
        lines.append(words % {"n": refuted, "all": max(claims, refuted)})
    return [*lines, *_repairs(team, now)]


def _repairs(team: Team, now: datetime) -> list[str]:
    fixed = Finding.objects.filter(component__team=team, state="fixed", fixed_at__gte=now - REPAIRS)
    days = [(end - begin).days for begin, end in fixed.values_list("first_seen_at", "fixed_at") if end]
    if not days:
        return []
    middle = round(median(days))
    words = ngettext(
        "Half of what was fixed took %d day or less.", "Half of what was fixed took %d days or less.", middle
    )
    return [words % middle]


def candidates(team: Team) -> list[Item]:
    """What a team may promise: everything still owed, what is due first first."""
    owed = Item.objects.filter(checklist__team=team).unsettled().select_related("owner", "phase", "checklist")
    return list(owed.order_by(F("due").asc(nulls_last=True), "priority", "position", "pk"))
