"""The one road from an observation to a finding: start a run, plan it, apply it; or preview, then accept or drop."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.utils import timezone

from findings.actions import bulk, drafts
from findings.actions.drafts import Plan as Plan
from findings.actions.known import Book, Ground, ground_of, load, owners, speakable
from findings.actions.ledger import Ledger
from findings.actions.unchanged import recognise
from findings.actions.writing import Writer
from findings.core import serial
from findings.core.tracking import health, track
from findings.core.types import Batch, Coverage, Drift, Grounds, Reason, Tracked
from findings.events import event, name_of, record
from findings.models import Draft, Repository, Rule, Run, RunState, Scan, ScanState, User

KEEP = timedelta(days=7)


class Moved(Exception):
    """What a person was shown is no longer what accepting would do."""


def receive_report(
    repository: Repository,
    batch: Batch,
    *,
    kind: str,
    actor: User | str,
    file_name: str,
    file_hash: str,
    at: datetime,
    scan: Scan | None = None,
) -> Run:
    """The rows for a report that somebody handed in. Its scan is over at once, unless a worker reads it for one."""
    now = timezone.now()
    scan = scan or Scan.objects.create(
        repository=repository,
        kind=kind,
        state=ScanState.DONE,
        commit=batch.commit,
        actor=name_of(actor),
        finished_at=now,
    )
    return start_run(scan, batch, actor=actor, at=at, file_name=file_name[:300], file_hash=file_hash)


def start_run(
    scan: Scan, batch: Batch, *, actor: User | str, at: datetime, file_name: str = "", file_hash: str = ""
) -> Run:
    """The row for what one tool said; nothing else is written yet."""
    upsert_rules(batch)
    run = new_run(scan, batch, actor=actor, at=at, file_name=file_name, file_hash=file_hash)
    run.save(force_insert=True)
    return run


def new_run(
    scan: Scan, batch: Batch, *, actor: User | str, at: datetime, file_name: str = "", file_hash: str = ""
) -> Run:
    """The row for what one tool said, not saved."""
    return Run(
        scan=scan,
        repository=scan.repository,
        tool=batch.tool,
        category=batch.category,
        tool_version=batch.tool_version,
        branch=batch.branch,
        commit=batch.commit,
        file_name=file_name,
        file_hash=file_hash,
        coverage=serial.dump_coverage(batch.coverage),
        observed_at=at,
        actor=name_of(actor),
    )


def fail_run(scan: Scan, tool: str, category: str, why: str, *, actor: User | str, commit: str, at: datetime) -> Run:
    """The row for a tool that could not say anything: it closes nothing, and its page says why. No secrets in `why`."""
    nothing = Batch(tool=tool, category=category, commit=commit, coverage=Coverage(complete=False))
    run = start_run(scan, nothing, actor=actor, at=at)
    run.state, run.reason = RunState.FAILED, why[:500]
    run.save(update_fields=["state", "reason"])
    return run


def upsert_rules(batch: Batch) -> None:
    """Know every rule the batch speaks of; a tool's newer words about a rule win."""
    named = {r.key: r for r in batch.rules}
    rows = [
        Rule(
            tool=batch.tool,
            key=r.key,
            title=r.title,
            priority=r.priority,
            proof=r.proof,
            help=r.help,
            version=r.version,
        )
        for r in named.values()
    ]
    unnamed = {o.rule: o.priority for o in batch.observations if o.rule not in named}
    columns = ("key", "title", "priority", "proof", "help", "version")
    told = set(Rule.objects.filter(tool=batch.tool, key__in=[*named, *unnamed]).values_list(*columns))
    known = {key for key, *_ in told}
    Rule.objects.bulk_create(
        [row for row in rows if tuple(getattr(row, name) for name in columns) not in told],
        update_conflicts=True,
        unique_fields=["tool", "key"],
        update_fields=columns[1:],
    )
    fresh = [Rule(tool=batch.tool, key=key, title=key, priority=p) for key, p in unnamed.items() if key not in known]
    Rule.objects.bulk_create(fresh, ignore_conflicts=True)


def make_plan(run: Run, batch: Batch, drift: Drift | None = None) -> Plan:
    """What this batch would do. Reads only; call it under the repository's lock to apply it."""
    if (drift and (drift.lines or drift.renames)) or not all(one.at_head for one in batch.observations):
        book = load(run)
        batch = replace(batch, observations=speakable(batch.observations, book))
        return Plan(book, batch, track(book.known(), batch.observations, batch.coverage, drift or Drift()))
    found = recognise(run, batch.observations, owners(run.repository_id)[0])
    tracked = track(found.book.known(), batch.observations, batch.coverage, words=found.words)
    matches = sorted([*found.matches, *tracked.matches], key=attrgetter("seen"))
    return Plan(found.book, batch, replace(tracked, matches=tuple(matches)))


def judge_health(run: Run, plan: Plan, explained: Container[int]) -> str:
    """Why the closings of this plan must wait for a person (a `Hold`), "" when they need not."""
    rules_before = None
    if any(absence.reason == Reason.RULE_GONE for absence in plan.tracked.kept):
        scope = Run.objects.filter(repository=run.repository_id, tool=run.tool, category=run.category)
        before = scope.filter(state=RunState.APPLIED).first()
        rules = before.coverage.get("rules") if before else None
        rules_before = None if rules is None else frozenset(rules)
    known, batch = plan.book.known(), plan.batch
    others = len(plan.book.same)
    return health(known, batch.observations, plan.tracked, batch.coverage, explained, rules_before, others).value


@bulk.steady_memory()
def apply(run: Run, plan: Plan, *, actor: User | str, at: datetime, flush: bool = True) -> Ledger:
    """Write a plan: what is new, what came back, what moved, and what is closed with grounds.

    Call inside the transaction that holds `lock(repository)`. A closing without grounds is not written. Answers the
    ledger, so that the human half can add what follows to the same run; without `flush` it has to write it, too.
    """
    ledger, waited = Ledger(run, again=run.applied_at is not None), run.payload is not None
    carry(run, plan, ledger, ground_of(run.repository_id, run.tool), actor=actor, at=at)
    run.save(update_fields=["state", "reason", "applied_at", "counts", "payload", "expires_at"])
    if plan.held:
        drafts.keep(run, plan, mark="")  # what it added is known by now, so its plan will be another one
    elif waited:
        Draft.objects.filter(run=run).delete()
    ledger.save()
    if flush:
        ledger.flush()
    return ledger


def carry(run: Run, plan: Plan, ledger: Ledger, ground: Ground, *, actor: User | str, at: datetime) -> None:
    """Put into the ledger what a plan changes, and into the run what came of it."""
    writer = Writer(run, plan.book, plan.batch, ledger, ground, at=at, actor=name_of(actor))
    matches = writer.open(plan.tracked)
    writer.add(plan.tracked.new)
    writer.match(matches, plan.grounds)
    writer.end(plan.tracked.ended)
    writer.keep(plan.tracked.kept)
    if not plan.held:
        writer.close(plan.tracked.closed, plan.grounds)
    run.state = RunState.HELD if plan.held else RunState.APPLIED
    run.reason, run.applied_at = plan.held, timezone.now()
    run.counts = writer.counts | {name: plan.counts[name] for name in ("again", "kept")}
    run.payload = {} if plan.held else None
    run.expires_at = timezone.now() + KEEP if plan.held else None
    ledger.events.append(
        event(
            "held" if plan.held else "applied",
            f"run:{run.pk}",
            actor=actor,
            label=str(run),
            team=writer.owner("").team_id,
            repository=run.repository_id,
            run=run,
            after=run.counts,
            at=at,
        )
    )


def lock(repository: Repository) -> Repository:
    """Hold the repository's row until the transaction ends: two batches of one repository take turns. Answers it as it
    is now.
    """
    return Repository.objects.select_for_update().get(pk=repository.pk)


def upload_grounds(run: Run, tracked: Tracked) -> dict[int, Grounds]:
    """For a report: the file that no longer names them is the evidence."""
    return {finding: Grounds(kind="upload", commit=run.commit, file_hash=run.file_hash) for finding in tracked.closed}


@bulk.steady_memory()
def take(run: Run, batch: Batch, *, actor: User | str, flush: bool = True) -> Ledger:
    """Plan a report and apply it at once, where nobody wants to look at it before. Call inside the transaction that
    holds `lock(repository)`; `flush` as for `apply`.
    """
    return apply(run, plan_upload(run, batch), actor=actor, at=run.observed_at, flush=flush)


@transaction.atomic
def preview(run: Run, batch: Batch) -> Plan:
    """Plan a report and keep it, redacted, until a person accepts or drops it."""
    return keep_plan(run, batch)


@bulk.steady_memory()
def keep_plan(run: Run, batch: Batch) -> Plan:
    """As `preview`, in the caller's transaction."""
    mark = drafts.mark_of(run)
    plan = plan_upload(run, batch)
    digest = drafts.keep(run, replace(plan, grounds={}), mark)
    run.state, run.payload, run.counts = RunState.PREVIEW, {}, plan.counts | {"plan": digest}
    run.reason, run.expires_at = plan.held, timezone.now() + KEEP
    run.save(update_fields=["state", "payload", "counts", "reason", "expires_at"])
    return plan


def plan_upload(run: Run, batch: Batch) -> Plan:
    """The plan of a report, with its grounds, and whether it must be held."""
    plan = make_plan(run, batch)
    return replace(plan, grounds=upload_grounds(run, plan.tracked), held=judge_health(run, plan, frozenset()))


def waiting(run: Run) -> Plan:
    """What a waiting run would do now, as far as it changes anything, and some of what stays as it is. Reads only."""
    draft = run.draft
    batch = serial.unpack(draft.seen)
    if draft.mark != drafts.mark_of(run):
        return plan_upload(run, batch)
    kept = drafts.read(draft.plan)
    return Plan(Book(), batch, kept.tracked, upload_grounds(run, kept.tracked), kept.held, kept.tally)


def _to_apply(run: Run) -> Plan:
    """The plan of a waiting run: as it was shown where nothing changed since, else made anew. Raises `Moved`."""
    draft = run.draft
    kept, mark = drafts.read(draft.plan), drafts.mark_of(run)
    if draft.mark == mark:
        batch = serial.unpack(draft.seen) if kept.needs_batch else Batch(run.tool, run.category, commit=run.commit)
        tracked = kept.applying()
        return Plan(Book(), batch, tracked, upload_grounds(run, tracked), kept.held, kept.tally)
    plan = plan_upload(run, serial.unpack(draft.seen))
    if run.state == RunState.HELD:
        return replace(plan, grounds=kept.grounds)
    if drafts.digest(drafts.pack(run, replace(plan, grounds={}))) != run.counts.get("plan"):
        raise Moved("the findings changed since this preview was made")
    return plan


@transaction.atomic
def accept(run: Run, *, actor: User | str, anyway: bool = False) -> Ledger:
    """Apply what the preview showed, or the closings of a held run (`anyway`).

    Raises `Moved` when the plan is another one by now (the run then shows the new plan), ValueError when the run does
    not wait for anybody.
    """
    return carry_out(run, actor=actor, anyway=anyway)


@bulk.steady_memory()
def carry_out(run: Run, *, actor: User | str, anyway: bool = False, flush: bool = True) -> Ledger:
    """As `accept`, in the caller's transaction; `flush` as for `apply`."""
    run = _held(run)
    if run.state not in (RunState.PREVIEW, RunState.HELD) or run.payload is None:
        raise ValueError(f"run {run.pk} is {run.state}; there is nothing to accept")
    plan = _to_apply(run)
    if anyway:
        plan = replace(plan, held="")
    return apply(run, plan, actor=actor, at=run.observed_at, flush=flush)


@transaction.atomic
def renew(run: Run) -> None:
    """Take what a waiting report would do now as what its preview shows: after `Moved`, before the next look."""
    run = _held(run)
    if run.state != RunState.PREVIEW or run.payload is None:
        return
    mark = drafts.mark_of(run)
    plan = plan_upload(run, serial.unpack(run.draft.seen))
    digest = drafts.keep(run, replace(plan, grounds={}), mark, seen=False)
    run.counts, run.reason = plan.counts | {"plan": digest}, plan.held
    run.save(update_fields=["counts", "reason"])


@transaction.atomic
def drop(run: Run, *, actor: User | str) -> None:
    """Throw away what waits: a preview leaves nothing, a held run keeps what it added and closes nothing."""
    run = _held(run)
    if run.state not in (RunState.PREVIEW, RunState.HELD):
        raise ValueError(f"run {run.pk} is {run.state}; there is nothing to drop")
    run.state = RunState.REFUSED if run.state == RunState.PREVIEW else RunState.APPLIED
    run.payload = run.expires_at = None
    run.save(update_fields=["state", "payload", "expires_at"])
    Draft.objects.filter(run=run).delete()
    record("dropped", f"run:{run.pk}", actor=actor, label=str(run), repository=run.repository_id, run=run)


def _held(run: Run) -> Run:
    """The run as it is now, held until the transaction ends: its repository first, as everybody does."""
    lock(run.repository)
    return Run.objects.select_for_update(of=["self"]).select_related("repository", "scan", "draft").get(pk=run.pk)
