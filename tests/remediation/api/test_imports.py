"""Reports handed in by machines: raw, packed, as a form; once under a key; by a worker where they are large."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from findings.models import Finding, Run, Scan, Submission
from nova_dashboard.intake import run_upload
from tests.remediation.api.conftest import problem

pytestmark = pytest.mark.django_db


def report(*paths: str) -> bytes:
    results = [
        {
            "ruleId": "no-eval",
            "message": {"text": f"eval in {path}"},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": 3}}},
            ],
        }
        for path in paths
    ]
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": results}]}
    ).encode()


def test_a_report_is_previewed_accepted_and_undone(machine):
    made = machine.hand_in(report("a.js", "b.js"), "repository=shop")
    assert made.status_code == 201, made.content
    [batch] = made.json()["batches"]
    assert (batch["state"], batch["counts"]["new"], batch["actor"]) == ("preview", 2, "token Nightly build")
    assert made["Location"].endswith(f"/api/v1/batches/{batch['id']}")
    assert not Finding.objects.exists()
    taken = machine.ask("POST", f"batches/{batch['id']}/accept", {})
    assert taken.json()["state"] == "applied"
    assert Finding.objects.count() == 2
    assert problem(machine.ask("POST", f"batches/{batch['id']}/accept", {}))["status"] == 409
    assert machine.ask("POST", f"batches/{batch['id']}/undo").json()["state"] == "undone"
    assert not Finding.objects.exists()


def test_what_is_dropped_writes_nothing(machine):
    [batch] = machine.hand_in(report("a.js"), "repository=shop").json()["batches"]
    assert machine.ask("POST", f"batches/{batch['id']}/drop").json()["state"] == "refused"
    assert not Finding.objects.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_raw_packed_and_as_a_form_are_the_same(machine, packed):
    data = gzip.compress(report("a.js")) if packed else report("a.js")
    more = {"Content_Encoding": "gzip"} if packed else {}
    raw = machine.hand_in(data, "repository=shop&accept=true", **more)
    assert raw.json()["batches"][0]["state"] == "applied"
    form = machine.client.post(
        "/api/v1/imports?repository=shop",
        {"file": SimpleUploadedFile("lint.sarif", data)},
        headers={"Authorization": f"Bearer {machine.key}"},
    )
    assert form.status_code == 201, form.content
    assert form.json()["batches"][0]["file_name"] == "lint.sarif"
    assert form.json()["batches"][0]["counts"]["new"] == 0


def test_the_same_key_takes_the_same_report_once(machine, platform, machine_of):
    first = machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7")
    again = machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (again["Location"], again["Idempotency-Replayed"]) == (first["Location"], "true")
    assert Run.objects.count() == 1
    other = machine.hand_in(report("b.js"), "repository=shop", Idempotency_Key="build-7")
    assert problem(other)["status"] == 409
    assert machine_of(platform).hand_in(report("b.js"), "repository=shop", Idempotency_Key="build-7").status_code == 201


def test_what_is_still_being_answered_is_not_taken_a_second_time(machine):
    machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7")
    Submission.objects.update(status=0)
    response = machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7")
    assert "still being answered" in problem(response)["detail"]


def test_what_was_refused_may_be_sent_again_under_its_key(machine):
    assert machine.hand_in(b"{}", "repository=shop", Idempotency_Key="build-7").status_code == 422
    assert machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7").status_code == 201


def test_a_large_report_is_read_by_a_worker_and_tells_where_to_ask(machine, settings, queue):
    settings.NOVA_READ_AT_ONCE = 100
    made = machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7")
    assert made.status_code == 202
    scan = Scan.objects.get()
    assert made.json() == {"job": scan.pk, "batches": []}
    assert made["Location"].endswith(f"/api/v1/scans/{scan.pk}")
    told = machine.get(f"scans/{scan.pk}").json()
    assert (told["state"], told["kind"], told["batches"]) == ("queued", "upload", [])
    assert machine.hand_in(report("a.js"), "repository=shop", Idempotency_Key="build-7").json() == made.json()


@pytest.mark.parametrize(("accept", "state", "findings"), [("true", "applied", 1), ("false", "preview", 0)])
def test_a_worker_takes_what_was_to_be_taken(machine, settings, queue, accept, state, findings):
    settings.NOVA_READ_AT_ONCE = 100
    job = machine.hand_in(report("a.js"), f"repository=shop&accept={accept}").json()["job"]
    assert run_upload(job)
    told = machine.get(f"scans/{job}").json()
    [batch] = told["batches"]
    assert (told["state"], machine.get(f"batches/{batch}").json()["state"]) == ("done", state)
    assert Finding.objects.count() == findings


@pytest.mark.parametrize(
    ("data", "query", "kind", "status"),
    [
        (b"{}", "repository=shop", "application/json", 422),
        (b"not a report", "repository=shop", "text/plain", 422),
        (b"{}", "", "application/json", 422),
        (b"{}", "repository=nowhere", "application/json", 404),
        (b"{}", "repository=shop", "application/x-msdownload", 415),
        (b"{}", "repository=shop&format=word", "application/json", 422),
        (b"--x", "repository=shop", "multipart/form-data", 400),
        (b"--x", "repository=shop", "multipart/form-data; boundary=x", 422),
    ],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(machine, data, query, kind, status):
    assert problem(machine.hand_in(data, query, kind))["status"] == status
    assert not Run.objects.exists()


def test_a_report_over_the_limit_is_refused(machine, settings):
    settings.NOVA_UPLOAD_LIMIT = 50
    assert problem(machine.hand_in(report("a.js"), "repository=shop"))["status"] == 413


def test_a_body_of_unknown_length_is_refused_and_not_taken_for_empty(machine):
    response = machine.hand_in(report("a.js"), "repository=shop", Transfer_Encoding="chunked")
    assert problem(response)["status"] == 411


def test_an_encoding_that_is_not_taken_is_named(machine):
    response = machine.hand_in(report("a.js"), "repository=shop", Content_Encoding="br")
    assert "br" in problem(response)["detail"]
    assert response["Accept-Encoding"] == "gzip"


def test_a_new_scan_is_asked_for_once(machine, queue):
    first = machine.ask("POST", "scans", {"repository": "shop"})
    assert first.status_code == 202
    assert machine.ask("POST", "scans", {"repository": "shop"}).json()["id"] == first.json()["id"]
    assert machine.get("scans?state=queued").json()["items"][0]["id"] == first.json()["id"]
