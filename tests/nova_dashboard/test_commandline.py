"""Which commands start servers, and how errors read."""

import os
import subprocess
import sys

import pytest
from django.core.management import BaseCommand

from nova_dashboard import commandline


def run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "nova_dashboard.settings"} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "words", [["help"], [], ["check"], ["collectstatic"], ["migrate", "--help"], ["nosuchcommand"], ["serve"]]
)
def test_these_start_no_server(words):
    assert not commandline.needs_servers(["manage.py", *words])


@pytest.mark.parametrize("words", [["migrate"], ["shell"], ["demo"], ["changepassword", "bob"]])
def test_these_start_the_servers(words):
    assert commandline.needs_servers(["manage.py", *words])


def test_a_command_may_decide_by_its_arguments(monkeypatch):
    class Scan(BaseCommand):
        def needs_servers(self, arguments: list[str]) -> bool:
            return "slug" in arguments

    monkeypatch.setattr(commandline, "get_commands", lambda: {"scan": Scan()})
    assert commandline.needs_servers(["manage.py", "scan", "slug"])
    assert not commandline.needs_servers(["manage.py", "scan", "./tree"])


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("PORT", "eighty", "PORT must be a whole number of at least 1, not 'eighty'"),
        ("NOVA_DEMO", "maybe", "NOVA_DEMO must be 1 or 0, not 'maybe'"),
        ("DATABASE_URL", "mysql://nova:hunter2@db/nova", "DATABASE_URL must be a URL that starts with postgresql://"),
        ("REDIS_URL", "cache:6379", "REDIS_URL must be a URL that starts with redis://"),
        ("BASE_URL", "nova.example", "BASE_URL must be a URL that starts with http:// or https://"),
        ("BIND", "everywhere", "BIND must be an IP address"),
        ("EMAIL_URL", "pigeon://roof", "EMAIL_URL must be a URL that starts with smtp://"),
    ],
)
def test_a_malformed_setting_is_one_line_that_names_it(variable, value, complaint):
    answer = run("check", **{variable: value})
    assert answer.returncode == 1
    assert complaint in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert "hunter2" not in answer.stderr


def test_a_database_that_is_away_is_one_line():
    answer = run("migrate", DATABASE_URL="postgresql://nova:hunter2@127.0.0.1:1/nova", REDIS_URL="redis://127.0.0.1:1")
    assert answer.returncode == 1
    assert "error: the database does not answer" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert "hunter2" not in answer.stderr


def test_deployment_behind_https_has_no_warnings():
    answer = run("check", "--deploy", "--fail-level", "WARNING", BASE_URL="https://nova.example")
    assert answer.returncode == 0, answer.stderr
