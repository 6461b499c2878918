"""Follow a repository: an address, or a path on this machine (which no form and no API takes)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.urls import reverse

from findings import actions
from findings.core import addresses
from findings.core.types import FormatError
from findings.git import GitError, Mirror
from findings.management.base import NovaCommand, check_lengths, team_called
from findings.models import Repository, Scan, ScanKind

ACTOR = "command line"
PROVIDER = "github"


class Command(NovaCommand):
    """`track`."""

    help = "Follow a git repository, ask for its first scan, and print what its webhook needs."
    examples = """\
examples:
  manage.py track https://git.example.com/shop.git --team platform
  manage.py track git@git.example.com:teams/shop.git --team platform --slug shop --name "The shop" --branch main
  manage.py track /srv/git/shop.git --team platform --json
  manage.py track https://git.example.com/shop.git --team platform --no-scan      and then `backfill` its past

Logins do not belong in an address: the account that runs the workers needs an ssh key, or a line in its ~/.netrc.
A path may lead to a bare repository or to one with a work tree; only what is committed is read."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("address", metavar="URL_OR_PATH", help="where it is")
        parser.add_argument("--team", required=True, help="the slug of the team it belongs to")
        parser.add_argument("--slug", help="its short name in addresses (made from the address)")
        parser.add_argument("--name", default="", help="its name for people (the slug)")
        parser.add_argument("--branch", default="", help="the branch to follow (the default branch)")
        parser.add_argument("--no-scan", action="store_true", help="ask for no first scan: `backfill` comes before it")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(
        self,
        *args: Any,
        address: str,
        team: str,
        slug: str | None,
        name: str,
        branch: str,
        no_scan: bool,
        json: bool,
        **options: Any,
    ) -> None:
        """Track it and ask for a scan, both or neither."""
        owner = team_called(team)
        url = checked(address, branch)
        slug = slug or addresses.slug_for(url)
        check_texts(slug, name, branch)
        try:
            with transaction.atomic():
                made = actions.track(url, team=owner, slug=slug, name=name, branch=branch, actor=ACTOR)
                scan = None if no_scan else actions.request_scan(made, kind=ScanKind.MANUAL, actor=ACTOR)[0]
        except IntegrityError:
            raise CommandError(f"There is a repository {slug!r} already; --slug gives this one another name") from None
        if json:
            self.say_json(as_data(made, scan))
        else:
            self.say(as_text(made, scan))


def checked(address: str, branch: str) -> str:
    """The address as it is stored: a path is made absolute. Raises CommandError."""
    if address.startswith("-"):
        raise CommandError(f"{address!r} is an option and no address")
    if addresses.is_remote(address):
        try:
            return addresses.check(address, settings.NOVA_GIT_PROTOCOLS)
        except FormatError as error:
            raise CommandError(f"The address cannot be followed: {error}") from None
    return local(Path(address), branch)


def local(path: Path, branch: str) -> str:
    """The absolute path of a repository on this machine that the workers can read. Raises CommandError."""
    try:
        whole = path.expanduser().resolve()
        if not Mirror(whole).exists():
            raise CommandError(
                f"{path} is not a git repository (give its top folder), nor an address such as https://…"
            )
        # Asked as a scan will ask, so that a repository git will not open is said now and not by the first scan.
        _branch, head = Mirror(whole).remote_head(str(whole), ["file"], branch)
    except (OSError, ValueError, RuntimeError, GitError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    if branch and not head:
        raise CommandError(f"{path} has no branch {branch!r}")
    if len(str(whole)) > addresses.LENGTH:
        raise CommandError(f"The path is too long: at most {addresses.LENGTH} characters")
    return str(whole)


def check_texts(slug: str, name: str, branch: str) -> None:
    """Raises CommandError for names that cannot be kept."""
    try:
        validate_slug(slug)
    except ValidationError:
        raise CommandError(f"{slug!r} is not a usable slug (letters, digits, - and _); --slug gives another") from None
    check_lengths(Repository, slug=slug, name=name, default_branch=branch)
    if branch.startswith("-") or any(char.isspace() or ord(char) < 32 or char in "~^:?*[\\" for char in branch):
        raise CommandError(f"{branch!r} is not a name of a branch")


def webhook_url(repository: Repository) -> str:
    """Where the forge posts."""
    return settings.BASE_URL + reverse("findings:webhook", args=[PROVIDER, repository.hook_token])


def as_data(made: Repository, scan: Scan | None) -> dict[str, Any]:
    """For scripts."""
    return {
        "slug": made.slug,
        "name": made.name,
        "url": made.url,
        "branch": made.default_branch,
        "webhook_url": webhook_url(made),
        "webhook_secret": made.hook_secret,
        "scan": scan.pk if scan else None,
    }


def as_text(made: Repository, scan: Scan | None) -> str:
    """For people: the values to paste."""
    first = f"its first scan waits for a worker (scan {scan.pk})" if scan else "no scan was asked for"
    return (
        f"Following {made.url} as {made.slug}; {first}.\n\n"
        f"Webhook URL:     {webhook_url(made)}\n"
        f"Webhook secret:  {made.hook_secret}\n"
        f"Content type:    application/json, for push events\n"
    )
