"""What commands over the database share: rows by slug, with a clear word where there is none."""

from typing import Any

from django.core.management.base import CommandError
from django.db.models import Model

from findings.management.plain import NovaCommand
from findings.models import Component, Repository, Team

__all__ = ["NovaCommand", "check_lengths", "repository_called", "team_called", "team_of"]

NAMED = 10


def repository_called(slug: str) -> Repository:
    """The tracked repository with this slug. Raises CommandError."""
    rows = Repository.objects.followed()
    found = rows.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no tracked repository {slug!r}. {_known(rows, 'track')}")
    return found


def team_called(slug: str) -> Team:
    """The team with this slug. Raises CommandError."""
    rows = Team.objects.filter(aside_of=None)
    found = rows.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no team {slug!r}. {_known(rows, 'create_team')}")
    return found


def team_of(repository: Repository, slug: str | None) -> Team:
    """The team with this slug, or the one the repository as a whole belongs to. Raises CommandError where the team
    owns no part of it: nobody would see what it is given.
    """
    parts = Component.objects.filter(repository=repository).select_related("team")
    if slug is None:
        return parts.get(is_default=True).team
    team = team_called(slug)
    if not parts.filter(team=team).exists():
        owners = ", ".join(sorted({part.team.slug for part in parts}))
        raise CommandError(f"Team {slug!r} owns no part of {repository.slug!r}; these do: {owners}")
    return team


def check_lengths(model: type[Model], **values: str) -> None:
    """Raises CommandError for a text that its field cannot hold."""
    for name, value in values.items():
        longest = getattr(model._meta.get_field(name), "max_length", None)
        if longest is not None and len(value) > longest:
            raise CommandError(f"The {name.replace('_', ' ')} is too long: {len(value)} characters, at most {longest}")


def _known(rows: Any, command: str) -> str:
    names = list(rows.order_by("slug").values_list("slug", flat=True)[: NAMED + 1])
    if not names:
        return f"There is none yet: manage.py {command} makes one."
    return f"Known: {', '.join(names[:NAMED])}{' …' if len(names) > NAMED else ''}"
