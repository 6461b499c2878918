"""Repositories: which there are, how fresh they are, and following one more."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from findings.forms import RepositoryForm
from findings.models import Repository, Team
from findings.pages import Order
from findings.views.repositories import follow, open_counts
from remediation.api.call import Answer, Call, Problem
from remediation.api.lists import PAGING, answer, listed
from remediation.api.operation import Operation
from remediation.api.schema import BOOL, COUNT, MOMENT, WORD, many, nullable, record, text
from remediation.forms.filters import PRIORITIES

OPEN = record(dict.fromkeys(PRIORITIES, COUNT))
REPOSITORY = record(
    {
        "slug": WORD,
        "url": WORD,
        "name": WORD,
        "address": WORD,
        "branch": WORD,
        "proven_commit": WORD,
        "proven_at": nullable(MOMENT),
        "remote_head": WORD,
        "behind": BOOL,
        "open": OPEN,
        "components": many(record({"name": WORD, "paths": many(WORD), "is_default": BOOL})),
    }
)


def shown(call: Call, repositories: Sequence[Repository]) -> list[dict[str, Any]]:
    """Repositories (with their components read) as the API tells them: the team's own components, no others."""
    counts = open_counts(call.user, [r.pk for r in repositories])
    found = []
    for r in repositories:
        own = {
            "url": r.get_absolute_url(),
            "address": r.url,
            "branch": r.default_branch,
            "open": {p: counts.get((r.pk, p), 0) for p in PRIORITIES},
            "components": [
                {"name": c.name, "paths": c.paths, "is_default": c.is_default}
                for c in r.components.all()
                if c.team_id == call.token.team_id
            ],
        }
        found.append({name: own[name] if name in own else getattr(r, name) for name in REPOSITORY["properties"]})
    return found


def list_repositories(call: Call) -> Answer:
    """The repositories of which the team owns a part."""
    rows = Repository.objects.visible_to(call.user).prefetch_related("components")
    return answer(call, rows, Order("pk"), lambda part: shown(call, part))


def one_repository(call: Call, slug: str) -> Answer:
    """How fresh a repository is, and what is open there."""
    rows = Repository.objects.visible_to(call.user).prefetch_related("components")
    return Answer(shown(call, [get_object_or_404(rows, slug=slug)])[0])


def create(call: Call) -> Answer:
    """Follow another repository; its first scan waits for a worker."""
    if not Team.objects.visible_to(call.user, "lead").exists():
        raise PermissionDenied
    form = RepositoryForm({**call.body, "team": call.token.team_id}, user=call.user)
    if not form.is_valid():
        errors = [(f"/{name}", str(error)) for name, wrong in form.errors.items() for error in wrong]
        raise Problem(409, "this cannot be followed here", errors=errors)
    made = follow(form.cleaned_data, actor=call.actor)
    address = reverse("api:repositories/slug", args=[made.slug])
    body = one_repository(call, made.slug).body
    return Answer(body, 201, {"Location": call.request.build_absolute_uri(address)})


NEW = record({"url": text(500, said=True)}, {"name": text(200), "branch": text(200)})
OPERATIONS = (
    Operation("GET", "repositories", ("read",), list_repositories, listed(REPOSITORY), {**PAGING}),
    Operation("POST", "repositories", ("configure",), create, REPOSITORY, body=NEW, status=201),
    Operation("GET", "repositories/<slug:slug>", ("read",), one_repository, REPOSITORY),
)
