"""What a change of Rust code reaches: the loops whose calls it may mean, and what is needed to tell what those do.

Calls are followed two deep, by names, receivers and modules; so places are found by the names that they give and use.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.narrowing import MOST, Ask, Changed, Held
from findings.core.rustcrates import Crates
from findings.core.rusttext import crate_of

ALL = "*"  # marks manifests
CALLED, RECEIVER, TYPES, MODULE = range(4)  # of a call, as `rules.rust_queries` keeps it

Call = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A place with some of its facts."""

    path: str
    facts: Any


def marks(place: Held) -> Iterator[str]:
    """The functions and fields that a file has, what its functions call where they do not query themselves, and what is
    called in its loops.
    """
    if "crate" in place.facts:
        yield ALL
        return
    yield f"crate {_word(crate_of(place.path))}"
    for function in place.facts.get("functions", ()):
        yield f"fn {function['name']}"
        for call in () if function["queries"] else function["calls"]:
            yield from (f"by {mark}" for mark in _wanted(call))
    for name in place.facts.get("fields", ()):
        yield f"field {name}"
    for call in _looped(place):
        yield from (f"loop {mark}" for mark in _wanted(call))


def _wanted(call: Call) -> Iterator[str]:
    """What a call depends on: the functions of its name, and the fields whose type its receiver may have."""
    yield f"fn {call[CALLED]}"
    if call[RECEIVER] and not call[TYPES]:
        yield f"field {call[RECEIVER]}"


def _looped(place: Held) -> Iterator[Call]:
    return (fact["call"] for fact in place.facts.get("loops", ()) if not fact["kind"])


def _word(folder: str) -> str:
    return folder.rpartition("/")[2].replace("-", "_")


def around(changed: Changed, ask: Ask) -> list[Held] | None:
    """Manifests, the loops that a change reaches, and, without their own loops, the places that tell what those call.
    None where manifests change or do not tell the crates of what changed.
    """
    if any("crate" in place.facts for place in changed):
        return None
    manifests = ask.marked([ALL])
    crates = Crates(manifests)
    if not all(crates.has_manifest(place.path) for place in changed):
        return None
    looping = _reached(changed, ask)
    calls = [call for place in (*looping, *changed) for call in _looped(place)]
    first = ask.marked({f"fn {call[CALLED]}" for call in calls})
    inner = list(_inner([*first, *changed], {call[CALLED] for call in calls}))
    second = ask.marked({f"fn {call[CALLED]}" for call in inner})
    both = [*calls, *inner]
    held = ask.marked({f"field {call[RECEIVER]}" for call in both if call[RECEIVER] and not call[TYPES]})
    names = {name for name in _paths(both, [*held, *changed]) if not crates.named(name)}
    telling = [*first, *second, *held, *ask.marked({f"crate {name}" for name in names})]
    found = {place.path: Part(place.path, _without_loops(place.facts)) for place in telling}
    found.update((place.path, Part(place.path, place.facts)) for place in looping)
    return [*manifests, *found.values()] if len(found) <= MOST else None


def _reached(changed: Changed, ask: Ask) -> Sequence[Held]:
    """The places with loops whose calls, or what these call, may mean something that changed."""
    altered = _altered(changed)
    callers = [*ask.marked({f"by {mark}" for mark in altered}), *changed]
    between = {
        f"fn {function['name']}"
        for place in callers
        for function in place.facts.get("functions", ())
        if not function["queries"] and any(not altered.isdisjoint(_wanted(call)) for call in function["calls"])
    }
    return ask.marked({f"loop {mark}" for mark in altered | between})


def _altered(changed: Changed) -> set[str]:
    """The functions and fields that are not as they were."""
    versions: dict[str, list[dict[str, Any]]] = {}
    for place in changed:
        given: dict[str, Any] = {f"field {name}": types for name, types in place.facts.get("fields", {}).items()}
        for function in place.facts.get("functions", ()):
            given.setdefault(f"fn {function['name']}", []).append(function)
        versions.setdefault(place.path, []).append(given)
    both = ((one, other[0] if other else {}) for one, *other in versions.values())
    return {mark for one, other in both for mark in one.keys() | other.keys() if one.get(mark) != other.get(mark)}


def _inner(places: Iterable[Held], names: set[str]) -> Iterator[Call]:
    """What functions of these names call that do not query themselves."""
    for place in places:
        for function in place.facts.get("functions", ()):
            if function["name"] in names and not function["queries"]:
                yield from function["calls"]


def _paths(calls: Iterable[Call], held: Iterable[Held]) -> Iterator[str]:
    """The words that paths of modules and types begin with: they may be crates."""
    types = [name for place in held for names in place.facts.get("fields", {}).values() for name in names]
    for call in calls:
        yield call[MODULE].partition("::")[0]
        types += call[TYPES]
    yield from (name.partition("::")[0] for name in types if "::" in name)


def _without_loops(facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "loops"}
