"""The trend of the past: scan old commits with their own dates."""

from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from findings.actions.scans import Lost
from findings.git import GitError
from findings.management.base import NovaCommand, repository_called
from nova_dashboard.pipeline import backfill

WIDTH = 40


class Command(NovaCommand):
    """`backfill`."""

    help = "Scan the past commits of a repository that was never scanned, so that its trend begins then."
    examples = """\
examples:
  manage.py track https://git.example.com/shop.git --team platform
  manage.py backfill shop --since 2026-01-01
  manage.py backfill shop --since 2025-06-01 --every 10      every tenth commit, and the newest

Commits are those of the branch itself (first parents), oldest first. Each blob is read once, so months of history
cost about as much as reading it once. Interrupted, it is begun again only for a repository with nothing found."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("slug", metavar="SLUG", help="a tracked repository that was not scanned yet")
        parser.add_argument("--since", required=True, metavar="DATE", help="the first day, such as 2026-01-31")
        parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth commit (1)")

    def handle(self, *args: Any, slug: str, since: str, every: int, **options: Any) -> None:
        """Scan them in order."""
        repository = repository_called(slug)
        if every < 1:
            raise CommandError("--every must be 1 or more")
        try:
            done = backfill(repository, since=midnight(since), every=every, told=self.bar)
        except (GitError, ValueError, Lost) as error:
            raise CommandError(f"The past of {slug} cannot be scanned: {error}") from None
        if not done:
            raise CommandError(f"{slug} has no commit since {since}")
        self.say(f"{done} commits of {slug} scanned, from {since} on.")

    def bar(self, done: int, total: int) -> None:
        """How far it is, on a terminal."""
        if self.stderr.isatty():
            full = WIDTH * done // total
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {done} of {total} commits", ending=end)


def midnight(text: str) -> datetime:
    """The beginning of a day (UTC). Raises CommandError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a day; expected one such as 2026-01-31") from None
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
