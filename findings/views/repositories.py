"""Repositories: which there are, how fresh they are, what was scanned when, and how a forge tells us of pushes."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from findings import actions
from findings.actions.repositories import mark_of, mark_of_address
from findings.actions.saying import Stale
from findings.core import addresses
from findings.forms import MovedForm, RepositoryForm
from findings.models import Component, Finding, Repository, Scan, Team, User
from findings.pages import Order, fragment, paginate, person
from findings.rights import obtain
from findings.views.following import left
from findings.views.scans import RUNS_SHOWN, counts_for, scan_row

SCANS = 20
REPORTS = ("upload", "review")  # handed in, not read from the repository
PRIORITIES = ("P0", "P1", "P2")
PING = json.dumps({"zen": "Is it plugged in?"})
OUTCOMES = {
    "scan": gettext_lazy("A push arrived, and a scan was asked for"),
    "ping": gettext_lazy("A ping arrived, and its signature was right"),
    "other branch": gettext_lazy("A push to another branch arrived, and was left alone"),
    "branch deleted": gettext_lazy("The branch was deleted"),
    "ignored event": gettext_lazy("Something other than a push arrived, and was left alone"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A repository in the list. `subject` names its grade; it is "" where other teams own a part of it."""

    name: str
    url: str
    address: str
    branch: str
    proven: dict[str, Any] | None
    behind: str
    scan_state: str
    open: list[tuple[str, int]]
    subject: str


@require_safe
def repositories(request: HttpRequest) -> HttpResponse:
    """All repositories of this person's teams."""
    user = person(request)
    newest = Scan.objects.filter(repository=OuterRef("pk")).exclude(kind__in=REPORTS).order_by("-id")
    others = Component.objects.filter(repository=OuterRef("pk")).exclude(team__memberships__user=user)
    found = list(
        Repository.objects.visible_to(user)
        .annotate(scan_state=Subquery(newest.values("state")[:1]), shared=Exists(others))
        .order_by("name", "pk")
    )
    counts = open_counts(user, [r.pk for r in found])
    context = {
        "repositories": [_row(r, counts) for r in found],
        "sentence": _freshness(found),
        "add": add_url(user),
        "ways": ways(user),
        "left": left(user),
    }
    return render(request, "findings/repositories.html", context)


def add_url(user: User) -> str:
    """Where this person may add a repository; "" where no team is theirs to lead."""
    return reverse("findings:add_repository") if Team.objects.visible_to(user, "lead").exists() else ""


def ways(user: User) -> dict[str, str]:
    """The three ways in, for a team that has nothing yet. Only who leads one may go them: for others `add` is ""."""
    return {
        "add": add_url(user),
        "review": reverse("remediation:imports"),
        "sarif": "python manage.py import_findings report.sarif --repository SLUG",
    }


def open_counts(user: User, repositories: list[int]) -> dict[tuple[int, str], int]:
    """(repository, priority) -> open findings that this person sees there."""
    rows = Finding.objects.visible_to(user).open().filter(repository__in=repositories)
    counted = rows.order_by().values_list("repository", "priority").annotate(n=Count("pk"))
    return {(repository, priority): n for repository, priority, n in counted}


def _row(repository: Repository, counts: dict[tuple[int, str], int]) -> Row:
    state: str = getattr(repository, "scan_state", "") or ""
    return Row(
        name=repository.name,
        url=repository.get_absolute_url(),
        address=repository.url,
        branch=repository.default_branch or _("its default"),
        proven=proven(repository),
        behind=_("newer commits wait") if repository.behind and repository.proven_commit else "",
        scan_state=state,
        open=[(p, counts[repository.pk, p]) for p in PRIORITIES if (repository.pk, p) in counts],
        subject="" if getattr(repository, "shared", False) else f"repository:{repository.pk}",
    )


def proven(repository: Repository) -> dict[str, Any] | None:
    """When and where its code was last scanned completely."""
    if not repository.proven_commit:
        return None
    return {"at": repository.proven_at, "commit": repository.proven_commit, "url": ""}


def _freshness(found: Sequence[Repository]) -> str:
    if not found:
        return _("Nothing is followed yet.")
    behind = sum(r.behind or not r.proven_commit for r in found)
    said = ngettext("%d repository is followed", "%d repositories are followed", len(found)) % len(found)
    if not behind:
        return _("%s, proven at the newest commit that is known.") % said
    return _("%(said)s; %(n)d not proven at the newest commit.") % {"said": said, "n": behind}


# One repository


@require_safe
def repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Freshness, scans, who owns what, and for its leads the webhook."""
    user = person(request)
    found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
    leads = Repository.objects.led_by(user).filter(pk=found.pk).exists()
    parts = list(found.components.select_related("team"))
    mine = set(Team.objects.visible_to(user).values_list("pk", flat=True))
    whole = all(p.team_id in mine for p in parts)
    scans = found.scans.exclude(kind__in=REPORTS).prefetch_related(Prefetch("runs", queryset=RUNS_SHOWN))
    page = paginate(request, scans, Order("pk", down=True), SCANS)
    may_scan = Repository.objects.visible_to(user, "member").filter(pk=found.pk).exists()
    runs = [run for scan in page.rows for run in scan.runs.all()]
    counts = counts_for(runs, [p.pk for p in parts if p.team_id in mine], whole=whole)
    context = {
        "repository": {"name": found.name, "url": found.get_absolute_url()},
        "back": reverse("findings:repositories"),
        "sentence": _sentence(found),
        "proven": proven(found),
        "scans": [scan_row(scan, counts) for scan in page.rows],
        "page": page,
        "past": reverse("findings:past", args=[slug]) if leads else "",
        "scan_now": reverse("findings:scan_now", args=[slug]) if may_scan else "",
        "components": _components(user, parts if leads else [p for p in parts if p.team_id in mine], mine),
        "hook": hook(found) if leads else None,
        "edit": reverse("findings:edit_repository", args=[slug]) if leads else "",
        "stop": reverse("findings:stop_following", args=[slug]) if leads else "",
        "facts": _facts(found),
    }
    return render(request, "findings/repository.html", context)


def _sentence(repository: Repository) -> str:
    if not repository.proven_commit:
        return _("Not scanned yet.")
    if repository.behind:
        return _("A newer commit, %(head)s, is known and not scanned yet; what stands here was proven at %(at)s.") % {
            "head": repository.remote_head[:7],
            "at": repository.proven_commit[:7],
        }
    return _("Proven at %s, the newest commit that is known.") % repository.proven_commit[:7]


def _facts(repository: Repository) -> list[tuple[str, str]]:
    return [
        (_("Address"), repository.url),
        (_("Branch"), repository.default_branch or _("its default")),
        (_("Short name"), repository.slug),
    ]


def _components(user: User, parts: list[Component], mine: set[int]) -> list[dict[str, Any]]:
    """Rows of the table of owners. What is open in another team's part is that team's business."""
    rows = Finding.objects.visible_to(user).open().filter(component__in=parts).order_by()
    counts = dict(rows.values_list("component").annotate(n=Count("pk")))
    return [
        {
            "name": part.name,
            "paths": " ".join(part.paths) or _("everything else"),
            "team": part.team.name,
            "open": counts.get(part.pk, 0) if part.team_id in mine else "—",
            "subject": f"component:{part.pk}" if part.team_id in mine else "",
        }
        for part in parts
    ]


def hook(repository: Repository) -> dict[str, Any]:
    """The exact values to paste into a forge, a signed ping to try them with, and the last thing that arrived."""
    path = reverse("findings:webhook", args=["github", repository.hook_token])
    last = repository.deliveries.order_by("-id").first()
    signature = hmac.new(repository.hook_secret.encode(), PING.encode(), hashlib.sha256).hexdigest()
    return {
        "provider": "GitHub",
        "url": f"{settings.BASE_URL}{path}",
        "secret": repository.hook_secret,
        "mark": mark_of(repository.hook_secret),
        "rotate": reverse("findings:rotate_secret", args=[repository.slug]),
        "previous": bool(repository.hook_secret_previous),
        "last": {"at": last.received_at, "text": str(OUTCOMES.get(last.outcome, last.outcome))} if last else None,
        "try": (
            f"curl -sS -H 'X-GitHub-Event: ping' -H \"X-GitHub-Delivery: try-$(date +%s)\" "
            f"-H 'Content-Type: application/json' -H 'X-Hub-Signature-256: sha256={signature}' "
            f"-d '{PING}' {settings.BASE_URL}{path}"
        ),
    }


# What people do


@require_http_methods(["GET", "HEAD", "POST"])
def add_repository(request: HttpRequest) -> HttpResponse:
    """Follow another repository, and scan it."""
    user = person(request)
    if not Team.objects.visible_to(user, "lead").exists():
        raise PermissionDenied
    form = RepositoryForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        made = follow(form.cleaned_data, actor=user)
        messages.success(request, _("%s is followed now; its first scan waits for a worker.") % made.name)
        return redirect(made)
    context = {
        "title": _("Add a repository"),
        "sentence": _("Its code is scanned once in full, history included, and on each push from then on."),
        "form": form,
        "action": _("Follow it"),
        "back": reverse("findings:repositories"),
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


def slug_of(url: str, taken: set[str]) -> str:
    """A short name by the address that nobody has yet."""
    base = addresses.slug_for(url)[:40] or "repository"
    numbers = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbers if slug not in taken)


@transaction.atomic
def follow(said: dict[str, Any], *, actor: User | str) -> Repository:
    """What `RepositoryForm` let through is followed and scanned. Two people who pick one name at once get two slugs."""
    Team.objects.select_for_update().get(pk=said["team"].pk)
    taken = {"add", *Repository.objects.values_list("slug", flat=True)}
    made = actions.track(
        said["url"],
        team=said["team"],
        actor=actor,
        slug=slug_of(said["url"], taken),
        name=said["name"],
        branch=said["branch"],
    )
    actions.request_scan(made, actor=actor)
    return made


@require_http_methods(["GET", "HEAD", "POST"])
def edit_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Correct where a repository is, what it is called, or which branch counts, and scan it there."""
    user = person(request)
    found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
    if not Repository.objects.led_by(user).filter(pk=found.pk).exists():
        raise PermissionDenied
    known = {"url": found.url, "name": found.name, "branch": found.default_branch, "seen": mark_of_address(found)}
    form = MovedForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            moved = _moved(found, form.cleaned_data, user)
        except Stale as stale:
            form = _asked_again(form, stale.row)
        else:
            messages.success(request, _("Saved; a scan of %s waits for a worker.") % moved.url)
            return redirect(moved)
    context = {
        "title": _("Change the address of %s") % found.name,
        "sentence": _("Its findings and their history stay; the next scan says what became of them."),
        "form": form,
        "action": _("Save and scan"),
        "back": found.get_absolute_url(),
    }
    return render(request, "form_page.html" + fragment(request, "form"), context, status=422 if form.errors else 200)


@transaction.atomic
def _moved(found: Repository, said: dict[str, Any], user: User) -> Repository:
    """The repository as it was typed, with a scan asked for."""
    moved = actions.move(
        found, said["url"], name=said["name"], branch=said["branch"], actor=user, seen=said["seen"] or ""
    )
    actions.request_scan(moved, actor=user)
    return moved


def _asked_again(form: MovedForm, now: Repository) -> MovedForm:
    """What was typed, with what somebody else made of it meanwhile: sent again, it counts."""
    again = MovedForm({**form.cleaned_data, "seen": mark_of_address(now)}, initial={"url": now.url})
    branch = now.default_branch or _("its default")
    text = _("Somebody changed it meanwhile: %(url)s, branch %(branch)s. Nothing was saved; save again to replace it.")
    again.add_error(None, text % {"url": now.url, "branch": branch})
    return again


@require_POST
def scan_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a scan of the newest commit; one that waits already is enough."""
    user = person(request)
    found = obtain(Repository.objects.visible_to, user, "member", slug=slug)
    scan, made = actions.request_scan(found, actor=user)
    messages.success(request, _("The scan waits for a worker.") if made else _("A scan was waiting already."))
    return redirect(scan)


@require_POST
def rotate_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """A new webhook secret."""
    user = person(request)
    found = get_object_or_404(Repository.objects.visible_to(user), slug=slug)
    if not Repository.objects.led_by(user).filter(pk=found.pk).exists():
        raise PermissionDenied
    try:
        actions.rotate_secret(found, actor=user, seen=request.POST.get("seen", ""))
    except Stale:
        messages.warning(request, _("Somebody made a new secret meanwhile: it stands below. Nothing was changed now."))
    else:
        text = _("A new secret stands below. The one before it stays valid until the next change: replace it now.")
        messages.success(request, text)
    return redirect(f"{found.get_absolute_url()}#webhook")
