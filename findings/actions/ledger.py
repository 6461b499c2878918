"""Writes rows for a run and remembers what they were, so that the run can be undone whole."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from findings.actions import bulk
from findings.models import Change, Event, Run

M = TypeVar("M", bound=models.Model)
FEW = 20_000  # rows that one INSERT takes as well as COPY
CHANGE = ("run_id", "table", "row", "last", "version", "before", "deleted")
EVENT = ("at", "actor", "verb", "subject", "label", "before", "after", "team_ref", "repository_ref", "run_ref")
_told = attrgetter(*EVENT)


def _plain(value: Any) -> Any:
    """A field's value as JSON can hold it."""
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return value
    return DjangoJSONEncoder().default(value)


class Ledger:
    """Collects the writes of one run; `flush` sends them in bulk. Use inside the run's transaction.

    Rows with a `version` field get it raised once per flush, whoever changes how many fields. Without a run (what
    follows from a person's word) nothing is remembered: people take their words back themselves. `again`: the run was
    written once before, and held.
    """

    def __init__(self, run: Run | None, *, again: bool = False) -> None:
        self.run, self.again = run, again
        self.events: list[Event] = []
        self._before: dict[models.Model, dict[str, Any]] = {}
        self._changes: list[Sequence[Any]] = []

    def reserve(self, *wanted: tuple[type[models.Model], int]) -> list[Sequence[int]]:
        """Keys for that many new rows of each model, rising."""
        return bulk.reserve(*wanted)

    def create(self, rows: Iterable[M]) -> list[M]:
        """Insert these rows now (they need their keys) and remember that they were made."""
        made = list(rows)
        if made:
            model = type(made[0])
            if len(made) <= bulk.FEW:
                bulk.insert_few(made)
            elif len(made) <= FEW:
                model._default_manager.bulk_create(made)
            else:
                bulk.insert(made)
            self._remember(model, sorted(row.pk for row in made))
        return made

    def copy(
        self, model: type[models.Model], names: Sequence[str], keys: Sequence[int], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Insert rows without objects, given in the order of `names`, under keys that were reserved for them."""
        if keys:
            bulk.copy_in(model, names, rows)
            self._remember(model, keys)

    def fill(self, model: type[models.Model], names: Sequence[str], select: str, values: Mapping[str, Any]) -> None:
        """Insert what a SELECT finds, and remember it."""
        self._remember(model, bulk.insert_from(model, names, select, values))

    def tell(self, select: str, values: Mapping[str, Any], rows: Iterable[Sequence[Any]]) -> None:
        """Add the events that a SELECT finds, now. `rows` are the same for a ledger that has nothing in the database
        yet, in the order of `EVENT`, JSON as text.
        """
        bulk.tell_from(Event, EVENT, select, values)

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
            before = {f.attname: _plain(getattr(row, f.attname)) for f in row._meta.concrete_fields if not f.generated}
            self._changes.append(self._change(row, before, deleted=True))
        if gone:
            type(gone[0])._default_manager.filter(pk__in=[row.pk for row in gone]).delete()

    def save(self) -> None:
        """Write the updates, for whoever reads them before `flush`; a constant number of statements for each table."""
        groups: dict[type[models.Model], list[tuple[models.Model, dict[str, Any]]]] = defaultdict(list)
        for row, before in self._before.items():
            if hasattr(row, "version"):
                before.setdefault("version", row.version)
                row.version += 1
            groups[type(row)].append((row, before))
            self._changes.append(self._change(row, before))
        for model, rows in sorted(groups.items(), key=lambda group: group[0]._meta.label):
            self._send(model, sorted(rows, key=lambda one: one[0].pk))
        self._before = {}

    def flush(self) -> None:
        """Write the updates, the log and the memory of it all."""
        self.save()
        if self.run is not None and self._changes:
            bulk.copy_in(Change, CHANGE, self._changes)
        if self.events:
            bulk.copy_in(Event, EVENT, map(event_row, self.events))
        self._changes, self.events = [], []

    def _send(self, model: type[models.Model], rows: Sequence[tuple[models.Model, Mapping[str, Any]]]) -> None:
        bulk.update_in(*changed_rows(model, rows))

    def _remember(self, model: type[models.Model], keys: Iterable[int]) -> None:
        run, version = self.run and self.run.pk, int(any(f.name == "version" for f in model._meta.concrete_fields))
        label = model._meta.label
        self._changes += [(run, label, first, last, version, None, False) for first, last in bulk.stretches(keys)]

    def _change(self, row: models.Model, before: dict[str, Any], *, deleted: bool = False) -> Sequence[Any]:
        version = 0 if deleted else getattr(row, "version", 0)
        run = self.run and self.run.pk
        return (run, row._meta.label, row.pk, row.pk, version, bulk.dump(before), deleted)


def changed_rows(
    model: type[models.Model], rows: Sequence[tuple[models.Model, Collection[str]]]
) -> tuple[type[models.Model], list[str], Iterator[Sequence[Any]]]:
    """What `bulk.update_in` takes, of objects and the names of the fields that changed."""
    names = sorted({name for _, changed in rows for name in changed})
    read = [(name, 1 << n, bulk.prepare(model._meta.get_field(name))) for n, name in enumerate(names)]
    values = (
        [row.pk, sum(bit for name, bit, _ in read if name in changed)]
        + [prepare(getattr(row, name)) for name, _, prepare in read]
        for row, changed in rows
    )
    return model, names, values


def event_row(row: Event) -> Sequence[Any]:
    """An event in the order of `EVENT`."""
    at, actor, verb, subject, label, before, after, *refs = _told(row)
    return (at, actor, verb, subject, label, bulk.dump(before), bulk.dump(after), *refs)
