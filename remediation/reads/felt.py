"""Which findings a team's grade is made of, by name. The counts say how many of each kind cost anything; only so many
are read, the first of each kind.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from findings.core.types import Priority
from remediation.core.grading import FELT, LATE_WEIGHTS, TENTH, WEIGHTS, Cap, Grade, Part, caps_of, grade, tenths_at
from remediation.reads.bunches import Known, Way
from remediation.reads.problems import Fact, named_problems
from remediation.reads.stock import PARTS
from remediation.reads.team import Standing

# A row for each way to be of a class: the first findings of an item, those on several items where they are on just
# these; then those with dates of their own; then what else is to be told of.
FIRST = """
WITH found AS MATERIALIZED (
    SELECT k.class, f.id, f.priority, f.state, coalesce(f.reopened_at >= %(since)s, false) AS back
    FROM unnest(%(classes)s::int[], %(on)s::text[], %(shared)s::boolean[], %(rules)s::bigint[], %(priorities)s::text[],
        %(most)s::int[]) k (class, on_these, shared, rule, priority, most)
    CROSS JOIN LATERAL (
        SELECT f.* FROM remediation_placement p JOIN findings_finding f ON f.id = p.finding_id
        WHERE p.item_id = (k.on_these::bigint[])[1] AND f.rule_id = k.rule AND f.priority = k.priority
            AND f.state = 'open' AND f.due IS NULL AND {mine} AND f.id <> ALL (ARRAY({told}))
            AND (NOT k.shared OR {on} = k.on_these::bigint[])
        ORDER BY p.finding_id LIMIT k.most
    ) f
    UNION ALL
    SELECT k.class, f.id, f.priority, f.state, f.back
    FROM unnest(%(dated)s::int[], %(dated_rules)s::bigint[], %(dated_priorities)s::text[], %(late)s::boolean[],
        %(dated_most)s::int[]) k (class, rule, priority, late, most)
    JOIN (
        SELECT f.id, f.rule_id, f.priority, f.state, f.due < %(today)s AS late,
            coalesce(f.reopened_at >= %(since)s, false) AS back,
            row_number() OVER (PARTITION BY f.rule_id, f.priority, f.due < %(today)s ORDER BY f.id) AS place
        FROM findings_finding f
        WHERE f.due IS NOT NULL AND f.state = 'open' AND f.priority = ANY (%(dated_priorities)s::text[])
            AND f.rule_id = ANY (%(dated_rules)s::bigint[]) AND {mine} AND f.id <> ALL (ARRAY({told}))
    ) f ON (f.rule_id, f.priority, f.late) = (k.rule, k.priority, k.late) AND f.place <= k.most
)
SELECT * FROM found
UNION ALL
SELECT NULL, id, priority, state, coalesce(reopened_at >= %(since)s, false) FROM findings_finding
WHERE id = ANY (ARRAY(SELECT unnest(%(known)s::bigint[]) EXCEPT SELECT id FROM found))
"""


@dataclass(frozen=True, slots=True)
class Class:
    """Findings of a rule that cost the same: so many (`n`), from a rank on, of which the first `most` are asked for."""

    rule: str
    priority: Priority
    late: bool
    n: int
    rank: int
    most: int

    @property
    def cost(self) -> int:
        """Of one of them at full, in tenths."""
        return (LATE_WEIGHTS if self.late else WEIGHTS)[self.priority]


def felt(
    s: Standing, known: Collection[int] = (), since: datetime | None = None, *, capping: bool = False
) -> tuple[Grade, dict[int, Fact]]:
    """The standing's grade with its parts by finding, and what there is to say of these findings and of those that are
    `known`; `capping`: its caps by finding, too. What costs nothing is left out. `since`: what came back from then on
    did so lately.
    """
    if not s.known.by_counts:
        return _read_all(s, known, since)
    classes = _classes(s, capping)
    rows = _read(s, classes, known, since)
    keys: dict[int, list[int]] = defaultdict(list)
    for number, key, *_said in rows:
        if number is not None:
            keys[number].append(key)
    first = [(one, sorted(keys[number])[: one.most]) for number, one in enumerate(classes)]
    parts = [part for one, some in first for part in _parts(one, some) if part.points]
    parts.sort(key=lambda p: (-p.points, p.rule, p.rank))
    floor = [part for part in s.grade.parts if part.problem is None]
    caps = tuple(_cap(cap, first) for cap in s.grade.caps)
    facts = {key: Fact(priority, state, back) for _number, key, priority, state, back in rows}
    return replace(s.grade, parts=(*parts, *floor), caps=caps), facts


def _read_all(s: Standing, known: Collection[int], since: datetime | None) -> tuple[Grade, dict[int, Fact]]:
    """Where the counts do not tell what is late: out of each finding."""
    found, facts = named_problems(s.team, s.today, known, since)
    return grade(found.problems, today=s.today, scanned=s.owned.scanned), facts


def _classes(s: Standing, capping: bool) -> list[Class]:
    """Those of which anything is asked."""
    many = {p.id: p.n for p in s.problems}
    sums: dict[tuple[str, Priority, bool], tuple[int, int]] = {}
    for part in s.grade.parts:
        if part.problem is not None and part.priority is not None:
            key = part.rule, part.priority, part.overdue
            n, rank = sums.get(key, (0, part.rank))
            sums[key] = n + many[part.problem], min(rank, part.rank)
    found = []
    for (rule, priority, late), (n, rank) in sums.items():
        one = Class(rule, priority, late, n, rank, 0)
        last = FELT[priority] if capping and caps_of(priority, late) else 2 * one.cost - rank + 1
        if last > 0:
            found.append(replace(one, most=min(n, last)))
    return found


def _read(
    s: Standing, classes: list[Class], known: Collection[int], since: datetime | None
) -> list[tuple[int | None, int, str, str, bool]]:
    ways = [(n, one, way) for n, one in enumerate(classes) for way in _ways(s.known, one)]
    on, dated = [row for row in ways if not row[2].dated], [row for row in ways if row[2].dated]
    sets: dict[int, set[tuple[int, ...]]] = defaultdict(set)
    for alike in s.stock.alike:
        for item in alike.items:
            sets[item].add(alike.items)
    values: dict[str, Any] = {
        "since": since,
        "today": s.today,
        "mine": s.owned.components,
        "known": list(known),
        "classes": [n for n, _one, _way in on],
        "on": ["{" + ",".join(map(str, way.items)) + "}" for _n, _one, way in on],
        "shared": [len(sets[way.items[0]]) > 1 for _n, _one, way in on],
        "rules": [way.rule_id for _n, _one, way in on],
        "priorities": [str(one.priority) for _n, one, _way in on],
        "most": [one.most for _n, one, _way in on],
        "dated": [n for n, _one, _way in dated],
        "dated_rules": [way.rule_id for _n, _one, way in dated],
        "dated_priorities": [str(one.priority) for _n, one, _way in dated],
        "late": [one.late for _n, one, _way in dated],
        "dated_most": [one.most for _n, one, _way in dated],
    }
    with connection.cursor() as cursor:
        cursor.execute(FIRST.format(**PARTS), values)
        return list(cursor.fetchall())


def _ways(known: Known, one: Class) -> Iterable[Way]:
    return sorted(known.ways[one.rule, str(one.priority), one.late])


def _parts(one: Class, keys: Iterable[int]) -> Iterable[Part]:
    for rank, key in enumerate(keys, one.rank):
        yield Part(key, one.rule, one.priority, one.late, rank, tenths_at(one.cost, rank) * TENTH)


def _cap(cap: Cap, first: Iterable[tuple[Class, list[int]]]) -> Cap:
    causes = (key for one, keys in first if cap.name in caps_of(one.priority, one.late) for key in keys)
    return replace(cap, problems=tuple(sorted(causes)))
