"""What was reckoned last, and of what: of the same again it is the same, and is not reckoned again."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Same(Mapping[str, Any]):
    """Values that are made once and never changed: equal to themselves alone, however much they hold."""

    def __init__(self, **values: Any) -> None:
        self.named = values

    def __getitem__(self, name: str) -> Any:
        return self.named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.named)

    def __len__(self) -> int:
        return len(self.named)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


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
