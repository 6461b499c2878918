"""What the last scan sees at a stated line is proposed in the preview of a review, and linked when it is applied."""

import pytest
from django.urls import reverse
from django.utils import translation

from remediation.actions.imports import accept_import
from remediation.actions.reading import decide, keep_files, preview_review
from remediation.core.review.choices import Choice
from remediation.models import Link
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
LOST = "kubernetes/ephemeral-state"
REPORT = """\
# Review of the shop

## P0 problems

### P0-1: Redis forgets everything

**Location**: `redis.yaml:29`

## Week 1

- [ ] Mend what P0-1 says
"""


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def waiting(repository, platform, alice):
    return preview_review(repository, platform, REPORT.encode(), file_name="r.md", actor=alice).run


def linked():
    """(rule, reason) of the described finding's links."""
    return list(Link.objects.filter(finding__rule__tool="review").values_list("rule__key", "why"))


def test_the_preview_proposes_what_the_scan_sees_and_applying_links_it(lead, repository, platform, alice):
    land(repository, [seen(LOST, "k8s/redis.yaml", 29)])
    run = waiting(repository, platform, alice)
    assert "what the scan sees at the stated line" in lead.get(run.get_absolute_url()).content.decode()
    row = reverse("remediation:run_finding", args=[run.pk, "p0-1"])
    with translation.override("zh-hans"):
        (link,) = lead.get(row, headers={"accept-language": "zh-hans"}).context["form"].proposals()
        assert link["why"] == "扫描在所述行看到的内容"
    land(repository, [])  # what the preview showed is what is applied
    accept_import(run, actor=alice)
    assert linked() == [(LOST, "what the scan sees at the stated line")]
    assert Link.objects.filter(item__title__startswith="Mend", rule__key=LOST).exists()


def test_what_a_person_chose_wins_and_the_next_import_leaves_it_alone(repository, platform, alice):
    land(repository, [seen(LOST, "redis.yaml", 29)])
    run = waiting(repository, platform, alice)
    decide(run, "findings", "p0-1", Choice(links=()), version=1)
    run.refresh_from_db()
    accept_import(run, actor=alice)
    assert linked() == []
    accept_import(waiting(repository, platform, alice), actor=alice)
    assert linked() == []


def test_the_same_report_again_shows_and_keeps_the_links_it_had(repository, platform, alice):
    land(repository, [seen(LOST, "redis.yaml", 29)])
    accept_import(waiting(repository, platform, alice), actor=alice)
    before = set(Link.objects.values_list("pk", flat=True))
    land(repository, [])
    run = waiting(repository, platform, alice)
    assert list(run.payload["seen"]["findings"]) == ["p0-1"]
    accept_import(run, actor=alice)
    assert set(Link.objects.values_list("pk", flat=True)) == before


def test_a_review_that_waited_for_the_first_scan_is_held_against_it(repository, platform, alice):
    run = waiting(repository, platform, alice)
    assert "seen" not in run.payload
    land(repository, [seen(LOST, "redis.yaml", 29)])
    keep_files(run, "a" * 40, {})
    run.refresh_from_db()
    assert run.payload["version"] == 2
    accept_import(run, actor=alice)
    assert [rule for rule, _why in linked()] == [LOST]


def test_a_first_scan_that_sees_nothing_there_disturbs_nobody_who_decides(repository, platform, alice):
    run = waiting(repository, platform, alice)
    land(repository, [seen(LOST, "mongo.yaml", 29)])
    keep_files(run, "a" * 40, {})
    run.refresh_from_db()
    assert run.payload["version"] == 1


def test_what_was_judged_a_false_positive_proposes_nothing(repository, platform, alice):
    land(repository, [seen(LOST, "redis.yaml", 29)])
    repository.findings.update(verdict="false_positive")
    assert not waiting(repository, platform, alice).payload["seen"]["findings"]
