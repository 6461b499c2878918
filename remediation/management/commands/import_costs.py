"""Import a bill, an estimate or a plan of a team from a file."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from findings.core.types import FormatError, Notice
from findings.models import Team
from remediation.actions.costs import CostPlan, hash_of, import_costs, plan_import, read_costs
from remediation.core.costs import FORMATS
from remediation.core.costs.table import month

EXAMPLES = """\
examples:
  manage.py import_costs bill.csv --team platform --preview   print what it would change
  manage.py import_costs bill.csv --team platform             import it
  manage.py import_costs infracost.json --team platform --month 2025-10 --json

Formats, recognised by their contents: FOCUS 1.0-1.3 CSV, AWS Cost Explorer CSV, Infracost JSON, and plain CSV with the
columns month, service, amount, currency and, if wanted, account and kind (billed, estimate or plan). gzip is fine.
A month that the same source and account restate is replaced; the same file twice changes nothing."""


class Command(BaseCommand):
    """`import_costs`."""

    help = "Import a bill, an estimate or a plan of a team."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the lines of the examples."""
        kwargs |= {"epilog": EXAMPLES, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--team", required=True, metavar="SLUG")
        parser.add_argument("--format", default="", choices=["", *FORMATS], metavar="NAME", help=", ".join(FORMATS))
        parser.add_argument(
            "--source", default="", metavar="NAME", help="what later files replace; default: the format"
        )
        parser.add_argument("--month", default="", metavar="YYYY-MM", help="of an estimate that does not say it")
        parser.add_argument("--preview", action="store_true", help="print what it would change, write nothing")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, file: Path, team: str, preview: bool, **options: Any) -> None:
        """Read, plan, write, and say what was done."""
        owner = Team.objects.filter(slug=team).first()
        if owner is None:
            raise CommandError(f"there is no team {team}")
        try:
            data = file.read_bytes()
            when = month(options["month"], "--month") if options["month"] else None
            batch = read_costs(data, form=options["format"], month=when, source=options["source"])
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except FormatError as error:
            raise CommandError(f"{file}: {error}") from None
        if preview:
            plan = plan_import(batch, owner, file_hash=hash_of(data))
        else:
            plan = import_costs(batch, owner, actor="import_costs", file_hash=hash_of(data), file_name=file.name)
        self.stdout.write(json.dumps(as_json(plan), indent=2) if options["json"] else as_text(plan, preview=preview))


def as_json(plan: CostPlan) -> dict[str, Any]:
    """A plan as JSON; amounts are decimal text."""
    return {
        "source": plan.source,
        "kind": str(plan.kind),
        "lower_bound": plan.lower_bound,
        "units": [
            {"account": u.account, "month": f"{u.month:%Y-%m}", "fate": u.fate, "lines": len(u.lines)}
            for u in plan.units
        ],
        "totals": [{"month": f"{m:%Y-%m}", "currency": c, "amount": f"{total:f}"} for m, c, total in plan.totals],
        "notices": [{"message": n.message, "path": n.path, "line": n.line} for n in plan.notices],
    }


def as_text(plan: CostPlan, *, preview: bool) -> str:
    """A plan in words, what is doubtful first."""
    would = "would be " if preview else ""
    said = [f"notice: {_notice(n)}" for n in plan.notices]
    said += [
        f"{u.month:%Y-%m} {u.account or '-'}: {'' if u.fate == 'unchanged' else would}{u.fate}, {len(u.lines)} lines"
        for u in plan.units
    ]
    least = "at least " if plan.lower_bound else ""
    said += [f"{m:%Y-%m} {plan.kind}: {least}{total.normalize():f} {c}" for m, c, total in plan.totals]
    return "\n".join(said)


def _notice(notice: Notice) -> str:
    where = ", ".join(w for w in (notice.path, f"line {notice.line}" if notice.line else "") if w)
    return f"{notice.message} ({where})" if where else notice.message
