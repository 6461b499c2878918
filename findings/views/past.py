"""The past of a repository: a lead asks for it, a worker lives through it."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from findings import actions, words
from findings.forms import PastForm
from findings.models import Repository, Scan
from findings.pages import fragment, person

SPAN = timedelta(days=182)


@require_http_methods(["GET", "HEAD", "POST"])
def past(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a scan of the past. One that is on its way is shown instead."""
    user = person(request)
    found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
    if not Repository.objects.led_by(user).filter(pk=found.pk).exists():
        raise PermissionDenied
    if waiting := on_its_way(found):
        return redirect(waiting)
    form = PastForm(request.POST or None, initial={"since": _half_a_year_ago()})
    if request.method == "POST" and form.is_valid():
        try:
            scan = actions.request_past(found, **form.cleaned_data, actor=user)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The scan of the past waits for a worker."))
            return redirect(scan)
    context = {
        "title": _("Build the trend from the past"),
        "sentence": _(
            "The commits of the branch are scanned in order, and what they show carries their dates: when each finding "
            "was first seen, fixed and came back, and how the grade went."
        ),
        "form": form,
        "action": _("Scan the past"),
        "back": found.get_absolute_url(),
        "note": _note(found),
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


def _note(repository: Repository) -> str:
    always = _(
        "It can be interrupted, and goes on where it stood. Pushes that arrive meanwhile are scanned afterwards."
    )
    if not repository.proven_commit:
        return always
    replaced = _(
        "This repository was scanned already, so its past is built aside, where nobody sees it, and taken over in one "
        "step. What people said stays as it is: verdicts, owners, dates, comments, attestations and the addresses of "
        "findings. When each was first seen, fixed and came back becomes what the past says; grades from before the "
        "first scan are added. This cannot be undone."
    )
    return words.paragraph([always, replaced])


def on_its_way(repository: Repository) -> Scan | None:
    """The scan of the past that waits or runs, if there is one."""
    found: Scan | None = repository.scans.filter(kind="backfill", state__in=["queued", "running"]).first()
    return found


def _half_a_year_ago() -> date:
    return timezone.localdate() - SPAN
