"""Two teams that share part of what they find: what each of their people sees, owns and owes."""

import pytest

from findings import actions
from tests.cast import RULES, land, member, seen


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
