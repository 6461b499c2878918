"""Grades: the team's as it stands today, and how it and its parts went."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from findings.models import Component, Repository
from findings.pages import Order
from remediation.api.call import Answer, Call
from remediation.api.lists import PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import COUNT, DAY, KEY, MOMENT, WORD, many, nullable, record, text
from remediation.models import Grade
from remediation.reads.felt import felt
from remediation.reads.team import standing, today_of

SCORE = {"type": "string", "description": "A decimal number from 0 to 100."}
CAP = record({"name": WORD, "letter": WORD, "points": SCORE, "findings": many(KEY)})
PART = record({"finding": nullable(KEY), "points": SCORE})
NOW = record(
    {
        "subject": WORD,
        "day": DAY,
        "letter": WORD,
        "score": nullable(SCORE),
        "change": nullable(SCORE),
        "formula": COUNT,
        "caps": many(CAP),
        "parts": many(PART),
    }
)
PAST = record(
    {
        "id": KEY,
        "subject": WORD,
        "at": MOMENT,
        "day": nullable(DAY),
        "batch": nullable(KEY),
        "letter": WORD,
        "score": SCORE,
        "plain": SCORE,
        "formula": COUNT,
        "open_p0": COUNT,
        "open_p1": COUNT,
        "open_p2": COUNT,
    }
)


def now(call: Call) -> Answer:
    """The team's grade today, and the findings that its score is made of: 100 less these points, held by the caps."""
    team = call.token.team
    found = standing(team, today_of(team))
    grade, _facts = felt(found, capping=True)
    caps = [{"name": c.name, "letter": c.letter, "points": c.points, "findings": list(c.problems)} for c in grade.caps]
    body = {
        "subject": f"team:{team.pk}",
        "day": found.today,
        "letter": grade.letter,
        "score": grade.score,
        "change": found.change,
        "formula": grade.formula,
        "caps": caps,
        "parts": [{"finding": p.problem, "points": p.points} for p in grade.parts if p.points],
    }
    return Answer(body)


def list_grades(call: Call) -> Answer:
    """The grades that were kept, newest first: of the team, of its components, of repositories that are all its own."""
    rows = Grade.objects.filter(_subjects(call))
    if "subject" in call.query:
        rows = rows.filter(subject=call.query["subject"])
    return answer(call, rows.defer("parts", "caps"), Order("pk", down=True), _rows)


def _subjects(call: Call) -> Q:
    team = call.token.team_id
    mine = Component.objects.filter(team=team)
    others = Component.objects.exclude(team=team).values("repository")
    whole = Repository.objects.filter(components__in=mine).exclude(pk__in=others)
    names = [f"team:{team}", *(f"component:{pk}" for pk in mine.values_list("pk", flat=True))]
    return Q(subject__in=[*names, *(f"repository:{pk}" for pk in whole.values_list("pk", flat=True).distinct())])


def _rows(grades: Sequence[Grade]) -> list[dict[str, Any]]:
    return [
        {"id": g.pk, "batch": g.run_id} | {n: getattr(g, n) for n in PAST["properties"] if n not in ("id", "batch")}
        for g in grades
    ]


OPERATIONS = (
    Operation("GET", "grades", ("read",), list_grades, listed(PAST), {"subject": text(40), **PAGING}),
    Operation("GET", "grades/now", ("read",), now, NOW),
)
