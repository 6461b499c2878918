"""Findings as SARIF. Secrets are their masks, never more."""

from collections import defaultdict
from typing import Any, cast

from findings.core.formats.sarif_out import dump
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Finding, Occurrence, Rule, Run, RunState
from findings.querysets import FindingQuerySet


def _places(f: Finding) -> list[Occurrence]:
    """What `for_list` joined."""
    return cast(Any, f).places


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
        whole = components is None
        log["runs"] = [dump(_batch(*scope, group, whole=whole))["runs"][0] for scope, group in sorted(groups.items())]
    return log


def _batch(repository: int, tool: str, category: str, findings: list[Finding], *, whole: bool) -> Batch:
    """What is known of one tool's scope, in the shape every report has. What could not be read is said to who sees the
    `whole` repository: paths of other teams are not for everybody.
    """
    last = Run.objects.filter(repository=repository, tool=tool, category=category, state=RunState.APPLIED).first()
    rules = {f.rule_id: f.rule for f in findings}
    return Batch(
        tool=tool,
        category=category,
        tool_version=last.tool_version if last else "",
        rules=tuple(_rule(r) for r in rules.values()),
        observations=tuple(_observation(f, place) for f in findings for place in _places(f)),
        coverage=Coverage(unreadable=frozenset(last.coverage.get("unreadable", [])) if last and whole else frozenset()),
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
        message=place.message or f.rule.title,
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
