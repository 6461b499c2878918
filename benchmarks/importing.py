"""A SARIF report of many results: first import, the same again, a tenth of it fixed."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.table import show, timed
from findings.models import Repository, User
from remediation.actions.imports import accept_import, preview_file

RESULTS = 10_000
pytestmark = pytest.mark.django_db


def report(numbers: range) -> bytes:
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
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bench"}}, "results": results}]}
    return json.dumps(log).encode()


def bench_reports_of_ten_thousand_results(repository: Repository, alice: User) -> None:
    """Preview and accept, as the upload page does; statements are counted over both."""
    team, rows = alice.memberships.get().team, []
    for name, numbers in {
        "first import": range(RESULTS),
        "the same again": range(RESULTS),
        "a tenth fixed, a tenth new": range(RESULTS // 10, RESULTS + RESULTS // 10),
    }.items():
        data = report(numbers)
        with CaptureQueriesContext(connection) as queries:
            found, read = timed(
                lambda data=data: preview_file(repository, team, data, file_name="bench.sarif", actor=alice)
            )
            _, wrote = timed(lambda run=found[0][0]: accept_import(run, actor=alice))
        rows.append((name, read, wrote, read + wrote, len(queries)))
    show(f"{RESULTS:,} results", ("import", "preview s", "accept s", "both s", "statements"), rows)
