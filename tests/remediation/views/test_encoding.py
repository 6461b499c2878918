"""A report that does not say how it is encoded: its preview tells as what it was read, and a lead chooses another."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from findings.models import Run
from remediation.actions.imports import accept_import
from remediation.actions.reading import preview_review
from remediation.models import Review

pytestmark = pytest.mark.django_db
TITLE = "架構審查"
REPORT = f"""\
# {TITLE}

## P0

### P0-1: 資料庫密碼寫在儲存庫裡

`config/app.env:3`：`DATABASE_PASSWORD=Gr4nd-Rapids-1874`

### P0-2: 沒有備份

影響：一切都會丟失。
"""
VALUE = "Gr4nd-Rapids-1874"


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def run(lead, repository):
    file = SimpleUploadedFile("r.md", REPORT.encode("big5"))
    answer = lead.post(reverse("remediation:imports"), {"repository": repository.pk, "file": file})
    return Run.objects.get(pk=answer.url.strip("/").split("/")[-1])


def choose(client, run, encoding, version=1, **more):
    address = reverse("remediation:run_encoding", args=[run.pk])
    return client.post(address, {"encoding": encoding, "version": version}, follow=True, **more)


def test_the_preview_says_as_what_a_report_was_read_and_how_it_would_read_else(lead, run):
    page = lead.get(run.get_absolute_url())
    offered = page.context["encodings"]
    assert [row["name"] for row in offered if row["taken"]] == ["big5"]
    assert {"big5", "gb18030"} <= {row["name"] for row in offered}
    assert offered[0]["sample"] == f"# {TITLE}"
    assert len({row["sample"] for row in offered}) == len(offered)
    assert "Read as GB18030" in page.content.decode()


def test_another_encoding_is_another_reading_at_the_same_address_and_back(lead, run):
    page = choose(lead, run, "gb18030")
    assert "Read as GB18030." in page.content.decode()
    assert TITLE not in page.content.decode().replace(page.context["encodings"][1]["sample"], "")
    page = choose(lead, run, "big5", version=2)
    run.refresh_from_db()
    assert [f["title"] for f in page.context["findings"]][1] == "P0-2: 沒有備份"
    accept_import(run, actor="alice@example.com")
    assert TITLE in Review.objects.get(run=run).text
    assert run.category == Review.objects.get(run=run).run.category


def test_a_reading_chosen_by_hand_finds_the_version_before_it(lead, run, repository, platform, alice):
    accept_import(run, actor=alice)
    again = preview_review(repository, platform, REPORT.encode("big5"), file_name="r.md", actor=alice).run
    choose(lead, again, "gb18030")
    page = choose(lead, again, "big5", version=2)
    assert page.context["last"] == Review.objects.get(run=run)
    assert page.context["changes"] == []


def test_no_reading_keeps_what_nobody_may_see(lead, run):
    kept = json.dumps(run.payload, ensure_ascii=False)
    assert VALUE not in kept and VALUE[1:] not in kept
    assert len(run.payload["texts"]) > 1


def test_who_chooses_second_is_told(lead, run):
    choose(lead, run, "gb18030")
    assert "Somebody decided something else" in choose(lead, run, "cp1252").content.decode()
    run.refresh_from_db()
    assert run.payload["encoding"] == "gb18030"


def test_what_was_decided_about_other_words_is_gone_and_what_is_not_offered_changes_nothing(lead, run):
    assert "cannot be in that encoding" in choose(lead, run, "utf-7").content.decode()
    run.payload["choices"] = {"findings": {"p0-2": {"priority": "P2"}}}
    run.save(update_fields=["payload"])
    choose(lead, run, "gb18030")
    run.refresh_from_db()
    assert run.payload["choices"] == {"findings": {}, "picked": {}}


def test_there_is_nothing_to_choose_where_a_report_is_plain(lead, repository, platform, alice):
    plain = preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run
    page = lead.get(plain.get_absolute_url())
    assert 'id="encoding"' not in page.content.decode()
