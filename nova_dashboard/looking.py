"""Looking for the files that a waiting review names: what is there, how long, and where else one of its name is."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings

from findings.git import Entry, GitError, Mirror
from findings.models import Run, RunState
from nova_dashboard.mirrors import mirror_of
from remediation.actions.reading import keep_files, named_paths
from remediation.core.review.factcheck import File
from remediation.core.scope import covers

log = logging.getLogger(__name__)
READ = 300  # files whose lines are counted
NAMED = 10  # places where a file of that name is, too


def look(pk: int) -> bool:
    """Look for the files of one review at the commit that was scanned last. Says whether there was anything to do."""
    run = Run.objects.filter(pk=pk, state=RunState.PREVIEW, tool="review").select_related("repository").first()
    if run is None or not run.payload or not (commit := run.repository.proven_commit):
        return False
    try:
        files = files_at(mirror_of(run.repository), commit, named_paths(run))
    except GitError as error:
        log.info("the files that run %s names were not looked for: %s", pk, error)
        files = {}
    keep_files(run, commit, files)
    return True


def files_at(mirror: Mirror, commit: str, named: Sequence[str]) -> dict[str, File]:
    """What a commit's tree holds under each of these paths: files, folders ("a/b/") or globs."""
    entries = {entry.path: entry for entry in mirror.tree(commit).entries}
    folders = {path[: i + 1] for path in entries for i, letter in enumerate(path) if letter == "/"}
    same: dict[str, list[str]] = defaultdict(list)
    for path in entries:
        same[path.rpartition("/")[2]].append(path)
    lines = _lines(mirror, [entries[path] for path in named if path in entries])
    return {
        path: File(_exists(path, entries, folders), lines.get(path, 0), tuple(same[path.rpartition("/")[2]][:NAMED]))
        for path in named
    }


def _exists(path: str, entries: Iterable[str], folders: set[str]) -> bool:
    if path in entries or f"{path.rstrip('/')}/" in folders:
        return True
    return "*" in path and any(covers(path, [entry]) for entry in entries)


def _lines(mirror: Mirror, entries: Sequence[Entry]) -> dict[str, int]:
    """How long files are; those too large to read are left out."""
    chosen = entries[:READ]
    found = mirror.read([entry.sha for entry in chosen], settings.NOVA_BLOB_LIMIT)
    counted = {c.sha: c.data.count(b"\n") + (not c.data.endswith(b"\n")) for c in found if c.data}
    return {entry.path: counted.get(entry.sha, 0) for entry in chosen}
