"""Headings without a title of their own, folds without anything below, and figures that count something else."""

from remediation.core.review import parse, places
from remediation.core.types import Place


def read(text: str) -> list[tuple[str, str, str]]:
    return [(f.priority, f.label, f.title) for f in parse(text, redact=str).findings]


def test_a_heading_of_number_and_rank_is_named_by_the_first_words_below_it():
    text = "# R\n\n## 3 Quay\n\n### 3.1 — P0\n\n**The tide is read twice.** Each boat asks.\n\n### 3.2 — P1\n\nEbb has no end. It goes on.\n\n### 3.3 — P1\n\n**Problem:** Buoys are named by hand.\n"
    assert read(text) == [
        ("P0", "", "The tide is read twice"),
        ("P1", "", "Ebb has no end"),
        ("P1", "", "Buoys are named by hand"),
    ]


def test_a_heading_of_a_label_and_a_rank_keeps_its_label():
    text = "# R\n\n## Quay\n\n### F-1 · High\n\nThe tide is read twice.\n\n### F-2 · High\n\nEbb has no end.\n\n### F-3 · Low\n\nBuoys are named by hand.\n"
    assert read(text) == [
        ("P1", "F-1", "The tide is read twice"),
        ("P1", "F-2", "Ebb has no end"),
        ("P2", "F-3", "Buoys are named by hand"),
    ]


def test_numbered_headings_of_one_rank_each_are_over_the_findings_of_it():
    text = "# R\n\n" + "".join(
        f"## {i}. {rank}\n\nThese are some.\n\n- **{title}**: seen in `a/tide.py:{i}`\n\n"
        for i, (rank, title) in enumerate([("Critical", "No end"), ("High", "Read twice"), ("Medium", "No lamp")], 1)
    )
    assert read(text) == [("P0", "", "No end"), ("P1", "", "Read twice"), ("P2", "", "No lamp")]


def test_a_fold_with_number_and_rank_needs_nothing_inside():
    text = "# R\n\n## Quay\n\n<details>\n<summary><b>MAJOR</b> · TID-1 · Ebb has no end</summary>\n\n- Code: `a/ebb.py:14`\n\n</details>\n\n<details>\n<summary><b>TRIVIAL</b> · TID-2 · Two spellings of ebb</summary>\n</details>\n"
    assert read(text) == [("P1", "TID-1", "Ebb has no end"), ("P2", "TID-2", "Two spellings of ebb")]


def test_what_was_verified_as_mended_is_no_finding():
    row = "| TID-7 | Blocker | Tide could be set by anybody |\n"
    for title in ("Verified as mended in rc3", "Fixed since rc2", "Retested as fixed"):
        text = f"# R\n\n## {title}\n\n| Ticket | Severity | What |\n|---|---|---|\n{row}"
        assert read(text) == [], title


def test_what_is_done_in_phases_is_a_plan_however_safe_each_phase_is():
    steps = "".join(
        f"### Phase {i}: {name} ({risk} risk)\n\n#### {i}.1 Move the {name}\n\n- **File**: `a/{name}.py:3`\n- **Action**: Split it\n- **Risk**: {risk}\n\n"
        for i, (name, risk) in enumerate([("tide", "Low"), ("ebb", "Medium"), ("fog", "Low")], 1)
    )
    assert read(f"# R\n\n## Implementation plan\n\n{steps}") == []


def test_a_figure_far_from_all_that_is_told_counts_something_else():
    text = "# R\n\n- **130 HIGH DATA LOSS** scenarios\n- **46 LOW IMPACT** events\n\n## Issues\n\n### 1. Ebb has no end - HIGH\n\n**Location**: `a/ebb.py:14`\n\n### 2. Fog is thick - LOW\n\n**Location**: `a/fog.py:1`\n\n## Risk assessment\n\n### High risk (130 events)\n\n- **Tides:** of spring and neap\n- **Boats:** at the quay\n\n### Low risk (46 events)\n\n- **Lamps:** on the pier\n"
    assert read(text) == [("P1", "", "Ebb has no end"), ("P2", "", "Fog is thick")]


def test_a_status_behind_the_severity_may_wait_for_something():
    for status in ("BLOCKED (on 7)", "ON HOLD", "DEFERRED", "挂起"):
        text = f"# R\n\n## Quay\n\n### TID-7 · Ebb has no end · P1 · {status}\n\nIn `a/ebb.py:14`.\n"
        assert read(text) == [("P1", "TID-7", "Ebb has no end")], status


def test_a_comment_behind_code_says_where_it_stands():
    assert places.in_comments("sleep(1)  // src/tide.rs:95\nwait()  # wait for src/ebb.rs\n") == [
        Place("src/tide.rs", 95)
    ]


def test_what_lacks_a_thing_with_a_latin_name_is_a_problem():
    text = "# R\n\n| 编号 | 级别 | 问题 | 位置 |\n|---|---|---|---|\n| 1 | 高 | 没有 TTL，潮汐一直在 | `a/tide.py` |\n| 2 | 低 | 没有 | `a/ebb.py` |\n"
    assert read(text)[0][2] == "没有 TTL，潮汐一直在"


def test_a_paragraph_with_its_severity_in_front_may_begin_with_code():
    text = "# R\n\n[P1] Ebb has no end, `a/ebb.py:14`.\n\n[P2] `DELETE /tide` answers 200.\n\n[P1] Fog is asked for by each boat.\n"
    assert [title for _, _, title in read(text)][1] == "`DELETE /tide` answers 200"


def test_a_marked_heading_beside_marked_findings_needs_nothing_below_it():
    text = "# R\n\n## 1. Quay\n\n### 塔 1-1 🔴 Tide is read twice\n\nSeen in `a/tide.py:3`.\n\n### 塔 1-2 🟡 Ebb has no end\n\nSeen in `a/ebb.py:14`.\n\n### 塔 1-3 ⚪ Two spellings of ebb (1.2 %)\n\n### 塔 1-4 🟠 Fog is asked for\n\nSeen in `a/fog.py:4`.\n"
    assert [(rank, title) for rank, _, title in read(text)] == [
        ("P0", "Tide is read twice"),
        ("P2", "Ebb has no end"),
        ("P2", "Two spellings of ebb (1.2 %)"),
        ("P1", "Fog is asked for"),
    ]
