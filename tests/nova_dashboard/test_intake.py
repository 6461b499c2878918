"""Large reports: received into a private file, read by a worker, and gone from the disk when that is done."""

import os
import stat
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from findings import actions
from findings.actions import uploads
from findings.models import Finding, Run, Scan, Upload
from nova_dashboard import intake, tasks
from tests.cast import land, seen
from tests.remediation.views.test_imports import sarif, text, upload, verb

pytestmark = pytest.mark.django_db
IMPORTS = reverse("remediation:imports")
REPORT = sarif(("R1", "a.py", 1), ("R2", "b.py", 2))


@pytest.fixture
def lead(client, alice, repository, settings, tmp_path):
    settings.NOVA_SPOOL, settings.NOVA_READ_AT_ONCE = str(tmp_path / "spool"), 10
    client.force_login(alice)
    return client


def spooled(settings):
    return list(uploads.folder().iterdir())


def work(scan):
    tasks.scan(scan.pk)
    scan.refresh_from_db()
    return scan


def test_a_large_report_is_kept_for_a_worker_and_its_page_asks_until_it_was_read(lead, settings):
    answer = upload(lead, REPORT)
    scan = Scan.objects.get()
    assert answer["Location"] == scan.get_absolute_url()
    assert not Run.objects.exists()
    (file,) = spooled(settings)
    assert file.read_bytes() == REPORT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    page = text(lead.get(answer["Location"]))
    assert "report.sarif" in page
    assert "load delay:2s" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "report.sarif" in text(lead.get(IMPORTS))

    assert work(scan).state == "done"
    assert spooled(settings) == []
    run = Run.objects.get()
    assert (run.state, run.scan, run.file_name) == ("preview", scan, "report.sarif")
    assert lead.get(answer["Location"])["Location"] == run.get_absolute_url()
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver{answer['Location']}"}
    assert lead.get(answer["Location"], **asked)["HX-Redirect"] == run.get_absolute_url()
    elsewhere = asked | {"HTTP_HX_CURRENT_URL": f"http://testserver{IMPORTS}"}
    assert "HX-Redirect" not in lead.get(answer["Location"], **elsewhere)


def test_what_cannot_be_read_names_file_place_and_expectation_and_leaves_nothing(lead, settings):
    upload(lead, REPORT.replace(b'"a.py"', b"17"), "night.sarif")
    scan = work(Scan.objects.get())
    assert scan.state == "failed"
    place = "$.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri"
    assert scan.error == f"night.sarif: found a number; at {place}; expected a string"
    assert not Run.objects.exists()
    assert spooled(settings) == []
    assert place in text(lead.get(scan.get_absolute_url()))


def test_another_worker_reads_the_file_again_when_one_was_killed(lead, settings):
    upload(lead, REPORT)
    scan = actions.claim(Scan.objects.get().pk)
    assert intake.run_upload(scan.pk) is False
    Scan.objects.update(lease=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert work(scan).state == "done"
    assert Run.objects.count() == 1
    assert scan.attempts == 2


def test_a_file_that_kills_every_worker_is_given_up(lead, settings):
    upload(lead, REPORT)
    Scan.objects.update(state="running", attempts=intake.ATTEMPTS, lease=timezone.now() - timedelta(seconds=1))
    scan = work(Scan.objects.get())
    assert scan.state == "failed"
    assert "Given up" in scan.error
    assert spooled(settings) == []


def test_a_worker_that_does_not_have_the_file_says_that_it_must_be_sent_again(lead, settings):
    upload(lead, REPORT)
    spooled(settings)[0].unlink()
    scan = work(Scan.objects.get())
    assert (scan.state, "Send it again" in scan.error) == ("failed", True)


def test_several_files_are_taken_each_for_itself(lead, repository):
    files = [SimpleUploadedFile(name, REPORT) for name in ("one.sarif", "two.sarif")]
    answer = lead.post(IMPORTS, {"repository": repository.pk, "file": [*files, SimpleUploadedFile("odd.json", b"{}")]})
    assert answer["Location"] == IMPORTS
    assert Upload.objects.count() == 2
    page = text(lead.get(IMPORTS))
    assert "one.sarif" in page
    assert "odd.json" in page


def test_a_large_preview_is_taken_by_a_worker_and_asked_twice_it_is_one_job(lead, monkeypatch):
    upload(lead, REPORT)
    work(Scan.objects.get())
    monkeypatch.setattr("remediation.actions.intake.TAKEN_AT_ONCE", 1)
    run = Run.objects.get()
    first, second = lead.post(verb("accept", run)), lead.post(verb("accept", run))
    job = Scan.objects.get(upload__take=run)
    assert first["Location"] == second["Location"] == job.get_absolute_url()
    assert not Finding.objects.exists()
    assert work(job).state == "done"
    assert Finding.objects.count() == 2
    assert lead.get(job.get_absolute_url())["Location"] == run.get_absolute_url()


def test_a_preview_that_changed_meanwhile_is_shown_again_and_not_taken(lead, repository, monkeypatch):
    upload(lead, REPORT)
    work(Scan.objects.get())
    monkeypatch.setattr("remediation.actions.intake.TAKEN_AT_ONCE", 1)
    run = Run.objects.get()
    lead.post(verb("accept", run))
    land(repository, [seen("R1", "a.py", 1, message="R1 in a.py")], tool="lint")
    job = work(Scan.objects.get(upload__take=run))
    assert (job.state, "Look at it again" in job.error) == ("failed", True)
    run.refresh_from_db()
    assert run.state == "preview"


def test_uploads_are_for_the_team_of_the_repository_only(lead, client, charlie, vera, repository, other_team):
    upload(lead, REPORT)
    address = Scan.objects.get().get_absolute_url()
    actions.define_component(repository, "part", team=other_team, paths=["part/**"], actor="test")
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    assert "report.sarif" not in text(client.get(IMPORTS))
    client.force_login(vera)
    assert client.get(address).status_code == 200


def test_what_a_crash_left_in_the_spool_folder_is_removed_after_a_day(lead, settings):
    upload(lead, REPORT)
    (waiting,) = spooled(settings)
    for name in ("old", "new"):
        (uploads.folder() / name).write_bytes(b"x")
    for file in (waiting, uploads.folder() / "old"):
        os.utime(file, (time.time() - 2 * uploads.KEPT,) * 2)
    assert uploads.tidy() == 1
    assert {file.name for file in spooled(settings)} == {waiting.name, "new"}
