"""Which part of a repository a path belongs to: CODEOWNERS patterns, the last match wins."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from pathspec import GitIgnoreSpec

T = TypeVar("T")


def owner_of(parts: Sequence[tuple[T, Sequence[str]]], default: T) -> Callable[[str], T]:
    """A function from a path to the part that owns it.

    `parts` are (part, patterns) in order; the last part with a matching pattern wins, as in a CODEOWNERS file.
    """
    specs = [(part, GitIgnoreSpec.from_lines(patterns)) for part, patterns in reversed(parts)]

    @lru_cache(maxsize=50_000)
    def owner(path: str) -> T:
        return next((part for part, spec in specs if path and spec.match_file(path)), default)

    return owner
