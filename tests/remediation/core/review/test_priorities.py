"""Priorities in headings, brackets and words."""

import pytest

from findings.core.types import Priority
from remediation.core.review.findings import section_kind
from remediation.core.review.heads import read_head
from remediation.core.review.priorities import Scale, heading_priority, word_of

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2


@pytest.mark.parametrize(
    ("heading", "priority"),
    [
        ("## 【致命问题 (P0) - 必须立即修复】".lstrip("# "), P0),
        ("🔴 P0 Critical Performance Blockers", P0),
        ("P1 – should fix", P1),
        ("P3 - later", P2),
        ("2.1 P0級安全漏洞（必須立即修復）", P0),
        ("安全风险 (Critical)", P0),
        ("8 Critical Issues (Must Fix)", P0),
        ("High Priority", P1),
        ("Medium", P2),
        ("高优先级问题", P1),
        ("低風險問題", P2),
        ("严重问题", P0),
    ],
)
def test_a_section_heading_gives_a_priority(heading, priority):
    assert heading_priority(heading, Scale()) is priority


@pytest.mark.parametrize(
    "heading",
    ["High availability", "Low-cardinality index", "P95 latency", "Critical path", "P0-1: x", "高可用", "建议"],
)
def test_words_of_severity_about_other_things_do_not(heading):
    assert heading_priority(heading, Scale()) is None


def test_severe_is_second_where_fatal_is_first():
    assert heading_priority("严重问题", Scale.of("## 致命问题\n## 严重问题")) is P1
    assert heading_priority("严重问题", Scale.of("## 严重问题\n## 一般问题")) is P0


@pytest.mark.parametrize(
    ("heading", "label", "priority", "title"),
    [
        ("🔥 P0-1: Passwords in git", "P0-1", P0, "Passwords in git"),
        ("[P1-AUTH-001] Open routes", "P1-AUTH-001", P1, "Open routes"),
        ("P1-AUTH-001 · Open routes", "P1-AUTH-001", P1, "Open routes"),
        ("CRIT-1: Wrong version", "CRIT-1", P0, "Wrong version"),
        ("1. [BLOCKER] No timeout", "", P0, "No timeout"),
        ("[P0][BLOCKER] No timeout", "", P0, "No timeout"),
        ("3. [P1] No cache", "", P1, "No cache"),
        ("No rate limit (P1)", "", P1, "No rate limit"),
        ("Critical: SQL injection", "", P0, "SQL injection"),
        ("UTF-8 is assumed", "", None, "UTF-8 is assumed"),
        ("Issue 4: Keys in git", "", None, "Keys in git"),
        ("問題1：邊界不清", "", None, "邊界不清"),
        ("12 services for 3 people", "", None, "12 services for 3 people"),
    ],
)
def test_a_finding_heading_is_taken_apart(heading, label, priority, title):
    head = read_head(heading, Scale())
    assert (head.label, head.priority, head.title) == (label, priority, title)


def test_a_heading_of_nothing_but_priority_has_no_title_of_its_own():
    assert not read_head("P0 - fix immediately (1-2 weeks)", Scale()).own
    assert not read_head("致命性能問題", Scale()).own
    assert read_head("致命問題：900個unwrap", Scale()).own


@pytest.mark.parametrize(
    ("text", "priority"),
    [("🔴 Critical", P0), ("高", P1), ("Medium", P2), ("P1 - HIGH", P1), ("轻微", P2), ("fine", None)],
)
def test_a_cell_is_a_severity_or_nothing(text, priority):
    assert word_of(text, Scale()) is priority


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("5.2 The bottom line", "summary"),
        ("写在最后", "summary"),
        ("✅ Good parts", "praise"),
        ("What works well", "praise"),
        ("亮点", "praise"),
        ("Roadmap", "plan"),
        ("立即行动项 (优先级排序)", "plan"),
        ("Week 1", "plan"),
        ("改进优先级", "plan"),
        ("Priority 1: drop the lock", "plan"),
        ("成本优化建议", "cost"),
        ("Executive summary", "summary"),
        ("品味评分", "verdict"),
        ("Known issues", "problems"),
        ("问题清单", "problems"),
        ("Data flow", ""),
    ],
)
def test_a_heading_announces_what_its_section_is_for(heading, kind):
    assert section_kind(heading, "", False) == kind


def test_plans_and_praise_hold_for_all_under_them():
    assert section_kind("Known issues", "plan", False) == "plan"
    assert section_kind("Known issues", "praise", False) == "praise"


def test_haste_makes_a_plan_only_where_no_priority_is_said():
    assert section_kind("Fix immediately", "", False) == "plan"
    assert section_kind("P0: fix immediately", "", True) != "plan"


def test_priorities_that_are_counted_from_nought_begin_there():
    first = Scale.of("## Priority 1\n## Priority 2\n## Priority 3\n")
    nought = Scale.of("### Priority 0 (Critical)\n### Priority 1\n### Priority 2\n")
    said = ["Priority 1", "Priority 2", "Priority 3"]
    assert [heading_priority(text, first) for text in said] == ["P0", "P1", "P2"]
    assert [heading_priority(text, nought) for text in ["Priority 0", *said]] == ["P0", "P1", "P2", "P2"]


def test_a_severity_in_brackets_says_what_a_counted_priority_is():
    assert heading_priority("Priority 1 (High - this week)", Scale()) == "P1"
    assert heading_priority("Priority 2 (this month)", Scale()) == "P1"


def test_a_number_is_no_priority_where_the_report_counts_beyond_them():
    scale = Scale.of(
        "### P1-4: Slow start [HIGH]\n### P5-1: Leak [LOW]\n### P7-2: Race [HIGH]\n### P12-1: Old lock [LOW]\n"
    )
    head = read_head("P1-4: Slow start [HIGH]", scale)
    assert (head.label, head.title, head.priority) == ("P1-4", "Slow start", P1)
    assert read_head("P0-3: Leak [LOW]", scale).priority is P2
    assert read_head("P0-3: Leak [LOW]", Scale.of("### P0-3: Leak [LOW]\n### P5-1: Lock\n")).priority is P0


@pytest.mark.parametrize(
    ("heading", "title", "priority"),
    [
        ("Open port [HIGH] *(verified)*", "Open port", P1),
        ("MED — Open port", "Open port", P2),
        ("Open port (CRIT)", "Open port", P0),
        ("端口开放【严重】（已核实）", "端口开放", P0),
        ("Open port (internal) (all nodes)", "Open port (internal) (all nodes)", None),
    ],
)
def test_a_severity_may_be_cut_short_and_have_a_remark_behind_it(heading, title, priority):
    head = read_head(heading, Scale())
    assert (head.title, head.priority) == (title, priority)
