"""Scans as jobs: how far one is, and asking for one."""

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404

from findings import actions
from findings.models import Repository, Scan, ScanKind, ScanState
from findings.rights import obtain
from findings.views.scans import visible_scans
from remediation.api.batches import status_address
from remediation.api.call import Answer, Call
from remediation.api.lists import NEWEST, PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import COUNT, KEY, MOMENT, WORD, many, nullable, one_of, record, text

SCAN = record(
    {
        "id": KEY,
        "url": WORD,
        "repository": WORD,
        "kind": one_of(*ScanKind.values),
        "state": one_of(*ScanState.values),
        "commit": WORD,
        "stage": WORD,
        "done": COUNT,
        "total": COUNT,
        "error": WORD,
        "batches": many(KEY),
        "created_at": MOMENT,
        "started_at": nullable(MOMENT),
        "finished_at": nullable(MOMENT),
    }
)


def shown(scan: Scan) -> dict[str, Any]:
    """A scan as the API tells it; `scan` has its repository joined and its runs read."""
    own = {"url": scan.get_absolute_url(), "repository": scan.repository.slug}
    plain = {name: getattr(scan, name) for name in SCAN["properties"] if name not in (*own, "batches")}
    return plain | own | {"batches": [run.pk for run in scan.runs.all()]}


def list_scans(call: Call) -> Answer:
    """Scans, newest first."""
    rows = visible_scans(call.user)
    names = {"state": "state__in", "kind": "kind__in", "repository": "repository__slug"}
    rows = rows.filter(**{names[name]: call.query[name] for name in names.keys() & call.query.keys()})
    return answer(call, rows, NEWEST, _rows)


def _rows(scans: Sequence[Scan]) -> list[dict[str, Any]]:
    return [shown(scan) for scan in scans]


def one_scan(call: Call, pk: int) -> Answer:
    """How far a scan is, or the job that reads a report; ask again while it is queued or running."""
    return Answer(shown(get_object_or_404(visible_scans(call.user), pk=pk)))


def start(call: Call) -> Answer:
    """Have the newest commit of a repository scanned; one scan that waits already is enough."""
    found = obtain(Repository.objects.visible_to, call.user, "member", slug=call.body["repository"])
    scan, _made = actions.request_scan(found, actor=call.actor)
    return Answer(shown(scan), 202, {"Location": status_address(scan.pk)})


FILTERS = {"state": many(one_of(*ScanState.values)), "kind": many(one_of(*ScanKind.values)), "repository": text(50)}
OPERATIONS = (
    Operation("GET", "scans", ("read",), list_scans, listed(SCAN), {**FILTERS, **PAGING}),
    Operation("POST", "scans", ("scan",), start, SCAN, body=record({"repository": text(50)}), status=202),
    Operation("GET", "scans/<int:pk>", ("read", "import", "scan"), one_scan, SCAN),
)
