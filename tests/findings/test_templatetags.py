"""The words and marks of templates: pure functions and tags, no database."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.templatetags import nova

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4, seconds=59), "4 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(minutes=-3), "in 3 min"),
        (timedelta(hours=-23), "in 23 h"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=40), "14 Oct"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_a_time_is_said_in_the_one_unit_that_fits(back, words):
    assert f">{words}</time>" in nova.ago(NOW - back, NOW)


def test_a_relative_time_keeps_the_exact_one_in_its_title():
    tag = nova.ago(NOW - timedelta(hours=2), NOW)
    assert 'datetime="2026-11-23T10:00:00+00:00"' in tag
    assert "Nov. 23, 2026, 10 a.m. UTC" in tag


def test_no_time_is_a_dash():
    assert nova.ago(None) == "—"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (timedelta(minutes=40), "40 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=120), "120 d"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_an_age_is_short_enough_for_a_column(size, words):
    assert f">{words}</time>" in nova.age(NOW - size, NOW)


def test_a_due_date_within_a_week_is_a_weekday_and_otherwise_a_date():
    assert ">Thu</time>" in nova.due(date(2026, 11, 26), TODAY)
    assert ">1 Dec</time>" in nova.due(date(2026, 12, 1), TODAY)
    assert ">1 Feb 2027</time>" in nova.due(date(2027, 2, 1), TODAY)
    assert nova.due(None, TODAY) == "—"


def test_an_overdue_date_is_marked_and_says_so_in_words():
    tag = nova.due(date(2026, 11, 20), TODAY, True)
    assert 'class="late"' in tag
    assert "was Fri" in tag


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1240.00"), "1,240\N{NO-BREAK SPACE}USD"),
        (Decimal("12.5"), "12.50\N{NO-BREAK SPACE}USD"),
        (Decimal(-34), "−34\N{NO-BREAK SPACE}USD"),
        (Decimal(0), "0\N{NO-BREAK SPACE}USD"),
        (None, "—"),
    ],
)
def test_money_shows_its_currency_and_cents_only_where_there_are_any(amount, text):
    assert nova.money(amount, "USD") == text


def test_hours_have_at_most_one_decimal():
    said = [nova.hours(h) for h in (Decimal(3), Decimal("0.5"), Decimal("2.04"), 1.25, None)]
    assert [s.replace("\N{NO-BREAK SPACE}", " ") for s in said] == ["3 h", "0.5 h", "2 h", "1.2 h", "—"]


def test_a_change_carries_its_sign():
    assert [nova.signed(n) for n in (14, -3, 0)] == ["+14", "−3", "0"]


def test_seconds_are_exact_only_while_they_are_few():
    assert nova.seconds(0.42) == "0.4\N{NO-BREAK SPACE}s"
    assert nova.seconds(75.2) == "75\N{NO-BREAK SPACE}s"
    assert nova.seconds(None) == "—"


def test_a_commit_is_shown_by_seven_digits():
    assert nova.shortsha("4f2c91a77ac2b1d0") == "4f2c91a"
    assert nova.shortsha("") == nova.shortsha(None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Alice Okafor", "AO"), ("bob", "BO"), ("陈伟玲", "陈伟"), ("chen.wei-ling", "CL"), ("", "?")],
)
def test_initials_come_from_the_first_and_last_word(name, letters):
    assert nova.initials(name) == letters


def test_a_long_path_keeps_its_file_name_and_leading_folders():
    path = "services/streaming/src/handlers/list_streams.rs"
    assert nova.shortpath(path, 40) == "services/streaming/src/…/list_streams.rs"
    assert nova.shortpath(path, 20) == "…/list_streams.rs"
    assert nova.shortpath("a.rs", 20) == "a.rs"


@settings(max_examples=80)
@given(st.text(alphabet="ab/.", max_size=60), st.integers(min_value=8, max_value=50))
def test_a_shortened_path_always_fits(path, room):
    assert len(nova.shortpath(path, room)) <= room


DIFF = """diff --git a/x.yaml b/x.yaml
index 1..2 100644
--- a/x.yaml
+++ b/x.yaml
@@ -41,3 +41,4 @@ spec:
   volumes:
-    emptyDir: {}
+    persistentVolumeClaim:
+--- a line that looks like a header
   end
\\ No newline at end of file
diff --git a/y b/y
--- a/y
+++ b/y
@@ -7 +7,0 @@
--- gone
"""


def test_a_hunk_is_numbered_on_both_sides():
    rows = [(r.kind, r.old, r.new, r.text) for r in nova.hunk(DIFF)]
    assert rows == [
        ("head", 0, 0, "@@ -41,3 +41,4 @@ spec:"),
        ("same", 41, 41, "  volumes:"),
        ("del", 42, 0, "    emptyDir: {}"),
        ("add", 0, 42, "    persistentVolumeClaim:"),
        ("add", 0, 43, "--- a line that looks like a header"),
        ("same", 43, 44, "  end"),
        ("head", 0, 0, "@@ -7 +7,0 @@"),
        ("del", 7, 0, "-- gone"),
    ]


def test_a_bare_hunk_is_shown_without_numbers():
    rows = [(r.kind, r.old, r.new, r.text) for r in nova.hunk("-old\n+new\n same")]
    assert rows == [("del", 0, 0, "old"), ("add", 0, 0, "new"), ("same", 0, 0, "same")]
    assert list(nova.hunk("")) == list(nova.hunk(None)) == []


def test_an_excerpt_marks_the_lines_of_the_finding():
    rows = nova.excerpt("a\nb\nc\nd", 41, 42, 43)
    assert [(r.number, r.marked) for r in rows] == [(41, False), (42, True), (43, True), (44, False)]
    assert not any(r.marked for r in nova.excerpt("a\nb"))


def test_names_and_priorities_are_escaped():
    assert "<script>" not in nova.state("<script>") + nova.priority("<script>") + nova.icon("x", '"><script>')


def test_a_state_is_an_icon_and_a_word_and_green_means_proof_only():
    assert "Came back" in nova.state("regression")
    assert {name for name, (_i, _w, look) in nova.STATES.items() if look == "proven"} == {"fixed", "proven", "attested"}


def test_an_icon_without_a_label_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in nova.icon("check")
    assert 'role="img" aria-label="Done"' in nova.icon("check", "Done")


def test_every_icon_a_state_uses_is_in_the_sprite():
    sprite = (ROOT / "static/icons/sprite.svg").read_text()
    assert [i for i, _w, _l in nova.STATES.values() if f'<symbol id="{i}"' not in sprite] == []


def test_every_symbol_of_the_sprite_is_drawn_in_the_page_itself():
    names = re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons/sprite.svg").read_text())
    assert len(names) > 40
    assert [n for n in names if not re.search(r'viewBox="0 0 16 16".*>(<[a-z]+ [^>]+/>)+</svg>', nova.icon(n))] == []


def test_progress_divides_its_width_and_survives_nothing_to_do():
    assert nova.progress(9, 1, 11, 110)["proven_width"] == 90
    assert nova.progress(9, 1, 11, 110)["claimed_width"] == 10
    assert nova.progress(0, 0, 0)["proven_width"] == 0


def test_a_priority_that_is_missing_draws_nothing():
    assert nova.priority("") == nova.priority(None) == ""
    assert nova.priority("P0") == '<b class="prio p0">P0</b>'


def test_few_columns_stand_side_by_side_and_more_are_named_in_each_cell():
    assert list(nova.under(["4 May", 1], ["Day", "Left"])) == [("", "4 May"), ("", 1)]
    assert list(nova.under([1, 2, 3, 4, 5], "abcde")) == [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]


def test_one_that_is_proven_is_not_called_all():
    def words(proven, total):
        return render_to_string("components/progress.html", nova.progress(proven, 0, total))

    assert ("1 of 1 proven" in words(1, 1), "all 3 proven" in words(3, 3)) == (True, True)
