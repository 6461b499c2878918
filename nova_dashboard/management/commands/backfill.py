"""The trend of the past: scan old commits with their own dates."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from findings import actions
from findings.management.base import NovaCommand, repository_called
from findings.models import Scan, ScanState
from nova_dashboard.pipeline import run_scan

ACTOR = "command line"
LOOK = 0.3  # seconds between two looks at a scan that a worker does
WIDTH = 40


class Command(NovaCommand):
    """`backfill`."""

    help = "Scan the past commits of a repository, so that its trend begins then."
    examples = """\
examples:
  manage.py track https://git.example.com/shop.git --team platform
  manage.py backfill shop --since 2026-01-01
  manage.py backfill shop --since 2025-06-01 --every 10      every tenth commit, and the newest

Commits are those of the branch itself (first parents), oldest first. Each blob is read once, so months of history
cost about as much as reading it once. Interrupted, it goes on where it stood as soon as a worker runs, or with the
same command. Pushes that arrive meanwhile wait, and are scanned afterwards.

The past of a repository that was scanned already is built aside and taken over in one step. Verdicts, owners, dates,
comments, attestations and the addresses of findings stay; when each was first seen, fixed and came back becomes what
the past says, and grades from before the first scan are added. That cannot be undone."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("slug", metavar="SLUG", help="a tracked repository")
        parser.add_argument("--since", required=True, metavar="DATE", help="the first day, such as 2026-01-31")
        parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth commit (1)")

    def handle(self, *args: Any, slug: str, since: str, every: int, **options: Any) -> None:
        """Ask for it, do it here unless a worker was quicker, and say what came of it."""
        repository = repository_called(slug)
        interrupted = repository.scans.filter(kind="backfill", state__in=[ScanState.QUEUED, ScanState.RUNNING]).first()
        try:
            scan = interrupted or actions.request_past(
                repository, since=day(since), every=every, actor=ACTOR, told=False
            )
        except ValueError as error:
            raise CommandError(f"The past of {slug} cannot be scanned: {error}") from None
        self.see_through(scan)
        if scan.state == ScanState.FAILED:
            raise CommandError(f"The past of {slug} cannot be scanned: {scan.error}")
        self.say(f"The past of {slug} since {scan.counts['since']} is scanned, up to {scan.commit[:7]}.")
        if scan.counts.get("aside"):
            known, more = scan.counts["known"], scan.counts["findings"]
            self.say(
                f"It was taken over: {known} findings kept what people said of them, {more} from before came along."
            )

    def see_through(self, scan: Scan) -> None:
        """Until it is over, whoever does it."""
        run_scan(scan.pk, self.bar)
        scan.refresh_from_db()
        while scan.active:
            self.bar(scan.stage, scan.done, scan.total)
            time.sleep(LOOK)
            run_scan(scan.pk, self.bar)  # a worker that died leaves it to be had
            scan.refresh_from_db()

    def bar(self, stage: str, done: int, total: int) -> None:
        """How far it is, on a terminal."""
        if self.stderr.isatty() and total:
            full = WIDTH * done // total
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {done} of {total} commits", ending=end)


def day(text: str) -> date:
    """A day. Raises CommandError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a day; expected one such as 2026-01-31") from None
