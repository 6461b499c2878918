"""One import, measured in the process it runs in; answers JSON on standard output. See `benchmarks.importing`."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection, transaction

from findings import actions
from findings.actions import batches
from findings.actions.bulk import steady_memory
from findings.core.formats.report import How
from findings.core.formats.table import FORMATS
from findings.core.redaction import find_values, redact
from findings.core.severity import scale_of
from findings.core.types import Batch
from findings.models import Repository, Run
from remediation.actions.imports import accept_import, preview_batches, take_batches
from tests.statements import counted


def main() -> None:
    """Do what the command line says."""
    verb, *words = sys.argv[1:]
    print(json.dumps({"prepare": prepare, "floor": floor, "import": take}[verb](*words)))


def prepare() -> dict[str, float]:
    """Tables, a team, and a repository that was scanned: one that was not has no grade."""
    call_command("migrate", verbosity=0)
    team = actions.create_team("bench", name="Bench", actor="bench")
    made = actions.track("https://git.example.com/bench.git", team=team, actor="bench", slug="bench", branch="main")
    Repository.objects.filter(pk=made.pk).update(proven_commit="0" * 40)
    return {}


COLUMNS = """id bigint, finding bigint, component bigint, path text, line int, end_line int, message text, at_head bool,
line_hash text, shape text, partial jsonb, excerpt text, excerpt_line int, properties jsonb, run bigint, said bigint"""


def floor(count: str) -> dict[str, float]:
    """COPY of rows as wide as a place into a table without any index."""
    text = "".join(
        f"{n}\t1\t1\tsrc/file{n % 500}.py\t7\t7\tProblem {n} in function f{n}\tt\t{n:016x}\t{n:016x}\t"
        f'{{"primaryLocationLineHash":"{n:016x}:1"}}\tcall_{n}(value)\t7\t{{}}\t1\t{n}\n'
        for n in range(int(count))
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_floor ({COLUMNS})")
        began = time.perf_counter()
        with transaction.atomic(), cursor.copy("COPY bench_floor FROM STDIN") as copy:
            copy.write(text)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_floor")
    return {"seconds": seconds}


def take(file: str) -> dict[str, float]:
    """Read a report and take it, as CI has it done (`accept=true`); `NOVA_BENCH_PREVIEW=1`: preview it, then accept it,
    as people do.
    """
    data, repository = Path(file).read_bytes(), Repository.objects.get()
    told = {"file_name": "bench.sarif", "actor": "bench"}
    moments = [time.perf_counter()]
    with steady_memory():
        found = FORMATS["sarif"].read(data, How(_mask, scale_of({}), b"bench"))
    moments.append(time.perf_counter())
    with counted() as statements, _planned(moments):
        if os.environ.get("NOVA_BENCH_PREVIEW"):
            runs = [run for run, _ in preview_batches(repository, found, data, **told)]
            del found, data  # as between the preview and the click
            moments[2:] = [time.perf_counter()]
            accept_import(runs[0], actor="bench")
        else:
            take_batches(repository, found, data, **told)
    moments.append(time.perf_counter())
    parse, track, write = (after - before for before, after in pairwise(moments))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"parse": parse, "track": track, "write": write, "statements": statements.count, "peak": peak}


@contextmanager
def _planned(moments: list[float]) -> Iterator[None]:
    """Note the moment when the plan of the report is made."""
    plan = batches.plan_upload

    def noted(run: Run, batch: Batch) -> batches.Plan:
        made = plan(run, batch)
        moments.append(time.perf_counter())
        return made

    with patch.object(batches, "plan_upload", noted):
        yield


def _mask(text: str) -> str:
    return redact(text, find_values(text))
