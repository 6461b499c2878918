"""SQL without a parser: statements, tables and their columns, from files that no parser would take whole.

Each function is one walk over the text; what is not closed runs to its end, and one bad statement hides no other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from findings.core.lately import lately
from findings.core.rusttext import blank
from findings.core.vocabulary import words

# Each alternative begins with a literal, so that the search skips ahead to the few characters that matter.
_TOKEN = re.compile(r"--[^\n]*|/\*|'[^']*'?|\"[^\"]*\"?|\$(?:[A-Za-z_]\w{0,60})?\$|;")
_QUOTING = ("'", '"', "$")  # what a semicolon may stand in, where there are no comments
_HIDING = (*_QUOTING, "/*")  # what a comment of one line may stand in
_LINE_COMMENT = re.compile(r"--[^\n]*")
_ESCAPED_END = re.compile(r"(?:[^'\\]|\\.)*'?", re.S)
_COMMENT_PART = re.compile(r"/\*|\*/")
_CREATE = re.compile(
    r"\bCREATE\s{1,20}(?:OR\s{1,20}REPLACE\s{1,20})?(?:(?:TEMP|TEMPORARY|UNLOGGED|EXTERNAL)\s{1,20})?TABLE\s{1,20}"
    r"(?:IF\s{1,20}NOT\s{1,20}EXISTS\s{1,20})?(?P<name>[\w.\"`{}$-]{1,200})\s{0,50}"
    r"(?:ON\s{1,20}CLUSTER\s{1,20}[^\s(]{1,80}\s{0,50})?\(",
    re.I,
)
_DROP = re.compile(
    r"\bDROP\s{1,20}TABLE\s{1,20}(?:IF\s{1,20}EXISTS\s{1,20})?(?P<names>[\w.\"`]{1,200}(?:\s{0,20},\s{0,20}[\w.\"`]{1,200}){0,30})",
    re.I,
)
_NEXT = re.compile(r";|\b(?:CREATE|ALTER|DROP|INSERT|GRANT|RENAME)\s|\"\"\"|'''|\"#|`\s*\)|\"\s*[,;)]", re.I)
_PROGRAM_COMMENT = re.compile(r"--[^\n]*|^[ \t]*(?:#|//)[^\n]*", re.M)
_PART = re.compile(r"[(),]|'[^'\n]{0,200}'")
_COLUMN = re.compile(r"\s*[`\"]?(?P<name>[A-Za-z_]\w{0,100})[`\"]?\s+(?P<type>[^\s,][^\n]{0,200})", re.S)
_NO_COLUMN = re.compile(
    r"\s*(?:PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE\b|CONSTRAINT\b|CHECK\b|EXCLUDE\b|INDEX\b|PROJECTION\b|LIKE\b|KEY\b)",
    re.I,
)
_NO_NAMES = words("PRIMARY FOREIGN UNIQUE CONSTRAINT CHECK EXCLUDE INDEX PROJECTION LIKE KEY")
_ORDER = re.compile(
    r"\b(?:ORDER\s+BY|PRIMARY\s+KEY)\s*(?:(?:tuple\s*)?\(\s*)?[`\"]?(?P<first>\w+)(?P<call>\s*\()?", re.I
)
_ENGINE = re.compile(
    r"\bENGINE\b\s{0,20}=?\s{0,20}\w{0,60}(?:MergeTree|Log|Memory|Kafka|Distributed|Buffer|Null|Join|Set)\b", re.I
)
BODY = 40_000
TAIL = 4_000
MOST = 500  # tables in one file


@dataclass(frozen=True, slots=True)
class Table:
    """A `CREATE TABLE`: its database, columns as name -> type, in lower case names; what follows the columns; the first
    column of its `ORDER BY`; where it starts.
    """

    database: str
    name: str
    columns: dict[str, str]
    tail: str
    sorted_by: str
    start: int
    line: int


def plain(name: str) -> str:
    """The last part of a name, without quotes; in lower case, as databases fold it."""
    return name.rpartition(".")[2].strip('"`').lower()


def in_order(path: str) -> list[tuple[int, int, str]]:
    """A sort key for files that are numbered: 2 comes before 10."""
    parts = re.findall(r"(\d{1,30})|(\D{1,400})", path)
    return [(0, int(number), "") if number else (1, 0, other) for number, other in parts]


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """(what, start, end) of comments, strings, quoted names, dollar-quoted bodies and semicolons."""
    at = 0
    while match := _TOKEN.search(text, at):
        mark, start, before, at = match.group(), match.start(), at, match.end()
        if mark == ";":
            yield "end", start, at
        elif mark.startswith("--"):
            yield "comment", start, at
        elif mark == "/*":
            at = _comment(text, at)
            yield "comment", start, at
        elif mark.startswith("$"):
            closing = text.find(mark, at)
            at = len(text) if closing < 0 else closing + len(mark)
            yield "body", start, at
        else:
            if mark[0] == "'" and start > before and text[start - 1] in "eE":
                escaped = _ESCAPED_END.match(text, start + 1)
                start, at = start - 1, escaped.end() if escaped else at
            yield ("name" if mark.startswith('"') else "string"), start, at


def _comment(text: str, at: int) -> int:
    depth = 1
    while depth:
        part = _COMMENT_PART.search(text, at)
        if part is None:
            return len(text)
        depth += 1 if part.group() == "/*" else -1
        at = part.end()
    return at


def _blanked(match: re.Match[str]) -> str:
    return blank(match[0])


@lately(4)
def without_comments(text: str) -> str:
    """The text with comments blank, line ends kept."""
    if "--" not in text and "/*" not in text:
        return text
    if not any(mark in text for mark in _HIDING):
        return _LINE_COMMENT.sub(_blanked, text)
    parts, done = [], 0
    for what, start, end in tokens(text):
        if what == "comment":
            parts += [text[done:start], blank(text[start:end])]
            done = end
    return "".join([*parts, text[done:]])


def statements(text: str) -> Iterator[tuple[int, str]]:
    """(offset, statement) for each, comments blank; semicolons inside strings and bodies do not end one."""
    clean = without_comments(text)
    start = 0
    if not any(mark in clean for mark in _QUOTING):
        for statement in clean.split(";"):
            yield start, statement
            start += len(statement) + 1
        return
    for what, _, end in tokens(clean):
        if what == "end":
            yield start, clean[start : end - 1]
            start = end
    yield start, clean[start:]


def tables(text: str, sql: bool) -> Iterator[Table]:
    """Every table that a text creates with a list of columns. `sql`: the text is SQL, not program text with SQL."""
    clean = without_comments(text) if sql else _PROGRAM_COMMENT.sub(lambda match: " " * len(match.group()), text)
    for match in islice(_begun(_CREATE, "create", clean), MOST):
        end = closing(clean, match.end() - 1)
        if end < 0:
            continue
        stop = _NEXT.search(clean, end, end + TAIL)
        tail = clean[end : stop.start() if stop else end + TAIL]
        order = _ORDER.search(tail)
        first = order["first"].lower() if order and not order["call"] else ""
        columns = dict(columns_of(clean[match.end() : end - 1]))
        line = clean.count("\n", 0, match.start()) + 1
        yield Table(
            plain(match["name"].rpartition(".")[0]), plain(match["name"]), columns, tail, first, match.start(), line
        )


def _begun(pattern: re.Pattern[str], word: str, text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins with a word in any case: to look for the word first is much faster."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters of other alphabets are two in lower case
        yield from pattern.finditer(text)
        return
    at = lower.find(word)
    while at >= 0:
        match = pattern.match(text, at)
        if match:
            yield match
        at = lower.find(word, match.end() if match else at + 1)


def closing(text: str, opened: int) -> int:
    """The offset behind the bracket that closes the one at `opened`, or -1 where none does within bounds."""
    first = text.find(")", opened, opened + BODY)
    if first < 0 or max(text.find("(", opened + 1, first), text.find("'", opened, first)) < 0:
        return first + 1 or -1
    depth = 0
    for part in _PART.finditer(text, opened, opened + BODY):
        if part.group() == "(":
            depth += 1
        elif part.group() == ")":
            depth -= 1
            if not depth:
                return part.end()
    return -1


@lru_cache(maxsize=64)
def split(text: str) -> tuple[str, ...]:
    """The parts between the commas that stand in no bracket."""
    if "'" not in text:
        return tuple(_unquoted(text))
    found: list[str] = []
    depth, start = 0, 0
    for part in _PART.finditer(text):
        mark = part.group()
        if mark == "," and not depth:
            found.append(text[start : part.start()])
            start = part.end()
        elif mark in "()":
            depth += 1 if mark == "(" else -1
    return (*found, text[start:])


def _unquoted(text: str) -> Iterator[str]:
    """The same of a text without strings, whose brackets need only be counted."""
    if "(" not in text and ")" not in text:
        yield from text.split(",")
        return
    depth = start = at = 0
    *parts, _ = text.split(",")
    for part in parts:
        depth += part.count("(") - part.count(")")
        at += len(part) + 1
        if not depth:
            yield text[start : at - 1]
            start = at
    yield text[start:]


@lru_cache(maxsize=64)
def columns_of(body: str) -> tuple[tuple[str, str], ...]:
    """(name, type and constraints) of the columns in the brackets of a `CREATE TABLE`."""
    found = []
    for part in split(body):
        if column := _COLUMN.match(part):
            name, kind = column.groups()
            if not (name.upper() in _NO_NAMES and _NO_COLUMN.match(part)):
                found.append((name.lower(), " ".join(kind.split())))
    return tuple(found)


def drops(text: str) -> Iterator[tuple[str, int]]:
    """(table, offset) of the tables that a text of SQL drops."""
    for match in _begun(_DROP, "drop", without_comments(text)):
        for name in match["names"].split(","):
            yield plain(name.strip()), match.start()


def has_clickhouse(text: str) -> bool:
    """Whether a statement, or a whole file, names one of ClickHouse's engines."""
    return "engine" in text.lower() and bool(_ENGINE.search(text))
