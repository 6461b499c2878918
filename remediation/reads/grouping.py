"""The triage table in groups: by rule, by owner, by path. A page holds as many rows as any; it begins where the
last ended.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from findings.models import Finding, Occurrence, Rule, User
from findings.models.results import PATH
from findings.pages import Page, key_of
from findings.querysets import FindingQuerySet
from findings.words import translated
from remediation.forms.filters import NOBODY, Filter, Reader
from remediation.reads.counting import counts, figure
from remediation.reads.finding_list import with_total
from remediation.reads.finding_rows import Row, rows_of
from remediation.reads.matching import matching, owned_by

ARMS = 60  # queries that one statement joins
Ordered = list[tuple[str, int]]  # (group, finding)


@dataclass(frozen=True, slots=True)
class Group:
    """A heading: how many are under it, and the filter that shows them alone."""

    label: str
    count: str
    query: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a page begins, or ends with `back`: the last group and finding that were seen; how long it is."""

    group: str = ""
    last: int = 0
    size: int = 0
    back: bool = False

    @classmethod
    def at(cls, cursor: str, size: int, *, back: bool = False) -> "Cut":
        """From a cursor as addresses carry it."""
        value, _tilde, key = cursor.replace("\0", "")[: 2 * PATH].rpartition("~")
        return cls(value, key_of(key) or 0, size, back and bool(cursor))

    def page(self, ordered: Ordered) -> tuple[Ordered, bool]:
        """The rows of a page, and whether there are more of them this way."""
        kept = ordered[-self.size :] if self.back else ordered[: self.size]
        return kept, len(ordered) > self.size


def grouped(chosen: Filter, who: Reader, cut: Cut) -> tuple[Page, list[Row]]:
    """A page in groups: its cursors, and its rows, each with the heading of its group."""
    found = matching(chosen, who)
    groups = BY[chosen.group](chosen, who, found)
    ordered, more = cut.page(groups.after(cut))
    headings = groups.headings({value for value, _ in ordered})
    loaded = {f.pk: f for f in with_total(Finding.objects.filter(pk__in={pk for _, pk in ordered}), chosen, who, found)}
    known = {row.pk: row for row in rows_of(list(loaded), who, chosen.query())}
    kept = [(value, pk) for value, pk in ordered if pk in known]
    rows = [
        replace(known[pk], group=value, heading=headings[value], **_at(chosen, value, known[pk])) for value, pk in kept
    ]
    first, last = ("~".join(map(str, ordered[n])) if ordered else "" for n in (0, -1))
    ahead, behind = (True, more) if cut.back else (more, bool(cut.last))
    shown = _("%d shown") % len(kept) if ahead or behind else ""
    cursors = {"next": last if ahead else "", "previous": first if behind else ""}
    return Page([loaded[pk] for _, pk in kept], **cursors, shown=shown), rows


def in_groups(chosen: Filter, who: Reader, size: int) -> Iterator[list[tuple[str, str, int]]]:
    """All that match as they stand in their groups, some at a time: (what names the group, its heading, finding)."""
    groups = BY[chosen.group](chosen, who, matching(chosen, who))
    cut, more = Cut(size=size), True
    while more:
        ordered, more = cut.page(groups.after(cut))
        yield [(value, groups.label(value), pk) for value, pk in ordered]
        cut = Cut(*ordered[-1], size) if ordered else cut


def _at(chosen: Filter, value: str, row: Row) -> dict[str, Any]:
    """Under a path stands the place in that file; of one with several places the line is that of another."""
    return {"path": value, "line": 0} if chosen.group == "path" and row.path != value else {}


# By rule and by owner: a few groups, known beforehand


class Known:
    """Groups that are told by a condition each; `kinds` are value -> (label, condition, what the filter becomes)."""

    def __init__(self, chosen: Filter, found: FindingQuerySet, kinds: Mapping[str, Any]) -> None:
        self.chosen, self.kinds = chosen, kinds
        self.parts = {value: found.filter(condition) for value, (_label, condition, _query) in kinds.items()}
        self.sizes = dict(zip(self.parts, counts(list(self.parts.values())), strict=True))

    def label(self, value: str) -> str:
        """How a group is called."""
        return str(self.kinds[value][0])

    def headings(self, values: Collection[str]) -> dict[str, Group]:
        """The headings of these groups."""
        queries = {value: replace(self.chosen, group="", **self.kinds[value][2]).query() for value in values}
        return {value: Group(self.label(value), figure(self.sizes[value]), queries[value]) for value in values}

    def after(self, cut: Cut) -> Ordered:
        """The rows behind a cut (or before it), and one more than a page has, in their order."""
        order, values, taken, arms = self.chosen.order, list(self.parts), 0, list[QuerySet[Any]]()
        begun = values.index(cut.group) if cut.group in values else -1
        here = Finding.objects.filter(pk=cut.last).first() if begun >= 0 else None
        wanted = values[begun::-1] if cut.back and begun >= 0 else values[max(begun, 0) :]
        for value in wanted:
            rows = self.parts[value]
            if value == cut.group and here is not None:
                rows = rows.filter(order.beyond(order.cursor(here), before=cut.back) or Q())
            if self.sizes[value]:
                numbered = order.sorted(rows, backwards=cut.back).annotate(place=Value(values.index(value)))
                arms.append(numbered.values("place", "pk", order.field)[: cut.size + 1])
                taken += self.sizes[value] if value != cut.group else 0
            if taken > cut.size or len(arms) > ARMS:
                break
        told = [row for arm in _joined(arms) for row in arm]
        told.sort(key=lambda row: (row[order.field], row["pk"]), reverse=order.down)
        told.sort(key=lambda row: row["place"])
        told = told[-cut.size - 1 :] if cut.back else told[: cut.size + 1]
        return [(values[row["place"]], row["pk"]) for row in told]


def _by_rule(chosen: Filter, who: Reader, found: FindingQuerySet) -> Known:
    rules = Rule.objects.filter(pk__in=found.order_by().values("rule").distinct()).order_by("tool", "key")
    kinds = {str(rule.pk): (translated(rule.title) or rule.key, Q(rule=rule), {"rule": (rule.key,)}) for rule in rules}
    return Known(chosen, found, kinds)


def _by_owner(chosen: Filter, who: Reader, found: FindingQuerySet) -> Known:
    people = User.objects.filter(Q(memberships__team__in=who.team_keys) | Q(findings__in=found.exclude(owner=None)))
    kinds: dict[str, Any] = {
        str(user.pk): (str(user), owned_by((str(user.pk),), who), {"owner": (str(user.pk),)})
        for user in people.distinct().order_by("name", "email")
    }
    kinds[NOBODY] = (_("Nobody"), owned_by((NOBODY,), who), {"owner": (NOBODY,)})
    return Known(chosen, found, kinds)


def _joined(arms: Sequence[QuerySet[Any]]) -> list[QuerySet[Any]]:
    """The arms as one statement, whose rows come in any order."""
    if len(arms) < 2:
        return list(arms)
    return [arms[0].union(*arms[1:], all=True)]


# By path: very many groups, in the order of an index for each component


class Paths:
    """Groups by the file of each place that is there now."""

    def __init__(self, chosen: Filter, who: Reader, found: FindingQuerySet) -> None:
        self.chosen, self.who = chosen, who
        rows = Occurrence.objects.filter(to_run=None, finding__in=found.order_by().values("pk"))
        self.rows = rows.annotate(file=Left("path", PATH, output_field=CharField()))

    def label(self, value: str) -> str:
        """How a group is called."""
        return value or _("without a path")

    def headings(self, values: Collection[str]) -> dict[str, Group]:
        """The headings of these groups."""
        inside, files = self.rows.filter(component__in=self.who.components), list(values)
        sizes = counts([inside.filter(file=file) for file in files])
        return {
            file: Group(self.label(file), figure(n), replace(self.chosen, group="", path=file).query())
            for file, n in zip(files, sizes, strict=True)
        }

    def after(self, cut: Cut) -> Ordered:
        """The rows behind a cut (or before it), and one more than a page has, in their order."""
        rows, parts, most = self.rows, self.who.components, cut.size + 1
        if cut.last and cut.back:
            rows = rows.filter(Q(file__lte=cut.group), Q(file__lt=cut.group) | Q(file=cut.group, finding__lt=cut.last))
        elif cut.last:
            rows = rows.filter(Q(file__gte=cut.group), Q(file__gt=cut.group) | Q(file=cut.group, finding__gt=cut.last))
        order = ("-file", "-finding_id") if cut.back else ("file", "finding_id")
        arms: list[Any] = [rows.filter(component=part) for part in (parts if len(parts) <= ARMS else [])]
        arms = [
            arm.order_by(*order).values("file", "finding_id")[:most]
            for arm in arms or [rows.filter(component__in=parts)]
        ]
        pairs = sorted({(row["file"], row["finding_id"]) for arm in _joined(arms) for row in arm})
        return pairs[-most:] if cut.back else pairs[:most]


BY: Mapping[str, Callable[[Filter, Reader, FindingQuerySet], Any]] = {
    "rule": _by_rule,
    "owner": _by_owner,
    "path": Paths,
}
