"""What people say of findings, and what follows for the items those are on, in one transaction."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from findings import actions
from findings.models import Finding, Repository, User
from remediation.actions.follow import settle_now


def _hold(findings: Sequence[Finding]) -> None:
    """Hold the repositories until the transaction ends, before any finding: in this order batches do it, too."""
    touched = {f.repository_id for f in findings}
    list(Repository.objects.select_for_update().filter(pk__in=touched).order_by("pk"))


def _follow(findings: Sequence[Finding]) -> None:
    touched = {f.repository_id for f in findings}
    for repository in Repository.objects.filter(pk__in=touched).order_by("pk"):
        settle_now(repository, at=timezone.now())


@transaction.atomic
def decide(
    findings: Sequence[Finding],
    verdict: str,
    *,
    actor: User | str,
    reason: str,
    until: date | None = None,
    version: int | None = None,
) -> int:
    """See `findings.actions.decide`; items whose findings are all decided are settled by that."""
    _hold(findings)
    count = actions.decide(findings, verdict, actor=actor, reason=reason, until=until, version=version)
    _follow(findings)
    return count


@transaction.atomic
def withdraw(findings: Sequence[Finding], *, actor: User | str, version: int | None = None) -> int:
    """See `findings.actions.withdraw`; items that a verdict settled are open again."""
    _hold(findings)
    count = actions.withdraw(findings, actor=actor, version=version)
    _follow(findings)
    return count


@transaction.atomic
def attest(finding: Finding, text: str, *, actor: User | str) -> bool:
    """See `findings.actions.attest`; an item whose last finding that was is settled by it."""
    _hold([finding])
    closed = actions.attest(finding, text, actor=actor)
    _follow([finding])
    return closed


@transaction.atomic
def tell_apart(finding: Finding, other: Finding | None, *, actor: User | str, version: int | None = None) -> None:
    """See `findings.actions.tell_apart`; None = it is the same. Items follow what is open and closed by that."""
    _hold([finding])
    if other is None:
        actions.same(finding, actor=actor, version=version)
        return
    actions.tell_apart(finding, other, actor=actor, version=version)
    _follow([finding])
