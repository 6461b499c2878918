"""What people say of findings, as they type it. Each form knows the version of the finding that was shown."""

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings import actions
from findings.models import Finding, Occurrence, Team, User
from findings.pages import key_of
from findings.querysets import at_least
from remediation.actions.views import view_of
from remediation.forms.filters import Filter
from remediation.models import View
from remediation.reads.finding_list import in_words


class FindingForm(forms.Form):
    """A word that needs nothing typed: withdraw, "I have looked"."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today

    @property
    def asks(self) -> bool:
        """Whether there is anything left to say."""
        return True


class VerdictForm(FindingForm):
    """Accepted, or not a problem at all: with a reason, and for how long."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        choices=[
            ("accepted", gettext_lazy("Accepted: it is so, and it may stay")),
            ("false_positive", gettext_lazy("False positive: it is not so")),
        ],
        widget=forms.RadioSelect,
        initial="accepted",
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Shown with your name. It holds while the code stays as it is. No secrets."),
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The last day it holds; empty for as long as the code stays."),
    )

    def clean_until(self) -> date | None:
        """Not a day that is over."""
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < self.today:
            raise forms.ValidationError(_("This day is over; expected today or later."))
        return until


class OwnerForm(FindingForm):
    """Whose it is: somebody of the person's own teams, or nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = self.user.memberships.filter(role__in=at_least("member")).values("team")
        people = User.objects.filter(memberships__team__in=mine, is_active=True).distinct().order_by("name", "email")
        self.fields["owner"] = forms.ModelChoiceField(
            people, label=_("Owner"), required=False, empty_label=_("Nobody"), initial=self.initial.get("owner")
        )


class DueForm(FindingForm):
    """Its own due date, which counts before that of its item and its priority."""

    due = forms.DateField(
        label=gettext_lazy("Due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The last day that is in time; empty: the plan's date, else that of its priority."),
    )


class AttestForm(FindingForm):
    """What was done where no scan can see it."""

    text = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "A link to the change or the ticket, or a sentence. It is shown with your name. No secrets."
        ),
    )


class WhichForm(FindingForm):
    """Whose a place is that could be either's: this finding's (`initial["finding"]`), or that of one like it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place = actions.unsure(self.initial["finding"])
        rivals = actions.alike(place) if place else []
        mine = Finding.objects.visible_to(self.user, "member").filter(pk__in=[p.finding_id for p in rivals])
        self.rivals = {finding.pk: finding for finding in mine}
        same = (_("this finding, as it was taken: %s") % place) if place else _("this finding")
        others = [(p.finding_id, _rival(p)) for p in rivals if p.finding_id in self.rivals]
        self.fields["which"] = forms.TypedChoiceField(
            label=_("What stands there now is"),
            choices=[("", same), *others],
            coerce=int,
            empty_value=None,
            required=False,
            initial="",
            widget=forms.RadioSelect,
            help_text=_("If it is another one, the two change places; verdicts, owners and dates stay where they are."),
        )

    @property
    def asks(self) -> bool:
        """Whether the place is in doubt still: somebody else may have answered."""
        return self.place is not None

    def clean_which(self) -> Finding | None:
        """The other finding, or None: it is this one."""
        return self.rivals.get(self.cleaned_data["which"])


def _rival(place: Occurrence) -> str:
    """A finding as one to choose from."""
    said = {"title": place.finding.title, "place": str(place)}
    if place.finding.present:
        return _("the open one “%(title)s”, now taken to be at %(place)s") % said
    return _("the closed one “%(title)s”, last seen at %(place)s") % said


class ViewForm(forms.Form):
    """The name of a filter, and whose it is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    filter = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2100)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        seats = user.memberships.filter(role__in=at_least("member")).values("team")
        self.fields["team"] = forms.ModelChoiceField(
            Team.objects.filter(pk__in=seats).order_by("name"),
            label=_("For"),
            required=False,
            empty_label=_("Only me"),
            help_text=_("A team's view is there for everybody in it."),
        )

    def clean(self) -> dict[str, Any]:
        """Not in the place of a team's view that the person has not seen: it is told first, the next time replaced."""
        data: dict[str, Any] = super().clean() or {}
        known = view_of(self.user, data.get("name", ""), data.get("team"))
        if known is None or known.team_id is None or data.get("seen") == _shown(known):
            return data
        if known.query == data.get("filter", ""):
            return data
        cast(QueryDict, self.data)["seen"] = _shown(known)
        there = in_words(Filter.read(QueryDict(known.query))) or _("Everything open")
        said = {"who": str(known.user), "name": known.name, "what": there}
        self.add_error(None, _("%(who)s keeps a view “%(name)s” already: %(what)s. Save again to replace it.") % said)
        return data


def _shown(view: View) -> str:
    return f"{view.pk}:{view.query}"


class Keys(forms.Field):
    """Keys of rows, as a list of hidden inputs; what is none is left out."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """The keys that can be some."""
        return [key for text in value or [] if (key := key_of(str(text))) is not None]


def selection() -> dict[str, forms.Field]:
    """The hidden fields that carry a selection from the list to the question asked about it, and back."""
    return {
        "verb": forms.CharField(widget=forms.HiddenInput),
        "filter": forms.CharField(widget=forms.HiddenInput, required=False),
        "everything": forms.CharField(widget=forms.HiddenInput, required=False),
        "confirmed": forms.CharField(widget=forms.HiddenInput),
        "pk": Keys(required=False),
    }
