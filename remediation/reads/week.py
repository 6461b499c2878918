"""The page of this week: what is asked and of whom, what came back, what was carried over, what was proven."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from findings.core.types import Priority
from findings.models import Finding, Team
from findings.words import listed, translated
from remediation.actions.weeks import fate_of
from remediation.clock import start_of, zone_of
from remediation.core.planning import Section, Task, Week, this_week
from remediation.core.progress import State
from remediation.core.promises import Outcome, loads, outcome, result
from remediation.models import Promise
from remediation.reads.addresses import address
from remediation.reads.due import with_holder
from remediation.reads.items import Row, bar, note
from remediation.reads.monday import load_rows
from remediation.reads.people import Seat, seats_of
from remediation.reads.promises import in_words, promise_of, times
from remediation.reads.rows import said
from remediation.reads.stock import Stock, give_owners
from remediation.reads.team import Owned, Standing, findings_url
from remediation.reads.told import told_of

NEW = timedelta(days=7)
SHOWN, MOST = 12, 100  # rows of a section beside the others, and by itself
TITLES = {
    Section.OVERDUE: lambda: _("Overdue"),
    Section.DUE: lambda: _("This week"),
    Section.CAME_BACK: lambda: _("Came back"),
    Section.CARRIED: lambda: _("Carried over, and not taken in again"),
    Section.DONE: lambda: _("Settled since Monday"),
    Section.DROPPED: lambda: _("Dropped from this week"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A week of a team: rows by section, which of them still ask for hours, and what was committed."""

    slug: str
    week: Week
    today: date
    sections: Mapping[Section, Sequence[Row]]
    asking: Sequence[Row]
    committed: Decimal | None
    promises: Mapping[int, Promise]
    carried: Mapping[int, int]
    people: Sequence[Seat]
    names: Mapping[str, str]
    stock: Stock
    told: Mapping[int, str] = field(default_factory=dict)

    def count(self, section: Section) -> int:
        """How many rows a section has."""
        return len(self.sections.get(section, ()))

    @property
    def capacity(self) -> Decimal:
        """The team's hours: as they were when the week was committed, else as they are."""
        if self.committed is not None:
            return self.committed
        return sum((m.capacity for m in self.people), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What follows of a week from its items and counts alone."""

    sections: Mapping[Section, Sequence[Row]]
    asking: Sequence[Row]
    committed: Decimal | None
    promises: Mapping[int, Promise]
    carried: Mapping[int, int]


def plan_of(standing: Standing) -> Plan:
    """The week that holds the standing's `today`, of its items (from `items_of_week`); in two more statements."""
    team, today = standing.team, standing.today
    items = standing.stock.items.values()
    people, known = seats_of(team, {item.owner_id for item in items if item.owner_id is not None})
    give_owners(items, known.values())
    found = standing.once("week", lambda: _sorted(standing))
    return Plan(
        team.slug,
        Week.of(today),
        today,
        found.sections,
        found.asking,
        found.committed,
        found.promises,
        found.carried,
        people,
        {m.user.email: m.user.get_short_name() for m in people},
        standing.stock,
    )


def _sorted(standing: Standing) -> _Sorted:
    team, rows = standing.team, standing.rows
    promises = {pk: promise for pk, row in rows.items() if (promise := promise_of(row.item)) is not None}
    over = {pk: n for pk, row in rows.items() if (n := vars(row.item)["carried"])}
    tasks = (_task(row, promises.get(pk), team, pk in over) for pk, row in rows.items())
    week = this_week(tasks, standing.today)
    return _Sorted(
        {name: [rows[int(task.id)] for task in some] for name, some in week.sections.items() if name in TITLES},
        [rows[int(task.id)] for task in week.asking],
        next((Decimal(str(p["capacity"])) for row in rows.values() if (p := said(row.item, "pledge"))), None),
        promises,
        over,
    )


def _task(row: Row, promise: Promise | None, team: Team, carried: bool) -> Task:
    settled = row.item.settled_at
    done = settled.astimezone(zone_of(team)).date() if settled and row.done else None
    return Task(
        row.item.pk,
        Priority(row.item.priority),
        due=row.item.due,
        done=done,
        came_back=row.back,
        committed=promise is not None and promise.outcome != Outcome.DROPPED,
        carried=carried and promise is None,
        dropped=promise is not None and promise.outcome == Outcome.DROPPED,
        hours=row.hours or Decimal(0),
    )


# What a row tells


def rows_of(plan: Plan, *, may_edit: bool, may_lead: bool, wanted: str = "") -> list[dict[str, Any]]:
    """The sections that hold anything, as the template lists them: some rows of each, or one that is `wanted` whole."""
    every = {name: plan.sections.get(name, ()) for name in TITLES}
    shown = {key: rows[: MOST if wanted else SHOWN] for key, rows in every.items() if rows and wanted in ("", key)}
    plan = replace(plan, told=told_of([row for rows in shown.values() for row in rows], plan.stock, plan.names))
    return [
        section_of(key, TITLES[key](), [_shown(row, plan, key, may_edit, may_lead) for row in rows], len(every[key]))
        for key, rows in shown.items()
    ]


def section_of(key: str, title: str, rows: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    """A section as the template lists it, with what it leaves out."""
    return {"key": key, "title": title, "rows": rows, "total": total, "more": total - len(rows)}


def _shown(row: Row, plan: Plan, section: str, may_edit: bool, may_lead: bool) -> dict[str, Any]:
    item, promise = row.item, plan.promises.get(row.item.pk)
    proven = row.state is State.PROVEN
    running = promise is not None and not promise.outcome and not row.done
    drop = address("remediation:drop_promise", plan.slug, promise.pk) if may_lead and promise and running else ""
    return {
        "priority": "" if proven else item.priority,
        "state": row.state,
        "title": translated(item.title),
        "url": address("remediation:item", item.pk),
        "owner": str(item.owner) if item.owner else "",
        "due": None if row.done else item.due,
        "overdue": row.overdue,
        "note": _note(row, plan, promise),
        "action": _action(row, may_edit),
        "drop": drop,
        "move": address("remediation:item_move", item.pk) if may_edit and not row.done else "",
        **({"total": 0} if section == Section.DONE else bar(row)),
    }


def _note(row: Row, plan: Plan, promise: Promise | None) -> str:
    """What is said of a row: why it was dropped, or how it stands; and how often it was carried over."""
    if promise is not None and promise.outcome == Outcome.DROPPED:
        who = plan.names.get(promise.dropped_by, promise.dropped_by.partition("@")[0])
        return _("dropped by %(who)s: %(why)s") % {"who": who, "why": promise.why}
    said = plan.told.get(row.item.pk) or note(row, plan.names)
    over = "" if row.done else times(plan.carried.get(row.item.pk, 0))
    return listed([part for part in (said, over) if part])


def _action(row: Row, may_edit: bool) -> dict[str, str] | None:
    pk = row.item.pk
    if row.state is State.PROVEN:
        return {"url": f"{address('remediation:item', pk)}#history", "label": _("Evidence")}
    if not may_edit or row.done:
        return None
    if row.attestable and row.state is not State.PARTIAL:
        return {"url": address("remediation:item_attest", pk), "label": _("Attest")}
    return None


# What stands above the sections


def counts(plan: Plan, team: Team, owned: Owned) -> dict[str, dict[str, Any]]:
    """The figures of the first line, each with the way to the rows it counts, where there are any."""
    below = {"overdue": Section.OVERDUE, "due": Section.DUE, "returned": Section.CAME_BACK}
    found = {name: plan.count(section) for name, section in below.items()}
    return {
        **{name: {"n": n, "url": f"#{below[name]}" if n else ""} for name, n in found.items()},
        "new": {"n": new_findings(plan, team, owned), "url": findings_url(team, state="open", owner="none", age="7")},
    }


def new_findings(plan: Plan, team: Team, owned: Owned) -> int:
    """How many open findings of the last seven days nobody took yet. An item's owner has what is on it."""
    owners = {pk for pk, item in plan.stock.items.items() if item.settled_at is None and item.owner_id is not None}
    held: dict[tuple[int, str], set[bool]] = defaultdict(set)
    for one in plan.stock.alike:
        if one.state == "open":
            held[one.rule_id, one.priority].add(not owners.isdisjoint(one.items))
    found = [(n, mine, held[rule, priority]) for (mine, rule, priority), n in plan.stock.fresh.items()]
    if any(len(both) > 1 or (True in both and not mine) for _n, mine, both in found):
        return _asked_one_by_one(team, owned)
    return sum(n for n, _mine, both in found if True not in both)


def _asked_one_by_one(team: Team, owned: Owned) -> int:
    fresh = (
        Finding.objects.seen_from(owned.components, owned.others).open().filter(first_seen_at__gte=timezone.now() - NEW)
    )
    return with_holder(fresh, [team.pk]).filter(holder=None).count()


def load(plan: Plan) -> list[dict[str, Any]]:
    """Whose hours this week's work asks for: what is overdue, due, promised and was done."""
    rows = [*plan.asking, *plan.sections.get(Section.DONE, ())]
    people = {m.user.pk: m.capacity for m in plan.people}
    found = loads(((row.item.owner_id, row.hours) for row in rows), people)
    return load_rows(found, {m.user.pk: str(m.user) for m in plan.people})


def capacity(plan: Plan) -> dict[str, Decimal] | None:
    """The team's hours of the week, and what is left of them after what is asked and what was done."""
    if not plan.capacity:
        return None
    done = sum((row.hours or Decimal(0) for row in plan.sections.get(Section.DONE, ())), Decimal(0))
    asked = sum((row.hours or Decimal(0) for row in plan.asking), Decimal(0))
    left = plan.capacity - asked - done
    sums = {"left": max(left, Decimal(0)), "over": max(-left, Decimal(0))}
    return sums | {"asked": asked + done, "total": plan.capacity}


def promise_sentence(plan: Plan, team: Team) -> str:
    """What was promised for this week and what came of it so far; "" before anything is promised."""
    if not plan.promises:
        return ""
    over = start_of(plan.week.shift(1).start, team)
    rows = [(Outcome(p.outcome) if p.outcome else outcome(fate_of(p.item), over, running=True), p.added)
            for p in plan.promises.values()]  # fmt: skip
    return in_words(result(rows))
