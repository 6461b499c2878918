"""Send the weekly digests that are due, as beat does, or all of them at once."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from remediation import mail
from remediation.actions import digests
from remediation.models import DigestSetting

EXAMPLES = """\
examples:
  manage.py send_digests                           send what is due now
  manage.py send_digests --now                     send to everybody who wants the digest, due or not
  manage.py send_digests --now --to a@example.com  the same for one person
  manage.py send_digests --now --dry-run           print the mails; send and write nothing

--now makes a mail of its own beside the weekly one; the next weekly digest then starts where it ended. People for
whom nothing changed since their last digest get none, unless they asked for one each week. Where mails go is set by
EMAIL_URL. Exits with 1 when a server did not accept a mail."""


class Command(BaseCommand):
    """`send_digests`."""

    help = "Send the weekly digests that are due."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the lines of the examples."""
        kwargs |= {"epilog": EXAMPLES, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "--dry-run", action="store_true", help="print the text of the mails, send and write nothing"
        )
        parser.add_argument("--now", action="store_true", help="to everybody who wants the digest, whatever their day")
        parser.add_argument("--to", metavar="EMAIL", help="only to this person")

    def handle(self, *, dry_run: bool, now: bool, to: str | None, **options: Any) -> None:
        """Send, and say what came of it."""
        moment = timezone.now()
        with transaction.atomic():
            digests.enroll_missing(moment)
            chosen = self._chosen(moment, everybody=now, to=to)
            if dry_run:
                self._print(chosen, moment)
                transaction.set_rollback(True)
                return
        rows = [digests.claim_now(s.user, moment) if now else digests.claim(s, moment) for s in chosen]
        outcomes = Counter(digests.send(row, now=timezone.now()) for row in rows if row is not None)
        if not (now or to):
            outcomes["sent"] += digests.send_due(timezone.now())
        self._say(outcomes)

    def _chosen(self, moment: datetime, *, everybody: bool, to: str | None) -> list[DigestSetting]:
        found = digests.enabled_settings() if everybody else digests.due_settings(moment)
        if to is None:
            return list(found)
        person = DigestSetting.objects.filter(user__email=to.strip().lower()).first()
        if person is None:
            raise CommandError(f"nobody in a team has the address {to}")
        if not person.enabled:
            raise CommandError(f"{to} has turned the digest off")
        return list(found.filter(pk=person.pk))

    def _print(self, chosen: list[DigestSetting], moment: datetime) -> None:
        for setting in chosen:
            made = digests.draft(setting.user, moment)
            message = mail.digest(setting.user, setting, made, "<draft>")
            quiet = "  (quiet: would not be sent)\n" if made.quiet and not setting.when_quiet else ""
            self.stdout.write(f"To: {setting.user.email}\nSubject: {message.subject}\n{quiet}\n{message.body}\n")
        if not chosen:
            self.stdout.write("Nobody is due now; --now takes everybody.")

    def _say(self, outcomes: Counter[str]) -> None:
        missed = outcomes["refused"] + outcomes["failed"] + outcomes["waiting"]
        self.stdout.write(f"{outcomes['sent']} sent, {outcomes['quiet']} quiet, {missed} not accepted")
        if missed:
            raise CommandError(
                "not every mail was accepted; the health page says why, and those waiting are tried again"
            )
