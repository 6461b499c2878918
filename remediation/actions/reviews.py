"""A review a person wrote: previewed, and accepted as findings, checklist, dates and cost tables in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from findings.actions import accept, batches
from findings.actions.ledger import Ledger
from findings.core.rules import RULES, TOOL
from findings.core.types import Batch
from findings.events import event
from findings.models import Finding, Rule, Run, Team, User
from remediation.actions.costs import store_review_costs
from remediation.actions.described import key_of
from remediation.actions.follow import follow
from remediation.actions.naming import Owners, hand_out
from remediation.actions.reading import checks_of, last_version, reread, said_by
from remediation.clock import calendar_of, day_of
from remediation.core import types as words
from remediation.core.planning import phase_window
from remediation.core.review.factcheck import SURE, Check
from remediation.core.savings import speaks_of
from remediation.models import Checklist, Item, Link, Phase, Placement, Review

UNDATED = words.Phase("", gettext_noop("Without a date"), 9999, 0)  # where the plan does not say when
REPORT = gettext_noop("the report")  # who claims what a report ticked
COST_WORDS = ("cost", "成本", "费用", "費用")


@transaction.atomic
def accept_review(run: Run, *, actor: User | str, at: datetime | None = None) -> Review:
    """Make the plan a review asks for. Raises what `findings.actions.accept` raises."""
    said, team = reread(run), Team.objects.get(pk=run.payload["team"])
    kept, last, moment = _kept(run, said), last_version(run), at or timezone.now()
    settled, owners = _settled(run, last), Owners(run)
    ledger = accept(run, actor=actor)
    run.refresh_from_db()
    review = _review(run, team, said, ledger, moment, last, kept)
    checklist = _checklist(review, ledger)
    phases = _phases(checklist, said, review, ledger)
    findings = _findings(run, said)
    items = _items(checklist, phases, said, findings, ledger, actor=actor, at=moment)
    _reword(findings, said, ledger)
    _links(items, findings, said, settled, ledger)
    hand_out(run, owners, said, findings, items, ledger, actor=actor)
    store_review_costs(team, run.category, said.costs, review.reviewed, actor=actor, ledger=ledger)
    _savings(items, said, ledger)
    ledger.events.append(
        event(
            "imported review",
            f"review:{review.pk}",
            actor=actor,
            label=review.title,
            team=team,
            repository=run.repository_id,
            run=run,
            after={"findings": len(said.findings), "items": len(said.items)},
            at=moment,
        )
    )
    ledger.flush()
    follow(run, ledger, at=moment)
    return review


def _settled(run: Run, last: Review | None) -> Mapping[str, set[str]]:
    """The anchors of what an earlier version brought and nobody decided about now: its links stay as they are."""
    before = said_by(last) if last else words.Review("")
    decided = run.payload.get("choices", {})
    now = {kind: {a for a, c in decided.get(kind, {}).items() if "links" in c} for kind in ("findings", "items")}
    return {
        "findings": {f.anchor for f in before.findings} - now["findings"],
        "items": {i.anchor for i in before.items} - now["items"],
    }


def _reword(findings: Mapping[str, Finding], said: words.Review, ledger: Ledger) -> None:
    """What a report says of a finding is as its newest version says it."""
    for told in said.findings:
        row = findings.get(told.anchor)
        title = f"{told.label}: {told.title}"[:500] if told.label else told.title[:500]
        if row is not None:
            texts = {"problem": told.problem, "impact": told.impact, "fix": told.fix, "report_line": told.line}
            properties = row.properties | texts
            if (row.title, row.properties) != (title, properties):
                ledger.update(row, title=title, message=title, properties=properties)


def _kept(run: Run, said: words.Review) -> dict[str, Any]:
    """What is kept of a review beside its rows: the redacted text, its anchors, and what the code said of it then."""
    checks = {anchor: _dumped(check) for anchor, check in checks_of(run, said).items()}
    decided = run.payload.get("choices", {}).get("findings", {})
    priorities = {anchor: choice["priority"] for anchor, choice in decided.items() if "priority" in choice}
    picked = run.payload.get("choices", {}).get("picked", {})
    seen = run.payload.get("seen", {})
    anchors = run.payload.get("anchors", {}) | {"priorities": priorities, "picked": picked, "seen": seen}
    text = run.payload["review"]
    return {"text": text, "anchors": anchors, "checks": {"commit": run.repository.proven_commit, "findings": checks}}


def _dumped(check: Check) -> list[Any]:
    points = [
        [p.kind, p.said.path, p.said.line, p.said.end_line, p.path, p.line, p.stated, p.counted] for p in check.points
    ]
    return [check.answer, points]


def _review(
    run: Run,
    team: Team,
    said: words.Review,
    ledger: Ledger,
    at: datetime,
    old: Review | None,
    kept: Mapping[str, Any],
) -> Review:
    fields = {
        "run_id": run.pk,
        "title": said.title[:500],
        "reviewed": said.reviewed or day_of(team, at),
        "language": said.language,
        "verdict": said.verdict,
        "notices": [{"message": n.message, "line": n.line} for n in (*said.notices, *said.conflicts)],
        **kept,
    }
    if old is not None:
        ledger.update(old, **fields)
        return old
    return ledger.create([Review(team=team, repository_id=run.repository_id, **fields)])[0]


def _checklist(review: Review, ledger: Ledger) -> Checklist:
    old = Checklist.objects.filter(review=review).first()
    return old or ledger.create([Checklist(team=review.team, review=review, title=review.title)])[0]


def phase_key(phase: words.Phase) -> str:
    """Under which key a phase of a review is kept: that of its name in every version."""
    return slugify(phase.name)[:60] or f"day-{phase.starts}"


def _phases(checklist: Checklist, said: words.Review, review: Review, ledger: Ledger) -> dict[str, Phase]:
    calendar = calendar_of(review.team)
    known = {p.key: p for p in checklist.phases.all()}
    rows = {}
    for phase in said.phases:
        key = phase_key(phase)
        window = phase_window(phase, review.reviewed, calendar)
        row = known.get(key) or Phase(checklist=checklist, key=key, position=phase.starts)
        row.title, row.starts, row.due, row.report_line = phase.title[:300], window.start, window.due, phase.line
        rows[phase.name] = row
    if any(not item.phase for item in said.items):
        row = known.get("undated") or Phase(checklist=checklist, key="undated", position=UNDATED.starts)
        row.title = UNDATED.title
        rows[UNDATED.name] = row
    ledger.create(row for row in rows.values() if row.pk is None)
    return rows


def _findings(run: Run, said: words.Review) -> dict[str, Finding]:
    keys = {key_of(run.category, f.anchor): f.anchor for f in said.findings}
    rows = Finding.objects.filter(repository=run.repository_id, rule__tool="review", key__in=keys)
    return {keys[row.key]: row for row in rows.select_related("rule", "component")}


def _items(
    checklist: Checklist,
    phases: Mapping[str, Phase],
    said: words.Review,
    findings: Mapping[str, Finding],
    ledger: Ledger,
    *,
    actor: User | str,
    at: datetime,
) -> dict[str, Item]:
    known = {i.anchor: i for i in checklist.items.all()}
    new = []
    for position, entry in enumerate(said.items):
        old = known.get(entry.anchor)
        if old is not None:
            ledger.update(old, title=entry.title[:500], report_line=entry.line, **_ticked_since(old, entry, at))
        else:
            new.append(_item(checklist, phases[entry.phase], entry, position, findings, at))
    known |= {i.anchor: i for i in ledger.create(new)}
    wanted = [(known[e.anchor], findings[a]) for e in said.items for a in e.findings if a in findings]
    placed = set(Placement.objects.filter(item__checklist=checklist).values_list("item_id", "finding_id"))
    ledger.create(Placement(item=i, finding=f) for i, f in dict.fromkeys(wanted) if (i.pk, f.pk) not in placed)
    return known


def _ticked_since(item: Item, entry: words.ReviewItem, at: datetime) -> dict[str, Any]:
    """What a new version's tick says of an item nobody claimed so far; all else is as people left it."""
    ticked = entry.ticked and not item.claimed_by and item.settled_at is None
    return {"claimed_by": REPORT, "claimed_at": at} if ticked else {}


def _item(
    checklist: Checklist,
    phase: Phase,
    entry: words.ReviewItem,
    position: int,
    findings: Mapping[str, Finding],
    at: datetime,
) -> Item:
    named = [findings[a].priority for a in entry.findings if a in findings]
    return Item(
        checklist=checklist,
        phase=phase,
        anchor=entry.anchor,
        title=entry.title[:500],
        priority=entry.priority or min(named, default="P2"),
        due=phase.due,
        first_due=phase.due,
        effort_low=entry.effort.low if entry.effort else None,
        effort_high=entry.effort.high if entry.effort else None,
        position=position,
        report_line=entry.line,
        claimed_by=REPORT if entry.ticked else "",
        claimed_at=at if entry.ticked else None,
    )


def _links(
    items: Mapping[str, Item],
    findings: Mapping[str, Finding],
    said: words.Review,
    settled: Mapping[str, set[str]],
    ledger: Ledger,
) -> None:
    """Make the links that the report's words propose, or a person chose, to rules we have; `settled` keeps its own."""
    proposed = [e.links for e in said.items] + [f.links for f in said.findings]
    named = {p.rule for links in proposed for p in links if p.rule in RULES}
    batches.upsert_rules(Batch(tool=TOOL, rules=tuple(RULES[key] for key in sorted(named))))
    rules = {r.key: r for r in Rule.objects.filter(tool=TOOL, key__in=named)}
    old = Link.objects.filter(Q(item__in=items.values()) | Q(finding__in=findings.values()))
    linked: dict[tuple[int | None, int | None], list[Link]] = defaultdict(list)
    for link in old:
        linked[link.item_id, link.finding_id].append(link)
    rows: list[Link] = []
    for entry in said.items:
        if (item := items.get(entry.anchor)) and entry.anchor not in settled["items"]:
            rows += _missing({"item": item}, entry.links, linked[item.pk, None], rules, ledger)
    for finding in said.findings:
        if (row := findings.get(finding.anchor)) and finding.anchor not in settled["findings"]:
            rows += _missing({"finding": row}, finding.links, linked[None, row.pk], rules, ledger)
    ledger.create(rows)


def _missing(
    end: Mapping[str, Any],
    said: Iterable[words.LinkProposal],
    old: list[Link],
    rules: Mapping[str, Rule],
    ledger: Ledger,
) -> list[Link]:
    """The links to make for a finding or an item; those that a person took away are deleted."""
    wanted = {(rules[p.rule].pk, p.scope[:500]): p for p in said if p.rule in rules and p.confidence >= SURE}
    ledger.delete(link for link in old if (link.rule_id, link.scope) not in wanted)
    there = {(link.rule_id, link.scope) for link in old}
    return [
        Link(rule=rules[p.rule], scope=scope, why=p.why[:300], confidence=p.confidence, **end)
        for (rule, scope), p in wanted.items()
        if (rule, scope) not in there
    ]


def _savings(items: Mapping[str, Item], said: words.Review, ledger: Ledger) -> None:
    """The saving the cost tables promise belongs to the items that name the services; the rest of it to the item that
    speaks of the costs, where one does.
    """
    totals = {t.role: t for t in said.costs}
    if {"baseline", "target"} - set(totals) or totals["baseline"].currency != totals["target"].currency:
        return
    left, currency = totals["baseline"].total - totals["target"].total, totals["baseline"].currency
    shares: dict[Item, Decimal] = {}
    for service, saving in _changes(totals["baseline"], totals["target"]):
        named = next((items[e.anchor] for e in said.items if speaks_of(e.title, service)), None)
        if named is not None:
            shares[named] = shares.get(named, Decimal(0)) + saving
            left -= saving
    rest = [items[e.anchor] for e in said.items if any(word in e.title.lower() for word in COST_WORDS)]
    if left > 0 and rest:
        shares[rest[0]] = shares.get(rest[0], Decimal(0)) + left
    for item, saving in shares.items():
        ledger.update(item, saving=saving, saving_currency=currency)


def _changes(baseline: words.CostTable, target: words.CostTable) -> Iterable[tuple[str, Decimal]]:
    """What each service that stands in both tables is to save."""
    after = {row.service: row.low for row in target.rows}
    for row in baseline.rows:
        goal = after.get(row.service)
        if row.low is not None and goal is not None and row.low > goal:
            yield row.service, row.low - goal


def at_noon(day: date, zone: str) -> datetime:
    """The middle of a day where a team is: the moment a review of that day is taken to speak of."""
    return datetime.combine(day, time(12), ZoneInfo(zone))
