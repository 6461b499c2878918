"""The digest as a mail: facts turned into sentences in the reader's language and zone. Text and HTML say the same.

Nothing is loaded from anywhere when it is read: no images, no scripts, no styles; bars are cells of a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import singledispatch
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from findings.models import User
from findings.templatetags.nova import money
from findings.words import listed
from remediation.clock import zone_of
from remediation.core.digest import CostMove, Digest, GradeMove, Line, Promise, Section, SectionCode, Subject, Thing
from remediation.core.planning import overdue
from remediation.models import DigestSetting

TITLES = {
    SectionCode.NEEDS: gettext_lazy("What needs you"),
    SectionCode.PROMISES: gettext_lazy("Promised and kept"),
    SectionCode.CLOSED: gettext_lazy("Closed with proof"),
    SectionCode.CAME_BACK: gettext_lazy("Came back"),
    SectionCode.NEW: gettext_lazy("New"),
    SectionCode.GRADE: gettext_lazy("Grade"),
    SectionCode.COST: gettext_lazy("Costs"),
}
PAGES = {"finding": "remediation:finding", "item": "remediation:item"}
UNSUBSCRIBE = signing.Signer(salt="digest")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the mail. `bar` is how much of a bar is filled, in per cent; None where there is nothing to fill."""

    text: str
    priority: str = ""
    note: str = ""
    url: str = ""
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the mail, and how many rows it leaves out."""

    title: str
    rows: tuple[Row, ...]
    more: int


def digest(user: User, setting: DigestSetting, made: Digest, message_id: str) -> EmailMultiAlternatives:
    """The mail of a digest, ready to be sent."""
    with translation.override(user.language), timezone.override(zone_of(user)):
        context = context_of(user, setting, made)
        text = render_to_string("emails/digest-text.txt", context).replace("\N{NO-BREAK SPACE}", " ")
        message = EmailMultiAlternatives(
            subject=render_to_string("emails/digest-subject.txt", context).replace("\N{NO-BREAK SPACE}", " ").strip(),
            body=text.strip() + "\n",
            to=[user.email],
            headers={
                "Message-ID": message_id,
                "List-Id": f"Nova Dashboard <digest.{urlsplit(settings.BASE_URL).hostname}>",
                "List-Unsubscribe": f"<{context['unsubscribe_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
                "Content-Language": user.language,
            },
        )
        message.attach_alternative(render_to_string("emails/digest-html.html", context), "text/html")
    return message


def unsubscribe_token(user: User) -> str:
    """A name for this person in a URL that nobody else can make."""
    return UNSUBSCRIBE.sign(str(user.pk))


def user_of_token(token: str) -> User | None:
    """The person a token was made for; None for anything we did not sign."""
    try:
        return User.objects.filter(pk=int(UNSUBSCRIBE.unsign(token))).first()
    except (signing.BadSignature, ValueError):
        return None


def address(name: str, *args: Any) -> str:
    """A page as a whole URL."""
    return settings.BASE_URL + reverse(name, args=args)


def context_of(user: User, setting: DigestSetting, made: Digest) -> dict[str, Any]:
    """What the templates of the mail say, in the language and zone that are active."""
    today = timezone.localdate(made.until)
    return {
        "facts": list(_facts(made.subject)),
        "since": made.since,
        "until": made.until,
        "parts": [_part(section, today) for section in made.sections],
        "name": user.get_short_name(),
        "language": user.language,
        "weekday": WEEKDAYS[setting.weekday],
        "hour": f"{setting.hour:02}:00",
        "zone": str(zone_of(user)),
        "home_url": settings.BASE_URL + "/",
        "settings_url": address("remediation:digest"),
        "unsubscribe_url": address("remediation:unsubscribe", unsubscribe_token(user)),
    }


# The subject


def _facts(subject: Subject) -> Iterable[str]:
    """The facts of the subject line, what is worst first."""
    if subject.overdue:
        counts = listed(f"{n} {priority}" for priority, n in sorted(subject.overdue.items()))
        yield _("%(counts)s overdue") % {"counts": counts}
    if subject.came_back:
        yield ngettext("%d came back", "%d came back", subject.came_back) % subject.came_back
    if subject.grade:
        yield _("grade %(before)s→%(after)s") % {"before": subject.grade.before, "after": subject.grade.after}
    if subject.closed:
        yield ngettext("%d closed", "%d closed", subject.closed) % subject.closed
    if subject.due:
        yield ngettext("%d due this week", "%d due this week", subject.due) % subject.due
    if subject.new:
        yield ngettext("%d new", "%d new", subject.new) % subject.new
    for currency, amount in sorted(subject.saved.items()):
        yield _("%(money)s saved") % {"money": money(amount, currency)}


# The sections


def _part(section: Section, today: date) -> Part:
    return Part(str(TITLES[section.code]), tuple(_row(line, today) for line in section.rows), section.more)


@singledispatch
def _row(line: Line, today: date) -> Row:
    raise TypeError(f"no sentence for {type(line).__name__}")


@_row.register
def _thing(row: Thing, today: date) -> Row:
    kind, _colon, pk = row.subject.partition(":")
    notes = [row.team, _due(row.due, today)]
    return Row(
        " ".join(row.title.split()),
        priority=row.priority,
        note=listed(note for note in notes if note),
        url=address(PAGES[kind], int(pk)),
    )


def _due(due: date | None, today: date) -> str:
    if due is None:
        return ""
    words = _("overdue, was due on %(day)s") if overdue(due, today) else _("due on %(day)s")
    return words % {"day": date_format(due, "SHORT_DATE_FORMAT")}


@_row.register
def _promise(row: Promise, today: date) -> Row:
    words = _("%(team)s, week %(week)d: %(kept)d of %(promised)d kept")
    fields = {"team": row.team, "week": row.week.number, "kept": row.kept, "promised": row.promised}
    return Row(words % fields, bar=100 * row.kept // row.promised)


@_row.register
def _grade(row: GradeMove, today: date) -> Row:
    after = f"{row.after} ({_score(row.score_after)})"
    if not row.before:
        text = _("%(team)s: %(after)s, the first grade") % {"team": row.team, "after": after}
    else:
        before = f"{row.before} ({_score(row.score_before)})"
        text = _("%(team)s: %(after)s, was %(before)s") % {"team": row.team, "after": after, "before": before}
    return Row(text, bar=int(row.score_after or 0))


def _score(score: Decimal | None) -> str:
    return "—" if score is None else number_format(score, 1)


@_row.register
def _cost(row: CostMove, today: date) -> Row:
    fields = {
        "team": row.team,
        "month": date_format(row.month, "YEAR_MONTH_FORMAT"),
        "money": money(row.after, row.currency),
    }
    return Row(_("%(team)s, %(month)s: %(money)s billed") % fields, note=listed(_cost_notes(row)))


def _cost_notes(row: CostMove) -> Iterable[str]:
    if row.before is not None and row.before != row.after:
        less = row.before > row.after
        words = _("%(money)s less than the month before") if less else _("%(money)s more than the month before")
        yield words % {"money": money(abs(row.after - row.before), row.currency)}
    if row.saved:
        yield _("%(money)s saved by what was fixed") % {"money": money(row.saved, row.currency)}
