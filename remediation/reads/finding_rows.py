"""The rows of the triage table with all they show, of one page: one statement, which never changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from findings.steady import steady
from findings.words import titled, translated
from remediation.forms.filters import Reader
from remediation.reads.addresses import address
from remediation.reads.due import Clock, clock_of
from remediation.reads.sight import marks

# Of a finding that holds the first of its present places; of any other the last one there was.
ROWS = """
SELECT f.id, f.priority, f.title, f.state, extract(epoch FROM f.first_seen_at)::float8, f.due,
    f.reopened, f.flapping, f.rotated, f.at_head,
    f.component_id, r.title, coalesce(nullif(o.name, ''), o.email, plan.owner, ''), spot.path, spot.line, spot.message,
    (SELECT count(*) FROM findings_occurrence p
        WHERE p.finding_id = f.id AND p.to_run_id IS NULL AND p.component_id = ANY (%(own)s)), plan.due
FROM unnest(%(keys)s::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN findings_finding f ON f.id = wanted.id
JOIN findings_rule r ON r.id = f.rule_id LEFT JOIN findings_user o ON o.id = f.owner_id
LEFT JOIN LATERAL (
    SELECT path, line, left(message, 500) AS message FROM (
        SELECT *, f.present AND to_run_id IS NULL AS now FROM findings_occurrence
        WHERE finding_id = f.id AND component_id = ANY (%(own)s)
    ) p ORDER BY now DESC, CASE WHEN now THEN at_head END DESC, CASE WHEN now THEN path END,
        CASE WHEN now THEN line END, id DESC LIMIT 1
) spot ON true
LEFT JOIN LATERAL (
    SELECT min(i.due) AS due, (array_agg(coalesce(nullif(u.name, ''), u.email) ORDER BY i.due, i.id)
        FILTER (WHERE i.owner_id IS NOT NULL))[1] AS owner
    FROM remediation_placement p JOIN remediation_item i ON i.id = p.item_id AND i.settled_at IS NULL
    JOIN remediation_checklist l ON l.id = i.checklist_id AND l.team_id = ANY (%(teams)s)
    LEFT JOIN findings_user u ON u.id = i.owner_id WHERE p.finding_id = f.id
) plan ON true ORDER BY wanted.place
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in the list. `places` counts those beside the first one; `due` is its effective date."""

    pk: int
    priority: str
    title: str
    url: str
    path: str
    line: int
    places: int
    first_seen: datetime
    owner: str
    due: date | None
    overdue: bool
    state: str
    marks: tuple[str, ...]
    rule: str
    part: str
    group: str = ""
    heading: Any = field(default=None, compare=False)  # stands above the row, and is no piece of it


class Told(NamedTuple):
    """What the database tells of a finding; its place is empty where nobody knows any."""

    pk: int
    priority: str
    title: str
    state: str
    first_seen_at: datetime  # comes as a number: a list is mostly dates, and the database's are slow to read
    due: date | None
    reopened: int
    flapping: bool
    rotated: bool
    at_head: bool
    component: int
    rule: str
    owner: str
    path: str | None
    line: int | None
    message: str | None
    places: int
    planned: date | None


SEEN = Told._fields.index("first_seen_at")


def rows_of(keys: Sequence[int], who: Reader, query: str = "") -> list[Row]:
    """The rows of these findings, in this order; of those that are still there. `query` is carried along by their
    links.
    """
    if not keys:
        return []
    values = {"keys": list(keys), "own": who.components, "teams": who.team_keys}
    with steady() as cursor:
        cursor.execute(ROWS, values)
        told = [Told._make((*row[:SEEN], datetime.fromtimestamp(row[SEEN], UTC), *row[SEEN + 1 :])) for row in cursor]
    teams = {part.team_id: part.team for f in told if (part := who.parts[f.component])}
    clocks = {pk: clock_of(team, who.now) for pk, team in teams.items()}
    # One address for all of them: to make one costs as much as to ask for a row.
    head, tail = address("remediation:finding", 0)[: -len("0/")], f"/?{query}" if query else "/"
    rules = {rule: translated(rule) for rule in {f.rule for f in told}}
    return [_row(f, who, clocks[who.parts[f.component].team_id], f"{head}{f.pk}{tail}", rules[f.rule]) for f in told]


def _row(f: Any, who: Reader, clock: Clock, url: str, rule: str) -> Row:
    # The words of a shared finding may be those of another team's place.
    inside = f.component in who.components
    own = inside or f.path is None
    due = clock.deadline(f, f.planned) if f.state == "open" else None
    return Row(
        pk=f.pk,
        priority=f.priority,
        title=titled(f.title if own else (f.message or "").strip().split("\n")[0] or f.rule, f.rule),
        url=url,
        path=f.path or "",
        line=f.line or 0,
        places=max(f.places - 1, 0),
        first_seen=f.first_seen_at,
        owner=f.owner,
        due=due.on if due else None,
        overdue=bool(due and due.overdue),
        state=f.state,
        marks=tuple(marks(f)),
        rule=rule,
        part=who.parts[f.component].name if inside else "",
    )
