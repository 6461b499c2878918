"""Reports that go part by part: a heading over several findings is none of them, and what is told twice is one."""

import pytest

from remediation.core.review import blocks, groups, parse
from remediation.core.types import Place


def read(text: str) -> list[tuple[str, str, tuple[Place, ...]]]:
    return [(f.priority, f.title, f.places) for f in parse(text, redact=str).findings]


def test_traffic_lights_by_name_rate_findings_and_green_is_none():
    text = (
        "# Harbour audit\n\n## Area 1: Safety — YELLOW\n\n"
        "**F1.1 — The crane moves while the gate is open** (RED)\n- **File:** `crane/move.go:18`\n\n"
        "**F1.2 — Doors are locked at night** (GREEN)\n- `doors/lock.go:4` does it.\n\n"
        "**F1.3 — The log has no clock** (YELLOW, mild)\n- **File:** `log/line.go:7`\n"
    )
    assert read(text) == [
        ("P0", "The crane moves while the gate is open", (Place("crane/move.go", 18),)),
        ("P1", "The log has no clock", (Place("log/line.go", 7),)),
    ]


def test_one_colour_name_in_brackets_is_no_light():
    text = "# R\n\n## High\n\n### 1. The buoy (RED) blinks twice\n\n**File:** `buoy.py:3`\n"
    assert read(text) == [("P1", "The buoy (RED) blinks twice", (Place("buoy.py", 3),))]


def test_a_colour_in_the_midst_of_a_title_is_a_colour_though_there_are_two():
    text = (
        "# R\n\n## High\n\n### 1. The buoy (RED) sinks\n\n`buoy.py:3`\n\n### 2. The buoy (GREEN) sinks\n\n`buoy.py:9`\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [
        ("P1", "The buoy (RED) sinks"),
        ("P1", "The buoy (GREEN) sinks"),
    ]


def test_a_light_in_square_brackets_stands_before_its_finding():
    text = "# R\n\n## Findings\n\n- **[RED]** `buoy.py:3` — sinks\n- **[YELLOW]** `rope.py:4` — tears\n"
    assert [(p, places) for p, _, places in read(text)] == [
        ("P0", (Place("buoy.py", 3),)),
        ("P1", (Place("rope.py", 4),)),
    ]


def test_numbered_sentences_in_bold_are_findings_under_a_severity():
    text = (
        "## Notes on the pier — findings\n\n### P2 nits\n\n"
        "**1. pier.rs:40 — `now` is asked twice in a loop, and the second answer is another one by then.**\n\n"
        "**2. pier.rs:51 — the deadline of a plan is told in hours here and in minutes everywhere else.**\n"
    )
    assert [(p, places) for p, _, places in read(text)] == [
        ("P2", (Place("pier.rs", 40),)),
        ("P2", (Place("pier.rs", 51),)),
    ]


def test_a_code_in_bold_with_a_colon_stands_before_the_title():
    text = (
        "# R\n\n## 3. Build\n\n**🔴 FINDING P0-4:** The build goes on after an error\n\n`ci/build.yml` ignores it.\n\n"
        "**🟠 P1:** The key is never changed\n\n`ops/key.sh` makes one.\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [
        ("P0", "The build goes on after an error"),
        ("P1", "The key is never changed"),
    ]


def test_a_label_and_its_value_may_be_bold_together():
    text = "# R\n\n## Critical issues\n\n#### 1.1 **The ferry waits for itself**\n**Severity: MEDIUM**\n\nSee `ferry/wait.py:9`.\n"
    assert read(text) == [("P2", "The ferry waits for itself", (Place("ferry/wait.py", 9),))]


def test_a_heading_that_counts_its_entries_is_their_topic():
    text = (
        "# R\n\n## P2\n\n### Storage (2)\n\n- Closing twice fails (`db/close.ts:5`)\n- Rows are read without a check\n"
    )
    assert [title for _, title, _ in read(text)] == [
        "Closing twice fails (`db/close.ts:5`)",
        "Rows are read without a check",
    ]


@pytest.mark.parametrize(
    ("told", "there", "counts"), [(6, 6, True), (7, 6, True), (6, 7, True), (8, 6, False), (4, 5, False), (5, 4, False)]
)
def test_who_counts_more_than_a_handful_may_be_one_wrong(told: int, there: int, counts: bool):
    entries = "".join(f"- The crane of quay {n} is never greased\n" for n in range(there))
    document = blocks.read(f"# R\n\n## Yard ({told} items)\n\n{entries}")
    (yard,) = (section for section in document.root.walk() if section.title.startswith("Yard"))
    assert groups.counted(yard) is counts


def test_a_heading_that_counts_places_is_one_finding():
    text = "# R\n\n## P2\n\n### Unused helper (2)\n\n- `db/close.ts:5`\n- `db/open.ts:6`\n"
    assert [title for _, title, _ in read(text)] == ["Unused helper (2)"]


def test_a_part_whose_problems_stand_in_a_table_is_no_finding():
    table = "| # | Problem | Severity | File:Line | Details |\n|---|---|---|---|---|\n"
    text = (
        "# R\n\n## Parts\n\n### 1.1 Tickets\n\n**Files:** `ticket/`\n\n#### Problems found\n\n"
        f"{table}| 1 | **No owner is asked for** | HIGH | `TicketService.java:4` | anybody may |\n"
        "| 2 | **Codes are short** | LOW | `TicketCode.java:8` | eight letters |\n\n"
        "#### Bug 1 — No owner is asked for\n\nAnybody may.\n\n"
        f"### 1.2 Seats\n\n**Files:** `seat/`\n\n#### Problems found\n\n"
        f"{table}| 1 | **No owner is asked for** | HIGH | `SeatService.java:7` | anybody may |\n"
        "| 2 | **Two may sit on one** | CRITICAL | `SeatService.java:9` | no lock |\n"
    )
    assert read(text) == [
        ("P1", "No owner is asked for", (Place("TicketService.java", 4),)),
        ("P2", "Codes are short", (Place("TicketCode.java", 8),)),
        ("P1", "No owner is asked for", (Place("SeatService.java", 7),)),
        ("P0", "Two may sit on one", (Place("SeatService.java", 9),)),
    ]


def test_entries_of_one_list_are_never_each_other():
    text = (
        "# R\n\n## Critical issues\n\n1. **Division by zero in the tide table**\n   - crashes at noon\n"
        "2. **Division by zero in the moon table**\n   - crashes at night\n"
    )
    assert len(read(text)) == 2


def test_a_tick_on_a_part_that_was_reviewed_says_nothing_of_its_problems():
    text = "# R\n\n## ✅ Ferry — REVIEWED (1 issue)\n\n### Critical issues found:\n1. **The ferry waits for itself** (lines 6-7)\n"
    assert [(p, title) for p, title, _ in read(text)] == [("P0", "The ferry waits for itself")]


def test_a_tick_on_a_part_whose_problems_are_fixed_says_that_they_are():
    text = "# R\n\n## ✅ Ferry — DONE\n\n### Critical issues fixed:\n1. **The ferry waits for itself** (lines 6-7)\n"
    assert read(text) == []


def test_a_legend_with_two_words_for_one_rank_is_a_legend():
    text = (
        "# R\n\n## Classification\n\n- **CRITICAL** — hurts everybody at once\n- **HIGH** — hurts under load\n"
        "- **MEDIUM** — is seen at scale\n- **LOW** — is hardly seen\n\n"
        "## QA-1: No bound\n\n**Severity:** LOW\n**Component:** `quay/list.rs:3`\n"
    )
    assert [title for _, title, _ in read(text)] == ["No bound"]


def test_a_table_of_gaps_with_a_rank_each_tells_findings_beside_headings():
    text = (
        "# R\n\n## P1\n\n### 1. The ferry waits for itself\n`ferry.rs:5`\n\n## What no test covers\n\n"
        "| Risk | Gap | Why it matters |\n|---|---|---|\n| **P0** | Two captains at once | both steer |\n"
        "| **P2** | A very long rope | it tears |\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [
        ("P1", "The ferry waits for itself"),
        ("P0", "Two captains at once"),
        ("P2", "A very long rope"),
    ]


def test_a_table_by_file_sums_up_what_was_told_of_the_files():
    text = (
        "# R\n\n## Findings\n\n### 1. Too long\n**Severity:** HIGH\n\n```\nquay/all.py → 5,000 lines\nquay/more.py → 4,000 lines\n```\n\n"
        "## Files to look at\n\n| File | Lines | Issue | Priority |\n|---|---|---|---|\n"
        "| `quay/all.py` | 5,000 | Does everything | P0 |\n| `quay/more.py` | 4,000 | Does the rest | P0 |\n"
    )
    assert read(text) == [("P1", "Too long", (Place("quay/all.py"), Place("quay/more.py")))]


def test_lines_of_the_file_in_the_heading_are_told_behind_marks_and_only_once():
    text = (
        "# R\n\n## Fatal flaws (must fix)\n\n### F1.1 — The colour is not looked at\n\n**File:** `e2e/tide.spec.ts:27`\n\nIt is blue.\n\n"
        "## Issues by file\n\n### B1 — `tide.spec.ts`\n\n- 🔴 line 27: colour never asserted.\n- 🟡 line 13: any address fits.\n"
        "- 🟢 uses the helper, as it should.\n"
    )
    assert read(text) == [
        ("P0", "The colour is not looked at", (Place("e2e/tide.spec.ts", 27),)),
        ("P1", "any address fits", (Place("tide.spec.ts", 13),)),
    ]


def test_a_task_names_a_row_that_has_no_other_title():
    text = (
        "# R\n\n## Problems\n\n| # | Task | Priority | Files | Acceptance criteria |\n|---|---|---|---|---|\n"
        "| 1 | Bound the queue | P1 | `queue.go:3` | it never holds more than ten |\n"
    )
    assert [title for _, title, _ in read(text)] == ["Bound the queue"]


def test_files_mentioned_in_passing_stand_for_the_place_where_nothing_else_does():
    text = "# R\n\n## High\n\n### 1. Nothing is tested\n\nThere is no test of `tide.py`, see README.md.\n"
    assert read(text) == [("P1", "Nothing is tested", (Place("tide.py"),))]


def test_a_problem_with_a_number_of_its_own_is_told_by_its_heading_and_not_by_its_entries():
    text = (
        "# R\n\n## 2. 码头\n\n### 2.1 灯光 - 高 🟠\n\n**问题 2.1.1: 灯没有钟**\n\n```sql\nSELECT 1;\n```\n\n"
        "**问题 2.1.2: 无 UTC 时间**\n\n- `lamp.py` 只记本地时间\n- 没有时区\n"
    )
    assert [(p, title) for p, title, _ in read(text)] == [("P1", "灯没有钟"), ("P1", "无 UTC 时间")]


def test_emphasised_files_and_first_comments_say_where():
    text = (
        "# R\n\n## Critical issues\n\n### 1. Too much in one file\n\n**quay/app.py** - 2,783 lines\n- everything\n\n"
        "### 2. Circles\n\n```python\n# Found in quay/ring.py\nimport quay\n```\n\n"
        "### 3. To-do notes in the way\n\n**quay/todo.py:39**\n```python\n# later: ask\n```\n"
    )
    assert [(title, places) for _, title, places in read(text)] == [
        ("Too much in one file", (Place("quay/app.py"),)),
        ("Circles", (Place("quay/ring.py"),)),
        ("To-do notes in the way", (Place("quay/todo.py", 39),)),
    ]


def test_a_mark_before_a_bold_severity_makes_the_line_a_heading():
    text = "# R\n\n**Potential issues**\n\n🔴 **Critical**\n- **No pilot**: `quay/pilot.py` is empty.\n\n🟡 **Warning**\n- **Slow pilot**: `quay/slow.py` waits.\n"
    assert read(text) == [
        ("P0", "No pilot", (Place("quay/pilot.py"),)),
        ("P1", "Slow pilot", (Place("quay/slow.py"),)),
    ]


def test_a_topic_with_nothing_of_its_own_over_one_heading_is_no_finding():
    text = "# R\n\n## High priority issues\n\n### 4. **Crew**\n\n#### No pilot\n- **Issue:** nobody steers\n- **Fix:** hire one\n"
    assert [title for _, title, _ in read(text)] == ["No pilot"]


def test_figures_are_no_title():
    text = "# R\n\n## Issues\n\n| Module | Coverage | Priority |\n|---|---|---|\n| quay/ | ~40% | HIGH |\n| pier/ | 60 % | LOW |\n"
    assert read(text) == []


def ranked(*severities: str) -> str:
    told = (
        f"### {n}. Pier {n} leans\n\n**Severity:** {word}\n\n`pier/{n}.py:3`\n" for n, word in enumerate(severities, 1)
    )
    return "# R\n\n## Critical issues\n\n" + "\n".join(told)


def test_a_heading_most_findings_of_which_say_another_rank_contradicts_none_of_them():
    review = parse(ranked("HIGH", "MEDIUM", "CRITICAL", "LOW"), redact=str)
    assert [f.priority for f in review.findings] == ["P1", "P2", "P0", "P2"]
    assert (review.conflicts, [f.others for f in review.findings]) == ((), [()] * 4)


def test_one_finding_that_says_another_rank_than_its_heading_is_asked_about():
    review = parse(ranked("CRITICAL", "MEDIUM", "CRITICAL"), redact=str)
    assert [(c.line, f.others) for c in review.conflicts for f in review.findings if f.line == c.line] == [
        (11, ("P0",))
    ]


RANKED_AT_THE_END = (
    "# Harbour control, a look at the code\n\n## 2. Control\n\n"
    "### 2.1 The crane scheduler walks all berths\n\n**File: `crane/plan.go:70-96`**\n**Issue:** Slow in June.\n\n"
    "### 2.2 Tide tables are asked for each tick\n\n**File: `crane/tide.go:12`**\n**Issue:** One request a second.\n\n"
    "## 7. Summary of issues\n\n| Priority | Issue | Location | Status |\n|---|---|---|---|\n"
    "| **HIGH** | Crane scheduler walks berths | `crane/plan.go` | Open |\n"
    "| **LOW** | Pilots have no radio | `pilot/boat.go` | Open |\n"
)


def test_a_row_at_the_end_ranks_the_section_that_tells_of_it():
    assert read(RANKED_AT_THE_END) == [
        ("P1", "The crane scheduler walks all berths", (Place("crane/plan.go", 70, 96),)),
        ("P2", "Pilots have no radio", (Place("pilot/boat.go"),)),
    ]


def test_a_row_that_two_sections_tell_of_stands_where_it_is():
    twice = RANKED_AT_THE_END.replace("Tide tables are asked for each tick", "Walks of berths by the crane scheduler")
    twice = twice.replace("crane/tide.go:12", "crane/plan.go:12")
    assert [title for _, title, _ in read(twice)] == ["Crane scheduler walks berths", "Pilots have no radio"]


def test_a_severity_as_a_label_rates_a_finding_that_says_where():
    text = (
        "# R\n\n## Backend\n\n#### 2. Buoys answer anyone\n\n**Location:** `buoy/server.go:27`\n\n"
        "**Critical:** Every boat may move them.\n\n#### 3. Ropes\n\n**Location:** `rope.go:3`\n\n"
        "**Critical path:** the rope, then the crane.\n"
    )
    assert read(text) == [("P0", "Buoys answer anyone", (Place("buoy/server.go", 27),))]


def test_rows_of_tables_that_count_from_one_each_are_not_the_same_for_their_number():
    row = "| {} | {} | `{}` | Low | {} |\n"
    head = "| # | Problem | Location | Severity | Notes |\n|---|---|---|---|---|\n"
    text = "# R\n\n## Pier\n\n### Weak points\n\n" + head + row.format(1, "No limit of ropes", "rope.go", "-")
    text += "\n## Crane\n\n### Weak points\n\n" + head + row.format(1, "No limit of speed", "crane.go", "-")
    assert [title for _, title, _ in read(text)] == ["No limit of ropes", "No limit of speed"]


def test_a_list_most_of_which_was_told_tells_nothing_new():
    told = ["Boats collide at night", "Cranes swing in storms", "Ropes are never changed"]
    text = "# R\n\n## Critical\n\n" + "".join(f"### {i}. {t}\n\n`a{i}.go:3`\n\n" for i, t in enumerate(told, 1))
    listed = [*told, "Buoys"]
    text += "## 🚨 Blockers\n\n" + "".join(f"{i}. 🔴 **{t}** - to be mended\n" for i, t in enumerate(listed, 1))
    assert [title for _, title, _ in read(text)] == told


def test_a_summary_tells_the_findings_where_little_else_does():
    listed = ["No pilots", "No lamps", "No anchors", "No radio"]
    text = "# R\n\n## Executive summary\n\n### Critical findings\n\n"
    text += "".join(f"{i}. **{t}** - at all\n" for i, t in enumerate(listed, 1))
    text += "\n## Boats\n\n### CRITICAL: Leaks below the line\n\n`hull.go:3` leaks.\n"
    assert [title for _, title, _ in read(text)] == [*listed, "Leaks below the line"]


def test_what_is_already_there_is_no_finding():
    text = (
        "# R\n\n## 高風險問題\n\n#### 1. **缺少限流**\n**檔案**: `a/limit.ts`\n\n沒有限流。\n\n"
        "#### 2. **簽名驗證**\n**檔案**: `a/sign.ts`\n\n✅ **已實現** - 使用標頭驗證\n"
    )
    assert [title for _, title, _ in read(text)] == ["缺少限流"]


def test_letters_in_a_column_of_severity_are_ranks():
    text = (
        "# Debt of the harbour\n\n| ID | Category | File:Line | Severity | Effort | Description |\n|---|---|---|---|---|---|\n"
        "| F1 | Ropes | ropes/knot.go:12 | H | S | The knot slips when wet. |\n"
        "| F2 | Ropes | ropes/knot.go:40 | L | S | Two names for one knot. |\n"
    )
    assert [(p, places) for p, _, places in read(text)] == [
        ("P1", (Place("ropes/knot.go", 12),)),
        ("P2", (Place("ropes/knot.go", 40),)),
    ]


def test_a_colour_and_word_before_an_impact_rank_a_finding():
    text = (
        "# R\n\n## 3. Cranes\n\n### 3.1 Each lift is planned twice\n**Impact:** 🟠 HIGH - slow\n**Instances:** 90\n\n"
        "#### Bad pattern:\n```go\n// FILE: crane/lift.go\nplan()\n```\n\n#### Why bad:\n- Time\n\n"
        "### 3.2 Lifts are told\n**Impact:** good for all\n"
    )
    assert read(text) == [("P1", "Each lift is planned twice", (Place("crane/lift.go"),))]


def test_recommendations_at_the_end_rank_the_sections_that_they_cite():
    text = (
        "# R\n\n## Bugs\n\n### 1. Winds are read as knots\n\n**Location:** `wind.go`\n\nNo unit.\n\n**Impact:** Storms.\n\n"
        "## Design\n\n### 1. Logs grow for ever\n\n**Location:** `log.go`\n\nNo end.\n\n**Impact:** Full disk.\n\n"
        "## Summary\n\n| Category | Count |\n|---|---|\n| Bugs | 1 |\n\nPriority recommendations:\n"
        "1. **High:** Cut the logs (#1 Design)\n2. **Medium:** Give winds a unit (#1 Bug)\n"
    )
    assert read(text) == [
        ("P2", "Winds are read as knots", (Place("wind.go"),)),
        ("P1", "Logs grow for ever", (Place("log.go"),)),
    ]


def test_a_missing_schedule_is_no_schedule():
    text = "# R\n\n## MODERATE\n\n### 4. MISSING TIDE SCHEDULE\n\n**Issue:** Nobody knows.\n\n### 5. Old ropes\n\n**Issue:** Wet.\n"
    assert [(p, title) for p, title, _ in read(text)] == [("P2", "MISSING TIDE SCHEDULE"), ("P2", "Old ropes")]


def test_advice_behind_the_findings_is_the_plan():
    text = (
        "# R\n\n## Critical\n\n### 1. Boats leak\n\n`hull.go:3`\n\n### 2. Lamps are dark\n\n`lamp.go:4`\n\n"
        "## Recommendations\n\n1. **Mend the hull** - before winter\n2. **Change the lamps** - today\n"
    )
    assert [one.title for one in parse(text, redact=str).items] == [
        "Mend the hull - before winter",
        "Change the lamps - today",
    ]


def test_a_row_that_names_the_same_things_in_code_as_a_heading_is_told_there():
    text = (
        "# Ferry review\n\n## Findings at a glance\n\n| # | Severity | Finding |\n|---|---|---|\n"
        "| 1 | High | `ticket-core` pulls `ticket-print` into all that is built upon it, printers and fonts too |\n"
        "| 2 | High | `ticket-core` keeps no log |\n"
        "| 3 | Medium | `QuayBoard` is drawn thrice |\n\n"
        "## Details\n\n### 4.1 High — Layers upside down: `ticket-core` and `ticket-print`\n\n"
        "The core should know no printer.\n\n### 4.2 Medium — Colours of `QuayBoard`\n\nToo many by far.\n"
    )
    assert [title for _, title, _ in read(text)] == [
        "`ticket-core` keeps no log",
        "`QuayBoard` is drawn thrice",
        "Layers upside down: `ticket-core` and `ticket-print`",
        "Colours of `QuayBoard`",
    ]
