"""Our own batches as SARIF 2.1.0."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from findings.core.formats.sarif_own import OWN, own_members
from findings.core.hashing import line_hash
from findings.core.paths import unescape
from findings.core.types import Batch, Identity, Observation, Priority, RuleInfo

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "novaFingerprint/v1"
LEVELS = {Priority.P0: "error", Priority.P1: "warning", Priority.P2: "note"}
_ELSEWHERE = frozenset({"related", "flows", "places"})  # properties that SARIF has members for, or ours alone
SEVERITY = {Priority.P0: "9.0", Priority.P1: "6.0", Priority.P2: "3.0"}


def dump(batch: Batch, secret_fingerprints: bool = True) -> dict[str, Any]:
    """A SARIF log with one run: one result per occurrence, the occurrences of one finding sharing their fingerprint.

    Paths that could not be read become notifications, and the run still counts as successful. `secret_fingerprints`
    false, for a hash key that is thrown away, leaves out those of secrets: they could never match again.
    """
    log = json.loads("".join(pieces([(batch, batch.observations)], secret_fingerprints)))
    return log if isinstance(log, dict) else {}


def pieces(runs: Iterable[tuple[Batch, Iterable[Observation]]], secret_fingerprints: bool = True) -> Iterator[str]:
    """The text of a log with a run for each (batch, what it saw), piece by piece: a hundred thousand results need the
    memory of one.
    """
    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": ['
    for number, (batch, observations) in enumerate(runs):
        yield ",\n" if number else "\n"
        yield from _run(batch, observations, secret_fingerprints)
    yield "\n]}\n"


def _run(batch: Batch, observations: Iterable[Observation], secrets: bool) -> Iterator[str]:
    index = {rule.key: number for number, rule in enumerate(batch.rules)}
    alike: Counter[str] = Counter()
    driver = {"name": batch.tool, "version": batch.tool_version, "rules": [_rule(r) for r in batch.rules]}
    invocation = {
        "executionSuccessful": True,
        "toolExecutionNotifications": [_notification(notice.message, notice.path) for notice in batch.notices],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "properties": {"notCovered": sorted(batch.coverage.unreadable)},
    }
    if batch.commit:
        run["properties"]["revisionId"] = batch.commit
    if batch.category:
        run["automationDetails"] = {"id": f"{batch.category}/"}
    yield _json(run).removesuffix("}") + ', "results": ['
    for number, seen in enumerate(observations):
        yield (",\n" if number else "\n") + _json(_result(seen, index, alike, secrets))
    yield "]}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rule(rule: RuleInfo) -> dict[str, Any]:
    return {
        "id": rule.key,
        "name": "".join(part.capitalize() for part in rule.key.replace("/", "-").split("-")),
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.help or rule.title, "markdown": rule.help or rule.title},
        "defaultConfiguration": {"level": LEVELS[rule.priority]},
        "properties": {
            "priority": str(rule.priority),
            "proof": str(rule.proof),
            "version": rule.version,
            "security-severity": SEVERITY[rule.priority],
        },
    }


def _result(seen: Observation, index: dict[str, int], alike: Counter[str], secrets: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": seen.rule,
        "level": LEVELS[seen.priority],
        "message": {"text": seen.message or seen.rule},
        "locations": [{"physicalLocation": _place(seen)}] if seen.path else [],
        "properties": {
            **{name: value for name, value in seen.properties.items() if name not in _ELSEWHERE},
            "priority": str(seen.priority),
            "atHead": seen.at_head,
        },
    }
    if own := own_members(seen):
        result["properties"][OWN] = own
    if related := seen.properties.get("related"):
        result["relatedLocations"] = [_step(step) for step in related]
    if flows := seen.properties.get("flows"):
        steps = [[{"location": _step(step)} for step in flow] for flow in flows]
        result["codeFlows"] = [{"threadFlows": [{"locations": one}]} for one in steps]
    if seen.rule in index:
        result["ruleIndex"] = index[seen.rule]
    if seen.commit:
        result["properties"]["commit"] = seen.commit
    if seen.suppressed:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    if seen.identity is not Identity.SECRET or secrets:
        result["partialFingerprints"] = {**seen.partial, FINGERPRINT: _fingerprint(seen, alike)}
    return result


def _fingerprint(seen: Observation, alike: Counter[str]) -> str:
    """Of the subject where there is one; else of rule, path and line, equal lines told apart by their turn."""
    if seen.identity is not Identity.HINTS:
        return line_hash(f"{seen.rule}\0{seen.key}")
    name = line_hash(f"{seen.rule}\0{seen.path}\0{seen.line_hash}")
    alike[name] += 1
    return name if alike[name] == 1 else f"{name}:{alike[name]}"


def _place(seen: Observation) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(unescape(seen.path)), "uriBaseId": "%SRCROOT%"}}
    if seen.line:
        place["region"] = {"startLine": seen.line, "endLine": max(seen.line, seen.end_line)}
        if seen.excerpt:
            last = seen.excerpt_line + seen.excerpt.count("\n")
            place["contextRegion"] = {
                "startLine": seen.excerpt_line,
                "endLine": max(last, seen.line, seen.end_line),
                "snippet": {"text": seen.excerpt},
            }
    return place


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(unescape(str(step.get("path", ""))))}}
    if line := step.get("line"):
        place["region"] = {"startLine": line}
    return {"physicalLocation": place, "message": {"text": str(step.get("message", ""))}}


def _notification(message: str, path: str) -> dict[str, Any]:
    said: dict[str, Any] = {"level": "warning", "message": {"text": f"Not covered: {message}" if path else message}}
    if path:
        said["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": quote(unescape(path))}}}]
    return said
