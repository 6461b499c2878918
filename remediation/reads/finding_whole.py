"""One finding, loaded with all that its page tells: in a few statements, however much there is of anything."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_date, parse_datetime

from findings.models import Evidence, Finding, Occurrence, User, Verdict
from findings.querysets import FindingQuerySet
from remediation.forms.filters import Reader
from remediation.models import Item, Placement
from remediation.reads.sight import Sight, sight

ITEMS = 20  # that a finding is on


@dataclass(frozen=True, slots=True)
class Page:
    """What is loaded for a finding's page. `places` are the reader's own, oldest first, over or not; `items` are
    those of the reader's teams, what is owed first; `asked` is a verdict that waits for a lead.
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


def visible(who: Reader, role: str = "viewer") -> FindingQuerySet:
    """Findings this person sees, with what a row of a file or of the API needs joined."""
    rows: FindingQuerySet = Finding.objects.visible_to(who.user, role)
    return rows.for_list(who.components)


def whole(who: Reader) -> FindingQuerySet:
    """Findings this person sees, with what `load` needs: items and the verdict in force come along as JSON."""
    placed = Placement.objects.filter(finding=OuterRef("pk"), item__checklist__team__in=who.team_keys)
    # What is owed stands before what was settled before, and that with the newest first.
    placed = placed.order_by(F("item__settled_at").desc(nulls_first=True), F("item__due").asc(nulls_last=True), "item")
    item = JSONObject(
        id="item_id", title="item__title", due="item__due", settled="item__settled_at", owner="item__owner",
        name="item__owner__name", email="item__owner__email",
    )  # fmt: skip
    fields = ("verdict", "reason", "person", "until", "asked", "name")
    verdict = JSONObject(id="pk", **{field: field for field in fields})

    def said(*, asked: bool) -> Subquery:
        rows = Verdict.objects.filter(finding=OuterRef("pk"), ended_at=None, asked=asked)
        return Subquery(rows.annotate(name=name_of("person")).values(told=verdict)[:1], output_field=JSONField())

    rows: FindingQuerySet = Finding.objects.seen_from(who.components, who.others)
    return rows.select_related("rule", "owner", "repository", "component__team").annotate(
        on_items=ArraySubquery(placed.values(told=item)[:ITEMS]),
        in_force=said(asked=False),
        waits=said(asked=True),
    )


def name_of(field: str) -> Subquery:
    """The name of the account with an address that a row names."""
    return Subquery(User.objects.filter(email=OuterRef(field)).values("name")[:1])


def load(finding: Any, who: Reader, may: Collection[int], led: Collection[int]) -> Page:
    """The rest of a finding from `whole`. `may`: the teams for which this person may change things; `led`: their
    own.
    """
    found = Occurrence.objects.filter(finding=finding, component__in=who.components).select_related("from_run")
    places = list(found.order_by("id"))
    finding.places = sorted((p for p in places if p.to_run_id is None), key=lambda p: (p.path, p.line, p.pk))
    theirs = {who.parts[p.component_id].team_id for p in finding.places} | {finding.component.team_id}
    return Page(
        finding,
        who,
        sight(finding, who.components),
        places,
        _proofs(finding, who),
        _verdict(finding.in_force),
        _verdict(finding.waits),
        [_item(row) for row in finding.on_items],
        not theirs.isdisjoint(may),
        finding.component.team_id in led,
    )


def _verdict(row: dict[str, Any] | None) -> Verdict | None:
    """The verdict in force, in the name by which people know its person."""
    if row is None:
        return None
    until = parse_date(row["until"]) if row["until"] else None
    said = {"verdict": row["verdict"], "reason": row["reason"], "until": until, "asked": row["asked"]}
    return Verdict(pk=row["id"], person=row["name"] or row["person"], **said)


def _item(row: dict[str, Any]) -> Item:
    owner = User(pk=row["owner"], name=row["name"], email=row["email"]) if row["owner"] else None
    due = parse_date(row["due"]) if row["due"] else None
    settled = parse_datetime(row["settled"]) if row["settled"] else None
    return Item(pk=row["id"], title=row["title"], due=due, settled_at=settled, owner=owner)


def _proofs(finding: Finding, who: Reader) -> list[Evidence]:
    """The evidence this person may read: hunks of another team's files are that team's."""
    owner, own = who.owner(finding.repository_id), finding.component_id in who.components
    rows = Evidence.objects.filter(finding=finding).annotate(name=name_of("person")).order_by("-id")
    return [p for p in rows if (owner(p.path).pk in who.components if p.path else own)]
