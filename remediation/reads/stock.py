"""What a team's plan and grade are counted from: its items, and how many findings are alike in all that counts. Two
statements, whatever their number; the counts are kept by the database (see `models.Tally`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from findings.models import User
from findings.steady import steady
from remediation.models import Item
from remediation.reads.tally import BACK, HISTORY

COUNTED = ("open", "accepted", "false_positive")

# A described finding whose rules see the same repository counts through what these find: it is taken out again.
TOLD = """
SELECT k.finding_id FROM remediation_link k JOIN findings_finding told ON told.id = k.finding_id
WHERE EXISTS (SELECT FROM findings_finding test
    WHERE test.rule_id = k.rule_id AND test.repository_id = told.repository_id)
"""
ON = "ARRAY(SELECT p.item_id FROM remediation_placement p WHERE p.finding_id = f.id ORDER BY 1)"
KEPT = f"""t.rule_id, t.priority, t.state,
            CASE WHEN t.state = 'open' THEN t.marks & {BACK | HISTORY} ELSE 0 END AS marks,
            t.dated AND t.state IN ('open', 'accepted') AS dated,
            t.items, t.n"""
MINE = "f.component_id = ANY (%(mine)s::bigint[])"
COUNTS = """
SELECT one.what, one.mine, r.id, r.key, r.title, r.tool, r.proof = 'history', one.priority, one.state, one.marks,
    one.dated, one.items::text, one.n
FROM (
    SELECT what, mine, rule_id, priority, state, marks, dated, items, sum(n)::int AS n FROM (
        SELECT 'all' AS what, true AS mine, {kept}
        FROM remediation_tally t WHERE t.component_id = ANY (%(mine)s::bigint[])
        UNION ALL
        SELECT 'all', false, {kept}
        FROM remediation_tally t WHERE t.component_id = ANY (%(others)s::bigint[])
            AND (t.items[1] = ANY (%(items)s::bigint[]) OR (t.items[2] > 0 AND t.items && %(items)s::bigint[]))
        UNION ALL
        SELECT 'all', true, f.rule_id, f.priority, f.state, 0, f.due IS NOT NULL, {on}, -1
        FROM findings_finding f WHERE f.id = ANY (ARRAY({told})) AND {mine}
        UNION ALL
        SELECT 'told', true, f.rule_id, f.priority, f.state, 0, false, '{{}}', 1
        FROM findings_finding f WHERE f.id = ANY (ARRAY({told})) AND f.state = 'open' AND {mine}
        UNION ALL
        SELECT 'late', true, f.rule_id, f.priority, f.state, 0, true, '{{}}', 1
        FROM findings_finding f WHERE f.due < %(today)s AND f.state IN ('open', 'accepted') AND {mine}
        {fresh}
    ) each GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0
) one JOIN findings_rule r ON r.id = one.rule_id
UNION ALL
SELECT 'last', true, max(id), '', '', '', false, '', '', 0, false, '', 0 FROM remediation_tally
WHERE component_id = ANY (%(mine)s::bigint[])
"""
# What came lately and is nobody's own; in the second part, what belongs to another team and is in one's own code, too.
FRESH = """
        UNION ALL
        SELECT 'fresh', true, f.rule_id, f.priority, '', 0, false, '{{}}', 1
        FROM findings_finding f
        WHERE f.first_seen_at >= %(since)s AND f.state = 'open' AND f.owner_id IS NULL AND {mine}
        UNION ALL
        SELECT 'fresh', false, f.rule_id, f.priority, '', 0, false, '{{}}', 1
        FROM findings_finding f
        WHERE f.first_seen_at >= %(since)s AND f.state = 'open' AND f.owner_id IS NULL AND f.key <> ''
            AND f.component_id = ANY (%(others)s::bigint[]) AND EXISTS (SELECT FROM findings_occurrence o
                WHERE o.finding_id = f.id AND o.to_run_id IS NULL AND o.component_id = ANY (%(mine)s::bigint[]))
"""
PARTS = {"mine": MINE, "on": ON, "told": TOLD, "kept": KEPT}


class Alike(NamedTuple):
    """So many findings (`n`) that are alike. `mine`: of the team's own components, which its grade counts; others are
    on its items. `marks` are of open ones; `dated` = has a date of its own; `items`: all they are on, of whatever team.
    """

    mine: bool
    rule_id: int
    rule: str
    title: str
    tool: str
    history: bool
    priority: str
    state: str
    marks: int
    dated: bool
    items: tuple[int, ...]
    n: int


@dataclass(slots=True)
class Stock:
    """A team's items by key, each with the counts that `reads.items.detailed` makes, and what these are made of.

    `told`: the open findings that count through what their rules see, and are in none of these numbers.
    `late`: of those with a date of their own, how many are overdue, by rule, priority and state. `fresh`: open ones
    that came lately and have no owner of their own, by whether they are of the team's components, rule, and priority.
    """

    items: dict[int, Item]
    alike: list[Alike] = field(default_factory=list)
    told: int = 0
    late: dict[tuple[int, str, str], int] = field(default_factory=dict)
    fresh: dict[tuple[bool, int, str], int] = field(default_factory=dict)


class Counted(NamedTuple):
    """What the database counted, as it told it; `last`: the key of the last change of any of the findings."""

    rows: list[tuple[Any, ...]]
    last: int


def counts_of(
    items: Sequence[int], mine: Sequence[int], others: Sequence[int], today: date, since: datetime | None = None
) -> Counted:
    """Ask for it: `mine` and `others` are the components that a team owns, and the others of the same repositories; of
    these what is on its `items`. `fresh` is what came `since`.
    """
    values: dict[str, Any] = {"mine": mine, "others": others, "items": items, "today": today, "since": since}
    with steady() as cursor:
        cursor.execute(COUNTS.format(fresh=FRESH.format(**PARTS) if since else "", **PARTS), values)
        rows = cursor.fetchall()
    last = next(row for row in reversed(rows) if row[0] == "last")
    rows.remove(last)
    return Counted(rows, last[2] or 0)


def stock_of(items: dict[int, Item], counted: Iterable[tuple[Any, ...]]) -> Stock:
    """The items of a team that matter, and what `counts_of` counted for it."""
    stock = Stock(items)
    for what, *row, on, n in counted:
        one = Alike._make((*row, keys(on), n))
        if what == "all":
            stock.alike.append(one)
        elif what == "told":
            stock.told += one.n
        elif what == "late":
            stock.late[one.rule_id, one.priority, one.state] = one.n
        else:
            stock.fresh[one.mine, one.rule_id, one.priority] = one.n
    _count(stock.items, stock.alike)
    return stock


@lru_cache(maxsize=10_000)
def keys(text: str) -> tuple[int, ...]:
    """An array of keys as the database writes it: "{3,14}"."""
    return tuple(map(int, text[1:-1].split(","))) if text != "{}" else ()


# Of all components: who handed a part over keeps what was promised for it.
ON_ITEMS = """
SELECT true, r.id, r.key, r.title, r.tool, r.proof = 'history', one.priority, one.state, one.marks, false,
    one.items::text, one.n
FROM (
    SELECT rule_id, priority, state, marks, items, sum(n)::int AS n FROM (
        SELECT {kept} FROM remediation_tally t WHERE t.items && %(items)s::bigint[] AND t.component_id IN (
            SELECT c.id FROM findings_component c JOIN findings_team o ON o.id = c.team_id WHERE o.aside_of_id IS NULL
        )
    ) each GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
) one JOIN findings_rule r ON r.id = one.rule_id
"""


def count_for(items: Iterable[Item]) -> None:
    """Tell some items, of whatever team, how many scanned findings stand behind each. One statement."""
    by_key = {item.pk: item for item in items}
    with connection.cursor() as cursor:
        cursor.execute(ON_ITEMS.format(**PARTS), {"items": list(by_key)})
        _count(by_key, [Alike._make((*row, keys(on), n)) for *row, on, n in cursor.fetchall()])


def _count(items: dict[int, Item], alike: Iterable[Alike]) -> None:
    """Tell each item how many scanned findings stand behind it."""
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for one in alike:
        if one.tool == "review":
            continue
        names = ["total", *_names(one)]
        for pk in one.items:
            for name in names:
                sums[pk][name] += one.n
    for pk, item in items.items():
        mine = sums[pk]
        item.n_total, item.n_open, item.n_accepted = mine["total"], mine["open"], mine["accepted"]
        item.n_back, item.n_gone, item.n_tree = mine["back"], mine["gone"], mine["tree"]


def _names(one: Alike) -> Iterable[str]:
    """What a finding counts as, beside the sum of all."""
    if one.state == "open":
        yield "open"
        if one.marks & BACK:
            yield "back"
        if one.marks & HISTORY:
            yield "gone"
        if not one.history:
            yield "tree"
    elif one.state in COUNTED:
        yield "accepted"


def give_owners(items: Collection[Item], known: Iterable[User]) -> None:
    """Tell each item who owns it; asks for those that are not `known`, if there are any."""
    users = {user.pk: user for user in known}
    missing = {item.owner_id for item in items if item.owner_id is not None} - users.keys()
    if missing:
        users |= User.objects.in_bulk(missing)
    for item in items:
        item.owner = users[item.owner_id] if item.owner_id is not None else None
