"""What became of an item, in words: which commit brought it back, or what settled it. One statement for many items."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.steady import steady
from findings.templatetags.nova import shortsha
from findings.words import listed
from remediation.core.progress import State
from remediation.reads.items import Row
from remediation.reads.stock import Stock
from remediation.reads.tally import BACK

# Of each item the proofs of the finding that came back last, and in how many files those of `done` items were fixed.
# What came back is found by rule and priority, of which there are few; an index of all that is open would not help.
PROOFS = """
SELECT last.item, e.closes, e.commit, e.subject, e.author, e.at, 0
FROM (
    SELECT DISTINCT ON (k.item) k.item, f.id
    FROM unnest(%(items)s::bigint[], %(rules)s::bigint[], %(priorities)s::text[]) k (item, rule, priority)
    CROSS JOIN LATERAL (
        SELECT f.id, f.reopened_at FROM findings_finding f
        WHERE f.rule_id = k.rule AND f.priority = k.priority AND f.reopened > 0 AND f.state || '' = 'open'
            AND EXISTS (SELECT FROM remediation_placement p WHERE p.item_id = k.item AND p.finding_id = f.id OFFSET 0)
            AND EXISTS (SELECT FROM findings_evidence e WHERE e.finding_id = f.id AND NOT e.closes OFFSET 0)
        ORDER BY f.reopened_at DESC NULLS LAST, f.id DESC LIMIT 1
    ) f
    ORDER BY k.item, f.reopened_at DESC NULLS LAST, f.id DESC
) last CROSS JOIN LATERAL (
    SELECT DISTINCT ON (e.closes) e.* FROM findings_evidence e WHERE e.finding_id = last.id ORDER BY e.closes, e.id DESC
) e
UNION ALL
SELECT p.item_id, NULL, '', '', '', NULL, count(DISTINCT e.path)
FROM remediation_placement p JOIN findings_finding f ON f.id = p.finding_id
JOIN findings_evidence e ON e.finding_id = f.id
WHERE p.item_id = ANY (%(done)s::bigint[]) AND f.state <> 'open' AND e.closes AND e.path <> '' GROUP BY 1
"""


class Proof(NamedTuple):
    """Evidence, as far as a line tells it."""

    commit: str
    subject: str
    author: str
    at: datetime


def told_of(rows: Collection[Row], stock: Stock, names: Mapping[str, str]) -> dict[int, str]:
    """By item: which commit brought it back, whose, how long it had been fixed; or how it was settled.

    `names` are those behind the addresses of people.
    """
    done = [row for row in rows if row.done]
    asked = {row.item.pk for row in rows if row.done or row.back}
    last: dict[int, dict[bool, Proof]] = defaultdict(dict)
    files: dict[int, int] = {}
    for item, closes, *proof, n in _proofs(_back(asked, stock), [row.item.pk for row in done]) if asked else ():
        if closes is None:
            files[item] = n
        else:
            last[item][closes] = Proof(*proof)
    told = {row.item.pk: _how(row, files.get(row.item.pk, 0), names) for row in done}
    return told | {item: _came_back(found[False], found.get(True)) for item, found in last.items() if False in found}


def _back(asked: Collection[int], stock: Stock) -> list[tuple[int, int, str]]:
    """Item, rule and priority of what came back on these items."""
    found = ((one, pk) for one in stock.alike if one.marks & BACK for pk in one.items if pk in asked)
    return sorted({(pk, one.rule_id, one.priority) for one, pk in found})


def _proofs(back: Sequence[tuple[int, int, str]], done: list[int]) -> list[tuple[Any, ...]]:
    items, rules, priorities = ([*some] for some in zip(*back, strict=True)) if back else ([], [], [])
    with steady() as cursor:
        cursor.execute(PROOFS, {"items": items, "rules": rules, "priorities": priorities, "done": done})
        return list(cursor.fetchall())


def _came_back(broken: Proof, fixed: Proof | None) -> str:
    who = broken.author.partition(" <")[0]
    said = {"commit": shortsha(broken.commit), "subject": broken.subject, "who": who}
    text = _("reopened by %(commit)s “%(subject)s” (%(who)s)") % said if who else _("reopened by %(commit)s") % said
    if fixed is None:
        return text
    days = max((broken.at - fixed.at).days, 0)
    return listed([text, ngettext("fixed for %d day", "fixed for %d days", days) % days])


def _how(row: Row, files: int, names: Mapping[str, str]) -> str:
    item = row.item
    if row.state is State.PROVEN:
        commit = shortsha(item.settled_commit)
        return listed([commit, ngettext("%d file", "%d files", files) % files]) if files else commit
    if row.state is State.ATTESTED:
        return _("attested by %s") % names.get(item.attested_by, item.attested_by.partition("@")[0])
    return _("everything on it was accepted")
