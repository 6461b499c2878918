"""SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/) as batches of observations.

Priority of a result, first line that applies:

    properties.priority is P0, P1 or P2                  that (our own export; result, then rule)
    kind "open" or "review"                              P2
    security-severity >= 9.0 (critical)                  P0
    security-severity >= 7.0 (high)                      P1
    security-severity >= 4.0 (medium) and level "error"  P1
    security-severity below                              P2
    level "error"                                        P1
    level "warning", "note", "none"                      P2

`security-severity` is that of the result's properties, else of its rule's; the level is the result's, else its
rule's default, else "warning". Results of kind pass, notApplicable and informational, and results whose
`baselineState` is "absent", are not there. Results with suppressions that all are accepted (or have no status) are
marked `suppressed`. Runs of one tool and category in one file are one batch.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from findings.core.formats.document import Node, load
from findings.core.formats.sarif_hiding import together
from findings.core.formats.sarif_run import (
    LEVELS,
    Rules,
    category,
    coverage,
    help_text,
    message,
    provenance,
    title,
)
from findings.core.formats.uris import Locator
from findings.core.hashing import block_hash, line_hash, message_shape
from findings.core.pairing import versioned
from findings.core.types import Batch, Coverage, FormatError, Observation, Priority, RuleInfo

MAX_RESULTS = 200_000  # of one run
MAX_MESSAGE = 4_000  # characters
MAX_FINGERPRINTS = 20
MAX_FINGERPRINT = 300  # characters
MAX_PLACES = 20
EXCERPT_BEFORE, EXCERPT_LINES, EXCERPT_WIDTH = 5, 20, 400

KINDS = frozenset({"notApplicable", "pass", "fail", "review", "open", "informational"})
PRESENT_KINDS = frozenset({"fail", "review", "open"})
KEPT_PROPERTIES = ("confidence", "precision", "class")

Redact = Callable[[str], str]


def matches(name: str, head: bytes) -> bool:
    """Whether a file is SARIF, by its name or by how it begins (its first few thousand bytes)."""
    lower = name.lower().removesuffix(".gz").removesuffix(".json")
    return lower.endswith(".sarif") or (b"sarif" in head.lower() and b'"runs"' in head and head.lstrip()[:1] == b"{")


def read(data: bytes, redact: Redact = str) -> list[Batch]:
    """The batches of a SARIF file: one per tool and category, in the order of their first run.

    `redact` is applied to every text of the report that is kept, before it is hashed or cut. Raises `FormatError`
    with the JSON path of what is wrong.
    """
    root = load(data)
    version = root["version"].required('"2.1.0"')
    if not version.text().startswith("2.1."):
        raise FormatError("another version of SARIF", version.where, '"2.1.0"')
    batches: dict[tuple[str, str], Batch] = {}
    for node in root["runs"].required("an array of runs").items():
        batch = _Run.of(node, redact).batch()
        same = batches.get((batch.tool, batch.category))
        batches[batch.tool, batch.category] = _joined(same, batch) if same else batch
    return list(batches.values())


def _joined(one: Batch, other: Batch) -> Batch:
    """Two runs of one tool and category. They would close each other's findings if they were two batches."""
    first, second = one.coverage, other.coverage
    every = first.rules is None or second.rules is None
    joined = Coverage(
        rules=None if every else (first.rules or frozenset()) | (second.rules or frozenset()),
        unreadable=first.unreadable | second.unreadable,
        complete=first.complete and second.complete,
    )
    rules = {rule.key: rule for rule in (*other.rules, *one.rules)}
    return replace(
        one,
        rules=tuple(rules.values()),
        observations=one.observations + other.observations,
        coverage=joined,
        notices=one.notices + other.notices,
    )


@dataclass(frozen=True, slots=True)
class _Run:
    node: Node
    rules: Rules
    locator: Locator
    redact: Redact

    @classmethod
    def of(cls, node: Node, redact: Redact) -> "_Run":
        node.required("a run")
        return cls(node, Rules.of(node), Locator(node), redact)

    def batch(self) -> Batch:
        driver = self.node["tool"]["driver"]
        name = driver["name"].required("the name of the tool").text().strip()
        if not name or len(name) > 100:
            raise FormatError("no usable name of a tool", driver["name"].where, "1 to 100 characters")
        used: dict[str, Node] = {}
        observations = tuple(self._observations(used))
        covered, notices = coverage(self.node, self.rules, set(used), self.locator)
        commit, branch = provenance(self.node)
        return Batch(
            tool=name,
            category=category(self.node),
            tool_version=(driver["semanticVersion"].text() or driver["version"].text())[:100],
            rules=tuple(self._rules(used)),
            observations=observations,
            coverage=covered,
            commit=commit,
            branch=branch,
            notices=tuple(replace(notice, message=self._text(notice.message)) for notice in notices),
        )

    def _text(self, text: str) -> str:
        return self.redact(text)[:MAX_MESSAGE]

    def _rules(self, used: dict[str, Node]) -> Iterator[RuleInfo]:
        for key, rule in (self.rules.by_id | used).items():
            if key:
                named, said = self.redact(title(key, rule)), self.redact(help_text(rule))
                yield RuleInfo(key, named, _priority(Node({}, "$"), rule), help=said)

    def _observations(self, used: dict[str, Node]) -> Iterator[Observation]:
        """What the results saw. `used` is filled with the rules they name, dropped results included."""
        for count, result in enumerate(self.node["results"].items()):
            if count >= MAX_RESULTS:
                raise FormatError(f"more than {MAX_RESULTS} results", result.where, "a smaller run")
            key, rule = self.rules.find(result)
            used.setdefault(key, rule)
            present = result["kind"].one_of(KINDS, "fail") in PRESENT_KINDS
            if present and result["baselineState"].text() != "absent":
                yield replace(self, redact=together(self.redact, result, key))._observation(result, key, rule)

    def _observation(self, result: Node, key: str, rule: Node) -> Observation:
        places = list(result["locations"].items())
        first = (places or [Node(None, f"{result.where}.locations[0]")])[0]
        physical = first["physicalLocation"]
        artifact = physical["artifactLocation"]
        region = physical["region"]
        line = max(region["startLine"].integer(), 0)
        strings = rule["messageStrings"], self.node["tool"]["driver"]["globalMessageStrings"]
        text = self._text(message(result["message"], *strings) or title(key, rule))
        return Observation(
            rule=key,
            path=self.locator.path(artifact if artifact else result["analysisTarget"]),
            line=line,
            end_line=max(region["endLine"].integer(line), line),
            message=text,
            priority=_priority(result, rule),
            tool_id=self._tool_id(result),
            partial=self._fingerprints(result["fingerprints"]) | self._fingerprints(result["partialFingerprints"]),
            shape=message_shape(text),
            properties=self._properties(result, first, places[1:]),
            suppressed=_suppressed(result["suppressions"]),
            at_head=result["properties"]["atHead"].value is not False,  # our own export: only history still holds it
            **self._code(physical, line),
        )

    def _code(self, physical: Node, line: int) -> dict[str, Any]:
        """Excerpt and hashes. The context has whole lines, so it is preferred; the snippet may be part of a line."""
        snippet = self._lines(physical["region"])
        around = self._lines(physical["contextRegion"])
        first = physical["contextRegion"]["startLine"].integer(line)
        at = line - first
        if line and 0 <= at < len(around):
            hashes = line_hash(around[at]), block_hash(around, at)
        else:
            hashes = line_hash(snippet[0]) if snippet else "", ""
            around, first, at = (snippet, line, 0) if snippet else (around, first, 0)
        start = max(at - EXCERPT_BEFORE, 0)
        shown = [text[:EXCERPT_WIDTH] for text in around[start : start + EXCERPT_LINES]]
        excerpt_line = first + start if shown else 0
        return {
            "line_hash": hashes[0],
            "block_hash": hashes[1],
            "excerpt": "\n".join(shown),
            "excerpt_line": excerpt_line,
        }

    def _lines(self, region: Node) -> list[str]:
        text = self.redact(region["snippet"]["text"].text()).replace("\r\n", "\n")
        return text.rstrip("\n").split("\n") if text.strip() else []

    def _properties(self, result: Node, first: Node, others: list[Node]) -> dict[str, Any]:
        """The few properties that are shown. The rest may hold anything, secrets too."""
        kept = {name: _scalar(result["properties"][name].value, self._text) for name in KEPT_PROPERTIES}
        logical = next((one["fullyQualifiedName"].text() for one in first["logicalLocations"].items()), "")
        kept["logical"] = self._text(logical)
        kept["places"] = [self._place(one["physicalLocation"]) for one in others[:MAX_PLACES]]
        return {name: value for name, value in kept.items() if value}

    def _place(self, physical: Node) -> dict[str, Any]:
        path = self.locator.path(physical["artifactLocation"])
        return {"path": path, "line": max(physical["region"]["startLine"].integer(), 0)}

    def _fingerprints(self, table: Node) -> dict[str, str]:
        """Fingerprints by name. A value with spaces is a remark of the tool and no fingerprint, nor is a credential."""
        names = sorted(table.names())[:MAX_FINGERPRINTS]
        values = {name: table[name].text().strip() for name in names}
        return {
            Node(name).text(): value
            for name, value in values.items()
            if value and len(name) + len(value) < MAX_FINGERPRINT and not any(char.isspace() for char in value)
            if self.redact(value) == value
        }

    def _tool_id(self, result: Node) -> str:
        """The identity that the tool itself keeps for a result from run to run: its `correlationGuid`, else the full
        fingerprint of the first name, highest version.
        """
        if guid := result["correlationGuid"].text().strip():
            return guid[:MAX_FINGERPRINT].lower()
        table = self._fingerprints(result["fingerprints"])
        bases = sorted({versioned(name)[0] for name in table})
        best = max((name for name in table if versioned(name)[0] == bases[0]), key=versioned) if bases else ""
        return f"{best}={table[best]}" if best else ""


def _scalar(value: Any, text: Redact) -> Any:
    if isinstance(value, str):
        return text(Node(value).text())
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _priority(result: Node, rule: Node) -> Priority:
    """See the table at the top."""
    for own in (result["properties"]["priority"].value, rule["properties"]["priority"].value):
        if isinstance(own, str) and own in Priority.__members__:
            return Priority(own)
    if result["kind"].text("fail") != "fail":
        return Priority.P2
    default = rule["defaultConfiguration"]["level"].one_of(LEVELS, "warning")
    error = result["level"].one_of(LEVELS, default) == "error"
    severity = _severity(result)
    severity = _severity(rule) if severity is None else severity
    if severity is None:
        return Priority.P1 if error else Priority.P2
    if severity >= 9.0:
        return Priority.P0
    return Priority.P1 if severity >= 7.0 or (severity >= 4.0 and error) else Priority.P2


def _severity(node: Node) -> float | None:
    """`security-severity`, 0 to 10, a number or its text; None where there is none that makes sense."""
    value = node["properties"]["security-severity"].value
    try:
        severity = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return severity if math.isfinite(severity) else None


def _suppressed(suppressions: Node) -> bool:
    """Whether every suppression is accepted; one that is under review or rejected leaves the result open."""
    states = [one["status"].text("accepted") for one in suppressions.items()]
    return bool(states) and all(state == "accepted" for state in states)
