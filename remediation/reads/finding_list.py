"""The triage table: its rows with all they show, how many match, and the filter in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject, Left
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.models import Occurrence, User
from findings.pages import key_of
from findings.querysets import FindingQuerySet
from findings.words import listed, translated
from remediation.forms.filters import MINE, NOBODY, Filter, Reader
from remediation.reads.counting import capped, counts, figure
from remediation.reads.due import deadlines, holders, planned
from remediation.reads.finding_facets import DUE_WORDS, MARK_WORDS, Facet, ages, facet, states, text
from remediation.reads.sight import marks

SORT_WORDS = {
    "": gettext_lazy("priority"),
    "newest": gettext_lazy("newest first"),
    "oldest": gettext_lazy("oldest first"),
}
GROUP_WORDS = {
    "": gettext_lazy("no groups"),
    "rule": gettext_lazy("by rule"),
    "path": gettext_lazy("by path"),
    "owner": gettext_lazy("by owner"),
}
COLUMN_WORDS = {
    "rule": gettext_lazy("Rule"),
    "part": gettext_lazy("Component"),
    "where": gettext_lazy("Where"),
    "age": gettext_lazy("Age"),
    "owner": gettext_lazy("Owner"),
    "due": gettext_lazy("Due"),
    "state": gettext_lazy("State"),
}
SHOWN = (
    "priority", "title", "state", "first_seen_at", "reopened", "flapping", "rotated", "at_head", "component_id", "due",
    "owner__name", "owner__email", "rule__title",
)  # fmt: skip


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
    marks: list[str]
    rule: str
    part: str
    group: str = ""
    heading: Any = None


def with_rows(rows: FindingQuerySet, who: Reader, found: FindingQuerySet | None = None) -> FindingQuerySet:
    """Adds what `rows_of` shows, and `total`: rule, owner, the first place with how many there are, of what is closed
    the last one. All in one statement, and of the rows of the page alone.
    """
    places = Occurrence.objects.filter(finding=OuterRef("pk"), component__in=who.components)
    place = JSONObject(path="path", line="line", message=Left("message", 500) if who.others else Value(""))
    now = places.filter(to_run=None)
    first = now.order_by("-at_head", "path", "line").values(place=place)[:1]
    last = places.order_by("-id").values(place=place)[:1]
    count = now.order_by().values("finding").annotate(n=Count("pk")).values("n")
    return (
        rows.select_related("owner", "rule")
        .only(*SHOWN)
        .annotate(
            total=capped(rows if found is None else found),
            place=Case(When(present=True, then=Coalesce(Subquery(first), Subquery(last))), default=Subquery(last)),
            n_places=Subquery(count, output_field=IntegerField()),
        )
    )


def rows_of(findings: Sequence[Any], who: Reader, query: str = "") -> list[Row]:
    """Rows for findings loaded through `with_rows`. `query` is carried along by their links."""
    for f in findings:
        f.component = who.parts[f.component_id]
    plans = planned([f.pk for f in findings if f.state == "open" or f.owner_id is None], who.team_keys)
    dates, people = deadlines(findings, who.team_keys, who.now, plans), holders(findings, plans)
    tail = f"?{query}" if query else ""
    return [_row(f, who, dates.get(f.pk), str(people.get(f.pk, "")), tail) for f in findings]


def _row(f: Any, who: Reader, due: Any, owner: str, tail: str) -> Row:
    place = f.place or {"path": "", "line": 0, "message": ""}
    # The words of a shared finding may be those of another team's place.
    own = f.component_id in who.components or not f.place
    return Row(
        pk=f.pk,
        priority=f.priority,
        title=f.title if own else place["message"].strip().split("\n")[0] or f.rule.title,
        url=f"{f.get_absolute_url()}{tail}",
        path=place["path"],
        line=place["line"],
        places=max((f.n_places or 0) - 1, 0),
        first_seen=f.first_seen_at,
        owner=owner,
        due=due.on if due else None,
        overdue=bool(due and due.overdue),
        state=f.state,
        marks=marks(f),
        rule=translated(f.rule.title),
        part=who.parts[f.component_id].name if f.component_id in who.components else "",
    )


def total(findings: Sequence[Any], found: FindingQuerySet) -> str:
    """How many match. Known from any row of the page; asked for where there is none."""
    return figure(findings[0].total if findings else counts([found])[0])


def looks(chosen: Filter) -> list[Facet]:
    """How the rows are shown: their order, their groups, their columns."""
    words = text(COLUMN_WORDS)
    return [
        sorts(chosen),
        facet("group", _("Group"), text(GROUP_WORDS), None, (chosen.group,), single=True),
        facet("columns", _("Columns"), words, None, chosen.shown),
    ]


def sorts(chosen: Filter) -> Facet:
    """The order of the rows, as a menu; the usual one is no word in the address."""
    current = chosen.sort if chosen.sort in SORT_WORDS else ""
    return facet("sort", _("Sort"), text(SORT_WORDS), None, (current,), single=True)


# Words


def in_words(chosen: Filter, menus: Sequence[Facet] = ()) -> str:
    """The filter as people say it, "" for the bare list: "P0, came back, path “k8s”."""
    labels = {(menu.name, choice.value): choice.label for menu in menus for choice in menu.choices}
    people = User.objects.in_bulk([key for owner in chosen.owner if (key := key_of(owner))]) if chosen.owner else {}
    labels |= {("owner", str(pk)): str(user) for pk, user in people.items()}
    known: dict[str, Mapping[str, Any]] = {"state": states(), "mark": MARK_WORDS, "due": DUE_WORDS, "age": ages()}
    said = []
    for name in chosen.changed():
        value = getattr(chosen, name)
        if name in ("q", "path"):
            said.append(f"“{value}”" if name == "q" else _("path “%s”") % value)
        elif name == "older":
            said.append(_("older than %s days") % value)
        else:
            values = (value,) if isinstance(value, str) else value
            said += [str(known.get(name, {}).get(v) or labels.get((name, v)) or _spoken(v)) for v in values]
    return listed(said)


def _spoken(value: str) -> str:
    return {MINE: _("mine"), NOBODY: _("nobody's")}.get(value, value)


def views(chosen: Filter, team: str) -> list[dict[str, Any]]:
    """The views that are asked for every week, as addresses."""
    base = {"team": team} if team else {}
    wanted: list[tuple[str, dict[str, str]]] = [
        (_("Everything open"), {}),
        (_("Monday triage: new and nobody's"), {"age": "7", "owner": NOBODY}),
        (_("Mine"), {"owner": MINE}),
        (_("Overdue"), {"due": "overdue"}),
        (_("Came back"), {"mark": "back"}),
        (_("Accepted"), {"state": "accepted"}),
        (_("Fixed"), {"state": "fixed"}),
    ]
    home, found = reverse("remediation:findings"), []
    for label, asked in wanted:
        query = urlencode(base | asked)
        here = Filter.read(QueryDict(urlencode(asked)))
        current = replace(here, team=chosen.team, sort=chosen.sort) == chosen
        found.append({"label": label, "url": f"{home}?{query}" if query else home, "current": current})
    return found
