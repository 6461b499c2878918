"""The contract between the scanner and the rule families: facts of one blob, and a judgement over those of the tree.

A family never opens a file. `extract` turns the bytes of one blob into facts (plain JSON) that depend on nothing but
the bytes, the path class and the hash key; `judge` folds the facts of a whole tree into observations.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

from findings.core import hashing
from findings.core.detect.page import rows
from findings.core.listening import FILES
from findings.core.narrowing import Narrow
from findings.core.redaction import find_values, pseudonymise, redact, within_lines
from findings.core.types import Observation, Priority, RuleInfo

Facts = Any
AROUND = 5
FEW = 8  # places for which less is redacted than the whole text
VALUES = 50  # that are looked for around such a place
WIDTH = 300
LOCAL = frozenset({"local", "localhost", "dev", "devel", "development", "minikube", "k3d", "microk8s", "tilt"})
LOCAL_OVERLAYS = LOCAL | {"kind", "docker-desktop", "rancher-desktop", "skaffold"}  # words that mean more elsewhere
OVERLAYS = frozenset({"overlays", "overlay", "envs", "environments", "clusters"})
LOCAL_ENDS = ("-local", ".local", "-dev", ".dev", "-development", ".development")
DEPLOYING = frozenset({"deploy", "deployment", "deployments", "k8s", "kubernetes", "manifests", "infra", "hack"})
UTF16 = (b"\xff\xfe", b"\xfe\xff")
DOCUMENTS = frozenset({"doc", "docs", "documentation"})
DOCUMENT_ENDINGS = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt")


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds of the rules. `patches`: how many patches one overlay may apply; `main_lines`: how many lines that are
    not blank a `main.rs` may have; `script_lines`: how many of them a script inside a manifest may have.
    """

    patches: int = 5
    main_lines: int = 300
    script_lines: int = 10


@dataclass(frozen=True, slots=True)
class Place:
    """The facts one family has of one path of the tree. `commit` is set for a blob that only history holds."""

    path: str
    facts: Facts
    commit: str = ""


@dataclass(frozen=True)
class Blob:
    """What `extract` is given: the bytes, the path class, the hash key; lines and redaction are made when asked for.

    A path class is a kind of `detect.KINDS`, or one with a detail: "yaml:compose", "code:rust". The same bytes as
    another class share what was made of them.
    """

    data: bytes = field(repr=False)
    path_class: str
    key: bytes = field(repr=False)
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def mentions(self, word: bytes) -> bool:
        """Whether a word may stand in the file: a cheap question before an expensive one."""
        return word in self.data or self.data[:2] in UTF16

    def hears(self, topic: str) -> bool:
        """Whether a topic of `listening.FILES` occurs in the bytes: a cheap question, for all are answered at once."""
        if "heard" not in self._made:
            self._made["heard"] = FILES(self.data)
        return topic in self._made["heard"]

    def as_class(self, path_class: str) -> "Blob":
        """The same bytes as another path class."""
        return Blob(self.data, path_class, self.key, self._made)

    @property
    def text(self) -> str:
        """The bytes as text: UTF-16 with a mark is honoured, bytes that are not UTF-8 survive as replacements."""
        if "text" not in self._made:
            self._made["text"] = decode(self.data)
        text: str = self._made["text"]
        return text

    @property
    def _spots(self) -> "_Spots":
        kind = self.path_class.partition(":")[0]
        name = f"spots:{kind}"
        if name not in self._made:
            self._made[name] = _Spots(self.text, kind, self.key)
        spots: _Spots = self._made[name]
        return spots

    def spot(self, line: int, end: int = 0) -> dict[str, Any]:
        """What is kept of a place: its lines, the hashes of line and block, and a redacted excerpt around it."""
        return {**self._spots.at(line), "end": max(line, end)}


@dataclass(frozen=True)
class _Spots:
    """Places of one text, read as one kind. One line of a minified file may hold thousands: each is made once."""

    text: str = field(repr=False)
    kind: str
    key: bytes = field(repr=False)
    known: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)

    @cached_property
    def _secrets(self) -> frozenset[str]:
        return find_values(self.text, self.kind)

    @cached_property
    def _lines(self) -> list[str]:
        return rows(self.text)

    @cached_property
    def _by_line(self) -> bool:
        return within_lines(self._secrets)

    @cached_property
    def _shown(self) -> list[str]:
        return redact(self.text, self._secrets).split("\n")

    @cached_property
    def _hashed(self) -> list[str]:
        return pseudonymise(self.text, self._secrets, self.key).split("\n")

    @property
    def _is_rare(self) -> bool:
        """Whether it is worth looking at a place alone: for a few of them, and a few values."""
        return self._by_line and len(self.known) < FEW and len(self._secrets) <= VALUES

    def at(self, line: int) -> dict[str, Any]:
        """The place at a line."""
        if line not in self.known:
            self.known[line] = self._made(line)
        return self.known[line]

    def _made(self, line: int) -> dict[str, Any]:
        first = max(1, line - AROUND)
        if self._secrets and self._is_rare and 0 < line <= len(self._lines):
            some = "\n".join(self._lines[first - 1 : line + AROUND])
            row = _row(some, line - first, self._secrets, self.key)
        else:
            shown, hashed = (self._shown, self._hashed) if self._secrets else (self._lines, self._lines)
            row = _told(shown[first - 1 : line + AROUND], hashed, line - 1)
        line_hash, block_hash, excerpt = row
        return {"line": line, "line_hash": line_hash, "block_hash": block_hash, "excerpt": excerpt, "first": first}


Row: TypeAlias = tuple[str, str, str]  # hashes of line and block, and the excerpt


@lru_cache(maxsize=1024)
def _row(some: str, at: int, secrets: frozenset[str], key: bytes) -> Row:
    """What is kept of a line of a few: what is not near is left alone, and the versions of a file share most of it."""
    return _told(redact(some, secrets).split("\n"), pseudonymise(some, secrets, key).split("\n"), at)


def _told(shown: Sequence[str], hashed: Sequence[str], at: int) -> Row:
    """The lines around one as people see them, and all as they are hashed, with its index in the latter."""
    line_hash = hashing.line_hash(hashed[at] if 0 <= at < len(hashed) else "")
    return line_hash, hashing.block_hash(hashed, at), "\n".join([text.rstrip()[:WIDTH] for text in shown])


def decode(data: bytes) -> str:
    """Bytes of a file as text, line ends as "\\n". NUL is replaced: PostgreSQL's JSON cannot hold it."""
    text = (
        data.decode("utf-16", "replace")
        if data[:2] in UTF16
        else data.removeprefix(BOM_UTF8).decode("utf-8", "replace")
    )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "\ufffd")


def whole(path: str) -> str:
    """The part of a family that has to see the whole tree at once."""
    return ""


def nothing(path_class: str) -> None:
    """What a family prepares that has nothing to prepare."""


@dataclass(frozen=True, slots=True)
class Family:
    """A group of rules that share their facts.

    `classify`: path -> path class, empty where the path is none of this family's. `versions`: path class -> version of
    its extractor, raised whenever the facts change. `part`: path -> the part of the tree that is judged by itself, so
    that judging part by part says the same as judging all at once; the whole tree where nothing is said. `ready`: path
    class -> makes what every blob of it needs, so that the first one does not pay for it out of its own time. `narrow`:
    what has to be judged again after a change; each path is a part then, though places are not judged one by one.
    """

    name: str
    rules: tuple[RuleInfo, ...]
    versions: Mapping[str, int]
    classify: Callable[[str], str]
    extract: Callable[[Blob], Facts]
    judge: Callable[[Sequence[Place], Settings], Iterable[Observation]]
    part: Callable[[str], str] = whole
    ready: Callable[[str], None] = nothing
    narrow: Narrow | None = None


def observe(rule: RuleInfo, path: str, spot: Mapping[str, Any], message: str, **more: Any) -> Observation:
    """An observation of a rule at a kept place."""
    return Observation(
        rule=rule.key,
        path=path,
        line=spot["line"],
        end_line=spot["end"],
        message=message,
        priority=more.pop("priority", rule.priority),
        line_hash=spot["line_hash"],
        block_hash=spot["block_hash"],
        shape=hashing.message_shape(message),
        excerpt=spot["excerpt"],
        excerpt_line=spot["first"],
        **more,
    )


@lru_cache(maxsize=16)
def segments(path: str) -> tuple[str, ...]:
    """The parts of a path, in lower case. Each family asks for the same path, one after the other."""
    return tuple(path.lower().split("/"))


@lru_cache(maxsize=16)
def is_document(path: str) -> bool:
    """Whether a path is prose or lies in a folder of documents: it quotes code, and deploys nothing."""
    *folders, name = segments(path)
    return name.endswith(DOCUMENT_ENDINGS) or not DOCUMENTS.isdisjoint(folders)


def is_local(path: str) -> bool:
    """Whether a path is of a local or development overlay."""
    *folders, name = segments(path)
    stem = name.rsplit(".", 1)[0]
    if not LOCAL.isdisjoint(folders) or stem.endswith(LOCAL_ENDS):
        return True
    pairs = list(pairwise(folders))
    if any(name == "kind" and above in DEPLOYING for above, name in pairs):
        return True
    overlays = (name for above, name in pairs if above in OVERLAYS)
    return any(not LOCAL_OVERLAYS.isdisjoint([name, *name.replace("_", "-").split("-")]) for name in overlays)


def lower(priority: Priority) -> Priority:
    """One priority less."""
    return {Priority.P0: Priority.P1, Priority.P1: Priority.P2}.get(priority, Priority.P2)


def levelled(observations: Iterable[Observation], local: Callable[[str], bool] = is_local) -> list[Observation]:
    """Each with its own priority: those of local overlays drop one. A finding has the strongest of its occurrences."""
    return [lowered(seen) if local(seen.path) else seen for seen in observations]


def lowered(seen: Observation) -> Observation:
    """One priority less, and the word why."""
    said = {**seen.properties, "overlay": "local", "priority_before": str(seen.priority)}
    return replace(seen, priority=lower(seen.priority), properties=said)
