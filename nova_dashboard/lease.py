"""How a worker keeps a scan while it works on it, and says how far it is."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from findings import actions
from findings.actions.scans import Lost
from findings.models import Scan

log = logging.getLogger(__name__)
HOLD = 1.0  # seconds between two writes of a scan's progress


@dataclass(slots=True)
class Progress:
    """How far a scan is. Saying so costs nothing: a thread writes it down, at most once a second."""

    stage: str = ""
    done: int = 0
    total: int = 0
    told: Callable[[str, int, int], None] | None = None

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        self.stage, self.done, self.total = stage, done, total
        if self.told:
            self.told(stage, done, total)


@contextmanager
def leased(scan: Scan, told: Callable[[str, int, int], None] | None = None) -> Iterator[Progress]:
    """Hold the lease from a thread, since a fetch may say nothing for minutes. It ends with this process: when a
    worker is killed, another can take the scan over within seconds. `told` hears of the progress as well.
    """
    over, progress = threading.Event(), Progress(told=told)

    def keep() -> None:
        written, waited = ("", 0, 0), 0.0
        pause = min(HOLD, settings.NOVA_LEASE / 4)
        try:
            while not over.wait(pause):
                waited += pause
                now = (progress.stage, progress.done, progress.total)
                if now != written or waited >= settings.NOVA_LEASE / 4:
                    if progress.stage:
                        actions.advance(scan, *now)
                    else:
                        actions.hold(scan)
                    written, waited = now, 0.0
        except (Lost, DatabaseError) as error:
            log.info("scan %s is not held any more: %s", scan.pk, error)
        finally:
            connection.close()

    thread = threading.Thread(target=keep, name=f"lease of scan {scan.pk}", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        over.set()
