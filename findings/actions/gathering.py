"""Rows of many runs, gathered in memory and written together: for one who goes through a long row of commits."""

import json
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import models
from django.db.models import ForeignKey, JSONField

from findings.actions import bulk
from findings.actions.ledger import CHANGE, EVENT, Ledger, changed_rows, event_row
from findings.models import Change, Event, Run

M = TypeVar("M", bound=models.Model)
AHEAD = 200  # keys that are taken at once

_key = attrgetter("pk")


class Crossed(Exception):
    """Somebody else changed a row meanwhile: what was gathered is not to be written."""


class Gathering:
    """What several runs did, as if each had written it. Keys come in stretches; a row that was made here and changed
    afterwards is written once, as it is in the end. `log` are all rows that were made or changed, in order.
    """

    def __init__(self) -> None:
        self.log: list[models.Model] = []
        self.changes: list[Sequence[Any]] = []
        self.events: list[Sequence[Any]] = []
        self._made: dict[type[models.Model], dict[int, models.Model]] = defaultdict(dict)
        self._changed: dict[type[models.Model], dict[models.Model, set[str]]] = defaultdict(dict)
        self._versions: dict[models.Model, int] = {}
        self._free: dict[type[models.Model], deque[int]] = defaultdict(deque)

    def keys(self, model: type[models.Model], count: int) -> list[int]:
        """Keys for new rows, rising."""
        free = self._free[model]
        if len(free) < count:
            free.extend(bulk.reserve((model, max(AHEAD, count - len(free))))[0])
        return [free.popleft() for _ in range(count)]

    def add(self, row: models.Model) -> None:
        """A new row, under a key of `keys`."""
        self._made[type(row)][row.pk] = row
        self.log.append(row)

    def change(self, row: models.Model, names: Iterable[str], version: int) -> None:
        """A row has other values by these names; `version` is what it was before (0: it has none)."""
        self.log.append(row)
        if row.pk not in self._made[type(row)]:
            self._changed[type(row)].setdefault(row, set()).update(names)
            self._versions.setdefault(row, version)

    def write(self) -> None:
        """Send it all. Raises `Crossed` before that where somebody changed one of the rows."""
        for model, changed in self._changed.items():
            self._check(model, changed)
        for made_of in sorted(self._made, key=_depth):
            if made := self._made[made_of]:
                _insert(made_of, list(made.values()))
        for model, changed in sorted(self._changed.items(), key=lambda one: one[0]._meta.label):
            bulk.update_in(*changed_rows(model, sorted(changed.items(), key=lambda one: one[0].pk)))
        if self.changes:
            bulk.copy_in(Change, CHANGE, self.changes)
        if self.events:
            bulk.copy_in(Event, EVENT, self.events)
        self._made.clear()
        self._changed.clear()
        self._versions.clear()
        self.changes, self.events = [], []

    def _check(self, model: type[models.Model], rows: Collection[models.Model]) -> None:
        """Hold rows that are to be changed, and see that they are as they were."""
        known = {row.pk: self._versions[row] for row in rows if self._versions[row]}
        if known:
            held = model._default_manager.select_for_update(no_key=True).filter(pk__in=known).order_by("pk")
            if dict(held.values_list("pk", "version")) != known:
                raise Crossed(f"{model._meta.label} changed meanwhile")


class GatheringLedger(Ledger):
    """A ledger whose writes are gathered. Rows may be read back from the objects only."""

    def __init__(self, run: Run, gathering: Gathering) -> None:
        super().__init__(run)
        self.gathering = gathering
        self._told: list[Iterable[Sequence[Any]]] = []

    def reserve(self, *wanted: tuple[type[models.Model], int]) -> list[Sequence[int]]:
        """Keys for that many new rows of each model."""
        return [self.gathering.keys(model, count) for model, count in wanted]

    def create(self, rows: Iterable[M]) -> list[M]:
        """Give these rows their keys, and remember that they were made."""
        made = list(rows)
        if made:
            for row, key in zip(made, self.gathering.keys(type(made[0]), len(made)), strict=True):
                row.pk = key
                self.gathering.add(row)
            self._remember(type(made[0]), [row.pk for row in made])
        return made

    def copy(
        self, model: type[models.Model], names: Sequence[str], keys: Sequence[int], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Make objects of rows that are given as for COPY."""
        fields = {field.attname: field for field in model._meta.concrete_fields}
        texts = [isinstance(fields[name], JSONField) for name in names]
        for row in rows:
            values = [json.loads(v) if is_text and v is not None else v for v, is_text in zip(row, texts, strict=True)]
            self.gathering.add(model(**dict(zip(names, values, strict=True))))
        if keys:
            self._remember(model, keys)

    def tell(self, select: str, values: Mapping[str, Any], rows: Iterable[Sequence[Any]]) -> None:
        """Keep the rows of events until `flush`."""
        self._told.append(rows)

    def delete(self, rows: Iterable[M]) -> None:
        """Only where there is nothing to delete: what was gathered could not be told from what is stored. Rows go when
        a review takes over what a standing list held, so what reviews speak of is not gathered (`Chapter.fits`).
        """
        if gone := list(rows):
            raise RuntimeError(f"{gone[0]!r} was to be deleted while rows are gathered; take the road of a push")

    def flush(self) -> None:
        """Hand all to the gathering."""
        self.save()
        self.gathering.changes += self._changes
        self.gathering.events += self._lines()
        self._changes, self._told, self.events = [], [], []

    def _lines(self) -> Iterator[Sequence[Any]]:
        for rows in self._told:
            yield from rows
        yield from map(event_row, self.events)

    def _send(self, model: type[models.Model], rows: Sequence[tuple[models.Model, Mapping[str, Any]]]) -> None:
        for row, before in rows:
            self.gathering.change(row, before, before.get("version", 0))


@cache
def _depth(model: type[models.Model]) -> int:
    """More than that of whatever its rows have to point at."""
    ahead = (f.related_model for f in model._meta.concrete_fields if isinstance(f, ForeignKey) and not f.null)
    return 1 + max((_depth(one) for one in ahead if one is not model), default=0)


def _insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """COPY objects under the keys they have."""
    fields = [(field, bulk.prepare(field)) for field in model._meta.concrete_fields if not field.generated]
    values = ([ready(field.pre_save(row, add=True)) for field, ready in fields] for row in sorted(rows, key=_key))
    bulk.copy_in(model, [field.attname for field, _ in fields], values)
