"""The triage table: how many rows match, how they are shown, and the filter in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from findings.models import User
from findings.pages import Page, key_of
from findings.querysets import FindingQuerySet
from findings.words import listed
from remediation.forms.filters import MINE, NOBODY, ROWS, Filter, Reader
from remediation.reads import tallied
from remediation.reads.addresses import address
from remediation.reads.counting import counts, figure, statement
from remediation.reads.finding_facets import DUE_WORDS, MARK_WORDS, Facet, ages, facet, states, text

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


def with_total(
    rows: FindingQuerySet, chosen: Filter, who: Reader, found: FindingQuerySet, *, known: bool = False
) -> QuerySet[Any, Any]:
    """What a page asks of its rows before it knows them (see `finding_rows`): their keys (`pk`), where they stand in
    their order, and `total`, how many were found. `known`: their date was looked up before (see `where_late`).
    """
    every = statement(found.order_by().values("id", chosen.order.field))
    numbered = rows.annotate(total=tallied.total(chosen, who, every, known=known))
    return numbered.values_list("pk", chosen.order.field, "total", named=True)


def total(findings: Sequence[Any], found: FindingQuerySet) -> str:
    """How many match. Known from any row of the page; asked for where there is none."""
    return figure(findings[0].total if findings else counts([found])[0])


def looks(chosen: Filter) -> tuple[Facet, ...]:
    """How the rows are shown: their order, their groups, their columns. The usual order is no word in the address."""
    return _looks(chosen.sort if chosen.sort in SORT_WORDS else "", chosen.group, chosen.shown, get_language() or "")


@lru_cache(maxsize=200)
def _looks(sort: str, group: str, columns: tuple[str, ...], language: str) -> tuple[Facet, ...]:
    return (
        facet("sort", _("Sort"), text(SORT_WORDS), None, (sort,), single=True),
        facet("group", _("Group"), text(GROUP_WORDS), None, (group,), single=True),
        facet("columns", _("Columns"), text(COLUMN_WORDS), None, columns),
    )


def sizes(chosen: Filter, page: Page) -> list[dict[str, Any]]:
    """How many rows a page may have, where another choice would show others: {size, asked: what the address then says,
    current}. The usual one is no word in the address.
    """
    if not (page.next or page.previous or len(page.rows) > int(ROWS[0])):
        return []
    return [{"size": rows, "asked": rows if n else None, "current": rows == chosen.rows} for n, rows in enumerate(ROWS)]


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
    kept: dict[str, Any] = {name: getattr(chosen, name) for name in ("team", "sort", "rows")}
    return [
        {"label": label, "url": url, "current": replace(asked, **kept) == chosen}
        for label, url, asked in _weekly(team, get_language() or "")
    ]


@lru_cache(maxsize=200)
def _weekly(team: str, language: str) -> list[tuple[str, str, Filter]]:
    """(What such a view is called, its address, its filter without a team.)"""
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
    home, found = address("remediation:findings"), []
    for label, asked in wanted:
        query = urlencode(base | asked)
        found.append((label, f"{home}?{query}" if query else home, Filter.read(QueryDict(urlencode(asked)))))
    return found
