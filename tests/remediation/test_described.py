"""A problem that a person described closes and opens with the word that is given for its items."""

import pytest

from findings.models import Event, Finding
from remediation.actions.imports import accept_import, preview_file
from remediation.actions.items import attest_item, reopen
from remediation.models import Item

pytestmark = pytest.mark.django_db
REPORT = """# Review of the shop

## P1

### P1-1: Nobody has restored a backup

Backups of `k8s/orders.yaml` were never tried.

## Plan

### Week 1

- [ ] Restore a backup by hand (P1-1)
- [ ] Restore a backup each night (P1-1)
"""


@pytest.fixture
def told(repository, platform, alice) -> Finding:
    run = preview_file(repository, platform, REPORT.encode(), file_name="review.md", actor=alice)[0][0]
    accept_import(run, actor=alice)
    return Finding.objects.get(rule__tool="review")


@pytest.fixture
def items(told) -> list[Item]:
    return list(told.items.order_by("report_line"))


def now(finding: Finding) -> tuple[str, str]:
    finding.refresh_from_db()
    return (finding.state, finding.evidence.text if finding.evidence else "")


def test_it_closes_with_the_last_of_its_items_by_the_same_word(told, items, bob):
    attest_item(items[0], "see the log of 4 May", actor=bob)
    assert now(told) == ("open", "")
    attest_item(items[1], "job restore-check", actor=bob)
    assert now(told) == ("fixed", "job restore-check")
    assert told.evidence.person == "bob@example.com"


def test_it_opens_again_when_any_of_these_words_is_taken_back(told, items, alice, bob):
    for item in items:
        attest_item(item, "done", actor=bob)
    reopen(items[0], actor=alice)
    assert now(told) == ("open", "")
    assert (told.at_head, told.fixed_at, told.reopened) == (True, None, 0)
    assert Event.objects.about(f"finding:{told.pk}").filter(verb="took word back", actor="alice@example.com").exists()
    attest_item(items[0], "again", actor=bob)
    assert now(told) == ("fixed", "again")


def test_what_was_attested_on_its_own_page_stays_closed(client, told, items, alice, bob):
    attest_item(items[0], "done", actor=bob)
    client.force_login(alice)
    sent = {"version": Finding.objects.get(pk=told.pk).version, "text": "seen by me"}
    assert client.post(f"/findings/{told.pk}/attest/", sent).status_code == 302
    assert now(told) == ("fixed", "seen by me")
    reopen(items[0], actor=bob)
    assert now(told) == ("fixed", "seen by me")
    page = client.get(told.get_absolute_url()).content.decode()
    assert "seen by me" in page


def test_a_graver_problem_is_not_closed_by_the_word_for_a_lesser_item(told, items, bob):
    Finding.objects.filter(pk=told.pk).update(priority="P0")
    for item in items:
        attest_item(item, "done by me", actor=bob)
    assert now(told) == ("open", "")
