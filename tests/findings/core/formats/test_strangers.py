"""Files of other shapes: read where they say what they mean, else refused in words that say what to do."""

import gzip
import json

import pytest

from findings.core.formats.report import How
from findings.core.formats.table import FORMATS, detect
from findings.core.types import FormatError

HOLE = {"VulnerabilityID": "CVE-2031-7", "PkgName": "left", "InstalledVersion": "1", "Severity": "HIGH"}
TARGET = {"Target": "go.sum", "Class": "lang-pkgs", "Type": "gomod", "Vulnerabilities": [HOLE]}
TREE = {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": [TARGET]}
IMAGE = TREE | {"ArtifactName": "shop/web:7", "ArtifactType": "container_image"}
LOG = {"runs": [{"results": [{"ruleId": "r", "message": {"text": "m"}}], "tool": {"driver": {"name": "lint"}}}]}
SUMMARY = {"passed": 4, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 1, "checkov_version": "3.2.1"}


def read(name, data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return FORMATS[detect(name, data)].read(data, How())


def found(name, data):
    """How many observations the batches of each category have."""
    return {batch.category: len(batch.observations) for batch in read(name, data)}


def refused(name, data):
    with pytest.raises(FormatError) as error:
        read(name, data)
    return str(error.value)


def test_reports_of_trivy_in_a_list_are_read_each_in_its_scope():
    assert found("a.json", [TREE]) == found("a.json", TREE) == found("a.json", [TARGET]) == {"": 1}
    assert found("a.json", [TREE, IMAGE, IMAGE]) == {"": 1, "shop/web": 2}
    cluster = {
        "ClusterName": "prod",
        "Resources": [{"Namespace": "a", "Kind": "Pod", "Name": "b", "Results": [TARGET]}],
    }
    assert found("a.json", [TREE, cluster]) == {"": 1, "prod": 1}
    assert "schema 3; at $[1].SchemaVersion" in refused("a.json", [TREE, TREE | {"SchemaVersion": 3}])


def test_what_trivy_did_not_write_is_no_report_without_results():
    assert "$.Results[1]" in refused("a.json", TREE | {"Results": [TARGET, {"vulnerabilities": [HOLE]}]})
    assert found("a.json", TREE | {"Results": [{"Target": "go.sum", "Class": "lang-pkgs"}]}) == {"": 0}


def test_what_trivy_counted_and_did_not_list_closes_nothing():
    checked = {"Target": "main.tf", "Class": "config", "MisconfSummary": {"Successes": 1, "Failures": 2}}
    [batch] = read("a.json", TREE | {"Results": [TARGET, checked]})
    assert not batch.coverage.complete and "did not list" in batch.notices[0].message
    [batch] = read("a.json", TREE | {"Results": [checked | {"MisconfSummary": {"Successes": 3, "Failures": 0}}]})
    assert batch.coverage.complete


def test_a_summary_of_checkov_with_failures_is_not_taken_for_all_there_is():
    assert found("a.json", SUMMARY) == {"": 0}
    assert "without its checks" in refused("a.json", SUMMARY | {"failed": 2})
    whole = {"check_type": "terraform", "results": {"passed_checks": []}, "summary": SUMMARY | {"failed": 2}}
    assert "$.results.failed_checks" in refused("a.json", whole)


def test_a_file_that_was_packed_twice_on_its_way_is_read():
    once = gzip.compress(json.dumps(TREE).encode())
    assert found("a.json.gz", gzip.compress(once)) == {"": 1}
    again = gzip.compress(gzip.compress(once))
    assert "again and again" in refused("a.json.gz", again)
    with pytest.raises(FormatError, match="more than 2 times"):
        FORMATS["trivy"].read(again, How())


def test_sarif_that_names_no_schema_is_known_by_its_runs():
    assert detect("clippy.json", json.dumps(LOG | {"version": "2.1.0"}).encode()) == "sarif"
    assert detect("clippy.json", b'{"version": "2.1.0", "runs": [ {"results": [') == "sarif"
    assert "list of SARIF logs" in refused("a.json", [LOG])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_may_be_divided_as_spreadsheets_do(mark):
    table = '"Rule";Path;Message\r\nno-goto;src/a.c;"one, two"\r\n'.replace(";", mark)
    [batch] = read("a.csv", table.encode())
    assert [(one.path, one.message) for one in batch.observations] == [("src/a.c", "one, two")]


def test_an_unknown_table_is_told_the_columns_it_needs_and_those_it_has():
    said = refused("a.csv", b"Severity,File,Line Number\nhigh,a.py,1\n")
    assert "severity, file, line number" in said and "rule and path" in said and "message" in said
    assert "and more" in refused("a.csv", ",".join(f"c{n}" for n in range(30)).encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b" \n", "an empty file"),
        (gzip.compress(b"", mtime=0), "nothing in it"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (b"<!DOCTYPE html>\n<html>", "a web page"),
        (b'<?xml version="1.0"?><checkstyle>', "XML"),
        (b"[]", "an empty list"),
        ({"errors": [], "generated_at": "2031", "metrics": {}, "results": []}, "bandit -f sarif"),
        ({"Golang errors": {}, "Issues": [], "Stats": {}, "GosecVersion": "dev"}, "gosec -fmt sarif"),
        ({"matches": [{"vulnerability": {}, "artifact": {}}]}, "grype -o sarif"),
        ({"vulnerabilities": [], "ok": True, "packageManager": "npm"}, "Snyk"),
        ({"kics_version": "v2", "queries": []}, "KICS"),
        ([{"filePath": "/a.js", "messages": []}], "ESLint"),
        ({"bomFormat": "CycloneDX", "components": []}, "SBOM"),
        (b"hello, world", "not a known kind of file"),
    ],
)
def test_what_is_not_read_is_told_what_it_is(data, words):
    assert words in refused("a.json", data)
