"""Proof: items are proven, refuted or reopened by what their findings say, and so is what a person described."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from findings.actions.ledger import Ledger
from findings.events import MACHINE, about, event
from findings.models import Event, Evidence, Finding, Run
from remediation.actions.board import Board, Seen
from remediation.models import Item, Link

Fields = dict[str, str]


def settle(board: Board, run: Run, ledger: Ledger, at: datetime) -> None:
    """Prove, refute or reopen items by what their findings say after this run."""
    still = board.figures.still(board.items)
    over = [pk for pk, n in still.items() if not n and board.items[pk].settled_at is None]
    elsewhere = board.figures.elsewhere(over)
    ways = _ways(board, [pk for pk in over if pk not in elsewhere], run)
    for pk, n in sorted(still.items()):
        _settle_item(board.items[pk], n, ways, run, ledger, at)


def _settle_item(item: Item, n: int, ways: Mapping[int, Fields], run: Run, ledger: Ledger, at: datetime) -> None:
    if item.settled_at is not None and item.settled_by != "attested" and n:
        # Who claimed it was right then; the next claim is another one.
        ledger.update(item, settled_at=None, settled_by="", settled_commit="", claimed_by="", claimed_at=None)
        ledger.events.append(about_item(item, "came back", at, run=run, after={"commit": run.commit}))
    elif fields := ways.get(item.pk):
        ledger.update(item, settled_at=at, **fields)
        ledger.events.append(about_item(item, fields["settled_by"], at, run=run, after={"commit": run.commit}))
    elif n and item.settled_at is None and item.claimed_at and _refutes(item, run):
        ledger.update(item, refuted=item.refuted + 1, refuted_at=at)
        after = {"open": n, "claimed_by": item.claimed_by}
        ledger.events.append(about_item(item, "refuted", at, run=run, after=after))


def _ways(board: Board, items: list[int], run: Run) -> dict[int, Fields]:
    """How items without open findings are settled, as their fields; none for one whose findings were closed by a report
    without a commit, which the next scan proves.
    """
    found = board.figures.proofs(items)
    last = {proof for n, vows, proof in found.values() if n == vows}
    vows = Evidence.objects.in_bulk(last) if last else {}
    ways: dict[int, Fields] = {}
    for pk in items:
        n, vowed, proof = found.get(pk, (0, 0, 0))
        if not n:
            ways[pk] = {"settled_by": "accepted"}
        elif n == vowed:
            by = vows[proof]
            ways[pk] = {"settled_by": "attested", "attested_by": by.person, "attestation": by.text}
        elif run.commit:
            ways[pk] = {"settled_by": "proven", "settled_commit": run.commit}
    return ways


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
        if link.finding_id is not None and link.finding_id in board.described:
            links[link.finding_id].append(link)
    for pk, mine in links.items():
        finding = board.described[pk]
        tests = _tests(board, finding, mine)
        still = [f for rows in tests for f in rows if f.present]
        if finding.present and all(tests) and not still:
            _close(finding, [f for rows in tests for f in rows], run, ledger, at)
        elif not finding.present and still:
            _reopen(finding, run, ledger, at)


def _tests(board: Board, finding: Finding, links: list[Link]) -> list[list[Seen]]:
    """What each of these links saw of a described problem, now or since it was written down."""
    # A part of the repository that another team owns is theirs to prove.
    ours = finding.component.team_id
    seen = [[f for f in board.matching(link) if ours in board.teams[f.pk]] for link in links]
    return [[f for f in rows if f.present or _since(f, finding)] for rows in seen]


def proves(board: Board, finding: Finding, links: list[Link]) -> bool:
    """Whether these links prove that a described problem is gone: each saw it, and none sees it any more."""
    tests = _tests(board, finding, links)
    return bool(tests) and all(tests) and not any(f.present for rows in tests for f in rows)


def _since(test: Seen, finding: Finding) -> bool:
    """Whether a closed finding was still there when a person described the problem."""
    return test.fixed_at is not None and test.fixed_at >= finding.first_seen_at


def _close(finding: Finding, tests: list[Seen], run: Run, ledger: Ledger, at: datetime) -> None:
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
    return about(finding, verb, actor=MACHINE, run=run, after=after, at=at)


def about_item(
    item: Item, verb: str, at: datetime, run: Run | None = None, after: dict[str, object] | None = None
) -> Event:
    """An unsaved event of the machine's about an item."""
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
