"""Which of the old places are which of the new: one-to-one passes over rows that carry the same fields on both sides.

A `Row` is a known occurrence or an observation with its old path and line already carried to the new tree, so that the
passes compare like with like. A pass is a key: rows with equal keys are candidates for each other. Within a key the
nearest line wins, then the order of the rows. The cost is linear in the rows, but for sorting inside a key.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple

from findings.core.nearest import nearest
from findings.core.surroundings import Surroundings, likeness

Key = Hashable | None
Order = Callable[[int], Any]


@dataclass(slots=True)
class Row:
    """`index` names the row for its owner. `subject` = the rule and, where there is one, the key of the finding;
    rows of different subjects never pair. `line` is 0 where the old line did not survive, `near` where it was.
    `diffed`: a line map of the file is known, so an equal line is evidence and not a guess. `around`: the code it
    stands in; `said`: the stamp of all that is said of it, 0 where a change lies between; `weighed`: it was compared by
    its surroundings, and what is left of it looked like nothing.
    """

    index: int
    subject: int
    path: str
    line: int
    near: int
    diffed: bool
    tool_id: str = ""
    partial: Mapping[str, str] = field(default_factory=dict)
    line_hash: str = ""
    block_hash: str = ""
    shape: str = ""
    around: Surroundings = field(default_factory=Surroundings)
    said: int = 0
    weighed: bool = False


class Pair(NamedTuple):
    """An old row and a new row that are the same thing, by the pass `step`."""

    old: int
    new: int
    step: int
    ambiguous: bool


def _words(row: Row) -> Key:
    return (row.subject, row.said) if row.said else None


def _tool_id(row: Row) -> Key:
    return (row.subject, row.tool_id) if row.tool_id else None


def _fingerprint(name: str, row: Row) -> Key:
    return (row.subject, row.path, row.partial[name]) if name in row.partial else None


def _line_in_block(row: Row) -> Key:
    return (row.subject, row.path, row.line, row.line_hash, row.block_hash) if row.line and row.line_hash else None


def _diffed_line(row: Row) -> Key:
    return (row.subject, row.path, row.line, row.line_hash) if row.diffed and row.line and row.line_hash else None


def _moved_in_block(row: Row) -> Key:
    return (row.subject, row.path, row.line_hash, row.block_hash) if row.line_hash and row.block_hash else None


def _line(row: Row) -> Key:
    return (row.subject, row.path, row.line, row.line_hash) if row.line and row.line_hash else None


def _line_hash(row: Row) -> Key:
    return (row.subject, row.path, row.line_hash) if row.line_hash and not (row.weighed and row.diffed) else None


def _text(row: Row) -> Key:
    return (row.subject, row.line_hash) if row.line_hash else None


def _text_here(row: Row) -> Key:
    return (row.subject, row.path, row.line_hash) if row.line_hash and row.around else None


def _text_anywhere(row: Row) -> Key:
    return (row.subject, row.line_hash) if row.line_hash and row.around else None


def _message_here(row: Row) -> Key:
    return (row.subject, row.path, row.shape) if row.shape and row.around else None


def _message_anywhere(row: Row) -> Key:
    return (row.subject, row.shape) if row.shape and row.around else None


def _block(row: Row) -> Key:
    return (row.subject, row.path, row.block_hash) if row.block_hash else None


def _shape(row: Row) -> Key:
    """Without a message only the place itself is left, and it has to be the same."""
    if row.weighed and row.diffed and row.shape:
        return None
    return (row.subject, row.path, row.shape, 0 if row.shape else row.line)


def _same_name_elsewhere(row: Row) -> Key:
    name = row.path.rpartition("/")[2]
    return (row.subject, name, row.line_hash, row.block_hash) if row.line_hash and row.block_hash else None


def _elsewhere(row: Row) -> Key:
    return (row.subject, row.line_hash, row.block_hash) if row.line_hash and row.block_hash else None


# Strongest first. An equal line number is evidence where a diff carried it over; elsewhere it is a guess, and equal
# surroundings say more: of two functions that changed places each keeps its own finding.
_SAME_FILE: tuple[tuple[int, Callable[[Row], Key]], ...] = (
    (3, _diffed_line),
    (4, _moved_in_block),
    (3, _line),
    (4, _line_hash),
    (5, _block),
)
_OTHER_FILE: tuple[tuple[int, Callable[[Row], Key]], ...] = ((7, _same_name_elsewhere), (7, _elsewhere))

LIKE, ALIKE = 0.2, 0.5  # how much of the code around has to be the same
DIFFED = 0.3  # what a line that the diff carried over counts for
NEAR, CLOSE = 0.5, 0.25  # another line of the same message: within ten lines, or in code that is alike
REACH = 10
PRODUCT = 10_000  # pairs of one key that are compared one by one


def _nearness(old: Row, new: Row) -> float:
    """1 where the line is the same, less where it was rewritten nearby."""
    if old.line:
        return 1.0 if old.line == new.line else 0.0
    return max(0.0, 1 - abs(old.near - new.near) / REACH)


class Pairing:
    """Old and new rows that are still unpaired, and the pairs found so far. `old_order` and `new_order` turn the index
    of a row into its sort key, which decides between rows that are equally near.
    """

    def __init__(self, old: Iterable[Row], new: Iterable[Row], old_order: Order, new_order: Order) -> None:
        self.old = {row.index: row for row in old}
        self.new = {row.index: row for row in new}
        self.old_order, self.new_order = old_order, new_order
        self.pairs: list[Pair] = []
        self.paired: list[Row] = []  # the new rows among them

    def identify(self) -> None:
        """Passes 1 and 2: what the tool itself says. A value that is not unique on both sides names nothing. What is
        told in the very same words comes before all.
        """
        self._take(0, _words, unique=True)
        self._take(1, _tool_id, unique=True)
        names = {name for row in self.new.values() for name in row.partial}
        for name in sorted(names, key=versioned, reverse=True):
            self._take(2, partial(_fingerprint, name), unique=True)

    def compare(self) -> None:
        """Passes 3 to 6: the same file, by line, text, surroundings and message. Where the code around is known, equal
        lines go to where it is most alike, and one that stands in other code is another one.
        """
        self._take(3, _line_in_block)
        self._weigh(4, _text_here, LIKE, DIFFED)
        for step, key in _SAME_FILE:
            self._take(step, key)
        self._weigh(6, _message_here, CLOSE, NEAR)
        self._take(6, _shape)

    def follow(self, gone: Callable[[int], bool]) -> None:
        """Pass 7: another file, for those whose old place is `gone`: a copy does not take the original's identity."""
        waiting = {index: row for index, row in self.old.items() if not gone(index)}
        for index in waiting:
            del self.old[index]
        for step, key in _OTHER_FILE:
            self._take(step, key)
        self._weigh(7, _text_anywhere, LIKE, 0.0)
        self._weigh(7, _message_anywhere, ALIKE, 0.0)
        self.old.update(waiting)

    def recognise(self, gone: Callable[[int], bool], living: Iterable[Row] = ()) -> None:
        """Pass 8, for rows of closed findings: the strong keys of passes 1, 2 and 5, or the same line in mostly the
        same code; in another file only where the old one is `gone`, and what is new there is no copy of something
        `living`.
        """
        before = len(self.pairs)
        self.identify()
        self._take(5, _block)
        self._weigh(8, _text_here, ALIKE, 0.0)
        for index in [index for index in self.old if not gone(index)]:
            del self.old[index]
        copies = self._copies(living) if self.old else {}
        self._take(8, _elsewhere)
        self._weigh(8, _text_anywhere, ALIKE, 0.0)
        self.new.update(copies)
        self.pairs[before:] = [Pair(pair.old, pair.new, 8, pair.ambiguous) for pair in self.pairs[before:]]

    def _copies(self, living: Iterable[Row]) -> dict[int, Row]:
        """Takes out what is the same text as something living, in the same code or in code that is alike."""
        lives = _buckets(living, _text)
        copies: dict[int, Row] = {}
        for name, rows in _buckets(self.new.values(), _text, lives).items():
            left, right = _several(lives[name], int), _several(rows, int)
            blocks = {row.block_hash for row in left if row.block_hash}
            weighed = left if len(left) * len(right) <= PRODUCT else []
            for row in right:
                if row.block_hash in blocks or any(likeness(one.around, row.around) >= ALIKE for one in weighed):
                    copies[row.index] = self.new.pop(row.index)
        return copies

    def _take(self, step: int, key: Callable[[Row], Key], unique: bool = False) -> None:
        if not self.old or not self.new:
            return
        old = _buckets(self.old.values(), key)
        new = _buckets(self.new.values(), key, old)
        for name, news in new.items():
            olds = old[name]
            if isinstance(olds, Row) and isinstance(news, Row):
                if step != 2 or _agree(olds.partial, news.partial):
                    self._pair(olds, news, step or strongest(bool(news.tool_id), bool(news.partial)), False)
            elif not unique:
                self._nearest(step, _several(olds, self.old_order), _several(news, self.new_order))

    def _weigh(self, step: int, key: Callable[[Row], Key], least: float, bonus: float) -> None:
        """Pair the rows of each key by how alike the code around them is, the most alike first, down to `least`.

        `bonus` counts for the line that the diff carried over (or, less, for one near it).
        """
        if not self.old or not self.new:
            return
        old = _buckets(self.old.values(), key)
        for name, news in _buckets(self.new.values(), key, old).items():
            left, right = _several(old[name], self.old_order), _several(news, self.new_order)
            if len(left) * len(right) > PRODUCT:
                continue
            weights = [
                (-weight, abs(one.near - other.near), n, m)
                for n, one in enumerate(left)
                for m, other in enumerate(right)
                if (weight := likeness(one.around, other.around) + bonus * _nearness(one, other)) >= least
            ]
            for _, _, n, m in sorted(weights):
                if left[n].index in self.old and right[m].index in self.new:
                    self._pair(left[n], right[m], 3 if step == 4 and left[n].line == right[m].line else step, False)
            for row in left + right:
                row.weighed = True

    def _nearest(self, step: int, olds: list[Row], news: list[Row]) -> None:
        for old, new, ambiguous in nearest([row.near for row in olds], [row.near for row in news]):
            self._pair(olds[old], news[new], step, ambiguous)

    def _pair(self, old: Row, new: Row, step: int, ambiguous: bool) -> None:
        self.pairs.append(Pair(old.index, new.index, step, ambiguous))
        self.paired.append(new)
        del self.old[old.index], self.new[new.index]


def strongest(tool_id: bool, partial: bool) -> int:
    """The first pass that would have found what is told in the same words."""
    return 1 if tool_id else 2 if partial else 3


# Most keys have one row on each side. A list for each of them would double the time, so only the others get one.
Buckets = dict[Hashable, Row | list[Row]]


def _buckets(rows: Iterable[Row], key: Callable[[Row], Key], among: Container[Hashable] | None = None) -> Buckets:
    """Rows by key; only the keys `among` those given."""
    buckets: Buckets = {}
    for row in rows:
        name = key(row)
        if name is None or (among is not None and name not in among):
            continue
        present = buckets.setdefault(name, row)
        if isinstance(present, list):
            present.append(row)
        elif present is not row:
            buckets[name] = [present, row]
    return buckets


def _several(rows: Row | list[Row], order: Order) -> list[Row]:
    return sorted(rows, key=lambda row: order(row.index)) if isinstance(rows, list) else [rows]


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether every fingerprint that both have is equal in the highest version that both have."""
    if one == other:
        return True
    common: dict[str, tuple[int, str]] = {}
    for name in one.keys() & other.keys():
        base, version = versioned(name)
        common[base] = max(common.get(base, (-1, "")), (version, name))
    return all(one[name] == other[name] for _, name in common.values())


@lru_cache(maxsize=256)
def versioned(name: str) -> tuple[str, int]:
    """A fingerprint's name without its version, and the version: "contextHash/v2" -> ("contextHash", 2); 0 for none."""
    base, _, version = name.rpartition("/v")
    return (base, int(version)) if base and version.isdecimal() and version.isascii() else (name, 0)
