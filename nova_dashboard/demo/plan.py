"""The demo's history as it will be written: every commit with its date and the whole tree after it. No git here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from nova_dashboard.demo.changes import Catalogue, Tree
from nova_dashboard.demo.steps import Step
from remediation.core.planning import Week

FIRST_HOUR = time(8, 40, tzinfo=UTC)
GAP = timedelta(minutes=47)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """One commit to be: its step, its date and the tree after it (path -> text)."""

    step: Step
    when: datetime
    tree: Mapping[str, str]


def workday(today: date, offset: int) -> date:
    """The day `offset` days from today; a Saturday or Sunday becomes the Friday before."""
    day = today + timedelta(days=offset)
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def new_date(today: date, nth: int) -> date:
    """When the nth of the late items is due now: every fifth still in this week, whatever day it is, the others on
    working days of those after it.
    """
    if nth % 5:
        return workday(today, 7 + 3 * (nth % 5 - 1))
    return max(today, workday(Week.of(today).end, 0))


def plan(steps: Sequence[Step], catalogue: Catalogue, today: date) -> tuple[Planned, ...]:
    """Applies the steps in order. Raises `DemoError` where a step does not fit the tree before it."""
    planned: list[Planned] = []
    tree: Tree = {}
    clock = datetime.min.replace(tzinfo=UTC)
    for step in steps:
        tree = dict(tree)
        for change in step.changes:
            change.apply(tree, catalogue)
        morning = datetime.combine(workday(today, step.day), FIRST_HOUR)
        clock = max(morning, clock + GAP) if planned else morning
        planned.append(Planned(step, clock, tree))
    return tuple(planned)


def tree_on(planned: Sequence[Planned], offset: int) -> Mapping[str, str]:
    """The tree a reader finds in the morning of the day with this offset, before that day's commits."""
    return [p for p in planned if p.step.day < offset][-1].tree
