"""Why a team's grade moved since Monday, in words."""

import json
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.templatetags.nova import signed
from findings.words import full_stop, listed, paragraph
from remediation.clock import start_of
from remediation.core import grading
from remediation.core.grading import UNGRADED, CapName, ChangeKind, movement
from remediation.core.planning import Week
from remediation.reads.felt import felt
from remediation.reads.marks import CAPS, Past, figure, points
from remediation.reads.problems import Fact
from remediation.reads.team import Standing

SHOWN_REASONS = 3


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
    return paragraph(
        [start, moved % {"points": figure(s.change), "why": listed(s.once("why", lambda: why(s), s.last, s.stored))}]
    )


def why(s: Standing) -> list[str]:
    """Why the score moved, what moved it most first; the rest in one sum, so that they add up."""
    before = _as_it_stood(s.stored) if s.stored else UNGRADED
    known = [part.problem for part in before.parts if isinstance(part.problem, int)]
    found, facts = felt(s, known, start_of(Week.of(s.today).start, s.team))
    changes = movement(before, found)
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
