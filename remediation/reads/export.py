"""Findings as rows of a file, and as SARIF: with the places the reader may see, and no others."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from findings.core.formats import sarif_out
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.models import Evidence, Finding, Occurrence
from remediation.forms.filters import Reader
from remediation.reads.due import deadlines
from remediation.reads.sight import last_places, sight

COLUMNS = (
    "id",
    "priority",
    "state",
    "rule",
    "tool",
    "title",
    "repository",
    "component",
    "path",
    "line",
    "places",
    "owner",
    "due",
    "overdue",
    "first_seen",
    "first_seen_commit",
    "came_back",
    "fixed",
    "fixed_commit",
)


def rows_to_export(findings: Sequence[Finding], who: Reader) -> list[dict[str, Any]]:
    """One row for each finding (loaded with `for_list(who.components)`), keys as in COLUMNS."""
    dates = deadlines(findings, who.team_keys, who.now)
    last = last_places(findings, who.components)
    proofs = dict(Evidence.objects.filter(pk__in=[f.evidence_id for f in findings]).values_list("pk", "commit"))
    rows = []
    for f in findings:
        seen, due = sight(f, who.components), dates.get(f.pk)
        place = seen.place or last.get(f.pk)
        rows.append(
            {
                "id": f.pk,
                "priority": f.priority,
                "state": f.state,
                "rule": f.rule.key,
                "tool": f.rule.tool,
                "title": seen.title,
                "repository": f.repository.slug,
                "component": f.component.name if f.component_id in who.components else "",
                "path": place.path if place else "",
                "line": (place.line if place else 0) or None,
                "places": len(seen.places),
                "owner": f.owner.email if f.owner else "",
                "due": due.on if due else None,
                "overdue": "yes" if due and due.overdue else "",
                "first_seen": f.first_seen_at.isoformat(),
                "first_seen_commit": f.first_seen_commit,
                "came_back": f.reopened,
                "fixed": f.fixed_at.isoformat() if f.fixed_at else "",
                "fixed_commit": proofs.get(f.evidence_id, "") if f.evidence_id else "",
            }
        )
    return rows


def sarif_log(findings: Iterable[Finding], components: Collection[int]) -> dict[str, Any]:
    """A SARIF log: one run for each repository and tool, one result for each place. Closed findings have none."""
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for f in findings:
        groups[f.repository.slug, f.rule.tool, f.category].append(f)
    logs = [sarif_out.dump(_batch(*scope, rows, components)) for scope, rows in sorted(groups.items(), key=_scope)]
    empty = sarif_out.dump(Batch(tool="nova"))
    return empty | {"runs": [run for log in logs for run in log["runs"]] or empty["runs"]}


def _scope(group: tuple[tuple[str, str, str], list[Finding]]) -> tuple[str, str, str]:
    return group[0]


def _batch(repository: str, tool: str, category: str, findings: list[Finding], components: Collection[int]) -> Batch:
    rules = {f.rule.key: f.rule for f in findings}
    return Batch(
        tool=tool,
        category=category or repository,
        rules=tuple(
            RuleInfo(r.key, r.title, Priority(r.priority), Proof(r.proof), r.help, r.version) for r in rules.values()
        ),
        observations=tuple(_observation(f, p, components) for f in findings for p in sight(f, components).places),
        coverage=Coverage(rules=frozenset(rules), complete=False),
        commit=findings[0].repository.proven_commit,
    )


def _observation(finding: Finding, place: Occurrence, components: Collection[int]) -> Observation:
    return Observation(
        rule=finding.rule.key,
        path=place.path,
        line=place.line,
        end_line=place.end_line,
        message=place.message or sight(finding, components).message,
        priority=Priority(finding.priority),
        identity=Identity(finding.identity),
        key=finding.key,
        tool_id=place.tool_id,
        partial=place.partial,
        line_hash=place.line_hash,
        block_hash=place.block_hash,
        excerpt=place.excerpt,
        excerpt_line=place.excerpt_line,
        at_head=place.at_head,
        commit=place.commit,
        properties=place.properties,
        suppressed=bool(finding.verdict),  # whoever reads the log does not raise it again
    )
