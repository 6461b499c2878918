"""The weekly digest as work: enrolled, claimed, sent once. PostgreSQL alone decides who sends what.

A person's setting is claimed by moving its `next_at` on, in one transaction with the row of the mail: what is due
cannot get lost between the two. The mail itself is taken under a lease, so a worker that dies is followed by another,
`TRIES` times at most. Its Message-ID was stored before the first try.
"""

import logging
import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.utils import timezone

from findings.events import record
from findings.models import User
from remediation import mail
from remediation.clock import zone_of
from remediation.core.digest import Digest as Content
from remediation.core.digest import next_run, period
from remediation.models import Digest, DigestSetting
from remediation.reads.digest import digest_of

TRIES = 3
LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=15)
FIRST_SPAN = timedelta(days=7)

logger = logging.getLogger(__name__)


# When


def enroll(user: User, *, now: datetime | None = None) -> DigestSetting:
    """The person's setting; made with the usual day and hour (Monday, 9) where there is none."""
    fresh = DigestSetting()
    due = next_run(fresh.weekday, fresh.hour, zone_of(user), now or timezone.now())
    return DigestSetting.objects.get_or_create(user=user, defaults={"next_at": due})[0]


def enroll_missing(now: datetime) -> None:
    """Enroll everybody who is in a team and may sign in."""
    for user in User.objects.filter(is_active=True, digest_setting=None, memberships__isnull=False).distinct():
        enroll(user, now=now)


def realign(now: datetime) -> None:
    """Follow people who moved: their next mail comes at their hour in the time zone they are in now."""
    for setting in enabled_settings().filter(next_at__gt=now):
        due = next_run(setting.weekday, setting.hour, zone_of(setting.user), now)
        if due != setting.next_at:
            DigestSetting.objects.filter(pk=setting.pk, next_at=setting.next_at).update(next_at=due)


@transaction.atomic
def change_setting(
    setting: DigestSetting,
    *,
    actor: User | str,
    enabled: bool,
    weekday: int,
    hour: int,
    when_quiet: bool,
    now: datetime | None = None,
) -> None:
    """Set whether and when a person gets the digest."""
    before = {name: getattr(setting, name) for name in ("enabled", "weekday", "hour", "when_quiet")}
    after = {"enabled": enabled, "weekday": weekday, "hour": hour, "when_quiet": when_quiet}
    for name, value in after.items():
        setattr(setting, name, value)
    setting.next_at = next_run(weekday, hour, zone_of(setting.user), now or timezone.now())
    setting.save(update_fields=[*after, "next_at"])
    if before != after:
        record("set digest", f"user:{setting.user_id}", actor=actor, before=before, after=after)


@transaction.atomic
def switch(user: User, *, on: bool, actor: User | str) -> None:
    """Turn a person's digest off, or on again."""
    setting = enroll(user)
    if DigestSetting.objects.filter(pk=setting.pk, enabled=not on).update(enabled=on):
        record("turned digest on" if on else "turned digest off", f"user:{user.pk}", actor=actor)
    if on:
        DigestSetting.objects.filter(pk=setting.pk).update(
            next_at=next_run(setting.weekday, setting.hour, zone_of(user), timezone.now())
        )


# Claiming


def due_settings(now: datetime) -> QuerySet[DigestSetting]:
    """Settings whose moment has come."""
    return enabled_settings().filter(next_at__lte=now)


def enabled_settings() -> QuerySet[DigestSetting]:
    """Everybody who wants the digest and may sign in."""
    return DigestSetting.objects.filter(enabled=True, user__is_active=True).select_related("user").order_by("pk")


def claim_due(now: datetime) -> list[Digest]:
    """Make the mails that are due, each by whichever worker moves `next_at` on first."""
    made = [claim(setting, now) for setting in due_settings(now)]
    return [digest for digest in made if digest is not None]


@transaction.atomic
def claim(setting: DigestSetting, now: datetime) -> Digest | None:
    """Make a person's mail of the period that `next_at` begins; None when another worker was first."""
    zone = zone_of(setting.user)
    following = next_run(setting.weekday, setting.hour, zone, now)
    if DigestSetting.objects.filter(pk=setting.pk, next_at=setting.next_at).update(next_at=following) != 1:
        return None
    return _begin(setting.user, period(setting.next_at, zone), now)


@transaction.atomic
def claim_now(user: User, now: datetime) -> Digest:
    """Make a mail outside of the schedule, in a period of its own ("now-" and the second)."""
    DigestSetting.objects.select_for_update().get(pk=enroll(user).pk)  # two clicks at once make one mail
    return _begin(user, f"now-{now.astimezone(UTC):%Y%m%dT%H%M%S}", now)


def _begin(user: User, name: str, now: datetime) -> Digest:
    """The row of a mail; one that waits already is taken up instead, so that at most one waits for a person."""
    waits = Digest.objects.filter(user=user, outcome="waiting").first()
    if waits is not None:
        return waits
    return Digest.objects.get_or_create(
        user=user,
        period=name,
        defaults={
            "message_id": f"<digest.{token_hex(8)}@{urlsplit(settings.BASE_URL).hostname}>",
            "since": told_until(user, now),
            "until": now,
        },
    )[0]


def told_until(user: User, now: datetime) -> datetime:
    """Up to when the person was told: the end of the last mail that was sent, else where the first try began."""
    mine = Digest.objects.filter(user=user).aggregate(told=Max("until", filter=Q(outcome="sent")), first=Min("since"))
    return mine["told"] or mine["first"] or now - FIRST_SPAN


def draft(user: User, now: datetime) -> Content:
    """What a digest made now would say."""
    return digest_of(user, told_until(user, now), now)


# Sending


def waiting(now: datetime) -> QuerySet[Digest]:
    """Mails a worker may take: not sent, tries left, and nobody else at it."""
    free = Q(lease=None) | Q(lease__lte=now)
    return Digest.objects.filter(free, outcome="waiting", attempts__lt=TRIES)


def take(digest: Digest, now: datetime) -> bool:
    """Take a mail for this worker. One conditional UPDATE: two workers cannot both win."""
    taken = waiting(now).filter(pk=digest.pk).update(lease=now + LEASE, attempts=F("attempts") + 1) == 1
    if taken:
        digest.refresh_from_db()
    return taken


def send(digest: Digest, *, now: datetime, even_if_quiet: bool = False) -> str:
    """Send one mail and answer its outcome: "sent", "quiet", "off", "refused", "failed", or "waiting" for a retry.

    "" when another worker has it. `sent_at` is written after the server accepted; never call it in a transaction.
    """
    if not take(digest, now):
        return ""
    setting = enroll(digest.user)
    if not (setting.enabled and digest.user.is_active) and not even_if_quiet:
        return _end(digest, "off")
    made = digest_of(digest.user, digest.since, digest.until)
    if (made.quiet or made.empty) and not (even_if_quiet or setting.when_quiet):
        return _end(digest, "quiet")
    message = mail.digest(digest.user, setting, made, digest.message_id)
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        return _missed(digest, error, now)
    return _end(digest, "sent", subject=message.subject[:300], sent_at=timezone.now())


def _end(digest: Digest, outcome: str, **fields: object) -> str:
    Digest.objects.filter(pk=digest.pk).update(outcome=outcome, lease=None, error="", **fields)
    return outcome


def _missed(digest: Digest, error: Exception, now: datetime) -> str:
    """A final refusal ends it, anything else is tried again after a pause; the health page shows both."""
    final = _is_final(error)
    outcome = "refused" if final else "failed" if digest.attempts >= TRIES else "waiting"
    words = f"{type(error).__name__}: {error}"[:500]
    lease = now + PAUSE if outcome == "waiting" else None
    Digest.objects.filter(pk=digest.pk).update(outcome=outcome, error=words, lease=lease)
    logger.warning("Digest %s: %s (%s)", digest.pk, outcome, type(error).__name__)
    return outcome


def _is_final(error: Exception) -> bool:
    """Whether a server said no for good (a code of 500 and more) to this person's address or to the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, (smtplib.SMTPDataError, smtplib.SMTPSenderRefused)) and error.smtp_code >= 500


def send_due(now: datetime) -> int:
    """Send what is due, and what an earlier worker left; answers how many mails a server accepted."""
    enroll_missing(now)
    realign(now)
    claim_due(now)
    spent = Digest.objects.filter(outcome="waiting", attempts__gte=TRIES, lease__lte=now)
    spent.update(outcome="failed", lease=None, error="the worker stopped during each try")
    mails = list(waiting(now).select_related("user").order_by("pk"))
    # Leases count from when each mail is taken, however long the ones before it took.
    ahead = now - timezone.now()
    return sum(send(digest, now=timezone.now() + ahead) == "sent" for digest in mails)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A digest that did not reach its reader, for the health page."""

    email: str
    period: str
    outcome: str
    error: str


def trouble(since: datetime) -> list[Trouble]:
    """Mails since a moment that were refused, failed, or wait for another try after an error; newest first."""
    rows = Digest.objects.exclude(error="").filter(until__gte=since).select_related("user").order_by("-until", "-pk")
    return [Trouble(row.user.email, row.period, row.outcome, row.error) for row in rows]
