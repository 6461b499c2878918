"""Damaged and hostile reports through the page and the command: no error of ours, nothing half written, nothing alive."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from findings.models import Finding, Rule, Run, Scan
from remediation.actions.imports import accept_import
from tests.findings.core.formats.mutations import HOSTILE, mutants

pytestmark = pytest.mark.django_db
IMPORTS = reverse("remediation:imports")
LIVE = ("<script>alert", "<img src=x", 'href="javascript:', 'src="http', "\x1b")


@pytest.fixture
def lead(client, alice, repository):
    client.force_login(alice)
    return client


def send(client, repository, name, data):
    file = SimpleUploadedFile(name, data)
    return client.post(IMPORTS, {"repository": repository.pk, "file": file})


def hostile() -> bytes:
    """A report whose every text wants to be something else."""
    results = [
        {
            "ruleId": f"r{n}",
            "message": {"text": text},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": text[:500]}, "region": {"startLine": 1, "snippet": {"text": text}}}}
            ],
            "relatedLocations": [{"message": {"text": text}}],
            "codeFlows": [{"threadFlows": [{"locations": [{"location": {"message": {"text": text}}}]}]}],
            "properties": {"tags": [text], "confidence": text},
        }
        for n, text in enumerate(HOSTILE)
    ]  # fmt: skip
    rules = [
        {"id": f"r{n}", "name": text, "help": {"markdown": text}, "helpUri": "javascript:alert(1)"}
        for n, text in enumerate(HOSTILE)
    ]
    run = {"tool": {"driver": {"name": HOSTILE[0], "rules": rules}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def test_damaged_files_are_taken_or_refused_by_the_page_whole_or_not_at_all(lead, repository):
    taken = 0
    for name, data in mutants(3, 60):
        before = Run.objects.count(), Scan.objects.count(), Rule.objects.count()
        answer = send(lead, repository, name, data)
        assert answer.status_code in (302, 422), name
        if answer.status_code == 422:
            assert (Run.objects.count(), Scan.objects.count(), Rule.objects.count()) == before
            if data.strip():
                assert name in answer.context["form"].errors.as_text()
            continue
        taken += 1
        for run in Run.objects.filter(state="preview"):
            assert lead.get(run.get_absolute_url()).status_code == 200
            accept_import(run, actor="test")
    assert taken > 5


def test_damaged_files_are_taken_or_refused_by_the_command(repository, tmp_path, capsys):
    refused = 0
    for name, data in mutants(4, 30):
        file = tmp_path / name
        file.write_bytes(data)
        try:
            call_command("import_findings", str(file), "--repository", "shop", "--preview")
        except CommandError as error:
            refused += 1
            assert name in str(error)
        assert not Run.objects.exists()
        assert "\x1b" not in capsys.readouterr().out
    assert 0 < refused < 30


def test_nothing_that_a_report_says_is_alive_on_a_page_in_a_file_or_on_a_terminal(lead, repository, tmp_path, capsys):
    assert send(lead, repository, "report.sarif", hostile()).status_code == 302
    run = Run.objects.get()
    pages = [run.get_absolute_url(), reverse("remediation:findings")]
    shown = [lead.get(run.get_absolute_url()).content.decode()]
    accept_import(run, actor="test")
    pages += [finding.get_absolute_url() for finding in Finding.objects.all()]
    shown += [lead.get(page).content.decode() for page in pages]
    for text in shown:
        assert not [live for live in LIVE if live in text]
    for kind in ("csv", "json", "sarif"):
        said = lead.get(reverse("remediation:export", args=[kind])).getvalue().decode()
        assert "alert(1)" in said
        if kind == "csv":
            assert not any(line.startswith(("=", "+", "@")) for line in said.split(","))
    file = tmp_path / "report.sarif"
    file.write_bytes(hostile())
    call_command("import_findings", str(file), "--repository", "shop", "--preview")
    assert "\x1b" not in capsys.readouterr().out
    assert not any(path.startswith("/") or ".." in path.split("/") for path in run.begun.values_list("path", flat=True))


def test_what_is_wrong_is_said_with_file_place_and_expectation(lead, repository):
    answer = send(lead, repository, "night.json", io.BytesIO(b'{"version": "2.1.0",\n "runs": [}').read())
    said = answer.context["form"].errors["file"][0]
    assert said.startswith("night.json: ")
    broken = send(lead, repository, "night.sarif", b'{"version": "2.1.0",\n "runs": [}').context["form"].errors["file"]
    assert broken == ["night.sarif: not JSON: Expecting value; at line 2 column 11; expected JSON"]
