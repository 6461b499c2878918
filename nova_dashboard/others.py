"""What configured scanners say in a scan: each a run of its own, on the same road; one that fails closes nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from findings import actions, external
from findings.actions import batches
from findings.actions.known import load
from findings.core.scanners import Scanner
from findings.core.types import Batch, Drift, Grounds, Notice
from findings.events import MACHINE
from findings.evidence import Evidence
from findings.git import GitError, Mirror
from findings.models import Run, RunState, Scan
from nova_dashboard.proof import between
from nova_dashboard.walk import drift
from remediation.actions.follow import follow

Said = list[dict[str, Any]]
_SPOKE = (RunState.APPLIED, RunState.HELD)


def take(scan: Scan, mirror: Mirror, commit: str, evidence: Evidence, told: Iterable[str], *, at: datetime) -> Said:
    """Run every configured scanner over a commit, and take what each says. Answers what they could not read; `told`
    are the paths that were named before. Raises `Lost`.
    """
    said: dict[tuple[str, str], Notice] = {}
    known = set(told)
    for number, scanner in enumerate(settings.NOVA_SCANNERS):
        actions.advance(scan, "scanners", number, len(settings.NOVA_SCANNERS))
        try:
            report = external.look(
                scanner,
                mirror,
                commit,
                home=settings.VAR / "scanners",
                key=evidence.key,
                blob_bytes=evidence.limits.blob_bytes,
                unwalled=settings.NOVA_SCANNERS_UNWALLED,
            )
        except (external.Failed, GitError) as error:
            actions.advance(scan)
            actions.fail_run(scan, scanner.title, scanner.category, str(error), actor=MACHINE, commit=commit, at=at)
            notices = [Notice(getattr(error, "complaint", ""))]
        else:
            for batch in report.batches:
                _apply(scan, scanner, batch, report.file_hash, mirror, evidence, at=at)
            said.update({(path, why): Notice(why, path) for path, why in report.missing.items() if path not in known})
            notices = [notice for batch in report.batches for notice in batch.notices]
        own = (replace(notice, message=f"{scanner.title}: {notice.message}") for notice in notices if notice.message)
        said.update({(notice.path, notice.message): notice for notice in own})
    return [{"path": n.path, "line": n.line, "message": n.message} for n in said.values()]


@transaction.atomic
def _apply(
    scan: Scan, scanner: Scanner, batch: Batch, file_hash: str, mirror: Mirror, evidence: Evidence, *, at: datetime
) -> None:
    """One batch on the one road. What happened to a file since the tool's last word shows why a finding is over; where
    the file is as it was, the report that no longer names it has to do, and too many of those are held.
    """
    actions.advance(scan)  # the guard: a worker that lost its lease stops here
    repository = scan.repository
    batches.lock(repository)
    batch = replace(batch, branch=repository.default_branch)
    old = _last(scan, batch, mirror)
    run = actions.start_run(scan, batch, actor=MACHINE, at=at, file_name=scanner.name, file_hash=file_hash)
    moved = drift(mirror, old, batch.commit, _paths(run)) if old else Drift()
    plan = actions.make_plan(run, batch, moved)
    grounds, explained = _grounds(plan, scanner, run, evidence, old)
    held = batches.judge_health(run, plan, explained)
    ledger = actions.apply(run, replace(plan, grounds=grounds, held=held), actor=MACHINE, at=at)
    follow(run, ledger, at=at)


def _last(scan: Scan, batch: Batch, mirror: Mirror) -> str:
    """The commit that the tool spoke of last; empty where there is none, or it is not here any more."""
    scope = scan.repository.runs.filter(tool=batch.tool, category=batch.category, state__in=_SPOKE)
    commit = scope.exclude(commit="").values_list("commit", flat=True).first() or ""
    return commit if commit and mirror.has(commit) else ""


def _paths(run: Run) -> set[str]:
    """Where the tool's findings are known."""
    return {place.path for place in load(run).known()}


def _grounds(
    plan: batches.Plan, scanner: Scanner, run: Run, evidence: Evidence, old: str
) -> tuple[dict[int, Grounds], set[int]]:
    grounds: dict[int, Grounds] = {}
    explained: set[int] = set()
    last = {place.finding: place.path for place in plan.book.known() if place.present}
    for pk in plan.tracked.closed:
        found = between(evidence, old, run.commit, last.get(pk, "")) if old else None
        if found:
            explained.add(pk)
            grounds[pk] = replace(found, hunk=external.bare(found.hunk)) if scanner.secrets else found
        else:
            grounds[pk] = Grounds(kind="upload", commit=run.commit, file_hash=run.file_hash)
    return grounds, explained
