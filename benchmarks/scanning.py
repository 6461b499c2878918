"""The price of a scan: the whole tree, a push, a step through history, all of history. Repositories are made up."""

import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from benchmarks import trees
from benchmarks.table import show, timed
from findings.facts import DatabaseStore
from findings.folds import NEWEST
from findings.git import Mirror
from findings.models import Repository
from findings.scanner import FactStore, MemoryStore, ScanResult, scan
from nova_dashboard.demo.repository import build

KEY = b"benchmark"
FILES, MANY = 3_000, 50_000
HEAD = ("scan", "files", "blobs read", "seconds", "files/s", "of full")


def cloned(origin: Path, path: Path) -> Mirror:
    """A fresh mirror of a repository."""
    mirror = Mirror(path)
    mirror.create()
    mirror.fetch(str(origin), ["file"])
    return mirror


def pushed(files: trees.Files, number: int) -> trees.Files:
    """A push of two files that rules look at: a service's module and a deployment, each with a new line at its top."""
    module = next(path for path in files if path.endswith(".rs") and path.startswith("services/s1/"))
    manifest = next(path for path in files if path.startswith("k8s/base/s1/"))
    return {
        module: f"// push {number}\n".encode() + files[module],
        manifest: f"# push {number}\n".encode() + files[manifest],
    }


def telling(files: trees.Files, number: int) -> trees.Files:
    """A push of two files that changes what rules know of them: where a single replica stands, a query in a loop."""
    found = {end: next(path for path in sorted(files) if path.endswith(end) and mark in files[path])
             for end, mark in ((".rs", b".await"), (".yaml", b"replicas: 1"))}  # fmt: skip
    queries = (
        f"pub async fn load_{number}() {{ for row in rows {{ sqlx::query({number}).fetch_one(pool).await?; }} }}\n"
    )
    manifest, module = found[".yaml"], found[".rs"]
    return {
        manifest: f"# push {number}\n".encode() + files[manifest],
        module: files[module] + queries.encode(),
    }


def after_push(origin: Path, mirror: Mirror, store: FactStore, push: trees.Files) -> tuple[ScanResult, float]:
    """What a push costs from the fetch to the observations."""
    before = mirror.resolve("main")
    trees.commit(origin, [("push", push)])

    def work() -> ScanResult:
        mirror.fetch(str(origin), ["file"])
        with mirror.session() as session:
            return scan(session, session.resolve("main"), store, KEY, since=before, all_refs=True)

    return timed(work)


def row(name: str, result: ScanResult, seconds: float, full: float) -> tuple[object, ...]:
    """A line of the table."""
    read = result.counts.blobs_read + result.counts.history_blobs
    return (name, result.counts.files, read, seconds, f"{result.counts.files / seconds:.0f}", seconds / full)


def whole(mirror: Mirror, store: FactStore) -> tuple[ScanResult, float]:
    """A first scan of the tree."""
    head = mirror.resolve("main")
    return timed(lambda: scan(mirror, head, store, KEY, all_refs=True))


@pytest.mark.django_db
def bench_a_first_scan_and_the_pushes_after_it(tmp_path: Path, repository: Repository) -> None:
    """3,000 mixed files: into memory, into PostgreSQL, and two changed files later, here and in a new process."""
    origin = tmp_path / "origin.git"
    files = trees.mixed(FILES)
    trees.commit(origin, [("all", files)])
    mirror = cloned(origin, tmp_path / "mirror.git")
    pk = repository.pk
    scan(mirror, mirror.resolve("main"), MemoryStore(), KEY)  # compile patterns
    memory, database = MemoryStore(), DatabaseStore(pk)
    in_memory, memory_seconds = whole(mirror, memory)
    kept, kept_seconds = whole(mirror, database)
    push, push_seconds = after_push(origin, mirror, database, pushed(files, 1))
    NEWEST.forget()
    cold, cold_seconds = after_push(origin, mirror, DatabaseStore(pk), pushed(files, 2))
    show(
        f"Scanning {FILES} mixed files, all rules, history included",
        HEAD,
        [
            row("full, in memory", in_memory, memory_seconds, kept_seconds),
            row("full, into PostgreSQL", kept, kept_seconds, kept_seconds),
            row("after a push", push, push_seconds, kept_seconds),
            row("after a push, new process", cold, cold_seconds, kept_seconds),
        ],
    )
    assert (push.counts.blobs_read, cold.counts.blobs_read) == (2, 2)
    assert {rule.key for rule in kept.batch.rules} == set(kept.counts.rules)


@pytest.mark.django_db
def bench_a_push_to_a_large_repository(tmp_path: Path, repository: Repository) -> None:
    """The same push in 50,000 files."""
    origin = tmp_path / "origin.git"
    files = trees.mixed(MANY, trees.Terse(1))
    trees.commit(origin, [("all", files)])
    mirror = cloned(origin, tmp_path / "mirror.git")
    pk = repository.pk
    database = DatabaseStore(pk)
    full, full_seconds = whole(mirror, database)
    push, push_seconds = after_push(origin, mirror, database, pushed(files, 1))
    NEWEST.forget()
    cold, cold_seconds = after_push(origin, mirror, DatabaseStore(pk), pushed(files, 2))
    told, told_seconds = after_push(origin, mirror, DatabaseStore(pk), telling(files, 3))
    again, again_seconds = timed(lambda: scan(mirror, mirror.resolve("main"), DatabaseStore(), KEY, history=False))
    show(
        f"Scanning {MANY} small files",
        HEAD,
        [
            row("full, into PostgreSQL", full, full_seconds, full_seconds),
            row("full, all facts known", again, again_seconds, full_seconds),
            row("after a push", push, push_seconds, full_seconds),
            row("after a push, new process", cold, cold_seconds, full_seconds),
            row("after a push, facts differ", told, told_seconds, full_seconds),
        ],
    )
    assert [one.counts.blobs_read for one in (push, cold, told, again)] == [2, 2, 2, 0]


@pytest.mark.django_db
def bench_steps_through_history(tmp_path: Path) -> None:
    """The demo's history, commit by commit: what a backfill asks of the scanner."""
    demo = build(tmp_path, date(2026, 11, 23))
    store = DatabaseStore()
    with Mirror(demo.origin).session() as mirror:
        commits = mirror.first_parent("", demo.head)
        scan(mirror, commits[-1], MemoryStore(), KEY)  # compile patterns

        def walk() -> None:
            since = ""
            for commit in commits:
                scan(mirror, commit, store, KEY, since=since)
                since = commit

        _, seconds = timed(walk)
    show(
        "Scanning each commit of the demo's history, into PostgreSQL",
        ("commits", "seconds", "commits/s"),
        [(len(commits), seconds, f"{len(commits) / seconds:.0f}")],
    )


def bench_all_of_history(tmp_path: Path) -> None:
    """Secrets in every blob there ever was, against git printing those blobs to nobody: of a mixed repository, and of
    one where nearly every blob holds some.
    """
    mixed, dense = trees.mixed(FILES), trees.dense(FILES // 8)
    many, few = trees.edits(mixed, commits=1_200, each=8), trees.edits(dense, commits=400, each=6)
    changes = {"mixed": [("all", mixed), *many], "dense": [("all", dense), *few]}
    rows = [(name, *of_history(tmp_path / name, commits)) for name, commits in changes.items()]
    head = ("repository", "commits", "blobs read", "git alone", "seconds", "of processor", "may take")
    show("Secrets in history", head, rows)


def of_history(folder: Path, changes: list[tuple[str, trees.Files]]) -> tuple[object, ...]:
    """A line of the table: what git alone needs, what we do, and four times git with a second to start."""
    origin = folder / "origin.git"
    folder.mkdir()
    trees.commit(origin, changes)
    subprocess.run(["git", "-C", str(origin), "gc", "--quiet"], check=True)
    mirror = cloned(origin, folder / "mirror.git")
    command = ["git", "-C", str(mirror.path), "cat-file", "--batch-all-objects", "--batch"]
    floor = min(timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))[1] for _ in range(3))
    store = MemoryStore()
    head = mirror.resolve("main")
    scan(mirror, head, store, KEY, history=False)
    before = time.process_time()
    result, seconds = timed(lambda: scan(mirror, head, store, KEY, all_refs=True))
    worked = time.process_time() - before
    return len(changes), result.counts.history_blobs, floor, seconds, worked, 4 * floor + 1
