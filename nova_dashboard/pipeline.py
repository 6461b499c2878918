"""The story of a scan, read top to bottom: claim, fetch, scan, plan, prove, apply, follow, ask others, finish."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from findings import actions, scanner
from findings.actions import batches
from findings.actions.known import load, speakable
from findings.actions.scans import MAX_ATTEMPTS, Lost
from findings.core.facts import Settings
from findings.core.types import Batch
from findings.events import MACHINE
from findings.evidence import Evidence
from findings.facts import DatabaseStore
from findings.git import GitError, Mirror
from findings.models import Repository, Run, Scan, ScanKind, ScanState
from findings.models.repositories import LIVE_KINDS
from nova_dashboard import others
from nova_dashboard.proof import prove
from nova_dashboard.walk import has, walk, way
from remediation.actions.follow import follow

log = logging.getLogger(__name__)
HOLD = 1.0  # seconds between two writes of a scan's progress


def run_scan(pk: int) -> bool:
    """Do one scan, if it is to be had. Says whether this worker did it. Never raises for what a scan may meet."""
    scan = actions.claim(pk)
    if scan is None:
        return False
    if scan.attempts > MAX_ATTEMPTS:
        actions.fail(scan, f"Given up: the worker died {MAX_ATTEMPTS} times on this scan.")
        return False
    try:
        with leased(scan):
            _live(scan)
    except Lost as lost:
        log.warning("%s", lost)
        return False
    except GitError as error:
        _failed(scan, str(error))
        return False
    except Exception:
        log.exception("scan %s failed", pk)
        _failed(scan, "Something went wrong inside Nova while scanning; the worker's log has the details.")
        return False
    return True


@contextmanager
def leased(scan: Scan) -> Iterator[None]:
    """Hold the lease from a thread, since a fetch may say nothing for minutes. It ends with this process: when a
    worker is killed, another can take the scan over within seconds.
    """
    over = threading.Event()

    def keep() -> None:
        try:
            while not over.wait(settings.NOVA_LEASE / 4):
                actions.hold(scan)
        except (Lost, DatabaseError) as error:
            log.info("scan %s is not held any more: %s", scan.pk, error)
        finally:
            connection.close()

    thread = threading.Thread(target=keep, name=f"lease of scan {scan.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _failed(scan: Scan, error: str) -> None:
    try:
        actions.fail(scan, error, again=scan.kind in (ScanKind.PUSH, ScanKind.SCHEDULE))
    except Lost as lost:
        log.warning("%s", lost)


def protocols(url: str) -> list[str]:
    """What git may speak to reach an address: a local path (only the command line sets one), or the allowed ones."""
    return ["file"] if Path(url).is_absolute() else settings.NOVA_GIT_PROTOCOLS


def mirror_of(repository: Repository) -> Mirror:
    """Our own bare copy of a repository."""
    return Mirror(settings.VAR / "mirrors" / f"{repository.pk}.git")


def refresh(repository: Repository) -> tuple[Mirror, str]:
    """Fetch, and say what the head of the tracked branch is. Raises GitError."""
    mirror = mirror_of(repository)
    mirror.create()
    branch, head = mirror.remote_head(repository.url, protocols(repository.url), repository.default_branch)
    if not head:
        wanted = f"no branch {repository.default_branch!r}" if repository.default_branch else "no commit yet"
        raise GitError(f"The repository has {wanted}")
    mirror.fetch(repository.url, protocols(repository.url))
    actions.saw_head(repository, head, branch)
    return mirror, head


def _live(scan: Scan) -> None:
    actions.advance(scan, "fetch")
    repository = scan.repository
    mirror, head = refresh(repository)
    commit = mirror.resolve(scan.commit) if scan.commit else head
    proven = repository.proven_commit
    if commit not in (head, proven) and mirror.is_ancestor(commit, proven):
        raise GitError(f"{commit[:7]} is older than {proven[:7]}, which was scanned already")
    if commit != head and not mirror.is_ancestor(commit, head):
        raise GitError(f"{commit[:7]} is not on the branch {repository.default_branch!r}, which is the one followed")
    story(scan, mirror, commit, at=timezone.now())


def story(scan: Scan, mirror: Mirror, commit: str, *, at: datetime) -> Run:
    """Scan one commit and take what it says the whole road, dated `at`. Raises GitError, Lost."""
    began = time.monotonic()
    repository = Repository.objects.get(pk=scan.repository_id)
    key, store = settings.NOVA_HASH_KEY.encode(), DatabaseStore(repository.pk)
    limits = scanner.Limits(settings.NOVA_BLOB_LIMIT, Settings(patches=settings.NOVA_PATCH_LIMIT))
    result = scanner.scan(
        mirror, commit, store, key, limits=limits, since=repository.proven_commit, all_refs=scan.kind in LIVE_KINDS,
        progress=_telling(scan),
    )  # fmt: skip
    batch = replace(result.batch, branch=repository.default_branch)
    evidence = Evidence(mirror, store, key, limits)

    def look(name: str) -> Batch:
        return scanner.scan(mirror, name, store, key, limits=limits, history=False).batch

    read = time.monotonic()
    with transaction.atomic():
        actions.advance(scan, "apply")  # also the guard: a worker that lost its lease stops here
        batches.lock(repository)
        repository.refresh_from_db()
        run = actions.start_run(scan, batch, actor=MACHINE, at=at)
        book = load(run)
        batch = replace(batch, observations=speakable(batch.observations, book))
        old = repository.proven_commit if has(mirror, repository.proven_commit) else ""
        walked = walk(mirror, book.known(), way(mirror, old, commit), batch, look)
        plan = batches.Plan(book, batch, walked.tracked)
        grounds, explained = prove(walked, evidence, commit)
        held = batches.judge_health(run, plan, explained)
        ledger = actions.apply(run, replace(plan, grounds=grounds, held=held), actor=MACHINE, at=at)
        actions.prove(repository)
        follow(run, ledger, at=at)
    taken = time.monotonic()
    notices = [{"path": n.path, "line": n.line, "message": n.message} for n in batch.notices]
    if scan.kind in LIVE_KINDS:
        notices += others.take(scan, mirror, commit, evidence, {n.path for n in batch.notices}, at=at)
    actions.finish(
        scan,
        commit=commit,
        counts={
            "files": result.counts.files,
            "blobs_read": result.counts.blobs_read,
            "history_blobs": result.counts.history_blobs,
            "read_seconds": round(read - began, 3),
            "apply_seconds": round(taken - read, 3),
        },
        notices=notices,
    )
    return run


def _telling(scan: Scan) -> Callable[[str, int, int], None]:
    """A progress callback that holds the lease, and writes at most once a second."""
    last = 0.0

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= HOLD:
            last = time.monotonic()
            actions.advance(scan, stage, done, total)

    return tell


def backfill(
    repository: Repository, *, since: datetime, every: int = 1, told: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Scan the first-parent history from `since` on, in order, with the commits' own dates. Answers how many.

    Before the first live scan only: findings, closings and grades then carry the dates of the commits. Raises
    GitError, and ValueError when the repository was scanned already, or is meanwhile.
    """
    if repository.proven_commit:
        raise ValueError("this repository was scanned already; its trend can be built only before the first scan")
    mirror, head = refresh(repository)
    dated = [(c, when) for c in mirror.first_parent("", head) if (when := commit_date(mirror, c)) >= since]
    chosen = [pair for n, pair in enumerate(dated) if (len(dated) - 1 - n) % every == 0]
    last = ""
    for n, (commit, when) in enumerate(chosen, 1):
        repository.refresh_from_db(fields=["proven_commit"])
        if repository.proven_commit != last:
            raise ValueError(
                f"a newer commit was scanned meanwhile; the trend goes from there, {n - 1} commits are done"
            )
        replay(repository, mirror, commit, when)
        told(n, len(chosen))
        last = commit
    return len(chosen)


def replay(repository: Repository, mirror: Mirror, commit: str, when: datetime) -> Run:
    """Scan one old commit as if it were that day."""
    scan = Scan.objects.create(repository=repository, kind=ScanKind.BACKFILL, commit=commit, actor=MACHINE)
    claimed = actions.claim(scan.pk)
    if claimed is None:
        Scan.objects.filter(pk=scan.pk, state=ScanState.QUEUED).update(state=ScanState.FAILED)
        raise GitError("another scan of this repository runs now")
    try:
        with leased(claimed):
            return story(claimed, mirror, commit, at=when)
    except GitError as error:
        actions.fail(claimed, str(error))
        raise


def commit_date(mirror: Mirror, commit: str) -> datetime:
    """When a commit was made."""
    found = parse_datetime(mirror.commit(commit).date)
    if found is None:
        raise GitError(f"{commit[:7]} has no readable date")
    return found
