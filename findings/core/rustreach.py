"""What a change of Rust code reaches: the loops whose calls it may mean, and what is needed to tell what those do.

Calls are followed two deep, by names, receivers and modules; so places are found by the names that they give and use.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from findings.core.narrowing import MOST, Ask, Changed, Held
from findings.core.rustcrates import Crates
from findings.core.rusttext import crate_of

CALLED, RECEIVER, TYPES, MODULE = range(4)  # of a call, as `rules.rust_queries` keeps it

Call = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A place with some of its facts."""

    path: str
    facts: Any


def marks(place: Held) -> Iterator[str]:
    """The functions and fields that a file has, what its functions call where they do not query themselves, and what is
    called in its loops. A crate is found by the name that it has in paths, with or without a manifest.
    """
    if "crate" in place.facts:
        yield f"manifest {place.facts['library']}"
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
    """The loops that a change reaches, the places (without their loops) that tell what those call, and the manifests of
    all their crates. None where the change may give a name to another crate.
    """
    if any("crate" in place.facts for place in changed) or _renames(changed, ask):
        return None
    looping = _reached(changed, ask)
    calls = [call for place in (*looping, *changed) for call in _looped(place)]
    first = ask.marked({f"fn {call[CALLED]}" for call in calls})
    inner = list(_inner([*first, *changed], {call[CALLED] for call in calls}))
    second = ask.marked({f"fn {call[CALLED]}" for call in inner})
    both = [*calls, *inner]
    held = ask.marked({f"field {call[RECEIVER]}" for call in both if call[RECEIVER] and not call[TYPES]})
    names = set(_paths(both, [*held, *changed]))
    named = ask.marked({f"manifest {name}" for name in names})
    others = ask.marked({f"crate {name}" for name in names - {place.facts["library"] for place in named}})
    telling = [*first, *second, *held, *others]
    found = {place.path: Part(place.path, _without_loops(place.facts)) for place in telling}
    found.update((place.path, Part(place.path, place.facts)) for place in (*looping, *named))
    found.update((one.path, Part(one.path, one.facts)) for one in _manifests([*found, *_of(changed)], ask))
    return list(found.values()) if len(found) <= MOST else None


def _of(changed: Changed) -> set[str]:
    return {place.path for place in changed}


def _manifests(paths: Iterable[str], ask: Ask) -> Sequence[Held]:
    """The manifests in the folders above these files."""
    folders = {"/".join(parts[:end]) for path in paths for parts in [path.split("/")] for end in range(len(parts))}
    return ask.at({f"{folder}/Cargo.toml".removeprefix("/") for folder in folders})


def _renames(changed: Changed, ask: Ask) -> bool:
    """Whether a file came or went by which a crate without a manifest has its name."""
    seen = Counter(place.path for place in changed)
    for path in (path for path, times in seen.items() if times == 1):
        others = [place.path for place in ask.marked({f"crate {_word(crate_of(path))}"})]
        crates = Crates(_manifests([path, *others], ask))
        if not crates.has_manifest(path):
            own = [other for other in others if not crates.has_manifest(other)]
            if not own or crates.of(min(own)) != crates.of(min([*own, path])):
                return True
    return False


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
