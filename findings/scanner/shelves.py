"""A mapping in buckets: each is filled when something of it is asked for, and copied when something of it is changed.

So what a tree came to is kept in many small shares, of which a change of two files reads and writes a few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar
from zlib import crc32

BUCKETS = 32

T = TypeVar("T")


class Outdated(Exception):
    """What a shelf was to be filled from has been replaced by another process."""


class Source(Protocol):
    """Where buckets are kept."""

    def load(self, wanted: Mapping[str, Collection[int]]) -> Mapping[tuple[str, int], dict[str, Any]]:
        """(name of a shelf, number) -> what the bucket holds, of those that hold anything. Raises `Outdated`."""


def bucket_of(home: str) -> int:
    """The bucket of everything that has this home."""
    return crc32(home.encode()) % BUCKETS


class Shelf(Generic[T]):
    """Name -> value. What is asked for together shares a home, and so a bucket; a name has one home.

    `changed`: buckets that are not as they were kept. Without a source all of it is here.
    """

    def __init__(self, name: str, source: Source | None = None) -> None:
        self.name, self.source = name, source
        self.changed: set[int] = set()
        self._here: dict[int, dict[str, T]] = {}
        self._own: set[int] = set()

    @classmethod
    def of(cls, name: str, values: Mapping[str, T]) -> "Shelf[T]":
        """A shelf that holds this instead of what was kept. Names are their own homes."""
        shelf = cls(name)
        for number in range(BUCKETS):
            shelf.take(number, {})
        for one, value in values.items():
            shelf._here[bucket_of(one)][one] = value
        shelf.changed.update(range(BUCKETS))
        return shelf

    def copy(self) -> "Shelf[T]":
        """A copy to be changed. Its buckets are copied when they are."""
        other: Shelf[T] = Shelf(self.name, self.source)
        other._here, other.changed = dict(self._here), set(self.changed)
        self._own.clear()
        return other

    def lacking(self, homes: Iterable[str] | None = None) -> set[int]:
        """The buckets (of these homes, or all) that are still to be filled."""
        if self.source is None:
            return set()
        wanted = range(BUCKETS) if homes is None else map(bucket_of, homes)
        return set(wanted).difference(self._here)

    def bucket(self, number: int) -> Mapping[str, T]:
        """What one bucket holds."""
        if number not in self._here:
            fill([(self, {number})])
        return self._here[number]

    def at(self, home: str) -> Mapping[str, T]:
        """The bucket of a home: what has this one is in it, among others."""
        return self.bucket(bucket_of(home))

    def put(self, home: str, name: str, value: T | None) -> bool:
        """From now on this is the value of a name, or it has none. Says whether that is a change."""
        number = bucket_of(home)
        before = self.bucket(number)
        if before.get(name) == value:
            return False
        if number not in self._own:
            self._own.add(number)
            self._here[number] = dict(before)
        if value is None:
            del self._here[number][name]
        else:
            self._here[number][name] = value
        self.changed.add(number)
        return True

    def items(self) -> Iterator[tuple[str, T]]:
        """All of it, in no order."""
        fill([(self, self.lacking())])
        for number in range(BUCKETS):
            yield from self.bucket(number).items()

    def take(self, number: int, held: dict[str, T]) -> None:
        """Take in what a bucket holds."""
        self._here.setdefault(number, held)


def fill(wanted: Iterable[tuple[Shelf[Any], Collection[int]]]) -> None:
    """Fill buckets of several shelves, with one question to each source. Raises `Outdated`."""
    asked: dict[Source | None, list[tuple[Shelf[Any], Collection[int]]]] = defaultdict(list)
    for shelf, numbers in wanted:
        if numbers:
            asked[shelf.source].append((shelf, numbers))
    for source, some in asked.items():
        found = source.load({shelf.name: numbers for shelf, numbers in some}) if source else {}
        for shelf, numbers in some:
            for number in numbers:
                shelf.take(number, found.get((shelf.name, number)) or {})
