"""The memory that a worker needs for a very large tree, measured in a process of its own."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from benchmarks import trees
from benchmarks.table import show
from findings.facts import DatabaseStore
from findings.git import Mirror
from findings.models import Repository
from findings.scanner import scan

FILES = 200_000
LIMIT = 500  # MB
KEY = b"benchmark"
SCRIPT = """
import django
django.setup()
from benchmarks.memory import scanned
scanned({path!r}, {place!r}, {repository!r}, {since!r})
"""
PLACE = ("NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


def scanned(path: str, place: dict[str, object], repository: int, since: str) -> None:
    """Scan into a database, and say what it took at most. Runs in the process that is measured."""
    connection.settings_dict.update(place)
    mirror = Mirror(path)
    result = scan(mirror, mirror.resolve("main"), DatabaseStore(repository), KEY, since=since, all_refs=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(result.counts.files, len(result.batch.observations), peak)


@pytest.mark.django_db(transaction=True)
def bench_memory_of_a_very_large_tree(tmp_path: Path, repository: Repository) -> None:
    """200,000 small files: a first scan, and one that knows all facts and has the fold in the database."""
    origin = tmp_path / "origin.git"
    trees.commit(origin, [("all", trees.mixed(FILES, trees.Terse(1)))])
    place = {name: connection.settings_dict[name] for name in PLACE}
    root = Path(__file__).resolve().parent.parent
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "nova_dashboard.settings",
        "NOVA_VAR": str(tmp_path / "var"),
        "DEBUG": "0",  # which keeps every statement
    }
    rows = []
    for name, since in (("first scan", ""), ("the next scan", Mirror(origin).resolve("main"))):
        script = SCRIPT.format(path=str(origin), place=place, repository=repository.pk, since=since)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=root, env=surroundings, stdout=subprocess.PIPE, check=True
        )
        files, seen, peak = map(int, done.stdout.split())
        rows.append((name, files, seen, peak))
    show(f"Memory of a worker, {FILES} files", ("scan", "files", "seen", "MB at most"), rows)
    assert max(row[3] for row in rows) < LIMIT
