"""What waits for a person: a batch and what it would do, packed, and whether that is still true.

A plan is kept without what it leaves alone (but for a few rows to show), so that accepting it costs what it changes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db import connection

from findings.actions.known import Book, owners
from findings.core import serial
from findings.core.types import Batch, Grounds, Reason, Tracked
from findings.models import Draft, Run

SHOWN = 300  # matches that change nothing and are kept all the same, for people to look at

# Whatever a plan is made from has its part in this: findings, what was done to them by whom, and who owns which path.
MARK = """
SELECT
  (SELECT concat_ws(',', count(*), sum(f.version), max(f.id)) FROM findings_finding f
    WHERE f.repository_id = %(repository)s AND f.category = %(category)s
      AND f.rule_id = ANY(ARRAY(SELECT id FROM findings_rule WHERE tool = %(tool)s))),
  (SELECT concat_ws(',', count(*), count(*) FILTER (WHERE state = 'undone'), max(applied_at), max(id)) FROM findings_run
    WHERE repository_id = %(repository)s AND category = %(category)s AND tool = %(tool)s
      AND state IN ('applied', 'held', 'undone')),
  (SELECT string_agg(concat_ws(',', id, team_id, is_default, position, paths), ';' ORDER BY id) FROM findings_component
    WHERE repository_id = %(repository)s)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch would do to what is known. `held` says why nothing may close ("" = it may).

    `tally` is given where `tracked` does not mention all that stays as it is (see `Kept`).
    """

    book: Book
    batch: Batch
    tracked: Tracked
    grounds: Mapping[int, Grounds] = field(default_factory=dict)
    held: str = ""
    tally: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings meet which fate."""
        if self.tally:
            return dict(self.tally)
        seen = {m.finding for m in self.tracked.matches}
        back = {m.finding for m in self.tracked.matches if m.regression}
        moved = {m.finding for m in self.tracked.matches if m.elsewhere}
        reasons = list(self.tracked.closed.values())
        return {
            "new": len(self.tracked.new),
            "again": len(seen - back),
            "moved": len(moved - back),
            "back": len(back),
            "fixed": reasons.count(Reason.FIXED),
            "deleted": reasons.count(Reason.CODE_DELETED),
            "kept": len({a.finding for a in self.tracked.kept}),
            "ambiguous": len({m.finding for m in self.tracked.matches if m.ambiguous}),
        }


def mark_of(run: Run) -> str:
    """The same text as long as nothing changed that a plan of this run depends on. Ask before the plan is made."""
    scope: dict[str, str | int] = {"repository": run.repository_id, "category": run.category, "tool": run.tool}
    with connection.cursor() as cursor:
        cursor.execute(MARK, scope)
        return hashlib.sha256(repr(cursor.fetchone()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan out of a draft. `changing` of its matches change something, and come first."""

    tracked: Tracked
    grounds: Mapping[int, Grounds]
    tally: Mapping[str, int]
    held: str
    changing: int

    @property
    def needs_batch(self) -> bool:
        """Whether it cannot be applied without looking at what was seen."""
        return bool(self.tracked.new) or self.changing > 0

    def applying(self) -> Tracked:
        """What is to be written, without what is only shown."""
        return replace(self.tracked, matches=self.tracked.matches[: self.changing])


def pack(run: Run, plan: Plan) -> bytes:
    """A plan without what it leaves alone."""
    owner = plan.book.owner or owners(run.repository_id)[0]
    changed = plan.book.differing(plan.tracked.matches, plan.batch.observations, owner)
    changing = [m for m in plan.tracked.matches if m.finding in changed]
    others = list(islice((m for m in plan.tracked.matches if m.finding not in changed), SHOWN))
    kept = plan.book.carried(plan.tracked.kept)
    lean = replace(
        plan.tracked,
        matches=(*changing, *others),
        kept=tuple(absence for absence in plan.tracked.kept if absence.finding in kept),
    )
    return serial.pack_plan(lean, plan.grounds, counts=plan.counts, held=plan.held, changing=len(changing))


def keep(run: Run, plan: Plan, mark: str, *, seen: bool = True) -> str:
    """Write the draft of a run, or its new plan only (`seen` false). Answers the digest of the plan, equal for equal
    plans: a person accepts exactly what the preview showed.
    """
    packed = pack(run, plan)
    if seen:
        fields = {"seen": serial.pack(plan.batch), "plan": packed, "mark": mark}
        Draft.objects.bulk_create(
            [Draft(run=run, **fields)], update_conflicts=True, unique_fields=["run"], update_fields=list(fields)
        )
    else:
        Draft.objects.filter(run=run).update(plan=packed, mark=mark)
    return digest(packed)


def digest(packed: bytes) -> str:
    """A short name of a packed plan."""
    return hashlib.sha256(packed).hexdigest()


def read(packed: bytes | memoryview) -> Kept:
    """The plan that `pack` was given."""
    tracked, grounds, more = serial.unpack_plan(packed)
    return Kept(tracked, grounds, more["counts"], more["held"], more["changing"])
