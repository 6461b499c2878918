"""A report is read as its own figures say, neighbours are taken as neighbours, and a plan adds nothing."""

import pytest

from remediation.core.review import blocks, parse
from remediation.core.review.claims import claims_of
from remediation.core.review.priorities import Scale
from tests.remediation.core.review.test_by_strangers import told


def claims(text: str) -> list[tuple[list[int], str]]:
    found = claims_of(blocks.read(text), Scale.of(text))
    return [(sorted(claim.counts), str(claim.priority or "all")) for claim in found]


def notices(text: str) -> list[str]:
    return [n.message for n in parse(text, redact=str).notices]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> 5 findings (0 critical, 2 high, 2 medium, 1 low)", [([0], "P0"), ([2], "P1"), ([3], "P2")]),
        ("- 严重问题：5 个（已修复 3 个）\n- 中等问题：12 个\n- 轻微问题：2 个", [([5], "P0"), ([14], "P2")]),
        ("- **Critical:** 3\n- **High:** 4", [([3], "P0"), ([4], "P1")]),
        (
            "| Severity | Count |\n|---|---|\n| 🔴 P0 | 2 |\n| 🟡 P1 | 4 |\n| Total | 6 |",
            [([2], "P0"), ([4], "P1"), ([6], "all")],
        ),
        ("| Area | High | Low |\n|---|---|---|\n| API | 1 | 2 |\n| UI | 3 | - |", [([4], "P1"), ([2], "P2")]),
        ("共发现 **29 个问题**", [([29], "all")]),
        ("Fix the 2 critical issues first.", []),
        ("P0 items take 3 days, P1 items 5 days.", []),
        ("## Critical issues (3)\n\ntext", [([3], "P0")]),
        ("## Slow critical query (12)\n\ntext", []),
    ],
)
def test_figures_that_a_report_gives_of_its_findings(text, expected):
    assert claims(f"# R\n\n{text}\n") == expected


def test_of_two_readings_the_one_counts_that_the_report_counts():
    body = "## Critical\n\n### 1. No limit\n\n**File:** `a.py`\n\n## High\n\n- logs are kept for ever\n- uploads stay open\n\n## Later\n\n- good so far\n"
    limit = ("P0", "No limit", "a.py")
    assert told(f"# R\n\n{body}")[:1] == [limit]
    assert told(f"# R\n\n1 critical and 2 high issues.\n\n{body}") == [
        limit,
        ("P1", "logs are kept for ever", ""),
        ("P1", "uploads stay open", ""),
    ]


def test_what_a_report_counts_and_nobody_read_is_told():
    text = (
        "# R\n\n- P0: 1\n- P1: 3\n\n## P1-1: no limit\n\n**File:** `a.py:3`\n\n## P1-2: no lock\n\n**File:** `b.py`\n"
    )
    assert notices(text) == ["The report says 1 P0; 0 were read", "The report says 3 P1; 2 were read"]


def test_what_is_done_was_counted_too():
    text = "# R\n\n- P0: 1\n- P1: 1\n\n## P0-1: no limit (fixed)\n\n**File:** `a.py`\n\n## P1-1: no lock\n\n**File:** `b.py`\n"
    assert notices(text) == ["“no limit (fixed)” is already resolved: not taken as a finding"]


def test_a_finding_that_only_tells_is_one_as_its_neighbours_are():
    text = "# R\n\n## 二、界面\n\n### 🟡 P1 — 步骤编号不一致\n\n**文件**: `a.py`\n\n编号错。\n\n### 🟢 P2 — 日志区深色背景与浅色风格割裂\n\n只有一块深色。\n"
    assert told(text) == [("P1", "步骤编号不一致", "a.py"), ("P2", "日志区深色背景与浅色风格割裂", "")]


def test_headings_that_only_tell_are_findings_under_problems_of_a_priority():
    text = "# R\n\n## Critical issues\n\n### Sessions never end\n\nA token is good for ever.\n\n### Uploads are public\n\nAnybody reads them.\n"
    assert told(text) == [("P0", "Sessions never end", ""), ("P0", "Uploads are public", "")]


def test_categories_under_a_priority_are_no_findings():
    text = "# R\n\n## Critical issues\n\n### Security\n\nIt is weak.\n\n### Performance\n\nIt is slow.\n"
    assert told(text) == []


def test_what_is_to_do_joins_what_is_wrong():
    text = "# R\n\n## Issues\n\n### 1. No tests\n\n**Location:** `src/`\n**Problem:** None at all.\n**Priority:** High\n\n## Improvements\n\n### High\n\n1. **Add tests** - needed\n2. **Implement limits** - safe\n3. **Document it** - kind\n"
    assert told(text) == [("P1", "No tests", "src/")]


def test_a_table_of_problems_and_places_is_a_list_of_findings_whatever_it_is_called():
    text = "# R\n\n## Backlog\n\n| Priority | Issue | File | Effort |\n|---|---|---|---|\n| P0 | A race of two writers | `a.cpp:14-16/66` | M |\n\n## Top 5 to do now\n\n1. **Lock the writers**\n"
    assert told(text) == [("P0", "A race of two writers", "a.cpp:14-16 a.cpp:66")]


def test_where_only_a_list_of_actions_ranks_that_is_what_was_found():
    text = "# Check\n\n## 1. Approval ✅\n\n**Status:** ✅ works\n\n## Fixes needed\n\n### 🔴 **Priority 1 - CRITICAL:**\n\n1. **Add a filter**\n   - Location: `Groups.cs` Line 47\n"
    assert told(text) == [("P0", "Add a filter", "Groups.cs:47")]


def test_a_table_that_says_how_bad_each_row_is_makes_its_heading_a_category():
    text = "# R\n\n## Critical findings\n\n### 1. Files that must not be uploaded\n\n| File | Reason | Risk Level |\n|---|---|---|\n| `srv/drop.ts` | Deletes everything | MEDIUM |\n| `srv/cov/a.js` | ✅ not tracked | LOW |\n"
    assert told(text)[:1] == [("P2", "Deletes everything", "srv/drop.ts")]


def test_advice_in_the_place_of_what_is_wrong_is_the_title():
    text = "# 审查\n\n## 低优先级问题\n\n### 接口改进\n\n| ID | 文件 | 建议 |\n|---|---|---|\n| L1 | a/b.go:3-9 | Get 应返回 error |\n| L2 | config/多处 | 统一命名 |\n"
    assert told(text) == [("P2", "Get 应返回 error", "a/b.go:3-9"), ("P2", "统一命名", "")]


def test_a_file_without_a_folder_stays_without():
    text = "# R\n\n## P1-1: Errors are swallowed\n\n**File:** `src/db/macros.rs:116`; also `people.rs:395-423`\n"
    assert told(text) == [("P1", "Errors are swallowed", "src/db/macros.rs:116 people.rs:395-423")]


def test_a_line_that_begins_with_a_place_says_where():
    text = "# R\n\n## Low\n\n### 46. No version declared\n**`Cargo.toml`** — there is no `rust-version`.\n"
    assert told(text) == [("P2", "No version declared", "Cargo.toml")]


def test_what_is_partly_done_is_a_finding_still():
    text = "# R\n\n| # | Finding | Severity | Status |\n|---|---|---|---|\n| A1 | Settings in three stores | Medium | Partially addressed |\n| A2 | No logs | High | **Fixed** |\n"
    assert told(text) == [("P2", "Settings in three stores", "")]


def test_a_word_over_headings_goes_before_the_dots_in_them():
    text = "# R\n\n## Critical\n\n### 🔴 C1: No lock\n\n**File**: `a.py`\n\n## Medium\n\n### 🟡 M1: No log\n\n**File**: `b.py`\n\n## Low\n\n### 🟢 L1: No name\n\n**File**: `c.py`\n"
    assert [priority for priority, _, _ in told(text)] == ["P0", "P2", "P2"]


def test_dots_before_titles_are_severities_where_the_report_says_so():
    text = "# 审查\n\n**严重等级**: 🔴 高危 (立即) | 🟡 中等 (建议) | 🟢 低优\n\n## 一、结构\n\n### 1.1 🔴 职责过重\n\n#### 问题位置\n- `a/core.go`\n\n#### 推荐方案\n\n拆分。\n\n### 1.2 🟡 写法不一\n\n#### 具体表现\n\n五种写法。\n\n### 1.3 🟢 没有版本号\n\n一行。\n"
    assert told(text) == [("P1", "职责过重", "a/core.go"), ("P2", "写法不一", ""), ("P2", "没有版本号", "")]


def test_the_parts_of_a_finding_are_no_findings():
    text = "# R\n\n## Design\n\n### 1.1 P0: One class does all\n\n#### Where\n- `a/big.go` - 1500 lines\n\n#### Impact\n- **Tests**: hard\n\n#### Remedy\n\n1. **Split it** first\n"
    assert told(text) == [("P0", "One class does all", "a/big.go")]


@pytest.mark.parametrize(
    "line",
    [
        "### P0 (safety): Doors stay open\n\n`a.py:3`\n",
        "### [P0][safety] Doors stay open\n\n`a.py:3`\n",
        "### 1. Doors stay open\n\n*Critical · 2 h · `a.py:3`*\n\nAlways.\n",
        "**1. Doors stay open**\n\nSeverity: Critical\nFile: `a.py:3`\n",
        "<details>\n<summary>🔴 Critical: Doors stay open</summary>\n\n**File:** `a.py:3`\n\n</details>\n\n<details>\n<summary>Critical: Windows, too</summary>\n\nYes.\n\n</details>\n",
        "- **Critical** — Doors stay open (`a.py:3`). Always.\n- **Low** — Bells ring (`b.py:4`).\n",
    ],
)
def test_ways_to_write_one_finding(line):
    assert told(f"# R\n\n## Findings\n\n{line}")[0] == ("P0", "Doors stay open", "a.py:3")


def test_a_legend_is_no_list_of_findings():
    text = "# R\n\n## Levels\n\n- **Critical (CVSS 9+)**: at once\n- **High (CVSS 7+)**: soon\n\n## High\n\n### 1. No limit\n\n**File**: `a.py`\n"
    assert told(text) == [("P1", "No limit", "a.py")]


def test_rows_with_one_ticket_are_one_finding_and_what_tells_where_names_it():
    table = "| # | Risk | Severity | Ticket |\n|---|---|---|---|\n| 1 | Never restarts | P1 | #61 |\n| 2 | No tests | P2 | #66 |\n"
    more = (
        "| ID | Finding | File:Line | Ticket |\n|---|---|---|---|\n| S-1 | Containers stay down | `c.yml:5` | #61 |\n"
    )
    text = f"# R\n\n## Executive summary\n\n{table}\n## Findings\n\n### P1\n\n{more}"
    assert sorted(told(text)) == [("P1", "Containers stay down", "c.yml:5"), ("P2", "No tests", "")]
