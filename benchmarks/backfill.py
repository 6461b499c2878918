"""The past of a demo-like history, from the fetch to the last grade."""

import os
from datetime import date
from pathlib import Path

import pytest

from benchmarks.table import show, timed
from findings import actions
from findings.models import Finding, Run, Team
from nova_dashboard.demo.repository import build
from nova_dashboard.pipeline import run_scan

pytestmark = pytest.mark.django_db


def bench_the_past_of_the_demo(tmp_path: Path, platform: Team) -> None:
    """Every commit of the demo, first parents in order; `busy` is the time this process computed."""
    demo = build(tmp_path, date(2026, 11, 23))
    repository = actions.track(str(demo.origin), team=platform, actor="bench", slug="bench")
    scan = actions.request_past(repository, since=date(2020, 1, 1), actor="bench")
    before = sum(os.times()[:2])
    done, seconds = timed(lambda: run_scan(scan.pk))
    busy = sum(os.times()[:2]) - before
    scan.refresh_from_db()
    assert done and scan.state == "done"
    commits = len(demo.commits)
    show(
        "The past of the demo",
        ("commits", "runs", "findings", "seconds", "busy s", "commits/s", "commits/busy s"),
        [(commits, Run.objects.count(), Finding.objects.count(), seconds, busy, commits / seconds, commits / busy)],
    )
