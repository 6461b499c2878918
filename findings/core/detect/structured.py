"""Candidates in YAML by structure: keys, `name:` beside `value:`, Kubernetes `Secret` data, block scalars."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from findings.core.detect import anywhere, lines, made, names, values
from findings.core.detect.hit import Hit
from findings.core.detect.page import structured_lines
from findings.core.errors import Unreadable
from findings.core.hashing import decode_text
from findings.core.vocabulary import words
from findings.core.yamlnodes import Node, collections
from findings.core.yamls import collections_at, documents, parts

# What a Secret holds under such a word is the thing itself; elsewhere the word may mean anything.
ALONE = words("jwt key hmac cookie salt pepper signing encryption")
REMEMBERED = 10_000  # bytes of a part at most
_ENTRY = re.compile(r"(?!\w+://)[!-z|~]+")  # no address, sentence or JSON
_HOOK = re.compile(r"T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,32}")  # of Slack, without its host
_PASSWORDS = words("password passwords passwd passwds")
_ELSEWHERE = ("existingSecret", "existingSecretName")  # of a chart, which then takes no value beside it
NAMES_ONLY = frozenset({"secretKey"})  # in an ExternalSecret: the key that a value will get, never a value


class Told(NamedTuple):
    """What one part of a file comes to: its candidates, with lines from 1, and whether an object stands in it."""

    hits: tuple[Hit, ...]
    manifest: bool


def hits(data: bytes) -> list[Hit]:
    """Candidates of the documents of one file. Raises `Unreadable` as `documents` does."""
    found: list[Hit] = []
    before = 0
    for part, told in _told(data):
        found += [lines.shifted(hit, before + 1) for hit in told.hits] if before else told.hits
        before += part.count(b"\n")
    return found


def is_manifest(data: bytes) -> bool:
    """Whether a file holds an object that something deploys."""
    try:
        return any(told.manifest for _, told in _told(data))
    except Unreadable:
        return False


def _told(data: bytes) -> list[tuple[bytes, Told]]:
    """The parts of a file with what they come to. All are looked at before the first counts: one that does not parse
    spoils the file.
    """
    return [(part, told) for part in parts(data) if (told := _of_part(part))]


def _of_part(part: bytes) -> Told:
    told = _again(part) if len(part) <= REMEMBERED else _read(part)
    if isinstance(told, Unreadable):
        raise Unreadable(told.reason, told.line)
    return told


def _read(part: bytes) -> Told | Unreadable:
    try:
        roots = documents(part)
    except Unreadable as error:
        return Unreadable(error.reason, error.line)
    manifest = any(not root.get("kind").empty and not root.get("apiVersion").empty for root in roots)
    return Told(tuple(_of_documents(roots, part)), manifest)


_again = lru_cache(maxsize=1024)(_read)  # the versions of a file share most of their parts


def _of_documents(roots: Sequence[Node], data: bytes) -> Iterator[Hit]:
    """Of plain YAML only what is around telling lines is looked at, but for a `Secret`, in whose data every word may be
    one.
    """
    telling, elsewhere = structured_lines(data), _ELSEWHERE[0].encode() in data
    bounds = [*(bisect_left(telling, root.line) for root in roots), len(telling)]
    for root, (start, end) in zip(roots, pairwise(bounds), strict=True):
        sealed, open_text = ([*_secret_data(root, part)] for part in ("data", "stringData"))
        encrypted = [root.get("spec", "encryptedData")] if root.get("kind").text == "SealedSecret" else []
        named = NAMES_ONLY if root.get("apiVersion").text.startswith("external-secrets.io/") else frozenset[str]()
        passwords = [*_of_passwords(root)] if sealed else []
        for node in collections(root) if sealed else collections_at(root, telling[start:end]):
            if node.kind == "map" and not _among(node, encrypted):
                held = _among(node, (*sealed, *open_text))
                found = _of_map(node, _among(node, sealed), held, named)
                aside = elsewhere and _is_elsewhere(node)
                yield from (hit for hit in found if hit.worth in values.SOUND) if aside else found
                if passwords and _among(node, passwords):
                    yield from _of_users(node, _among(node, sealed))
            elif node.wordy:
                for item in node.items:
                    if item.kind == "scalar":
                        yield from _of_text(item)
                yield from _of_flags(node.items)


def _among(node: Node, others: Iterable[Node]) -> bool:
    return any(node is other for other in others)


def _secret_data(root: Node, part: str) -> Iterable[Node]:
    """The `data` or `stringData` of a document that is itself a Secret, or of an item of a List: never of a mention of
    the kind elsewhere.
    """
    return (node.get(part) for node in _secrets(root))


def _secrets(root: Node) -> Iterator[Node]:
    for node in (root, *root.get("items").items):
        if node.get("kind").text == "Secret" and node.get("apiVersion").text == "v1":
            yield node


def _of_passwords(root: Node) -> Iterator[Node]:
    """The entries of a Secret whose name says that it holds passwords: each is one, whoever it is called after."""
    for node in _secrets(root):
        if _PASSWORDS.intersection(names.words(node.get("metadata", "name").text)):
            yield from (node.get(part) for part in ("data", "stringData"))


def _of_map(node: Node, sealed: bool, held: bool, named: frozenset[str]) -> Iterator[Hit]:
    keys = {key.text for key, _ in node.pairs}
    if "<<" in keys or ("value" in keys and not keys.isdisjoint(("name", "op"))):
        name, value = node.get("name").text, node.get("value")
        if not name and "op" in keys:
            name = node.get("path").text.rpartition("/")[2]  # of a JSON patch
        if name and value.kind == "scalar" and value.line:
            yield from _scalar(name, value, sealed)
    for key, child in node.pairs:
        if child.kind == "scalar" and key.text not in named:
            alone = held and key.text.lower() in ALONE
            yield from _scalar(f"{key.text} secret" if alone else key.text, child, sealed)
            if held and not alone and (names.may_be_secret(key.text) or _HOOK.fullmatch(_plain(child, sealed))):
                yield from _made(key.text, child, sealed)


def _is_elsewhere(node: Node) -> bool:
    """Whether a map of a chart's values names the Secret that is taken in place of what stands in it."""
    return any(node.get(key).text for key in _ELSEWHERE)


def _of_users(node: Node, sealed: bool) -> Iterator[Hit]:
    """The passwords of a Secret by their users: `root: …`."""
    for key, child in node.pairs:
        if child.kind == "scalar" and "\n" not in child.text.strip() and names.may_be_secret(key.text):
            name = f"{key.text} password"
            yield from _sealed(name, child) if sealed else _pair(name, child.text, child.line, "secret", applied=True)


def _plain(node: Node, sealed: bool) -> str:
    """The text of an entry, in `data` of a Secret without its base64."""
    return decode_text(node.text.strip()) if sealed else node.text.strip()


def _made(name: str, node: Node, sealed: bool) -> Iterator[Hit]:
    """An entry of a Secret that a generator made, whatever its name."""
    written, plain = node.text.strip(), _plain(node, sealed)
    if _HOOK.fullmatch(plain) or (_ENTRY.fullmatch(plain) and made.is_made(plain)):
        worth = values.judge("password", plain)
        yield Hit(name, plain, node.line, "secret", worth, written if plain != written else "")


def _scalar(name: str, node: Node, sealed: bool) -> Iterable[Hit]:
    """What a key and its text hold. Most are a word under a key that promises nothing."""
    text = node.text
    if sealed or "\n" in text or " " in text or "://" in text or _is_block(node):
        return _telling(name, node, sealed)
    if names.promises(name) or names.hints(name):
        return _pair(name, text, node.line, applied=name.isupper())  # in capitals, of an environment: nothing else is
    return ()


def _telling(name: str, node: Node, sealed: bool) -> Iterator[Hit]:
    if "\n" in node.text.strip() or (_is_block(node) and not sealed and not names.promises(name)):
        yield from _of_text(node)
    elif sealed:
        yield from _sealed(name, node)
    elif " " in node.text and not names.promises(name):
        yield from _inside(node)
    elif "://" in node.text and "?" in node.text:
        yield from _keyed(node.text, node.line)
    else:
        yield from _pair(name, node.text, node.line)


def _is_block(node: Node) -> bool:
    """Whether a text is written as a block, if only of one line: a file in a ConfigMap."""
    return bool(node.style) and node.style in "|>"


def _inside(node: Node) -> Iterator[Hit]:
    """A sentence of settings or options: `host=db password=…`, `redis-server --requirepass …`."""
    if "=" in node.text or "--" in node.text:
        yield from _keyed(node.text, node.line)


def _pair(name: str, value: str, line: int, how: str = "pair", applied: bool = False) -> Iterator[Hit]:
    for said, plain, raw, worth in lines.pair(name, value, applied=applied):
        yield Hit(said, plain, line, how, worth, raw)


def _sealed(name: str, node: Node) -> Iterator[Hit]:
    """One entry of `Secret.data`, which is base64."""
    written = node.text.strip()
    plain = decode_text(written) if len(written) >= 8 else anywhere.decoded(written)
    inside = [*_pair(name, plain.strip(), node.line, how="secret", applied=True)]
    if plain.startswith("{"):
        inside += lines.of_text(plain.replace(",", ",\n"), "code")
    else:
        inside += [hit for hit in lines.of_text(plain, "env") if "\n" in plain or hit.how not in lines.BY_NAME]
    for hit in inside:
        yield Hit(hit.name, hit.value, node.line, "secret", hit.worth, written, hit.loopback)


def _of_text(node: Node) -> Iterator[Hit]:
    """Text inside a scalar: a block is read as configuration, one line as `KEY=value` or `--flag=value`."""
    text = node.text.strip()
    if "\n" in text or _is_block(node):
        yield from _keyed(node.text, node.line + (1 if node.style in "|>" and node.style else 0))
        return
    name, sep, value = text.lstrip("-").partition("=")
    if sep and " " not in text and name.replace("-", "_").replace(".", "_").isidentifier():
        yield from _pair(name, value.strip("\"'"), node.line, applied=name.isupper())
    elif " " in text or ("://" in text and "?" in text):
        yield from _keyed(text, node.line)


def _keyed(text: str, line: int) -> Iterator[Hit]:
    """What stands anywhere is read from the file itself, whose lines and encoding are the true ones."""
    return (hit for hit in lines.of_text(text, "conf", line) if hit.how in lines.BY_NAME and not hit.comment)


def _of_flags(items: Sequence[Node]) -> Iterator[Hit]:
    """`--requirepass` and its value as two entries of an argument list."""
    for flag, value in pairwise(items):
        if flag.text.startswith("--") and "=" not in flag.text and names.promises(flag.text.lstrip("-")):
            yield from _pair(flag.text.lstrip("-"), value.text, value.line)
