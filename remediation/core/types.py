"""The words of the human half: what a review says, what a plan holds. Pure values.

Money is Decimal with an ISO 4217 currency; effort is in hours; dates are `datetime.date`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from findings.core.types import Notice, Priority


@dataclass(frozen=True, slots=True)
class Place:
    """A place a review names: `path` may be a glob or a folder; lines 0 = not said."""

    path: str
    line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long something takes, in hours: a range, equal ends where one figure was given. A day is 8, a week 40."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class LinkProposal:
    """A rule that would test a finding or an item: `scope` is a path glob ("" = everywhere), `why` the words in the
    text that led here, `confidence` 0..1.
    """

    rule: str
    scope: str = ""
    why: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class ReviewFinding:
    """A problem a review names. `anchor` is stable over versions of the report; `label` is its own number ("P0-1");
    `others` are the priorities that another part of the report gives it, `owner` is whom it names, as it writes it.
    """

    anchor: str
    label: str
    title: str
    priority: Priority
    line: int
    places: tuple[Place, ...] = ()
    problem: str = ""
    impact: str = ""
    fix: str = ""
    effort: Effort | None = None
    phase: str = ""
    links: tuple[LinkProposal, ...] = ()
    others: tuple[Priority, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An entry of a checklist. `findings` are the anchors of the findings it would settle; `ticked` is a claim.

    `line` is the checklist's line, `action_line` that of the action list entry merged into it (0 = none).
    """

    anchor: str
    title: str
    phase: str
    line: int
    priority: Priority | None = None
    ticked: bool = False
    effort: Effort | None = None
    action_line: int = 0
    findings: tuple[str, ...] = ()
    links: tuple[LinkProposal, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the plan: `starts` and `days` count calendar days from the review's date ("Week 1": 0, 7). `by` is
    the day on which one ends that is named by its date, "--03-15" where that has no year.
    """

    name: str
    title: str
    starts: int
    days: int
    line: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One row of a cost table: monthly money, `high` differs from `low` for a range, None = not known."""

    service: str
    low: Decimal | None
    high: Decimal | None
    line: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class CostTable:
    """A table of monthly costs. `role` is "baseline" (as it is) or "target" (as it should be); `printed` its total."""

    role: str
    title: str
    currency: str
    rows: tuple[CostRow, ...]
    printed: Decimal | None
    line: int

    @property
    def total(self) -> Decimal:
        """The sum of the rows (low ends; unknown amounts count as nothing)."""
        return sum((r.low for r in self.rows if r.low is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Unread:
    """A section of a report from which nothing was taken, both lines included."""

    title: str
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it was understood, secrets redacted. `candidates` may be findings: a person chooses them. `notices`
    tell what was doubtful, `conflicts` where its parts differ, `unread` what was left.
    """

    title: str
    reviewed: date | None = None
    language: str = "en"
    verdict: str = ""
    findings: tuple[ReviewFinding, ...] = ()
    candidates: tuple[ReviewFinding, ...] = ()
    items: tuple[ReviewItem, ...] = ()
    phases: tuple[Phase, ...] = ()
    costs: tuple[CostTable, ...] = ()
    unread: tuple[Unread, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    conflicts: tuple[Notice, ...] = ()
