"""What workers do when woken. Messages hold ids; the work itself is in PostgreSQL, and beat wakes what still waits."""

import logging

from celery import shared_task
from django.utils import timezone

from findings import actions
from findings.actions import tokens, uploads
from findings.events import MACHINE
from findings.git import GitError
from findings.models import Repository, Run, Scan, ScanKind, Team, Upload
from findings.models.repositories import LIVE_KINDS
from findings.wake import wake
from nova_dashboard import intake, looking, pipeline
from nova_dashboard.mirrors import mirror_of, protocols
from nova_dashboard.tracing import trace_owners
from remediation.actions import digests, tallies, traces
from remediation.actions.grades import grade_day
from remediation.actions.reading import waiting_for_a_look
from remediation.actions.weeks import close_weeks
from remediation.clock import day_of

log = logging.getLogger(__name__)


@shared_task(name="nova.scan")
def scan(pk: int) -> None:
    """Do one scan, or read one upload, then wake the one that waited for it."""
    if Upload.objects.filter(scan=pk).exists():
        intake.run_upload(pk)
    else:
        pipeline.run_scan(pk)
    done = Scan.objects.filter(pk=pk).first()
    if done and done.kind in LIVE_KINDS:
        wake("nova.owners", done.repository_id)
    waiting = done and done.repository.scans.claimable().first()
    if waiting and waiting.pk != pk:
        wake("nova.scan", waiting.pk)


@shared_task(name="nova.look")
def look_for_files(pk: int) -> None:
    """Look for the files that a waiting review names."""
    looking.look(pk)


@shared_task(name="nova.sweep")
def sweep() -> None:
    """Wake whatever waits: scans whose message was lost or whose worker died, what nobody asked git about yet. And add
    the tally up, to which every change appends.
    """
    for pk in Scan.objects.claimable().order_by("pk").values_list("pk", flat=True):
        wake("nova.scan", pk)
    for pk in traces.behind().values_list("pk", flat=True):
        wake("nova.owners", pk)
    for pk in waiting_for_a_look():
        wake("nova.look", pk)
    tallies.add_up()


@shared_task(name="nova.owners")
def owners(pk: int) -> None:
    """Ask whose the findings of a repository are, once it was scanned."""
    repository = traces.behind().filter(pk=pk).first()
    if repository is None:
        return
    try:
        trace_owners(repository)
    except GitError as error:
        log.info("%s: %s", repository.slug, error)


@shared_task(name="nova.digests")
def send_digests() -> None:
    """Send the digests that are due."""
    digests.send_due(timezone.now())


@shared_task(name="nova.daily")
def daily() -> None:
    """What depends on the day: terms and weeks that are over, previews nobody accepted, the grades of the day."""
    now = timezone.now()
    uploads.tidy()
    tokens.forget_submissions(now)
    actions.expire_verdicts(timezone.localdate())
    for run in Run.objects.filter(state="preview", expires_at__lt=now):
        actions.drop(run, actor=MACHINE)
    for team in Team.objects.filter(aside_of=None):
        close_weeks(team, today=day_of(team, now))
        grade_day(team, at=now)


@shared_task(name="nova.poll_heads")
def poll_heads() -> None:
    """Find the pushes nobody told us of: ask each remote for its head."""
    for repository in Repository.objects.followed():
        try:
            mirror = mirror_of(repository)
            mirror.create()
            branch, head = mirror.remote_head(repository.url, protocols(repository.url), repository.default_branch)
        except GitError as error:
            log.info("%s: %s", repository.slug, error)
            continue
        if head and head not in (repository.remote_head, repository.proven_commit):
            actions.saw_head(repository, head, branch)
            actions.request_scan(repository, kind=ScanKind.SCHEDULE, actor=MACHINE)
