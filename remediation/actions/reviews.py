"""A review a person wrote: previewed, and accepted as findings, checklist, dates and cost tables in one transaction."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from findings.actions import accept, batches, preview, receive_report
from findings.actions.ledger import Ledger
from findings.core.redaction import find_values, redact
from findings.core.rules import RULES, TOOL
from findings.core.types import Batch, Coverage, Identity, Observation, Priority, Proof, RuleInfo
from findings.events import event
from findings.models import Finding, Repository, Rule, Run, Team, User
from remediation.actions.costs import store_review_costs
from remediation.actions.follow import follow
from remediation.clock import calendar_of, day_of
from remediation.core import review as reading
from remediation.core import types as words
from remediation.core.planning import phase_window
from remediation.core.savings import speaks_of
from remediation.models import Checklist, Item, Link, Phase, Placement, Review

RULE = RuleInfo(
    key="review/finding",
    title=gettext_noop("Found by a reviewer"),
    priority=Priority.P2,
    proof=Proof.ATTESTED,
    help=gettext_noop(
        "A person named this problem in a review. It closes with the rules linked to it, or by an attestation."
    ),
)
UNDATED = words.Phase("", gettext_noop("Without a date"), 9999, 0)  # where the plan does not say when
REPORT = gettext_noop("the report")  # who claims what a report ticked
COST_WORDS = ("cost", "成本", "费用", "費用")
SURE = 0.5  # links proposed with less confidence are shown, and not made


@dataclass(frozen=True, slots=True)
class Reading:
    """A review as it was read, with the run that waits for a person, and what accepting it would do."""

    run: Run
    review: words.Review
    plan: batches.Plan


def read_review(data: bytes, file_name: str) -> tuple[str, words.Review]:
    """The redacted text and what it says. Raises FormatError for what is no text."""
    text, notices = reading.decode(data)
    safe = redact(text, find_values(text))
    review = reading.parse(safe, redact=str)
    return safe, replace(review, notices=(*notices, *review.notices))


@transaction.atomic
def preview_review(
    repository: Repository, team: Team, data: bytes, *, file_name: str, actor: User | str, at: datetime | None = None
) -> Reading:
    """Read a review and keep it, redacted, until a person accepts or drops it. Nothing else is written."""
    text, review = read_review(data, file_name)
    moment = at or timezone.now()
    file_hash = hashlib.sha256(data).hexdigest()
    run = receive_report(
        repository, as_batch(review), kind="review", actor=actor, file_name=file_name, file_hash=file_hash, at=moment
    )
    plan = preview(run, as_batch(review))
    run.payload = run.payload | {"review": text, "team": team.pk}
    run.save(update_fields=["payload"])
    return Reading(run, review, plan)


def reread(run: Run) -> words.Review:
    """What the waiting run's review says."""
    return reading.parse(run.payload["review"], redact=str)


def as_batch(review: words.Review) -> Batch:
    """The findings of a review as observations: the anchor is their key, each place an occurrence."""
    category = slugify(review.title, allow_unicode=True)[:200] or "review"
    seen = [o for f in review.findings for o in _observations(f, category)]
    return Batch(
        tool="review",
        category=category,
        rules=(RULE,),
        observations=tuple(seen),
        coverage=Coverage(),
        notices=review.notices,
    )


def _observations(finding: words.ReviewFinding, category: str) -> Iterable[Observation]:
    title = f"{finding.label}: {finding.title}" if finding.label else finding.title
    for place in finding.places or (words.Place(""),):
        yield Observation(
            rule=RULE.key,
            path=place.path,
            line=place.line,
            end_line=place.end_line,
            message=title,
            priority=finding.priority,
            identity=Identity.LOGICAL,
            key=f"{category}/{finding.anchor}"[:400],
            properties={
                "report_line": finding.line,
                "problem": finding.problem,
                "impact": finding.impact,
                "fix": finding.fix,
            },
        )


@transaction.atomic
def accept_review(run: Run, *, actor: User | str, at: datetime | None = None) -> Review:
    """Make the plan a review asks for. Raises what `findings.actions.accept` raises."""
    said, team = reread(run), Team.objects.get(pk=run.payload["team"])
    ledger = accept(run, actor=actor)
    run.refresh_from_db()
    moment = at or timezone.now()
    review = _review(run, team, said, ledger, moment)
    checklist = _checklist(review, ledger)
    phases = _phases(checklist, said, review, ledger)
    findings = _findings(run, said)
    items = _items(checklist, phases, said, findings, ledger, actor=actor, at=moment)
    _links(items, findings, said, ledger)
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


def _review(run: Run, team: Team, said: words.Review, ledger: Ledger, at: datetime) -> Review:
    today = day_of(team, at)
    fields = {
        "run_id": run.pk,
        "title": said.title[:500],
        "reviewed": said.reviewed or today,
        "language": said.language,
        "verdict": said.verdict,
        "notices": [{"message": n.message, "line": n.line} for n in said.notices],
    }
    old = Review.objects.filter(repository=run.repository_id, team=team, run__category=run.category).first()
    if old is not None:
        ledger.update(old, **fields)
        return old
    return ledger.create([Review(team=team, repository_id=run.repository_id, **fields)])[0]


def _checklist(review: Review, ledger: Ledger) -> Checklist:
    old = Checklist.objects.filter(review=review).first()
    return old or ledger.create([Checklist(team=review.team, review=review, title=review.title)])[0]


def _phases(checklist: Checklist, said: words.Review, review: Review, ledger: Ledger) -> dict[str, Phase]:
    calendar = calendar_of(review.team)
    known = {p.key: p for p in checklist.phases.all()}
    rows = {}
    for phase in said.phases:
        key = slugify(phase.name)[:60] or f"day-{phase.starts}"
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
    keys = {f"{run.category}/{f.anchor}"[:400]: f.anchor for f in said.findings}
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
            ledger.update(old, title=entry.title[:500], report_line=entry.line)
        else:
            new.append(_item(checklist, phases[entry.phase], entry, position, findings, at))
    known |= {i.anchor: i for i in ledger.create(new)}
    wanted = [(known[e.anchor], findings[a]) for e in said.items for a in e.findings if a in findings]
    placed = set(Placement.objects.filter(item__checklist=checklist).values_list("item_id", "finding_id"))
    ledger.create(Placement(item=i, finding=f) for i, f in dict.fromkeys(wanted) if (i.pk, f.pk) not in placed)
    return known


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


def _links(items: Mapping[str, Item], findings: Mapping[str, Finding], said: words.Review, ledger: Ledger) -> None:
    """Make the links the report's words propose, to rules we have; a second version adds none twice."""
    proposed = [e.links for e in said.items] + [f.links for f in said.findings]
    named = {p.rule for links in proposed for p in links if p.rule in RULES}
    infos = [RULES[key] for key in sorted(named)]
    batches.upsert_rules(Batch(tool=TOOL, rules=tuple(infos)))
    rules = {r.key: r for r in Rule.objects.filter(tool=TOOL, key__in=named)}
    ends: list[tuple[dict[str, Any], tuple[words.LinkProposal, ...]]]
    ends = [({"item": items[e.anchor]}, e.links) for e in said.items if e.anchor in items]
    ends += [({"finding": findings[f.anchor]}, f.links) for f in said.findings if f.anchor in findings]
    linked = set(Link.objects.filter(rule__in=rules.values()).values_list("item_id", "finding_id", "rule_id", "scope"))
    rows = [
        Link(rule=rules[p.rule], scope=p.scope[:500], why=p.why[:300], confidence=p.confidence, **end)
        for end, proposals in ends
        for p in proposals
        if p.rule in rules and p.confidence >= SURE
    ]
    ledger.create(r for r in rows if (r.item_id, r.finding_id, r.rule_id, r.scope) not in linked)


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
