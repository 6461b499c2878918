"""What people say of findings, and what follows for the items those are on, in one transaction."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from findings import actions
from findings.actions.saying import run
from findings.actions.triage import Said
from findings.events import name_of
from findings.models import Finding, Repository, Sweep, User
from remediation.actions.follow import settle_now
from remediation.actions.items import did_it, has_another
from remediation.models import Item

TOUCHED = "SELECT DISTINCT repository_id FROM findings_finding WHERE id = ANY (%(keys)s)"
Some = Iterable[Finding | int]  # findings, or their keys


def _hold(findings: Some) -> tuple[list[int], list[Repository]]:
    """Hold the repositories until the transaction ends, before any finding: in this order batches do it, too. Answers
    the keys of the findings, and the repositories.
    """
    keys = [f if isinstance(f, int) else f.pk for f in findings]
    touched = [repository for (repository,) in run(TOUCHED, keys=keys)]
    return keys, list(Repository.objects.select_for_update().filter(pk__in=touched).order_by("pk"))


def _follow(repositories: Iterable[Repository]) -> None:
    for repository in repositories:
        settle_now(repository, at=timezone.now())


@transaction.atomic
def decide(
    findings: Some,
    verdict: str,
    *,
    actor: User | str,
    reason: str,
    until: date | None = None,
    version: int | None = None,
    keep: bool = False,
) -> Said:
    """See `findings.actions.decide`; items whose findings are all decided are settled by that."""
    keys, held = _hold(findings)
    said = actions.decide(keys, verdict, actor=actor, reason=reason, until=until, version=version, keep=keep)
    _follow(held if said.asked < said.count else ())
    return said


@transaction.atomic
def withdraw(findings: Some, *, actor: User | str, version: int | None = None, keep: bool = False) -> Said:
    """See `findings.actions.withdraw`; items that a verdict settled are open again."""
    keys, held = _hold(findings)
    said = actions.withdraw(keys, actor=actor, version=version, keep=keep)
    _follow(held)
    return said


@transaction.atomic
def approve(findings: Some, *, actor: User | str, version: int | None = None) -> Said:
    """See `findings.actions.approve`; items whose findings are all decided are settled by that."""
    keys, held = _hold(findings)
    said = actions.approve(keys, actor=actor, version=version)
    _follow(held)
    return said


@transaction.atomic
def take_back(sweep: Sweep, *, actor: User) -> int:
    """See `findings.actions.take_back`; items follow."""
    _keys, held = _hold(sweep.keys)
    count = actions.take_back(sweep, actor=actor)
    _follow(held if sweep.field == "verdict" else ())
    return count


def needs_another(finding: Finding, actor: User | str) -> bool:
    """Whether somebody else has to attest this finding: it is a P0, and who asks owns it, or says that they did (else
    is to do) an item that it is on, while its team has another person who may.
    """
    if finding.priority != "P0":
        return False
    doing = Item.objects.filter(placements__finding=finding, settled_at=None).select_related("owner")
    theirs = {finding.owner.email if finding.owner else "", *map(did_it, doing)}
    return name_of(actor) in theirs and has_another(finding.component.team_id, actor)


@transaction.atomic
def attest(finding: Finding, text: str, *, actor: User | str) -> bool:
    """See `findings.actions.attest`; an item whose last finding that was is settled by it. Raises ValueError, too, for
    a P0 that somebody else has to attest.
    """
    _keys, held = _hold([finding])
    if needs_another(finding, actor):
        raise ValueError(gettext_noop("a P0 is attested by somebody else than who did it"))
    closed = actions.attest(finding, text, actor=actor)
    _follow(held)
    return closed


@transaction.atomic
def tell_apart(finding: Finding, other: Finding | None, *, actor: User | str, version: int | None = None) -> None:
    """See `findings.actions.tell_apart`; None = it is the same. Items follow what is open and closed by that."""
    _keys, held = _hold([finding])
    if other is None:
        actions.same(finding, actor=actor, version=version)
        return
    actions.tell_apart(finding, other, actor=actor, version=version)
    _follow(held)
