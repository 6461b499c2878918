"""What is soonest asked of each finding by itself, after all else: whether one of its places has some words or a path,
and whether it is nobody's. The planner would rather find all places with the words beforehand, or all that is owned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import Q

from findings.core import searching
from remediation.forms.filters import NOBODY, Filter, Reader
from remediation.reads.counting import Statement, statement
from remediation.reads.matching import inside, matching
from remediation.reads.titled import rules_titled

# Of findings that a statement names as `findings_finding`. What costs least is asked first: only texts with all the
# letters are split into words.
HAS = """coalesce((
    SELECT true FROM findings_occurrence p
    WHERE p.finding_id = findings_finding.id AND p.component_id = ANY (%s::bigint[]){more} LIMIT 1
), false)"""
UNDER = " AND upper(p.path) LIKE upper(%s)"
SPELT = " AND strpos(lower(left(p.path || ' ' || p.message, 2000)), %s) > 0"
WORDED = " AND findings_words(p.path, p.message) @@ to_tsquery('simple', %s)"
TITLED = "({has} OR findings_finding.rule_id = ANY (%s::bigint[]))"
UNOWNED = """NOT coalesce((
    SELECT true FROM remediation_placement p WHERE p.finding_id = findings_finding.id AND p.item_id = ANY (ARRAY(
        SELECT i.id FROM remediation_item i JOIN remediation_checklist l ON l.id = i.checklist_id
        WHERE i.settled_at IS NULL AND l.team_id = ANY (%s) AND i.owner_id IS NOT NULL
    )) LIMIT 1
), false)"""
EACH = "SELECT findings_finding.* FROM ({rows} OFFSET 0) findings_finding WHERE {asked}"


def asked_of_each(chosen: Filter, who: Reader) -> dict[str, Statement]:
    """Field of the filter -> a condition that takes a look at each finding."""
    own, found = inside(who.components, chosen, who), dict[str, Statement]()
    if chosen.owner == (NOBODY,):
        found["owner"] = UNOWNED, [who.team_keys]
    if chosen.path:
        found["path"] = _under(chosen.path, own)
    if chosen.q:
        found["q"] = _worded(chosen.q, own, rules_titled(chosen.q, who.now))
    return found


def _under(path: str, own: Sequence[int]) -> Statement:
    words = searching.within(path)
    part = f"%{connection.ops.prep_for_like_query(path)}%"
    return HAS.format(more=UNDER + (WORDED if words else "")), [list(own), part, *([words] if words else [])]


def _worded(text: str, own: Sequence[int], rules: Sequence[int]) -> Statement:
    words, letters = searching.query(text), searching.letters(text)
    if not words:
        return "false", []
    has, values = HAS.format(more=SPELT * len(letters) + WORDED), [list(own), *letters, words]
    return (TITLED.format(has=has), [*values, list(rules)]) if rules else (has, values)


def bare(chosen: Filter, who: Reader, late: Q | None = None) -> Statement:
    """What a filter lets through but for what is asked of each (`late`: as `matching` takes it)."""
    asked = {name: getattr(Filter(), name) for name in asked_of_each(chosen, who)}
    rows = matching(replace(chosen, **asked), who, late)
    rows = rows.filter(owner=None) if "owner" in asked else rows
    return statement(rows.order_by().values("id", chosen.order.field, "rule_id"))


def together(conditions: Iterable[Statement]) -> Statement:
    """All of them as one condition."""
    several = [*conditions]
    return " AND ".join(sql for sql, _ in several), [value for _, values in several for value in values]


def looked_at(chosen: Filter, who: Reader, late: Q | None = None) -> Statement:
    """What a filter lets through, as it is soonest looked at one by one; in no order."""
    rows, values = bare(chosen, who, late)
    asked, more = together(asked_of_each(chosen, who).values())
    return (EACH.format(rows=rows, asked=asked), [*values, *more]) if asked else (rows, values)
