"""What people type about teams and about themselves."""

import zoneinfo
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.actions.tokens import DOMAIN as TOKEN_DOMAIN
from findings.core import severity
from findings.core.types import Priority
from findings.models import Membership, Role, Team, User
from findings.models.tokens import SCOPES

ZONES = sorted(zoneinfo.available_timezones())
MOST_HOLIDAYS = 200


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
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_HOLIDAYS:
            raise forms.ValidationError(_("At most %d days.") % MOST_HOLIDAYS)
        return sorted({self._day(line) for line in lines})

    def _day(self, line: str) -> date:
        try:
            return date.fromisoformat(line)
        except ValueError:
            wrong = _("“%s” is no date; expected one like 2026-12-25.") % line[:40]
            raise forms.ValidationError(wrong) from None


class TeamForm(forms.Form):
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
    holidays = DaysField(
        label=gettext_lazy("Days off"), required=False, help_text=gettext_lazy("One date a line; weekends are off.")
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(team, name) for name in self.base_fields}


class ScaleForm(forms.Form):
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

    def changes(self) -> dict[str, str]:
        """What differs from the usual scale."""
        return {word: p for word, p in self.cleaned_data.items() if p != severity.SCALE[word]}


class InviteForm(forms.Form):
    """Who is to join, and as what."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.MEMBER)

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


class MemberForm(forms.Form):
    """A member's role and hours a week."""

    role = forms.ChoiceField(choices=Role.choices)
    capacity = forms.DecimalField(min_value=0, max_value=168, max_digits=5, decimal_places=1)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"role": member.role, "capacity": member.capacity}


class ProfileForm(forms.Form):
    """A person's own settings."""

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
