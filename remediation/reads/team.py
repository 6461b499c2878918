"""A team's grade as it stands today: why, since when, and the cheapest way to a better one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from findings.core.same import Same
from findings.models import Team
from findings.steady import steady
from findings.words import translated
from remediation.clock import day_of, start_of, zone_of
from remediation.core import grading
from remediation.core.grading import UNGRADED, CapName, Problem, strict_grade
from remediation.core.kept import Kept
from remediation.core.planning import Week
from remediation.models import Link
from remediation.reads.addresses import address
from remediation.reads.bunches import Known, known_of
from remediation.reads.items import Row, row_of
from remediation.reads.marks import CAPS, Past, figure, points
from remediation.reads.rows import Asked, items_of
from remediation.reads.stock import Stock, counts_of, stock_of
from remediation.reads.whys import why_of

Made = TypeVar("Made")
NEAR = 8  # weeks whose grades are told by day


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
    with steady() as cursor:
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
    more: dict[tuple[str, str | None], tuple[Any, Any]] = field(default_factory=dict)


RECKONED = Kept[Reckoned](32)  # by team and what is asked of its items


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a team's plan and problems, and its grade today. `last` = the key of the last change of what
    was counted; `before` = its last grade before this week (none: ungraded); `grades` are rows of before, oldest first,
    that one among them.
    """

    owned: Owned
    team: Team
    today: date
    reckoned: Reckoned
    last: int
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

    def once(self, name: str, make: Callable[[], Made], *also: Any) -> Made:
        """Something that follows from team, items and counts alone (and from what it is `also` made of): made once for
        all who read it while they stand.
        """
        key = name, get_language()
        kept = self.reckoned.more.get(key)
        if kept is None or kept[0] != also:
            kept = self.reckoned.more[key] = also, make()
        found: Made = kept[1]
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
        stock = stock_of(rows.items(), counted.rows)
        known = known_of(team, owned.components, today, stock)
        grade = grading.grade(known.problems, today=today, scanned=owned.scanned)
        return Reckoned(stock, known, grade), known.by_counts

    made_of = (about, today, owned.components, owned.scanned, rows, counted.rows)
    reckoned = RECKONED.of((team.pk, asked.name, fresh is None), made_of, reckon)
    found = Standing(owned, team, today, reckoned, counted.last, UNGRADED, _grades(team, today, grades))
    row = found.stored
    return replace(found, before=grading.Grade(row.score, row.letter, formula=row.formula)) if row else found


# The last one of each day since the `first` (of each week, of long ago); and the last one before this week, with all
# that explains it.
GRADES = """
SELECT extract(epoch FROM g.at)::float8, g.letter, g.score, g.formula, g.open_p0, g.open_p1, g.open_p2,
    CASE WHEN g.id = before.id THEN json_build_object('parts', g.parts, 'caps', g.caps)::text END
FROM (
    SELECT id FROM remediation_grade WHERE subject = %(subject)s AND at < %(monday)s ORDER BY at DESC, id DESC LIMIT 1
) before FULL JOIN (
    SELECT DISTINCT ON (date_trunc(CASE WHEN at < %(near)s THEN 'week' ELSE 'day' END, at, %(zone)s)) id
    FROM remediation_grade WHERE subject = %(subject)s AND at >= %(first)s
    ORDER BY date_trunc(CASE WHEN at < %(near)s THEN 'week' ELSE 'day' END, at, %(zone)s), at DESC, id DESC
) day ON day.id = before.id JOIN remediation_grade g ON g.id = coalesce(before.id, day.id) ORDER BY g.at, g.id
"""


def _grades(team: Team, today: date, first: date | None) -> list[Past]:
    """The last one before this week, and that of each day since a `first` one, of the weeks before the last ones the
    last.
    """
    values: dict[str, Any] = {
        "subject": f"team:{team.pk}",
        "monday": start_of(Week.of(today).start, team),
        "first": start_of(first, team) if first else None,
        "near": start_of(Week.of(today).shift(-NEAR).start, team),
        "zone": str(zone_of(team)),
    }
    with steady() as cursor:
        cursor.execute(GRADES, values)
        # Numbers: there is one for each day of half a year, and the database's times are slow to read.
        return [Past(datetime.fromtimestamp(at, UTC), *row) for at, *row in cursor.fetchall()]


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


def tested(link: Link, team: Team, why: str) -> dict[str, Any]:
    """A rule that tests something, as its page tells it."""
    return {
        "title": translated(link.rule.title),
        "scope": link.scope,
        "why": why_of(why),
        "sure": round(link.confidence * 100),
        "url": findings_url(team, rule=link.rule.key, state="any"),
    }


def reasons(s: Standing) -> list[Mapping[str, Any]]:
    """A row for each rule and each cap, costliest first; 100 and their points add up to the score."""
    return s.once("reasons", lambda: _reasons(s))


def _reasons(s: Standing) -> list[Mapping[str, Any]]:
    counts: dict[str, tuple[int, Decimal]] = {}
    for part in s.grade.parts:
        _n, total = counts.get(part.rule, (0, Decimal(0)))
        counts[part.rule] = (s.known.rules[part.rule], total - part.points)
    titles = s.known.titles
    rows: list[Mapping[str, Any]] = [
        Same(
            title=translated(titles.get(rule, rule)) if rule else _("No score is below zero"),
            url=findings_url(s.team, state="open", rule=rule) if rule else "",
            count=n if rule else None,
            points=points(total),
        )
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
