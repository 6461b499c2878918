"""Findings that a review described: made from what it says, closed by the word that their items were done, and open
again where that is taken back.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from findings.actions.triage import attest, take_word_back
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Evidence, Finding, Repository, State, User
from remediation.core import types as words
from remediation.models import Item

DESCRIBED = {"rule__tool": "review"}
RULE = RuleInfo(
    key="review/finding",
    title=gettext_noop("Found by a reviewer"),
    priority=Priority.P2,
    proof=Proof.ATTESTED,
    help=gettext_noop(
        "A person named this problem in a review. It closes with the rules linked to it, or by an attestation."
    ),
)


def as_batch(review: words.Review, category: str = "", *, over: Collection[str] = ()) -> Batch:
    """The findings of a review as observations: the anchor is their key, each place an occurrence.

    It covers nothing but what it names: what a new version no longer speaks of is not mended by that. What is `over`
    (anchors) stays closed, though the report names it.
    """
    category = category or category_of(review)
    seen = [o for f in review.findings for o in _observations(f, category, over=f.anchor in over)]
    return Batch(
        tool="review",
        category=category,
        rules=(RULE,),
        observations=tuple(seen),
        coverage=Coverage(failed=frozenset({RULE.key})),
        notices=(*review.notices, *review.conflicts),
    )


def category_of(review: words.Review) -> str:
    """What names a review in its repository."""
    return slugify(review.title, allow_unicode=True)[:200] or "review"


def key_of(category: str, anchor: str) -> str:
    """What names a finding of a review in its repository: which review, and which of its rows."""
    return f"{category}/{anchor}"[:400]


def closed(repository: Repository, category: str, anchors: Collection[str]) -> set[str]:
    """Those of these anchors whose findings are fixed."""
    keys = {key_of(category, anchor): anchor for anchor in anchors}
    found = Finding.objects.filter(**DESCRIBED, repository=repository, category=category, state=State.FIXED)
    return {keys[key] for key in found.values_list("key", flat=True) if key in keys}


def _observations(finding: words.ReviewFinding, category: str, *, over: bool) -> Iterable[Observation]:
    title = f"{finding.label}: {finding.title}" if finding.label else finding.title
    for place in finding.places or (words.Place(""),):
        yield Observation(
            rule=RULE.key,
            path=place.path,
            line=place.line,
            end_line=place.end_line,
            message=title,
            priority=finding.priority,
            identity=Identity.LOGICAL,
            key=key_of(category, finding.anchor),
            properties={
                "report_line": finding.line,
                "problem": finding.problem,
                "impact": finding.impact,
                "fix": finding.fix,
            },
            suppressed=over,
        )


def close_with(item: Item, text: str, *, actor: User | str, at: datetime) -> None:
    """Close the described problems on an item that was just attested, but for those that wait for another item, and
    graver ones than it: who may attest a P0 is asked of P0 items alone.
    """
    waiting = Item.objects.filter(settled_at=None).exclude(pk=item.pk)
    told = item.findings.filter(**DESCRIBED, state="open", priority__gte=item.priority)
    for finding in told.exclude(items__in=waiting).order_by("pk"):
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
