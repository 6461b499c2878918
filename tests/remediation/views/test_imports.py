"""Handing in reports: seen before written, written whole, taken back whole."""

import json
import re
from collections import Counter
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from findings import actions
from findings.actions.triage import decide
from findings.models import Finding, Run
from remediation.actions.items import attest_item
from remediation.models import Item
from tests.cast import land, only, seen
from tests.remediation.core.review.reports import ENGLISH

pytestmark = pytest.mark.django_db
URL = reverse("remediation:imports")


def sarif(*results, tool="lint", runs=1):
    """A report that names (rule, path, line) triples."""
    listed = [
        {
            "ruleId": rule,
            "message": {"text": f"{rule} in {path}"},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}},
            ],
        }
        for rule, path, line in results
    ]
    log = {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": f"{tool}{n or ''}"}}, "results": listed} for n in range(runs)],
    }
    return json.dumps(log).encode()


def upload(client, data, name="report.sarif", **fields):
    repository = Run._meta.get_field("repository").related_model.objects.get()
    file = SimpleUploadedFile(name, data)
    return client.post(URL, {"repository": repository.pk, "file": file, **fields})


def verb(name, run):
    return reverse(f"remediation:run_{name}", args=[run.pk])


def text(response):
    return response.content.decode()


@pytest.fixture
def lead(client, alice, repository):
    client.force_login(alice)
    return client


def test_a_review_is_shown_with_its_findings_plan_and_costs_before_anything_is_written(lead):
    answer = upload(lead, ENGLISH.encode(), "review.md")
    run = Run.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert not Finding.objects.exists()
    assert not Item.objects.exists()
    shown = lead.get(run.get_absolute_url()).context
    assert shown["groups"][0].name == "new"
    assert shown["groups"][0].rows[0].report_line > 0
    assert shown["items"]
    assert all(row["report_line"] for phase in shown["items"] for row in phase["rows"])
    assert shown["tables"]


def test_a_review_that_is_accepted_is_findings_and_items_and_its_page_links_to_them(lead):
    upload(lead, ENGLISH.encode(), "review.md")
    run = Run.objects.get()
    planned = lead.get(run.get_absolute_url()).context
    lead.post(verb("accept", run))
    done = lead.get(run.get_absolute_url())
    assert Finding.objects.count() == planned["groups"][0].count == done.context["groups"][0].count
    assert Item.objects.count() == sum(len(phase["rows"]) for phase in planned["items"])
    assert Item.objects.first().get_absolute_url() in text(done)
    assert f"{Item.objects.count()} items" in done.context["sentence"]
    assert "Undo this import" in text(done)


def test_what_the_page_sends_by_its_buttons_is_taken(lead):
    for number, (data, name) in enumerate([(sarif(("r", "a.py", 1)), "a.sarif"), (ENGLISH.encode(), "review.md")]):
        upload(lead, data, name)
        run = Run.objects.get(state="preview")
        shown = text(lead.get(run.get_absolute_url()))
        [apply] = [form for form in re.findall(r"<form.*?</form>", shown, re.S) if verb("accept", run) in form]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', apply))
        lead.post(verb("accept", run), hidden)
        assert Run.objects.filter(state="applied").count() == number + 1, hidden


def test_an_accepted_import_is_taken_back_whole(lead):
    upload(lead, ENGLISH.encode(), "review.md")
    run = Run.objects.get()
    lead.post(verb("accept", run))
    said = lead.post(verb("undo", run), follow=True)
    assert "as it was before" in text(said)
    assert not Finding.objects.exists()
    assert not Item.objects.exists()
    assert "Undone" in text(lead.get(URL))


def test_what_somebody_built_on_cannot_be_taken_back_and_is_named(lead, alice):
    upload(lead, sarif(("R1", "a.py", 1)))
    run = Run.objects.get()
    lead.post(verb("accept", run))
    actions.set_due([only()], date(2999, 1, 1), actor=alice)
    said = text(lead.post(verb("undo", run), follow=True))
    assert "cannot be undone any more" in said
    assert "R1 in a.py" in said
    assert only().state == "open"


def test_a_dropped_preview_leaves_nothing(lead):
    upload(lead, sarif(("R1", "a.py", 1)))
    run = Run.objects.get()
    lead.post(verb("drop", run))
    assert not Finding.objects.exists()
    assert "nothing was written" in text(lead.get(URL))
    assert "decided about it already" in text(lead.post(verb("accept", run), follow=True))
    assert "decided about it already" in text(lead.post(verb("drop", run), follow=True))
    assert "Only an import that is applied" in text(lead.post(verb("undo", run), follow=True))


def test_a_second_report_shows_what_is_new_what_is_gone_and_what_stays(lead):
    upload(lead, sarif(("R1", "a.py", 1), ("R1", "b.py", 1)))
    lead.post(verb("accept", Run.objects.get()))
    upload(lead, sarif(("R1", "a.py", 1), ("R2", "c.py", 5)), name="second.sarif")
    run = Run.objects.latest("pk")
    counts = {group.name: group.count for group in lead.get(run.get_absolute_url()).context["groups"]}
    assert counts == {"new": 1, "fixed": 1, "unchanged": 1}
    lead.post(verb("accept", run))
    done = {group.name: group.count for group in lead.get(run.get_absolute_url()).context["groups"]}
    assert done == {"new": 1, "fixed": 1}
    assert Finding.objects.get(message="R1 in b.py").evidence.kind == "upload"


def test_closings_that_look_wrong_are_held_and_can_be_taken_all_the_same(lead):
    upload(lead, sarif(*(("R1", f"{n}.py", 1) for n in range(6))))
    lead.post(verb("accept", Run.objects.get()))
    upload(lead, sarif(), name="empty.sarif")
    run = Run.objects.latest("pk")
    shown = lead.get(run.get_absolute_url())
    assert shown.context["held"]
    assert "all the same" in text(shown)
    lead.post(verb("accept", run))
    run.refresh_from_db()
    assert run.state == "held"
    assert Finding.objects.filter(state="open").count() == 6
    assert "1 import waits" in text(lead.get(URL))
    lead.post(verb("accept", run))
    assert not Finding.objects.filter(state="open").exists()


def test_a_plan_that_is_another_one_by_now_is_shown_again_before_it_is_written(lead):
    upload(lead, sarif(("R1", "a.py", 1)))
    first = Run.objects.get()
    upload(lead, sarif(("R1", "a.py", 1)), name="same.sarif")
    lead.post(verb("accept", Run.objects.latest("pk")))
    said = lead.post(verb("accept", first), follow=True)
    assert "changed since you looked" in text(said)
    first.refresh_from_db()
    assert first.state == "preview"
    lead.post(verb("accept", first))
    first.refresh_from_db()
    assert first.state == "applied"
    assert Finding.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("report.sarif", b"{"),
        ("report.sarif", b'{"version": "9.9", "runs": []}'),
        ("report.json", b"[]"),
        ("report.bin", b"\x00\x01\x02"),
        ("report.md", b""),
        ("report.md", b"\x00" * 50),
        ("report.sarif", b'{"version": "2.1.0", "runs": []}'),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_writes_nothing(lead, name, data):
    answer = upload(lead, data, name)
    assert answer.status_code == 422
    assert 'class="errorlist"' in text(answer)
    assert not Run.objects.exists()


def test_a_file_that_is_too_large_is_not_read(lead, settings):
    settings.NOVA_UPLOAD_LIMIT = 10
    assert upload(lead, sarif(("R1", "a.py", 1))).status_code == 422
    assert not Run.objects.exists()


def test_a_file_with_several_runs_is_several_previews(lead):
    answer = upload(lead, sarif(("R1", "a.py", 1), runs=2))
    assert answer["Location"] == URL
    assert Run.objects.filter(state="preview").count() == 2
    assert "2 imports wait" in text(lead.get(URL))


def test_a_preview_that_expired_says_so(lead):
    upload(lead, sarif(("R1", "a.py", 1)))
    Run.objects.update(payload=None)
    run = Run.objects.get()
    said = text(lead.get(run.get_absolute_url()))
    assert "Hand it in again" in said
    assert "Apply these changes" not in said
    assert "decided about it already" in text(lead.post(verb("accept", run), follow=True))


def test_only_leads_hand_in_and_decide(client, alice, bob, vera, charlie, repository):
    client.force_login(alice)
    upload(client, sarif(("R1", "a.py", 1)))
    run = Run.objects.get()
    for person, status in ((bob, 403), (vera, 403), (charlie, 404)):
        client.force_login(person)
        for name in ("accept", "drop", "undo"):
            assert client.post(verb(name, run)).status_code == status
    client.force_login(bob)
    assert upload(client, sarif()).status_code == 403
    assert "Apply these changes" not in text(client.get(run.get_absolute_url()))
    client.force_login(charlie)
    assert client.get(run.get_absolute_url()).status_code == 404
    assert "report.sarif" not in text(client.get(URL))
    run.refresh_from_db()
    assert run.state == "preview"


def test_a_repository_one_does_not_lead_cannot_be_handed_a_report(client, charlie, repository, other_team):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    actions.track("https://git.example.com/b.git", team=other_team, actor="test", slug="b")
    client.force_login(charlie)
    answer = client.post(URL, {"repository": repository.pk, "file": SimpleUploadedFile("a.sarif", sarif())})
    assert answer.status_code == 422
    assert not Run.objects.exists()


def test_what_a_review_says_is_not_for_the_other_teams_of_a_repository(client, alice, charlie, repository, other_team):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    client.force_login(alice)
    upload(client, ENGLISH.encode(), "review.md")
    run = Run.objects.get()
    for _step in ("preview", "accepted"):
        client.force_login(charlie)
        assert client.get(run.get_absolute_url()).status_code == 404
        assert "review.md" not in text(client.get(URL))
        client.force_login(alice)
        client.post(verb("accept", run))


def test_the_result_of_a_scan_shows_each_team_its_own(client, vera, charlie, repository, other_team):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    run = land(repository, [seen(path="base/a.yaml"), seen(path="delivery/b.yaml")])
    for person, own, others in ((vera, "base/a.yaml", "delivery/"), (charlie, "delivery/b.yaml", "base/")):
        client.force_login(person)
        said = text(client.get(run.get_absolute_url()))
        assert own in said
        assert others not in said


def test_a_lead_without_a_repository_is_told_to_add_one_before_the_report(client, alice, platform):
    client.force_login(alice)
    said = client.get("/imports/").content.decode()
    assert "A report belongs to a repository" in said
    assert reverse("findings:add_repository") in said
    actions.track("https://git.example.com/shop.git", team=platform, actor="test", slug="shop")
    assert "A report belongs to a repository" not in client.get("/imports/").content.decode()


def test_an_import_that_was_applied_tells_what_has_become_of_it_since(lead, alice):
    upload(lead, ENGLISH.encode(), "review.md")
    run = Run.objects.get()
    lead.post(verb("accept", run))
    shown = lead.get(run.get_absolute_url())
    n, m = Finding.objects.count(), Item.objects.count()
    assert f"Today: {n} of {n} findings open, 0 of {m} items done." in shown.context["sentence"]
    item = Item.objects.filter(claimed_by="", findings=None).first()
    attest_item(item, "seen with my own eyes", actor=alice)
    decide(Finding.objects.order_by("pk")[:1], "accepted", reason="for now", actor=alice)
    shown = lead.get(run.get_absolute_url())
    assert f"Today: {n - 1} of {n} findings open, 1 of {m} items done." in shown.context["sentence"]
    rows = {row["title"]: row for phase in shown.context["items"] for row in phase["rows"]}
    assert rows[item.title]["today"] == ("attested",)
    assert Counter(row.today for row in shown.context["groups"][0].rows) == {("open",): n - 1, ("accepted",): 1}
    assert "as it is today" in text(shown)
