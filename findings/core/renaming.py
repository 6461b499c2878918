"""The same problem under another name: a service, a topic or a manifest that was renamed while its problem stayed.

A finding with a logical key is named by it, so that a rename looks like one finding fixed and another one made. Here
the two are told apart by what the diff says: the old name left the file, the new one came, and the place stayed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from findings.core.drift import is_gained, map_line
from findings.core.surroundings import Surroundings, likeness
from findings.core.types import Drift, Identity, Known, Observation

LIKE, ALIKE = 0.3, 0.5
SAME = 2.0  # more than any likeness
NONE: frozenset[str] = frozenset()


class Renaming(NamedTuple):
    """A known place that is this observation under another key; `weight` says how sure that is."""

    weight: float
    old: int
    new: int


def renamings(
    old: Mapping[int, Known], new: Mapping[int, Observation], drift: Drift, gone: Callable[[Known], bool]
) -> tuple[dict[int, str], list[Renaming]]:
    """(finding -> its new key, the places that went over), one to one, of places and observations that nothing else
    explains. `gone`: whether the file of a place is there no more, under no name.
    """
    known = {index: one for index, one in old.items() if one.identity == Identity.LOGICAL}
    named = {index: seen for index, seen in new.items() if seen.identity == Identity.LOGICAL and seen.at_head}
    found = [*_in_the_file(known, named, drift), *_elsewhere(known, named, drift, gone)]
    return _one_to_one(sorted(found, key=lambda pair: (-pair.weight, pair.old, pair.new)), old, new)


def _in_the_file(old: Mapping[int, Known], new: Mapping[int, Observation], drift: Drift) -> Iterator[Renaming]:
    by_file: dict[tuple[str, str], list[int]] = {}
    for index, seen in new.items():
        by_file.setdefault((seen.rule, seen.path), []).append(index)
    for index, one in old.items():
        for other in by_file.get((one.rule, drift.renames.get(one.path, one.path)), ()):
            if weight := _weight(one, new[other], drift):
                yield Renaming(weight, index, other)


def _elsewhere(
    old: Mapping[int, Known], new: Mapping[int, Observation], drift: Drift, gone: Callable[[Known], bool]
) -> Iterator[Renaming]:
    """Of a file that went away, or of lines that left it: the same lines in the same surroundings in a file that git
    does not take for it, be it that too much else was changed on the way or that only these lines went there.
    """
    by_text: dict[tuple[str, str, str], list[int]] = {}
    for index, seen in new.items():
        lines = drift.lines.get(seen.path)
        if seen.line_hash and seen.block_hash and (lines is None or is_gained(lines, seen.line)):
            by_text.setdefault((seen.rule, seen.line_hash, seen.block_hash), []).append(index)
    for index, one in old.items():
        for other in by_text.get((one.rule, one.line_hash, one.block_hash), ()):
            if (gone(one) or _left(one, drift)) and (alike := likeness(_around(one), _around(new[other]))) >= ALIKE:
                yield Renaming(alike, index, other)


def _left(one: Known, drift: Drift) -> bool:
    """Whether the line of a place was taken out of its file, which is still there."""
    lines = drift.lines.get(drift.renames.get(one.path, one.path))
    return lines is not None and one.line > 0 and map_line(lines, one.line) is None


def _one_to_one(
    found: Iterable[Renaming], old: Mapping[int, Known], new: Mapping[int, Observation]
) -> tuple[dict[int, str], list[Renaming]]:
    keys: dict[int, str] = {}
    taken: dict[tuple[str, str], int] = {}
    used: set[tuple[str, int]] = set()
    kept = []
    for pair in found:
        finding, name = old[pair.old].finding, (new[pair.new].rule, new[pair.new].key)
        if keys.setdefault(finding, name[1]) != name[1] or taken.setdefault(name, finding) != finding:
            continue
        if used.isdisjoint({("old", pair.old), ("new", pair.new)}):
            used |= {("old", pair.old), ("new", pair.new)}
            kept.append(pair)
    return {finding: key for finding, key in keys.items() if finding in taken.values()}, kept


def _weight(one: Known, seen: Observation, drift: Drift) -> float:
    """How sure it is that both are the same place and only the name changed; 0 where it may be something else."""
    lines = drift.lines.get(seen.path)
    same_text = bool(one.line_hash) and one.line_hash == seen.line_hash
    alike = likeness(_around(one), _around(seen))
    if lines is None:  # nothing in the file changed: its path or another file gave the name
        unmoved = one.line == seen.line and one.block_hash == seen.block_hash
        return SAME + alike if same_text and unmoved else 0.0
    if same_text and map_line(lines, one.line) == seen.line:
        alike += LIKE
    gone, come = _names(one.key, seen.key)
    if gone <= lines.lost and come <= lines.gained and (gone or come):
        return alike if alike >= LIKE or same_text else 0.0
    # What the file itself has nothing to do with: its path gave the name, now or while the file could not be read.
    renamed = drift.renames.get(one.path) == seen.path or (one.path == seen.path and not (come & lines.gained))
    return alike if renamed and same_text and alike >= ALIKE and not (gone & lines.gained) else 0.0


def _names(old: str, new: str) -> tuple[frozenset[str], frozenset[str]]:
    """The parts of two keys that differ."""
    left, right = old.split("/"), new.split("/")
    if len(left) != len(right):
        return frozenset(left) - frozenset(right) - {""}, frozenset(right) - frozenset(left) - {""}
    changed = [(one, other) for one, other in zip(left, right, strict=True) if one != other]
    return frozenset(one for one, _ in changed if one), frozenset(other for _, other in changed if other)


def _around(one: Known | Observation) -> Surroundings:
    return Surroundings(one.excerpt, one.line - one.excerpt_line)
