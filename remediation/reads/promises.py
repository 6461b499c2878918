"""What a team promised by week and what came of it, who kept what, and what went wrong, said plainly."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Role, Team
from findings.steady import steady
from findings.words import full_stop, listed
from remediation.actions.weeks import fate_of
from remediation.clock import start_of
from remediation.core.planning import Week
from remediation.core.promises import KEPT, Outcome, Result, outcome, result
from remediation.models import Item, Promise
from remediation.models import Week as Commitment
from remediation.reads.repairs import RECENT, Turn
from remediation.reads.rows import said

LOOKS = {
    Outcome.PROVEN: "kept",
    Outcome.ATTESTED: "kept",
    Outcome.CLAIMED: "claimed",
    Outcome.OPEN: "open",
    Outcome.CARRIED: "missed",
    Outcome.DROPPED: "dropped",
}


def promises_of(items: Iterable[Item]) -> list[Promise]:
    """The promises of items from `items_of_history`, oldest week first."""
    found = [
        Promise(
            pk=one["pk"],
            item=item,
            week=Commitment(year=one["year"], number=one["number"]),
            added=one["added"],
            owner_id=one["owner"],
            outcome=one["outcome"],
        )
        for item in items
        for one in said(item, "pledges") or ()
    ]
    return sorted(found, key=lambda p: (p.week.year, p.week.number, p.item.priority, p.pk))


def outcome_of(promise: Promise, team: Team, today: date) -> Outcome:
    """What became of a promise: as it was written down when its week was over, else as it stands."""
    if promise.outcome:
        return Outcome(promise.outcome)
    week = Week(promise.week.year, promise.week.number)
    return outcome(fate_of(promise.item), start_of(week.shift(1).start, team), running=today <= week.end)


def open_promises(team: Team, today: date) -> Q:
    """Promises of earlier weeks that were neither kept nor dropped, and of items still owed: what is carried over."""
    week = Week.of(today)
    earlier = Q(week__year__lt=week.year) | Q(week__year=week.year, week__number__lt=week.number)
    return earlier & Q(week__team=team, item__settled_at=None) & ~Q(outcome=Outcome.DROPPED)


def carried(team: Team, today: date) -> dict[int, int]:
    """Item -> in how many earlier weeks it was promised and not kept, for those still owed."""
    rows = Promise.objects.filter(open_promises(team, today)).exclude(outcome__in=KEPT)
    return dict(Counter(rows.values_list("item_id", flat=True)))


def promise_of(item: Item) -> Promise | None:
    """This week's promise of an item from `items_of_week`."""
    pledge = said(item, "pledge")
    return Promise(item=item, **{k: v for k, v in pledge.items() if k != "capacity"}) if pledge else None


def times(n: int) -> str:
    """How often something was carried over; "" for never."""
    return ngettext("carried over %d time", "carried over %d times", n) % n if n else ""


def squares(promises: Iterable[Promise], team: Team, today: date) -> list[dict[str, Any]]:
    """A row of squares for each week, one for each item promised; newest last."""
    by_week: dict[Week, list[tuple[Outcome, bool]]] = {}
    for promise in promises:
        found = outcome_of(promise, team, today), promise.added
        by_week.setdefault(Week(promise.week.year, promise.week.number), []).append(found)
    order = list(LOOKS)
    return [
        {
            "label": _("Week %d") % week.number,
            "week": str(week),
            "squares": [LOOKS[name] for name in sorted((n for n, added in rows if not added), key=order.index)],
            "text": _("%(kept)d of %(n)d kept") % {"kept": result(rows).kept, "n": result(rows).promised},
        }
        for week, rows in by_week.items()
    ]


def in_words(found: Result) -> str:
    """A week's result: "5 promised: 2 proven, 1 claimed, 1 carried over, 1 dropped. 2 added later, 1 of them done."."""
    words = {
        Outcome.PROVEN: lambda n: ngettext("%d proven", "%d proven", n),
        Outcome.ATTESTED: lambda n: ngettext("%d attested", "%d attested", n),
        Outcome.CLAIMED: lambda n: ngettext("%d claimed", "%d claimed", n),
        Outcome.OPEN: lambda n: ngettext("%d still open", "%d still open", n),
        Outcome.CARRIED: lambda n: ngettext("%d carried over", "%d carried over", n),
        Outcome.DROPPED: lambda n: ngettext("%d dropped", "%d dropped", n),
    }
    parts = [say(n) % n for name, say in words.items() if (n := found.outcomes.get(name, 0))]
    start = ngettext("%d promised", "%d promised", found.promised) % found.promised
    said = full_stop(_("%(what)s: %(parts)s") % {"what": start, "parts": listed(parts)} if parts else start)
    if not found.added:
        return said
    more = ngettext(
        "%(n)d added later, %(kept)d of them done.", "%(n)d added later, %(kept)d of them done.", found.added
    )
    return f"{said} {more % {'n': found.added, 'kept': found.added_kept}}"


# What `Membership.objects.people` lets through.
PEOPLE = """
SELECT u.id, coalesce(nullif(u.name, ''), u.email), m.role
FROM findings_membership m JOIN findings_user u ON u.id = m.user_id
WHERE m.team_id = %s AND NOT EXISTS (SELECT FROM findings_token t WHERE t.user_id = u.id) ORDER BY u.name, u.email
"""


def people(team: Team, promises: Sequence[Promise], today: date) -> list[dict[str, Any]]:
    """Who is in the team, and how many of the items promised lately were theirs when they were promised, and kept."""
    ours = [p for p in promises if not p.added]
    promised = Counter(p.owner_id for p in ours)
    kept = Counter(p.owner_id for p in ours if outcome_of(p, team, today) in KEPT)
    with steady() as cursor:
        cursor.execute(PEOPLE, [team.pk])
        rows = cursor.fetchall()
    return [
        {"name": name, "role": Role(role).label, "promised": promised[pk], "kept": kept[pk]} for pk, name, role in rows
    ]


def plainly(back: int, told: Iterable[Turn], now: datetime) -> list[str]:
    """What came back, and what was claimed and not so, in the last days. Facts without blame."""
    said = Counter(turn.verb for turn in told if turn.at >= now - RECENT)
    refuted, claims = said["refuted"], said["claimed"]
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
    return lines
