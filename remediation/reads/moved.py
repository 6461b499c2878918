"""Why a team's grade moved since Monday, in words; and how its figures are written."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.models import Team
from findings.templatetags.nova import signed
from remediation.clock import start_of
from remediation.core import grading
from remediation.core.grading import UNGRADED, CapName, ChangeKind, movement
from remediation.core.planning import Week
from remediation.reads.problems import Fact, named_problems

SHOWN_REASONS = 3


class Past(NamedTuple):
    """A grade of before; `whole`: all that explains it, as JSON, where that was asked for."""

    at: datetime
    letter: str
    score: Decimal
    formula: int
    open_p0: int
    open_p1: int
    open_p2: int
    whole: str | None


CAPS = {
    CapName.OPEN_P0: lambda: _("An open P0 holds the grade at D"),
    CapName.OVERDUE_P0: lambda: _("An overdue P0 holds the grade at F"),
    CapName.OVERDUE_P1: lambda: _("An overdue P1 holds the grade at C"),
}


def figure(value: Decimal) -> str:
    """A score or a number of points without needless zeros."""
    return number_format(abs(value), 0 if value == value.to_integral_value() else 1)


def points(value: Decimal) -> Decimal:
    """Points as the templates sign them: whole numbers without a tenth."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def why(team: Team, today: date, stored: Past | None) -> list[str]:
    """Why the score moved, what moved it most first; the rest in one sum, so that they add up."""
    before = _as_it_stood(stored) if stored else UNGRADED
    known = [part.problem for part in before.parts if isinstance(part.problem, int)]
    since = start_of(Week.of(today).start, team)
    found, facts = named_problems(team, today, known, since)
    changes = movement(before, grading.grade(found.problems, today=today))
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for change in changes:
        key = _kind(change, facts)
        n, total = sums.get(key, (0, Decimal(0)))
        sums[key] = (n + 1, total + change.points)
    ordered = sorted(sums.items(), key=lambda row: -abs(row[1][1]))
    rest = sum((total for _key, (_n, total) in ordered[SHOWN_REASONS:]), Decimal(0))
    said = [f"{_words(*key, n)} ({signed(points(total))})" for key, (n, total) in ordered[:SHOWN_REASONS]]
    return [*said, _("other changes (%s)") % signed(points(rest))] if rest else said


def _kind(change: grading.Change, facts: Mapping[int, Fact]) -> tuple[str, str]:
    """What sort of change it is, and of which priority (or, for a cap, which one)."""
    if change.kind is ChangeKind.CAP:
        return "cap" if change.points < 0 else "uncap", str(change.subject)
    fact = facts.get(change.subject) if isinstance(change.subject, int) else None
    if fact is None:
        return "other", ""
    if change.kind is ChangeKind.GONE:
        return fact.state if fact.state != "open" else "other", fact.priority
    if change.kind is ChangeKind.NEW:
        return "back" if fact.back else "new", fact.priority
    return "heavier" if change.points < 0 else "other", fact.priority


def _as_it_stood(row: Past) -> grading.Grade:
    said = json.loads(row.whole) if row.whole else {"parts": [], "caps": []}
    parts = tuple(grading.Part(p["finding"], "", None, p["overdue"], 0, Decimal(p["points"])) for p in said["parts"])
    caps = tuple(
        grading.Cap(
            CapName(c["name"]), c["letter"], grading.ceiling_of(c["letter"]), Decimal(c["points"]), tuple(c["findings"])
        )
        for c in said["caps"]
    )
    return grading.Grade(row.score, row.letter, parts=parts, caps=caps, formula=row.formula)


def _words(kind: str, which: str, n: int) -> str:
    said = {"n": n, "p": which}
    words = {
        "fixed": lambda: ngettext("%(n)d %(p)s fixed", "%(n)d %(p)s fixed", n),
        "accepted": lambda: ngettext("%(n)d %(p)s accepted", "%(n)d %(p)s accepted", n),
        "false_positive": lambda: ngettext(
            "%(n)d %(p)s called a false positive", "%(n)d %(p)s called false positives", n
        ),
        "back": lambda: ngettext("%(n)d %(p)s came back", "%(n)d %(p)s came back", n),
        "new": lambda: ngettext("%(n)d new %(p)s", "%(n)d new %(p)s", n),
        "heavier": lambda: ngettext("%(n)d %(p)s weighs more", "%(n)d %(p)s weigh more", n),
        "cap": lambda: _in_a_sentence(CAPS[CapName(which)]()),
        "uncap": lambda: _("a cap was lifted"),
        "other": lambda: _("other changes"),
    }[kind]()
    return words % said


def _in_a_sentence(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"
