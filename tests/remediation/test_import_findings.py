"""`import_findings`: a plan that is printed and not written, or taken whole."""

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from findings.models import Event, Finding, Run
from remediation.models import Checklist, CostLine, Item

pytestmark = pytest.mark.django_db
REVIEW = """\
# Review of the shop

Date: 2026-03-02

## P0: fix now

### P0-1: Orders live on one broker

Location: `k8s/orders.yaml` line 3

One broker down, and orders are gone.

### P0-2: The database password is in the repository

`k8s/db.yaml` line 7

```yaml
DB_PASSWORD: "kX9-thirteen!Zq"
```

## Checklist

### Week 1

- [ ] Give orders three replicas
- [x] Rotate the database password

## Costs

| Service | Monthly cost |
|---|---|
| Kafka | $40 |
| PostgreSQL | $60 |
| Total | $100 |
"""


def sarif(*messages: str, tool: str = "lint") -> bytes:
    results = [
        {
            "ruleId": "R1",
            "message": {"text": text},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 7 * n + 1}}}
            ],
        }
        for n, text in enumerate(messages)
    ]
    driver = {"name": tool, "rules": [{"id": "R1", "shortDescription": {"text": "A rule"}}]}
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "results": results}],
        }
    ).encode()


@pytest.fixture
def file(tmp_path):
    def make(name: str, data: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return make


def run(capsys, *words: object) -> str:
    call_command("import_findings", *map(str, words))
    return capsys.readouterr().out


def rows() -> int:
    return sum(
        m._default_manager.count() for m in apps.get_models() if m._meta.app_label in ("findings", "remediation")
    )


def test_a_preview_prints_the_whole_plan_and_writes_nothing(capsys, repository, file):
    before = rows()
    said = run(capsys, file("review.md", REVIEW), "--repository", "shop", "--preview")
    for expected in (
        "P0  P0-1: Orders live on one broker\n      k8s/orders.yaml:3",
        "  Week 1\n    [ ]     Give orders three replicas\n    [x]     Rotate the database password",
        "Costs a month (baseline): 100 USD",
        "40  Kafka",
        "nothing was written",
    ):
        assert expected in said
    assert "kX9-thirteen" not in said
    assert rows() == before


def test_a_preview_as_json_has_findings_items_costs_and_warnings(capsys, repository, file):
    said = json.loads(run(capsys, file("review.md", REVIEW), "--repository", "shop", "--preview", "--json"))
    plan = said["runs"][0]
    assert said["preview"] is True
    assert [(f["priority"], f["path"], f["line"]) for f in plan["findings"]] == [
        ("P0", "k8s/orders.yaml", 3),
        ("P0", "k8s/db.yaml", 7),
    ]
    assert [(i["phase"], i["ticked"]) for i in plan["items"]] == [("Week 1", False), ("Week 1", True)]
    assert [(t["role"], t["total"]) for t in plan["costs"]] == [("baseline", "100")]
    assert isinstance(plan["warnings"], list)


def test_a_review_is_taken_and_the_same_one_again_changes_nothing(capsys, repository, file):
    path = file("review.md", REVIEW)
    assert run(capsys, path, "--repository", "shop").endswith("Imported.\n")
    assert (Finding.objects.count(), Item.objects.count(), CostLine.objects.count()) == (2, 2, 2)
    assert Checklist.objects.get(review__isnull=False).team.slug == "platform"
    assert "2 known already" in run(capsys, path, "--repository", "shop")
    assert (Finding.objects.count(), Item.objects.count()) == (2, 2)
    assert Event.objects.filter(actor="command line").exists()


def test_sarif_is_taken_packed_or_from_a_pipe_and_says_what_closes(capsys, repository, file, monkeypatch):
    packed = file("report.sarif.gz", gzip.compress(sarif("one", "two")))
    assert "2 findings: 2 new" in run(capsys, packed, "--repository", "shop")
    piped = SimpleNamespace(buffer=io.BytesIO(gzip.compress(sarif("one"))))
    monkeypatch.setattr("sys.stdin", piped)
    said = run(capsys, "-", "--repository", "shop", "--preview")
    assert "1 known already, 1 close as fixed" in said
    assert "closes (fixed)  two" in said
    assert Finding.objects.filter(state="open").count() == 2


def test_what_looks_unhealthy_is_held_and_said(capsys, repository, file):
    run(capsys, file("a.sarif", sarif(*"abcdef")), "--repository", "shop")
    said = run(capsys, file("b.sarif", sarif()), "--repository", "shop")
    assert "1 held for a lead" in said
    assert Run.objects.first().state == "held"
    assert Finding.objects.filter(state="open").count() == 6


@pytest.mark.parametrize(
    ("name", "data", "words", "said"),
    [
        ("x.bin", b"hello", [], "not a known kind of file"),
        ("x.sarif", b"{", [], "not JSON"),
        ("x.sarif", b'{"version": "1.0.0", "runs": []}', [], "another version of SARIF"),
        ("x.sarif", b'{"version": "2.1.0", "runs": [{}]}', [], r"\$\.runs\[0\]\.tool"),
        ("x.sarif.gz", gzip.compress(b"x" * 100, mtime=0)[:20], [], "gzip"),
        ("x.sarif", b"", [], "is empty"),
        ("x.md", b"\xff\xfe\x00\xd8" * 40, [], "cannot be imported"),
        ("x.sarif", sarif("a"), ["--team", "nobody"], "no team 'nobody'"),
        ("x.sarif", sarif("a"), ["--team", "delivery"], "owns no part of 'shop'; these do: platform"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_line_and_leaves_nothing(
    repository, other_team, file, name, data, words, said
):
    before = rows()
    with pytest.raises(CommandError, match=said) as error:
        call_command("import_findings", str(file(name, data)), "--repository", "shop", *words)
    assert "\n" not in str(error.value)
    assert rows() == before


def test_a_missing_file_and_a_folder_are_named(repository, tmp_path):
    for path, why in ((tmp_path / "none.md", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=why):
            call_command("import_findings", str(path), "--repository", "shop")


def test_our_own_export_is_refused_where_we_scan(repository, file):
    repository.proven_commit = "a" * 40
    repository.save()
    with pytest.raises(CommandError, match="of our own scanner"):
        call_command("import_findings", str(file("x.sarif", sarif("a", tool="nova"))), "--repository", "shop")
