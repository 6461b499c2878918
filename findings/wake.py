"""Tell the workers that there is work, and never make anybody wait for it.

PostgreSQL holds the work; a message only says "look now". So a broker that is down, slow or gone costs the caller at
most `LIMIT` and the work a few seconds: beat wakes again whatever still waits.
"""

import logging
import threading

from celery import current_app
from kombu.transport import redis as redis_transport  # imported here so that the first wake-up does not pay for it

LIMIT = 0.05  # seconds a caller waits at most
# The sending thread's own limits: it outlives a caller who stopped waiting, but not for long.
PATIENCE = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0, "max_retries": 0}
TRANSPORT = redis_transport.Transport.driver_name

logger = logging.getLogger(__name__)
slots = threading.BoundedSemaphore(8)  # threads that may hang on a dead broker at the same time
complained = threading.Event()


def wake(task_name: str, *ids: int) -> bool:
    """Send the task `task_name` with `ids` to the workers; call it after the commit that made the work.

    True when the broker took the message within `LIMIT` seconds. Never raises; a broker in trouble is logged once.
    A thread does the sending, because no timeout of a socket bounds name resolution and all round trips together.
    """
    if not slots.acquire(blocking=False):
        return False
    sent = threading.Event()
    sender = threading.Thread(target=_send, args=(task_name, ids, sent), name="wake", daemon=True)
    sender.start()
    sender.join(LIMIT)
    return sent.is_set()


def _send(task_name: str, ids: tuple[int, ...], sent: threading.Event) -> None:
    try:
        with current_app.connection_for_write(transport_options=PATIENCE) as connection:
            current_app.send_task(task_name, args=ids, connection=connection, retry=False, ignore_result=True)
        sent.set()
        complained.clear()
    except Exception as error:  # whatever a broker, a driver or a resolver may raise: nobody is there to handle it
        logger.info("wake-up for %s not sent: %s", task_name, error)
        if not complained.is_set():
            complained.set()
            logger.warning("The broker took no wake-up for %s; the work waits in the database.", task_name)
    finally:
        slots.release()
