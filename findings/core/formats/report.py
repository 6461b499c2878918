"""What the formats of single tools share: a report that gathers rules and observations, and becomes a batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from findings.core.formats.document import clean
from findings.core.formats.fields import Misplaced
from findings.core.formats.hiding import BLOCK, Redact, hides, plain
from findings.core.formats.sarif_run import MAX_HELP, MAX_KEY, MAX_NOTICES, MAX_TITLE
from findings.core.formats.uris import file_path
from findings.core.hashing import block_hash, line_hash, message_shape
from findings.core.severity import SCALE, Scale
from findings.core.types import Batch, Coverage, FormatError, Identity, Notice, Observation, Priority, RuleInfo

MAX_RESULTS = 200_000
MAX_MESSAGE = 4_000
MAX_VALUE = 300
EXCERPT_LINES, EXCERPT_WIDTH = 20, 400

Entry = tuple[str, Any]  # where it stands in the file, and what stands there


@dataclass(frozen=True, slots=True)
class How:
    """How a report is read: what hides credentials, a team's scale, and the key that names secrets (none: no names)."""

    redact: Redact = plain
    scale: Scale = field(default_factory=lambda: SCALE)
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Seen:
    """One result in the words that most tools have. `code` are whole lines, the first of them line `code_line`."""

    rule: str
    path: str
    message: str
    priority: Priority
    line: int = 0
    end_line: int = 0
    code: Sequence[str] = ()
    code_line: int = 0
    tool_id: str = ""
    partial: Mapping[str, str] = field(default_factory=dict)
    identity: Identity = Identity.HINTS
    key: str = ""
    commit: str = ""
    tags: Sequence[str] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    suppressed: bool = False


@dataclass(slots=True)
class Report:
    """A batch in the making."""

    tool: str
    category: str = ""
    tool_version: str = ""
    commit: str = ""
    branch: str = ""
    origin: str = ""
    complete: bool = True
    rules: dict[str, RuleInfo] = field(default_factory=dict)
    observations: list[Observation] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)

    def rule(self, key: str, title: str, priority: Priority, help_text: str = "") -> None:
        """A rule, as the first result of it tells."""
        if key not in self.rules:
            named = " ".join(clean(title).split())[:MAX_TITLE] or key
            self.rules[key] = RuleInfo(key, named, priority, help=clean(help_text).strip()[:MAX_HELP])

    def add(self, seen: Seen, where: str, hide: Redact) -> None:
        """An observation, every text of it redacted."""
        if len(self.observations) >= MAX_RESULTS:
            raise FormatError(f"more than {MAX_RESULTS} results", where, "a smaller report")
        line, said = max(seen.line, 0), hide(clean(seen.message).strip())[:MAX_MESSAGE]
        properties = dict(seen.properties) | ({"tags": list(dict.fromkeys(seen.tags))[:20]} if seen.tags else {})
        self.observations.append(
            Observation(
                rule=seen.rule,
                path=file_path(seen.path, where),
                line=line,
                end_line=max(seen.end_line, line),
                message=said or seen.rule,
                priority=seen.priority,
                identity=seen.identity,
                key=seen.key,
                tool_id=seen.tool_id[:MAX_VALUE],
                partial=dict(seen.partial),
                shape=message_shape(said),
                commit=seen.commit[:64],
                properties={name: value for name, value in properties.items() if value},
                suppressed=seen.suppressed,
                **_code([hide(clean(text)) for text in seen.code], seen.code_line or line, line),
            )
        )

    def miss(self, path: str, why: str, where: str) -> None:
        """A file that the tool could not read: what it knew of it stays open."""
        if name := file_path(path, where):
            self.unreadable.add(name)
        self.note(why, name)

    def note(self, text: str, path: str = "") -> None:
        """Something a person should know."""
        if len(self.notices) < MAX_NOTICES:
            self.notices.append(Notice(clean(text)[:MAX_MESSAGE], path))

    def batch(self) -> Batch:
        """What it all comes to. Tools that list their results only: every rule counts as run."""
        return Batch(
            tool=self.tool,
            category=self.category[:MAX_KEY],
            tool_version=self.tool_version[:100],
            rules=tuple(self.rules.values()),
            observations=tuple(self.observations),
            coverage=Coverage(unreadable=frozenset(self.unreadable), complete=self.complete),
            commit=self.commit,
            branch=self.branch[:200],
            origin=self.origin[:MAX_TITLE],
            notices=tuple(self.notices),
        )


def rule_key(text: str, where: str) -> str:
    """The name of a rule. Raises `FormatError` where it is empty or too long to be one."""
    key = clean(text).strip()
    if not key or len(key) > MAX_KEY:
        raise FormatError("no usable name of a rule", where, f"1 to {MAX_KEY} characters")
    return key


def each(
    entries: Iterable[Entry], how: How, rule_of: Callable[[dict[str, Any]], str], members: Iterable[str]
) -> Iterator[tuple[str, dict[str, Any], Redact]]:
    """(place, entry, how its texts are hidden) for each result; nulls are left out."""
    names, stream = tuple(members), iter(entries)
    while block := list(islice(stream, BLOCK)):
        there: list[tuple[str, dict[str, Any]]] = []
        for where, entry in block:
            if entry is not None and entry.__class__ is not dict:
                raise FormatError("found no object", where, "an object")
            if entry is not None:
                there.append((where, entry))
        safe = hides(how.redact, [(guarded(rule_of, entry, where), entry) for where, entry in there], names)
        yield from ((where, entry, hide) for (where, entry), hide in zip(there, safe, strict=True))


def guarded(work: Callable[..., Any], entry: dict[str, Any], where: str, *more: Any) -> Any:
    """The work on an entry; a wrong type in it is a `FormatError` with its place."""
    try:
        return work(entry, *more)
    except Misplaced as wrong:
        raise wrong.at(entry, where) from None


def _code(lines: Sequence[str], first: int, line: int) -> dict[str, Any]:
    """Excerpt and hashes, as far as there is code."""
    lines = [text.rstrip("\r\n") for text in lines][:EXCERPT_LINES]
    if not any(text.strip() for text in lines):
        return {}
    at = min(max(line - first, 0), len(lines) - 1)
    return {
        "line_hash": line_hash(lines[at]),
        "block_hash": block_hash(lines, at) if len(lines) > 1 else "",
        "excerpt": "\n".join(text[:EXCERPT_WIDTH] for text in lines),
        "excerpt_line": first,
    }
