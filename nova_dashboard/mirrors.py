"""Our own copies of the repositories we follow, and how they are brought up to date."""

from pathlib import Path

from django.conf import settings

from findings import actions
from findings.git import GitError, Mirror
from findings.models import Repository


def protocols(url: str) -> list[str]:
    """What git may speak to reach an address: a local path (only the command line sets one), or the allowed ones."""
    return ["file"] if Path(url).is_absolute() else settings.NOVA_GIT_PROTOCOLS


def mirror_of(repository: Repository) -> Mirror:
    """Our own bare copy of a repository."""
    return Mirror(settings.VAR / "mirrors" / f"{repository.pk}.git")


def refresh(repository: Repository) -> tuple[Mirror, str]:
    """Fetch, and say what the head of the tracked branch is. Raises GitError."""
    mirror = mirror_of(repository)
    mirror.create()
    branch, head = mirror.remote_head(repository.url, protocols(repository.url), repository.default_branch)
    if not head and repository.default_branch:
        raise GitError(f"The repository has no branch {repository.default_branch!r}")
    if not head:
        raise GitError("The repository has no commit yet")
    mirror.fetch(repository.url, protocols(repository.url))
    actions.saw_head(repository, head, branch)
    return mirror, head
