"""Plans that name findings by number, tick what is still to do, and say within which time."""

from decimal import Decimal

import pytest

from remediation.core.review import parse
from remediation.core.review.schedule import effort_of, phase_of
from remediation.core.types import Effort, Review, ReviewItem

FINDINGS = """# Review of the ferry
## P0 issues
### 1. Tickets are sold twice
**Location**: `sell.py:3`
**Problem**: no lock.
### 2. Boats leave unseen
**Location**: `boat.py:4`
**Problem**: no log.
## P1 issues
### 3. Ropes are not counted
**Location**: `rope.py:5`
**Problem**: no number.
"""
LETTERED = """# 渡口审查
## 严重问题
### S1. 票卖两次
**位置**: `sell.py:3`
**问题**: 没有锁
### S2. 船只无记录
**位置**: `boat.py:4`
**问题**: 没有日志
### S3. 缆绳未清点
**位置**: `rope.py:5`
**问题**: 没有编号
"""


def read(text: str) -> Review:
    return parse(text, redact=str)


def titles(review: Review, item: ReviewItem) -> list[str]:
    return [f.title for f in review.findings if f.anchor in item.findings]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Put it behind a lock (#1)", ["Tickets are sold twice"]),
        ("Close issues 1-3", ["Tickets are sold twice", "Boats leave unseen", "Ropes are not counted"]),
        ("Close issues 1 and 3", ["Tickets are sold twice", "Ropes are not counted"]),
        ("P0-2: Write it down", ["Boats leave unseen"]),
        ("P0-2/P1-3: Write it down", ["Boats leave unseen", "Ropes are not counted"]),
        ("Close ticket (#404)", []),
    ],
)
def test_an_item_settles_the_findings_whose_numbers_it_names(said: str, meant: list[str]):
    review = read(f"{FINDINGS}\n## Action plan\n### Week 1\n1. {said}\n")
    assert titles(review, review.items[0]) == meant


def test_numbers_before_an_entry_are_no_part_of_its_title_and_give_its_priority():
    item = read(f"{FINDINGS}\n## Action plan\n1. P1-3/P1-3: Write it down\n").items[0]
    assert (item.title, str(item.priority)) == ("Write it down", "P1")


def test_a_name_like_p0_9_is_no_number_where_one_of_its_kind_fits_no_finding():
    review = read(f"{FINDINGS}\n## Action plan\n### Week 1\n1. P0-1: Paint the pier\n2. P0-9: Buy a bell\n")
    assert [item.findings for item in review.items] == [(), ()]


def test_from_one_lettered_number_to_another_are_all_between():
    review = read(f"{LETTERED}\n## 修复计划\n### 本周\n- 修复 S1-S3\n- S2. 补日志\n")
    assert [len(item.findings) for item in review.items] == [3, 1]
    assert titles(review, review.items[1]) == ["船只无记录"]


TICKED = "\n## Action plan\n### {head}\n1. ✅ **Lock the till** (#1)\n2. ✅ **Keep a log** (#2)\n"


def test_ticks_before_all_entries_of_a_plan_are_bullets():
    review = read(FINDINGS + TICKED.format(head="Immediate (do first)"))
    assert [(item.title, item.ticked) for item in review.items] == [
        ("Lock the till (#1)", False),
        ("Keep a log (#2)", False),
    ]


@pytest.mark.parametrize("head", ["Completed this week", "本周已完成"])
def test_ticks_under_a_heading_of_what_is_done_are_ticks(head: str):
    assert not read(FINDINGS + TICKED.format(head=head)).items


def test_ticks_before_what_was_done_are_ticks():
    assert not read(f"{FINDINGS}\n## Next steps\n### This week\n- ✅ Fixed the till\n- ✅ Added a log\n").items


def test_what_will_come_of_the_work_is_no_item():
    plan = (
        "## Roadmap\n### Week 1\n**Tasks**:\n- Lock the till\n\n**Expected outcomes**:\n- Nobody is sold a seat twice\n"
    )
    assert [item.title for item in read(f"{FINDINGS}\n{plan}").items] == ["Lock the till"]


def test_an_entry_of_a_checklist_is_due_with_the_action_that_says_the_same():
    plan = "## Action plan\n### This week\n1. **Lock the till twice**\n## Checklist\n- [ ] Lock the till twice\n"
    (item,) = read(f"{FINDINGS}\n{plan}").items
    assert item.phase == "This week"


@pytest.mark.parametrize(
    ("heading", "starts", "days"),
    [
        ("Short-Term Actions (Within 1 Month)", 7, 23),
        ("Medium Term (Next 2 Weeks)", 0, 14),
        ("2 週內執行", 0, 14),
        ("立即行动（今日）", 0, 1),
        ("Phase 2: High Priority (Next Week)", 7, 7),
        ("Phase 1: Immediate (This Week)", 0, 7),
    ],
)
def test_a_heading_says_by_when(heading: str, starts: int, days: int):
    after = phase_of("Phase 9: Later (1 week)", 1)
    phase = phase_of(heading, 1, after if heading.startswith("Phase 1") else None)
    assert phase and (phase.starts, phase.days) == (starts, days)


def test_a_problem_that_speaks_of_weeks_is_no_stretch_of_the_plan():
    assert phase_of("Memory grows within 2 weeks", 1) is None


def test_minutes_in_traditional_characters_are_an_effort():
    assert effort_of("45 分鐘") == Effort(Decimal("0.75"), Decimal("0.75"))


def test_a_time_that_a_program_prints_is_no_effort():
    assert effort_of('The bell says "in 1 days" for two') is None


@pytest.mark.parametrize("chapter", ["優先修復順序", "接下來"])
def test_rows_with_hours_that_name_findings_are_items_of_the_plan(chapter: str):
    found = "# 渡口\n\n## Critical\n\n### CRIT-01: 票賣兩次\n**位置**: `sell.py:3`\n\n### CRIT-02: 船隻無記錄\n**位置**: `boat.py:4`\n"
    plan = f"\n## {chapter}\n\n### P0（本月內）— 狀態更新\n\n| # | 項目 | 對照 | 工時估計 | 狀態 |\n|---|---|---|---|---|\n| P0-1 | 售票時加鎖 | CRIT-01 | 2 天 | 進行中 |\n| P0-2 | 每班寫入日誌 | CRIT-02 局部 | 1 天 | 待辦 |\n"
    review = parse(found + plan, redact=str)
    assert [f.label for f in review.findings] == ["CRIT-01", "CRIT-02"]
    assert [(i.title, i.phase) for i in review.items] == [("售票時加鎖", "本月內"), ("每班寫入日誌", "本月內")]


@pytest.mark.parametrize("heading", ["Plan", "5. The plan (four weeks)", "计划", "五、規劃"])
@pytest.mark.parametrize("mark", ["", "✅ "])
def test_a_heading_that_says_plan_and_nothing_else_is_over_a_plan(heading: str, mark: str) -> None:
    report = f"# Review\n\n## {heading}\n\n- {mark}Week 1: give Redis a disk\n- {mark}Week 2: close the port\n"

    read = [(item.title, item.phase) for item in parse(report, redact=str).items]

    assert read == [("give Redis a disk", "Week 1"), ("close the port", "Week 2")]


def test_a_heading_about_a_plan_of_the_code_is_over_no_plan() -> None:
    report = "# Review\n\n## Plan B is never tried\n\n- Week 1: it failed\n"

    assert parse(report, redact=str).items == ()


EFFORTS = """# Review of the ferry
## P0 issues
### 1. Tickets are sold twice
**Problem**: no lock.
**Effort**: 4 hours
### 2. Boats leave unseen
**Problem**: no log.
**Fix**: write each departure down (2 hours, @ana)
"""


def efforts(plan: str) -> list[Decimal | None]:
    review = read(f"{EFFORTS}\n## Action plan\n### Week 1\n{plan}")
    return [item.effort.low if item.effort else None for item in review.items]


def test_an_entry_takes_the_effort_of_the_finding_it_settles_unless_it_states_one():
    assert efforts("1. Put it behind a lock (#1)\n2. Write it down (#2)\n") == [4, 2]
    assert efforts("1. Put it behind a lock (#1) (1 hour)\n") == [1]
    assert efforts("1. Close issues 1 and 2\n") == [6]


def test_several_entries_that_settle_one_finding_share_its_effort():
    assert efforts("1. Choose a lock (#1)\n2. Put it behind that (#1)\n") == [2, 2]


@pytest.mark.parametrize(
    ("said", "hours", "owner"),
    [
        ("write it down (2 hours, @ana)", 2, "@ana"),
        ("write it down（2 小时，@ana）。", 2, "@ana"),
        ("write it down (about 3 h)", 3, ""),
        ("write it down (keep it 2 hours, then drop it)", None, ""),
        ("write it down (within 2 hours, @ana)", None, ""),
        ("write it down (see the log, @ana)", None, ""),
        ("write it down (for 2 hours) in a log", None, ""),
    ],
)
def test_what_stands_in_brackets_at_the_end_of_a_fix_is_its_effort_where_it_says_nothing_else(
    said: str, hours: int | None, owner: str
):
    review = read(f"# Review\n## P0 issues\n### 1. Boats leave unseen\n**Fix**: {said}\n")
    [finding] = review.findings
    assert (finding.effort.low if finding.effort else None, finding.owner) == (hours, owner)
