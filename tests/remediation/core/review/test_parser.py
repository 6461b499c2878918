"""Whole reports: what becomes of them."""

from datetime import date
from decimal import Decimal

import pytest

from findings.core.types import FormatError, Priority
from remediation.core.review import parse
from remediation.core.types import Effort, Place, Review, ReviewFinding, ReviewItem
from tests.remediation.core.review import reports


def read(text: str) -> Review:
    return parse(text, redact=lambda t: t)


def finding(review: Review, title: str) -> ReviewFinding:
    return next(f for f in review.findings if title in f.title)


def item(review: Review, title: str) -> ReviewItem:
    return next(i for i in review.items if title in i.title)


@pytest.fixture(scope="module")
def english() -> Review:
    return read(reports.ENGLISH)


def hours(low: str, high: str = "") -> Effort:
    return Effort(Decimal(low), Decimal(high or low))


def test_a_report_says_what_it_is_when_and_how_it_judges(english):
    assert english.title == "Shop backend: architecture review"
    assert english.reviewed == date(2025, 3, 14)
    assert english.language == "en"
    assert english.verdict == "🟡 workable, not yet safe"


def test_findings_arrive_with_number_priority_and_line(english):
    assert [(f.label, f.priority.value) for f in english.findings] == [
        ("P0-1", "P0"),
        ("P0-2", "P0"),
        ("P1-1", "P1"),
        ("P1-AUTH-002", "P1"),
        ("", "P2"),
    ]
    for f in english.findings:
        assert f.title in reports.ENGLISH.split("\n")[f.line - 1]


def test_a_finding_has_all_its_places_and_comments_of_its_code_are_looked_up_beside_the_first(english):
    assert finding(english, "Database password").places == (
        Place("deploy/prod/"),
        Place("deploy/base/db.yaml", 12, 14),
        Place("deploy/prod/orders.yaml", 31),
    )


def test_a_length_is_not_a_line(english):
    assert finding(english, "One query").places == (Place("orders/src/list.rs", 88), Place("orders/src/main.rs"))


def test_links_of_markdown_are_places_too(english):
    assert finding(english, "Admin routes").places == (Place("gateway/src/routes.rs", 10, 20),)


def test_a_finding_keeps_problem_impact_fix_and_effort_apart(english):
    store = finding(english, "Session store")
    assert store.problem == "the data directory is an `emptyDir`."
    assert store.effort == hours("8", "16")
    first = finding(english, "Database password")
    assert first.impact == "- Everyone with a clone can log in."
    assert "rotate.sh" in first.fix and "rotate.sh" not in first.problem


def test_praise_and_what_is_done_are_no_findings(english):
    assert not any("Tests" in f.title or "TLS" in f.title for f in english.findings)
    assert any("TLS is now enforced" in n.message for n in english.notices)


def test_a_finding_without_a_priority_takes_that_of_its_schedule_whatever_emoji_it_wears(english):
    overlay = finding(english, "Overlay full of patches")
    assert overlay.priority is Priority.P2
    assert overlay.effort == hours("16")


def test_an_action_that_says_the_same_as_checklist_entries_is_merged_and_its_effort_shared(english):
    assert [i.title for i in english.items] == [
        "Simplify the staging overlay: kustomize patches 14 -> 3",
        "Rotate the database password",
        "Purge the password from git history",
        "Give the session store a persistent volume (redis)",
        "Fetch orders in one query (P1-1)",
        "Rethink the number of services",
    ]
    rotate, purge = item(english, "Rotate"), item(english, "Purge")
    assert rotate.effort == purge.effort == hours("1.5")
    assert rotate.action_line == purge.action_line > 0
    assert item(english, "session store").effort == hours("8")


def test_ticks_phases_and_priorities_of_items_are_kept(english):
    assert [i.ticked for i in english.items] == [False, True, False, False, False, False]
    assert [(p.name, p.starts, p.days) for p in english.phases] == [
        ("Week 1", 0, 7),
        ("Week 2-3", 7, 14),
        ("Next quarter", 30, 90),
        ("Month 3+", 60, 90),
    ]
    assert item(english, "Rotate").priority is Priority.P0
    assert item(english, "Rethink").priority is None


def test_items_know_the_findings_they_settle_and_the_rules_that_prove_it(english):
    assert item(english, "Rotate").findings == ("p0-1",)
    assert item(english, "session store").findings == ("p0-2",)
    assert item(english, "one query").findings == ("p1-1",)
    assert [x.rule for x in item(english, "Rotate").links] == ["secrets/plaintext"]
    assert [x.rule for x in item(english, "session store").links] == ["kubernetes/ephemeral-state"]
    assert item(english, "Rethink").links == ()
    assert item(english, "Rethink").findings == ()


def test_a_conflict_of_heading_and_schedule_is_told_and_the_heading_wins(english):
    first = finding(english, "One query")
    assert (first.priority, first.phase) == (Priority.P1, "Week 2-3")
    said = [n for n in english.conflicts if "planned under P0" in n.message]
    assert [n.line for n in said] == [first.line]


def test_cost_tables_are_monthly_and_a_wrong_total_is_told(english):
    now, before, after = english.costs
    assert (now.role, now.currency, now.total, now.printed) == ("baseline", "USD", 210, 210)
    assert [r.low for r in now.rows] == [120, 90, None]
    assert "12 months" in now.rows[1].note
    assert (before.role, before.total) == ("baseline", 120)
    assert (after.role, after.rows[0].low, after.rows[0].high, after.printed) == ("target", 60, 80, 90)
    assert [n.line for n in english.notices if "add up" in n.message] == [after.line]


def test_numbered_headings_under_a_chinese_priority_are_findings_though_numbers_begin_anew():
    review = read(reports.SIMPLIFIED)
    assert [(f.priority.value, f.title) for f in review.findings] == [
        ("P0", "消息主题只有一个副本"),
        ("P1", "启动函数太长"),
        ("P1", "连接外面包了一层锁"),
    ]
    assert review.reviewed == date(2025, 4, 2)
    assert review.language == "zh-hans"


def test_chinese_labels_lines_and_efforts_are_read():
    review = read(reports.SIMPLIFIED)
    topic, start, lock = review.findings
    assert topic.places == (
        Place("infra/kafka/topics.yaml", 5, 9),
        Place("infra/kafka/topics.yaml", 6, 7),
        Place("infra/kafka/audit.yaml"),
    )
    assert topic.impact == "- 全部订单"
    assert start.places == (Place("stock/src/main.rs", 20, 480),)
    assert start.effort == hours("24")
    assert lock.places == (Place("stock/src/pool.rs", 8, 9),)
    assert [x.rule for f in review.findings for x in f.links[:1]] == [
        "kafka/under-replicated-topic",
        "rust/oversized-main",
        "rust/mutex-wrapped-connection",
    ]


def test_a_table_of_tasks_is_the_plan():
    review = read(reports.SIMPLIFIED)
    assert [(i.title, i.phase, i.effort) for i in review.items] == [
        ("Kafka 主题改为三个副本", "第一周", hours("4")),
        ("去掉连接外面的锁 (Mutex)", "第一周", hours("4")),
    ]


def test_traditional_chinese_is_read_like_simplified():
    review = read(reports.TRADITIONAL)
    assert [(f.label, f.title) for f in review.findings] == [("P0-1", "金鑰寫在程式裡"), ("", "帳目表沒有索引")]
    key = review.findings[0]
    assert (key.places, key.impact, key.effort) == (
        (Place("ledger/src/keys.rs", 44, 48),),
        "任何人都能偽造。",
        hours("2"),
    )
    assert review.language == "zh-hant"
    assert review.verdict == "❌ 還不能上線"
    assert review.items[0].findings == ("p0-1",)
    assert [i.phase for i in review.items] == ["第1週", "第1週", "持續改進"]


def test_findings_are_read_from_headings_lists_bold_lines_and_tables_once_each():
    review = read(reports.LISTS)
    assert [(f.priority.value, f.title, f.places[0].path) for f in review.findings if f.places] == [
        ("P0", "SQL injection in the search", "search/query.py"),
        ("P1", "No retries", "http/client.py"),
        ("P1", "Slow lists", "http/list.py"),
        ("P2", "Functions are long", "app/big.py"),
        ("P2", "No types", "app/untyped.py"),
        ("P2", "Typo in a log line", "app/log.py"),
        ("P1", "No TLS", "ingress.yaml"),
        ("P2", "Open port", "fw.tf"),
    ]
    assert finding(review, "No retries").places[0] == Place("http/client.py", 10, 30)
    assert finding(review, "No TLS").effort == hours("8")


def test_a_secret_passes_through_the_redactor_before_anything_is_read():
    seen = []

    def redact(text: str) -> str:
        seen.append(text)
        return text.replace("hunter2-hunter2", "***")

    review = parse(reports.ENGLISH, redact=redact)
    assert seen == [reports.ENGLISH]
    assert "hunter2" not in repr(review)


def test_a_redactor_that_moves_lines_is_refused():
    with pytest.raises(FormatError, match="number of lines"):
        parse(reports.ENGLISH, redact=lambda t: t.replace("\n", ""))


def test_a_text_without_findings_says_so():
    review = read("Just some words.\n")
    assert not review.findings and not review.items
    assert [n.message for n in review.notices] == ["No findings and no plan were recognised in this report"]


def test_unread_headings_under_a_priority_are_told_with_their_line():
    review = read("# R\n\n## P0 Blockers\n\n### Some thoughts on caching\n\nWords without a place.\n")
    assert not review.findings
    assert [n.line for n in review.notices if "Some thoughts" in n.message] == [5]


def test_anchors_stay_when_text_moves_and_figures_change():
    moved = "preface\n\n" + reports.ENGLISH.replace("Overlay full of patches", "Overlay full of 21 patches")
    assert [f.anchor for f in read(moved).findings] == [f.anchor for f in read(reports.ENGLISH).findings]


def test_anchors_are_unique_in_a_report():
    review = read("## P0 Blockers\n\n" + "### 1. Same\n\n`a/b.rs:1`\n\n" * 3)
    assert len({f.anchor for f in review.findings}) == 3
