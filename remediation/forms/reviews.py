"""What a lead decides about a row of a waiting review: which rules test it, how urgent it is, whether it counts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core.types import Priority
from remediation.core.review.choices import Choice
from remediation.core.types import LinkProposal
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


class RowForm(LinkFields, VersionForm):
    """All that can be decided about a finding or an item. `links` are those proposed and those chosen before."""

    def __init__(
        self, *args: Any, links: Sequence[LinkProposal], chosen: Sequence[LinkProposal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"), choices=[(p.value, p.value) for p in Priority], widget=forms.RadioSelect
        )
        self.offer(links, chosen)
        self.fields["left_out"] = forms.BooleanField(label=_("Leave it out of this import"), required=False)

    def choice(self) -> Choice:
        """What was decided."""
        said = self.cleaned_data
        return Choice(self.chosen_links(), Priority(said["priority"]), said["left_out"])
