"""What our commands share: help with examples as written, and rows by slug with a clear word where there is none."""

import json
import re
from argparse import RawDescriptionHelpFormatter
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from findings.models import Component, Repository, Team

NAMED = 10
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class NovaCommand(BaseCommand):
    """A command whose help ends with `examples`."""

    examples: ClassVar[str] = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Help with the lines of the examples kept."""
        kwargs |= {"epilog": self.examples, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def say(self, text: str) -> None:
        """A line for the person at the terminal, at once. What a report holds cannot steer the terminal."""
        self.stdout.write(printable(text))
        self.stdout.flush()

    def say_json(self, data: Any) -> None:
        """One JSON document for a script. Dates and numbers of money are written as their text."""
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def printable(text: str) -> str:
    """A text without what a terminal obeys: control characters, and those that turn the direction of writing."""
    return _STEERING.sub("\ufffd", text)


def repository_called(slug: str) -> Repository:
    """The tracked repository with this slug. Raises CommandError."""
    found = Repository.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no tracked repository {slug!r}. {_known(Repository.objects, 'track')}")
    return found


def team_called(slug: str) -> Team:
    """The team with this slug. Raises CommandError."""
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no team {slug!r}. {_known(Team.objects, 'create_team')}")
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
