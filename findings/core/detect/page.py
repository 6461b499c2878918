"""A text with the places where the prefilter saw something; a text without any costs microseconds."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache

from findings.core.detect import engine, expressions, providers, reversing
from findings.core.lately import lately

LONGEST = 4000
AROUND = 600

_cache: engine.Cache = engine.Nowhere()


def keep_in(kept: engine.Cache) -> None:
    """Where compiled patterns are kept from one process to the next."""
    global _cache
    _cache = kept


@cache
def known_formats() -> dict[str, str]:
    """The patterns of the providers' formats, by rule."""
    return providers.formats(_cache)


@cache
def _shares() -> providers.Shares:
    return providers.Shares(_cache)


@cache
def _alone() -> providers.Alone:
    return providers.alone(known_formats())


def tokens(data: bytes, formats: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """(what it is, value, line from 1) of every token, by the rules whose formats were seen."""
    return providers.tokens(data, known_formats(), _shares().of(formats, data), _alone())


@cache
def _engine(style: str) -> engine.Engine:
    return engine.build(expressions.expressions(style, known_formats()), _cache)


def prepared(others: Sequence[engine.Expression]) -> engine.Engine:
    """An automaton of other expressions, kept where those of the kinds are."""
    return engine.build(others, _cache)


def prepare(kind: str) -> None:
    """Makes the automaton for texts of a kind: half a second at best, many on a busy machine."""
    _engine(expressions.style_of(kind))


@lately(2)
def marks(data: bytes, kind: str) -> list[engine.Mark]:
    """What the prefilter sees in bytes that hold a text of this kind; not to be changed. Most are asked for twice."""
    found = _engine(expressions.style_of(kind))(data)
    return [mark for mark in found if mark[0] != reversing.ROLE or reversing.stands_below(data, mark[1])]


@cache
def _structure() -> engine.Engine:
    return engine.build(expressions.STRUCTURE, _cache)


def structured_lines(data: bytes) -> list[int]:
    """The lines of YAML, from 1 and in order, on which something stands that its structure may make a candidate."""
    marks = sorted(_structure()(data), key=lambda mark: mark[1])
    if len(marks) >= engine.MARKS:
        return list(range(1, data.count(b"\n") + 2))
    found: list[int] = []
    number, at = 1, 0
    for _, end in marks:
        number += data.count(b"\n", at, end)
        at = end
        if not found or found[-1] != number:
            found.append(number)
    return found


@lately(2)
def rows(text: str) -> list[str]:
    """The lines of a text, for all who ask; not to be changed."""
    return text.split("\n")


class Page:
    """The marks of one text by role, and the lines around each."""

    def __init__(self, text: str, kind: str) -> None:
        self.text = text
        self.data = text.encode("utf-8", "surrogatepass")
        self.places: dict[str, list[tuple[int, int]]] = {}
        found = marks(self.data, kind)
        self.lines = rows(text) if found else []
        number = at = 0
        for role, end in sorted(found, key=lambda mark: mark[1]):
            number += self.data.count(b"\n", at, end - 1) if end > at else 0
            at = max(at, end - 1)
            self.places.setdefault(role, []).append((number, end))

    @property
    def formats(self) -> list[str]:
        """The rules of providers whose formats were seen."""
        return [role.removeprefix(expressions.FORMAT) for role in self.places if role.startswith(expressions.FORMAT)]

    def windows(self, role: str, before: int = 0) -> Iterator[tuple[str, int]]:
        """(text, number of its first line from 0) around each mark of a role: whole lines, each once, where they are
        short. The mark's own line is the last.
        """
        done = -1
        for number, end in self.places.get(role, ()):
            if len(self.lines[number]) > LONGEST:
                start = max(self.data.rfind(b"\n", 0, max(end - 1, 0)) + 1, end - AROUND)
                stop = self.data.find(b"\n", max(end - 1, 0))
                stop = min(stop if stop >= 0 else len(self.data), end + AROUND)
                yield self.data[start:stop].decode("utf-8", "ignore"), number
            elif number != done:
                done, first = number, max(0, number - before)
                rows = self.lines[first : number + 1]
                yield "\n".join(row[:LONGEST] for row in rows) if before else rows[0], first


@lately(4)
def read(text: str, kind: str) -> Page:
    """The page of a text; the last few are remembered, for one file is asked about more than once."""
    return Page(text, kind)
