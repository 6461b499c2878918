"""A full disk: whoever sent something is told so, nothing is kept by halves, and the next request is answered."""

import errno
import io

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError
from psycopg.errors import DiskFull

from findings import actions
from findings.full import disk_is_full
from findings.models import Event, Run, Scan, Upload

pytestmark = pytest.mark.django_db
REPORT = b"# Review\n\n## P0 Blockers\n\n### P0-1: Topics live on one broker\n\nOne replica.\n"
LARGE = REPORT + b" " * 3_000_000  # more than is held in memory


@pytest.fixture
def full(monkeypatch):
    """The disk that large uploads are read through has no room."""

    def write(self, data, start):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", write)


def left() -> list[int]:
    return [model.objects.count() for model in (Run, Scan, Upload, Event)]


def report(data: bytes = LARGE) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = "review.md"
    return file


def test_an_upload_that_a_full_disk_cannot_take_is_told_and_keeps_nothing(client, alice, repository, full, monkeypatch):
    client.force_login(alice)
    client.raise_request_exception = False
    before = left()
    response = client.post("/imports/", {"repository": repository.pk, "file": report()})
    assert response.status_code == 507
    assert b"The server has no room left" in response.content
    assert b"No space left" not in response.content
    assert left() == before
    monkeypatch.undo()
    assert client.post("/imports/", {"repository": repository.pk, "file": report(REPORT)}).status_code == 302


def test_the_api_says_so_too(client, alice, platform, repository, full):
    _token, key = actions.issue(platform, "CI", ["import"], days=9, actor=alice)
    before = left()
    response = client.post(
        "/api/v1/imports?repository=shop", {"file": report()}, headers={"Authorization": f"Bearer {key}"}
    )
    assert (response.status_code, response["Content-Type"]) == (507, "application/problem+json")
    assert "no room left" in response.json()["detail"]
    assert left() == before


def test_another_failure_stays_a_failure_of_ours(client, alice, repository, monkeypatch):
    client.force_login(alice)
    client.raise_request_exception = False

    def fail(*args, **kwargs):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("remediation.views.imports.hand_in", fail)
    response = client.post("/imports/", {"repository": repository.pk, "file": report()})
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content


def test_the_databases_full_disk_is_one_as_well():
    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull()
    assert disk_is_full(error)
    assert not disk_is_full(OperationalError("away"))
