"""Sums of the tally, or of findings found otherwise, for each menu of the triage table, without its own choice: in one
statement.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from remediation.core.planning import DAY
from remediation.forms.filters import ANY, NOBODY, Filter, Reader
from remediation.reads import counting
from remediation.reads.due import clock_of
from remediation.reads.matching import end_of_week
from remediation.reads.tally import BACK, FLAPPING, HISTORY

Counts = dict[str, Counter[Any]]

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
# `fails` has a bit for each menu whose choice does not let a row through: what lacks two is counted nowhere. Nearly all
# are on one item or on none; only of those on more it is put together which date comes first, and who has them. `alone`
# is who has them where only the team's own plan counts, as in a list of that team. `let` are those that all of the
# filter lets through: most menus are of them.
TOLD = """
WITH {spots}days AS MATERIALIZED (
    SELECT * FROM unnest(%(clocked)s::bigint[], %(owned)s::bigint[], %(today)s::date[], %(monday)s::date[])
        d (component_id, team, today, monday)
), cells AS {once} (
    SELECT *, {known} AS fails FROM ({cells}) each
), owed AS MATERIALIZED (
    SELECT i.id, l.team_id AS team, CASE WHEN l.team_id = ANY (%(teams)s) THEN i.due END AS due,
        CASE WHEN l.team_id = ANY (%(teams)s) THEN i.owner_id END AS holder, i.owner_id, i.due AS first
    FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id WHERE i.settled_at IS NULL
), several AS MATERIALIZED (
    SELECT s.items, s.team, min(o.due) AS due,
        (array_agg(o.holder ORDER BY o.first, o.id) FILTER (WHERE o.holder IS NOT NULL))[1] AS holder,
        (array_agg(o.owner_id ORDER BY o.first, o.id) FILTER (
            WHERE o.owner_id IS NOT NULL AND o.team = s.team))[1] AS alone
    FROM (
        SELECT DISTINCT c.items, d.team FROM cells c JOIN days d ON d.component_id = c.component_id
        WHERE cardinality(c.items) > 1
    ) s CROSS JOIN LATERAL unnest(s.items) k (item) JOIN owed o ON o.id = k.item GROUP BY 1, 2
), told AS MATERIALIZED (
    SELECT * FROM (
        SELECT component_id, rule_id, priority, state, kind, marks, shared, holder, due, n, fails{planned} AS fails
        FROM (
            SELECT c.component_id, rule_id, priority, state, kind, marks, shared, n, fails,
                coalesce(c.owner_id, first_holder) AS holder, coalesce(c.owner_id, first_alone) AS alone,
                CASE WHEN dated THEN 'own' WHEN first_due IS NULL THEN 'sla' WHEN first_due < today THEN 'overdue'
                WHEN first_due < monday THEN 'week' ELSE '' END AS due
            FROM (
                SELECT c.*, d.today, d.monday, o.due AS first_due, o.holder AS first_holder,
                    CASE WHEN o.team = d.team THEN o.owner_id END AS first_alone
                FROM cells c JOIN days d ON d.component_id = c.component_id LEFT JOIN owed o ON o.id = c.items[1]
                WHERE cardinality(c.items) < 2
                UNION ALL SELECT c.*, d.today, d.monday, s.due, s.holder, s.alone
                FROM cells c JOIN days d ON d.component_id = c.component_id
                LEFT JOIN several s ON s.items = c.items AND s.team = d.team WHERE cardinality(c.items) > 1
            ) c
            WHERE {few}
        ) alike OFFSET 0
    ) one WHERE {fewer}
), let AS MATERIALIZED (
    SELECT * FROM told WHERE {rest}
)
"""
# Menu -> column; a tool is known by its rules.
COLUMNS = {
    "priority": "priority",
    "state": "state",
    "rule": "rule_id",
    "tool": "rule_id",
    "part": "component_id",
    "owner": "holder",
    "kind": "kind",
}
MARKED = {
    "back": f"(marks & {BACK} > 0 AND state = 'open')",
    "flapping": f"marks & {FLAPPING} > 0",
    "history": f"marks & {HISTORY} > 0",
    "untriaged": "(state = 'open' AND holder IS NULL)",
}
SUM = "SELECT '{name}', {column}::text, sum(n)::bigint FROM {rows} WHERE {fits} GROUP BY {column}"
MARKS = """SELECT 'mark', one.* FROM (SELECT {sums} FROM {rows} WHERE {fits}) marked
CROSS JOIN LATERAL (VALUES {values}) one (name, n) WHERE n > 0"""
# Only what the time since it was found makes late is told by rule.
DUE = """SELECT 'due', due || coalesce('/' || late, ''), n FROM (
    SELECT due, CASE WHEN due = 'sla' THEN rule_id END AS late, sum(n)::bigint AS n FROM {let}
    WHERE state = 'open' GROUP BY 1, 2) late"""
# The places themselves come along, so that nobody has to look for them again (see `matching.found_before`).
SPOTS = """SELECT 'spots', concat_ws(';', array_agg(finding_id)::text, array_agg(component_id)::text), count(*)
FROM spots"""
FEW = "fails & (fails - 1) < 1"  # not "= 0", here and below: the planner would expect hardly any, and sort what is many
ALL = "SELECT 'all', '', sum(n)::bigint FROM let"
WHOLE = "SELECT 'all in all', '', sum(n)::bigint FROM cells"

OWNED = "(({who} = ANY (%(owners)s)) IS TRUE OR %(nobody)s AND {who} IS NULL)"
BITS = {name: 1 << n for n, name in enumerate((*COLUMNS, "team", "mark", "alone", "lone"))}
ALONE = ("alone", "lone")  # the choices of owner and mark, as a list of the row's team alone would have them
TOGETHER = ("owner", "mark")
OPEN = f"state = 'open' AND fails & {BITS['team']} < 1"
PLANNED = (*TOGETHER, *ALONE)  # what the items of a row have a say in


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


def _bits(fits: dict[str, str], names: Collection[str]) -> str:
    """The bits of those of these menus that do not let a row through."""
    said = (f"CASE WHEN {fits[name]} THEN 0 ELSE {BITS[name]} END" for name in names if name in fits)
    return " + ".join(said)


def _without(fits: dict[str, str], *names: str) -> str:
    """The condition that everything chosen lets a row through, but for these menus."""
    mask = sum(BITS[name] for name in fits if name not in names)
    return f"fails & {mask} < 1" if mask else "true"


def _fewer(fits: dict[str, str]) -> str:
    """The condition that not both what is known of a row and its items lack something: it would be counted nowhere."""
    known = sum(BITS[name] for name in fits if name not in PLANNED and name != "team")
    planned = sum(BITS[name] for name in fits if name in TOGETHER)
    return f"(fails & {known} < 1 OR fails & {planned} < 1)" if known and planned else "true"


def _rows(fits: dict[str, str], name: str) -> dict[str, str]:
    """Of which rows a menu is, and which of them."""
    if not fits.keys() - ALONE:
        return {"rows": "told", "fits": "true"}
    whole = {"rows": "let", "fits": "true"}
    return {"rows": "told", "fits": _without(fits, name, *ALONE)} if name in fits else whole


def _branches(chosen: Filter, fits: dict[str, str], who: Reader) -> tuple[list[str], dict[str, str]]:
    """(The sums of all menus, which of them are those of another one too and not added up again.)"""
    same = {} if {"rule", "tool"} & fits.keys() else {"tool": "rule"}
    if not (who.others or {"part", "team", *TOGETHER} & fits.keys()):
        same["team"] = "part"
    if chosen.state == ("open",) and fits.keys() <= {"state", "team"}:
        same["open"] = "priority"
    free = next((name for name in COLUMNS if name not in fits), "")
    marks = ", ".join(f"sum(n) FILTER (WHERE {holds})::bigint AS {mark}" for mark, holds in MARKED.items())
    names = ", ".join(f"('{mark}', {mark})" for mark in MARKED)
    found = {name: SUM.format(name=name, column=column, **_rows(fits, name)) for name, column in COLUMNS.items()}
    lone = f"{_without(fits, 'team', *TOGETHER)} AND NOT shared"
    found |= {
        "team": SUM.format(name="team", column="component_id", rows="told", fits=lone),
        "open": SUM.format(name="open", column="priority", rows="cells", fits=OPEN),
        "mark": MARKS.format(sums=marks, values=names, **_rows(fits, "mark")),
        "due": DUE.format(let=_rows(fits, "")["rows"]),
    }
    if free:
        same["all"] = free  # all that fits, by something in which nothing is chosen
    else:
        found["all"] = ALL
    return [sums for name, sums in found.items() if name not in same], same


def sums(
    chosen: Filter,
    who: Reader,
    everybody: Reader,
    owners: Sequence[int],
    found: QuerySet[Any] | None = None,
    words: tuple[str, Sequence[Any]] | None = None,
) -> Counts:
    """Menu -> value -> findings, each without its own choice; `part` and `team` by component, and `late rule` of what
    has no date. One statement. `found`: the keys of the findings to count, where the tally does not know them, of those
    with `words` (see `spots`).
    """
    values, cells, spots = values_of(chosen, who, everybody, owners), SHARED if who.others else CELLS, ""
    if found is not None:
        query, more = named_values("found", *counting.statement(found))
        cells = ALIKE.format(each=f"{EACH} f.id = ANY (ARRAY({query}))")
        values |= more
    if words:
        query, more = named_values("word", *words)
        spots = f"spots AS MATERIALIZED ({query}), "
        values |= more
    fits = _fits(chosen)
    branches, same = _branches(chosen, fits, who)
    branches += [*([SPOTS] if words else []), *([WHOLE] if found is not None else [])]
    bits = [_bits(fits, [name for name in BITS if (name in PLANNED) == late]) for late in (False, True)]
    told_of = {
        "once": "NOT MATERIALIZED" if cells == CELLS else "MATERIALIZED",  # the tally is sooner read again than kept
        "known": bits[0] or "0",
        "planned": f" + {bits[1]}" if bits[1] else "",
        "few": FEW if "+" in bits[0] else "true",
        "fewer": _fewer(fits),
        "rest": _without(fits, *ALONE),
    }
    query = TOLD.format(spots=spots, cells=cells, **told_of)
    told: Counts = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(query + " UNION ALL ".join(branches), values)
        for name, value, n in cursor.fetchall():
            told[name][value] += n or 0
    return _whole(told, same)


def _whole(told: Counts, same: dict[str, str]) -> Counts:
    """The sums with those that were not added up twice."""
    for name, other in same.items():
        told[name] = Counter(told[other])
    due = told.pop("due", Counter[Any]())
    for value, n in due.items():
        when, _, rule = value.partition("/")
        told["due"][when] += n
        if rule:
            told["late rule"][rule] += n
    return told


def named_values(name: str, query: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """A statement whose values have names, as those around it."""
    names = iter(f"{name}{n}" for n in range(len(values)))
    return re.sub("%s", lambda _: f"%({next(names)})s", query), {f"{name}{n}": v for n, v in enumerate(values)}


def values_of(chosen: Filter, who: Reader, everybody: Reader, owners: Sequence[int]) -> dict[str, Any]:
    """What the statements about the tally are given: a value for each name."""
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
