"""Ending to follow a repository, with what that means told before; and following it again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from findings import actions
from findings.actions.repositories import mark_of_address
from findings.actions.saying import Stale
from findings.forms import SeenAddressForm
from findings.models import Finding, Repository, Team, User
from findings.pages import person
from findings.words import listed


@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, slug: str) -> HttpResponse:
    """What would happen, and the button."""
    user = person(request)
    found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
    if not Repository.objects.led_by(user).filter(pk=found.pk).exists():
        raise PermissionDenied
    form = SeenAddressForm(request.POST or None, initial={"seen": mark_of_address(found)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.stop_following(found, actor=user, seen=form.cleaned_data["seen"])
        except Stale:
            messages.warning(request, _("Somebody changed it meanwhile. Nothing was done; look, then repeat."))
            return redirect("findings:stop_following", slug)
        messages.success(request, _("%s is not followed any more. It stands below, to be followed again.") % found.name)
        return redirect("findings:repositories")
    context = {
        "title": _("Stop following %s") % found.name,
        "sentence": _("Nothing is deleted: followed again, everything is back as it was."),
        "points": _points(found, user),
        "form": form,
        "action": _("Stop following"),
        "back": found.get_absolute_url(),
    }
    return render(request, "form_page.html", context, status=422 if form.errors else 200)


def _points(repository: Repository, user: User) -> list[str]:
    """What will happen, in sentences."""
    n = Finding.objects.visible_to(user).open().filter(repository=repository).count()
    leave = ngettext(
        "%d open finding leaves lists, counts and grades, with what is proven and accepted.",
        "%d open findings leave lists, counts and grades, with what is proven and accepted.",
        n,
    )
    others = Team.objects.filter(components__repository=repository).exclude(memberships__user=user).distinct()
    names = listed(others.order_by("name").values_list("name", flat=True))
    return [
        _("It is not scanned any more, and its webhook answers 404."),
        leave % n,
        *([_("Teams that own a part of it lose sight of theirs, too: %s.") % names] if names else []),
        _("Items of the plan stay. What has findings nowhere else takes a person's word until then."),
        _("History, evidence, verdicts, owners and dates are kept. Who stopped it, and when, is written down."),
    ]


@require_POST
def follow_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything is back, and a scan says what became of it."""
    user = person(request)
    found = Repository.objects.left_by(user).filter(slug=slug).first()
    if found is None:  # another lead was quicker, or it is not this person's to say
        found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
        if not Repository.objects.led_by(user).filter(pk=found.pk).exists():
            raise PermissionDenied
    try:
        _again(found, user)
    except Stale:
        messages.warning(request, _("Somebody follows it already."))
    else:
        messages.success(request, _("%s is followed again; a scan of it waits for a worker.") % found.name)
    return redirect(found)


@transaction.atomic
def _again(found: Repository, user: User) -> None:
    actions.follow_again(found, actor=user)
    actions.request_scan(found, actor=user)


def left(user: User) -> list[dict[str, Any]]:
    """The repositories that this person may follow again."""
    return [
        {"name": r.name, "address": r.url, "slug": r.slug} for r in Repository.objects.left_by(user).order_by("name")
    ]
