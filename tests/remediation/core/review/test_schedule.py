"""Efforts and phases as people write them."""

from decimal import Decimal

import pytest

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
