"""Reports handed in by people and CI: read, previewed, accepted. One door for every format."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from findings.actions import receive_report
from findings.actions.batches import Moved, Plan, carry_out, keep_plan, lock, take
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

T = TypeVar("T")
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
    name = _form(form, file_name, data)
    if name == REVIEW:
        reading = preview_review(repository, team, _whole(data), file_name=file_name, actor=actor)
        return [(reading.run, reading.plan)]
    batches = _read(name, team, data)
    planning()
    return preview_batches(repository, batches, data, file_name=file_name, actor=actor, scan=scan)


def take_file(
    repository: Repository,
    team: Team,
    data: Source,
    *,
    file_name: str,
    form: str = "",
    actor: User | str,
    scan: Scan | None = None,
    planning: Callable[[], object] = lambda: None,
) -> list[Run]:
    """The same for whom nobody has to look at it first: what the file says is taken at once, but for closings that have
    to be held.
    """
    name = _form(form, file_name, data)
    if name == REVIEW:
        found = preview_file(repository, team, data, file_name=file_name, form=name, actor=actor)
        for run, _plan in found:
            with suppress(Moved):  # then it waits for a person, as any review does
                accept_import(run, actor=actor)
        return [run for run, _plan in found]
    batches = _read(name, team, data)
    planning()
    return take_batches(repository, batches, data, file_name=file_name, actor=actor, scan=scan)


def _form(form: str, file_name: str, data: Source) -> str:
    """What kind of file it is. Raises FormatError where nobody knows it."""
    name = form or (REVIEW if file_name.lower().endswith((".md", ".markdown")) else detect(file_name, data))
    if name != REVIEW and name not in FORMATS:
        raise FormatError(f"{name!r} is not a format we know", expected=", ".join(sorted({*FORMATS, REVIEW})))
    return name


@steady_memory()
def _read(name: str, team: Team, data: Source) -> list[Batch]:
    return FORMATS[name].read(data, How(_redact, scale_of(team.scale), settings.NOVA_HASH_KEY.encode()))


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
    _check(repository, batches)
    file = _Handed(file_name, _digest(data), actor, scan)
    runs = [file.run(repository, batch) for batch in batches]
    return [(run, keep_plan(run, _ours(repository, batch))) for run, batch in zip(runs, batches, strict=True)]


def take_batches(
    repository: Repository,
    batches: Sequence[Batch],
    data: Source,
    *,
    file_name: str,
    actor: User | str,
    scan: Scan | None = None,
) -> list[Run]:
    """Apply all batches of a report and what follows from them, in one transaction: all of it, or nothing."""
    _check(repository, batches)
    return _again(partial(_take, repository, batches, _Handed(file_name, _digest(data), actor, scan)))


@transaction.atomic
def _take(repository: Repository, batches: Sequence[Batch], file: "_Handed") -> list[Run]:
    repository = lock(repository)
    runs = []
    for batch in batches:
        run = file.run(repository, batch)
        run.repository = repository
        ledger = take(run, _ours(repository, batch), actor=file.actor, flush=False)
        follow(run, ledger, at=timezone.now())
        runs.append(run)
    return runs


class _Handed(NamedTuple):
    """A file that somebody handed in; `scan` is the job of the worker that reads it."""

    name: str
    digest: str
    actor: User | str
    scan: Scan | None

    def run(self, repository: Repository, batch: Batch) -> Run:
        """The row for one of its batches."""
        told: dict[str, Any] = {"file_name": self.name, "file_hash": self.digest, "scan": self.scan}
        return receive_report(repository, batch, kind="upload", actor=self.actor, at=timezone.now(), **told)


def _digest(data: Source) -> str:
    digest = hashlib.sha256()
    for piece in pieces(data):
        digest.update(piece)
    return digest.hexdigest()


def _check(repository: Repository, batches: Sequence[Batch]) -> None:
    """Raises FormatError where one of them cannot be taken: then none is."""
    for batch in batches:
        _check_tool(repository, batch)
        _check_branch(repository, batch)


def _ours(repository: Repository, batch: Batch) -> Batch:
    """The batch as one of the branch that is tracked, with a word where it is of another repository."""
    notices = (*batch.notices, *_stranger(repository, batch))
    return replace(batch, branch=repository.default_branch, notices=notices)


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
    """Apply a waiting run and what follows from it. Raises `Moved` or ValueError (see `findings.actions.accept`)."""
    _again(partial(_accept, run, actor=actor, anyway=anyway, at=at))


def _again(work: Callable[[], T]) -> T:
    """Do it, and again where PostgreSQL ended it: whoever locks rows in another order makes it end one of both."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return work()
        except OperationalError as error:
            if not left or connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("the last attempt answers or raises")


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
