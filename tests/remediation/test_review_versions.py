"""A second version of a review is a diff: what it says anew or otherwise, and nothing that people decided changes."""

import pytest

from findings.actions.triage import attest
from findings.core.types import Priority
from findings.models import Finding
from remediation.actions.imports import accept_import
from remediation.actions.items import attest_item, give
from remediation.actions.reading import decide, last_version, preview_review, reread
from remediation.core.review.choices import Choice
from remediation.models import Item, Link, Review
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
FIRST = """\
# Review of the shop

Date: 2026-03-02

## P0 problems

### 1. Kafka topics live on one broker

**Location**: `k8s/a.yaml` (line 3)

### 2. Nobody is on call

**Impact**: nights are long.

## Week 1

- [ ] Three replicas for the topics
- [ ] Agree on an on-call rota
"""


def take(repository, team, actor, text):
    run = preview_review(repository, team, text.encode(), file_name="r.md", actor=actor).run
    accept_import(run, actor=actor)
    return run


@pytest.fixture
def first(repository, platform, alice):
    land(repository, [seen()])
    return take(repository, platform, alice, FIRST)


def test_what_is_reworded_and_renumbered_keeps_its_finding_its_item_and_what_people_decided(
    repository, platform, alice, bob, first
):
    item = Item.objects.get(title__startswith="Three")
    give(item, bob, actor=alice)
    kept = set(Finding.objects.values_list("pk", flat=True))
    text = FIRST.replace("### 1. Kafka topics live on one broker", "### 3. All Kafka topics live on one broker")
    text = text.replace("Three replicas for the topics", "Three replicas for all the topics")
    take(repository, platform, alice, text)
    assert set(Finding.objects.values_list("pk", flat=True)) == kept
    assert Finding.objects.filter(title="All Kafka topics live on one broker").exists()
    item.refresh_from_db()
    assert (item.title, item.owner) == ("Three replicas for all the topics", bob)
    assert (Item.objects.filter(checklist__review__isnull=False).count(), Review.objects.count()) == (2, 1)


def test_a_report_of_another_title_that_says_mostly_the_same_is_its_next_version(repository, platform, alice, first):
    run = take(repository, platform, alice, FIRST.replace("# Review of the shop", "# The shop, second round"))
    assert Review.objects.get().title == "The shop, second round"
    assert Finding.objects.filter(rule__tool="review").count() == 2
    third = preview_review(repository, platform, FIRST.encode(), file_name="r.md", actor=alice).run
    assert last_version(third).run == run


def test_another_report_is_no_version_of_it(repository, platform, alice, first):
    other = "# Costs\n\n## P1 problems\n\n### 1. Nodes are too large\n\n**Location**: `x/nodes.tf:3`\n"
    assert last_version(preview_review(repository, platform, other.encode(), file_name="c.md", actor=alice).run) is None


def test_a_tick_of_the_new_version_is_a_claim_where_nobody_claimed(repository, platform, alice, first):
    take(repository, platform, alice, FIRST.replace("- [ ] Agree", "- [x] Agree"))
    assert Item.objects.get(title__startswith="Agree").claimed_by == "the report"


def test_what_is_gone_stays_as_it_is(repository, platform, alice, first):
    take(repository, platform, alice, FIRST.replace("- [ ] Agree on an on-call rota\n", ""))
    assert Item.objects.filter(title__startswith="Agree", settled_at=None).exists()


def test_a_number_that_now_stands_for_something_else_does_not_take_over_the_old_finding(repository, platform, alice):
    land(repository, [seen()])
    text = FIRST.replace("### 1. Kafka", "### P0-1: Kafka").replace("### 2. Nobody", "### P0-2: Nobody")
    take(repository, platform, alice, text)
    swapped = text.replace("P0-2: Nobody is on call", "P0-3: Nobody is on call")
    swapped = swapped.replace("## Week 1", "### P0-2: Backups are not tried\n\n**Impact**: who knows.\n\n## Week 1")
    run = preview_review(repository, platform, swapped.encode(), file_name="r.md", actor=alice).run
    assert [(f.label, f.anchor) for f in reread(run).findings] == [
        ("P0-1", "p0-1"),
        ("P0-3", "p0-2"),
        ("P0-2", "p0-2-2"),
    ]
    accept_import(run, actor=alice)
    assert sorted(Finding.objects.filter(rule__tool="review").values_list("title", flat=True)) == [
        "P0-1: Kafka topics live on one broker",
        "P0-2: Backups are not tried",
        "P0-3: Nobody is on call",
    ]


def test_a_priority_that_a_person_decided_holds_in_the_next_version(repository, platform, alice):
    run = preview_review(repository, platform, FIRST.encode(), file_name="r.md", actor=alice).run
    anchor = reread(run).findings[0].anchor
    decide(run, "findings", anchor, Choice(priority=Priority.P1), version=1)
    run.refresh_from_db()
    accept_import(run, actor=alice)
    take(repository, platform, alice, FIRST.replace("nights are long", "nights are very long"))
    assert Finding.objects.get(title__startswith="Kafka").priority == "P1"


def test_links_that_a_person_took_away_do_not_come_back(repository, platform, alice, first):
    Link.objects.filter(finding__title__startswith="Kafka").delete()
    take(repository, platform, alice, FIRST.replace("**Impact**: nights", "**Impact**: long nights"))
    assert not Link.objects.filter(finding__title__startswith="Kafka").exists()


def test_what_was_settled_is_not_brought_back_by_a_version_that_still_names_it(repository, platform, alice, bob, first):
    for item in Item.objects.filter(checklist__review__isnull=False):
        attest_item(item, "see the minutes", actor=bob)
    word = Finding.objects.get(title__startswith="Nobody")
    attest(word, "see the rota", actor=bob)
    run = preview_review(repository, platform, (FIRST + "\nMore soon.\n").encode(), file_name="r.md", actor=alice).run
    assert (run.counts["new"], run.counts["back"]) == (0, 0)
    decide(run, "findings", word.key.rpartition("/")[2], Choice(priority=Priority.P1), version=1)
    accept_import(run, actor=alice)
    word.refresh_from_db()
    assert (word.state, word.evidence.text, word.reopened) == ("fixed", "see the rota", 0)


def test_what_only_the_new_version_names_again_is_new_to_it(repository, platform, alice, bob, first):
    word = Finding.objects.get(title__startswith="Nobody")
    take(repository, platform, alice, FIRST.replace("### 2. Nobody is on call\n\n**Impact**: nights are long.\n", ""))
    attest(word, "see the rota", actor=bob)
    take(repository, platform, alice, FIRST)
    word.refresh_from_db()
    assert (word.state, word.reopened) == ("open", 1)
