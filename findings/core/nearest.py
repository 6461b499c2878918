"""One-to-one pairing of two sets of lines by distance: the closest pair first, again and again.

Trying every pair would cost their product. But the closest pair always stands side by side in the order of the lines
(anything between the two would be closer to one of them), so a heap of neighbours is enough: O(n log n).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

Found = tuple[int, int, bool]


def nearest(olds: Sequence[int], news: Sequence[int]) -> Iterator[Found]:
    """Pairs of indexes into `olds` and `news` (line numbers), until one side is used up, and whether each was
    ambiguous: another row that was still free stood at the same distance. Ties go to the lower old line, then the
    lower new line, then the order of the rows.
    """
    queues: dict[int, tuple[deque[int], deque[int]]] = {}
    for side, lines in enumerate((olds, news)):
        for index, line in enumerate(lines):
            queues.setdefault(line, (deque(), deque()))[side].append(index)
    for old, new in queues.values():
        ambiguous = len(old) > 1 or len(new) > 1
        while old and new:
            yield old.popleft(), new.popleft(), ambiguous
    yield from _Neighbours({line: pair for line, pair in queues.items() if any(pair)}).pairs()


class _Neighbours:
    """Lines in order, each with rows of one side only. `free_olds` and `free_news` count what was free on a line when
    the current distance began, which is what ambiguity is about.
    """

    def __init__(self, queues: dict[int, tuple[deque[int], deque[int]]]) -> None:
        lines = sorted(queues)
        self.olds = {line: pair[0] for line, pair in queues.items() if pair[0]}
        self.news = {line: pair[1] for line, pair in queues.items() if pair[1]}
        self.after: dict[int, int] = dict(pairwise(lines))
        self.before: dict[int, int] = {right: left for left, right in self.after.items()}
        self.free_olds = {line: len(rows) for line, rows in self.olds.items()}
        self.free_news = {line: len(rows) for line, rows in self.news.items()}
        self.heap = [entry for left, right in self.after.items() if (entry := self._entry(left, right))]
        heapify(self.heap)

    def _entry(self, left: int, right: int) -> tuple[int, int, int] | None:
        if left in self.olds and right in self.news:
            return right - left, left, right
        if left in self.news and right in self.olds:
            return right - left, right, left
        return None

    def pairs(self) -> Iterator[Found]:
        reached, taken = 0, list[tuple[int, int]]()
        while self.heap:
            distance, old, new = heappop(self.heap)
            if old not in self.olds or new not in self.news:
                continue
            if distance > reached:
                for old_line, new_line in taken:
                    self.free_olds[old_line] -= 1
                    self.free_news[new_line] -= 1
                reached, taken = distance, []
            yield self.olds[old].popleft(), self.news[new].popleft(), self._ambiguous(distance, old, new)
            taken.append((old, new))
            self._settle(distance, old, new)

    def _ambiguous(self, distance: int, old: int, new: int) -> bool:
        for_old = self.free_news.get(old - distance, 0) + self.free_news.get(old + distance, 0)
        for_new = self.free_olds.get(new - distance, 0) + self.free_olds.get(new + distance, 0)
        return for_old > 1 or for_new > 1

    def _settle(self, distance: int, old: int, new: int) -> None:
        """Unlink the lines that are used up, and make neighbours of what now stands side by side."""
        if self.olds[old] and self.news[new]:
            heappush(self.heap, (distance, old, new))
            return
        for line, side in ((old, self.olds), (new, self.news)):
            if not side[line]:
                del side[line]
                self._unlink(line)

    def _unlink(self, line: int) -> None:
        left, right = self.before.pop(line, None), self.after.pop(line, None)
        if left is not None:
            self.after.pop(left)
        if right is not None:
            self.before.pop(right)
        if left is not None and right is not None:
            self.after[left], self.before[right] = right, left
            if entry := self._entry(left, right):
                heappush(self.heap, entry)
