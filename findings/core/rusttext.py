"""Rust source without a parser: comments and strings told apart from code, brackets paired, names resolved.

Every function is one walk over the text, whatever is left open in it; offsets and lines stay what they were.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from string import ascii_letters, digits

from findings.core.lately import lately
from findings.core.listening import RUST

_INSIDE = re.compile(r"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"?+", re.S)  # of a string, with its end
_CHAR = re.compile(r"'(?:\\(?:u\{[0-9a-fA-F_]{1,8}\}|x..|.)|[^\\'\n])'", re.S)
_PREFIX = re.compile(r"(?<!\w)[bc]?(?:r(?P<hashes>#*))?$")
_COMMENT_PART = re.compile(r"/\*|\*/")
_SAME = {"(": re.compile(r"[()]"), "[": re.compile(r"[\[\]]"), "<": re.compile(r"(?<![-=])>|<")}
_OPENS = {")": "(", "]": "[", ">": "<"}
_HEAD = re.compile(r"[^|]*")  # without a closure, whose braces stand inside of parentheses
_STOP = re.compile(r"[{;(\[]")
_TESTS = re.compile(
    r"#\[\s*(?:cfg\s*\(\s*(?:test|all\s*\(\s*test\b[^\]\n]{0,80}\))\s*\)\s*\]"
    r"|(?:\w+(?:::\w+)*::)?(?:test|rstest|test_case|quickcheck|proptest|wasm_bindgen_test)\b)"
)
_ALL_TESTS = re.compile(r"#!\[\s*cfg\s*\(\s*test\s*\)\s*\]")
_TESTING = RUST.topic("test|quickcheck")
_NAME = re.compile(r"\w+")
_USE = re.compile(r"use\s+(?P<what>[^;]{1,4000});")
_MODIFIERS = re.compile(r"(?:(?<!\w)(?:pub\s*(?:\([^()]{0,40}\))?|unsafe|default)\s*)+$")
_USE_PART = re.compile(r"[{},]|[\w:*]+(?:\s+as\s+\w+)?")
_SOURCES = re.compile(r"(?:^|/)(?:target|vendor|third_party|\.?cargo/registry|node_modules)/")
_TEST_PATH = re.compile(r"(?:^|/)(?:tests|benches|examples|fixtures)/|(?:^|/)(?:tests?|\w+_tests?|test_\w+)\.rs$")
DEPTH = 30
STEPS = 60
LEAD = 80
WORD = ascii_letters + digits + "_"
SPAN = 20_000  # the furthest partner of a bracket that is no brace
BLANKS = " " * 256
STRETCH = 4_096  # characters


@dataclass(frozen=True)
class Source:
    """A file of Rust: `text` as it stands, `code` with comments and strings blank, `literals` the insides of strings
    as (start, end).
    """

    text: str
    code: str
    literals: tuple[tuple[int, int], ...]
    _partners: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    def speaks(self, topic: str) -> bool:
        """Whether a topic of `listening.RUST` occurs in the code."""
        return topic in self._spoken

    @cached_property
    def _spoken(self) -> Set[str]:
        return RUST(self.code.encode("utf-8", "surrogatepass"))

    @cached_property
    def braces(self) -> dict[int, int]:
        """Offset of each `{` -> offset of its `}`; what has no partner is left out."""
        found: dict[int, int] = {}
        stack: list[int] = []
        find = self.code.find
        opened, closed = find("{"), find("}")
        while closed >= 0:  # each is looked for by itself: several times faster than an expression for both
            if 0 <= opened < closed:
                stack.append(opened)
                opened = find("{", opened + 1)
            else:
                if stack:
                    found[stack.pop()] = closed
                closed = find("}", closed + 1)
        return found

    @cached_property
    def _opened(self) -> dict[int, int]:
        return {closed: opened for opened, closed in self.braces.items()}

    def closer(self, at: int) -> int:
        """The offset of the partner of the opening bracket at `at`, or -1."""
        mark = self.code[at]
        if mark == "{":
            return self.braces.get(at, -1)
        if at not in self._partners:
            depth, found = 0, -1
            for match in _SAME[mark].finditer(self.code, at, at + SPAN):
                depth += 1 if match.group() == mark else -1
                if not depth:
                    found = match.start()
                    break
            self._partners[at] = found
        return self._partners[at]

    def opener(self, at: int) -> int:
        """The offset of the partner of the closing bracket at `at`, or -1."""
        mark = self.code[at]
        if mark == "}":
            return self._opened.get(at, -1)
        code, opening, floor = self.code, _OPENS[mark], max(0, at - SPAN)
        depth, closed, opened = 0, at, code.rfind(_OPENS[mark], floor, at)
        while opened >= 0:
            if closed > opened:
                arrow = mark == ">" and code[closed - 1] in "-="
                depth += not arrow
                closed = code.rfind(mark, floor, closed)
            else:
                depth -= 1
                if depth <= 0:
                    return opened
                opened = code.rfind(opening, floor, opened)
        return -1

    def body(self, at: int) -> int:
        """The offset of the `{` that opens the body of what is declared at `at`, brackets before it stepped over; -1
        for none.
        """
        opened, ended = self.code.find("{", at, at + SPAN), self.code.find(";", at, at + SPAN)
        if at < opened < (ended if ended >= 0 else opened + 1) and _HEAD.fullmatch(self.code, at, opened):
            return opened
        for _ in range(STEPS):
            match = _STOP.search(self.code, at, at + SPAN)
            if match is None or match.group() == ";":
                return -1
            if match.group() == "{":
                return match.start()
            closed = self.closer(match.start())
            at = (closed if closed > 0 else match.start()) + 1
        return -1

    @cached_property
    def tests(self) -> list[tuple[int, int]]:
        """(start, end) of test modules and test functions, in order."""
        found: list[tuple[int, int]] = []
        if not self.speaks(_TESTING):
            return found
        if _ALL_TESTS.search(self.code):
            return [(0, len(self.code))]
        for match in _TESTS.finditer(self.code):
            if found and match.start() < found[-1][1]:
                continue
            closed = self.closer(match.start() + 1)
            start = self.body(max(closed, match.end()))
            if start >= 0:
                found.append((match.start(), self.braces.get(start, len(self.code)) + 1))
        return found

    @cached_property
    def production(self) -> str:
        """The code without test modules and test functions."""
        parts, done = [], 0
        for start, end in self.tests:
            parts += [self.code[done:start], blank(self.code[start:end])]
            done = end
        return "".join([*parts, self.code[done:]])

    def tested(self, offset: int) -> bool:
        """Whether an offset lies in a test module or a test function."""
        index = bisect_right(self.tests, (offset, len(self.code))) - 1
        return index >= 0 and offset < self.tests[index][1]

    @cached_property
    def _counted(self) -> list[int]:
        """How many lines end before each stretch of the text."""
        counts = (self.text.count("\n", at, at + STRETCH) for at in range(0, len(self.text), STRETCH))
        return [0, *accumulate(counts)]

    def line(self, offset: int) -> int:
        """The line, from 1, of an offset."""
        stretch = offset // STRETCH
        return self._counted[stretch] + self.text.count("\n", stretch * STRETCH, offset) + 1

    @cached_property
    def uncommented(self) -> str:
        """The text with strings as they stand and comments blank."""
        parts, done = [], 0
        for start, end in self.literals:
            parts += [self.code[done:start], self.text[start:end]]
            done = end
        return "".join([*parts, self.code[done:]])

    def strings(self, start: int, end: int) -> Iterator[str]:
        """The string literals between two offsets."""
        first = bisect_left(self.literals, (start, 0))
        for opened, closed in self.literals[first : bisect_right(self.literals, (end, 0))]:
            yield self.text[opened:closed]

    def leads(self, at: int) -> bool:
        """Whether an item may begin at an offset: behind a bracket or semicolon, words such as `pub` passed over."""
        before = self.code[max(0, at - LEAD) : at].rstrip()
        if before.endswith(("pub", ")", "unsafe", "default")):
            before = _MODIFIERS.sub("", before)
        return not before or before[-1] in "{};]"

    @cached_property
    def uses(self) -> list[re.Match[str]]:
        """Every `use`."""
        return [match for match in _USE.finditer(self.code) if self.leads(match.start())]

    @cached_property
    def imports(self) -> dict[str, str]:
        """Name in this file -> full path, of every `use`."""
        return {name: full for match in self.uses for name, full in _imported(match["what"])}

    def resolved(self, path: str) -> str:
        """A path with its first part replaced by what was imported under that name. A macro that is named as its crate
        (`use anyhow::anyhow`) does not hide the crate from a path.
        """
        head, _, rest = re.sub(r"\s+", "", path).removeprefix("::").partition("::")
        full = self.imports.get(head, head)
        if not rest:
            return full
        return f"{head if full == f'{head}::{head}' else full}::{rest}"


def declarations(code: str, words: str, *keywords: str) -> Iterator[tuple[str, int, int]]:
    """(name, its start, its end) of what is declared by one of the keywords and is set to something, or has one of the
    words (separated by `|`) in its name: most declarations tell nothing, and are passed over by the search.
    """
    for keyword in keywords:
        for match in _declaration(keyword, words).finditer(code):
            at = match.start()
            if at == 0 or code[at - 1] not in WORD:
                yield match["name"], match.start("name"), match.end("name")


@cache
def _declaration(keyword: str, words: str) -> re.Pattern[str]:
    return re.compile(rf"{keyword} (?=(?P<name>\w+))(?=\w*?(?:{words})|\w+\s*=)")


def blank(text: str) -> str:
    """As many characters, all of them spaces but the line ends."""
    if "\n" not in text:
        return BLANKS[: len(text)] if len(text) <= len(BLANKS) else " " * len(text)
    return "\n".join([" " * len(line) for line in text.split("\n")])


@lately(2)
def source(text: str) -> Source:
    """The parts of a text. What is not closed runs to the end. A lifetime (`'a`) is no string.

    Each of the marks that matter is looked for by itself, which is faster than an expression for all; behind the text
    stands one of each, so that there always is a next (a quote after the others, which it would hide).
    """
    parts: list[str] = []
    literals: list[tuple[int, int]] = []
    add, size, find = parts.append, len(text), f"{text}\n/'\"\\".find
    done = end = 0
    slash = quote = tick = slip = -1
    while end < size:
        if slash < end:
            slash = find("/", end)
        if quote < end:
            quote = find('"', end)
        if tick < end:
            tick = find("'", end)
        start = slash if slash < tick else tick
        if quote < start:
            start, end = quote, find('"', quote + 1) + 1
            if slip < start:
                slip = find("\\", start)
            if slip < end or end > size or text[start - 1] in "rbc#":
                start, opened, closed, end = _string(text, start)
                literals.append((opened, closed))
            else:
                literals.append((start + 1, end - 1))
        elif text.startswith("//", start):
            end = find("\n", start)
            add(text[done:start])
            add(" " * (end - start))
            done = end
            continue
        elif text.startswith("/*", start):
            end = _end_of_comment(text, start + 2)
        elif char := _CHAR.match(text, start):
            end = char.end()
        else:
            end = start + 1
            continue
        add(text[done:start])
        add(blank(text[start:end]))
        done = end
    return Source(text, "".join([*parts, text[done:]]), tuple(literals))


def _string(text: str, start: int) -> tuple[int, int, int, int]:
    """(start with its prefix, start and end of what is inside, end) of a string whose first quote is at `start`."""
    opened = start + 1
    prefix = _PREFIX.search(text, max(0, start - 20), start) if start and text[start - 1] in "rbc#" else None
    if prefix is None or prefix["hashes"] is None:
        inside = _INSIDE.match(text, opened)
        end = inside.end() if inside else len(text)
        closed = end - 1 if end > opened and text[end - 1] == '"' else end
        return prefix.start() if prefix else start, opened, closed, end
    closing = '"' + prefix["hashes"]
    closed = _found(text, closing, opened)
    return prefix.start(), opened, closed, min(len(text), closed + len(closing))


def bare(text: str) -> str:
    """The code alone."""
    return source(text).code


def _found(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return len(text) if found < 0 else found


def _end_of_comment(text: str, at: int) -> int:
    depth = 1
    while depth:
        part = _COMMENT_PART.search(text, at)
        if part is None:
            return len(text)
        depth += 1 if part.group() == "/*" else -1
        at = part.end()
    return at


@lru_cache(maxsize=1024)
def _imported(what: str) -> tuple[tuple[str, str], ...]:
    """The names of one `use`: many files have the same."""
    return tuple(_names(what))


def _names(what: str) -> Iterator[tuple[str, str]]:
    """The names of one `use`, its groups followed to a bounded depth."""
    prefixes = [""]
    path = ""
    for match in _USE_PART.finditer(what):
        part = match.group()
        if part == "{":
            prefixes.append(prefixes[-1] + path)
            path = ""
        elif part in ",}":
            yield from _name(prefixes[-1], path)
            path = ""
            if part == "}" and len(prefixes) > 1:
                prefixes.pop()
        else:
            path += part
        if len(prefixes) > DEPTH:
            return
    yield from _name(prefixes[-1], path)


def _name(prefix: str, path: str) -> Iterator[tuple[str, str]]:
    full, _, alias = re.sub(r"\s+as\s+", " as ", prefix + path).removeprefix("::").partition(" as ")
    if full.endswith("::self"):
        full = full.removesuffix("::self")
    if full and path and not full.endswith(("*", ":")):
        yield alias or full.rpartition("::")[2], full


@lru_cache(maxsize=16)
def is_source(path: str) -> bool:
    """Rust source of our own: not build output, not vendored. A module of that name is ours."""
    outside = f"/{path}".partition("/src/")[0]
    return path.endswith(".rs") and not _SOURCES.search(f"{outside}/")


@lru_cache(maxsize=16)
def is_test(path: str) -> bool:
    """Rust source of tests, benchmarks and examples."""
    return bool(_TEST_PATH.search(path))


def crate_of(path: str) -> str:
    """The folder of the crate of a source file: what stands before its `src`, `tests`, `benches` or `examples`."""
    folders = path.split("/")[:-1]
    for index in range(len(folders) - 1, -1, -1):
        if folders[index] in ("src", "tests", "benches", "examples"):
            return "/".join(folders[:index])
    return "/".join(folders)
