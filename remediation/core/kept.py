"""What was reckoned last, and of what: of the same again it is the same, and is not reckoned again."""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """For each name (the latest `size` of them) one thing and all that it was made of, compared by value."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.known: dict[Hashable, tuple[Any, Made]] = {}

    def of(self, name: Hashable, made_of: Any, make: Callable[[], tuple[Made, bool]]) -> Made:
        """The thing; `make` answers it, and whether it was made of nothing else."""
        kept = self.known.get(name)
        if kept is not None and kept[0] == made_of:
            return kept[1]
        made, whole = make()
        self.known.pop(name, None)
        if whole:
            self.known[name] = made_of, made
        for old in list(self.known)[: -self.size]:  # threads may meet here: each step is one
            self.known.pop(old, None)
        return made
