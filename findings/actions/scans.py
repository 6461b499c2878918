"""Scans as durable jobs: asked for, claimed under a lease, finished or failed by the worker that holds the ticket."""

import secrets
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from findings.events import name_of, record
from findings.models import Delivery, Repository, Scan, ScanKind, ScanState, User
from findings.models.repositories import LIVE_KINDS
from findings.wake import wake

MAX_ATTEMPTS = 5
SCAN_TASK = "nova.scan"


class Lost(Exception):
    """The lease ran out and another worker took the scan over: what this one did must not be written."""


def request_scan(
    repository: Repository, *, kind: str = ScanKind.MANUAL, actor: User | str, commit: str = ""
) -> tuple[Scan, bool]:
    """The scan that will see the newest commit: the one already waiting, or a new one. (scan, made).

    A live scan without a commit looks at the head of its branch when a worker gets to it, so many pushes need one
    scan. Two requests at once: the unique constraint lets one insert win, and the other finds its row.
    """
    live = kind in LIVE_KINDS
    while True:
        waiting = repository.scans.filter(state=ScanState.QUEUED, kind__in=LIVE_KINDS).first() if live else None
        if waiting:
            if commit and waiting.commit != commit:
                Scan.objects.filter(pk=waiting.pk, state=ScanState.QUEUED).update(commit="")
            transaction.on_commit(partial(wake, SCAN_TASK, waiting.pk))
            return waiting, False
        try:
            with transaction.atomic():
                scan = Scan.objects.create(repository=repository, kind=kind, commit=commit, actor=name_of(actor))
        except IntegrityError:
            continue  # somebody queued one between the look and the insert
        transaction.on_commit(partial(wake, SCAN_TASK, scan.pk))
        return scan, True


@transaction.atomic
def request_past(repository: Repository, *, since: date, every: int = 1, actor: User | str, told: bool = True) -> Scan:
    """Ask for a scan of the past: the commits since a day, every Nth of them. `told`: wake a worker for it.

    A repository that was scanned before takes the past over when all of it is told.

    Raises ValueError with a text for people where that cannot be done.
    """
    locked = Repository.objects.select_for_update().get(pk=repository.pk)
    if locked.scans.filter(kind=ScanKind.BACKFILL, state__in=[ScanState.QUEUED, ScanState.RUNNING]).exists():
        raise ValueError(_("The past of this repository is being scanned already."))
    if every < 1:
        raise ValueError(_("Every commit is 1, every second one 2: the number cannot be less than 1."))
    if since > timezone.localdate():
        raise ValueError(_("This day is not over yet: the past begins on an earlier one."))
    counts = _standing(locked, {"since": since.isoformat(), "every": every})
    scan = Scan.objects.create(repository=locked, kind=ScanKind.BACKFILL, counts=counts, actor=name_of(actor))
    record(
        "asked for the past",
        f"repository:{locked.pk}",
        actor=actor,
        label=locked.name,
        team=locked.components.get(is_default=True).team_id,
        repository=locked,
        after=counts,
    )
    if told:
        transaction.on_commit(partial(wake, SCAN_TASK, scan.pk))
    return scan


def _standing(repository: Repository, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a scan of the past begins with. One that failed is gone on with: where nothing was scanned since, or, told
    aside because the repository has a story of its own, where the same was asked for.
    """
    scans = repository.scans.exclude(kind__in=[ScanKind.UPLOAD, ScanKind.REVIEW])
    last, before = scans.first(), scans.filter(kind=ScanKind.BACKFILL).first()
    if before and before.state == ScanState.FAILED and "at" in before.counts:
        aside = "aside" in before.counts
        if wanted.items() <= before.counts.items() if aside else before == last:
            return {name: before.counts[name] for name in (*wanted, "at", *(["aside"] if aside else []))}
    return wanted | ({"aside": True} if repository.proven_commit else {})


def note(scan: Scan, **counts: Any) -> None:
    """Keep where a long scan stands, for whoever goes on with it. Raises `Lost` when another worker took over."""
    _mine(scan, counts=scan.counts | counts)


def claim(pk: int) -> Scan | None:
    """Take a scan for this worker, or None where another has it, it is over, or its repository is busy."""
    ticket = secrets.token_hex(8)
    try:
        with transaction.atomic():
            won = Scan.objects.claim(pk, ticket, timedelta(seconds=settings.NOVA_LEASE))
    except IntegrityError:
        return None  # another live scan of this repository started running in between
    return Scan.objects.select_related("repository").get(pk=pk, ticket=ticket) if won else None


def advance(scan: Scan, stage: str = "", done: int = 0, total: int = 0) -> None:
    """Say how far it is, and hold the lease. Raises `Lost` when another worker took over."""
    lease = timezone.now() + timedelta(seconds=settings.NOVA_LEASE)
    _mine(scan, stage=stage or scan.stage, done=done, total=total, lease=lease)


def hold(scan: Scan) -> None:
    """Keep the lease while a long step runs. Raises `Lost` when another worker took over."""
    _mine(scan, lease=timezone.now() + timedelta(seconds=settings.NOVA_LEASE))


@transaction.atomic
def finish(scan: Scan, *, commit: str, counts: dict[str, Any], notices: list[dict[str, Any]]) -> None:
    """The scan is done: what it says about the repository is proven at `commit`. Raises `Lost`."""
    now = timezone.now()
    _mine(
        scan,
        state=ScanState.DONE,
        stage="done",
        commit=commit,
        counts=counts,
        notices=notices,
        finished_at=now,
        lease=None,
        error="",
    )


def fail(scan: Scan, error: str, *, again: bool = False) -> None:
    """The scan could not be done; `again` puts it back in the queue while attempts are left.

    Nothing is closed by a failed scan. `error` is shown to people: no secrets, no stack trace.
    """
    retry = again and scan.attempts < MAX_ATTEMPTS
    waiting = scan.repository.scans.filter(state=ScanState.QUEUED, kind__in=LIVE_KINDS).exclude(pk=scan.pk).exists()
    state = ScanState.QUEUED if retry and not waiting else ScanState.FAILED
    over = None if state == ScanState.QUEUED else timezone.now()
    _mine(scan, state=state, error=error[:2000], finished_at=over, lease=None)


def _mine(scan: Scan, **fields: Any) -> None:
    held = Scan.objects.filter(pk=scan.pk, state=ScanState.RUNNING, ticket=scan.ticket)
    if held.update(**fields) != 1:
        raise Lost(f"scan {scan.pk} was taken over")
    for name, value in fields.items():
        setattr(scan, name, value)


@transaction.atomic
def receive(repository: Repository, *, provider: str, delivery_id: str, push: dict[str, str]) -> tuple[Delivery, bool]:
    """Store a delivery, and ask for a scan when it is a push to the tracked branch. (delivery, made).

    `push` = event, ref, before, after, outcome. The same delivery again changes nothing.
    """
    delivery, made = Delivery.objects.get_or_create(
        repository=repository, provider=provider, delivery_id=delivery_id, defaults=push
    )
    if made and delivery.outcome == "scan":
        Repository.objects.filter(pk=repository.pk).update(remote_head=delivery.after, remote_seen_at=timezone.now())
        request_scan(repository, kind=ScanKind.PUSH, actor=provider)
        record(
            "pushed",
            f"repository:{repository.pk}",
            actor=provider,
            label=repository.name,
            team=repository.components.get(is_default=True).team_id,
            repository=repository,
            after={"commit": delivery.after, "ref": delivery.ref},
        )
    return delivery, made
