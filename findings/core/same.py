"""What is made once and kept: known by itself, so that nobody compares all that it holds."""

from collections.abc import Iterator, Mapping
from typing import Any


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
