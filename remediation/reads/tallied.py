"""What the menus of the triage table count where the tally knows all that the filter asks for: no finding is looked at,
but where a date of its own, a day or a question to a lead decides.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import IntegerField
from django.db.models.expressions import Expression

from findings.models import Team
from findings.steady import steady
from remediation.forms.filters import AGES, ANY, NOBODY, Filter, Reader
from remediation.reads import counting
from remediation.reads.counting import Statement
from remediation.reads.due import late_in
from remediation.reads.late import aged, dated
from remediation.reads.looked import looked_at
from remediation.reads.matching import end_of_week, matching, people_of, waiting
from remediation.reads.summed import MARKED, Counts, sums, values_of

KNOWN = ("back", "flapping", "history", "untriaged")  # marks that the tally tells
ASKED = ("asked", "told")  # marks that only findings themselves do
NEAR = 5_000  # findings of other teams in which shared ones are looked for
MANY = 10_000  # findings of which the newest are soon found by their day
UNKNOWN = ("q", "path", "due", "age", "older")

YOUNG = "SELECT {columns} FROM ({newest}) newest"
SHARED = """ARRAY(SELECT near.id FROM (
    SELECT id FROM findings_finding WHERE component_id = ANY (%s) AND key <> '' LIMIT %s
) near WHERE EXISTS (
    SELECT FROM findings_occurrence o WHERE o.finding_id = near.id AND o.to_run_id IS NULL AND o.component_id = ANY (%s)
))"""


def knows(chosen: Filter) -> bool:
    """Whether the tally tells all that a filter asks for."""
    return not any(getattr(chosen, name) for name in UNKNOWN) and set(chosen.mark) <= set(KNOWN)


# How many a filter lets through, by what the tally's own columns tell; of plans only where a finding is on one item.
SUM = "SELECT coalesce(sum(n), 0)::bigint FROM remediation_tally WHERE component_id = ANY (%(own)s) AND {fits}"
OWED = """SELECT i.id FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
    WHERE i.settled_at IS NULL AND l.team_id = ANY (%(teams)s)"""
# "IS TRUE", or the planner would go through the items for each row of the tally instead of hashing them.
ON_ONE = f"cardinality(items) = 1 AND (items[1] IN ({OWED} AND {{which}})) IS TRUE"
NOBODYS = f"""(owner_id IS NULL AND CASE WHEN cardinality(items) < 2
    THEN (items[1] IN ({OWED} AND i.owner_id IS NOT NULL)) IS NOT TRUE
    ELSE NOT items && ARRAY({OWED} AND i.owner_id IS NOT NULL) END)"""
LEAST = "SELECT coalesce(nullif(greatest(({least}), {cap}), {cap}), ({few}))"
FITS = {
    "priority": "priority = ANY (%(priority)s)",
    "state": "(%(any)s OR state = ANY (%(state)s))",
    "rule": "rule_id IN (SELECT id FROM findings_rule WHERE key = ANY (%(rule)s))",
    "tool": "rule_id IN (SELECT id FROM findings_rule WHERE tool = ANY (%(tool)s))",
    "repository": "component_id = ANY (%(inside)s)",
    "kind": "kind = ANY (%(kind)s)",
    "owner": "(owner_id = ANY (%(owners)s) OR owner_id IS NULL AND "
    + ON_ONE.format(which="i.owner_id = ANY (%(owners)s)")
    + f" OR %(nobody)s AND {NOBODYS})",
}
LATE = {
    "overdue": "state = 'open' AND NOT dated AND " + ON_ONE.format(which="i.due < ALL (%(today)s)"),
    "week": "state = 'open' AND NOT dated AND " + ON_ONE.format(which="i.due < ALL (%(monday)s)"),
}
NAMED = re.compile(r"%\((\w+)\)s")

# Of which rules a filter may let findings through; none where these are nearly all, as that spares nothing.
RULES = """
SELECT CASE WHEN 4 * count(*) FILTER (WHERE meant) <= 3 * count(*)
    THEN array_agg(rule_id) FILTER (WHERE meant) || 0::bigint END
FROM (
    SELECT rule_id, bool_or({fits}) AS meant FROM remediation_tally WHERE component_id = ANY (%(seen)s) GROUP BY rule_id
) rules
"""
BY_RULE = ("rule", "tool", "kind", "priority", "mark")  # what narrows the rules that are left


class Told(Expression):
    """A number that a statement of ours tells, as a column."""

    def __init__(self, statement: str, values: Sequence[Any]) -> None:
        super().__init__(output_field=IntegerField())
        self.statement, self.values = statement, values

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The statement in brackets, with its values."""
        return f"({self.statement})", self.values


def total(chosen: Filter, who: Reader, found: Statement, *, known: bool = False) -> Told:
    """How many findings a filter lets through (`found`), up to the cap and some more, as a column: told by the tally
    where that can tell, or at least tells that there are more than the cap. `known`: which they are is known.
    """
    if known:
        return _counted(found)
    if not knows(replace(chosen, due="")):
        return _counted(looked_at(chosen, who))
    least = bound(chosen, who, people_of(chosen.owner, who))
    if exact(chosen, who):
        return least
    few = _counted(found)
    return Told(LEAST.format(least=least.statement, few=few.statement, cap=counting.CAP), [*least.values, *few.values])


def _counted(found: Statement) -> Told:
    few = counting.first_of(found)
    return Told(f"SELECT {counting.size_of(few)}", few[1])


def exact(chosen: Filter, who: Reader) -> bool:
    """Whether the tally tells how many a filter lets through, to the last one."""
    return knows(chosen) and not (who.others or people_of(chosen.owner, who))


def some(chosen: Filter, who: Reader, owners: Sequence[int]) -> Told | None:
    """How many there are by what the tally tells, where it would take a look at each finding to see that nobody's are
    none: asked beforehand, once. None where it need not be asked.
    """
    asked, bare = NOBODY in chosen.owner or "untriaged" in chosen.mark, told(chosen)
    return bound(bare, who, owners) if asked and exact(bare, who) else None


def told(chosen: Filter) -> Filter:
    """What the tally tells of a filter: as many match at most."""
    known = tuple(mark for mark in chosen.mark if mark in KNOWN)
    return replace(chosen, q="", path="", due="", age="", older="", mark=known)


def bound(chosen: Filter, who: Reader, owners: Sequence[int]) -> Told:
    """How many there are at least, as the tally knows."""
    asked = [fits for name, fits in FITS.items() if getattr(chosen, name)]
    asked += [MARKED[mark].replace("holder IS NULL", NOBODYS) for mark in chosen.mark]
    asked += [LATE[chosen.due]] if chosen.due else []
    query, values = SUM.format(fits=" AND ".join(asked)), values_of(chosen, who, who, owners)
    return Told(NAMED.sub("%s", query), [values[name] for name in NAMED.findall(query)])


def rules(chosen: Filter, who: Reader) -> Statement:
    """The keys of the rules of all that a filter lets through, as an array; NULL where they are not told."""
    bare = told(chosen)
    names = (*BY_RULE, "owner") if chosen.owner == (NOBODY,) else BY_RULE
    if not any(getattr(bare, name) for name in names):
        return "NULL::bigint[]", []
    asked = [FITS[name] for name in ("state", *names) if name in FITS and getattr(bare, name)]
    asked += [MARKED[mark].replace("holder IS NULL", NOBODYS) for mark in bare.mark]
    query, values = RULES.format(fits=" AND ".join(asked)), values_of(bare, who, who, ())
    values["seen"] = list(who.parts)
    return NAMED.sub("%s", query), [values[name] for name in NAMED.findall(query)]


def further(chosen: Filter, who: Reader, everybody: Reader, known: Counts) -> Counts:
    """What the tally does not tell of marks, dates, ages and teams, up to one more than the cap of each. One
    statement, with nothing in it of which the tally tells more than the cap.
    """
    found = _rows(chosen, who)
    unmarked = _rows(replace(chosen, mark=()), who) if chosen.mark else found
    waits = counting.narrowed(unmarked, *_waiting())
    parts = {("mark", "asked"): counting.first_of(waits)}
    parts |= late(chosen, who, known, found) | _shared(chosen, everybody, known)
    newest, values = _newest(found, who, known["all"].total())
    columns = [counting.size_of(rows) for rows in parts.values()]
    ages = ", ".join("count(*) FILTER (WHERE first_seen_at >= %s)" for _ in AGES)
    told: Counts = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(
            YOUNG.format(columns=", ".join([ages, *columns]), newest=newest),
            [*(who.now - span for span in AGES.values()), *(v for _, some in parts.values() for v in some), *values],
        )
        [row] = cursor.fetchall()
    for (name, value), n in zip([*(("age", age) for age in AGES), *parts], row, strict=True):
        told[name][value.partition("/")[0]] += n
    return told


def _rows(chosen: Filter, who: Reader) -> Statement:
    """The findings that a filter lets through, as a statement that can be narrowed."""
    return counting.statement(matching(chosen, who).order_by().values("id", "first_seen_at"))


@cache
def _waiting() -> Statement:
    """The findings of which a lead is asked something: that one is waiting, as text."""
    query, values = counting.statement(waiting())
    return f"findings_finding.id IN ({query})", values


def _newest(found: Statement, who: Reader, total: int) -> Statement:
    """The findings of the last months, as many as are counted: of very many in the order of their days, else whichever
    way is shortest.
    """
    young = counting.narrowed(found, "findings_finding.first_seen_at >= %s", [who.now - max(AGES.values())])
    if not total:
        return counting.narrowed(found, "false", ())
    if total <= MANY:
        return young
    return counting.first_of((f"{young[0]} ORDER BY findings_finding.first_seen_at DESC", young[1]))


def late(chosen: Filter, who: Reader, known: Counts, rows: Statement) -> dict[tuple[str, str], Statement]:
    """Findings with dates of their own, and those whom only the time since they were found makes late: the first ones,
    of those that a statement finds.
    """
    if not {ANY, "open"} & set(chosen.state):
        return {}
    rules = [int(rule) for rule in known["late rule"]]
    found: dict[tuple[str, str], Statement] = {}
    for due, until in (("overdue", None), ("week", end_of_week(who))):
        if due_of(known, due) > counting.CAP or not (rules or known["due"]["own"]):
            continue
        alike = late_in(who.parts.values(), who.now, until)
        if known["due"]["own"]:
            found["due", f"{due}/own"] = counting.first_of(counting.narrowed(rows, *dated(alike)))
        if rules:
            old = counting.narrowed(rows, *aged(alike, rules, who.team_keys))
            found["due", f"{due}/sla"] = counting.first_of(old)
    return found


def due_of(known: Counts, due: str) -> int:
    """How many the plan makes overdue, or due by Sunday."""
    return known["due"]["overdue"] + (known["due"]["week"] if due == "week" else 0)


def _shared(chosen: Filter, everybody: Reader, known: Counts) -> dict[tuple[str, str], Statement]:
    """What one of several teams sees of the findings of another one."""
    teams = everybody.teams if len(everybody.teams) > 1 or chosen.team else ()
    asked = [one for one in (alone(team, everybody) for team in teams) if of_team(known, one) <= counting.CAP]
    found: dict[tuple[str, str], Statement] = {}
    for one, keys in _near([one for one in asked if one.others]):
        if keys:
            there = Reader(one.user, one.teams, one.others, one.now, one.role, [], one.parts)
            near = counting.narrowed(_rows(chosen, there), "findings_finding.id = ANY (%s)", [keys])
            found["team", f"{one.teams[0].slug}/shared"] = counting.first_of(near)
    return found


def _near(readers: Sequence[Reader]) -> list[tuple[Reader, list[int]]]:
    """Members of one team, each with what it sees of the first shared findings of the others: mostly nothing, of which
    nothing more is asked. One statement.
    """
    if not readers:
        return []
    values = [value for one in readers for value in (one.others, NEAR, one.components)]
    with steady() as cursor:
        cursor.execute(f"SELECT {', '.join([SHARED] * len(readers))}", values)
        [row] = cursor.fetchall()
    return list(zip(readers, row, strict=True))


def of_team(known: Counts, one: Reader) -> int:
    """How many findings of its own a team has, as the tally knows."""
    return sum(known["team"][str(part)] for part in one.components)


def alone(team: Team, who: Reader) -> Reader:
    """The reader as a member of this team only."""
    own = [pk for pk, part in who.parts.items() if part.team_id == team.pk]
    near = {who.parts[pk].repository_id for pk in own}
    others = [pk for pk, part in who.parts.items() if part.repository_id in near and part.team_id != team.pk]
    return Reader(who.user, [team], own, who.now, who.role, others, who.parts)


def counted(chosen: Filter, who: Reader, everybody: Reader, owners: Sequence[int]) -> Counts:
    """Menu -> value -> findings, for every menu. Two statements. Where more than the cap is due, or in a team, it is
    not told how much more.
    """
    known = sums(chosen, who, everybody, owners)
    told = further(chosen, who, everybody, known)
    for due in ("overdue", "week"):
        told["due"][due] += due_of(known, due)
    for team in everybody.teams:
        told["team"][team.slug] += of_team(known, alone(team, everybody))
    told["mark"].update(known["mark"])
    total = known["all"].total()
    told["due"][""], told["age"][""] = total, total
    return known | {name: told[name] for name in ("mark", "due", "age", "team")}
