"""The plan that a repository's findings can land on, loaded once for each batch.

Only what a review speaks of is loaded finding by finding. All the others, however many, are placed and counted by the
database.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from findings.models import Finding, Occurrence, Repository
from remediation.actions.figures import Figures
from remediation.core.scope import covers
from remediation.models import Item, Link, Phase, Placement


class Seen(NamedTuple):
    """A scanned finding, as far as a plan looks at it."""

    pk: int
    rule_id: int
    present: bool
    state: str
    fixed_at: datetime | None
    evidence_id: int | None


@dataclass(slots=True)
class Board:
    """`findings`, their `paths` (where a link asks for them), `teams` and places (`placed`: item, finding) are of the
    rules that a review's links speak of; `described` are the findings that people described. `phases` are those of
    standing lists that were asked for, by team and priority.
    """

    repository: Repository
    items: dict[int, Item]
    links: list[Link]
    findings: dict[int, Seen] = field(default_factory=dict)
    paths: dict[int, list[str]] = field(default_factory=dict)
    teams: dict[int, set[int]] = field(default_factory=dict)
    placed: set[tuple[int, int]] = field(default_factory=set)
    described: dict[int, Finding] = field(default_factory=dict)
    by_rule: dict[int, list[Seen]] = field(default_factory=dict)
    phases: dict[tuple[int, str], Phase] = field(default_factory=dict)
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = Figures(self.repository)

    def matching(self, link: Link) -> list[Seen]:
        """The scanned findings that a link's rule and scope speak of."""
        rows = self.by_rule.get(link.rule_id, [])
        return [f for f in rows if covers(link.scope, self.paths.get(f.pk, [""]))] if link.scope else rows

    def spoken(self) -> list[Link]:
        """The links of reviews."""
        items = self.items
        return [k for k in self.links if k.item_id is None or items[k.item_id].checklist.review_id is not None]

    def standing(self) -> dict[tuple[int, str], Item]:
        """The default items by team and anchor."""
        return {(i.checklist.team_id, i.anchor): i for i in self.items.values() if i.checklist.review_id is None}

    def heir_of(self, item: Item) -> Item | None:
        """The item that follows a settled one, if there is one already."""
        return next((i for i in self.items.values() if i.successor_of_id == item.pk), None)


def _items(repository: Repository) -> QuerySet[Item]:
    ours = Q(checklist__review=None) | Q(checklist__review__repository=repository)
    return Item.objects.filter(ours, checklist__team__in=repository.components.values("team_id"))


def load(repository: Repository) -> Board:
    """Items and links of a repository's teams, and what its reviews speak of; in a constant number of statements."""
    by_key = {i.pk: i for i in _items(repository).select_related("checklist__team", "phase")}
    links = Link.objects.filter(Q(item__in=by_key) | Q(finding__repository=repository)).select_related("rule")
    board = Board(
        repository,
        by_key,
        list(links),
    )
    if spoken := board.spoken():
        _load_spoken(board, spoken)
    return board


def _load_spoken(board: Board, links: Iterable[Link]) -> None:
    scoped = {link.rule_id for link in links if link.scope}
    found = Finding.objects.filter(repository=board.repository, rule__in={link.rule_id for link in links})
    board.findings = {row[0]: Seen(*row) for row in found.values_list(*Seen._fields)}
    by_rule: dict[int, list[Seen]] = defaultdict(list)
    for seen in board.findings.values():
        by_rule[seen.rule_id].append(seen)
    board.by_rule = by_rule
    board.teams = defaultdict(set)
    for pk, team in found.values_list("pk", "component__team_id"):
        board.teams[pk].add(team)
    places = Occurrence.objects.filter(finding__in=found)
    for pk, team in places.filter(to_run=None).values_list("finding_id", "component__team_id").distinct():
        board.teams[pk].add(team)
    paths: dict[int, list[str]] = defaultdict(list)
    for pk, path in places.filter(finding__rule__in=scoped).values_list("finding_id", "path").distinct():
        paths[pk].append(path)
    board.paths = paths
    board.placed = set(Placement.objects.filter(finding__in=found).values_list("item_id", "finding_id"))
    wanted = {link.finding_id for link in links if link.finding_id is not None}
    described = Finding.objects.filter(pk__in=wanted, repository=board.repository)
    board.described = {f.pk: f for f in described.select_related("component")}
