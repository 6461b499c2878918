"""JSON read one value at a time, so that a report of any size needs the memory of one of its results.

`json`'s own scanner, in C, reads each value out of a window over the text; objects and arrays that are large are walked
through member by member. Measured against ijson's C backend on 100,000 results: the same speed, with the line and
column of what is wrong, and in any encoding. Where many alike stand side by side orjson takes them together, which is
three times as fast.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from findings.core.formats.source import Source, texts
from findings.core.types import FormatError

MAX_VALUE = 64 * 1024 * 1024  # characters of a value that is read at once
WINDOW = 256 * 1024  # characters
_GOES_ON = 3  # characters behind a number that show whether it is over: not so in "2" of "2e+1"
_EDGE = 16  # an error this near to the end of the window may be a word, a number or an escape that is cut in two
_SPACE = re.compile(r"[ \t\r\n]*")
_ALIKE = re.compile(r'[ \t\r\n]*,[ \t\r\n]*(\{[ \t\r\n]*"[^"\\]{1,99}"[ \t\r\n]*:)')  # and the next object begins
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_KINDS = {"{": "an object", "[": "an array", '"': "a string", "t": "true or false", "f": "true or false"}


class Cursor:
    """A place in a JSON text. Whoever walks an object or an array takes each value before asking for the next."""

    def __init__(self, source: Source) -> None:
        self._texts = texts(source)
        self._text, self._at, self._over = "", 0, False
        self._lines, self._column = 0, 0  # what was dropped from the window
        self._decode = json.JSONDecoder().raw_decode

    def kind(self) -> str:
        """The first character of the next value; empty at the end of the text."""
        while True:
            self._at = self._space(self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def value(self) -> Any:
        """The next value, whole."""
        self.kind()
        while True:
            try:
                found, end = self._decode(self._text, self._at)
                if end + _GOES_ON <= len(self._text) or self._over:
                    self._at = end
                    return found
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _EDGE
                if self._over or not cut:
                    raise self._wrong(error.msg, error.pos) from None
            except RecursionError:
                raise FormatError("nested too deeply", self._place(self._at), "JSON of ordinary depth") from None
            except ValueError:
                where = self._place(self._at)
                raise FormatError("holds a number that is too long", where, "JSON with ordinary numbers") from None
            self._read()

    def members(self, where: str) -> Iterator[str]:
        """The names of the object that stands here; none of a null. One name twice is refused."""
        seen: set[str] = set()
        for first in self._walk("{", "}", where):
            if not first and self.kind() != '"':
                raise self._wrong("Expecting property name enclosed in double quotes", self._at)
            name = self.value() if self.kind() == '"' else None
            if not isinstance(name, str):
                raise self._wrong("Expecting property name enclosed in double quotes", self._at)
            if name in seen:
                raise FormatError("a member that is given twice", f"{where}.{name[:100]}", "each name once")
            seen.add(name)
            if self.kind() != ":":
                raise self._wrong("Expecting ':' delimiter", self._at)
            self._at += 1
            yield name

    def elements(self, where: str) -> Iterator[int]:
        """The indexes of the array that stands here; none of a null."""
        for index, _first in enumerate(self._walk("[", "]", where)):
            yield index

    def blocks(self, where: str, most: int) -> Iterator[tuple[list[Any], str]]:
        """The values of the array that stands here, up to `most` together, with the text in which they stand."""
        values: list[Any] = []
        parts: list[str] = []
        for _first in self._walk("[", "]", where):
            self.kind()
            window, begins = self._text, self._at
            values.append(self.value())
            begins = begins if self._text is window else 0  # what was read meanwhile follows the value in a new window
            values += self._following(most - len(values))
            parts.append(self._text[begins : self._at])
            if len(values) >= most:
                yield values, ",".join(parts)
                values, parts = [], []
        if values:
            yield values, ",".join(parts)

    def _following(self, most: int) -> list[Any]:
        """Up to `most` further values of an array, as far as the window holds them whole; whatever is wrong with the
        next one is for `value` to say.
        """
        if found := self._together(most):
            return found
        text, at, decode = self._text, self._at, self._decode
        try:
            while len(found) < most and (comma := _COMMA.match(text, at)):
                value, end = decode(text, comma.end())
                if end + _GOES_ON > len(text):
                    break
                found.append(value)
                at = end
        except (ValueError, RecursionError):
            pass
        self._at = at
        return found

    def _together(self, most: int) -> list[Any]:
        """The same by a decoder that is quicker and takes whole texts only. Where a value ends is guessed: the next one
        begins with the same member as this one. A guess that is wrong leaves no JSON, and then nothing is found here.
        """
        text, at = self._text, self._at
        begins = _ALIKE.match(text, at)
        if not begins:
            return []
        mark, end = begins[0], at
        for _ in range(most):
            following = text.find(mark, end + 1)
            if following < 0:
                break
            end = following
        if end == at:
            return []
        try:
            found: list[Any] = orjson.loads(f"[{text[begins.start(1) : end]}]")
        except orjson.JSONDecodeError:
            return []
        if len(found) > most:  # others are among them
            return []
        self._at = end
        return found

    def end(self) -> None:
        """Nothing follows. Raises `FormatError` where something does."""
        if self.kind():
            raise self._wrong("Extra data", self._at)

    def _walk(self, opening: str, closing: str, where: str) -> Iterator[bool]:
        """Once for each part between two brackets; true for the first."""
        begins = self.kind()
        if begins == "n" and self.value() is None:
            return
        if begins != opening:
            if not begins:
                raise self._wrong("Expecting value", self._at)
            if begins not in _KINDS:
                self.value()  # what is no JSON at all is refused here
            raise FormatError(f"found {_KINDS.get(begins, 'a number')}", where, _KINDS[opening])
        self._at += 1
        if self.kind() == closing:
            self._at += 1
            return
        yield True
        while (after := self.kind()) == ",":
            self._at += 1
            yield False
        if after != closing:
            raise self._wrong(f"Expecting ',' delimiter or '{closing}'", self._at)
        self._at += 1

    def _space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _read(self) -> bool:
        """Have more text in the window, at least as much again as waits in it; false at the end of the text."""
        rest = self._text[self._at :]
        if len(rest) > MAX_VALUE:
            raise FormatError("one value that is too large", self._place(self._at), f"{MAX_VALUE:,} characters at most")
        self._lines += (line_ends := self._text.count("\n", 0, self._at))
        last = self._text.rfind("\n", 0, self._at)
        self._column = self._at - last - 1 if line_ends else self._column + self._at
        parts, size, wanted = [rest], 0, max(WINDOW, len(rest))
        while size < wanted and not self._over:
            piece = next(self._texts, None)
            if piece is None:
                self._over = True
            else:
                parts.append(piece)
                size += len(piece)
        self._text, self._at = "".join(parts), 0
        return size > 0

    def _wrong(self, message: str, at: int) -> FormatError:
        return FormatError(f"not JSON: {message}", self._place(at), "JSON")

    def _place(self, at: int) -> str:
        line_ends = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if line_ends else self._column + at + 1
        return f"line {self._lines + line_ends + 1} column {column}"
