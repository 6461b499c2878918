"""What people say of findings: verdicts, owners, dates, attestations. Human words outlive machine passes."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from findings.events import MACHINE, about, name_of
from findings.models import Event, Evidence, Finding, Occurrence, User, Verdict

VERDICTS = ("accepted", "false_positive")


class Stale(Exception):
    """Somebody changed the row since the person loaded it; `row` is as it is now."""

    def __init__(self, row: Any) -> None:
        self.row = row
        super().__init__(f"{row} was changed meanwhile")


def _locked(findings: Iterable[Finding], version: int | None = None) -> list[Finding]:
    """The rows as they are now, held until the transaction ends, in one order so that two people cannot deadlock."""
    keys = [f.pk for f in findings]
    rows = Finding.objects.select_for_update(of=["self"]).select_related("component", "rule", "owner")
    locked = list(rows.filter(pk__in=keys).order_by("pk"))
    if version is not None and locked and locked[0].version != version:
        raise Stale(locked[0])
    return locked


def _save(findings: list[Finding], *fields: str) -> None:
    for f in findings:
        f.version += 1
    Finding.objects.bulk_update(findings, [*fields, "version"], batch_size=1000)


@transaction.atomic
def decide(
    findings: Iterable[Finding],
    verdict: str,
    *,
    actor: User | str,
    reason: str,
    until: date | None = None,
    version: int | None = None,
) -> int:
    """Accept findings, or call them false positives. Answers how many. A reason is required.

    The verdict is about the code block each has now; a scan ends it when that block changes, a day ends it at `until`.
    Raises ValueError for another word or an empty reason, `Stale` when `version` is not the row's.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict!r}")
    if not reason.strip():
        raise ValueError("a verdict needs a reason")
    rows, now = _locked(findings, version), timezone.now()
    Verdict.objects.filter(finding__in=rows, ended_at=None).update(ended_at=now, ended_by=name_of(actor))
    blocks = _blocks(rows)
    Verdict.objects.bulk_create(
        Verdict(
            finding=f,
            verdict=verdict,
            reason=reason,
            person=name_of(actor),
            block_hash=blocks.get(f.pk, ""),
            until=until,
            at=now,
        )
        for f in rows
    )
    log = _changes(rows, verdict, {"verdict": verdict}, actor, {"reason": reason, "until": until and until.isoformat()})
    _save(rows, "verdict")
    Event.objects.bulk_create(log)
    return len(rows)


def _blocks(findings: list[Finding]) -> dict[int, str]:
    places = Occurrence.objects.filter(finding__in=findings, to_run=None)
    return dict(places.order_by("finding_id", "-path", "-line").values_list("finding_id", "block_hash"))


@transaction.atomic
def withdraw(findings: Iterable[Finding], *, actor: User | str, version: int | None = None) -> int:
    """Take verdicts back: what still holds is open again. Answers how many."""
    rows = [f for f in _locked(findings, version) if f.verdict]
    Verdict.objects.filter(finding__in=rows, ended_at=None).update(ended_at=timezone.now(), ended_by=name_of(actor))
    log = _changes(rows, "withdrew verdict", {"verdict": ""}, actor)
    _save(rows, "verdict")
    Event.objects.bulk_create(log)
    return len(rows)


@transaction.atomic
def assign(findings: Iterable[Finding], owner: User | None, *, actor: User | str, version: int | None = None) -> int:
    """Give findings to a person, or to nobody. Callers check that the person belongs to the team."""
    rows = _locked(findings, version)
    log = _changes(rows, "assigned", {"owner": owner}, actor)
    _save(rows, "owner")
    Event.objects.bulk_create(log)
    return len(rows)


@transaction.atomic
def set_due(findings: Iterable[Finding], due: date | None, *, actor: User | str, version: int | None = None) -> int:
    """Set findings' own due date; None = back to the item's or the SLA's."""
    rows = _locked(findings, version)
    log = _changes(rows, "set due", {"due": due}, actor)
    _save(rows, "due")
    Event.objects.bulk_create(log)
    return len(rows)


@transaction.atomic
def attest(finding: Finding, text: str, *, actor: User | str, at: datetime | None = None) -> bool:
    """A person's word, with a link or text, for what no scan sees: a rotated secret, or a point a review made.

    Says whether it closed: a secret that is still in the code stays open as "rotated, still in code". Raises
    ValueError for an empty text and for findings that a scan proves.
    """
    if not text.strip():
        raise ValueError("an attestation needs a link or a text that says what was done")
    f = _locked([finding])[0]
    if f.rule.proof == "tree":
        raise ValueError("a scan proves this one; it closes by itself when the code is fixed")
    now = at or timezone.now()
    proof = Evidence.objects.create(finding=f, closes=True, kind="attested", person=name_of(actor), text=text, at=now)
    f.rotated = f.rule.proof == "history"
    closes = f.rule.proof != "history" or not f.at_head
    if closes:
        f.present, f.at_head, f.evidence, f.fixed_at = False, False, proof, now
        f.in_history = f.rule.proof == "history"
    _save([f], "rotated", "present", "at_head", "in_history", "evidence", "fixed_at")
    log = [about(f, "attested", actor=actor, after={"closed": closes}, at=now)]
    if closes:
        log.append(about(f, "closed", actor=actor, after={"kind": "attested"}, at=now))
    Event.objects.bulk_create(log)
    return closes


@transaction.atomic
def look_at(finding: Finding, *, actor: User | str) -> None:
    """A person has looked at a flapping finding: automation may go on."""
    f = _locked([finding])[0]
    f.flapping, f.reopened_at = False, None
    _save([f], "flapping", "reopened_at")
    about(f, "looked at", actor=actor).save()


def expire_verdicts(today: date) -> int:
    """End the verdicts whose term is over. Answers how many findings are open again."""
    due = Verdict.objects.filter(ended_at=None, until__lt=today).select_related("finding")
    return withdraw([v.finding for v in due], actor=MACHINE)


def _changes(
    rows: list[Finding], verb: str, fields: dict[str, Any], actor: User | str, extra: dict[str, Any] | None = None
) -> list[Event]:
    """Set the fields on every row, and tell the log what they were."""
    log = []
    for f in rows:
        before = {name: _word(getattr(f, name)) for name in fields}
        for name, value in fields.items():
            setattr(f, name, value)
        after = {name: _word(value) for name, value in fields.items()} | (extra or {})
        log.append(about(f, verb, actor=actor, before=before, after=after))
    return log


def _word(value: Any) -> str | None:
    return None if value is None else value.email if isinstance(value, User) else str(value)
