"""Folds of trees in PostgreSQL: one per repository, in shares, so that a change of two files rewrites little."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4
from zlib import crc32

from django.db import connection, transaction

from findings.core.types import Identity, Observation, Priority
from findings.models import TreeFold, TreePart
from findings.scanner.fold import Fold, Held
from findings.scanner.kinds import FactKey

BUCKETS = 32
LOAD = 2 << 20  # characters of one statement, more or less
USUAL = {name: getattr(Observation("", ""), name) for name in Observation.__dataclass_fields__}
# JSON holds no bare line end, so all shares travel as one text.
PUT_PARTS = """
INSERT INTO findings_treepart (fold_id, family, bucket, data)
SELECT %s, * FROM unnest(%s::text[], %s::int[], string_to_array(%s, chr(10)))
ON CONFLICT (fold_id, family, bucket) DO UPDATE SET data = excluded.data
"""


def load_fold(repository: int, signature: str) -> Fold | None:
    """The newest fold of a repository's tree; none of another signature."""
    head = TreeFold.objects.filter(pk=repository, signature=signature).first()
    if head is None:
        return None
    fold = Fold(signature, head.commit, token=head.token, **json.loads(head.data))
    parts, texts = TreePart.objects.filter(fold=head), Texts()
    for family in parts.order_by("family").values_list("family", flat=True).distinct():
        held = fold.held.setdefault(family, Held())
        for data in parts.filter(family=family).values_list("data", flat=True):
            for part, plain in json.loads(data).items():
                _load(held, part, plain, texts)
    return fold


def save_fold(repository: int, fold: Fold) -> None:
    """Keep a fold instead of the one before. Where it grew from that one, only what changed since is written."""
    shares = _changed(fold)
    token = uuid4().hex
    data = json.dumps({"files": fold.files, "unreadable": fold.unreadable, "missing": fold.missing})
    with transaction.atomic():
        before = TreeFold.objects.select_for_update().filter(pk=repository).values_list("token", flat=True).first()
        if before != fold.token or before is None:
            TreePart.objects.filter(fold_id=repository).delete()
            shares = _all(fold)
        head = TreeFold(repository_id=repository, token=token, signature=fold.signature, commit=fold.commit, data=data)
        TreeFold.objects.bulk_create(
            [head], update_conflicts=True, unique_fields=["repository"],
            update_fields=["token", "signature", "commit", "data"],
        )  # fmt: skip
        for rows in _loads(fold, shares):
            families, buckets, texts = zip(*rows, strict=True)
            with connection.cursor() as cursor:
                cursor.execute(PUT_PARTS, [repository, list(families), list(buckets), "\n".join(texts)])
    fold.token = token
    for held in fold.held.values():
        held.changed.clear()


Shares = dict[tuple[str, int], list[str]]


class Texts(dict[str, str]):
    """One copy of each text: a path and a blob stand in the places of many families."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


def _loads(fold: Fold, shares: Shares) -> Iterator[list[tuple[str, int, str]]]:
    """The rows of shares, so many at once as make a statement of a bounded length."""
    rows: list[tuple[str, int, str]] = []
    size = 0
    for (family, bucket), parts in shares.items():
        text = _dump(fold.held[family], parts)
        rows.append((family, bucket, text))
        size += len(text)
        if size > LOAD:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _all(fold: Fold) -> Shares:
    shares: Shares = defaultdict(list)
    for family, held in fold.held.items():
        for part in held.parts():
            shares[family, crc32(part.encode()) % BUCKETS].append(part)
    return shares


def _changed(fold: Fold) -> Shares:
    """The shares that hold a part that changed since the fold was kept, whole."""
    touched = {(name, crc32(p.encode()) % BUCKETS) for name, held in fold.held.items() for p in held.changed}
    whole = _all(fold)
    return {share: whole.get(share, []) for share in touched}


def _dump(held: Held, parts: Iterable[str]) -> str:
    """Shares as JSON: paths under the names of their facts, observations without what is empty."""
    plain = {}
    for part in parts:
        places: dict[str, dict[str, str]] = defaultdict(dict)
        for path, key in held.places.get(part, {}).items():
            places[f"{key.extractor} {key.version}"][path] = key.blob
        seen = [_plain(one) for one in held.seen.get(part, ())]
        plain[part] = {"places": places, "seen": seen, "stale": part in held.stale}
    return json.dumps(plain, separators=(",", ":"))


def _plain(one: Observation) -> dict[str, Any]:
    """What an observation says beyond what it says when nothing is given."""
    return {name: value for name, usual in USUAL.items() if (value := getattr(one, name)) != usual}


def _load(held: Held, part: str, plain: dict[str, Any], texts: Texts) -> None:
    places = held.places[part] = {}
    for name, paths in plain["places"].items():
        extractor, _, version = name.partition(" ")
        places.update({texts[path]: FactKey(texts[blob], extractor, version) for path, blob in paths.items()})
    held.seen[part] = tuple(_observation(one) for one in plain["seen"])
    if plain["stale"]:
        held.stale.add(part)


def _observation(plain: dict[str, Any]) -> Observation:
    named = {
        name: kind(plain[name]) for name, kind in (("priority", Priority), ("identity", Identity)) if name in plain
    }
    return Observation(**{"rule": "", "path": ""} | plain | named)
