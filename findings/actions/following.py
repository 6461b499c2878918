"""Ending to follow a repository, and following it again: nothing is lost, and meanwhile nobody is shown it.

Its components go to teams that nobody sits in and that stand for their owners (`Team.aside_of`, as for a past that is
told aside). So lists, counts, grades and permissions leave it out by the one rule that they have.
"""

from django.db import transaction
from django.utils import timezone

from findings.actions.asides import stand_in
from findings.actions.repositories import mark_of_address
from findings.actions.saying import Stale
from findings.events import record
from findings.models import Component, Repository, ScanState, Team, User

NOT_FOLLOWED = "It is not followed any more."  # why what waited was not scanned; see `findings.refusals`


@transaction.atomic
def stop_following(repository: Repository, *, actor: User | str, seen: str = "") -> None:
    """No more scans and webhooks; its findings leave lists and grades. All of it is kept for `follow_again`.

    Raises `Stale` where somebody was quicker, or address, branch and name are not the ones that were `seen`.
    """
    locked = _locked(repository)
    parts = list(locked.components.select_related("team"))
    if any(part.team.aside_of_id for part in parts) or (seen and seen != mark_of_address(locked)):
        raise Stale(locked)
    owners = {part.team for part in parts}
    stands = {owner.pk: stand_in(owner, f"~left-{locked.pk}-{owner.pk}") for owner in owners}
    for part in parts:
        part.team = stands[part.team_id]
        part.save(update_fields=["team"])
    waiting = locked.scans.filter(state=ScanState.QUEUED)
    waiting.update(state=ScanState.FAILED, error=NOT_FOLLOWED, finished_at=timezone.now())
    _tell("stopped following", locked, owners, actor)


@transaction.atomic
def follow_again(repository: Repository, *, actor: User | str) -> None:
    """Give its components back to who owned them. Callers ask for a scan. Raises `Stale` where it is followed."""
    locked = _locked(repository)
    parts = list(locked.components.filter(team__aside_of__isnull=False).select_related("team__aside_of"))
    if not parts:
        raise Stale(locked)
    stands, owners = {part.team_id for part in parts}, {part.team.aside_of for part in parts if part.team.aside_of}
    for part in parts:
        Component.objects.filter(pk=part.pk).update(team=part.team.aside_of_id)
    Team.objects.filter(pk__in=stands, aside_of__isnull=False).delete()
    _tell("followed again", locked, owners, actor)


def _locked(repository: Repository) -> Repository:
    found: Repository = Repository.objects.select_for_update().get(pk=repository.pk)
    return found


def _tell(verb: str, repository: Repository, owners: set[Team], actor: User | str) -> None:
    for owner in sorted(owners, key=lambda team: team.pk):
        subject = f"repository:{repository.pk}"
        record(verb, subject, actor=actor, label=repository.name, team=owner, repository=repository)
