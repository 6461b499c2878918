"""The page of a scan: live while it runs, quiet when it is over."""

import pytest
from django.urls import reverse

from findings import actions
from findings.models import Scan
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def running(repository):
    return Scan.objects.create(repository=repository, kind="push", state="running", stage="files", done=3, total=9)


def url(scan):
    return reverse("findings:scan", args=[scan.pk])


def test_a_running_scan_asks_for_itself_again_and_a_finished_one_does_not(client, vera, running):
    client.force_login(vera)
    before = client.get(url(running)).content.decode()
    assert f'hx-get="{url(running)}"' in before
    assert "<noscript>" in before
    assert "3 of 9 new or changed files" in before
    Scan.objects.update(state="done", stage="done")
    after = client.get(url(running)).content.decode()
    assert "hx-get" not in after
    assert "<noscript>" not in after


def test_htmx_gets_the_part_that_moves_and_no_frame(client, vera, running):
    client.force_login(vera)
    said = client.get(url(running), headers=HTMX).content.decode()
    assert said.lstrip().startswith("<section")
    assert "<html" not in said


def test_nothing_is_sent_again_while_nothing_moves(client, vera, running):
    client.force_login(vera)
    first = client.get(url(running), headers=HTMX)
    again = {**HTMX, "If-None-Match": first["ETag"]}
    assert client.get(url(running), headers=again).status_code == 304
    assert client.get(url(running), headers={"If-None-Match": first["ETag"]}).status_code == 200
    Scan.objects.update(done=4)
    assert client.get(url(running), headers=again).status_code == 200


def test_an_answer_for_one_person_is_none_for_another(client, vera, charlie, running):
    client.force_login(vera)
    etag = client.get(url(running))["ETag"]
    client.force_login(charlie)
    assert client.get(url(running), headers={"If-None-Match": etag}).status_code == 404


def test_a_failed_scan_says_what_is_safe(client, vera, repository):
    failed = Scan.objects.create(repository=repository, kind="push", state="failed", error="no such branch")
    client.force_login(vera)
    said = client.get(url(failed)).content.decode()
    assert "nothing was closed" in said
    assert "no such branch" in said


def test_a_finished_scan_says_what_it_changed_and_links_to_it(client, vera, repository):
    run = land(repository, [seen(), seen(line=9)])
    client.force_login(vera)
    said = client.get(url(run.scan)).content.decode()
    assert "2 new" in said
    assert run.get_absolute_url() in said


def test_unreadable_paths_are_told_to_the_team_that_owns_them(client, vera, charlie, repository, other_team):
    actions.define_component(repository, "delivery", team=other_team, paths=["/delivery/"], actor="test")
    notices = [{"path": p, "line": 0, "message": "too large"} for p in ("k8s/huge.yaml", "delivery/huge.rs")]
    scan = Scan.objects.create(repository=repository, kind="push", state="done", notices=notices, counts={"files": 7})
    client.force_login(vera)
    own = client.get(url(scan)).content.decode()
    assert "k8s/huge.yaml" in own
    assert "delivery/huge.rs" not in own
    client.force_login(charlie)
    theirs = client.get(url(scan)).content.decode()
    assert "delivery/huge.rs" in theirs
    assert "k8s/huge.yaml" not in theirs


def test_what_was_not_covered_stands_by_its_reason_with_a_count_and_a_cap(client, vera, repository):
    long = "deploy/" + "very-long-name-" * 20 + ".yaml"
    notices = [{"path": f"links/{n}", "line": 0, "message": "a symbolic link"} for n in range(230)]
    notices += [{"path": long, "line": 7, "message": "does not parse"}]
    notices += [{"path": "", "line": 0, "message": "The clone is shallow"}]
    done = Scan.objects.create(repository=repository, kind="push", state="done", notices=notices)
    client.force_login(vera)
    response = client.get(url(done))
    gaps = response.context["gaps"]
    assert [(gap["reason"], gap["count"], gap["more"]) for gap in gaps] == [
        ("a symbolic link", 230, 30),
        ("does not parse", 1, 0),
        ("The clone is shallow", 1, 0),
    ]
    page = response.content.decode()
    assert f"{long}:7</li>" in page
    assert "and 30 more" in page
    assert "links/199<" in page
    assert "links/200<" not in page


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("history", "3 of 9 old versions of files"),
        ("past", "3 of 9 commits"),
        ("scanners", "3 of 9 scanners"),
    ],
)
def test_what_is_counted_is_said(client, vera, running, stage, text):
    client.force_login(vera)
    Scan.objects.update(stage=stage)
    assert text in client.get(url(running), headers=HTMX).content.decode()


def test_a_scan_that_is_over_brings_its_own_page_up_to_date_and_tells_other_pages(client, vera, running):
    client.force_login(vera)
    own = {**HTMX, "HX-Current-URL": f"http://testserver{url(running)}"}
    other = {**HTMX, "HX-Current-URL": f"http://testserver{running.repository.get_absolute_url()}"}
    assert not {"HX-Refresh", "HX-Trigger"} & {*client.get(url(running), headers=own).headers}
    Scan.objects.update(state="done", stage="done")
    assert client.get(url(running), headers=own)["HX-Refresh"] == "true"
    assert client.get(url(running), headers=other)["HX-Trigger"] == "scanned"
    assert "scanned from:body" in client.get(running.repository.get_absolute_url()).content.decode()
