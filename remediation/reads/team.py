"""A team's grade as it stands today: why, since when, and the cheapest way to a better one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, Subquery, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Component, Finding, Repository, Team
from findings.words import full_stop, listed, paragraph, translated
from remediation.clock import day_of, start_of
from remediation.core import grading
from remediation.core.cheapest import Fix, Path, nearest_path, one_by_one
from remediation.core.grading import UNGRADED, CapName, Problem, strict_grade, what_if
from remediation.core.planning import Week
from remediation.models import Grade, Item
from remediation.reads.addresses import address
from remediation.reads.bunches import Known, known_of
from remediation.reads.items import effort
from remediation.reads.moved import CAPS, figure, points, why
from remediation.reads.problems import problems_of
from remediation.reads.rows import items_of
from remediation.reads.stock import Stock, stock_of

UNKNOWN_EFFORT = Decimal(2)
SHOWN_STEPS = 12


def today_of(team: Team) -> date:
    """The date where the team is."""
    return day_of(team, timezone.now())


@dataclass(frozen=True, slots=True)
class Owned:
    """What a team owns: the keys of its components, those of others in the same repositories, and these."""

    components: list[int]
    others: list[int]
    repositories: list[Repository]

    @property
    def scanned(self) -> bool:
        """Whether every one of the repositories was scanned to the end at least once."""
        return bool(self.repositories) and all(r.proven_commit for r in self.repositories)

    @property
    def proven(self) -> dict[str, object] | None:
        """The commit that the team's pages speak of: that of its repository scanned last. None before any scan."""
        done = [r for r in self.repositories if r.proven_at is not None]
        last = max(done, key=lambda r: (r.proven_at, r.pk), default=None)
        if last is None:
            return None
        return {"at": last.proven_at, "commit": last.proven_commit, "url": last.get_absolute_url()}


def owned_by(team: Team) -> Owned:
    """Read it, in one query."""
    ours = Component.objects.filter(team=team).values("repository")
    parts = list(Component.objects.filter(repository__in=ours).select_related("repository").order_by("pk"))
    own = [part.pk for part in parts if part.team_id == team.pk]
    others = [part.pk for part in parts if part.team_id != team.pk]
    return Owned(own, others, list({part.repository_id: part.repository for part in parts}.values()))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a team's plan and problems, and its grade today; `before` = its last grade before this week
    (none: ungraded). `grades` are rows of before, oldest first, that one among them.
    """

    owned: Owned
    team: Team
    today: date
    stock: Stock
    known: Known
    grade: grading.Grade
    before: grading.Grade
    grades: Sequence[Grade]

    @property
    def stored(self) -> Grade | None:
        """The row of its last grade before this week."""
        monday = start_of(Week.of(self.today).start, self.team)
        return next((row for row in reversed(self.grades) if row.at < monday), None)

    @property
    def problems(self) -> list[Problem]:
        """Those that the grade can feel."""
        return self.known.problems

    @property
    def change(self) -> Decimal | None:
        """Points since Monday; None where that cannot be said."""
        if self.grade.score is None or self.before.score is None or self.before.formula != self.grade.formula:
            return None
        return self.grade.score - self.before.score


def standing(
    team: Team,
    today: date,
    items: Iterable[Item] | None = None,
    *,
    fresh: datetime | None = None,
    grades: date | None = None,
) -> Standing:
    """Read it, in a constant number of statements; `items`: those of the team with more than a grade asks for. What
    came since `fresh` and all grades since `grades` are read where they are wanted.
    """
    owned = owned_by(team)
    stock = stock_of(items_of(team) if items is None else items, owned.components, owned.others, today, fresh)
    known = known_of(team, owned.components, today, stock)
    now = grading.grade(known.problems, today=today, scanned=owned.scanned)
    found = Standing(owned, team, today, stock, known, now, UNGRADED, _grades(team, today, grades))
    row = found.stored
    return replace(found, before=grading.Grade(row.score, row.letter, formula=row.formula)) if row else found


def _grades(team: Team, today: date, first: date | None) -> list[Grade]:
    """The last one before this week, and all since a day if one is given; then that one is `whole`, with all parts."""
    rows = Grade.objects.of(f"team:{team.pk}").defer("parts", "caps")
    before = rows.filter(at__lt=start_of(Week.of(today).start, team)).reverse()
    if first is None:
        return list(before[:1])
    last = Q(pk=Subquery(before.values("pk")[:1]))
    whole = Case(When(last, then=JSONObject(parts="parts", caps="caps")))
    return list(rows.filter(Q(at__gte=start_of(first, team)) | last).annotate(whole=whole))


def named(s: Standing) -> grading.Grade:
    """The same grade with its parts and caps by finding, each read."""
    return grading.grade(problems_of(s.team, s.today).problems, today=s.today, scanned=s.owned.scanned)


# In words


def mark(s: Standing) -> dict[str, object] | None:
    """The grade as components/grade.html shows it; None before the first complete scan."""
    if s.grade.score is None:
        return None
    was = f"{s.before.letter} {figure(s.before.score)}" if s.before.score is not None else ""
    change = s.change
    return {
        "letter": s.grade.letter,
        "score": figure(s.grade.score),
        "change": points(change) if change is not None else None,
        "was": was,
    }


def sentence(s: Standing) -> str:
    """The grade, how it moved since Monday, and why: "C, 68. Up 11 since Monday: 2 P0 proven (+14), …"."""
    if s.grade.score is None:
        return _("No grade yet: it takes one complete scan of every repository the team owns a part of.")
    start = full_stop(listed([s.grade.letter, figure(s.grade.score)]))
    if s.change is None:
        return paragraph([start, _("There is no grade of last week to compare it with.")])
    if not s.change:
        return paragraph([start, _("As it was on Monday.")])
    moved = _("Up %(points)s since Monday: %(why)s.") if s.change > 0 else _("Down %(points)s since Monday: %(why)s.")
    return paragraph([start, moved % {"points": figure(s.change), "why": listed(why(s.team, s.today, s.stored))}])


def shadow(s: Standing) -> str:
    """The grade without acceptances and moved dates, where it is another one; "" otherwise."""
    plain = strict_grade(s.problems, today=s.today, scanned=s.grade.score is not None)
    if plain.score is None or plain.score == s.grade.score:
        return ""
    said = {"letter": plain.letter, "score": figure(plain.score)}
    return _("without acceptances and moved dates: %(letter)s, %(score)s") % said


# What makes the score


def findings_url(team: Team, **filters: str) -> str:
    """The findings list of a team, filtered: the rows behind a number."""
    return f"{reverse('remediation:findings')}?{urlencode({'team': team.slug, **filters})}"


def reasons(s: Standing) -> list[dict[str, Any]]:
    """A row for each rule and each cap, costliest first; 100 and their points add up to the score."""
    counts: dict[str, tuple[int, Decimal]] = {}
    for part in s.grade.parts:
        _n, total = counts.get(part.rule, (0, Decimal(0)))
        counts[part.rule] = (s.known.rules[part.rule], total - part.points)
    titles = s.known.titles
    rows: list[dict[str, Any]] = [
        {
            "title": translated(titles.get(rule, rule)) if rule else _("No score is below zero"),
            "url": findings_url(s.team, state="open", rule=rule) if rule else "",
            "count": n if rule else None,
            "points": points(total),
        }
        for rule, (n, total) in sorted(counts.items(), key=lambda row: (not row[0], row[1][1], row[0]))
    ]
    return rows + [_cap_row(s, cap) for cap in s.grade.caps if cap.points]


def _cap_row(s: Standing, cap: grading.Cap) -> dict[str, Any]:
    which = {"priority": "P1" if cap.name is CapName.OVERDUE_P1 else "P0"}
    if cap.name is not CapName.OPEN_P0:
        which["due"] = "overdue"
    return {
        "title": CAPS[cap.name](),
        "url": findings_url(s.team, state="open", **which),
        "count": s.known.caps[cap.name],
        "points": points(-cap.points),
    }


# The way to a better one


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


def next_path(s: Standing, steps: Mapping[str, Step]) -> Path | None:
    """The cheapest path to the next better letter; None where there is none, or no grade."""
    if s.grade.score is None:
        return None
    return nearest_path(tuple(s.problems), tuple(step.fix for step in steps.values()), s.today)


def short_path(s: Standing) -> dict[str, object] | None:
    """The path in one line: how many items, how many hours, to which letter, and where it is spelt out."""
    path = next_path(s, steps_of(s))
    if path is None:
        return None
    url = f"{reverse('remediation:team', args=[s.team.slug])}#path"
    return {"items": len(path.fixes), "hours": path.hours, "letter": path.letter, "url": url}


def chosen_path(s: Standing, chosen: Collection[str] | None) -> dict[str, object] | None:
    """The path with its steps, and what the grade would be with the `chosen` ones done (None: the path's own)."""
    steps = steps_of(s)
    path = next_path(s, steps)
    if path is None:
        return None
    ticked = {str(name) for name in path.fixes} if chosen is None else set(chosen) & set(steps)
    settled = {pk for name in ticked for pk in steps[name].fix.problems}
    then = what_if(s.problems, settled, today=s.today)
    hours = sum((steps[name].fix.hours for name in ticked), Decimal(0))
    return {
        "letter": path.letter,
        "action": reverse("remediation:team", args=[s.team.slug]),
        "result": _result(then, len(ticked), hours),
        "steps": [_step_row(step, ticked) for step in _offered(steps, path, ticked)],
    }


def _offered(steps: Mapping[str, Step], path: Path, ticked: Collection[str]) -> Iterable[Step]:
    """The path's own steps first, then what is ticked, then what weighs most."""
    order = sorted(steps.values(), key=lambda t: (t.id not in path.fixes, t.id not in ticked, -t.points, t.id))
    return order[: max(SHOWN_STEPS, len(set(path.fixes) | set(ticked)))]


def _step_row(step: Step, ticked: Collection[str]) -> dict[str, object]:
    return {
        "pk": step.id,
        "title": step.title,
        "url": step.url,
        "hours": step.fix.hours,
        "points": points(step.points),
        "checked": step.id in ticked,
    }


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
