"""Rust source without a parser: comments and strings told apart from code, brackets paired, names resolved.

Every function is one walk over the text, whatever is left open in it; offsets and lines stay what they were.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

_START = re.compile(r"//|/\*|b?r(?P<hashes>#{0,16})\"|b?\"|'(?:\\(?:u\{[0-9a-fA-F_]{1,8}\}|x..|.)|[^\\'\n])'")
_STRING_PART = re.compile(r"\\|\"")
_COMMENT_PART = re.compile(r"/\*|\*/")
_BRACKET = re.compile(r"[()\[\]{}]")
_TESTS = re.compile(r"#\[cfg\((?:test|all\(test\b[^\]\n]{0,80})\)\]|#\[(?:\w+(?:::\w+)*::)?test\b")
_USE = re.compile(r"^[ \t]*(?:pub(?:\([^)\n]{0,40}\))?\s+)?use\s+(?P<what>[^;]{1,4000});", re.M)
_USE_PART = re.compile(r"[{},]|[\w:*]+(?:\s+as\s+\w+)?")
_BODY = re.compile(r"[{;]")
_CLOSES = {")": "(", "]": "[", "}": "{"}
_SOURCES = re.compile(r"(?:^|/)(?:target|vendor|third_party)/")
_TEST_PATH = re.compile(r"(?:^|/)(?:tests|benches|examples|fixtures)/|(?:^|/)(?:tests?|\w+_tests?|test_\w+)\.rs$")
DEPTH = 30


@dataclass(frozen=True)
class Source:
    """A file of Rust: `text` as it stands, `code` with comments and strings blank, `literals` the insides of strings
    as (start, end).
    """

    text: str
    code: str
    literals: tuple[tuple[int, int], ...]

    @cached_property
    def pairs(self) -> dict[int, int]:
        """Offset of each bracket -> offset of its partner, both ways; a bracket without one is left out."""
        found: dict[int, int] = {}
        stack: list[tuple[str, int]] = []
        for match in _BRACKET.finditer(self.code):
            mark, at = match.group(), match.start()
            if mark not in _CLOSES:
                stack.append((mark, at))
                continue
            if mark == "}":  # a brace closes what was left open inside it
                while stack and stack[-1][0] != "{":
                    stack.pop()
            if stack and stack[-1][0] == _CLOSES[mark]:
                opened = stack.pop()[1]
                found[opened], found[at] = at, opened
        return found

    @cached_property
    def tests(self) -> list[tuple[int, int]]:
        """(start, end) of test modules and test functions, in order."""
        found: list[tuple[int, int]] = []
        for match in _TESTS.finditer(self.code):
            if found and match.start() < found[-1][1]:
                continue
            body = _BODY.search(self.code, match.end())
            if body is None:
                break
            found.append((match.start(), self.pairs.get(body.start(), body.start()) + 1))
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
    def _newlines(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    def line(self, offset: int) -> int:
        """The line, from 1, of an offset."""
        return bisect_left(self._newlines, offset) + 1

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

    @cached_property
    def imports(self) -> dict[str, str]:
        """Name in this file -> full path, of every `use`."""
        found: dict[str, str] = {}
        for match in _USE.finditer(self.code):
            found.update(_imported(match["what"]))
        return found

    def resolved(self, path: str) -> str:
        """A path with its first part replaced by what was imported under that name."""
        head, _, rest = re.sub(r"\s+", "", path).removeprefix("::").partition("::")
        full = self.imports.get(head, head)
        return f"{full}::{rest}" if rest else full


def blank(text: str) -> str:
    """As many characters, all of them spaces but the line ends."""
    return "\n".join(" " * len(line) for line in text.split("\n"))


@lru_cache(maxsize=2)
def source(text: str) -> Source:
    """The parts of a text. What is not closed runs to the end. A lifetime (`'a`) is no string."""
    parts: list[str] = []
    literals: list[tuple[int, int]] = []
    done = 0
    match = _START.search(text)
    while match:
        start, end = match.end(), _end(text, match)
        if match.group().endswith('"'):
            literals.append((start, max(start, end - 1 - len(match["hashes"] or ""))))
        parts += [text[done : match.start()], blank(text[match.start() : end])]
        done = end
        match = _START.search(text, end)
    return Source(text, "".join([*parts, text[done:]]), tuple(literals))


def bare(text: str) -> str:
    """The code alone."""
    return source(text).code


def _end(text: str, match: re.Match[str]) -> int:
    """Where what begins here ends."""
    mark, at = match.group(), match.end()
    if mark == "//":
        return _found(text, "\n", at)
    if mark == "/*":
        return _end_of_comment(text, at)
    if mark.startswith(("r", "br")):
        closing = '"' + match["hashes"]
        return min(len(text), _found(text, closing, at) + len(closing))
    return at if mark.startswith("'") else _end_of_string(text, at)


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


def _end_of_string(text: str, at: int) -> int:
    while part := _STRING_PART.search(text, at):
        if part.group() == '"':
            return part.end()
        at = part.end() + 1
    return len(text)


def _imported(what: str) -> Iterator[tuple[str, str]]:
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


def is_source(path: str) -> bool:
    """Rust source of our own: not build output, not vendored."""
    return path.endswith(".rs") and not _SOURCES.search(path)


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
