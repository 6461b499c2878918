"""How much of a plan was left on each day, and how much should have been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Life:
    """An item: the day it came onto the plan, the day it was first due, and on which days it was settled (True) or came
    back (False), in order.
    """

    born: date
    due: date | None = None
    turns: tuple[tuple[date, bool], ...] = ()

    def left(self, day: date) -> bool:
        """Whether it was owed at the end of a day."""
        if self.born > day:
            return False
        settled = [done for on, done in self.turns if on <= day]
        return not (settled and settled[-1])

    def planned(self, day: date) -> bool:
        """Whether it was not to be done yet at the end of a day."""
        return self.born <= day and (self.due is None or self.due > day)


@dataclass(frozen=True, slots=True)
class Point:
    """A day: how many items were `left`, and how many the plan would leave."""

    day: date
    left: int
    planned: int


def burn_down(lives: Iterable[Life], days: Sequence[date]) -> list[Point]:
    """A point for each of these days."""
    known = list(lives)
    return [Point(day, sum(x.left(day) for x in known), sum(x.planned(day) for x in known)) for day in days]
