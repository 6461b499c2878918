"""A team, and the first person who can sign in to it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction

from findings import actions
from findings.actions.people import password_link
from findings.management.base import NovaCommand, check_lengths
from findings.models import Role, Team, User
from findings.zones import ZONES

ACTOR = "command line"


class Command(NovaCommand):
    """`create_team`."""

    help = "Make a team; with --lead, print a link with which its lead sets a password (once)."
    examples = """\
examples:
  manage.py create_team platform --lead ada@example.com
  manage.py create_team delivery --name "Delivery" --timezone Asia/Shanghai --language zh-hans --lead lin@example.com

The link works once, for three days. Later, `manage.py changepassword EMAIL` sets a password."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("slug", metavar="SLUG", help="its short name in addresses: letters, digits, - and _")
        parser.add_argument("--name", default="", help="its name for people (made from the slug)")
        parser.add_argument("--lead", metavar="EMAIL", help="who leads it; an account is made when there is none")
        parser.add_argument("--timezone", default="UTC", help="in which its days begin, such as Europe/Berlin (UTC)")
        parser.add_argument("--language", default="en", help="of its mails and new members: en or zh-hans (en)")

    def handle(
        self, *args: Any, slug: str, name: str, lead: str | None, timezone: str, language: str, **options: Any
    ) -> None:
        """Make it, whole or not at all."""
        check(slug, name, lead, timezone, language)
        try:
            with transaction.atomic():
                team = actions.create_team(slug, name=name, timezone=timezone, language=language, actor=ACTOR)
                user = actions.invite(team, lead, Role.LEAD, actor=ACTOR).user if lead else None
        except IntegrityError:
            raise CommandError(f"There is a team {slug!r} already") from None
        self.say(f"Team {team.name} ({team.slug}) is there.")
        if user:
            self.welcome(user)

    def welcome(self, user: User) -> None:
        """How its lead gets in."""
        if user.has_usable_password():
            self.say(f"{user.email} leads it, and signs in as before: {settings.BASE_URL}")
        else:
            self.say(f"{user.email} leads it, and sets a password here (once):")
            self.say(password_link(user, settings.BASE_URL))


def check(slug: str, name: str, lead: str | None, timezone: str, language: str) -> None:
    """Raises CommandError for what could not be kept."""
    try:
        validate_slug(slug)
        if lead is not None:
            validate_email(lead.strip())
    except ValidationError as error:
        wrong = slug if error.code == "invalid" and "slug" in error.messages[0] else lead
        raise CommandError(f"{wrong!r}: {error.messages[0]}") from None
    check_lengths(Team, slug=slug, name=name)
    check_lengths(User, email=lead or "")
    if timezone not in ZONES:
        raise CommandError(f"There is no time zone {timezone!r}; expected a name such as Europe/Berlin")
    if language not in dict(settings.LANGUAGES):
        raise CommandError(f"{language!r} is not a language we have: {', '.join(dict(settings.LANGUAGES))}")
