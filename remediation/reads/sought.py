"""Findings by words or by a part of a path: by their places, where these are few, and where few of them are left. Who
reads the table in its order instead looks at all of it, for each finding at its words, when hardly any has them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from findings.core import searching
from findings.pages import Span
from remediation.forms.filters import AGES, Filter, Reader
from remediation.reads import counting, tallied
from remediation.reads.counting import Statement, narrowed, statement
from remediation.reads.held import place_of
from remediation.reads.looked import asked_of_each, bare
from remediation.reads.matching import inside, people_of, places_under
from remediation.reads.titled import rules_titled
from remediation.reads.walking import NONE, arms_of, pages_of

OFTEN, PLACES = 200_000, 5_000  # what is in more places is not sought; places that are looked at first
DEAR = 1.5  # findings read and counted by their words, in places whose findings are looked at
SPARE = 1.3  # as many places more than the first ones say are enough

# `rules`: those of what the filter lets through, where they are few; the index of words knows them too. `often`: in how
# many places these words are, as the planner estimates, and by which of them is sought (`side`): by both of them where
# each is in many places, which then are some of all. `found` ends where it tells enough: where it tells that much is
# found (`more`), the page is read along the table. `left`: how many findings there are without the words at most, where
# what was found tells neither all nor that it is much. `whole`: whether the rows are those of the page.
FIND = """
WITH kinds AS MATERIALIZED (SELECT ({rules}) AS rules), often AS MATERIALIZED (
    SELECT n, most, CASE {sides} END AS side FROM (SELECT {often} AS n, %s::bigint AS most, rules FROM kinds) one
), spots AS MATERIALIZED ({spots}), part AS MATERIALIZED (
    SELECT (SELECT count(*) FROM spots) >= most OR side = 'both' AS yes FROM often
), found AS MATERIALIZED (
    {found} LIMIT CASE WHEN (SELECT yes FROM part) THEN %s::bigint ELSE (SELECT most + 1 FROM often) END
), size AS MATERIALIZED (SELECT count(*) AS found FROM found), more AS MATERIALIZED (
    SELECT coalesce(found > %s AND (part.yes OR found > most), false) AS yes FROM part, size, often
){head}
SELECT n, side, part.yes IS TRUE, found, CASE WHEN part.yes AND found <= %s THEN {left} END,
    CASE WHEN more.yes THEN NOT ({cut}) ELSE part.yes IS NOT TRUE AND (found > most) IS NOT TRUE END, few.*
FROM often CROSS JOIN part CROSS JOIN size CROSS JOIN more LEFT JOIN ({pages}) few ON true
"""
MORE, SIDE = "(SELECT yes FROM more)", "(SELECT side FROM often)"
FEW = "SELECT * FROM found WHERE NOT (SELECT yes FROM more)"
OFTEN_OF = {"q": "findings_often(%s::tsquery, rules)", "path": "findings_often(%s::tsquery, NULL)"}
WORDED = """SELECT s.* FROM often CROSS JOIN kinds
    CROSS JOIN findings_sought(%s::tsquery, %s, CASE WHEN side = 'q' THEN most ELSE 0 END, rules) s"""
UNDER = "SELECT * FROM ({places}) p LIMIT (SELECT CASE WHEN side = '{side}' THEN most ELSE 0 END FROM often)"
BOTH = "findings_words(findings_occurrence.path, findings_occurrence.message) @@ %s::tsquery"
YOUNG = "(SELECT count(*) FROM (SELECT FROM findings_finding WHERE first_seen_at >= %s LIMIT %s) young)"


class Told(NamedTuple):
    """What `FIND` answers: how often the words are, by which places it sought, whether there may be more places than
    it saw, how many findings it saw, how many there are without the words, where it was asked; the rows, and whether
    they are those of the page.
    """

    often: int
    side: str
    part: bool
    found: int
    left: int | None
    whole: bool
    rows: list[Any]


def sought(chosen: Filter, who: Reader, late: Q | None, span: Span) -> tuple[list[Any], int] | None:
    """(Where the rows of a page stand in their order, how many match up to the cap and some more) of a filter that asks
    for words or a path. None where nearly everything has them, or where all
    else that it asks for leaves little: that is sooner read in its order. One statement, two where the first places
    with the words have few of it, three where as many as should be enough have, too.
    """
    by = _by(chosen, who)
    if not by:
        return None
    narrow = _Narrow(chosen, who, late)
    told = _find(narrow, by, span, PLACES)
    if told.often > OFTEN:
        return None
    if not told.whole and told.part and told.found <= counting.CAP:
        if told.left == 0 and tallied.exact(tallied.told(chosen), who):
            return [], 0
        # Whose a finding is takes a look at each: that is no way to few of them.
        if late is not None or (not chosen.owner and _sooner_by_itself(told)):
            return None
        enough = _enough(told)
        told = _find(narrow, by, span, enough) if enough else told
    if not told.whole:
        told = _find(narrow, by, span, None)
    return told.rows, told.found


def _by(chosen: Filter, who: Reader) -> dict[str, str]:
    """By which words of a place is sought: field of the filter -> tsquery. Titles of rules may hold them too: then only
    a path says which places are enough.
    """
    words = {"q": searching.query(chosen.q), "path": searching.within(chosen.path)}
    if all(words.values()) and rules_titled(chosen.q, who.now):
        del words["q"]
    return {name: query for name, query in words.items() if query}


def _sooner_by_itself(told: Told) -> bool:
    """Whether what the filter leaves without the words is sooner looked at than places with the words."""
    known = told.found * told.often / PLACES if told.side != "both" else 0
    looks = (told.left or 0) * DEAR * min(1, counting.CAP / known if known else 1)
    return looks < (_enough(told) or told.often)


def _enough(told: Told) -> int | None:
    """How many places have enough of what is found, by the first ones; None where all are sooner looked at."""
    places = int(PLACES * SPARE * (counting.CAP + 1) / max(told.found, 1))
    return places if told.side != "both" and places < told.often else None


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

    def titled(self, by: Collection[str]) -> tuple[int, ...]:
        """The rules of which all findings have the words, where these are what is sought by."""
        return rules_titled(self.chosen.q, self.who.now) if [*by] == ["q"] else ()

    def rows(self, by: Collection[str]) -> Statement:
        """Those that have one of the places, where the places tell enough; the others are looked at."""
        placed, values = "findings_finding.id = ANY (ARRAY(SELECT finding_id FROM spots))", list[Any]()
        if titled := self.titled(by):
            placed, values = f"({placed} OR findings_finding.rule_id = ANY (%s::bigint[]))", [[*titled]]
        rows = narrowed(bare(self.chosen, self.who, self.late), f"{SIDE} IS NOT NULL AND {placed}", values)
        for name, (asked, some) in asked_of_each(self.chosen, self.who).items():
            rows = narrowed(rows, f"({SIDE} IN ('{name}', 'both') OR {asked})" if name in by else asked, some)
        return rows

    def left(self) -> Statement:
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
    chosen, who = narrow.chosen, narrow.who
    rules, whose = tallied.rules(chosen, who)
    (sides, deciding), spots = _sides(by, most), [_spots(narrow, by, side) for side in (*by, "both")[: 2 * len(by) - 1]]
    (found, values), (left, bound) = narrow.rows(by), narrow.left() if most else ("0", [])
    arms = arms_of(chosen, who, narrow.late, span, (MORE, [])) if most else NONE
    pages, shown = arms.behind(pages_of([(FEW, [])], span))
    query = FIND.format(
        rules=rules,
        sides=sides,
        often=_rarest(by),
        spots=" UNION ALL ".join(f"({sql})" for sql, _ in spots),
        found=found,
        head=arms.head[0],
        left=left,
        cut=arms.cut,
        pages=pages,
    )
    given = [*whose, *deciding, *by.values(), most, *(v for _, some in spots for v in some), *values]
    given += [counting.CAP + 1, counting.CAP, *arms.head[1], counting.CAP, *bound, *shown]
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        rows = cursor.fetchall()
    kind = place_of(chosen.order)
    return Told._make((*rows[0][:6], [kind(*row[6:]) for row in rows if row[6] is not None]))


def _rarest(by: dict[str, str]) -> str:
    return f"least({', '.join(OFTEN_OF[name] for name in by)})"


def _sides(by: dict[str, str], most: int | None) -> Statement:
    """By which words of a place is sought, by how often they are: not by what is everywhere."""
    *others, last = by
    rarer = "".join(f" WHEN {OFTEN_OF[name]} = n THEN '{name}'" for name in others)
    both = PLACES if others and most else OFTEN
    cases = f"WHEN n > %s THEN NULL WHEN n > %s THEN 'both'{rarer} ELSE '{last}'"
    return cases, [OFTEN, both, *(by[name] for name in others)]


def _spots(narrow: _Narrow, by: dict[str, str], side: str) -> Statement:
    """The places with these words, or with both; none where it is not sought by them."""
    if side == "q":
        return WORDED, [by[side], narrow.parts]
    places = statement(places_under(narrow.chosen.path, narrow.parts).values("finding_id", "component_id"))
    sql, values = narrowed(places, BOTH, [by["q"]]) if side == "both" else places
    return UNDER.format(places=sql, side=side), [*values]
