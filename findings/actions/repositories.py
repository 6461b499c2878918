"""Repositories we follow, and who owns which part of them."""

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from findings.actions.saying import Stale
from findings.events import record
from findings.models import Component, Repository, Run, RunState, Team, User
from findings.models.repositories import new_secret


@transaction.atomic
def track(url: str, *, team: Team, actor: User | str, slug: str, name: str = "", branch: str = "") -> Repository:
    """Follow a repository; its default component belongs to `team`. Raises IntegrityError when the slug is taken.

    Callers check the address: forms and the API never pass a local path.
    """
    repository = Repository.objects.create(slug=slug, name=name or slug, url=url, default_branch=branch)
    Component.objects.create(repository=repository, team=team, name=name or slug, is_default=True)
    record(
        "tracked", f"repository:{repository.pk}", actor=actor, label=repository.name, team=team, repository=repository
    )
    return repository


@transaction.atomic
def define_component(
    repository: Repository, name: str, *, team: Team, paths: Sequence[str], actor: User | str
) -> Component:
    """Give a part of a repository (CODEOWNERS patterns) to a team. Findings follow at the next batch."""
    component, made = Component.objects.update_or_create(
        repository=repository,
        name=name,
        defaults={"team": team, "paths": list(paths)},
        create_defaults={
            "team": team,
            "paths": list(paths),
            "position": repository.components.count(),
        },
    )
    record(
        "defined component" if made else "changed component",
        f"repository:{repository.pk}",
        actor=actor,
        label=name,
        team=team,
        repository=repository,
        after={"paths": list(paths), "team": team.slug},
    )
    return component


def mark_of_address(repository: Repository) -> str:
    """What tells one address, branch and name of a repository from others."""
    return mark_of("\0".join((repository.url, repository.default_branch, repository.name)))


@transaction.atomic
def move(repository: Repository, url: str, *, name: str, branch: str, actor: User | str, seen: str = "") -> Repository:
    """Follow a repository at another address, under another name or by another branch. Its findings stay; the next scan
    says what became of them. Callers check the address.

    Raises `Stale` where address, branch and name are not any more the ones that were `seen` (see `mark_of_address`).
    """
    locked: Repository = Repository.objects.select_for_update().get(pk=repository.pk)
    if seen and seen != mark_of_address(locked):
        raise Stale(locked)
    before = {"url": locked.url, "branch": locked.default_branch, "name": locked.name}
    locked.url, locked.default_branch, locked.name = url, branch, name
    locked.save(update_fields=["url", "default_branch", "name"])
    record(
        "moved repository",
        f"repository:{locked.pk}",
        actor=actor,
        label=locked.name,
        team=locked.components.get(is_default=True).team_id,
        repository=locked,
        before=before,
        after={"url": url, "branch": branch, "name": name},
    )
    return locked


def mark_of(secret: str) -> str:
    """What tells one webhook secret from another without being it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


@transaction.atomic
def rotate_secret(repository: Repository, *, actor: User | str, seen: str = "") -> str:
    """A new webhook secret; the old one stays valid until the next rotation. Answers the new one.

    Raises `Stale` where it is not any more the one that was `seen` (as `mark_of` has it): a second rotation would end
    the one that a forge still uses.
    """
    locked: Repository = Repository.objects.select_for_update().get(pk=repository.pk)
    if seen and seen != mark_of(locked.hook_secret):
        raise Stale(locked)
    locked.hook_secret_previous, locked.hook_secret = locked.hook_secret, new_secret()
    locked.save(update_fields=["hook_secret", "hook_secret_previous"])
    team = locked.components.get(is_default=True).team_id
    record(
        "rotated webhook secret",
        f"repository:{locked.pk}",
        actor=actor,
        label=locked.name,
        team=team,
        repository=locked,
    )
    return locked.hook_secret


def prove(repository: Repository) -> None:
    """Set what the repository is proven at: the newest scan that stands. An undone one does not."""
    prove_by(repository, repository.runs.filter(tool="nova", state=RunState.APPLIED).exclude(commit="").first())


def prove_by(repository: Repository, last: Run | None) -> None:
    """Set what the repository is proven at, where the newest scan that stands is known."""
    repository.proven_commit, repository.proven_at = (last.commit, last.observed_at) if last else ("", None)
    repository.save(update_fields=["proven_commit", "proven_at"])


def saw_head(repository: Repository, commit: str, branch: str = "") -> None:
    """Note the newest commit known to exist on the tracked branch (and the branch, when it was not known)."""
    fields = {"remote_head": commit, "remote_seen_at": timezone.now()}
    if branch and not repository.default_branch:
        fields["default_branch"] = branch
    Repository.objects.filter(pk=repository.pk).update(**fields)
    for name, value in fields.items():
        setattr(repository, name, value)
