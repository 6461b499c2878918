"""One finding, loaded with all that its page tells: in a few statements, however much there is of anything."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.utils.dateparse import parse_date, parse_datetime

from findings.columns import Columns
from findings.models import Evidence, Finding, Occurrence, Rule, Run, User, Verdict
from findings.querysets import FindingQuerySet
from findings.steady import steady
from remediation.forms.filters import Reader
from remediation.models import Item
from remediation.reads.sight import Sight, sight

ITEMS = 20  # that a finding is on


@dataclass(frozen=True, slots=True)
class Page:
    """What is loaded for a finding's page. `places` are the reader's own, oldest first, over or not; `items` are
    those of the reader's teams, what is owed first; `asked` is a verdict that waits for a lead; `traces` are what
    the code says of its owner (CODEOWNERS, last author).
    """

    finding: Finding
    who: Reader
    seen: Sight
    places: list[Occurrence]
    proofs: list[Evidence]
    verdict: Verdict | None
    asked: Verdict | None
    items: list[Item]
    may_edit: bool
    may_approve: bool
    traces: list[tuple[tuple[str, ...], str]]


def visible(who: Reader, role: str = "viewer") -> FindingQuerySet:
    """Findings this person sees, with what a row of a file or of the API needs joined."""
    rows: FindingQuerySet = Finding.objects.visible_to(who.user, role)
    return rows.for_list(who.components)


# All there is to tell of one finding, as JSON: its items, the verdicts that are in force or wait for a lead, the
# grounds, the places, and what the code says of its owner.
ABOUT = """
SELECT jsonb_build_object(
    'items', ARRAY(
        SELECT jsonb_build_object('id', i.id, 'title', i.title, 'due', i.due, 'settled', i.settled_at,
            'owner', i.owner_id, 'name', u.name, 'email', u.email)
        FROM remediation_placement p JOIN remediation_item i ON i.id = p.item_id
        JOIN remediation_checklist l ON l.id = i.checklist_id AND l.team_id = ANY (%(teams)s)
        LEFT JOIN findings_user u ON u.id = i.owner_id WHERE p.finding_id = %(finding)s
        ORDER BY i.settled_at DESC NULLS FIRST, i.due, i.id LIMIT %(some)s),
    'verdicts', ARRAY(
        SELECT jsonb_build_object('id', v.id, 'verdict', v.verdict, 'reason', v.reason, 'person', v.person,
            'until', v.until, 'asked', v.asked, 'name', u.name)
        FROM findings_verdict v LEFT JOIN findings_user u ON u.email = v.person
        WHERE v.finding_id = %(finding)s AND v.ended_at IS NULL),
    'proofs', ARRAY(
        SELECT to_jsonb(e) || jsonb_build_object('name', u.name)
        FROM findings_evidence e LEFT JOIN findings_user u ON u.email = e.person
        WHERE e.finding_id = %(finding)s ORDER BY e.id DESC),
    'places', ARRAY(
        SELECT to_jsonb(o) || jsonb_build_object('run', jsonb_build_object('id', r.id, 'commit', r.commit,
            'observed_at', r.observed_at))
        FROM findings_occurrence o LEFT JOIN findings_run r ON r.id = o.from_run_id
        WHERE o.finding_id = %(finding)s AND o.component_id = ANY (%(own)s) ORDER BY o.id),
    'traces', ARRAY(
        SELECT jsonb_build_array(t.owners, t.author) FROM remediation_trace t WHERE t.finding_id = %(finding)s)
)::text
"""


# As `FindingQuerySet.seen_from` says it.
SEEN = """
SELECT {finding}, {rule}, {owner} FROM findings_finding f
JOIN findings_rule r ON r.id = f.rule_id LEFT JOIN findings_user o ON o.id = f.owner_id
WHERE f.id = %(finding)s AND (
    f.component_id = ANY (%(own)s::bigint[]) OR f.component_id = ANY (%(others)s::bigint[]) AND f.key <> '' AND EXISTS (
        SELECT FROM findings_occurrence p
        WHERE p.finding_id = f.id AND p.component_id = ANY (%(own)s::bigint[]) AND p.to_run_id IS NULL))
"""
FINDING, RULE, OWNER = Columns(Finding, "f"), Columns(Rule, "r"), Columns(User, "o")


@cache
def _seen() -> str:
    return SEEN.format(finding=FINDING, rule=RULE, owner=OWNER)


def whole(pk: int, who: Reader) -> Finding | None:
    """A finding that this person sees, with what `load` needs beside it. Its component, team and repository are read
    with the reader. One statement, which never changes.
    """
    with steady() as cursor:
        cursor.execute(_seen(), {"finding": pk, "own": who.components, "others": who.others})
        row = cursor.fetchone()
    if row is None:
        return None
    found: Finding = FINDING.read(row[: len(FINDING)])
    found.rule, owner = RULE.read(row[len(FINDING) : -len(OWNER)]), row[-len(OWNER) :]
    found.owner = OWNER.read(owner) if found.owner_id else None
    found.component = who.parts[found.component_id]
    found.repository = found.component.repository
    return found


def load(finding: Any, who: Reader, may: Collection[int], led: Collection[int]) -> Page:
    """The rest of a finding from `whole`, in one statement. `may`: the teams for which this person may change things;
    `led`: their own.
    """
    values = {"finding": finding.pk, "teams": who.team_keys, "own": who.components, "some": ITEMS}
    with steady() as cursor:
        cursor.execute(ABOUT, values)
        [(text,)] = cursor.fetchall()
    about = json.loads(text)
    places = [_place(row) for row in about["places"]]
    finding.places = sorted((p for p in places if p.to_run_id is None), key=lambda p: (p.path, p.line, p.pk))
    theirs = {who.parts[p.component_id].team_id for p in finding.places} | {finding.component.team_id}
    said = {row["asked"]: _verdict(row) for row in about["verdicts"]}
    return Page(
        finding,
        who,
        sight(finding, who.components),
        places,
        _proofs(about["proofs"], finding, who),
        said.get(False),
        said.get(True),
        [_item(row) for row in about["items"]],
        not theirs.isdisjoint(may),
        finding.component.team_id in led,
        [(tuple(owners), author) for owners, author in about["traces"]],
    )


def _place(row: dict[str, Any]) -> Occurrence:
    run = row.pop("run")
    run["observed_at"] = parse_datetime(run["observed_at"]) if run["observed_at"] else None
    return Occurrence(from_run=Run(**run), **{name: value for name, value in row.items() if name != "from_run_id"})


def _verdict(row: dict[str, Any]) -> Verdict:
    """In the name by which people know its person."""
    until = parse_date(row["until"]) if row["until"] else None
    said = {"verdict": row["verdict"], "reason": row["reason"], "until": until, "asked": row["asked"]}
    return Verdict(pk=row["id"], person=row["name"] or row["person"], **said)


def _item(row: dict[str, Any]) -> Item:
    owner = User(pk=row["owner"], name=row["name"], email=row["email"]) if row["owner"] else None
    due = parse_date(row["due"]) if row["due"] else None
    settled = parse_datetime(row["settled"]) if row["settled"] else None
    return Item(pk=row["id"], title=row["title"], due=due, settled_at=settled, owner=owner)


def _proofs(rows: Sequence[dict[str, Any]], finding: Finding, who: Reader) -> list[Evidence]:
    """The evidence this person may read: hunks of another team's files are that team's."""
    if not rows:
        return []
    owner, own = who.owner(finding.repository_id), finding.component_id in who.components
    return [_proof(row) for row in rows if (owner(row["path"]).pk in who.components if row["path"] else own)]


def _proof(row: dict[str, Any]) -> Evidence:
    """With `name`, by which people know its person."""
    name = row.pop("name")
    times = {field: parse_datetime(row[field]) for field in ("at", "committed_at") if row[field]}
    proof: Any = Evidence(**row | times)
    proof.name = name
    return cast(Evidence, proof)
