"""One answer to "until when": own date, plan's date, date by priority."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings import actions
from findings.core.types import Priority
from findings.models import Component, Finding, Team
from remediation.forms.filters import Filter, reader
from remediation.models import Item, Placement
from remediation.reads.due import deadlines, due_by, with_holder
from remediation.reads.late import where_late
from remediation.reads.matching import matching
from tests.cast import NOON, land, only, seen, some

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


def looked_up(user, now, **asked):
    """(what a filter lets through, what is looked up for it), by keys."""
    chosen, who = Filter(**asked), reader(user, now)
    late = where_late(chosen, who)
    rows = [matching(chosen, who), matching(chosen, who, late)]
    return [sorted(found.values_list("pk", flat=True)) for found in rows], late is not None


# What happens to a plan and its findings: each of these may make something late, or no longer so.
HAPPENS = (
    lambda n, user: actions.set_due(Finding.objects.filter(pk__in=some(n, Finding)), day(n), actor=user),
    lambda n, user: actions.set_due(Finding.objects.filter(pk__in=some(n, Finding)), None, actor=user),
    lambda n, user: Item.objects.filter(pk__in=some(n, Item)).update(due=day(n)),
    lambda n, user: Item.objects.filter(pk__in=some(n, Item)).update(due=None),
    lambda n, user: Item.objects.filter(pk__in=some(n, Item)).update(settled_at=NOON, settled_by="accepted"),
    lambda n, user: Item.objects.filter(pk__in=some(n, Item)).update(settled_at=None, settled_by=""),
    lambda n, user: Team.objects.update(sla_p0=1 + n % 9, sla_p2=1 + n % 70),
    lambda n, user: Team.objects.filter(slug="platform").update(holidays=[day(n), day(n + 1)]),
    lambda n, user: Team.objects.filter(slug="delivery").update(timezone="Asia/Shanghai"),
    lambda n, user: Placement.objects.filter(finding__in=some(n, Finding)).delete(),
    lambda n, user: Placement.objects.bulk_create(
        [Placement(item_id=i, finding_id=f) for i in some(n, Item)[:2] for f in some(n, Finding)], ignore_conflicts=True
    ),
    lambda n, user: Finding.objects.filter(pk__in=some(n, Finding)).update(
        verdict="accepted" if n % 2 else "", priority="P0" if n % 3 else "P1"
    ),
)


def day(n):
    return NOON.date() + timedelta(days=n % 60 - 30)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(range(len(HAPPENS))), st.integers(0, 200)), min_size=1, max_size=8))
def test_what_is_looked_up_as_late_is_what_each_finding_says_of_itself(people, steps):
    alice, charlie = people
    with transaction.atomic():
        for kind, n in steps:
            HAPPENS[kind](n, alice)
        for user in (alice, charlie):
            for now in (NOON, NOON + timedelta(days=9, hours=10), NOON + timedelta(days=75)):
                for asked in ({"due": "overdue"}, {"due": "week"}, {"due": "week", "state": ("any",)}):
                    (said, found), known = looked_up(user, now, **asked)
                    assert (known, found) == (True, said), (user.email, now, asked)
        transaction.set_rollback(True)


def test_where_much_may_be_late_the_table_is_read_in_its_order(repository, alice, monkeypatch):
    land(repository, [seen(path=f"k8s/{n}.yaml", line=n) for n in range(1, 9)])
    later = NOON + timedelta(days=200)
    monkeypatch.setattr("remediation.reads.late.CAP", 8)
    monkeypatch.setattr("remediation.reads.late.SHOWN", 7)
    assert looked_up(alice, later, due="overdue")[1]
    monkeypatch.setattr("remediation.reads.late.CAP", 7)
    (said, found), known = looked_up(alice, later, due="overdue")
    assert (known, found, len(found)) == (False, said, 8)
    assert not looked_up(alice, later)[1]


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
