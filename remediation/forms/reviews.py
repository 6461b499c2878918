"""What a lead decides about a row of a waiting review: which rules test it, how urgent it is, whether it counts."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core.types import Priority
from remediation.actions.naming import Owners
from remediation.core.review.choices import Choice
from remediation.core.types import LinkProposal, ReviewFinding, ReviewItem
from remediation.forms.links import LinkFields


class VersionForm(forms.Form):
    """A decision that knows which state of the review was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class SettleForm(VersionForm):
    """Which of the priorities counts that a report gives a finding."""

    priority = forms.ChoiceField(choices=[(p.value, p.value) for p in Priority])


class DateForm(VersionForm):
    """Of which day the review is."""

    reviewed = forms.DateField(
        label=gettext_lazy("Written on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class EncodingForm(VersionForm):
    """In which encoding a report is to be read, of those it may be in."""

    encoding = forms.ChoiceField()

    def __init__(self, *args: Any, offered: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["encoding"] = forms.ChoiceField(choices=[(name, name) for name in offered])


class PickForm(VersionForm):
    """Which of the candidates are findings, and how urgent each of them is."""

    def __init__(self, *args: Any, candidates: Sequence[ReviewFinding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(p.value, p.value) for p in Priority]
        self.fields["pick"] = forms.MultipleChoiceField(
            choices=[(c.anchor, c.title) for c in candidates], required=False
        )
        for candidate in candidates:
            self.fields[f"priority-{candidate.anchor}"] = forms.ChoiceField(choices=choices, required=False)

    def picked(self) -> dict[str, str]:
        """The anchors of what was picked, each with its priority."""
        said = self.cleaned_data
        return {anchor: said[f"priority-{anchor}"] or Priority.P2.value for anchor in said["pick"]}


class RowForm(LinkFields, VersionForm):
    """All that can be decided about a finding or an item. `links` are those proposed and those chosen before."""

    def __init__(
        self,
        *args: Any,
        links: Sequence[LinkProposal],
        chosen: Sequence[LinkProposal],
        owners: Owners,
        row: ReviewFinding | ReviewItem,
        owner: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        proposed = owners.proposed(row)
        self.proposed, self.owner_before = (proposed.pk if proposed else 0), owner
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"), choices=[(p.value, p.value) for p in Priority], widget=forms.RadioSelect
        )
        self.offer(links, chosen)
        people = [(str(pk), str(user)) for pk, user in owners.people.items()]
        self.fields["owner"] = forms.ChoiceField(
            label=_("Owner"),
            required=False,
            choices=[("", _("Nobody")), *people],
            initial=str((self.proposed if owner is None else owner) or ""),
            help_text=format_html(_("The report says: {}"), row.owner) if row.owner else "",
        )
        self.fields["left_out"] = forms.BooleanField(label=_("Leave it out of this import"), required=False)

    def choice(self) -> Choice:
        """What was decided."""
        said = self.cleaned_data
        owner = int(said["owner"] or 0)
        # Whoever leaves the proposal alone did not choose it: what a person chose elsewhere goes before it.
        as_proposed = owner == self.proposed and self.owner_before is None
        return Choice(self.chosen_links(), Priority(said["priority"]), said["left_out"], None if as_proposed else owner)
