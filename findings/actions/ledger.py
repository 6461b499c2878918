"""Writes rows for a run and remembers what they were, so that the run can be undone whole."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from findings.models import Change, Event, Run

M = TypeVar("M", bound=models.Model)
BATCH = 1000


def _plain(value: Any) -> Any:
    """A field's value as JSON can hold it."""
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return value
    return DjangoJSONEncoder().default(value)


class Ledger:
    """Collects the writes of one run; `flush` sends them in bulk. Use inside the run's transaction.

    Rows with a `version` field get it raised once per flush, whoever changes how many fields. Without a run (what
    follows from a person's word) nothing is remembered: people take their words back themselves.
    """

    def __init__(self, run: Run | None) -> None:
        self.run = run
        self.events: list[Event] = []
        self._before: dict[models.Model, dict[str, Any]] = {}
        self._made: list[models.Model] = []
        self._deleted: list[Change] = []

    def create(self, rows: Iterable[M]) -> list[M]:
        """Insert these rows now (they need their keys) and remember that they were made."""
        made = list(rows)
        if made:
            type(made[0])._default_manager.bulk_create(made, batch_size=BATCH)
            self._made.extend(made)
        return made

    def update(self, row: models.Model, **fields: Any) -> bool:
        """Set fields (by attribute name, "owner_id") of a row; written by `flush`. Says whether anything differs."""
        changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if not changed:
            return False
        known = self._before.setdefault(row, {})
        for name, value in changed.items():
            known.setdefault(name, _plain(getattr(row, name)))
            setattr(row, name, value)
        return True

    def delete(self, rows: Iterable[M]) -> None:
        """Delete these rows now, each remembered whole. Callers see to it that nothing hangs on them any more."""
        gone = list(rows)
        for row in gone:
            before = {f.attname: _plain(getattr(row, f.attname)) for f in row._meta.concrete_fields}
            self._deleted.append(self._change(row, before, deleted=True))
        if gone:
            type(gone[0])._default_manager.filter(pk__in=[row.pk for row in gone]).delete()

    def flush(self) -> None:
        """Write the updates, the log and the memory of it all, a constant number of statements for each table."""
        groups: dict[type[models.Model], dict[str, list[models.Model]]] = defaultdict(lambda: defaultdict(list))
        for row, before in self._before.items():
            if hasattr(row, "version"):
                before.setdefault("version", row.version)
                row.version += 1
            for name in before:
                groups[type(row)][name].append(row)
        for model, fields in groups.items():
            rows = list({row: None for members in fields.values() for row in members})
            names = [model._meta.get_field(name).name for name in fields]
            model._default_manager.bulk_update(rows, names, batch_size=BATCH)
        if self.run is not None:
            Change.objects.bulk_create(self._changes(), batch_size=BATCH)
        Event.objects.bulk_create(self.events, batch_size=BATCH)
        self._before, self._made, self._deleted, self.events = {}, [], [], []

    def _changes(self) -> Iterable[Change]:
        for row in self._made:
            yield self._change(row, None)
        for row, before in self._before.items():
            yield self._change(row, before)
        yield from self._deleted

    def _change(self, row: models.Model, before: dict[str, Any] | None, *, deleted: bool = False) -> Change:
        version = 0 if deleted else getattr(row, "version", 0)
        label, pk = row._meta.label, row.pk
        return Change(run=self.run, table=label, row=pk, version=version, before=before, deleted=deleted)
