"""Places in a SARIF file before it is read: whose folder they name, and what they point at."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from findings.core.paths import escape

Region = tuple[int, int, int, int]  # first line, last line, first column, column after the last


def relative(data: bytes, tree: Path, folder: Path) -> bytes:
    """A report without our private folder: its paths begin at the root of the tree, as the repository's do."""
    for place in (tree, folder):
        plain = str(place)
        for form in dict.fromkeys((plain, quote(plain), json.dumps(plain)[1:-1], plain.replace("/", "\\/"))):
            slash = "\\/" if "\\/" in form else "/"
            for prefix in (f"file:{slash}{slash}localhost", f"file:{slash}{slash}", "file:", ""):
                data = data.replace(f"{prefix}{form}{slash}".encode(), b"")
                data = data.replace(f"{prefix}{form}".encode(), b".")
            data = data.replace(f"{form.removeprefix(slash)}{slash}".encode(), b"")  # tools that cut the first slash
    return data


def spans(document: Any) -> Iterator[tuple[str, str, str, Region]]:
    """(rule, path, quoted text, region) of every place of every result; what has another shape is passed over."""
    for run in _items(document, "runs"):
        for result in _items(run, "results"):
            rule = f"{_text(result, 'ruleId')} {_text(_object(result, 'rule'), 'id')}".strip()
            for location in (*_items(result, "locations"), *_items(result, "relatedLocations")):
                physical = _object(location, "physicalLocation")
                path = _path(_text(_object(physical, "artifactLocation"), "uri"))
                region = _object(physical, "region")
                yield rule, path, _text(_object(region, "snippet"), "text"), _region(region)


def _path(uri: str) -> str:
    return escape(unquote_to_bytes(uri).removeprefix(b"./").lstrip(b"/"))


def _region(region: dict[str, Any]) -> Region:
    numbers = [region.get(name) for name in ("startLine", "endLine", "startColumn", "endColumn")]
    line, end, first, last = (number if isinstance(number, int) else 0 for number in numbers)
    return line, end, first, last


def _items(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _object(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
