"""What a team's grade counts, made of counts: problems that nothing tells apart stand together (`Problem.n`).

Only what the counts cannot tell is asked of the findings themselves: those with dates of their own, those that no
item dates, and those that are on no item, which are named one by one.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import connection

from findings.core.types import Priority
from findings.models import Team
from remediation.clock import zone_of
from remediation.core.grading import FELT, CapName, Id, Problem, caps_of
from remediation.core.planning import DAY
from remediation.models import Item
from remediation.reads.due import clock_of
from remediation.reads.stock import PARTS, Alike, Stock

LIVE = """
SELECT r.key, one.priority, one.state, one.late, one.aged, one.items, count(*)::int
FROM (
    SELECT f.id, f.rule_id, f.priority, f.state, f.due < %(today)s AS late,
        f.first_seen_at < (%(moments)s::jsonb ->> f.priority)::timestamptz AS aged, {on} AS items
    FROM findings_finding f
    WHERE {mine} AND f.state IN ('open', 'accepted') AND ({which})
        AND f.id <> ALL (ARRAY({told}))
) one JOIN findings_rule r ON r.id = one.rule_id GROUP BY 1, 2, 3, 4, 5, 6
"""
DATED = "f.due IS NOT NULL"
ON_SOME = "f.due IS NULL AND f.id IN (SELECT finding_id FROM remediation_placement WHERE item_id = ANY (%(items)s))"
ON_NONE = """f.due IS NULL AND f.rule_id = ANY (%(rules)s)
    AND NOT EXISTS (SELECT FROM remediation_placement p WHERE p.finding_id = f.id)"""

# Open findings that nothing of the team's plan would settle, the first of each rule and priority.
LOOSE = """
SELECT r.key, one.priority, 'open', one.late, one.aged, one.items, one.id
FROM (
    SELECT f.id, f.rule_id, f.priority, f.due < %(today)s AS late,
        f.first_seen_at < (%(moments)s::jsonb ->> f.priority)::timestamptz AS aged, {on} AS items,
        row_number() OVER (PARTITION BY f.rule_id, f.priority ORDER BY f.id) AS place
    FROM findings_finding f
    WHERE {mine} AND f.state = 'open' AND f.id <> ALL (ARRAY({told}))
        AND f.rule_id IN (SELECT id FROM findings_rule WHERE key = ANY (%(rules)s))
        AND NOT EXISTS (SELECT FROM remediation_placement p JOIN remediation_item i ON i.id = p.item_id
            JOIN remediation_checklist l ON l.id = i.checklist_id
            WHERE p.finding_id = f.id AND i.settled_at IS NULL AND l.team_id = %(team)s)
) one JOIN findings_rule r ON r.id = one.rule_id WHERE one.place <= (%(felt)s::jsonb ->> one.priority)::int
"""


class Dates(NamedTuple):
    """What unsettled items say together: the first date, the first one before anybody moved it; the team's own."""

    due: date | None
    first: date | None
    owed: tuple[int, ...]


class Kind(NamedTuple):
    """What problems that stand together have in common; `early`: late by the date before anybody moved it."""

    rule: str
    priority: str
    accepted: bool
    late: bool
    early: bool
    items: tuple[int, ...]


class Way(NamedTuple):
    """How open findings of a rule are late or in time: all on these items alone, or by dates of their own."""

    rule_id: int
    items: tuple[int, ...]
    dated: bool


@dataclass(slots=True)
class Known:
    """The problems of a team; which of them each item would settle; how many there are by rule and by the cap they
    cause; and what the rules are called. `by_counts`: nothing else was asked of the database.
    Then `ways` say where the findings are, by rule, priority, and whether they are late.
    """

    problems: list[Problem] = field(default_factory=list)
    settles: dict[int, set[Id]] = field(default_factory=lambda: defaultdict(set))
    rules: Counter[str] = field(default_factory=Counter)
    caps: Counter[CapName] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    by_counts: bool = True
    ways: dict[tuple[str, str, bool], set[Way]] = field(default_factory=lambda: defaultdict(set))


@dataclass(slots=True)
class _Reader:
    """Reads the problems of a team out of its stock, as of its `today`."""

    team: Team
    mine: Sequence[int]
    today: date
    stock: Stock
    dates: dict[tuple[int, ...], Dates] = field(default_factory=dict)
    ways: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    asked: bool = False
    seen: dict[tuple[str, str, bool], set[Way]] = field(default_factory=lambda: defaultdict(set))

    def read(self) -> Known:
        """All of them."""
        counted = [one for one in self.stock.alike if one.mine and one.state in ("open", "accepted")]
        self._date({one.items for one in counted})
        kinds, unclear = Counter[Kind](), list[Alike]()
        for one in self._together(counted):
            if self._is_clear(one):
                self._add(kinds, one)
            else:
                unclear.append(one)
        for row in self._asked(unclear) if unclear else ():
            kinds[self._kind(*row[:6])] += row[6]
        known = Known(titles={one.rule: one.title for one in sorted(counted, key=lambda one: one.tool, reverse=True)})
        for number, (kind, n) in enumerate(sorted(kinds.items())):
            if n > 0:
                self._tell(known, f"kind:{number}", kind, n)
        loose = [kind.rule for kind, n in kinds.items() if n > 0 and not kind.accepted and not kind.items]
        for row in self._rows(LOOSE, rules=loose, felt=json.dumps(FELT)) if loose else ():
            known.problems.append(self._problem(row[6], self._kind(*row[:6])))
        known.by_counts, known.ways = not self.asked, self.seen
        return known

    def _together(self, counted: Iterable[Alike]) -> Iterator[Alike]:
        """Those that differ in nothing that a grade looks at, together."""
        sums = Counter[Alike]()
        for one in counted:
            sums[one._replace(marks=0, items=one.items, n=0)] += one.n
        self.ways = Counter((one.rule_id, one.priority, one.state) for one in sums if one.dated)
        yield from (one._replace(n=n) for one, n in sums.items())

    def _add(self, kinds: Counter[Kind], one: Alike) -> None:
        late = self.stock.late.get((one.rule_id, one.priority, one.state), 0) if one.dated else 0
        for is_late, n in ((True, late), (False if one.dated else None, one.n - late)):
            kind = self._kind(one.rule, one.priority, one.state, is_late, None, one.items)
            kinds[kind] += n
            if n > 0 and one.state == "open":
                way = Way(one.rule_id, () if one.dated else one.items, one.dated)
                self.seen[one.rule, one.priority, kind.late].add(way)

    def _tell(self, known: Known, name: Id, kind: Kind, n: int) -> None:
        """Add problems of a kind; loose ones are only counted here."""
        if kind.accepted or kind.items:
            known.problems.append(self._problem(name, kind, n))
        if kind.accepted:
            return
        known.rules[kind.rule] += n
        for item in kind.items:
            known.settles[item].add(name)
        for cap in caps_of(Priority(kind.priority), kind.late):
            known.caps[cap] += n

    def _problem(self, name: Id, kind: Kind, n: int = 1) -> Problem:
        """Of its dates only what they come to is known: whether they have passed."""
        due, first = (self.today - DAY if over else self.today for over in (kind.late, kind.early))
        return Problem(name, kind.rule, Priority(kind.priority), due, first, kind.accepted, n=n)

    def _asked(self, unclear: Iterable[Alike]) -> Iterator[Sequence[Any]]:
        """What the counts do not tell, counted out of the findings."""
        ways, rules = set[tuple[int, ...]](), set[int]()
        which, dated = set[str](), set[tuple[str, str, str, tuple[int, ...]]]()
        for one in unclear:
            on = one.items
            if one.dated:
                which.add(DATED)
                dated.add((one.rule, one.priority, one.state, on))
            else:
                which.add(ON_SOME if on else ON_NONE)
                ways.add(on)
                rules |= set() if on else {one.rule_id}
        items = sorted({pk for on in ways for pk in on})
        either = " OR ".join(f"({one})" for one in sorted(which))
        for row in self._rows(LIVE, either, items=items, rules=sorted(rules)):
            rule, priority, state, late, _aged, on = row[:6]
            # All that have a date of their own are read; of those that the counts tell, too.
            if tuple(on) in ways if late is None else (rule, priority, state, tuple(on)) in dated:
                yield row

    def _rows(self, statement: str, which: str = "", **values: Any) -> list[Sequence[Any]]:
        self.asked = True
        noon = datetime.combine(self.today, time(12), zone_of(self.team))
        _day, moments = clock_of(self.team, noon).bounds(self.today)
        said: dict[str, Any] = {"today": self.today, "moments": json.dumps({p: at.isoformat() for p, at in moments})}
        with connection.cursor() as cursor:
            cursor.execute(
                statement.format(which=which, **PARTS), values | said | {"team": self.team.pk, "mine": self.mine}
            )
            return list(cursor.fetchall())

    def _date(self, found: Collection[tuple[int, ...]]) -> None:
        """What the items say of each combination that there is. Those of other teams are asked for."""
        items: dict[int, Item] = self.stock.items
        strange = {pk for some in found for pk in some} - items.keys()
        owed = Item.objects.unsettled().only("due", "first_due", "settled_at")
        others = owed.in_bulk(strange) if strange else {}
        self.asked |= bool(strange)
        for some in found:
            still = [one for pk in some if (one := items.get(pk) or others.get(pk)) and one.settled_at is None]
            self.dates[some] = Dates(
                min((one.due for one in still if one.due), default=None),
                min((one.first_due for one in still if one.first_due), default=None),
                tuple(one.pk for one in still if one.pk in items),
            )

    def _is_clear(self, one: Alike) -> bool:
        """Whether its items say when it first was due, and when it is; or it is known how many of its kind are late."""
        found = self.dates[one.items]
        if one.dated:
            return found.first is not None and self.ways[one.rule_id, one.priority, one.state] == 1
        return found.first is not None and found.due is not None

    def _kind(
        self, rule: str, priority: str, state: str, late: bool | None, aged: bool | None, on: Iterable[int]
    ) -> Kind:
        """`late` by its own date, if it has one; `aged`: by the date of the SLA, where no other one counts."""
        items = tuple(on)
        if items not in self.dates:
            self._date([items])
        due, first, owed = self.dates[items]
        by_item = bool(aged) if due is None else due < self.today
        is_late = by_item if late is None else late
        early = bool(aged) if first is None else first < self.today
        return Kind(rule, priority, state == "accepted", is_late, is_late or early, owed)


def known_of(team: Team, mine: Sequence[int], today: date, stock: Stock) -> Known:
    """The problems of a team, which owns the components `mine`, out of its whole stock; at most three statements."""
    return _Reader(team, mine, today, stock).read()
