"""Whatever goes wrong, the answer is problem+json and tells nothing of how we are built."""

import json

import pytest
from django.db import OperationalError

from findings.actions import tokens
from remediation.api import findings, operation
from remediation.api.description import openapi
from remediation.api.routes import OPERATIONS
from tests.remediation.api.conftest import problem

pytestmark = pytest.mark.django_db


def test_an_address_that_is_not_there(machine):
    assert problem(machine.get("nothing"))["status"] == 404
    assert problem(machine.get("findings/x"))["status"] == 404
    assert problem(machine.get("findings/"))["status"] == 404
    assert problem(machine.get("findings/99999999999999999999999"))["status"] == 404


def test_a_method_that_is_not_taken(machine):
    response = machine.ask("PATCH", "findings")
    assert problem(response)["status"] == 405
    assert response["Allow"] == "GET, HEAD"


def test_a_body_of_another_kind(machine):
    sent = machine.client.put(
        "/api/v1/findings/1/due", "due=1", content_type="text/plain", headers={"Authorization": f"Bearer {machine.key}"}
    )
    assert problem(sent)["status"] == 415


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass"), "NaN"])
def test_a_body_that_is_no_json(machine, text):
    sent = machine.client.put(
        "/api/v1/findings/1/due",
        text,
        content_type="application/json",
        headers={"Authorization": f"Bearer {machine.key}"},
    )
    assert problem(sent)["status"] in (400, 422)


def test_a_body_that_is_too_large(machine):
    response = machine.ask("PUT", "findings/1/due", {"due": "x" * operation.BODY_LIMIT})
    assert problem(response)["status"] == 413


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("secret of ours"), 500), (OperationalError("at 10.0.0.7"), 503)]
)
def test_what_nobody_expected_says_nothing_of_us(machine, monkeypatch, error, status):
    def broken(*_args, **_more):
        raise error

    monkeypatch.setattr(findings, "matching", broken)
    response = machine.get("findings")
    assert problem(response)["status"] == status
    assert str(error) not in response.content.decode()
    assert "RateLimit" in response


def test_a_database_that_is_away_is_a_problem_too(machine, monkeypatch):
    def away(*_args):
        raise OperationalError("no route to host")

    monkeypatch.setattr(operation, "use", away)
    assert problem(machine.get("findings"))["status"] == 503


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer nova_wrong", "bearer \x7f"])
def test_no_token_or_one_nobody_made(machine, header):
    response = machine.client.get("/api/v1/findings", headers={"Authorization": header})
    assert problem(response)["status"] == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_the_description_tells_every_operation_once(client):
    told = client.get("/api/v1/openapi.json").json()
    assert told == json.loads(json.dumps(openapi(OPERATIONS)))
    assert told["openapi"].startswith("3.1")
    names = [said["operationId"] for path in told["paths"].values() for said in path.values()]
    assert len(names) == len(set(names)) == len(OPERATIONS)
    page = client.get("/api/v1/").content.decode()
    assert all(f'id="{name}"' in page for name in names)
    assert tokens.MARK not in json.dumps(told)
