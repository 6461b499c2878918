"""What people say of an item, as they type it. Each form knows the version of the item that was shown."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from findings.models import User
from remediation.clock import day_of
from remediation.models import Item, Phase
from remediation.reads.moves import Move, moves_of
from remediation.reads.suggested import for_items


class ItemForm(forms.Form):
    """A word about an item that needs nothing typed: claim, take back, reopen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.initial.setdefault("version", item.version)


class OwnerForm(ItemForm):
    """Whose it is: somebody of the item's team, or nobody."""

    owner: Any = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = User.objects.filter(memberships__team=self.item.checklist.team_id, is_active=True)
        owner: Any = self.fields["owner"]
        owner.queryset = team.order_by("name", "email")
        if hint := for_items([self.item], self.item.checklist.team).get(self.item.pk):
            owner.help_text = now("Suggested: %(name)s, %(why)s") % {"name": hint.person, "why": hint.why}
            self.initial["owner"] = hint.person.pk
        self.initial.setdefault("owner", self.item.owner_id)


class DueForm(ItemForm):
    """When it is due, in which phase it stands, and why that changed."""

    due = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    phase: Any = forms.ModelChoiceField(Phase.objects.none(), label=_("Phase"), empty_label=None)
    why = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("Kept in the history; the first date stays known.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phase: Any = self.fields["phase"]
        phase.queryset = Phase.objects.filter(checklist=self.item.checklist_id).order_by("position")
        self.initial.setdefault("phase", self.item.phase_id)
        self.initial.setdefault("due", self.item.due and self.item.due.isoformat())

    def clean(self) -> dict[str, Any]:
        """Into another phase with the date left alone: the phase's own date, where it has one."""
        data: dict[str, Any] = super().clean() or {}
        phase = data.get("phase")
        due: date | None = data.get("due")
        if phase is not None and phase.pk != self.item.phase_id and due == self.item.due:
            data["due"] = phase.due or due
        return data


class MoveForm(ItemForm):
    """Where an item goes with one key or one drag, and why, if somebody says."""

    to = forms.ChoiceField(widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.item.checklist.team
        self.moves = moves_of(self.item, team, day_of(team, timezone.now()))
        to: Any = self.fields["to"]
        to.choices = [(move.code, move.label) for move in self.moves]

    @property
    def chosen(self) -> Move:
        """The move that was asked for."""
        return next(move for move in self.moves if move.code == self.cleaned_data["to"])

    def clean(self) -> dict[str, Any]:
        """With the phase and the day that the move means."""
        data: dict[str, Any] = super().clean() or {}
        return data | {"phase": self.chosen.phase, "due": self.chosen.due} if "to" in data else data


class WhyForm(ItemForm):
    """Why something was done."""

    why = forms.CharField(label=_("Why"), max_length=300)


class AttestForm(ItemForm):
    """What was done where no scan can see it."""

    text = forms.CharField(
        label=_("What was done"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A link to the change or the ticket, or a sentence. It is shown with your name. No secrets."),
    )
