"""Where facts live between scans, and how they are asked for."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from findings.scanner.kinds import FactKey

if TYPE_CHECKING:
    from findings.scanner.fold import Fold

FOLDS = 8


class Reading(NamedTuple):
    """A blob that was read as one kind: a bit for each of the kind's parts that has facts, and why a family has none
    though it should (an empty name: every family).
    """

    found: int = 0
    failed: Mapping[str, str] = {}


NOTHING = Reading()


class Read(NamedTuple):
    """A blob's reading, to be kept with the facts that were found in it."""

    blob: str
    kind: str
    reading: Reading
    facts: Mapping[FactKey, Any]


class FactStore(Protocol):
    """Facts are JSON values and hold no secret. A blob without facts is kept as read, and nothing more.

    `scope` names the repository, for what is not the same in another one that has the same commits.
    """

    scope: str

    def readings(self, kind: str, blobs: Collection[str]) -> dict[str, Reading]:
        """Those of the blobs that were read as this kind."""

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known."""

    def keep(self, read: Iterable[Read]) -> None:
        """Keeps readings and their facts; what is there already stays as it is or is replaced by an equal one."""

    def ahead(self) -> AbstractContextManager[None]:
        """Meanwhile nothing is asked, and `keep` may come back before it is done; when this ends, all is kept."""

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keeps facts; one that is there already stays as it is or is replaced by an equal one."""

    def fold(self, signature: str, commits: Iterable[str]) -> "Fold | None":
        """What a tree came to: of the first of these commits that is known, or else of any; none of another signature.
        The answer is not to be changed. Raises `Outdated`.
        """

    def renew(self) -> None:
        """Forgets what it holds of folds, because another process replaced one."""

    def put_fold(self, fold: "Fold", *, lasting: bool) -> None:
        """Keeps what a tree came to; `lasting`: beyond this process, instead of the one that was kept before."""


class Folds:
    """What the trees that were scanned last came to, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Fold] = {}

    def get(self, signature: str, commits: Iterable[str]) -> "Fold | None":
        """See `FactStore.fold`."""
        for commit in commits:
            if found := self.kept.get((signature, commit)):
                return found
        return next((fold for (known, _), fold in reversed(self.kept.items()) if known == signature), None)

    def put(self, fold: "Fold") -> None:
        """See `FactStore.put_fold`. The oldest make room."""
        self.kept.pop((fold.signature, fold.commit), None)
        self.kept[fold.signature, fold.commit] = fold
        while len(self.kept) > FOLDS:
            del self.kept[next(iter(self.kept))]


class MemoryStore:
    """A store for one run."""

    scope = ""

    def __init__(self) -> None:
        self.facts: dict[FactKey, Any] = {}
        self.read: dict[tuple[str, str], Reading] = {}
        self.folds = Folds()

    def readings(self, kind: str, blobs: Collection[str]) -> dict[str, Reading]:
        """Those of the blobs that were read as this kind."""
        known = self.read
        return {blob: found for blob in blobs if (found := known.get((blob, kind)))}

    def get_many(self, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        """Those of the keys that are known."""
        return {key: self.facts[key] for key in keys if key in self.facts}

    def keep(self, read: Iterable[Read]) -> None:
        """Keeps readings and their facts."""
        for one in read:
            self.read[one.blob, one.kind] = one.reading
            self.facts.update(one.facts)

    def ahead(self) -> AbstractContextManager[None]:
        """Nothing is waited for here."""
        return nullcontext()

    def put_many(self, facts: Mapping[FactKey, Any]) -> None:
        """Keeps facts."""
        self.facts.update(facts)

    def fold(self, signature: str, commits: Iterable[str]) -> "Fold | None":
        """What a tree came to."""
        return self.folds.get(signature, commits)

    def renew(self) -> None:
        """Forgets what it holds of folds."""
        self.folds = Folds()

    def put_fold(self, fold: "Fold", *, lasting: bool) -> None:
        """Keeps what a tree came to."""
        self.folds.put(fold)
