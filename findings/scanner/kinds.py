"""What has to be known of a path: its kinds. Paths of one kind are read alike, and their facts are kept alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from findings.core.facts import Family
from findings.core.types import Proof


class FactKey(NamedTuple):
    """Facts of one blob (or of a commit's history): its name, what made them, and in which version and hash key."""

    blob: str
    extractor: str
    version: str


class Part(NamedTuple):
    """One extraction: whose, of which path class, and the names and version under which its facts are kept."""

    family: Family
    path_class: str
    version: str
    extractor: str

    def key(self, blob: str) -> FactKey:
        """Under which its facts of a blob are kept."""
        return FactKey(blob, self.extractor, self.version)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Extractions that are done together, because a path that wants one of them wants them all.

    The name stands for all classes and versions: a new version of an extractor makes new kinds of its own path class,
    and of no other.
    """

    name: str
    parts: tuple[Part, ...]


class Kinds:
    """Kinds of paths. What looks at history is a kind of its own, because of history nothing else is read."""

    def __init__(self, families: Mapping[str, Family], key_name: str) -> None:
        self.families, self.key_name = tuple(families.values()), key_name
        self._groups = [
            [n for n, family in enumerate(self.families) if is_past(family) is past] for past in (True, False)
        ]
        self._made: dict[tuple[str, ...], tuple[Kind, ...]] = {}

    def of(self, path: str) -> tuple[Kind, ...]:
        """The kinds of a path; none where no rule looks at it."""
        classes = tuple([family.classify(path) for family in self.families])
        made = self._made.get(classes)
        if made is None:
            groups = [[self._part(n, classes[n]) for n in group if classes[n]] for group in self._groups]
            made = self._made[classes] = tuple(kind_of(parts) for parts in groups if parts)
        return made

    def _part(self, number: int, path_class: str) -> Part:
        family = self.families[number]
        version = f"{family.versions[path_class]}-{self.key_name}"
        return Part(family, path_class, version, f"{family.name}:{path_class}")


def is_past(family: Family) -> bool:
    """Whether a family looks at history as well."""
    return any(rule.proof is Proof.HISTORY for rule in family.rules)


def kind_of(parts: Iterable[Part]) -> Kind:
    """The kind that is these extractions."""
    parts = tuple(parts)
    said = " ".join(f"{part.family.name}:{part.path_class}@{part.version}" for part in parts)
    return Kind(blake2b(said.encode(), digest_size=12).hexdigest(), parts)
