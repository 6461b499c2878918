"""What a lead decides about a row of a waiting review: which rules test it, how urgent it is, whether it counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.core.rules import RULES
from findings.core.types import Priority
from remediation.core.review.choices import Choice
from remediation.core.review.factcheck import SURE
from remediation.core.types import LinkProposal

SCOPE = 500


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


class RowForm(VersionForm):
    """All that can be decided about a finding or an item. `links` are those proposed and those chosen before."""

    def __init__(
        self, *args: Any, links: Sequence[LinkProposal], chosen: Sequence[LinkProposal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kept = {_key(k): k for k in chosen}
        self.links = list({_key(k): k for k in (*links, *chosen)}.values())
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"), choices=[(p.value, p.value) for p in Priority], widget=forms.RadioSelect
        )
        for i, link in enumerate(self.links):
            rule, key = RULES.get(link.rule), _key(link)
            title = _(rule.title) if rule else link.rule
            on = key in kept and kept[key].confidence >= SURE
            self.fields[f"keep_{i}"] = forms.BooleanField(label=title, required=False, initial=on)
            self.fields[f"scope_{i}"] = _scope(_("Where"), link.scope)
        rules = sorted(((key, _(rule.title)) for key, rule in RULES.items()), key=lambda pair: pair[1])
        self.fields["rule"] = forms.ChoiceField(
            label=_("One more rule that tests it"), required=False, choices=[("", _("none")), *rules]
        )
        self.fields["scope"] = _scope(_("Where"), "")
        self.fields["left_out"] = forms.BooleanField(label=_("Leave it out of this import"), required=False)

    def proposals(self) -> Iterator[dict[str, Any]]:
        """The links with their fields, for the page."""
        for i, link in enumerate(self.links):
            yield {
                "keep": self[f"keep_{i}"],
                "scope": self[f"scope_{i}"],
                "why": link.why,
                "sure": round(link.confidence * 100),
            }

    def choice(self) -> Choice:
        """What was decided. A link that a person keeps is as sure as can be; the words that led to it stay."""
        said = self.cleaned_data
        kept = [
            LinkProposal(link.rule, said[f"scope_{i}"], link.why, max(link.confidence, SURE))
            for i, link in enumerate(self.links)
            if said[f"keep_{i}"]
        ]
        if said["rule"]:
            kept.append(LinkProposal(said["rule"], said["scope"], "", 1.0))
        unique = {(k.rule, k.scope): k for k in reversed(kept)}
        return Choice(tuple(reversed(unique.values())), Priority(said["priority"]), said["left_out"])


def _key(link: LinkProposal) -> tuple[str, str]:
    return link.rule, link.why or link.scope


def _scope(label: str, initial: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=SCOPE,
        initial=initial,
        help_text="",
        widget=forms.TextInput(attrs={"placeholder": _("everywhere"), "spellcheck": "false", "autocomplete": "off"}),
    )
