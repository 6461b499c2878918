"""Batches: what was handed in and what scans said; a lead's word about those that wait."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from findings import actions
from findings.actions.batches import Moved
from findings.actions.undo import Overtaken
from findings.models import Component, Repository, Run, RunState
from findings.views.repositories import REPORTS
from findings.views.scans import counts_for
from remediation.actions.intake import accept_or_ask
from remediation.api.call import Answer, Call, Problem
from remediation.api.lists import NEWEST, PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import BOOL, KEY, MOMENT, WORD, many, nullable, one_of, record, text
from remediation.reads import imports as reads

NAMED = 20  # rows that a refusal to undo names
COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
BATCH = record(
    {
        "id": KEY,
        "url": WORD,
        "repository": WORD,
        "scan": KEY,
        "kind": WORD,
        "tool": WORD,
        "category": WORD,
        "commit": WORD,
        "file_name": WORD,
        "state": one_of(*RunState.values),
        "reason": WORD,
        "counts": COUNTS,
        "actor": WORD,
        "observed_at": MOMENT,
        "applied_at": nullable(MOMENT),
        "expires_at": nullable(MOMENT),
    }
)


OWN = {"url", "repository", "scan", "kind", "counts"}


def shown(call: Call, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Batches (with repository and scan joined) as the API tells them: of a scan of a shared repository, its own part.
    Reports are only told to the team they concern as a whole (see `runs_of`).
    """
    components = call.reader().components
    others = Component.objects.filter(repository__in={run.repository_id for run in runs}).exclude(pk__in=components)
    shared = set(others.values_list("repository", flat=True))
    part = [run for run in runs if run.repository_id in shared and run.scan.kind not in REPORTS]
    counts = {run.pk: run.counts for run in runs} | (counts_for(part, components, whole=False) if part else {})
    return [_row(run, counts[run.pk] or {}) for run in runs]


def _row(run: Run, counts: dict[str, Any]) -> dict[str, Any]:
    own = {
        "url": run.get_absolute_url(),
        "repository": run.repository.slug,
        "scan": run.scan_id,
        "kind": run.scan.kind,
        "counts": {name: n for name, n in counts.items() if isinstance(n, int)},
    }
    return {name: own[name] if name in OWN else getattr(run, name) for name in BATCH["properties"]}


def one(call: Call, run: Run) -> dict[str, Any]:
    """A single batch."""
    return shown(call, [run])[0]


def list_batches(call: Call) -> Answer:
    """Batches, newest first."""
    rows = reads.runs_of(call.user).select_related("repository", "scan")
    names = {"state": "state__in", "repository": "repository__slug", "tool": "tool"}
    rows = rows.filter(**{names[name]: call.query[name] for name in names.keys() & call.query.keys()})
    return answer(call, rows, NEWEST, lambda runs: shown(call, runs))


def one_batch(call: Call, pk: int) -> Answer:
    """A batch: what it would change while it waits, what it changed once it is applied."""
    return Answer(one(call, _visible(call, pk)))


def _visible(call: Call, pk: int) -> Run:
    found: Run = get_object_or_404(reads.runs_of(call.user).select_related("repository", "scan"), pk=pk)
    return found


def _decidable(call: Call, pk: int) -> Run:
    """A batch about which the token's team decides: that of the repository's default component."""
    found = _visible(call, pk)
    if not Repository.objects.led_by(call.user).filter(pk=found.repository_id).exists():
        raise PermissionDenied
    return found


def accept(call: Call, pk: int) -> Answer:
    """Apply what the preview shows, or with `anyway` the closings that are held. A large one is applied by a worker."""
    found = _decidable(call, pk)
    try:
        job = accept_or_ask(found, actor=call.actor, anyway=call.body.get("anyway", False))
    except Moved as moved:
        actions.renew(found)
        raise Problem(409, "the findings changed since the preview; look at it again, then accept it") from moved
    except ValueError as error:
        raise Problem(409, str(error)) from error
    if job:
        return Answer(one(call, found), 202, {"Location": status_address(job.pk)})
    return one_batch(call, pk)


def status_address(scan: int) -> str:
    """Where a caller asks how far a job is."""
    return f"{settings.BASE_URL}{reverse('api:scans/pk', args=[scan])}"


def drop(call: Call, pk: int) -> Answer:
    """Throw away what waits."""
    found = _decidable(call, pk)
    try:
        actions.drop(found, actor=call.actor)
    except ValueError as error:
        raise Problem(409, str(error)) from error
    return one_batch(call, pk)


def undo(call: Call, pk: int) -> Answer:
    """Take a whole batch back, as long as nobody built on it."""
    found = _decidable(call, pk)
    try:
        actions.undo(found, actor=call.actor)
    except Overtaken as overtaken:
        rows = [("", str(row)) for row in overtaken.rows[:NAMED]]
        raise Problem(409, "it cannot be undone any more; these were changed since", errors=rows) from overtaken
    except ValueError as error:
        raise Problem(409, str(error)) from error
    return one_batch(call, pk)


READ, IMPORT = ("read", "import"), ("import",)
ONE = "batches/<int:pk>"
FILTERS = {"state": many(one_of(*RunState.values)), "repository": text(50), "tool": text(100)}
ANYWAY = record({}, {"anyway": BOOL})
LATER = {202: "A worker applies it; `Location` is where to ask how far it is."}
OPERATIONS = (
    Operation("GET", "batches", READ, list_batches, listed(BATCH), {**FILTERS, **PAGING}),
    Operation("GET", ONE, READ, one_batch, BATCH),
    Operation("POST", f"{ONE}/accept", IMPORT, accept, BATCH, body=ANYWAY, also=LATER),
    Operation("POST", f"{ONE}/drop", IMPORT, drop, BATCH),
    Operation("POST", f"{ONE}/undo", IMPORT, undo, BATCH),
)
