"""Functions and awaited calls of a Rust file, by brackets and words: no parser, one walk each."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from findings.core.listening import RUST
from findings.core.rusttext import WORD, Source
from findings.core.vocabulary import words

_FUNCTION = re.compile(r"fn\s+(?:r#)?(?P<name>\w{1,120})")
_OWNERS = {RUST.topic(what): re.compile(rf"{what}\b(?P<head>[^{{}};]{{1,600}})\{{") for what in ("impl", "trait")}
_ASYNC = re.compile(r"async\s*(?:move\b\s*)?(?:\|[^|]{0,200}\|\s*)?(?:move\b\s*)?(?:->\s*[^{;]{1,200})?\{")
_AWAIT = re.compile(r"\.\s*await\b")
_JOIN = re.compile(r"\b(?:try_)?join!\s*\(")
_JOINS, _SELF = RUST.topic("join!"), RUST.topic("self")
_NESTING = re.compile(r"[()\[\]{},]")
_GENERICS = re.compile(r"<[^<>]*>")
_CAMEL = re.compile(r"\b[A-Z]\w*")
_TYPE = re.compile(r"\s*(?P<type>(?:[^,<>=;{}()\n]|<(?:[^<>{};]|<(?:[^<>{};]|<[^<>{};]*>)*>)*>)+)")
_BOUND_TO = re.compile(
    r"\s*=(?!=)\s*&?\s*(?:(?:\w+::){0,5}(?:Arc|Rc|Box|Some|Ok|Mutex|RwLock|Data)(?:::\w+)?\s*\(\s*){0,3}"
    r"(?P<type>(?:\w+::){0,5}[A-Z]\w*)(?:(?:::<[^;()]{0,80}>)?::\w+\s*\(|\s*\{)"
)
_BOUNDS = re.compile(r"(?!:)[^,>{;()=\n]{0,160}")
_GETTER = re.compile(r"fn\s+(?P<name>\w+)\s*\(\s*&\s*(?:'\w+\s+)?self\s*\)\s*->\s*(?P<type>[^{;=]{1,160})")
_FIELD = re.compile(
    r"^[ \t]*(?:pub(?:\([^)\n]{0,40}\))?\s+)?(?P<name>[a-z_]\w*)\s*:(?!:)(?P<type>[^=;{}()\n]{1,160}),\s*$", re.M
)
# What stands in the types of things that are asked for data, rather than being data.
_ASKED = re.compile(
    "dyn|Arc|Repo|Store|Storage|Dao|DAO|Service|Client|Cache|Quer|Gateway|Provider|Manager|Db|DB|Adapter|Backend|Loader"
)
_STRUCT = re.compile(r"struct\s+\w[^{;(]{0,200}\{")
HOLDERS = words(
    "Arc Rc Box Option Vec Result State Data Mutex RwLock Cow Extension Self Send Sync Clone Into AsRef From Fn FnOnce "
    "FnMut Path Query Json HashMap BTreeMap HashSet String Weak OnceCell Lazy Iterator IntoIterator Debug Default Uuid"
)
_STEPS = words(
    "clone await as_ref as_mut lock read write unwrap expect new borrow borrow_mut get_ref into_inner deref get_mut "
    "as_deref with connect from_pool new_with_pool to_owned as_deref_mut default instrument"
)
WAITERS = words("timeout with_timeout timeout_at pin pin! unconstrained traced instrument_await")
CHAIN = 60
MOST = 3_000  # of each kind in one file: what holds more is generated
WIDTH = 200
LONGEST = 60  # of a name
JOINED = 4_000  # of the arguments of a `join!`


class Word(NamedTuple):
    """A part of a chain of calls: `sqlx::query(…).await` has "query" and "sqlx::"; where it stands, with arguments."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """An awaited call, as its chain from the call back to the root. `receiver`: the variable, field or path before the
    call's name.
    """

    chain: tuple[Word, ...]
    end: int
    receiver: str

    @property
    def name(self) -> str:
        """What is called."""
        return self.chain[0].text.rstrip("!")

    @property
    def at(self) -> int:
        """The offset of the called name."""
        return self.chain[0].start

    @property
    def start(self) -> int:
        """The offset of the whole expression."""
        return self.chain[-1].start


@dataclass(slots=True)
class Function:
    """A function: its head and body, the types and traits it is a method of, and what it awaits itself."""

    name: str
    owners: tuple[str, ...]
    head: int
    start: int
    end: int
    awaits: list[Awaited] = field(default_factory=list)


class Rust:
    """What a file holds, tests left out."""

    def __init__(self, source: Source) -> None:
        self.source, self.code = source, source.production
        self.kinds: dict[int, str] = {}  # offset of an awaited call -> what it does
        self.sql: dict[str, str] = {}  # name -> the text it is set to
        self._types: dict[str, frozenset[str]] = {}
        self._standing: dict[str, set[str]] = {}

    @cached_property
    def functions(self) -> list[Function]:
        """The functions that await something, in order; what is awaited belongs to the innermost."""
        marks = [m for m in islice(_FUNCTION.finditer(self.code), MOST) if not self._inside_word(m.start())]
        starts = [mark.start() for mark in marks]
        found: dict[int, Function | None] = {}
        for at, end in islice(self._waits(), MOST):
            index = bisect_right(starts, at) - 1
            while index >= 0:
                if index not in found:
                    found[index] = self._function(marks[index])
                function = found[index]
                if function and function.start < at < function.end:
                    if chain := self._unwrapped(self._chain(at)):
                        function.awaits.append(Awaited(tuple(chain), end, _receiver(chain)))
                    break
                index -= 1
        return [function for index in sorted(found) if (function := found[index]) and function.awaits]

    def _waits(self) -> Iterator[tuple[int, int]]:
        """(end of what is awaited, end of the waiting): each `.await`, and each argument of a `join!`."""
        yield from ((match.start(), match.end()) for match in _AWAIT.finditer(self.code))
        for match in _JOIN.finditer(self.code) if self.source.speaks(_JOINS) else ():
            depth = 0
            for mark in _NESTING.finditer(self.code, match.end() - 1, match.end() + JOINED):
                depth += mark.group() in "([{"
                if depth == 1 and mark.group() in ",)":
                    yield mark.start(), mark.start()
                depth -= mark.group() in ")]}"
                if not depth:
                    break

    def _inside_word(self, at: int) -> bool:
        return at > 0 and self.code[at - 1] in WORD

    def _function(self, mark: re.Match[str]) -> Function | None:
        start = self.source.body(mark.end())
        end = self.source.braces.get(start, -1)
        if end < 0:
            return None
        owners = next((who for first, last, who in self._owners if first < mark.start() < last), ())
        return Function(mark["name"], owners, mark.start(), start, end)

    @cached_property
    def _owners(self) -> list[tuple[int, int, tuple[str, ...]]]:
        """(start, end, names) of what methods belong to, the last first."""
        found = []
        for what, pattern in _OWNERS.items():
            for match in islice(pattern.finditer(self.code), MOST) if self.source.speaks(what) else ():
                if self.source.leads(match.start()):
                    end = self.source.braces.get(match.end() - 1, len(self.code))
                    found.append((match.end(), end, _owner_names(what, match["head"])))
        return sorted(found, reverse=True)

    @cached_property
    def asyncs(self) -> list[tuple[int, int]]:
        """Blocks that may run on their own: what they await is not awaited by the code around them."""
        found = []
        for match in islice(_ASYNC.finditer(self.code), MOST):
            start = match.end() - 1
            if (end := self.source.braces.get(start, -1)) > 0 and not self._inside_word(match.start()):
                found.append((start, end))
        return found

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """Name -> types, of the fields of structs and of methods that hand one out."""
        found: dict[str, set[str]] = {}
        starts = [struct.end() for struct in islice(_STRUCT.finditer(self.code), MOST)]
        bodies = [self.code[start : self.source.braces.get(start - 1, start)] for start in starts]
        for body in bodies if _ASKED.search("\n".join(bodies)) else ():  # together, for most files have none
            if _ASKED.search(body):
                self._add_fields(_FIELD.finditer(body), found)
        if self.source.speaks(_SELF):
            self._add_fields(islice(_GETTER.finditer(self.code), MOST), found)
        return {name: sorted(types) for name, types in found.items() if types}

    def _add_fields(self, matches: Iterable[re.Match[str]], found: dict[str, set[str]]) -> None:
        for match in matches:
            if _ASKED.search(match["type"]):
                found.setdefault(match["name"], set()).update(self._named(match["type"]))

    def types(self, awaited: Awaited, function: Function) -> frozenset[str]:
        """Types that what a call is made on may have; those of other crates with their paths."""
        receiver = awaited.receiver.removesuffix("::")
        if receiver in ("self", "Self"):
            return frozenset(function.owners)
        if awaited.receiver.endswith("::"):
            return self._named(receiver) if receiver[:1].isupper() else frozenset()
        return self.declared_types(receiver)

    def declared_types(self, receiver: str) -> frozenset[str]:
        """Types that are written behind a name."""
        if receiver not in self._types:
            self._types[receiver] = frozenset(name for text in self._declared(receiver) for name in self._named(text))
        return self._types[receiver]

    def _declared(self, name: str) -> list[str]:
        """The types written behind a name, wherever it is a parameter, a field or a variable."""
        found: list[str] = []
        at = self.code.find(name) if name else -1
        while at >= 0 and len(found) < MOST:
            end = at + len(name)
            if not self._inside_word(at) and self.code[end : end + 1] not in WORD:
                rest = self.code[end : end + 2]
                colon = end + rest.find(":") if rest[:1] == ":" or rest == "):" else -1
                if colon >= 0 and self.code[colon : colon + 2] != "::":
                    typed = _TYPE.match(self.code, colon + 1, colon + 1 + WIDTH)
                    found += [typed["type"]] if typed else []
                elif bound := _BOUND_TO.match(self.code, end, end + WIDTH):
                    found.append(bound["type"])
            at = self.code.find(name, end)
        return found

    def _named(self, text: str) -> frozenset[str]:
        """The telling types in the text of one, generic parameters replaced by their bounds."""
        found: set[str] = set()
        for name in _CAMEL.findall(text):
            if name in HOLDERS:
                continue
            full = self.source.imports.get(name, name)
            for other in (full, *self._bounds(name)):
                own = other.startswith(("crate::", "self::", "super::"))
                found.add(other.rpartition("::")[2] if own else other)
        # A parameter without bounds that the file knows says nothing.
        found = {name for name in found if not name.isupper() or len(name) > 2}
        return frozenset(found)

    def _bounds(self, name: str) -> set[str]:
        """What a name stands for in this file: the bounds of a generic parameter, the type behind an alias."""
        if name in self._standing:
            return self._standing[name]
        found: set[str] = set()
        for mark in (f"{name}:", f"type {name} =", f"type {name}="):
            at = self.code.find(mark)
            while at >= 0:
                text = _BOUNDS.match(self.code, at + len(mark), at + len(mark) + WIDTH)
                if text and not self._inside_word(at):
                    found |= {self.source.imports.get(other, other) for other in _CAMEL.findall(text.group())}
                at = self.code.find(mark, at + len(mark))
        self._standing[name] = found - HOLDERS - {name}
        return self._standing[name]

    def module(self, awaited: Awaited) -> str:
        """The path before a called function, as imports explain it; empty where it is of this file."""
        words = []
        for word in awaited.chain[1:]:
            if not word.text.endswith("::"):
                break
            words.append(word.text.removesuffix("::"))
        return self.source.resolved("::".join([*reversed(words), awaited.name])).rpartition("::")[0]

    def _chain(self, end: int) -> list[Word]:
        """The parts from the awaited call back to the root of its expression."""
        found: list[Word] = []
        code, at, joint = self.code, end, ""
        while len(found) < CHAIN:
            at = last = self._back(at)
            while at and code[at - 1] in ")]?>":
                opened = at - 1 if code[at - 1] == "?" else self.source.opener(at - 1)
                if opened < 0:
                    return found
                if code[opened] == "<":
                    if code[opened - 2 : opened] != "::":
                        return [*found, *self._qualified(opened, at)]
                    opened -= 2
                at = self._back(opened)
            word = self._word(at)
            if not word:
                return found
            at -= len(word)
            found.append(Word(word + joint, at, last))
            at = self._back(at)
            if code[at - 1 : at] == "." and code[at - 2 : at - 1] != ".":
                at, joint = at - 1, ""
            elif code[at - 2 : at] == "::":
                at, joint = at - 2, "::"
            else:
                return found
        return found

    def _unwrapped(self, chain: list[Word]) -> list[Word]:
        """The call that is handed to one which only waits for it: `timeout(limit, query.fetch_one(pool))`."""
        while chain and chain[0].text in WAITERS:
            inside = self.code[: chain[0].end].rstrip(" \n?").removesuffix(")").rstrip(", \n")
            inner = self._chain(len(inside))
            if not inner or inner[0].start <= chain[0].start:
                break
            chain = inner
        return chain

    def _qualified(self, opened: int, end: int) -> list[Word]:
        """The type of `<Type as Trait>::call`."""
        names = _CAMEL.findall(self.code, opened, end)
        return [Word(f"{names[0]}::", opened, end)] if names else []

    def _back(self, at: int) -> int:
        """The offset behind the last character before `at` that is no space; a word's length of spaces at most."""
        if at and not self.code[at - 1].isspace():
            return at
        before = self.code[max(0, at - WIDTH) : at]
        return at - len(before) + len(before.rstrip())

    def _word(self, at: int) -> str:
        """The name, or the macro's name with its mark, that ends at an offset."""
        macro = self.code[at - 1 : at] == "!"
        before = self.code[max(0, at - LONGEST) : at - macro]
        word = before[len(before.rstrip(WORD)) :]
        return f"{word}!" if macro and word else word


def _receiver(chain: list[Word]) -> str:
    """What a call is made on: steps such as `.clone()` or `.lock().await` and constructors passed over."""
    for word in chain[1:]:
        if word.text not in _STEPS:
            return word.text
    return ""


def _owner_names(what: str, head: str) -> tuple[str, ...]:
    """The type and the trait of an `impl`, or the trait itself."""
    head = re.sub(r"\bwhere\b.*", "", head, flags=re.S)
    for _ in range(4):
        head = _GENERICS.sub("", head)
    parts = re.split(r"\bfor\b", head) if what == "impl" else [head.split(":")[0]]
    names = [_CAMEL.findall(part) for part in parts]
    return tuple(found[-1] for found in names if found)
