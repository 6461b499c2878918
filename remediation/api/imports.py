"""Handing reports in: raw or as a form, packed by gzip or not, and never twice under one key."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse

from findings.actions import tokens
from findings.actions.batches import Moved
from findings.core.formats.table import FORMATS
from findings.core.types import FormatError
from findings.models import Repository, Run, Scan, Submission
from findings.rights import obtain
from remediation.actions.imports import REVIEW
from remediation.actions.intake import accept_or_ask, hand_in
from remediation.api import batches
from remediation.api.call import Answer, Call, Problem, dumped
from remediation.api.operation import Operation
from remediation.api.schema import BOOL, KEY, many, nullable, one_of, record, text

PIECE = 1024 * 1024
PLAIN_NAME = re.compile(r"[^\w. ()+-]")
RAW = (
    "application/sarif+json",
    "application/json",
    "application/gzip",
    "application/octet-stream",
    "text/csv",
    "text/markdown",
    "text/plain",
)
FORM = "multipart/form-data"
EXTENSIONS = {"text/csv": "csv", "text/markdown": "md", "application/sarif+json": "sarif"}


def hand_in_report(call: Call) -> Answer:
    """Hand in one report as the body, or in the field `file` of a form.

    A small one is answered 201 with its batches; of a large one a worker makes them: 202, and `Location` is where to
    ask how far it is. With `accept=true` it is applied as well, as far as it is not held.
    The same `Idempotency-Key` again gets the same answer for a day.
    """
    repository: Repository = obtain(Repository.objects.visible_to, call.user, slug=call.query["repository"])
    if not Repository.objects.led_by(call.user).filter(pk=repository.pk).exists():
        raise PermissionDenied
    with _received(call.request, call.query.get("file_name", "")) as file, _once(call, file) as known:
        if known is not None and known.status:
            headers = {"Location": known.location} if known.location else {}
            return Answer(known.answer, known.status, {**headers, "Idempotency-Replayed": "true"})
        answer = _taken(call, repository, file)
        if known is not None:
            tokens.answered(known, answer.status, json.loads(dumped(answer.body)), answer.headers.get("Location", ""))
        return answer


def _taken(call: Call, repository: Repository, file: UploadedFile) -> Answer:
    """Hand it in as the page does, and accept what is to be accepted."""
    home = repository.components.select_related("team").get(is_default=True)
    form, accept = call.query.get("format", ""), call.query.get("accept", False)
    try:
        found = hand_in(repository, home.team, file, form=form, accept=accept, actor=call.actor)
    except FormatError as error:
        raise Problem(422, str(error)) from error
    jobs = [made for made in found if isinstance(made, Scan)]
    runs = [made for made in found if isinstance(made, Run)]
    for run in runs if accept else ():
        with suppress(Moved):  # then it waits for somebody to look, as any report does
            job = accept_or_ask(run, actor=call.actor)
            jobs += [job] if job else []
    rows = Run.objects.filter(pk__in=[run.pk for run in runs]).select_related("repository", "scan").order_by("pk")
    body = {"job": jobs[0].pk if jobs else None, "batches": batches.shown(call, list(rows))}
    if jobs:
        return Answer(body, 202, {"Location": batches.status_address(jobs[0].pk)})
    address = reverse("api:batches/pk", args=[rows[0].pk])
    return Answer(body, 201, {"Location": f"{settings.BASE_URL}{address}"})


# The body


@contextmanager
def _received(request: HttpRequest, name: str) -> Iterator[UploadedFile]:
    """The report as a file: what is larger than a megabyte lies on disk and not in memory."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip") or kind not in (*RAW, FORM):
        wrong = f"Content-Encoding {encoding}" if kind in (*RAW, FORM) else f"Content-Type {kind or '(none)'}"
        takes = {"Accept": ", ".join((*RAW, FORM)), "Accept-Encoding": "gzip"}
        raise Problem(415, f"{wrong} is not taken; expected one of {takes['Accept']}, as it is or gzip", headers=takes)
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.NOVA_UPLOAD_LIMIT:
        raise _too_large()
    if kind == FORM:
        yield _field(request)
        return
    with tempfile.SpooledTemporaryFile(PIECE) as spool:
        size = _copy(request, spool)
        if not size:
            raise Problem(422, "the body is empty; expected a report")
        yield UploadedFile(spool, name=PLAIN_NAME.sub("_", name) or f"report.{EXTENSIONS.get(kind, 'json')}", size=size)


def _copy(request: HttpRequest, spool: IO[bytes]) -> int:
    size = 0
    while piece := request.read(PIECE):
        size += len(piece)
        if size > settings.NOVA_UPLOAD_LIMIT:
            raise _too_large()
        spool.write(piece)
    spool.seek(0)
    return size


def _field(request: HttpRequest) -> UploadedFile:
    try:
        given = request.FILES.getlist("file")
    except MultiPartParserError:
        raise Problem(400, "the form did not arrive whole") from None
    if len(given) != 1 or not given[0].size:
        raise Problem(422, "expected one file that is not empty", errors=[("/file", "is missing, empty or too many")])
    if given[0].size > settings.NOVA_UPLOAD_LIMIT:
        raise _too_large()
    return given[0]


def _too_large() -> Problem:
    return Problem(413, f"a report has at most {settings.NOVA_UPLOAD_LIMIT} bytes; pack it by gzip, or split it")


# Not twice


@contextmanager
def _once(call: Call, file: UploadedFile) -> Iterator[Submission | None]:
    """The row for this `Idempotency-Key`, with the answer where it has one; gone again where nothing came of it."""
    key = call.request.headers.get("Idempotency-Key", "").strip()
    if not key:
        yield None
        return
    if len(key) > 255 or not key.isprintable():
        raise Problem(400, "an Idempotency-Key has at most 255 printable characters")
    try:
        row, made = tokens.begin(call.token, key, _digest(call, file))
    except tokens.Twice as twice:
        raise Problem(409, str(twice)) from twice
    try:
        yield row
    except BaseException:
        if made:
            tokens.refused([row])
        raise


def _digest(call: Call, file: UploadedFile) -> str:
    told = hashlib.sha256(repr(sorted(call.query.items())).encode())
    for piece in file.chunks():
        told.update(piece)
    file.seek(0)
    return told.hexdigest()


HANDED = record({"job": nullable(KEY), "batches": many(batches.BATCH)})
QUERY: dict[str, Any] = {
    "repository": text(50, required=True, description="Its short name."),
    "format": one_of(*FORMATS, REVIEW, description="Without it: what name and content say."),
    "file_name": text(300),
    "accept": {**BOOL, "description": "Apply it at once, as far as it is not held."},
}
LATER = {202: "A worker reads or applies it; `Location` is where to ask how far it is."}
OPERATIONS = (
    Operation("POST", "imports", ("import",), hand_in_report, HANDED, QUERY, files=True, status=201, also=LATER),
)
