"""A week that is over: what became of its promise, and what else was settled. A week to come: what is due in it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.words import listed, translated
from remediation.clock import start_of
from remediation.core.planning import Week
from remediation.core.progress import State
from remediation.core.promises import Outcome, result
from remediation.models import Item, Promise
from remediation.reads.items import Row, bar, names_of, row_of
from remediation.reads.promises import in_words, outcome_of, times
from remediation.reads.stock import give_owners
from remediation.reads.team import Standing
from remediation.reads.told import told_of
from remediation.reads.week import MOST, SHOWN, section_of

TITLES = {
    Outcome.CARRIED: lambda: _("Carried over"),
    Outcome.CLAIMED: lambda: _("Claimed, not proven by Sunday"),
    Outcome.DROPPED: lambda: _("Dropped"),
    Outcome.PROVEN: lambda: _("Proven"),
    Outcome.ATTESTED: lambda: _("Attested"),
}
Told = tuple[list[dict[str, Any]], str]


def other_week(standing: Standing, week: Week, wanted: str = "") -> Told:
    """Its sections and its one sentence, of the team's whole stock."""
    team, today = standing.team, standing.today
    if week > Week.of(today):
        rows = _rows(standing, lambda i: not i.settled_at and i.due is not None and week.start <= i.due <= week.end)
        said = ngettext("%d item is due in this week.", "%d items are due in this week.", len(rows)) % len(rows)
        return _section("due", _("Due in this week"), rows, wanted, standing), said
    promises = Promise.objects.filter(week__team=team, week__year=week.year, week__number=week.number)
    outcomes = {p: outcome_of(p, team, today) for p in promises.select_related("item", "week")}
    promised = {p.item_id for p in outcomes}
    rows = _rows(standing, lambda item: item.pk in promised)
    by_item = {row.item.pk: row for row in rows}
    names = names_of(p.dropped_by for p in outcomes)
    found: list[dict[str, Any]] = []
    for name, title in TITLES.items():
        mine = [p for p, outcome in outcomes.items() if outcome is name]
        told = {p.item_id: _note(p, name, names) for p in mine}
        found += _section(
            name, title(), [by_item[p.item_id] for p in mine if p.item_id in by_item], wanted, standing, told
        )
    return found + _others(standing, week, promised, wanted), _sentence(outcomes)


def _sentence(outcomes: dict[Promise, Outcome]) -> str:
    if not outcomes:
        return _("Nothing was promised for this week.")
    return in_words(result((outcome, promise.added) for promise, outcome in outcomes.items()))


def _note(promise: Promise, outcome: Outcome, names: dict[str, str]) -> str:
    """Why it was dropped; how often it had been carried over by the end of that week; and whether it came in late."""
    parts = []
    if outcome is Outcome.DROPPED and promise.why:
        who = names.get(promise.dropped_by, promise.dropped_by.partition("@")[0])
        parts.append(_("dropped by %(who)s: %(why)s") % {"who": who, "why": promise.why})
    elif outcome is Outcome.DROPPED:
        parts.append(_("everything on it was accepted"))
    parts.append(times(promise.carried + 1 if outcome is Outcome.CARRIED else promise.carried))
    if promise.added:
        parts.append(_("added during the week"))
    return listed([part for part in parts if part])


def _others(standing: Standing, week: Week, promised: Collection[int], wanted: str) -> list[dict[str, Any]]:
    """What was settled in the week without a promise."""
    first, end = start_of(week.start, standing.team), start_of(week.shift(1).start, standing.team)
    rows = _rows(standing, lambda i: i.pk not in promised and i.settled_at is not None and first <= i.settled_at < end)
    return _section("done", _("Also settled"), rows, wanted, standing)


def _rows(standing: Standing, which: Callable[[Item], bool]) -> list[Row]:
    """Some items, the most urgent first."""
    items = sorted(filter(which, standing.stock.items.values()), key=lambda i: (i.priority, i.position, i.pk))
    give_owners(items, ())
    return [row_of(item, standing.today) for item in items]


def _section(
    key: str,
    title: str,
    rows: Sequence[Row],
    wanted: str,
    standing: Standing,
    said: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    if not rows or wanted not in ("", key):
        return []
    listed_rows = rows[: MOST if wanted else SHOWN]
    done = [row for row in listed_rows if row.done]
    told = told_of(done, standing.stock, names_of({row.item.attested_by for row in done} - {""}))
    shown = [
        {
            "priority": "" if row.state is State.PROVEN else row.item.priority,
            "state": row.state,
            "title": translated(row.item.title),
            "url": row.item.get_absolute_url(),
            "owner": str(row.item.owner) if row.item.owner else "",
            "due": row.item.due,
            "overdue": row.overdue,
            "note": listed([t for t in ((said or {}).get(row.item.pk), told.get(row.item.pk)) if t]),
            **({"total": 0} if row.done else bar(row)),
        }
        for row in listed_rows
    ]
    return [section_of(key, title, shown, len(rows))]
