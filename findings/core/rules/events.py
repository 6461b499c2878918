"""Events that only a reader of exactly their version may read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from findings.core.facts import Blob, Facts, Family, Place, Settings, is_document, observe
from findings.core.functions import BRACES, INDENT, KEYWORD, Found, functions, language
from findings.core.listening import FILES
from findings.core.marking import gettext_noop
from findings.core.rusttext import Source, is_source, is_test, source
from findings.core.types import Observation, Priority, RuleInfo

EQUALITY = RuleInfo(
    key="events/version-equality",
    title=gettext_noop("Events are readable only in exactly one version"),
    priority=Priority.P1,
    version=3,
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

_VERSIONS = FILES.topic("(?i)compat|version")
_MAYBE = re.compile(rb"fn\s+\w*(?:compat|version)", re.I)
_FUNCTION = re.compile(r"fn\s+(?P<name>\w*(?:compat|version)\w*)", re.I)
_COMPAT = re.compile(r"compat", re.I)
_ASKED = re.compile(r"compat|support|accept|can_|readable|valid|check|ensure|allow", re.I)
_ASSERTED = re.compile(r"^(?:is|are|has|assert|verify|require|expect|same|match)_|_(?:match(?:es)?|ok|same|equals?)$")
_OWN_FIELD = re.compile(
    r"(?:self|this)\s*\.\s*(?:ours?|own|mine|current|expected|wanted|known|reader|writer|supported|v|number)(?:\(\))?"
)
_OWNER = re.compile(r"(?:impl|trait)\b[^{};]{1,300}\{")
_NO_VERDICT = re.compile(
    r"^(?:get|set|find|load|fetch|list|latest|next|parse|from|to|bump|increment|upgrade|upcast|downgrade|migrat\w*|with|"
    r"filter|select|count|delete|remove|update|insert|new|build|print|log|report|warn|notify|show|format|render)_|upcast|migrat",
    re.I,
)
_VERDICT = re.compile(
    r"->\s*(?:[\w:]*\bbool\b|[\w:]*Result\s*<\s*(?:\(\s*\)|bool)|[\w:]*Result\s*$|Option\s*<\s*[\w:]*Error)"
)
_TRUTH = re.compile(r"\bbool(?:ean)?\b|\berror\b|\bBool\b", re.I)
_CHAIN = r"(?:\s*(?:\??\.|::)\s*\w+|\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|\?)*"
_OPERAND = rf"[*&\s]*\w+{_CHAIN}"
_EQUAL = re.compile(
    rf"(?<![\w.:)\]])(?P<left>{_OPERAND})(?:\s*(?P<how>[=!]==?)\s*|\s*\.\s*(?P<called>eq|ne|equals)\s*\(\s*)(?P<right>{_OPERAND}|\s{{3,}})"
)
_PAIR = re.compile(r"\bassert_(?:eq|ne)\s*!\s*\(\s*(?P<left>[^,;]{1,80}),\s*(?P<right>[^,;)]{1,80})")
_MORE = re.compile(
    r"<=|>=|\.\.=|[\w)\]]\s*\.\.\s*[\w(&]|(?<=[\w)\]])\s[<>]\s|\bcmp\b|\.contains|\.any\(|\.all\(|\.find\(|\.filter\(|"
    r"\.position\(|\.retain\(|\.get\(|\.(?:min|max|le|ge|lt|gt)\b|\bOrdering\b|\.satisfies|\.matches\(|\bis_supported\w*\(|"
    r"\bsupports\w*\(|\b(?:is_)?(?:newer|older|between|at_least)\w*\(|abs_diff"
    r"|\w\s*[+-]\s*1\b",
    re.I,
)
_LISTED = re.compile(
    r"\.includes\(|\.has\(|\bin\s*[{(\[]|\bin\s+[A-Z]|\.startsWith\(|\bsemver\b|\bswitch\b|\bwhen\b|\bcase\b|\bgte?\(|\b(?:isinstance|instanceof)\b"
)
_MAJOR = re.compile(r"\bmajor\b", re.I)
_VERSION = re.compile(r"version|\bver\b|_ver\b|\bv\d?\b|current|schema|revision|\bmajor\b|\bminor\b", re.I)
_LOCKING = re.compile(r"expected|row_version|lock_version|optimistic|etag", re.I)
_OTHER_VERSIONS = re.compile(
    r"\bhttp|http_|\btls|tls_|\bssl|api_version|\bip\b|plugin|\babi\b|rustc|toolchain|firmware|browser|\bsdk\b|driver|"
    r"\bcli\b|protocol_version|client_version|server_version",
    re.I,
)
_EVENTS = re.compile(r"event|schema|envelope|message|payload|topic|consumer|producer|kafka|compat", re.I)
_SURELY_EVENTS = re.compile(r"event|envelope|message|payload|topic|consumer|producer|kafka", re.I)
_NO_ROW = re.compile(r"schema|header|envelope|message|\bmsg\b|payload", re.I)
_WIRE = re.compile(r"event|schema|envelope|message|payload|topic|\bmsg\b", re.I)
_EVENT_PATH = re.compile(r"event|schema|messag|kafka|envelope|topic|compat|contract", re.I)
_BOUND = re.compile(
    r"\b(?:(?:let|const|var|val)\s+(?:mut\s+)?)?(?P<new>[a-z_]\w*)\s*(?::[^=;\n]{1,60})?:?=(?!=)\s*[&*]?(?P<old>[a-z_]\w*)\b"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"\b[a-z_]\w*")
_PARAMETER = re.compile(r"\b(?P<name>[a-z_]\w*)\s*:(?!:)\s*(?P<type>[^,()]{0,80})")
_VERSION_TYPE = re.compile(
    r"\b(?:[ui](?:8|16|32|64|128|size)|str|String|Cow|impl|T|V|Self)\b"
    r"|(?:Ver|Rev)(?![a-z])|Version|Revision|Schema|Event|Envelope|Message"
)
LONGEST = 4000
MOST = 500  # functions of one file


def classify(path: str) -> str:
    """Source that runs in production."""
    found = ("" if is_test(path) else "code:rust") if is_source(path) else language(path)
    return "" if is_document(path) else found


def extract(blob: Blob) -> Facts:
    """{"equal": functions that decide by equality of two versions, each with its place}."""
    if not blob.hears(_VERSIONS):
        return {}
    if blob.path_class != "code:rust":
        others = functions(blob.text, blob.path_class, "compat|version")
        found = [fact for one in others for fact in _elsewhere(blob, one)]
        return {"equal": found} if found else {}
    if not _MAYBE.search(blob.data):
        return {}
    rust = source(blob.text)
    named = islice(_FUNCTION.finditer(rust.production), MOST)
    found = [fact for match in named for fact in _function(blob, rust, match)]
    return {"equal": found} if found else {}


def _function(blob: Blob, rust: Source, match: re.Match[str]) -> Iterator[dict[str, Any]]:
    """The function, where its name promises a verdict on versions and its body only compares two of them."""
    name, start = match["name"], rust.body(match.end())
    end = rust.braces.get(start, -1)
    if end < 0 or end - start > LONGEST:
        return
    head, body = rust.code[match.end() : start], rust.code[start + 1 : end]
    compat = bool(_COMPAT.search(name))
    owner = _owner(rust, match.start())
    text = f"{owner} {name} {head} {body}"
    if not compat and (_NO_VERDICT.search(name) or not (_VERDICT.search(head.strip()))):
        return
    if _MORE.search(body) or (_OTHER_VERSIONS.search(text) and not _SURELY_EVENTS.search(f"{owner} {name} {head}")):
        return
    if found := _first(body, _parameters(head, owner), name):
        yield {"name": name, "events": bool(_EVENTS.search(text)), **blob.spot(rust.line(start + 1 + found[0]))}


def _parameters(head: str, owner: str) -> set[str]:
    """The parameters whose type may be a version, or something that carries one: a kind of data is neither."""
    found = {match["name"] for match in _PARAMETER.finditer(head) if _VERSION_TYPE.search(match["type"])}
    return found | ({"self"} if not owner or _VERSION_TYPE.search(owner) else set())


def _elsewhere(blob: Blob, found: Found) -> Iterator[dict[str, Any]]:
    """The same for a function of another language, where types tell less and names more."""
    name = _CAMEL.sub("_", found.name).lower()
    text = f"{found.name} {found.parameters} {found.type} {found.body}"
    asked = _COMPAT.search(name) or _ASKED.search(name) or _ASSERTED.search(name) or _TRUTH.search(found.type)
    if not asked or _NO_VERDICT.search(name) or _MORE.search(found.body) or _LISTED.search(found.body):
        return
    if _OTHER_VERSIONS.search(text) and not _SURELY_EVENTS.search(f"{found.name} {found.parameters}"):
        return
    if first := _first(found.body, {*_WORD.findall(found.parameters), "self", "this"}, name):
        at, left, right = first
        line = blob.text.count("\n", 0, found.at + at) + 1
        two = bool(right.strip() and left.strip()) and bool(_COMPAT.search(name))
        events = two or bool(_WIRE.search(f"{name} {found.parameters} {left} {right}"))
        yield {"name": found.name, "events": events, **blob.spot(line)}


def _first(body: str, parameters: set[str], name: str) -> tuple[int, str, str] | None:
    """The first comparison of two versions; none where the major ones alone are compared, which lets every minor one
    pass.
    """
    own = {bound["new"] for bound in _BOUND.finditer(body) if bound["old"] in parameters}
    found = list(_equalities(body, parameters | own, name))
    majors = all(_MAJOR.search(left) and _MAJOR.search(right) for _, left, right in found)
    return found[0] if found and not majors else None


def _owner(rust: Source, at: int) -> str:
    """The head of the `impl` or `trait` that a function stands in."""
    for match in reversed(list(_OWNER.finditer(rust.code, max(0, at - 5 * LONGEST), at))):
        if rust.braces.get(match.end() - 1, -1) > at:
            return match.group()
    return ""


def _equalities(body: str, parameters: set[str], name: str) -> Iterator[tuple[int, str, str]]:
    """(offset, left, right) of the comparisons of two versions."""
    compat, asked = bool(_COMPAT.search(name)), bool(_ASKED.search(name))
    for equal in (*_EQUAL.finditer(body), *_PAIR.finditer(body)):
        left, right = equal["left"].strip("*& \n"), equal["right"].strip("*& \n")
        if _two_versions(left, right, parameters, compat, asked):
            yield equal.start("left") + len(equal["left"]) - len(equal["left"].lstrip()), left, right


def _two_versions(left: str, right: str, parameters: set[str], compat: bool, asked: bool) -> bool:
    """Whether both sides are versions by their own names, or else by that of the function. A version written out, as a
    number or a text, counts in a function that is asked whether one fits.
    """
    sides = (left, right)
    if any(side in ("true", "false", "None") for side in sides) or (not compat and _is_locking(left, right)):
        return False
    written = [not side or side[0].isdigit() for side in sides]
    if any(written):
        return asked and not all(written) and any(_VERSION.search(side) for side in sides)
    telling = [bool(_VERSION.search(side)) or side.isupper() for side in sides]
    bare = [side in parameters or bool(_OWN_FIELD.fullmatch(side)) for side in sides]
    return all(told or own for told, own in zip(telling, bare, strict=True)) and (any(telling) or all(bare))


def _is_locking(left: str, right: str) -> bool:
    """Whether a row is compared with what somebody read before; nobody locks what comes over a wire."""
    return bool(_LOCKING.search(left + right)) and not _NO_ROW.search(f"{left} {right}")


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per function that is about events, by its words or by the path of its file."""
    for place in places:
        for fact in place.facts.get("equal", ()):
            compat = bool(_COMPAT.search(fact["name"]))
            if fact["events"] or _EVENT_PATH.search(place.path):
                message = f"{fact['name']} takes only events of exactly one version"
                said = {"confidence": "high" if compat else "medium", "function": fact["name"]}
                yield observe(EQUALITY, place.path, fact, message, properties=said)


VERSIONS = {"code:rust": 6, BRACES: 4, KEYWORD: 4, INDENT: 4}
FAMILY = Family("events", (EQUALITY,), VERSIONS, classify, extract, judge, part=str)
