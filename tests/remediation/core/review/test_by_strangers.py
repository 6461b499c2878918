"""Ways to write a review that were met in reports by people who never saw the others': each in a report of its own."""

import pytest

from remediation.core.review import desks, parse, places
from remediation.core.types import Review


def read(text: str) -> Review:
    return parse(text, redact=str)


def told(text: str) -> list[tuple[str, str, str]]:
    """Priority, title and places of each finding."""
    return [(f.priority.value, f.title, " ".join(said(p) for p in f.places)) for f in read(text).findings]


def said(place: places.Place) -> str:
    line = f":{place.line}" if place.line else ""
    return f"{place.path}{line}-{place.end_line}" if place.end_line else f"{place.path}{line}"


def test_a_severity_word_with_its_noun_is_the_word_and_not_the_noun():
    text = "# 审查\n\n## 问题\n\n### 1.1 缓存从不失效 (高严重性)\n\n**文件**: `a/b.py:3`\n\n**严重性**: 高\n\n### 1.2 日志太长 (低严重性)\n\n**文件**: `a/c.py`\n"
    assert told(text) == [("P1", "缓存从不失效", "a/b.py:3"), ("P2", "日志太长", "a/c.py")]


def test_critical_warning_and_info_are_a_scale():
    text = "# 報告\n\n## Critical Issues\n\n### CR-01：鎖從不釋放\n\n**檔案：** `a.py:14, 20, 46`\n**問題：** 卡住。\n\n## Warnings\n\n### WR-01：小數被截斷\n\n**檔案：** `b.py:7-9`；`c.py:2`\n\n## Info\n\n### IN-01：沒有註解\n\n**檔案：** `d.py`\n**問題：** 難讀。\n"
    assert told(text) == [
        ("P0", "鎖從不釋放", "a.py:14 a.py:20 a.py:46"),
        ("P1", "小數被截斷", "b.py:7-9 c.py:2"),
        ("P2", "沒有註解", "d.py"),
    ]


def test_a_priority_in_brackets_with_a_dash_inside_is_a_section():
    text = "# R\n\n## 優先修正\n\n### 🔥 高優先級 (P0 - 立即修正)\n\n1. **拒絕空白名單**\n   - 檔案: `svc/llm.py`\n   - 行數: 196-218 (_match)\n   - 工時: 2 小時\n"
    assert told(text) == [("P0", "拒絕空白名單", "svc/llm.py:196-218")]


def test_a_heading_that_is_a_place_goes_on_with_what_is_wrong_there():
    text = "# R\n\n## Safety\n\n### Area / File: `api/up.js` & `api/down.js`\n* **Issue Identified:** Twenty files at once. It may fill the disk of `tmp.js`.\n* **Proposed Improvement:** Stream `lib/stream.js`.\n* **Priority:** High\n"
    assert told(text) == [("P1", "`api/up.js` & `api/down.js`: Twenty files at once.", "api/up.js api/down.js")]


def test_a_link_says_the_path_that_it_leads_to():
    assert [said(p) for p in places.find("[`web/route.ts`](./app/web/route.ts#L35-L40) breaks")] == [
        "app/web/route.ts:35-40"
    ]
    assert [said(p) for p in places.find("- [run.sh:83-84](file:///srv/run.sh#L83-L84)")] == ["run.sh:83-84"]
    assert [said(p) for p in places.find("[load.py:6, 18](load.py)")] == ["load.py:6", "load.py:18"]
    assert [said(p) for p in places.find("[here](https://forge.example/o/r/blob/main/src/a.go#L7)")] == ["src/a.go:7"]
    assert places.find("[the manual](https://docs.example/guide.html)") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`pack.md`, `accept_intro`, lines **57–64**.", ["pack.md:57-64"]),
        ("`api/x.py:11`(read), `:74`(write), `:119-120`", ["api/x.py:11", "api/x.py:74", "api/x.py:119-120"]),
        ("`auth.ts:22`, `c/auth.ts:32,72`", ["auth.ts:22", "c/auth.ts:32", "c/auth.ts:72"]),
    ],
)
def test_lines_are_found_where_people_put_them(text, expected):
    assert [said(p) for p in places.find(text)] == expected


def test_the_reviewers_own_machine_is_no_part_of_a_path():
    text = "`/Users/ann/code/shop/src/a.py:3` and file:///Users/ann/code/shop/lib/b.py#L4"
    assert desks.relative(text) == "`src/a.py:3` and lib/b.py#L4"
    assert desks.relative(r"C:\Users\ann\Projects\shop\src\a.py") == "src/a.py"
    assert desks.relative("see /usr/lib/x/y.py and https://forge.example/Users/a/b/c.py") == (
        "see /usr/lib/x/y.py and https://forge.example/Users/a/b/c.py"
    )


def test_lines_without_a_file_are_of_the_file_in_the_heading():
    text = "# R\n\n## P2 中优先级（待处理）\n\n### 13. 竞态 - `net/private.go`\n\n**位置**: Line 196-204, 224-283\n\n**问题**: 无锁。\n"
    assert told(text)[0][2] == "net/private.go:196-204 net/private.go:224-283"


def test_what_is_fixed_is_told_and_no_finding():
    text = """\
# R
## P0 严重问题修复（已完成）
### 1. 序列锁错误 - `a.go`
**问题**: 撕裂。
## Details
### HIGH-001: Open door ✅ RESOLVED
**Severity:** HIGH
**Location:** `b.go`
### HIGH-002: Plain text
**Severity:** HIGH
**Status:** FIXED (2031-01-07)
**Location:** `c.go`
### HIGH-003: Still there
**Severity:** HIGH
**Status:** ✅ Confirmed
**Location:** `d.go`
### HIGH-004: Rate limiting (fixed window)
**Severity:** HIGH
**Location:** `e.go`
"""
    assert told(text) == [("P1", "Still there", "d.go"), ("P1", "Rate limiting (fixed window)", "e.go")]
    assert [n.line for n in read(text).notices if "resolved" in n.message or "done" in n.message] == [2, 6, 9]


def test_a_row_that_says_done_closes_what_was_told_before():
    text = """\
# R
## P1 — 结构性风险
### 安全
| # | 问题 | 位置 |
|---|---|---|
| P1-1 | 没有留痕 | ✅ 已修 2031-01-28：`log.py` |
| P1-2 | 三套并行表 | models.py vs old/models.py |
### P1-3: 锁可被误删
**位置**: `lock.py`
## 状态
| 编号 | 问题 | 优先级 | 状态 |
|---|---|---|---|
| P1-3 | 锁 | P1 | ✅ 已修复 |
"""
    assert told(text) == [("P1", "三套并行表", "models.py old/models.py")]


def test_a_category_with_a_table_is_no_finding_but_its_rows_are():
    text = "# 债\n\n## P2 — 可维护性\n\n### 死代码\n| # | 项 | 位置 |\n|---|---|---|\n| P2-9 | 从未调用的注册 | `a.py:56` |\n\n### 命名\n| # | 问题 |\n|---|---|\n| P2-1 | 前缀有六套 |\n"
    assert told(text) == [("P2", "从未调用的注册", "a.py:56"), ("P2", "前缀有六套", "")]


def test_a_matrix_ranks_the_chapters_that_have_its_numbers():
    text = """\
# R
## Recommendations
### 1. Storage: repositories are half there
**Current state:** `db/api.go` is bypassed.
**Why this matters:** No tests.
**Recommendation:** Complete it.
### 2. Audit by convention
**Current state:** Handlers forget.
**Recommendation:** Middleware.
### 3. A remark on style
**Current state:** Mixed.
**Recommendation:** Agree.
## Priority Matrix
| # | Area | Severity | Effort | Risk if Deferred |
|---|---|---|---|---|
| 2 | Audit enforcement | **High** | Low | Gaps |
| 1 | Storage repositories | Medium | Low | Pain |
"""
    assert told(text) == [
        ("P2", "Storage: repositories are half there", "db/api.go"),
        ("P1", "Audit by convention", ""),
    ]


def test_marks_of_colour_rank_sections_where_one_of_them_has_a_word():
    text = "# R\n\n## 🔴 严重问题（必修）\n\n### [L-1] 事务丢失\n- **文件**：`a.py:1-9`\n\n## 🟡 改善建议（可选）\n\n### 逻辑\n- **[L-2]** `save()` 接受空值（`a.py:55`）。\n\n## 🟢 良好\n- 令牌比较是常数时间的\n"
    assert told(text) == [("P0", "事务丢失", "a.py:1-9"), ("P2", "`save()` 接受空值（`a.py:55`）", "a.py:55")]


def test_bold_lines_under_a_heading_of_issues_are_findings_each():
    text = "# R\n\n## 2. Access\n\n### 2.3 Input\n\n#### Issues Found\n\n**P1-IN-007: No schema**\n- **Risk**: anything\n\n**P2-IN-008: Uploads** (if any)\n- **File**: `up.ts:4`\n\n**P3-IN-009: Keys in pages** (low risk)\n- **File**: `k.ts`\n- **Status**: ✅ Secure\n"
    assert told(text) == [("P1", "No schema", ""), ("P2", "Uploads", "up.ts:4")]


def test_steps_of_what_to_do_are_no_findings():
    text = "# R\n\n## 待确认的方案\n\n### 建议一：换掉引擎（P0，未验证）\n- **范围**: 全部\n- **内容**: 用新引擎\n\n## 具体优化方案\n\n### 优化 2: 修复权重 (P1)\n\n**问题**: 固定。\n"
    assert told(text) == []


def test_a_risk_register_and_a_sum_are_no_findings():
    text = "# R\n\n## Issues Found\n\n### Warnings: NONE\n### Critical Issues: 1\n\n- **Priority**: High\n\n## Risk Assessment\n\n| Risk | Likelihood | Impact | Mitigation |\n|---|---|---|---|\n| It breaks | Medium | High | Tests |\n"
    assert told(text) == []


def test_a_priority_of_its_own_is_more_than_a_word_of_severity():
    text = "# R\n\n## 3. Details\n\n### 3.1 [High] Page shows samples\n- **File**: `p.tsx:14-28,55`\n- **Risk level**: high (P2 - unfinished)\n- **Fix**: load it\n"
    assert told(text) == [("P2", "Page shows samples", "p.tsx:14-28 p.tsx:55")]


def test_a_name_in_passing_is_no_place_beside_a_labelled_one():
    text = "# R\n\n## P0\n\n### 1. Weak hash\n\n**File**: `internal/config/config.go:12`\n\n**Problem**: who has `config.json` has all, see also `Dockerfile`.\n"
    assert told(text) == [("P0", "Weak hash", "internal/config/config.go:12")]


def test_a_table_of_blockers_has_titles():
    text = "# R\n\n## Blockers\n\n| Priority | Blocker | Why it matters |\n|---|---|---|\n| P0 | No audit | Money |\n| P1 | No backups | Loss |\n"
    assert told(text) == [("P0", "No audit", ""), ("P1", "No backups", "")]


def test_a_chapter_of_ranked_headings_is_no_finding_itself():
    text = "# R\n\n## 3. Storage (`core/s/`)\n\n### Issues\n\n#### HIGH: Streams are read whole\n**File**: `core/s/a.rs:64-96`\n\nAll of it.\n\n#### LOW: Dead code\n**File**: `core/s/b.rs`\n"
    assert told(text) == [("P1", "Streams are read whole", "core/s/a.rs:64-96"), ("P2", "Dead code", "core/s/b.rs")]


def test_a_hidden_file_is_not_looked_for_beside_the_others():
    text = "# R\n\n## P2\n\n### 1. Weak secret\n- **Where**: [`src/lib/s.ts`](./src/lib/s.ts) and [`.env.example`](./.env.example)\n"
    assert told(text) == [("P2", "Weak secret", "src/lib/s.ts .env.example")]


def test_a_number_with_a_word_and_a_severity_in_corner_brackets():
    text = "# 报告\n\n## 一、Bug\n\n### Bug-1 【严重】参数类型不匹配\n\n**位置**：`a/S.tsx` 第79行  →  `b/i.ts` 第7-9行、第12行\n\n**现象**：嵌套。\n\n### Bug-2 【低】搜索区分大小写\n\n**位置**：`a/L.tsx`\n\n**现象**：找不到。\n"
    assert told(text) == [
        ("P0", "参数类型不匹配", "a/S.tsx:79 b/i.ts:7-9 b/i.ts:12"),
        ("P2", "搜索区分大小写", "a/L.tsx"),
    ]


def test_a_title_that_is_crossed_out_is_no_finding():
    text = "# R\n\n## 🔴 严重问题\n\n### 4. ~~缺少路由~~ ✅ 已验证存在\n**文件**: `r.ts`\n\n### 5. 限流有缺陷\n**文件**: `l.ts:12-13`\n"
    assert told(text) == [("P0", "限流有缺陷", "l.ts:12-13")]


def test_entries_that_begin_with_nothing_but_their_number():
    text = "# 审计\n\n## 一、缓存\n\n### P0 问题\n- **P0-D1**：`wipe()` 清空整个缓存。\n\n### P1 问题（2 项，重点）\n- **P1-D2**：列表没有排序\n- 超时后不再重试\n\n### 阴性结论 ✓\n- 没有循环依赖\n"
    assert told(text) == [("P0", "`wipe()` 清空整个缓存", ""), ("P1", "列表没有排序", ""), ("P1", "超时后不再重试", "")]


def test_links_into_a_container_are_paths():
    text = "# R\n\n## P0\n\n| # | Issue | File |\n|---|---|---|\n| **P0-D1** | Data is dropped | [M.kt:67](file:///workspace/core/db/M.kt) |\n| **P0-E2** | Backup leaks | [A.xml:11](file:///workspace/app/A.xml) |\n"
    assert told(text) == [("P0", "Data is dropped", "core/db/M.kt:67"), ("P0", "Backup leaks", "app/A.xml:11")]


def test_a_table_of_tasks_with_their_files():
    text = "# R\n\n## P0 - Critical Issues\n\n| Task | File:Line | Status |\n|---|---|---|\n| ~~No limits~~ | `s/limit.rs` | ✅ **FIXED** - bucket |\n| Open origin | `s/http.rs:51-56` | ⚠️ **PARTIAL** - any |\n\n## P2 - Nice to Have\n\n| Task | File:Line | Description |\n|---|---|---|\n| Fixed price | `c.rs:226` | Should be set |\n"
    assert told(text) == [("P0", "Open origin", "s/http.rs:51-56"), ("P2", "Fixed price", "c.rs:226")]


def test_a_summary_by_severity_counts_where_nothing_else_ranks():
    text = "# 审查\n\n## 一、诊断\n\n**问题:**\n1. **渲染混乱** — 全量\n\n## 四、缺陷总结(按严重度)\n\n### 🔴 严重(阻塞新功能)\n\n1. **身份不一致** — 三处\n\n### 🟡 中等(增加维护成本)\n\n2. **样式散落** — 两处\n"
    assert told(text) == [("P0", "身份不一致", ""), ("P2", "样式散落", "")]


def test_the_highest_priority_is_a_section_and_no_finding():
    text = "# 分析\n\n## 问题\n\n### P0-1: 直接依赖\n**位置**: `p/q.go`\n**优先级**: 🔴 **极高** - 架构\n\n## 建议优先级排序\n\n### 🔴 极高优先级（立即开始）\n\n1. **P0-1: 依赖修复**\n   - 文件: `p/q.go`\n"
    assert told(text) == [("P0", "直接依赖", "p/q.go")]


def test_an_entry_that_begins_with_its_file():
    text = "# Review\n\n## Issues Found\n\n### 🔴 HIGH Priority Issues\n\n- **File**: `src/Order.cs`\n  - **Line**: 42\n  - **Issue**: The query is put together from input. Anybody may.\n  - **Impact**: high\n\n### Medium\n\n- [src/mail.ts:12-19] Errors are swallowed\n"
    assert told(text) == [
        ("P1", "The query is put together from input", "src/Order.cs:42"),
        ("P2", "[src/mail.ts:12-19] Errors are swallowed", "src/mail.ts:12-19"),
    ]


def test_lines_under_the_heading_of_a_file_are_its_lines():
    text = "# 审查\n\n### 文件: src/enemy.js\n\n#### 严重问题\n- **[性能]** 第123行: 循环内创建数组\n  - 建议: 移出\n\n#### 一般问题\n- **[风格]** 第15行: 命名不一致\n\n### 文件: src/map.js\n\n#### 警告问题（建议修复）\n\n| 行号 | 问题 | 影响 |\n|---|---|---|\n| 42 | 地图每次重新加载 | 高 |\n"
    assert told(text) == [
        ("P0", "[性能] 第123行: 循环内创建数组", "src/enemy.js:123"),
        ("P2", "[风格] 第15行: 命名不一致", "src/enemy.js:15"),
        ("P1", "地图每次重新加载", "src/map.js:42"),
    ]


def test_lists_and_columns_of_lines():
    text = "# 审查\n\n## 高危问题 (HIGH)\n\n### 3.1 路径未校验\n\n**文件**: `a/mod.rs` 第 180、247、287-290 行\n\n## 中危问题 (MEDIUM)\n\n| # | 文件 | 行号 | 问题 |\n|---|---|---|---|\n| 1 | `http.rs` | 363 | 错误被忽略 |\n| 2 | `ws.rs` | 18,60-65 | 从未使用 |\n\n### 超大文件\n\n| 文件 | 行数 | 问题 |\n|---|---|---|\n| `models.py` | 3950 | 一个模块装了所有类 |\n\n## 五、代码审查 - 低危/质量问题 (LOW)\n\n| # | 模块 | 问题 |\n|---|---|---|\n| 1 | `tm.rs:93` | 参数未使用 |\n"
    assert told(text) == [
        ("P1", "路径未校验", "a/mod.rs:180 a/mod.rs:247 a/mod.rs:287-290"),
        ("P2", "错误被忽略", "http.rs:363"),
        ("P2", "从未使用", "ws.rs:18 ws.rs:60-65"),
        ("P2", "一个模块装了所有类", "models.py"),
        ("P2", "参数未使用", "tm.rs:93"),
    ]


def test_advice_behind_the_findings_is_no_finding():
    text = "# R\n\n## Findings\n\n### ISSUE #1: Missing handler\n**Location**: `a.rs:6`\n**Severity**: CRITICAL\n\n### ISSUE #2: Empty answer\n**Location**: `b.rs:7`\n**Severity**: MEDIUM\n\n## Recommendations\n\n### Remaining (High Priority)\n1. **Implement the handler** in a\n\n### Long-term (Medium Priority)\n1. **Add tests** for b\n\n## 3. Implementation Change Plan\n\n1. **Models**\n   - **File:** `m.rs`\n   - **Priority:** P0\n"
    assert told(text) == [("P0", "Missing handler", "a.rs:6"), ("P2", "Empty answer", "b.rs:7")]


def test_lists_under_labels_go_on_with_the_entry_before():
    text = "# 审计\n\n## 主要发现\n### 高优先级问题\n\n1. `be/.env.example` 含有密钥，不应提交。\n\n证据：\n- [`be/.env.example`](/d:/x/proj/be/.env.example#L7)\n- [`be/.env.example`](/d:/x/proj/be/.env.example#L9)\n\n影响：\n- 污染提交边界。\n\n判断：\n- `影响安全性`\n\n### 低优先级问题\n\n1. 文档中仍有陈旧描述。\n\n证据：\n- [`info/S.md`](/d:/x/proj/info/S.md#L68)\n"
    assert told(text) == [
        ("P1", "`be/.env.example` 含有密钥，不应提交", "be/.env.example:7 be/.env.example:9"),
        ("P2", "文档中仍有陈旧描述", "info/S.md:68"),
    ]


def test_what_needs_no_action_is_no_finding():
    text = "# Scan\n\n## WARNING Findings\n\n### 5. Functions without a check of who calls\n\nThey may lack it.\n\n## INFO Findings\n\n### 7. Raw pages from fixed text (no action needed)\n\nSafe.\n\n### 8. Well-Structured Code Observed\n\n- limits (`rate.ts`)\n"
    assert told(text) == [("P1", "Functions without a check of who calls", "")]


def test_plain_entries_beside_findings_with_headings_sum_them_up():
    text = "# R\n\n## Critical Issues\n\n- Keys leak from the page\n- Refunds run twice\n\n## Details\n\n### [P0] Keys in the page\n**File**: `k.qml:4`\n\n### [P1] Twice refunded\n**File**: `r.ts`\n"
    assert told(text) == [("P0", "Keys in the page", "k.qml:4"), ("P1", "Twice refunded", "r.ts")]


def test_categories_under_a_heading_of_problems_hold_findings():
    text = "# 审查\n\n## 高危问题\n\n| # | 问题 | 位置 |\n|---|---|---|\n| 1 | 接口无鉴权 | `s/auth.ts:24-26` |\n\n## 中危问题\n\n### 认证层\n- 限流未配置\n- 错误回传细节（`s/index.ts`）\n\n### 数据库层\n- 排序列缺索引\n\n## 低危问题\n\n- 日志无限增长\n"
    assert told(text) == [
        ("P1", "接口无鉴权", "s/auth.ts:24-26"),
        ("P2", "限流未配置", ""),
        ("P2", "错误回传细节（`s/index.ts`）", "s/index.ts"),
        ("P2", "排序列缺索引", ""),
        ("P2", "日志无限增长", ""),
    ]


def test_a_pattern_is_no_folder_of_the_files_beside_it():
    text = "# R\n\n## High\n\n### H1. Any file is believed\n- **Location**: `store.go:148-271` (`load()` reads `dir/*.yaml`), `main.go:25`\n- **Risk**: anybody may write there\n"
    assert told(text) == [("P1", "Any file is believed", "store.go:148-271 dir/*.yaml main.go:25")]


def test_folders_in_brackets_and_lines_that_are_about():
    text = "# R\n\n## High Severity\n\n### AA-D-003 Page is not checked\n**Severity:** HIGH\n**File:** app/(shop)/orders.tsx:105-135, 140 (inferred)\n\n### AA-D-004 Filter is lost\n**File**: `chat.ts:~1504-1509`, `run.ts:~7`\n\n> **Status:** open\n\n### AA-D-005 Crash\n**File:** `app/(shop)/a.tsx:3`\n\n> **Status:** Fixed in commit 4a7df33 (2026-04-15)\n"
    assert told(text) == [
        ("P1", "Page is not checked", "app/(shop)/orders.tsx:105-135 app/(shop)/orders.tsx:140"),
        ("P1", "Filter is lost", "chat.ts:1504-1509 run.ts:7"),
    ]


def test_sections_of_findings_by_danger():
    text = "# 审计\n\n## 发现概览\n- 中危：3\n\n## 中危发现\n1. 价格可能溢出\n证据：`c/P.sol` 中先乘后除。\n\n## 低危/提示\n1. 响应校验不完整\n证据：`c/O.sol` 只看一处。\n\n## 中危建议的代码级修复思路\n1. **溢出**\n   - 拆分乘法。\n\n## 3. 问题发现（按优先级排序）\n\n### 高优先级问题\n\n#### 3.1 重复发射\n**位置**: a.qml 第41-52行\n**问题**: 两次\n"
    assert told(text) == [
        ("P2", "价格可能溢出", "c/P.sol"),
        ("P2", "响应校验不完整", "c/O.sol"),
        ("P1", "重复发射", "a.qml:41-52"),
    ]


def test_a_chapter_of_marked_suggestions_with_numbers_of_their_own_holds_the_least_findings():
    text = "# 碼頭\n\n## 1. 🔴 Critical\n\n### CRIT-01｜船票超賣\n\n`sell.rs:3` 沒有鎖。\n\n### CRIT-02｜船期遺失\n\n`plan.rs:5` 沒有寫入。\n\n## 2. 🔵 Suggestions\n\n### SUGG-01｜連線池過小\n\n- `pool.rs:7`: 只有五條\n\n### SUGG-02｜拆開套件\n\n編譯太久。\n"
    assert told(text) == [
        ("P0", "船票超賣", "sell.rs:3"),
        ("P0", "船期遺失", "plan.rs:5"),
        ("P2", "連線池過小", "pool.rs:7"),
        ("P2", "拆開套件", ""),
    ]
    assert [f.label for f in read(text).findings] == ["CRIT-01", "CRIT-02", "SUGG-01", "SUGG-02"]
    advice = text.replace("SUGG-01", "CRIT-01").replace("SUGG-02", "CRIT-02")
    assert [title for _, title, _ in told(advice)] == ["船票超賣", "船期遺失"]


def test_a_file_in_brackets_at_the_beginning_of_a_title_is_its_place():
    text = "# R\n\n## Critical Issues\n\n### 1. [dock/rope.go] Ropes are parsed without a check\n\nIn many functions:\n- Line 61, 83\n- Line 90: the worst\n\n### 2. [gate.go:7, 9] Gate stays open\n\n**Risk:** anybody enters.\n\n### 3. [Many files] Nobody counts\n\n- Line 4 of some\n"
    assert told(text) == [
        ("P0", "Ropes are parsed without a check", "dock/rope.go:61 dock/rope.go:83 dock/rope.go:90"),
        ("P0", "Gate stays open", "gate.go:7 gate.go:9"),
        ("P0", "[Many files] Nobody counts", ""),
    ]


def test_bold_words_with_a_number_and_a_letter_of_severity_are_headings():
    text = "# R\n\nTags: **[C]** Critical · **[H]** High · **[L]** Low.\n\n## Strengths\n\n**S1. Clean layers.** `core/a.py` needs\nnothing.\n\n## Weaknesses\n\n### Correctness\n\n**W1. [C] The tide table is wrong.**\n`tide/table.py:6-9`. It counts twice.\n\n**W2. [H] No register of boats.** `boats/` has none\nyet.\n\n**W3. [L] `eta` and `due` are the same** stored in\n`run.py:7` twice.\n\n## Refactors\n\n**R1. Split the harbour.** Fixes W2.\n"
    assert told(text) == [
        ("P0", "The tide table is wrong", "tide/table.py:6-9"),
        ("P1", "No register of boats", "boats/"),
        ("P2", "`eta` and `due` are the same", "run.py:7"),
    ]


def test_what_a_table_of_ranked_rows_stands_under_is_no_finding():
    text = "# R\n\n## 3. Server\n\n### 3.1 Gate (`dock/gate.rs`)\n\n**Good:**\n- Clean routes\n\n**Issues:**\n\n| # | Severity | File:Line | Issue |\n|---|---|---|---|\n| S1 | **MEDIUM** | `gate.rs:48` | Split on a sign is fragile. |\n| S2 | **CRITICAL** | `gate.rs:49-54` | Gate is open to all. |\n"
    assert told(text) == [
        ("P2", "Split on a sign is fragile", "gate.rs:48"),
        ("P0", "Gate is open to all", "gate.rs:49-54"),
    ]


def test_a_prioritized_plan_is_a_plan_and_a_level_may_have_a_remark():
    text = "# R\n\n## 3. Findings\n\n### F1 — Tide is read twice *(Critical)*\n`tide.ts:13` reads it.\n\n### F2 — Berths are never freed *(Medium — correctness)*\n`berth.ts:7` keeps them.\n\n## 7. Prioritized plan (backend)\n\n**P0 — Reading (ship alone)**\n- **P0-1** Read the tide once. *(`tide.ts:13`)*\n- **P0-2** Add a limit to `/boats`. *(`boats.ts`)*\n\n**P2 — Order**\n- **P2-1** Free berths. *(`berth.ts:7`)*\n"
    assert told(text) == [("P0", "Tide is read twice", "tide.ts:13"), ("P2", "Berths are never freed", "berth.ts:7")]
    assert len(read(text).items) == 3


def test_a_cell_as_long_as_a_paragraph_is_named_by_its_first_sentence():
    long = (
        "**Names of guests on a public page.** Every row of `GET /boats` carries the name. "
        + "Nobody asks who reads. " * 5
    )
    text = f"# R\n\n## Security\n\n| # | Sev | Finding | Evidence |\n|---|---|---|---|\n| S1 | **High** | {long} | `boats.ts:4` |\n| S2 | Low | Keys lie about | `k.ts:2` |\n"
    assert told(text) == [("P1", "Names of guests on a public page", "boats.ts:4"), ("P2", "Keys lie about", "k.ts:2")]
    assert "Nobody asks" in read(text).findings[0].problem


def test_what_stands_first_before_a_description_names_the_row():
    text = "# R\n\n## Missing\n\n| API needed | Endpoint | Description | Priority | Reason |\n|---|---|---|---|---|\n| List of boats | `GET /boats` | Paged list | HIGH | None yet |\n| Ban a boat | `POST /ban` | Keep out | LOW | Rare |\n"
    assert [(p, title) for p, title, _ in told(text)] == [("P1", "List of boats"), ("P2", "Ban a boat")]
    sorts = text.replace("API needed", "Category")
    assert [(p, title) for p, title, _ in told(sorts)] == [("P1", "Paged list"), ("P2", "Keep out")]


def test_a_severity_may_say_that_the_problem_is_new():
    text = "# 审查\n\n## 一、P0 严重\n\n### 1. 船票超卖\n`sell.js:3` 没有锁。\n\n## 六、补充发现\n\n### P1 新增：船期未做隔离（越权读）\n`plan.js:5` 只按 id 查询。\n\n**影响**：任何人可读。\n"
    assert told(text) == [("P0", "船票超卖", "sell.js:3"), ("P1", "船期未做隔离（越权读）", "plan.js:5")]
