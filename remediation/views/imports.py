"""Imports: hand a file in, see what it would change, apply it, drop it, take it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from findings import actions
from findings.actions.batches import Moved
from findings.actions.saying import Stale
from findings.actions.undo import Overtaken
from findings.core.types import FormatError
from findings.models import Repository, Run, Scan, User
from findings.pages import Order, paginate, person
from findings.refusals import refused
from findings.views.repositories import add_url
from findings.views.scans import scan_row
from findings.words import full_stop, paragraph
from remediation.actions.imports import REVIEW
from remediation.actions.intake import accept_or_ask, hand_in
from remediation.actions.reading import pick_findings, proposed, reread
from remediation.forms.filters import Reader, reader
from remediation.forms.imports import AnywayForm, UploadForm
from remediation.forms.reviews import DateForm, PickForm
from remediation.models import Review
from remediation.reads import applied, reviews
from remediation.reads import imports as reads

SIZE = 30
NAMED = 5  # rows that a refusal to undo names


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was handed in, and for leads the form to hand in more."""
    user = person(request)
    leads = Repository.objects.led_by(user).exists()
    if request.method == "POST" and not leads:
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, user=user) if leads else None
    if form and request.method == "POST" and form.is_valid() and (answer := _take(request, form, user)):
        return answer
    page = paginate(request, reads.imports_of(user), Order("pk", down=True), SIZE)
    context = {
        "form": form,
        "imports": reads.import_rows(page.rows, user),
        "uploads": [scan_row(scan, {}) for scan in reads.uploads_of(user)],
        "page": page,
        "sentence": _sentence(user),
        "add": "" if leads else add_url(user),
    }
    return render(request, "findings/imports.html", context, status=422 if form and form.errors else 200)


def _sentence(user: User) -> str:
    waiting = reads.imports_of(user).filter(state__in=("preview", "held")).count()
    if waiting:
        return ngettext(
            "%d import waits for somebody to decide.", "%d imports wait for somebody to decide.", waiting
        ) % (waiting)
    return _("Nothing waits. What was handed in stands below, each whole and each to be undone.")


def _take(request: HttpRequest, form: UploadForm, user: User) -> HttpResponse | None:
    """Show what the files would change, or who reads them; None (with the reasons on the form) where none can be taken.

    Each file stands for itself: one that cannot be taken says why and stops no other.
    """
    said = form.cleaned_data
    repository: Repository = said["repository"]
    home = repository.components.select_related("team").get(is_default=True)
    found: list[Run | Scan] = []
    wrong: list[str] = []
    for file in said["file"]:
        try:
            found += hand_in(repository, home.team, file, form=said["form"], actor=user)
        except FormatError as error:
            wrong.append(refused(str(error)))
    if wrong and not found:
        form.add_error("file", wrong)
        return None
    for text in wrong:
        messages.error(request, text)
    if len(found) > 1 or wrong:
        n = len(found)
        messages.info(request, ngettext("%d report waits for you below.", "%d reports wait for you below.", n) % n)
        return redirect("remediation:imports")
    return redirect(found[0])


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would change, or what it changed."""
    user = person(request)
    found = get_object_or_404(reads.runs_of(user).select_related("repository", "scan"), pk=pk)
    who, leads = reader(user, timezone.now()), _leads(user, found)
    context: dict[str, Any] = {
        "title": reads.title_of(found),
        "state": reads.SHOWN_STATES.get(found.state, found.state),
        "back": reverse("remediation:imports"),
        "repository": found.repository,
        "pk": found.pk,
        **_what(found, who, leads=leads),
    }
    waiting = found.tool == REVIEW and found.state == "preview" and bool(found.payload)
    page = "remediation/review_preview.html" if waiting else "findings/import_preview.html"
    return render(request, page, context)


def _what(run: Run, who: Reader, *, leads: bool) -> dict[str, Any]:
    verbs = ("accept", "drop", "undo")
    links = {verb: reverse(f"remediation:run_{verb}", args=[run.pk]) if leads else "" for verb in verbs}
    if run.state == "preview" and run.payload is not None:
        shown = reads.preview(run, who)
        if run.tool == REVIEW:
            shown |= reviews.preview(run, leads=leads) | {"when": DateForm(initial=_day(run))}
        ask = AnywayForm() if shown["holds"] and leads else None
        return shown | {"apply": links["accept"], "drop": links["drop"], "form": ask}
    handed = run.scan.kind in ("upload", "review")
    by = _("Handed in by %s.") % reads.names([run.actor]).get(run.actor, run.actor) if handed else _("Said by a scan.")
    if run.state == "held":
        return applied.result(run, who) | {
            "sentence": _("What is new was added; what it no longer names stays open until a lead decides."),
            "apply": links["accept"] if run.payload is not None else "",
            "drop": links["drop"],
        }
    nothing: dict[str, Any] = {"groups": [], "today": ""}
    rows = applied.result(run, who) if run.state == "applied" else nothing
    sentences = {
        "preview": _("It waited for more than a week, so what it said is gone. Hand it in again."),
        "applied": paragraph([full_stop(reads.text_of(run).capitalize()), by, rows["today"]]),
        "undone": _("Undone: everything is as it was before."),
        "refused": _("Dropped: nothing was written."),
        "failed": _("It failed, so it closed nothing: %s") % run.reason,
    }
    told = Review.objects.filter(run=run).exclude(text="").exists()
    export = reverse("remediation:run_report", args=[run.pk]) if told else ""
    undo = links["undo"] if run.state == "applied" else ""
    return rows | {"sentence": sentences[run.state], "undo": undo, "export": export}


def _day(run: Run) -> dict[str, Any]:
    day = reread(run).reviewed
    return {"version": run.payload.get("version", 1), "reviewed": day.isoformat() if day else ""}


def _leads(user: User, run: Run) -> bool:
    """Whether this person may decide about a run: a lead of the team that owns the repository."""
    return Repository.objects.led_by(user).filter(pk=run.repository_id).exists()


def decidable(request: HttpRequest, pk: int) -> Run:
    """A run of a repository this person leads: 404 for what is not theirs, 403 where the role does not reach."""
    user = person(request)
    found: Run = get_object_or_404(reads.runs_of(user).select_related("repository"), pk=pk)
    if not _leads(user, found):
        raise PermissionDenied
    return found


def _decided_since(request: HttpRequest, run: Run) -> bool:
    """Whether somebody decided something about a waiting review since this person looked; says so."""
    seen, now = request.POST.get("version", ""), str((run.payload or {}).get("version", 1))
    if not seen or run.state != "preview" or seen == now:
        return False
    messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
    return True


def _picked(request: HttpRequest, run: Run) -> bool:
    """Keep what is picked of a waiting review's candidates in the page that is applied; False, and why, where it cannot
    be.
    """
    if "candidates" not in request.POST or run.tool != REVIEW or run.state != "preview" or not run.payload:
        return True
    form = PickForm(request.POST, candidates=proposed(run).candidates)
    if not form.is_valid():
        messages.error(request, _("That could not be read; nothing was kept."))
        return False
    picked = form.picked()
    try:
        # The plan that was shown stands as long as nothing is picked otherwise: it is not made again unseen.
        if picked != run.payload.get("choices", {}).get("picked", {}):
            pick_findings(run, picked, version=form.cleaned_data["version"])
    except (Stale, ValueError):
        messages.warning(request, _("Somebody decided something else meanwhile. Look at it again, then repeat."))
        return False
    run.refresh_from_db()
    return True


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply what the preview showed, or the closings of a held run. A large one is applied by a worker."""
    found = decidable(request, pk)
    if _decided_since(request, found) or not _picked(request, found):
        return redirect(found)
    anyway = found.state == "held" or "anyway" in request.POST
    try:
        job = accept_or_ask(found, actor=person(request), anyway=anyway)
    except Moved:
        actions.renew(found)
        messages.warning(
            request, _("The findings changed since you looked, so nothing was written. This is what it would do now.")
        )
    except ValueError:
        messages.warning(request, _("Somebody decided about it already; nothing was written."))
    else:
        if job:
            return redirect(job)
        messages.success(request, _("Applied."))
    return redirect(found)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away what waits."""
    found = decidable(request, pk)
    if _decided_since(request, found):
        return redirect(found)
    try:
        actions.drop(found, actor=person(request))
    except ValueError:
        messages.warning(request, _("Somebody decided about it already; nothing was written."))
        return redirect(found)
    messages.success(request, _("Dropped."))
    return redirect("remediation:imports")


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole run back, as long as nobody built on it."""
    found = decidable(request, pk)
    try:
        actions.undo(found, actor=person(request))
    except Overtaken as overtaken:
        named = ", ".join(overtaken.rows[:NAMED])
        more = len(overtaken.rows) - NAMED
        text = _("It cannot be undone any more; these were changed since: %s.") % named
        others = _("And %d more.") % more if more > 0 else ""
        messages.error(request, paragraph([text, others]))
    except ValueError:
        messages.warning(request, _("Only an import that is applied can be undone; nothing was written."))
    else:
        messages.success(request, _("Undone: everything is as it was before."))
    return redirect(found)
