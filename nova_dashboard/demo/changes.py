"""What a commit of the demo's history does to the tree: a tree is a plain mapping, path -> text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nova_dashboard.demo import fakes

Tree = dict[str, str]


class DemoError(Exception):
    """The demo cannot be built or changed; the text says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts a history draws from: `first` as files begin, `later` by name of the group that replaces them."""

    first: Mapping[str, str]
    later: Mapping[str, Mapping[str, str]]


class Change(Protocol):
    """One change of a commit."""

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Changes `tree` in place; raises `DemoError` where the tree is not what the change expects."""


@dataclass(frozen=True, slots=True)
class Add:
    """Files as they begin: every one whose path is `prefix`, or starts with it where it ends in a slash."""

    prefix: str

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Adds them; a prefix without files is an error."""
        found = {p: t for p, t in catalogue.first.items() if p == self.prefix or self._holds(p)}
        if not found or found.keys() & tree.keys():
            raise DemoError(f"nothing new to add under {self.prefix}")
        tree.update(found)

    def _holds(self, path: str) -> bool:
        return self.prefix.endswith("/") and path.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Later:
    """A group of files written new, or over what was there."""

    group: str

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Writes the group's files."""
        tree.update(catalogue.later[self.group])


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces a text that stands exactly once in a file; both texts may hold secret tokens."""

    path: str
    old: str
    new: str

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Replaces it in the tree."""
        tree[self.path] = self.edited(tree.get(self.path, ""))

    def edited(self, text: str) -> str:
        """The file's text after the edit."""
        old = fakes.fill(self.old)
        if text.count(old) != 1:
            raise DemoError(f"{self.path}: the text to replace stands there {text.count(old)} times, expected 1")
        return text.replace(old, fakes.fill(self.new))


@dataclass(frozen=True, slots=True)
class Move:
    """Renames a file."""

    old: str
    new: str

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Moves it, text unchanged."""
        if self.old not in tree or self.new in tree:
            raise DemoError(f"cannot move {self.old} to {self.new}")
        tree[self.new] = tree.pop(self.old)


@dataclass(frozen=True, slots=True)
class Delete:
    """Removes a file."""

    path: str

    def apply(self, tree: Tree, catalogue: Catalogue) -> None:
        """Removes it."""
        if tree.pop(self.path, None) is None:
            raise DemoError(f"cannot delete {self.path}: it is not there")
