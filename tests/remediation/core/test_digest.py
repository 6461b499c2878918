from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import Priority
from remediation.core.digest import (
    LIMIT,
    CostMove,
    GradeMove,
    Happening,
    Outcome,
    Promise,
    SectionCode,
    State,
    Thing,
    build,
    next_run,
    period,
)
from remediation.core.planning import Week

BERLIN = ZoneInfo("Europe/Berlin")
SINCE, UNTIL = datetime(2025, 11, 3, 8, tzinfo=UTC), datetime(2025, 11, 10, 8, tzinfo=UTC)


def thing(n=1, priority=Priority.P1, **over):
    return Thing(f"finding:{n}", f"Title {n}", priority, **over)


def happening(outcome, n=1, hours=1, **over):
    return Happening(SINCE + timedelta(hours=hours), outcome, thing(n, **over))


def digest(**parts):
    return build(State(SINCE, UNTIL, BERLIN, **parts))


def section(made, code):
    return next((s for s in made.sections if s.code == code), None)


def test_nothing_to_say_is_an_empty_and_quiet_digest():
    assert digest().empty
    assert digest().quiet


def test_sections_come_in_the_order_of_the_mail_and_empty_ones_are_left_out():
    made = digest(
        costs=[CostMove("t", "USD", date(2025, 10, 1), Decimal(241), Decimal(275))],
        grades=[GradeMove("t", "C", "B")],
        happenings=[happening(Outcome.NEW, 1), happening(Outcome.CLOSED, 2)],
        needs=[thing(3, due=date(2025, 11, 14))],
    )
    codes = [SectionCode.NEEDS, SectionCode.CLOSED, SectionCode.NEW, SectionCode.GRADE, SectionCode.COST]
    assert [s.code for s in made.sections] == codes


def test_a_section_shows_ten_rows_and_says_how_many_more():
    made = section(digest(needs=[thing(n) for n in range(14)]), SectionCode.NEEDS)
    assert (len(made.rows), made.more, made.total) == (LIMIT, 4, 14)


def test_what_needs_a_person_is_listed_overdue_first_then_by_priority():
    needs = [
        thing(1, Priority.P0, due=date(2025, 11, 12)),
        thing(2, Priority.P2, due=date(2025, 11, 7)),
        thing(3, Priority.P1, due=date(2025, 11, 7)),
    ]
    assert [t.subject for t in section(digest(needs=needs), SectionCode.NEEDS).rows] == [
        "finding:3",
        "finding:2",
        "finding:1",
    ]


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ([Outcome.CLOSED, Outcome.CAME_BACK], SectionCode.CAME_BACK),
        ([Outcome.CAME_BACK, Outcome.CLOSED], SectionCode.CLOSED),
        ([Outcome.NEW, Outcome.CLOSED], SectionCode.CLOSED),
        ([Outcome.NEW, Outcome.CLOSED, Outcome.CAME_BACK], SectionCode.NEW),
    ],
)
def test_a_thing_is_told_once_by_how_it_ended(story, told):
    events = [happening(outcome, hours=n + 1) for n, outcome in enumerate(story)]
    assert [(s.code, s.total) for s in digest(happenings=events[::-1]).sections] == [(told, 1)]


def test_events_at_the_last_digest_or_after_this_one_are_not_in_it():
    events = [happening(Outcome.NEW, 1, hours=0), happening(Outcome.NEW, 2, hours=7 * 24 + 1)]
    assert digest(happenings=events).empty
    assert not digest(happenings=[happening(Outcome.NEW, 3, hours=7 * 24)]).empty


def test_a_standing_duty_alone_is_quiet_and_one_that_just_became_overdue_is_not():
    assert digest(needs=[thing(due=date(2025, 11, 1))]).quiet
    assert digest(needs=[thing(due=date(2025, 11, 12))]).quiet
    assert not digest(needs=[thing(due=date(2025, 11, 7))]).quiet
    assert not digest(promises=[Promise("t", Week(2025, 45), 5, 3)]).quiet


def test_the_subject_has_the_counts_the_widest_grade_move_and_money_by_currency():
    subject = digest(
        needs=[thing(1, Priority.P0, due=date(2025, 11, 9)), thing(2, due=date(2025, 11, 12))],
        happenings=[happening(Outcome.CLOSED, 5), happening(Outcome.CAME_BACK, 6)],
        grades=[GradeMove("a", "C", "B"), GradeMove("b", "D", "A"), GradeMove("new", "", "F")],
        costs=[
            CostMove("a", "USD", date(2025, 10, 1), Decimal(1), saved=Decimal(400)),
            CostMove("b", "USD", date(2025, 10, 1), Decimal(1), saved=Decimal(20)),
            CostMove("b", "EUR", date(2025, 10, 1), Decimal(1), saved=Decimal(7)),
        ],
    ).subject
    assert subject.overdue == {Priority.P0: 1}
    assert (subject.due, subject.closed, subject.came_back, subject.new) == (1, 1, 1, 0)
    assert subject.grade.team == "b"
    assert subject.saved == {"USD": 420, "EUR": 7}


def test_what_did_not_move_is_left_out():
    assert digest(
        grades=[GradeMove("t", "B", "B", Decimal(80), Decimal(80))],
        costs=[CostMove("t", "USD", date(2025, 10, 1), Decimal(5), Decimal(5))],
        promises=[Promise("t", Week(2025, 45), 0, 0)],
    ).empty
    assert not digest(grades=[GradeMove("t", "B", "B", Decimal(80), Decimal(82))]).empty


def test_today_is_the_persons_own_day():
    late = datetime(2025, 11, 9, 23, 30, tzinfo=UTC)
    assert State(SINCE, late, BERLIN).today == date(2025, 11, 10)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_next_run_keeps_its_local_hour_over_the_end_of_summer_time():
    first = next_run(0, 9, BERLIN, utc(2025, 10, 20, 0))
    assert first == utc(2025, 10, 20, 7)
    assert next_run(0, 9, BERLIN, first) == utc(2025, 10, 27, 8)


def test_an_hour_that_does_not_exist_moves_forward():
    moment = next_run(6, 2, BERLIN, utc(2025, 3, 29, 12), minute=30)
    assert moment == utc(2025, 3, 30, 1, 30)
    assert moment.astimezone(BERLIN).hour == 3


def test_an_hour_that_comes_twice_is_sent_once():
    first = next_run(6, 2, BERLIN, utc(2025, 10, 25, 12), minute=30)
    assert first == utc(2025, 10, 26, 0, 30)
    assert next_run(6, 2, BERLIN, first) == utc(2025, 11, 2, 1, 0)


def test_a_day_a_zone_left_out_is_made_up_for():
    apia = ZoneInfo("Pacific/Apia")
    moment = next_run(4, 9, apia, utc(2011, 12, 29, 12))
    assert moment.astimezone(apia).date() == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("weekday", "hour", "now"), [(7, 9, UNTIL), (-1, 9, UNTIL), (0, 24, UNTIL), (0, 9, UNTIL.replace(tzinfo=None))]
)
def test_a_time_that_no_week_has_is_refused(weekday, hour, now):
    with pytest.raises(ValueError):
        next_run(weekday, hour, BERLIN, now)


def test_the_period_is_the_local_iso_week():
    late = utc(2025, 11, 9, 23, 30)
    assert period(late, BERLIN) == "2025-W46"
    assert period(late, UTC) == "2025-W45"


zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia"])


@settings(max_examples=60)
@given(st.integers(0, 6), st.integers(0, 23), st.integers(0, 59), zones.map(ZoneInfo), st.integers(0, 10**8))
def test_runs_are_a_week_apart_on_their_weekday_and_never_share_a_period(weekday, hour, minute, zone, seconds):
    run = utc(2023, 1, 1) + timedelta(seconds=seconds)
    runs = []
    for _ in range(56):
        run = next_run(weekday, hour, zone, run, minute)
        runs.append(run)
    assert all(timedelta(days=6, hours=22) <= b - a <= timedelta(days=7, hours=2) for a, b in pairwise(runs))
    assert all(r.astimezone(zone).weekday() == weekday for r in runs)
    assert len({period(r, zone) for r in runs}) == len(runs)
