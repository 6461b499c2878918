"""A small world for tests of tracking: files whose bad lines are observed, changes, and the drift a diff would show."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from findings.core.hashing import block_hash, line_hash, message_shape
from findings.core.tracking import track
from findings.core.types import Coverage, Drift, Identity, Known, LineMap, Observation, Tracked

Tree = Mapping[str, Sequence[str]]

MARK = "BAD"
RULE = "demo/bad-line"


def observe(tree: Tree, rule: str = RULE) -> list[Observation]:
    """One observation for each line that holds the mark."""
    return [
        Observation(
            rule=rule,
            path=path,
            line=index + 1,
            message=f"bad thing {index}",
            line_hash=line_hash(line),
            block_hash=block_hash(lines, index),
            shape=message_shape(f"bad thing {index}"),
        )
        for path, lines in tree.items()
        for index, line in enumerate(lines)
        if MARK in line
    ]


def known_as(
    observations: Iterable[Observation], first: int = 1, present: bool = True, finding: int | None = None
) -> list[Known]:
    """What the database would know of observations: findings numbered from `first`, or all places of one `finding`."""
    return [
        Known(
            finding=finding if finding is not None else number,
            occurrence=number if present else 0,
            rule=one.rule,
            path=one.path,
            line=one.line,
            present=present,
            identity=one.identity,
            key=one.key,
            tool_id=one.tool_id,
            partial=one.partial,
            line_hash=one.line_hash,
            block_hash=one.block_hash,
            shape=one.shape,
            at_head=one.at_head,
        )
        for number, one in enumerate(observations, first)
    ]


def drift(old: Tree, new: Tree, renames: Mapping[str, str] | None = None) -> Drift:
    """What `git diff -U0 -M` would say between two trees."""
    renames = renames or {}
    lines = {}
    for path, before in old.items():
        path = renames.get(path, path)
        if path in new and (hunks := _hunks(list(before), list(new[path]))):
            lines[path] = LineMap(hunks)
    return Drift(renames, lines)


def _hunks(old: list[str], new: list[str]) -> tuple[tuple[int, int, int, int], ...]:
    """Hunks in git's numbering: with a count of 0 the start is the line before the change."""
    return tuple(
        (a + 1 if b > a else a, b - a, c + 1 if d > c else c, d - c)
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def finding_at(tracked: Tracked, seen: Sequence[Observation]) -> dict[tuple[str, int], int]:
    """(path, line) -> finding, for all that was matched."""
    return {(seen[match.seen].path, seen[match.seen].line): match.finding for match in tracked.matches}


def secret(path: str, line: int, key: str = "k1", at_head: bool = True, text: str = "") -> Observation:
    return Observation(
        "secrets/plaintext",
        path,
        line,
        message="a password",
        identity=Identity.SECRET,
        key=key,
        line_hash=line_hash(text or f"{path}{line}"),
        at_head=at_head,
    )


def code(*lines: str, length: int = 40) -> list[str]:
    """A file of distinct lines, with the given ones in the middle."""
    half = length // 2
    return [f"line {n}" for n in range(half)] + list(lines) + [f"line {n}" for n in range(half, length)]


def step(old: Tree, new: Tree, renames: dict[str, str] | None = None, diff: bool = True) -> tuple[Tracked, list]:
    """Scan `old`, change it into `new`, scan again."""
    seen = observe(new)
    moved = drift(old, new, renames) if diff else Drift()
    return track(known_as(observe(old)), seen, Coverage(paths=set(new)), moved), seen
