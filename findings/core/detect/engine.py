"""Many patterns in one pass over bytes: Hyperscan, or RE2 where it has no wheel. Both find; neither judges.

Compiling takes half a second, so what Hyperscan makes can be kept: whoever starts the program says where (`keep_in`).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

_hyperscan: Any = import_module("hyperscan") if find_spec("hyperscan") else None
_re2: Any = import_module("re2") if find_spec("re2") else None

MARKS = 20_000


class Cache(Protocol):
    """Where compiled patterns outlive a process. Names are plain file names; a lost entry costs half a second."""

    def get(self, name: str) -> bytes | None:
        """What was kept under a name."""

    def put(self, name: str, data: bytes) -> None:
        """Keeps bytes under a name, or does nothing."""

    def place(self, name: str) -> str:
        """The file that holds what was kept under a name, for who reads files itself; empty where there is none."""


class Nowhere:
    """A cache that keeps nothing."""

    def get(self, name: str) -> bytes | None:
        """Nothing."""

    def put(self, name: str, data: bytes) -> None:
        """Nothing."""

    def place(self, name: str) -> str:
        """Nowhere."""
        return ""


@dataclass(frozen=True, slots=True)
class Expression:
    """One pattern. `once`: only whether it occurs is asked. `role` says to whom its marks go."""

    role: str
    pattern: str
    once: bool = False


Mark = tuple[str, int]  # a role, and the offset just behind a match
Engine = Callable[[bytes], list[Mark]]


def build(expressions: Sequence[Expression], cache: Cache) -> Engine:
    """A function that finds the marks of all expressions in bytes, at most `MARKS` of them."""
    return hyperscan_engine(expressions, cache) if _hyperscan else re2_engine(expressions)


def hyperscan_engine(expressions: Sequence[Expression], cache: Cache) -> Engine:
    """All expressions as one automaton; its working memory is per call where two threads meet."""
    database = _loaded(expressions, cache)
    roles = [expression.role for expression in expressions]

    def scan(data: bytes) -> list[Mark]:
        marks: list[Mark] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            marks.append((roles[number], end))
            return len(marks) >= MARKS

        try:
            database.scan(data, match_event_handler=note)
        except _hyperscan.ScratchInUseError:
            database.scan(data, match_event_handler=note, scratch=_hyperscan.Scratch(database))
        except _hyperscan.ScanTerminated:
            pass
        return marks

    return scan


def _loaded(expressions: Sequence[Expression], cache: Cache) -> Any:
    """The automaton from the cache, or compiled and kept. One that another machine or version made is made anew."""
    text = "\0".join([_hyperscan.__version__, *(f"{one.pattern}\1{one.once}" for one in expressions)])
    name = f"patterns-{hashlib.sha256(text.encode()).hexdigest()[:32]}.hs"
    if kept := cache.get(name):
        try:
            database = _hyperscan.loadb(kept, _hyperscan.HS_MODE_BLOCK)
            database.scratch = _hyperscan.Scratch(database)
            return database
        except _hyperscan.error:
            pass
    database = _hyperscan.Database()
    database.compile(
        expressions=[one.pattern.encode() for one in expressions],
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[_hyperscan.HS_FLAG_SINGLEMATCH if one.once else 0 for one in expressions],
    )
    cache.put(name, _hyperscan.dumpb(database))
    return database


def re2_engine(expressions: Sequence[Expression]) -> Engine:
    """The same by RE2: one pass says which expressions occur, one more each says where."""
    options = _re2.Options()
    options.encoding = _re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 1 << 28
    known: list[tuple[Expression, Any]] = []
    together = _re2.Set.SearchSet(options)
    for expression in expressions:
        try:
            compiled = _re2.compile(expression.pattern.encode(), options)
        except _re2.error:  # a repetition that RE2 does not count to
            continue
        together.Add(expression.pattern.encode())
        known.append((expression, compiled))
    together.Compile()

    def scan(data: bytes) -> list[Mark]:
        found = [known[number] for number in sorted(together.Match(data) or ())]
        return [mark for expression, compiled in found for mark in _marks(expression, compiled, data)][:MARKS]

    return scan


def _marks(expression: Expression, compiled: Any, data: bytes) -> Iterator[Mark]:
    if expression.once:
        yield expression.role, len(data)
    else:
        yield from ((expression.role, match.end()) for match in compiled.finditer(data))
