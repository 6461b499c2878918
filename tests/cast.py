"""The named cast and a few makers. alice leads platform, bob is a member, vera only reads; charlie leads another team
and must see nothing of platform's. Data is made through the real actions wherever there is one.
"""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
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


class Once:
    """Those of the cast that were made for many tests of a module: `once("alice")` makes her, or answers her."""

    open: "Once | None" = None

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.all = transaction.atomic()
        self.all.__enter__()
        Once.open = self

    def end(self) -> None:
        """Take back what was made."""
        if Once.open is self:
            Once.open = None
            transaction.set_rollback(True)
            self.all.__exit__(None, None, None)

    def __call__(self, name: str) -> Any:
        if name not in self.made:
            needed, make = CAST[name]
            self.made[name] = make(*map(self, needed))
        return self.made[name]


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Once]:
    """A transaction around the tests of a module that ask for it, each of which has its own inside. What fixtures of the
    module make in it is made once, and each of those tests finds it as it was made; the cast comes as copies.
    """
    with django_db_blocker.unblock():
        once = Once()
        yield once
        once.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that share what was made come before the other tests of their module."""
    runs = itertools.groupby(list(items), key=lambda item: item.path)
    items[:] = [item for _path, run in runs for item in sorted(run, key=lambda item: not shares(item))]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """And nothing of it is left for the others."""
    if Once.open and not shares(item):
        Once.open.end()


def shares(item: pytest.Item) -> bool:
    return "once" in getattr(item, "fixturenames", ())


def _team(slug: str) -> Team:
    return actions.create_team(slug, name=slug.capitalize(), actor="test")


def member(team: Team, name: str, role: str) -> User:
    user = actions.invite(team, f"{name}@example.com", role, actor="test", name=name.capitalize()).user
    user.set_password("correct horse")
    user.save()
    return user


def _shop(team: Team) -> Repository:
    return actions.track("https://git.example.com/shop.git", team=team, actor="test", slug="shop", branch="main")


# Who there is: whom it takes, and how it is made.
CAST: dict[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "platform": ((), lambda: _team("platform")),
    "other_team": ((), lambda: _team("delivery")),
    "alice": (("platform",), lambda team: member(team, "alice", "lead")),
    "bob": (("platform",), lambda team: member(team, "bob", "member")),
    "vera": (("platform",), lambda team: member(team, "vera", "viewer")),
    "charlie": (("other_team",), lambda team: member(team, "charlie", "lead")),
    "repository": (("platform",), _shop),
}


def _cast(name: str, request: pytest.FixtureRequest, *needed: Any) -> Any:
    """The module's, where it made one, else this test's own."""
    made = request.getfixturevalue("once").made if "once" in request.fixturenames else {}
    return copy.deepcopy(made[name]) if name in made else CAST[name][1](*needed)


@pytest.fixture
def platform(request: pytest.FixtureRequest, db: None) -> Team:
    return _cast("platform", request)


@pytest.fixture
def other_team(request: pytest.FixtureRequest, db: None) -> Team:
    return _cast("other_team", request)


@pytest.fixture
def alice(request: pytest.FixtureRequest, platform: Team) -> User:
    return _cast("alice", request, platform)


@pytest.fixture
def bob(request: pytest.FixtureRequest, platform: Team) -> User:
    return _cast("bob", request, platform)


@pytest.fixture
def vera(request: pytest.FixtureRequest, platform: Team) -> User:
    return _cast("vera", request, platform)


@pytest.fixture
def charlie(request: pytest.FixtureRequest, other_team: Team) -> User:
    return _cast("charlie", request, other_team)


@pytest.fixture
def repository(request: pytest.FixtureRequest, platform: Team) -> Repository:
    return _cast("repository", request, platform)


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
