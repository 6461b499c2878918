"""Tracking the slow and obvious way: for every pass look at every pair, closest first. A judge for the fast one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from findings.core.drift import map_line, nearest_line
from findings.core.types import CLOSING, Coverage, Drift, Identity, Known, Observation, Reason


@dataclass(frozen=True)
class Place:
    """A row with its line and path carried to the new tree."""

    index: int
    one: Any
    path: str
    line: int
    near: int
    order: tuple[Any, ...]

    @property
    def name(self) -> tuple[str, str, bool]:
        return (self.one.rule, self.one.key if self.one.identity != Identity.HINTS else "", self.one.at_head)


Test = Callable[[Place, Place], bool]


def pairs(
    known: Sequence[Known], seen: Sequence[Observation], coverage: Coverage, drift: Drift
) -> set[tuple[int, int, int]]:
    """(index in known, index in seen, step) of passes 1 to 8, before any grouping by key."""
    seen = _without_repeated(seen)
    olds = [_carried(i, one, drift) for i, one in enumerate(known) if one.present]
    news = [_seen(i, one) for i, one in enumerate(seen)]
    found: set[tuple[int, int, int]] = set()
    for step, test in _passes(drift, known, coverage):
        found |= _closest_first(step, test, olds, news)
    closed = [_carried(i, one, drift) for i, one in enumerate(known) if not one.present]
    paths, living = coverage.paths, [_seen(s, seen[s]) for _, s, _ in found]

    def away(k: Place, s: Place) -> bool:
        """Elsewhere, and no copy of what lives."""
        copied = any(one.name == s.name and _text_and_block(one, s) for one in living)
        return paths is not None and k.path not in paths and _text_and_block(k, s) and not copied

    for test in ("tool id", "partial", _block, away):
        found |= _closest_first(8, test, closed, news)
    return found


def _without_repeated(seen: Sequence[Observation]) -> list[Observation]:
    """A tool id that several results have, and a fingerprint that all results share, name nothing."""
    ids = [one.tool_id for one in seen]
    values = [one.partial["p/v1"] for one in seen if one.partial]
    constant = len(values) > 1 and len(set(values)) == 1
    return [
        replace(
            one,
            tool_id=one.tool_id if ids.count(one.tool_id) == 1 else "",
            partial={} if constant else one.partial,
        )
        for one in seen
    ]


def _passes(drift: Drift, known: Sequence[Known], coverage: Coverage) -> list[tuple[int, Any]]:
    def diffed(k: Place, s: Place) -> bool:
        return _line(k, s) and s.path in drift.lines

    def gone(k: Place, s: Place) -> bool:
        return reason(known[k.index], coverage, drift) in CLOSING and _text_and_block(k, s)

    return [
        (1, "tool id"),
        (2, "partial"),
        (3, lambda k, s: _line(k, s) and k.one.block_hash == s.one.block_hash),
        (3, diffed),
        (4, lambda k, s: k.path == s.path and _text_and_block(k, s)),
        (3, _line),
        (4, lambda k, s: k.path == s.path and _text(k, s)),
        (5, _block),
        (6, _shape),
        (7, lambda k, s: _base(k.path) == _base(s.path) and gone(k, s)),
        (7, gone),
    ]


def _closest_first(step: int, test: Any, olds: list[Place], news: list[Place]) -> set[tuple[int, int, int]]:
    if isinstance(test, str):
        test = _unique({"tool id": _tool_id, "partial": _partial}[test], olds, news)
    candidates = [
        (abs(k.near - s.near), k.near, s.near, k.order, s.order, k, s)
        for k in olds
        for s in news
        if k.name == s.name and test(k, s)
    ]
    found = set()
    for *_, k, s in sorted(candidates, key=lambda entry: entry[:5]):
        if k in olds and s in news:
            olds.remove(k)
            news.remove(s)
            found.add((k.index, s.index, step))
    return found


def _unique(same: Test, olds: list[Place], news: list[Place]) -> Test:
    """Only where neither row has a second candidate."""
    some = [(k, s) for k in olds for s in news if k.name == s.name and same(k, s)]
    good = {
        (k.index, s.index)
        for k, s in some
        if sum(other is k for other, _ in some) == 1 and sum(other is s for _, other in some) == 1
    }
    return lambda k, s: (k.index, s.index) in good


def _tool_id(k: Place, s: Place) -> bool:
    return bool(k.one.tool_id) and k.one.tool_id == s.one.tool_id


def _partial(k: Place, s: Place) -> bool:
    return k.path == s.path and bool(k.one.partial) and dict(k.one.partial) == dict(s.one.partial)


def _text(k: Place, s: Place) -> bool:
    return bool(k.one.line_hash) and k.one.line_hash == s.one.line_hash


def _text_and_block(k: Place, s: Place) -> bool:
    return _text(k, s) and bool(k.one.block_hash) and k.one.block_hash == s.one.block_hash


def _line(k: Place, s: Place) -> bool:
    return k.path == s.path and 0 < k.line == s.line and _text(k, s)


def _block(k: Place, s: Place) -> bool:
    return k.path == s.path and bool(k.one.block_hash) and k.one.block_hash == s.one.block_hash


def _shape(k: Place, s: Place) -> bool:
    return k.path == s.path and k.one.shape == s.one.shape and (bool(k.one.shape) or k.line == s.line)


def _base(path: str) -> str:
    return path.split("/")[-1]


def _carried(index: int, one: Known, drift: Drift) -> Place:
    path = drift.renames.get(one.path, one.path) if one.at_head else one.path
    lines = drift.lines.get(path) if one.at_head else None
    line, near = one.line, one.line
    if lines and one.line:
        line, near = map_line(lines, one.line) or 0, nearest_line(lines, one.line)
    return Place(index, one, path, line, near, (one.path, one.line, one.finding, one.occurrence))


def _seen(index: int, one: Observation) -> Place:
    order = (one.path, one.line, one.message, one.line_hash, one.block_hash)
    return Place(index, one, one.path, one.line, one.line, order)


def reason(one: Known, coverage: Coverage, drift: Drift) -> Reason:
    """Law 3, one line per reason."""
    path = drift.renames.get(one.path, one.path)
    if not coverage.complete:
        return Reason.SCAN_FAILED
    if coverage.rules is not None and one.rule not in coverage.rules:
        return Reason.RULE_GONE
    if not one.at_head:
        return Reason.FIXED
    if {path, one.path} & set(coverage.unreadable):
        return Reason.NOT_COVERED
    if coverage.paths is not None and path not in coverage.paths:
        return Reason.CODE_DELETED
    return Reason.FIXED


def accounted(known: Sequence[Known], tracked: Any) -> Mapping[tuple[int, int], int]:
    """How many times each present occurrence is accounted for: each must be exactly once."""
    counts = {(one.finding, one.occurrence): 0 for one in known if one.present}
    for row in (*tracked.matches, *tracked.ended, *tracked.kept):
        if (row.finding, row.occurrence) in counts:
            counts[row.finding, row.occurrence] += 1
    for one in known:
        if one.present and one.finding in tracked.closed:
            counts[one.finding, one.occurrence] += 1
    return counts
