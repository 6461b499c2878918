"""Workers ask git whose the findings are: CODEOWNERS of the scanned commit, and who wrote the lines last."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator

from findings.core.blame import Writer, writer_of
from findings.git import GitError, Mirror
from findings.git.owners import codeowners
from findings.models import Repository
from nova_dashboard.mirrors import mirror_of
from remediation.actions.traces import Untraced, follow_rules, spans, trace, traced, untraced
from remediation.core.owners import owners_by_path

MOST = 300  # findings of one go
LONGEST = 20.0  # seconds of one go; the sweeper asks for the next
SPANS = 200  # stretches of one file that git is asked for; more lines of one file say nothing new


def trace_owners(repository: Repository) -> bool:
    """Look at findings that were not looked at yet. Says whether all are by now."""
    commit, mirror = repository.proven_commit, mirror_of(repository)
    text = codeowners(mirror, commit)
    owners = owners_by_path(text)
    follow_rules(repository, hashlib.sha256(text.encode()).hexdigest(), owners)
    rows = untraced(repository, MOST)
    until = time.monotonic() + LONGEST
    by_path: dict[str, list[Untraced]] = defaultdict(list)
    for row in rows:
        by_path[row.path].append(row)
    done = 0
    for path, mine in by_path.items():
        if time.monotonic() > until:
            break
        done += trace((row, owners(path), writer) for row, writer in _writers(mirror, commit, path, mine))
    whole = done == len(rows) < MOST
    if whole:
        traced(repository, commit)
    return whole


def _writers(mirror: Mirror, commit: str, path: str, rows: list[Untraced]) -> Iterator[tuple[Untraced, Writer | None]]:
    """Each with who wrote most of its lines; nobody where git cannot say, so that it is not asked again."""
    lines: dict[int, Writer] = {}
    wanted = spans(rows)[:SPANS]
    if wanted:
        try:
            lines = mirror.blame(commit, path, wanted)
        except GitError:
            lines = {}
    for row in rows:
        yield row, writer_of((row.line, max(row.line, row.end_line)), lines)
