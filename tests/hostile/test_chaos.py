"""The large forms, each in a process of its own that is weighed: `make chaos`."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.hostile import making
from tests.hostile.trees import filled

pytestmark = pytest.mark.chaos
MEMORY = 500  # MB, of the largest process, git's own included
MANAGE = str(Path(settings.BASE_DIR) / "manage.py")

LARGE = {
    "yaml bombs": (making.of(lambda: making.yaml_files(100_000)), 60),
    "100,000 deep": (making.of(lambda: making.nested_files(100_000)), 60),
    "10 MB lines": (making.of(lambda: making.long_files(10_000_000)), 60),
    "2 MB lines": (making.of(lambda: making.long_files(2_000_000)), 120),
    "a million secrets": (making.of(lambda: making.secret_files(1_000_000)), 60),
    "as many secrets as fit": (making.of(lambda: making.secret_files(70_000)), 180),
    "16,384 cases of a name": (lambda folder: filled(folder, making.cases(16_384)), 60),
    "200,000 files": (lambda folder: filled(folder, making.many(200_000)), 240),
    "1 GB blobs": (lambda folder: making.large_blob(folder, 2**30), 120),
    "400 MB blobs": (lambda folder: making.large_blob(folder, 400_000_000), 120),
    "600 MB in a small pack": (making.of(lambda: making.packed_bombs(300)), 120),
}


# A process inherits the weight of the one that forks it, so a small one stands between us and what is weighed.
SCALES = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
sys.exit(code)
"""


def weighed(folder: Path, *words: object) -> tuple[int, str, str, float, int]:
    """(exit code, output, errors, seconds, MB of the largest process) of `manage.py` with these words."""
    began, weight = time.monotonic(), folder / "weight"
    command = [sys.executable, "-c", SCALES, str(weight), sys.executable, MANAGE, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - began, int(weight.read_text())


@pytest.mark.parametrize("name", LARGE)
def test_it_is_scanned_within_bounds(tmp_path, name):
    make, seconds = LARGE[name]
    code, out, errors, took, memory = weighed(tmp_path, "scan", make(tmp_path / "odd").path, "--json")
    sys.stdout.write(f"{name}: {took:.1f} s, {memory} MB\n")
    assert (code, errors) == (0, "")
    said = json.loads(out)
    assert "secret.env" in {one["path"] for one in said["observations"]} or "cases" in name
    assert said["observations"]
    assert memory < MEMORY
    assert took < seconds


def test_a_tree_of_ten_million_files_is_refused_in_one_line(tmp_path):
    code, out, errors, took, memory = weighed(tmp_path, "scan", making.tree_bomb(tmp_path / "odd", 7).path)
    assert (code, out) == (2, "")
    assert errors.strip().endswith("has more than 500,000 files")
    assert memory < MEMORY
    assert took < 120
