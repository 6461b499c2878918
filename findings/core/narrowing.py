"""Judging again only what a change reaches, for rules that have to see the whole tree.

A family says by which marks a place is found, and what has to be judged along with a change. What its rules saw is then
what they saw before, without what they would see of that part of the old tree, with what they see of it in the new one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MOST = 1_500  # places around a change; beyond, the whole tree is as cheap


class Held(Protocol):
    """A path and what is known of it."""

    @property
    def path(self) -> str:
        """The path in the tree."""

    @property
    def facts(self) -> Any:
        """Its facts."""


class Ask(Protocol):
    """The places of a tree that did not change."""

    def marked(self, marks: Collection[str]) -> Sequence[Held]:
        """Those that have one of these marks."""

    def at(self, paths: Collection[str]) -> Sequence[Held]:
        """Those at these paths that have facts."""


Changed = Sequence[Held]  # a place that changed, as it was and as it is; without facts where it was not or is no more
Marks = Callable[[Held], Iterable[str]]
Around = Callable[[Changed, Ask], Iterable[Held] | None]


@dataclass(frozen=True, slots=True)
class Narrow:
    """`around`: places that, with those that changed, are judged by themselves as they are in the whole tree; None
    where that is not known of less than the tree.
    """

    marks: Marks
    around: Around


def tied(changed: Changed, ask: Ask, marks: Marks, context: Sequence[Held]) -> list[Held] | None:
    """The context, and all places that marks they share tie to those that changed, however many lie between."""
    found = {place.path: place for place in context}
    done: set[str] = set()
    todo = {mark for place in changed for mark in marks(place)}
    while todo:
        done |= todo
        fresh = [place for place in ask.marked(todo) if place.path not in found]
        found.update((place.path, place) for place in fresh)
        if len(found) - len(context) > MOST:
            return None
        todo = {mark for place in fresh for mark in marks(place)} - done
    return list(found.values())
