"""Efforts and phases as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from remediation.core.planning import Calendar, phase_window
from remediation.core.review import parse
from remediation.core.review.deadlines import deadline_of
from remediation.core.review.schedule import effort_aside, effort_of, phase_of, share
from remediation.core.types import Effort


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2 小时", "2", "2"),
        ("30 分钟", "0.5", "0.5"),
        ("半天", "4", "4"),
        ("3 天", "24", "24"),
        ("两周", "80", "80"),
        ("3–4 週", "120", "160"),
        ("1 个月", "160", "160"),
        ("4h", "4", "4"),
        ("2-3 hours (medium)", "2", "3"),
        ("1-2 weeks", "40", "80"),
        ("half a day", "4", "4"),
        ("2 person-days", "16", "16"),
        ("1 to 2 days", "8", "16"),
        ("about 0.5d", "4", "4"),
    ],
)
def test_an_effort_is_read_in_hours(text, low, high):
    assert effort_of(text) == Effort(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "text", ["within 2 weeks", "每 4 小时", "TBD", "", "$72", "Week 1-2", "p95 2 h", "x86 3dnow", "9" * 500 + " h"]
)
def test_what_is_no_effort_gives_none(text):
    assert effort_of(text) is None


def test_an_effort_in_brackets_is_taken_out_of_a_title():
    assert effort_aside("Split the worker (2 days)") == ("Split the worker", Effort(Decimal(16), Decimal(16)))
    assert effort_aside("统一框架（约 2 周）：先做") == ("统一框架：先做", Effort(Decimal(80), Decimal(80)))
    assert effort_aside("Unify (two stacks)") == ("Unify (two stacks)", None)


def test_shares_add_up_to_the_whole():
    part = share(Effort(Decimal(2), Decimal(4)), 3)
    assert part is not None
    assert round(part.low * 3, 2) == 2 and round(part.high * 3, 2) == 4


@pytest.mark.parametrize(
    ("heading", "name", "starts", "days"),
    [
        ("Week 1 (P0 - safety)", "Week 1", 0, 7),
        ("Week 2-3", "Week 2-3", 7, 14),
        ("Weeks 2 to 3: structure", "Weeks 2 to 3", 7, 14),
        ("Month 2", "Month 2", 30, 30),
        ("Month 3+ (rebuild)", "Month 3+", 60, 90),
        ("第一周", "第一周", 0, 7),
        ("🔥 第 2-3 週：統一", "第 2-3 週", 7, 14),
        ("第三个月以后", "第三个月以后", 60, 90),
        ("Sprint 2", "Sprint 2", 14, 14),
        ("Phase 1: Database (Week 1-2)", "Phase 1", 0, 14),
        ("📅 下个 Sprint (P1)", "下个 Sprint", 7, 14),
        ("This week", "This week", 0, 7),
        ("下个季度", "下个季度", 30, 90),
    ],
)
def test_a_phase_is_read_in_days_from_the_review(heading, name, starts, days):
    phase = phase_of(heading, 5)
    assert phase is not None
    assert (phase.name, phase.starts, phase.days, phase.line) == (name, starts, days, 5)


def test_a_stage_without_dates_follows_the_one_before():
    first = phase_of("Phase 1 (2-4 weeks)", 1)
    second = phase_of("阶段 2：迁移", 2, first)
    assert first is not None and second is not None
    assert (first.starts, first.days, second.starts, second.days) == (0, 28, 28, 14)


@pytest.mark.parametrize("heading", ["Weekly review", "第一部分：缓存", "1. Data", "Phased rollout", "Month"])
def test_other_headings_are_no_phase(heading):
    assert phase_of(heading, 1) is None


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("By 15 March", "--03-15"),
        ("By March 15th, 2031: safety", "2031-03-15"),
        ("Fix first (due 2031-04-01)", "2031-04-01"),
        ("P0 — before 1 Apr. 2031", "2031-04-01"),
        ("3月15日前", "--03-15"),
        ("第一批（2031年3月15日之前）", "2031-03-15"),
        ("截止日期：2031/3/15", "2031-03-15"),
        ("The certificate ran out by 15 March in two clusters", ""),
        ("Reviewed 2031-03-15", ""),
        ("By 31 February", ""),
        ("May 15 users log in at once", ""),
    ],
)
def test_a_phase_may_be_named_by_the_day_on_which_it_ends(heading, day):
    assert deadline_of(heading) == day


def test_a_dated_phase_ends_on_its_day_or_the_working_day_before():
    phase = phase_of("By 15 March", 3)
    assert phase is not None
    assert phase_window(phase, date(2031, 1, 20)).due == date(2031, 3, 14)  # the 15th is a Saturday
    assert phase_window(phase, date(2031, 3, 20), Calendar(frozenset())).due == date(2032, 3, 15)


def test_dated_phases_stand_in_the_order_of_time_among_the_others():
    text = """\
# Review

**Date**: 2031-03-01

## Plan

### By 20 April

- [ ] Split the worker

### Week 2

- [ ] Rotate the key

| Task | Deadline |
|---|---|
| Close the port | 2031-03-05 |
"""
    review = parse(text, redact=str)
    assert [(p.name, p.starts) for p in review.phases] == [("2031-03-05", 4), ("Week 2", 7), ("By 20 April", 50)]
    assert [item.phase for item in review.items] == ["By 20 April", "Week 2", "2031-03-05"]
