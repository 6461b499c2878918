"""Rust: locks around connections that are made to be shared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, observe
from findings.core.listening import FILES, RUST
from findings.core.marking import gettext_noop
from findings.core.rustcrates import MANIFEST, OWN, Crates, is_manifest, manifest
from findings.core.rusttext import WORD, Source, is_source, source
from findings.core.types import Observation, Priority, RuleInfo
from findings.core.vocabulary import words

WRAPPED = RuleInfo(
    key="rust/mutex-wrapped-connection",
    title=gettext_noop("Lock around a connection that can be shared"),
    priority=Priority.P1,
    version=2,
    help=gettext_noop("""\
`ConnectionManager`, `MultiplexedConnection` and the usual pools are handles: a clone is cheap and every clone may be
used at the same time. A lock around one lets a single request talk to the server while all others wait, and is held
across every `.await` in between.

**How to fix**: store the handle itself and clone it where it is used.

Before:

```rust
struct Cache {
    redis: Arc<Mutex<ConnectionManager>>,
}
```

After:

```rust
struct Cache {
    redis: ConnectionManager,
}

let mut redis = self.redis.clone();
```
"""),
)

_HANDLE = re.compile(
    r"ConnectionManager|MultiplexedConnection|ClusterConnection|DatabaseConnection"
    r"|(?:Pg|MySql|Sqlite|Any|Mssql|Redis|Db|DB|Database|Postgres|Deadpool|Diesel|Async)*Pool"
)
_MAKERS = re.compile(r"(?:redis|fred|sqlx|sea_orm|r2d2\w*|diesel\w*|bb8\w*|deadpool\w*|mobc\w*|mysql\w*|sqlx\w*)$")
_PATH = r"(?P<path>(?:::)?(?:\w+\s{0,9}::\s{0,9}){0,9})"
_HELD = rf"\s*(?:::\s*)?<\s*(?:(?:\w+::){{0,5}}(?:Arc|Box|Rc)\s*<\s*)?{_PATH}(?P<inner>[A-Z]\w*)\s*[<>,]"
_LOCKED = re.compile(rf"(?P<lock>Mutex|RwLock){_HELD}")
_WRAPPED = re.compile(rf"(?<!\w)(?P<name>[A-Z]\w*){_HELD}$")
_MARKS = tuple(
    map(re.compile, ("ConnectionManager", "MultiplexedConnection", "ClusterConnection", "DatabaseConnection", "Pool"))
)
_LOCKS = FILES.topic("Mutex|RwLock")
_CONNECTIONS, _TYPES = RUST.topic("Connection"), RUST.topic(r"type\W")
_HOLDERS = words("Arc Box Rc Option Vec Result State Data Extension")
_PLAIN = re.compile(rf"\s*{_PATH}(?P<inner>[A-Z]\w*)")
_ALIAS = re.compile(r"type\s+(?P<name>[A-Z]\w*)\s*(?:<(?P<parameter>\w+)[^=;]*>)?\s*=\s*(?P<value>[^;]{1,400});")
_LIKELY = re.compile(
    r"Conn|Redis|Valkey|Pool|Manager|Mgr|Db|DB|Pg|Sql|Cache|Client|Shared|Handle|Lock|Mutex|Kv|KV|Store|Safe|Sync|Session"
    r"|Guard|Link|Backend"
)
_NAMES = re.compile(r"[A-Z]\w*")
_QUALIFIED = re.compile(r"::\s*([A-Z]\w*)")
_BEFORE = re.compile(r"(?:[:<,&(=]|->|\b(?:mut|dyn|for)|'\w+)\s*(?P<path>(?:\w+\s*::\s*)*)$")
_AFTER = re.compile(r"\s*(?:::|[(!])|\w")
_DECLARES = re.compile(r"(?:struct|enum|trait)\s+\w*$")
_FOREIGN = words("std core alloc tokio futures serde axum tonic tracing uuid chrono anyhow async_trait tower reqwest")
LOCKS = ("Mutex", "RwLock")
USES = 200
WIDTH = 120
IN_PATH = WORD + ": \n"


def classify(path: str) -> str:
    """Rust source, outside build output and vendored crates; manifests, for the names of crates."""
    if is_manifest(path):
        return MANIFEST
    return "code:rust" if is_source(path) else ""


def extract(blob: Blob) -> Facts:
    """{"locked": locks and what they hold, "wraps": other generics over a handle, "aliases" and "renamed": names that
    stand for others, "declared": own types named like handles, "uses": names in use that may be such an alias}.
    """
    if blob.path_class == MANIFEST:
        return manifest(blob.data)
    locks = blob.hears(_LOCKS)
    if not locks and not _LIKELY.search(blob.text):
        return {}
    rust = source(blob.text)
    marks = _MARKS if rust.speaks(_CONNECTIONS) else _MARKS[-1:]
    marked = [match.span() for mark in marks for match in mark.finditer(rust.code)]
    aliases = [_alias(rust, match) for match in islice(_ALIAS.finditer(rust.code), USES if rust.speaks(_TYPES) else 0)]
    facts: dict[str, Any] = {
        "locked": list(_locked(blob, rust)) if locks else [],
        "wraps": list(_wraps(blob, rust, marked)),
        "aliases": [alias for alias in aliases if alias["locked"] or alias["plain"]],
        "renamed": {
            name: full
            for name, full in rust.imports.items()
            if _HANDLE.fullmatch(full.rpartition("::")[2]) and full.rpartition("::")[2] != name
        },
        "declared": sorted(set(_declared(rust, marked))),
        "uses": list(islice(_uses(blob, rust, {alias["name"] for alias in aliases}), USES)),
    }
    return {name: found for name, found in facts.items() if found}


def _full(rust: Source, match: re.Match[str]) -> str:
    return rust.resolved(match["path"] + match["inner"])


def _locked(blob: Blob, rust: Source) -> Iterator[dict[str, Any]]:
    for match in islice(_LOCKED.finditer(rust.code), USES):
        spot = blob.spot(rust.line(match.start()), rust.line(match.end()))
        yield {"lock": match["lock"], "inner": _full(rust, match), **spot}


def _wraps(blob: Blob, rust: Source, marked: Sequence[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Generics over a handle whose own name may stand for a lock: `Lock<PgPool>` after `use …::Mutex as Lock`."""
    for at, end in marked:
        before = rust.code[max(0, at - WIDTH) : at].rstrip(IN_PATH)
        match = _WRAPPED.search(rust.code, max(0, at - WIDTH), end + 1) if before[-1:] == "<" else None
        if match and _HANDLE.fullmatch(match["inner"]) and not _no_lock(match["name"]):
            name, spot = rust.resolved(match["name"]), blob.spot(rust.line(match.start("name")))
            yield {"name": name, "inner": _full(rust, match), **spot}


def _declared(rust: Source, marked: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Own types that are named like handles."""
    for at, _ in marked:
        start = at - len(before := rust.code[max(0, at - 20) : at]) + len(before.rstrip(WORD))
        if start and not rust.code[start - 1].isspace():
            continue
        name = _NAMES.match(rust.code, start, start + WIDTH)
        if name and _HANDLE.fullmatch(name.group()) and _DECLARES.search(rust.code, max(0, start - 20), start):
            yield name.group()


def _no_lock(name: str) -> bool:
    """Whether a generic type is known to be something else, or a lock that is found by its own name."""
    return name.endswith(LOCKS) or name in _HOLDERS or bool(_HANDLE.fullmatch(name))


def _alias(rust: Source, match: re.Match[str]) -> dict[str, str]:
    """What an alias stands for: a lock around something (`*`: around its own parameter), or another name."""
    value = match["value"] + ","
    locked = _LOCKED.search(value)
    plain = None if locked else _PLAIN.match(value)
    inner = locked and ("*" if locked["inner"] == match["parameter"] else _full(rust, locked))
    return {"name": match["name"], "locked": inner or "", "plain": _full(rust, plain) if plain else ""}


def _uses(blob: Blob, rust: Source, aliases: set[str]) -> Iterator[dict[str, Any]]:
    """Where a type stands that may be an alias: made here, imported from own code or written with its path."""
    glob = any("*" in use["what"] and use["what"].startswith(OWN) and not rust.tested(use.start()) for use in rust.uses)
    names = {*rust.imports, *aliases, *(_NAMES if glob else _QUALIFIED).findall(rust.code)}
    for name in sorted(names):
        full = rust.imports.get(name, "")
        if name in aliases or (_LIKELY.search(name) and not _HANDLE.fullmatch(name) and _may_be_own(full)):
            yield from _places(blob, rust, name, glob or bool(full) or name in aliases)


def _may_be_own(full: str) -> bool:
    first = full.partition("::")[0]
    return not _MAKERS.match(first) and first not in _FOREIGN


def _places(blob: Blob, rust: Source, name: str, known: bool) -> Iterator[dict[str, Any]]:
    """Where a name stands for a type, and the path it means; a name that nothing explains needs a path before it."""
    code, at = rust.code, rust.code.find(name)
    while at >= 0:
        end = at + len(name)
        before = _BEFORE.search(code, max(0, at - 80), at)
        inside = any(use.start() < at < use.end() for use in rust.uses)
        if before and (known or before["path"]) and not inside and not _AFTER.match(code, end):
            yield {"name": rust.resolved(before["path"] + name), **blob.spot(rust.line(at))}
        at = code.find(name, end)


@dataclass(slots=True)
class Names:
    """What the names of the tree stand for, crate by crate."""

    crates: Crates
    plain: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    locked: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    declared: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, place: Place) -> None:
        """Takes over the names of a file."""
        crate = self.crates.of(place.path)
        self.declared[crate].update(place.facts.get("declared", ()))
        self.plain[crate].update(place.facts.get("renamed", {}))
        for alias in place.facts.get("aliases", ()):
            kind = self.locked if alias["locked"] else self.plain
            kind[crate][alias["name"]] = alias["locked"] or alias["plain"]

    def home(self, crate: str, full: str) -> str | None:
        """The crate of the tree that a path leads to; None for foreign ones."""
        first = full.partition("::")[0] if "::" in full else "crate"
        return crate if first in OWN else self.crates.named(first) or None

    def handle(self, crate: str, full: str) -> str:
        """How sure it is that a path names a connection made to be shared: "high", "medium" or not at all ("")."""
        for _ in range(5):
            home, last = self.home(crate, full), full.rpartition("::")[2]
            if home is None or last not in self.plain[home] or self.plain[home][last] == full:
                break
            crate, full = home, self.plain[home][last]
        if not _HANDLE.fullmatch(last):
            return ""
        if home is None:
            made = bool(_MAKERS.match(full.partition("::")[0]))
            return "high" if made else "" if last == "Pool" else "medium"
        return "" if last in self.declared[home] else "medium"

    def lock(self, crate: str, full: str) -> str:
        """What the lock behind an alias holds; "*" for its parameter, empty for what is no alias of a lock."""
        home = self.home(crate, full)
        last = full.rpartition("::")[2]
        if last in LOCKS:
            return "*"
        return self.locked[home].get(last, "") if home is not None else ""


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per line with a locked handle or an alias of one; that counts where it is made and imported."""
    names = Names(Crates(places))
    for place in places:
        names.add(place)
    for place in places:
        lines = set()
        for seen in _of_place(names, place):
            if seen.line not in lines:
                lines.add(seen.line)
                yield seen


def _of_place(names: Names, place: Place) -> Iterator[Observation]:
    crate = names.crates.of(place.path)
    for fact in place.facts.get("locked", ()):
        if sure := names.handle(crate, fact["inner"]):
            yield _observation(place, fact, fact["lock"], fact["inner"], sure)
    for fact in place.facts.get("wraps", ()):
        if names.lock(crate, fact["name"]) == "*" and (sure := names.handle(crate, fact["inner"])):
            yield _observation(place, fact, fact["name"], fact["inner"], sure)
    for fact in place.facts.get("uses", ()):
        inner = names.lock(crate, fact["name"])
        if inner not in ("", "*") and names.handle(names.home(crate, fact["name"]) or "", inner):
            yield _observation(place, fact, fact["name"], inner, "high")


def _observation(place: Place, fact: dict[str, Any], lock: str, inner: str, sure: str) -> Observation:
    lock, inner = lock.rpartition("::")[2], inner.rpartition("::")[2]
    how = "is a lock" if "lock" not in fact else "is set"
    message = f"{lock} {how} around {inner}, which is made to be shared"
    return observe(WRAPPED, place.path, fact, message, properties={"confidence": sure, "type": inner, "lock": lock})


FAMILY = Family("rust", (WRAPPED,), {"code:rust": 4, MANIFEST: 1}, classify, extract, judge)
