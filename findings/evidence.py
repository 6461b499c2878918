"""Which commit ended a finding, and which brought it back, with the redacted hunk that did it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from findings.causes import Causes, File, Span, Subject
from findings.core.facts import Family, decode
from findings.core.lineage import Turn
from findings.core.redaction import find_values, redact
from findings.core.rules import FAMILIES
from findings.core.types import Batch, Reason
from findings.git import EMPTY_TREE, Commit, Mirror
from findings.scanner import FactStore, Limits, observed

__all__ = ["Change", "Evidence", "Subject", "family_of"]

NOTHING: Mapping[str, str] = MappingProxyType({})
WALK = 200
KEPT = 256


@dataclass(frozen=True, slots=True)
class Change:
    """The commit that turned a rule's answer, the path it did it in, and the patch of that path. Subject and patch are
    redacted.

    `deleted`: the finding's own file is gone after the commit, and there is no patch. Of another file that is gone its
    lines are the patch.
    """

    commit: Commit
    path: str
    hunk: str
    deleted: bool = False


class Evidence:
    """Walks first parents between two commits (an empty text: from the beginning); facts come from the store, so a step
    costs what it changed.
    """

    def __init__(self, mirror: Mirror, store: FactStore, key: bytes, limits: Limits | None = None) -> None:
        self.mirror, self.store, self.key, self.limits = mirror, store, key, limits or Limits()
        self.causes = Causes(mirror, store, key, self.limits)
        self._seen: dict[tuple[str, str], Batch] = {}

    def ended(self, turn: Turn) -> Change | None:
        """The change with which a known place ended: deleted, or a patch of the file that made the rule false."""
        family, path = family_of(turn.place.rule), turn.place.path
        base, before = (turn.base, path) if turn.base else self._readable_before(turn.commit, path, family)
        if not base:
            return None
        if turn.reason == Reason.CODE_DELETED:
            return self._told(base, turn.commit, File(path), deleted=True)
        renames = {before: path} if before != path and not self.missing(turn.commit, path) else {}
        return self._change(base, turn.commit, Subject.of(turn.place), (path, before), renames=renames)

    def returned(self, turn: Turn) -> Change | None:
        """The change with which a place came back."""
        if not turn.base:
            return None
        return self._change(turn.base, turn.commit, Subject.of(turn.place), (turn.place.path,), back=True)

    def missing(self, commit: str, path: str) -> bool:
        """Whether there is no regular file at a path of a commit."""
        return bool(path) and self.mirror.blob_at(commit, path, self.limits.blob_bytes) is None

    def _readable_before(self, commit: str, path: str, family: Family) -> tuple[str, str]:
        """The last first parent of a commit in which a file could be read, and what it was called there; empty texts
        where there is none.
        """
        names = self.mirror.first_parent("", commit, [path])[::-1]
        for name in [one for one in names if one != commit][:WALK]:
            if self._readable(name, path, family):
                return name, path
        born = names[-1] if names else ""
        parent = self.mirror.parent(born) if born else ""
        renames = self.mirror.renames(parent, born) if parent else {}
        for old in [old for old, new in renames.items() if new == path]:
            readable = self._readable(parent, old, family)
            return (parent, old) if readable else self._readable_before(parent, old, family)
        return "", ""

    def _readable(self, commit: str, path: str, family: Family) -> bool:
        nothing = Subject("", path)
        return not self.missing(commit, path) and self._holds(commit, nothing, (path,), family) is not None

    def fixed_by(self, old: str, new: str, subject: Subject) -> Change | None:
        """The last commit after `old` up to `new` before which the subject held and after which it did not.

        Trees in which the place could not be read say nothing: the change then spans them, from the last tree that
        still held it to the commit that made the place readable again. Where that began before `old` (a scan
        that could not read it), the commits of the place before `old` are asked too.
        """
        family = family_of(subject.rule)
        names = self._names(old, new, subject.path)
        readable = ""
        for commits in self._candidates(old, new, names):
            for commit in commits(readable):
                parent = self.mirror.parent(commit)
                if not parent or not any(family.classify(path) for _, path in self.mirror.changes(parent, commit)):
                    continue
                after = self._holds(commit, subject, names, family)
                before = self._holds(parent, subject, names, family)
                if after is False and before is None:
                    readable = commit
                end = readable if after is None else "" if after else commit
                if end and before:
                    return self._change(parent, end, subject, names)
        return None

    def _names(self, old: str, new: str, path: str) -> tuple[str, ...]:
        """The path, and what it was called at the other end of the walk."""
        renames = self.mirror.renames(old or EMPTY_TREE, new)
        before = {after: name for name, after in renames.items()}
        return tuple(dict.fromkeys(name for name in (path, renames.get(path), before.get(path)) if name))

    def _candidates(self, old: str, new: str, names: tuple[str, ...]) -> Iterator[Callable[[str], list[str]]]:
        """Commits to ask, newest first, in three lots: those that touch the path, those that did before `old` (if the
        first lot ended in trees that could not be read), and, for a fix that lies elsewhere, `WALK` of the others.
        """
        touching = self.mirror.first_parent(old, new, names)[::-1]
        yield lambda _: touching
        yield lambda readable: self.mirror.first_parent("", old, names)[::-1] if old and readable else []
        others = [commit for commit in self.mirror.first_parent(old, new)[::-1] if commit not in set(touching)]
        yield lambda _: others[:WALK]

    def _holds(self, commit: str, subject: Subject, names: tuple[str, ...], family: Family) -> bool | None:
        """Whether the subject is in the tree of a commit; None where its place could not be read."""
        name = (commit, family.name)
        if name not in self._seen:
            if len(self._seen) >= KEPT:
                del self._seen[next(iter(self._seen))]
            self._seen[name] = observed(self.mirror, commit, self.store, self.key, family, self.limits)
        batch = self._seen[name]
        if any(subject.names(observation, names) for observation in batch.observations):
            return True
        if subject.rule in batch.coverage.failed:
            return None
        return None if batch.coverage.unreadable.intersection(names) else False

    def _change(
        self,
        old: str,
        new: str,
        subject: Subject,
        names: Sequence[str],
        *,
        renames: Mapping[str, str] = NOTHING,
        back: bool = False,
    ) -> Change:
        """What turned the answer between two commits; see `Causes.find`."""
        changed = {path: status for status, path in self.mirror.changes(old, new)}
        span = Span(old, new, changed, back)
        file = self.causes.find(span, subject, names, family_of(subject.rule), renames)
        return self._told(old, new, file, deleted=file.path in names and changed.get(file.path) == "D")

    def _told(self, old: str, new: str, file: File, *, deleted: bool) -> Change:
        made, hidden = self.mirror.commit(new), self._values(old, new, *file)
        subject = redact(made.subject, (hidden or set()) | find_values(made.subject))
        hunk = "" if deleted else self.hunk(old, new, *file)
        return Change(replace(made, subject=subject), file.path, hunk, deleted)

    def hunk(self, old: str, new: str, path: str, before: str = "") -> str:
        """The patch of a path (called `before` before) between two commits, without any credential that either whole
        file holds.
        """
        hidden = self._values(old, new, path, before)
        return "" if hidden is None else redact(self.mirror.hunk(old, new, path, before), hidden)

    def _values(self, old: str, new: str, path: str, before: str = "") -> set[str] | None:
        """Every credential that a file holds before or after; None where one of the two cannot be read."""
        hidden: set[str] = set()
        for commit, name in ((old, before or path), (new, path)):
            blob = self.mirror.blob_at(commit, name, self.limits.blob_bytes)
            if blob is not None and blob.data is None:
                return None
            hidden |= find_values(decode(blob.data), name) if blob is not None and blob.data is not None else set()
        return hidden


def family_of(rule: str) -> Family:
    """The family that a rule is of. Raises `KeyError` for a rule that is not built in."""
    return next(family for family in FAMILIES.values() if rule in {known.key for known in family.rules})
