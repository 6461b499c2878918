"""Findings as they leave the house: rows for CSV and JSON, batches for SARIF. Secrets are their masks, never more."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from findings.core.formats.sarif_out import dump
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Finding, Occurrence, Rule, Run, RunState
from findings.querysets import FindingQuerySet

COLUMNS = (
    "id",
    "state",
    "priority",
    "rule",
    "tool",
    "title",
    "path",
    "line",
    "places",
    "component",
    "team",
    "owner",
    "due",
    "first_seen",
    "first_commit",
    "fixed",
    "fixed_commit",
    "reopened",
    "flapping",
    "rotated",
    "message",
)


def rows(findings: FindingQuerySet, components: list[int] | None = None) -> list[dict[str, Any]]:
    """One row for each finding, worst first. `path` and `line` are of its first present place, `places` counts them;
    with `components`, only places in those count.

    Keys of findings stay inside: that of a secret is the keyed hash of its value.
    """
    listed = findings.for_list(components).select_related("evidence", "component__team", "rule", "owner")
    return [_row(f) for f in listed.order_by("priority", "rule__key", "pk")]


def _places(f: Finding) -> list[Occurrence]:
    """What `for_list` joined."""
    return cast(Any, f).places


def _row(f: Finding) -> dict[str, Any]:
    places = _places(f)
    first = places[0] if places else None
    return {
        "id": f.pk,
        "state": f.state,
        "priority": f.priority,
        "rule": f.rule.key,
        "tool": f.rule.tool,
        "title": f.title,
        "path": first.path if first else "",
        "line": first.line if first else None,
        "places": len(places),
        "component": f.component.name,
        "team": f.component.team.slug,
        "owner": f.owner.email if f.owner else "",
        "due": f.due,
        "first_seen": f.first_seen_at,
        "first_commit": f.first_seen_commit,
        "fixed": f.fixed_at,
        "fixed_commit": f.evidence.commit if f.evidence else "",
        "reopened": f.reopened,
        "flapping": f.flapping,
        "rotated": f.rotated,
        "message": f.message,
    }


def sarif(findings: FindingQuerySet, components: list[int] | None = None) -> dict[str, Any]:
    """What is present (with `components`: in those) as one SARIF log, a run for each repository, tool and category.

    Accepted findings and false positives are marked as suppressed: a reader of the log does not raise them again.
    """
    found = findings.filter(present=True).for_list(components).order_by("rule__tool", "category", "pk")
    groups: dict[tuple[int, str, str], list[Finding]] = defaultdict(list)
    for f in found:
        groups[f.repository_id, f.rule.tool, f.category].append(f)
    log = dump(Batch("nova"))
    if groups:
        log["runs"] = [dump(_batch(*scope, group))["runs"][0] for scope, group in sorted(groups.items())]
    return log


def _batch(repository: int, tool: str, category: str, findings: Iterable[Finding]) -> Batch:
    """What is known of one tool's scope, in the shape every report has."""
    findings = list(findings)
    last = Run.objects.filter(repository=repository, tool=tool, category=category, state=RunState.APPLIED).first()
    rules = {f.rule_id: f.rule for f in findings}
    return Batch(
        tool=tool,
        category=category,
        tool_version=last.tool_version if last else "",
        rules=tuple(_rule(r) for r in rules.values()),
        observations=tuple(_observation(f, place) for f in findings for place in _places(f)),
        coverage=Coverage(unreadable=frozenset(last.coverage.get("unreadable", [])) if last else frozenset()),
        commit=last.commit if last else "",
    )


def _rule(rule: Rule) -> RuleInfo:
    return RuleInfo(rule.key, rule.title, Priority(rule.priority), Proof(rule.proof), rule.help, rule.version)


def _observation(f: Finding, place: Occurrence) -> Observation:
    return Observation(
        rule=f.rule.key,
        path=place.path,
        line=place.line,
        end_line=place.end_line,
        message=place.message or f.title,
        priority=Priority(f.priority),
        identity=Identity(f.identity),
        key=f.key,
        tool_id=place.tool_id,
        partial=place.partial,
        line_hash=place.line_hash,
        block_hash=place.block_hash,
        shape=place.shape,
        excerpt=place.excerpt,
        excerpt_line=place.excerpt_line,
        at_head=place.at_head,
        commit=place.commit,
        properties=place.properties,
        suppressed=bool(f.verdict),
    )
