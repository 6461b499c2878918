"""Which rules test an item of a review, or what it describes: changed by a person after it was accepted, and judged
anew at once.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from findings.actions import batches
from findings.actions.saying import hold
from findings.core.rules import RULES, TOOL
from findings.core.types import Batch
from findings.events import about, record
from findings.models import Finding, Rule, User
from remediation.actions.board import Board, load
from remediation.actions.figures import SCANNED
from remediation.actions.follow import judge
from remediation.actions.items import locked
from remediation.actions.settling import proves
from remediation.core.types import LinkProposal
from remediation.models import Item, Link, Placement

OPEN_AGAIN: dict[str, Any] = {"settled_by": "", "settled_at": None, "settled_commit": ""}
UNPROVEN: dict[str, Any] = {"present": True, "at_head": True, "evidence": None, "fixed_at": None}


@transaction.atomic
def relink(
    item: Item,
    links: Iterable[LinkProposal],
    *,
    actor: User | str,
    at: datetime | None = None,
    version: int | None = None,
) -> None:
    """Let these rules and paths test an item of a review, and no others; the last scan is judged by them at once.

    What only a rule proved that no longer tests it leaves the item, and with the last of it a proof goes, too.
    """
    review = item.checklist.review
    if review is None:
        raise ValueError(gettext_noop("an item of the standing list is tested by its own rule"))
    repository, moment = review.repository, at or timezone.now()
    batches.lock(repository)
    row = locked(item, version)
    if row.settled_at is not None and row.successors.exists():
        raise ValueError(gettext_noop("another item follows this one; change what tests that one"))
    before, after = _replace({"item": row}, links)
    if before == after:
        return
    board = load(repository)
    left = _leave(row, board)
    over = row.settled_by in ("proven", "accepted") and (not left or _more(row, board))
    if over:
        for name, value in OPEN_AGAIN.items():
            setattr(row, name, value)
            setattr(board.items[row.pk], name, value)
    row.version = board.items[row.pk].version = row.version + 1
    row.save(update_fields=[*OPEN_AGAIN, "version"])
    record(
        "relinked",
        f"item:{row.pk}",
        actor=actor,
        label=row.title,
        team=row.checklist.team_id,
        before={"links": before},
        after={"links": after, "open": over},
        at=moment,
    )
    judge(board, moment)


@transaction.atomic
def relink_described(
    finding: Finding,
    links: Iterable[LinkProposal],
    *,
    actor: User | str,
    at: datetime | None = None,
    version: int | None = None,
) -> None:
    """Let these rules and paths test what a person described, and no others; the last scan is judged by them at once. A
    proof that they do not give goes, but for a person's word. Raises `Stale` where somebody was quicker.
    """
    repository, moment = finding.repository, at or timezone.now()
    batches.lock(repository)
    hold([finding], version)
    row = Finding.objects.select_related("component", "rule", "evidence").get(pk=finding.pk)
    before, after = _replace({"finding": row}, links)
    if before == after:
        return
    board = load(repository)
    mine = [link for link in board.links if link.finding_id == row.pk]
    kept = row.present or (row.evidence and row.evidence.kind == "attested") or proves(board, row, mine)
    if not kept:
        for name, value in UNPROVEN.items():
            setattr(row, name, value)
        board.described[row.pk] = row
    row.version += 1
    row.save(update_fields=[*UNPROVEN, "version"])
    after_all = {"links": after, "open": not kept}
    told = about(row, "relinked", actor=actor, before={"links": before}, after=after_all, at=moment)
    told.save(force_insert=True)
    judge(board, moment)


def _replace(end: dict[str, Any], links: Iterable[LinkProposal]) -> tuple[list[list[str]], list[list[str]]]:
    """Make the links that are missing and delete the others, of an item or a finding (`end`). Answers rule and scope of
    each, before and after.
    """
    wanted = {(k.rule, k.scope): k for k in links if k.rule in RULES}
    old = {(k.rule.key, k.scope): k for k in Link.objects.filter(**end).select_related("rule")}
    batches.upsert_rules(Batch(tool=TOOL, rules=tuple(RULES[key] for key in sorted({key for key, _ in wanted}))))
    rules = {rule.key: rule for rule in Rule.objects.filter(tool=TOOL, key__in={key for key, _ in wanted})}
    Link.objects.filter(pk__in=[link.pk for key, link in old.items() if key not in wanted]).delete()
    Link.objects.bulk_create(
        Link(rule=rules[k.rule], scope=k.scope, why=k.why[:300], confidence=k.confidence, **end)
        for key, k in wanted.items()
        if key not in old
    )
    return sorted(map(list, old)), sorted(map(list, wanted))


def _leave(item: Item, board: Board) -> set[int]:
    """Take the scanned findings off an item of which no link speaks any more. Answers those that stay."""
    spoken = {f.pk for link in board.links if link.item_id == item.pk for f in board.matching(link)}
    rows = Placement.objects.filter(SCANNED, item=item)
    there = set(rows.values_list("finding_id", flat=True))
    rows.exclude(finding__in=spoken).delete()
    board.placed -= {(item.pk, finding) for finding in there - spoken}
    return there & spoken


def _more(item: Item, board: Board) -> bool:
    """Whether a link speaks of something open that is not on the item."""
    team = item.checklist.team_id
    found = (f for link in board.links if link.item_id == item.pk for f in board.matching(link))
    return any(f.state == "open" and team in board.teams[f.pk] and (item.pk, f.pk) not in board.placed for f in found)
