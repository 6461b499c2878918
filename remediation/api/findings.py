"""Findings: the list with the page's filters, one of them, and what people say of them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from findings.actions.saying import Stale
from findings.models import Finding, State, User, Verdict
from findings.rights import obtain
from remediation.api.call import Answer, Call, Problem
from remediation.api.lists import PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import BOOL, COUNT, DAY, KEY, MOMENT, WORD, many, nullable, one_of, record, text
from remediation.forms.filters import AGES, ANY, DUES, KINDS, MARKS, ORDERS, PRIORITIES, Filter, Reader
from remediation.reads.export import rows_to_export
from remediation.reads.finding_whole import visible
from remediation.reads.matching import matching
from remediation.reads.sight import marks, sight
from remediation.views.triage import VERBS

FILTERS = {
    "q": text(description="Words in title, message or path, each the beginning of one."),
    "path": text(description="Part of a path."),
    "priority": many(one_of(*PRIORITIES)),
    "state": many(one_of(*State.values, ANY), description="Without it: open."),
    "rule": many(text(300)),
    "repository": many(text(50)),
    "owner": many(text(254), description="E-mail addresses, or `none`."),
    "tool": many(text(100)),
    "kind": many(one_of(*KINDS), description="Classes of secrets."),
    "mark": many(one_of(*MARKS)),
    "age": one_of(*AGES, description="First seen in the last so many days."),
    "older": one_of(*AGES, description="First seen longer ago than so many days."),
    "due": one_of(*DUES),
    "sort": one_of(*ORDERS),
}
ROW = {
    "id": KEY,
    "url": WORD,
    "version": COUNT,
    "priority": one_of(*PRIORITIES),
    "state": one_of(*State.values),
    "rule": WORD,
    "tool": WORD,
    "title": WORD,
    "repository": WORD,
    "component": WORD,
    "path": WORD,
    "line": nullable(COUNT),
    "places": COUNT,
    "owner": nullable(WORD),
    "due": nullable(DAY),
    "overdue": BOOL,
    "marks": many(WORD),
    "first_seen": MOMENT,
    "first_seen_commit": WORD,
    "came_back": COUNT,
    "fixed": nullable(MOMENT),
    "fixed_commit": WORD,
}
PLACE = record({"path": WORD, "line": COUNT, "end_line": COUNT, "at_head": BOOL, "message": WORD, "excerpt": WORD})
SAID = record({"verdict": WORD, "reason": WORD, "person": WORD, "until": nullable(DAY), "at": MOMENT})
WHOLE = record({**ROW, "message": WORD, "places_found": many(PLACE), "verdict": {**SAID, "type": ["object", "null"]}})


def rows(findings: Sequence[Finding], who: Reader) -> list[dict[str, Any]]:
    """Findings (from `matching` or `visible`) as rows of the list, as files of them have it, with what writes need."""
    found = []
    for finding, row in zip(findings, rows_to_export(findings, who), strict=True):
        own = {
            "version": finding.version,
            "url": finding.get_absolute_url(),
            "overdue": bool(row["overdue"]),
            "owner": row["owner"] or None,
            "fixed": row["fixed"] or None,
            "marks": marks(finding),
        }
        found.append({name: (row | own)[name] for name in ROW})
    return found


def list_findings(call: Call) -> Answer:
    """The findings that the filter lets through."""
    chosen, who = _filter(call), call.reader()
    found = matching(chosen, who).for_list(who.components)
    return answer(call, found, chosen.order, lambda part: rows(part, who))


def _filter(call: Call) -> Filter:
    """The filter of the pages; owners are addresses here and keys there."""
    asked = QueryDict(mutable=True)
    for name in FILTERS.keys() & call.query.keys():
        value = call.query[name]
        asked.setlist(name, value if isinstance(value, list) else [value])
    owners = asked.getlist("owner")
    keys = User.objects.filter(email__in=owners).values_list("pk", flat=True) if owners else []
    asked.setlist("owner", [*(o for o in owners if o == "none"), *(str(k) for k in keys), *(["0"] if owners else [])])
    return Filter.read(asked)


def one_finding(call: Call, pk: int) -> Answer:
    """A finding with its places in the team's code, and the verdict in force."""
    who = call.reader()
    finding = get_object_or_404(visible(who), pk=pk)
    seen = sight(finding, who.components)
    said = Verdict.objects.filter(finding=finding, ended_at=None, asked=False).first()
    places = [{name: getattr(p, name) for name in PLACE["properties"]} for p in seen.places[:200]]
    body = {**rows([finding], who)[0], "message": seen.message, "places_found": places, "verdict": _said(said)}
    return Answer(body, version=finding.version)


def _said(verdict: Verdict | None) -> dict[str, Any] | None:
    return {name: getattr(verdict, name) for name in SAID["properties"]} if verdict else None


# What is said of them


def say(call: Call, pk: int, verb: str, data: Callable[[], dict[str, Any]]) -> Answer:
    """Say one of the page's verbs of a finding, through its form and its action; 409 where it cannot be so."""
    finding = obtain(Finding.objects.visible_to, call.user, "member", pk=pk)
    if call.version not in (None, finding.version):
        raise Problem(412, f"it was changed since: it is at version {finding.version} now")
    word = VERBS[verb]
    form = word.form({**data(), "version": call.version}, user=call.user, today=timezone.localdate())
    if not form.is_valid():
        errors = [(f"/{name}", str(error)) for name, wrong in form.errors.items() for error in wrong]
        raise Problem(409, "this cannot be said as things are", errors=errors)
    try:
        word.do([finding], form.cleaned_data, call.actor, False)
    except Stale as stale:
        raise Problem(412, f"it was changed since: it is at version {stale.row.version} now") from stale
    except ValueError as error:
        raise Problem(409, str(error)) from error
    return one_finding(call, pk)


def decide(call: Call, pk: int) -> Answer:
    """Accept it, or call it a false positive."""
    return say(call, pk, "verdict", lambda: {"until": None} | call.body)


def withdraw(call: Call, pk: int) -> Answer:
    """Take the verdict back."""
    return say(call, pk, "withdraw", dict)


def assign(call: Call, pk: int) -> Answer:
    """Give it to somebody of the team, or to nobody."""
    return say(call, pk, "assign", lambda: {"owner": colleague(call)})


def colleague(call: Call) -> int | None:
    """The key of the person whom `owner` names, None for nobody; 409 where no such person is in the team."""
    email = call.body["owner"]
    if email is None:
        return None
    team = Q(memberships__team=call.token.team_id, is_active=True)
    person = User.objects.filter(team, email=email.strip().lower()).first()
    if person is None:
        raise Problem(409, "nobody in the team has this address", errors=[("/owner", "is not in the team")])
    return int(person.pk)


def set_due(call: Call, pk: int) -> Answer:
    """Its own due date; null: the plan's date, else that of its priority."""
    return say(call, pk, "due", lambda: {"due": day(call.body["due"])})


def day(said: str | None) -> date | None:
    """A date that the schema let through."""
    return date.fromisoformat(said) if said else None


def attest(call: Call, pk: int) -> Answer:
    """Say what was done where no scan can see it."""
    return say(call, pk, "attest", lambda: dict(call.body))


READ, TRIAGE = ("read",), ("triage",)
ONE = "findings/<int:pk>"
SENTENCE = text(2000, said=True)
VERDICT = record({"verdict": one_of("accepted", "false_positive"), "reason": SENTENCE}, {"until": nullable(DAY)})
OWNER = record({"owner": nullable(text(254))})
DUE = record({"due": nullable(DAY)})
TEXT = record({"text": SENTENCE})
OPERATIONS = (
    Operation("GET", "findings", READ, list_findings, listed(record(ROW)), {**FILTERS, **PAGING}),
    Operation("GET", ONE, READ, one_finding, WHOLE),
    Operation("PUT", f"{ONE}/verdict", TRIAGE, decide, WHOLE, body=VERDICT, versioned=True),
    Operation("DELETE", f"{ONE}/verdict", TRIAGE, withdraw, WHOLE, versioned=True),
    Operation("PUT", f"{ONE}/owner", TRIAGE, assign, WHOLE, body=OWNER, versioned=True),
    Operation("PUT", f"{ONE}/due", TRIAGE, set_due, WHOLE, body=DUE, versioned=True),
    Operation("POST", f"{ONE}/attestation", TRIAGE, attest, WHOLE, body=TEXT, versioned=True),
)
