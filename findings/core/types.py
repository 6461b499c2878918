"""The words every part of the machine half shares: pure values, no Django, no git, no clock.

One road leads from an observation to a finding: a *batch* says what it saw (`Observation`) and what it looked at
(`Coverage`); `track` pairs that with what is known (`Known`) and answers with a `Tracked`; `actions.apply` writes it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Priority(StrEnum):
    """How bad a finding is; sorts by severity, P0 first."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"


class Proof(StrEnum):
    """What can prove a finding of a rule fixed: the tree, the tree and its history, or only a person."""

    TREE = "tree"
    HISTORY = "history"
    ATTESTED = "attested"


class Reason(StrEnum):
    """Why a known occurrence was not seen again. Only `FIXED` and `CODE_DELETED` close a finding."""

    FIXED = "fixed"
    CODE_DELETED = "code_deleted"
    MOVED = "moved"
    RULE_GONE = "rule_gone"
    NOT_COVERED = "not_covered"
    SCAN_FAILED = "scan_failed"


CLOSING = frozenset({Reason.FIXED, Reason.CODE_DELETED})


class Hold(StrEnum):
    """Why the closings of a batch wait for a person; empty when they do not."""

    NONE = ""
    SCAN_FAILED = "scan_failed"
    RULES_LOST = "rules_lost"
    ZERO = "zero_after_nonzero"
    MASS = "mass_closing"


class Identity(StrEnum):
    """What kind of key names a finding: none (hints only), a logical subject, or the keyed hash of a secret."""

    HINTS = ""
    LOGICAL = "logical"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as its tool describes it. `version` rises when its judgement changes."""

    key: str
    title: str
    priority: Priority
    proof: Proof = Proof.TREE
    help: str = ""
    version: int = 1


@dataclass(slots=True)
class Observation:
    """One place where one rule holds. Observations with the same rule and key are occurrences of one finding. Nobody
    changes one (`replace` makes another): freezing them would be two thirds of the time that making them takes.

    `path` is escaped (see `core.paths.escape`), relative to the root; empty where the subject is the whole tree.
    Lines count from 1; 0 = unknown. `excerpt` is redacted before it gets here, first line `excerpt_line`.
    `at_head` is false for what only history still holds; `commit` then names a commit that has it.
    `partial` maps SARIF partial-fingerprint names (with version: "name/v1") to values.
    `suppressed`: the tool saw it, and its own report says that people accepted it. That keeps a known finding as it
    is, and never makes a new one nor brings a closed one back.
    """

    rule: str
    path: str
    line: int = 0
    end_line: int = 0
    message: str = ""
    priority: Priority = Priority.P2
    identity: Identity = Identity.HINTS
    key: str = ""
    tool_id: str = ""
    partial: Mapping[str, str] = field(default_factory=dict)
    line_hash: str = ""
    block_hash: str = ""
    shape: str = ""
    excerpt: str = ""
    excerpt_line: int = 0
    at_head: bool = True
    commit: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a batch looked at, and so what it may close.

    `rules` = keys that ran (None: the tool lists only rules with results, so every rule counts as run).
    `unreadable` = paths that exist but were not read. `paths` = every path of the tree (None: no tree was given, as
    in an upload, where absence in a complete run is all there is to know). `complete` is false for a failed run.
    `failed` = rules that should have run and broke: nothing is known of what they are about.
    """

    rules: frozenset[str] | None = None
    unreadable: frozenset[str] = frozenset()
    paths: Container[str] | None = None
    complete: bool = True
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LineMap:
    """Where the lines of one file went: `git diff -U0` hunks as (old start, old count, new start, new count).

    `lost` and `gained` are the words of the removed lines that no added line has, and the other way round.
    """

    hunks: tuple[tuple[int, int, int, int], ...] = ()
    lost: frozenset[str] = field(default=frozenset(), compare=False)
    gained: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Drift:
    """How the tree changed between the last proven commit and this one.

    `renames`: old path -> new path. `lines`: new path -> map of the lines of the file it came from.
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, LineMap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """One occurrence of one finding as the database knows it. `occurrence` is 0 for a place that it had once, `ago`
    others after it: a hint, since a closed finding may come back there. `excerpt` is the redacted code around it, from
    `excerpt_line` on. `at_head` false: a secret that only history holds. `rotated`: a person said that a secret is
    worth nothing any more, so that being gone from the code closes it. `said` is the stamp of the words it was told
    with last (0: not known).
    """

    finding: int
    occurrence: int
    rule: str
    path: str
    line: int = 0
    present: bool = True
    identity: Identity = Identity.HINTS
    key: str = ""
    tool_id: str = ""
    partial: Mapping[str, str] = field(default_factory=dict)
    line_hash: str = ""
    block_hash: str = ""
    shape: str = ""
    excerpt: str = ""
    excerpt_line: int = 0
    at_head: bool = True
    rotated: bool = False
    ago: int = 0
    said: int = 0


INTO_ANOTHER_FILE = 7  # the pass of tracking that follows code there


@dataclass(slots=True, unsafe_hash=True)  # made in numbers, as observations are
class Match:
    """A known finding seen again. `occurrence` 0: the finding gained this place. `step` 1..8 is the pass that made
    the match (design, section 5); `moved` = new line - old line; `regression`: it was closed. `renamed`: what it is
    about has another name (and key) now.
    """

    finding: int
    occurrence: int
    seen: int
    step: int
    moved: int = 0
    ambiguous: bool = False
    regression: bool = False
    renamed: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether it was followed to another line, or into another file."""
        return bool(self.moved) or self.step == INTO_ANOTHER_FILE


@dataclass(frozen=True, slots=True)
class Absence:
    """A known occurrence that was not seen again, and why. `path` and `line` are where a kept one stands by now."""

    finding: int
    occurrence: int
    reason: Reason
    path: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a batch means for what was known.

    `new` groups indexes into the observations: each group is one new finding. `ended` are occurrences that are over
    while their finding lives on elsewhere; `closed` maps a finding to the closing reason when its last present
    occurrence ended; `kept` are absences that prove nothing (not covered, rule gone, scan failed).
    """

    matches: tuple[Match, ...] = ()
    new: tuple[tuple[int, ...], ...] = ()
    ended: tuple[Absence, ...] = ()
    closed: Mapping[int, Reason] = field(default_factory=dict)
    kept: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a report or a scan could not read or did not understand: said with its place, never dropped.

    `message` is its English text. What was put together keeps its `template` and the `values` in it, so that a page
    can say it in its reader's language.
    """

    message: str
    path: str = ""
    line: int = 0
    template: str = ""
    values: tuple[tuple[str, str], ...] = ()


def notice(template: str, path: str = "", line: int = 0, **values: Any) -> Notice:
    """A notice put together from a marked template ("%(n)s bytes are lost") and what stands in it."""
    said = tuple((name, str(value)) for name, value in values.items())
    return Notice(template % dict(said), path, line, template, said)


def gettext_noop(text: str) -> str:
    """Marks a text of the core for the catalogue, as Django's function of this name does where there is Django."""
    return text


@dataclass(frozen=True, slots=True)
class Batch:
    """What one tool said in one run: the shape every format, scan and review is turned into. `origin` is the address
    of the repository that a report says it is about.
    """

    tool: str
    category: str = ""
    tool_version: str = ""
    rules: tuple[RuleInfo, ...] = ()
    observations: tuple[Observation, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    commit: str = ""
    branch: str = ""
    notices: tuple[Notice, ...] = ()
    origin: str = ""


class FormatError(ValueError):
    """A file that cannot be taken: `where` is a JSON path or "line N", `expected` what would have been right."""

    def __init__(self, message: str, where: str = "", expected: str = "") -> None:
        self.where, self.expected = where, expected
        parts = [message, f"at {where}" if where else "", f"expected {expected}" if expected else ""]
        super().__init__("; ".join(p for p in parts if p))


@dataclass(frozen=True, slots=True)
class Grounds:
    """What shows that a finding was fixed, deleted or brought back: the fields `Evidence` insists on for `kind`.

    `hunk` is redacted. `author` is "Name <mail>"; `committed_at` an aware datetime in ISO 8601.
    """

    kind: str
    commit: str = ""
    path: str = ""
    hunk: str = ""
    author: str = ""
    subject: str = ""
    committed_at: str = ""
    file_hash: str = ""
