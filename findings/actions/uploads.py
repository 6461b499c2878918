"""Reports that are too large to read while somebody waits: received into a private file, read by a worker.

The file lies in the spool folder from the last byte received until it was read, at most a day, and nowhere else: raw
reports may hold credentials, so the database never sees one. A worker that dies leaves the file to the next; one that
cannot find it says that it must be sent again.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from findings.actions.scans import SCAN_TASK
from findings.events import name_of
from findings.models import Repository, Run, Scan, ScanKind, ScanState, Team, Upload, User
from findings.wake import wake

PIECE = 1024 * 1024
KEPT = 24 * 3600  # seconds that a file nobody asks for any more may lie there


class Gone(Exception):
    """The file of an upload is not in this machine's spool folder."""


def hand_in(
    repository: Repository,
    team: Team,
    pieces: Iterable[bytes],
    *,
    file_name: str,
    form: str = "",
    accept: bool = False,
    actor: User | str,
) -> Scan:
    """Keep a report for a worker, and wake one. Nothing of it is read here. `accept`: it takes what it read, too."""
    path = _new_file()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600), "wb") as spool:
            size = sum(spool.write(piece) for piece in pieces)
        told = {"file_name": file_name[:300], "form": form, "accept": accept}
        return _job(repository, team, actor, size=size, spool=path.name, **told)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def ask_to_accept(run: Run, team: Team, *, actor: User | str, anyway: bool = False) -> Scan:
    """Have a worker take a waiting run; asked twice, it is one job."""
    waiting = Scan.objects.filter(upload__take=run, state__in=[ScanState.QUEUED, ScanState.RUNNING]).first()
    return waiting or _job(run.repository, team, actor, file_name=run.file_name, take=run, anyway=anyway)


@transaction.atomic
def _job(repository: Repository, team: Team, actor: User | str, **fields: object) -> Scan:
    scan = Scan.objects.create(repository=repository, kind=ScanKind.UPLOAD, actor=name_of(actor))
    Upload.objects.create(scan=scan, team=team, **fields)
    transaction.on_commit(partial(wake, SCAN_TASK, scan.pk))
    return scan


def opener(upload: Upload, saw: Callable[[int], None]) -> Callable[[], Iterator[bytes]]:
    """What reads the file, from the start each time; `saw` hears how many bytes were read so far. Raises `Gone`."""
    path = folder() / upload.spool
    if not upload.spool or not path.is_file():
        raise Gone(upload.file_name)

    def pieces() -> Iterator[bytes]:
        done = 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
                done += len(piece)
                saw(done)

    return pieces


def forget(upload: Upload) -> None:
    """The file has served, or never will."""
    if upload.spool:
        (folder() / upload.spool).unlink(missing_ok=True)
        Upload.objects.filter(pk=upload.pk).update(spool="")


def tidy() -> int:
    """Remove what a crash left in the spool folder: files that no job waits for, after a day. Says how many."""
    waiting = set(
        Upload.objects.filter(scan__state__in=[ScanState.QUEUED, ScanState.RUNNING]).values_list("spool", flat=True)
    )
    old = [file for file in folder().iterdir() if file.stat().st_mtime < time.time() - KEPT]
    left = [file for file in old if file.name not in waiting]
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)


def folder() -> Path:
    """The spool folder, which only this account can enter."""
    path = Path(settings.NOVA_SPOOL)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _new_file() -> Path:
    return folder() / secrets.token_hex(16)
