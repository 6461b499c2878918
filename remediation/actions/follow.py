"""What follows from a batch: findings go onto the list, items are proven or refuted, grades are written."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from findings.actions import batches
from findings.actions.ledger import Ledger
from findings.core.types import Priority
from findings.events import MACHINE, event
from findings.models import Event, Evidence, Finding, Occurrence, Repository, Run, RunState, Team
from remediation.actions.grades import grade_run
from remediation.core.planning import Calendar, sla_date
from remediation.core.scope import covers
from remediation.models import Checklist, Item, Link, Phase, Placement

STANDING_PHASES = {
    "P0": ("week-1", gettext_noop("Week 1"), 0),
    "P1": ("week-2-3", gettext_noop("Week 2-3"), 1),
    "P2": ("month-2", gettext_noop("Month 2"), 2),
}
REVIEW = "review"


@dataclass(slots=True)
class Board:
    """The plan that a repository's findings can land on, loaded once for each batch."""

    repository: Repository
    findings: dict[int, Finding]
    paths: dict[int, list[str]]
    items: dict[int, Item]
    links: list[Link]
    placed: set[tuple[int, int]]
    teams: dict[int, set[int]]
    open_elsewhere: set[int]

    def matching(self, link: Link) -> list[Finding]:
        """The scanned findings that a link's rule and scope speak of."""
        return [
            f
            for f in self.findings.values()
            if f.rule_id == link.rule_id and covers(link.scope, self.paths.get(f.pk, [""]))
        ]


def follow(run: Run, ledger: Ledger, *, at: datetime) -> None:
    """Bring plan and grades in line with what the findings of a repository say now. Call in the run's transaction."""
    board = load(run.repository)
    place(board, ledger, at)
    settle(board, run, ledger, at)
    settle_review_findings(board, run, ledger, at)
    ledger.flush()
    grade_run(run, ledger, at=at)


@transaction.atomic
def settle_now(repository: Repository, *, at: datetime) -> None:
    """Bring items in line after a person's word (a verdict, an attestation), by what the last scan saw."""
    batches.lock(repository)
    run = Run.objects.filter(repository=repository, state=RunState.APPLIED).exclude(commit="").first()
    if run is None:
        return
    board, ledger = load(repository), Ledger(None)
    settle(board, run, ledger, at)
    settle_review_findings(board, run, ledger, at)
    ledger.flush()


def load(repository: Repository) -> Board:
    """Findings, places, items and links of a repository, in a constant number of statements."""
    findings = Finding.objects.filter(repository=repository).select_related("rule", "component__team", "evidence")
    paths: dict[int, list[str]] = defaultdict(list)
    teams: dict[int, set[int]] = {f.pk: {f.component.team_id} for f in findings}
    places = Occurrence.objects.filter(finding__repository=repository)
    for finding, path in places.values_list("finding_id", "path").distinct():
        paths[finding].append(path)
    for finding, team in places.filter(to_run=None).values_list("finding_id", "component__team_id").distinct():
        teams[finding].add(team)
    ours = Q(checklist__review=None) | Q(checklist__review__repository=repository)
    items = Item.objects.filter(ours, checklist__team__in=repository.components.values("team_id"))
    links = Link.objects.filter(Q(item__in=items) | Q(finding__repository=repository))
    placed = Placement.objects.filter(finding__repository=repository).values_list("item_id", "finding_id")
    elsewhere = Placement.objects.filter(item__in=items, finding__state="open").exclude(finding__repository=repository)
    return Board(
        repository,
        {f.pk: f for f in findings},
        paths,
        {i.pk: i for i in items.select_related("checklist__team", "phase")},
        list(links.select_related("rule", "finding__rule")),
        set(placed),
        teams,
        set(elsewhere.exclude(finding__rule__tool=REVIEW).values_list("item_id", flat=True)),
    )


# Findings onto the list


def place(board: Board, ledger: Ledger, at: datetime) -> None:
    """Put every scanned finding on the items whose links speak of it, else on its team's standing list."""
    wanted: list[tuple[Item, Finding]] = []
    for link in board.links:
        item = board.items[link.item_id] if link.item_id is not None else None
        if item is None or item.checklist.review_id is None:
            continue  # a standing item takes only what no review's item speaks of
        team = item.checklist.team_id
        # What was over before the item was made proves nothing for it.
        late = [f for f in board.matching(link) if f.present and team in board.teams[f.pk]]
        if item.settled_at is None:
            wanted += [(item, f) for f in late]
        else:
            late = [f for f in late if f.state == "open" and (item.pk, f.pk) not in board.placed]
            wanted += [(heir, f) for f in late for heir in [_successor(board, item, ledger, at)]]
    homes = {f for i, f in board.placed if i in board.items} | {f.pk for _, f in wanted}
    fresh = [f for f in board.findings.values() if f.state == "open" and f.rule.tool != REVIEW]
    homeless = [f for f in fresh if f.pk not in homes]
    wanted += [(_standing(board, f, ledger, at), f) for f in homeless]
    _place(board, wanted, ledger)
    _hand_over(board, ledger)


def _hand_over(board: Board, ledger: Ledger) -> None:
    """A finding that a review's item speaks of leaves the standing list, and a default item nobody touched goes too."""
    spoken = {f for i, f in board.placed if i in board.items and board.items[i].checklist.review_id is not None}
    standing = {
        pk: i
        for pk, i in board.items.items()
        if i.checklist.review_id is None and i.settled_at is None and i.version == 1
    }
    over = {(i, f) for i, f in board.placed if i in standing and f in spoken}
    if not over:
        return
    rows = Placement.objects.filter(item__in={i for i, _ in over}, finding__in={f for _, f in over})
    ledger.delete(row for row in rows if (row.item_id, row.finding_id) in over)
    board.placed -= over
    empty = {i for i, _ in over} - {i for i, _ in board.placed} - board.open_elsewhere
    ledger.delete(Link.objects.filter(item__in=empty))
    ledger.delete(standing[pk] for pk in empty)
    for pk in empty:
        board.items.pop(pk)
    board.links = [link for link in board.links if link.item_id not in empty]


def _place(board: Board, wanted: Iterable[tuple[Item, Finding]], ledger: Ledger) -> None:
    missing = {(i.pk, f.pk): (i, f) for i, f in wanted if (i.pk, f.pk) not in board.placed}
    ledger.create(Placement(item=i, finding=f) for i, f in missing.values())
    board.placed |= set(missing)


def _successor(board: Board, item: Item, ledger: Ledger, at: datetime) -> Item:
    """A proven item stays done: what is found later goes to the one that follows it."""
    heirs = [i for i in board.items.values() if i.successor_of_id == item.pk]
    if heirs:
        heir = heirs[0]
        return heir if heir.settled_at is None else _successor(board, heir, ledger, at)
    due = _due(item.checklist.team, item.priority, at)
    heir = Item(
        checklist=item.checklist,
        phase=item.phase,
        anchor=f"{item.anchor[:180]}~{item.pk}",
        title=item.title,
        priority=item.priority,
        owner_id=item.owner_id,
        due=due,
        first_due=due,
        position=item.position,
        report_line=item.report_line,
        rule_id=item.rule_id,
        successor_of=item,
    )
    _add_item(board, heir, [link for link in board.links if link.item_id == item.pk], ledger)
    ledger.events.append(_about(heir, "opened", at, after={"successor_of": item.pk}))
    return heir


def _standing(board: Board, finding: Finding, ledger: Ledger, at: datetime) -> Item:
    """The default item for a rule that no review spoke of, on the standing list of the finding's team.

    One for each priority: what is only a test's password does not make the item urgent that holds a real one.
    """
    team = finding.component.team
    anchor = f"rule:{finding.rule_id}:{finding.priority}"
    mine = [i for i in board.items.values() if i.anchor == anchor and i.checklist.team_id == team.pk]
    if mine:
        return mine[0] if mine[0].settled_at is None else _successor(board, mine[0], ledger, at)
    checklist, _ = Checklist.objects.get_or_create(
        team=team, review=None, defaults={"title": gettext_noop("Standing list")}
    )
    key, title, position = STANDING_PHASES[finding.priority]
    phase, _ = Phase.objects.get_or_create(
        checklist=checklist, key=key, defaults={"title": title, "position": position}
    )
    due = _due(team, finding.priority, at)
    item = Item(
        checklist=checklist,
        phase=phase,
        anchor=anchor,
        title=finding.rule.title,
        priority=finding.priority,
        due=due,
        first_due=due,
        rule_id=finding.rule_id,
    )
    _add_item(board, item, [Link(rule=finding.rule, why="default item of the rule")], ledger)
    ledger.events.append(_about(item, "opened", at))
    return item


def _add_item(board: Board, item: Item, links: list[Link], ledger: Ledger) -> None:
    ledger.create([item])
    board.items[item.pk] = item
    copies = [Link(item=item, rule=k.rule, scope=k.scope, why=k.why, confidence=k.confidence) for k in links]
    ledger.create(copies)


def _due(team: Team, priority: str, at: datetime) -> date:
    today = at.astimezone(ZoneInfo(team.timezone)).date()
    sla = {Priority(p): days for p, days in team.sla.items()}
    return sla_date(Priority(priority), today, sla, Calendar(holidays=tuple(team.holidays)))


# Proof


def settle(board: Board, run: Run, ledger: Ledger, at: datetime) -> None:
    """Prove, refute or reopen items by what their findings say after this run."""
    on_item: dict[int, list[Finding]] = defaultdict(list)
    for item_pk, finding_pk in board.placed:
        if board.findings[finding_pk].rule.tool != REVIEW:
            on_item[item_pk].append(board.findings[finding_pk])
    for pk, findings in on_item.items():
        if pk in board.items:
            _settle_item(board, board.items[pk], findings, run, ledger, at)


def _settle_item(board: Board, item: Item, findings: list[Finding], run: Run, ledger: Ledger, at: datetime) -> None:
    still = [f for f in findings if f.state == "open"]
    if item.settled_at is not None and item.settled_by != "attested" and still:
        ledger.update(item, settled_at=None, settled_by="", settled_commit="")
        ledger.events.append(_about(item, "came back", at, run=run, after={"commit": run.commit}))
    elif item.settled_at is None and not still and item.pk not in board.open_elsewhere:
        fields = _settled(findings, run)
        if fields:
            ledger.update(item, settled_at=at, **fields)
            ledger.events.append(_about(item, fields["settled_by"], at, run=run, after={"commit": run.commit}))
    elif item.settled_at is None and item.claimed_at and _refutes(item, run):
        ledger.update(item, refuted=item.refuted + 1, refuted_at=at)
        after = {"open": len(still), "claimed_by": item.claimed_by}
        ledger.events.append(_about(item, "refuted", at, run=run, after=after))


def _settled(findings: list[Finding], run: Run) -> dict[str, str]:
    """How an item without open findings is settled, as its fields; nothing where a report without a commit closed
    them, which the next scan proves.
    """
    proofs = [f.evidence for f in findings if f.state == "fixed" and f.evidence]
    if not proofs:
        return {"settled_by": "accepted"}
    if all(p.kind == "attested" for p in proofs):
        last = max(proofs, key=lambda p: p.pk)
        return {"settled_by": "attested", "attested_by": last.person, "attestation": last.text}
    return {"settled_by": "proven", "settled_commit": run.commit} if run.commit else {}


def _refutes(item: Item, run: Run) -> bool:
    """A scan of a commit after the claim has looked, and the claim was not refuted already."""
    fresh = item.refuted_at is None or (item.claimed_at is not None and item.refuted_at < item.claimed_at)
    return fresh and bool(run.commit) and item.claimed_at is not None and run.observed_at > item.claimed_at


def settle_review_findings(board: Board, run: Run, ledger: Ledger, at: datetime) -> None:
    """What a person described is closed when each rule linked to it saw it in the code, and sees it no more.

    Its evidence is the one that closed the last of those; it opens again with any of them. A link whose rule saw
    nothing since the person wrote leaves it open: what was never seen is never proven.
    """
    links: dict[int, list[Link]] = defaultdict(list)
    for link in board.links:
        if link.finding_id is not None and link.finding_id in board.findings:
            links[link.finding_id].append(link)
    for pk, mine in links.items():
        finding = board.findings[pk]
        # A part of the repository that another team owns is theirs to prove.
        ours = finding.component.team_id
        seen = [[f for f in board.matching(link) if ours in board.teams[f.pk]] for link in mine]
        tests = [[f for f in rows if f.present or _since(f, finding)] for rows in seen]
        still = [f for rows in tests for f in rows if f.present]
        if finding.present and all(tests) and not still:
            _close(finding, [f for rows in tests for f in rows], run, ledger, at)
        elif not finding.present and still:
            _reopen(finding, run, ledger, at)


def _since(test: Finding, finding: Finding) -> bool:
    """Whether a closed finding was still there when a person described the problem."""
    return test.fixed_at is not None and test.fixed_at >= finding.first_seen_at


def _close(finding: Finding, tests: list[Finding], run: Run, ledger: Ledger, at: datetime) -> None:
    last = max(tests, key=lambda f: (f.fixed_at or at, f.pk))
    proof = Evidence.objects.filter(pk=last.evidence_id or 0).first()
    if proof is None:
        return
    proof.pk, proof.finding, proof.at = None, finding, at
    proof._state.adding = True
    ledger.create([proof])
    ledger.update(finding, present=False, at_head=False, evidence_id=proof.pk, fixed_at=at)
    ledger.events.append(_told(finding, "closed", at, run, {"commit": proof.commit, "kind": proof.kind}))


def _reopen(finding: Finding, run: Run, ledger: Ledger, at: datetime) -> None:
    fields = {"present": True, "at_head": True, "evidence_id": None, "fixed_at": None}
    ledger.update(finding, reopened=finding.reopened + 1, reopened_at=at, **fields)
    ledger.events.append(_told(finding, "came back", at, run, {"commit": run.commit}))


def _told(finding: Finding, verb: str, at: datetime, run: Run, after: dict[str, object]) -> Event:
    return event(
        verb,
        f"finding:{finding.pk}",
        actor=MACHINE,
        label=finding.title,
        team=finding.component.team_id,
        repository=finding.repository_id,
        run=run,
        after=after,
        at=at,
    )


def _about(
    item: Item, verb: str, at: datetime, run: Run | None = None, after: dict[str, object] | None = None
) -> Event:
    return event(
        verb,
        f"item:{item.pk}",
        actor=MACHINE,
        label=item.title,
        team=item.checklist.team_id,
        run=run,
        after=after,
        at=at,
    )
