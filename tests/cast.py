"""The named cast and a few makers. alice leads platform, bob is a member, vera only reads; charlie leads another team
and must see nothing of platform's. Data is made through the real actions wherever there is one.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Model

from findings import actions
from findings.actions import batches
from findings.core.hashing import block_hash, line_hash
from findings.core.types import Batch, Coverage, Drift, Grounds, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Finding, Repository, Run, Scan, Team, User
from remediation.actions.follow import follow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = (
    RuleInfo("kafka/under-replicated-topic", "Topic with too few replicas", Priority.P0, help="Raise the replicas."),
    RuleInfo("kustomize/patch-sprawl", "Too many patches", Priority.P2),
    RuleInfo("secrets/plaintext", "Secret in plain text", Priority.P0, Proof.HISTORY),
)
_numbers = itertools.count(1)


@pytest.fixture
def platform(db) -> Team:
    return actions.create_team("platform", name="Platform", actor="test")


@pytest.fixture
def other_team(db) -> Team:
    return actions.create_team("delivery", name="Delivery", actor="test")


def member(team: Team, name: str, role: str) -> User:
    user = actions.invite(team, f"{name}@example.com", role, actor="test", name=name.capitalize()).user
    user.set_password("correct horse")
    user.save()
    return user


@pytest.fixture
def alice(platform) -> User:
    return member(platform, "alice", "lead")


@pytest.fixture
def bob(platform) -> User:
    return member(platform, "bob", "member")


@pytest.fixture
def vera(platform) -> User:
    return member(platform, "vera", "viewer")


@pytest.fixture
def charlie(other_team) -> User:
    return member(other_team, "charlie", "lead")


@pytest.fixture
def repository(platform) -> Repository:
    return actions.track("https://git.example.com/shop.git", team=platform, actor="test", slug="shop", branch="main")


def seen(rule: str = "kustomize/patch-sprawl", path: str = "k8s/a.yaml", line: int = 3, **over: Any) -> Observation:
    """An observation; its text is made from path, line and `text`, so that equal arguments are equal code."""
    text = over.pop("text", f"{rule} {path} {line}")
    info = {r.key: r for r in RULES}.get(rule)
    fields = {
        "message": f"{rule} at {path}",
        "priority": info.priority if info else Priority.P2,
        "line_hash": line_hash(text),
        "block_hash": block_hash([text], 0),
        "excerpt": text,
        "excerpt_line": line,
    }
    if "key" in over:
        fields["identity"] = Identity.SECRET if rule.startswith("secrets/") else Identity.LOGICAL
    return Observation(rule, path, line, **fields | over)


def commit(text: str = "") -> str:
    """A commit id, another one at each call."""
    return f"{next(_numbers):040x}"


def land(
    repository: Repository,
    observations: Sequence[Observation],
    *,
    at: datetime = NOON,
    grounds: dict[int, Grounds] | None = None,
    explain: bool = True,
    explained: Sequence[int] | None = None,
    **over: Any,
) -> Run:
    """Take a batch the whole road, as a scan does. Closings are explained by a change unless `explain` is off."""
    coverage = over.pop("coverage", Coverage(rules=frozenset(r.key for r in RULES)))
    drift = over.pop("drift", Drift())
    batch = Batch(
        over.pop("tool", "nova"),
        rules=RULES,
        observations=tuple(observations),
        coverage=coverage,
        commit=commit(),
        **over,
    )
    scan = Scan.objects.create(repository=repository, kind="manual", state="done", commit=batch.commit)
    run = actions.start_run(scan, batch, actor="nova", at=at)
    plan = actions.make_plan(run, batch, drift)
    if grounds is None and explain:
        grounds = {pk: change(batch.commit) for pk in plan.tracked.closed}
    held = batches.judge_health(run, plan, (grounds or {}) if explained is None else explained)
    ledger = actions.apply(run, replace(plan, grounds=grounds or {}, held=held), actor="nova", at=at)
    actions.prove(repository)
    follow(run, ledger, at=at)
    run.refresh_from_db()
    return run


def change(commit_id: str, path: str = "k8s/a.yaml") -> Grounds:
    return Grounds(
        "diff", commit_id, path, "@@ -3 +3 @@\n-replicas: 1\n+replicas: 3", "Chen <chen@example.com>", "scale"
    )


def only(**fields: Any) -> Finding:
    return Finding.objects.get(**fields)


def some(n: int, model: type[Model]) -> list[int]:
    """The keys of a few rows of a model, others for each number."""
    return [pk for pk in model._default_manager.order_by("pk").values_list("pk", flat=True) if (pk * 7 + n) % 3 == 0]
