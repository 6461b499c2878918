"""What a scan says about one commit, taken the whole road: look, track, prove, apply, follow."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from findings import actions, scanner
from findings.actions import batches
from findings.actions.known import Book, load, speakable
from findings.core.facts import Settings
from findings.core.types import Batch
from findings.events import MACHINE
from findings.evidence import Evidence
from findings.facts import DatabaseStore
from findings.git import Mirror
from findings.models import Repository, Run, RunState, Scan
from findings.models.repositories import LIVE_KINDS
from nova_dashboard import others
from nova_dashboard.proof import prove
from nova_dashboard.walk import walk, way
from remediation.actions.follow import follow

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A progress callback for who does not listen."""


def limits() -> scanner.Limits:
    """The bounds of a scan, as they are set."""
    return scanner.Limits(settings.NOVA_BLOB_LIMIT, Settings(patches=settings.NOVA_PATCH_LIMIT))


@dataclass(slots=True)
class Looker:
    """Looks at commits of one repository. What it read of one makes the next one cheap."""

    mirror: Mirror
    store: DatabaseStore
    progress: Progress = silent
    key: bytes = field(default_factory=lambda: settings.NOVA_HASH_KEY.encode(), repr=False)
    limits: scanner.Limits = field(default_factory=limits)

    def whole(self, commit: str, *, since: str, all_refs: bool) -> scanner.ScanResult:
        """The tree of a commit and the history it can reach."""
        return scanner.scan(
            self.mirror,
            commit,
            self.store,
            self.key,
            limits=self.limits,
            since=since,
            all_refs=all_refs,
            progress=self.progress,
        )

    def tree(self, commit: str, since: str = "") -> Batch:
        """The tree of a commit alone; read from what that of `since` came to."""
        result = scanner.scan(self.mirror, commit, self.store, self.key, limits=self.limits, history=False, since=since)
        return result.batch

    def evidence(self) -> Evidence:
        """What finds the commits that ended or brought back something."""
        return Evidence(self.mirror, self.store, self.key, self.limits)


def story(scan: Scan, mirror: Mirror, commit: str, *, at: datetime, progress: Progress = silent) -> Run:
    """Scan one commit and take what it says the whole road, dated `at`. Raises GitError, Lost."""
    began = time.monotonic()
    repository = Repository.objects.get(pk=scan.repository_id)
    with mirror.session() as session:
        looker = Looker(session, DatabaseStore(repository.pk), progress)
        live = scan.kind in LIVE_KINDS
        result = looker.whole(commit, since=repository.proven_commit, all_refs=live)
        read = time.monotonic()
        with transaction.atomic():
            actions.advance(scan, "apply")  # also the guard: a worker that lost its lease stops here
            batches.lock(repository)
            repository.refresh_from_db()
            run = take(scan, repository, looker, result.batch, repository.proven_commit, at=at)
        taken = time.monotonic()
        said = notices(result.batch)
        if live:
            told = {n.path for n in result.batch.notices}
            said += others.take(scan, mirror, commit, looker.evidence(), told, at=at)
    counts = counted(result) | {"read_seconds": round(read - began, 3), "apply_seconds": round(taken - read, 3)}
    actions.finish(scan, commit=commit, counts=counts, notices=said)
    return run


def take(scan: Scan, repository: Repository, looker: Looker, batch: Batch, old: str, *, at: datetime) -> Run:
    """Take what a commit's batch says, `old` being the commit that what is known speaks of. Call it in a transaction
    that holds the repository's lock.
    """
    run = actions.start_run(scan, replace(batch, branch=repository.default_branch), actor=MACHINE, at=at)
    ledger = actions.apply(run, planned(looker, run, load(run), batch, old), actor=MACHINE, at=at)
    if run.state == RunState.APPLIED:
        actions.prove_by(repository, run)
    else:
        actions.prove(repository)
    follow(run, ledger, at=at)
    return run


def planned(looker: Looker, run: Run, book: Book, batch: Batch, old: str) -> batches.Plan:
    """What a commit's batch means for the book, with its grounds, and whether it must be held."""
    batch = replace(batch, branch=run.branch, observations=speakable(batch.observations, book))
    old = old if old and looker.mirror.has(old) else ""
    walked = walk(looker.mirror, book.known(), way(looker.mirror, old, batch.commit), batch, looker.tree)
    plan = batches.Plan(book, batch, walked.tracked)
    grounds, explained = prove(walked, looker.evidence(), batch.commit)
    return replace(plan, grounds=grounds, held=batches.judge_health(run, plan, explained))


def counted(result: scanner.ScanResult) -> dict[str, Any]:
    """What a scan cost, as its row keeps it."""
    counts = result.counts
    return {"files": counts.files, "blobs_read": counts.blobs_read, "history_blobs": counts.history_blobs}


def notices(batch: Batch) -> list[dict[str, Any]]:
    """What could not be read, as a scan's row keeps it."""
    return [
        {"path": n.path, "line": n.line, "message": n.message}
        | ({"template": n.template, "values": n.values} if n.template else {})
        for n in batch.notices
    ]
