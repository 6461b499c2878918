"""Teams, and who is in them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.auth.tokens import default_token_generator
from django.db import models, transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from findings.actions.saying import Stale
from findings.events import record
from findings.models import Membership, Role, Team, User

M = TypeVar("M", bound=models.Model)


@transaction.atomic
def create_team(slug: str, *, actor: User | str, name: str = "", timezone: str = "UTC", language: str = "en") -> Team:
    """A new team. Raises IntegrityError when the slug is taken."""
    team = Team.objects.create(slug=slug, name=name or slug.capitalize(), timezone=timezone, language=language)
    record("created", f"team:{team.pk}", actor=actor, label=team.name, team=team)
    return team


@transaction.atomic
def invite(team: Team, email: str, role: str = Role.MEMBER, *, actor: User | str, name: str = "") -> Membership:
    """A membership for this address; an account is made when there is none (nobody can sign in to it yet)."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email, name=name, language=team.language, timezone=team.timezone)
    elif not user.has_usable_password():
        # Invited before: whoever was given the first link must not get into this team with it.
        user.set_unusable_password()
        user.save(update_fields=["password"])
    membership, made = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if made:
        record("invited", f"team:{team.pk}", actor=actor, label=user.email, team=team, after={"role": role})
    return membership


@transaction.atomic
def set_role(membership: Membership, role: str, *, actor: User | str) -> None:
    """Change what a member may do. Raises ValueError rather than leave a team without a lead."""
    _keep_a_lead(membership, role)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    record(
        "changed role",
        f"team:{membership.team_id}",
        actor=actor,
        label=membership.user.email,
        team=membership.team_id,
        before={"role": before},
        after={"role": role},
    )


@transaction.atomic
def leave(membership: Membership, *, actor: User | str, seen: Mapping[str, str] | None = None) -> None:
    """Take a person out of a team; their words in the log stay. Raises ValueError for the last lead, and `Stale` where
    they are not any more as they were `seen` (as text).
    """
    _as_seen(Membership, membership, seen)
    _keep_a_lead(membership, "")
    record("removed", f"team:{membership.team_id}", actor=actor, label=membership.user.email, team=membership.team_id)
    membership.delete()


@transaction.atomic
def configure(team: Team, *, actor: User | str, seen: Mapping[str, str] | None = None, **fields: Any) -> None:
    """Change a team's name, zone, language, calendar or SLA days; what does not differ is left alone.

    Raises `Stale` where a field is not any more as it was `seen` (as text).
    """
    now = _as_seen(Team, team, seen)
    before = {name: getattr(now, name) for name in fields if getattr(now, name) != fields[name]}
    if not before:
        return
    for name in before:
        setattr(team, name, fields[name])
    team.save(update_fields=list(before))
    record(
        "changed settings",
        f"team:{team.pk}",
        actor=actor,
        label=team.name,
        team=team,
        before={name: _word(value) for name, value in before.items()},
        after={name: _word(fields[name]) for name in before},
    )


@transaction.atomic
def set_seat(
    membership: Membership, role: str, hours: Decimal, *, actor: User | str, seen: Mapping[str, str] | None = None
) -> None:
    """Change what a member may do and their hours, both or neither. Raises ValueError like `set_role`, and `Stale`
    where they are not any more as they were `seen` (as text).
    """
    membership = _as_seen(Membership, membership, seen)
    if role != membership.role:
        set_role(membership, role, actor=actor)
    if hours != membership.capacity:
        set_capacity(membership, hours, actor=actor)


def _as_seen(model: type[M], row: M, seen: Mapping[str, str] | None) -> M:
    """The row as it is now, held until the transaction ends. Raises `Stale` where it is not as it was seen."""
    now: M = model._default_manager.select_for_update().get(pk=row.pk)
    if any(text_of(getattr(now, name)) != text for name, text in (seen or {}).items()):
        raise Stale(now)
    return now


def text_of(value: Any) -> str:
    """A field's value as forms show and compare it; lists as lines, numbers without needless zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)


@transaction.atomic
def set_capacity(membership: Membership, hours: Decimal, *, actor: User | str) -> None:
    """How many hours a week a member has for this work."""
    before, membership.capacity = membership.capacity, hours
    membership.save(update_fields=["capacity"])
    record(
        "changed capacity",
        f"team:{membership.team_id}",
        actor=actor,
        label=membership.user.email,
        team=membership.team_id,
        before={"capacity": str(before)},
        after={"capacity": str(hours)},
    )


def _word(value: Any) -> Any:
    return [str(v) for v in value] if isinstance(value, list) else value


def save_profile(user: User, *, name: str, language: str, timezone: str, shortcuts: bool) -> None:
    """A person's own settings. Without a name others see the address."""
    user.name, user.language, user.timezone, user.shortcuts = name, language, timezone, shortcuts
    user.save(update_fields=["name", "language", "timezone", "shortcuts"])


def _keep_a_lead(membership: Membership, role: str) -> None:
    # Two leads who demote each other at once would leave none: the team's row is the lock.
    Team.objects.select_for_update().get(pk=membership.team_id)
    others = Membership.objects.people().filter(team=membership.team_id, role=Role.LEAD).exclude(pk=membership.pk)
    if membership.role == Role.LEAD and role != Role.LEAD and not others.exists():
        raise ValueError("a team needs a lead")


def password_link(user: User, base_url: str) -> str:
    """A one-time link with which this person sets a password (valid for Django's PASSWORD_RESET_TIMEOUT)."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    return f"{base_url}{path}"
