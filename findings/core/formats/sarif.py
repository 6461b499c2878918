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

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from findings.core.formats.cursor import Cursor
from findings.core.formats.document import Node
from findings.core.formats.hiding import BLOCK, Redact
from findings.core.formats.report import How
from findings.core.formats.sarif_priority import Judge
from findings.core.formats.sarif_results import MAX_MESSAGE, Results
from findings.core.formats.sarif_run import category, coverage, help_text, origin, provenance, title
from findings.core.formats.source import Source
from findings.core.severity import SCALE, Scale
from findings.core.types import Batch, Coverage, FormatError, Observation, Proof, RuleInfo

_BARE = re.compile(rb'\s*\{\s*("version"\s*:\s*"2\.[^"]*"\s*,\s*)?"runs"\s*:\s*\[')

MAX_RESULTS = 200_000  # of one run
MAX_RUNS = 1_000
MAX_VERSION = 30_000  # of a rule

# What has to be known before a result can be read. Where it comes later in the file, the file is read twice.
NEEDED = frozenset({"tool", "artifacts", "originalUriBaseIds", "invocations", "taxonomies"})


def matches(name: str, head: bytes) -> bool:
    """Whether a file is SARIF, by its name or by how it begins (its first few thousand bytes)."""
    lower = name.lower().removesuffix(".gz").removesuffix(".json")
    if lower.endswith(".sarif"):
        return True
    # Not all give the address of the schema, and some begin with the results, which are long.
    telling = b"sarif" in head.lower() or b'"driver"' in head or b'"ruleId"' in head or _BARE.match(head)
    return head.lstrip()[:1] == b"{" and b'"runs"' in head and bool(telling)


def read(source: Source, redact: Redact = str, scale: Scale = SCALE) -> list[Batch]:
    """The batches of a SARIF file: one per tool and category, in the order of their first run.

    `redact` is applied to every text of the report that is kept, before it is hashed or cut. Raises `FormatError`
    with the JSON path of what is wrong.
    """
    reading = _Reading(redact, scale)
    reading.go(Cursor(source))
    if reading.late:
        reading = _Reading(redact, scale, {run.where: run.members for run in reading.runs})
        reading.go(Cursor(source))
    batches: dict[tuple[str, str], Batch] = {}
    for run in reading.runs:
        batch = run.batch(redact, scale)
        same = batches.get((batch.tool, batch.category))
        batches[batch.tool, batch.category] = _joined(same, batch) if same else batch
    return list(batches.values())


def read_how(source: Source, how: How) -> list[Batch]:
    """The same, in the manner of all formats."""
    return read(source, how.redact, how.scale)


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


@dataclass(slots=True)
class _Run:
    """What was read of a run: its members but for the results, and what those saw."""

    where: str
    members: dict[str, Any] = field(default_factory=dict)
    results: Results | None = None
    observations: list[Observation] = field(default_factory=list)

    def batch(self, redact: Redact, scale: Scale) -> Batch:
        node = Node(self.members, self.where)
        results = self.results or Results(node, redact, scale)
        driver = node["tool"]["driver"]
        name = driver["name"].required("the name of the tool").text().strip()
        if not name or len(name) > 100:
            raise FormatError("no usable name of a tool", driver["name"].where, "1 to 100 characters")
        covered, notices = coverage(node, results.rules, set(results.used), results.locator)
        commit, branch = provenance(node)
        return Batch(
            tool=name,
            category=category(node),
            tool_version=(driver["semanticVersion"].text() or driver["version"].text())[:100],
            rules=tuple(_rules(results, redact, Judge(scale))),
            observations=tuple(self.observations),
            coverage=covered,
            commit=commit,
            branch=branch,
            origin=origin(node),
            notices=tuple(replace(notice, message=redact(notice.message)[:MAX_MESSAGE]) for notice in notices),
        )


def _rules(results: Results, redact: Redact, judge: Judge) -> list[RuleInfo]:
    named = (results.rules.by_id | results.used).items()
    return [_rule(key, rule, redact, judge) for key, rule in named if key]


def _rule(key: str, node: Node, redact: Redact, judge: Judge) -> RuleInfo:
    """How a rule is proven, and its version, only our own export says."""
    named, advice = redact(title(key, node)), redact(help_text(node))
    proof, version = node["properties"]["proof"].value, node["properties"]["version"].value
    return RuleInfo(
        key,
        named,
        judge.judge(Node({}), node),
        Proof(proof) if isinstance(proof, str) and proof in set(Proof) else Proof.TREE,
        "" if advice == named else advice,
        version if type(version) is int and 0 < version < MAX_VERSION else 1,
    )


class _Reading:
    """One pass over the file. `late` says that results came before something they need."""

    def __init__(self, redact: Redact, scale: Scale, known: Mapping[str, dict[str, Any]] | None = None) -> None:
        self.redact, self.scale, self.known = redact, scale, known
        self.runs: list[_Run] = []
        self.late = False
        self._wrong: FormatError | None = None

    def go(self, cursor: Cursor) -> None:
        """Read it all."""
        version, runs = Node(None, "$.version"), False
        for name in cursor.members("$"):
            if name == "version":
                version = Node(cursor.value(), "$.version")
                if not version.text("2.1").startswith("2.1"):
                    raise FormatError("another version of SARIF", version.where, '"2.1.0"')
            elif name == "runs":
                runs = cursor.kind() == "[" or self._absent(cursor, "$.runs")
                for index in cursor.elements("$.runs") if runs else ():
                    if index >= MAX_RUNS:
                        raise FormatError(f"more than {MAX_RUNS} runs", f"$.runs[{index}]", "several files")
                    self.runs.append(self._run(cursor, f"$.runs[{index}]"))
            else:
                cursor.value()
        cursor.end()
        if self._wrong and not self.late:
            raise self._wrong
        version.required('"2.1.0"')
        if not runs:
            raise FormatError("missing", "$.runs", "an array of runs")

    def _absent(self, cursor: Cursor, where: str) -> bool:
        """False for a null; anything else that is no array is refused."""
        return bool(list(cursor.elements(where)))

    def _run(self, cursor: Cursor, where: str) -> _Run:
        if cursor.kind() == "n":
            Node(cursor.value(), where).required("a run")
        run = _Run(where, dict(self.known[where]) if self.known else {})
        for name in cursor.members(where):
            if name == "results":
                self._results(cursor, run)
            else:
                value = cursor.value()
                self.late |= not self.known and name in NEEDED and value is not None and "results" in run.members
                run.members[name] = value
        return run

    def _results(self, cursor: Cursor, run: _Run) -> None:
        """The results as observations; skipped where the tool is not known yet."""
        place = f"{run.where}.results"
        if cursor.kind() != "n":
            run.members["results"] = []
        known = "tool" in run.members
        run.results = Results(Node(run.members, run.where), self.redact, self.scale) if known else None
        index, where = 0, place.replace("%", "%%") + "[%d]"
        for results, text in cursor.blocks(place, BLOCK):
            if index + len(results) > MAX_RESULTS:
                raise FormatError(f"more than {MAX_RESULTS} results", f"{place}[{MAX_RESULTS}]", "a smaller run")
            there = [{} if one is None else one for one in results] if None in results else results
            places = map(where.__mod__, range(index, index + len(there)))
            self._read(run, list(zip(places, there, strict=True)), text)
            index += len(there)

    def _read(self, run: _Run, block: list[tuple[str, Any]], text: str) -> None:
        """A result that cannot be read is forgiven until it is sure that nothing late would have explained it."""
        if run.results is None or self._wrong:
            return
        try:
            run.observations += run.results.read(block, text)
        except FormatError as error:
            self._wrong = error
