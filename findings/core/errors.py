"""Why a blob has no facts."""

from collections.abc import Mapping
from typing import Any


class Unreadable(Exception):
    """A blob that exists and could not be understood: its path is not covered, and nothing there is closed.

    `facts`: what could be told all the same, for the sake of other files.
    """

    def __init__(self, reason: str, line: int = 0, facts: Mapping[str, Any] | None = None) -> None:
        self.reason, self.line, self.facts = reason, line, facts or {}
        super().__init__(f"line {line}: {reason}" if line else reason)
