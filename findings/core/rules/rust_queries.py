"""Rust: queries that are awaited once per row of a loop."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe, segments
from findings.core.marking import gettext_noop
from findings.core.narrowing import Narrow
from findings.core.rustcalls import Awaited, Function, Rust
from findings.core.rustcrates import ENDINGS, MANIFEST, Crates, is_manifest, manifest
from findings.core.rustloops import Loop, Loops
from findings.core.rustqueries import HANDLE, READ, WRITE, kind_of
from findings.core.rustreach import around, marks
from findings.core.rusttext import is_source, is_test, source
from findings.core.types import Observation, Priority, RuleInfo
from findings.core.vocabulary import words

PER_ROW = RuleInfo(
    key="rust/n-plus-one",
    title=gettext_noop("Query awaited once per row"),
    priority=Priority.P1,
    version=3,
    help=gettext_noop("""\
One query fetches a list, and then the loop asks again for every row of it. A hundred rows are a hundred and one round
trips, one after the other, so the page gets slower with every customer and the pool is busy with waiting.

**How to fix**: ask once for all rows. Join the second table, or collect the ids and use `= ANY($1)`; for Redis, `MGET`
or a pipeline; for writes, one statement over `UNNEST` arrays. Then look the answers up in a map.

Before:

```rust
for order in orders {
    let lines = sqlx::query_as("SELECT * FROM lines WHERE order_id = $1").bind(order.id).fetch_all(pool).await?;
    pages.push((order, lines));
}
```

After:

```rust
let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
let lines = sqlx::query_as("SELECT * FROM lines WHERE order_id = ANY($1)").bind(&ids).fetch_all(pool).await?;
```
"""),
)

_NOT_CODE = words("migrations migration migrator migrate seeds seed seeder seeders fixtures benches examples")
_MIGRATES = re.compile(r"migrat|seed", re.I)
_SPEAKS = re.compile(r"repo|store|storage|\bdb|database|\bdao|cache|quer|pool|redis|conn|^self$|client$|service$")
_COMMON = words(
    "new get set insert send run next start call write read push remove connect fetch load save update delete execute "
    "handle process apply add put create find list count flush close open wait join recv poll commit publish lock text "
    "json bytes ready accept status begin rollback tick sleep"
)
_HERE = ("", "crate", "self", "super")
# Rows that are asked for by groups: one query for each group, with the list of its ids.
_GROUPS = re.compile(r"\b(?:\w+_by_\w+|group(?:s|ed\w*)|buckets|partition(?:s|ed\w*))\b")
_LISTED = re.compile(r"\bANY\s*\(\s*\$\d|\bUNNEST\s*\(\s*\$\d", re.I)
_OWN_PARTS = re.compile(r"[&*\s]*(?:mut\s+)?self\s*\.\s*\w+")
LIMIT = 200


def classify(path: str) -> str:
    """Rust source that runs in production, not migrations and seeds; manifests, for the names of crates."""
    if not path.endswith(ENDINGS):
        return ""
    *folders, name = segments(path)
    if is_document(path) or not _NOT_CODE.isdisjoint([*folders, name.removesuffix(".rs")]):
        return ""
    if is_manifest(path):
        return MANIFEST
    return "code:rust" if is_source(path) and not is_test(path) else ""


def extract(blob: Blob) -> Facts:
    """{"functions": what each awaits, "loops": what is awaited once per row, each with its place, "fields": types}."""
    if blob.path_class == MANIFEST:
        return manifest(blob.data)
    if b"await" not in blob.data and b"join!" not in blob.data:
        return {}
    rust = Rust(source(blob.text))
    loops = Loops(rust)
    facts: dict[str, Any] = {
        "functions": [_function(rust, function) for function in rust.functions[:LIMIT]],
        "loops": [_in_loop(blob, rust, *found) for found in islice(_per_row(rust, loops), LIMIT)],
        "fields": rust.fields,
    }
    return {name: found for name, found in facts.items() if found}


def _function(rust: Rust, function: Function) -> dict[str, Any]:
    """What a function awaits: {"name", "owners", "queries", "calls"}."""
    kinds = {kind_of(found, rust) for found in function.awaits} - {""}
    calls = [_call(rust, function, found) for found in function.awaits if not kind_of(found, rust)]
    queries = READ if READ in kinds else WRITE if kinds else ""
    return {"name": function.name, "owners": list(function.owners), "queries": queries, "calls": calls}


def _call(rust: Rust, function: Function, found: Awaited) -> list[Any]:
    """[name, receiver, types the receiver may have, module] of a call; a receiver without known type has none."""
    free = not found.receiver or (found.receiver.endswith("::") and not found.receiver[:1].isupper())
    module = rust.module(found) if free else ""
    return [found.name, found.receiver, sorted(rust.types(found, function)), module]


def _per_row(rust: Rust, loops: Loops) -> Iterator[tuple[Function, Loop, Awaited]]:
    for function in rust.functions if loops.some else ():
        for found in function.awaits:
            loop = loops.around(found, function) if not _MIGRATES.search(function.name) else None
            if loop and not _by_groups(rust, loop, found) and not _by_parts(rust, loop, found):
                yield function, loop, found


def _by_groups(rust: Rust, loop: Loop, found: Awaited) -> bool:
    listed = any(_LISTED.search(text) for text in rust.source.strings(found.start, found.end))
    return listed and bool(_GROUPS.search(loop.over.partition(" in ")[2]))


def _by_parts(rust: Rust, loop: Loop, found: Awaited) -> bool:
    """Whether each of the object's own parts is asked to do its work: publishers to publish, providers to answer."""
    each, _, over = loop.over.partition(" in ")
    given = rust.code[found.at : found.chain[0].end]
    own = bool(_OWN_PARTS.match(over)) and re.search(rf"\b{re.escape(found.receiver)}\b", each)
    return bool(own) and not kind_of(found, rust) and not HANDLE.search(given)


def _in_loop(blob: Blob, rust: Rust, function: Function, loop: Loop, found: Awaited) -> dict[str, Any]:
    return {
        "kind": kind_of(found, rust),
        "call": _call(rust, function, found),
        "function": function.name,
        "over": loop.over.partition(" in ")[2].lstrip("&* ")[:60],
        **blob.spot(rust.source.line(found.end)),
    }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that a call may mean: its crate, its place as words, its types; `kind` is what it does itself."""

    crate: str
    places: frozenset[str]
    owners: frozenset[str]
    kind: str
    calls: Sequence[Sequence[Any]]


class Index:
    """The functions of a tree by name."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.crates = Crates(places)
        self.functions: dict[str, list[Candidate]] = defaultdict(list)
        self.fields: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for place in places:
            crate = self.crates.of(place.path)
            parts = frozenset(part.removesuffix(".rs") for part in place.path.split("/"))
            for name, types in place.facts.get("fields", {}).items():
                self.fields[crate][name].update(types)
            for fact in place.facts.get("functions", ()):
                owners = frozenset(fact["owners"])
                self.functions[fact["name"]].append(Candidate(crate, parts, owners, fact["queries"], fact["calls"]))

    def kind(self, crate: str, call: Sequence[Any], deeper: bool = True) -> str:
        """What a call in a crate does: it reads, writes, or nothing is known. `deeper`: with what it calls."""
        kinds = set()
        for candidate in self._meant(crate, call):
            kinds.add(candidate.kind)
            if deeper and not candidate.kind:
                kinds |= {self.kind(candidate.crate, inner, deeper=False) for inner in candidate.calls}
        return READ if READ in kinds else WRITE if WRITE in kinds else ""

    def _meant(self, crate: str, call: Sequence[Any]) -> list[Candidate]:
        """The functions a call may mean: by its module, or by the type it is made on, or else by words."""
        name, receiver, types, module = call
        named = self.functions.get(name, ())
        own = [one for one in named if one.crate == crate]
        if not receiver or (receiver.endswith("::") and receiver[0].islower()):
            return self._in_module(module, [one for one in named if not one.owners], crate)
        known = set(types) or (set() if receiver.endswith("::") else self.fields[crate].get(receiver, set()))
        if known:
            return self._of_types(known, named, crate)
        speaks = name not in _COMMON or bool(_SPEAKS.search(receiver.lower()))
        return [one for one in own if one.owners] if speaks else []

    def _in_module(self, module: str, free: Sequence[Candidate], crate: str) -> list[Candidate]:
        """Free functions: of another crate where the path begins with one; else of this crate, and if several have the
        name, those in the module.
        """
        parts = module.split("::")
        other = self.crates.named(parts[0])
        if other and other != crate:
            return [one for one in free if one.crate == other]
        own = [one for one in free if one.crate == crate]
        telling = [part for part in parts if part not in _HERE]
        close = [one for one in own if telling and telling[-1] in one.places]
        return close or (own if len(own) == 1 or not telling else [])

    def _of_types(self, types: set[str], named: Sequence[Candidate], crate: str) -> list[Candidate]:
        found = []
        for full in types:
            path, _, last = full.rpartition("::")
            fitting = [one for one in named if last in one.owners]
            home = self.crates.named(path.partition("::")[0]) if path else crate
            near = [one for one in fitting if one.crate in (home, crate)]
            found += near or (fitting if path and len({one.crate for one in fitting}) == 1 else [])
        return found


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per line with an awaited query in a loop; calls are followed into other functions, two deep."""
    index = Index(places)
    for place in places:
        seen = set()
        for fact in place.facts.get("loops", ()):
            kind = fact["kind"] or index.kind(index.crates.of(place.path), fact["call"])
            if kind and fact["line"] not in seen:
                seen.add(fact["line"])
                yield _observation(place, fact, kind)


def _observation(place: Place, fact: Mapping[str, Any], kind: str) -> Observation:
    what = "queried" if kind == READ else "written"
    name = fact["call"][0]
    message = f"{fact['function']} awaits {name} for each of {fact['over'] or 'the rows'}: {what} once per row"
    said = {"confidence": "high" if fact["kind"] else "medium", "function": fact["function"], "kind": kind}
    priority = PER_ROW.priority if kind == READ else Priority.P2
    return observe(PER_ROW, place.path, fact, message, priority=priority, properties=said)


VERSIONS = {"code:rust": 7, MANIFEST: 1}
FAMILY = Family("rust-queries", (PER_ROW,), VERSIONS, classify, extract, judge, part=str, narrow=Narrow(marks, around))
