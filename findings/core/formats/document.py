"""A JSON file as typed nodes that know where they stand, so that a wrong type is a `FormatError` with its place."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from findings.core.types import FormatError

MAX_BYTES = 128 * 1024 * 1024  # of the text, after unpacking
_GZIP = b"\x1f\x8b"
_WINDOW = 31  # zlib: 15 bits, and a gzip header


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
            raise FormatError(f"{_shown(value)} is not known here", self.where, "one of " + ", ".join(sorted(values)))
        return value

    def required(self, expected: str) -> "Node":
        if self.value is None:
            raise FormatError("missing", self.where, expected)
        return self

    def _as(self, kind: type, expected: str, default: Any) -> Any:
        if self.value is None:
            return default
        if not isinstance(self.value, kind) or (isinstance(self.value, bool) and kind is not bool):
            raise FormatError(f"found {_shown(self.value)}", self.where, expected)
        return self.value


def _shown(value: Any) -> str:
    """What was found, without its content: a value may be a secret."""
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
    return kinds.get(type(value), "a number")


def clean(text: str) -> str:
    """Text that a database takes: no NUL, and no half of a surrogate pair."""
    text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def load(data: bytes) -> Node:
    """The root of a JSON file: UTF-8, UTF-16 or UTF-32, with or without a byte order mark, packed by gzip or not."""
    text = _decoded(_unpacked(data))
    try:
        return Node(json.loads(text))
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", f"line {error.lineno} column {error.colno}", "JSON") from error
    except RecursionError as error:
        raise FormatError("nested too deeply", "$", "JSON of ordinary depth") from error
    except ValueError as error:
        raise FormatError("holds a number that is too long", "$", "JSON with ordinary numbers") from error


def _unpacked(data: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data.startswith(_GZIP):
        unpacker = zlib.decompressobj(_WINDOW)
        try:
            parts.append(unpacker.decompress(data, MAX_BYTES - size + 1))
        except zlib.error as error:
            raise FormatError("damaged gzip data", "the start of the file", "an intact gzip file") from error
        size += len(parts[-1])
        _bounded(size)
        if not unpacker.eof:
            raise FormatError("gzip data that stops in the middle", "the end of the file", "an intact gzip file")
        data = unpacker.unused_data
    _bounded(len(data))
    return b"".join(parts) or data


def _bounded(size: int) -> None:
    if size > MAX_BYTES:
        raise FormatError(f"larger than {MAX_BYTES // 2**20} MiB", "the file", "a smaller file, or several")


def _decoded(data: bytes) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"not {encoding} text", f"byte {error.start}", "UTF-8 or UTF-16") from error
