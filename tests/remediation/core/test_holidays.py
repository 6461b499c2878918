"""Days off, from a list or from a calendar."""

from datetime import date

import pytest

from remediation.core.holidays import NoDate, read_days

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Days between
 the years
BEGIN:VALARM
TRIGGER:-P1D
DTSTART:19990101
END:VALARM
END:VEVENT
%sEND:VCALENDAR
"""


def event(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", *lines, "END:VEVENT"))


def days(*lines: str) -> list[str]:
    text = f"BEGIN:VCALENDAR\r\n{event(*lines)}END:VCALENDAR\r\n"
    return [str(day) for day in read_days(text, FIRST, LAST)]


def test_a_list_may_name_its_days():
    text = "# off\n2026-12-25 Christmas\n\n 2026-05-01,Labour Day\n2026-12-25\n"
    assert read_days(text, FIRST, LAST) == [date(2026, 5, 1), date(2026, 12, 25)]


def test_a_line_that_is_no_date_is_named():
    with pytest.raises(NoDate) as wrong:
        read_days("2026-05-01\n2026-02-30\n", FIRST, LAST)
    assert (wrong.value.line, wrong.value.text) == (2, "2026-02-30")


def test_an_event_of_several_days_ends_before_its_end():
    found = read_days(CALENDAR % "", FIRST, LAST)
    assert found == [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)]


def test_what_comes_back_every_year_is_followed_within_the_span():
    assert days("DTSTART;VALUE=DATE:20200501", "RRULE:FREQ=YEARLY") == [
        "2020-05-01",
        "2026-05-01",
        "2027-05-01",
        "2028-05-01",
    ]
    assert days("DTSTART:20260501", "RRULE:FREQ=YEARLY;COUNT=2") == ["2026-05-01", "2027-05-01"]
    assert days("DTSTART:20260501", "RRULE:FREQ=YEARLY;UNTIL=20270101T000000Z") == ["2026-05-01"]
    assert days("DTSTART:20240229", "RRULE:FREQ=YEARLY") == ["2024-02-29", "2028-02-29"]
    assert days("DTSTART:20260101", "RRULE:FREQ=YEARLY;INTERVAL=2") == ["2026-01-01", "2028-01-01"]


def test_an_event_with_an_hour_is_its_day_and_a_cancelled_one_none():
    assert days("DTSTART;TZID=Europe/Berlin:20260501T080000", "DTEND:20260501T170000Z") == ["2026-05-01"]
    assert days("DTSTART:20260501", "STATUS:CANCELLED") == []


def test_weekdays_of_a_month_are_followed_one_or_a_list():
    assert days("DTSTART:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH") == [
        "2026-11-26",
        "2027-11-25",
        "2028-11-23",
    ]
    assert days("DTSTART:20260525", "RRULE:FREQ=YEARLY;BYMONTH=5,9;BYDAY=-1MO,1TU;COUNT=4") == [
        "2026-05-25",
        "2026-09-01",
        "2026-09-28",
        "2027-05-04",
    ]
    assert days("DTSTART:20260105", "RRULE:FREQ=YEARLY;BYDAY=1MO;UNTIL=20271231") == ["2026-01-05", "2027-01-04"]


def test_months_and_weeks_are_followed_too():
    assert days("DTSTART:20260130", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3") == [
        "2026-01-30",
        "2026-02-27",
        "2026-03-27",
    ]
    assert days("DTSTART:20260131", "RRULE:FREQ=MONTHLY;COUNT=2") == ["2026-01-31", "2026-03-31"]
    assert days("DTSTART:20260102", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,WE;COUNT=3") == [
        "2026-01-02",
        "2026-01-14",
        "2026-01-16",
    ]
    last = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2"
    assert days("DTSTART:20260130", last) == ["2026-01-30", "2026-02-27"]


def test_a_rule_of_another_kind_is_taken_for_its_first_day():
    assert days("DTSTART:20261126", "RRULE:FREQ=DAILY") == ["2026-11-26"]
    assert days("DTSTART:20261126", "RRULE:FREQ=YEARLY;BYDAY=XX") == []


def test_a_mistake_closes_no_team_for_ever():
    assert len(days("DTSTART:20260101", "DTEND:20991231")) == 62


def test_a_calendar_whose_event_has_no_date_is_refused():
    with pytest.raises(NoDate) as wrong:
        days("SUMMARY:When?")
    assert wrong.value.line == 2
