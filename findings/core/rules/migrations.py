"""PostgreSQL: indexes, as they stand after all migrations, on a column that can hold only a few values."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

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
    version=1,
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
_MYSQL = re.compile(r"\bENGINE\s{0,9}=\s{0,9}(?:InnoDB|MyISAM)\b|\bAUTO_INCREMENT\b", re.I)
_NOT_OURS = words("tests test fixtures testdata clickhouse vendor node_modules target")
_GENERATED = frozenset({"up.sql", "migration.sql"})
_TYPE = re.compile(r"(?:\"?\w+\"?\.)?\"?(?P<name>\w+)\"?(?P<array>\s*\[)?")
BOOLEAN = "boolean"
MOST = 5_000  # steps of one file: a dump of a large database has fewer


def classify(path: str) -> str:
    """SQL that changes a database; not the ways back, not tests, not documents."""
    *folders, name = segments(path)
    if not name.endswith(".sql") or _DOWN_NAME.search(name) or is_document(path) or not _NOT_OURS.isdisjoint(folders):
        return ""
    return "code:migration"


def extract(blob: Blob) -> Facts:
    """{"steps": what the file does to types, tables and indexes, in order}; nothing for other databases' files."""
    text = blob.text
    if has_clickhouse(text) or _MYSQL.search(text):
        return {}
    down = _DOWN.search(text)
    found = [_placed(blob, *step) for step in islice(steps(text[: down.start()] if down else text), MOST + 1)]
    if len(found) > MOST:
        raise Unreadable(f"more than {MOST} statements that change the schema")
    return {"steps": found} if found else {}


def _placed(blob: Blob, line: int, last: int, step: Step) -> Step:
    return {**step, **blob.spot(line, last)} if step["do"] == "index" and step["column"] else step


@dataclass(slots=True)
class Schema:
    """A database while its migrations are replayed. Columns are (table, column)."""

    types: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    few: set[tuple[str, str]] = field(default_factory=set)
    indexes: dict[str, tuple[str, Step]] = field(default_factory=dict)

    def take(self, path: str, step: Step) -> None:
        """Does what one step says."""
        do, name, new = step["do"], step.get("name", ""), step.get("new", "")
        if do in ("table", "columns"):
            self._columns(step)
        elif do == "index":
            name = name or f"{step['table']}_{step['column']}_idx"
            self.indexes.setdefault(name, (path, {**step, "name": name}))
        elif do == "index dropped":
            self.indexes.pop(name, None)
        elif do == "index renamed" and name in self.indexes:
            held, index = self.indexes.pop(name)
            self.indexes[new] = (held, {**index, "name": new})
        elif do == "type":
            self.types[name] = step["type"]
        elif do == "type renamed" and name in self.types:
            self.types[new] = self.types.pop(name)
        elif do == "table dropped":
            self._moved(lambda table, column: None if table == name else (table, column))
        elif do == "table renamed":
            self._moved(lambda table, column: (new if table == name else table, column))
        elif do == "column dropped":
            self._moved(lambda *at: None if at == (step["table"], name) else at)
        elif do == "column renamed":
            self._moved(lambda *at: (step["table"], new) if at == (step["table"], name) else at)

    def _columns(self, step: Step) -> None:
        table = step["table"]
        self.columns.update({(table, name): kind for name, kind in step["columns"].items()})
        self.few.update((table, name) for name in step["few"])

    def _moved(self, where: Callable[[str, str], tuple[str, str] | None]) -> None:
        """Every column and index goes where `where` says, or away."""
        self.columns = {new: kind for at, kind in self.columns.items() if (new := where(*at))}
        self.few = {new for at in self.few if (new := where(*at))}
        moved = ((name, path, index, where(index["table"], index["column"]))
                 for name, (path, index) in self.indexes.items())  # fmt: skip
        self.indexes = {
            name: (path, {**index, "table": new[0], "column": new[1]}) for name, path, index, new in moved if new
        }

    def kind(self, table: str, column: str) -> str:
        """What makes a column one of few values: "boolean", "enum", or nothing."""
        if (table, column) in self.few:
            return ENUM
        found = _TYPE.match(self.columns.get((table, column), ""))
        name = found["name"].lower() if found and not found["array"] else ""
        name = self.types.get(name, name)
        return {"bool": BOOLEAN}.get(name, name if name in (BOOLEAN, ENUM) else "")


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per table and index, of each folder of migrations."""
    folders: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        folders[_database(place.path)].append(place)
    for files in folders.values():
        schema = Schema()
        for place in sorted(files, key=lambda place: in_order(place.path)):
            for step in place.facts["steps"]:
                schema.take(place.path, step)
        for path, index in schema.indexes.values():
            kind = schema.kind(index["table"], index["column"])
            if kind and not index["unique"]:
                yield _observation(path, index, kind)


def _database(path: str) -> str:
    """The folder whose files make one database: for tools with a folder per migration, the one above."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[0] if name in _GENERATED else folder


def _observation(path: str, index: Step, kind: str) -> Observation:
    rare = re.search(rf"\b{re.escape(index['column'])}\b", index["where"])
    what = {BOOLEAN: "a boolean", ENUM: "one of a few states"}[kind]
    return observe(
        LOW,
        path,
        index,
        f"Index {index['name']} on {index['table']} ({index['column']}) has only {what} to tell rows apart",
        identity=Identity.LOGICAL,
        key=f"{index['table']}.{index['name']}",
        properties={"confidence": "low" if rare else "high", "type": kind, "where": index["where"]},
    )


FAMILY = Family("migrations", (LOW,), {"code:migration": 1}, classify, extract, judge)
