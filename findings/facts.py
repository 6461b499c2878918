"""The facts cache in PostgreSQL: what was read in which blob, kept for ever, and what the newest tree came to."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import Pipeline

from findings.folds import load_fold, save_fold
from findings.memory import steady_memory
from findings.scanner import FactKey, Fold, Read, Reading
from findings.scanner.kept import NOTHING, Folds

BUDGET = 8 << 20  # bytes of JSON that are held parsed, about six times as large
CHUNK = 10_000
GATHERED = 2_000  # readings that wait in memory
WRITE = json.JSONEncoder(separators=(",", ":")).encode

# JSON, names and numbers hold no bare line end, so many travel as one text: in an array each would be quoted, at a high
# price.
KNOWN = """
SELECT blob, found, failed::text FROM findings_reading WHERE kind = %s AND blob = ANY(string_to_array(%s, chr(10)))
"""
FACTS = """
SELECT blob, data::text FROM findings_fact
WHERE kind = %s AND version = %s AND blob = ANY(string_to_array(%s, chr(10)))
"""
ALL_KNOWN = (
    "SELECT blob, kind, found, failed::text FROM findings_reading WHERE blob = ANY(string_to_array(%s, chr(10)))"
)
ALL_FACTS = "SELECT blob, kind, version, data::text FROM findings_fact WHERE blob = ANY(string_to_array(%s, chr(10)))"
# Two workers may read the same blob at once: they say the same, and the first row stays.
ADD_READINGS = """
INSERT INTO findings_reading (blob, kind, found, failed)
SELECT * FROM unnest(string_to_array(%s, chr(10)), string_to_array(%s, chr(10)),
                     string_to_array(%s, chr(10))::int[], string_to_array(%s, chr(10))::jsonb[]) ON CONFLICT DO NOTHING
"""
ADD_FACTS = """
INSERT INTO findings_fact (blob, kind, version, data)
SELECT * FROM unnest(string_to_array(%s, chr(10)), string_to_array(%s, chr(10)),
                     string_to_array(%s, chr(10)), string_to_array(%s, chr(10))::jsonb[]) ON CONFLICT DO NOTHING
"""


class DatabaseStore:
    """A `FactStore` over the database; facts are JSON and hold no secret value.

    With a repository the fold of its newest tree outlives the process. What was asked for lately is held parsed.
    """

    def __init__(self, repository: int | None = None) -> None:
        self.repository, self.scope = repository, str(repository or "")
        self.folds = Folds()
        self._recent: dict[FactKey, Any] = {}
        self._sizes: dict[FactKey, int] = {}
        self._held = 0
        self._pipeline: Pipeline | None = None

    def readings(self, kind: str, blobs: Collection[str]) -> dict[str, Reading]:
        """Those of the blobs that were read as this kind; one statement for each 10,000."""
        found: dict[str, Reading] = {}
        for some in _chunks(list(blobs)):
            rows = _rows(KNOWN, [kind, "\n".join(some)])
            found.update({blob: _reading(bits, failed) for blob, bits, failed in rows})
        return found

    @steady_memory()
    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known; one statement for each extractor and 10,000 blobs."""
        found: dict[FactKey, Any] = {}
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key in keys:
            if key in self._recent:
                found[key] = self._recent[key]
            else:
                groups[key.extractor, key.version].append(key.blob)
        for (extractor, version), blobs in groups.items():
            for some in _chunks(blobs):
                for blob, text in _rows(FACTS, [extractor, version, "\n".join(some)]):
                    key = FactKey(blob, extractor, version)
                    found[key] = json.loads(text)
                    self._hold(key, found[key], len(text))
        return found

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Meanwhile the database keeps what was read while the next files are read."""
        connection.ensure_connection()
        with connection.wrap_database_errors, connection.connection.pipeline() as self._pipeline:
            try:
                yield
            finally:
                self._pipeline = None

    def keep(self, read: Iterable[Read]) -> None:
        """Keep readings and their facts."""
        read = list(read)
        if not read:
            return
        if self._pipeline:
            self._pipeline.sync()  # what was kept before is for good, and one batch is on its way at most
        self.put_many({key: facts for one in read for key, facts in one.facts.items()})
        columns = (
            (one.blob for one in read),
            (one.kind for one in read),
            (str(one.reading.found) for one in read),
            (json.dumps(one.reading.failed) if one.reading.failed else "{}" for one in read),
        )
        with connection.cursor() as cursor:
            cursor.execute(ADD_READINGS, ["\n".join(column) for column in columns])

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keep facts."""
        if not facts:
            return
        texts = [*map(WRITE, facts.values())]
        for (key, data), text in zip(facts.items(), texts, strict=True):
            self._hold(key, data, len(text))
        with connection.cursor() as cursor:
            cursor.execute(ADD_FACTS, ["\n".join(column) for column in (*zip(*facts, strict=True), texts)])

    def fold(self, signature: str, commits: Iterable[str]) -> Fold | None:
        """What a tree came to: one that this process scanned, or else the repository's newest."""
        if known := self.folds.get(signature, commits):
            return known
        if self.repository is not None and (kept := load_fold(self.repository, signature)):
            self.folds.put(kept)
            return kept
        return None

    def renew(self) -> None:
        """Forget what is held of folds: another process replaced one."""
        self.folds = Folds()

    def put_fold(self, fold: Fold, *, lasting: bool) -> None:
        """Keep what a tree came to."""
        self.folds.put(fold)
        if lasting and self.repository is not None:
            save_fold(self.repository, fold)

    def _hold(self, key: FactKey, data: Any, size: int) -> None:
        if key in self._recent or size > BUDGET // 8:
            return
        self._recent[key], self._sizes[key] = data, size
        self._held += size
        while self._held > BUDGET:
            oldest = next(iter(self._recent))
            del self._recent[oldest]
            self._held -= self._sizes.pop(oldest)


class GatheringStore(DatabaseStore):
    """Keeps what is read in memory until `flush`: for one who goes through many commits in one transaction."""

    def __init__(self, repository: int) -> None:
        super().__init__(repository)
        self._read: dict[tuple[str, str], Read] = {}
        self._facts: dict[FactKey, Any] = {}
        self._known: set[tuple[str, str]] = set()
        self._expected: set[str] = set()

    def expect(self, blobs: Collection[str]) -> None:
        """Take all that is known of these blobs, in two statements: until `flush` nobody asks again. Of more than
        `GATHERED` nothing is taken.
        """
        self.flush()
        if not 0 < len(blobs) <= GATHERED:
            return
        wanted = "\n".join(blobs)
        for blob, kind, bits, failed in _rows(ALL_KNOWN, [wanted]):
            self._read[blob, kind] = Read(blob, kind, _reading(bits, failed), {})
        for blob, extractor, version, text in _rows(ALL_FACTS, [wanted]):
            self._facts[FactKey(blob, extractor, version)] = json.loads(text)
        self._known = set(self._read)
        self._expected = set(blobs)

    def readings(self, kind: str, blobs: Collection[str]) -> dict[str, Reading]:
        """Those of the blobs that were read as this kind."""
        mine = {blob: self._read[blob, kind].reading for blob in blobs if (blob, kind) in self._read}
        rest = [blob for blob in blobs if blob not in mine and blob not in self._expected]
        return mine | (super().readings(kind, rest) if rest else {})

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known."""
        mine = {key: self._facts[key] for key in keys if key in self._facts}
        rest = [key for key in keys if key not in mine and key.blob not in self._expected]
        return mine | (super().get_many(rest) if rest else {})

    def keep(self, read: Iterable[Read]) -> None:
        """Keep readings and their facts; many at once are written now."""
        for one in read:
            self._read[one.blob, one.kind] = one
            self._facts.update(one.facts)
        if len(self._read) >= GATHERED:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        super().keep(one for name, one in self._read.items() if name not in self._known)
        self._read, self._facts, self._known, self._expected = {}, {}, set(), set()


def _reading(found: int, failed: str) -> Reading:
    return Reading(found, json.loads(failed)) if found or failed != "{}" else NOTHING


def _rows(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def _chunks(blobs: Sequence[str]) -> Iterable[list[str]]:
    return (list(blobs[start : start + CHUNK]) for start in range(0, len(blobs), CHUNK))
