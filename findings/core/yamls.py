"""YAML as plain nodes with lines, from untrusted files: one walk over the parser's events, no recursion, no objects.

Depth, size and aliases are bounded, merge keys are followed on look-up only, and nothing is constructed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from findings.core.errors import Unreadable

DEPTH = 100
EVENTS = 400_000
ALIASES = 2_000
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, eq=False)
class Node:
    """A scalar (`text`), a sequence (`items`) or a mapping (`pairs`). Lines count from 1; `end` is the last line."""

    kind: str
    line: int
    end: int = 0
    text: str = ""
    style: str = ""
    items: list["Node"] = field(default_factory=list)
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)

    def get(self, *names: str) -> "Node":
        """The node under these keys, one below the other; a null scalar where there is none."""
        node = self
        for name in names:
            node = node._child(name)
        return node

    def _child(self, name: str) -> "Node":
        merged: list[Node] = []
        for key, value in self.pairs:
            if key.text == name:
                return value
            if key.text == "<<":
                merged += value.items or [value]
        for other in merged:
            for key, value in other.pairs:
                if key.text == name:
                    return value
        return Node("scalar", self.line, self.line)

    def key_nodes(self) -> dict[str, "Node"]:
        """Key text -> key node of a mapping, for its lines."""
        return {key.text: key for key, _ in self.pairs}

    @property
    def empty(self) -> bool:
        """A null, or nothing at all."""
        return self.kind == "scalar" and not self.style and self.text in NULLS


@lru_cache(maxsize=4)
def documents(data: bytes) -> tuple[Node, ...]:
    """The documents of a file. Raises `Unreadable` for text that is not YAML or passes a bound."""
    try:
        return tuple(_build(data))
    except yaml.MarkedYAMLError as error:
        raise Unreadable(f"YAML does not parse: {error.problem}", _line(error.problem_mark)) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        raise Unreadable("YAML does not parse: it holds bytes that are not text") from None


def _build(data: bytes) -> Iterator[Node]:
    builder = _Builder()
    for count, event in enumerate(yaml.parse(data, Loader=yaml.CSafeLoader)):
        if count > EVENTS:
            raise Unreadable(f"YAML has more than {EVENTS} parts")
        if isinstance(event, yaml.DocumentEndEvent) and builder.root is not None:
            yield builder.root
            builder = _Builder()
        else:
            builder.feed(event)


def _clean(text: str) -> str:
    """NUL and lone surrogates, which escapes can make, are replaced: PostgreSQL's JSON cannot hold them."""
    return (
        text
        if text.isascii() and "\0" not in text
        else text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    )


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 0


class _Builder:
    """One document growing: the open collections are a stack, so nesting costs no call depth."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.stack: list[tuple[Node, list[Node]]] = []
        self.anchors: dict[str, Node] = {}
        self.aliases = 0

    def feed(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            node = Node(
                "scalar", _line(event.start_mark), _line(event.end_mark), _clean(event.value), event.style or ""
            )
            self._anchor(event.anchor, node)
            self._add(node)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            node, parts = self.stack.pop()
            node.end = max([node.line, *(part.end for part in parts)])
            if node.kind == "map":
                node.pairs = list(zip(parts[::2], parts[1::2], strict=True))
            else:
                node.items = parts
            self._add(node)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= DEPTH:
            raise Unreadable(f"YAML is nested more than {DEPTH} deep", _line(event.start_mark))
        node = Node("map" if isinstance(event, yaml.MappingStartEvent) else "seq", _line(event.start_mark))
        self._anchor(event.anchor, node)
        self.stack.append((node, []))

    def _anchor(self, name: str | None, node: Node) -> None:
        if name:
            self.anchors[name] = node

    def _alias(self, event: yaml.AliasEvent) -> None:
        line = _line(event.start_mark)
        self.aliases += 1
        if self.aliases > ALIASES:
            raise Unreadable(f"YAML has more than {ALIASES} aliases", line)
        target = self.anchors.get(event.anchor or "")
        if target is None or any(node is target for node, _ in self.stack):
            raise Unreadable("YAML does not parse: an alias without an anchor before it", line)
        self._add(target)

    def _add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.root = node


def collections(root: Node, limit: int = EVENTS) -> Iterator[Node]:
    """Every mapping and sequence below a node, each once however many aliases lead to it."""
    seen: set[int] = set()
    todo = [root]
    while todo and len(seen) < limit:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind != "scalar":
            yield node
            todo += reversed(node.items)
            todo += [value for _, value in reversed(node.pairs)]
