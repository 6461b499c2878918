"""One answer to "until when": own date, plan's date, date by priority."""

from datetime import UTC, date, datetime, timedelta

import pytest

from findings import actions
from findings.core.types import Priority
from findings.models import Component, Finding, Team
from remediation.models import Item
from remediation.reads.due import deadlines, due_by, with_holder
from tests.cast import NOON, land, only, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(repository):
    land(repository, [seen()])
    return loaded()


def loaded():
    return Finding.objects.select_related("component__team").get()


def deadline(finding, teams, now=NOON):
    return deadlines([finding], [team.pk for team in teams], now).get(finding.pk)


def test_the_plans_date_counts_where_the_finding_has_none(finding, platform, bob):
    Item.objects.update(due=date(2026, 4, 1))
    assert (deadline(finding, [platform]).on, deadline(finding, [platform]).source) == (date(2026, 4, 1), "item")
    actions.set_due([finding], date(2026, 5, 1), actor=bob)
    assert (deadline(loaded(), [platform]).on, deadline(loaded(), [platform]).source) == (date(2026, 5, 1), "own")


def test_the_date_by_priority_counts_where_nothing_is_planned(finding, platform):
    Item.objects.update(settled_at=NOON, settled_by="accepted")
    found = deadline(finding, [platform])
    assert (found.on, found.source) == (date(2026, 5, 1), "sla")  # 60 days after 2 March, a Friday


def test_another_teams_plan_says_nothing_about_ones_own_date(finding, platform, other_team):
    Item.objects.update(due=date(2026, 4, 1))
    assert deadline(finding, [other_team]).source == "sla"


def test_overdue_is_reckoned_where_the_team_is(finding, platform, bob):
    actions.set_due([finding], date(2026, 3, 10), actor=bob)
    late_evening = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert not deadline(loaded(), [platform], late_evening).overdue
    Team.objects.update(timezone="Asia/Shanghai")
    assert deadline(loaded(), [platform], late_evening).overdue


def test_what_is_not_open_has_no_deadline(finding, platform, bob):
    actions.decide([finding], "accepted", actor=bob, reason="x")
    assert deadline(loaded(), [platform]) is None


def test_a_filter_by_date_finds_what_the_list_calls_overdue(finding, platform, bob):
    actions.set_due([finding], date(2026, 3, 10), actor=bob)
    later = NOON + timedelta(days=30)
    assert due(platform, NOON, None) == []
    assert due(platform, later, None) == [only().pk]
    assert due(platform, NOON, date(2026, 3, 10)) == [only().pk]
    assert due(platform, NOON, date(2026, 3, 9)) == []


def due(team, now, until):
    parts = Component.objects.select_related("team")
    return list(due_by(Finding.objects.all(), parts, [team.pk], now, until).values_list("pk", flat=True))


@pytest.mark.parametrize("holidays", [[], [date(2026, 5, day) for day in range(1, 9)]])
def test_the_filter_and_the_deadline_agree_on_every_day_whoever_sets_the_date(repository, platform, bob, holidays):
    platform.holidays = holidays
    platform.save()
    for priority in Priority:
        for n in range(8):
            rule = f"custom/{priority}-{n}"
            at = NOON + timedelta(days=n, hours=n)
            land(repository, [seen(rule, f"{priority}{n}.yaml", priority=priority)], at=at, tool=f"t{priority}{n}")
    Item.objects.filter(title__endswith="1").update(due=None)
    Item.objects.filter(title__endswith="2").update(due=date(2026, 4, 1))
    Item.objects.filter(title__endswith="3").update(settled_at=NOON, settled_by="accepted")
    Item.objects.filter(title__in=[f"custom/{p}-{n}" for p in Priority for n in (4, 5, 6, 7)]).update(due=None)
    actions.set_due(Finding.objects.filter(title__contains="-5"), date(2026, 3, 20), actor=bob)
    rows = list(Finding.objects.select_related("component__team"))
    for days in range(0, 80, 3):
        until = date(2026, 3, 1) + timedelta(days=days)
        known = deadlines(rows, [platform.pk], NOON)
        assert set(due(platform, NOON, until)) == {pk for pk, found in known.items() if found.on <= until}, until


def test_who_has_it_is_its_own_owner_else_that_of_the_first_item_still_owed(finding, platform, other_team, alice, bob):
    def holder(team):
        return with_holder(Finding.objects.all(), [team.pk]).get().holder

    assert holder(platform) is None
    Item.objects.update(owner=alice)
    assert holder(platform) == alice.pk
    assert holder(other_team) is None
    actions.assign([finding], bob, actor=bob)
    assert holder(platform) == bob.pk
    actions.assign([finding], None, actor=bob)
    Item.objects.update(settled_at=NOON, settled_by="accepted")
    assert holder(platform) is None
