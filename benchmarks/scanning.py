"""A full scan, and the scan after a push, of the demo's repository."""

from datetime import date
from pathlib import Path

from benchmarks.table import show, timed
from findings.git import Mirror
from findings.scanner import MemoryStore, scan
from nova_dashboard.demo.repository import build

KEY = b"benchmark"


def bench_a_push_costs_what_it_changed(tmp_path: Path) -> None:
    """The full scan with an empty store, then the scan of one more commit with what the first one learned."""
    demo = build(tmp_path, date(2026, 11, 23))
    mirror, store = Mirror(demo.origin), MemoryStore()
    scan(mirror, demo.head, MemoryStore(), KEY)  # compile patterns
    full, full_seconds = timed(lambda: scan(mirror, demo.head, store, KEY))
    fixed = demo.next_fix()
    push, push_seconds = timed(lambda: scan(mirror, fixed, store, KEY, since=demo.head))
    show(
        "Scanning the demo's repository, history included",
        ("scan", "files", "blobs read", "seconds", "of full"),
        [
            ("full", full.counts.files, full.counts.blobs_read + full.counts.history_blobs, full_seconds, 1.0),
            (
                "after a push",
                push.counts.files,
                push.counts.blobs_read + push.counts.history_blobs,
                push_seconds,
                push_seconds / full_seconds,
            ),
        ],
    )
    assert push.counts.blobs_read == 1
