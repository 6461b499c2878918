"""`export_findings`: every finding with its state, and no key of a secret."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from findings import actions
from tests.cast import land, seen

pytestmark = pytest.mark.django_db


def run(capsys, *words: object) -> str:
    call_command(*map(str, words))
    return capsys.readouterr().out


@pytest.fixture
def story(repository, alice):
    """One open topic, one accepted, one fixed finding, and a secret."""
    topic, fixed = seen("kafka/under-replicated-topic", key="main/a"), seen(line=9)
    accepted = seen("kafka/under-replicated-topic", path="k8s/b.yaml", key="main/b")
    secret = seen("secrets/plaintext", ".env", 1, key="f" * 64, message="DB_PASSWORD: =1+1 •••• (13 characters)")
    land(repository, [topic, accepted, fixed, secret])
    land(repository, [topic, accepted, secret])
    actions.decide([repository.findings.get(key="main/b")], "accepted", actor=alice, reason="until June")
    return repository


def test_csv_and_json_hold_every_finding_with_its_state(capsys, story):
    rows = list(csv.DictReader(io.StringIO(run(capsys, "export_findings", "shop", "--format", "csv"))))
    assert sorted(r["state"] for r in rows) == ["accepted", "fixed", "open", "open"]
    fixed = next(r for r in rows if r["state"] == "fixed")
    assert fixed["fixed_commit"] == story.proven_commit
    again = json.loads(run(capsys, "export_findings", "shop", "--format", "json"))
    assert [r["id"] for r in again] == [int(r["id"]) for r in rows]


def test_sarif_holds_what_is_present_and_says_what_is_suppressed(capsys, story, tmp_path):
    out = tmp_path / "out.sarif"
    run(capsys, "export_findings", "shop", "--format", "sarif", "--out", out)
    log = json.loads(out.read_text())
    results = log["runs"][0]["results"]
    assert [r["ruleId"] for r in results if "suppressions" in r] == ["kafka/under-replicated-topic"]
    assert len(results) == 3
    assert log["runs"][0]["properties"]["revisionId"] == story.proven_commit


@pytest.mark.parametrize("form", ["csv", "json", "sarif"])
def test_keys_of_secrets_do_not_leave(capsys, story, form):
    said = run(capsys, "export_findings", "shop", "--format", form)
    assert "DB_PASSWORD" in said
    assert "f" * 64 not in said


def test_nothing_known_is_an_empty_log(capsys, repository):
    assert json.loads(run(capsys, "export_findings", "shop", "--format", "sarif"))["runs"][0]["results"] == []


def test_an_export_that_cannot_be_written_is_one_clear_line(repository, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("export_findings", "shop", "--format", "csv", "--out", str(tmp_path / "no" / "x.csv"))
    with pytest.raises(CommandError, match="no tracked repository 'nothing'"):
        call_command("export_findings", "nothing", "--format", "csv")
