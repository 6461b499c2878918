"""Ways of writing that were met in reviews by other hands: legends, series, cited numbers, letters, dates in passing."""

from datetime import date
from decimal import Decimal

import pytest

from findings.core.types import Priority
from remediation.core.review import parse
from remediation.core.review.schedule import effort_aside, effort_of, only_effort
from remediation.core.types import Effort, Place, Review


def read(text: str) -> Review:
    return parse(text, redact=str)


def finding(title: str, body: str = "**Location**: `a/b.py:3`\n\n**Impact**: nights are short.") -> str:
    return f"# R\n\n## P1 problems\n\n### {title}\n\n{body}\n"


@pytest.mark.parametrize(
    "title",
    [
        "1. Background worker crashes on deploy",
        "2. Kafka backlog grows without bound",
        "3. Cost table is read for each request",
        "4. Schedule job runs twice",
        "5. Highlights cache is stale",
        "6. 库存放在临时目录",
        "OPS-1: Today's batch blocks tomorrow's",
    ],
)
def test_a_title_that_speaks_of_plans_costs_or_praise_is_a_problem_all_the_same(title):
    assert [f.priority for f in read(finding(title)).findings] == [Priority.P1]


def test_praise_with_a_tick_stays_praise():
    assert read(finding("✅ 3. TLS is enforced")).findings == ()


def test_a_legend_gives_words_the_priorities_of_the_report():
    text = "# R\n\n| 等级 | 说明 |\n|---|---|\n| 高危 | 资损，对应 P0 |\n| 中危 | 故障，对应 P1 |\n\n## 高危问题\n\n### 1. 口令泄漏\n\n位置：`a.yaml:3`\n"
    assert [f.priority for f in read(text).findings] == [Priority.P0]


def test_one_line_is_no_legend():
    text = "# R\n\nHigh: P0 was asked for once.\n\n## High\n\n### 1. Leak\n\n**Location**: `a.yaml:3`\n"
    assert [f.priority for f in read(text).findings] == [Priority.P1]


def test_numbers_of_a_series_are_labels_and_names_of_things_are_not():
    text = "# R\n\n## High\n\n### YF-01 Leak\n\n**Location**: `a.yaml:3`\n\n### YF-02 Lock\n\n**Location**: `b.yaml:3`\n\n### SHA-1 in use\n\n**Location**: `c.yaml:3`\n"
    assert [(f.label, f.title) for f in read(text).findings] == [
        ("YF-01", "Leak"),
        ("YF-02", "Lock"),
        ("", "SHA-1 in use"),
    ]


def test_what_must_be_fixed_needs_no_other_word():
    text = "# R\n\n### Must fix before anything else\n\n1. **Leak**\n   - in `a.py` around line 31\n\n### Nice to have\n\n2. **Long file**: all over\n"
    assert [(f.priority, f.title, f.places) for f in read(text).findings] == [
        (Priority.P0, "Leak", (Place("a.py", 31),)),
        (Priority.P2, "Long file", ()),
    ]


def test_informational_rows_are_said_not_to_be_taken():
    text = finding(
        "F-08 Logs are kept for a year", "| | |\n|---|---|\n| **Severity** | Info |\n| **Location** | `a.yaml` |\n"
    )
    review = read(text.replace("## P1 problems", "## Findings"))
    assert review.findings == ()
    assert [(n.line, "remark" in n.message) for n in review.notices if n.line > 1] == [(5, True)]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("`a/b.rs` (lines 18, 44)", [(18, 0), (44, 0)]),
        ("`a/b.rs` lines 12, 90 and 133", [(12, 0), (90, 0), (133, 0)]),
        ("`a/b.rs` 第 7 行、第 29-31 行", [(7, 0), (29, 31)]),
        ("`a/b.rs` was suspended (line 6: `x`)", [(6, 0)]),
        ("`a/b.rs` line 18, 3 hours of work", [(18, 0)]),
        ("`a/b.rs:12`, 3 people", [(12, 0)]),
    ],
)
def test_several_lines_of_a_file_are_several_places(said, lines):
    (one,) = read(finding("1. Leak", f"**Location**: {said}")).findings
    assert one.places == tuple(Place("a/b.rs", line, end) for line, end in lines)


def test_a_bare_name_beside_files_of_two_folders_stays_bare():
    (one,) = read(
        finding("1. Three ways", "**Location**: `build/Dockerfile`, `app/Dockerfile`, `Makefile:40`")
    ).findings
    assert one.places[-1] == Place("Makefile", 40)


def test_labels_in_italics_are_labels():
    (one,) = read(finding("1. Leak", "*Where*: `infra/base/`\n\n*Effort*: 3 hours")).findings
    assert (one.places, one.effort) == ((Place("infra/base/"),), Effort(Decimal(3), Decimal(3)))


PLAN = """\
# R

## Findings

### 4.1 [MAJOR] Passwords in the overlay

**Location**: `a.yaml:3`

### 4.2 [MAJOR] Open to the world

**Location**: `b.xml:9`

## Order of work

Phase 1 (week 1):

- [ ] Close the port (4.2), 2 hours

Phase 2 (weeks 2-3):

- [x] New ones (4.1)
"""


def test_an_item_settles_the_finding_whose_number_it_cites_in_the_phase_above_it():
    review = read(PLAN)
    titles = {f.anchor: f.title for f in review.findings}
    assert [(i.title, i.phase, i.ticked, [titles[a] for a in i.findings]) for i in review.items] == [
        ("Close the port (4.2)", "Phase 1", False, ["Open to the world"]),
        ("New ones (4.1)", "Phase 2", True, ["Passwords in the overlay"]),
    ]
    assert review.items[0].effort == Effort(Decimal(2), Decimal(2))
    assert [(p.starts, p.days) for p in review.phases] == [(0, 7), (7, 14)]


def test_entries_that_cite_findings_are_the_plan_whatever_their_heading_says():
    text = finding("P1-DB-001: Slow sync") + "\n## Do these first (P1)\n\n1. Speed it up (P1-DB-001)\n"
    review = read(text)
    assert [f.title for f in review.findings] == ["Slow sync"]
    assert [(i.title, i.findings) for i in review.items] == [("Speed it up (P1-DB-001)", ("p1-db-001",))]


def test_what_is_left_over_on_both_sides_belongs_together():
    text = (
        finding("1. 支付回调未做幂等", "位置：`a/b.java:64`\n\n修复：以渠道流水号建唯一索引")
        + "\n## 行动计划\n\n- [ ] 支付回调增加唯一索引\n- [ ] 招聘\n"
    )
    assert [len(i.findings) for i in read(text).items] == [1, 0]


def test_a_row_of_the_plan_that_is_done_is_a_claim():
    text = "# R\n\n## Action plan\n\n| Priority | Action | Status |\n|---|---|---|\n| P0 | Rotate | done |\n| P0 | Close | not done |\n"
    assert [i.ticked for i in read(text).items] == [True, False]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("| | |\n|---|---|\n| Date | 2026-02-09 |", date(2026, 2, 9)),
        ("*By P. Raman · 27 May 2026 · draft 3*", date(2026, 5, 27)),
        ("> 评审人：周启明　　评审日期：2026 年 3 月 18 日　　代码版本：3.8", date(2026, 3, 18)),
        ("Next review date: 2027-01-01", None),
    ],
)
def test_the_date_of_the_review_is_found_at_its_head(head, expected):
    assert read(f"# R\n\n{head}\n").reviewed == expected


@pytest.mark.parametrize(
    ("text", "hours"),
    [("English and Greek. Choose one. 1 hour.", 1), ("a day", 8), ("one and a half", None), ("half a day", 4)],
)
def test_and_is_no_day(text, hours):
    found = effort_of(text)
    assert (found and found.high) == (Decimal(hours) if hours else None)


def test_effort_behind_a_comma_or_alone_in_a_sentence():
    assert effort_aside("Split the service, 2 days") == ("Split the service", Effort(Decimal(16), Decimal(16)))
    assert effort_aside("Move it, then wait for 2 hours of silence")[1] is None
    assert only_effort("预计工期：1 天") == Effort(Decimal(8), Decimal(8))
    assert only_effort("an outage of 2 hours") is None


def test_a_table_whose_cells_say_a_month_tells_costs():
    text = "# R\n\n## Money\n\n| What | Now | Could be |\n|---|---|---|\n| Nodes | €640/month | €480/month |\n| Logs | €310/month | €90/month |\n"
    assert [(t.role, t.total, t.currency) for t in read(text).costs] == [
        ("baseline", 950, "EUR"),
        ("target", 570, "EUR"),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [("55-72", [(55, 72)]), ("第 101 行", [(101, 0)]), ("33、48", [(33, 0), (48, 0)]), ("all over", [(0, 0)])],
)
def test_lines_under_a_label_of_their_own_belong_to_the_file_above(lines, expected):
    (one,) = read(finding("1. Leak", f"- **File**: `a/b.go`\n- **Lines**: {lines}\n")).findings
    assert one.places == tuple(Place("a/b.go", line, end) for line, end in expected)


def test_yellow_is_less_than_orange_where_a_report_has_both():
    table = "# R\n\n| Nr | Area | Finding | Pri | File (line) | Est. |\n|---|---|---|---|---|---|\n| 1 | Auth | Static key | {} | `in/auth.go` (14) | 2d |\n"
    (alone,) = read(table.format("🟡")).findings
    (beside,) = read(table.format("🟡") + "\nOrange 🟠 is for another day.\n").findings
    assert (alone.priority, beside.priority) == (Priority.P1, Priority.P2)
    assert (alone.places, alone.effort) == ((Place("in/auth.go", 14),), Effort(Decimal(16), Decimal(16)))


def test_an_entry_of_several_topics_settles_each_of_them_and_a_row_says_when_in_two_cells():
    text = (
        finding("1. 渠道超时未设置", "**文件**：`a/b.go:3`\n\n**问题**：无限等待")
        + "\n### 2. 路由更新存在竞态\n\n**文件**：`a/c.go:3`\n\n**问题**：未加锁\n"
        + "\n## 整改计划\n\n| 阶段 | 时间 | 内容 |\n|---|---|---|\n| 第二阶段 | 第 2-3 周 | 渠道超时、路由更新竞态 |\n"
    )
    review = read(text)
    assert [i.findings for i in review.items] == [tuple(f.anchor for f in review.findings)]
    assert [(p.starts, p.days) for p in review.phases] == [(7, 14)]


def test_bold_words_that_begin_a_paragraph_are_a_heading_where_they_count():
    text = "# R\n\n## B. Fix this month (P1)\n\n**B1. The page is slow.** `a/home.py#L30-L88` loads one by one. 4 hours.\n\n**B2. It blocks.** `a/resize.py:17`.\n\n## Not a problem\n\n**N1. The model.** Sound: `a/perm.py`.\n"
    assert [(f.priority, f.title, f.places) for f in read(text).findings] == [
        (Priority.P1, "The page is slow", (Place("a/home.py", 30, 88),)),
        (Priority.P1, "It blocks", (Place("a/resize.py", 17),)),
    ]


def test_lines_numbered_in_brackets_with_labels_under_them_are_findings():
    text = "# R\n\n## 一、必须整改\n\n（一）没有限流\n位置：`a.lua` 第 20 行\n措施：限流。\n\n（二）条码重复\n位置：`b/c.go:41-55`\n"
    assert [(f.priority, f.title, f.fix) for f in read(text).findings] == [
        (Priority.P0, "没有限流", "限流。"),
        (Priority.P0, "条码重复", ""),
    ]
