"""What importing a file would do, as plain values and as text: findings, items, cost lines, warnings."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from findings.actions.batches import Plan
from findings.core.types import Match, Observation
from findings.models import Finding, Run
from remediation.core import types as words

WIDTH = 110
WARNINGS = 20
FATES = (
    ("new", "new"),
    ("again", "known already"),
    ("moved", "of them moved"),
    ("back", "come back"),
    ("fixed", "close as fixed"),
    ("deleted", "close with their code"),
    ("kept", "not looked at, so left alone"),
)


def as_data(run: Run, plan: Plan, review: words.Review | None) -> dict[str, Any]:
    """The plan of one run for scripts; `review` is what a review said, None for a tool's report."""
    data: dict[str, Any] = {
        "tool": run.tool,
        "category": run.category,
        "commit": run.commit,
        "counts": plan.counts,
        "held": plan.held,
        "findings": review_findings(review, plan) if review else batch_findings(plan),
        "closes": closing(plan),
        "items": [],
        "costs": [],
        "warnings": [{"message": n.message, "path": n.path, "line": n.line} for n in plan.batch.notices],
    }
    if review:
        data["title"], data["reviewed"], data["verdict"] = review.title, review.reviewed, review.verdict
        data["items"] = [_item(one, review.phases) for one in review.items]
        data["costs"] = [_table(one) for one in review.costs]
    return data


def review_findings(review: words.Review, plan: Plan) -> list[dict[str, Any]]:
    """The findings of a review in its own order; one that names several places shows the first and counts them."""
    fates = {seen.key.rpartition("/")[2]: fate for seen, fate in _fates(plan)}
    return [
        {
            "fate": fates.get(one.anchor, ""),
            "priority": str(one.priority),
            "rule": "review/finding",
            "title": f"{one.label}: {one.title}" if one.label else one.title,
            "path": one.places[0].path if one.places else "",
            "line": one.places[0].line if one.places else 0,
            "places": len(one.places),
            "report_line": one.line,
        }
        for one in review.findings
    ]


def batch_findings(plan: Plan) -> list[dict[str, Any]]:
    """The findings of a tool's report, worst first: one row for each, at its first place."""
    rows = [
        {
            "fate": fate,
            "priority": str(seen.priority),
            "rule": seen.rule,
            "title": seen.message.strip().split("\n")[0],
            "path": seen.path,
            "line": seen.line,
        }
        for seen, fate in _fates(plan)
    ]
    return sorted(rows, key=lambda row: (row["priority"], row["rule"], row["path"], row["line"]))


def _fates(plan: Plan) -> list[tuple[Observation, str]]:
    """One observation for each finding that the batch saw, and what becomes of it."""
    seen = plan.batch.observations
    known: dict[int, Match] = {}
    for match in plan.tracked.matches:
        known.setdefault(match.finding, match)
    again = [(seen[m.seen], "back" if m.regression else "again") for m in known.values()]
    return [(seen[group[0]], "new") for group in plan.tracked.new] + again


def closing(plan: Plan) -> list[dict[str, Any]]:
    """The findings that the batch would close, and why."""
    findings = Finding.objects.in_bulk(plan.tracked.closed)
    return [
        {"priority": findings[pk].priority, "title": findings[pk].title, "reason": str(reason)}
        for pk, reason in plan.tracked.closed.items()
    ]


def _item(one: words.ReviewItem, phases: Iterable[words.Phase]) -> dict[str, Any]:
    titles = {phase.name: phase.title for phase in phases}
    return {
        "phase": one.phase,
        "phase_title": titles.get(one.phase, one.phase),
        "title": one.title,
        "priority": str(one.priority) if one.priority else "",
        "ticked": one.ticked,
        "hours": [one.effort.low, one.effort.high] if one.effort else None,
        "findings": list(one.findings),
        "report_line": one.line,
    }


def _table(table: words.CostTable) -> dict[str, Any]:
    return {
        "role": table.role,
        "title": table.title,
        "currency": table.currency,
        "total": table.total,
        "printed": table.printed,
        "lines": [{"service": row.service, "low": row.low, "high": row.high, "line": row.line} for row in table.rows],
    }


def as_text(plan: Mapping[str, Any]) -> str:
    """The plan that `as_data` gave, for people."""
    title = plan.get("title") or " ".join(part for part in (plan["tool"], plan["category"]) if part)
    counts = ", ".join(f"{plan['counts'][name]} {word}" for name, word in FATES if plan["counts"].get(name))
    lines = [title, f"{len(plan['findings'])} findings: {counts or 'nothing changes'}", ""]
    lines += [_finding_line(row) for row in plan["findings"]]
    lines += [f"  {row['priority']}  closes ({row['reason']})  {row['title'][:WIDTH]}" for row in plan["closes"]]
    if plan["held"]:
        lines += ["", f"Held ({plan['held']}): nothing closes until a lead accepts it."]
    return "\n".join([*lines, *_item_lines(plan["items"]), *_cost_lines(plan["costs"]), *_warnings(plan["warnings"])])


def _finding_line(row: Mapping[str, Any]) -> str:
    place = f"{row['path']}:{row['line']}" if row["line"] else row["path"]
    more = row.get("places", 1) - 1
    where = f"\n      {place}{f' and {more} more' if more > 0 else ''}" if place else ""
    fate = {"new": "", "again": "  (known)", "back": "  (comes back)"}.get(row["fate"], "")
    return f"  {row['priority']}  {row['title'][:WIDTH]}{fate}{where}"


def _item_lines(items: list[dict[str, Any]]) -> list[str]:
    lines = ["", f"{len(items)} checklist items"] if items else []
    phase = None
    for item in items:
        if item["phase_title"] != phase:
            phase = item["phase_title"]
            lines.append(f"  {phase}")
        lines.append(f"    [{'x' if item['ticked'] else ' '}] {item['priority'] or '  '}  {item['title'][:WIDTH]}")
    return lines


def _cost_lines(tables: list[dict[str, Any]]) -> list[str]:
    lines = []
    for table in tables:
        lines += ["", f"Costs a month ({table['role']}): {table['total']} {table['currency']}  {table['title']}"]
        lines += [f"  {_money(row['low'], row['high']):>16}  {row['service'][:WIDTH]}" for row in table["lines"]]
    totals = {table["role"]: table for table in tables}
    base, target = totals.get("baseline"), totals.get("target")
    if base and target and base["currency"] == target["currency"]:
        lines.append(f"Saving a month: {base['total'] - target['total']} {base['currency']}")
    return lines


def _money(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return "not known"
    return f"{low}" if high is None or high == low else f"{low} to {high}"


def _warnings(notices: list[dict[str, Any]]) -> list[str]:
    lines = ["", "Warnings"] if notices else []
    for notice in notices[:WARNINGS]:
        place = ":".join(str(part) for part in (notice["path"], notice["line"]) if part)
        lines.append(f"  {f'{place}: ' if place else ''}{notice['message']}")
    return lines + ([f"  … and {len(notices) - WARNINGS} more"] if len(notices) > WARNINGS else [])
