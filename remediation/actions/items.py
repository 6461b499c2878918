"""What people say of items: owner, due date, claim, attestation."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from findings.actions.saying import Stale
from findings.actions.triage import attest
from findings.events import name_of, record
from findings.models import Membership, User
from findings.querysets import at_least
from remediation.actions.described import close_with, open_with
from remediation.models import Item, Phase


def locked(item: Item, version: int | None) -> Item:
    """The row as it is now, held until the transaction ends. Raises `Stale` when it is not the version seen."""
    row: Item = (
        Item.objects.select_for_update(of=["self"]).select_related("checklist", "owner", "phase").get(pk=item.pk)
    )
    if version is not None and row.version != version:
        raise Stale(row)
    return row


def _write(
    item: Item, verb: str, *, actor: User | str, why: str = "", at: datetime | None = None, **fields: Any
) -> None:
    before = {name: _word(getattr(item, name)) for name in fields}
    for name, value in fields.items():
        setattr(item, name, value)
    item.version += 1
    item.save(update_fields=[*fields, "version"])
    after = {name: _word(value) for name, value in fields.items()} | ({"why": why} if why else {})
    record(
        verb,
        f"item:{item.pk}",
        actor=actor,
        label=item.title,
        team=item.checklist.team_id,
        before=before,
        after=after,
        at=at,
    )


def _word(value: Any) -> Any:
    return value.email if isinstance(value, User) else value if value is None or isinstance(value, int) else str(value)


@transaction.atomic
def give(
    item: Item, owner: User | None, *, actor: User | str, at: datetime | None = None, version: int | None = None
) -> None:
    """Make a person the owner of an item, or nobody. Callers check that the person belongs to the team."""
    _write(locked(item, version), "assigned", actor=actor, at=at, owner=owner)


@transaction.atomic
def reschedule(
    item: Item,
    due: date | None,
    *,
    actor: User | str,
    why: str = "",
    phase: Phase | None = None,
    version: int | None = None,
) -> None:
    """Move an item's due date, and the item into another phase of its checklist; the first date stays known."""
    row = locked(item, version)
    if row.settled_at is not None:
        raise ValueError(gettext_noop("this item is settled already"))
    if phase is not None and phase.checklist_id != row.checklist_id:
        raise ValueError(gettext_noop("that phase belongs to another checklist"))
    moved: dict[str, Any] = {} if phase is None or phase.pk == row.phase_id else {"phase": phase}
    _write(row, "set due", actor=actor, why=why, due=due, **moved)


@transaction.atomic
def move(
    item: Item, phase: str, due: date | None, *, actor: User | str, why: str = "", version: int | None = None
) -> None:
    """Move an item to a day, and into the phase of this key ("" = where it is). Its checklist gets that phase where
    only another one of the team has it.
    """
    target = phase_of(item, phase) if phase else None
    reschedule(item, due, actor=actor, why=why, phase=target, version=version)


def phase_of(item: Item, key: str) -> Phase:
    """The phase of this key in the item's checklist. Raises ValueError for a key that no plan of the team knows."""
    checklist = item.checklist
    model = Phase.objects.filter(checklist__team=checklist.team_id, key=key).order_by("position", "pk").first()
    if model is None:
        raise ValueError(gettext_noop("there is no such phase"))
    fields = {"title": model.title, "position": model.position, "starts": model.starts, "due": model.due}
    return Phase.objects.get_or_create(checklist=checklist, key=key, defaults=fields)[0]


@transaction.atomic
def explain(item: Item, why: str, *, actor: User | str, version: int | None = None) -> None:
    """Say why an item was moved, after the fact."""
    _write(locked(item, version), "explained", actor=actor, why=why)


@transaction.atomic
def claim(item: Item, *, actor: User | str, at: datetime | None = None, version: int | None = None) -> None:
    """A person says that an item is done. The next scan proves it, or refutes it."""
    row = locked(item, version)
    if row.settled_at is not None:
        raise ValueError(gettext_noop("this item is settled already"))
    now = at or timezone.now()
    _write(row, "claimed", actor=actor, at=now, claimed_by=name_of(actor), claimed_at=now)


@transaction.atomic
def unclaim(item: Item, *, actor: User | str, version: int | None = None) -> None:
    """Take a claim back."""
    _write(locked(item, version), "withdrew claim", actor=actor, claimed_by="", claimed_at=None)


def needs_another(item: Item, actor: User | str) -> bool:
    """Whether somebody else has to attest this item: it is a P0, and the one who asks says that they did it (its
    claimant, else its owner), while the team has another person who may.
    """
    return item.priority == "P0" and did_it(item) == name_of(actor) and has_another(item.checklist.team_id, actor)


def did_it(item: Item) -> str:
    """Who says that they did an item, else who is to do it; "" for nobody."""
    return item.claimed_by or (item.owner.email if item.owner else "")


def has_another(team: int, actor: User | str) -> bool:
    """Whether a team has another person who may attest."""
    people = Membership.objects.people().filter(team=team, role__in=at_least("member"), user__is_active=True)
    return people.exclude(user__email=name_of(actor)).exists()


@transaction.atomic
def attest_item(
    item: Item, text: str, *, actor: User | str, at: datetime | None = None, version: int | None = None
) -> bool:
    """A person's word, with a link or text, for what no scan can see. Raises ValueError where a scan can, and for a P0
    that somebody else has to attest.

    The open secrets on the item are said to be rotated by the same word, and what a review described on it is closed
    by it. Answers whether the item is settled: with a secret that is still in the code it stays open.
    """
    row, now = locked(item, version), at or timezone.now()
    if not text.strip():
        raise ValueError(gettext_noop("an attestation needs a link or a text that says what was done"))
    if row.settled_at is not None:
        raise ValueError(gettext_noop("this item is settled already"))
    if needs_another(row, actor):
        raise ValueError(gettext_noop("a P0 is attested by somebody else than who did it"))
    seen = row.findings.exclude(rule__tool="review").filter(state="open")
    if seen.exclude(rule__proof="history").exists():
        raise ValueError(gettext_noop("scans see open findings on this item; it is proven when they are gone"))
    left = [f for f in seen.order_by("pk") if not attest(f, text, actor=actor, at=now)]
    if left:
        _write(row, "rotated", actor=actor, at=now, why=text)
        return False
    fields: dict[str, Any] = {
        "attested_by": name_of(actor),
        "attestation": text,
        "settled_by": "attested",
        "settled_at": now,
    }
    _write(row, "attested", actor=actor, at=now, **fields)
    close_with(row, text, actor=actor, at=now)
    return True


@transaction.atomic
def reopen(item: Item, *, actor: User | str, version: int | None = None) -> None:
    """Take an attestation back, and with it what it closed."""
    row = locked(item, version)
    if row.settled_by != "attested":
        raise ValueError(gettext_noop("only an attested item is reopened by hand"))
    open_with(row, actor=actor)
    _write(row, "reopened", actor=actor, settled_by="", settled_at=None, attested_by="", attestation="")
