"""A waiting review, decided row by row; and an accepted one as Markdown, with what became of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from findings.actions.saying import Stale
from findings.models import Run
from findings.pages import person
from remediation.actions.imports import REVIEW
from remediation.actions.naming import Owners
from remediation.actions.reading import checks_of, date_review, decide, pick_findings, proposed, read_as, reread
from remediation.clock import day_of
from remediation.core.review import NAMES
from remediation.core.review.choices import Choice
from remediation.core.review.choices import pick as picks
from remediation.core.types import ReviewFinding, ReviewItem
from remediation.forms.reviews import DateForm, EncodingForm, PickForm, RowForm, SettleForm
from remediation.models import Review
from remediation.reads import reviews as reads
from remediation.reads.imports import runs_of
from remediation.reads.report import report
from remediation.views.imports import decidable


def _waiting(request: HttpRequest, pk: int) -> Run:
    """A review that waits for a decision of this person's; 404 where it waits no more."""
    run = decidable(request, pk)
    if run.tool != REVIEW or run.state != "preview" or not run.payload:
        raise Http404
    return run


@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: HttpRequest, pk: int, anchor: str) -> HttpResponse:
    """A finding of the report: what it says, what the code says, and the form to decide about it."""
    run = _waiting(request, pk)
    offered = picks(proposed(run), run.payload.get("choices", {}))
    row = next((f for f in offered.findings if f.anchor == anchor), None)
    if row is None:
        raise Http404
    if request.method == "POST" and "settle" in request.POST:
        return _settle(request, run, row)
    chosen = next((f for f in reread(run).findings if f.anchor == anchor), row)
    check = checks_of(run, reread(run)).get(anchor)
    more = {
        "said": [
            (_("Where"), "\n".join(map(reads.place, row.places))),
            (_("Problem"), row.problem),
            (_("Impact"), row.impact),
            (_("Fix"), row.fix),
        ],
        "conflict": reads.conflict(row),
        "told": [text for p in check.points if (text := reads.tell(p))] if check else [],
        "state": reads.STATES[check.answer] if check else "",
    }
    return _row(request, run, "findings", row, chosen, reads.named(row), more)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, anchor: str) -> HttpResponse:
    """An item of the report's plan, and the form to decide about it."""
    run = _waiting(request, pk)
    row = next((i for i in proposed(run).items if i.anchor == anchor), None)
    if row is None:
        raise Http404
    named = {f.anchor: reads.named(f) for f in proposed(run).findings}
    settles = "\n".join(named[a] for a in row.findings if a in named)
    chosen = next((i for i in reread(run).items if i.anchor == anchor), row)
    return _row(request, run, "items", row, chosen, row.title, {"said": [(_("Settles"), settles)]})


def _row(
    request: HttpRequest,
    run: Run,
    kind: str,
    row: ReviewFinding | ReviewItem,
    chosen: ReviewFinding | ReviewItem,
    title: str,
    more: dict[str, Any],
) -> HttpResponse:
    before = Choice.load(run.payload.get("choices", {}).get(kind, {}).get(row.anchor, {}))
    initial = {
        "version": run.payload.get("version", 1),
        "priority": str(chosen.priority or "P2"),
        "left_out": before.left_out,
    }
    data = request.POST.copy() if request.method == "POST" else None
    form = RowForm(
        data,
        initial=initial,
        links=row.links,
        chosen=before.links if before.links is not None else row.links,
        owners=Owners(run),
        row=row,
        owner=before.owner,
    )
    if data is not None and form.is_valid():
        said = form.choice()
        if _kept(request, run, lambda: decide(run, kind, row.anchor, said, version=form.cleaned_data["version"])):
            return redirect(f"{run.get_absolute_url()}#{row.anchor}")
        run.refresh_from_db()
        data["version"] = str((run.payload or {}).get("version", 1))
        form.add_error(None, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    context = {
        "title": title,
        "line": row.line,
        "back": f"{run.get_absolute_url()}#{row.anchor}",
        "form": form,
        "kind": kind,
        **more,
        "said": [(label, text) for label, text in more["said"] if text],
    }
    return render(request, "remediation/review_row.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, run: Run, change: Callable[[], None]) -> bool:
    """Keep a decision and say so; False where somebody decided meanwhile."""
    try:
        change()
    except Stale:
        return False
    except ValueError:
        messages.warning(request, _("Somebody decided about it already; nothing was written."))
        return True
    messages.success(request, _("Kept. It counts when the import is applied."))
    return True


def _settle(request: HttpRequest, run: Run, row: ReviewFinding) -> HttpResponse:
    """Take one of the priorities that the report gives a finding."""
    form = SettleForm(request.POST)
    if form.is_valid():
        before = Choice.load(run.payload.get("choices", {}).get("findings", {}).get(row.anchor, {}))
        said = Choice(before.links, form.cleaned_data["priority"], before.left_out, before.owner)
        if not _kept(
            request, run, lambda: decide(run, "findings", row.anchor, said, version=form.cleaned_data["version"])
        ):
            messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    return redirect(f"{run.get_absolute_url()}#conflicts")


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """An accepted review as Markdown, with what became of it."""
    user = person(request)
    run = get_object_or_404(runs_of(user), pk=pk)
    found = get_object_or_404(Review.objects.exclude(text="").select_related("run", "team", "repository"), run=run)
    text = report(found, user, day_of(found.team, timezone.now()))
    answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    name = slugify(found.title, allow_unicode=True)[:100] or "review"
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.md")
    return answer


@require_POST
def encoding(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a waiting review in another of the encodings it may be in."""
    run = _waiting(request, pk)
    form = EncodingForm(request.POST, offered=run.payload.get("texts", ()))
    if not form.is_valid():
        messages.error(request, _("The file cannot be in that encoding; nothing was kept."))
        return redirect(run)
    said = form.cleaned_data
    try:
        read_as(run, said["encoding"], version=said["version"])
    except Stale:
        messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    except ValueError:
        messages.warning(request, _("Somebody decided about it already; nothing was written."))
    else:
        messages.success(request, _("Read as %s.") % NAMES[said["encoding"]])
    return redirect(f"{run.get_absolute_url()}#encoding")


@require_POST
def date(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of which day a waiting review is: its plan counts from there."""
    run, form = _waiting(request, pk), DateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That is no date; nothing was kept."))
        return redirect(run)
    day, version = form.cleaned_data["reviewed"], form.cleaned_data["version"]
    if not _kept(request, run, lambda: date_review(run, day, version=version)):
        messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    return redirect(run)


@require_POST
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which of the rows that may be findings are some."""
    run = _waiting(request, pk)
    form = PickForm(request.POST, candidates=proposed(run).candidates)
    if not form.is_valid():
        messages.error(request, _("That could not be read; nothing was kept."))
        return redirect(run)
    picked, version = form.picked(), form.cleaned_data["version"]
    if not _kept(request, run, lambda: pick_findings(run, picked, version=version)):
        messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    return redirect(f"{run.get_absolute_url()}#candidates")
