"""Asking a person into a team: the membership, the mail, and the link with which a new account gets its password."""

import logging
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from findings import actions
from findings.models import Membership, Team, User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What became of it. `link` is "" where the person who invites must not have it; `sent`: the mail is on its way."""

    membership: Membership
    link: str
    sent: bool


def invite(team: Team, email: str, role: str, *, actor: User, name: str = "") -> Invitation:
    """Make the membership, then mail the person; a mail server that is down leaves the membership as it is.

    The link is shown to who invites only for an account that is in no other team: with it one can sign in as that
    person.
    """
    membership = actions.invite(team, email, role, actor=actor, name=name)
    user = membership.user
    link = "" if user.has_usable_password() else actions.password_link(user, settings.BASE_URL)
    alone = user.memberships.count() == 1
    sent = bool(_send(message(user, team, link, actor)))
    return Invitation(membership, link if alone else "", sent)


def message(user: User, team: Team, link: str, actor: User) -> EmailMultiAlternatives:
    """The mail, in the person's language. Without a link it is for somebody who can sign in already."""
    context = {
        "name": user.get_short_name(),
        "team": team.name,
        "by": str(actor),
        "link": link,
        "home": f"{settings.BASE_URL}/",
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        "language": user.language,
    }
    with translation.override(user.language):
        subject, text, html = (
            render_to_string(f"emails/invitation-{part}", context) for part in ("subject.txt", "text.txt", "html.html")
        )
    found = EmailMultiAlternatives(" ".join(subject.split()), f"{text.strip()}\n", to=[user.email])
    found.attach_alternative(html, "text/html")
    return found


def _send(mail: EmailMultiAlternatives) -> int:
    """1 where the mail server took it, else 0. Never raises: the membership stands either way."""
    try:
        return mail.send()
    except (SMTPException, OSError) as error:
        log.warning("An invitation could not be mailed: %s", type(error).__name__)
        return 0
