"""The part of JSON Schema that the API describes itself with, and checks what it is given by."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict

Schema = Mapping[str, Any]

KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}
PLAIN = r"^[^\u0000]*$"  # PostgreSQL takes no NUL
SAID = r"^[^\u0000]*[A-Za-z0-9\u00c0-\ud7ff][^\u0000]*$"  # says something
Wrong = Iterator[tuple[str, str]]


def text(most: int = 200, *, said: bool = False, **more: Any) -> Schema:
    """A string without NUL; `said`: one that says something."""
    return {"type": "string", "maxLength": most, "pattern": SAID if said else PLAIN, **more}


def one_of(*words: str, **more: Any) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(words), **more}


def many(item: Schema, **more: Any) -> Schema:
    """Several, as a repeated parameter or a list."""
    return {"type": "array", "items": item, **more}


def nullable(schema: Schema) -> Schema:
    """It, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


BOOL: Schema = {"type": "boolean"}
KEY: Schema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
WORD: Schema = {"type": "string"}


def wrong_in(value: Any, schema: Schema, where: str = "") -> Wrong:
    """(JSON pointer, complaint) of all in a value that its schema does not allow."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        yield where, f"expected {' or '.join(kinds)}"
    elif isinstance(value, dict):
        yield from _in_object(value, schema, where)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from wrong_in(item, schema["items"], f"{where}/{n}")
    elif isinstance(value, str):
        yield from ((where, told) for told in _in_text(value, schema))
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield where, f"expected a number from {schema.get('minimum', '')} to {schema.get('maximum', '')}"


def _is(value: Any, kind: str) -> bool:
    # To JSON Schema, a number without a fraction is an integer.
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _in_object(value: dict[str, Any], schema: Schema, where: str) -> Wrong:
    known = schema["properties"]
    yield from ((f"{where}/{name}", "is missing") for name in schema["required"] if name not in value)
    for name, part in value.items():
        if name in known:
            yield from wrong_in(part, known[name], f"{where}/{name}")
        else:
            yield f"{where}/{name[:100]}", f"is not known; expected some of {', '.join(known)}"


def _in_text(value: str, schema: Schema) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"expected one of {', '.join(schema['enum'])}"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"is longer than {schema['maxLength']} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield "is empty or holds what it may not"
    if schema.get("format") == "date" and not _is_day(value):
        yield "expected a date like 2026-12-31"


def _is_day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def read_query(given: QueryDict, known: Mapping[str, Schema]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The parameters of an address, each as its schema says, and what is wrong with them."""
    found: dict[str, Any] = {}
    wrong = [(name[:100], f"is not known; expected some of {', '.join(known)}") for name in given if name not in known]
    for name, schema in known.items():
        values = given.getlist(name)
        if not values:
            wrong += [(name, "is missing")] if schema.get("required") else []
            continue
        if schema["type"] == "array":
            found[name] = values
        elif len(values) > 1:
            wrong.append((name, "is given more than once"))
            continue
        else:
            found[name] = _typed(values[0], schema["type"])
        wrong += [(f"{name}{where}", told) for where, told in wrong_in(found[name], schema)]
    return found, wrong


def _typed(value: str, kind: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        return int(value)
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return value
