"""House rules that readers rely on, held for every file: who imports whom, how long things get, what is absent."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("findings", "remediation", "nova_dashboard")

# Every layer may import from its own and from lower ones, in its own package and in those that PACKAGES lists before.
LAYERS = {"core": 0}
LAYERS |= dict.fromkeys(
    ("models", "querysets", "events", "facts", "folds", "git", "memory", "scanner", "templatetags", "wake"), 1
)
HELPERS = 2  # actions, and whatever has no place of its own
DOORS = 3
LAYERS |= dict.fromkeys(("admin", "api", "management", "tasks", "urls", "views", "webhooks"), DOORS)
OUTSIDE_WORLD = {
    "asyncio", "celery", "django", "environ", "git", "http", "kombu", "multiprocessing", "os", "psutil", "psycopg",
    "random", "redis", "requests", "secrets", "shutil", "smtplib", "socket", "sqlite3", "subprocess", "tempfile",
    "threading", "time",
}  # fmt: skip
CLOCKS_AND_FILES = {"open", "now", "today", "utcnow", "localdate", "read_text", "read_bytes", "write_text", "print"}
WRITERS = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}


@cache
def sources(*roots: str) -> tuple[tuple[str, ast.Module], ...]:
    """(path from the root, syntax tree) of every module, migrations left out: Django writes those."""
    files = [file for root in roots for file in sorted((ROOT / root).rglob("*.py")) if "migrations" not in file.parts]
    return tuple((str(file.relative_to(ROOT)), ast.parse(file.read_text())) for file in files)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(path: str, tree: ast.Module) -> set[str]:
    """Absolute names of the modules a file imports when it runs (what only type checkers see is left out)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = []
    package = path.removesuffix(".py").split("/")[:-1]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            names |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return names


def layer(module: str) -> int:
    return LAYERS.get(([*module.split("."), ""])[1], HELPERS)


def test_findings_know_nothing_of_remediation_and_neither_knows_the_dashboard():
    wrong = [
        f"{path} imports {name}"
        for rank, package in enumerate(PACKAGES)
        for path, tree in sources(package)
        for name in imported(path, tree)
        if name.split(".")[0] in PACKAGES[rank + 1 :]
    ]
    assert not wrong


def test_imports_point_from_the_doors_to_the_core():
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources("findings", "remediation")
        for name in imported(path, tree)
        if name.split(".")[0] in ("findings", "remediation") and "." in name
        if layer(name) > layer(path.removesuffix(".py").replace("/", "."))
    ]
    assert not wrong


def test_the_core_imports_nothing_of_the_outside_world():
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources("findings/core", "remediation/core")
        for name in imported(path, tree)
        if name.split(".")[0] in OUTSIDE_WORLD and not name.startswith("os.path")
    ]
    assert not wrong


def test_the_core_asks_no_clock_and_opens_no_file():
    wrong = [
        f"{path}:{node.lineno} calls {ast.unparse(node.func)}"
        for path, tree in sources("findings/core", "remediation/core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CLOCKS_AND_FILES
    ]
    assert not wrong


def test_imports_stand_at_the_top_of_the_file():
    wrong = [
        f"{path}:{inner.lineno}"
        for path, tree in sources(*PACKAGES, "tests")
        for function in functions(tree)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not wrong


def test_nothing_happens_by_signal_or_in_save():
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources(*PACKAGES)
        for name in imported(path, tree)
        if "signals" in name.split(".") or name.startswith(("django.dispatch", "blinker"))
    ]
    wrong += [
        f"{path}:{function.lineno} overrides {function.name}"
        for path, tree in sources(*PACKAGES)
        if "/models" in path
        for function in functions(tree)
        if function.name in ("save", "delete")
    ]
    assert not wrong


def test_only_actions_write_rows():
    doors = [
        (path, tree)
        for path, tree in sources("findings", "remediation")
        if layer(path.removesuffix(".py").replace("/", ".")) in (0, DOORS) or "/reads" in path
    ]
    wrong = [
        f"{path}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in doors
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS
        if ".objects." in ast.unparse(node.func)
    ]
    assert not wrong


def test_functions_are_short():
    lengths = {
        f"{path}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path, tree in sources(*PACKAGES)
        for function in functions(tree)
    }
    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert sorted(lengths.values())[len(lengths) * 9 // 10] <= 25, "the 90th percentile"


@pytest.mark.parametrize(
    ("roots", "pattern", "limit"),
    [
        ((*PACKAGES, "tests", "benchmarks"), "*.py", 400),
        (("templates",), "*", 150),
    ],
)
def test_files_are_short(roots, pattern, limit):
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for root in roots
        for file in (ROOT / root).rglob(pattern)
        if file.is_file() and not {"migrations", "__pycache__"} & set(file.parts)
    }
    assert {name: length for name, length in lengths.items() if length > limit} == {}


def test_our_own_javascript_stays_under_150_lines():
    assert sum(len(file.read_text().splitlines()) for file in (ROOT / "static").rglob("*.js")) < 150


def test_pages_load_nothing_from_elsewhere():
    loads = re.compile(r"""<(?:script|link|img|iframe|source)[^>]*\s(?:src|href)=["']?(?:https?:)?//|@import|url\(""")
    wrong = [
        str(file.relative_to(ROOT))
        for root in ("templates", "static")
        for file in (ROOT / root).rglob("*")
        if file.suffix in (".html", ".css", ".js", ".svg") and loads.search(file.read_text())
    ]
    assert not wrong


def test_no_test_fails_by_chance_on_a_random_token():
    """Pages carry random tokens of letters and digits: a short word that should be absent will stand in one some day."""
    wrong = [
        f"{path}:{node.lineno} {node.left.value!r}"
        for path, tree in sources("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn) and isinstance(node.left, ast.Constant)
        if isinstance(node.left.value, str | bytes) and node.left.value.isalnum() and len(node.left.value) < 4
        if ".content" in ast.unparse(node.comparators[0])
    ]
    assert not wrong


def texts() -> Iterator[tuple[str, str]]:
    """Everything a person wrote in this tree, but this file: it has to name what it forbids."""
    skipped = {".git", ".venv", "var", "__pycache__", "node_modules"}
    kinds = {".py", ".html", ".txt", ".css", ".js", ".md", ".toml", ".in", ".svg", ".po"}
    for file in sorted(ROOT.rglob("*")):
        inside = file.relative_to(ROOT)
        hidden = inside.parts[0].startswith(".") and inside.parts[0] != ".ci"
        if hidden or skipped & set(inside.parts) or not file.is_file() or file == Path(__file__):
            continue
        if file.suffix in kinds or file.name == "Makefile" or ".ci" in inside.parts:
            yield str(inside), file.read_text()


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("work left for later", r"\b(?:TODO|FIXME|XXX|HACK)\b"),
        ("a warning that is silenced", r"#\s*noqa|type:\s*ignore|pragma: no cover"),
        # But for machines without Chromium, where the browser tests say so loudly.
        ("a test that does not run", r"\bpytest\.(?:mark\.)?(?:skip|xfail)(?!\(f\"NO BROWSER)|unittest\.skip"),
        ("a path of somebody's machine", r"(?<![\w.])/work/|(?<!\w)/home/(?!ci/)\w+/|/root/\w"),
        ("the host of a package registry", r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org"),
    ],
)
def test_the_tree_is_free_of(what, pattern):
    wrong = [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1} {found.group()}"
        for name, text in texts()
        for found in re.finditer(pattern, text)
    ]
    assert not wrong, what
