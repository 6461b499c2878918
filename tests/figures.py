"""What the tally saves a batch from asking of each finding, asked of each finding all the same."""

from collections import defaultdict

from findings.models import Component, Finding, Repository
from remediation.actions.figures import Figures
from remediation.actions.grades import Alike, Scope, alike
from remediation.core.grading import FELT
from remediation.models import Item


def wrong_figures() -> list[str]:
    """Figures of each repository that are not those of its findings, one by one."""
    return [f"{name} of {repository}" for repository in Repository.objects.all() for name in _wrong(repository)]


def _wrong(repository: Repository) -> list[str]:
    parts = list(Component.objects.filter(repository=repository).values_list("pk", flat=True))
    items = list(Item.objects.values_list("pk", flat=True))
    quick, slow = Figures(repository), Figures(repository, Scope(repository.pk, "no such tool", ""))
    return [
        name
        for name, one, other in [
            ("problems", sorted(map(repr, alike(parts))), sorted(map(repr, _one_by_one(parts)))),
            ("items", quick.still(items), slow.still(items)),
            ("no items", quick.still(items[:1]), slow.still(items[:1])),
            ("homeless", quick.homeless(items), slow.homeless(items)),
            ("homeless without an item", quick.homeless(items[1:]), slow.homeless(items[1:])),
        ]
        if one != other
    ]


def _one_by_one(parts: list[int]) -> list[Alike]:
    groups = defaultdict(list)
    for one in Finding.objects.filter(component__in=parts, state__in=["open", "accepted"]).order_by("pk"):
        items = [placed.item for placed in one.placements.all() if placed.item.settled_at is None]
        dates = [
            min((date for date in each if date), default=None)
            for each in ([item.due for item in items], [item.first_due for item in items])
        ]
        key = (one.component_id, one.rule.key, one.priority, one.due, one.first_seen_at, one.state, *dates)
        groups[key].append(one.pk)
    return [Alike(*key, len(keys), keys[: FELT[key[2]]]) for key, keys in groups.items()]
