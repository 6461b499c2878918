"""Candidates in YAML by structure: keys, `name:` beside `value:`, Kubernetes `Secret` data, block scalars."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from findings.core.detect import lines, values
from findings.core.detect.hit import Hit
from findings.core.hashing import decode_text
from findings.core.yamls import Node, collections

NAMES_ONLY = frozenset({"secretKey"})  # in an ExternalSecret: the key that a value will get, never a value


def hits(roots: tuple[Node, ...]) -> Iterator[Hit]:
    """Candidates of the documents of one file."""
    for root in roots:
        sealed = {id(part) for part in _secret_data(root)}
        named = NAMES_ONLY if root.get("apiVersion").text.startswith("external-secrets.io/") else frozenset[str]()
        for node in collections(root):
            if node.kind == "map":
                yield from _of_map(node, id(node) in sealed, named)
            for item in node.items:
                if item.kind == "scalar":
                    yield from _of_text(item)
            yield from _of_flags(node.items)


def _secret_data(root: Node) -> Iterator[Node]:
    """The `data` of a document that is itself a Secret, or an item of a List: never a mention of the kind elsewhere."""
    for node in (root, *root.get("items").items):
        if node.get("kind").text == "Secret" and node.get("apiVersion").text == "v1":
            yield node.get("data")


def _of_map(node: Node, sealed: bool, named: frozenset[str]) -> Iterator[Hit]:
    name, value = node.get("name"), node.get("value")
    if name.text and value.kind == "scalar" and value.line:
        yield from _scalar(name.text, value, sealed)
    for key, child in node.pairs:
        if child.kind == "scalar" and key.text not in named:
            yield from _scalar(key.text, child, sealed)


def _scalar(name: str, node: Node, sealed: bool) -> Iterator[Hit]:
    if "\n" in node.text.strip():
        yield from _of_text(node)
        return
    if sealed:
        yield from _sealed(name, node)
        return
    yield from lines.pair(name, node.text, node.line)


def _sealed(name: str, node: Node) -> Iterator[Hit]:
    """One entry of `Secret.data`, which is base64."""
    plain = decode_text(node.text.strip()) if len(node.text.strip()) >= 8 else lines.decoded(node.text.strip())
    inside = [*lines.anywhere(plain), *lines.pair(name, plain.strip(), node.line, how="secret")]
    if "\n" in plain or plain.startswith("{"):
        inside += lines.pairs(plain.replace(",", ",\n"), "code" if plain.startswith("{") else "env")
    for hit in inside:
        yield Hit(hit.name, hit.value, node.line, "secret", hit.worth, node.text.strip(), hit.loopback)


def _of_text(node: Node) -> Iterator[Hit]:
    """Text inside a scalar: a block is read as configuration, one line as `KEY=value` or `--flag=value`."""
    if "\n" in node.text.strip():
        yield from lines.pairs(node.text, "conf", node.line + (1 if node.style in "|>" and node.style else 0))
        return
    name, sep, value = node.text.strip().lstrip("-").partition("=")
    if sep and name.replace("-", "_").replace(".", "_").isidentifier():
        yield from lines.pair(name, value.strip("\"'"), node.line)
    elif " " in node.text.strip():
        yield from lines.pairs(node.text, "conf", node.line)


def _of_flags(items: Sequence[Node]) -> Iterator[Hit]:
    """`--requirepass` and its value as two entries of an argument list."""
    for flag, value in pairwise(items):
        if flag.text.startswith("--") and "=" not in flag.text and values.promises(flag.text.lstrip("-")):
            yield from lines.pair(flag.text.lstrip("-"), value.text, value.line)
