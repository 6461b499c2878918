"""What the menus of the triage table count where the tally knows all that the filter asks for: no finding is looked at,
but where a date of its own, a day or a question to a lead decides.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce, Greatest, NullIf

from findings.models import Finding, Occurrence, Team
from findings.querysets import FindingQuerySet
from remediation.core.planning import DAY
from remediation.forms.filters import AGES, ANY, NOBODY, Filter, Reader
from remediation.reads import counting
from remediation.reads.due import aged_by, clock_of, dated_by
from remediation.reads.matching import MARKED as MARKS
from remediation.reads.matching import end_of_week, matching, spots
from remediation.reads.tally import BACK, FLAPPING, HISTORY

Counts = dict[str, Counter[Any]]
KNOWN = ("back", "flapping", "history", "untriaged")  # marks that the tally tells
NEAR = 5_000  # findings of other teams in which shared ones are looked for
MANY = 10_000  # findings of which the newest are soon found by their day
UNKNOWN = ("q", "path", "due", "age", "older")

CELLS = """
SELECT component_id, rule_id, priority, state, kind, owner_id, dated, marks, items, n, false AS shared
FROM remediation_tally WHERE component_id = ANY (%(parts)s)
"""
# What the tally adds up, of each finding by itself.
EACH = """
SELECT f.component_id, f.rule_id, f.priority, f.state, coalesce(f.properties ->> 'class', '') AS kind, f.owner_id,
    f.due IS NOT NULL AS dated,
    (f.reopened > 0)::int + 2 * f.flapping::int + 4 * (f.present AND NOT f.at_head)::int AS marks,
    ARRAY(SELECT item_id FROM remediation_placement p WHERE p.finding_id = f.id ORDER BY 1) AS items, 1 AS n,
    f.component_id <> ALL (%(own)s) AS shared
FROM findings_finding f WHERE
"""
# Found ones that are alike, together.
ALIKE = """
    SELECT component_id, rule_id, priority, state, kind, owner_id, dated, marks, items, sum(n)::integer AS n, shared
    FROM ({each}) one GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 11
"""
# Shared findings, of another team but with a place in one's own code, are few: they have a key.
SHARED = f"""{CELLS} UNION ALL {EACH} f.component_id = ANY (%(others)s) AND f.key <> '' AND EXISTS (
    SELECT FROM findings_occurrence o
    WHERE o.finding_id = f.id AND o.component_id = ANY (%(own)s) AND o.to_run_id IS NULL)
"""
# `told` has a row for each combination of values, with a flag for each menu that narrows: whether its choice lets the
# row through.
# `planned` says of the items that findings are on who has them, and when the first of them is due; `alone` is who has
# them where only the team's own plan counts, as in a list of that team.
TOLD = """
WITH {spots}days AS MATERIALIZED (
    SELECT * FROM unnest(%(clocked)s::bigint[], %(owned)s::bigint[], %(today)s::date[], %(monday)s::date[])
        d (component_id, team, today, monday)
), cells AS MATERIALIZED ({cells}), planned AS MATERIALIZED (
    SELECT s.items, s.team, min(i.due) FILTER (WHERE l.team_id = ANY (%(teams)s)) AS due,
        (array_agg(i.owner_id ORDER BY i.due, i.id) FILTER (
            WHERE i.owner_id IS NOT NULL AND l.team_id = ANY (%(teams)s)))[1] AS holder,
        (array_agg(i.owner_id ORDER BY i.due, i.id) FILTER (
            WHERE i.owner_id IS NOT NULL AND l.team_id = s.team))[1] AS alone
    FROM (SELECT DISTINCT c.items, d.team FROM cells c JOIN days d ON d.component_id = c.component_id) s
    LEFT JOIN LATERAL unnest(s.items) k (item) ON true
    LEFT JOIN (remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id)
        ON i.id = k.item AND i.settled_at IS NULL GROUP BY 1, 2
), told AS MATERIALIZED (
    SELECT *{fits}
    FROM (
        SELECT c.component_id, rule_id, priority, state, kind, marks, shared, coalesce(owner_id, p.holder) AS holder,
            CASE WHEN dated THEN 'own' WHEN p.due IS NULL THEN 'sla' WHEN p.due < d.today THEN 'overdue'
            WHEN p.due < d.monday THEN 'week' ELSE '' END AS due, coalesce(owner_id, p.alone) AS alone, n
        FROM cells c JOIN days d ON d.component_id = c.component_id
        JOIN planned p ON p.items = c.items AND p.team = d.team
    ) alike
)
"""
YOUNG = "SELECT {columns} FROM ({newest}) newest"
ALONE = {"owner": "alone", "mark": "lone"}  # what tells of a team alone whose list a row is in
VALUES = {
    "priority": "priority",
    "state": "state",
    "rule": "rule_id::text",
    "tool": "rule_id::text",
    "part": "component_id::text",
    "owner": "holder::text",
    "kind": "kind",
}
MARKED = {
    "back": f"(marks & {BACK} > 0 AND state = 'open')",
    "flapping": f"marks & {FLAPPING} > 0",
    "history": f"marks & {HISTORY} > 0",
    "untriaged": "(state = 'open' AND holder IS NULL)",
}
SPOTS = "SELECT 'spots', '', count(*) FROM spots"
BRANCH = "SELECT '{name}', {value}, sum(n)::bigint FROM told WHERE {fits} GROUP BY 2"


OWNED = "(({who} = ANY (%(owners)s)) IS TRUE OR %(nobody)s AND {who} IS NULL)"


def _fits(chosen: Filter) -> dict[str, str]:
    """Menu -> condition, of the menus in which something is chosen."""
    marked = " AND ".join(MARKED[mark] for mark in chosen.mark if mark in MARKED)
    known = {
        "priority": (chosen.priority, "priority = ANY (%(priority)s)"),
        "state": (ANY not in chosen.state, "state = ANY (%(state)s)"),
        "rule": (chosen.rule, "rule_id IN (SELECT id FROM findings_rule WHERE key = ANY (%(rule)s))"),
        "tool": (chosen.tool, "rule_id IN (SELECT id FROM findings_rule WHERE tool = ANY (%(tool)s))"),
        "part": (chosen.repository, "component_id = ANY (%(inside)s)"),
        "team": (chosen.team, "(shared OR component_id = ANY (%(own)s))"),
        "owner": (chosen.owner, OWNED.format(who="holder")),
        "alone": (chosen.owner, OWNED.format(who="alone")),
        "kind": (chosen.kind, "kind = ANY (%(kind)s)"),
        "mark": (marked, f"({marked})"),
        "lone": (marked, f"({marked})".replace("holder", "alone")),
    }
    return {name: fits for name, (said, fits) in known.items() if said}


def _branch(asked: Collection[str], name: str, value: str, without: str = "", *more: str) -> str:
    """What of `told` is counted by a value: what fits all that is asked but for one menu."""
    if name == "team":
        fits = [one for one in asked if one not in ALONE and one not in ("team", without)]
    else:
        fits = [one for one in asked if one not in ALONE.values() and one != without]
    said = " AND ".join([*(f"{one}_fits" for one in fits), *more]) or "true"
    return BRANCH.format(name=name, value=value, fits=said)


def _branches(asked: Collection[str]) -> list[str]:
    open_up = [*(["team_fits"] if "team" in asked else []), "state = 'open'"]
    return [
        *(_branch(asked, name, value, name) for name, value in VALUES.items()),
        _branch(asked, "team", "component_id::text", "team", "NOT shared"),
        *(_branch(asked, "mark", f"'{mark}'", "mark", holds) for mark, holds in MARKED.items()),
        _branch(asked, "due", "due", "", "state = 'open'"),
        _branch(asked, "late rule", "rule_id::text", "", "state = 'open'", "due = 'sla'"),
        _branch(asked, "all", "''"),
        BRANCH.format(name="all in all", value="''", fits="true"),
        BRANCH.format(name="open", value="priority", fits=" AND ".join(open_up)),
    ]


def knows(chosen: Filter) -> bool:
    """Whether the tally tells all that a filter asks for."""
    return not any(getattr(chosen, name) for name in UNKNOWN) and set(chosen.mark) <= set(KNOWN)


def sums(
    chosen: Filter,
    who: Reader,
    everybody: Reader,
    owners: Sequence[int],
    found: QuerySet[Any] | None = None,
    words: tuple[str, Sequence[Any]] | None = None,
) -> Counts:
    """Menu -> value -> findings, each without its own choice; `part` and `team` by component. One statement. `found`:
    the keys of the findings to count, where the tally does not know them, of those with `words` (see `spots`).
    """
    values, cells, spots = _values(chosen, who, everybody, owners), SHARED if who.others else CELLS, ""
    if found is not None:
        query, more = _named("found", *counting.statement(found))
        cells = ALIKE.format(each=f"{EACH} f.id = ANY (ARRAY({query}))")
        values |= more
    if words:
        query, more = _named("word", *words)
        spots = f"spots AS MATERIALIZED ({query}), "
        values |= more
    fits = _fits(chosen)
    asked = "".join(f", {said} AS {name}_fits" for name, said in fits.items())
    branches = [*_branches(fits), *([SPOTS] if words else [])]
    told: Counts = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(TOLD.format(spots=spots, cells=cells, fits=asked) + " UNION ALL ".join(branches), values)
        for name, value, n in cursor.fetchall():
            told[name][value] = n
    return told


def _named(name: str, query: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """A statement whose values have names, as those around it."""
    names = iter(f"{name}{n}" for n in range(len(values)))
    return re.sub("%s", lambda _: f"%({next(names)})s", query), {f"{name}{n}": v for n, v in enumerate(values)}


def _values(chosen: Filter, who: Reader, everybody: Reader, owners: Sequence[int]) -> dict[str, Any]:
    seen = {**everybody.parts, **who.parts}
    teams = {part.team_id: part.team for part in seen.values()}
    today = {pk: clock_of(team, who.now).today for pk, team in teams.items()}
    monday = end_of_week(who) + DAY
    return {
        "parts": everybody.components,
        "own": who.components,
        "others": who.others,
        "teams": who.team_keys,
        "priority": list(chosen.priority),
        "any": ANY in chosen.state,
        "state": list(chosen.state),
        "rule": list(chosen.rule),
        "tool": list(chosen.tool),
        "inside": [pk for pk, p in seen.items() if not chosen.repository or p.repository.slug in chosen.repository],
        "owners": list(owners),
        "nobody": NOBODY in chosen.owner,
        "kind": list(chosen.kind),
        "clocked": list(seen),
        "owned": [part.team_id for part in seen.values()],
        "today": [today[part.team_id] for part in seen.values()],
        "monday": [monday] * len(seen),
    }


# How many a filter lets through, by what the tally's own columns tell; of plans only where a finding is on one item.
SUM = "SELECT coalesce(sum(n), 0)::bigint FROM remediation_tally WHERE component_id = ANY (%(own)s) AND {fits}"
OWED = """SELECT i.id FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
    WHERE i.settled_at IS NULL AND l.team_id = ANY (%(teams)s)"""
ON_ONE = f"cardinality(items) = 1 AND items[1] IN ({OWED} AND {{which}})"
NOBODYS = f"(owner_id IS NULL AND NOT items && ARRAY({OWED} AND i.owner_id IS NOT NULL))"
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


class Told(Expression):
    """A number that a statement of ours tells, as a column."""

    def __init__(self, statement: str, values: Sequence[Any]) -> None:
        super().__init__(output_field=IntegerField())
        self.statement, self.values = statement, values

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The statement in brackets, with its values."""
        return f"({self.statement})", self.values


# How many have words, where those are not in so many places that finding these takes long: by the first places with
# them, if that tells all or at least that there are more than the cap.
QUICK = """
SELECT CASE WHEN findings_often(%s::tsquery) <= %s THEN (
    WITH spots AS MATERIALIZED ({spots})
    SELECT CASE WHEN n > %s OR (SELECT count(*) FROM spots) < %s THEN n END
    FROM (SELECT count(*) AS n FROM ({few}) found) counted) END
"""
OFTEN, PLACES = 200_000, 4_000


def _quick(chosen: Filter, who: Reader, words: tuple[str, Sequence[Any]]) -> Told:
    few, values = counting.statement(counting.few(matching(chosen, who, spotted=True)))
    said = [words[1][0], OFTEN, *words[1], counting.CAP, PLACES, *values]
    return Told(QUICK.format(spots=words[0], few=few), said)


def total(chosen: Filter, who: Reader, owners: Sequence[int], found: FindingQuerySet, *, known: bool = False) -> Any:
    """How many findings a filter lets through (`found`), up to the cap and some more, as a column: told by the tally
    where that can tell, or at least tells that there are more than the cap. `known`: which they are is known.
    """
    if known or not knows(replace(chosen, due="")):
        words = None if known else spots(chosen, who, PLACES)
        return Coalesce(_quick(chosen, who, words), counting.capped(found)) if words else counting.capped(found)
    asked = [fits for name, fits in FITS.items() if getattr(chosen, name)]
    asked += [MARKED[mark].replace("holder IS NULL", NOBODYS) for mark in chosen.mark]
    asked += [LATE[chosen.due]] if chosen.due else []
    query, values = SUM.format(fits=" AND ".join(asked)), _values(chosen, who, who, owners)
    bound = Told(NAMED.sub("%s", query), [values[name] for name in NAMED.findall(query)])
    if not (who.others or chosen.due or chosen.owner):
        return bound
    return Coalesce(NullIf(Greatest(bound, Value(counting.CAP)), Value(counting.CAP)), counting.capped(found))


def further(chosen: Filter, who: Reader, everybody: Reader, known: Counts) -> Counts:
    """What the tally does not tell of marks, dates, ages and teams, up to one more than the cap of each. One
    statement, with nothing in it of which the tally tells more than the cap.
    """
    found = matching(chosen, who)
    unmarked = matching(replace(chosen, mark=()), who) if chosen.mark else found
    wanted: dict[tuple[str, str], QuerySet[Any]] = {("mark", "asked"): unmarked.filter(MARKS["asked"](who))}
    wanted |= late(chosen, who, known, found) | _shared(chosen, everybody, known)
    parts = {key: counting.statement(counting.few(rows)) for key, rows in wanted.items()}
    newest, values = counting.statement(_newest(found, who, known["all"].total()))
    columns = [counting.Capped.template % {"subquery": sql} for sql, _ in parts.values()]
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


def _newest(found: FindingQuerySet, who: Reader, total: int) -> QuerySet[Any]:
    """The findings of the last months, as many as are counted: of very many in the order of their days, else whichever
    way is shortest.
    """
    young = found.filter(first_seen_at__gte=who.now - max(AGES.values())).order_by().values("first_seen_at")
    if not total:
        return young.none()
    return young.order_by("-first_seen_at")[: counting.CAP + 1] if total > MANY else young


def late(chosen: Filter, who: Reader, known: Counts, rows: FindingQuerySet) -> dict[tuple[str, str], QuerySet[Any]]:
    """Findings with dates of their own, and those whom only the time since they were found makes late."""
    if not {ANY, "open"} & set(chosen.state):
        return {}
    rules, parts = [int(rule) for rule in known["late rule"]], who.parts.values()
    found: dict[tuple[str, str], QuerySet[Any]] = {}
    for due, until in (("overdue", None), ("week", end_of_week(who))):
        if due_of(known, due) > counting.CAP:
            continue
        if known["due"]["own"]:
            found["due", f"{due}/own"] = dated_by(rows, parts, who.now, until)
        if rules:
            found["due", f"{due}/sla"] = aged_by(rows.filter(rule__in=rules), parts, who.team_keys, who.now, until)
    return found


def due_of(known: Counts, due: str) -> int:
    """How many the plan makes overdue, or due by Sunday."""
    return known["due"]["overdue"] + (known["due"]["week"] if due == "week" else 0)


def _shared(chosen: Filter, everybody: Reader, known: Counts) -> dict[tuple[str, str], QuerySet[Any]]:
    """What one of several teams sees of the findings of another one."""
    found: dict[tuple[str, str], QuerySet[Any]] = {}
    for team in everybody.teams if len(everybody.teams) > 1 or chosen.team else ():
        one = alone(team, everybody)
        if one.others and of_team(known, one) <= counting.CAP:
            near = Finding.objects.filter(component__in=one.others).exclude(key="").order_by().values("pk")[:NEAR]
            here = Occurrence.objects.filter(finding=OuterRef("pk"), component__in=one.components, to_run=None)
            there = Reader(one.user, one.teams, one.others, one.now, one.role, [], one.parts)
            found["team", f"{team.slug}/shared"] = matching(chosen, there).filter(Exists(here), pk__in=near)
    return found


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
