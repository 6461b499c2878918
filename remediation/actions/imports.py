"""Reports handed in by people and CI: read, previewed, accepted. One door for every format."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from findings.actions import receive_report
from findings.actions.batches import Plan, carry_out, keep_plan
from findings.actions.bulk import steady_memory
from findings.core.formats.report import How
from findings.core.formats.source import Source, pieces
from findings.core.formats.table import FORMATS, detect
from findings.core.redaction import find_values, redact
from findings.core.rules import TOOL
from findings.core.severity import scale_of
from findings.core.types import Batch, FormatError, Notice, gettext_noop, notice
from findings.models import Repository, Run, Scan, Team, User
from remediation.actions.follow import follow
from remediation.actions.reading import preview_review
from remediation.actions.reviews import accept_review

REVIEW = "review"
ATTEMPTS = 3
LARGEST_REVIEW = 26 * 1024 * 1024  # bytes


def preview_file(
    repository: Repository,
    team: Team,
    data: Source,
    *,
    file_name: str,
    form: str = "",
    actor: User | str,
    scan: Scan | None = None,
    planning: Callable[[], object] = lambda: None,
) -> list[tuple[Run, Plan]]:
    """Read a file and say what it would change: one run for each tool and category in it.

    `scan` is the job of the worker that reads it; `planning` is called once all is read. Raises FormatError; then
    nothing was written.
    """
    name = form or (REVIEW if file_name.lower().endswith((".md", ".markdown")) else detect(file_name, data))
    if name == REVIEW:
        reading = preview_review(repository, team, _whole(data), file_name=file_name, actor=actor)
        return [(reading.run, reading.plan)]
    if name not in FORMATS:
        raise FormatError(f"{name!r} is not a format we know", expected=", ".join(sorted({*FORMATS, REVIEW})))
    how = How(_redact, scale_of(team.scale), settings.NOVA_HASH_KEY.encode())
    with steady_memory():
        batches = FORMATS[name].read(data, how)
    planning()
    return preview_batches(repository, batches, data, file_name=file_name, actor=actor, scan=scan)


def _whole(source: Source) -> bytes:
    """All of a file that has to be read at once. Raises FormatError where it is too large for that."""
    data = bytearray()
    for piece in pieces(source):
        data += piece
        if len(data) > LARGEST_REVIEW:
            limit = f"at most {LARGEST_REVIEW // 2**20} MiB"
            raise FormatError("a review that is too large", "the file", limit)
    return bytes(data)


@transaction.atomic
def preview_batches(
    repository: Repository,
    batches: Sequence[Batch],
    data: Source,
    *,
    file_name: str,
    actor: User | str,
    scan: Scan | None = None,
) -> list[tuple[Run, Plan]]:
    """Keep each batch of a report as a run that waits for a person."""
    digest = hashlib.sha256()
    for piece in pieces(data):
        digest.update(piece)
    found = []
    for batch in batches:
        _check_tool(repository, batch)
        _check_branch(repository, batch)
        run = receive_report(
            repository,
            batch,
            kind="upload",
            actor=actor,
            file_name=file_name,
            file_hash=digest.hexdigest(),
            at=timezone.now(),
            scan=scan,
        )
        notices = (*batch.notices, *_stranger(repository, batch))
        found.append((run, keep_plan(run, replace(batch, branch=repository.default_branch, notices=notices))))
    return found


def _stranger(repository: Repository, batch: Batch) -> Iterator[Notice]:
    """A word where the report names another repository; mirrors and forks are no reason to refuse it."""
    named = batch.origin.rstrip("/").removesuffix(".git").rpartition("/")[2].casefold()
    ours = {repository.slug.casefold(), repository.url.rstrip("/").removesuffix(".git").rpartition("/")[2].casefold()}
    if named and named not in ours:
        yield notice(
            gettext_noop("The report says that it is of another repository: %(url)s"), url=_redact(batch.origin)
        )


def _check_tool(repository: Repository, batch: Batch) -> None:
    """An export of our own scanner has no keys of secrets: taken beside scans, it would close what they opened."""
    if batch.tool == TOOL and repository.proven_commit:
        raise FormatError(
            "the report is of our own scanner, and this repository is scanned here",
            "tool.driver.name",
            "the report of another tool, or a scan",
        )


def _check_branch(repository: Repository, batch: Batch) -> None:
    branch = batch.branch.removeprefix("refs/heads/")
    if branch and repository.default_branch and branch != repository.default_branch:
        raise FormatError(
            f"the report is of branch {branch!r}",
            "versionControlProvenance",
            f"the tracked branch {repository.default_branch!r}: findings of other branches are not followed",
        )


def _redact(text: str) -> str:
    return redact(text, find_values(text))


def accept_import(run: Run, *, actor: User | str, anyway: bool = False, at: datetime | None = None) -> None:
    """Apply a waiting run and what follows from it. Raises `Moved` or ValueError (see `findings.actions.accept`).

    Whoever locks rows in another order than imports do makes PostgreSQL end one of both: then it is tried again.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            _accept(run, actor=actor, anyway=anyway, at=at)
        except OperationalError as error:
            if not left or connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return


@transaction.atomic
def _accept(run: Run, *, actor: User | str, anyway: bool, at: datetime | None) -> None:
    if run.tool == REVIEW and run.state == "preview":
        accept_review(run, actor=actor, at=at)
        return
    ledger = carry_out(run, actor=actor, anyway=anyway, flush=False)
    done = ledger.run or run
    follow(done, ledger, at=at or timezone.now())
    for field in run._meta.concrete_fields:
        setattr(run, field.attname, getattr(done, field.attname))
