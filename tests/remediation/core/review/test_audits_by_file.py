"""Audits that go file by file, advice that alone carries ranks, and marks that are not all said in words."""

from remediation.core.review import parse
from remediation.core.types import Review

HEAD = "| Issue | Severity | Detail |\n|---|---|---|\n"


def read(text: str) -> Review:
    return parse(text, redact=str)


def told(text: str) -> list[tuple[str, str, str]]:
    """Priority, title and places of each finding."""
    places = [" ".join(f"{p.path}:{p.line}" if p.line else p.path for p in f.places) for f in read(text).findings]
    return [(f.priority.value, f.title, where) for f, where in zip(read(text).findings, places, strict=True)]


def audit(name: str, rank: str, verdict: str, *rows: str) -> str:
    return f"### `{name}` — Priority: {rank}\n\n**{verdict}**\n\n**Issues:**\n{HEAD}" + "\n".join(rows) + "\n\n"


BERTHS = audit(
    "quay/berths.go", "P1", "Keep, but mend it.", "| Stale import | CRITICAL | old module |", "| Shouts | LOW | logs |"
)
TIDES = audit(
    "quay/tides.go",
    "P1",
    "Sound.",
    "| Stale import | HIGH | also in `quay/moon.go` |",
    "| Tide is a guess | HIGH | by hand |",
)


def test_rows_under_the_heading_of_a_file_are_findings_of_that_file():
    assert told(f"# R\n\n## File by file\n\n{BERTHS}{TIDES}") == [
        ("P0", "Stale import", "quay/berths.go"),
        ("P2", "Shouts", "quay/berths.go"),
        ("P1", "Stale import", "quay/tides.go quay/moon.go"),
        ("P1", "Tide is a guess", "quay/tides.go"),
    ]


def test_a_file_of_which_only_words_are_said_is_a_finding_by_itself():
    lamp = "### 2.3 `quay/lamp.go` — Priority: P0 DELETE\n\n**Verdict: nothing lights it.**\n\n- Never called\n- No test\n\n"
    found = told(f"# R\n\n## 2. File by file\n\n{BERTHS}{lamp}{TIDES}")
    assert [(rank, where) for rank, title, where in found if title.startswith("`quay/lamp.go`")] == [
        ("P0", "quay/lamp.go")
    ]
    assert len(found) == 5


def test_what_a_column_of_severity_calls_otherwise_has_not_that_of_the_heading():
    odd = audit(
        "quay/berths.go", "P0", "Mend it.", "| Stale import | HIGH | x |", "| A test helper | IRONIC | no test |"
    )
    assert told(f"# R\n\n## File by file\n\n{odd}") == [("P1", "Stale import", "quay/berths.go")]


def test_a_table_of_what_to_do_behind_what_is_wrong_is_the_plan():
    matrix = (
        "## Priority Matrix\n\n### P0 — first\n\n| # | Issue | File(s) |\n|---|---|---|\n"
        "| 1 | Fix every import | All |\n| 2 | Add a gauge for the tide | `tides.go` |\n"
    )
    review = read(f"# R\n\n## File by file\n\n{BERTHS}{TIDES}{matrix}")
    assert len(review.findings) == 4
    assert [(item.title, item.priority) for item in review.items] == [
        ("Fix every import", "P0"),
        ("Add a gauge for the tide", "P0"),
    ]


def test_a_table_of_what_to_do_where_nothing_else_is_told_is_one_of_findings():
    text = "# R\n\n## P1\n\n| # | Issue | File |\n|---|---|---|\n| 1 | Fix every import | `a.go` |\n| 2 | Add a gauge | `b.go` |\n"
    assert told(text) == [("P1", "Fix every import", "a.go"), ("P1", "Add a gauge", "b.go")]


def test_the_heading_of_the_fix_may_say_how_urgent_it_is():
    text = (
        "# R\n\n## 1. Three tide tables\n\nThey differ.\n\n### Impact\n\n- Ships run aground\n\n"
        "### Recommendation: **P0 — DELETE two of them**\n\n**Files to DELETE:**\n- `a/one.go` (the old one)\n- `a/two.go` (the copy)\n\n"
        "## 2. Gates\n\nFine.\n"
    )
    assert [(rank, title) for rank, title, _ in told(text)] == [("P0", "Three tide tables")]


def test_few_findings_and_much_ranked_advice_are_all_findings():
    advice = "## \ufffd\ufffd Recommendations\n\n### 🔴 Critical Priority\n\n1. **Add a gauge (Est: 2 days)**\n   - Measure it\n\n2. **Split the quay (Est: 2 days)**\n   - Two halves\n\n### \ufffd\ufffd Medium Priority\n\n3. **Rename the crane (Est: 1 day)**\n   - One name\n"
    alarm = "### ❌ Alarms (Score: 0/5) - **CRITICAL ISSUE**\n\n**Finding:**\nNone rings.\n\n**Impact:**\n- ❌ Nobody wakes\n\n**CRITICAL RECOMMENDATION:**\n\nHang one up:\n\n```go\n// bell/ring.go\n```\n\n"
    assert told(f"# R\n\n## Quality\n\n{alarm}{advice}") == [
        ("P0", "Alarms (Score: 0/5)", ""),
        ("P0", "Add a gauge", ""),
        ("P0", "Split the quay", ""),
        ("P2", "Rename the crane", ""),
    ]


def test_advice_gives_its_rank_to_what_was_told_without_one_and_a_bare_folder_is_a_place():
    text = (
        "# R\n\n## 1. Speed\n\n### 1. Missing tide cache\n\n**Location**: `tide/read.py`\n\n**Issue**: read each time\n\n"
        "## 2. Recommendations by Priority\n\n### 🔴 Critical\n\n1. **Missing tide cache added**\n   - Impact: faster\n\n"
        "### 🔵 Low Priority\n\n2. **Nightly runs**\n   - .berth/runs/\n   - Each night\n"
    )
    assert told(text) == [("P0", "Missing tide cache", "tide/read.py"), ("P2", "Nightly runs", ".berth/runs/")]


def test_marks_rank_headings_though_some_say_so_in_words_and_yellow_is_less_where_green_is_minor():
    heads = ["🔴 CRITICAL: The gate opens by itself", "🟡 The tide is a guess", "🟡 No gauge", "🟡 The crane squeaks"]
    text = "# R\n\n## ⚠️ The Issues\n\n" + "".join(
        f"### {i}. {head}\n\n**Missing:**\n\n- a\n\n" for i, head in enumerate(heads, 1)
    )
    assert [rank for rank, *_ in told(f"{text}### 5. 🟢 Moss on the stones\n\n**Missing:**\n\n- a\n")] == [
        "P0",
        "P1",
        "P1",
        "P1",
        "P2",
    ]
    assert [rank for rank, *_ in told(f"{text}### 5. 🟢 Minor: Moss\n\n**Missing:**\n\n- a\n")] == [
        "P0",
        "P2",
        "P2",
        "P2",
        "P2",
    ]


def test_an_appendix_by_line_does_not_take_the_place_of_what_it_says_again():
    heads = "".join(
        f"### 1.{i} {title}\n\n**Severity**: 🔴 **CRITICAL**\n\n**Issues Found**:\n\n"
        + "".join(f"{n}. **{name}** (`{path}:{n}`)\n   - bad\n" for n, name, path in rows)
        + "\n"
        for i, (title, rows) in enumerate(
            [
                (
                    "Keys under the mat",
                    [(3, "Gate key", "gate.yaml"), (4, "Crane key", "crane.yaml"), (5, "Shed key", "shed.yaml")],
                ),
                (
                    "Open by default",
                    [(6, "Gate open", "gate.yaml"), (7, "Crane open", "crane.yaml"), (8, "Shed open", "shed.yaml")],
                ),
            ],
            1,
        )
    )
    rows = "".join(
        f"| `{path}.yaml` | {text} | 🔴 Critical | {line} |\n"
        for line, path, text in [
            (3, "gate", "Iron key"),
            (4, "crane", "Copper key"),
            (5, "shed", "Wooden key"),
            (6, "gate", "Ajar"),
            (7, "crane", "Loose"),
            (8, "shed", "Wide"),
        ]
    )
    text = f"# R\n\n## Executive Summary\n\n- **Critical Issues**: 6\n- **High Priority Issues**: 0\n\n## 1. CRITICAL\n\n{heads}## Appendix A: By file\n\n| File | Issue | Severity | Line |\n|---|---|---|---|\n{rows}"
    assert [title for _, title, _ in told(text)] == ["Keys under the mat", "Open by default"]


def test_versions_beside_the_latest_are_no_findings():
    text = "# R\n\n## Dependency risks\n\n| Dependency | Current | Latest | Risk Level | Notes |\n|---|---|---|---|---|\n| rope | managed | managed | Low | fine |\n| mast | frozen | 4.1 | Low | fine |\n"
    assert told(text) == []


def test_a_row_is_the_entry_of_its_very_lines():
    text = (
        "# 审查\n\n## 一、并发\n\n**不足**：\n\n1. **共享表竞态**（❌ 严重问题）\n   - `quay/berth.go:7-9` 未加锁\n\n"
        "## 二、汇总\n\n### ❌ 严重问题\n\n| 序号 | 问题 | 位置 | 影响 |\n|---|---|---|---|\n"
        "| 1 | 并发写 map | `quay/berth.go:7-9` | 崩溃 |\n| 2 | 密码写错 | `quay/gate.go:4` | 失败 |\n"
    )
    assert [title for _, title, _ in told(text)] == ["共享表竞态", "密码写错"]


def test_key_problems_below_a_rank_keep_it_and_green_for_what_is_ready_is_none():
    text = (
        "# 审查\n\n## 🔴 CRITICAL 优先级\n\n### 1. 泊位\n\n#### 问题 1: 门自己开 (CRITICAL)\n\n**问题：** 无锁\n\n"
        "## 🟡 HIGH 优先级\n\n### 2. 起重机\n\n#### 关键技术问题\n\n##### 问题 1: 绳子太旧\n\n**问题：** 会断\n\n##### 问题 2: 没有刹车\n\n**问题：** 停不下\n\n"
        "## 🟢 可用于生产的部分\n\n### 3. 灯塔 - 接近完成\n\n**状态：** 很好\n\n#### 说明\n\n每晚都亮。\n"
    )
    assert [(rank, title) for rank, title, _ in told(text)] == [
        ("P0", "门自己开"),
        ("P1", "绳子太旧"),
        ("P1", "没有刹车"),
    ]
