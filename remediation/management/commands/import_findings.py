"""A report from a tool or a person, previewed or taken."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from findings.actions.batches import Moved, Plan
from findings.core.formats import FORMATS
from findings.core.types import FormatError
from findings.management.base import NovaCommand, repository_called, team_of
from findings.models import Repository, Run, RunState, Team
from remediation import report
from remediation.actions.imports import REVIEW, accept_import, preview_file
from remediation.actions.reviews import reread

ACTOR = "command line"
LARGEST = 256 * 1024 * 1024  # bytes of a file, packed or not


class Command(NovaCommand):
    """`import_findings`."""

    help = "Import a report: SARIF 2.1.0 of any tool (.gz too), or an architecture review in Markdown."
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
        data = content(file)
        with transaction.atomic():
            runs = planned(target, owner, data, "stdin" if file == "-" else Path(file).name, options["format"])
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


def content(file: str) -> bytes:
    """The bytes of the file. Raises CommandError."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
            data = source.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise CommandError(f"{file} is larger than {LARGEST // 2**20} MiB")
    if not data.strip():
        raise CommandError(f"{file} is empty")
    return data


def planned(repository: Repository, team: Team, data: bytes, name: str, form: str) -> list[tuple[Run, Plan]]:
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
