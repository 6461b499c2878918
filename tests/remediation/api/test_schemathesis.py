"""Schemathesis asks the running server what its description allows and forbids, and checks every answer against it."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from findings import actions
from findings.models.tokens import SCOPES
from tests.pages import grow

SECONDS = 30


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_answer_of_the_running_server_is_as_described(
    live_server, platform, repository, alice, bob, settings, tmp_path
):
    settings.NOVA_API_LIMIT = 1_000_000
    with transaction.atomic():
        grow(platform, repository, alice, bob, rows=4)
    _token, key = actions.issue(platform, "schemathesis", tuple(SCOPES), days=1, actor="test")
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    config = Path(__file__).with_name("schemathesis.toml")
    asked = ["--config-file", str(config), "run", f"{live_server.url}/api/v1/openapi.json"]
    asked += ["--url", f"{live_server.url}/api/v1", "--header", f"Authorization: Bearer {key}"]
    asked += ["--checks", "all", "--seed", "1", "--max-examples", "3", "--max-time", str(SECONDS)]
    asked += ["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--no-color"]
    done = subprocess.run(
        [sys.executable, "-c", program, *asked],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    assert "Tested: 0" not in said
