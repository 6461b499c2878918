"""Which token may do what: every operation, for no token, one of another team, one without the scope, and one with it."""

from typing import Any

import pytest
from django.db import transaction

from findings.actions import track
from findings.models import Event
from remediation.api.operation import Operation
from remediation.api.routes import OPERATIONS
from tests.pages import World, grow
from tests.remediation.api.conftest import Machine, problem

pytestmark = pytest.mark.django_db
BODIES: dict[str, dict[str, Any]] = {
    "findings_decide": {"verdict": "accepted", "reason": "known"},
    "findings_assign": {"owner": "bob@example.com"},
    "findings_set_due": {"due": "2030-01-31"},
    "findings_attest": {"text": "rotated, see ticket 7"},
    "batches_accept": {},
    "items_assign": {"owner": "bob@example.com"},
    "items_move": {"due": "2030-01-31", "why": "a freeze"},
    "items_attest": {"text": "see ticket 8"},
    "repositories_create": {"url": "https://git.example.com/new.git"},
    "scans_start": {"repository": "shop"},
}
QUERIES = {"imports_hand_in_report": "?repository=shop"}
SAY_YES = {200, 201, 202, 409, 415}  # 409 and 415: the right to ask was not the reason


@pytest.fixture
def world(platform, repository, alice, bob, other_team) -> World:
    track("https://git.example.com/parcels.git", team=other_team, actor="test", slug="parcels", branch="main")
    return grow(platform, repository, alice, bob, rows=4)


def address(operation: Operation, world: World) -> str:
    row = {"findings": world.finding, "batches": world.run, "scans": world.scan}
    row |= {"items": world.item, "repositories": world.repository, "teams": world.team}
    path = operation.path.replace("<slug:slug>", world.repository.slug)
    if "<int:pk>" in path:
        path = path.replace("<int:pk>", str(row[operation.tag].pk))
    return path + QUERIES.get(operation.name, "")


def answer(machine: Machine, operation: Operation, world: World) -> tuple[Any, bool]:
    """What it gets, and whether it wrote anything; that is taken back."""
    before = Event.objects.count()
    with transaction.atomic():
        response = machine.ask(operation.method, address(operation, world), BODIES.get(operation.name))
        wrote = Event.objects.count() != before
        transaction.set_rollback(True)
    return response, wrote


def is_list(operation: Operation) -> bool:
    return operation.method == "GET" and "<" not in operation.path


def test_every_operation_asks_for_a_token_and_for_its_scope(world, platform, machine_of):
    nobody = Machine("")
    wrong = []
    for operation in OPERATIONS:
        others = [s for s in ("read", "triage", "plan", "scan", "import", "configure") if s not in operation.scopes]
        for who, expected in ((nobody, 401), (machine_of(platform, *others), 403)):
            response, wrote = answer(who, operation, world)
            if response.status_code != expected or wrote:
                wrong.append(f"{operation.name}: {response.status_code}, expected {expected}")
            problem(response)
    assert wrong == []


def test_one_scope_of_an_operation_is_enough(world, platform, machine_of):
    wrong = []
    for operation in OPERATIONS:
        for scope in operation.scopes:
            response, _wrote = answer(machine_of(platform, scope), operation, world)
            if response.status_code not in SAY_YES:
                wrong.append(f"{operation.name} with {scope}: {response.status_code} {response.content[:200]}")
    assert wrong == []


def test_what_is_another_teams_is_not_there(world, other_team, machine_of):
    stranger = machine_of(other_team)
    secret = ("custom/rule", "hidden/", "shop.git", "alice@", "bob@", "colleague-", "bill-", "report-", "main/orders")
    wrong = []
    for operation in OPERATIONS:
        response, wrote = answer(stranger, operation, world)
        text = response.content.decode()
        wrong += [f"{operation.name} tells {word}" for word in secret if word in text]
        own = 200 if is_list(operation) else 201 if operation.name == "repositories_create" else 404
        if response.status_code != own or wrote != (own == 201):
            wrong.append(f"{operation.name}: {response.status_code} {text[:100]}")
    assert wrong == []


def test_a_session_opens_nothing(world, client, alice):
    client.force_login(alice)
    assert {client.get(f"/api/v1/{address(o, world)}").status_code for o in OPERATIONS if o.method == "GET"} == {401}
