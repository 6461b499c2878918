"""What a file said when it could be read last: rules that join files go on with that, and see nothing in it itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from findings.core.facts import Family, whole
from findings.core.paths import escape
from findings.git import NO_FILES, Delta
from findings.scanner.kept import Reading
from findings.scanner.kinds import FactKey, Kind, Kinds, Part, is_past
from findings.scanner.reading import EVERY, Reader, silent

PATHS = 1_000  # at once; where more cannot be read, they hardly ever could
COMMITS = 100  # that touch such paths
VERSIONS = 5  # of a path
BLOBS = 1_000  # of all of them, but two of each
NAMES = 10  # that a file had; one that comes back counts again
EARLIER = "earlier"

Found = dict[str, list[tuple[Family, FactKey]]]
Versions = dict[str, list[tuple[str, str]]]  # path now -> name and blob, newest first


def joins(family: Family) -> bool:
    """Whether what a family sees at a path may depend on other paths of the tree."""
    return not is_past(family) and (family.narrow is not None or family.part is whole)


class Earlier:
    """Looks along the first parents of a commit for versions of files that could be read."""

    def __init__(self, reader: Reader, kinds: Kinds) -> None:
        self.reader, self.kinds = reader, kinds

    def facts(self, commit: str, unread: Iterable[str]) -> Found:
        """Path -> families that join files, with where their facts of its last readable version are."""
        wanted = {path: path for path in unread if any(joins(part.family) for part in self._parts(path))}
        if not 0 < len(wanted) <= PATHS:
            return {}
        versions: Versions = defaultdict(list)
        most = max(2, min(VERSIONS, BLOBS // len(wanted)))
        for _ in range(NAMES):
            commit, wanted = self._walk(commit, wanted, versions, most)
            if not wanted:
                break
        return self._chosen(versions)

    def _parts(self, path: str) -> Iterator[Part]:
        return (part for kind in self.kinds.of(path) for part in kind.parts)

    def _walk(
        self, commit: str, wanted: Mapping[str, str], versions: Versions, most: int
    ) -> tuple[str, dict[str, str]]:
        """Collects versions under these names (-> the path now). Answers the commit before the first rename, and the
        names that the files had then.
        """
        mirror = self.reader.mirror
        for name in mirror.first_parent("", commit, [*wanted])[: -COMMITS - 1 : -1]:
            if not (parent := mirror.parent(name)):
                break
            changed = {path: delta for delta in mirror.deltas(parent, name) if (path := escape(delta.path)) in wanted}
            for path, delta in changed.items():
                if _was_file(delta) and len(versions[wanted[path]]) < most:
                    versions[wanted[path]].append((path, delta.old))
            if born := [path for path, delta in changed.items() if not int(delta.old_mode)]:
                before = {new: old for old, new in mirror.renames(parent, name).items()}
                names = {path: before.get(path, "") if path in born else path for path in wanted}
                return parent, {names[path]: now for path, now in wanted.items() if names[path]}
        return commit, {}

    def _chosen(self, versions: Versions) -> Found:
        kinds: dict[str, dict[Kind, None]] = defaultdict(dict)  # one blob may be read as what several names say it is
        for name, blob in (one for some in versions.values() for one in some):
            kinds[blob].update(dict.fromkeys(self.kinds.of(name)))
        readings, _ = self.reader.readings(kinds, lambda new: self.reader.mirror.sizes([*new]), silent, EARLIER)
        found: Found = {}
        for path, some in versions.items():
            last: dict[str, tuple[Family, FactKey | None]] = {}
            for name, blob in some:
                for kind in self.kinds.of(name):
                    for family, key in _read(kind, blob, readings[blob, kind.name]):
                        last.setdefault(family.name, (family, key))
            found[path] = [(family, key) for family, key in last.values() if key]
        return found


def _read(kind: Kind, blob: str, reading: Reading) -> Iterator[tuple[Family, FactKey | None]]:
    """The families that join files and could read a blob, with the name of the facts where it had some."""
    for bit, part in enumerate(kind.parts):
        if joins(part.family) and reading.failed.keys().isdisjoint((EVERY, part.family.name)):
            yield part.family, part.key(blob) if reading.found >> bit & 1 else None


def _was_file(delta: Delta) -> bool:
    return bool(int(delta.old_mode)) and delta.old_mode not in NO_FILES
