"""What Alembic's Python migrations do to tables, columns and indexes, as the steps of `sqlsteps`: read, never run."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from findings.core.errors import Unreadable
from findings.core.sqlsteps import ENUM, Step, limited, steps

LONGEST = 500_000
_TYPES = {
    "Boolean": "boolean",
    "BOOLEAN": "boolean",
    "String": "varchar",
    "VARCHAR": "varchar",
    "Unicode": "varchar",
    "Text": "text",
    "TEXT": "text",
    "CHAR": "char",
    "SmallInteger": "smallint",
    "Enum": ENUM,
    "ENUM": ENUM,
}

Found = tuple[int, int, Step]  # first line, last line, step
Placed = tuple[ast.Call, Step]


def revision(text: str) -> tuple[str, list[str], list[Found]]:
    """(its name, those it follows, what its upgrade does) of a migration. Raises Unreadable where it is no Python."""
    if len(text) > LONGEST:
        raise Unreadable("a migration that is longer than any")
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable("a migration that is no Python") from error
    named: dict[str, ast.expr] = {}
    found: list[Found] = []
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            named |= {target.id: node.value} if isinstance(target, ast.Name) else {}
        elif isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            found += _of_body(node.body, "op", "")
    return _text(named.get("revision")), _texts(named.get("down_revision")), found


def in_turn(names: Sequence[tuple[str, Sequence[str]]]) -> list[int]:
    """The places of revisions, each behind those it follows; what is left of a circle keeps its order."""
    known, done, order = {name for name, _ in names if name}, set[str](), list[int]()
    left = list(range(len(names)))
    while left:
        ready = [at for at in left if all(one in done or one not in known for one in names[at][1])] or left[:1]
        order += ready
        done.update(names[at][0] for at in ready)
        left = [at for at in left if at not in set(ready)]
    return order


def _of_body(body: Iterable[ast.stmt], name: str, table: str) -> Iterator[Found]:
    """Calls of `name` in statements; `table`: the one that a batch is about."""
    for node in body:
        if isinstance(node, ast.With) and (batch := _batch(node)):
            yield from _of_body(node.body, *batch)
        elif isinstance(node, ast.If | ast.With | ast.For | ast.Try):
            yield from _of_body(node.body, name, table)
        else:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _called(call.func, name):
                    yield from ((at.lineno, at.end_lineno or at.lineno, step) for at, step in _steps(call, table))


def _batch(node: ast.With) -> tuple[str, str] | None:
    """(the name of the batch, its table) of `with op.batch_alter_table("t") as batch:`."""
    item = node.items[0]
    call, target = item.context_expr, item.optional_vars
    batch = (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "batch_alter_table"
    )
    if batch and isinstance(call, ast.Call) and isinstance(target, ast.Name):
        return target.id, _text(_argument(call, 0, "table_name"))
    return None


def _called(function: ast.expr, name: str) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name


def _steps(call: ast.Call, table: str) -> Iterator[Placed]:
    does = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    first = 0 if table else 1  # where the arguments behind the table begin
    on = table or _text(_argument(call, 0, "table_name")).lower()
    if does == "create_table":
        yield from _table(_text(_argument(call, 0, "table_name")).lower(), call)
    elif does == "add_column":
        yield from _columns(on, call, [_argument(call, first, "column")])
    elif does == "create_index":
        yield call, _index(call, table)
    elif does == "drop_index":
        yield call, {"do": "index dropped", "name": _text(_argument(call, 0, "index_name")).lower()}
    elif does == "drop_table":
        yield call, {"do": "table dropped", "name": on}
    elif does == "rename_table":
        yield call, {"do": "table renamed", "name": on, "new": _text(_argument(call, 1, "new_table_name")).lower()}
    elif does == "drop_column":
        yield call, {"do": "column dropped", "table": on, "name": _text(_argument(call, first, "column_name")).lower()}
    elif does == "alter_column":
        yield from ((call, step) for step in _altered(on, _text(_argument(call, first, "column_name")).lower(), call))
    elif does == "execute":
        yield from ((call, step) for _, _, step in steps(_text(_argument(call, 0, "sqltext"))))


def _table(table: str, call: ast.Call) -> Iterator[Placed]:
    yield call, {"do": "table", "table": table, "columns": {}, "few": []}
    yield from _columns(table, call, call.args[1:])


def _columns(table: str, call: ast.Call, parts: Iterable[ast.expr | None]) -> Iterator[Placed]:
    """The columns among the arguments, those that may hold few values, and the indexes they ask for."""
    columns: dict[str, str] = {}
    few: list[str] = []
    indexed: list[tuple[ast.Call, str]] = []
    for part in parts:
        if not isinstance(part, ast.Call):
            continue
        if _name(part.func) == "Column" and (column := _text(_argument(part, 0, "name")).lower()):
            columns[column] = _type(_argument(part, 1, "type_"))
            indexed += [(part, column)] if _is_true(_argument(part, -1, "index")) else []
        elif _name(part.func) == "CheckConstraint":
            few += limited(f"CHECK ({_text(_argument(part, 0, 'sqltext'))})")
    yield call, {"do": "columns", "table": table, "columns": columns, "few": few}
    for part, column in indexed:
        yield part, _made(f"ix_{table}_{column}", table, column)


def _index(call: ast.Call, table: str) -> Step:
    name, at = _text(_argument(call, 0, "index_name")).lower(), 1 if table else 2
    keys = _argument(call, at, "columns")
    only = keys.elts[0] if isinstance(keys, ast.List | ast.Tuple) and len(keys.elts) == 1 else None
    on = table or _text(_argument(call, 1, "table_name")).lower()
    where = _text(_argument(call, -1, "postgresql_where")).lower()
    return _made(name, on, _text(only).lower(), _is_true(_argument(call, -1, "unique")), where)


def _made(name: str, table: str, column: str, unique: bool = False, where: str = "") -> Step:
    if not column:
        return {"do": "index", "name": name, "table": table, "column": ""}
    return {"do": "index", "name": name, "table": table, "column": column, "unique": unique, "where": where[:200]}


def _altered(table: str, column: str, call: ast.Call) -> Iterator[Step]:
    if kind := _argument(call, -1, "type_"):
        yield {"do": "columns", "table": table, "columns": {column: _type(kind)}, "few": []}
    if new := _text(_argument(call, -1, "new_column_name")).lower():
        yield {"do": "column renamed", "table": table, "name": column, "new": new}


def _type(node: ast.expr | None) -> str:
    """The database's name of a column's type: `sa.Boolean()` and `sa.Boolean` are one."""
    name = _name(node.func if isinstance(node, ast.Call) else node)
    return _TYPES.get(name, name.lower())


def _argument(call: ast.Call, at: int, name: str) -> ast.expr | None:
    named = next((one.value for one in call.keywords if one.arg == name), None)
    return named or (call.args[at] if 0 <= at < len(call.args) else None)


def _name(node: ast.expr | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: Any) -> str:
    """The text of a literal, also within `op.f(…)`, `sa.text(…)` and other calls of one argument."""
    if isinstance(node, ast.Call) and node.args:
        return _text(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _texts(node: ast.expr | None) -> list[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return [text for part in parts if (text := _text(part))]


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
