"""What a lead says of a week: what is promised, and what is dropped of it."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from findings.models import Team
from findings.pages import key_of
from remediation.models import Item
from remediation.reads.monday import Monday, usual


class WeekForm(forms.Form):
    """Which items a team promises for a week. It knows the version of the week that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    wanted = forms.CharField(label=_("Search the plan"), required=False, widget=forms.SearchInput)
    items: Any = forms.ModelMultipleChoiceField(Item.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, team: Team, monday: Monday, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items: Any = self.fields["items"]
        items.queryset = Item.objects.filter(checklist__team=team, settled_at=None)
        self.monday = monday
        self.initial = {"version": monday.version}

    def ticked(self) -> set[int]:
        """The items that are ticked: what was sent, else what one would begin with."""
        if not self.is_bound:
            return usual(self.monday)
        sent = cast(QueryDict, self.data).getlist("items")
        return {key for text in sent if (key := key_of(str(text))) is not None}


class DropForm(forms.Form):
    """Why something is taken out of a week."""

    why = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("Shown with the result of the week. It stays on the plan.")
    )
