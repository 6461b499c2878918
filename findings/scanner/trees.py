"""From a commit to the fold of its tree: the whole tree at first, afterwards what differs from a tree known before."""

import logging
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable

from findings.core.facts import Family
from findings.core.paths import escape
from findings.git import NO_FILES, Entry, GitError
from findings.scanner.earlier import Earlier
from findings.scanner.fold import Fold
from findings.scanner.kinds import Kind, Kinds
from findings.scanner.reading import EVERY, Progress, Reader

log = logging.getLogger(__name__)
FILES = "files"
FORMAT = 4  # of what is kept of a fold
AGAIN = 50  # paths that could not be read before either


class Folder:
    """Makes folds of one mirror's commits."""

    def __init__(self, reader: Reader, families: Mapping[str, Family], progress: Progress) -> None:
        self.reader, self.families, self.progress = reader, families, progress
        self.kinds = Kinds(families, reader.key_name)
        self.earlier = Earlier(reader, self.kinds)
        self.signature = signature(reader, families)
        self.read = 0

    def fold(self, commit: str, near: Sequence[str]) -> Fold:
        """The fold of a commit's tree. `near`: commits whose tree differs little, best first."""
        known = self.reader.store.fold(self.signature, [commit, *near])
        if known is None:
            return self._whole(commit)
        if known.commit == commit and not known.missing:
            return known
        try:
            return self._next(known, commit)
        except GitError as error:
            log.info("the tree of %s is read whole: %s", commit[:7], error)
            return self._whole(commit)

    def _whole(self, commit: str) -> Fold:
        tree = self.reader.mirror.tree(commit)
        fold = Fold(self.signature, commit, len(tree.entries))
        fold.unreadable.update({path: {EVERY: why} for path, why in tree.skipped})
        self._put(fold, tree.entries)
        fold.stand_in(self.earlier.facts(commit, fold.unreadable))
        return fold

    def _next(self, known: Fold, commit: str) -> Fold:
        mirror = self.reader.mirror
        deltas = mirror.deltas(known.commit, commit)
        fold = known.successor(commit)
        found: dict[str, tuple[str, str]] = {}
        changed = [escape(delta.path) for delta in deltas]
        again = self._unread(known, commit, {*changed, *known.missing})
        kinds = {path: self.kinds.of(path) for path in (*changed, *known.missing, *again)}
        fold.prepare(kinds)
        for path, delta in zip(changed, deltas, strict=True):
            fold.drop(path, kinds[path])
            fold.files += _is_file(delta.new_mode) - _is_file(delta.old_mode)
            if _is_file(delta.new_mode):
                found[path] = (delta.new, delta.new_mode)
            elif delta.new_mode in NO_FILES:
                fold.unreadable[path] = {EVERY: NO_FILES[delta.new_mode]}
        for path, blob in known.missing.items():
            if path in fold.missing:
                fold.drop(path, kinds[path])
                found[path] = (blob, "")
        found |= {path: (blob, "") for path, blob in self._again(fold, commit, again, kinds).items()}
        sizes = mirror.sizes([*{blob for blob, _ in found.values()}])
        self._put(fold, [Entry(path, blob, mode, sizes[blob]) for path, (blob, mode) in found.items()])
        fold.stand_in(self.earlier.facts(commit, [path for path in kinds if path in fold.unreadable]))
        fold.settle(self.reader.store)
        return fold

    def _unread(self, known: Fold, commit: str, changed: Set[str]) -> list[str]:
        """Paths that nothing changed and that can be read in neither tree. What they said last may be something else
        along the way to this commit, unless it is the next one.
        """
        some = [path for path in known.unreadable if path not in changed]
        return [] if not some or len(some) > AGAIN or self.reader.mirror.parent(commit) == known.commit else some

    def _again(
        self, fold: Fold, commit: str, paths: Iterable[str], kinds: Mapping[str, Sequence[Kind]]
    ) -> dict[str, str]:
        """Forgets what stands for these paths. Answers the blobs of those that are files."""
        blobs = {}
        for path in paths:
            why = fold.unreadable[path]
            fold.drop(path, kinds[path])
            if content := self.reader.mirror.blob_at(commit, path, 0):
                blobs[path] = content.sha
            else:
                fold.unreadable[path] = why
        return blobs

    def _put(self, fold: Fold, entries: Iterable[Entry]) -> None:
        wanted: dict[str, tuple[Kind, ...]] = {}
        sizes: dict[str, int] = {}
        placed: list[tuple[str, str, tuple[Kind, ...]]] = []
        for entry in entries:
            if kinds := self.kinds.of(entry.path):
                placed.append((entry.path, entry.sha, kinds))
                before = wanted.setdefault(entry.sha, kinds)
                if before is not kinds:
                    wanted[entry.sha] = (*before, *(kind for kind in kinds if kind not in before))
                sizes[entry.sha] = entry.size
        readings, read = self.reader.readings(wanted, lambda _: sizes, self.progress, FILES)
        self.read += read
        for path, blob, kinds in placed:
            fold.put(path, blob, [(kind, readings[blob, kind.name]) for kind in kinds])


def _is_file(mode: str) -> bool:
    return bool(int(mode)) and mode not in NO_FILES


def signature(reader: Reader, families: Mapping[str, Family]) -> str:
    """What a fold depends on besides the tree: extractors, rules, thresholds, key. Of another one nothing is taken."""
    versions = [(name, sorted(family.versions.items())) for name, family in families.items()]
    rules = [(rule.key, rule.version) for family in families.values() for rule in family.rules]
    said = repr((FORMAT, versions, rules, reader.limits, reader.key_name, _code()))
    return blake2b(said.encode(), digest_size=16).hexdigest()


@cache
def _code() -> str:
    """A hash of the code of the rules, for a judgement may change without its version."""
    digest = blake2b(digest_size=16)
    for source in sorted(_sources(files("findings.core")), key=str):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable) -> Iterable[Traversable]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _sources(one)
        elif one.name.endswith(".py"):
            yield one
