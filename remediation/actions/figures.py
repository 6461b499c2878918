"""What a plan has to be told of a repository's findings, in figures: asked of the database, for each batch anew."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from findings.models import Finding, Repository, Rule
from remediation.actions.grades import Alike, Scope, Subject, alike, subjects_of
from remediation.models import Placement

REVIEW = "review"
SCANNED = ~Q(finding__rule__tool=REVIEW)


class Homeless(NamedTuple):
    """An open finding that is on no item."""

    team: int
    rule: int
    priority: str
    finding: int


class Proofs(NamedTuple):
    """The closed findings of an item: how many, how many of them on a person's word, and the last evidence."""

    n: int
    vows: int
    last: int


class Figures:
    """The figures of one repository, whatever a tool said of it (`beside`: without what is of this scope); what people
    described is left out.
    """

    def __init__(self, repository: Repository, beside: Scope | None = None) -> None:
        self.repository, self.beside = repository, beside

    def rules(self, keys: Collection[int]) -> dict[int, Rule]:
        """These rules."""
        return Rule.objects.in_bulk(keys)

    def homeless(self, items: Collection[int]) -> Iterable[Homeless]:
        """Open findings that are on none of these items, in the order of their keys."""
        homes = Placement.objects.filter(finding=OuterRef("pk"), item__in=items)
        rows = Finding.objects.filter(~Exists(homes), repository=self.repository, state="open")
        columns = ("component__team_id", "rule_id", "priority", "pk")
        if self.beside:
            rows = rows.exclude(rule__tool=self.beside.tool, category=self.beside.category)
        found = rows.exclude(rule__tool=REVIEW).order_by("pk").values_list(*columns)
        return (Homeless(*row) for row in found)

    def still(self, items: Collection[int]) -> dict[int, int]:
        """Of those of the items that have findings: how many are open."""
        rows = self._placed(items).order_by().values_list("item")
        return dict(rows.annotate(n=Count("pk", filter=Q(finding__state="open"))))

    def proofs(self, items: Collection[int]) -> dict[int, Proofs]:
        """What closed the findings of these items, of those that have any closed ones."""
        if not items:
            return {}
        closed = self._placed(items).filter(finding__state="fixed", finding__evidence__isnull=False)
        attested = Q(finding__evidence__kind="attested")
        counts = closed.order_by().values_list("item").annotate(n=Count("pk"), vows=Count("pk", filter=attested))
        return {pk: Proofs(*rest) for pk, *rest in counts.annotate(last=Max("finding__evidence"))}

    def elsewhere(self, items: Collection[int]) -> set[int]:
        """Those of the items that still have open findings of another repository."""
        if not items:
            return set()
        rows = Placement.objects.filter(SCANNED, item__in=items, finding__state="open")
        others = rows.exclude(finding__repository=self.repository)
        return set(others.order_by().values_list("item_id", flat=True).distinct())

    def subjects(self) -> list[Subject]:
        """What a batch is graded for."""
        return subjects_of(self.repository)

    def kinds(self, parts: Collection[int]) -> list[Alike]:
        """The problems of these components."""
        return alike(parts, self.beside)

    def _placed(self, items: Collection[int]) -> QuerySet[Placement]:
        rows = Placement.objects.filter(SCANNED, item__in=items, finding__repository=self.repository)
        if self.beside:
            rows = rows.exclude(finding__rule__tool=self.beside.tool, finding__category=self.beside.category)
        return rows
