"""A product with ten weeks behind it."""

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from findings.git import GitError
from findings.models import Team
from nova_dashboard.demo.changes import DemoError
from nova_dashboard.demo.load import folder, load, logins


class Command(BaseCommand):
    """Builds the demo's git repository and lets the ordinary code import, scan, plan and grade it. Once."""

    help = (
        "Load the demo: a repository with ten weeks of history, two reviews, two teams, six months of bills.\n"
        "Run again, it only prints who can sign in.\n\n  python manage.py demo"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it unless it is there; print the logins."""
        if not logins():
            if Team.objects.exists():
                self.stdout.write("There are teams already, so the demo is not loaded.")
                return
            try:
                load(timezone.localdate(), self.stdout.write)
            except (DemoError, GitError) as error:
                raise CommandError(f"The demo could not be built: {error}. Remove {folder()} and try again.") from None
        self.stdout.write("\nSign in to the demo as")
        for login in logins():
            self.stdout.write(f"  {login.email:28} {login.password:14} {login.role} of {login.team}")
