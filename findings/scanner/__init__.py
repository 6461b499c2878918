"""A scan: the whole tree of a commit at the price of the blobs never read before.

Facts are kept by (blob, extractor, version) in a `FactStore`; rules fold the facts of the whole tree. Only secrets look
at history, and each blob of history is read once in the life of a repository.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Family, Place, Settings
from findings.core.hashing import key_id
from findings.core.rules import FAMILIES, TOOL
from findings.core.types import Batch, Coverage, Notice, Observation
from findings.git import Content, Entry, Mirror, Past, Tree

LFS = b"version https://git-lfs.github.com/spec/"
LFS_SIZE = 1024
BATCH = 200
VERSION = "1"
HISTORY = "history"
PAST_FAMILY = "secrets"


class FactKey(NamedTuple):
    """Facts of one blob (or of a commit's history): its name, what made them, and in which version and hash key."""

    blob: str
    extractor: str
    version: str


class FactStore(Protocol):
    """Where facts live between scans. Facts are JSON values and hold no secret."""

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known."""

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keeps facts; one that is there already stays as it is or is replaced by an equal one."""


class MemoryStore:
    """A store for one run."""

    def __init__(self) -> None:
        self.facts: dict[FactKey, Any] = {}

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known."""
        return {key: self.facts[key] for key in keys if key in self.facts}

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keeps facts."""
        self.facts.update(facts)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a scan: the largest blob that is read, in bytes, and the thresholds of the rules."""

    blob_bytes: int = 2 * 1024 * 1024
    settings: Settings = field(default_factory=Settings)


@dataclass(slots=True)
class Counts:
    """What a scan cost and found: paths, blobs read now (of the tree, of history), observations by rule."""

    files: int = 0
    blobs_read: int = 0
    history_blobs: int = 0
    rules: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The batch of a commit, what it cost, and its tree (path -> blob) for whoever needs a blob's hits."""

    batch: Batch
    counts: Counts
    blobs: Mapping[str, str]


Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """A progress callback for who does not listen."""


class Job(NamedTuple):
    """One extraction: a family, the path class and the key of the facts it makes."""

    family: Family
    path_class: str
    key: FactKey


class Reader:
    """Facts of blobs: known ones from the store, the others read once, in batches, and kept."""

    def __init__(self, mirror: Mirror, store: FactStore, key: bytes, limits: Limits) -> None:
        self.mirror, self.store, self.key, self.limits = mirror, store, key, limits
        self.key_name = key_id(key)

    def jobs(self, path: str, blob: str, families: Iterable[Family]) -> list[Job]:
        """What has to be known of a path, family by family."""
        found = []
        for family in families:
            if path_class := family.classify(path):
                version = f"{family.versions[path_class]}-{self.key_name}"
                found.append(Job(family, path_class, FactKey(blob, f"{family.name}:{path_class}", version)))
        return found

    def facts(self, jobs: Collection[Job], progress: Progress, step: str) -> tuple[dict[FactKey, Any], int]:
        """(facts of all jobs, blobs read). Blobs that could not be read have the fact {"unreadable": why}."""
        known = self.store.get_many({job.key for job in jobs})
        missing: dict[str, dict[FactKey, Job]] = {}
        for job in jobs:
            if job.key not in known:
                missing.setdefault(job.key.blob, {})[job.key] = job
        fresh: dict[FactKey, Any] = {}
        for count, content in enumerate(self.mirror.read(missing, self.limits.blob_bytes), 1):
            fresh.update(self._extracted(content, missing[content.sha].values()))
            if count % BATCH == 0:
                known.update(self._kept(fresh))
                fresh = {}
                progress(step, count, len(missing))
        known.update(self._kept(fresh))
        return known, len(missing)

    def _kept(self, fresh: dict[FactKey, Any]) -> dict[FactKey, Any]:
        """Stores what the bytes say. A blob that is missing or too large may be read another time."""
        self.store.put_many({key: facts for key, facts in fresh.items() if "absent" not in facts})
        return fresh

    def _extracted(self, content: Content, jobs: Iterable[Job]) -> Iterator[tuple[FactKey, Any]]:
        for job in jobs:
            yield job.key, self._extract(content, job)

    def _extract(self, content: Content, job: Job) -> dict[str, Any]:
        if content.data is None:
            return {"unreadable": content.reason, "absent": True}
        if len(content.data) < LFS_SIZE and content.data.startswith(LFS):
            return {"unreadable": "a Git LFS pointer, its content is elsewhere"}
        try:
            facts: dict[str, Any] = job.family.extract(Blob(content.data, job.path_class, self.key))
        except Unreadable as error:
            return {"unreadable": str(error)}
        return facts


def scan(
    mirror: Mirror,
    commit: str,
    store: FactStore,
    key: bytes,
    *,
    limits: Limits | None = None,
    history: bool = True,
    since: str = "",
    all_refs: bool = False,
    families: Mapping[str, Family] = FAMILIES,
    progress: Progress = silent,
) -> ScanResult:
    """Everything the rules see at a commit, as one batch with its coverage.

    `since` names an earlier commit whose history was scanned with this store, so that only what came after it is
    walked; `all_refs` adds the history of every branch and tag. Raises `GitError` where the repository or the commit
    cannot be read.
    """
    limits = limits or Limits()
    reader, counts = Reader(mirror, store, key, limits), Counts()
    tree = mirror.tree(commit)
    counts.files = len(tree.entries)
    seen, unreadable, counts.blobs_read = _of_tree(reader, tree, families, progress)
    notices = [Notice(why, path) for path, why in unreadable.items()]
    if history and PAST_FAMILY in families:
        past, counts.history_blobs, said = _of_history(reader, commit, (since, all_refs), tree, progress)
        seen[PAST_FAMILY] += past
        notices += said
    observations = _judged(seen, families, limits.settings)
    counts.rules.update(observation.rule for observation in observations)
    coverage = Coverage(
        rules=frozenset(rule.key for family in families.values() for rule in family.rules),
        unreadable=frozenset(unreadable),
        paths=frozenset([entry.path for entry in tree.entries] + [path for path, _ in tree.skipped]),
    )
    batch = Batch(
        tool=TOOL,
        tool_version=VERSION,
        rules=tuple(rule for family in families.values() for rule in family.rules),
        observations=tuple(observations),
        coverage=coverage,
        commit=commit,
        notices=tuple(notices),
    )
    return ScanResult(batch, counts, {entry.path: entry.sha for entry in tree.entries})


def observed(mirror: Mirror, commit: str, store: FactStore, key: bytes, family: Family, limits: Limits) -> Batch:
    """What one family sees in the tree of a commit, history left out, and what it could not read."""
    return scan(mirror, commit, store, key, limits=limits, history=False, families={family.name: family}).batch


def _of_tree(
    reader: Reader, tree: Tree, families: Mapping[str, Family], progress: Progress
) -> tuple[dict[str, list[Place]], dict[str, str], int]:
    """(places by family, path -> why it was not covered, blobs read)."""
    unreadable = dict(tree.skipped)
    jobs: list[tuple[Entry, Job]] = []
    for entry in tree.entries:
        if entry.size > reader.limits.blob_bytes:
            unreadable[entry.path] = f"larger than {reader.limits.blob_bytes} bytes"
        else:
            jobs += [(entry, job) for job in reader.jobs(entry.path, entry.sha, families.values())]
    facts, read = reader.facts([job for _, job in jobs], progress, "files")
    places: dict[str, list[Place]] = {name: [] for name in families}
    for entry, job in jobs:
        found = facts[job.key]
        if "unreadable" in found:
            unreadable[entry.path] = found["unreadable"]
        elif found:
            places[job.family.name].append(Place(entry.path, found))
    return places, unreadable, read


def _of_history(
    reader: Reader, commit: str, span: tuple[str, bool], tree: Tree, progress: Progress
) -> tuple[list[Place], int, list[Notice]]:
    """(places of blobs that hold a candidate and are not in the tree, blobs read, what could not be read).

    The answer is kept under the commit, so a later scan that names it in `since` adds only what is new.
    """
    family, (since, all_refs) = FAMILIES[PAST_FAMILY], span
    name = f"{HISTORY}:{'all' if all_refs else 'commit'}"
    version = "-".join([*map(str, family.versions.values()), reader.key_name])
    before = FactKey(since, name, version)
    known = reader.store.get_many([before]).get(before) if since and reader.mirror.is_ancestor(since, commit) else None
    held: list[list[str]] = list(known or [])
    seen = {blob for blob, _, _ in held}
    past = list(reader.mirror.history_blobs(commit, seen, [since] if known is not None else [], all_refs))
    jobs = [reader.jobs(blob.path, blob.sha, [family])[0] for blob in past]
    facts, read = reader.facts(jobs, progress, HISTORY)
    present = {entry.sha for entry in tree.entries}
    lost = [b for b, job in zip(past, jobs, strict=True) if "unreadable" in facts[job.key] and b.sha not in present]
    held += [[b.sha, b.path, b.commit] for b, job in zip(past, jobs, strict=True) if "hits" in facts[job.key]]
    if not reader.mirror.is_shallow():
        reader.store.put_many({FactKey(commit, name, version): held})
    return _past_places(reader, held, present), read, _past_notices(reader, lost)


def _past_places(reader: Reader, held: list[list[str]], present: set[str]) -> list[Place]:
    """Places of history. A blob that the tree holds as well speaks for itself there."""
    family = FAMILIES[PAST_FAMILY]
    jobs = [(path, commit, reader.jobs(path, blob, [family])[0]) for blob, path, commit in held if blob not in present]
    facts, _ = reader.facts([job for _, _, job in jobs], silent, HISTORY)
    return [Place(path, facts[job.key], commit) for path, commit, job in jobs]


def _past_notices(reader: Reader, lost: Sequence[Past]) -> list[Notice]:
    said = []
    if reader.mirror.is_shallow():
        said.append(Notice("The clone is shallow: history before it was not searched for credentials"))
    if lost:
        said.append(Notice(f"{len(lost)} blobs of history could not be read (missing or too large)", lost[0].path))
    return said


def _judged(
    seen: Mapping[str, Sequence[Place]], families: Mapping[str, Family], settings: Settings
) -> list[Observation]:
    return [found for name, family in families.items() for found in family.judge(seen[name], settings)]
