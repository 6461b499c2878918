"""What a file speaks of, heard in one pass: most rules read few files, and each would look for its words by itself."""

from collections.abc import Set

from findings.core.detect.engine import Engine, Expression
from findings.core.detect.page import prepared


class Listener:
    """Tells which of many topics occur in bytes, at little more than the price of looking for one.

    A topic is a pattern in the syntax that Hyperscan and RE2 share, whose classes know ASCII only. It is added where it
    is needed, once, and asked for by itself.
    """

    def __init__(self) -> None:
        self.topics: list[str] = []
        self._engine: Engine | None = None

    def topic(self, pattern: str) -> str:
        """Adds a topic."""
        self.topics.append(pattern)
        self._engine = None
        return pattern

    def __call__(self, data: bytes) -> Set[str]:
        """The topics that occur."""
        if self._engine is None:
            self._engine = prepared([Expression(topic, topic, once=True) for topic in self.topics])
        return {topic for topic, _ in self._engine(data)}


FILES = Listener()  # of the bytes of a file
RUST = Listener()  # of Rust code without comments and strings
