"""What people say of findings: verdicts, owners, dates, attestations. Human words outlive machine passes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Func
from django.utils import timezone

from findings.actions import saying
from findings.events import MACHINE, about, name_of
from findings.models import Event, Evidence, Finding, Sweep, User, Verdict

VERDICTS = ("accepted", "false_positive")
Some = Iterable[Finding | int]  # findings, or their keys


@dataclass(frozen=True, slots=True)
class Said:
    """How many findings were changed, by which sweep (0: none was kept), and how many of them wait for approval."""

    count: int
    sweep: int = 0
    asked: int = 0


def _locked(findings: Iterable[Finding]) -> list[Finding]:
    """The rows as they are now, held until the transaction ends, in one order so that two people cannot deadlock."""
    keys = [f.pk for f in findings]
    rows = Finding.objects.select_for_update(of=["self"]).select_related("component", "rule", "owner")
    return list(rows.filter(pk__in=keys).order_by("pk"))


def _save(findings: list[Finding], *fields: str) -> None:
    for f in findings:
        f.version += 1
    Finding.objects.bulk_update(findings, [*fields, "version"], batch_size=1000)


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
    """Accept findings, or call them false positives. A reason is required.

    The verdict is about the code block each has now; a scan ends it when that block changes, a day ends it at `until`.
    Where the team wants a lead's approval, one of anybody else waits for it, and the finding stays as it is.
    Raises ValueError for another word or an empty reason, `Stale` when `version` is not the row's.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict!r}")
    if not reason.strip():
        raise ValueError("a verdict needs a reason")
    keys, now = saying.hold(findings, version), timezone.now()
    sweep = _kept(keys, saying.VERDICT, actor, now, keep=keep)
    waits = saying.asking(keys, actor)
    free, asked = [key for key in keys if key not in waits], [key for key in keys if key in waits]
    after = {"reason": reason, "until": until and until.isoformat()}
    values = {"verdict": verdict, "reason": reason, "person": name_of(actor), "until": until, "at": now}
    saying.tell(free, verdict, saying.VERDICT, {"verdict": verdict} | after, actor, now)
    saying.tell(asked, f"asked {verdict}", saying.VERDICT, after, actor, now)
    saying.end(free, actor, now)
    saying.end(asked, actor, now, asked=True)
    saying.verdicts(free, asked=False, **values)
    saying.verdicts(asked, asked=True, **values)
    saying.put(free, saying.VERDICT, verdict)
    saying.touch(asked)
    return Said(len(keys), sweep, len(asked))


@transaction.atomic
def approve(findings: Some, *, actor: User | str, version: int | None = None) -> Said:
    """Let the verdicts that wait on these findings count. Callers see to it that a lead says so."""
    keys, now = _waiting(saying.hold(findings, version)), timezone.now()
    saying.tell(keys, "approved", saying.VERDICT, {}, actor, now)
    saying.approve(keys, actor, now)
    return Said(len(keys))


@transaction.atomic
def decline(findings: Some, *, actor: User | str, version: int | None = None) -> Said:
    """End the verdicts that wait on these findings: they stay as they are."""
    keys, now = _waiting(saying.hold(findings, version)), timezone.now()
    saying.tell(keys, "declined", saying.VERDICT, {}, actor, now)
    saying.end(keys, actor, now, asked=True)
    saying.touch(keys)
    return Said(len(keys))


def _waiting(keys: list[int]) -> list[int]:
    rows = Verdict.objects.filter(finding__in=keys, ended_at=None, asked=True)
    return list(rows.order_by("finding").values_list("finding_id", flat=True))


@transaction.atomic
def withdraw(findings: Some, *, actor: User | str, version: int | None = None, keep: bool = False) -> Said:
    """Take verdicts back, those that wait too: what still holds is open again."""
    held, now = saying.hold(findings, version), timezone.now()
    rows = Verdict.objects.filter(finding__in=held, ended_at=None)
    keys = list(rows.order_by("finding").values_list("finding_id", flat=True).distinct())
    sweep = _kept(keys, saying.VERDICT, actor, now, keep=keep)
    saying.tell(keys, "withdrew verdict", saying.VERDICT, {"verdict": ""}, actor, now)
    saying.end(keys, actor, now)
    saying.put(keys, saying.VERDICT, "")
    return Said(len(keys), sweep)


@transaction.atomic
def assign(
    findings: Some, owner: User | None, *, actor: User | str, version: int | None = None, keep: bool = False
) -> Said:
    """Give findings to a person, or to nobody. Callers check that the person belongs to the team."""
    after = {"owner": owner.email if owner else None}
    return _set(findings, "assigned", saying.OWNER, owner and owner.pk, after, actor, version, keep=keep)


@transaction.atomic
def set_due(
    findings: Some, due: date | None, *, actor: User | str, version: int | None = None, keep: bool = False
) -> Said:
    """Set findings' own due date; None = back to the item's or the SLA's."""
    after = {"due": due and due.isoformat()}
    return _set(findings, "set due", saying.DUE, due, after, actor, version, keep=keep)


def _set(
    findings: Some,
    verb: str,
    field: saying.Field,
    value: Any,
    after: dict[str, Any],
    actor: User | str,
    version: int | None,
    *,
    keep: bool,
) -> Said:
    keys, now = saying.hold(findings, version), timezone.now()
    sweep = _kept(keys, field, actor, now, keep=keep)
    saying.tell(keys, verb, field, after, actor, now)
    saying.put(keys, field, value)
    return Said(len(keys), sweep)


def _kept(keys: list[int], field: saying.Field, actor: User | str, at: datetime, *, keep: bool) -> int:
    return saying.keep(keys, field, actor, at) if keep and isinstance(actor, User) else 0


@transaction.atomic
def take_back(sweep: Sweep, *, actor: User) -> int:
    """Undo what a person said of many, where nobody changed the finding since. Answers how many are as they were."""
    kept = Sweep.objects.filter(pk=sweep.pk).values_list(Func("keys", function="unnest"))
    mine = Finding.objects.visible_to(actor, "member").filter(pk__in=kept)
    return saying.take_back(sweep, list(mine.values_list("pk", flat=True)), actor)


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
def take_word_back(finding: Finding, *, actor: User | str) -> None:
    """Open what a person's word closed: the word is taken back, so nothing proves it any more."""
    f = _locked([finding])[0]
    f.present, f.at_head, f.evidence, f.fixed_at = True, True, None, None
    _save([f], "present", "at_head", "evidence", "fixed_at")
    about(f, "took word back", actor=actor).save()


@transaction.atomic
def look_at(finding: Finding, *, actor: User | str) -> None:
    """A person has looked at a flapping finding: automation may go on."""
    f = _locked([finding])[0]
    f.flapping, f.reopened_at = False, None
    _save([f], "flapping", "reopened_at")
    about(f, "looked at", actor=actor).save()


def expire_verdicts(today: date) -> int:
    """End the verdicts whose term is over. Answers how many findings are open again."""
    due = Verdict.objects.filter(ended_at=None, until__lt=today)
    due.filter(asked=True).update(ended_at=timezone.now(), ended_by=MACHINE)
    return withdraw(list(due.values_list("finding_id", flat=True)), actor=MACHINE).count
