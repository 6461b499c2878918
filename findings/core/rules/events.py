"""Events that only a reader of exactly their version may read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.marking import gettext_noop
from findings.core.rusttext import Source, is_source, is_test, source
from findings.core.types import Observation, Priority, RuleInfo

EQUALITY = RuleInfo(
    key="events/version-equality",
    title=gettext_noop("Events are readable only in exactly one version"),
    priority=Priority.P1,
    version=1,
    help=gettext_noop("""\
When a reader takes only events of its own version, every new version has to reach all writers and readers in the same
moment. Whoever is late drops or refuses what waits in the topic, and replaying old events is not possible at all.

**How to fix**: let a reader state the oldest version it understands, add fields only with defaults, and convert older
events where they come in. Raise the oldest version when nothing of it is stored any more.

Before:

```rust
pub fn is_compatible(ours: u32, theirs: u32) -> bool {
    ours == theirs
}
```

After:

```rust
pub fn is_compatible(ours: u32, theirs: u32) -> bool {
    (OLDEST_READABLE..=ours).contains(&theirs)
}
```
"""),
)

_FUNCTION = re.compile(r"\bfn\s+(?P<name>\w{1,200})")
_NAMED = re.compile(r"compat|version", re.I)
_COMPAT = re.compile(r"compat", re.I)
_BODY = re.compile(r"[{;]")
_OPERAND = r"[*&]*(?:\w+(?:\s*::\s*|\s*\.\s*))*\w+(?:\(\))?"
_EQUAL = re.compile(rf"(?<![\w.:])(?P<left>{_OPERAND})\s*(?P<how>==|!=)\s*(?P<right>{_OPERAND})")
_MORE = re.compile(
    r"<=|>=|\.\.|(?<=[\w)\]])\s[<>]\s|\bcmp\b|\.contains|\.any\(|\.all\(|\bmatches!|\.(?:min|max|le|ge|lt|gt)\b|major|"
    r"\bOrdering\b|\.satisfies|\.matches\(|supports|supported|oldest|minimum|\bmin_|_min\b",
    re.I,
)
_VERSION = re.compile(r"version|\bver\b|_ver\b|\bv\d?\b|current|schema", re.I)
_OTHER_VERSIONS = re.compile(r"expected|http|tls|ssl|etag|row_version|lock_version|optimistic|api_version|\bip\b", re.I)
_EVENTS = re.compile(r"event|schema|envelope|message|payload|topic|consumer|producer|kafka|compat", re.I)
_EVENT_PATH = re.compile(r"event|schema|messag|kafka|envelope|topic", re.I)
_PARAMETER = re.compile(r"\b([a-z_]\w*)\s*:(?!:)")
LONGEST = 4000


def classify(path: str) -> str:
    """Rust source that runs in production."""
    return "code:rust" if is_source(path) and not is_test(path) and not is_document(path) else ""


def extract(blob: Blob) -> Facts:
    """{"equal": functions that decide by equality of two versions, each with its place}."""
    if b"ersion" not in blob.data and b"compat" not in blob.data:
        return {}
    rust = source(blob.text)
    found = [fact for match in _FUNCTION.finditer(rust.production) for fact in _function(blob, rust, match)]
    return {"equal": found} if found else {}


def _function(blob: Blob, rust: Source, match: re.Match[str]) -> Iterator[dict[str, Any]]:
    """The function, where its name promises a verdict on versions and its body only compares two of them."""
    named = _NAMED.search(match["name"])
    start = _BODY.search(rust.code, match.end(), match.end() + LONGEST) if named else None
    end = rust.pairs.get(start.start(), 0) if start else 0
    if start is None or not end or end - start.start() > LONGEST:
        return
    head, body = rust.code[match.end() : start.start()], rust.code[start.start() + 1 : end]
    known = set(_PARAMETER.findall(head))
    if _MORE.search(body) or _OTHER_VERSIONS.search(match["name"] + head + body):
        return
    for equal in _EQUAL.finditer(body):
        if _two_versions(equal["left"], equal["right"], known, match["name"]):
            text = match["name"] + head + body
            line = rust.line(start.start() + 1 + equal.start())
            yield {"name": match["name"], "events": bool(_EVENTS.search(text)), **blob.spot(line)}
            return


def _two_versions(left: str, right: str, parameters: set[str], name: str) -> bool:
    """Whether both sides are values, and versions by their own name, or else by that of the function."""
    sides = [side.strip("*& \n") for side in (left, right)]
    if any(side[0].isdigit() or side in ("true", "false", "None") for side in sides):
        return False
    telling = [bool(_VERSION.search(side)) or side.isupper() for side in sides]
    bare = [side in parameters for side in sides]
    return all(told or own for told, own in zip(telling, bare, strict=True)) and (any(telling) or all(bare))


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per function that is about events, by its words or by the path of its file."""
    for place in places:
        for fact in place.facts.get("equal", ()):
            compat = bool(_COMPAT.search(fact["name"]))
            if fact["events"] or _EVENT_PATH.search(place.path):
                message = f"{fact['name']} takes only events of exactly one version"
                said = {"confidence": "high" if compat else "medium", "function": fact["name"]}
                yield observe(EQUALITY, place.path, fact, message, properties=said)


FAMILY = Family("events", (EQUALITY,), {"code:rust": 1}, classify, extract, judge)
