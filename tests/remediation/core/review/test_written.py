"""Ways to write a level, a label, a place: each alone in a small report whose findings are known."""

import pytest

from remediation.core.review import parse
from remediation.core.review.heads import read_head
from remediation.core.review.priorities import Scale, heading_priority
from remediation.core.types import Place

LEVELS = """
    P1 | 高级别问题
    P1 | 三、高优先级
    P0 | 发现的严重问题（3 处）
    P0 | 第一部分：致命错误
    P2 | 严重程度：轻微
    P2 | 中严重度问题
    P0 | P0（致命）
    P0 | 重大隐患清单
    P2 | 可选优化
    P1 | Priority: High (3)
    P0 | Tier 1 — Critical
    P0 | Section 1 — SEV-1 defects (2 issues)
    P2 | Medium — fix when possible
"""


@pytest.mark.parametrize("line", LEVELS.strip().split("\n"))
def test_a_heading_of_a_level_alone_is_that_level_wherever_its_word_stands(line: str) -> None:
    priority, title = line.strip().split(" | ")

    assert heading_priority(title, Scale()) == priority
    assert not read_head(title, Scale()).own


@pytest.mark.parametrize("title", ["5.2 中期（分层重构）", "Phase 1: 紧急修复", "High-level architecture"])
def test_a_heading_of_a_plan_or_of_advice_is_no_level(title: str) -> None:
    assert heading_priority(title, Scale()) is None


@pytest.mark.parametrize(
    ("said", "label", "title"),
    [
        ("`P0` 1. The lock is lost", "", "The lock is lost"),
        ("P0（致命）锁会丢失", "", "锁会丢失"),
        ("1. **The lock is lost** 🚨 CRITICAL", "", "The lock is lost"),
        ("N1：锁会丢失（P0）", "", "锁会丢失"),
    ],
)
def test_a_level_beside_a_title_is_taken_off_it(said: str, label: str, title: str) -> None:
    head = read_head(said, Scale())

    assert (head.priority, head.label, head.title) == ("P0", label, title)


@pytest.mark.parametrize(
    "told",
    [
        "【位置】src/lock.py:7-9",
        "**Location** — `src/lock.py:7-9`",
        "- `File`: src/lock.py:7-9",
        "- **File:**\n  `src/lock.py`\n- **Line range:**\n  7-9",
        "**文件**：`src/lock.py`\n\n**行号范围**：7-9",
        "```7:9:src/lock.py\nrun()\n```",
        "**問題位置**:\n\n```ts\n// ❌ src/lock.py:7-9\nrun()\n```",
    ],
)
def test_a_place_is_read_in_whatever_form_it_has(told: str) -> None:
    review = parse(f"# Review\n\n## Critical\n\n### 1. The lock is lost\n\n{told}\n\nIt is gone.\n", redact=str)

    assert [f.places for f in review.findings] == [(Place("src/lock.py", 7, 9),)]


def test_entries_that_say_their_level_under_a_label_are_findings() -> None:
    report = "# Review\n\n## Findings\n\n" + "".join(
        f"{n}. **{title}**\n   - Severity: {level}\n   - File: `src/at{n}.py:{n}`\n   - Fix: bound it\n\n"
        for n, (title, level) in enumerate([("The lock is lost", "High"), ("The log grows", "Low")], 1)
    )

    read = [(f.title, f.priority, f.places) for f in parse(report, redact=str).findings]

    assert read == [
        ("The lock is lost", "P1", (Place("src/at1.py", 1),)),
        ("The log grows", "P2", (Place("src/at2.py", 2),)),
    ]


def test_bold_lines_of_levels_stand_over_bold_lines_of_findings() -> None:
    report = (
        "# Review\n\n## Findings\n\n**Must Fix (2)**\n\n**1. The lock is lost**\n\nSee `src/a.py:3`.\n\n**Fix:** keep it\n\n"
        "**2. The log grows**\n\nSee `src/b.py:4`.\n\n**Fix:** cut it\n\n**Should Fix**\n\n**1. The cache is cold**\n\n"
        "See `src/c.py:5`.\n\n**Fix:** warm it\n"
    )

    read = [(f.title, f.priority) for f in parse(report, redact=str).findings]

    assert read == [("The lock is lost", "P0"), ("The log grows", "P0"), ("The cache is cold", "P1")]


def test_a_list_tells_of_what_a_table_above_only_names() -> None:
    report = (
        "# Review\n\n## Summary\n\n| # | Issue | Severity |\n|---|---|---|\n| 1 | The lock is lost | High |\n"
        "| 2 | The log grows | Low |\n\n## Findings\n\n1. **The lock is lost** (High) — `src/a.py:3`: it is gone.\n"
        "2. **The log grows** (Low) — `src/b.py:4`: without end.\n"
    )

    read = [(f.title, f.places) for f in parse(report, redact=str).findings]

    assert read == [("The lock is lost", (Place("src/a.py", 3),)), ("The log grows", (Place("src/b.py", 4),))]


def test_tasks_by_priority_behind_findings_are_the_plan() -> None:
    report = (
        "# 审查\n\n## 严重问题\n\n### 1. 锁会丢失\n\n**位置**：`src/lock.py:7`\n\n锁丢失。\n\n## 优先改进任务\n\n"
        "### P0（立即执行）\n\n#### 1. 修复锁（2 小时）\n\n**任务描述**：保持锁。\n\n**验收标准**：锁还在。\n"
    )
    review = parse(report, redact=str)

    assert [f.title for f in review.findings] == ["锁会丢失"]
    assert [i.title for i in review.items] == ["修复锁"]


HEAD = "# Review\n\n## Critical Issues\n\n### 1. The lock is lost\n\n**File**: `src/a.py:3`\n\n"
HEAD += "### 2. The log grows\n\n**File**: `src/b.py:4`\n\n"
TOLD = ["The lock is lost", "The log grows"]


@pytest.mark.parametrize(
    "closing",
    [
        "## Risk assessment\n\n### Low risk changes\n\n- Source map removal\n- `src/a.py` gets a limit\n",
        "## Implementation Status\n\n### P0 — Blockers (1/1 DONE)\n\n1. ~~**Wire the gateway**~~ DONE — in `src/c.py`\n",
        "## Outstanding Items\n\n### 1. Signing — HIGH priority\n\n- Update `src/d.py` files\n- Use `-race`\n",
    ],
)
def test_what_closes_a_review_invents_nothing(closing: str) -> None:
    assert [f.title for f in parse(HEAD + closing, redact=str).findings] == TOLD


def test_problems_with_a_level_each_are_findings_in_a_table_without_places() -> None:
    table = (
        "## Containers\n\n| Severity | Issue |\n|---|---|\n| High | No user in the image |\n| Low | No health check |\n"
    )

    read = [(f.title, f.priority) for f in parse(HEAD + table, redact=str).findings]

    assert read[2:] == [("No user in the image", "P1"), ("No health check", "P2")]


def test_a_column_that_counts_lines_tells_no_place() -> None:
    table = "### 3. 文件过大\n\n| 文件 | 行数 |\n|---|---|\n| `src/big.rs` | 9,338 |\n| `src/bigger.rs` | 12,001 |\n"

    read = parse(HEAD + table, redact=str).findings[2]

    assert read.places == (Place("src/big.rs"), Place("src/bigger.rs"))
