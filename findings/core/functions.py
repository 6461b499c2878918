"""Functions of languages other than Rust, by brackets and indentation: a name, a head, a body. No parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from findings.core.vocabulary import words

BRACES, KEYWORD, INDENT = "code:braces", "code:keyword", "code:indent"
_LANGUAGES = {
    **dict.fromkeys(words("ts tsx js jsx mjs cjs vue svelte java cs dart"), BRACES),
    **dict.fromkeys(words("go kt kts swift scala php"), KEYWORD),
    "py": INDENT,
}
_NOT_OURS = words(
    "node_modules vendor third_party dist build target out generated gen test tests __tests__ spec e2e fixtures mocks "
    "examples site-packages"
)
_TEST_NAME = re.compile(r"[._-](?:test|spec|tests)\.\w+$|^test_|\.min\.js$|\.d\.ts$|(?<=[a-z])Tests?\.\w+$")
_STRINGS = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_TOKENS = {
    INDENT: re.compile(rf"\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|#[^\n]*|{_STRINGS}"),
    BRACES: re.compile(rf"//[^\n]*|/\*[\s\S]*?\*/|{_STRINGS}|`(?:\\.|[^`\\])*`"),
}
_KEYWORDS = r"\b(?:func|fun|function|def)\s+(?:\([^()\n]{0,200}\)\s*|<[^<>\n]{0,80}>\s*|\w+\.)?"
_GENERIC = r"\s*(?:<[^<>()\n]{0,80}>|\[[^\[\]()\n]{0,80}\])?\s*"
_ARROW = r"(?:\s*(?:=|:)\s*(?:async\s*)?(?:function\b\s*\w*)?)?"
# What may stand between the parameters and the body: a type, what is thrown.
_TAIL = re.compile(
    r"\s*(?P<type>(?::|->)\s*[^{};=]{1,160}?|\([^(){}]{0,160}\)|[\w<>\[\],.*? \t]{1,160}?)?\s*(?P<opens>\{|=>|=(?!=))"
)
_PYTHON_TAIL = re.compile(r"\s*(?P<type>->[^:\n]{1,160})?:")
_BLOCK = re.compile(r"\s*\{")
_BRACKETS = re.compile(r"[()]"), re.compile(r"[{}]")
_END = re.compile(r";|\n\s*\n|\n(?=\s*(?:export|const|let|fun|val|def|public|private|\}))")
SPAN = 4_000
MOST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A function: its name, parameters, the type after them, its body and where that starts."""

    name: str
    parameters: str
    type: str
    body: str
    at: int


@lru_cache(maxsize=16)
def language(path: str) -> str:
    """The path class of a source file of our own that runs in production; empty for others, and for Rust."""
    name = path.rsplit("/", 1)[-1]
    found = _LANGUAGES.get(name.rpartition(".")[2].lower(), "")
    ours = found and _NOT_OURS.isdisjoint(path.split("/")[:-1]) and not _TEST_NAME.search(name)
    return found if ours else ""


def functions(text: str, kind: str, name: str) -> Iterator[Found]:
    """The functions whose name an expression fits."""
    code = _TOKENS[INDENT if kind == INDENT else BRACES].sub(_blank, text)
    word = rf"(?P<name>\b\w{{0,60}}(?:{name})\w{{0,60}}\b)"
    if kind == BRACES:
        start = re.compile(rf"(?<![.\w]){word}{_ARROW}{_GENERIC}(?:\(|(?P<one>\w+)\s*(?==>))", re.I)
    else:
        start = re.compile(rf"{_KEYWORDS}{word}{_GENERIC}\(", re.I)
    for match in islice(start.finditer(code), MOST):
        yield from _function(code, kind, match)


def _blank(match: re.Match[str]) -> str:
    return "".join("\n" if char == "\n" else " " for char in match.group())


def _function(code: str, kind: str, match: re.Match[str]) -> Iterator[Found]:
    one = match.groupdict().get("one")
    closed = match.end() if one else _closer(code, match.end() - 1, 0)
    tail = (_PYTHON_TAIL if kind == INDENT else _TAIL).match(code, closed + (not one), closed + 400) if closed else None
    if tail is None:
        return
    start = tail.end()
    if kind == INDENT:
        end = _dedent(code, code.rfind("\n", 0, match.start()) + 1, start)
    elif tail["opens"] == "{":
        end = _closer(code, start - 1, 1)
    elif block := _BLOCK.match(code, start):
        start = block.end()
        end = _closer(code, start - 1, 1)
    else:
        ended = _END.search(code, start, start + SPAN)
        end = ended.start() if ended else min(len(code), start + SPAN)
    if end > start:
        parameters = one or code[match.end() : closed]
        yield Found(match["name"], parameters, tail["type"] or "", code[start:end], start)


def _closer(code: str, at: int, which: int) -> int:
    """The offset of the partner of the bracket at `at`, or 0."""
    depth = 0
    for match in _BRACKETS[which].finditer(code, at, at + SPAN):
        depth += 1 if match.group() in "({" else -1
        if not depth:
            return match.start()
    return 0


def _dedent(code: str, line: int, start: int) -> int:
    """Where the lines end that are indented further than the one at `line`."""
    indent = len(code) - len(code[line:].lstrip(" \t")) - line
    end = code.find("\n", start)
    while 0 <= end < min(len(code), start + SPAN):
        after = code.find("\n", end + 1)
        row = code[end + 1 : after if after >= 0 else len(code)]
        if row.strip() and len(row) - len(row.lstrip(" \t")) <= indent:
            return end
        end = after
    return len(code) if end < 0 else end
