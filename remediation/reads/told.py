"""What became of an item, in words: which commit brought it back, or what settled it. One statement for many items."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from findings.templatetags.nova import shortsha
from findings.words import listed
from remediation.core.progress import State
from remediation.reads.items import Row

# The last proofs of both kinds of what is open again, and in how many files the others of `done` items were fixed.
PROOFS = """
(SELECT DISTINCT ON (p.item_id, e.closes) p.item_id, e.closes, e.commit, e.subject, e.author, e.at, 0
FROM findings_finding f JOIN remediation_placement p ON p.finding_id = f.id
JOIN findings_evidence e ON e.finding_id = f.id
WHERE f.reopened > 0 AND f.state = 'open' AND {some} AND p.item_id = ANY (%(items)s)
ORDER BY p.item_id, e.closes, e.id DESC)
UNION ALL
SELECT p.item_id, NULL, '', '', '', NULL, count(DISTINCT e.path)
FROM remediation_placement p JOIN findings_finding f ON f.id = p.finding_id
JOIN findings_evidence e ON e.finding_id = f.id
WHERE p.item_id = ANY (%(done)s) AND f.state <> 'open' AND e.closes AND e.path <> '' GROUP BY 1
"""


class Proof(NamedTuple):
    """Evidence, as far as a line tells it."""

    commit: str
    subject: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows that a page shows; `rules` (keys) found what came back on them, where that is known."""

    rows: Collection[Row]
    rules: Collection[int] | None = None


def told_of(shown: Shown) -> dict[int, str]:
    """By item: which commit brought it back, whose, how long it had been fixed; or how it was settled."""
    done = [row for row in shown.rows if row.done]
    items = [row.item.pk for row in shown.rows if row.done or row.back]
    last: dict[int, dict[bool, Proof]] = defaultdict(dict)
    files: dict[int, int] = {}
    for item, closes, *proof, n in _proofs(items, [row.item.pk for row in done], shown.rules) if items else ():
        if closes is None:
            files[item] = n
        else:
            last[item][closes] = Proof(*proof)
    told = {row.item.pk: _how(row, files.get(row.item.pk, 0)) for row in done}
    return told | {item: _came_back(found[False], found.get(True)) for item, found in last.items() if False in found}


def _proofs(items: list[int], done: list[int], rules: Collection[int] | None) -> list[tuple[Any, ...]]:
    some = "true" if rules is None else "f.rule_id = ANY (%(rules)s::bigint[])"
    with connection.cursor() as cursor:
        cursor.execute(PROOFS.format(some=some), {"items": items, "done": done, "rules": sorted(rules or ())})
        return list(cursor.fetchall())


def _came_back(broken: Proof, fixed: Proof | None) -> str:
    who = broken.author.partition(" <")[0]
    said = {"commit": shortsha(broken.commit), "subject": broken.subject, "who": who}
    text = _("reopened by %(commit)s “%(subject)s” (%(who)s)") % said if who else _("reopened by %(commit)s") % said
    if fixed is None:
        return text
    days = max((broken.at - fixed.at).days, 0)
    return listed([text, ngettext("fixed for %d day", "fixed for %d days", days) % days])


def _how(row: Row, files: int) -> str:
    item = row.item
    if row.state is State.PROVEN:
        commit = shortsha(item.settled_commit)
        return listed([commit, ngettext("%d file", "%d files", files) % files]) if files else commit
    if row.state is State.ATTESTED:
        return _("attested by %s") % item.attested_by.partition("@")[0]
    return _("everything on it was accepted")
