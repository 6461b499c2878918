"""Rust: queries that are awaited once per row of a loop."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe, segments
from findings.core.marking import gettext_noop
from findings.core.rustcalls import READ, WRITE, Awaited, Function, Loop, Rust
from findings.core.rusttext import crate_of, is_source, is_test, source
from findings.core.types import Observation, Priority, RuleInfo
from findings.core.vocabulary import words

PER_ROW = RuleInfo(
    key="rust/n-plus-one",
    title=gettext_noop("Query awaited once per row"),
    priority=Priority.P1,
    version=1,
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

_NOT_CODE = words("migrations migration seeds seed seeders fixtures benches examples")
_SPEAKS = re.compile(r"repo|store|storage|\bdb|database|\bdao|cache|quer|pool|redis|conn|^self$|client$|service$")
_COMMON = words(
    "new get set insert send run next start call write read push remove connect fetch load save update delete execute "
    "handle process apply add put create find list count flush close open wait join recv poll commit publish lock text "
    "json bytes ready accept status begin rollback tick sleep"
)
LIMIT = 200


def classify(path: str) -> str:
    """Rust source that runs in production; not migrations and seeds."""
    own = is_source(path) and not is_test(path) and not is_document(path)
    return "code:rust" if own and _NOT_CODE.isdisjoint(segments(path)[:-1]) else ""


def extract(blob: Blob) -> Facts:
    """{"functions": what each awaits, "loops": what is awaited once per row, each with its place}."""
    if b".await" not in blob.data:
        return {}
    rust = Rust(source(blob.text))
    facts: dict[str, Any] = {
        "functions": [fact for function in rust.functions if (fact := _function(rust, function))][:LIMIT],
        "loops": [_in_loop(blob, rust, *found) for found in _per_row(rust)][:LIMIT],
    }
    return {name: found for name, found in facts.items() if found}


def _function(rust: Rust, function: Function) -> dict[str, Any]:
    """A function that queries, or may call one that does: {"name", "owners", "queries", "calls"}."""
    kinds = {found.kind for found in function.awaits if found.kind}
    calls = [_call(rust, function, found) for found in function.awaits if not found.kind]
    if not kinds and not calls:
        return {}
    queries = READ if READ in kinds else WRITE if kinds else ""
    return {"name": function.name, "owners": list(function.owners), "queries": queries, "calls": calls}


def _call(rust: Rust, function: Function, found: Awaited) -> list[Any]:
    """[name, receiver, types the receiver may have] of a call; a receiver without known type has none."""
    return [found.name, found.receiver, sorted(rust.types(found, function))]


def _per_row(rust: Rust) -> Iterator[tuple[Function, Loop, Awaited]]:
    seen: set[int] = set()
    for function in rust.functions:
        for found in function.awaits:
            line = rust.source.line(found.start)
            loop = rust.loop_around(found, function)
            if loop and line not in seen:
                seen.add(line)
                yield function, loop, found


def _in_loop(blob: Blob, rust: Rust, function: Function, loop: Loop, found: Awaited) -> dict[str, Any]:
    line, last = rust.source.line(found.start), rust.source.line(found.end)
    return {
        "kind": found.kind,
        "call": _call(rust, function, found),
        "function": function.name,
        "over": loop.over.lstrip("&* ")[:60],
        **blob.spot(line, last),
    }


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per awaited query in a loop; calls are followed into functions of the crate, two deep."""
    crates: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for place in places:
        crates[crate_of(place.path)] += place.facts.get("functions", ())
    known = {crate: _querying(functions) for crate, functions in crates.items()}
    for place in places:
        for fact in place.facts.get("loops", ()):
            kind = fact["kind"] or _kind(fact["call"], known[crate_of(place.path)])
            if kind:
                yield _observation(place, fact, kind)


Querying = Mapping[str, Sequence[tuple[frozenset[str], str]]]


def _querying(functions: Iterable[Mapping[str, Any]]) -> Querying:
    """Name -> (types it is a method of, read or write) of functions that query, themselves or through one call."""
    direct: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    through: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    functions = list(functions)
    for function in functions:
        if function["queries"]:
            direct[function["name"]].append((frozenset(function["owners"]), function["queries"]))
    for function in functions:
        kinds = {_kind(call, direct) for call in function["calls"]} - {""}
        if kinds:
            through[function["name"]].append((frozenset(function["owners"]), READ if READ in kinds else WRITE))
    return {name: [*direct[name], *through[name]] for name in {*direct, *through}}


def _kind(call: Sequence[Any], known: Querying) -> str:
    """What a call does: reads, writes, or nothing that is known."""
    name, receiver, types = call
    fitting = [kind for owners, kind in known.get(name, ()) if _fits(name, receiver, frozenset(types), owners)]
    return READ if READ in fitting else fitting[0] if fitting else ""


def _fits(name: str, receiver: str, types: frozenset[str], owners: frozenset[str]) -> bool:
    """Whether a call may mean a function: by the type of its receiver, or by words where that is not known."""
    if not receiver or (receiver.endswith("::") and receiver[0].islower()):
        return not owners
    if types:
        return bool(types & owners)
    return bool(owners) and (name not in _COMMON or bool(_SPEAKS.search(receiver.lower())))


def _observation(place: Place, fact: Mapping[str, Any], kind: str) -> Observation:
    what = "queried" if kind == READ else "written"
    name = fact["call"][0]
    message = f"{fact['function']} awaits {name} for each of {fact['over'] or 'the rows'}: {what} once per row"
    said = {"confidence": "high" if fact["kind"] else "medium", "function": fact["function"], "kind": kind}
    priority = PER_ROW.priority if kind == READ else Priority.P2
    return observe(PER_ROW, place.path, fact, message, priority=priority, properties=said)


FAMILY = Family("rust-queries", (PER_ROW,), {"code:rust": 1}, classify, extract, judge)
