"""House rules that readers rely on, held for every file: who imports whom, how long things get, what is absent."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
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


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A module that was parsed once and walked once, for all the rules that look at it."""

    path: str  # from the root
    tree: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        return tuple(node for node in self.nodes if isinstance(node, Function))

    @cached_property
    def imports(self) -> tuple[ast.Import | ast.ImportFrom, ...]:
        """The imports that happen when it runs: what only type checkers see is left out."""
        seen_by_checkers = {
            below
            for node in self.nodes
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            for statement in node.body
            for below in ast.walk(statement)
        }
        return tuple(
            node
            for node in self.nodes
            if isinstance(node, ast.Import | ast.ImportFrom) and node not in seen_by_checkers
        )

    @cached_property
    def imported(self) -> set[str]:
        """Absolute names of the modules it imports."""
        package = self.path.removesuffix(".py").split("/")[:-1]
        names: set[str] = set()
        for node in self.imports:
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            else:
                base = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*base, *([node.module] if node.module else [])])
                names |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
        return names


@cache
def parsed(file: Path) -> Source:
    return Source(str(file.relative_to(ROOT)), ast.parse(file.read_text()))


def sources(*roots: str) -> Iterator[Source]:
    """Every module, migrations left out: Django writes those."""
    files = (file for root in roots for file in sorted((ROOT / root).rglob("*.py")))
    yield from (parsed(file) for file in files if "migrations" not in file.parts)


def layer(module: str) -> int:
    return LAYERS.get(([*module.split("."), ""])[1], HELPERS)


def test_findings_know_nothing_of_remediation_and_neither_knows_the_dashboard():
    wrong = [
        f"{source.path} imports {name}"
        for rank, package in enumerate(PACKAGES)
        for source in sources(package)
        for name in source.imported
        if name.split(".")[0] in PACKAGES[rank + 1 :]
    ]
    assert not wrong


def test_imports_point_from_the_doors_to_the_core():
    wrong = [
        f"{source.path} imports {name}"
        for source in sources("findings", "remediation")
        for name in source.imported
        if name.split(".")[0] in ("findings", "remediation") and "." in name
        if layer(name) > layer(source.path.removesuffix(".py").replace("/", "."))
    ]
    assert not wrong


def test_the_core_imports_nothing_of_the_outside_world():
    wrong = [
        f"{source.path} imports {name}"
        for source in sources("findings/core", "remediation/core")
        for name in source.imported
        if name.split(".")[0] in OUTSIDE_WORLD and not name.startswith("os.path")
    ]
    assert not wrong


def test_the_core_asks_no_clock_and_opens_no_file():
    wrong = [
        f"{source.path}:{node.lineno} calls {ast.unparse(node.func)}"
        for source in sources("findings/core", "remediation/core")
        for node in source.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CLOCKS_AND_FILES
    ]
    assert not wrong


def test_imports_stand_at_the_top_of_the_file():
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in sources(*PACKAGES, "tests")
        for node in source.imports
        if any(function.lineno <= node.lineno <= (function.end_lineno or 0) for function in source.functions)
    ]
    assert not wrong


def test_nothing_happens_by_signal_or_in_save():
    wrong = [
        f"{source.path} imports {name}"
        for source in sources(*PACKAGES)
        for name in source.imported
        if "signals" in name.split(".") or name.startswith(("django.dispatch", "blinker"))
    ]
    wrong += [
        f"{source.path}:{function.lineno} overrides {function.name}"
        for source in sources(*PACKAGES)
        if "/models" in source.path
        for function in source.functions
        if function.name in ("save", "delete")
    ]
    assert not wrong


def test_only_actions_write_rows():
    doors = [
        source
        for source in sources("findings", "remediation")
        if layer(source.path.removesuffix(".py").replace("/", ".")) in (0, DOORS) or "/reads" in source.path
    ]
    wrong = [
        f"{source.path}:{node.lineno} {ast.unparse(node.func)}"
        for source in doors
        for node in source.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS
        if ".objects." in ast.unparse(node.func)
    ]
    assert not wrong


def test_functions_are_short():
    lengths = {
        f"{source.path}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for source in sources(*PACKAGES)
        for function in source.functions
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
        f"{source.path}:{node.lineno} {node.left.value!r}"
        for source in sources("tests")
        for node in source.nodes
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
