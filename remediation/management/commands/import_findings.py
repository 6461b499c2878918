"""A report from a tool or a person, previewed or taken."""

import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from findings.actions.batches import Moved, Plan
from findings.core.formats.source import Source
from findings.core.formats.table import FORMATS
from findings.core.types import FormatError
from findings.management.bar import Bar
from findings.management.base import NovaCommand, repository_called, team_of
from findings.models import Repository, Run, RunState, Team
from remediation import report
from remediation.actions.imports import REVIEW, accept_import, preview_file
from remediation.actions.reading import reread

ACTOR = "command line"
BLANK = 64 * 1024  # bytes of white space that make a file an empty one


class Command(NovaCommand):
    """`import_findings`."""

    help = (
        "Import a report: SARIF 2.1.0 of any tool, JSON of Gitleaks, Semgrep, Trivy or Checkov, our own JSON or CSV "
        "(packed by gzip or not), or an architecture review in Markdown."
    )
    examples = """\
examples:
  manage.py import_findings review.md --repository shop --preview      what it would do; nothing is written
  manage.py import_findings review.md --repository shop --team platform
  semgrep --sarif . | manage.py import_findings - --repository shop --format sarif --json

The same file again changes no finding and no item. What a report no longer names is closed with the report as
evidence; where that looks unhealthy it is held until a lead accepts it. Secrets in a report are masked before anything
is kept."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("file", metavar="FILE", help='the report, "-" reads it from standard input')
        parser.add_argument("--repository", required=True, metavar="SLUG", help="the tracked repository it is about")
        parser.add_argument("--format", choices=sorted({*FORMATS, REVIEW}), default="", help="made out from the file")
        parser.add_argument("--team", metavar="T", help="whose plan a review becomes (the repository's)")
        parser.add_argument("--preview", action="store_true", help="print the plan and write nothing")
        parser.add_argument("--json", action="store_true", help="print the plan as JSON")

    def handle(
        self, *args: Any, file: str, repository: str, team: str | None, preview: bool, json: bool, **options: Any
    ) -> None:
        """Plan it, print the plan, and take it unless it is a preview: all of it or nothing."""
        target = repository_called(repository)
        owner = team_of(target, team)
        with opened(file) as report_file, Bar(self.stderr) as bar:
            source = bar.watch(report_file)
            name = "stdin" if file == "-" else Path(file).name
            self.take(target, owner, source, name, options["format"], preview=preview, json=json)

    def take(
        self, target: Repository, owner: Team, source: Source, name: str, form: str, *, preview: bool, json: bool
    ) -> None:
        """Plan it and take it, in one transaction."""
        with transaction.atomic():
            runs = planned(target, owner, source, name, form)
            plans = [report.as_data(run, plan, reread(run) if run.tool == REVIEW else None) for run, plan in runs]
            outcomes = [] if preview else [taken(run) for run, _plan in runs]
            if preview:
                transaction.set_rollback(True)
        self.tell(plans, outcomes, preview=preview, json=json)

    def tell(self, plans: list[dict[str, Any]], outcomes: list[str], *, preview: bool, json: bool) -> None:
        """What would be done, or was."""
        if json:
            self.say_json({"preview": preview, "runs": plans, "states": outcomes})
            return
        for plan in plans:
            self.say(report.as_text(plan) + "\n")
        if not plans:
            self.say("The report holds no run of any tool.")
        elif preview:
            self.say("This was a preview: nothing was written.")
        else:
            held = outcomes.count(RunState.HELD)
            self.say(f"Imported. {held} held for a lead." if held else "Imported.")


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """The file, which can be read more than once: standard input is copied to a private file. Raises CommandError."""
    try:
        with ExitStack() as stack:
            source: BinaryIO = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            if not source.seekable():
                copy = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(source, copy)
                source = copy
            size = source.seek(0, os.SEEK_END)
            if size > settings.NOVA_UPLOAD_LIMIT:
                raise CommandError(f"{file} is larger than {settings.NOVA_UPLOAD_LIMIT // 2**20} MiB")
            source.seek(0)
            if not source.read(BLANK).strip():
                raise CommandError(f"{file} is empty")
            yield source
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None


def planned(repository: Repository, team: Team, data: Source, name: str, form: str) -> list[tuple[Run, Plan]]:
    """The runs of the file with their plans. Raises CommandError where it cannot be taken."""
    try:
        return preview_file(repository, team, data, file_name=name, form=form, actor=ACTOR)
    except FormatError as error:
        hint = " (--format says what it is)" if "not a known kind" in str(error) else ""
        raise CommandError(f"{name} cannot be imported: {error}{hint}") from None


def taken(run: Run) -> str:
    """Accept what was planned; answers the state it is in then. Raises CommandError."""
    try:
        accept_import(run, actor=ACTOR)
    except (Moved, ValueError) as error:
        raise CommandError(f"{run} was not accepted: {error}") from None
    run.refresh_from_db()
    return run.state
