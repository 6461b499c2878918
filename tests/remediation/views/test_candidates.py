"""What only may be a finding of a review is asked in its preview, and imported where a person picks it."""

import pytest

from findings.models import Finding
from remediation.actions.imports import accept_import
from remediation.actions.reading import preview_review, reread, said_by
from remediation.core.types import Review as Said
from remediation.models import Review
from tests.remediation.views.test_reviews import text

pytestmark = pytest.mark.django_db
REPORT = """# Review of the mill

## P0-1: The gate opens by itself

**Location**: `mill/gate.py:12`

## Other matters

### 2.1 Logs have no clock

**Problem**: nobody knows when.
**Location**: `mill/log.py:7`

### 2.2 Two names for one wheel

**Problem**: readers are puzzled.
**Location**: `mill/wheel.py`
"""


@pytest.fixture
def run(repository, platform, alice):
    return preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def titles(said: Said) -> list[tuple[str, str]]:
    return [(str(f.priority), f.title) for f in said.findings]


def pick(client, run, version=1, **priorities):
    anchors = {c["title"]: c["anchor"] for c in client.get(run.get_absolute_url()).context["candidates"]}
    chosen = {anchors[title.replace("_", " ")]: priority for title, priority in priorities.items()}
    said = {"version": version, "pick": list(chosen)} | {f"priority-{a}": p for a, p in chosen.items()}
    return client.post(f"/imports/{run.pk}/candidates/", said)


def test_what_has_no_priority_is_asked_and_not_imported(lead, run, alice):
    page = text(lead.get(run.get_absolute_url()))
    assert "2 more that may be findings" in page
    assert "Logs have no clock" in page and "mill/log.py:7" in page
    accept_import(run, actor=alice)
    assert titles(reread_of(run)) == [("P0", "The gate opens by itself")]
    assert Finding.objects.filter(rule__tool="review").count() == 1


def reread_of(run) -> Said:
    return said_by(Review.objects.get(run=run))


def test_what_a_lead_picks_is_a_finding_of_the_priority_given(lead, run, alice):
    assert pick(lead, run, Logs_have_no_clock="P1").status_code == 302
    run.refresh_from_db()
    assert titles(reread(run)) == [("P0", "The gate opens by itself"), ("P1", "Logs have no clock")]
    page = lead.get(run.get_absolute_url())
    assert [c["picked"] for c in page.context["candidates"]] == [True, False]
    assert "1 more that may be a finding 1 picked" in text(page)
    assert lead.get(f"/imports/{run.pk}/findings/{page.context['candidates'][0]['anchor']}/").status_code == 200
    accept_import(run, actor=alice)
    assert sorted(Finding.objects.filter(rule__tool="review").values_list("priority", flat=True)) == ["P0", "P1"]


def test_a_pick_is_taken_back(lead, run):
    pick(lead, run, Logs_have_no_clock="P1")
    pick(lead, run, version=2)
    run.refresh_from_db()
    assert titles(reread(run)) == [("P0", "The gate opens by itself")]


def test_who_picks_in_a_page_of_before_changes_nothing(lead, run):
    pick(lead, run, Logs_have_no_clock="P1")
    answer = pick(lead, run, version=1, Two_names_for_one_wheel="P0")
    assert answer.status_code == 302
    run.refresh_from_db()
    assert [title for _, title in titles(reread(run))] == ["The gate opens by itself", "Logs have no clock"]


def test_what_is_no_candidate_or_no_priority_is_not_kept(lead, run):
    lead.post(f"/imports/{run.pk}/candidates/", {"version": 1, "pick": ["nonsense"]})
    pick(lead, run, Logs_have_no_clock="P9")
    run.refresh_from_db()
    assert len(reread(run).findings) == 1


def test_the_next_version_keeps_what_was_picked(lead, run, alice, repository, platform):
    pick(lead, run, Logs_have_no_clock="P1")
    run.refresh_from_db()
    accept_import(run, actor=alice)
    again = preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run
    assert titles(reread(again)) == [("P0", "The gate opens by itself"), ("P1", "Logs have no clock")]
    assert lead.get(again.get_absolute_url()).context["changes"] == []


def test_a_member_who_may_not_decide_picks_nothing(client, run, vera):
    client.force_login(vera)
    answer = client.post(f"/imports/{run.pk}/candidates/", {"version": 1, "pick": []})
    assert answer.status_code in (403, 404)


def test_what_is_ticked_when_the_import_is_applied_is_imported_without_being_kept_before(lead, run):
    anchor = next(c["anchor"] for c in lead.get(run.get_absolute_url()).context["candidates"])
    said = {"version": 1, "candidates": 1, "pick": [anchor], f"priority-{anchor}": "P1"}
    lead.post(f"/imports/{run.pk}/accept/", said)
    assert sorted(Finding.objects.filter(rule__tool="review").values_list("priority", flat=True)) == ["P0", "P1"]
    assert ["Two names" in n.message for n in said_by(Review.objects.get(run=run)).notices] == [True]


def test_who_applies_a_page_of_before_or_picks_nonsense_imports_nothing(lead, run):
    pick(lead, run, Logs_have_no_clock="P1")
    for said in ({"version": 1}, {"version": 2, "pick": ["nonsense"]}):
        lead.post(f"/imports/{run.pk}/accept/", {"candidates": 1, **said})
    run.refresh_from_db()
    assert run.state == "preview"
    assert list(run.payload["choices"]["picked"].values()) == ["P1"]


def test_that_a_candidate_is_not_taken_is_told_in_its_own_section_only_which_stays_open_while_something_is_picked(
    lead, repository, platform, alice
):
    many = REPORT + "".join(
        f"\n### 2.{n} Wheel {n} squeaks\n\n**Problem**: dry.\n**Location**: `mill/wheel.py:{n}`\n" for n in range(3, 9)
    )
    run = preview_review(repository, platform, many.encode(), file_name="r.md", actor=alice).run
    page = lead.get(run.get_absolute_url()).context
    assert len(page["candidates"]) == 8 and not page["unfold"]
    assert page["warnings"] == []
    pick(lead, run, Logs_have_no_clock="P1")
    page = lead.get(run.get_absolute_url()).context
    assert page["unfold"]
    assert page["warnings"] == []


def test_a_report_without_a_finding_says_so_until_one_is_picked(lead, repository, platform, alice):
    report = "# Remarks\n\n" + REPORT.partition("## Other matters\n\n")[2]
    run = preview_review(repository, platform, report.encode(), file_name="remarks.md", actor=alice).run
    nothing = "No findings and no plan were recognised"
    assert nothing in text(lead.get(run.get_absolute_url()))
    pick(lead, run, Logs_have_no_clock="P1")
    assert nothing not in text(lead.get(run.get_absolute_url()))
