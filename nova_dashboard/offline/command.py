"""`manage.py scan PATH`: run the built-in rules over a git repository, with neither database nor server."""

import json
import logging
import os
import secrets
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from findings.core.facts import Settings
from findings.core.formats.sarif_out import dump
from findings.core.types import Priority
from findings.git import GitError, Mirror
from findings.management.bar import Bar
from findings.management.plain import NovaCommand
from findings.report import as_json, as_text
from findings.scanner import Limits, MemoryStore, Progress, ScanResult, scan, silent
from nova_dashboard.offline.words import add_words

log = logging.getLogger(__name__)
FOUND, FAILED = 1, 2

EXAMPLES = """\
examples:
  manage.py scan .                              the commit that is checked out here
  manage.py scan ../shop --rev v1.4             any branch, tag or commit of another repository
  manage.py scan . --sarif report.sarif         SARIF 2.1.0 for another tool ("-" prints it)
  manage.py scan . --fail-on P0                 in CI: exit code 1 when there is a P0
  manage.py scan shop                           a tracked repository, by its slug: what is found is kept
  manage.py scan ./shop                         a path, though there is a repository of that name

exit codes:
  0  scanned                1  scanned, findings at or above --fail-on                2  could not scan

What could not be read (too large, damaged, a link) is listed and changes no exit code. In a shallow clone and in
one with --filter=tree:0, older commits are not searched for credentials: in CI, clone all, or give --no-history.

Set NOVA_HASH_KEY to let fingerprints of secrets match between runs; without it they are left out.
"""


class Command(NovaCommand):
    """Scan a path."""

    help = "Run the built-in rules over a git repository (a path), or scan a tracked repository (a slug) now."
    requires_system_checks: list[str] = []
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        add_words(parser)

    def handle(self, *args: Any, target: str, **options: Any) -> None:
        """Scan, print, and leave with a code of the table above."""
        self.judge(self.path(target, **options), options["fail_on"])

    def judge(self, worst: Priority | None, limit: str | None) -> None:
        """Leave with the code for findings, where there is one as bad as the limit."""
        if limit and worst is not None and worst <= limit:
            sys.exit(FOUND)

    def path(self, target: str, **options: Any) -> Priority | None:
        """Scan a path; answers the worst priority found."""
        key = os.environ.get("NOVA_HASH_KEY", "").strip()
        with Bar(self.stderr) as bar:
            result = scan_path(
                Path(target),
                options["rev"],
                key.encode() or secrets.token_bytes(32),
                not options["no_history"],
                lambda _, done, total: bar.draw(done, total),
            )
        report = json.dumps(dump(result.batch, secret_fingerprints=bool(key)), ensure_ascii=False, indent=1)
        if options["sarif"] == "-":
            self.stdout.write(report)
        elif options["sarif"]:
            write(Path(options["sarif"]), report)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(result), ensure_ascii=False, indent=1))
        elif options["sarif"] != "-":
            self.say(as_text(result))
        return min((one.priority for one in result.batch.observations), default=None)


def scan_path(path: Path, revision: str, key: bytes, history: bool, progress: Progress = silent) -> ScanResult:
    """Scan one commit of a repository on this machine, with nothing kept. Raises `CommandError`."""
    mirror = Mirror(path)
    if not mirror.exists():
        raise CommandError(f"{path} is not a git repository ({_hint(path)})", returncode=FAILED)
    limits = Limits(settings.NOVA_BLOB_LIMIT, Settings(patches=settings.NOVA_PATCH_LIMIT))
    try:
        commit = mirror.resolve(revision)
        with mirror.apart() as objects:
            return scan(objects, commit, MemoryStore(), key, limits=limits, history=history, progress=progress)
    except GitError as error:
        raise CommandError(str(error), returncode=FAILED) from None
    except Exception as error:  # a code of 1 would read as "findings"
        log.exception("%s was not scanned", path)
        raise CommandError(f"Something went wrong inside Nova ({type(error).__name__})", returncode=FAILED) from None


def _hint(path: Path) -> str:
    """Where the repository may be instead."""
    if not path.exists():
        return "there is nothing at this path"
    top = next((folder for folder in path.absolute().parents if Mirror(folder).exists()), None)
    return f"it is a folder of {top}: give that" if top else "give its top folder"


def write(path: Path, text: str) -> None:
    """Write a report. Raises `CommandError` where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=FAILED) from None
