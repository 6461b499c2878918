"""The code around a line, and how alike two such pieces are: what tells equal lines apart, and knows one that moved."""

import re
from dataclasses import dataclass, field

TELLING = 4  # characters that a line needs to say anything: a brace stands everywhere

_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Surroundings:
    """An excerpt and where in it the line itself stands (counted from 0). Its lines are compared without white space,
    read when they are first asked for.
    """

    excerpt: str = ""
    own: int = -1
    _lines: dict[str, float] | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return bool(self.excerpt) and bool(self.lines)

    @property
    def lines(self) -> dict[str, float]:
        """The telling lines around, without the line itself, with their weights: the nearer, the more it says."""
        if self._lines is None:
            self._lines = {}
            for n, text in enumerate(self.excerpt.split("\n")):
                bare = _SPACE.sub("", text)
                if n != self.own and len(bare) >= TELLING:
                    self._lines[bare] = max(self._lines.get(bare, 0.0), 1 / abs(n - self.own))
        return self._lines


def likeness(one: Surroundings, other: Surroundings) -> float:
    """The share of the lines of both that they have in common, 0 to 1."""
    left, right = one.lines, other.lines
    common = sum(min(weight, right[line]) for line, weight in left.items() if line in right)
    return common / (sum(left.values()) + sum(right.values()) - common) if common else 0.0
