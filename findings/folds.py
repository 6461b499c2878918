"""Folds of trees in PostgreSQL: one per repository, in shares, so that a small change reads and writes little."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from findings.core.types import Identity, Observation, Priority
from findings.memory import steady_memory
from findings.models import TreeFold, TreePart
from findings.scanner.fold import Fold
from findings.scanner.held import Held, Seen
from findings.scanner.kinds import FactKey
from findings.scanner.shelves import BUCKETS, Outdated, Shelf, fill

MOST = 20_000  # observations that are held, a kilobyte or two each
LOAD = 2 << 20  # characters of one statement, more or less
USUAL = {name: getattr(Observation("", ""), name) for name in Observation.__dataclass_fields__}
# Head and shares in one statement: they are of one version, whatever other processes write meanwhile.
PARTS = """
SELECT head.token, part.family, part.bucket, part.data
FROM findings_treefold head LEFT JOIN findings_treepart part ON part.fold_id = head.repository_id
    AND (part.family, part.bucket) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
WHERE head.repository_id = %s
"""
# JSON holds no bare line end, so all shares travel as one text.
PUT_PARTS = """
INSERT INTO findings_treepart (fold_id, family, bucket, data)
SELECT %s, * FROM unnest(%s::text[], %s::int[], string_to_array(%s, chr(10)))
ON CONFLICT (fold_id, family, bucket) DO UPDATE SET data = excluded.data
"""


class Texts(dict[str, str]):
    """One copy of each text: a path and a blob stand in the places of many families."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


class Kept:
    """One version of the shares of a repository's fold."""

    def __init__(self, repository: int, token: str) -> None:
        self.repository, self.token, self.texts = repository, token, Texts()

    @steady_memory()
    def load(self, wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], dict[str, Any]]:
        """See `shelves.Source`; one statement."""
        pairs = [(name, number) for name, numbers in wanted.items() for number in numbers]
        names, numbers = [name for name, _ in pairs], [number for _, number in pairs]
        with connection.cursor() as cursor:
            cursor.execute(PARTS, [names, numbers, self.repository])
            rows = cursor.fetchall()
        if not rows or rows[0][0] != self.token:
            raise Outdated
        return {(name, number): self._plain(name, json.loads(data)) for _, name, number, data in rows if name}

    def _plain(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        found, texts = {}, self.texts
        if name.endswith(":seen"):
            return {part: tuple(map(_observation, seen)) for part, seen in data.items()}
        if name.endswith(":marks"):
            return {mark: tuple(texts[path] for path in paths) for mark, paths in data.items()}
        for key, paths in data.items():
            extractor, _, version = key.partition(" ")
            found.update({texts[path]: FactKey(texts[blob], extractor, version) for path, blob in paths.items()})
        return found


class Newest:
    """What the rules saw in the newest trees that this process knows, so that the next push does not read it again.

    Only what is still the stored version is given. Places and marks are left to the database; of observations there are
    at most `MOST`, whatever they are of.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Fold, int]] = {}

    def forget(self) -> None:
        """Know nothing, as a new process does."""
        self._kept.clear()

    def get(self, repository: int, signature: str) -> Fold | None:
        """The newest fold of a repository, if it is here; one small question to the database."""
        fold, _ = self._kept.get(repository, (None, 0))
        if fold is None or fold.signature != signature:
            return None
        return (
            fold.successor(fold.commit) if TreeFold.objects.filter(pk=repository, token=fold.token).exists() else None
        )

    def put(self, repository: int, fold: Fold) -> None:
        """Know this one instead of the one before. What was asked for longest ago makes room."""
        source, lean = Kept(repository, fold.token), fold.successor(fold.commit)
        for held in lean.held.values():
            held.places, held.marks = Shelf(held.places.name, source), Shelf(held.marks.name, source)
        self._kept.pop(repository, None)
        self._kept[repository] = lean, sum(len(seen) for held in lean.held.values() for _, seen in held.seen.items())
        while sum(size for _, size in self._kept.values()) > MOST:
            del self._kept[next(iter(self._kept))]


NEWEST = Newest()


def load_fold(repository: int, signature: str) -> Fold | None:
    """The newest fold of a repository's tree; none of another signature. Its places are read when they are asked for.
    Raises `Outdated` where another process replaces it at this moment.
    """
    if known := NEWEST.get(repository, signature):
        return known
    head = TreeFold.objects.filter(pk=repository, signature=signature).first()
    if head is None:
        return None
    said, source = json.loads(head.data), Kept(repository, head.token)
    fold = Fold(signature, head.commit, said["files"], token=head.token)
    fold.unreadable, fold.missing = said["unreadable"], said["missing"]
    fold.held = {name: Held.of(name, source, stale) for name, stale in said["families"].items()}
    fill([(held.seen, held.seen.lacking()) for held in fold.held.values()])
    NEWEST.put(repository, fold)
    return fold


@steady_memory()
def save_fold(repository: int, fold: Fold) -> None:
    """Keep a fold instead of the one before. Where it grew from that one, only what changed since is written. One that
    grew from another, of which it does not hold everything, is not kept: it cannot be completed any more.
    """
    shelves = [shelf for held in fold.held.values() for shelf in held.shelves()]
    with transaction.atomic():
        before = TreeFold.objects.select_for_update().filter(pk=repository).values_list("token", flat=True).first()
        grew = before is not None and before == fold.token
        if not grew and any(shelf.lacking() for shelf in shelves):
            return
        if not grew:
            TreePart.objects.filter(fold_id=repository).delete()
        token = _put_head(repository, fold)
        for rows in _loads(shelves, whole=not grew):
            families, buckets, texts = zip(*rows, strict=True)
            with connection.cursor() as cursor:
                cursor.execute(PUT_PARTS, [repository, list(families), list(buckets), "\n".join(texts)])
    fold.token = token
    source = Kept(repository, token)
    for shelf in shelves:
        shelf.source = source if shelf.lacking() else None
        shelf.changed.clear()
    NEWEST.put(repository, fold)


def _put_head(repository: int, fold: Fold) -> str:
    families = {name: sorted(held.stale) for name, held in fold.held.items()}
    said = {"files": fold.files, "unreadable": fold.unreadable, "missing": fold.missing, "families": families}
    head = TreeFold(repository_id=repository, token=uuid4().hex, signature=fold.signature, commit=fold.commit)
    head.data = json.dumps(said, separators=(",", ":"))
    TreeFold.objects.bulk_create(
        [head], update_conflicts=True, unique_fields=["repository"],
        update_fields=["token", "signature", "commit", "data"],
    )  # fmt: skip
    return head.token


def _loads(shelves: list[Shelf[Any]], whole: bool) -> Iterator[list[tuple[str, int, str]]]:
    """The rows of what changed, or of all, so many at once as make a statement of a bounded length."""
    rows: list[tuple[str, int, str]] = []
    size = 0
    for shelf in shelves:
        for number in range(BUCKETS) if whole else sorted(shelf.changed):
            bucket = shelf.bucket(number)
            if whole and not bucket:
                continue
            text = WRITERS[shelf.name.rpartition(":")[2]](bucket)
            rows.append((shelf.name, number, text))
            size += len(text)
            if size > LOAD:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _places(bucket: Mapping[str, FactKey]) -> str:
    """Paths under the names of their facts."""
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for path, key in bucket.items():
        places[f"{key.extractor} {key.version}"][path] = key.blob
    return json.dumps(places, separators=(",", ":"))


def _seen(bucket: Mapping[str, Seen]) -> str:
    """Observations without what is empty."""
    return json.dumps({part: list(map(_plain, seen)) for part, seen in bucket.items()}, separators=(",", ":"))


def _marks(bucket: Mapping[str, tuple[str, ...]]) -> str:
    return json.dumps(bucket, separators=(",", ":"))


WRITERS: dict[str, Callable[[Any], str]] = {"places": _places, "seen": _seen, "marks": _marks}


def _plain(one: Observation) -> dict[str, Any]:
    """What an observation says beyond what it says when nothing is given."""
    return {name: value for name, usual in USUAL.items() if (value := getattr(one, name)) != usual}


def _observation(plain: dict[str, Any]) -> Observation:
    for name, kind in (("priority", Priority), ("identity", Identity)):
        if name in plain:
            plain[name] = kind(plain[name])
    plain.setdefault("path", "")
    return Observation(**plain)
