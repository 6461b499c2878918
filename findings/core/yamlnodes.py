"""Nodes of YAML, and walks over them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EVENTS = 400_000
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, eq=False)
class Node:
    """A scalar (`text`), a sequence (`items`) or a mapping (`pairs`). Lines count from 1."""

    kind: str
    line: int
    text: str = ""
    style: str = ""
    items: Sequence["Node"] = ()
    pairs: Sequence[tuple["Node", "Node"]] = ()
    last: int = 0
    inner: tuple["Node", ...] | None = None

    def get(self, *names: str) -> "Node":
        """The node under these keys, one below the other; a null scalar where there is none."""
        node = self
        for name in names:
            node = node._child(name)
        return node

    def _child(self, name: str) -> "Node":
        """Of a key that stands twice the later counts, as for every tool that reads manifests."""
        merged = None
        for key, value in reversed(self.pairs):
            if key.text == name:
                return value
            if key.text == "<<":
                merged = value
        for other in (merged.items or [merged]) if merged else ():
            for key, value in reversed(other.pairs):
                if key.text == name:
                    return value
        return Node("scalar", self.line)

    def key_nodes(self) -> dict[str, "Node"]:
        """Key text -> key node of a mapping, for its lines."""
        return {key.text: key for key, _ in self.pairs}

    @property
    def end(self) -> int:
        """The last line."""
        node = self
        while node.items or node.pairs:
            node = node.items[-1] if node.items else node.pairs[-1][1]
        return max(self.line, node.line, node.last)

    @property
    def empty(self) -> bool:
        """A null, or nothing at all."""
        return self.kind == "scalar" and not self.style and self.text in NULLS

    @property
    def wordy(self) -> bool:
        """Whether not all that is right in a sequence are collections on lines of their own."""
        return bool(self.items)


def collections(root: Node, limit: int = EVENTS) -> Iterator[Node]:
    """Every mapping and sequence below a node, each once however many aliases lead to it."""
    seen: set[int] = set()
    todo = [root] if root.kind != "scalar" else []
    while todo and len(seen) < limit:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        todo += [item for item in reversed(node.items) if item.kind != "scalar"]
        todo += [value for _, value in reversed(node.pairs) if value.kind != "scalar"]


def everything(roots: Sequence[Node]) -> Iterator[Node]:
    """Every node of some documents, keys of mappings included, each once."""
    nodes = {id(root): root for root in roots}
    for node in (found for root in roots for found in collections(root)):
        nodes.update((id(part), part) for part in (node, *node.items, *(part for pair in node.pairs for part in pair)))
    return iter(nodes.values())
