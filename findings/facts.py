"""The facts cache in PostgreSQL: what one extractor read in one blob, kept for ever."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from findings.models import Fact
from findings.scanner import FactKey

CHUNK = 5000


class DatabaseStore:
    """A `FactStore` over the `Fact` table. Facts are JSON and hold no secret value."""

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known; one statement for each extractor and 5,000 blobs."""
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for key in keys:
            groups[key.extractor, key.version].append(key.blob)
        found: dict[FactKey, Any] = {}
        for (extractor, version), blobs in groups.items():
            for start in range(0, len(blobs), CHUNK):
                rows = Fact.objects.filter(kind=extractor, version=version, blob__in=blobs[start : start + CHUNK])
                found.update({FactKey(b, extractor, version): d for b, d in rows.values_list("blob", "data")})
        return found

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keep facts. Two workers may read the same blob at once: they say the same, and the first row stays."""
        rows = [Fact(blob=k.blob, kind=k.extractor, version=k.version, data=d) for k, d in facts.items()]
        Fact.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
