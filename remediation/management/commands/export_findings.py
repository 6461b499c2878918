"""What is known of a repository, for other tools."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from findings.management.base import NovaCommand, repository_called
from findings.models import Finding, Repository, Team, User
from remediation.forms.filters import Reader
from remediation.reads.export import export_pieces

FORMATS = ("sarif", "csv", "json")


class Command(NovaCommand):
    """`export_findings`."""

    help = "Write the findings of a tracked repository: SARIF 2.1.0 (what is present), or CSV or JSON (all of them)."
    examples = """\
examples:
  manage.py export_findings shop --format csv --out shop.csv
  manage.py export_findings shop --format sarif > shop.sarif

Secrets are written as their masks. CSV is safe to open in a spreadsheet."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("slug", metavar="SLUG", help="a tracked repository")
        parser.add_argument("--format", choices=FORMATS, required=True, help="of the output")
        parser.add_argument("--out", metavar="FILE", default="-", help='where to, "-" prints it (-)')

    def handle(self, *args: Any, slug: str, out: str, **options: Any) -> None:
        """Write them."""
        pieces = written(repository_called(slug), options["format"])
        if out == "-":
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        try:
            with Path(out).open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from None
        self.stderr.write(f"Written to {out}.")


def written(repository: Repository, form: str) -> Iterator[str]:
    """The findings of a repository in one of `FORMATS`, as somebody of all the teams that own a part sees them."""
    components = list(repository.components.values_list("pk", flat=True))
    teams = list(Team.objects.filter(components__in=components).distinct())
    found = Finding.objects.filter(repository=repository).order_by("priority", "rule__key", "pk")
    return export_pieces(form, found, Reader(User(), teams, components, timezone.now()))
