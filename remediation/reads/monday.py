"""Monday's list: what is due this week, what was carried over, what else a lead may take in, and whose hours it asks.

Rows are capped, the most urgent first; a search reaches the rest. What is ticked is always shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from findings.models import Event, Membership, Team
from findings.words import listed, paragraph, translated
from remediation.core.planning import Week, overdue
from remediation.core.promises import Load, Outcome, loads
from remediation.models import Item, Promise
from remediation.models import Week as Commitment
from remediation.querysets import ItemQuerySet
from remediation.reads.items import names_of
from remediation.reads.promises import carried, times
from remediation.reads.suggested import for_items

MOST, SPARE = 60, 15  # rows of the page; those of them that are kept for what is neither due nor carried over
TITLES = {
    "due": lambda: _("Due this week"),
    "carried": lambda: _("Carried over"),
    "more": lambda: _("Take in what else?"),
}


@dataclass(frozen=True, slots=True)
class Monday:
    """A week before, and while, it is promised. `promised`: the items that are in it; `ticked`: those to take in."""

    team: Team
    week: Week
    today: date
    commitment: Commitment | None
    promised: frozenset[int]
    carried: Mapping[int, int]
    capacity: Mapping[int, Decimal]
    names: Mapping[int, str]

    @property
    def version(self) -> int:
        """What a form of this page was made from."""
        return self.commitment.version if self.commitment else 0


def monday_of(team: Team, today: date) -> Monday:
    """Read it, in a constant number of statements."""
    week = Week.of(today)
    commitment = Commitment.objects.filter(team=team, year=week.year, number=week.number).first()
    inside = Promise.objects.filter(week=commitment).exclude(outcome=Outcome.DROPPED)
    people = list(Membership.objects.people().filter(team=team).select_related("user"))
    return Monday(
        team,
        week,
        today,
        commitment,
        frozenset(inside.values_list("item_id", flat=True)) if commitment else frozenset(),
        carried(team, today),
        {m.user_id: m.capacity for m in people},
        {m.user_id: str(m.user) for m in people},
    )


def _owed(monday: Monday) -> ItemQuerySet:
    rows = Item.objects.filter(checklist__team=monday.team).unsettled().select_related("owner", "phase", "checklist")
    return rows.order_by(F("due").asc(nulls_last=True), "priority", "position", "pk")


def usual(monday: Monday) -> set[int]:
    """What is ticked to begin with: carried over or due, most urgent first, as far as the hours of the team go."""
    left = sum(monday.capacity.values(), Decimal(0))
    owed = _owed(monday).filter(Q(due__lte=monday.week.end) | Q(pk__in=monday.carried) | Q(pk__in=monday.promised))
    chosen = set()
    for item in owed.order_by("priority", F("due").asc(nulls_last=True), "pk"):
        hours = item.hours or Decimal(0)
        if item.pk in monday.promised or hours <= left:
            left -= hours
            chosen.add(item.pk)
    return chosen - monday.promised


def sections(monday: Monday, ticked: Collection[int], wanted: str = "") -> list[dict[str, Any]]:
    """The rows by why they are here: due, carried over, or none of these. `wanted` = words of the titles looked for."""
    owed = _owed(monday).exclude(pk__in=monday.promised)
    near = Q(due__lte=monday.week.end) | Q(pk__in=monday.carried) | Q(pk__in=ticked)
    words = Q()
    for word in wanted.split():
        words &= Q(title__icontains=word)
    first = list(owed.filter(near)[: MOST - SPARE])
    shown = {item.pk for item in first}
    more = list(owed.filter(words).exclude(pk__in=shown)[: MOST - len(first) + 1])
    rest = len(more) > MOST - len(first)
    by_key: dict[str, list[dict[str, Any]]] = {key: [] for key in TITLES}
    listed = [*first, *more[: MOST - len(first)]]
    hints = for_items(listed, monday.team)
    for item in listed:
        hint = hints.get(item.pk)
        by_key[_key(item, monday)].append(_row(item, monday, ticked) | {"suggested": str(hint.person) if hint else ""})
    return [
        {"key": key, "title": TITLES[key](), "rows": rows, "rest": rest and key == "more"}
        for key, rows in by_key.items()
        if rows
    ]


def _key(item: Item, monday: Monday) -> str:
    if item.due is not None and item.due <= monday.week.end:
        return "due"
    return "carried" if item.pk in monday.carried else "more"


def _row(item: Item, monday: Monday, ticked: Collection[int]) -> dict[str, Any]:
    return {
        "item": item,
        "owner": str(item.owner) if item.owner else "",
        "hours": item.hours,
        "checked": item.pk in ticked,
        "overdue": overdue(item.due, monday.today),
        "note": times(monday.carried.get(item.pk, 0)),
    }


def asked(monday: Monday, ticked: Collection[int]) -> list[dict[str, Any]]:
    """Whose hours the promised and the ticked items ask for: a row for each person, nobody's last, then the sum."""
    rows = Item.objects.filter(checklist__team=monday.team, pk__in={*ticked, *monday.promised})
    found = loads(((item.owner_id, item.hours) for item in rows), monday.capacity)
    return load_rows(found, monday.names)


def load_rows(found: Mapping[int | None, Load], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Loads as the pages list them."""
    order = sorted(found, key=lambda owner: (owner is None, names.get(owner or 0, "")))
    nobody, gone = _("Nobody yet"), _("No longer in the team")
    shown = [owner for owner in order if owner is not None or found[owner].asked or found[owner].unknown]
    rows = [_load(nobody if owner is None else names.get(owner, gone), found[owner]) for owner in shown]
    known = [load.capacity for load in found.values() if load.capacity is not None]
    unknown = sum(load.unknown for load in found.values())
    whole = Load(sum((load.asked for load in found.values()), Decimal(0)), sum(known, Decimal(0)), unknown)
    return [*rows, _load(_("The team"), whole, total=True)]


def _load(name: str, load: Load, *, total: bool = False) -> dict[str, Any]:
    fields = {"asked": load.asked, "capacity": load.capacity, "over": load.over, "unknown": load.unknown}
    return {"name": name, **fields, "total": total}


def whose_week(team: Team, monday: Monday) -> str:
    """What another lead did to this week meanwhile, for one whose form is older."""
    row = Event.objects.about(f"week:{monday.commitment.pk}").first() if monday.commitment else None
    who = names_of([row.actor]).get(row.actor, row.actor) if row else ""
    titles = Item.objects.filter(pk__in=row.after.get("items", ()) if row else (), checklist__team=team)
    said = listed([translated(item.title) for item in titles[:5]])
    what = _("%(who)s promised for this week meanwhile: %(items)s.") % {"who": who, "items": said} if said else ""
    return paragraph(
        [what, _("This week was changed since you opened it. Your ticks are kept: look, then promise again.")]
    )
