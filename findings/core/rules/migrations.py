"""PostgreSQL: indexes, as they stand after all migrations, on a column that can hold only a few values."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from findings.core import alembic, jsmigrations, seaorm
from findings.core.errors import Unreadable
from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe, segments
from findings.core.marking import gettext_noop
from findings.core.sqlsteps import ENUM, Step, steps
from findings.core.sqltext import has_clickhouse, in_order
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words

LOW = RuleInfo(
    key="postgres/low-cardinality-index",
    title=gettext_noop("Index on a column with only a few values"),
    priority=Priority.P2,
    version=4,
    help=gettext_noop("""\
An index pays off where it leads to few rows. On a boolean or a short list of states one entry leads to a large part of
the table, so the planner reads the table anyway, while every insert and update keeps the index up to date and every
cache holds a piece of it.

**How to fix**: drop it in a new migration (`DROP INDEX CONCURRENTLY`). Where one value is rare and asked for, index
what the query sorts or filters on besides, for those rows only.

Before:

```sql
CREATE INDEX orders_paid ON orders (paid);
```

After:

```sql
DROP INDEX CONCURRENTLY IF EXISTS orders_paid;
CREATE INDEX orders_unpaid_by_day ON orders (created_at) WHERE NOT paid;
```
"""),
)

_DOWN = re.compile(r"^--[ \t]*(?:\+(?:goose|migrate)[ \t]+down|migrate:down|@?undo|//@undo|down[ \t]*$)", re.I | re.M)
_DOWN_NAME = re.compile(r"(?:^|[._-])(?:down|undo|rollback|revert)\.sql$|^u\d[\w.]*__", re.I)
_OTHERS = re.compile(
    r"\bENGINE\s{0,9}=\s{0,9}(?:InnoDB|MyISAM)\b|\bAUTO_?INCREMENT\b|\b(?:TABLE|INDEX)\s+(?:IF\s+NOT\s+EXISTS\s+)?`",
    re.I,
)
_OTHERS_SAY = ("innodb", "myisam", "increment", "`")
_NOT_OURS = words("tests test fixtures testdata clickhouse vendor node_modules target")
_MIGRATIONS = words("migrations migration")
_ANYBODYS = words(
    "migrations migration migrate migrator sql sqls db database databases schema schemas postgres postgresql pg src "
    "alembic versions drizzle prisma supabase flyway liquibase sqitch deploy up init main resources infra "
    "infrastructure backend server services service apps app crates packages libs internal ."
)
_GENERATED = frozenset({"up.sql", "migration.sql"})
_TYPE = re.compile(r"(?:\"?\w+\"?\.)?\"?(?P<name>\w+)\"?(?P<array>\s*\[)?")
_SHORT = words("text varchar character char citext bpchar smallint int2")
_STATE = re.compile(
    r"(?:^|_)(?:status|state|kind|type|role|severity|priority|gender|tier|stage|phase|mode|visibility)$"
)
_FLAG = re.compile(r"^(?:is|has|can|was)_\w")
_SEAORM_NAME = re.compile(r"m\d{8}_\d{4,6}_")
_PART_OF = re.compile(r"v?\d+(?:[._-]\d+)*")
BOOLEAN = "boolean"
NAMED = "named"
MOST = 5_000  # steps of one file: a dump of a large database has fewer


def classify(path: str) -> str:
    """SQL and programs that change a database; not the ways back, not tests, not documents."""
    *folders, name = segments(path)
    if name.endswith(".rs"):
        return "code:seaorm" if _SEAORM_NAME.match(name) and _NOT_OURS.isdisjoint(folders) else ""
    if name.endswith(".py"):
        return "code:alembic" if folders[-1:] == ["versions"] and _NOT_OURS.isdisjoint(folders) else ""
    if name.endswith((".ts", ".js", ".mjs", ".cjs")):
        ours = not _MIGRATIONS.isdisjoint(folders) and _NOT_OURS.isdisjoint(folders) and name[:1].isdigit()
        return "code:jsmigration" if ours else ""
    if not name.endswith(".sql") or _DOWN_NAME.search(name) or is_document(path) or not _NOT_OURS.isdisjoint(folders):
        return ""
    if "clickhouse" in name or folders[-1:] in (["down"], ["rollback"], ["rollbacks"], ["undo"], ["revert"]):
        return ""
    return "code:migration"


def extract(blob: Blob) -> Facts:
    """{"steps": what the file does to types, tables and indexes, in order}; nothing for other databases' files."""
    if blob.path_class == "code:alembic":
        return _of_alembic(blob)
    if blob.path_class == "code:seaorm":
        found = [_placed(blob, *one) for one in islice(seaorm.changes(blob.text), MOST)]
        return {"steps": found} if found and blob.mentions(b"sea_") else {}
    if blob.path_class == "code:jsmigration":
        known = any(map(blob.mentions, (b"typeorm", b"queryRunner", b"knex"))) and not blob.mentions(b"mysql")
        found = [_placed(blob, *one) for one in islice(jsmigrations.changes(blob.text), MOST)] if known else []
        return {"steps": found} if found else {}
    text = blob.text
    if has_clickhouse(text) or _is_others(text):
        return {}
    down = _DOWN.search(text)
    found = [_placed(blob, *step) for step in islice(steps(text[: down.start()] if down else text), MOST + 1)]
    if len(found) > MOST:
        raise Unreadable(f"more than {MOST} statements that change the schema")
    return {"steps": found} if found else {}


def _of_alembic(blob: Blob) -> Facts:
    """Steps, with the name of the revision and those it follows."""
    if not blob.mentions(b"alembic") or blob.mentions(b"mysql") or blob.mentions(b"mssql"):
        return {}
    name, after, found = alembic.revision(blob.text)
    return {"steps": [_placed(blob, *one) for one in found[:MOST]], "revision": name, "after": after}


def _is_others(text: str) -> bool:
    """Whether a file is for another database; the words are looked for first, since that is much faster."""
    lower = text.lower()
    return any(word in lower for word in _OTHERS_SAY) and bool(_OTHERS.search(text))


def _placed(blob: Blob, line: int, last: int, step: Step) -> Step:
    return {**step, **blob.spot(line, last)} if step["do"] == "index" and step["column"] else step


@dataclass(slots=True)
class Table:
    """A table during the replay: columns with their types, those of few values, names of its indexes; `made` where
    these migrations make it, so that they tell of all its columns.
    """

    made: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    few: set[str] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)


class Schema:
    """A database while its migrations are replayed. Each step costs what it touches."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.tables: dict[str, Table] = defaultdict(Table)
        self.indexes: dict[str, tuple[str, Step]] = {}

    def take(self, path: str, step: Step) -> None:
        """Does what one step says."""
        if step["do"] == "index":
            name = step["name"] or f"{step['table']}_{step['column']}_idx"
            if name not in self.indexes:
                self.indexes[name] = (path, {**step, "name": name})
                self.tables[step["table"]].indexes.add(name)
        else:
            _DOES[step["do"]](self, step)

    def made(self, step: Step) -> None:
        """A table that exists stays as it is."""
        self.tables[step["table"]].made = True
        if not self.tables[step["table"]].columns:
            self.changed(step)

    def changed(self, step: Step) -> None:
        """Columns are added, or get another type."""
        table = self.tables[step["table"]]
        table.few -= set(step["columns"])
        table.columns.update(step["columns"])
        table.few.update(step["few"])

    def likened(self, step: Step) -> None:
        """A table has the columns of another one."""
        table, other = self.tables[step["table"]], self.tables[step["of"]]
        table.columns = {**other.columns, **table.columns}
        table.few |= other.few

    def named(self, step: Step) -> None:
        """A type is made."""
        self.types[step["name"]] = step["type"]

    def type_renamed(self, step: Step) -> None:
        """A type has another name; columns that were made under the old one follow."""
        if step["name"] in self.types:
            self.types[step["new"]] = self.types[step["name"]]

    def index_dropped(self, step: Step) -> None:
        """An index is gone."""
        if held := self.indexes.pop(step["name"], None):
            self.tables[held[1]["table"]].indexes.discard(step["name"])

    def index_renamed(self, step: Step) -> None:
        """An index has another name."""
        if held := self.indexes.pop(step["name"], None):
            path, index = held
            self.indexes[step["new"]] = (path, {**index, "name": step["new"]})
            names = self.tables[index["table"]].indexes
            names.discard(step["name"])
            names.add(step["new"])

    def table_dropped(self, step: Step) -> None:
        """A table is gone, with its indexes."""
        for name in self.tables.pop(step["name"], Table()).indexes:
            self.indexes.pop(name, None)

    def table_renamed(self, step: Step) -> None:
        """A table has another name."""
        if step["name"] in self.tables:
            table = self.tables[step["new"]] = self.tables.pop(step["name"])
            for name in table.indexes:
                path, index = self.indexes[name]
                self.indexes[name] = (path, {**index, "table": step["new"]})

    def column_dropped(self, step: Step) -> None:
        """A column is gone, with the indexes on it."""
        table = self.tables[step["table"]]
        table.columns.pop(step["name"], None)
        table.few.discard(step["name"])
        for name in [name for name in table.indexes if self.indexes[name][1]["column"] == step["name"]]:
            self.index_dropped({"name": name})

    def column_renamed(self, step: Step) -> None:
        """A column has another name."""
        table, old, new = self.tables[step["table"]], step["name"], step["new"]
        if old in table.columns:
            table.columns[new] = table.columns.pop(old)
        if old in table.few:
            table.few = table.few - {old} | {new}
        for name in table.indexes:
            path, index = self.indexes[name]
            if index["column"] == old:
                self.indexes[name] = (path, {**index, "column": new})

    def kind(self, name: str, column: str) -> str:
        """What makes a column one of few values: "boolean", "enum", its name ("named"), or nothing."""
        table = self.tables[name]
        if column in table.few:
            return ENUM
        if not table.made and column not in table.columns:  # another folder's migrations make the table
            return BOOLEAN if _FLAG.search(column) else NAMED if _STATE.search(column) else ""
        found = _TYPE.match(table.columns.get(column, ""))
        kind = found["name"].lower() if found and not found["array"] else ""
        kind = self.types.get(kind, kind)
        if kind in _SHORT and _STATE.search(column):
            return NAMED
        return {"bool": BOOLEAN}.get(kind, kind if kind in (BOOLEAN, ENUM) else "")


_DOES: dict[str, Callable[[Schema, Step], None]] = {
    "table": Schema.made,
    "columns": Schema.changed,
    "like": Schema.likened,
    "type": Schema.named,
    "type renamed": Schema.type_renamed,
    "index dropped": Schema.index_dropped,
    "index renamed": Schema.index_renamed,
    "table dropped": Schema.table_dropped,
    "table renamed": Schema.table_renamed,
    "column dropped": Schema.column_dropped,
    "column renamed": Schema.column_renamed,
}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per service, table and index, of each folder of migrations."""
    folders: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        folders[_database(place.path)].append(place)
    for folder, files in folders.items():
        schema = Schema()
        for place in _in_order(files):
            for step in place.facts["steps"]:
                schema.take(place.path, step)
        for path, index in schema.indexes.values():
            kind = schema.kind(index["table"], index["column"])
            if kind and not index["unique"]:
                guessed = index["column"] not in schema.tables[index["table"]].columns
                yield _observation(path, index, kind, _service(folder), guessed)


def _in_order(files: Sequence[Place]) -> list[Place]:
    """The migrations of a folder as they are applied: by their numbers, or by what each says it follows."""
    found = sorted(files, key=_turn)
    names = [(place.facts.get("revision", ""), place.facts.get("after", ())) for place in found]
    return [found[at] for at in alembic.in_turn(names)] if any(name for name, _ in names) else found


def _database(path: str) -> str:
    """The folder whose files make one database; a folder of one migration, version or year is a part of it."""
    folder, _, name = path.rpartition("/")
    folder = folder.rpartition("/")[0] if name in _GENERATED else folder
    while _PART_OF.fullmatch(folder.rpartition("/")[2].lower()):
        folder = folder.rpartition("/")[0]
    return folder


def _service(folder: str) -> str:
    """What a database is of: the last folder whose name says more than that there are migrations in it. A copy of the
    whole tree has the same name, another service another one.
    """
    return next((part for part in reversed(folder.lower().split("/")) if part not in _ANYBODYS), "")


def _turn(place: Place) -> tuple[Any, ...]:
    """A sort key for migrations: by the numbers they begin with, so that V1_1 comes behind V1."""
    folder, _, name = place.path.rpartition("/")
    if name in _GENERATED:
        folder, _, name = folder.rpartition("/")
    number = re.match(r"[mvV]?(\d+(?:[._-]\d+)*)", name)
    numbers = [int(part) for part in re.findall(r"\d{1,30}", number[1])] if number else []
    return (in_order(folder), not numbers, numbers, in_order(name), place.path)


def _observation(path: str, index: Step, kind: str, service: str, guessed: bool) -> Observation:
    rare = re.search(rf"\b{re.escape(index['column'])}\b", index["where"])
    what = "a boolean" if kind == BOOLEAN else "one of a few states"
    return observe(
        LOW,
        path,
        index,
        f"Index {index['name']} on {index['table']} ({index['column']}) has only {what} to tell rows apart",
        identity=Identity.LOGICAL,
        key=f"{service}/{index['table']}.{index['name']}".lstrip("/"),
        properties={
            "confidence": "low" if rare else "medium" if kind == NAMED or guessed else "high",
            "type": kind,
            "where": index["where"],
        },
    )


FAMILY = Family(
    "migrations",
    (LOW,),
    {"code:migration": 2, "code:alembic": 1, "code:seaorm": 2, "code:jsmigration": 1},
    classify,
    extract,
    judge,
    part=_database,
)
