"""What people type about repositories."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core import addresses
from findings.core.types import FormatError
from findings.models import Team, User
from findings.refusals import refused

BRANCH = r"\A(?![-/.])(?!.*(\.\.|//|@\{))[^\s~^:?*\[\\\x00-\x1f\x7f]+(?<![/.])\Z"


class PastForm(forms.Form):
    """How much of the past to scan."""

    since = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("The first day whose commits are scanned."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    every = forms.IntegerField(
        label=gettext_lazy("Every how many commits"),
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=gettext_lazy("1 is each of them; 10 is quicker, and coarser. The newest one is always among them."),
    )


class AddressForm(forms.Form):
    """Where a repository is, what it is called, and which of its branches counts."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("Where git clones it from, over https, ssh or git."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As people call it; else the last part of the address."),
    )
    branch = forms.RegexField(
        BRANCH,
        label=gettext_lazy("Branch"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The one that counts; else the repository's own default."),
        error_messages={"invalid": gettext_lazy("This is no name of a branch; expected one like main.")},
    )

    def clean_url(self) -> str:
        """The address, when it may be cloned from."""
        try:
            return addresses.check(self.cleaned_data["url"], settings.NOVA_GIT_PROTOCOLS)
        except FormatError as error:
            raise forms.ValidationError(refused(str(error))) from error

    def clean(self) -> dict[str, Any]:
        """With a name, whatever was typed."""
        data: dict[str, Any] = super().clean() or {}
        data["name"] = data.get("name") or addresses.slug_for(data.get("url", "")) or _("repository")
        return data


class RepositoryForm(AddressForm):
    """A repository to follow. Only teams that this person leads may be given it."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.visible_to(user, "lead").order_by("name")
        self.fields["team"] = forms.ModelChoiceField(teams, label=_("Team"), empty_label=None, initial=teams.first())
        if len(teams) == 1:
            self.fields["team"].widget = forms.HiddenInput()


class SeenAddressForm(forms.Form):
    """A decision about a repository as it was shown."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)


class MovedForm(AddressForm):
    """Another address for a repository that is followed. `seen` is what it was when the form was made."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def clean_url(self) -> str:
        """The address, when it may be cloned from. One that stays as it is was let through before: by whoever runs the
        server, perhaps, who may name a folder of it.
        """
        said: str = self.cleaned_data["url"]
        return said if said == self.initial.get("url") else super().clean_url()
