"""Rust: services of one workspace that do not agree on a web framework."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.core.errors import Unreadable
from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe, segments
from findings.core.marking import gettext_noop
from findings.core.rustcrates import ENDINGS
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words

SPLIT = RuleInfo(
    key="rust/web-framework-split",
    title=gettext_noop("Services of one workspace use several web frameworks"),
    priority=Priority.P0,
    version=2,
    help=gettext_noop("""\
Middleware, error types, extractors, tests and tracing are written against one framework. With two in a workspace each
of them exists twice, a fix in one camp does not reach the other, and nobody can move between services without
learning the house again. Every dependency of both is compiled, audited and upgraded.

**How to fix**: settle on the framework that most services use. Move the others one at a time, smallest first; share
handlers' logic in crates that know no framework at all.

Before:

```toml
# services/orders/Cargo.toml
axum = { workspace = true }
# services/billing/Cargo.toml
actix-web = { workspace = true }
```

After:

```toml
# services/orders/Cargo.toml
axum = { workspace = true }
# services/billing/Cargo.toml
axum = { workspace = true }
```
"""),
)

FRAMEWORKS = words("actix-web axum rocket warp poem tide")
LIMIT = 256 * 1024
DOTS = 40
TABLES = 500  # of a manifest that does not parse, and lines of each
_TABLE = re.compile(r"^(?=[ \t]*\[)", re.M)

_BINARY = re.compile(r"/src/(?:main\.rs|bin/[^/]+\.rs|bin/[^/]+/main\.rs)$")
_NOT_SERVICES = words("scripts script xtask examples example benches tests fixtures target vendor third_party")
_HEADER = re.compile(r"^\s*\[(?:target\.[^\n]{1,200}\.)?dependencies(?:\.[\"']?(?P<name>[\w-]+)[\"']?)?\]")
_OTHER = re.compile(r"^\s*\[")
_WEB = re.compile(r"web|http|server|api|rest|framework|actix|axum|rocket|warp|poem|tide", re.I)
_ENTRY = re.compile(r"^\s*[\"']?(?P<name>[\w-]+)[\"']?\s*(?:\.\s*\w+\s*)*=")


def classify(path: str) -> str:
    """Manifests of crates, and the sources that make a crate a program."""
    if not path.endswith(ENDINGS) or is_document(path) or not _NOT_SERVICES.isdisjoint(segments(path)[:-1]):
        return ""
    if path.rsplit("/", 1)[-1] == "Cargo.toml":
        return "conf:cargo"
    return "code:program" if _BINARY.search(f"/{path}") else ""


def extract(blob: Blob) -> Facts:
    """Of a manifest: {"package", "bin", "uses": local name -> package, workspace or not, "shared", "places"}."""
    if blob.path_class == "code:program":
        return {"program": True}
    try:
        return _of_manifest(blob, _parsed(blob.text))
    except Unreadable as error:
        # What the crates beside it are measured by: with one camp out of sight, another would be the largest.
        raise Unreadable(error.reason, error.line, _of_manifest(blob, _salvaged(blob.text))) from None


def _of_manifest(blob: Blob, document: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "package": _text(_table(document, "package").get("name")),
        "bin": bool(document.get("bin")),
        "uses": dict(_uses(document)),
    }
    if "workspace" in document:
        workspace = _table(document, "workspace")
        facts["workspace"] = {name: _package(name, value) for name, value in _table(workspace, "dependencies").items()}
        facts["exclude"] = _texts(workspace.get("exclude"))
        facts["members"] = _texts(workspace.get("members"))
    if facts["uses"]:
        facts["places"] = dict(_places(blob, facts["uses"]))
    return facts


def _parsed(text: str) -> dict[str, Any]:
    """The manifest, of bounded size and depth: the parser recurses, and long dotted keys cost it the square."""
    if len(text) > LIMIT or any(line.count(".") + line.count("[") > DOTS * 5 for line in text.split("\n")):
        raise Unreadable("the manifest is too large or too deep to be one")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"TOML does not parse: {error}") from None
    except RecursionError:
        raise Unreadable("TOML is nested too deep") from None


def _salvaged(text: str) -> dict[str, Any]:
    """What the tables of a manifest say that parse by themselves, and of the others their lines."""
    found: dict[str, Any] = {}
    for table in _TABLE.split(text[: LIMIT // 4])[:TABLES]:
        if not _add(found, table):
            head, *lines = table.split("\n")
            for line in lines[:TABLES]:
                _add(found, f"{head}\n{line}")
    return found


def _add(found: dict[str, Any], text: str) -> bool:
    """Takes over what a piece of a manifest says; whether it says anything that can be read."""
    try:
        _merge(found, _parsed(text))
    except Unreadable:
        return False
    return True


def _merge(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        own = found.get(name)
        if isinstance(own, dict) and isinstance(value, dict):
            _merge(own, value)
        else:
            found[name] = value


def _table(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _package(name: str, value: Any) -> str:
    """The package behind a dependency: its own name, or the one that `package` gives."""
    return _text(value.get("package")) or name if isinstance(value, dict) else name


def _uses(document: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """(local name, [package, inherited from the workspace]) of what the crate is built with: never for its tests."""
    default = _default_features(document)
    targets = [part for part in _table(document, "target").values() if isinstance(part, dict)]
    for part in (document, *targets):
        for name, value in _table(part, "dependencies").items():
            table = value if isinstance(value, dict) else {}
            if not table.get("optional") or default & {name, f"dep:{name}"}:
                yield name, [_package(name, value), table.get("workspace") is True]


def _default_features(document: Mapping[str, Any]) -> set[str]:
    """What the default feature switches on, features of features included."""
    features, on, todo = _table(document, "features"), set[str](), ["default"]
    while todo:
        listed = features.get(todo.pop())
        new = {item.split("/")[0].rstrip("?") for item in listed or () if isinstance(item, str)} - on
        on |= new
        todo += new
    return on


def _places(blob: Blob, uses: Mapping[str, list[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a framework is named, or may be by what the workspace says; "" is the first list of dependencies."""
    inside, lines = False, blob.text.split("\n")
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line) if "[" in line else None
        if header or ("[" in line and _OTHER.match(line)):
            inside = bool(header) and not (header and header["name"])
            found.setdefault((header["name"] if header else "") or "", number) if header else None
        elif inside and (entry := _ENTRY.match(line)):
            found.setdefault(entry["name"], number)
    for name, number in {"": 1, **found}.items():
        package, inherited = uses.get(name, ("", False))
        if not name or FRAMEWORKS & {name, package} or (inherited and _WEB.search(name)):
            yield name, blob.spot(number)


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per crate outside the largest camp of its workspace."""
    roots = {_folder(place.path): place.facts for place in places if "workspace" in place.facts}
    programs = {_crate(place.path) for place in places if "program" in place.facts}
    camps: dict[str, list[tuple[Place, dict[str, str]]]] = defaultdict(list)
    strangers: dict[str, list[tuple[Place, dict[str, str]]]] = defaultdict(list)
    helped: dict[str, Counter[str]] = defaultdict(Counter)
    for place in places:
        folder = _folder(place.path)
        root = _root(folder, roots)
        used = _frameworks(place.facts, roots[root]["workspace"]) if "uses" in place.facts and root is not None else {}
        if used and root is not None:
            member = _is_member(folder.removeprefix(root).lstrip("/"), roots[root]["members"])
            if place.facts["package"] and (place.facts["bin"] or folder in programs):
                (camps if member else strangers)[root].append((place, used))
            elif member:
                helped[root].update(used.keys())
    for root, crates in camps.items():
        names = {place.facts["package"] for place, _ in crates}
        copies = [crate for crate in strangers[root] if crate[0].facts["package"] in names]
        offered = FRAMEWORKS & {*roots[root]["workspace"].values()}
        yield from _split([*crates, *copies], helped[root], offered)


def _is_member(inner: str, members: Sequence[str]) -> bool:
    """Whether a workspace that lists its members lists a folder. Without a list, what is below belongs to it."""
    patterns = (re.escape(member.removeprefix("./").rstrip("/")) for member in members)
    globs = (
        text.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        for text in patterns
    )
    return not members or not inner or any(re.fullmatch(text, inner) for text in globs)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _crate(path: str) -> str:
    return _BINARY.sub("", f"/{path}").removeprefix("/")


def _root(folder: str, roots: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The folder of the workspace a crate is in: the nearest above it, unless that leaves it out."""
    parts = folder.split("/") if folder else []
    for size in range(len(parts), -1, -1):
        root = "/".join(parts[:size])
        if root in roots:
            inner = "/".join(parts[size:])
            left_out = (inner == name or inner.startswith(f"{name}/") for name in roots[root]["exclude"])
            return None if any(left_out) else root
    return None


def _frameworks(facts: Mapping[str, Any], shared: Mapping[str, str]) -> dict[str, str]:
    """Framework -> the name it has in the crate."""
    behind = {name: shared.get(name, package) if inherited else package
              for name, (package, inherited) in facts["uses"].items()}  # fmt: skip
    return {package: name for name, package in behind.items() if package in FRAMEWORKS}


def _split(
    crates: Sequence[tuple[Place, dict[str, str]]], helped: Counter[str], offered: Container[str]
) -> Iterator[Observation]:
    """Of camps as large as each other the one counts as most that more libraries are written for (`helped`), or else
    that the workspace offers.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for place, used in crates:
        for framework in used:
            named[framework].add(place.facts["package"])
    if len(named) < 2:
        return
    largest = min(named, key=lambda name: (-len(named[name]), -helped[name], name not in offered, name))
    camps = {framework: sorted(names) for framework, names in named.items()}
    for place, used in crates:
        for framework in sorted(set(used) - {largest}):
            yield _observation(place, framework, used[framework], largest, camps)


def _observation(
    place: Place, framework: str, name: str, largest: str, camps: Mapping[str, Sequence[str]]
) -> Observation:
    crate = place.facts["package"]
    own, most = camps[framework], camps[largest]
    return observe(
        SPLIT,
        place.path,
        place.facts["places"].get(name) or place.facts["places"][""],
        f"Crate {crate} uses {framework} ({_listed(own)}), most of its workspace uses {largest} ({_listed(most)})",
        identity=Identity.LOGICAL,
        key=crate,
        properties={"framework": framework, "camps": {framework: own, largest: most}, "confidence": "high"},
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


FAMILY = Family("rust-frameworks", (SPLIT,), {"conf:cargo": 3, "code:program": 1}, classify, extract, judge)
