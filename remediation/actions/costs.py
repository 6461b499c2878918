"""Costs come in: planned first, then written in one transaction. What is restated replaces its predecessor whole.

The unit is a source's say about one account and month, of one kind. Units whose lines are as they were are left alone,
so the same file twice changes nothing. `plan_import` and `apply_plan` are the two halves of every import, on pages and
by command alike; the file itself is never kept.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from findings.actions.ledger import Ledger
from findings.core.types import FormatError, Notice
from findings.events import event, name_of, record
from findings.models import Team, User
from remediation.core.costs import CostBatch, CostEntry, CostKind, read
from remediation.core.types import CostRow, CostTable
from remediation.models import CostLine, CostUnit
from remediation.querysets import CostQuerySet

# What the columns hold: amounts below 10^12 with six decimals.
GRAIN = Decimal("0.000001")
LIMIT = Decimal(10) ** 12
ACCOUNT_LENGTH = 200
NOT_KNOWN = "some amounts are not known"

Key = tuple[str, date]


class Moved(Exception):
    """Somebody changed these costs since the person looked; nothing was written."""


Row = tuple[date, str, str, Decimal | None, Decimal | None, str, str]


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What an import would do to one account and month: `fate` is "new", "replaced" or "unchanged"."""

    account: str
    month: date
    fate: str
    lines: tuple[CostLine, ...]


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What an import would do. `totals` are the sums by month and currency; `lower_bound`: they are at least that;
    `mark`: of how what it speaks of stood.
    """

    source: str
    kind: CostKind
    file_hash: str
    units: tuple[UnitPlan, ...]
    totals: tuple[tuple[date, str, Decimal], ...]
    notices: tuple[Notice, ...]
    lower_bound: bool
    mark: str

    def count(self, fate: str) -> int:
        """How many units have this fate."""
        return sum(unit.fate == fate for unit in self.units)

    @property
    def changes(self) -> bool:
        """Whether accepting it would change anything."""
        return self.count("unchanged") < len(self.units)


def read_costs(data: bytes, *, form: str = "", month: date | None = None, source: str = "") -> CostBatch:
    """Read a file. `source` is the name under which a later file replaces this one ("": the name of the format).

    Raises FormatError for what cannot be read or kept.
    """
    found = read(data, form, month)
    for entry in found.lines:
        if abs(entry.amount) >= LIMIT:
            raise FormatError("the amount is too large", f"line {entry.line}", f"less than {LIMIT:f}")
        if len(entry.account) > ACCOUNT_LENGTH:
            raise FormatError(
                "the account's name is too long", f"line {entry.line}", f"at most {ACCOUNT_LENGTH} characters"
            )
    return replace(found, source=(_text(source).strip() or found.source)[:100])


def plan_import(batch: CostBatch, team: Team, *, file_hash: str = "") -> CostPlan:
    """What accepting a batch (see `read_costs`) would do to a team's costs. Nothing is written."""
    groups: dict[Key, list[CostLine]] = {}
    for entry in batch.lines:
        groups.setdefault((_text(entry.account), entry.period), []).append(_line(entry))
    if batch.lower_bound:
        for (_, month), lines in groups.items():
            lines.append(CostLine(month=month, service="", currency=lines[0].currency, note=NOT_KNOWN))
    wanted = {(unit.account, unit.month): unit for unit in _known(batch, team)}
    known = {key: list(unit.lines.all()) for key, unit in wanted.items()}
    units = [
        UnitPlan(account, month, _fate(lines, known.get((account, month))), tuple(lines))
        for (account, month), lines in sorted(groups.items())
    ]
    return CostPlan(
        batch.source,
        batch.kind,
        file_hash,
        tuple(units),
        _totals(groups.values()),
        batch.notices,
        batch.lower_bound,
        mark_of(wanted.values()),
    )


def mark_of(units: Iterable[CostUnit]) -> str:
    """A mark of how some units stand: another one once somebody restated, added or removed one of them."""
    said = sorted(f"{u.source}\0{u.account}\0{u.month}\0{u.kind}\0{u.imported_at.isoformat()}" for u in units)
    return hash_of("\n".join(said).encode())[:16]


def removable(team: Team, *, source: str, account: str, kind: str) -> CostQuerySet:
    """What one source said about an account; the tables of a review go when its import is undone."""
    return CostUnit.objects.filter(team=team, source=source, account=account, kind=kind, role="")


def hash_of(data: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


@transaction.atomic
def import_costs(
    batch: CostBatch,
    team: Team,
    *,
    actor: User | str,
    file_hash: str = "",
    file_name: str = "",
    mark: str | None = None,
) -> CostPlan:
    """Write a batch and answer what that did. Units that are as they were stay; two imports at once take turns. Raises
    `Moved` where what it speaks of does not stand any more as the plan with this `mark` found it.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    plan = plan_import(batch, team, file_hash=file_hash)
    if mark is not None and mark != plan.mark:
        raise Moved
    changed = [unit for unit in plan.units if unit.fate != "unchanged"]
    for unit in changed:
        _write(plan, unit, team, actor)
    if changed:
        months = sorted({line.month for unit in changed for line in unit.lines} | {unit.month for unit in changed})
        record(
            "imported costs",
            f"costs:{team.pk}",
            actor=actor,
            label=file_name or plan.source,
            team=team,
            after={
                "source": plan.source,
                "kind": str(plan.kind),
                "months": [m.isoformat() for m in months],
                "new": plan.count("new"),
                "replaced": plan.count("replaced"),
                "hash": file_hash,
            },
        )
    return plan


def _write(plan: CostPlan, unit: UnitPlan, team: Team, actor: User | str) -> None:
    row, made = CostUnit.objects.update_or_create(
        team=team,
        source=plan.source,
        account=unit.account,
        month=unit.month,
        kind=plan.kind,
        role="",
        defaults={"file_hash": plan.file_hash, "imported_at": timezone.now(), "imported_by": name_of(actor)},
    )
    if not made:
        row.lines.all().delete()
    for line in unit.lines:
        line.unit = row
    CostLine.objects.bulk_create(unit.lines, batch_size=1000)


def _known(batch: CostBatch, team: Team) -> list[CostUnit]:
    """The units that this batch speaks of, as they are."""
    units = CostUnit.objects.filter(team=team, source=batch.source, kind=batch.kind, role="")
    wanted = {(_text(e.account), e.period) for e in batch.lines}
    return [unit for unit in units.prefetch_related("lines") if (unit.account, unit.month) in wanted]


def _fate(lines: Iterable[CostLine], known: Iterable[CostLine] | None) -> str:
    if known is None:
        return "new"
    return "unchanged" if sorted(map(_say, lines), key=str) == sorted(map(_say, known), key=str) else "replaced"


def _say(line: CostLine) -> Row:
    """What a line says, without its identity. Sorted as text, because amounts may be None."""
    amount = line.amount if line.amount is None else line.amount.quantize(GRAIN)
    return (line.month, line.service, line.category, amount, line.high, line.currency, line.note)


def _line(entry: CostEntry) -> CostLine:
    notes = (entry.sub_account, "correction" if entry.correction else "")
    return CostLine(
        month=entry.month,
        service=_text(entry.service)[:300],
        category=entry.category,
        amount=entry.amount.quantize(GRAIN),
        currency=entry.currency,
        note=_text(" · ".join(n for n in notes if n))[:300],
        report_line=entry.line,
    )


def _text(text: str) -> str:
    """Text as PostgreSQL takes it."""
    return text.replace("\0", "")


def _totals(groups: Iterable[Sequence[CostLine]]) -> tuple[tuple[date, str, Decimal], ...]:
    sums: dict[tuple[date, str], Decimal] = {}
    for line in (line for lines in groups for line in lines):
        if line.amount is not None:
            key = (line.month, line.currency)
            sums[key] = sums.get(key, Decimal(0)) + line.amount
    return tuple((month, currency, total) for (month, currency), total in sorted(sums.items()))


@transaction.atomic
def remove_costs(
    team: Team, *, source: str, account: str, kind: str, actor: User | str, mark: str | None = None
) -> int:
    """Take everything out that one source said about an account (see `removable`); answers how many months. Raises
    `Moved` where it does not stand any more as its `mark` (see `mark_of`) says.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    units = removable(team, source=source, account=account, kind=kind)
    if mark is not None and mark != mark_of(units):
        raise Moved
    months = [month.isoformat() for month in units.order_by("month").values_list("month", flat=True)]
    if months:
        units.delete()
        before = {"source": source, "account": account, "kind": kind, "months": months}
        record("removed costs", f"costs:{team.pk}", actor=actor, label=source, team=team, before=before)
    return len(months)


def store_review_costs(
    team: Team, source: str, tables: Sequence[CostTable], reviewed: date, *, actor: User | str, ledger: Ledger
) -> list[CostUnit]:
    """Keep a review's cost tables, through the ledger of its run, so that undoing the run takes them back.

    Each run has units of its own; the newest of a source speaks for it. So a second version of a report replaces
    nothing that an undo could not bring back. Raises ValueError for a ledger without a run.
    """
    run, now = ledger.run, timezone.now()
    if run is None:
        raise ValueError("the cost tables of a review belong to a run")
    roles = list(dict.fromkeys(table.role for table in tables))
    units = ledger.create(
        CostUnit(
            team=team,
            source=source[:100],
            account=f"run {run.pk}",
            month=reviewed.replace(day=1),
            kind=CostKind.PLAN,
            role=role,
            file_hash=run.file_hash,
            imported_at=now,
            imported_by=name_of(actor),
        )
        for role in roles
    )
    by_role = {unit.role: unit for unit in units}
    lines = ledger.create(_review_line(by_role[t.role], t.currency, row) for t in tables for row in t.rows)
    if lines:
        after = {"source": source, "kind": str(CostKind.PLAN), "months": [f"{reviewed:%Y-%m}-01"], "lines": len(lines)}
        ledger.events.append(event("planned costs", f"costs:{team.pk}", actor=actor, team=team, run=run, after=after))
    return units


def _review_line(unit: CostUnit, currency: str, row: CostRow) -> CostLine:
    return CostLine(
        unit=unit,
        month=unit.month,
        service=_text(row.service)[:300],
        amount=_kept(row.low),
        high=_kept(row.high) if row.high != row.low else None,
        currency=currency,
        note=_text(row.note)[:300],
        report_line=row.line,
    )


def _kept(amount: Decimal | None) -> Decimal | None:
    """An amount as the column holds it; what is beyond all money counts as not known."""
    return amount if amount is not None and abs(amount) < LIMIT else None
