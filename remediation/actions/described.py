"""What a review described closes with the word that its items were done, and opens again where that is taken back."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from findings.actions.triage import attest, take_word_back
from findings.models import Evidence, Finding, User
from remediation.models import Item

DESCRIBED = {"rule__tool": "review"}


def close_with(item: Item, text: str, *, actor: User | str, at: datetime) -> None:
    """Close the described problems on an item that was just attested, but for those that wait for another item."""
    waiting = Item.objects.filter(settled_at=None).exclude(pk=item.pk)
    for finding in item.findings.filter(**DESCRIBED, state="open").exclude(items__in=waiting).order_by("pk"):
        attest(finding, text, actor=actor, at=at)


def open_with(item: Item, *, actor: User | str) -> None:
    """Open those again that the word about this item, or about another one of theirs, has closed. Call this before that
    word is taken off the item.
    """
    for finding in _closed_by_word(item).order_by("pk"):
        take_word_back(finding, actor=actor)


def _closed_by_word(item: Item) -> QuerySet[Finding]:
    given = Item.objects.filter(
        placements__finding=OuterRef("finding"),
        settled_by="attested",
        settled_at=OuterRef("at"),
        attested_by=OuterRef("person"),
    )
    proofs = Evidence.objects.filter(Exists(given), kind="attested")
    found: QuerySet[Finding] = item.findings.filter(**DESCRIBED, state="fixed", evidence__in=proofs)
    return found
