"""Why a blob has no facts."""


class Unreadable(Exception):
    """A blob that exists and could not be understood: its path is not covered, and nothing there is closed."""

    def __init__(self, reason: str, line: int = 0) -> None:
        self.reason, self.line = reason, line
        super().__init__(f"line {line}: {reason}" if line else reason)
