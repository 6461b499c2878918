"""Is the house in order? For leads and staff: workers, scans that fail, mail that was not taken, how large it is."""

import sys
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from findings.access import memberships_of
from findings.full import disk_is_full
from findings.models import Scan, ScanState, User
from findings.pages import person
from findings.refusals import refused
from findings.words import full_stop, listed
from nova_dashboard.health import STALE, Health, measure
from remediation.models import Digest

RECENT = timedelta(days=14)
SHOWN = 20
WAITS_LONG = timedelta(minutes=5)
SILENT = {
    "database": gettext_lazy("the database does not answer"),
    "broker": gettext_lazy("the broker does not answer"),
    "workers": gettext_lazy("no worker is at work"),
}


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """What runs and what failed lately, as far as it concerns this person's teams."""
    user = person(request)
    led = [m.team_id for m in memberships_of(request) if m.role == "lead"]
    if not led and not user.is_staff:
        raise PermissionDenied
    found, now = measure(), timezone.now()
    scans = Scan.objects.visible_to(user).select_related("repository").filter(created_at__gte=now - RECENT)
    failed = list(scans.filter(state=ScanState.FAILED)[:SHOWN])
    stuck = list(scans.filter(state=ScanState.QUEUED, created_at__lt=now - WAITS_LONG)[:SHOWN])
    mails = _mails(user, led, now - RECENT)
    context = {
        "sentence": _sentence(found, len(failed), len(stuck), len(mails)),
        "parts": _parts(found),
        "workers": [
            {"name": name, "age": age, "at": now - age, "state": "running" if age <= STALE else "failed"}
            for name, age in found.workers
        ],
        "failed": [(scan, refused(scan.error)) for scan in failed],
        "stuck": stuck,
        "mails": [(mail, refused(mail.error)) for mail in mails],
    }
    return render(request, "health.html", context)


def broken(request: HttpRequest) -> HttpResponse:
    """What a request that failed is answered: a page that needs nothing, and 507 where a disk is full."""
    full = disk_is_full(sys.exc_info()[1])
    page = get_template("500.html").render({"full": full})
    return HttpResponse(page, status=507 if full else 500)


def _mails(user: User, led: list[int], since: Any) -> list[Digest]:
    """Digests that a mail server refused, to members of the teams this person leads (staff: to anybody)."""
    refused = Digest.objects.filter(until__gte=since).exclude(error="").select_related("user").order_by("-until")
    return list((refused if user.is_staff else refused.filter(user__memberships__team__in=led).distinct())[:SHOWN])


def _sentence(found: Health, failed: int, stuck: int, mails: int) -> str:
    """What needs somebody, in words."""
    said = [str(SILENT[part]) for part in found.down]
    if failed:
        said.append(ngettext("%d scan failed", "%d scans failed", failed) % failed)
    if stuck:
        said.append(ngettext("%d scan waits too long", "%d scans wait too long", stuck) % stuck)
    if mails:
        said.append(ngettext("%d mail was not taken", "%d mails were not taken", mails) % mails)
    text = listed(said)
    return (
        full_stop(f"{text[0].upper()}{text[1:]}") if text else _("Everything answers, and nothing failed in two weeks.")
    )


def _parts(found: Health) -> list[tuple[str, str]]:
    said = {True: _("answers"), False: _("does not answer")}
    parts = [(_("Database"), said[found.database]), (_("Broker"), said[found.broker])]
    return [*parts, (_("Size of the database"), filesizeformat(_size()))]


def _size() -> int:
    """Bytes that the database takes on disk, as PostgreSQL counts them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
