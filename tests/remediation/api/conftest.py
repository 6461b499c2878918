"""A client that speaks as a token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from findings import actions
from findings.models import Team
from findings.models.tokens import SCOPES


class Machine:
    """What a script does: addresses below /api/v1/, JSON in and out."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.client = Client(enforce_csrf_checks=True)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        said = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(method, url, headers={**sent, **named}, **said)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def hand_in(self, data: bytes, query: str, kind: str = "application/sarif+json", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/api/v1/imports?{query}",
            data,
            content_type=kind,
            headers={"Authorization": f"Bearer {self.key}", **named},
        )


@pytest.fixture
def machine_of() -> Callable[..., Machine]:
    """Makes a machine of a team, with all scopes or those that are named."""

    def make(team: Team, *scopes: str) -> Machine:
        _token, key = actions.issue(team, "Nightly build", scopes or tuple(SCOPES), days=30, actor="test")
        return Machine(key)

    return make


@pytest.fixture
def machine(platform, repository, machine_of) -> Machine:
    return machine_of(platform)


def problem(response: Any) -> dict[str, Any]:
    """The problem that an answer is; fails for an answer that is none."""
    assert response["Content-Type"] == "application/problem+json", response.content[:300]
    told = response.json()
    assert told["status"] == response.status_code
    assert told["title"]
    assert "Traceback" not in response.content.decode()
    return told
