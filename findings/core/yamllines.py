"""Plain YAML by its lines: how nearly every manifest is written, read at a fifth of the price of the parser's events.

What is not plain (anchors, tags, tabs, escapes in quotes, keys that are no words, values of several lines other than
blocks of text) is declined: then the parser has to read it. Of some of the rest (blocks of text, brackets with more
than words in them) the lines alone do not show whether it is YAML at all: then the parser has to be asked that first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

LONGEST = 100_000
DEEPEST = 40
FLOWING, QUOTING, BLOCK_OF_TEXT = "{[", "\"'", "|>"

_LINE = re.compile(
    r"^( *+)((?:-(?: ++|$))*+)(?:([A-Za-z0-9_./][\w./-]{0,800}+):(?: ++|$))?"
    r"(?:(\"[^\"\\\n]*+\"|'[^'\n]*+'|[\w./$]++(?:[ :][\w./=-]++)*+)$)?+([^\n]*+)$",
    re.M,
)
_ODD = "\t\r\0\x85\u2028\u2029\ufeff"
_COMMENT = r" *+(?:(?<= )#.*)?"
_QUOTED = re.compile(rf"(\"[^\"\\]*+\"|'[^']*+'){_COMMENT}")
_BLOCK = re.compile(rf"([|>][+-]?+){_COMMENT}")
_INSIDE = r"(?:[^\[\]{}\"'#&*!]|\"[^\"\\&*!]*+\"|'[^'&*!]*+'"
_FLOW = re.compile(rf"([\[{{]{_INSIDE}|[\[{{]{_INSIDE})*+[\]}}])*+[\]}}]){_COMMENT}")
_VALUE = r"(?:[A-Za-z0-9_/][\w./-]*+|\"[^\"\\]*+\"|'[^']*+')"
_SURE_FLOW = "[{{] *+(?:{key}{value}(?: *+, ++{key}{value})*+ *+)?[}}]|\\[ *+(?:{value}(?: *+, ++{value})*+ *+)?\\]"
_KEY = r"[A-Za-z_][\w./-]*+: ++"
_FLAT = _SURE_FLOW.format(key=_KEY, value=_VALUE)
_SURE = re.compile(_SURE_FLOW.format(key=_KEY, value=f"(?:{_VALUE}|{_FLAT})"), re.A)
_PRINTED = bytes(range(32, 127)) + b"\n"
_NO_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@`")

# Of a line: indentation, dashes, key, an easy value, what else is behind the key.
# Of an entry: line from 1; key; value as it is written, without comment (a block of text with its rows); what is below.
Found: TypeAlias = tuple[str, str, str, str, str]
Entry: TypeAlias = "tuple[int, str, str, Block | None]"


class Declined(Exception):
    """The text is not plain enough."""


@dataclass(slots=True, eq=False)
class Block:
    """A mapping, or a sequence (`listed`), whose entries stand on lines of their own and begin in the same column."""

    column: int = -1
    listed: bool = False
    entries: list[Entry] = field(default_factory=list)


def outline(data: bytes, whole: Callable[[str], bool]) -> tuple[list[Block], bool] | None:
    """The documents of a text, provided that it is YAML, and whether its lines show that it is; None where it is not
    plain. `whole` tells whether a collection in brackets is complete.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if len(text) > LONGEST or any(mark in text for mark in _ODD):
        return None
    found = _Outline(text, whole)
    try:
        blocks = found.documents()
    except Declined:
        return None
    return blocks, found.sure and not data.translate(None, _PRINTED)


class _Outline:
    """One walk over the lines. `top` is the block that grows, `above` those it stands in; `waiting` is the block that
    lines further to the right would belong to; `marked`: the document has begun with its mark; `sure`: nothing was
    taken of which the parser may think otherwise.
    """

    def __init__(self, text: str, whole: Callable[[str], bool]) -> None:
        self.text, self.whole = text, whole
        self.lines: list[Found] = _LINE.findall(text)
        self.roots: list[Block] = []
        self.marked, self.sure = False, True
        self._begin()

    def documents(self) -> list[Block]:
        """The lines that nearly all are, a key with a value like the one before or the next of such mappings in a
        sequence, are taken here.
        """
        read = 0
        column, item, entries, around = self._usual()
        for number, (indent, dashes, key, easy, rest) in enumerate(self.lines, 1):
            if number <= read:
                continue
            if easy and key and not dashes and len(indent) == column:
                entries.append((number, key, easy, None))
            elif easy and key and dashes == "- " and len(indent) == item:
                entries = [(number, key, easy, None)]
                self.top = Block(column, False, entries)
                around.append((number, "", "", self.top))
            else:
                read = self._take(number, (indent, dashes, key, easy, rest))
                column, item, entries, around = self._usual()
        self._end()
        return self.roots

    def _usual(self) -> tuple[int, int, list[Entry], list[Entry]]:
        """The column of a next key and of a next dash, -1 where there cannot be one, and the entries they belong to."""
        top, around = self.top, self.above[-1] if self.above else self.root
        column = -1 if self.waiting or top.listed else top.column
        item = around.column if around.listed and around.column == column - 2 else -1
        return column, item, top.entries, around.entries

    def _take(self, number: int, line: Found) -> int:
        """Any line at all; the number of lines that are read by then."""
        indent, dashes, key, easy, rest = line
        if key or dashes:
            self._enter_all(len(indent), dashes, key, number)
            return self._add(number, key, easy or rest)
        if easy or (rest and rest[0] != "#"):
            if indent or rest.partition(" #")[0].rstrip(" ") != "---":
                raise Declined
            self._end()
            self.marked = True
        return number

    def _begin(self) -> None:
        self.root = Block()
        self.top, self.above = Block(), list[Block]()
        self.waiting: Block | None = self.root

    def _end(self) -> None:
        """The document ends; one without anything in it is left to the parser."""
        if self.root.entries:
            self.roots.append(self.root)
        elif self.marked:
            raise Declined
        self._begin()

    def _enter_all(self, column: int, dashes: str, key: str, number: int) -> None:
        """Goes to the block that a line belongs to; each dash but the last before a value is an entry of its own."""
        if not dashes:
            self._enter(column, False)
            return
        columns = [column + at for at, mark in enumerate(dashes) if mark == "-"]
        for at in columns if key else columns[:-1]:
            self._enter(at, True)
            self._below(number, "")
        self._enter(column + len(dashes) if key else columns[-1], not key)

    def _enter(self, column: int, listed: bool) -> None:
        top = self.top
        if self.waiting and (column > top.column or (listed and not top.listed and column == top.column)):
            self.above.append(top)
            self.top = self.waiting
            self.top.column, self.top.listed = column, listed
            if len(self.above) > DEEPEST:
                raise Declined
            return
        while top.column > column or (top.column == column and top.listed and not listed):
            top = self.above.pop()
        if top.column != column or top.listed is not listed:
            raise Declined
        self.top = top

    def _add(self, number: int, key: str, rest: str) -> int:
        """Adds an entry; the number of lines that are read by then."""
        first, read = rest[:1], number
        if not first or first == "#":
            self._below(number, key)
            return number
        if first not in _NO_PLAIN or (first == "-" and rest[1:2] not in "- "):
            if ": " in rest or " #" in rest or rest[-1] in " :":
                rest = _plain(rest)
        elif first in QUOTING:
            rest = _matched(_QUOTED, rest)
        elif first in FLOWING:
            rest = _matched(_FLOW, rest)
            self.sure = self.sure and bool(_SURE.fullmatch(rest))
            if ("'" in rest or '"' in rest) and not self.whole(rest):
                raise Declined
        elif first in BLOCK_OF_TEXT:
            read = self._behind(number)
            self.sure = self.sure and read > number and any(self.lines[number][1:])  # a blank line may set the column
            more = [""] if read < len(self.lines) else []
            rest = "\n".join([_matched(_BLOCK, rest), *self._rows[number:read], *more])
        else:
            raise Declined
        self.top.entries.append((number, key, rest, None))
        self.waiting = None
        return read

    def _below(self, number: int, key: str) -> None:
        self.waiting = Block()
        self.top.entries.append((number, key, "", self.waiting))

    def _behind(self, number: int) -> int:
        """The number of the last line of a block of text that begins behind a line."""
        column = 0
        for at in range(number, len(self.lines)):
            indent, *more = self.lines[at]
            if any(more):
                if len(indent) < (column or self.top.column + 1):
                    return at
                column = column or len(indent)
        return len(self.lines)

    @cached_property
    def _rows(self) -> list[str]:
        return self.text.split("\n")


def _matched(pattern: re.Pattern[str], rest: str) -> str:
    match = pattern.fullmatch(rest)
    if match is None:
        raise Declined
    return match[1]


def _plain(rest: str) -> str:
    """A plain value without its comment; what has a colon behind it is no value."""
    value = rest.partition(" #")[0].rstrip(" ")
    if ": " in value or value.endswith(":"):
        raise Declined
    return value
