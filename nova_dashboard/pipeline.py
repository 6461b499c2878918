"""The story of a scan, read top to bottom: claim, fetch, then what one commit (or the past) says, or why it failed."""

import logging
from collections.abc import Callable

from django.utils import timezone

from findings import actions
from findings.actions.scans import MAX_ATTEMPTS, Lost
from findings.full import disk_is_full
from findings.git import GitError
from findings.models import Scan, ScanKind
from nova_dashboard.lease import Progress, leased
from nova_dashboard.mirrors import refresh
from nova_dashboard.past import live_through
from nova_dashboard.story import story

log = logging.getLogger(__name__)

FULL = "A disk of the server is full. Nothing was changed; the scan can be asked for again when there is room."
BROKEN = "Something went wrong inside Nova while scanning; the worker's log has the details."


def run_scan(pk: int, told: Callable[[str, int, int], None] | None = None) -> bool:
    """Do one scan, if it is to be had. Says whether this worker did it. Never raises for what a scan may meet.
    `told` hears how far it is.
    """
    scan = actions.claim(pk)
    if scan is None:
        return False
    if scan.attempts > MAX_ATTEMPTS:
        actions.fail(scan, f"Given up: the worker died {MAX_ATTEMPTS} times on this scan.")
        return False
    try:
        with leased(scan, told) as progress:
            (live_through if scan.kind == ScanKind.BACKFILL else _live)(scan, progress)
    except Lost as lost:
        log.warning("%s", lost)
        return False
    except GitError as error:
        _failed(scan, str(error))
        return False
    except Exception as error:
        log.exception("scan %s failed", pk)
        _failed(scan, FULL if disk_is_full(error) else BROKEN)
        return False
    return True


def _failed(scan: Scan, error: str) -> None:
    try:
        actions.fail(scan, error, again=scan.kind in (ScanKind.PUSH, ScanKind.SCHEDULE))
    except Lost as lost:
        log.warning("%s", lost)


def _live(scan: Scan, progress: Progress) -> None:
    actions.advance(scan, "fetch")
    repository = scan.repository
    mirror, head = refresh(repository)
    commit = mirror.resolve(scan.commit) if scan.commit else head
    proven = repository.proven_commit
    if commit not in (head, proven) and mirror.is_ancestor(commit, proven):
        raise GitError(f"{commit[:7]} is older than {proven[:7]}, which was scanned already")
    if commit != head and not mirror.is_ancestor(commit, head):
        raise GitError(f"{commit[:7]} is not on the branch {repository.default_branch!r}, which is the one followed")
    story(scan, mirror, commit, at=timezone.now(), progress=progress)
