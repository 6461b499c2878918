"""What SeaORM's Rust migrations, and Loco's, do to types, tables, columns and indexes, as the steps of `sqlsteps`."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from findings.core.rusttext import Source, source
from findings.core.sqlsteps import ENUM, Step, steps

LONGEST = 500_000
CALLS = 200  # in one chain
_STARTS = re.compile(
    r"\b(?P<what>Table|Index|Type)\s*::\s*(?P<does>create|alter|drop|rename)\s*\(\s*\)"
    r"|\b(?P<long>Index|Table)Create(?:Statement)\s*::\s*new\s*\(\s*\)"
)
_DOWN = re.compile(r"\bfn\s+down\b")
_STOP = re.compile(r"[(\[{,]")
_CALL = re.compile(r"\s*\.\s*(?P<name>\w+)\s*(?:::\s*<[^<>()]*>\s*)?\(")
_PATH = re.compile(r"[&\s(]*(?P<path>\w+(?:\s*::\s*\w+)+)")
_HELPER = re.compile(r"\s*(?:\w+\s*::\s*)*(?P<name>[a-z]\w*)\s*\(")
_DEFINED = re.compile(r"ColumnDef\s*::\s*new(?:_with_type)?\s*\(")
_NULLABLE = re.compile(r"_(?:null|uniq|len|len_null|len_uniq)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SQL = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:CREATE|ALTER|DROP|DO)\b", re.I)
_TYPES = {
    "boolean": "boolean",
    "string": "varchar",
    "var": "varchar",
    "text": "text",
    "char": "char",
    "small_integer": "smallint",
    "tiny_integer": "smallint",
    "enumeration": ENUM,
}

_LOCO = re.compile(
    r"(?<![\w.:])(?P<does>create_table|create_join_table|add_column|remove_column|drop_table)\s*\(\s*&?\w+\s*,"
)
_LOCO_COLUMN = re.compile(r"(?P<name>\w+)\s*,\s*(?:\w+\s*::\s*)*ColType\s*::\s*(?P<type>\w+)")
_LOCO_TYPES = {
    "Boolean": "boolean",
    "Enum": ENUM,
    "String": "varchar",
    "Var": "varchar",
    "Text": "text",
    "Char": "char",
    "SmallInteger": "smallint",
}

Found = tuple[int, int, Step]  # first line, last line, step


class Call(NamedTuple):
    """One method call of a chain: its name, and the offsets of what is between its brackets."""

    name: str
    start: int
    end: int


def changes(text: str) -> list[Found]:
    """What a migration does, ways back left out."""
    rust = source(text[:LONGEST])
    back = [
        (start.start(), rust.braces.get(rust.body(start.end()), len(rust.code))) for start in _DOWN.finditer(rust.code)
    ]
    found = [*_built(rust), *_told(rust), *(_of_loco(rust) if "ColType" in rust.code else ())]
    ahead = [(at, one) for at, one in found if not any(start < at < end for start, end in back)]
    return [one for _, one in sorted(ahead, key=lambda pair: pair[0])]


def _told(rust: Source) -> Iterator[tuple[int, Found]]:
    """Steps of SQL in strings."""
    for start, end in rust.literals:
        if _SQL.match(rust.text, start, end) and not rust.tested(start):
            line = rust.line(start) - 1
            yield from ((start, (line + first, line + last, step)) for first, last, step in steps(rust.text[start:end]))


def _of_loco(rust: Source) -> Iterator[tuple[int, Found]]:
    """Steps of Loco's helpers, which take names as texts and types as variants of an enum."""
    for call in _LOCO.finditer(rust.production):
        end = rust.closer(rust.code.index("(", call.start()))
        names = [name.lower() for name in islice(rust.strings(call.end(), end), 2)] if end > 0 else []
        if not names:
            continue
        table, does = _plural(names[0]), call["does"]
        columns = dict(_loco_columns(rust.uncommented[call.end() : end]))
        step: Step = {"do": "table", "table": table, "columns": columns, "few": []}
        if does == "drop_table":
            step = {"do": "table dropped", "name": table}
        elif does == "remove_column":
            step = {"do": "column dropped", "table": table, "name": names[-1]}
        elif does == "add_column":
            step["do"] = "columns"
        yield call.start(), (rust.line(call.start()), rust.line(end), step)


def _loco_columns(text: str) -> Iterator[tuple[str, str]]:
    for found in _LOCO_COLUMN.finditer(text):
        kind = re.sub(r"(?:Len|Null|Uniq|WithDefault)+$", "", found["type"])
        yield found["name"].lower(), _LOCO_TYPES.get(kind, kind.lower())


def _plural(name: str) -> str:
    """Loco calls tables by the plural of what they are given."""
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def _built(rust: Source) -> Iterator[tuple[int, Found]]:
    """Steps of chains of calls."""
    for start in _STARTS.finditer(rust.production):
        what, does = start["what"] or start["long"], start["does"] or "create"
        calls = list(islice(_chain(rust, start.end()), CALLS))
        last = rust.line(calls[-1].end if calls else start.end())
        for step in _steps(rust, what, does, calls):
            yield start.start(), (rust.line(start.start()), last, step)


def _chain(rust: Source, at: int) -> Iterator[Call]:
    """The method calls that follow an offset, as long as nothing else comes between."""
    while call := _CALL.match(rust.code, at):
        closed = rust.closer(call.end() - 1)
        if closed < 0:
            return
        yield Call(call["name"], call.end(), closed)
        at = closed + 1


def _steps(rust: Source, what: str, does: str, calls: list[Call]) -> Iterator[Step]:
    table = next((_named(rust, call) for call in calls if call.name == "table"), "")
    if what == "Type":
        for call in calls if does == "create" else ():
            if call.name == "as_enum":
                yield {"do": "type", "name": _named(rust, call), "type": ENUM}
    elif what == "Index":
        yield from _index(rust, does, table, calls)
    elif does == "create":
        yield {"do": "table", "table": table, "columns": dict(_columns(rust, calls)), "few": []}
    elif does == "alter":
        yield from _altered(rust, table, calls)
    elif does == "drop":
        yield {"do": "table dropped", "name": table}
    else:
        names = next((_several(rust, call) for call in calls if call.name == "table"), [])
        if len(names) == 2:
            yield {"do": "table renamed", "name": names[0], "new": names[1]}


def _index(rust: Source, does: str, table: str, calls: list[Call]) -> Iterator[Step]:
    name = next(
        (text.lower() for call in calls if call.name == "name" for text in rust.strings(call.start, call.end)), ""
    )
    columns = [_named(rust, call) for call in calls if call.name == "col"]
    named = {call.name for call in calls}
    if does == "drop":
        yield {"do": "index dropped", "name": name}
    elif len(columns) != 1 or not table or "full_text" in named:
        yield {"do": "index", "name": name, "table": table, "column": ""}
    else:
        partial = next((call for call in calls if call.name in ("cond_where", "and_where")), None)
        where = " ".join(rust.uncommented[partial.start : partial.end].split())[:200].lower() if partial else ""
        unique = not named.isdisjoint(("unique", "primary"))
        yield {"do": "index", "name": name, "table": table, "column": columns[0], "unique": unique, "where": where}


def _altered(rust: Source, table: str, calls: list[Call]) -> Iterator[Step]:
    for call in calls:
        if call.name in ("add_column", "add_column_if_not_exists", "modify_column"):
            yield {"do": "columns", "table": table, "columns": dict(_column(rust, call)), "few": []}
        elif call.name == "drop_column":
            yield {"do": "column dropped", "table": table, "name": _named(rust, call)}
        elif call.name == "rename_column" and len(names := _several(rust, call)) == 2:
            yield {"do": "column renamed", "table": table, "name": names[0], "new": names[1]}


def _columns(rust: Source, calls: list[Call]) -> Iterator[tuple[str, str]]:
    for call in calls:
        if call.name == "col":
            yield from _column(rust, call)


def _column(rust: Source, call: Call) -> Iterator[tuple[str, str]]:
    """(name, type) of `ColumnDef::new(Loan::Lost).boolean()` or `boolean(Loan::Lost)`."""
    code = rust.code
    made = _DEFINED.search(code, call.start, call.end)
    helper = _HELPER.match(code, call.start, call.end)
    opened = made.end() if made else helper.end() if helper else 0
    closed = rust.closer(opened - 1) if opened else -1
    if closed < 0:
        return
    name = _named(rust, Call("", opened, closed))
    if helper and not made:
        yield name, _TYPES.get(_NULLABLE.sub("", helper["name"]), helper["name"])
        return
    for inner in _chain(rust, closed + 1):
        kind = inner.name.removesuffix("_len")
        if kind in _TYPES or inner.name == "custom":
            yield name, _named(rust, inner) if inner.name == "custom" else _TYPES[kind]
            return
    yield name, ""


def _named(rust: Source, call: Call) -> str:
    """The first thing named between the brackets of a call."""
    return next(iter(_several(rust, call)), "")


def _several(rust: Source, call: Call) -> list[str]:
    """The tables, columns and types named between the brackets of a call: `Loan::Table`, `loan::Column::Lost`, text."""
    return [name for start, end in _arguments(rust, call) if (name := _name(rust, start, end))]


def _arguments(rust: Source, call: Call) -> Iterator[tuple[int, int]]:
    first = at = call.start
    while stop := _STOP.search(rust.code, at, call.end):
        if stop.group() == ",":
            yield first, stop.start()
            first = at = stop.end()
        else:
            at = max(rust.closer(stop.start()), stop.start()) + 1
    yield first, call.end


def _name(rust: Source, start: int, end: int) -> str:
    if text := next(rust.strings(start, end), ""):
        return text.lower()
    found = _PATH.match(rust.code, start, end)
    if found is None:
        return ""
    *before, last = re.sub(r"\s+", "", found["path"]).split("::")
    if last in ("Table", "Entity", "Type", "Enum"):
        last = before[-1]
    return _CAMEL.sub("_", last).lower()
