"""A worker's sign of life: a row in the database, written by its main process even while a task runs."""

import logging
from typing import Any

from celery.bootsteps import StartStopStep
from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

EVERY = 10.0  # seconds

logger = logging.getLogger(__name__)


class Heart(StartStopStep):
    """Beats from start to an orderly stop. A row that stays behind is a worker that died."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.timer_entry: Any = None

    def start(self, parent: Any) -> None:
        """Beat now, and then every `EVERY` seconds."""
        self.timer_entry = parent.timer.call_repeatedly(EVERY, beat, (parent.hostname,), priority=10)
        beat(parent.hostname)

    def stop(self, parent: Any) -> None:
        """An orderly end: nobody has to miss this worker."""
        if self.timer_entry:
            self.timer_entry.cancel()
        forget(parent.hostname)


def beat(name: str) -> None:
    """Write that the worker `name` lives now. A database that is away is logged: the worker goes on."""
    try:
        _hearts().update_or_create(name=name, defaults={"at": timezone.now()})
    except DatabaseError as error:
        logger.warning("heartbeat not written: %s", error)
    finally:
        connection.close()


def forget(name: str) -> None:
    """Take the worker `name` off the list."""
    try:
        _hearts().filter(name=name).delete()
    except DatabaseError as error:
        logger.warning("heartbeat not removed: %s", error)
    finally:
        connection.close()


def _hearts() -> Any:
    """The rows; looked up late because the Celery app is imported before Django's models are."""
    return apps.get_model("findings", "Heartbeat")._default_manager
