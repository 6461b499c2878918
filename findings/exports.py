"""Findings as SARIF, piece by piece. Secrets are their masks, never more."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from findings.core.formats.sarif_out import pieces
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Component, Finding, Occurrence, Rule, Run, RunState
from findings.querysets import FindingQuerySet

CHUNK = 1000  # findings that are in memory at the same time
_ELSEWHERE = frozenset({"places", "related", "flows"})  # properties that name other files, perhaps of other teams
Scope = tuple[int, str, str]  # repository, tool, category


def _places(f: Finding) -> list[Occurrence]:
    """What `for_list` joined."""
    return cast(Any, f).places


def sarif(findings: FindingQuerySet, components: list[int] | None = None) -> Iterator[str]:
    """What is present (with `components`: in those) as the text of one SARIF log, a run for each repository, tool and
    category.

    Accepted findings and false positives are marked as suppressed: a reader of the log does not raise them again.
    """
    found = findings.filter(present=True).order_by()
    scopes: list[Scope] = sorted(set(found.values_list("repository", "rule__tool", "category").distinct()))
    runs = (_run(found, scope, components) for scope in scopes)
    return pieces(runs if scopes else [(Batch("nova"), ())])


def _run(findings: FindingQuerySet, scope: Scope, components: list[int] | None) -> tuple[Batch, Iterable[Observation]]:
    """What is known of one tool's scope, in the shape every report has. What could not be read, and what lies beside a
    finding's own place, is said to who sees the whole repository: paths of other teams are not for everybody.
    """
    repository, tool, category = scope
    parts = Component.objects.filter(repository=repository)
    whole = components is None or not parts.exclude(pk__in=components).exists()
    last = Run.objects.filter(repository=repository, tool=tool, category=category, state=RunState.APPLIED).first()
    rows = findings.filter(repository=repository, rule__tool=tool, category=category)
    rules = Rule.objects.filter(pk__in=rows.values("rule")).order_by("key")
    batch = Batch(
        tool=tool,
        category=category,
        tool_version=last.tool_version if last else "",
        rules=tuple(_rule(rule) for rule in rules),
        coverage=Coverage(unreadable=frozenset(last.coverage.get("unreadable", [])) if last and whole else frozenset()),
        commit=last.commit if last else "",
    )
    stream = rows.for_list(components).order_by("pk").iterator(chunk_size=CHUNK)
    return batch, (_observation(f, place, whole=whole) for f in stream for place in _places(f))


def _rule(rule: Rule) -> RuleInfo:
    return RuleInfo(rule.key, rule.title, Priority(rule.priority), Proof(rule.proof), rule.help, rule.version)


def _observation(f: Finding, place: Occurrence, *, whole: bool) -> Observation:
    shown = place.properties.items()
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
        properties={name: value for name, value in shown if whole or name not in _ELSEWHERE},
        suppressed=bool(f.verdict),
    )
