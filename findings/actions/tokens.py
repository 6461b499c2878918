"""Tokens: made, revoked, used; and requests that must not be taken twice."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from findings.events import record
from findings.models import Membership, Submission, Team, Token, User
from findings.models.tokens import SCOPES
from findings.querysets import ROLES

MARK = "nova_"
SHOWN = len(MARK) + 6  # characters of a token that tell it from others
DOMAIN = "token.invalid"  # reserved: no mail server and no person has it
WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=1)  # how long the same key means the same request
STUCK = timedelta(minutes=10)  # a request that got no answer by then never will


class Twice(Exception):
    """The same key with another request, or with one that is still being answered."""


@transaction.atomic
def issue(team: Team, name: str, scopes: Collection[str], *, days: int, actor: User | str) -> tuple[Token, str]:
    """A new token and its key, which is nowhere kept. Raises ValueError for a scope there is not."""
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise ValueError(f"scopes are some of {', '.join(SCOPES)}")
    key = MARK + secrets.token_urlsafe(32)
    user = User.objects.create_user(
        f"{secrets.token_hex(8)}@{DOMAIN}", name=name, is_active=False, language="en", timezone=team.timezone
    )
    role = max((SCOPES[scope][0] for scope in scopes), key=ROLES.index)
    Membership.objects.create(team=team, user=user, role=role, capacity=0)
    token = Token.objects.create(
        team=team,
        user=user,
        name=name,
        prefix=key[:SHOWN],
        digest=digest_of(key),
        scopes=[scope for scope in SCOPES if scope in scopes],
        created_by=actor if isinstance(actor, str) else actor.email,
        expires_at=timezone.now() + timedelta(days=days),
    )
    _record("made token", token, actor, scopes=token.scopes, expires=token.expires_at.isoformat())
    return token, key


@transaction.atomic
def revoke(token: Token, *, actor: User | str) -> bool:
    """It opens nothing any more; what it did stays in the log. Revoked twice, it is revoked once; says if now."""
    now = bool(Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))
    if now:
        Membership.objects.filter(user=token.user_id).delete()
        _record("revoked token", token, actor)
    return now


def _record(verb: str, token: Token, actor: User | str, **after: Any) -> None:
    record(verb, f"team:{token.team_id}", actor=actor, label=str(token), team=token.team_id, after=after)


def digest_of(key: str) -> str:
    """How a token is kept. It is random and long, so one plain SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def use(key: str, now: datetime) -> Token | None:
    """The live token with this key, this use counted in its minute (`used`, `window`); None where there is none.

    One UPDATE finds, counts and dates: two requests at once are two uses. It needs no Redis.
    """
    same = Q(window__gt=now - WINDOW)
    known = Token.objects.filter(digest=digest_of(key), revoked_at=None, expires_at__gt=now)
    found = known.update(
        used=Case(When(same, then=F("used") + 1), default=Value(1)),
        window=Case(When(same, then=F("window")), default=Value(now)),
        last_used_at=now,
    )
    return known.select_related("team", "user").first() if found else None


def left(token: Token) -> int:
    """Requests it may still make in its minute; negative where this one was too many."""
    return int(settings.NOVA_API_LIMIT) - token.used


def begin(token: Token, key: str, digest: str) -> tuple[Submission, bool]:
    """The row for a request under a key, and whether it is a new one. Raises `Twice`."""
    now = timezone.now()
    old = Q(at__lt=now - KEPT) | Q(status=0, at__lt=now - STUCK)
    Submission.objects.filter(old, token=token, key=key).delete()
    row, made = Submission.objects.get_or_create(token=token, key=key, defaults={"digest": digest, "at": now})
    if row.digest != digest:
        raise Twice("this key was used for another request")
    if not made and not row.status:
        raise Twice("the request with this key is still being answered")
    return row, made


def answered(row: Submission, status: int, answer: Any, location: str) -> None:
    """The request was taken: the same key gets the same answer for a day."""
    Submission.objects.filter(pk=row.pk).update(status=status, answer=answer, location=location)


def refused(rows: Sequence[Submission]) -> None:
    """The requests were not taken, so that they may be tried again under the same key."""
    Submission.objects.filter(pk__in=[row.pk for row in rows]).delete()


def forget_submissions(now: datetime) -> None:
    """Remove the answers that nobody may ask for any more."""
    Submission.objects.filter(at__lt=now - KEPT).delete()
