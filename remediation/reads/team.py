"""A team's grade as it stands today: why, since when, and the cheapest way to a better one."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from findings.models import Finding, Team
from findings.words import full_stop, listed, paragraph, translated
from remediation.clock import day_of, start_of
from remediation.core import grading
from remediation.core.cheapest import Fix, Path, nearest_path, one_by_one
from remediation.core.grading import UNGRADED, CapName, Problem, strict_grade, what_if
from remediation.core.planning import Week
from remediation.models import Item
from remediation.reads.addresses import address
from remediation.reads.bunches import Known, known_of
from remediation.reads.items import Row, effort, row_of
from remediation.reads.kept import Kept
from remediation.reads.moved import CAPS, Past, figure, points, why
from remediation.reads.problems import problems_of
from remediation.reads.rows import Asked, items_of
from remediation.reads.stock import Stock, counts_of, stock_of

UNKNOWN_EFFORT = Decimal(2)
SHOWN_STEPS = 12
Made = TypeVar("Made")


def today_of(team: Team) -> date:
    """The date where the team is."""
    return day_of(team, timezone.now())


class Scanned(NamedTuple):
    """A repository, and what of it was last scanned to the end."""

    key: int
    slug: str
    commit: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Owned:
    """What a team owns: the keys of its components, those of others in the same repositories, and these."""

    components: list[int]
    others: list[int]
    repositories: list[Scanned]

    @property
    def scanned(self) -> bool:
        """Whether every one of the repositories was scanned to the end at least once."""
        return bool(self.repositories) and all(r.commit for r in self.repositories)

    @property
    def proven(self) -> dict[str, object] | None:
        """The commit that the team's pages speak of: that of its repository scanned last. None before any scan."""
        done = [(r.at, r.key, r) for r in self.repositories if r.at is not None]
        if not done:
            return None
        at, _key, last = max(done)
        return {"at": at, "commit": last.commit, "url": address("findings:repository", last.slug)}


OWNED = """
SELECT c.id, c.team_id, r.id, r.slug, r.proven_commit, r.proven_at
FROM findings_component c JOIN findings_repository r ON r.id = c.repository_id
WHERE r.id IN (SELECT repository_id FROM findings_component WHERE team_id = %s) ORDER BY c.id
"""


def owned_by(team: Team) -> Owned:
    """Read it, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED, [team.pk])
        parts = [(part, owner, Scanned(*row)) for part, owner, *row in cursor.fetchall()]
    own = [part for part, owner, _repository in parts if owner == team.pk]
    others = [part for part, owner, _repository in parts if owner != team.pk]
    return Owned(own, others, list({repository.key: repository for _part, _owner, repository in parts}.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Reckoned:
    """What follows from a team's items and counts; `more`: what was made of it since, for each language."""

    stock: Stock
    known: Known
    grade: grading.Grade
    more: dict[tuple[str, str | None], Any] = field(default_factory=dict)


RECKONED = Kept[Reckoned](32)  # by team and what is asked of its items


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a team's plan and problems, and its grade today; `before` = its last grade before this week
    (none: ungraded). `grades` are rows of before, oldest first, that one among them.
    """

    owned: Owned
    team: Team
    today: date
    reckoned: Reckoned
    before: grading.Grade
    grades: Sequence[Past]

    @property
    def stock(self) -> Stock:
        """Its items and counts."""
        return self.reckoned.stock

    @property
    def known(self) -> Known:
        """Its problems."""
        return self.reckoned.known

    @property
    def grade(self) -> grading.Grade:
        """Today's."""
        return self.reckoned.grade

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Something that follows from team, items and counts alone: made once for all who read it while they stand."""
        key = name, get_language()
        if key not in self.reckoned.more:
            self.reckoned.more[key] = make()
        found: Made = self.reckoned.more[key]
        return found

    @property
    def rows(self) -> dict[int, Row]:
        """The items with their progress, by key."""
        return self.once("rows", lambda: {pk: row_of(item, self.today) for pk, item in self.stock.items.items()})

    @property
    def stored(self) -> Past | None:
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
    items: Asked | None = None,
    *,
    fresh: datetime | None = None,
    grades: date | None = None,
) -> Standing:
    """Read it, in a constant number of statements; `items`: those of the team with more than a grade asks for. What
    came since `fresh` and all grades since `grades` are read where they are wanted.
    """
    owned, asked = owned_by(team), items or items_of()
    rows = asked.rows(team)
    counted = counts_of(rows.keys, owned.components, owned.others, today, fresh)
    about = {name: value for name, value in vars(team).items() if not name.startswith("_")}

    def reckon() -> tuple[Reckoned, bool]:
        stock = stock_of(rows.items(), counted)
        known = known_of(team, owned.components, today, stock)
        grade = grading.grade(known.problems, today=today, scanned=owned.scanned)
        return Reckoned(stock, known, grade), known.by_counts

    made_of = (about, today, owned.components, owned.scanned, rows, counted)
    reckoned = RECKONED.of((team.pk, asked.name, fresh is None), made_of, reckon)
    found = Standing(owned, team, today, reckoned, UNGRADED, _grades(team, today, grades))
    row = found.stored
    return replace(found, before=grading.Grade(row.score, row.letter, formula=row.formula)) if row else found


# The last one of each day since the `first`, and the last one before this week, with all that explains it.
GRADES = """
SELECT g.at, g.letter, g.score, g.formula, g.open_p0, g.open_p1, g.open_p2,
    CASE WHEN g.id = before.id THEN json_build_object('parts', g.parts, 'caps', g.caps)::text END
FROM (
    SELECT id FROM remediation_grade WHERE subject = %(subject)s AND at < %(monday)s ORDER BY at DESC, id DESC LIMIT 1
) before FULL JOIN (
    SELECT DISTINCT ON ((at AT TIME ZONE %(zone)s)::date) id FROM remediation_grade
    WHERE subject = %(subject)s AND at >= %(first)s ORDER BY (at AT TIME ZONE %(zone)s)::date, at DESC, id DESC
) day ON day.id = before.id JOIN remediation_grade g ON g.id = coalesce(before.id, day.id) ORDER BY g.at, g.id
"""


def _grades(team: Team, today: date, first: date | None) -> list[Past]:
    """The last one before this week, and that of each day since a `first` one."""
    values = {
        "subject": f"team:{team.pk}",
        "monday": start_of(Week.of(today).start, team),
        "first": start_of(first, team) if first else None,
        "zone": str(zone_of(team)),
    }
    with connection.cursor() as cursor:
        cursor.execute(GRADES, values)
        return [Past(*row) for row in cursor.fetchall()]


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
    plain = s.once("plain", lambda: strict_grade(s.problems, today=s.today, scanned=s.grade.score is not None))
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
    return s.once("reasons", lambda: _reasons(s))


def _reasons(s: Standing) -> list[dict[str, Any]]:
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
