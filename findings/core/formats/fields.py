"""Members of plain JSON objects by their type, for the places that are read a hundred thousand times.

Like `document.Node`, and ten times as fast, because nobody keeps account of where he is: a wrong type says in which
object it stands, and `place_of` finds that object again in the whole.
"""

from collections.abc import Mapping
from typing import Any

from findings.core.formats.document import clean, shown
from findings.core.types import FormatError

NOTHING: dict[str, Any] = {}  # a member that is not there


class Misplaced(Exception):
    """A member that is of another type than it may be."""

    def __init__(self, of: Any, name: str | int, value: Any, expected: str) -> None:
        self.of, self.name, self.found, self.expected = of, name, shown(value), expected
        super().__init__(expected)

    def at(self, whole: Any, where: str) -> FormatError:
        """The same with its place, `where` being that of the whole."""
        place = place_of(whole, self.of) or ""
        last = f"[{self.name}]" if isinstance(self.name, int) else f".{self.name}"
        return FormatError(f"found {self.found}", f"{where}{place}{last}", self.expected)


def place_of(whole: Any, part: Any) -> str | None:
    """The path from a JSON value to a very object or array in it."""
    if whole is part:
        return ""
    if isinstance(whole, dict):
        steps = [(f".{name}", value) for name, value in whole.items()]
    elif isinstance(whole, list):
        steps = [(f"[{index}]", value) for index, value in enumerate(whole)]
    else:
        return None
    for step, value in steps:
        if (place := place_of(value, part)) is not None:
            return step + place
    return None


def text(of: Mapping[str, Any], name: str) -> str:
    """A string that a database takes; empty where it is absent."""
    value = of.get(name)
    if value.__class__ is str:
        return value if value.isprintable() else clean(value)
    if value is None:
        return ""
    raise Misplaced(of, name, value, "a string")


def number(of: Mapping[str, Any], name: str, default: int = 0) -> int:
    """A whole number that fits the database, else the default."""
    value = of.get(name)
    if value.__class__ is int:
        return value if -(2**31) < value < 2**31 else default
    if value is None or (value.__class__ is float and abs(value) >= 2**63):  # as some decoders read what is too large
        return default
    raise Misplaced(of, name, value, "a whole number")


def within(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object; an empty one where it is absent."""
    value = of.get(name)
    if value.__class__ is dict:
        return value
    if value is None:
        return NOTHING
    raise Misplaced(of, name, value, "an object")


def listed(of: Mapping[str, Any], name: str) -> list[Any]:
    """An array; an empty one where it is absent."""
    value = of.get(name)
    if value.__class__ is list:
        return value
    if value is None:
        return []
    raise Misplaced(of, name, value, "an array")


def objects(of: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """An array of objects; a null in it is an empty one."""
    array = listed(of, name)
    plain = True
    for index, value in enumerate(array):
        if value.__class__ is not dict:
            if value is not None:
                raise Misplaced(array, index, value, "an object")
            plain = False
    return array if plain else [NOTHING if one is None else one for one in array]


def strings(of: Mapping[str, Any], name: str) -> list[str]:
    """An array of strings, nulls left out."""
    array = listed(of, name)
    for index, value in enumerate(array):
        if value is not None and value.__class__ is not str:
            raise Misplaced(array, index, value, "a string")
    return [clean(value) for value in array if value is not None]


def flag(of: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """True or false, else the default."""
    value = of.get(name)
    if value is None:
        return default
    if value.__class__ is bool:
        return bool(value)
    raise Misplaced(of, name, value, "true or false")


def some(of: Mapping[str, Any], name: str) -> list[str]:
    """A string, or an array of them: tools change their mind."""
    if isinstance(of.get(name), str):
        return [found] if (found := text(of, name)) else []
    return strings(of, name)
