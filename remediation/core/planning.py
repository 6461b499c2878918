"""From phases to dates, from dates to this week: what is due when, in a team's own calendar. No clock in here.

A due date is the last day on which the work is still in time, so something is overdue from the day after. Dates are
dates in the team's time zone; the caller turns its clock into `today`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from findings.core.types import Priority
from remediation.core.review.deadlines import resolve
from remediation.core.types import Phase

DAY = timedelta(days=1)
SLA_DAYS: Mapping[Priority, int] = {Priority.P0: 7, Priority.P1: 21, Priority.P2: 60}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works: `weekend` as `date.weekday()` numbers (Monday 0), and single days off."""

    weekend: frozenset[int] = frozenset({5, 6})
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if set(range(7)) <= self.weekend:
            raise ValueError("a calendar needs at least one working day in the week")

    def works(self, day: date) -> bool:
        """Whether the team works on this day."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def on_or_after(self, day: date) -> date:
        """The first working day from this one on."""
        while not self.works(day):
            day += DAY
        return day

    def on_or_before(self, day: date) -> date:
        """The last working day up to this one."""
        while not self.works(day):
            day -= DAY
        return day


PLAIN_CALENDAR = Calendar()


@dataclass(frozen=True, slots=True)
class Window:
    """When a phase runs, both days included; `due` is None for a phase without an end."""

    start: date
    due: date | None


def phase_window(phase: Phase, reviewed: date, calendar: Calendar = PLAIN_CALENDAR) -> Window:
    """The working days of a phase: `starts` days after the review, `days` long; 0 days = open end.

    It starts on its first working day and is due on its last one; a phase that holds no working day at all (a
    closed week) is due on the day it starts. One that is named by a date is due on that, or the working day before.
    """
    if phase.by:
        return Window(calendar.on_or_after(reviewed), calendar.on_or_before(resolve(phase.by, reviewed)))
    first = reviewed + phase.starts * DAY
    start = calendar.on_or_after(first)
    if phase.days <= 0:
        return Window(start, None)
    return Window(start, max(start, calendar.on_or_before(first + (phase.days - 1) * DAY)))


class DueSource(StrEnum):
    """Whose date a due date is: the finding's own, its item's, or the default for its priority."""

    OWN = "own"
    ITEM = "item"
    SLA = "sla"


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and where it comes from."""

    on: date
    source: DueSource


def sla_date(
    priority: Priority, opened: date, sla: Mapping[Priority, int] = SLA_DAYS, calendar: Calendar = PLAIN_CALENDAR
) -> date:
    """`sla[priority]` calendar days after `opened`, moved on to a working day: never less time than promised."""
    return calendar.on_or_after(opened + sla[priority] * DAY)


def due_date(
    own: date | None,
    item: date | None,
    *,
    priority: Priority,
    opened: date,
    sla: Mapping[Priority, int] = SLA_DAYS,
    calendar: Calendar = PLAIN_CALENDAR,
) -> Due:
    """A finding's due date: its own if set, else its item's, and the SLA date only where neither is."""
    if own is not None:
        return Due(own, DueSource.OWN)
    if item is not None:
        return Due(item, DueSource.ITEM)
    return Due(sla_date(priority, opened, sla, calendar), DueSource.SLA)


def overdue(due: date | None, today: date) -> bool:
    """The one meaning of "overdue": there is a due date, and it lies before today."""
    return due is not None and due < today


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO 8601 week: Monday to Sunday, `year` being the ISO year, which differs from the date's around New Year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The week this day is in."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2025-W47"; anything else, and a week its year does not have, is a ValueError."""
        year, mark, number = text.partition("-W")
        if not (mark and len(year) == 4 and len(number) == 2 and f"{year}{number}".isascii() and number.isdigit()):
            raise ValueError(f"not an ISO week: {text!r}; expected a form like 2025-W47")
        return cls.of(date.fromisocalendar(int(year), int(number), 1))

    @property
    def start(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def end(self) -> date:
        """Its Sunday."""
        return self.start + 6 * DAY

    def shift(self, weeks: int) -> Self:
        """The week this many weeks later (earlier when negative)."""
        return self.of(self.start + weeks * 7 * DAY)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"


class Section(StrEnum):
    """Where a thing stands on the page of the week; each thing stands in one place."""

    OVERDUE = "overdue"
    DUE = "due"
    CAME_BACK = "came_back"
    CARRIED = "carried"
    DROPPED = "dropped"
    DONE = "done"
    LATER = "later"
    UNDATED = "undated"


ASKING = (Section.OVERDUE, Section.DUE, Section.CAME_BACK)


@dataclass(frozen=True, slots=True)
class Task:
    """An item or a finding as the week sees it. `done` is the day it was settled, None while it is open;
    `came_back` says it was settled before; `committed` that the team took it into this week whatever its date;
    `carried` that it was promised for an earlier week and not kept; `dropped` that the team took it out of this one.
    """

    id: int | str
    priority: Priority
    due: date | None = None
    done: date | None = None
    came_back: bool = False
    committed: bool = False
    carried: bool = False
    dropped: bool = False
    hours: Decimal = Decimal(0)

    def asks(self, week: Week) -> bool:
        """Whether it wants hours of this week where it stands in it: what came back does if it is due or promised."""
        if self.dropped:
            return False
        return self.committed or not self.came_back or (self.due is not None and self.due <= week.end)


@dataclass(frozen=True, slots=True)
class ThisWeek:
    """A week's tasks by section, most urgent first; `asking` are those that still want hours of it."""

    week: Week
    sections: Mapping[Section, tuple[Task, ...]]
    asking: tuple[Task, ...]

    @property
    def hours(self) -> Decimal:
        """What overdue, due and promised tasks still ask for."""
        return sum((task.hours for task in self.asking), Decimal(0))


def section(task: Task, today: date) -> Section | None:
    """The section a task stands in today; None for what was settled before this week, which is over."""
    week = Week.of(today)
    if task.done is not None:
        return Section.DONE if task.done >= week.start else None
    if overdue(task.due, today):
        return Section.OVERDUE
    if task.dropped:
        return Section.DROPPED
    if task.came_back:
        return Section.CAME_BACK
    if task.committed or (task.due is not None and task.due <= week.end):
        return Section.DUE
    if task.carried:
        return Section.CARRIED
    return Section.UNDATED if task.due is None else Section.LATER


def this_week(tasks: Iterable[Task], today: date) -> ThisWeek:
    """Sort tasks into the sections of the week that holds `today`; within one by priority, date, then id."""
    found: dict[Section, list[Task]] = {name: [] for name in Section}
    for task in tasks:
        place = section(task, today)
        if place is not None:
            found[place].append(task)
    sections = {name: tuple(sorted(rows, key=_urgency)) for name, rows in found.items()}
    week = Week.of(today)
    return ThisWeek(week, sections, tuple(task for name in ASKING for task in sections[name] if task.asks(week)))


def _urgency(task: Task) -> tuple[str, date, str]:
    return (task.priority, task.due or date.max, str(task.id))
