"""What people say of findings, one or many, in the same few statements however many there are; and how it is taken
back.

Rows never leave the database. Use inside a transaction; callers hold the repositories where plans follow.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from findings.events import name_of
from findings.models import Finding, Sweep, User, Verdict


class Stale(Exception):
    """Somebody changed the row since the person loaded it; `row` is as it is now."""

    def __init__(self, row: Any) -> None:
        self.row = row
        super().__init__(f"{row} was changed meanwhile")


@dataclass(frozen=True, slots=True)
class Field:
    """What people may set of a finding: its name in the log, column and type; `was` = how the log tells the old
    value.
    """

    name: str
    column: str
    kind: str
    was: str


VERDICT = Field("verdict", "verdict", "text", "f.verdict")
OWNER = Field("owner", "owner_id", "bigint", "u.email")
DUE = Field("due", "due", "date", "f.due::text")
FIELDS = {field.name: field for field in (VERDICT, OWNER, DUE)}

ABOUT = """FROM findings_finding f JOIN findings_component c ON c.id = f.component_id
LEFT JOIN findings_user u ON u.id = f.owner_id WHERE f.id = ANY (%(keys)s)"""
HOLD = "SELECT id, version FROM findings_finding WHERE id = ANY (%(keys)s) ORDER BY id FOR UPDATE"
TELL = """
INSERT INTO findings_event (at, actor, verb, subject, label, before, after, team_ref, repository_ref)
SELECT %(at)s, %(actor)s, %(verb)s, 'finding:' || f.id, left(f.title, 300), jsonb_build_object(%(name)s::text, {was}),
    %(after)s::jsonb, c.team_id, f.repository_id {about} ORDER BY f.id
"""
KEEP = """
INSERT INTO findings_sweep (user_id, field, at, keys, versions, befores)
SELECT %(user)s, %(name)s, %(at)s, array_agg(f.id ORDER BY f.id), array_agg(f.version + 1 ORDER BY f.id),
    array_agg(f.{column}::text ORDER BY f.id) {about} HAVING count(*) > 0 RETURNING id
"""
CHANGE = "UPDATE findings_finding SET {column} = %(value)s, version = version + 1 WHERE id = ANY (%(keys)s)"
TOUCH = "UPDATE findings_finding SET version = version + 1 WHERE id = ANY (%(keys)s)"


def hold(findings: Iterable[Finding | int], version: int | None = None) -> list[int]:
    """Keys of the rows there still are, held until the transaction ends, in one order so that two people cannot
    deadlock. Raises `Stale` when `version` is not the first one's.
    """
    rows = run(HOLD, keys=[f if isinstance(f, int) else f.pk for f in findings])
    if version is not None and rows and rows[0][1] != version:
        raise Stale(Finding.objects.select_related("component", "rule", "owner").get(pk=rows[0][0]))
    return [key for key, _ in rows]


def tell(
    keys: Sequence[int], verb: str, field: Field, after: Mapping[str, Any], actor: User | str, at: datetime
) -> None:
    """An event about each finding; call it before the change, whose `before` it reads."""
    text = json.dumps(dict(after))
    values = {"keys": keys, "verb": verb, "name": field.name, "after": text, "actor": name_of(actor)[:200], "at": at}
    run(TELL.format(was=field.was, about=ABOUT), **values)


def keep(keys: Sequence[int], field: Field, user: User, at: datetime) -> int:
    """Remember how these findings are before a change, so that its person can take it back. Their last one is
    forgotten.
    """
    Sweep.objects.filter(user=user).delete()
    rows = run(KEEP.format(column=field.column, about=ABOUT), keys=keys, user=user.pk, name=field.name, at=at)
    return int(rows[0][0]) if rows else 0


def put(keys: Sequence[int], field: Field, value: Any) -> None:
    """Set a field of findings."""
    run(CHANGE.format(column=field.column), keys=keys, value=value)


def touch(keys: Sequence[int]) -> None:
    """Let a second editor notice, where what changed is beside the finding."""
    run(TOUCH, keys=keys)


# Verdicts

SAY = """
INSERT INTO findings_verdict (finding_id, verdict, reason, person, block_hash, until, asked, at, ended_by)
SELECT f.id, %(verdict)s, %(reason)s, %(person)s, coalesce((
    SELECT o.block_hash FROM findings_occurrence o WHERE o.finding_id = f.id AND o.to_run_id IS NULL
    ORDER BY o.path, o.line LIMIT 1
), ''), %(until)s, %(asked)s, %(at)s, '' FROM findings_finding f WHERE f.id = ANY (%(keys)s)
"""
ASKING = """
SELECT f.id FROM findings_finding f JOIN findings_component c ON c.id = f.component_id
JOIN findings_team t ON t.id = c.team_id WHERE f.id = ANY (%(keys)s) AND t.approval AND NOT t.id = ANY (%(led)s)
"""
END = """
UPDATE findings_verdict SET ended_at = %(now)s, ended_by = %(by)s
WHERE finding_id = ANY (%(keys)s) AND ended_at IS NULL AND (%(asked)s::boolean IS NULL OR asked = %(asked)s)
"""
APPROVE = """
UPDATE findings_finding f SET verdict = v.verdict, version = version + 1 FROM findings_verdict v
WHERE v.finding_id = f.id AND f.id = ANY (%(keys)s) AND v.asked AND v.ended_at IS NULL
"""


def asking(keys: Sequence[int], actor: User | str) -> set[int]:
    """Those whose team wants a lead's approval, which this person cannot give."""
    led = actor.memberships.filter(role="lead").values_list("team_id", flat=True) if isinstance(actor, User) else ()
    return {key for (key,) in run(ASKING, keys=keys, led=list(led))}


def verdicts(keys: Collection[int], **values: Any) -> None:
    """A verdict on each finding, about the block of code it has now."""
    if keys:
        run(SAY, keys=list(keys), **values)


def end(keys: Collection[int], actor: User | str, now: datetime, *, asked: bool | None = None) -> None:
    """End the verdicts of these findings: those that wait (`asked`), those in force, or both."""
    if keys:
        run(END, keys=list(keys), now=now, by=name_of(actor), asked=asked)


def approve(keys: Sequence[int], actor: User | str, at: datetime) -> None:
    """What was asked for is in force."""
    end(keys, actor, at, asked=False)
    run(APPROVE, keys=keys)
    Verdict.objects.filter(finding__in=keys, ended_at=None, asked=True).update(asked=False)


# Taking it back

AGAIN = """
UPDATE findings_verdict SET ended_at = NULL, ended_by = '' WHERE finding_id = ANY (%(keys)s) AND ended_at = %(at)s
"""
RESTORE = """
UPDATE findings_finding f SET {column} = k.before::{kind}, version = version + 1
FROM unnest(%(keys)s::bigint[], %(befores)s::text[]) k (id, before) WHERE f.id = k.id
"""


def take_back(sweep: Sweep, keys: Sequence[int], actor: User) -> int:
    """Make those of `keys` as they were that nobody changed since. Answers how many."""
    left = {key: (version, was) for key, version, was in zip(sweep.keys, sweep.versions, sweep.befores, strict=True)}
    rows, field, now = run(HOLD, keys=keys), FIELDS[sweep.field], timezone.now()
    found = [key for key, version in rows if left[key][0] == version]
    befores = [left[key][1] for key in found]
    tell(found, "took back", field, {}, actor, now)
    if field is VERDICT:
        end(found, actor, now)
        run(AGAIN, keys=found, at=sweep.at)
    run(RESTORE.format(column=field.column, kind=field.kind), keys=found, befores=befores)
    sweep.delete()
    return len(found)


def run(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """One statement; its rows, where it answers any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {name: _written(value) for name, value in values.items()})
        return cursor.fetchall() if cursor.description else []


def _written(value: Any) -> Any:
    """Keys as the text of an array, which the column that they are compared with gives its type: psycopg asks each of
    them by itself how it is written, which for ten thousand takes as long as the database does.
    """
    if isinstance(value, list) and value and all(one.__class__ is int for one in value):
        return f"{{{','.join(map(str, value))}}}"
    return value
