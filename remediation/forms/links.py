"""Which rules test something, and where: fields shared by a waiting review and the item of an accepted one."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from findings.core.rules import RULES
from findings.models import Finding
from remediation.actions.reading import said_by
from remediation.core.review.factcheck import SURE
from remediation.core.scope import covers
from remediation.core.types import LinkProposal
from remediation.forms.items import ItemForm
from remediation.models import Item, Review
from remediation.reads.whys import why_of

SCOPE = 500


class LinkFields(forms.Form):
    """A box and a path for each link, and one more rule to choose."""

    links: Sequence[LinkProposal] = ()

    def offer(self, links: Sequence[LinkProposal], chosen: Sequence[LinkProposal]) -> None:
        """Add the fields: `links` are those that were proposed, `chosen` those that hold now."""
        kept = {_key(k): k for k in chosen}
        self.links = list({_key(k): k for k in (*links, *chosen)}.values())
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

    def proposals(self) -> Iterator[dict[str, Any]]:
        """The links with their fields, for the page."""
        for i, link in enumerate(self.links):
            yield {
                "keep": self[f"keep_{i}"],
                "scope": self[f"scope_{i}"],
                "why": why_of(link.why),
                "sure": round(link.confidence * 100),
            }

    def chosen_links(self) -> tuple[LinkProposal, ...]:
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
        return tuple(reversed(unique.values()))


class LinksForm(LinkFields, ItemForm):
    """Which rules test an item: those that do, and those that its report spoke of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(proposed_for(self.item), linked(self.item))

    def clean(self) -> dict[str, Any]:
        """With the links that were chosen."""
        data: dict[str, Any] = super().clean() or {}
        return data if self.errors else data | {"links": self.chosen_links()}


class DescribedForm(LinkFields):
    """Which rules test what a person described: those that do, and those that the report spoke of."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(proposed_of(finding), linked(finding))


def linked(tested: Item | Finding) -> list[LinkProposal]:
    """What tests it now. A person or an accepted review chose it, however sure the words were."""
    rows = tested.links.select_related("rule").order_by("rule__key", "scope", "pk")
    return [LinkProposal(k.rule.key, k.scope, k.why, max(k.confidence, SURE)) for k in rows]


def proposed_for(item: Item) -> tuple[LinkProposal, ...]:
    """What its report proposed for an item, or for the one it follows; nothing where no text of it is kept."""
    review = item.checklist.review
    if review is None or not review.text:
        return ()
    anchor = item.anchor.partition("~")[0]
    return next((told.links for told in said_by(review).items if told.anchor == anchor), ())


def proposed_of(finding: Finding) -> tuple[LinkProposal, ...]:
    """What the newest version of its report proposed for a described finding; nothing where no text is kept."""
    category, _slash, anchor = finding.key.partition("/")
    reviews = Review.objects.filter(repository=finding.repository, run__category=category).exclude(text="")
    if (review := reviews.order_by("-pk").first()) is None:
        return ()
    return next((told.links for told in said_by(review).findings if told.anchor == anchor), ())


def _key(link: LinkProposal) -> tuple[str, str]:
    return link.rule, link.why or link.scope


def _pattern(scope: str) -> None:
    """A scope is a pattern that a scan can read: a broken one would fail each of them."""
    try:
        covers(scope, ["a"])
    except ValueError:
        raise ValidationError(_("“%(scope)s” is no path or pattern.") % {"scope": scope}) from None


def _scope(label: str, initial: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=SCOPE,
        initial=initial,
        help_text="",
        validators=[_pattern],
        widget=forms.TextInput(attrs={"placeholder": _("everywhere"), "spellcheck": "false", "autocomplete": "off"}),
    )
