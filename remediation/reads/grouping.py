"""The triage table in groups: by rule, by owner, by path. A page holds as many rows as any; it begins where the
last ended.
"""

from collections.abc import Mapping, Sequence
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


def grouped(chosen: Filter, who: Reader, after: str, size: int) -> tuple[Page, list[Row]]:
    """A page in groups: its cursors, and its rows, each with the heading of its group."""
    found = matching(chosen, who)
    ordered, groups = BY[chosen.group](chosen, who, found, after, size)
    more, ordered = len(ordered) > size, ordered[:size]
    loaded = {f.pk: f for f in with_total(Finding.objects.filter(pk__in={pk for _, pk in ordered}), chosen, who, found)}
    known = {row.pk: row for row in rows_of(list(loaded), who, chosen.query())}
    kept = [(value, pk) for value, pk in ordered if pk in known]
    rows = [
        replace(known[pk], group=value, heading=groups[value], **_at(chosen, value, known[pk])) for value, pk in kept
    ]
    page = Page([loaded[pk] for _, pk in kept], next="~".join(map(str, ordered[-1])) if more else "")
    return page, rows


def _at(chosen: Filter, value: str, row: Row) -> dict[str, Any]:
    """Under a path stands the place in that file; of one with several places the line is that of another."""
    return {"path": value, "line": 0} if chosen.group == "path" and row.path != value else {}


def _cursor(after: str) -> tuple[str, int]:
    value, _tilde, key = after.replace("\0", "")[: 2 * PATH].rpartition("~")
    return value, key_of(key) or 0


# By rule and by owner: a few groups, known beforehand


def _by_rule(chosen: Filter, who: Reader, found: FindingQuerySet, after: str, size: int) -> Any:
    rules = Rule.objects.filter(pk__in=found.order_by().values("rule").distinct()).order_by("tool", "key")
    kinds = {str(rule.pk): (translated(rule.title) or rule.key, Q(rule=rule), {"rule": (rule.key,)}) for rule in rules}
    return _known(chosen, kinds, found, after, size)


def _by_owner(chosen: Filter, who: Reader, found: FindingQuerySet, after: str, size: int) -> Any:
    people = User.objects.filter(Q(memberships__team__in=who.team_keys) | Q(findings__in=found.exclude(owner=None)))
    kinds: dict[str, Any] = {
        str(user.pk): (str(user), owned_by((str(user.pk),), who), {"owner": (str(user.pk),)})
        for user in people.distinct().order_by("name", "email")
    }
    kinds[NOBODY] = (_("Nobody"), owned_by((NOBODY,), who), {"owner": (NOBODY,)})
    return _known(chosen, kinds, found, after, size)


def _known(chosen: Filter, kinds: Mapping[str, Any], found: FindingQuerySet, after: str, size: int) -> Any:
    parts = {value: found.filter(condition) for value, (_label, condition, _query) in kinds.items()}
    sizes = dict(zip(parts, counts(list(parts.values())), strict=True))
    groups = {
        value: Group(label, figure(sizes[value]), replace(chosen, group="", **query).query())
        for value, (label, _condition, query) in kinds.items()
    }
    begun, last = _cursor(after)
    values = list(parts)
    wanted, taken, arms = values[values.index(begun) :] if begun in values else values, 0, list[QuerySet[Any]]()
    here = Finding.objects.filter(pk=last).first() if begun in values else None
    for value in wanted:
        rows = parts[value]
        if value == begun and here is not None:
            rows = rows.filter(chosen.order.beyond(chosen.order.cursor(here), before=False) or Q())
        if sizes[value]:
            place = Value(values.index(value))
            numbered = chosen.order.sorted(rows).annotate(place=place)
            arms.append(numbered.values("place", "pk", chosen.order.field)[: size + 1])
            taken += sizes[value] if value != begun else 0
        if taken > size or len(arms) > ARMS:
            break
    told = [row for arm in _joined(arms) for row in arm]
    told.sort(key=lambda row: (row[chosen.order.field], row["pk"]), reverse=chosen.order.down)
    told.sort(key=lambda row: row["place"])
    return [(values[row["place"]], row["pk"]) for row in told[: size + 1]], groups


def _joined(arms: Sequence[QuerySet[Any]]) -> list[QuerySet[Any]]:
    """The arms as one statement, whose rows come in any order."""
    if len(arms) < 2:
        return list(arms)
    return [arms[0].union(*arms[1:], all=True)]


# By path: very many groups, in the order of an index for each component


def _by_path(chosen: Filter, who: Reader, found: FindingQuerySet, after: str, size: int) -> Any:
    begun, last = _cursor(after)
    rows = Occurrence.objects.filter(to_run=None, finding__in=found.order_by().values("pk"))
    rows = rows.annotate(file=Left("path", PATH, output_field=CharField()))
    if last:
        rows = rows.filter(Q(file__gte=begun), Q(file__gt=begun) | Q(file=begun, finding__gt=last))
    parts = who.components if len(who.components) <= ARMS else []
    arms: list[Any] = [rows.filter(component=part) for part in parts] or [rows.filter(component__in=who.components)]
    arms = [arm.order_by("file", "finding_id").values("file", "finding_id")[: size + 1] for arm in arms]
    pairs = sorted({(row["file"], row["finding_id"]) for arm in _joined(arms) for row in arm})[: size + 1]
    files = list(dict.fromkeys(file for file, _ in pairs))
    inside = Occurrence.objects.filter(to_run=None, component__in=who.components, finding__in=found.values("pk"))
    inside = inside.annotate(file=Left("path", PATH, output_field=CharField()))
    sizes = counts([inside.filter(file=file) for file in files])
    groups = {
        file: Group(file or _("without a path"), figure(n), replace(chosen, group="", path=file).query())
        for file, n in zip(files, sizes, strict=True)
    }
    return pairs, groups


BY = {"rule": _by_rule, "owner": _by_owner, "path": _by_path}
