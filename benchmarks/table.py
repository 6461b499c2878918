"""Prints what was measured."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work answers, and the seconds it took."""
    began = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - began


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on standard output, columns aligned."""
    cells = [[str(c) if not isinstance(c, float) else f"{c:.3f}" for c in row] for row in [head, *rows]]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    lines = [
        "  ".join(c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]
    print("", title, *lines, sep="\n")
