"""What a plan has to be told of a repository's findings, in figures: asked of the database, for each batch anew."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from findings.actions.ledger import Ledger
from findings.models import Repository, Rule
from remediation.actions.grades import Alike, Scope, Subject, alike, subjects_of
from remediation.models import Placement

REVIEW = "review"
SCANNED = ~Q(finding__rule__tool=REVIEW)
FOLLOWED = Q(finding__component__team__aside_of=None)


Homeless = tuple[int, int, str]  # team, rule and priority of open findings that are on no item

HOMELESS = """(
    SELECT f.id, f.component_id, f.rule_id, f.priority FROM findings_finding f
    WHERE f.repository_id = %(repository)s AND f.state = 'open'
        AND f.rule_id NOT IN (SELECT id FROM findings_rule WHERE tool = %(review)s)
        AND NOT (f.category = %(category)s AND f.rule_id IN (SELECT id FROM findings_rule WHERE tool = %(beside)s))
        AND NOT EXISTS (
            SELECT FROM remediation_placement p WHERE p.finding_id = f.id AND p.item_id = ANY(%(items)s) {each}
        )
    {most}
) f"""
KINDS = """
SELECT c.team_id, few.rule_id, few.priority, min(few.first) FROM (
    SELECT f.component_id, f.rule_id, f.priority, min(f.id) AS first FROM {homeless} GROUP BY 1, 2, 3
) few JOIN findings_component c ON c.id = few.component_id GROUP BY 1, 2, 3 ORDER BY 4
"""
# The items by kind are one value, looked up for each finding: a join would compare every finding with every kind where
# the planner knows nothing yet of how many there are.
HOUSED = """
SELECT one.item, one.id FROM (
    SELECT f.id, ((
        SELECT jsonb_object_agg(part.id || ' ' || home.rule || ' ' || home.priority, home.item)
        FROM findings_component part
        JOIN unnest(%(teams)s::bigint[], %(rules)s::bigint[], %(priorities)s::text[], %(homes)s::bigint[])
            AS home (team, rule, priority, item) ON home.team = part.team_id
        WHERE part.repository_id = %(repository)s
    ) ->> (f.component_id || ' ' || f.rule_id || ' ' || f.priority))::bigint AS item
    FROM {homeless} OFFSET 0
) one WHERE one.item IS NOT NULL ORDER BY one.id
"""
# What the tally knows (see `models.Tally`): the findings on each item, and how many are on none of the items.
COUNTED = """
FROM remediation_tally t
WHERE t.component_id IN (SELECT id FROM findings_component WHERE repository_id = %(repository)s)
    AND t.rule_id NOT IN (SELECT id FROM findings_rule WHERE tool = %(review)s)
"""
STILL = """
SELECT item, coalesce(sum(n) FILTER (WHERE state = 'open'), 0)
FROM (SELECT unnest(t.items) AS item, t.state, t.n {counted} AND t.items && %(items)s::bigint[]) on_items
WHERE item = ANY(%(items)s) GROUP BY item HAVING sum(n) > 0
"""
# The newest come first, and nobody looks on once as many were found as there are. So each is looked up by its key
# (`EACH`): the planner, which does not know how few these are, would now and then read all that is placed.
MOST = """ORDER BY f.id DESC LIMIT (
        SELECT greatest(sum(t.n), 0) {counted} AND t.state = 'open' AND NOT t.items && %(items)s::bigint[]
    )"""
EACH = "OFFSET 0"


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

    def homeless(self, items: Collection[int]) -> Collection[Homeless]:
        """The kinds of open findings that are on none of these items, in the order in which they were found."""
        with connection.cursor() as cursor:
            cursor.execute(KINDS.format(homeless=self._homeless_rows()), self._scope(items))
            return [(team, rule, priority) for team, rule, priority, _first in cursor.fetchall()]

    def house(
        self, items: Collection[int], homes: Mapping[Homeless, int], ledger: Ledger
    ) -> Collection[tuple[int, int]]:
        """Put the open findings that are on none of these items on the one for their kind: inside the database. Answers
        (item, finding) of those that somebody has to keep in memory.
        """
        teams, rules, priorities = zip(*homes, strict=True)
        kinds = {"teams": list(teams), "rules": list(rules), "priorities": list(priorities)}
        values = self._scope(items) | kinds | {"homes": list(homes.values())}
        ledger.fill(Placement, ("item_id", "finding_id"), HOUSED.format(homeless=self._homeless_rows()), values)
        return []

    def _homeless_rows(self) -> str:
        if self.beside:
            return HOMELESS.format(most="", each="")
        return HOMELESS.format(most=MOST.format(counted=COUNTED), each=EACH)

    def _scope(self, items: Collection[int]) -> dict[str, Any]:
        tool, category = (self.beside.tool, self.beside.category) if self.beside else (REVIEW, "")
        scope = {"repository": self.repository.pk, "items": list(items), "review": REVIEW}
        return scope | {"beside": tool, "category": category}

    def still(self, items: Collection[int]) -> dict[int, int]:
        """Of those of the items that have findings: how many are open."""
        if not self.beside:
            with connection.cursor() as cursor:
                cursor.execute(STILL.format(counted=COUNTED), self._scope(items))
                return dict(cursor.fetchall())
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
        """Those of the items that still have open findings of another repository which is followed."""
        if not items:
            return set()
        rows = Placement.objects.filter(SCANNED, item__in=items, finding__state="open")
        others = rows.filter(FOLLOWED).exclude(finding__repository=self.repository)
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
