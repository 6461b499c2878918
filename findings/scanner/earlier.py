"""What a file said when it could be read last: rules that join files go on with that, and see nothing in it itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress

from findings.core.facts import Family, whole
from findings.core.paths import escape
from findings.git import NO_FILES, Delta, Mirror, TreeMissing
from findings.scanner.kept import Reading
from findings.scanner.kinds import FactKey, Kind, Kinds, is_past
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
        wanted = {path: path for path in unread if self._families(path)}
        if not 0 < len(wanted) <= PATHS:
            return {}
        versions: Versions = defaultdict(list)
        most = max(2, min(VERSIONS, BLOBS // len(wanted)))
        own = self.reader.mirror
        with nullcontext(own) if own.keeps else own.session() as mirror, suppress(TreeMissing):
            for _ in range(NAMES):
                commit, wanted = _walk(mirror, commit, wanted, versions, most)
                if not wanted:
                    break
        return self._chosen(versions)

    def _families(self, path: str) -> set[str]:
        return {part.family.name for kind in self.kinds.of(path) for part in kind.parts if joins(part.family)}

    def _chosen(self, versions: Versions) -> Found:
        """Of each path and family the newest version that could be read. An older one is read only where it is asked
        for.
        """
        last: dict[str, dict[str, tuple[Family, FactKey | None]]] = {path: {} for path in versions}
        wanted = {
            path: {family for name, _ in some for family in self._families(name)} for path, some in versions.items()
        }
        for turn in range(VERSIONS):
            asked = {
                path: some[turn]
                for path, some in versions.items()
                if turn < len(some) and wanted[path] - last[path].keys()
            }
            for path, told in self._told(asked).items():
                for family, key in told:
                    last[path].setdefault(family.name, (family, key))
        return {path: [(family, key) for family, key in told.values() if key] for path, told in last.items()}

    def _told(self, asked: Mapping[str, tuple[str, str]]) -> dict[str, list[tuple[Family, FactKey | None]]]:
        """Path now -> what a version of it, by its name and blob, says. It is read as every kind, since history is
        looked at as well; one blob as what several names say it is.
        """
        kinds: dict[str, dict[Kind, None]] = defaultdict(dict)
        for name, blob in asked.values():
            kinds[blob].update(dict.fromkeys(self.kinds.of(name)))
        readings, _ = self.reader.readings(kinds, lambda new: self.reader.mirror.sizes([*new]), silent, EARLIER)
        return {
            path: [told for kind in self.kinds.of(name) for told in _read(kind, blob, readings[blob, kind.name])]
            for path, (name, blob) in asked.items()
        }


def _walk(
    mirror: Mirror, commit: str, wanted: Mapping[str, str], versions: Versions, most: int
) -> tuple[str, dict[str, str]]:
    """Collects versions under these names (-> the path now). Answers the commit before the first rename, and the names
    that the files had then.
    """
    for name in reversed(mirror.first_parent("", commit, [*wanted], COMMITS)):
        if not (parent := mirror.parent(name)) or not mirror.has(parent):  # a shallow clone names one that is not there
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


def _read(kind: Kind, blob: str, reading: Reading) -> Iterator[tuple[Family, FactKey | None]]:
    """The families that join files and could read a blob, with the name of the facts where it had some."""
    for bit, part in enumerate(kind.parts):
        if joins(part.family) and reading.failed.keys().isdisjoint((EVERY, part.family.name)):
            yield part.family, part.key(blob) if reading.found >> bit & 1 else None


def _was_file(delta: Delta) -> bool:
    return bool(int(delta.old_mode)) and delta.old_mode not in NO_FILES
