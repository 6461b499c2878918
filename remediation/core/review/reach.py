"""Which rules can read the files that a report names. What a rule reads is said by its family, and nowhere else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from findings.core.detect import kind_of
from findings.core.facts import Family
from findings.core.rules import FAMILIES
from remediation.core.types import Place

CLEAR = 2
"""A language with this many times the files of another dominates a report."""


def candidate(rule: str, places: Sequence[Place], report: Iterable[Place] = ()) -> bool:
    """Whether a rule could see what is stated of some places. A folder says nothing of a language, and neither does a
    finding without places: there the languages of the whole report tell.
    """
    files = [place.path for place in places if _is_file(place.path)]
    if files and len(files) == len(places):
        return any(reads(rule, path) for path in files)
    return any(reads(rule, path) for path in files) or not foreign(rule, report)


def foreign(rule: str, report: Iterable[Place]) -> bool:
    """Whether a rule reads one language (rust/… reads "code:rust") and files of another dominate a report."""
    kind = rule.partition("/")[0]
    if not any(f"code:{kind}" in family.versions for family in _families(kind)):
        return False
    named = {place.path for place in report if _is_file(place.path) and kind_of(place.path) == "code"}
    others = Counter(path.rpartition(".")[2] for path in named if not reads(rule, path))
    own = sum(reads(rule, path) for path in named)
    return max(others.values(), default=0) > own * CLEAR


@lru_cache(maxsize=8192)
def reads(rule: str, path: str) -> bool:
    """Whether a file is of the kind that a rule is about: one that a family of its kind reads, which may be another
    than its own (two frameworks are seen in a manifest, and reported where they are used); and YAML is read together.
    """
    families = _families(rule.partition("/")[0])
    if any(family.classify(path) for family in families):
        return True
    return kind_of(path) == "yaml" and any(c.startswith("yaml") for family in families for c in family.versions)


def _families(kind: str) -> list[Family]:
    return [family for family in FAMILIES.values() if any(rule.key.startswith(f"{kind}/") for rule in family.rules)]


def _is_file(path: str) -> bool:
    """Whether a place names a file: its last part has an ending that is no wildcard."""
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(dot and ending and "*" not in ending and (stem or ending))
