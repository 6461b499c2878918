"""What a scan may cost: bytes of a blob, seconds spent on it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import current_thread, main_thread
from types import FrameType

from findings.core.facts import Settings

AGAIN = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a scan: the largest blob that is read, in bytes, the seconds that one blob may take, and the thresholds
    of the rules.
    """

    blob_bytes: int = 2 * 1024 * 1024
    settings: Settings = field(default_factory=Settings)
    seconds: float = 10


class OutOfTime(BaseException):
    """A blob took too long. No `Exception`: what catches those inside an extractor must not keep it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` in what runs longer, patterns that backtrack included: the alarm comes until it is heard.

    Only the main thread hears alarms; every worker scans in its own. Elsewhere there is no limit.
    """
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(number: int, frame: FrameType | None) -> None:
    raise OutOfTime
