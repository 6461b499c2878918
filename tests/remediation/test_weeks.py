"""A week's promise is frozen when it is made, and its result when it is over."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from findings.actions import decide, set_capacity
from findings.actions.saying import Stale
from findings.actions.undo import Overtaken, undo
from findings.core.types import Coverage
from findings.models import Event, Finding, Membership
from nova_dashboard.tasks import daily
from remediation.actions.items import claim, give
from remediation.actions.weeks import close_weeks, commit_week, drop
from remediation.clock import start_of
from remediation.core.planning import Week as IsoWeek
from remediation.models import Item, Promise, Week
from remediation.reads.promises import carried, squares
from tests.cast import land, seen

pytestmark = pytest.mark.django_db
EVERYTHING = Coverage(rules=None)
MONDAY = date(2026, 3, 9)
NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def items(repository) -> list[Item]:
    """Four items, each of a rule with one finding."""
    land(repository, [seen(f"custom/{n}", line=n) for n in range(1, 5)], at=day(MONDAY), coverage=EVERYTHING)
    return list(Item.objects.order_by("pk"))


def day(on: date, hour: int = 9) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=timezone.get_default_timezone())


def outcomes() -> dict[str, str]:
    return {p.item.rule.key: p.outcome for p in Promise.objects.select_related("item__rule")}


def test_sunday_tells_proven_claimed_carried_and_dropped(platform, alice, bob, repository, items):
    commit_week(platform, items, today=MONDAY, actor=alice)
    claim(items[1], actor=bob, at=day(MONDAY, 12))
    drop(items[2].promises.get(), "the supplier is late", actor=alice)
    rest = [seen(f"custom/{n}", line=n) for n in (2, 3, 4)]
    Item.objects.filter(pk=items[1].pk).update(claimed_at=day(MONDAY + timedelta(days=3), 12))
    land(repository, rest, at=day(MONDAY + timedelta(days=2)), coverage=EVERYTHING)
    close_weeks(platform, today=NEXT)
    assert outcomes() == {"custom/1": "proven", "custom/2": "claimed", "custom/3": "dropped", "custom/4": "carried"}
    assert Promise.objects.get(outcome="dropped").why == "the supplier is late"


def test_what_happens_later_changes_no_past_week(platform, alice, repository, items):
    commit_week(platform, items[:1], today=MONDAY, actor=alice)
    land(repository, [], at=day(MONDAY + timedelta(days=2)), coverage=EVERYTHING)
    close_weeks(platform, today=NEXT)
    land(repository, [seen("custom/1", line=1)], at=day(NEXT), coverage=EVERYTHING)
    [row] = squares(Promise.objects.select_related("week", "item"), platform, NEXT)
    assert (row["squares"], row["text"]) == (["kept"], "1 of 1 kept")


def test_a_week_is_not_closed_before_its_sunday_is_over_where_the_team_is(platform, alice, items):
    platform.timezone = "Pacific/Auckland"
    commit_week(platform, items, today=MONDAY, actor=alice)
    assert close_weeks(platform, today=NEXT - timedelta(days=1)) == 0
    assert close_weeks(platform, today=NEXT) == 1
    assert Week.objects.get().closed_at == start_of(NEXT, platform)
    assert close_weeks(platform, today=NEXT) == 0


def test_the_hourly_task_closes_weeks(platform, alice, items):
    commit_week(platform, items, today=timezone.localdate() - timedelta(days=7), actor=alice)
    daily()
    assert Week.objects.get().closed_at is not None
    assert Event.objects.get(verb="closed", subject__startswith="week:").after == {"carried": 4}


def test_what_is_taken_in_later_is_marked_as_added(platform, alice, items):
    commit_week(platform, items[:2], today=MONDAY, actor=alice)
    commit_week(platform, items[1:3], today=MONDAY + timedelta(days=2), actor=alice)
    assert dict(Promise.objects.values_list("item", "added")) == {
        items[0].pk: False,
        items[1].pk: False,
        items[2].pk: True,
    }


def test_hours_owner_and_capacity_stay_as_they_were_promised(platform, alice, bob, items):
    Item.objects.update(effort_low=2, effort_high=4)
    give(items[0], bob, actor=alice)
    commit_week(platform, Item.objects.filter(pk=items[0].pk), today=MONDAY, actor=alice)
    set_capacity(Membership.objects.get(user=bob), Decimal(40), actor=alice)
    items[0].refresh_from_db()
    give(items[0], alice, actor=alice)
    Item.objects.update(effort_high=40)
    promise = Promise.objects.select_related("week").get()
    assert (promise.owner, promise.hours, promise.week.capacity) == (bob, Decimal(3), Decimal(20))


def test_carried_counts_the_weeks_before_and_not_the_dropped_ones(platform, alice, items):
    for week in range(3):
        commit_week(platform, items[:2], today=MONDAY + timedelta(weeks=week), actor=alice)
        if week == 1:
            drop(items[1].promises.get(week__number=IsoWeek.of(NEXT).number), "later", actor=alice)
    assert carried(platform, MONDAY + timedelta(weeks=3)) == {items[0].pk: 3, items[1].pk: 2}
    assert list(items[0].promises.order_by("pk").values_list("carried", flat=True)) == [0, 1, 2]


def test_what_was_kept_is_not_carried_over(platform, alice, repository, items):
    commit_week(platform, items, today=MONDAY, actor=alice)
    land(repository, [], at=day(MONDAY + timedelta(days=1)), coverage=EVERYTHING)
    assert carried(platform, NEXT) == {}


def test_a_promise_that_everything_was_accepted_of_was_dropped(platform, alice, items):
    commit_week(platform, items[:1], today=MONDAY, actor=alice)
    decide(Finding.objects.filter(items=items[0]), "accepted", actor=alice, reason="known")
    Item.objects.filter(pk=items[0].pk).update(settled_by="accepted", settled_at=day(MONDAY, 12))
    close_weeks(platform, today=NEXT)
    assert outcomes() == {"custom/1": "dropped"}


def test_a_dropped_item_can_be_taken_in_again(platform, alice, items):
    commit_week(platform, items[:1], today=MONDAY, actor=alice)
    drop(Promise.objects.get(), "later", actor=alice)
    commit_week(platform, items[:1], today=MONDAY, actor=alice)
    promise = Promise.objects.get()
    assert (promise.outcome, promise.why, promise.added) == ("", "", True)


def test_dropping_needs_a_reason_and_a_week_that_runs(platform, alice, items):
    commit_week(platform, items[:1], today=MONDAY, actor=alice)
    with pytest.raises(ValueError, match="reason"):
        drop(Promise.objects.get(), "  ", actor=alice)
    close_weeks(platform, today=NEXT)
    with pytest.raises(Stale):
        drop(Promise.objects.get(), "later", actor=alice)


def test_a_promised_item_is_not_taken_away_by_an_undo(platform, alice, repository):
    run = land(repository, [seen("custom/1")], at=timezone.now(), coverage=EVERYTHING)
    commit_week(platform, Item.objects.all(), today=MONDAY, actor=alice)
    with pytest.raises(Overtaken):
        undo(run, actor=alice)


def test_a_lead_with_an_older_list_is_stopped(platform, alice, items):
    commit_week(platform, items[:1], today=MONDAY, actor=alice, version=0)
    with pytest.raises(Stale):
        commit_week(platform, items[1:], today=MONDAY, actor=alice, version=0)
    commit_week(platform, items[1:], today=MONDAY, actor=alice, version=1)
    assert Item.objects.filter(version__gt=1, promised_at__isnull=False).count() == 4
