"""One scan: how far it is, and what it said."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import BigIntegerField, Case, Count, Prefetch, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from findings import words
from findings.core.ownership import owner_of
from findings.core.types import Notice
from findings.models import Change, Component, Evidence, Finding, Run, Scan, ScanKind, Team, User
from findings.pages import fragment, person
from findings.refusals import refused

NOTICES = 200
KIB = 1024
RUNS = 50
RUNS_SHOWN = Run.objects.defer("coverage", "payload")
Counts = dict[int, dict[str, int]]


@require_safe
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """A scan's page; asked by the page itself while it runs, only the part that moves, and 304 where nothing moved."""
    user = person(request)
    found = get_object_or_404(visible_scans(user), pk=pk)
    part = fragment(request, "scan")
    after = _after_upload(found) if found.kind == ScanKind.UPLOAD and found.state == "done" else ""
    if after and not part:
        return redirect(after)
    parts = list(found.repository.components.select_related("team"))
    mine = set(Team.objects.visible_to(user).values_list("pk", flat=True))
    whole = all(p.team_id in mine for p in parts)
    etag = _etag(found, part, whole)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None and not after:
        return unchanged
    notices = _notices(found, parts, mine)
    counts = counts_for(list(found.runs.all()), [p.pk for p in parts if p.team_id in mine], whole=whole)
    context = {
        "scan": scan_row(found, counts),
        "repository": found.repository,
        "back": found.repository.get_absolute_url(),
        "sentence": _sentence(found, counts),
        "runs": [_run(run, counts) for run in found.runs.all()[:RUNS]],
        "more_runs": max(len(found.runs.all()) - RUNS, 0),
        "facts": _facts(found) if whole else [],
        "gaps": _gaps(notices),
        "rules": _rules(found),
    }
    response = render(request, "findings/scan.html" if part else "findings/scan_page.html", context)
    if part and not found.active:
        _tell_the_rest(request, response, found, after)
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response


def _tell_the_rest(request: HttpRequest, response: HttpResponse, scan: Scan, after: str) -> None:
    """A scan that is over changes what the page around it says: its own page is loaded anew, others hear `scanned`."""
    if not _looks_at(request, scan):
        response["HX-Trigger"] = "scanned"
    elif after:
        response["HX-Redirect"] = after
    else:
        response["HX-Refresh"] = "true"


def _looks_at(request: HttpRequest, scan: Scan) -> bool:
    """Whether it is the scan's own page that asks, and not a list with others in it."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(htmx and htmx.current_url_abs_path == scan.get_absolute_url())


def visible_scans(user: User) -> QuerySet[Scan]:
    """What somebody handed in speaks of the whole repository, so it is for the team that owns its default component."""
    mine = Q(repository__components__is_default=True, repository__components__team__memberships__user=user)
    rows = Scan.objects.visible_to(user).filter(~Q(kind=ScanKind.UPLOAD) | mine).distinct()
    return rows.select_related("repository", "upload__take").prefetch_related(Prefetch("runs", queryset=RUNS_SHOWN))


def _after_upload(scan: Scan) -> str:
    """Where a report that was read leads: to its preview, to all of them, or to the run that was taken."""
    runs = list(scan.runs.all())
    take = getattr(getattr(scan, "upload", None), "take", None)
    if take or len(runs) == 1:
        return (take or runs[0]).get_absolute_url()
    return reverse("remediation:imports") if hasattr(scan, "upload") else ""


def _etag(scan: Scan, part: str, whole: bool) -> str:
    """Changes with everything that the page shows of a running scan (how long ago it was aside)."""
    runs = [(run.pk, run.state) for run in scan.runs.all()]
    said = (scan.state, scan.stage, scan.done, scan.total, scan.error, scan.commit, runs, part, whole, get_language())
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def counts_for(runs: Sequence[Run], components: Sequence[int], *, whole: bool) -> Counts:
    """Run -> what it changed, keys as in `Run.counts`: its own figures for who owns the `whole` repository, else what
    it changed in these components, counted.
    """
    if whole:
        return {run.pk: run.counts for run in runs}
    counts: Counts = {run.pk: {} for run in runs}
    proofs = Evidence.objects.filter(run__in=runs, finding__component__in=components).order_by()
    for run, closes, kind, n in proofs.values_list("run", "closes", "kind").annotate(n=Count("pk")):
        name = "back" if not closes else "deleted" if kind == "deleted" else "fixed"
        counts[run][name] = counts[run].get(name, 0) + n
    made = Change.objects.filter(run__in=runs, table=Finding._meta.label, before__isnull=True).values_list(
        "run", "row", "last"
    )
    spans = (When(pk__range=(first, last), then=Value(run)) for run, first, last in made)
    births = Case(*spans, output_field=BigIntegerField())
    born = Finding.objects.filter(Change.objects.filter(run__in=runs).made(Finding), component__in=components)
    for run, n in born.order_by().annotate(birth=births).values_list("birth").annotate(n=Count("pk")):
        counts[run]["new"] = n
    return counts


def scan_row(scan: Scan, counts: Counts) -> dict[str, Any]:
    """What findings/scan.html shows; `counts` as `counts_for` gives them for its runs."""
    began, ended = scan.started_at, scan.finished_at
    return {
        "pk": scan.pk,
        "url": scan.get_absolute_url(),
        "why": words.KINDS.get(scan.kind, scan.kind),
        "commit": scan.commit,
        "state": scan.state,
        "active": scan.active,
        "stage": words.stage(scan.stage if scan.state == "running" else ""),
        "done": scan.done,
        "total": scan.total,
        "measure": _measure(scan),
        "name": scan.upload.file_name if scan.kind == ScanKind.UPLOAD and hasattr(scan, "upload") else "",
        "at": _moment(scan),
        "seconds": (ended - began).total_seconds() if began and ended else None,
        "text": _text(scan, counts),
        "error": refused(scan.error),
    }


def _measure(scan: Scan) -> str:
    """How far it is: files, blobs of history, commits of the past, scanners, or of a report what was read of it."""
    if not scan.total:
        return ""
    if scan.kind == ScanKind.UPLOAD:
        done, total = filesizeformat(scan.done * KIB), filesizeformat(scan.total * KIB)
        return _("%(done)s of %(total)s") % {"done": done, "total": total}
    said = words.MEASURES.get(scan.stage, words.MEASURES["files"])
    return said % {"done": intcomma(scan.done), "total": intcomma(scan.total)}


def _moment(scan: Scan) -> datetime:
    """When a scan was asked for; of the past, the day of the commit it speaks for."""
    run = next(iter(scan.runs.all()), None)
    return run.observed_at if run and scan.kind == ScanKind.BACKFILL else scan.created_at


def _text(scan: Scan, counts: Counts) -> str:
    if scan.state == "failed":
        return _("It stopped on the way") if scan.counts.get("at") else _("Nothing was changed")
    if scan.state != "done":
        return ""
    if scan.kind == ScanKind.BACKFILL:
        return words.changes(_sum(counts.get(run.pk, {}) for run in scan.runs.all()))
    return words.apart(_outcome(run, counts) for run in scan.runs.all()) or _("read")


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """What many runs changed, one after the other."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update({name: n for name, n in one.items() if isinstance(n, int)})
    return total


def _outcome(run: Run, counts: Counts) -> str:
    if run.state == "held":
        return _("closings held: %s") % words.hold(run.reason)
    if run.state == "failed":
        return _("%s failed, so it closed nothing") % run.tool
    if run.state == "undone":
        return _("undone")
    return words.changes(counts.get(run.pk, {}))


def _sentence(scan: Scan, counts: Counts) -> str:
    if scan.state == "queued":
        return _("It waits for a worker.")
    if scan.state == "running":
        return _("A worker is at it: %s.") % words.stage(scan.stage)
    if scan.state == "failed" and scan.counts.get("at"):
        return _("It stopped on the way. Asked for again, it goes on where it stood.")
    if scan.state == "failed":
        if scan.kind == ScanKind.UPLOAD:
            return _("It could not be read, so nothing was written.")
        return _("It failed, so nothing was closed and nothing was added. The next scan looks at everything again.")
    return _("Done: %s.") % _text(scan, counts)


def _run(run: Run, counts: Counts) -> dict[str, Any]:
    return {
        "url": reverse("remediation:run", args=[run.pk]),
        "title": f"{run.tool} {run.category}".strip(),
        "state": run.state,
        "text": _("It failed, so it closed nothing: %s") % run.reason
        if run.state == "failed"
        else _outcome(run, counts),
    }


def _facts(scan: Scan) -> list[tuple[str, Any]]:
    names = {
        "files": _("Files in the tree"),
        "blobs_read": _("Read now"),
        "history_blobs": _("Read of history"),
        "read_seconds": _("Seconds to read"),
        "apply_seconds": _("Seconds to compare"),
    }
    facts = [(label, scan.counts[name]) for name, label in names.items() if name in scan.counts]
    return [(_("Commit"), scan.commit or "—"), (_("Attempts"), scan.attempts), *facts]


def _notices(scan: Scan, parts: list[Component], mine: set[int]) -> list[dict[str, Any]]:
    """What could not be read, in the parts of this person's teams."""
    home = next(p for p in parts if p.is_default)
    owner = owner_of([(p, p.paths) for p in parts if not p.is_default], home)
    return [n for n in scan.notices if owner(n.get("path", "")).team_id in mine]


def _gaps(notices: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What could not be read, by the reason, the most frequent first; of a reason with many places the first ones."""
    reasons: dict[str, list[str]] = {}
    for notice in notices:
        line = f":{notice['line']}" if notice.get("line") else ""
        place = f"{notice['path']}{line}" if notice.get("path") else ""
        reasons.setdefault(words.noticed(Notice(**notice)), []).append(place)
    return [
        {
            "reason": reason,
            "count": len(places),
            "places": [place for place in places[:NOTICES] if place],
            "more": max(len(places) - NOTICES, 0),
        }
        for reason, places in sorted(reasons.items(), key=lambda one: -len(one[1]))
    ]


def _rules(scan: Scan) -> list[str]:
    """The rules that ran in the newest batch of our own scanner."""
    said = scan.runs.filter(tool="nova").values_list("coverage__rules", flat=True).first()
    return list(said or [])
