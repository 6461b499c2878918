"""Items of checklists: the list, one of them, and what people say of them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from findings.actions.saying import Stale
from findings.core.types import Priority
from findings.pages import Order
from findings.rights import obtain
from remediation.api.call import Answer, Call, Problem
from remediation.api.findings import DUE, OWNER, TEXT, colleague
from remediation.api.lists import PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import BOOL, COUNT, DAY, KEY, MOMENT, WORD, many, nullable, one_of, record, text
from remediation.core.progress import State
from remediation.forms.filters import PRIORITIES
from remediation.models import Item
from remediation.reads.items import row_of
from remediation.reads.stock import count_for
from remediation.reads.team import today_of
from remediation.views.items import VERBS

BY_PRIORITY = Order("priority")
ITEM = record(
    {
        "id": KEY,
        "url": WORD,
        "version": COUNT,
        "title": WORD,
        "checklist": WORD,
        "phase": WORD,
        "priority": one_of(*Priority),
        "state": one_of(*State),
        "done": BOOL,
        "owner": nullable(WORD),
        "due": nullable(DAY),
        "first_due": nullable(DAY),
        "overdue": BOOL,
        "open": COUNT,
        "fixed": COUNT,
        "accepted": COUNT,
        "rule": nullable(WORD),
        "claimed_by": WORD,
        "claimed_at": nullable(MOMENT),
        "settled_by": WORD,
        "settled_at": nullable(MOMENT),
        "settled_commit": WORD,
        "attestation": WORD,
    }
)


def shown(call: Call, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Items of the token's team as the API tells them, each with its `n_links`."""
    count_for(items)
    today = today_of(call.token.team)
    found = []
    for item in items:
        row = row_of(item, today)
        own = {
            "id": item.pk,
            "url": item.get_absolute_url(),
            "checklist": item.checklist.title,
            "phase": item.phase.title,
            "state": row.state,
            "done": row.done,
            "owner": item.owner.email if item.owner else None,
            "overdue": row.overdue,
            "open": row.counts.open,
            "fixed": row.counts.total - row.counts.open - row.counts.accepted,
            "accepted": row.counts.accepted,
            "rule": item.rule.key if item.rule else None,
            "settled_commit": item.settled_commit,
            "attestation": item.attestation,
        }
        found.append({name: own[name] if name in own else getattr(item, name) for name in ITEM["properties"]})
    return found


def _rows(call: Call) -> QuerySet[Any]:
    rows: QuerySet[Any] = Item.objects.visible_to(call.user).select_related("phase", "owner", "checklist", "rule")
    return rows.annotate(n_links=Count("links", distinct=True))


def list_items(call: Call) -> Answer:
    """What the team promised, by priority."""
    rows = _rows(call)
    if "settled" in call.query:
        rows = rows.filter(settled_at__isnull=not call.query["settled"])
    if "owner" in call.query:
        named = call.query["owner"]
        rows = rows.filter(owner__isnull=True) if named == "none" else rows.filter(owner__email=named)
    names = {"priority": "priority__in", "rule": "rule__key"}
    rows = rows.filter(**{names[name]: call.query[name] for name in names.keys() & call.query.keys()})
    return answer(call, rows, BY_PRIORITY, lambda part: shown(call, part))


def one_item(call: Call, pk: int) -> Answer:
    """An item with its progress."""
    item = get_object_or_404(_rows(call), pk=pk)
    return Answer(shown(call, [item])[0], version=item.version)


def say(call: Call, pk: int, verb: str, data: Callable[[Item], dict[str, Any]]) -> Answer:
    """Say one of the page's verbs of an item, through its form and its action; 409 where it cannot be so."""
    item = obtain(Item.objects.visible_to, call.user, "member", pk=pk)
    word = VERBS[verb]
    form = word.form({**data(item), "version": call.version}, item=item)
    if not form.is_valid():
        errors = [(f"/{name}", str(error)) for name, wrong in form.errors.items() for error in wrong]
        raise Problem(409, "this cannot be said as things are", errors=errors)
    try:
        word.do(item, form.cleaned_data, call.actor)
    except Stale as stale:
        raise Problem(412, f"it was changed since: it is at version {stale.row.version} now") from stale
    except ValueError as error:
        raise Problem(409, str(error)) from error
    return one_item(call, pk)


def assign(call: Call, pk: int) -> Answer:
    """Make somebody of the team its owner, or nobody."""
    return say(call, pk, "assign", lambda item: {"owner": colleague(call)})


def move(call: Call, pk: int) -> Answer:
    """Another due date, and why; the first one stays known."""
    return say(call, pk, "due", lambda item: {**call.body, "phase": item.phase_id})


def claim(call: Call, pk: int) -> Answer:
    """Say that it is done: the next scan proves or refutes it."""
    return say(call, pk, "claim", lambda item: {})


def unclaim(call: Call, pk: int) -> Answer:
    """Take the claim back."""
    return say(call, pk, "unclaim", lambda item: {})


def attest(call: Call, pk: int) -> Answer:
    """Say what was done where no scan can see it."""
    return say(call, pk, "attest", lambda item: dict(call.body))


READ, PLAN = ("read",), ("plan",)
ONE = "items/<int:pk>"
FILTERS = {
    "priority": many(one_of(*PRIORITIES)),
    "rule": text(300),
    "owner": text(254, description="An e-mail address, or `none`."),
    "settled": {**BOOL, "description": "Without it: both."},
}
MOVE = record({**DUE["properties"], "why": text(300, said=True)})
OPERATIONS = (
    Operation("GET", "items", READ, list_items, listed(ITEM), {**FILTERS, **PAGING}),
    Operation("GET", ONE, READ, one_item, ITEM),
    Operation("PUT", f"{ONE}/owner", PLAN, assign, ITEM, body=OWNER, versioned=True),
    Operation("PUT", f"{ONE}/due", PLAN, move, ITEM, body=MOVE, versioned=True),
    Operation("PUT", f"{ONE}/claim", PLAN, claim, ITEM, versioned=True),
    Operation("DELETE", f"{ONE}/claim", PLAN, unclaim, ITEM, versioned=True),
    Operation("POST", f"{ONE}/attestation", PLAN, attest, ITEM, body=TEXT, versioned=True),
)
