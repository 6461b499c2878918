"""Rust: the same foreign error converted in crate after crate, and databases' error codes known by heart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.marking import gettext_noop
from findings.core.rusttext import Source, crate_of, is_source, is_test, source
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words

DUPLICATE = RuleInfo(
    key="rust/duplicate-error-conversion",
    title=gettext_noop("Error of a library converted by hand in several crates"),
    priority=Priority.P1,
    version=1,
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

_FROM = re.compile(
    r"\bimpl\b\s*(?:<[^{};]{0,200}?>\s*)?(?:::)?(?:\w+::){0,4}From\s*<\s*(?P<type>(?:::)?\w+(?:\s*::\s*\w+){0,6})"
)
_ATTRIBUTE = re.compile(
    r"#\[\s*from\s*\]\s*(?:pub(?:\([^)]{0,40}\))?\s+)?(?:\w+\s*:(?!:)\s*)?(?P<type>(?:::)?\w+(?:\s*::\s*\w+){0,6})"
)
_ERROR = re.compile(r"Error|Err$|Rejection|Failure|Status|Elapsed|Violation")
_DECLARED = re.compile(r"\b(?:struct|enum|type|union)\s+(?P<name>[A-Z]\w*)")
_OWN = frozenset({"crate", "self", "super", "Self"})
_PLAIN = frozenset({"error", "errors", "err"})
_HOLDERS = frozenset({"Box", "Arc", "Rc", "Vec", "Option", "Result"})

_INTEGRITY = words("23000 23001 23502 23503 23505 23514 23P01")
_OTHERS = words(
    "08000 08001 08003 08004 08006 22001 22003 22007 22008 22012 22023 22P02 25P02 28000 28P01 3D000 40001 40002 40003 "
    "40P01 42501 42601 42701 42703 42704 42710 42804 42883 42P01 42P07 53300 53400 55P03 57014 57P01 57P03 P0001"
)
_CODE = re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(sorted(_INTEGRITY | _OTHERS))})(?![0-9A-Za-z])")
_CONTEXT = re.compile(
    r"sqlstate|sql_state|\bcode\b|_code\b|database|violation|\bdb_|\bpg_|postgres|sqlx|conflict", re.I
)
AROUND = 200
LIMIT = 100


def classify(path: str) -> str:
    """Rust source that runs in production."""
    return "code:rust" if is_source(path) and not is_test(path) and not is_document(path) else ""


def extract(blob: Blob) -> Facts:
    """{"conversions": foreign errors that are converted, "codes": SQLSTATE literals, "own": error types declared}."""
    if b"From" not in blob.data and b"from" not in blob.data and not _CODE.search(blob.text):
        return {}
    rust = source(blob.text)
    declared = {match["name"] for match in _DECLARED.finditer(rust.code)}
    facts: dict[str, Any] = {
        "conversions": list(_conversions(blob, rust, declared))[:LIMIT],
        "codes": list(_codes(blob, rust))[:LIMIT],
    }
    return {name: found for name, found in facts.items() if found}


def _conversions(blob: Blob, rust: Source, declared: set[str]) -> Iterator[dict[str, Any]]:
    code = rust.production
    for pattern, how in ((_FROM, "impl From"), (_ATTRIBUTE, "#[from]")):
        for match in pattern.finditer(code):
            if name := _foreign(rust, match["type"], declared):
                yield {"error": name, "how": how, **blob.spot(rust.line(match.start()))}


def _foreign(rust: Source, written: str, declared: set[str]) -> str:
    """The full name of a foreign error type, `error` modules left out; empty for own types and what is no error."""
    full = rust.resolved(written)
    parts = full.split("::")
    last = parts[-1]
    if parts[0] in _OWN or last in _HOLDERS or not _ERROR.search(last):
        return ""
    if len(parts) == 1 and (last in declared or last == full == "Error"):
        return ""
    return "::".join([parts[0], *(part for part in parts[1:-1] if part not in _PLAIN), *parts[1:][-1:]])


def _codes(blob: Blob, rust: Source) -> Iterator[dict[str, Any]]:
    """SQLSTATE codes in strings, and as numbers in code that speaks of codes; each line once."""
    seen: set[int] = set()
    for start, end in rust.literals:
        match = _CODE.search(rust.text, start, end) if end - start <= AROUND else None
        if match and not rust.tested(start):
            known = match.group() in _INTEGRITY and match.span() == (start, end)
            if known or _speaks(rust, start):
                yield from _code(blob, rust, match.group(), start, seen)
    for match in _CODE.finditer(rust.production):
        if match.group() in _INTEGRITY and _speaks(rust, match.start()):
            yield from _code(blob, rust, match.group(), match.start(), seen)


def _speaks(rust: Source, at: int) -> bool:
    """Whether the code about an offset is about errors of a database: a zip code looks like an SQLSTATE."""
    return bool(_CONTEXT.search(rust.uncommented, max(0, at - AROUND), at + AROUND))


def _code(blob: Blob, rust: Source, code: str, at: int, seen: set[int]) -> Iterator[dict[str, Any]]:
    line = rust.line(at)
    if line not in seen:
        seen.add(line)
        yield {"code": code, **blob.spot(line)}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per crate and error that two or more crates convert, and one per SQLSTATE literal."""
    crates: dict[str, set[str]] = defaultdict(set)
    for place in places:
        for fact in place.facts.get("conversions", ()):
            crates[fact["error"]].add(_crate(place.path))
    for place in places:
        crate = _crate(place.path)
        for fact in place.facts.get("conversions", ()):
            if len(crates[fact["error"]]) > 1:
                yield _conversion(place, fact, crate, len(crates[fact["error"]]))
        for fact in place.facts.get("codes", ()):
            message = f'SQLSTATE "{fact["code"]}" is compared as a literal'
            said = {"confidence": "high", "sqlstate": fact["code"]}
            yield observe(DUPLICATE, place.path, fact, message, properties=said)


def _crate(path: str) -> str:
    """The name of the crate's folder: a copy of a crate elsewhere is no second crate."""
    return crate_of(path).rpartition("/")[2] or "(root)"


def _conversion(place: Place, fact: dict[str, Any], crate: str, count: int) -> Observation:
    message = f"Crate {crate} converts {fact['error']} by hand ({fact['how']}), as do {count - 1} others"
    return observe(
        DUPLICATE,
        place.path,
        fact,
        message,
        identity=Identity.LOGICAL,
        key=f"{crate}/{fact['error']}",
        properties={"confidence": "high", "error": fact["error"], "crates": count},
    )


FAMILY = Family("rust-errors", (DUPLICATE,), {"code:rust": 1}, classify, extract, judge)
