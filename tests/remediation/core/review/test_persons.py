"""Reviews as persons with habits of their own write them: by mail, in tables of fields, with ranks in front of prose."""

from remediation.core.review import parse
from remediation.core.types import Place


def read(text: str) -> list[tuple[str, str, tuple[Place, ...]]]:
    return [(f.priority, f.title, f.places) for f in parse(text, redact=str).findings]


def test_a_table_of_fields_rates_and_places_a_finding():
    text = (
        "# Due diligence\n\n## Quays\n\n#### F-01 Boats are told twice\n\n| | |\n|---|---|\n| **Rating** | **Critical** |\n"
        "| **Where** | `quay/Berth.java:61-70` |\n| **Effort** | 2 days |\n\n**Observation.** Twice.\n\n"
        "#### F-02 Gates stay open\n\n| | |\n|---|---|\n| **Rating** | Low |\n| **Where** | `gate.java` |\n\nAll night.\n\n"
        "## Recommendations\n\n| # | Recommendation | Addresses | Priority | Effort |\n|---|---|---|---|---|\n"
        "| R1 | Tell each boat once | F-01 | Critical | 2 d |\n"
    )
    assert read(text) == [
        ("P0", "Boats are told twice", (Place("quay/Berth.java", 61, 70),)),
        ("P2", "Gates stay open", (Place("gate.java"),)),
    ]


def test_how_far_a_finding_is_may_stand_behind_its_severity():
    text = (
        "# Rolling review\n\n## crane\n\n### QY-4 · Two cranes lead for a while · P0 · IN PROGRESS (Ines)\n\n`crane/lead.rs:44`\n\n"
        "### QY-5 · ~~Ropes are short~~ · ~~P1~~ · DONE (#12)\n\n`rope.rs:3`\n\n### QY-6 · No names · P2 · NEW\n\n`name.rs:8`\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [("P0", "Two cranes lead for a while"), ("P2", "No names")]


def test_a_number_and_a_severity_in_bold_begin_a_finding_told_in_prose():
    text = (
        "# A reading\n\n## ADR-0031: Berths are told by events\n\nIt was right.\n\n"
        "**Objection 1 (major).** Streams are not\nshort, see `berth/load.rs:4-9`. Take out the pings.\n\n"
        "**Objection 2 (blocking).** Nothing checks the order. `berth/pg.rs:18` does not.\n"
    )
    assert read(text) == [
        ("P1", "Streams are not short, see `berth/load.rs:4-9`", (Place("berth/load.rs", 4, 9),)),
        ("P0", "Nothing checks the order", (Place("berth/pg.rs", 18),)),
    ]


def test_paragraphs_of_a_mail_begin_with_their_severity_and_its_last_list_says_it_again():
    text = (
        "# Thread: reading the harbour\n\n**From:** Obi\n\n[P0] Nothing is synced. `wal/write.rs:20` warns.\n\n"
        "[P2] Names are long.\n`wal/name.rs:3`. One line.\n\n---\n\n**From:** Ines\n\nWhat is to be done.\n\nP0 (June):\n\n- [ ] sync (Obi)\n\n"
        "Open questions:\n\n1. Do we tell the pilots?\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [("P0", "Nothing is synced"), ("P2", "Names are long")]


def test_a_mark_may_stand_behind_what_the_heading_counts():
    text = (
        "# 火焰圖筆記\n\n## 一、碼頭\n\n### 塔 1-1 🔴 每艘船都重算一次（38%）\n\n`quay/ship.rs:7-9`。很慢。\n\n"
        "### 塔 1-2 🟠 纜繩每次重編\n\n`rope.rs:4`。\n\n### 塔 1-3 ⚪ 預設配置器很慢\n\n`a.rs:1`。\n"
    )
    assert read(text) == [
        ("P0", "每艘船都重算一次（38%）", (Place("quay/ship.rs", 7, 9),)),
        ("P1", "纜繩每次重編", (Place("rope.rs", 4),)),
        ("P2", "預設配置器很慢", (Place("a.rs", 1),)),
    ]


def test_remarks_on_operations_are_findings_where_they_have_a_severity():
    text = (
        "# API\n\n## Berths\n\n| Op | Sev | Remark | Where | Fix |\n|---|---|---|---|---|\n"
        "| `GET /berths` | Major | Pages skip rows | `berth/List.kt:28` | Cursor |\n"
        "| `GET /berths/{id}` | – | | `berth/Get.kt` | |\n"
        "| `DELETE /berths/{id}` | Blocker | Boats go with it | `berth/Delete.kt:12` | 409 |\n"
    )
    assert read(text) == [
        ("P1", "Pages skip rows", (Place("berth/List.kt", 28),)),
        ("P0", "Boats go with it", (Place("berth/Delete.kt", 12),)),
    ]


def test_folds_are_headings_with_a_severity_in_front_of_their_number():
    text = (
        "# Gate\n\n## Area: Quays\n\n<details>\n<summary><b>BLOCKER</b> · QY-9 · The second <code>tab</code> wins</summary>\n\n"
        "- Code: `quay/views.py:14-16`\n\n</details>\n\n<details>\n<summary><b>MINOR</b> · QY-8 · Two blues</summary>\n\n"
        "- Code: `quay/blue.css:3`\n\n</details>\n"
    )
    assert read(text) == [
        ("P0", "The second `tab` wins", (Place("quay/views.py", 14, 16),)),
        ("P2", "Two blues", (Place("quay/blue.css", 3),)),
    ]


def test_a_grade_may_follow_its_label_without_a_space():
    text = "# 纪要\n\n## 贰、码头\n\n### 一、扣减扣成负数\n\n定级:严重\n位置:`quay/Stock.java` 第 8-9 行\n\n锁太短。\n"
    assert read(text) == [("P0", "扣减扣成负数", (Place("quay/Stock.java", 8, 9),))]


def test_that_a_severity_may_wait_is_no_plan():
    text = (
        "# 评审\n\n## 一、P0（本周必须）\n\n### 1. 没有限流\n\n位置：`a.rs:3`\n\n太快。\n\n## 二、P2（可排期）\n\n"
        "| 序号 | 问题 | 位置 | 影响 | 工作量 |\n|---|---|---|---|---|\n| 2 | 日志太长 | `log.rs:9` | 磁盘 | 1d |\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [("P0", "没有限流"), ("P2", "日志太长")]


def test_a_paragraph_without_an_end_is_told_as_far_as_a_title_goes():
    text = (
        "# Mail\n\n[P0] "
        + "the boats drift " * 30
        + "`a.rs:3`\n\n[P1] Dark.\n\n[P2] Names are odd, e.g. of ropes. Long.\n"
    )
    titles = [title for _, title, _ in read(text)]
    assert (titles[0][:32], len(titles[0])) == ("the boats drift the boats drift ", 300)
    assert titles[1:] == ["Dark", "Names are odd, e.g. of ropes"]


def test_what_is_there_beside_what_lacks_is_still_a_finding():
    text = "# R\n\n## High\n\n#### 1. Signatures\n\n**File**: `a.ts`\n\n✅ Already implemented: the header\n❌ Missing: the time\n"
    assert [title for _, title, _ in read(text)] == ["Signatures"]


def test_of_a_list_that_sums_up_what_is_left_is_told_once():
    told = ["Boats collide at night", "Cranes swing in storms", "Ropes are never changed"]
    text = "# R\n\n## Critical\n\n" + "".join(f"### {i}. {t}\n\n`a{i}.go:3`\n\n" for i, t in enumerate(told, 1))
    text += "## 🚨 Blockers\n\n" + "".join(f"{i}. 🔴 **{t}** - mend\n" for i, t in enumerate([*told, "Buoys"], 1))
    report = parse(text, redact=str)
    assert [(one.line, one.message) for one in report.notices if "list" in one.message] == [
        (22, "This list sums up what was told before; of its entries not taken as findings: 1")
    ]
    assert len(report.findings) == 3


def test_a_label_announces_a_plan_until_the_next_one():
    text = (
        "# R\n\n## High\n\n### 1. Boats leak\n\n`hull.go:3`\n\n### 2. Lamps are dark\n\n`lamp.go:4`\n\n## Notes\n\n"
        "Priority recommendations:\n\n1. **Mend the hull** today\n\nWho was asked:\n\n1. **The pilot** of the second boat\n"
    )
    assert [one.title for one in parse(text, redact=str).items] == ["Mend the hull today"]
