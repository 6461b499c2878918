"""Rust: locks around connections that are made to be shared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, observe
from findings.core.marking import gettext_noop
from findings.core.rusttext import bare, crate_of, is_source
from findings.core.types import Observation, Priority, RuleInfo

WRAPPED = RuleInfo(
    key="rust/mutex-wrapped-connection",
    title=gettext_noop("Lock around a connection that can be shared"),
    priority=Priority.P1,
    version=1,
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
    r"ConnectionManager|MultiplexedConnection|ClusterConnection|DatabaseConnection|(?:Pg|MySql|Sqlite|Any|Mssql)?Pool"
)
_MAKERS = r"(?:redis|fred|sqlx|sea_orm|r2d2|diesel|diesel_async|bb8\w*|deadpool\w*|mobc\w*)"
_PATH = r"(?P<path>(?:\w+\s{0,9}::\s{0,9}){0,9})"
_LOCKED = re.compile(rf"\b(?P<lock>Mutex|RwLock|FairMutex|ReentrantMutex)\s*<\s*{_PATH}(?P<inner>[A-Z]\w*)\s*[<>,]")
_PLAIN = re.compile(rf"\s*{_PATH}(?P<inner>[A-Z]\w*)")
_ALIAS = re.compile(r"\btype\s+(?P<name>\w+)\s*(?:<[^=;]*>)?\s*=\s*(?P<value>[^;]{1,400});")
_RENAMED = re.compile(r"\b(?P<inner>[A-Z]\w*)\s+as\s+(?P<name>[A-Z]\w*)")
_LIKELY = r"(?=\w*(?:Conn|Redis|Pool|Manager|Db|DB|Cache|Client|Shared|Handle))[A-Z]\w*"
_USE = re.compile(rf"(?:[:<,&(=]|->|\bmut|\bdyn|\bfor|'\w+)\s*{_PATH}(?P<name>{_LIKELY})\b(?!\s*(?:::|\())")
_IMPORT = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?\s+)?use\s+(?P<what>[^;]+);", re.M)
_DECLARED = re.compile(r"\b(?:struct|enum|trait)\s+(?P<name>\w+)")
USES = 200


def classify(path: str) -> str:
    """Rust source, outside build output and vendored crates."""
    return "code:rust" if is_source(path) else ""


def extract(blob: Blob) -> Facts:
    """{"locked": locks and what they hold, "aliases", "renamed" and "imports" of names, "uses": aliases in use}."""
    code = bare(blob.text)
    imports = [match["what"] for match in _IMPORT.finditer(code)]
    made = [text for text in imports if re.match(rf"(?:::)?{_MAKERS}\b", text)]
    facts: dict[str, Any] = {
        "locked": [_locked(blob, code, match) for match in islice(_LOCKED.finditer(code), USES)],
        "aliases": [_alias(match) for match in islice(_ALIAS.finditer(code), USES)],
        "declared": sorted({m["name"] for m in _DECLARED.finditer(code) if _HANDLE.fullmatch(m["name"])}),
        "renamed": {m["name"]: m["inner"] for text in imports for m in _RENAMED.finditer(text)},
        "imports": sorted({name for text in imports for name in re.findall(rf"\b{_LIKELY}\b", text)}),
        "made": sorted({name for text in made for name in re.findall(r"\b[A-Z]\w*", text)}),
    }
    glob = any(re.match(r"(?:crate|super)\b.*\*", text, re.S) for text in imports)
    known = {*facts["imports"], *(alias["name"] for alias in facts["aliases"])}
    facts["uses"] = list(_uses(blob, code, known, glob))
    return {name: found for name, found in facts.items() if found}


def _line(code: str, offset: int) -> int:
    return code.count("\n", 0, offset) + 1


def _locked(blob: Blob, code: str, match: re.Match[str]) -> dict[str, Any]:
    spot = blob.spot(_line(code, match.start()), _line(code, match.end()))
    made = bool(re.match(rf"{_MAKERS}\b", match["path"]))
    return {"lock": match["lock"], "inner": match["inner"], "made": made, **spot}


def _alias(match: re.Match[str]) -> dict[str, str]:
    locked, plain = _LOCKED.search(match["value"] + ","), _PLAIN.match(match["value"])
    name = {"name": match["name"], "locked": locked["inner"] if locked else ""}
    return {**name, "plain": plain["inner"] if plain and not locked else ""}


def _uses(blob: Blob, code: str, known: set[str], glob: bool) -> Iterator[dict[str, Any]]:
    """Where a type stands that may be an alias: imported, made here or written with its path."""
    code = _IMPORT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), code)
    found = (match for match in _USE.finditer(code) if glob or match["path"] or match["name"] in known)
    for match in islice((match for match in found if not _HANDLE.fullmatch(match["name"])), USES):
        yield {"name": match["name"], **blob.spot(_line(code, match.start("name")))}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """Locked handles, in place and behind aliases; an alias counts in its own crate and where it is imported."""
    own = {name for place in places for name in place.facts.get("declared", ())}
    plain: dict[str, dict[str, str]] = defaultdict(dict)
    for place in places:
        for alias in place.facts.get("aliases", ()):
            plain[crate_of(place.path)][alias["name"]] = alias["plain"]
    locked: dict[str, dict[str, str]] = defaultdict(dict)
    for place in places:
        names = {**plain[crate_of(place.path)], **place.facts.get("renamed", {})}
        for alias in place.facts.get("aliases", ()):
            inner = _resolved(alias["locked"], names)
            if _HANDLE.fullmatch(inner) and inner not in own - set(place.facts.get("made", ())):
                locked[crate_of(place.path)][alias["name"]] = inner
        yield from _of_locks(place, names, own)
    for place in places:
        yield from _of_uses(place, locked)


def _of_locks(place: Place, names: Mapping[str, str], own: set[str]) -> Iterator[Observation]:
    """Locks written out. A type of the same name that the tree declares itself may be anything, and is left alone."""
    for fact in place.facts.get("locked", ()):
        inner = _resolved(fact["inner"], names)
        made = fact["made"] or inner in place.facts.get("made", ())
        if _HANDLE.fullmatch(inner) and (made or inner not in own):
            message = f"{fact['lock']} around {inner}, which is made to be shared"
            said = {"confidence": "high" if made else "medium", "type": inner}
            yield observe(WRAPPED, place.path, fact, message, properties=said)


def _of_uses(place: Place, locked: Mapping[str, Mapping[str, str]]) -> Iterator[Observation]:
    imports = set(place.facts.get("imports", ()))
    known = {name: inner for each in locked.values() for name, inner in each.items() if name in imports}
    known.update(locked.get(crate_of(place.path), {}))
    for fact in place.facts.get("uses", ()):
        if inner := known.get(fact["name"]):
            message = f"{fact['name']} is a lock around {inner}, which is made to be shared"
            said = {"confidence": "high", "type": inner, "alias": fact["name"]}
            yield observe(WRAPPED, place.path, fact, message, properties=said)


def _resolved(name: str, names: Mapping[str, str]) -> str:
    """The type behind up to five renamings."""
    for _ in range(5):
        name = names.get(name) or name
    return name


FAMILY = Family("rust", (WRAPPED,), {"code:rust": 2}, classify, extract, judge)
