"""What migrations of Knex and TypeORM do to tables, columns and indexes, as the steps of `sqlsteps`."""

import re
from collections.abc import Iterator
from itertools import islice

from findings.core.sqlsteps import ENUM, Step, steps
from findings.core.sqltext import closing

LONGEST = 300_000
MOST = 500  # calls of one file
SPAN = 10_000  # of the arguments of one call
_NOISE = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)")
_DOWN = re.compile(r"\bdown\b\s*(?:=(?!=)|\(|:)")
_CALL = re.compile(
    r"\.\s*(?P<does>query|raw|createTable(?:IfNotExists)?|alterTable|table|createIndex|addColumn|dropIndex|dropTable"
    r"(?:IfExists)?|dropColumn)\s*\("
)
_TEXT = re.compile(r"\s*(?P<quote>[\"'`])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)")
_BUILDS = re.compile(r"\b\w+\s*\.\s*(?P<kind>\w+)\s*\(\s*(?P<list>\[)?\s*[\"'`](?P<name>\w+)[\"'`]\s*(?P<comma>,)?")
_INDEXED = re.compile(r"\.\s*index\s*\(\s*(?:\[\s*\]|undefined|null)?\s*,?\s*(?:[\"'`](?P<name>\w+)[\"'`])?\s*\)")
_OBJECT = re.compile(r"\{(?P<body>[^{}]{0,600})\}")
_FIELD = re.compile(
    r"\b(?P<key>name|type|columnNames|isUnique)\s*:\s*(?P<value>\[[^\]]{0,300}\]|[\"'`][^\"'`]{0,80}[\"'`]|true)"
)
_WORD = re.compile(r"[\"'`](?P<word>\w+)[\"'`]")
_NAMED = re.compile(r"\bname\s*:\s*[\"'`](?P<name>\w+)[\"'`]")
_TYPES = {"boolean": "boolean", "bool": "boolean", "enum": ENUM, "enu": ENUM, "simple-enum": ENUM, "text": "text",
          "string": "varchar", "varchar": "varchar", "char": "char", "smallint": "smallint", "tinyint": "smallint",
          "specificType": ""}  # fmt: skip
_COLUMNS = re.compile(r"bigInteger|bigint|date\w*|decimal|double|float|increments|int\w*|json\w*|numeric|time\w*|uuid")

Found = tuple[int, int, Step]


def changes(text: str) -> Iterator[Found]:
    """(first line, last line, step) of what a migration does on its way ahead; the way back begins at `down`."""
    text = text[:LONGEST]
    code = _NOISE.sub(lambda match: _blank(match), text)
    if back := _DOWN.search(code):
        text, code = text[: back.start()], code[: back.start()]
    done = 0
    for call in islice(_CALL.finditer(code), MOST):
        end = closing(code[: call.end() + SPAN], call.end() - 1) if call.start() >= done else -1
        if end > 0:
            done = end
            first = text.count("\n", 0, call.start()) + 1
            for at, last, step in _of_call(call["does"], text[call.end() : end - 1]):
                yield first + at, first + last, step


def _blank(match: re.Match[str]) -> str:
    """A comment, or what stands between quotes, without its brackets and words."""
    whole = re.sub(r"[^\n]", " ", match.group())
    return f'"{whole[1:-1]}"' if match["text"] else whole


def _of_call(does: str, inside: str) -> Iterator[Found]:
    """(lines below the call: first, last, step) of one call by its arguments."""
    text = _TEXT.match(inside)
    if does in ("query", "raw"):
        sql = text["text"].replace('\\"', '"') if text else ""
        yield from ((first - 1, last - 1, step) for first, last, step in steps(sql))
        return
    names = [word["word"].lower() for word in islice(_WORD.finditer(inside), 2)]
    named = _NAMED.search(inside)
    table = text["text"].lower() if text else named["name"].lower() if named else ""
    if does in ("createTable", "createTableIfNotExists", "alterTable", "table") and table:
        rows = list(_built(inside, table) if text else _listed(inside, table))
        columns = {name: kind for _, one in rows if one["do"] == "columns" for name, kind in one["columns"].items()}
        made = "table" if does.startswith("create") else "columns"
        yield 0, 0, {"do": made, "table": table, "columns": columns, "few": []}
        yield from ((inside.count("\n", 0, at),) * 2 + (one,) for at, one in rows if one["do"] != "columns")
    elif does in ("createIndex", "addColumn") and table:
        yield from ((0, inside.count("\n"), one) for _, one in _listed(inside, table))
    elif does == "dropIndex" and len(names) == 2:
        yield 0, 0, {"do": "index dropped", "name": names[1]}
    elif does == "dropColumn" and len(names) == 2:
        yield 0, 0, {"do": "column dropped", "table": names[0], "name": names[1]}
    elif does.startswith("dropTable") and table:
        yield 0, 0, {"do": "table dropped", "name": table}


def _built(inside: str, table: str) -> Iterator[tuple[int, Step]]:
    """Columns and indexes that calls on Knex' table make."""
    for call in islice(_BUILDS.finditer(inside), MOST):
        kind, name, at = call["kind"], call["name"].lower(), call.start()
        rest = inside[call.end() : call.end() + 400]
        if kind in ("index", "dropIndex"):
            lone = not (call["list"] and call["comma"])
            given = _WORD.search(rest.partition("]")[2].partition(")")[0] if call["list"] else rest.partition(")")[0])
            title = given["word"].lower() if given else f"{table}_{name}_index"
            if kind == "dropIndex":
                yield at, {"do": "index dropped", "name": title}
            else:
                yield at, _index(title, table, name if lone else "", unique=False)
        elif kind == "dropColumn":
            yield at, {"do": "column dropped", "table": table, "name": name}
        elif kind in _TYPES or _COLUMNS.fullmatch(kind):
            yield at, {"do": "columns", "table": table, "columns": {name: _TYPES.get(kind, kind)}}
            ended = re.split(r";|\n\s*\n|\n\s*\w+\s*\.\s*\w+\s*\(", rest, maxsplit=1)[0]
            if indexed := _INDEXED.search(ended):
                yield at, _index((indexed["name"] or f"{table}_{name}_index").lower(), table, name, unique=False)


def _listed(inside: str, table: str) -> Iterator[tuple[int, Step]]:
    """Columns and indexes that objects of TypeORM describe."""
    for found in islice(_OBJECT.finditer(inside), MOST):
        fields = {field["key"]: field["value"] for field in _FIELD.finditer(found["body"])}
        name = fields.get("name", "").strip("\"'`").lower()
        if "columnNames" in fields:
            columns = [word["word"].lower() for word in _WORD.finditer(fields["columnNames"])]
            lone = columns[0] if len(columns) == 1 else ""
            yield found.start(), _index(name, table, lone, unique="isUnique" in fields)
        elif name and "type" in fields:
            kind = fields["type"].strip("\"'`").lower()
            yield found.start(), {"do": "columns", "table": table, "columns": {name: _TYPES.get(kind, kind)}, "few": []}


def _index(name: str, table: str, column: str, *, unique: bool) -> Step:
    return {"do": "index", "name": name, "table": table, "column": column, "unique": unique, "where": ""}
