"""The weekly digest: what changed since a person's last one, and when the next one is due.

Data only: sections in a fixed order, rows, counts and money; templates turn them into sentences. Titles and numbers
come through, code never does. What happened several times to one thing is told once, by how it ended.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from findings.core.types import Priority
from remediation.core.planning import Week, overdue

LIMIT = 10


class SectionCode(StrEnum):
    """The sections, in the order of the mail."""

    NEEDS = "needs"
    PROMISES = "promises"
    CLOSED = "closed"
    CAME_BACK = "came_back"
    NEW = "new"
    GRADE = "grade"
    COST = "cost"


class Outcome(StrEnum):
    """What an event did to a finding or an item; only what was closed *with proof* is CLOSED."""

    CLOSED = "closed"
    CAME_BACK = "came_back"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Thing:
    """A finding or an item, as a row of the mail shows it. `subject` is its text name, such as "finding:42"."""

    subject: str
    title: str
    priority: Priority
    team: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event about a thing; `at` knows its time zone."""

    at: datetime
    outcome: Outcome
    thing: Thing


@dataclass(frozen=True, slots=True)
class Promise:
    """What a team promised for a week that is over, and how many of these it kept."""

    team: str
    week: Week
    promised: int
    kept: int


@dataclass(frozen=True, slots=True)
class GradeMove:
    """A team's grade at the last digest and now; a letter is "" and a score None where there was none."""

    team: str
    before: str
    after: str
    score_before: Decimal | None = None
    score_after: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CostMove:
    """A team's billed money of its latest full month beside the month before, and the saving realised since the last
    digest, in one currency.
    """

    team: str
    currency: str
    month: date
    after: Decimal
    before: Decimal | None = None
    saved: Decimal = Decimal(0)


Line = Thing | Promise | GradeMove | CostMove


@dataclass(frozen=True, slots=True)
class State:
    """All a digest is made from. `since` is the last digest's moment and `until` this one's, both with a time zone;
    `zone` is the person's. `needs` are the open things the person owns that are overdue or due in this week.
    """

    since: datetime
    until: datetime
    zone: tzinfo
    needs: Sequence[Thing] = ()
    happenings: Sequence[Happening] = ()
    promises: Sequence[Promise] = ()
    grades: Sequence[GradeMove] = ()
    costs: Sequence[CostMove] = ()

    @property
    def today(self) -> date:
        """The day of this digest where the person is."""
        return self.until.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The day of the last digest where the person is."""
        return self.since.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the mail: at most LIMIT rows of `total`."""

    code: SectionCode
    rows: tuple[Line, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts a subject line is made of. `grade` is the widest move of a letter; `saved` maps currency to money."""

    overdue: Mapping[Priority, int]
    due: int
    closed: int
    came_back: int
    new: int
    grade: GradeMove | None
    saved: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest. `empty`: there is nothing to say. `quiet`: nothing changed since the last one; what it then holds is
    what was due or overdue before, and a person may have asked not to hear of it again.
    """

    since: datetime
    until: datetime
    sections: tuple[Section, ...]
    subject: Subject
    quiet: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to say."""
        return not self.sections


def build(state: State) -> Digest:
    """Make a digest; sections without rows are left out."""
    ended = _ended(h for h in state.happenings if state.since < h.at <= state.until)
    needs = sorted(state.needs, key=lambda t: (not overdue(t.due, state.today), *_urgency(t)))
    rows: dict[SectionCode, Sequence[Line]] = {
        SectionCode.NEEDS: needs,
        SectionCode.PROMISES: [p for p in state.promises if p.promised],
        SectionCode.CLOSED: ended[Outcome.CLOSED],
        SectionCode.CAME_BACK: ended[Outcome.CAME_BACK],
        SectionCode.NEW: ended[Outcome.NEW],
        SectionCode.GRADE: [g for g in state.grades if _moved(g)],
        SectionCode.COST: [c for c in state.costs if c.saved or c.before != c.after],
    }
    sections = tuple(Section(code, tuple(found[:LIMIT]), len(found)) for code, found in rows.items() if found)
    told = {section.code for section in sections}
    newly_late = any(overdue(t.due, state.today) and not overdue(t.due, state.last_day) for t in state.needs)
    return Digest(
        since=state.since,
        until=state.until,
        sections=sections,
        subject=_subject(state, ended),
        quiet=not newly_late and told <= {SectionCode.NEEDS},
    )


def _ended(happenings: Iterable[Happening]) -> dict[Outcome, list[Thing]]:
    """Each thing once, by its last event; but what was new in the period and is open at its end is new."""
    ordered = sorted(happenings, key=lambda h: h.at)
    fresh = {h.thing.subject for h in ordered if h.outcome is Outcome.NEW}
    last = {h.thing.subject: h for h in ordered}
    ended: dict[Outcome, list[Thing]] = {outcome: [] for outcome in Outcome}
    for subject, h in last.items():
        back_but_new = h.outcome is Outcome.CAME_BACK and subject in fresh
        ended[Outcome.NEW if back_but_new else h.outcome].append(h.thing)
    for things in ended.values():
        things.sort(key=_urgency)
    return ended


def _urgency(thing: Thing) -> tuple[str, date, str, str]:
    return (thing.priority, thing.due or date.max, thing.title, thing.subject)


def _moved(move: GradeMove) -> bool:
    return (move.before, move.score_before) != (move.after, move.score_after)


def _subject(state: State, ended: Mapping[Outcome, Sequence[Thing]]) -> Subject:
    late = [t.priority for t in state.needs if overdue(t.due, state.today)]
    letters = [g for g in state.grades if g.before and g.after and g.before != g.after]
    saved: dict[str, Decimal] = {}
    for cost in state.costs:
        if cost.saved:
            saved[cost.currency] = saved.get(cost.currency, Decimal(0)) + cost.saved
    return Subject(
        overdue={p: late.count(p) for p in Priority if p in late},
        due=len(state.needs) - len(late),
        closed=len(ended[Outcome.CLOSED]),
        came_back=len(ended[Outcome.CAME_BACK]),
        new=len(ended[Outcome.NEW]),
        grade=max(letters, key=lambda g: abs(ord(g.after) - ord(g.before)), default=None),
        saved=saved,
    )


# --- when ---


def next_run(weekday: int, hour: int, zone: tzinfo, now: datetime, minute: int = 0) -> datetime:
    """The first moment after `now` that is this weekday (Monday 0) and time of day in a zone, in UTC.

    A time that does not exist because clocks go forward moves forward with them; of a time that comes twice because
    they go back, only the first counts. `now` without a time zone is a ValueError, as is a time that no day has.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    if not 0 <= weekday <= 6:
        raise ValueError(f"no such weekday: {weekday}; expected 0 (Monday) to 6")
    # From yesterday on: a time that yesterday did not have may have moved into today.
    day = now.astimezone(zone).date() - timedelta(days=1)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    while (moment := datetime.combine(day, time(hour, minute), zone).astimezone(UTC)) <= now:
        day += timedelta(days=7)
    return moment


def period(run: datetime, zone: tzinfo) -> str:
    """What a digest is unique by, with its person: the ISO week of its day in their zone, such as "2025-W47"."""
    return str(Week.of(run.astimezone(zone).date()))
