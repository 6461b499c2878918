"""What a scan may cost: bytes of a blob, seconds spent on it."""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import current_thread, main_thread
from time import monotonic, process_time
from types import FrameType

from findings.core.facts import Settings

AGAIN = 0.5  # seconds between two looks at the time
PATIENCE = 6
SELDOM = (100_000, 20, 1_000_000)  # objects, and smaller collections, before the next one; of everything, none


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a scan: the largest blob that is read, in bytes, the seconds that one blob may take, and the thresholds
    of the rules.
    """

    blob_bytes: int = 2 * 1024 * 1024
    settings: Settings = field(default_factory=Settings)
    seconds: float = 10


@contextmanager
def few_collections() -> Iterator[None]:
    """Meanwhile the interpreter looks for circles of garbage less often: reading files makes many objects and hardly
    any circle, and each look goes through what the whole program holds. A look at all of it, which takes a quarter of a
    second where pages and models are loaded, waits for the end, and is taken there by who made so much that it is soon
    due: else the next push would pay for it.
    """
    before, began = gc.get_threshold(), gc.get_count()[2]
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        if gc.get_count()[2] - began > before[2] // 2:
            gc.collect()
        gc.set_threshold(*before)


class OutOfTime(BaseException):
    """A blob took too long. No `Exception`: what catches those inside an extractor must not keep it."""


class Watch:
    """Raises `OutOfTime` in work that takes longer, patterns that backtrack included: the alarm is repeated.

    Time is that of the processor, since a busy machine is no fault of a blob; what waits instead of working has
    `PATIENCE` times as much by the clock on the wall. Only the main thread hears alarms; every worker scans in its
    own. Elsewhere there is no limit.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._piece = 0  # its number, while there is one
        self._count = self._seen = 0
        self._began = 0.0, 0.0
        self._hears = self._runs = False

    @contextmanager
    def on(self) -> Iterator[None]:
        """Hears alarms meanwhile; who heard them before hears them again afterwards."""
        if current_thread() is not main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._ring)
        self._hears = True
        try:
            yield
        finally:
            self._hears = False
            self.rest()
            signal.signal(signal.SIGALRM, before)

    def piece(self) -> "Watch":
        """One piece of work, which may take as long as is allowed. One timer runs for many pieces."""
        return self

    def __enter__(self) -> None:
        if self._hears and not self._runs:
            self._runs = True
            pause = min(AGAIN, self.seconds / 2)
            signal.setitimer(signal.ITIMER_REAL, pause, pause)
        self._count = self._piece = self._count + 1

    def __exit__(self, *_: object) -> None:
        self._piece = 0

    def rest(self) -> None:
        """Nothing rings until the next piece."""
        if self._runs:
            self._runs = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        """Looks at the time. Pieces are many and short, so their clocks start when one is seen for the first time."""
        if not self._piece:
            return
        now = process_time(), monotonic()
        if self._piece != self._seen:
            self._seen, self._began = self._piece, now
        worked, passed = now[0] - self._began[0], now[1] - self._began[1]
        if worked > self.seconds or passed > PATIENCE * self.seconds:
            raise OutOfTime
