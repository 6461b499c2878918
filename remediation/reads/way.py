"""The cheapest way to a better grade: its steps, and what the grade would be with some of them done."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.core.same import Same
from findings.models import Finding
from findings.words import translated
from remediation.core import grading
from remediation.core.cheapest import Fix, Path, nearest_path, one_by_one
from remediation.core.grading import what_if
from remediation.models import Item
from remediation.reads.addresses import address
from remediation.reads.items import effort
from remediation.reads.marks import figure, points
from remediation.reads.team import Standing

UNKNOWN_EFFORT = Decimal(2)
SHOWN_STEPS = 12  # of the path that stand open on the page


@dataclass(frozen=True, slots=True)
class Step:
    """Work that would settle problems: an item of the plan, or a finding that is on no item."""

    id: str
    title: str
    url: str
    fix: Fix
    points: Decimal


def steps_of(s: Standing) -> dict[str, Step]:
    """Everything that could be done about the grade, by id ("item:3", "finding:8")."""
    return s.once("steps", lambda: _steps(s))


def _steps(s: Standing) -> dict[str, Step]:
    cost = {p.problem: p.points for p in s.grade.parts if p.problem is not None}
    counted = [p for p in s.problems if p.counts]
    settles, items = s.known.settles, s.stock.items
    placed = {f for findings in settles.values() for f in findings}
    loose = one_by_one([p for p in counted if p.id not in placed], {}, UNKNOWN_EFFORT)
    titles = Finding.objects.in_bulk([fix.id for fix in loose]) if loose else {}
    rows: list[tuple[str, Item | Finding, Collection[grading.Id], Decimal]] = [
        (f"item:{pk}", items[pk], settles[pk], _hours(items[pk])) for pk in settles
    ]
    rows += [(f"finding:{fix.id}", titles[fix.id], fix.problems, fix.hours) for fix in loose]
    return {
        name: Step(
            name,
            translated(thing.title),
            address(f"remediation:{name.partition(':')[0]}", thing.pk),
            Fix(name, frozenset(found), hours),
            sum((cost.get(pk, Decimal(0)) for pk in found), Decimal(0)),
        )
        for name, thing, found, hours in rows
    }


def _hours(item: Item) -> Decimal:
    known = effort(item)
    return UNKNOWN_EFFORT if known is None else known


def next_path(s: Standing) -> Path | None:
    """The cheapest path to the next better letter; None where there is none, or no grade."""
    if s.grade.score is None:
        return None
    fixes = tuple(step.fix for step in steps_of(s).values())
    return s.once("path", lambda: nearest_path(tuple(s.problems), fixes, s.today))


def short_path(s: Standing) -> dict[str, object] | None:
    """The path in one line: how many items, how many hours, to which letter, and where it is spelt out."""
    path = next_path(s)
    if path is None:
        return None
    url = f"{reverse('remediation:team', args=[s.team.slug])}#path"
    return {"items": len(path.fixes), "hours": path.hours, "letter": path.letter, "url": url}


def chosen_path(s: Standing, chosen: Collection[str] | None) -> dict[str, object] | None:
    """The path with its steps, and what the grade would be with the `chosen` ones done (None: the path's own)."""
    return s.once("chosen path", lambda: _chosen_path(s, None)) if chosen is None else _chosen_path(s, chosen)


def _chosen_path(s: Standing, chosen: Collection[str] | None) -> dict[str, object] | None:
    steps = steps_of(s)
    path = next_path(s)
    if path is None:
        return None
    ticked = {str(name) for name in path.fixes} if chosen is None else set(chosen) & set(steps)
    settled = {pk for name in ticked for pk in steps[name].fix.problems}
    then = what_if(s.problems, settled, today=s.today)
    hours = sum((steps[name].fix.hours for name in ticked), Decimal(0))
    rows = [_step_row(step, ticked) for step in _offered(steps, path, ticked)]
    return {
        "letter": path.letter,
        "action": reverse("remediation:team", args=[s.team.slug]),
        "result": _result(then, len(ticked), hours),
        "steps": rows[:SHOWN_STEPS],
        "further": rows[SHOWN_STEPS:],
        "unfolded": chosen is not None,
    }


def _offered(steps: Mapping[str, Step], path: Path, ticked: Collection[str]) -> Iterable[Step]:
    """The path's own steps first, then what is ticked, then what weighs most."""
    order = sorted(steps.values(), key=lambda t: (t.id not in path.fixes, t.id not in ticked, -t.points, t.id))
    return order[: max(SHOWN_STEPS, len(set(path.fixes) | set(ticked)))]


def _step_row(step: Step, ticked: Collection[str]) -> Mapping[str, object]:
    return Same(
        pk=step.id,
        title=step.title,
        url=step.url,
        hours=step.fix.hours,
        points=points(step.points),
        checked=step.id in ticked,
    )


def _result(then: grading.Grade, n: int, hours: Decimal) -> str:
    if not n or then.score is None:
        return _("Tick what would be done.")
    said = {"n": n, "hours": figure(hours), "letter": then.letter, "score": figure(then.score)}
    return (
        ngettext(
            "%(n)d item, about %(hours)s h: %(letter)s, %(score)s",
            "%(n)d items, about %(hours)s h: %(letter)s, %(score)s",
            n,
        )
        % said
    )
