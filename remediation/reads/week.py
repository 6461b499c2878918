"""The page of a week: what is asked of a team, what came back, what was proven; of a week that is over, what became
of its promise.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.types import Priority
from findings.models import Evidence, Finding, Membership, Team
from findings.templatetags.nova import shortsha
from findings.words import listed, translated
from remediation.core.planning import Section, Task, Week, this_week
from remediation.core.progress import State
from remediation.models import Promise
from remediation.models import Week as Commitment
from remediation.reads.digest import zone_of
from remediation.reads.due import with_holder
from remediation.reads.items import Row, bar, items_of, note, row_of
from remediation.reads.team import findings_url, start_of

NEW = timedelta(days=7)
TITLES = {
    Section.OVERDUE: lambda: _("Overdue"),
    Section.DUE: lambda: _("This week"),
    Section.CAME_BACK: lambda: _("Came back"),
    Section.DONE: lambda: _("Settled since Monday"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A week of a team: rows by section, the hours still asked for, and what was committed."""

    week: Week
    today: date
    sections: Mapping[Section, Sequence[Row]]
    asked: Decimal
    commitment: Commitment | None
    promised: frozenset[int]
    names: Mapping[str, str]
    capacity: Decimal
    told: Mapping[int, str] = field(default_factory=dict)

    def count(self, section: Section) -> int:
        """How many rows a section has."""
        return len(self.sections.get(section, ()))


def plan_of(team: Team, today: date) -> Plan:
    """The week that holds `today`, in a constant number of statements."""
    week = Week.of(today)
    monday = start_of(week.start, team)
    commitment = Commitment.objects.filter(team=team, year=week.year, number=week.number).first()
    promised = frozenset(Promise.objects.filter(week=commitment).values_list("item_id", flat=True))
    rows = {
        item.pk: row_of(item, today) for item in items_of(team).filter(Q(settled_at=None) | Q(settled_at__gte=monday))
    }
    sorted_out = this_week((_task(row, promised, team) for row in rows.values()), today)
    sections = {
        name: [rows[int(task.id)] for task in tasks] for name, tasks in sorted_out.sections.items() if name in TITLES
    }
    people = list(Membership.objects.people().filter(team=team).select_related("user"))
    return Plan(
        week,
        today,
        sections,
        sorted_out.hours,
        commitment,
        promised,
        {m.user.email: m.user.get_short_name() for m in people},
        commitment.capacity if commitment else sum((m.capacity for m in people), Decimal(0)),
        {**_returned(row for row in rows.values() if row.back), **_settled(sections.get(Section.DONE, ()))},
    )


def _task(row: Row, promised: frozenset[int], team: Team) -> Task:
    settled = row.item.settled_at
    done = settled.astimezone(zone_of(team)).date() if settled and row.done else None
    return Task(
        row.item.pk,
        Priority(row.item.priority),
        due=row.item.due,
        done=done,
        came_back=row.back,
        committed=row.item.pk in promised,
        hours=row.hours or Decimal(0),
    )


# What a row tells


def rows_of(plan: Plan, *, may_edit: bool) -> list[dict[str, Any]]:
    """The sections that hold anything, as the template lists them."""
    return [
        {"key": name, "title": title(), "rows": [_shown(row, plan, name, may_edit) for row in plan.sections[name]]}
        for name, title in TITLES.items()
        if plan.sections.get(name)
    ]


def _shown(row: Row, plan: Plan, section: Section, may_edit: bool) -> dict[str, Any]:
    item = row.item
    proven = row.state is State.PROVEN
    return {
        "priority": "" if proven else item.priority,
        "state": row.state,
        "title": translated(item.title),
        "url": item.get_absolute_url(),
        "owner": str(item.owner) if item.owner else "",
        "due": None if row.done else item.due,
        "overdue": row.overdue,
        "note": plan.told.get(item.pk) or note(row, plan.names),
        "action": _action(row, may_edit),
        **({"total": 0} if section is Section.DONE else bar(row)),
    }


def _action(row: Row, may_edit: bool) -> dict[str, str] | None:
    pk = row.item.pk
    if row.state is State.PROVEN:
        return {"url": f"{row.item.get_absolute_url()}#history", "label": _("Evidence")}
    if not may_edit or row.done:
        return None
    if row.attestable and row.state is not State.PARTIAL:
        return {"url": reverse("remediation:item_attest", args=[pk]), "label": _("Attest")}
    return None


def _returned(rows: Iterable[Row]) -> dict[int, str]:
    """By item: which commit brought it back, whose, and how long it had been fixed."""
    items = [row.item.pk for row in rows]
    proofs = Evidence.objects.filter(finding__placements__item__in=items, finding__state="open").order_by("id")
    last: dict[int, dict[bool, Evidence]] = defaultdict(dict)
    for proof in proofs.annotate(item=F("finding__placements__item")):
        last[proof.item][proof.closes] = proof
    return {item: _came_back(found[False], found.get(True)) for item, found in last.items() if False in found}


def _came_back(broken: Evidence, fixed: Evidence | None) -> str:
    who = broken.author.partition(" <")[0]
    said = {"commit": shortsha(broken.commit), "subject": broken.subject, "who": who}
    text = _("reopened by %(commit)s “%(subject)s” (%(who)s)") % said if who else _("reopened by %(commit)s") % said
    if fixed is None:
        return text
    days = max((broken.at - fixed.at).days, 0)
    return listed([text, ngettext("fixed for %d day", "fixed for %d days", days) % days])


def _settled(rows: Iterable[Row]) -> dict[int, str]:
    """By item: the commit that proved it and how many files it took, or whose word settled it."""
    listed = list(rows)
    files: dict[int, set[str]] = defaultdict(set)
    proofs = Evidence.objects.filter(
        closes=True, finding__state="fixed", finding__placements__item__in=[row.item.pk for row in listed]
    )
    for item, path in proofs.values_list("finding__placements__item", "path"):
        files[item].add(path)
    return {row.item.pk: _how(row, len(files[row.item.pk] - {""})) for row in listed}


def _how(row: Row, files: int) -> str:
    item = row.item
    if row.state is State.PROVEN:
        commit = shortsha(item.settled_commit)
        return listed([commit, ngettext("%d file", "%d files", files) % files]) if files else commit
    if row.state is State.ATTESTED:
        return _("attested by %s") % item.attested_by.partition("@")[0]
    return _("everything on it was accepted")


# What stands above the sections


def counts(plan: Plan, team: Team) -> dict[str, dict[str, Any]]:
    """The figures of the first line, each with the way to the rows it counts, where there are any."""
    below = {"overdue": Section.OVERDUE, "due": Section.DUE, "returned": Section.CAME_BACK}
    found = {name: plan.count(section) for name, section in below.items()}
    return {
        **{name: {"n": n, "url": f"#{below[name]}" if n else ""} for name, n in found.items()},
        "new": {"n": new_findings(team), "url": findings_url(team, state="open", owner="none", age="7")},
    }


def new_findings(team: Team) -> int:
    """How many open findings of the last seven days nobody took yet."""
    fresh = Finding.objects.of_team(team.pk).open().filter(first_seen_at__gte=timezone.now() - NEW)
    return with_holder(fresh, [team.pk]).filter(holder=None).count()


def capacity(plan: Plan) -> dict[str, Decimal] | None:
    """The team's hours of the week, and what is left of them after what is asked and what was done."""
    if not plan.capacity:
        return None
    done = sum((row.hours or Decimal(0) for row in plan.sections.get(Section.DONE, ())), Decimal(0))
    left = plan.capacity - plan.asked - done
    sums = {"left": max(left, Decimal(0)), "over": max(-left, Decimal(0))}
    return sums | {"asked": plan.asked + done, "total": plan.capacity}


def promise_sentence(plan: Plan) -> str:
    """What was promised for this week and how much of it is kept; "" before anything is promised."""
    if plan.commitment is None:
        return ""
    kept = sum(row.item.pk in plan.promised for row in plan.sections.get(Section.DONE, ()))
    return _("%(kept)d of %(n)d promised items are kept.") % {"kept": kept, "n": len(plan.promised)}


# Another week


def other_week(team: Team, week: Week, today: date) -> list[dict[str, Any]]:
    """A week that is over: what was promised, kept or not, and what else was settled. One to come: what is due."""
    first, after = start_of(week.start, team), start_of(week.shift(1).start, team)
    inside = Q(settled_at__gte=first, settled_at__lt=after)
    if week > Week.of(today):
        rows = _rows(items_of(team).filter(settled_at=None, due__range=(week.start, week.end)), today)
        return _section("due", _("Due in this week"), rows)
    promised = items_of(team).filter(weeks__year=week.year, weeks__number=week.number, weeks__team=team)
    kept = _rows(promised.filter(settled_at__lt=after), today)
    missed = _rows(promised.exclude(settled_at__lt=after), today)
    others = _rows(items_of(team).filter(inside).exclude(pk__in=[r.item.pk for r in kept]), today)
    return [
        *_section("missed", _("Promised, and not kept"), missed),
        *_section("kept", _("Promised and kept"), kept),
        *_section("done", _("Also settled"), others),
    ]


def _rows(items: Iterable[Any], today: date) -> list[Row]:
    return [row_of(item, today) for item in items]


def _section(key: str, title: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    told = _settled(row for row in rows if row.done)
    shown = [
        {
            "priority": "" if row.state is State.PROVEN else row.item.priority,
            "state": row.state,
            "title": translated(row.item.title),
            "url": row.item.get_absolute_url(),
            "owner": str(row.item.owner) if row.item.owner else "",
            "due": row.item.due,
            "overdue": row.overdue,
            "note": told.get(row.item.pk, ""),
            **({"total": 0} if row.done else bar(row)),
        }
        for row in rows
    ]
    return [{"key": key, "title": title, "rows": shown}] if shown else []


def other_sentence(sections: Sequence[dict[str, Any]]) -> str:
    """Another week in one line."""
    counts = {section["key"]: len(section["rows"]) for section in sections}
    if "due" in counts:
        return ngettext("%d item is due in this week.", "%d items are due in this week.", counts["due"]) % counts["due"]
    kept, missed = counts.get("kept", 0), counts.get("missed", 0)
    if kept or missed:
        return _("%(kept)d of %(n)d promised items were kept.") % {"kept": kept, "n": kept + missed}
    return _("Nothing was promised for this week.")
