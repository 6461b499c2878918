"""`manage.py scan`: a path as `nova_dashboard.offline` scans it, or a tracked repository."""

from collections.abc import Sequence
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from findings.core.types import Priority
from findings.management.base import repository_called
from findings.models import Finding
from nova_dashboard.offline import command as offline
from nova_dashboard.offline.words import is_path


class Command(offline.Command):
    """Scan a path, or a tracked repository."""

    @classmethod
    def needs_servers(cls, arguments: Sequence[str]) -> bool:
        """Only a tracked repository needs them: a path is scanned without."""
        try:
            return not is_path(cls().create_parser("manage.py", "scan").parse_args(arguments).target)
        except CommandError:
            return False  # running the command says what is wrong

    def handle(self, *args: Any, target: str, **options: Any) -> None:
        """Scan, print, and leave with a code of the table above."""
        worst = self.path(target, **options) if is_path(target) else self.tracked(target, **options)
        self.judge(worst, options["fail_on"])

    def tracked(self, slug: str, **options: Any) -> Priority | None:
        """Scan a tracked repository as `rescan --wait` does; answers the worst priority that is open."""
        if options["no_history"]:
            raise CommandError(
                "--no-history is for paths: a tracked repository is scanned whole", returncode=offline.FAILED
            )
        try:
            repository = repository_called(slug)
            commit = "" if options["rev"] == "HEAD" else options["rev"]
            told = self.stderr if options["sarif"] == "-" else self.stdout
            call_command("rescan", slug, commit=commit, wait=True, json=options["json"], stdout=told)
            if options["sarif"]:
                call_command("export_findings", slug, format="sarif", out=options["sarif"], stdout=self.stdout)
        except CommandError as error:
            raise CommandError(str(error), returncode=offline.FAILED) from None
        worst = Finding.objects.filter(repository=repository).open().order_by("priority").first()
        return Priority(worst.priority) if worst else None
