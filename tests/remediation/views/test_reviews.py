"""A waiting review on its pages: held against the code, its links, priorities and date decided by a lead."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from findings.models import Finding, Run
from nova_dashboard import looking, tasks
from remediation.actions.imports import accept_import
from remediation.actions.reading import preview_review, waiting_for_a_look
from remediation.models import Item, Link, Phase, Review
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
TOPIC, PATCHES = "kafka/under-replicated-topic", "kustomize/patch-sprawl"
REPORT = """\
# Review of the shop

## P0 problems

### P0-1: Kafka topics live on one broker

**Location**: `k8s/a.yaml` (lines 2-4)

### P0-2: The overlay has 19 patches

**Location**: `o/kustomization.yaml`

### P0-3: Nobody is on call

**Location**: `docs/rota.md`

**Impact**: nights are long.

## Data flow

It flows from left to right.

## Next sprint (P1)

- [ ] Agree on an on-call rota (P0-3)
- [ ] Three replicas for the topics (P0-1)
"""


def text(answer):
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture(scope="module")
def waiting(once):
    places = [seen(TOPIC, "k8s/a.yaml", 3), seen(PATCHES, "o/kustomization.yaml", 1, properties={"count": 21})]
    land(once("repository"), places)
    told = (once("repository"), once("platform"), REPORT.encode())
    return preview_review(*told, file_name="r.md", actor=once("alice")).run.pk


@pytest.fixture
def run(waiting):
    return Run.objects.get(pk=waiting)


def url(run, anchor, kind="finding"):
    return reverse(f"remediation:run_{kind}", args=[run.pk, anchor])


def decide(client, run, anchor, kind="finding", **said):
    run.refresh_from_db()
    page = client.get(url(run, anchor, kind)).context["form"]
    data = {name: value for name, field in page.fields.items() if (value := page[name].value()) not in (None, False)}
    return client.post(url(run, anchor, kind), {k: v for k, v in (data | said).items() if v is not None})


def test_the_preview_holds_every_finding_against_the_code(lead, run):
    page = text(lead.get(run.get_absolute_url()))
    assert "says lines 2 to 4 of k8s/a.yaml, found at line 3" in page
    assert "says 19, the scan counts 21" in page
    assert "Different count" in page and "No rule can test it" in page and "Confirmed" in page
    assert "a worker is looking for the files it names" in page
    assert "1 section from which nothing was taken" in page and "lines 19 to 22" in page
    assert not Finding.objects.filter(rule__tool="review").exists()


def test_what_the_code_said_stays_with_the_accepted_review(lead, run, alice):
    waiting = text(lead.get(run.get_absolute_url()))
    assert "says 19, the scan counts 21" in waiting
    accept_import(run, actor=alice)
    land(run.repository, [])  # whatever the code says by now
    accepted = text(lead.get(run.get_absolute_url()))
    assert "Different count, says 19, the scan counts 21" in accepted
    assert "Confirmed, says lines 2 to 4 of k8s/a.yaml, found at line 3" in accepted
    assert "No rule can test it" in accepted


def test_of_code_that_was_not_scanned_yet_an_accepted_review_says_nothing(lead, repository, platform, alice):
    run = preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run
    accept_import(run, actor=alice)
    page = text(lead.get(run.get_absolute_url()))
    assert "P0-1" in page and "No rule can test it" not in page


def test_a_worker_finds_that_a_named_file_is_not_there(lead, run, monkeypatch):
    assert list(waiting_for_a_look()) == [run.pk]
    found = {"docs/rota.md": looking.File(False, elsewhere=("wiki/rota.md",)), "k8s/a.yaml": looking.File(True, 9)}
    monkeypatch.setattr(looking, "files_at", lambda mirror, commit, named: {p: found[p] for p in named if p in found})
    tasks.look_for_files(run.pk)
    assert list(waiting_for_a_look()) == []
    assert "docs/rota.md does not exist; wiki/rota.md does" in text(lead.get(run.get_absolute_url()))


def test_a_lead_changes_links_and_only_those_are_made(lead, run, alice):
    assert "% sure" in text(lead.get(url(run, "p0-1")))
    decide(lead, run, "p0-1", keep_0=None, rule=PATCHES, scope="k8s/**")
    run.refresh_from_db()
    accept_import(run, actor=alice)
    links = Link.objects.filter(finding__title__startswith="P0-1")
    assert [(k.rule.key, k.scope) for k in links] == [(PATCHES, "k8s/**")]
    assert Link.objects.filter(finding__title__startswith="P0-2").exists()


def test_a_scope_that_was_changed_is_shown_changed(lead, run):
    decide(lead, run, "p0-1", scope_0="elsewhere/**")
    form = lead.get(url(run, "p0-1")).context["form"]
    assert (form["keep_0"].value(), form["scope_0"].value()) == (True, "elsewhere/**")
    assert "elsewhere/**" in text(lead.get(run.get_absolute_url()))


def test_an_items_links_are_decided_too(lead, run, alice):
    anchor = lead.get(run.get_absolute_url()).context["items"][0]["rows"][0]["anchor"]
    decide(lead, run, anchor, "item", rule=TOPIC, priority="P0")
    run.refresh_from_db()
    accept_import(run, actor=alice)
    item = Item.objects.get(title__startswith="Agree")
    assert (item.priority, [k.rule.key for k in item.links.all()]) == ("P0", [TOPIC])


def test_what_is_left_out_is_not_written(lead, run, alice):
    decide(lead, run, "p0-3", left_out="on")
    assert "Left out:" in text(lead.get(run.get_absolute_url()))
    run.refresh_from_db()
    accept_import(run, actor=alice)
    assert not Finding.objects.filter(title__startswith="P0-3").exists()
    assert Finding.objects.filter(rule__tool="review").count() == 2


def test_conflicts_are_shown_and_settled_by_a_button(lead, run, alice):
    page = text(lead.get(run.get_absolute_url()))
    assert "2 conflicts inside the report" in page
    assert "Its heading says P0, the plan P1 (Next sprint)." in page
    lead.post(url(run, "p0-3"), {"settle": 1, "priority": "P1", "version": run.payload["version"]})
    run.refresh_from_db()
    accept_import(run, actor=alice)
    priorities = dict(Finding.objects.filter(rule__tool="review").values_list("key", "priority"))
    assert priorities == {
        "review-of-the-shop/p0-1": "P0",
        "review-of-the-shop/p0-2": "P0",
        "review-of-the-shop/p0-3": "P1",
    }


def test_a_second_lead_is_told_and_what_the_first_decided_stays(lead, run):
    old = run.payload["version"]
    decide(lead, run, "p0-1", priority="P2")
    answer = lead.post(url(run, "p0-1"), {"priority": "P1", "version": old})
    assert answer.status_code == 422
    assert "Somebody decided something else meanwhile" in text(answer)
    run.refresh_from_db()
    assert run.payload["choices"]["findings"]["p0-1"]["priority"] == "P2"


def test_a_review_is_not_dropped_by_who_did_not_see_what_was_decided(lead, run):
    old, drop = run.payload["version"], reverse("remediation:run_drop", args=[run.pk])
    decide(lead, run, "p0-1", priority="P2")
    assert "Somebody decided something else meanwhile" in text(lead.post(drop, {"version": old}, follow=True))
    run.refresh_from_db()
    assert (run.state, bool(run.payload["choices"])) == ("preview", True)
    lead.post(drop, {"version": run.payload["version"]})
    run.refresh_from_db()
    assert run.state == "refused"


def test_the_plan_counts_from_the_day_a_lead_sets(lead, run, alice):
    lead.post(reverse("remediation:run_date", args=[run.pk]), {"reviewed": "2026-05-04", "version": 1})
    run.refresh_from_db()
    accept_import(run, actor=alice)
    assert Review.objects.get().reviewed.isoformat() == "2026-05-04"
    assert Item.objects.get(title__startswith="Agree").due.isoformat() == "2026-05-22"


def test_what_is_no_date_is_said(lead, run):
    answer = lead.post(reverse("remediation:run_date", args=[run.pk]), {"reviewed": "soon", "version": 1}, follow=True)
    assert "That is no date" in text(answer)


def test_what_the_report_does_not_hold_is_not_found(lead, run):
    assert lead.get(url(run, "p9-9")).status_code == 404
    assert lead.get(url(run, "nothing", "item")).status_code == 404


def test_a_new_version_shows_what_changed(lead, run, repository, platform, alice):
    accept_import(run, actor=alice)
    second = (
        REPORT.replace("- [ ] Agree", "- [x] Agree")
        .replace("### P0-2: The overlay has 19 patches", "### P0-2: The overlay has 21 patches")
        .replace("### P0-3: Nobody is on call", "### P0-4: Backups are not tried")
    )
    again = preview_review(repository, platform, second.encode(), file_name="r2.md", actor=alice).run
    page = text(lead.get(again.get_absolute_url()))
    assert "A new version" in page
    for said in ("New 1", "Ticked since 1", "Said otherwise", "was: The overlay has 19 patches", "No longer in it 1"):
        assert said in page


def test_the_head_of_a_new_version_tells_what_it_changes_and_not_again_what_the_last_one_brought(
    lead, run, repository, platform, alice
):
    first = lead.get(run.get_absolute_url()).context["sentence"]
    assert "items on the plan" in first
    accept_import(run, actor=alice)
    second = REPORT.replace("- [ ] Agree", "- [x] Agree").replace("### P0-3: Nobody is on call", "### P0-4: Unlike")
    again = preview_review(repository, platform, second.encode(), file_name="r2.md", actor=alice).run
    said = lead.get(again.get_absolute_url()).context["sentence"]
    assert said == "Nothing is written yet. Against the last version: 1 new, 1 ticked since, 1 no longer in it."
    same = preview_review(repository, platform, REPORT.encode() + b"\n", file_name="r3.md", actor=alice).run
    assert "what the last one said" in lead.get(same.get_absolute_url()).context["sentence"]


def test_the_plan_of_a_waiting_review_shows_its_dates_which_follow_the_day_it_is_of(lead, run, alice):
    def windows():
        return {p["title"]: p["window"] for p in lead.get(run.get_absolute_url()).context["items"] if p["window"]}

    before = windows()
    data = {"reviewed": "2027-03-01", "version": run.payload["version"]}
    lead.post(reverse("remediation:run_date", args=[run.pk]), data)
    after = windows()
    assert before.keys() == after.keys()
    assert all(window.start >= date(2027, 3, 1) > before[title].start for title, window in after.items())
    [first, *_] = after.values()
    assert date_format(first.start, "MONTH_DAY_FORMAT") in text(lead.get(run.get_absolute_url()))
    run.refresh_from_db()
    accept_import(run, actor=alice)
    assert {p.title: (p.starts, p.due) for p in Phase.objects.exclude(starts=None)} == {
        title: (window.start, window.due) for title, window in after.items()
    }
