"""A bar that shows how much of a file was read: on a terminal only, so that logs stay clean."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Self

PIECE = 1024 * 1024
WIDTH = 30
PAUSE = 0.1  # seconds between two drawings


class Bar:
    """Draws over its own line of the error stream, and leaves none behind."""

    def __init__(self, out: Any) -> None:
        self._out, self._last, self._drawn = out, 0.0, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._drawn:
            self._write("\r" + " " * (WIDTH + 30) + "\r")

    def watch(self, file: BinaryIO) -> Callable[[], Iterator[bytes]]:
        """What reads the file from its start, each time it is called, and draws how far it is."""

        def pieces() -> Iterator[bytes]:
            size, done = os.fstat(file.fileno()).st_size if self._shows() else 0, 0
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece
                done += len(piece)
                self.draw(done, max(size, done))

        return pieces

    def draw(self, done: int, total: int) -> None:
        """How far it is, not more often than eyes can follow."""
        if not self._shows() or (done < total and time.monotonic() - self._last < PAUSE):
            return
        self._last, self._drawn = time.monotonic(), True
        full = WIDTH * done // max(total, 1)
        word = "reading" if done < total else "comparing"
        self._write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {100 * done // max(total, 1):3d} % {word:<10}")

    def _shows(self) -> bool:
        return bool(getattr(self._out, "isatty", lambda: False)())

    def _write(self, text: str) -> None:
        self._out.write(text, str, ending="")  # without the colour of an error
        self._out.flush()
