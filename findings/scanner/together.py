"""Many blobs are read by two processes: this one from the first on, a copy of it from the last, until they meet.

So whoever is quicker does more, and what stands together in git's packs, versions of one file, is taken out of them
once. The copy asks git by itself, touches neither store nor database, and ends with this one's interest in it.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe
from signal import SIGKILL
from typing import Any, TypeVar

log = logging.getLogger(__name__)

MANY = 500  # blobs; a copy is made in about as long as ten of them are read
SENT = 50  # answers that are sent at once
OFTEN = 16  # answers here between two looks at what was sent

T = TypeVar("T")
Work = Callable[[Sequence[str]], Iterator[T]]  # the answers for these names, one for each and in their order


def pays(count: int) -> bool:
    """Whether so many blobs are worth a second process: there has to be a processor for it."""
    return count >= MANY and sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def together(names: Sequence[str], work: Work[T]) -> Iterator[T]:
    """The answers for all names, in no order. What a copy that died owes is worked out here."""
    receiver, sender = Pipe(duplex=False)
    left = os.eventfd(len(names), os.EFD_SEMAPHORE | os.EFD_NONBLOCK)
    mine = others = 0
    try:
        with receiver:
            with sender:
                copy = _copy(lambda: _send(_claimed(work(names[::-1]), left), receiver, sender))
            try:
                for mine, answer in enumerate(_claimed(work(names), left), 1):
                    yield answer
                    for other in _arrived(receiver) if mine % OFTEN == 0 else ():
                        others += 1
                        yield other
                for other in _arrived(receiver, to_the_end=True):
                    others += 1
                    yield other
            finally:
                _end(copy)
    finally:
        os.close(left)
    if mine + others < len(names):
        log.warning("a copy of this process ended early; what it was to read is read here")
        yield from work(names[mine : len(names) - others])


def _claimed(answers: Iterator[T], left: int) -> Iterator[T]:
    """Of these answers as many as nobody else claims: each is, before it is worked out, out of those that are left."""
    while True:
        try:
            os.eventfd_read(left)
        except BlockingIOError:
            return
        yield next(answers)


def _copy(life: Callable[[], None]) -> int:
    """The number of a new process that is as this one and does nothing else; 0 where there cannot be one. A process of
    `multiprocessing` this is not, for workers may have none.
    """
    try:
        number = os.fork()
    except OSError as error:
        log.info("no second process: %s", error.strerror)
        return 0
    if not number:
        try:
            life()
        finally:
            os._exit(0)
    return number


def _end(copy: int) -> None:
    if copy:
        os.kill(copy, SIGKILL)
        os.waitpid(copy, 0)


def _arrived(receiver: Connection, to_the_end: bool = False) -> Iterator[Any]:
    """What the copy has sent by now, or until it has nothing more to send."""
    try:
        while to_the_end or receiver.poll():
            yield from receiver.recv()
    except (EOFError, OSError):
        return


def _send(answers: Iterable[Any], receiver: Connection, sender: Connection) -> None:
    """The life of a copy."""
    receiver.close()  # so that it hears when nobody listens any more
    try:
        for some in _batches(answers):
            sender.send(some)
    except Exception as error:  # who made it asks again for what is missing, and meets the error itself
        log.info("a copy of a process ended with %s", type(error).__name__)


def _batches(answers: Iterable[T]) -> Iterator[list[T]]:
    some: list[T] = []
    for answer in answers:
        some.append(answer)
        if len(some) >= SENT:
            yield some
            some = []
    yield some
