"""YAML as plain nodes with lines, from untrusted files: one walk over the parser's events, no recursion, no objects.

Depth, size and aliases are bounded, merge keys are followed on look-up only, and nothing is constructed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any

import yaml

from findings.core.errors import Unreadable
from findings.core.lately import lately
from findings.core.yamllines import BLOCK_OF_TEXT, FLOWING, LONGEST, QUOTING, Block, Entry, outline
from findings.core.yamlnodes import EVENTS, Node, collections, everything

DEPTH = 100
ALIASES = 2_000
FLOWS = 2_000
_MARK = b"\n---\n"
_SPANNING = (b"\n%", b"\r", b"\0", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")  # directives, other ends of lines
_ONE = r"([A-Za-z_][\w./-]*+): ++([A-Za-z0-9_/][\w./-]*+|\"[^\"\\]*+\"|'[^']*+')"
_PAIR = re.compile(_ONE, re.A)
_WORDS = re.compile(rf"\{{ *+{_ONE}(?: *+, ++{_ONE})*+ *+\}}", re.A)
_SPOILT = re.compile(rb": ++(?:\"[^\"\\\n]*+\"|'[^'\n]*+') ++[^ #\n]")  # something behind a value in quotes
_LINE_OF = itemgetter(0)  # of an entry


class Lines(Node):
    """A collection out of the lines of plain YAML. What is in it is made when somebody asks, and once."""

    __slots__ = ("block", "made")

    def __init__(self, block: Block) -> None:
        self.kind, self.line = ("seq" if block.listed else "map"), block.entries[0][0]
        self.text = self.style = ""
        self.last, self.inner, self.block = 0, None, block
        self.made: dict[int, Node] = {}
        if block.listed:
            self.pairs = ()
        else:
            self.items = ()

    def __getattr__(self, name: str) -> Any:
        """`items` or `pairs`, which are not set before somebody asks for them."""
        if name == "items":
            self.items = [_value(entry) for entry in self.block.entries]
            return self.items
        if name == "pairs":
            entries = self.block.entries
            self.pairs = [(_scalar(entry[0], entry[1]), self._made(at)) for at, entry in enumerate(entries)]
            return self.pairs
        raise AttributeError(name)

    def _child(self, name: str) -> Node:
        """The same without the nodes of what nobody asks for; plain YAML merges no keys."""
        entries = self.block.entries
        for at in range(len(entries) - 1, -1, -1) if name else ():
            if entries[at][1] == name:
                return self._made(at)
        return Node("scalar", self.line)

    def _made(self, at: int) -> Node:
        if at not in self.made:
            self.made[at] = _value(self.block.entries[at])
        return self.made[at]

    @property
    def wordy(self) -> bool:
        """The same without the nodes."""
        return self.block.listed and any(rest for _, _, rest, _ in self.block.entries)

    def inner_at(self, lines: Sequence[int], first: int, end: int) -> Iterator[tuple[Node, int, int]]:
        """(collection right in this one, first and end of those lines that lie in it), of `lines[first:end]`."""
        entries = self.block.entries
        while first < end:
            at = bisect_right(entries, lines[first], key=_LINE_OF) - 1
            after = bisect_left(lines, entries[at + 1][0], first, end) if at + 1 < len(entries) else end
            if at >= 0 and (node := self._made(at)).kind != "scalar":
                yield node, first, after
            first = after


def _scalar(line: int, text: str, style: str = "") -> Node:
    return Node("scalar", line, text, style, last=line)


def _value(entry: Entry) -> Node:
    """What an entry of plain YAML holds. Brackets and blocks of text are left to the parser."""
    line, _, rest, below = entry
    if below:
        return Lines(below) if below.entries else _scalar(line, "")
    first = rest[0]
    if first in QUOTING:
        return _scalar(line, rest[1:-1], first)
    if first in FLOWING:
        node = _flow(rest, line)
    elif first in BLOCK_OF_TEXT:
        (document,) = _built(f"k: {rest}".encode(), line)
        node = document.pairs[0][1]
    else:
        node = _scalar(line, rest)
    return node


def _flow(rest: str, line: int) -> Node:
    """A collection in brackets. Most are mappings of a few words, and stand in many files."""
    if (pairs := _words(rest)) is not None:
        return Node("map", line, pairs=[(_scalar(line, key), _scalar(line, text, style)) for key, text, style in pairs])
    (node,) = _built(rest.encode(), line)
    return node


@lru_cache(maxsize=1024)
def _words(rest: str) -> tuple[tuple[str, str, str], ...] | None:
    """(key, value, its quote) of a mapping of words; None for everything else in brackets."""
    if not _WORDS.fullmatch(rest):
        return None
    found = _PAIR.findall(rest)
    return tuple((key, said[1:-1], said[0]) if said[0] in QUOTING else (key, said, "") for key, said in found)


def documents(data: bytes) -> tuple[Node, ...]:
    """The documents of a file. Raises `Unreadable` for text that is not YAML or passes a bound."""
    found = _remembered(data)
    if isinstance(found, Unreadable):
        raise Unreadable(found.reason, found.line)
    return found


def parts(data: bytes) -> list[bytes]:
    """A file as parts that parse alike alone: each begins with a document's mark, the first with the file; all of it
    as one part where more than such a mark may tell documents apart, or lines.
    """
    spans = data[:1] == b"%" or any(mark in data for mark in (_SPANNING[:3] if data.isascii() else _SPANNING))
    if spans or _MARK not in data or len(data) > LONGEST or _is_nested(data):
        return [data]
    first, *others = data.split(_MARK)
    found = [first + b"\n", *(b"---\n" + other + b"\n" for other in others)]
    found[-1] = found[-1][:-1]
    return found


@lately(4)
def _remembered(data: bytes) -> tuple[Node, ...] | Unreadable:
    """Each family asks for the same few files, one after the other; what does not parse is remembered as well."""
    try:
        return _parsed(data)
    except Unreadable as error:
        return _alone(error)


def _alone(error: Unreadable) -> Unreadable:
    """The same without where it was raised: those frames hold what was remembered before, with its own frames, and so
    every broken file there ever was.
    """
    return Unreadable(error.reason, error.line)


def inside(node: Node) -> tuple[Node, ...]:
    """The documents in a scalar of several lines, with the lines of the file; none where it is not YAML."""
    if node.inner is None:
        node.inner = _inside(node) if node.kind == "scalar" and "\n" in node.text else ()
    return node.inner


def _inside(node: Node) -> tuple[Node, ...]:
    try:
        roots = _parsed(node.text.encode("utf-8", "replace"))
    except Unreadable:
        return ()
    for part in everything(roots):
        block = bool(node.style) and node.style in BLOCK_OF_TEXT
        part.line = min(node.line + part.line, node.end) if block else node.line
        part.last = min(node.line + part.last, node.end) if block else node.line
    return roots


def check(data: bytes, wanted: bool = False) -> None:
    """Raises `Unreadable` for text that is not YAML, at a tenth of the price of its nodes. `wanted`: somebody will ask
    for those; then they are made now, and mostly the parser need not be asked at all.
    """
    if _is_nested(data):
        documents(data)
    elif not (wanted and _outlined(data)[1]) and (flaw := _flaw(data)):
        raise Unreadable(flaw.reason, flaw.line)


def _is_nested(data: bytes) -> bool:
    """Whether the parser alone has to be asked, event by event: nesting of brackets costs the square of its depth."""
    return data.count(b"[") + data.count(b"{") > FLOWS


@lately(4)
def _flaw(data: bytes) -> Unreadable | None:
    try:
        with _reasons():
            loader: Any = yaml.CSafeLoader(data)
            loader.raw_parse()
    except Unreadable as error:
        return _alone(error)
    return None


def _parsed(data: bytes) -> tuple[Node, ...]:
    if not _is_nested(data):
        # Before the parser makes events, or its lines are read in vain: what is wrong costs the least then.
        check(data, wanted=_SPOILT.search(data) is None)
        if (plain := _plain(data)) is not None:
            return plain
    with _reasons():
        return tuple(_built(data))


def _plain(data: bytes) -> tuple[Node, ...] | None:
    """The documents of plain YAML; None for what the parser has to read."""
    blocks, _ = _outlined(data)
    return None if blocks is None else tuple(map(Lines, blocks))


@lately(4)
def _outlined(data: bytes) -> tuple[list[Block] | None, bool]:
    """The outline of plain YAML, None for other text; and whether it is certain that it is YAML."""
    return outline(data, _is_whole) or (None, False)


def _is_whole(text: str) -> bool:
    return _flaw(text.encode()) is None


@contextmanager
def _reasons() -> Iterator[None]:
    """The parser's errors as reasons why a file is not covered."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Unreadable(f"YAML does not parse: {error.problem}", line) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        raise Unreadable("YAML does not parse: it holds bytes that are not text") from None


def _built(data: bytes, first: int = 1) -> Iterator[Node]:
    """One walk over the events. The open collections are a stack, so nesting costs no call depth. `first`: the number
    of the first line.
    """
    clean = data.isascii() and b"\\" not in data
    document = _Document()
    loader: Any = yaml.CSafeLoader(data)  # asked directly: `yaml.parse` asks twice for each event
    for count, event in enumerate(iter(loader.get_event, None)):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            text = event.value if clean else _clean(event.value)
            end = event.end_mark  # of a block: the beginning of the line behind it
            node = Node("scalar", event.start_mark.line + first, text, event.style or "")
            node.last = end.line + first - (not end.column)
            document.add(node, event.anchor)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            form = "map" if kind is yaml.MappingStartEvent else "seq"
            document.begin(Node(form, event.start_mark.line + first), event.anchor)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            document.close()
        elif kind is yaml.AliasEvent:
            document.alias(event.anchor, event.start_mark.line + first)
        elif kind is yaml.DocumentEndEvent and document.parts:
            yield document.parts[0]
            document = _Document()
        if count > EVENTS:
            raise Unreadable(f"YAML has more than {EVENTS} parts")


def _clean(text: str) -> str:
    """NUL and lone surrogates, which escapes can make, are replaced: PostgreSQL's JSON cannot hold them."""
    return (
        text
        if text.isascii() and "\0" not in text
        else text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    )


class _Document:
    """One document growing: `parts` of the collection that is open now, `above` it the others with theirs."""

    def __init__(self) -> None:
        self.parts: list[Node] = []
        self.above: list[tuple[Node, list[Node]]] = []
        self.anchors: dict[str, Node] = {}
        self.aliases = 0

    def add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        self.parts.append(node)

    def begin(self, node: Node, anchor: str | None) -> None:
        if len(self.above) >= DEPTH:
            raise Unreadable(f"YAML is nested more than {DEPTH} deep", node.line)
        self.add(node, anchor)
        self.above.append((node, self.parts))
        self.parts = []

    def close(self) -> None:
        parts = self.parts
        node, self.parts = self.above.pop()
        if node.kind == "map":
            node.pairs = list(zip(parts[::2], parts[1::2], strict=True))
        else:
            node.items = parts

    def alias(self, name: str, line: int) -> None:
        self.aliases += 1
        if self.aliases > ALIASES:
            raise Unreadable(f"YAML has more than {ALIASES} aliases", line)
        target = self.anchors.get(name)
        if target is None or any(node is target for node, _ in self.above):
            raise Unreadable("YAML does not parse: an alias without an anchor before it", line)
        self.parts.append(target)


def collections_at(root: Node, lines: Sequence[int], first: int = 0) -> Iterator[Node]:
    """Those of the collections that hold one of the lines, which are in order, from `first` on; of what is not plain
    all. Plain YAML has no aliases.
    """
    todo = [(root, first, len(lines))]
    while todo:
        node, first, end = todo.pop()
        if isinstance(node, Lines):
            yield node
            todo += reversed([*node.inner_at(lines, first, end)])
        else:
            yield from collections(node)
