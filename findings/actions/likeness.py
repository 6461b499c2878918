"""Findings that looked alike when their code moved, and the person who says which of them is which.

Tracking takes the nearest of several equal places and marks it. A person's answer is remembered in the places
themselves: the next scan compares with what the person made of them.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Abs
from django.utils.translation import gettext_noop

from findings.actions.ledger import Ledger
from findings.actions.saying import Stale
from findings.events import about
from findings.models import Evidence, Finding, Occurrence, User

OFFERED = 8  # places that a person can compare
PLACE = (
    "component_id", "path", "line", "end_line", "message", "at_head", "commit", "line_hash", "block_hash", "shape",
    "tool_id", "partial", "excerpt", "excerpt_line", "properties", "to_run_id", "said",
)  # fmt: skip
FATE = ("message", "priority", "properties", "present", "at_head", "fixed_at", "said")


def unsure(finding: Finding) -> Occurrence | None:
    """The place that may belong to another finding. One with a key is named by that, and never in doubt."""
    if finding.key or not finding.present:
        return None
    places: QuerySet[Occurrence] = finding.occurrences.filter(to_run=None, ambiguous=True)
    return places.order_by("path", "line", "id").first()


def alike(place: Occurrence) -> list[Occurrence]:
    """The places that `place` could be mistaken for: the latest one of each other finding of its rule with the same
    text (without text, the same kind of message), those of its own file first, then the nearest; `OFFERED` at most.
    """
    said = Q(line_hash=place.line_hash) if place.line_hash else Q(shape=place.shape)
    finding = place.finding
    scope = Occurrence.objects.filter(
        said,
        finding__repository=finding.repository_id,
        finding__rule=finding.rule_id,
        finding__category=finding.category,
        finding__key="",
        component=place.component_id,
    ).exclude(finding=finding)
    latest = scope.order_by("finding_id", F("to_run").desc(nulls_first=True), "-id").distinct("finding_id")
    near = Occurrence.objects.filter(pk__in=latest.values("pk")).annotate(
        away=Abs(F("line") - Value(place.line)), elsewhere=~Q(path=place.path)
    )
    return list(near.select_related("finding").order_by("elsewhere", "away", "finding_id")[:OFFERED])


@transaction.atomic
def same(finding: Finding, *, actor: User | str, version: int | None = None) -> None:
    """It is what tracking took it for. Raises `Stale`, and ValueError where nothing is in doubt."""
    locked = _locked([finding], version)
    place = _doubtful(locked[finding.pk])
    ledger = Ledger(None)
    ledger.update(place, ambiguous=False)
    ledger.events.append(about(locked[finding.pk], "same", actor=actor, after=_where(place)))
    ledger.flush()


@transaction.atomic
def tell_apart(finding: Finding, other: Finding, *, actor: User | str, version: int | None = None) -> None:
    """What stands at the finding's doubtful place is `other`: the two exchange places, and what follows from them.

    Words of people (verdict, owner, due date) stay with their finding. Where the other one had been closed, it is open
    again and the evidence closes this one: the batch saw that one of the two was gone, a person says which.
    Raises `Stale`, and ValueError where nothing is in doubt or the two are not alike.
    """
    locked = _locked([finding, other], version, first=finding)
    one = locked[finding.pk]
    place = _doubtful(one)
    rival = next((row for row in alike(place) if row.finding_id == other.pk), None)
    if rival is None:
        raise ValueError(gettext_noop("This one stands for something else by now. Look again."))
    two = rival.finding = locked[other.pk]
    ledger = Ledger(None)
    _exchange(ledger, place, rival, PLACE)
    proof = two.evidence
    _exchange(ledger, one, two, FATE)
    closing = Evidence.objects.create(**_copied(proof, one)) if proof else None
    ledger.update(one, evidence_id=closing and closing.pk)
    ledger.update(two, evidence_id=None)
    for row in (place, rival):
        ledger.update(row, ambiguous=False)
    ledger.events += [
        about(one, "told apart", actor=actor, after=_where(place) | {"other": two.pk, "closed": not one.present}),
        about(two, "told apart", actor=actor, after=_where(rival) | {"other": one.pk, "closed": not two.present}),
    ]
    ledger.flush()


def _locked(findings: list[Finding], version: int | None, first: Finding | None = None) -> dict[int, Finding]:
    """The rows as they are now, held in one order; `version` is of the `first`."""
    rows = Finding.objects.select_for_update(of=["self"]).select_related("component", "rule", "evidence")
    locked = {f.pk: f for f in rows.filter(pk__in=[f.pk for f in findings]).order_by("pk")}
    asked = locked[(first or findings[0]).pk]
    if version is not None and asked.version != version:
        raise Stale(asked)
    return locked


def _doubtful(finding: Finding) -> Occurrence:
    place = unsure(finding)
    if place is None:
        raise ValueError(gettext_noop("Nothing is in doubt here any more."))
    place.finding = finding
    return place


def _exchange(ledger: Ledger, one: Any, two: Any, names: tuple[str, ...]) -> None:
    first, second = ({name: getattr(row, name) for name in names} for row in (one, two))
    ledger.update(one, **second)
    ledger.update(two, **first)


def _copied(proof: Evidence, finding: Finding) -> dict[str, Any]:
    """The fields of an evidence, said of another finding."""
    fields = {f.attname: getattr(proof, f.attname) for f in proof._meta.concrete_fields if not f.primary_key}
    return fields | {"finding_id": finding.pk}


def _where(place: Occurrence) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}
