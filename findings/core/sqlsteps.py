"""What statements of PostgreSQL do to types, tables, columns and indexes: one step after the other, as plain data.

A step is {"do": what, …}; statements that matter to none of these have no step.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from findings.core.sqltext import closing, columns_of, plain, split, statements

Step = dict[str, Any]
ENUM = "enum"
LONGEST = 200_000
FEW = 12

_N = r"(?P<{}>(?:\"[^\"]{{1,100}}\"|[\w$.]){{1,120}})"
_IF = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
_NAME, _TABLE, _NEW = _N.format("name"), _N.format("table"), _N.format("new")
_TABLE_MADE = re.compile(
    rf"CREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED)\s+)*TABLE\s+{_IF}{_TABLE}\s*\((?P<body>.*)\)",
    re.I | re.S,
)
_TABLE_OF = re.compile(
    rf"CREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED)\s+)*TABLE\s+{_IF}{_TABLE}\s+PARTITION\s+OF\s+{_N.format('of')}",
    re.I,
)
_LIKE = re.compile(rf"\s*LIKE\s+{_N.format('of')}", re.I)
_INHERITS = re.compile(rf"\)\s*INHERITS\s*\(\s*{_N.format('of')}", re.I)
_ENUM = re.compile(rf"CREATE\s+TYPE\s+{_NAME}\s+AS\s+ENUM\b", re.I)
_DOMAIN = re.compile(rf"CREATE\s+DOMAIN\s+{_NAME}\s+(?:AS\s+)?(?P<type>.+)", re.I | re.S)
_TYPE_RENAMED = re.compile(rf"ALTER\s+TYPE\s+{_NAME}\s+RENAME\s+TO\s+{_NEW}", re.I)
_INDEX = re.compile(
    rf"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?{_IF}(?:(?!ON\s){_NAME}\s+)?ON\s+(?:ONLY\s+)?{_TABLE}\s*"
    r"(?:USING\s+(?P<method>\w+)\s*)?\((?P<rest>.*)",
    re.I | re.S,
)
_SKIPPING = re.compile(r"\bTYPE\s+(?:minmax|set|bloom_filter|ngrambf|tokenbf)|\bGRANULARITY\b", re.I)
_WHERE = re.compile(r"\bWHERE\b(?P<rest>.*)", re.I | re.S)
_INDEX_RENAMED = re.compile(rf"ALTER\s+INDEX\s+{_IF}{_NAME}\s+RENAME\s+TO\s+{_NEW}", re.I)
_DROPPED = re.compile(
    r"DROP\s+(?P<what>INDEX|TABLE)\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?(?P<names>.+)", re.I | re.S
)
_ALTERED = re.compile(rf"ALTER\s+TABLE\s+{_IF}(?:ONLY\s+)?{_TABLE}\s+(?P<actions>.+)", re.I | re.S)
_ADDED = re.compile(
    rf"\s*ADD\s+(?:COLUMN\s+)?{_IF}(?!CONSTRAINT\b|PRIMARY\b|UNIQUE\b|FOREIGN\b|CHECK\b)(?P<column>.+)", re.I | re.S
)
_CHECKED = re.compile(r"\s*ADD\s+(?:CONSTRAINT\s+\S+\s+)?CHECK\s*\((?P<check>.+)\)", re.I | re.S)
_REMOVED = re.compile(rf"\s*DROP\s+(?:COLUMN\s+)?(?!CONSTRAINT\b|COLUMN\b){_IF}{_NAME}", re.I)
_RETYPED = re.compile(rf"\s*ALTER\s+(?:COLUMN\s+)?{_NAME}\s+(?:SET\s+DATA\s+)?TYPE\s+(?P<type>.+)", re.I | re.S)
_RENAMED = re.compile(rf"\s*RENAME\s+(?:COLUMN\s+)?(?:(?!TO\s|CONSTRAINT\s){_NAME}\s+)?TO\s+{_NEW}", re.I)
_LISTED = re.compile(
    r"(?<!length\()\b(?P<column>[A-Za-z_]\w*)\"?\)?(?:::\w+)*\)?\s*(?:IN\s*\(|=\s*ANY\s*[(\s]*(?:ARRAY\s*)?\[)(?P<values>[^()\[\]]*)",
    re.I,
)
_EQUAL = re.compile(r"\b(?P<column>[A-Za-z_]\w*)\"?\)?(?:::\w+)*\s*=\s*'[^'\n]{0,100}'", re.I)
_NOISE = re.compile(r"^\\(?!\.)[^\n]*|^COPY\s[^;]{0,2000}\bFROM\s+stdin\b[^;]*;.*?^\\\.$", re.I | re.M | re.S)
_KEY = re.compile(r"\s*\"?(?P<column>[A-Za-z_]\w*)\"?(?P<after>\s.*|)$", re.S)
_INNER = re.compile(r"\b(?:CREATE\s+(?:TYPE|TABLE|(?:UNIQUE\s+)?INDEX)|ALTER\s+TABLE|DROP\s+(?:INDEX|TABLE))\b", re.I)
_TELLING = re.compile(r"(?:CREATE|ALTER|DROP|(?P<block>DO))\b", re.I)


def steps(text: str) -> Iterator[tuple[int, int, Step]]:
    """(first line, last line, step) of every statement of a text that changes the schema."""
    line, done = 1, 0
    # What only psql reads, and the data of a dump, is no SQL.
    text = _NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text) if "\\" in text else text
    for start, statement in statements(text):
        start += len(statement) - len(statement.lstrip())
        line, done = line + text.count("\n", done, start), start
        body = statement.strip()
        if len(body) <= LONGEST and _TELLING.match(body):
            for inner, step in _steps(body):
                first = line + body.count("\n", 0, inner)
                yield first, line + body.count("\n"), step


def _steps(body: str) -> Iterator[tuple[int, Step]]:
    """(offset, step) of one statement; the statements in the body of a `DO` count as if they stood alone."""
    telling = _TELLING.match(body)
    if telling and telling["block"]:
        for inner in _INNER.finditer(body):
            end = body.find(";", inner.start())
            alone = body[inner.start() : end if end >= 0 else len(body)].rstrip("' \n")
            yield from ((inner.start(), step) for _, step in _steps(alone))
        return
    for pattern, read in _READERS:
        if match := pattern.match(body):
            yield from ((0, step) for step in read(match))
            return


def _read_table(match: re.Match[str]) -> Iterator[Step]:
    table, parts, upper = plain(match["table"]), split(match["body"]), match["body"].upper()
    checks = [found for part in parts for found in limited(part)] if "CHECK" in upper else []
    yield {"do": "table", "table": table, "columns": dict(columns_of(match["body"])), "few": checks}
    of = [found for part in parts if (found := _LIKE.match(part))] if "LIKE" in upper else []
    for found in (*of, *_INHERITS.finditer(match.string)):
        yield {"do": "like", "table": table, "of": plain(found["of"])}


def _read_table_of(match: re.Match[str]) -> Iterator[Step]:
    table = plain(match["table"])
    yield {"do": "table", "table": table, "columns": {}, "few": []}
    yield {"do": "like", "table": table, "of": plain(match["of"])}


def limited(part: str) -> Iterator[str]:
    """Columns that a constraint limits to a short list of values."""
    at = part.upper().find("CHECK")
    if at < 0:
        return
    for found in _LISTED.finditer(part, at):
        if 0 < found["values"].count(",") + 1 <= FEW:
            yield found["column"].lower()
    equal = [found["column"].lower() for found in _EQUAL.finditer(part, at)]
    yield from (name for name in set(equal) if 1 < equal.count(name) <= FEW)


def _read_enum(match: re.Match[str]) -> Iterator[Step]:
    yield {"do": "type", "name": plain(match["name"]), "type": ENUM}


def _read_domain(match: re.Match[str]) -> Iterator[Step]:
    listed = any(limited(match["type"]))
    yield {"do": "type", "name": plain(match["name"]), "type": ENUM if listed else match["type"].split()[0].lower()}


def _read_type_renamed(match: re.Match[str]) -> Iterator[Step]:
    yield {"do": "type renamed", "name": plain(match["name"]), "new": plain(match["new"])}


def _read_index(match: re.Match[str]) -> Iterator[Step]:
    end = closing(f"({match['rest']}", 0) - 1
    if end < 0:
        return
    inside, after = match["rest"][: end - 1], match["rest"][end:]
    keys = split(inside)
    key = _KEY.match(keys[0]) if len(keys) == 1 else None
    if _SKIPPING.search(after):
        return
    name = plain(match["name"]) if match["name"] else ""
    table = plain(match["table"])
    if key is None:
        yield {"do": "index", "name": name, "table": table, "column": ""}
        return
    where = _WHERE.search(after)
    yield {
        "do": "index",
        "name": name,
        "table": table,
        "column": key["column"].lower(),
        "unique": bool(match["unique"]),
        "where": " ".join(where["rest"].split())[:200].lower() if where else "",
    }


def _read_index_renamed(match: re.Match[str]) -> Iterator[Step]:
    yield {"do": "index renamed", "name": plain(match["name"]), "new": plain(match["new"])}


def _read_dropped(match: re.Match[str]) -> Iterator[Step]:
    what = f"{match['what'].lower()} dropped"
    names = re.sub(r"\b(?:CASCADE|RESTRICT)\b", "", match["names"], flags=re.I)
    for name in names.split(","):
        yield {"do": what, "name": plain(name.strip())}


def _read_altered(match: re.Match[str]) -> Iterator[Step]:
    table = plain(match["table"])
    for action in split(match["actions"]):
        yield from _read_action(table, action)


def _read_action(table: str, action: str) -> Iterator[Step]:
    if found := _CHECKED.match(action):
        few = list(limited(f"CHECK ({found['check']})"))
        yield {"do": "columns", "table": table, "columns": {}, "few": few}
    elif found := _ADDED.match(action):
        columns = dict(columns_of(found["column"]))
        yield {"do": "columns", "table": table, "columns": columns, "few": list(limited(found["column"]))}
    elif found := _REMOVED.match(action):
        yield {"do": "column dropped", "table": table, "name": plain(found["name"])}
    elif found := _RETYPED.match(action):
        yield {"do": "columns", "table": table, "columns": {plain(found["name"]): found["type"]}, "few": []}
    elif (found := _RENAMED.match(action)) and found["name"]:
        yield {"do": "column renamed", "table": table, "name": plain(found["name"]), "new": plain(found["new"])}
    elif found:
        yield {"do": "table renamed", "name": table, "new": plain(found["new"])}


Reader = Callable[[re.Match[str]], Iterator[Step]]
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_TABLE_OF, _read_table_of),
    (_TABLE_MADE, _read_table),
    (_ENUM, _read_enum),
    (_DOMAIN, _read_domain),
    (_TYPE_RENAMED, _read_type_renamed),
    (_INDEX, _read_index),
    (_INDEX_RENAMED, _read_index_renamed),
    (_DROPPED, _read_dropped),
    (_ALTERED, _read_altered),
)
