"""A scan of a path starts with a tenth of the program, and says the same as the command in all of it."""

import os
import subprocess
import sys

import pytest

from nova_dashboard.offline.words import is_offline
from tests.findings.git_repo import Repo

HEAVY = {"psycopg", "celery", "redis", "environ", "django.db.models", "django.http", "findings.models", "remediation"}
SCRIPT = """
import sys
from nova_dashboard.start import main
try:
    main(["manage.py", "scan", sys.argv[1], *sys.argv[2:]])
finally:
    print(sorted(set({heavy!r}) & set(sys.modules)))
"""


@pytest.fixture
def repo(tmp_path):
    made = Repo(tmp_path / "repo")
    made.commit("one", {".env": "DB_PASSWORD=kX9-thirteen!\n", "a.proto": "package shop;\n"})
    return made


def run(code, *words, **environ):
    own = {"DJANGO_SETTINGS_MODULE": "nova_dashboard.settings"}
    return subprocess.run(
        [sys.executable, *code, *words], env=os.environ | own | environ, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_neither_database_nor_pages_are_loaded_and_nothing_is_kept_under_var(repo, tmp_path):
    done = run(["-c", SCRIPT.format(heavy=HEAVY)], str(repo.path), NOVA_VAR=str(tmp_path / "var"))
    assert "P0  secrets/plaintext" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
    assert done.stderr == ""
    assert not (tmp_path / "var").exists()


def test_codes_are_those_of_the_table(repo, tmp_path):
    assert run(["manage.py"], "scan", str(repo.path), "--fail-on", "P0").returncode == 1
    assert run(["manage.py"], "scan", str(repo.path)).returncode == 0
    assert run(["manage.py"], "scan", str(tmp_path)).returncode == 2
    wrong = run(["manage.py"], "scan", str(repo.path), NOVA_PATCH_LIMIT="many")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "NOVA_PATCH_LIMIT must be a whole number" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "offline"),
    [
        (["scan", "."], True),
        (["scan", "--rev", "main", "./shop", "-v", "2"], True),
        (["scan", "../shop", "--sarif", "-", "--fail-on=P1"], True),
        (["scan", "nova-no-such-slug"], False),
        (["scan", ".", "--settings=other"], False),
        (["scan"], False),
        (["scan", "--help"], False),
        (["scan", ".", "--fail-on", "P9"], False),
        (["rescan", "."], False),
        ([], False),
    ],
)
def test_which_command_line_it_is(words, offline, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nova_dashboard.settings")
    assert is_offline(["manage.py", *words]) is offline
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "elsewhere.settings")
    assert not is_offline(["manage.py", *words])
