"""Which file of a commit ended a finding or brought it back: the rules say so themselves.

What a rule sees in one file may depend on others: a deployment has its budget in a file of its own, an index its end in
a later migration. Rules are pure, so they can be asked about trees in which only some of what a commit changed has
changed. The file to show is the one without whose change the answer would have stayed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from findings.core.causes import cause, goes_on
from findings.core.facts import Family
from findings.core.pairing import ALIKE
from findings.core.surroundings import Surroundings, likeness
from findings.core.types import Batch, Drift, Known, LineMap, Observation
from findings.git import Mirror
from findings.scanner import Between, FactStore, Limits
from findings.scanner.kinds import is_past

FILES = 200  # that may be the cause; of more the rules are not asked
TREES = 30  # about which a family is asked between two commits


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked for: a rule, and its key (logical or secret) or, without one, a path with the hashes of a line and
    the code around it where that is known: the same text may stand in the file twice. `line`, where it is known, says
    which of them it is.
    """

    rule: str
    path: str
    key: str = ""
    line_hash: str = ""
    block_hash: str = ""
    around: Surroundings = field(default_factory=Surroundings)
    line: int = 0

    @classmethod
    def of(cls, place: Known) -> "Subject":
        """What a place is known by in other trees."""
        around = Surroundings(place.excerpt, place.line - place.excerpt_line)
        return cls(place.rule, place.path, place.key, place.line_hash, place.block_hash, around, place.line)

    def names(self, seen: Observation, paths: Collection[str]) -> bool:
        """Whether an observation is of this; `paths` are what its file is called."""
        if seen.rule != self.rule:
            return False
        if self.key:
            return seen.key == self.key
        if seen.path not in paths:
            return False
        if self.block_hash and seen.block_hash == self.block_hash:
            return True
        if seen.line_hash != self.line_hash:
            return False
        around = Surroundings(seen.excerpt, seen.line - seen.excerpt_line)
        return not (self.around and around) or likeness(self.around, around) >= ALIKE


class File(NamedTuple):
    """A file that changed: its path behind the change (before it where it was deleted), and before it where that was
    another one.
    """

    path: str
    before: str = ""

    @property
    def paths(self) -> set[str]:
        """All its paths."""
        return {self.path, self.before} - {""}


class Span(NamedTuple):
    """Two commits, and what changed between them: path -> status letter. `back`: the newer one is what has the subject,
    the older one had not.
    """

    old: str
    new: str
    changed: Mapping[str, str]
    back: bool = False


class Enough(Exception):
    """As many trees were asked about as may be."""


class Causes:
    """Looks for causes in one repository. What was asked is remembered."""

    def __init__(self, mirror: Mirror, store: FactStore, key: bytes, limits: Limits) -> None:
        self.mirror, self.store, self.key, self.limits = mirror, store, key, limits
        self._renames: dict[tuple[str, str], dict[str, str]] = {}
        self._seen: dict[tuple[str, str, str], dict[frozenset[str], Batch]] = {}

    def find(
        self, span: Span, subject: Subject, names: Sequence[str], family: Family, renames: Mapping[str, str]
    ) -> File:
        """The file whose change did it. `names`: what the subject's own file is called on the way, the likeliest first;
        `renames`: what is known of it.

        What the rules do not tell is put down to the own file if it changed, or else to the first that they read.
        """
        files = self._files(span, {path for path in span.changed if path in names or family.classify(path)}, renames)
        own = next((file for name in names for file in files if name in file.paths), None)
        sides = {_side(family, path) for path in (*names, *(own.paths if own else ()))}
        near = [file for file in files if file == own or any(_side(family, path) in sides for path in file.paths)]
        found = near[0] if len(near) == 1 else self._asked(span, subject, names, family, own, near)
        return found or own or next(iter(near or files), File(names[0]))

    def _files(self, span: Span, read: Collection[str], renames: Mapping[str, str]) -> list[File]:
        """The files that are read among those that changed, in the order of paths."""
        if "A" in span.changed.values() and any(span.changed[path] == "D" for path in read):
            renames = self._renamed(span) | {**renames}
        before = {new: old for old, new in renames.items() if new in span.changed}
        files = (File(path, before.get(path, "")) for path in span.changed if path not in before.values())
        return [file for file in files if not file.paths.isdisjoint(read)]

    def _renamed(self, span: Span) -> dict[str, str]:
        name = span.old, span.new
        if name not in self._renames:
            self._renames[name] = self.mirror.renames(*name)
        return self._renames[name]

    def _asked(
        self,
        span: Span,
        subject: Subject,
        names: Sequence[str],
        family: Family,
        own: File | None,
        files: Sequence[File],
    ) -> File | None:
        """What the rules say, of files that tell on the subject's; none where they do not know."""
        if not 0 < len(files) <= FILES:
            return None
        ends = (span.new, span.old) if span.back else (span.old, span.new)
        trees = Between(self.mirror, self.store, self.key, self.limits, family, *ends)
        differ = set(trees.differing([path for file in files for path in file.paths]))
        files = [file for file in files if not differ.isdisjoint(file.paths)]
        if len(files) < 2:
            return next(iter(files), None)
        seen = [one for one in self._look(trees, ()).observations if one.rule == subject.rule]
        at = _nearest(seen, subject, names)
        if at is None:
            return None
        lines = self._lines(trees, files)

        def done(some: Sequence[File]) -> bool:
            paths = [path for file in some for path in file.paths]
            return not goes_on(seen, at, self._look(trees, paths), _drift(some, lines, span.back))

        try:
            return cause(own if own in files else None, [file for file in files if file != own], done)
        except Enough:
            return None

    def _look(self, trees: Between, paths: Iterable[str]) -> Batch:
        """What there is to be seen with these paths as they are behind the change."""
        asked = self._seen.setdefault((trees.old, trees.new, trees.family.name), {})
        name = frozenset(paths)
        if name not in asked:
            if len(asked) >= TREES:
                raise Enough
            asked[name] = trees.seen(name)
        return asked[name]

    def _lines(self, trees: Between, files: Sequence[File]) -> Mapping[str, LineMap]:
        """Where the lines of these files went."""
        renamed = any(file.before for file in files)
        return self.mirror.line_maps(trees.old, trees.new, [] if renamed else [file.path for file in files])


def _side(family: Family, path: str) -> str:
    """What tells on each other has the same: one file alone, what is judged together, or the whole tree."""
    if is_past(family):
        return path
    return "" if family.narrow else family.part(path)


def _nearest(seen: Sequence[Observation], subject: Subject, names: Sequence[str]) -> int | None:
    """Which of these observations is the subject, if any."""
    same = [n for n, one in enumerate(seen) if subject.names(one, names)]
    return min(same, key=lambda n: abs(seen[n].line - subject.line), default=None)


def _drift(files: Iterable[File], lines: Mapping[str, LineMap], back: bool) -> Drift:
    """How the files changed on the way from the tree that has a subject."""
    renames = {file.before: file.path for file in files if file.before}
    if back:
        renames = {new: old for old, new in renames.items()}
    after = {renames.get(path, path) for file in files for path in file.paths}
    return Drift(renames, {path: lines[path] for path in after if path in lines})
