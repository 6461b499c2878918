"""Two teams that share part of what they find: what each of their people sees, owns and owes."""

from datetime import timedelta

import pytest

from findings import actions
from findings.models import Finding
from tests.cast import NOON, RULES, land, member, seen


@pytest.fixture
def people(repository, platform, other_team, charlie):
    """alice in both teams, charlie in one of them; findings of both, on items of both plans, some of them shared."""
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    alice = member(platform, "alice", "lead")
    member(other_team, "alice", "member")
    parts = ("k8s", "delivery")
    rows = [seen(path=f"{part}/{n}.yaml", line=n) for part in parts for n in range(1, 6)]
    topics = [seen(RULES[0].key, f"{part}/t.yaml", key=f"main/{n}") for part in parts for n in ("one", "two")]
    land(repository, [*rows, *topics])
    return alice, charlie


@pytest.fixture
def mixed(people):
    """Several were seen at the same moment; each priority and state has some."""
    for n, finding in enumerate(Finding.objects.order_by("pk")):
        Finding.objects.filter(pk=finding.pk).update(
            priority=f"P{n * 5 % 3}",
            first_seen_at=NOON + timedelta(hours=n * 7 % 4),
            verdict="accepted" if n % 4 == 3 else "",
        )
    return people
