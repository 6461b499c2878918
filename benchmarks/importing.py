"""SARIF reports of many results into a PostgreSQL with its default durability: first import, the same again, churn.

Each import runs in a process of its own (`benchmarks.importer`), so that its peak memory is its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.table import show
from nova_dashboard.servers import Postgres

FLOOR = 100_000  # rows
CHILD = "import django; django.setup(); from benchmarks.importer import main; main()"
HEAD = ("results", "import", "parse s", "track s", "write s", "all s", "of floor", "statements", "peak MB")


def report(numbers: list[int], category: str) -> bytes:
    """A SARIF log with one result for each number."""
    results = [
        {
            "ruleId": f"rule-{n % 40}",
            "level": "warning",
            "message": {"text": f"Problem {n} in function f{n}"},
            "partialFingerprints": {"primaryLocationLineHash": f"{n:016x}:1"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/file{n % 500}.py"},
                        "region": {"startLine": n // 500 + 1, "snippet": {"text": f"call_{n}(value)"}},
                    }
                }
            ],
        }
        for n in numbers
    ]
    run = {"tool": {"driver": {"name": "bench"}}, "automationDetails": {"id": f"{category}/"}, "results": results}
    log = {"version": "2.1.0", "runs": [run]}
    return json.dumps(log).encode()


def bench_imports(tmp_path: Path) -> None:
    """Ten thousand and a hundred thousand results; `NOVA_BENCH_MILLION=1` adds a million in ten files."""
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as place:
        server = Postgres(Path(place))
        server.start()
        try:
            _in_its_own_process(place, "prepare")
            floor = _in_its_own_process(place, "floor", str(FLOOR))["seconds"]
            rows = [row for size in (1_000, 10_000, 100_000) for row in _three(place, str(size), size, 1, floor)]
            if os.environ.get("NOVA_BENCH_MILLION"):
                rows += _three(place, "million", 100_000, 10, floor)
        finally:
            server.stop()
    show(f"Imports; the floor is COPY of {FLOOR:,} such rows: {floor:.2f} s", HEAD, rows)
    for one in rows:
        assert int(str(one[7])) <= 40, one


def _three(place: str, name: str, size: int, files: int, floor: float) -> list[tuple[object, ...]]:
    """First import, the same again, one of a hundred gone, churn: a tenth gone, a tenth new, one of a hundred back."""
    tenth, hundredth, rows = size // 10, size // 100, []
    reports = {
        "first": range(size),
        "the same again": range(size),
        "1 % gone": range(hundredth, size),
        "10 % gone, 10 % new, 1 % back": [*range(hundredth), *range(hundredth + tenth, size + tenth)],
    }
    for kind, numbers in reports.items():
        said = [_import(place, f"{name}-{n}", list(numbers)) for n in range(files)]
        parse, track, write = (sum(one[stage] for one in said) for stage in ("parse", "track", "write"))
        ratio = (parse + track + write) / (floor * size * files / FLOOR)
        peak, statements = max(one["peak"] for one in said), max(one["statements"] for one in said)
        rows.append((f"{size * files:,}", kind, parse, track, write, parse + track + write, ratio, statements, peak))
    return rows


def _import(place: str, category: str, numbers: list[int]) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".sarif") as file:
        file.write(report(numbers, category))
        file.flush()
        return _in_its_own_process(place, "import", file.name)


def _in_its_own_process(place: str, *words: str) -> dict[str, Any]:
    environment = os.environ | {"NOVA_VAR": place, "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings"}
    done = subprocess.run([sys.executable, "-c", CHILD, *words], env=environment, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))
