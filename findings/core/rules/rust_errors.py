"""Rust: the same foreign error converted in crate after crate, and databases' error codes known by heart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.listening import FILES, RUST
from findings.core.marking import gettext_noop
from findings.core.rustcrates import ENDINGS, MANIFEST, OWN, Crates, is_manifest, manifest
from findings.core.rusttext import Source, declarations, is_source, is_test, source
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words

DUPLICATE = RuleInfo(
    key="rust/duplicate-error-conversion",
    title=gettext_noop("Error of a library converted by hand in several crates"),
    priority=Priority.P1,
    version=2,
    help=gettext_noop("""\
Each crate that turns `sqlx::Error` into its own error decides anew what a missing row or a duplicate key means. The
copies drift: one answers 409, the next 500. Codes such as `"23505"` make it worse, for a typing error in one is a
branch that never runs and no compiler says so.

**How to fix**: convert once, in a crate that all services share, and ask the library by name
(`is_unique_violation()`, `ErrorKind`) instead of comparing codes. Services then return that error or wrap it whole.

Before:

```rust
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.code().as_deref() == Some("23505") => Self::Conflict,
            _ => Self::Internal(error.to_string()),
        }
    }
}
```

After:

```rust
// in one shared crate: impl From<sqlx::Error> for shared::Error, with inner.is_unique_violation()
pub use shared::Error as AppError;
```
"""),
)

_LEAD = re.compile(r"impl\b\s*(?:<[^{};]*>)?\s*(?:const\s+)?(?:::)?(?:\w+::)*$")
_FROM = re.compile(r"From\s*<\s*(?P<type>(?:::)?\w+(?:\s*::\s*\w+){0,6})")
_ATTRIBUTE = re.compile(
    r"#\[\s*from\s*\]\s*(?:#\[[^\]\n]{0,80}\]\s*){0,4}(?:pub(?:\([^)]{0,40}\))?\s+)?(?:\w+\s*:(?!:)\s*)?"
    r"(?P<type>(?:::)?\w+(?:\s*::\s*\w+){0,6})"
)
_DERIVED = re.compile(
    r"#\[\s*derive\s*\((?P<traits>[^()\[\]]{0,400})\)\s*\](?:\s*#\[[^\]\n]{0,200}\])*\s*(?:pub(?:\([^)]{0,40}\))?\s+)?enum\s+\w+"
)
_VARIANT = re.compile(
    r"(?P<skipped>#\[\s*from\s*\(\s*(?:skip|ignore)\s*\)\s*\]\s*)?(?<!\w)[A-Z]\w*\s*\(\s*(?P<type>(?:::)?\w+(?:\s*::\s*\w+){0,6})\s*,?\s*\)"
)
_PUBLIC = re.compile(r"pub\s*(?:\([^)]*\))?\s+$")
_NAMES = FILES.topic("Err|Rejection|Failure|Elapsed|Violation|Invalid")
_CONVERTS = FILES.topic(r"From[\t-\r ]*<|\[[\t-\r ]*from[\t-\r ]*\]|derive_more")
_ERROR = re.compile(r"Error|Err$|Errors$|Rejection|Failure|^Status$|Elapsed|Violation|Invalid")
_WORDS = "Err|Rejection|Failure|Status|Elapsed|Violation|Invalid"  # of which one is in all such names
_TARGET = re.compile(r"\s*=\s*(?P<type>(?:::)?\w+(?:\s*::\s*\w+){1,6})\s*;")
_PLAIN = frozenset({"error", "errors", "err"})
_HOLDERS = frozenset({"Box", "Arc", "Rc", "Vec", "Option", "Result"})

_INTEGRITY = words("23000 23001 23502 23503 23505 23514 23P01")
_OTHERS = words(
    "08000 08001 08003 08004 08006 22001 22003 22007 22008 22012 22023 22P02 25P02 28000 28P01 3D000 40001 40002 40003 "
    "40P01 42501 42601 42701 42703 42704 42710 42804 42883 42P01 42P07 53300 53400 55P03 57014 57P01 57P03 P0001"
)
# Told apart by their first character, which keeps the search from trying every code at every place.
_ALL = sorted(_INTEGRITY | _OTHERS)
_CODE = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(_ALL)})(?![0-9A-Za-z])")
_MAY_BE_CODES = FILES.topic(r'23(?:50|00|514|P01)|SQLSTATE|"[0-5P][0-9D][0-9P][0-9P][0-9]"')
_DECLARING = {keyword: RUST.topic(f"{keyword} ") for keyword in ("struct", "enum", "type", "union")}
_CONTEXT = re.compile(
    r"sqlstate|sql_state|\bcode\b|_code\b|database|violation|\bdb_|\bpg_|postgres|sqlx|conflict", re.I
)
_OTHER_CODES = re.compile(
    r"(?:zip|post|postal|area|country|dial|status|bar|product|region|error_?level|port)_?codes?\b", re.I
)
_ADDRESS = re.compile(r"\bzip|postal|postcode|street|\bcity\b|address", re.I)
AROUND = 200
LIMIT = 100


def classify(path: str) -> str:
    """Rust source that runs in production; manifests, for the names of crates."""
    if not path.endswith(ENDINGS) or is_document(path):
        return ""
    if is_manifest(path):
        return MANIFEST
    return "code:rust" if is_source(path) and not is_test(path) else ""


def extract(blob: Blob) -> Facts:
    """{"conversions": errors that are converted, "codes": SQLSTATE literals, "own": error types declared, "names":
    names of foreign errors that this file makes, by an alias or a re-export}.
    """
    if blob.path_class == MANIFEST:
        return manifest(blob.data)
    converts, codes = blob.hears(_CONVERTS), blob.hears(_MAY_BE_CODES)
    if not (converts or codes or blob.hears(_NAMES)):
        return {}
    rust = source(blob.text)
    facts: dict[str, Any] = {
        "conversions": list(islice(_conversions(blob, rust), LIMIT)) if converts else [],
        "codes": list(islice(_codes(blob, rust), LIMIT)) if codes else [],
        **_declared(rust),
    }
    return {name: found for name, found in facts.items() if found}


def _declared(rust: Source) -> dict[str, Any]:
    """{"own": error types of this file, "names": what it calls foreign ones}."""
    own, names = set(), {}
    keywords = [word for word, topic in _DECLARING.items() if rust.speaks(topic)]
    for name, _, end in declarations(rust.code, _WORDS, *keywords):
        target = _TARGET.match(rust.code, end)
        if target:
            names[name] = rust.resolved(target["type"])
        elif _ERROR.search(name):
            own.add(name)
    for use in rust.uses:
        if _PUBLIC.search(rust.code, max(0, use.start() - 40), use.start()):
            names |= {name: full for name, full in _exported(use["what"], rust) if _ERROR.search(full)}
    return {"own": sorted(own), "names": names}


def _exported(what: str, rust: Source) -> Iterator[tuple[str, str]]:
    for name in re.findall(r"\b[A-Z]\w*", what):
        if name in rust.imports:
            yield name, rust.imports[name]


def _conversions(blob: Blob, rust: Source) -> Iterator[dict[str, Any]]:
    code = rust.production
    for pattern, how in ((_FROM, "impl From"), (_ATTRIBUTE, "#[from]")):
        for match in pattern.finditer(code):
            full = rust.resolved(match["type"])
            last = full.rpartition("::")[2]
            if last in _HOLDERS or not _ERROR.search(last):
                continue
            lead = _LEAD.search(code, max(0, match.start() - AROUND), match.start()) if pattern is _FROM else match
            if lead:
                yield {"error": full, "how": how, **blob.spot(rust.line(lead.start()))}
    if "derive_more" in code:
        yield from _derived(blob, rust)


def _derived(blob: Blob, rust: Source) -> Iterator[dict[str, Any]]:
    """Variants of enums for which `derive_more` writes `From`."""
    code = rust.production
    for found in _DERIVED.finditer(code):
        traits = [rust.resolved(one) for one in found["traits"].split(",") if one.strip()]
        if not any(one.startswith("derive_more") and one.endswith("From") for one in traits):
            continue
        start = rust.body(found.end())
        for match in _VARIANT.finditer(code, max(start, 0), rust.braces.get(start, 0)):
            full = rust.resolved(match["type"])
            if not match["skipped"] and _ERROR.search(full.rpartition("::")[2]):
                yield {"error": full, "how": "derive(From)", **blob.spot(rust.line(match.start("type")))}


def _codes(blob: Blob, rust: Source) -> Iterator[dict[str, Any]]:
    """SQLSTATE codes in strings, and as numbers in code that speaks of codes; each code of a line once."""
    seen: set[tuple[int, str]] = set()
    for start, end in rust.literals:
        match = _CODE.search(rust.text, start, end) if 5 <= end - start <= AROUND else None
        if match and not rust.tested(start):
            known = match.group() in _INTEGRITY and match.span() == (start, end) and not _is_address(rust, start)
            if known or _speaks(rust, start):
                yield from _code(blob, rust, match.group(), start, seen)
    for match in _CODE.finditer(rust.production):
        if match.group() in _INTEGRITY and _speaks(rust, match.start()):
            yield from _code(blob, rust, match.group(), match.start(), seen)


def _speaks(rust: Source, at: int) -> bool:
    """Whether the code about an offset is about errors of a database: a zip code looks like an SQLSTATE."""
    around = rust.uncommented[max(0, at - AROUND) : at + AROUND]
    return bool(_CONTEXT.search(_OTHER_CODES.sub("", around)))


def _is_address(rust: Source, at: int) -> bool:
    """Whether the line speaks of a place: many SQLSTATE codes are zip codes as well."""
    first, last = rust.code.rfind("\n", max(0, at - AROUND), at) + 1, rust.code.find("\n", at, at + AROUND)
    return bool(_ADDRESS.search(rust.code, max(first, at - AROUND), last if last >= 0 else at + AROUND))


def _code(blob: Blob, rust: Source, code: str, at: int, seen: set[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    line = rust.line(at)
    if (line, code) not in seen:
        seen.add((line, code))
        yield {"code": code, **blob.spot(line)}


@dataclass(slots=True)
class Errors:
    """The errors of the tree: those that its crates declare, and what they call foreign ones."""

    crates: Crates
    own: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    modules: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, place: Place) -> None:
        """Takes over what a file declares."""
        crate = self.crates.of(place.path)
        self.modules[crate].update(place.path.removesuffix(".rs").split("/")[-2:])
        self.own[crate].update(place.facts.get("own", ()))
        self.names[crate].update(place.facts.get("names", {}))

    def foreign(self, crate: str, full: str) -> str:
        """The full name of a foreign error, `error` modules left out; empty for an own one."""
        for _ in range(5):
            first, _, rest = full.partition("::")
            last = full.rpartition("::")[2]
            here = first in OWN or not rest or (first in self.modules[crate] and last in self.own[crate])
            home = crate if here else self.crates.named(first)
            if not here and not home:
                break
            if last not in self.names[home] or self.names[home][last] == full:
                known = bool(rest) or last in self.own[home] or last == "Error" or not _ERROR.search(last)
                return "" if known else last
            crate, full = home, self.names[home][last]
        parts = full.split("::")
        if not _ERROR.search(parts[-1]):
            return ""
        return "::".join([parts[0], *(part for part in parts[1:-1] if part not in _PLAIN), *parts[1:][-1:]])


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per crate and error that two or more crates convert, and one per SQLSTATE literal."""
    errors = Errors(Crates(places))
    for place in places:
        errors.add(place)
    found: list[tuple[Place, dict[str, Any], str, str]] = []
    for place in places:
        crate = errors.crates.of(place.path)
        for fact in place.facts.get("conversions", ()):
            if name := errors.foreign(crate, fact["error"]):
                found.append((place, fact, errors.crates.title(crate), name))
    yield from _duplicates(found)
    for place in places:
        for fact in place.facts.get("codes", ()):
            message = f'SQLSTATE "{fact["code"]}" is compared as a literal'
            said = {"confidence": "high", "sqlstate": fact["code"]}
            yield observe(DUPLICATE, place.path, fact, message, properties=said)


def _duplicates(found: Sequence[tuple[Place, dict[str, Any], str, str]]) -> Iterator[Observation]:
    """Conversions of errors that several crates convert. A name without a path is the one error that ends in it."""
    full: dict[str, set[str]] = defaultdict(set)
    for _, _, _, name in found:
        if "::" in name:
            full[name.rpartition("::")[2]].add(name)
    meant = {last: next(iter(names)) for last, names in full.items() if len(names) == 1}
    crates: dict[str, set[str]] = defaultdict(set)
    for _, _, crate, name in found:
        crates[meant.get(name, name)].add(crate)
    for place, fact, crate, name in found:
        error = meant.get(name, name)
        if len(crates[error]) > 1:
            yield _conversion(place, fact, (crate, error), len(crates[error]))


def _conversion(place: Place, fact: dict[str, Any], what: tuple[str, str], count: int) -> Observation:
    crate, error = what
    others = "another does" if count == 2 else f"{count - 1} others do"
    message = f"Crate {crate} converts {error} by hand ({fact['how']}), as {others}"
    return observe(
        DUPLICATE,
        place.path,
        fact,
        message,
        identity=Identity.LOGICAL,
        key=f"{crate}/{error}",
        properties={"confidence": "high", "error": error, "crates": count},
    )


FAMILY = Family("rust-errors", (DUPLICATE,), {"code:rust": 4, MANIFEST: 1}, classify, extract, judge)
