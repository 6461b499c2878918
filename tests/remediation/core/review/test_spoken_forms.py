"""Where lines stand beside a file, how bad an entry is in front of it, and what a summary only tells again."""

import pytest

from remediation.core.review import parse, places
from remediation.core.types import Place


def read(text: str) -> list[tuple[str, str, tuple[Place, ...]]]:
    return [(f.priority, f.title, f.places) for f in parse(text, redact=str).findings]


@pytest.mark.parametrize(
    "text",
    [
        "`src/tide.py` → lines 8-12",
        "lines 8-12 of `src/tide.py`",
        "Lines 8 to 12 in src/tide.py",
        "`src/tide.py` [8-12]",
        "`src/tide.py` (ll. 8–12)",
        "src/tide.py:8..12",
        "`src/tide.py` @ 8-12",
        "`src/tide.py` → `ebb()` (lines 8-12)",
        "[`src/tide.py:8-12`](src/tide.py#L8)",
        "`src/tide.py` 的第 8-12 行",
        "`src/tide.py` 第8行到第12行",
        "`src/tide.py` 第 8～12 行",
        "`src/tide.py`【第 8-12 行】",
        "第 8-12 行，`src/tide.py`",
    ],
)
def test_lines_stand_beside_their_file_in_many_ways(text: str):
    assert places.find(text) == [Place("src/tide.py", 8, 12)]


def test_lines_in_front_of_a_file_are_not_those_of_the_file_before():
    assert places.find("`a.py` 第 8 行，`b.py`") == [Place("a.py", 8), Place("b.py")]


def test_more_lines_in_a_bracket_are_of_the_file_too():
    assert places.find("`a.py` (8–12, 20)") == [Place("a.py", 8, 12), Place("a.py", 20)]


def test_an_entry_begins_with_its_severity_and_then_with_its_title():
    text = "# R\n\n## 可靠性\n\n- **严重** **潮汐表被读两次** — `a/tide.py:3`: 慢\n- **中等** `a/ebb.py:4` — 没有上限\n"
    assert read(text) == [
        ("P0", "潮汐表被读两次", (Place("a/tide.py", 3),)),
        ("P2", "`a/ebb.py:4` — 没有上限", (Place("a/ebb.py", 4),)),
    ]


def test_a_demand_before_a_title_is_its_severity_and_no_label_of_a_fix():
    text = "# R\n\n## Findings\n\n1. 必须修复: **潮汐表被读两次**\n   - 位置：`a/tide.py:3`\n"
    assert read(text) == [("P0", "潮汐表被读两次", (Place("a/tide.py", 3),))]


def test_a_line_between_dots_rates_the_bold_line_above_it():
    text = "# R\n\n## Findings\n\n**1. No bound**\n\n*High · 2 h*\n\n`a/tide.py:3` grows.\n\n**2. No end**\n\n*Low · 1 d*\n\n`a/ebb.py:4` waits.\n"
    assert read(text) == [("P1", "No bound", (Place("a/tide.py", 3),)), ("P2", "No end", (Place("a/ebb.py", 4),))]


def test_lines_of_severity_may_stand_under_the_title_of_the_report():
    text = "# R\n\n**高级别问题 (1个)**\n\n- **潮汐表被读两次**\n  - 文件：`a/tide.py` 第 3 行\n\n**中级别问题 (1个)**\n\n- **没有上限**\n  - 文件：`a/ebb.py` 第 4 行\n"
    assert read(text) == [
        ("P1", "潮汐表被读两次", (Place("a/tide.py", 3),)),
        ("P2", "没有上限", (Place("a/ebb.py", 4),)),
    ]


def test_findings_told_in_full_below_a_summary_are_findings():
    text = "# R\n\n## Summary\n\nFew limits.\n\n### Findings\n\n#### High\n\n##### 1. No bound\n\n**Location**: `a/tide.py:3`\n**Problem**: It grows.\n"
    assert read(text) == [("P1", "No bound", (Place("a/tide.py", 3),))]


def test_a_table_at_the_end_that_cuts_titles_off_tells_nothing_new():
    text = "# R\n\n## High\n\n1. **Tide table is read twice** — `a/tide.py:3`\n2. **Ebb has no end** — `a/ebb.py:4`\n\n## Priorities\n\n| Priority | Issue | Effort |\n|---|---|---|\n| High | Tide table is | 2h |\n| High | Ebb has no | 2h |\n"
    assert [title for _, title, _ in read(text)] == ["Tide table is read twice", "Ebb has no end"]


def test_major_is_a_severity_where_the_scale_has_a_minor():
    text = "# R\n\n## 主要问题\n\n### 潮汐表被读两次\n\n**位置**：`a/tide.py:3`\n**影响**：慢\n\n## 次要问题\n\n### 没有上限\n\n**位置**：`a/ebb.py:4`\n**影响**：慢\n"
    assert [priority for priority, _, _ in read(text)] == ["P1", "P2"]


def test_code_that_would_be_better_says_where_only_if_nothing_else_does():
    text = "# R\n\n## High\n\n### No bound\n\n**Problem**: It grows.\n**Fix**:\n\n```py\n# a/tide.py:3\nbound()\n```\n"
    assert read(text) == [("P1", "No bound", (Place("a/tide.py", 3),))]
    assert read(text.replace("It grows", "`a/ebb.py:4` grows")) == [("P1", "No bound", (Place("a/ebb.py", 4),))]


def test_a_severity_behind_a_code_and_a_topic_behind_that_are_the_heading_of_a_section():
    text = "# R\n\n## 🔴 P0 — 立即处理\n\n- **潮汐表被读两次** — `a/tide.py:3`\n\n## 🟢 P3 — 低 / 卫生\n\n- **没有上限** — `a/ebb.py:4`\n- **没有下限** — `a/ebb.py:9`\n"
    assert [title for _, title, _ in read(text)] == ["潮汐表被读两次", "没有上限", "没有下限"]


def test_how_bad_the_problem_is_says_more_than_its_section():
    text = "# R\n\n## 严重问题\n\n### 1. 潮汐表被读两次\n\n**位置**: `a/tide.py:3`\n\n**问题严重程度**: 🟠 高\n\n### 2. 没有上限\n\n**位置**: `a/ebb.py:4`\n\n**问题严重程度**: 🔴 严重\n"
    assert [priority for priority, _, _ in read(text)] == ["P1", "P0"]


def test_needed_improvements_are_findings_where_they_have_a_rank():
    text = "# R\n\n## Major Improvements Needed\n\n### 1. Tides are read twice\n\n**Issue**: see `a/tide.py:3`\n\n## Minor Improvements\n\n### 2. No bound\n\n- `a/ebb.py:4` grows\n\n### 3. No end\n\n- It waits\n"
    assert [(priority, title) for priority, title, _ in read(text)] == [
        ("P1", "Tides are read twice"),
        ("P2", "No bound"),
        ("P2", "No end"),
    ]
