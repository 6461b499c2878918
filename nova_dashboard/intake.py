"""The story of an upload: claim it, read the file, keep the previews; or take a preview that somebody accepted."""

import logging
import time
from collections.abc import Callable, Sized
from functools import partial

from findings import actions
from findings.actions.batches import Moved
from findings.actions.scans import Lost
from findings.actions.uploads import Gone
from findings.core.types import FormatError
from findings.models import Scan, Upload
from nova_dashboard.lease import leased
from remediation.actions.imports import accept_import, preview_file, take_file

log = logging.getLogger(__name__)
ATTEMPTS = 3
BEAT = 0.5  # seconds between two writes of how far it is
KIB = 1024
BROKEN = "Something went wrong inside Nova, and nothing was written; the log says more."
GONE = "the file is not on this worker's machine any more; nothing was written. Send it again."


class Refused(Exception):
    """Why an upload came to nothing, in words for the person who handed it in."""


def run_upload(pk: int) -> bool:
    """Do one upload, if it is to be had. Says whether this worker did it. Never raises for what a file may hold."""
    scan = actions.claim(pk)
    if scan is None:
        return False
    upload = Upload.objects.select_related("team", "take__repository", "scan").get(scan=scan)
    try:
        with leased(scan):
            _do(scan, upload)
    except Lost as lost:
        log.warning("%s", lost)
        return False
    except Refused as refused:
        return _failed(scan, upload, str(refused))
    except Exception:
        log.exception("upload %s failed", pk)
        return _failed(scan, upload, BROKEN)
    actions.forget(upload)
    return True


def _do(scan: Scan, upload: Upload) -> None:
    if scan.attempts > ATTEMPTS:
        raise Refused(f"Given up: the worker died {ATTEMPTS} times over this. Is it larger than this machine can read?")
    if upload.take:
        _take(scan, upload)
    else:
        _read(scan, upload)
    actions.finish(scan, commit=scan.commit, counts={"bytes": upload.size}, notices=[])


def _read(scan: Scan, upload: Upload) -> None:
    read: Callable[..., Sized] = take_file if upload.accept else preview_file
    try:
        source = actions.opener(upload, _progress(scan, upload.size))
        found = read(
            scan.repository,
            upload.team,
            source,
            file_name=upload.file_name,
            form=upload.form,
            actor=scan.actor,
            scan=scan,
            planning=partial(actions.advance, scan, "apply"),
        )
    except Gone:
        raise Refused(f"{upload.file_name}: {GONE}") from None
    except FormatError as error:
        raise Refused(f"{upload.file_name}: {error}") from None
    if not found:
        raise Refused(f"{upload.file_name}: the report holds no run of any tool")


def _take(scan: Scan, upload: Upload) -> None:
    if upload.take is None:
        return
    actions.advance(scan, "apply")
    try:
        accept_import(upload.take, actor=scan.actor, anyway=upload.anyway)
    except Moved:
        actions.renew(upload.take)
        raise Refused("The findings changed since the preview, so nothing was written. Look at it again.") from None
    except ValueError:
        raise Refused("Somebody decided about it already; nothing was written.") from None


def _progress(scan: Scan, size: int) -> Callable[[int], None]:
    last = 0.0

    def saw(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT:
            last = time.monotonic()
            actions.advance(scan, "receive", done // KIB, max(size, done) // KIB)

    return saw


def _failed(scan: Scan, upload: Upload, error: str) -> bool:
    try:
        actions.fail(scan, error)
    except Lost as lost:
        log.warning("%s", lost)
        return False
    actions.forget(upload)
    return True
