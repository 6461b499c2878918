"""What was reckoned once holds for the same values, and for no others."""

import re
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import timezone, translation

from findings.actions import decide, set_due
from findings.core.same import Same
from findings.core.types import Coverage
from findings.models import Finding
from remediation.core.kept import Kept
from remediation.models import Grade, Item
from remediation.reads import team as reads
from remediation.templatetags.remembered import Values
from tests.cast import land, seen

WHOLE = Coverage(rules=None)


def test_of_the_same_it_is_the_same_and_is_made_once():
    kept, made = Kept[object](2), []

    def make() -> tuple[object, bool]:
        made.append(1)
        return object(), True

    first = kept.of("a", [1, 2], make)
    assert kept.of("a", [1, 2], make) is first
    assert kept.of("a", [1, 3], make) is not first
    assert len(made) == 2


def test_what_was_made_of_more_than_it_says_is_made_anew_each_time():
    kept = Kept[object](2)
    assert kept.of("a", 1, lambda: (object(), False)) is not kept.of("a", 1, lambda: (object(), False))


def test_the_oldest_goes_first():
    kept = Kept[int](2)
    for name in "abc":
        kept.of(name, 0, lambda: (1, True))
    assert list(kept.known) == ["b", "c"]


def test_pieces_that_never_change_are_compared_by_what_they_are():
    one, other = Same(n=1), Same(n=1)
    assert Values({"row": one}) == Values({"row": one}) != Values({"row": other})
    assert {**one} == {"n": 1}


@pytest.fixture
def moved(db, repository):
    """A grade of last week with three problems; since then one of them is gone and another rule's came."""
    now = timezone.now()
    land(repository, [seen(line=n) for n in (1, 2, 3)], at=now - timedelta(days=10), coverage=WHOLE)
    land(repository, [seen("kafka/x"), *(seen(line=n) for n in (1, 2))], at=now, coverage=WHOLE)
    return repository


def said(client) -> tuple[str, Decimal]:
    """Why, and what the shares of it come to, with the change that they explain."""
    context = client.get("/teams/platform/").context
    shares = re.findall(r"\(([+−])([\d.]+)\)", context["sentence"])
    total = sum((Decimal(n) if sign == "+" else -Decimal(n) for sign, n in shares), Decimal(0))
    assert total == (context["grade"]["change"] or 0)
    return context["sentence"], total


def test_pages_follow_every_change_of_findings_items_and_teams(client, alice, platform, moved):
    client.force_login(alice)
    first = said(client)
    assert said(client) == first
    decide(Finding.objects.filter(rule__key="kafka/x"), "accepted", actor=alice, reason="known")
    assert said(client)[1] > first[1]
    set_due(Finding.objects.filter(state="open"), timezone.now().date() - timedelta(days=1), actor=alice)
    late = said(client)
    assert late[1] < said_after(client, Finding.objects.update(due=None))[1]
    Item.objects.update(due=timezone.now().date() - timedelta(days=1))
    assert (
        client.get("/week/platform/").context["counts"]["overdue"]["n"] == Item.objects.filter(settled_at=None).count()
    )
    Item.objects.update(title="Said in another way")
    assert b"Said in another way" in client.get("/board/platform/").content


def said_after(client, _changed: int) -> tuple[str, Decimal]:
    return said(client)


def test_one_gone_and_one_come_is_another_reason_though_as_many_are_alike(client, alice, moved):
    client.force_login(alice)
    now = timezone.now()
    land(moved, [seen("kafka/x"), *(seen(line=n) for n in (1, 2, 3))], at=now, coverage=WHOLE)
    before = said(client)[0]
    land(
        moved,
        [seen("kafka/x"), *(seen(line=n) for n in (1, 2)), seen("kafka/x", "b.yaml", 7)][1:],
        at=now,
        coverage=WHOLE,
    )
    assert said(client)[0] != before


def test_each_reader_has_it_in_their_language(alice, platform, moved):
    today = reads.today_of(platform)
    with translation.override("en"):
        english = reads.reasons(reads.standing(platform, today))
    with translation.override("zh-hans"):
        chinese = reads.reasons(reads.standing(platform, today))
    assert [row["points"] for row in english] == [row["points"] for row in chinese]
    assert english is not chinese


def test_of_long_ago_a_grade_of_each_week_is_told(platform):
    today = reads.today_of(platform)
    for n in range(140):
        at = timezone.now() - timedelta(days=n)
        Grade.objects.create(
            subject=f"team:{platform.pk}", day=at.date(), at=at, formula=1, score=n, plain=n, letter="D"
        )
    told = reads.standing(platform, today, grades=today - timedelta(weeks=19)).grades
    days = [row.at.date() for row in told]
    assert days == sorted(days)
    near = [day for day in days if today - day < timedelta(weeks=8)]
    assert near == [today - timedelta(days=n) for n in reversed(range(56))]
    assert all((later - day).days == 7 for day, later in pairwise(days[1:10]))
