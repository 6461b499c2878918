"""What each family of rules costs: which extractor to make faster next."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks import trees
from benchmarks.table import show, timed
from findings.core.errors import Unreadable
from findings.core.facts import Blob, Family, Place, Settings
from findings.core.rules import FAMILIES

FILES = 3_000


def measured(family: Family, spent: Counter[str]) -> Callable[[Blob], Any]:
    """The extractor, with a clock."""

    def extract(blob: Blob) -> Any:
        began = time.process_time()
        try:
            return family.extract(blob)
        except Unreadable:
            return {}
        finally:
            spent[family.name] += time.process_time() - began

    return extract


def bench_extractors() -> None:
    """Seconds of classify, extract and judge of each family over a tree of 3,000 mixed files, dearest first."""
    files = sorted(trees.mixed(FILES).items())
    spent: Counter[str] = Counter()
    clocked = [replace(family, extract=measured(family, spent)) for family in FAMILIES.values()]
    classified: Counter[str] = Counter()
    places: dict[str, list[Place]] = {family.name: [] for family in clocked}
    read: Counter[str] = Counter()
    classes = {}
    for family in clocked:
        paths, seconds = timed(lambda family=family: {path: family.classify(path) for path, _ in files})
        classes[family.name], classified[family.name] = paths, seconds
    for path, data in files:
        blob = Blob(data, "", b"benchmark")
        for family in clocked:
            if kind := classes[family.name][path]:
                read[family.name] += 1
                if facts := family.extract(blob.as_class(kind)):
                    places[family.name].append(Place(path, facts))
    rows = []
    for family in sorted(clocked, key=lambda family: -spent[family.name]):
        name = family.name
        seen, judged = timed(lambda family=family: list(family.judge(places[family.name], Settings())))
        rows.append((name, read[name], classified[name], spent[name], judged, len(places[name]), len(seen)))
    total = sum(spent.values())
    rows.append(("together", len(files), sum(classified.values()), total, sum(row[4] for row in rows), "", ""))
    show(
        f"Families over {len(files)} mixed files (what is shared counts for who asks first)",
        ("family", "read", "classify s", "extract s", "judge s", "with facts", "seen"),
        rows,
    )
