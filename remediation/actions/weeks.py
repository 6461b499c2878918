"""What a team commits to for a week, what it drops of it, and what it came to."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from findings.actions.saying import Stale
from findings.events import MACHINE, event, name_of, record
from findings.models import Event, Team, User
from remediation.clock import start_of
from remediation.core.planning import Week as IsoWeek
from remediation.core.promises import Fate, Outcome, outcome
from remediation.models import Item, Promise, Week


@transaction.atomic
def commit_week(
    team: Team,
    items: Iterable[Item],
    *,
    today: date,
    actor: User | str,
    version: int | None = None,
    at: datetime | None = None,
) -> Week:
    """Freeze this week's promise: the items with their hours and owners, the capacity, how often each was carried over.

    Committing again in the same week adds what is new, marked as added, and takes nothing away. Raises `Stale` where
    the week is not at the `version` that was seen (0: not committed).
    """
    close_weeks(team, today=today)
    now = at or timezone.now()
    iso = IsoWeek.of(today)
    capacity = team.memberships.people().aggregate(hours=Sum("capacity"))["hours"] or Decimal(0)
    fields = {"capacity": capacity, "committed_at": now, "committed_by": name_of(actor), "version": 0}
    week, made = Week.objects.select_for_update().get_or_create(
        team=team, year=iso.year, number=iso.number, defaults=fields
    )
    if version is not None and week.version != version:
        raise Stale(week)
    chosen = _take_in(week, list(items), added=not made)
    week.version += 1
    week.save(update_fields=["version"])
    # From here on people have spoken of these items: no later batch or undo takes them out from under the promise.
    Item.objects.filter(pk__in=chosen).update(version=F("version") + 1)
    Item.objects.filter(pk__in=chosen, promised_at=None).update(promised_at=now)
    verb = "committed" if made else "added to"
    record(verb, f"week:{week.pk}", actor=actor, label=str(week), team=team, after={"items": chosen}, at=now)
    titles = Item.objects.filter(pk__in=chosen).values_list("pk", "title")
    Event.objects.bulk_create(
        event("promised", f"item:{pk}", actor=actor, label=title, team=team, after={"week": str(week)}, at=now)
        for pk, title in titles
    )
    return week


def _take_in(week: Week, items: list[Item], *, added: bool) -> list[int]:
    """Write the promises; what was dropped and is wanted again comes back as added. The keys of what is new."""
    known = dict(week.promises.values_list("item_id", "outcome"))
    again = [i.pk for i in items if known.get(i.pk) == Outcome.DROPPED]
    week.promises.filter(item__in=again).update(outcome="", why="", dropped_by="", added=True)
    fresh = [i for i in items if i.pk not in known]
    before = Promise.objects.filter(item__in=fresh).exclude(week=week).exclude(outcome=Outcome.DROPPED)
    carried = Counter(before.values_list("item_id", flat=True))
    Promise.objects.bulk_create(
        Promise(week=week, item=i, carried=carried[i.pk], added=added, hours=i.hours, owner_id=i.owner_id)
        for i in fresh
    )
    return [*again, *(i.pk for i in fresh)]


@transaction.atomic
def drop(promise: Promise, why: str, *, actor: User | str) -> None:
    """Take an item out of a week that runs, and say why. It stays on the plan, and the promise stays on record."""
    week = Week.objects.select_for_update().get(pk=promise.week_id)
    row = Promise.objects.select_for_update(of=["self"]).select_related("item").get(pk=promise.pk)
    if not why.strip():
        raise ValueError("dropping a promise needs a reason")
    if row.outcome or week.closed_at is not None:
        raise Stale(row)
    row.outcome, row.why, row.dropped_by = Outcome.DROPPED, why, name_of(actor)
    row.save(update_fields=["outcome", "why", "dropped_by"])
    week.version += 1
    week.save(update_fields=["version"])
    after = {"why": why, "week": str(week)}
    record("dropped", f"item:{row.item_id}", actor=actor, label=row.item.title, team=week.team_id, after=after)


@transaction.atomic
def close_weeks(team: Team, *, today: date) -> int:
    """Write down what the weeks that are over came to, once: what happens to an item later changes no past week.

    Answers how many were closed.
    """
    closed = 0
    for week in Week.objects.select_for_update().filter(team=team, closed_at=None):
        iso = IsoWeek(week.year, week.number)
        if iso.end < today:
            _close(week, start_of(iso.shift(1).start, team))
            closed += 1
    return closed


def _close(week: Week, over: datetime) -> None:
    rows = list(week.promises.filter(outcome="").select_related("item"))
    for row in rows:
        row.outcome = outcome(fate_of(row.item), over, running=False)
    Promise.objects.bulk_update(rows, ["outcome"])
    week.closed_at = over
    week.save(update_fields=["closed_at"])
    counts = Counter(week.promises.values_list("outcome", flat=True))
    record("closed", f"week:{week.pk}", actor=MACHINE, label=str(week), team=week.team_id, after=dict(counts))


def fate_of(item: Item) -> Fate:
    """An item as its promises see it."""
    return Fate(item.settled_by, item.settled_at, item.claimed_at, item.refuted_at)
