"""What people type about teams and about themselves."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.actions.people import text_of
from findings.actions.tokens import DOMAIN as TOKEN_DOMAIN
from findings.core import severity
from findings.core.types import Priority
from findings.models import Membership, Role, Team, User
from findings.models.tokens import SCOPES
from findings.zones import ZONES
from remediation.core.holidays import NoDate, read_days
from remediation.forms.seen import SeenForm

MOST_HOLIDAYS = 400
LARGEST_CALENDAR = 512 * 1024  # bytes


class ZoneField(forms.ChoiceField):
    """A time zone by its name in the tz database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(zone, zone.replace("_", " ")) for zone in ZONES], **kwargs)


class DaysField(forms.CharField):
    """Dates, one a line."""

    widget = forms.Textarea(attrs={"rows": 5, "placeholder": "2026-12-25"})

    def prepare_value(self, value: Any) -> Any:
        """The dates as they are typed."""
        return "\n".join(day.isoformat() for day in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[date]:
        """The dates in order, each once."""
        return days_of(super().clean(value))


class DaysFile(forms.FileField):
    """A file of dates: a list, or an iCalendar file as public calendars offer them."""

    widget = forms.FileInput(attrs={"accept": ".ics,.txt,.csv,text/calendar,text/plain"})

    def clean(self, value: Any, initial: Any = None) -> list[date]:
        """Its dates; none where no file was sent."""
        file = super().clean(value, initial)
        if not file:
            return []
        if file.size > LARGEST_CALENDAR:
            raise forms.ValidationError(_("A calendar of at most %d KB.") % (LARGEST_CALENDAR // 1024))
        return days_of(file.read().decode("utf-8", "replace"))


def days_of(text: str) -> list[date]:
    """The days of a list or a calendar; what comes back every year is followed for three years."""
    year = timezone.localdate().year
    try:
        days = read_days(text, date(year, 1, 1), date(year + 2, 12, 31))
    except NoDate as wrong:
        said = {"n": wrong.line, "text": wrong.text}
        words = _("Line %(n)d: “%(text)s” is no date; expected one like 2026-12-25.") % said
        raise forms.ValidationError(words) from None
    if len(days) > MOST_HOLIDAYS:
        raise forms.ValidationError(_("At most %d days.") % MOST_HOLIDAYS)
    return days


class TeamForm(SeenForm):
    """A team's name, calendar and SLA."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    timezone = ZoneField(label=gettext_lazy("Time zone"), help_text=gettext_lazy("Due dates are reckoned in it."))
    language = forms.ChoiceField(label=gettext_lazy("Language of new members"), choices=settings.LANGUAGES)
    sla_p0 = forms.IntegerField(label=gettext_lazy("Days to fix a P0"), min_value=1, max_value=3650)
    sla_p1 = forms.IntegerField(label=gettext_lazy("Days to fix a P1"), min_value=1, max_value=3650)
    sla_p2 = forms.IntegerField(
        label=gettext_lazy("Days to fix a P2"),
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Calendar days. They count where neither the finding nor its item has a date."),
    )
    approval = forms.BooleanField(
        label=gettext_lazy("A lead approves verdicts"),
        required=False,
        help_text=gettext_lazy("What members accept, or call a false positive, counts once a lead has approved it."),
    )
    weekend = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekend"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    holidays = DaysField(
        label=gettext_lazy("Days off"),
        required=False,
        help_text=gettext_lazy("One date a line, its name behind it if you like; an iCalendar text is read too."),
    )
    calendar = DaysFile(
        label=gettext_lazy("Days off from a file"),
        required=False,
        help_text=gettext_lazy("A list, or an iCalendar file (.ics). Its days are added to those above."),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {name: getattr(team, name) for name in self.base_fields if name not in ("seen", "calendar")}
        self.initial = dict(shown)
        self.remember(shown)

    def clean_weekend(self) -> list[int]:
        """At least one day has to be left to work on."""
        days: list[int] = sorted(self.cleaned_data["weekend"])
        if len(days) == len(WEEKDAYS):
            raise forms.ValidationError(_("A team works on at least one day of the week."))
        return days

    def clean(self) -> dict[str, Any]:
        """The days of both, together."""
        data: dict[str, Any] = super().clean() or {}
        added = data.pop("calendar", [])
        if "holidays" in data:
            data["holidays"] = sorted({*data["holidays"], *added})
        return data


class ScaleForm(SeenForm):
    """What each word of a tool for how bad something is means here."""

    words = {
        severity.CRITICAL: gettext_lazy("critical, or a score of 9 and more"),
        severity.HIGH: gettext_lazy("high, or a score of 7 and more"),
        severity.MEDIUM: gettext_lazy("medium, or a score of 4 and more"),
        severity.LOW: gettext_lazy("low, or a score below 4"),
        severity.INFO: gettext_lazy("information"),
        severity.ERROR: gettext_lazy("level “error”, where there is no score"),
        severity.WARNING: gettext_lazy("level “warning”"),
        severity.NOTE: gettext_lazy("level “note” or “none”"),
        severity.SECRET: gettext_lazy("a credential, of tools that do not grade them"),
        severity.UNKNOWN: gettext_lazy("nothing of it, or for a person to review"),
    }

    def __init__(self, data: Any = None, *, team: Team) -> None:
        super().__init__(data, auto_id="id_scale_%s")
        now = severity.scale_of(team.scale)
        for word, label in self.words.items():
            usual = _("usually %s") % severity.SCALE[word] if now[word] != severity.SCALE[word] else ""
            self.fields[word] = forms.ChoiceField(
                label=label, choices=[(p, p) for p in Priority], initial=now[word], help_text=usual
            )

        self.remember({"scale": team.scale})

    def changes(self) -> dict[str, str]:
        """What differs from the usual scale."""
        return {word: p for word in self.words if (p := self.cleaned_data[word]) != severity.SCALE[word]}


class InviteForm(forms.Form):
    """Who is to join, and as what. Whoever is in the team already keeps their role, whatever another lead saw."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.MEMBER)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean(self) -> dict[str, Any]:
        """Not somebody who is in already; who has not signed in yet may get another letter of the same kind."""
        data: dict[str, Any] = super().clean() or {}
        there = self.team.memberships.people().select_related("user").filter(user__email=data.get("email", "").lower())
        for seat in there:
            if seat.user.has_usable_password() or seat.role != data.get("role"):
                said = {"name": str(seat.user), "role": seat.get_role_display()}
                self.add_error("email", _("%(name)s is in the team already, as %(role)s. Nothing was changed.") % said)
        return data

    def clean_email(self) -> str:
        """Not the account of a token, which stays in its own team."""
        email: str = self.cleaned_data["email"]
        if email.lower().endswith(f"@{TOKEN_DOMAIN}"):
            raise forms.ValidationError(_("No mail reaches this address."))
        return email


class TokenForm(forms.Form):
    """A key for a machine."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("What uses it, such as “CI of shop”. The log names it."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=[(scope, word) for scope, (_role, word) in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    days = forms.IntegerField(label=gettext_lazy("Days it is valid"), min_value=1, max_value=730, initial=90)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_name(self) -> str:
        """Not one that opens something already: of two of a name nobody knows which to revoke."""
        name: str = self.cleaned_data["name"]
        live = self.team.tokens.filter(name=name, revoked_at=None, expires_at__gt=timezone.now()).first()
        if live is not None:
            said = {"name": name, "who": live.created_by, "mark": live.prefix}
            raise forms.ValidationError(
                _("%(who)s made a token “%(name)s” already (%(mark)s…). Revoke it, or choose another name.") % said
            )
        return name


class MemberForm(SeenForm):
    """A member's role and hours a week."""

    role = forms.ChoiceField(choices=Role.choices)
    capacity = forms.DecimalField(min_value=0, max_value=168, max_digits=5, decimal_places=1)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"role": member.role, "capacity": text_of(member.capacity)}
        self.remember(self.initial)


class LeaveForm(SeenForm):
    """A member who is to leave, as they were shown."""

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember({"role": member.role})


class ProfileForm(forms.Form):
    """A person's own settings."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("What others see; without one, your address."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    timezone = ZoneField(label=gettext_lazy("Time zone"), help_text=gettext_lazy("Times on pages and in mail."))
    shortcuts = forms.BooleanField(
        label=gettext_lazy("Single-key shortcuts"),
        required=False,
        help_text=gettext_lazy("j, k, x and others; “?” lists them. Switch them off if you dictate."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(user, name) for name in self.base_fields}
