"""Scan a tracked repository: by the workers, or here where none runs."""

import re
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from findings import actions
from findings.core.rules import TOOL
from findings.management.base import NovaCommand, repository_called
from findings.models import Repository, Run, Scan, ScanKind, ScanState
from nova_dashboard.health import STALE, heartbeats
from nova_dashboard.pipeline import run_scan

ACTOR = "command line"
LOOK = 0.3  # seconds between two looks at a scan that somebody else does
COMMIT = re.compile(r"[0-9a-f]{4,64}")
FATES = (
    ("new", "new"),
    ("again", "seen again"),
    ("moved", "of them moved"),
    ("back", "came back"),
    ("fixed", "fixed"),
    ("deleted", "deleted with their code"),
    ("kept", "not looked at, so left alone"),
)


class Command(NovaCommand):
    """`rescan`."""

    help = "Ask for a scan of a tracked repository; with --wait, see it through."
    examples = """\
examples:
  manage.py rescan shop                     ask for a scan; a worker does it
  manage.py rescan shop --wait              and wait for it; without workers it is done here
  manage.py rescan shop --commit 1a2b3c4    of this commit, not of the newest
  manage.py rescan shop --wait --json       for scripts

Exits with 1 when the scan failed."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("slug", metavar="SLUG", help="a tracked repository")
        parser.add_argument("--commit", metavar="SHA", default="", help="a commit of its branch (the newest one)")
        parser.add_argument("--wait", action="store_true", help="until it is done; without workers, do it here")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, slug: str, commit: str, wait: bool, json: bool, **options: Any) -> None:
        """Ask, wait if asked to, and say what came of it."""
        repository = repository_called(slug)
        if commit and not COMMIT.fullmatch(commit.lower()):
            raise CommandError(f"{commit!r} is not a commit: expected 4 to 64 hexadecimal digits")
        scan, made = actions.request_scan(repository, kind=ScanKind.MANUAL, actor=ACTOR, commit=commit.lower())
        if wait:
            self.see_through(scan)
        if json:
            self.say_json(as_data(scan))
        else:
            self.say(as_text(scan) if wait else waiting(scan, made))
        if scan.state == ScanState.FAILED:
            raise CommandError(f"Scan {scan.pk} failed: {scan.error}")

    def see_through(self, scan: Scan) -> None:
        """Until the scan is over. Where no worker lives, every scan of the repository that waits is done here."""
        told = ""
        while scan.active:
            if workers_live() or not do_what_waits(scan.repository):
                time.sleep(LOOK)
            scan.refresh_from_db()
            if (now := progress(scan)) != told and self.stderr.isatty():
                told = now
                self.stderr.write(f"\r{told:60}", ending="" if scan.active else "\n")


def workers_live() -> bool:
    """Whether a worker gave a sign of life lately."""
    return any(age <= STALE for _name, age in heartbeats())


def do_what_waits(repository: Repository) -> bool:
    """Do the next scan of a repository that nobody does: also one whose worker died, for it is in the others' way."""
    return any(run_scan(pk) for pk in repository.scans.claimable().order_by("pk").values_list("pk", flat=True))


def progress(scan: Scan) -> str:
    """How far it is, in one line."""
    if not scan.active:
        return f"scan {scan.pk}: {scan.state}"
    share = f" {scan.done} of {scan.total}" if scan.total else ""
    return f"scan {scan.pk}: {scan.state} {scan.stage}{share}"


def waiting(scan: Scan, made: bool) -> str:
    """What a scan that was only asked for waits for."""
    asked = f"Scan {scan.pk} is asked for" if made else f"Scan {scan.pk} was asked for before and still waits"
    if workers_live():
        return f"{asked}."
    return f"{asked}; it waits for a worker, and none runs now: `make run` starts them, --wait does it here."


def as_data(scan: Scan) -> dict[str, Any]:
    """A scan for scripts."""
    run = run_of(scan)
    return {
        "scan": scan.pk,
        "repository": scan.repository.slug,
        "state": scan.state,
        "commit": scan.commit,
        "error": scan.error,
        "run": run.pk if run else None,
        "held": run.reason if run else "",
        "counts": (run.counts if run else {}) | {n: v for n, v in scan.counts.items() if n.endswith("s")},
        "seconds": seconds(scan.started_at, scan.finished_at),
        "not_covered": scan.notices,
    }


def as_text(scan: Scan) -> str:
    """A scan that is over, for people."""
    run = run_of(scan)
    took = f"{seconds(scan.started_at, scan.finished_at) or 0:.1f} s"
    if run is None:
        return f"Scan {scan.pk} of {scan.repository.slug}: {scan.state} after {took}"
    said = ", ".join(f"{run.counts[name]} {word}" for name, word in FATES if run.counts.get(name)) or "nothing found"
    lines = [f"{scan.repository.slug} at {scan.commit[:10]}: {said} ({took})"]
    if run.reason:
        lines.append(f"Held ({run.reason}): nothing was closed; a lead accepts or drops it on its page.")
    lines += [f"Not covered: {notice['path'] or '-'}: {notice['message']}" for notice in scan.notices[:10]]
    if len(scan.notices) > 10:
        lines.append(f"… and {len(scan.notices) - 10} more that were not covered")
    return "\n".join(lines)


def run_of(scan: Scan) -> Run | None:
    """What the built-in rules said in this scan."""
    return scan.runs.filter(tool=TOOL).first()


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """How long it took; None while it is not over."""
    return round((end - start).total_seconds(), 2) if start and end else None
