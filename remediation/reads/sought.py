"""Findings by words or by a part of a path: by their places, where these are few, and where few of them are left. Who
reads the table in its order instead looks at all of it, for each finding at its words, when hardly any has them.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q

from findings.core import searching
from findings.pages import Span
from findings.querysets import FindingQuerySet
from remediation.forms.filters import AGES, Filter, Reader
from remediation.reads import counting, tallied
from remediation.reads.held import place_of
from remediation.reads.matching import OneOf, Spotted, inside, keys_of, matching, people_of, places_under
from remediation.reads.titled import rules_titled

OFTEN, PLACES = 200_000, 5_000  # what is in more places is not sought; places that are looked at first
DEAR = 4  # findings read and counted by their words, in places whose findings are looked at

# `rules`: those of what the filter lets through, where they are few; the index of words knows them too. `often`: in how
# many places these words are, as the planner estimates. `found` ends where it tells enough. `left`: how many findings
# there are without the words, at most; asked where what was found tells neither all nor that it is much.
FIND = """
WITH kinds AS MATERIALIZED (SELECT ({rules}) AS rules), often AS MATERIALIZED (
    SELECT {often} AS n, %s::bigint AS most FROM kinds
), spots AS MATERIALIZED ({spots}), part AS MATERIALIZED (
    SELECT (SELECT count(*) FROM spots) >= most AS yes FROM often
), found AS MATERIALIZED (
    {found} LIMIT CASE WHEN (SELECT yes FROM part) THEN %s::bigint WHEN (SELECT most FROM often) > 0 THEN %s::bigint END
), size AS MATERIALIZED (SELECT count(*) AS found FROM found)
SELECT often.n, part.yes IS TRUE, size.found, CASE WHEN part.yes AND size.found <= %s THEN {left} END, few.*
FROM often CROSS JOIN part CROSS JOIN size LEFT JOIN (SELECT id, {field} FROM found {beyond}) few ON true
"""
WORDED = """SELECT s.* FROM often CROSS JOIN kinds
    CROSS JOIN findings_sought(%s::tsquery, %s, CASE WHEN {fits} THEN most ELSE 0 END, rules) s"""
OFTEN_OF = {"q": "findings_often(%s::tsquery, rules)", "path": "findings_often(%s::tsquery, NULL)"}
UNDER = "SELECT * FROM ({places}) p LIMIT CASE WHEN (SELECT {fits} FROM often) THEN (SELECT most FROM often) ELSE 0 END"
YOUNG = "(SELECT count(*) FROM (SELECT FROM findings_finding WHERE first_seen_at >= %s LIMIT %s) young)"


class Told(NamedTuple):
    """What `FIND` answers: how often the words are, whether there may be more places than it saw, how many findings it
    saw, how many there are without the words, where it was asked; and the rows of the page.
    """

    often: int
    part: bool
    found: int
    left: int | None
    rows: list[Any]


@dataclass(frozen=True, slots=True)
class Sought:
    """How many a filter lets through, up to the cap and some more; and the rows of the page, where they are known."""

    total: int
    rows: list[Any] | None


def sought(chosen: Filter, who: Reader, late: Q | None, span: Span) -> Sought | None:
    """What a filter lets through that asks for words or a path. None where nearly everything has them, or where all
    else that it asks for leaves little: that is sooner read in its order. One statement, or two where the first places
    with the words have few of it.
    """
    by = _by(chosen, who)
    if not by:
        return None
    narrow = _Narrow(chosen, who, late)
    told = _find(narrow, by, span, PLACES)
    if told.often > OFTEN:
        return None
    if not told.part and told.found <= PLACES:
        return Sought(told.found, told.rows)
    if told.found > counting.CAP:
        return Sought(told.found, None)
    if told.left == 0 and tallied.exact(tallied.told(chosen), who):
        return Sought(0, [])
    # Whose a finding is takes a look at each: that is no way to few of them.
    if late is not None or (not chosen.owner and (told.left or 0) * DEAR < told.often):
        return None
    told = _find(narrow, by, span, None)
    return Sought(told.found, told.rows)


def _by(chosen: Filter, who: Reader) -> dict[str, str]:
    """By which words of a place is sought: field of the filter -> tsquery. Titles of rules may hold them too: then only
    a path says which places are enough.
    """
    words = {"q": searching.query(chosen.q), "path": searching.within(chosen.path)}
    if all(words.values()) and rules_titled(chosen.q, who.now):
        del words["q"]
    return {name: query for name, query in words.items() if query}


@dataclass(frozen=True, slots=True)
class _Narrow:
    """What a filter lets through, as a part of the statement."""

    chosen: Filter
    who: Reader
    late: Q | None

    @property
    def parts(self) -> list[int]:
        """The components whose places are looked at."""
        return inside(self.who.components, self.chosen, self.who)

    def rows(self, by: dict[str, str]) -> FindingQuerySet:
        """Those that have one of the places."""
        if by.keys() == {"q"}:
            return matching(self.chosen, self.who, self.late, spotted=True)
        bare = replace(self.chosen, path="") if len(by) == 1 else self.chosen  # each of the places has this path
        return matching(bare, self.who, self.late).filter(OneOf(F("pk"), Spotted(keys_of(self.parts))))

    def left(self) -> tuple[str, list[Any]]:
        """How many there are without the words, at most."""
        bare = tallied.told(self.chosen)
        if bare.mark != self.chosen.mark:  # what waits for a lead is little
            return "1", []
        bound = tallied.bound(bare, self.who, people_of(bare.owner, self.who))
        if not self.chosen.age:
            return f"({bound.statement})", [*bound.values]
        since = self.who.now - AGES[self.chosen.age]
        return f"least(({bound.statement}), {YOUNG})", [*bound.values, since, OFTEN]


def _find(narrow: _Narrow, by: dict[str, str], span: Span, most: int | None) -> Told:
    """`most`: places that are looked at; without it all of them, and all findings."""
    rarest = f"least({', '.join(OFTEN_OF[name] for name in by)})"
    rules, whose = tallied.rules(narrow.chosen, narrow.who)
    spots = [_spots(narrow, by, name) for name in by]
    field = narrow.chosen.order.field
    found, values = counting.statement(narrow.rows(by).order_by().values("id", field))
    left, bound = narrow.left() if most else ("0", [])
    beyond, place = span.sql()
    query = FIND.format(
        rules=rules,
        often=rarest,
        spots=" UNION ALL ".join(f"({sql})" for sql, _ in spots),
        found=found,
        left=left,
        field=field,
        beyond=beyond,
    )
    limits = (counting.CAP + 1, PLACES + 1, counting.CAP)
    given = [*whose, *by.values(), most, *(v for _, some in spots for v in some), *values, *limits, *bound, *place]
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        rows = cursor.fetchall()
    kind = place_of(narrow.chosen.order)
    often, part, matched, without = rows[0][:4]
    return Told(often, part, matched, without, [kind(*row[4:]) for row in rows if row[4] is not None])


def _spots(narrow: _Narrow, by: dict[str, str], name: str) -> tuple[str, list[Any]]:
    """The places with these words; none where those with the others are fewer, or where these are in too many."""
    values: list[Any]
    fits, values = "n <= %s", [OFTEN]
    if len(by) > 1:
        fits, values = f"{fits} AND {OFTEN_OF[name]} = n", [*values, by[name]]
    if name == "q":
        return WORDED.format(fits=fits), [by[name], narrow.parts, *values]
    places, named = counting.statement(
        places_under(narrow.chosen.path, narrow.parts).values("finding_id", "component_id")
    )
    return UNDER.format(places=places, fits=fits), [*named, *values]
