"""JSON as typed nodes that know where they stand, so that a wrong type is a `FormatError` with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from findings.core.types import FormatError

_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and its path (`$.runs[0].tool`). A missing value and `null` are the same: absent."""

    value: Any
    where: str = "$"

    def __bool__(self) -> bool:
        return self.value is not None

    def __getitem__(self, name: str) -> "Node":
        """A member of an object; absent where the object or the member is."""
        members = self._as(dict, "an object", {})
        return Node(members.get(name), f"{self.where}.{name}")

    def names(self) -> list[str]:
        return list(self._as(dict, "an object", {}))

    def items(self) -> Iterator["Node"]:
        """The elements of an array; none where it is absent."""
        for index, value in enumerate(self._as(list, "an array", [])):
            yield Node(value, f"{self.where}[{index}]")

    def text(self, default: str = "") -> str:
        return clean(self._as(str, "a string", default))

    def integer(self, default: int = 0) -> int:
        """A whole number that fits the database; one beyond that is taken as not given."""
        value = self._as(int, "a whole number", default)
        return value if abs(value) < 2**31 else default

    def flag(self, default: bool = False) -> bool:
        return bool(self._as(bool, "true or false", default))

    def one_of(self, values: frozenset[str], default: str) -> str:
        value = self.text(default)
        if value not in values:
            raise FormatError(f"{shown(value)} is not known here", self.where, "one of " + ", ".join(sorted(values)))
        return value

    def required(self, expected: str) -> "Node":
        if self.value is None:
            raise FormatError("missing", self.where, expected)
        return self

    def _as(self, kind: type, expected: str, default: Any) -> Any:
        if self.value is None:
            return default
        if not isinstance(self.value, kind) or (isinstance(self.value, bool) and kind is not bool):
            raise FormatError(f"found {shown(self.value)}", self.where, expected)
        return self.value


def shown(value: Any) -> str:
    """What was found, without its content: a value may be a secret."""
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
    return kinds.get(type(value), "a number")


def clean(text: str) -> str:
    """Text that a database takes and that steers nothing: no NUL, no escape sequence, nothing that turns the direction
    of writing, and no half of a surrogate pair.
    """
    if text.isprintable():
        return text
    text = _STEERING.sub("\ufffd", text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
