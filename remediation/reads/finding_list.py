"""The triage table: its rows, what it can be narrowed by with how many each would leave, and the filter in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from findings.models import Finding, Repository, State, User
from findings.words import listed, translated
from remediation.forms.filters import (
    AGES,
    ANY,
    MINE,
    NOBODY,
    PRIORITIES,
    Filter,
    Reader,
    matching,
)
from remediation.reads.due import deadlines, holders
from remediation.reads.sight import last_places, marks, sight

CAP = 1000
CHOICES = 40  # of one facet: the fullest; what is checked always stays
MARK_WORDS = {
    "back": gettext_lazy("came back"),
    "flapping": gettext_lazy("flapping"),
    "history": gettext_lazy("only in history"),
    "untriaged": gettext_lazy("not triaged"),
}
DUE_WORDS = {"overdue": gettext_lazy("overdue"), "week": gettext_lazy("due by Sunday")}
SORT_WORDS = {
    "": gettext_lazy("priority"),
    "newest": gettext_lazy("newest first"),
    "oldest": gettext_lazy("oldest first"),
}


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


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet; `count` = findings it would leave, None where nobody counted."""

    value: str
    label: str
    count: int | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A parameter of the filter with its choices; `single` allows one of them."""

    name: str
    label: str
    choices: list[Choice]
    single: bool = False


def rows_of(findings: Sequence[Finding], who: Reader, query: str = "") -> list[Row]:
    """Rows for findings loaded with `for_list(who.components)`. `query` is carried along by their links."""
    dates, people = deadlines(findings, who.team_keys, who.now), holders(findings)
    last = last_places(findings, who.components)
    tail = f"?{query}" if query else ""
    rows = []
    for f in findings:
        seen, due = sight(f, who.components), dates.get(f.pk)
        place = seen.place or last.get(f.pk)
        rows.append(
            Row(
                pk=f.pk,
                priority=f.priority,
                title=seen.title,
                url=f"{f.get_absolute_url()}{tail}",
                path=place.path if place else "",
                line=place.line if place else 0,
                places=max(len(seen.places) - 1, 0),
                first_seen=f.first_seen_at,
                owner=str(people.get(f.pk, "")),
                due=due.on if due else None,
                overdue=bool(due and due.overdue),
                state=f.state,
                marks=marks(f),
            )
        )
    return rows


def capped(rows: QuerySet[Finding, Any]) -> str:
    """How many match, in a query that never counts beyond the cap: "412", "1,000+"."""
    n = rows.order_by()[: CAP + 1].count()
    return f"{localize(CAP)}+" if n > CAP else str(localize(n))


def sentence(who: Reader) -> str:
    """What is open, before any filter: "14 findings are open: 2 P0, 7 P1, 5 P2."""
    still = Finding.objects.visible_to(who.user).in_components(who.components).open().order_by()
    counts: dict[str, int] = dict(still.values_list("priority").annotate(n=Count("pk")))
    if not counts:
        return _("Nothing is open.")
    said = listed(f"{counts[p]} {p}" for p in PRIORITIES if p in counts)
    n = sum(counts.values())
    return ngettext("%(n)s finding is open: %(said)s.", "%(n)s findings are open: %(said)s.", n) % {
        "n": localize(n),
        "said": said,
    }


# Facets: one grouped query, counted for each facet without its own choice


DIMENSIONS = {
    "priority": "priority",
    "state": "state",
    "rule": "rule__key",
    "repository": "repository__slug",
    "owner": "holder",
}


def facets(chosen: Filter, who: Reader) -> list[Facet]:
    """The menus of the filter. What a facet counts is what its choice would leave, all else as it is."""
    open_up = replace(chosen, priority=(), state=(ANY,), rule=(), repository=(), owner=())
    # `mark` and `due` say "open" themselves, and stay.
    grouped = matching(open_up, who).order_by().values_list(*DIMENSIONS.values(), "rule__title")
    cells = list(grouped.annotate(n=Count("pk")))
    count = _counter(chosen, who, [(dict(zip(DIMENSIONS, cell[:5], strict=True)), cell[-1]) for cell in cells])
    titles = {cell[2]: cell[5] for cell in cells}
    people = {str(pk): str(user) for pk, user in User.objects.in_bulk({cell[4] for cell in cells if cell[4]}).items()}
    return [
        _facet("priority", _("Priority"), {p: p for p in PRIORITIES}, count("priority"), chosen.priority),
        _facet("state", _("State"), _states(), count("state"), chosen.state),
        _facet("rule", _("Rule"), _fullest(titles, count("rule"), chosen.rule), count("rule"), chosen.rule),
        *_teams(chosen, who),
        *_repositories(chosen, count("repository"), who),
        _facet("owner", _("Owner"), _owners(who, people), count("owner"), chosen.owner),
        _facet("mark", _("Marks"), {k: str(v) for k, v in MARK_WORDS.items()}, None, chosen.mark),
        _facet("due", _("Due"), {"": _("any time")} | _text(DUE_WORDS), None, (chosen.due,), single=True),
        _facet("age", _("Age"), {"": _("any")} | _ages(), None, (chosen.age,), single=True),
    ]


Cell = tuple[dict[str, Any], int]


def _counter(chosen: Filter, who: Reader, cells: Sequence[Cell]) -> Callable[[str], Counter[str]]:
    """Facet -> value -> findings, under the choices of all the other facets."""
    wanted: dict[str, Callable[[Any], bool]] = {
        "priority": lambda v: not chosen.priority or v in chosen.priority,
        "state": lambda v: ANY in chosen.state or v in chosen.state,
        "rule": lambda v: not chosen.rule or v in chosen.rule,
        "repository": lambda v: not chosen.repository or v in chosen.repository,
        "owner": lambda v: not chosen.owner or bool(set(_owner_values(v, who)) & set(chosen.owner)),
    }

    def count(facet: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        others = {name: fits for name, fits in wanted.items() if name != facet}
        for values, n in cells:
            if all(fits(values[name]) for name, fits in others.items()):
                for value in _owner_values(values[facet], who) if facet == "owner" else (values[facet],):
                    counts[value] += n
        counts[ANY] = counts.total() if facet == "state" else 0
        return counts

    return count


def _owner_values(owner: int | None, who: Reader) -> tuple[str, ...]:
    """The choices of the owner facet that speak of this owner."""
    if owner is None:
        return (NOBODY,)
    return (MINE, str(owner)) if owner == who.user.pk else (str(owner),)


def _facet(
    name: str,
    label: str,
    choices: Mapping[str, str],
    counts: Counter[str] | None,
    checked: Iterable[str],
    *,
    single: bool = False,
) -> Facet:
    on = set(checked)
    return Facet(
        name,
        label,
        [Choice(v, text, counts[v] if counts is not None else None, v in on) for v, text in choices.items()],
        single,
    )


def _text(words: Mapping[str, Any]) -> dict[str, str]:
    return {value: str(word) for value, word in words.items()}


def _states() -> dict[str, str]:
    return _text(dict(State.choices)) | {ANY: _("any state")}


def _ages() -> dict[str, str]:
    return {age: _("last %s days") % age for age in AGES}


def _fullest(titles: Mapping[str, str], counts: Counter[str], checked: Sequence[str]) -> dict[str, str]:
    """The rules with most findings, and whatever is checked."""
    ranked = sorted(titles, key=lambda rule: (rule not in checked, -counts[rule], rule))[:CHOICES]
    return {rule: translated(titles[rule]) or rule for rule in ranked} | {
        rule: rule for rule in checked if rule not in titles
    }


def _teams(chosen: Filter, who: Reader) -> list[Facet]:
    """Only for people who are in several teams."""
    seats = who.user.memberships.select_related("team").order_by("team__name")
    names = {seat.team.slug: seat.team.name for seat in seats}
    return [_facet("team", _("Team"), names, None, chosen.team)] if len(names) > 1 else []


def _repositories(chosen: Filter, counts: Counter[str], who: Reader) -> list[Facet]:
    """Only where there are several."""
    names = dict(Repository.objects.visible_to(who.user).order_by("name").values_list("slug", "name")[:CHOICES])
    if len(names) < 2 and not chosen.repository:
        return []
    return [_facet("repository", _("Repository"), names, counts, chosen.repository)]


def _owners(who: Reader, people: Mapping[str, str]) -> dict[str, str]:
    others = {key: name for key, name in sorted(people.items(), key=lambda p: p[1]) if key != str(who.user.pk)}
    return {MINE: _("me"), NOBODY: _("nobody")} | others


def sorts(chosen: Filter) -> Facet:
    """The order of the rows, as a menu; the usual one is no word in the address."""
    current = chosen.sort if chosen.sort in SORT_WORDS else ""
    return _facet("sort", _("Sort"), _text(SORT_WORDS), None, (current,), single=True)


# Words


def in_words(chosen: Filter, menus: Sequence[Facet] = ()) -> str:
    """The filter as people say it, "" for the bare list: "P0, came back, path “k8s”."""
    labels = {(menu.name, choice.value): choice.label for menu in menus for choice in menu.choices}
    known: dict[str, Mapping[str, Any]] = {"state": _states(), "mark": MARK_WORDS, "due": DUE_WORDS, "age": _ages()}
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
