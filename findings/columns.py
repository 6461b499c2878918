"""Rows of models out of statements of ours: for what every page asks for, where making the same statement anew costs
more than its answer.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Model


class Columns:
    """All columns of a model: named in a statement by its alias, and a row of them as an instance."""

    def __init__(self, model: type[Model], alias: str) -> None:
        self.model, self.alias = model, alias

    def __str__(self) -> str:
        return ", ".join(f"{self.alias}.{connection.ops.quote_name(f.column)}" for f in self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    @cached_property
    def _fields(self) -> list[Any]:
        return list(self.model._meta.concrete_fields)

    @cached_property
    def _names(self) -> list[str]:
        return [f.attname for f in self._fields]

    @cached_property
    def _converted(self) -> list[tuple[int, Any]]:
        """Where values have to be made into what the field holds (JSON)."""
        return [(n, f) for n, f in enumerate(self._fields) if hasattr(f, "from_db_value")]

    def read(self, values: Sequence[Any]) -> Any:
        """The instance with these values, as a queryset would have made it."""
        row = list(values)
        for place, field in self._converted:
            row[place] = field.from_db_value(row[place], None, connection)
        return self.model.from_db(connection.alias, self._names, row)
