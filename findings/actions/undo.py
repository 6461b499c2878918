"""Taking a whole run back, as long as nobody built on it."""

from typing import Any

from django.apps import apps
from django.db import models, transaction

from findings.actions.repositories import prove
from findings.events import record
from findings.models import Change, Finding, Run, RunState, User


class Overtaken(Exception):
    """A later change touched rows of this run: `rows` names them, as texts."""

    def __init__(self, rows: list[str]) -> None:
        self.rows = rows
        super().__init__(f"changed since: {', '.join(rows)}")


@transaction.atomic
def undo(run: Run, *, actor: User | str) -> int:
    """Restore every row the run changed, except events, which gain one. Answers how many rows went back.

    Raises `Overtaken` when a later change touched one of them, and ValueError when the run is not applied.
    """
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.APPLIED:
        raise ValueError(f"run {run.pk} is {run.state}, only an applied run can be undone")
    changes = list(run.changes.order_by("-id"))
    overtaken = _overtaken(changes)
    if overtaken:
        raise Overtaken(overtaken)
    # A finding points at its evidence and evidence at its finding: let go of one end before deleting either.
    Finding.objects.filter(evidence__run=run).filter(pk__in=_rows(changes, Finding, made=True)).delete()
    for change in changes:
        if change.before is not None:
            _restore(change)
    for label in dict.fromkeys(c.table for c in changes if c.before is None):
        apps.get_model(label)._default_manager.filter(pk__in=_rows(changes, apps.get_model(label), made=True)).delete()
    run.changes.all().delete()
    run.state, run.reason = RunState.UNDONE, ""
    run.save(update_fields=["state", "reason"])
    prove(run.repository)
    record("undone", f"run:{run.pk}", actor=actor, label=str(run), repository=run.repository_id, run=run)
    return len(changes)


def _rows(changes: list[Change], model: type[models.Model], *, made: bool) -> list[int]:
    return [c.row for c in changes if c.table == model._meta.label and (c.before is None) is made]


def _restore(change: Change) -> None:
    fields: dict[str, Any] = change.before or {}
    model = apps.get_model(change.table)
    if change.deleted:
        model._default_manager.bulk_create([model(**fields)])
    else:
        model._default_manager.filter(pk=change.row).update(**fields)


def _overtaken(changes: list[Change]) -> list[str]:
    """What was changed after this run: rows with a newer version than the run left, or gone."""
    left: dict[str, dict[int, int]] = {}
    for change in changes:
        if change.version:
            versions = left.setdefault(change.table, {})
            versions[change.row] = max(change.version, versions.get(change.row, 0))
    found = []
    for label, versions in left.items():
        rows = apps.get_model(label)._default_manager.filter(pk__in=versions)
        found += [str(row) for row in rows if row.version != versions[row.pk]]
    return found
