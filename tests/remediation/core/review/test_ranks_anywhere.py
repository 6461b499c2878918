"""Ranks in places where strangers put them, and what only looks like a finding beside them."""

import pytest

from remediation.core.review import parse


def told(text: str) -> list[tuple[str, str, str]]:
    """Priority, title and places of each finding of a report."""
    found = parse(text, redact=str).findings
    return [(f.priority, f.title, " ".join(p.path + (f":{p.line}" if p.line else "") for p in f.places)) for f in found]


@pytest.mark.parametrize("arrow", ["→", "⇒", "➜", "➡️", "->", "=>", "-->"])
def test_a_rank_behind_an_arrow_ranks_the_heading_more_than_its_section_does(arrow: str):
    text = f"# R\n\n## Kelp\n\n### ⚠️ Issues\n\n#### 3. **Tides are read twice** {arrow} MEDIUM\n\nSlow.\n\n### 🔴 CRITICAL issues\n\n#### 4. **Ebb has no end** {arrow} HIGH\n**Location**: `a/ebb.go:4`\n"
    assert told(text) == [("P2", "Tides are read twice", ""), ("P1", "Ebb has no end", "a/ebb.go:4")]


MODULES = """\
# R

## Modules

### 4. Tide module (`pkg/tide/`)

**Files**: `tide.go`, `ebb.go`

#### Flows

1. Reads the table
2. Writes the log

**Open points**:

**CRITICAL**:
- ❌ The table is never closed

**LOW PRIORITY**:
- Jitter comes from a weak source

**Strengths**:
- Errors are wrapped everywhere

**Recommendations**:
1. Close the table
"""


def test_lists_under_lines_of_severity_in_a_module_are_findings_and_the_module_is_none():
    assert told(MODULES) == [
        ("P0", "The table is never closed", ""),
        ("P2", "Jitter comes from a weak source", ""),
    ]


def test_what_stands_behind_a_line_of_severity_under_a_heading_of_another_thing_is_no_finding():
    text = "# R\n\n**Points**\n\n🔴 **Critical**\n- **No bound**: `a/tide.go` grows\n\n🟡 **Warning**\n- **No end**: `a/ebb.go` waits\n\n**Tests**\n- All of them pass\n"
    assert [title for _, title, _ in told(text)] == ["No bound", "No end"]


WEIGHED = """\
# R

## 2. Tides

**⚠️ Possible issues:**

1. **Hints of the table:**
   ```java
   // may miss some
   ```
   **Impact:** High - fails at start
   **Solution:** list them

2. **Old library:**
   **Impact:** Medium - slow
   **Solution:** replace it

## 8. Comprehensive recommendations

### 8.1 Critical (fix immediately)

1. **Make the port a setting**
   **Priority:** P0
2. **Add tests of the tides**
   **Priority:** P0
"""


def test_entries_that_weigh_their_impact_are_findings_and_what_is_advised_behind_them_is_none():
    assert told(WEIGHED) == [("P1", "Hints of the table", ""), ("P2", "Old library", "")]


def test_a_chapter_whose_entries_each_weigh_their_risk_is_no_finding():
    text = "# R\n\n## 5.1 Present state\n\n1. **No bound:**\n   **Risk:** HIGH - anybody may\n2. **No end:**\n   **Risk:** MEDIUM - it waits\n"
    assert [title for _, title, _ in told(text)] == ["No bound", "No end"]


def test_problems_named_in_the_last_assessment_are_a_sum():
    text = "# R\n\n## 2. Tides\n\n1. **No bound:**\n   **Impact:** High - grows\n2. **No end:**\n   **Impact:** Low - waits\n\n## 9. Closing\n\n### Overall assessment\n\n**Critical issues:**\n- Too little is bounded\n- Tests are few\n\n**Next steps:**\n1. Bound it (week 1)\n"
    assert [title for _, title, _ in told(text)] == ["No bound", "No end"]


def test_a_comment_that_lists_files_names_all_of_them():
    text = (
        "# R\n\n## P1\n\n### 1. The check is copied\n\n```js\n// Appears in: tide.js, ebb.js\nif (!x) throw y;\n```\n"
    )
    assert told(text) == [("P1", "The check is copied", "tide.js ebb.js")]


def test_a_tick_that_says_that_a_fix_is_available_does_not_close_a_finding():
    text = "# R\n\n### P0-4: Old parser\n\n**Affected:** `go.mod`\n\n**Status:** ✅ Automatic fix available\n"
    assert told(text) == [("P0", "Old parser", "go.mod")]


def test_what_was_looked_for_and_not_found_is_no_finding_whatever_its_number():
    text = "# R\n\n## LOW 级\n\n#### [BUG-7] 锁的顺序：0 处\n\n- 24 处都对。\n\n#### [BUG-8] Locks held too long: 0 places\n\n- none\n\n#### [BUG-9] 拼接文件名（5 处）\n\n- `a/tide.go:7`\n"
    assert told(text) == [("P2", "拼接文件名（5 处）", "a/tide.go:7")]


@pytest.mark.parametrize("said", ["MEDIUM，3 个", "medium, 3 items", "中 · 3项"])
def test_a_severity_in_brackets_with_how_many_there_are_ranks_a_section(said: str):
    text = f"# R\n\n### 5.2 局部（{said}）\n\n#### [STYLE-3] 断言没有守住\n\n- `a/tide.go:15` 会崩\n"
    assert told(text) == [("P2", "断言没有守住", "a/tide.go:15")]


def test_a_heading_with_the_numbers_of_several_is_a_topic_over_them():
    text = "# R\n\n## P2 一般问题\n\n### 3. 日志混乱\n\n**问题**: 没有轮转\n\n### 4-6: 其他\n\n- 环境变量太多\n- 没有流水线\n- 说明不全\n"
    assert [title for _, title, _ in told(text)] == ["日志混乱", "环境变量太多", "没有流水线", "说明不全"]
    placed = (
        "# R\n\n## P2 Style\n\n### 4-5. Other files\n\n**Paths**:\n- `a/tide.cs` (2 types)\n- `a/ebb.cs` (2 types)\n"
    )
    assert [title for _, title, _ in told(placed)] == ["Other files"]


def test_numbers_of_a_table_that_go_beyond_all_priorities_are_none():
    rows = "".join(f"| P{i} | `a/tide{i}.ts:{i}` | Thing {'ABCDEFG'[i]} grows | bound it |\n" for i in range(1, 7))
    text = f"# R\n\n### 4.3 Speed (P2)\n\n| # | Where | Problem | Fix |\n|---|---|---|---|\n{rows}"
    assert {priority for priority, _, _ in told(text)} == {"P2"}
    assert len(told(text)) == 6


def test_a_severity_that_is_crossed_out_and_a_heading_that_points_elsewhere_are_no_findings():
    text = "# R\n\n| # | Sev | Finding | Where |\n|---|---|---|---|\n| 1 | **High** | No bound | `a/tide.py:1` |\n| 2 | ~~**High**~~ **Resolved** | No end | `a/ebb.py:2` |\n\n## Logic\n\n### [Critical] Twice approved (already described in section 2)\n\nTold there.\n"
    assert [title for _, title, _ in told(text)] == ["No bound"]


def test_a_table_of_ranks_in_front_of_what_it_ranks_leads_to_it():
    text = """\
# 审查

| 优先级 | 类别 | 项目 | 风险 |
|---|---|---|---|
| P0 立刻 | 安全 | [A](#a) `/tide` 无鉴权 | 被滥用 |
| P1 一周 | 性能 | [B](#b) 每次潮汐都写库 | 慢 |

## 问题

### Bug A. `/tide` 无鉴权
**位置**：`a/tide.py:3`
任何人都可以。

### Bug B. 每次潮汐都写库
**位置**：`a/ebb.py:4`
锁。
"""
    assert [(rank, place) for rank, _, place in told(text)] == [("P0", "a/tide.py:3"), ("P1", "a/ebb.py:4")]


def test_a_row_that_says_its_file_in_passing_is_placed_there():
    text = "# R\n\n## LOW\n\n| # | Issue | Description |\n|---|---|---|\n| L1 | Keys in comments | settings.py has examples |\n| L2 | No vault | nothing |\n"
    assert told(text) == [("P2", "Keys in comments", "settings.py"), ("P2", "No vault", "")]


@pytest.mark.parametrize(
    "text",
    [
        "## 一级问题\n\n1. 读两次（`a/tide.go:3`）\n\n## 三级问题\n\n1. 名字（`a/c.go:5`）\n",
        "| 级别 | 问题 | 位置 |\n|---|---|---|\n| 一级 | 读两次 | `a/tide.go:3` |\n| 三级 | 名字 | `a/c.go:5` |\n",
        "## 必须修\n\n- `a/tide.go:3`：读两次\n\n## 可选\n\n- `a/c.go:5`：名字\n",
        "### 1、读两次——严重\n`a/tide.go:3`\n\n### 2、名字——轻微\n`a/c.go:5`\n",
        "| Severity | Finding | Where |\n|---|---|---|\n| S1 | Read twice | `a/tide.go:3` |\n| S4 | Names | `a/c.go:5` |\n",
        "## Findings\n\n- **Critical**\n  - `a/tide.go:3`: read twice\n- **Low**\n  - `a/c.go:5`: names\n",
        "## Findings\n\n1. (critical) `a/tide.go:3` is read twice\n2. (minor) Names in `a/c.go:5`\n",
        "### Read twice `CRITICAL`\n`a/tide.go:3`\n\n### Names `LOW`\n`a/c.go:5`\n",
    ],
)
def test_a_severity_is_read_in_the_words_and_places_of_other_houses(text: str):
    assert [(rank, place) for rank, _, place in told(f"# R\n\n{text}")] == [("P0", "a/tide.go:3"), ("P2", "a/c.go:5")]


def test_numbers_rank_the_rows_of_a_table_where_they_do_not_only_count_them():
    head = "# R\n\n| Finding | Priority | Where |\n|---|---|---|\n"
    ranked = "| Read twice | 1 | `a/tide.go:3` |\n| Waits | 3 | `a/ebb.go:4` |\n| Leaks | 1 | `a/x.go:5` |\n"
    counted = "| Read twice | 1 | `a/tide.go:3` |\n| Waits | 2 | `a/ebb.go:4` |\n| Leaks | 3 | `a/x.go:5` |\n"
    assert [rank for rank, _, _ in told(head + ranked)] == ["P0", "P2", "P0"]
    assert told(head + counted) == []
