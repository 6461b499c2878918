from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import Priority
from remediation.core.planning import (
    Calendar,
    DueSource,
    Section,
    Task,
    Week,
    due_date,
    overdue,
    phase_window,
    section,
    sla_date,
    this_week,
)
from remediation.core.types import Phase

MONDAY = date(2025, 11, 3)
dates = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def phase(starts, days):
    return Phase(name="p", title="P", starts=starts, days=days)


def test_a_first_week_reviewed_on_a_monday_is_due_on_its_friday():
    window = phase_window(phase(0, 7), MONDAY)
    assert (window.start, window.due) == (MONDAY, date(2025, 11, 7))


def test_a_phase_that_begins_on_a_weekend_starts_on_the_monday_after():
    assert phase_window(phase(5, 14), MONDAY).start == date(2025, 11, 10)


def test_a_holiday_on_the_last_day_moves_the_due_date_back():
    assert phase_window(phase(0, 7), MONDAY, Calendar(holidays=(date(2025, 11, 7),))).due == date(2025, 11, 6)


def test_a_team_that_rests_on_friday_and_saturday_is_due_on_sunday():
    assert phase_window(phase(0, 7), MONDAY, Calendar(weekend=frozenset({4, 5}))).due == date(2025, 11, 9)


def test_an_open_ended_phase_has_a_start_and_no_due_date():
    window = phase_window(phase(60, 0), MONDAY)
    assert window.start == date(2026, 1, 2)
    assert window.due is None


def test_a_phase_within_a_closed_week_is_due_on_the_day_it_starts():
    closed = Calendar(holidays=tuple(MONDAY + timedelta(days=n) for n in range(5)))
    window = phase_window(phase(0, 7), MONDAY, closed)
    assert window.start == window.due == date(2025, 11, 10)


def test_a_calendar_without_a_working_day_is_refused():
    with pytest.raises(ValueError, match="one working day"):
        Calendar(weekend=frozenset(range(7)))


@settings(max_examples=60)
@given(dates, st.integers(0, 120), st.integers(1, 60))
def test_a_phase_is_never_due_before_it_starts_and_both_are_working_days(reviewed, starts, days):
    window = phase_window(phase(starts, days), reviewed)
    assert window.due is not None
    assert reviewed <= window.start <= window.due
    assert Calendar().works(window.start) and Calendar().works(window.due)


def test_a_findings_own_date_beats_its_items_and_the_sla_comes_last():
    own, item = date(2025, 11, 20), date(2025, 11, 10)
    facts = {"priority": Priority.P0, "opened": MONDAY}
    assert due_date(own, item, **facts).on == own
    assert due_date(None, item, **facts).source is DueSource.ITEM
    last = due_date(None, None, **facts)
    assert (last.on, last.source) == (date(2025, 11, 10), DueSource.SLA)


def test_an_sla_that_ends_on_a_saturday_gives_until_monday():
    assert sla_date(Priority.P1, date(2025, 11, 8)) == date(2025, 12, 1)


def test_something_is_overdue_from_the_day_after_its_due_date():
    assert not overdue(MONDAY, MONDAY)
    assert overdue(MONDAY, MONDAY + timedelta(days=1))
    assert not overdue(None, MONDAY)


@settings(max_examples=60)
@given(dates)
def test_a_week_holds_its_days_and_reads_back_what_it_writes(day):
    week = Week.of(day)
    assert day in week
    assert week.start.weekday() == 0 and week.end.weekday() == 6
    assert Week.parse(str(week)) == week
    assert week.shift(1).start == week.end + timedelta(days=1)
    assert week.shift(1).shift(-1) == week


def test_new_years_eve_belongs_to_the_first_week_of_the_next_iso_year():
    assert str(Week.of(date(2025, 12, 31))) == "2026-W01"


@pytest.mark.parametrize("text", ["2025-47", "2025-W54", "2025-W00", "25-W10", "2025-W1x", "", "2025-W53"])
def test_what_is_not_a_week_is_refused(text):
    with pytest.raises(ValueError):
        Week.parse(text)


def test_each_task_stands_in_the_section_its_dates_and_history_ask_for():
    today = date(2025, 11, 5)
    cases = {
        Section.OVERDUE: Task(1, Priority.P0, due=date(2025, 11, 4), came_back=True),
        Section.DUE: Task(2, Priority.P1, due=date(2025, 11, 9)),
        Section.CAME_BACK: Task(3, Priority.P1, due=date(2025, 11, 7), came_back=True),
        Section.DONE: Task(4, Priority.P0, due=date(2025, 11, 1), done=MONDAY),
        Section.DROPPED: Task(7, Priority.P1, due=date(2025, 11, 7), dropped=True),
        Section.LATER: Task(5, Priority.P2, due=date(2025, 11, 10)),
        Section.UNDATED: Task(6, Priority.P2),
    }
    assert {name: section(task, today) for name, task in cases.items()} == {name: name for name in cases}


def test_a_commitment_brings_a_later_task_into_this_week():
    assert section(Task(1, Priority.P2, due=date(2026, 1, 1), committed=True), MONDAY) is Section.DUE


def test_what_was_settled_before_this_week_is_over():
    assert section(Task(1, Priority.P2, done=MONDAY - timedelta(days=1)), MONDAY) is None


def test_a_week_lists_the_most_urgent_first_and_counts_the_hours_it_asks_for():
    tasks = [
        Task("c", Priority.P1, due=MONDAY, hours=Decimal(2)),
        Task("b", Priority.P0, due=date(2025, 11, 7), hours=Decimal(3)),
        Task("a", Priority.P1, due=MONDAY - timedelta(days=3), hours=Decimal("1.5")),
        Task("z", Priority.P2, due=date(2025, 12, 7), hours=Decimal(50)),
    ]
    week = this_week(tasks, MONDAY)
    assert [t.id for t in week.sections[Section.DUE]] == ["b", "c"]
    assert week.hours == Decimal("6.5")
    assert str(week.week) == "2025-W45"


def test_what_was_dropped_asks_for_no_hours_and_stays_overdue_if_it_is():
    late = Task("a", Priority.P1, due=MONDAY - timedelta(days=3), dropped=True, hours=Decimal(8))
    week = this_week([late, Task("b", Priority.P1, due=MONDAY, dropped=True, hours=Decimal(4))], MONDAY)
    assert [t.id for t in week.sections[Section.OVERDUE]] == ["a"]
    assert [t.id for t in week.sections[Section.DROPPED]] == ["b"]
    assert week.hours == 0


def test_what_came_back_asks_for_hours_of_a_week_in_which_it_is_due_or_promised():
    later = MONDAY + timedelta(days=30)
    tasks = [
        Task("due", Priority.P1, due=MONDAY, came_back=True, hours=Decimal(1)),
        Task("promised", Priority.P1, due=later, came_back=True, committed=True, hours=Decimal(2)),
        Task("later", Priority.P1, due=later, came_back=True, hours=Decimal(4)),
    ]
    week = this_week(tasks, MONDAY)
    assert len(week.sections[Section.CAME_BACK]) == 3
    assert {t.id for t in week.asking} == {"due", "promised"}
