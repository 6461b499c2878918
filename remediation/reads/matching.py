"""Which findings a filter lets through: conditions that an index answers, or that are asked of rows in its order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform

from findings.core import searching
from findings.models import Finding, Occurrence, Rule, Verdict
from findings.pages import key_of
from findings.querysets import FindingQuerySet, Spelt, Words
from remediation.clock import zone_of
from remediation.core.planning import Week
from remediation.forms.filters import AGES, ANY, MINE, NOBODY, Filter, Reader
from remediation.models import Link
from remediation.reads.due import due_by, first_owner, owned_items
from remediation.reads.titled import rules_titled


class OneOf(Func):
    """Whether a column holds one of the keys that a query finds: the query runs once, before any row is looked at."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY (", BooleanField()
    conditional = True


class Spotted(Func):
    """The findings with one of the places that a statement names before as `spots`, in these components."""

    template = "ARRAY(SELECT finding_id FROM spots WHERE component_id = ANY (%(expressions)s))"
    output_field = ArrayField(BigIntegerField())


SPOTS = 2_000  # places that are looked at where findings with words are counted
SPOTTED = "SELECT finding_id, component_id FROM findings_sought(%s::tsquery, %s, %s, NULL)"


FOUND_BEFORE = "SELECT * FROM unnest(%s::bigint[], %s::bigint[]) s (finding_id, component_id)"


def spots(chosen: Filter, who: Reader, most: int = 0) -> tuple[str, list[Any]] | None:
    """The first places that have the words which are sought, as a statement and its values; None where none are."""
    words = searching.query(chosen.q) if chosen.q else ""
    return (SPOTTED, [words, who.components, most or SPOTS]) if words else None


def found_before(places: str) -> tuple[str, list[Any]]:
    """Such places as a statement before this one told them: the keys of their findings, and of their components."""
    findings, _, components = places.partition(";")
    return FOUND_BEFORE, [findings or "{}", components or "{}"]


def matching(chosen: Filter, who: Reader, late: Q | None = None, *, spotted: bool = False) -> FindingQuerySet:
    """The findings that a filter lets through, of those this person may see. `late` stands for its date, where there is
    a shorter way to say it (see `where_late`). `spotted`: of those with words only the ones in `spots`.
    """
    own, others = (inside(keys, chosen, who) for keys in (who.components, who.others))
    rows: FindingQuerySet = Finding.objects.seen_from(own, others).filter(*_plain(chosen, who))
    if chosen.kind:
        rows = rows.alias(kind=KeyTextTransform("class", "properties"))
        rows = rows.filter(properties__has_key="class", kind__in=chosen.kind)
    if chosen.q:
        placed = Q(OneOf(F("pk"), Spotted(keys_of(own)))) if spotted else None
        rows = _worded(rows, own, chosen.q, rules_titled(chosen.q, who.now), placed)
    if chosen.path:
        rows = rows.filter(pk__in=places_under(chosen.path, own).values("finding"))
    if chosen.due and late is not None:
        rows = rows.filter(late)
    elif chosen.due:
        until = None if chosen.due == "overdue" else end_of_week(who)
        rows = due_by(rows, who.parts.values(), who.team_keys, who.now, until)
    return rows


def inside(keys: Sequence[int], chosen: Filter, who: Reader) -> list[int]:
    """Those of these components that are in the chosen repositories."""
    wanted = chosen.repository
    return [pk for pk in keys if not wanted or (pk in who.parts and who.parts[pk].repository.slug in wanted)]


def _plain(chosen: Filter, who: Reader) -> list[Any]:
    wanted: list[Any] = []
    if chosen.priority:
        wanted.append(Q(priority__in=chosen.priority))
    if ANY not in chosen.state:
        wanted.append(Q(state__in=chosen.state))
    if chosen.rule:
        wanted.append(OneOf(F("rule_id"), ArraySubquery(Rule.objects.filter(key__in=chosen.rule).values("pk"))))
    if chosen.tool:
        wanted.append(OneOf(F("rule_id"), ArraySubquery(Rule.objects.filter(tool__in=chosen.tool).values("pk"))))
    if chosen.owner:
        wanted.append(owned_by(chosen.owner, who))
    wanted += [MARKED[mark](who) for mark in chosen.mark]
    if chosen.age:
        wanted.append(Q(first_seen_at__gte=who.now - AGES[chosen.age]))
    if chosen.older:
        wanted.append(Q(first_seen_at__lt=who.now - AGES[chosen.older]))
    return wanted


def _nobodys(who: Reader) -> Q:
    """Nobody has it: neither the finding nor an item that it is on has an owner."""
    return Q(~Exists(owned_items(who.team_keys)), owner=None)


def people_of(owners: Sequence[str], who: Reader) -> list[int]:
    """The people that a filter names, by their own keys or "me"."""
    keys = [who.user.pk if owner == MINE else key_of(owner) for owner in owners if owner != NOBODY]
    return [key for key in keys if key is not None]


def owned_by(owners: Sequence[str], who: Reader) -> Q:
    """What these people have; "none" is nobody."""
    known = people_of(owners, who)
    wanted = _nobodys(who) if NOBODY in owners else Q(pk__in=[])
    if known:
        held = Q(Exists(owned_items(who.team_keys).filter(item__owner__in=known)), owner=None)
        wanted |= Q(owner__in=known) | held & Q(first_owner(who.team_keys, known))
    return wanted


def waiting() -> QuerySet[Any, Any]:
    """The findings of which a lead is asked something."""
    return Verdict.objects.filter(ended_at=None, asked=True).values("finding")


def told() -> QuerySet[Any, Any]:
    """The findings of reviews that grades count through what their rules see in the same repository (`reads.stock`)."""
    seen = Finding.objects.filter(rule=OuterRef("rule"), repository=OuterRef("finding__repository"))
    return Link.objects.filter(Exists(seen), finding__isnull=False).values("finding")


MARKED: Mapping[str, Callable[[Reader], Q]] = {
    "back": lambda who: Q(reopened__gt=0, state="open"),
    "flapping": lambda who: Q(flapping=True),
    "history": lambda who: Q(present=True, at_head=False),
    "asked": lambda who: Q(pk__in=waiting()),
    "told": lambda who: Q(pk__in=told()),
    "untriaged": lambda who: Q(state="open") & _nobodys(who),
}


def keys_of(keys: Sequence[int]) -> Value:
    """Keys as one array."""
    return Value(list(keys), output_field=ArrayField(BigIntegerField()))


def _worded(rows: FindingQuerySet, own: Sequence[int], text: str, rules: Sequence[int], placed: Q | None) -> Any:
    """Those with a place that has these words (`placed`, or any in these components), or of one of these rules."""
    found = placed or _somewhere(own, text, each=bool(rules))
    return rows.filter(found | Q(OneOf(F("rule_id"), keys_of(rules))) if rules else found)


def _somewhere(own: Sequence[int], text: str, *, each: bool) -> Q:
    """That a finding has a place with these words. `each`: joined by OR, places are looked up for each finding, or
    found beforehand where few have the words.
    """
    places = _places(own, searching.query(text)).values("finding")
    if letters := searching.letters(text):
        places = places.filter(Spelt("path", "message", letters))
    return Q(Exists(places.filter(finding=OuterRef("pk")))) if each else Q(pk__in=places)


def places_under(path: str, components: Sequence[int]) -> QuerySet[Occurrence]:
    """The places in these components, now or last, whose path has this part."""
    return _places(components, searching.within(path), path__icontains=path)


def _places(components: Sequence[int], words: str, **more: str) -> QuerySet[Occurrence]:
    """The places in these components, now or last, that have these words (a tsquery). What is known of a finding shared
    with another team are the words of one's own places.
    """
    places: QuerySet[Occurrence] = Occurrence.objects.filter(component__in=components, **more)
    if words:
        sought = SearchQuery(words, search_type="raw", config="simple")
        return places.alias(words=Words("path", "message")).filter(words=sought)
    return places if more else places.none()


def end_of_week(who: Reader) -> date:
    """The Sunday of this week, where the reader's first team is."""
    zone = zone_of(who.teams[0]) if who.teams else UTC
    return Week.of(who.now.astimezone(zone).date()).end
