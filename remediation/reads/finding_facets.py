"""What the triage table can be narrowed by, with how many findings each choice would leave."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from findings.core import searching
from findings.models import Finding, Occurrence, State, Team, User
from findings.pages import key_of
from findings.steady import steady
from findings.words import listed, translated
from remediation.forms.filters import AGES, ANY, MARKS, MINE, NOBODY, PRIORITIES, Filter, Reader
from remediation.reads import counting, tallied
from remediation.reads.matching import SPOTS, OneOf, found_before, matching, spots
from remediation.reads.summed import Counts
from remediation.reads.summed import sums as sums_of
from remediation.reads.titled import rules_titled

CHOICES = 40  # of one facet: the fullest; what is checked always stays
MARK_WORDS = {
    "back": gettext_lazy("came back"),
    "flapping": gettext_lazy("flapping"),
    "history": gettext_lazy("only in history"),
    "untriaged": gettext_lazy("not triaged"),
    "asked": gettext_lazy("waits for a lead"),
    "told": gettext_lazy("counted by its rules"),
}
DUE_WORDS = {"overdue": gettext_lazy("overdue"), "week": gettext_lazy("due by Sunday")}
KIND_WORDS = {
    "real": gettext_lazy("real secret"),
    "dev": gettext_lazy("of development"),
    "test": gettext_lazy("of a test"),
    "placeholder": gettext_lazy("placeholder"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet; `count` = findings it would leave, None where nobody counted; `more` = or more than that."""

    value: str
    label: str
    count: int | None
    checked: bool
    more: bool = False

    @property
    def shown(self) -> str:
        """The count in figures."""
        return "" if self.count is None else f"{counting.grouped(self.count)}{'+' if self.more else ''}"


class Called(NamedTuple):
    """How a rule is known."""

    tool: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A parameter of the filter with its choices; `single` allows one of them."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    single: bool = False


def at_least(menus: Iterable[Facet]) -> list[Facet]:
    """Menus whose counts are of some of the findings only: there may be more of each."""
    return [replace(menu, choices=tuple(map(_some, menu.choices))) for menu in menus]


def facet(
    name: str,
    label: str,
    choices: Mapping[str, str],
    counts: Counter[str] | None,
    checked: Iterable[str],
    *,
    single: bool = False,
    cap: int = 0,
) -> Facet:
    """A menu; counts above the cap are said as "more than that"."""
    on, found = set(checked), []
    for value, label_of in choices.items():
        n = None if counts is None else counts[value]
        more = bool(cap) and n is not None and n > cap
        found.append(Choice(value, label_of, cap if more else n, value in on, more))
    return Facet(name, label, tuple(found), single)


def text(words: Mapping[str, Any]) -> dict[str, str]:
    """Lazy words as they are in the reader's language."""
    return {value: str(word) for value, word in words.items()}


def states() -> dict[str, str]:
    """The states a list can be narrowed to."""
    return text(dict(State.choices)) | {ANY: _("any state")}


def ages() -> dict[str, str]:
    """How young a finding can be asked to be."""
    return {age: _("last %s days") % age for age in AGES}


Pair = tuple[str, str]  # a menu and its choice
Named = tuple[tuple[str, str], ...]  # what something is called: (value, word)
NAMES = """SELECT id, tool, key, title FROM findings_rule WHERE id = ANY (%s)
UNION ALL SELECT id, '', '', coalesce(nullif(name, ''), email) FROM findings_user WHERE id = ANY (%s)"""
FIRST_SOUGHT = 1_000  # findings with words that are counted
FIRST_ROWS = 2_000  # findings that a choice is looked for in, where that takes a look at each
MOST = 10_000  # findings that are counted where the tally does not know all that the filter asks for
YOUNG = "SELECT FROM {first} WHERE first_seen_at >= %s LIMIT %s"
AMONG = "SELECT id FROM {first} AS findings_finding WHERE true"
PLAIN = ("back", "flapping", "history")  # marks that are the same for everybody
# Of the first findings those that a team sees in another one's code.
SHARED = """SELECT FROM {first} JOIN findings_finding f USING (id)
WHERE {first}.first_seen_at >= %s AND f.component_id = ANY (%s) AND f.key <> '' AND EXISTS (
    SELECT FROM findings_occurrence o WHERE o.finding_id = f.id AND o.to_run_id IS NULL AND o.component_id = ANY (%s)
) LIMIT %s"""
# Of the first findings with words those that a team sees, by words in its own places.
WORDED = """SELECT FROM {first} f
WHERE (f.id IN (SELECT finding_id FROM spots WHERE component_id = ANY (%s)) OR f.rule_id = ANY (%s))
AND (f.component_id = ANY (%s) OR f.component_id = ANY (%s) AND f.key <> '' AND EXISTS (
    SELECT FROM findings_occurrence o WHERE o.finding_id = f.id AND o.to_run_id IS NULL AND o.component_id = ANY (%s)
)) LIMIT %s"""
FIRST = ("id", "first_seen_at", "component_id", "rule_id", "key", "due", "state", "priority")  # asked of the first
FOREVER = datetime.min.replace(tzinfo=UTC)
# Beside these nothing narrows a list of which it is said how many are open.
GROUPED = ("priority", "state", "rule", "tool", "repository", "owner")


def _sums(chosen: Filter, who: Reader, everybody: Reader) -> Counts:
    """Menu -> value -> findings, of the first ones that a filter lets through which the tally does not know."""
    asked = tuple(mark for mark in chosen.mark if mark not in tallied.KNOWN)
    open_up = replace(chosen, priority=(), state=(ANY,), rule=(), tool=(), repository=(), owner=(), kind=(), mark=asked)
    words = spots(chosen, who)
    first = matching(open_up, who, spotted=bool(words)).order_by().values("pk")[: _most(chosen, MOST)]
    return sums_of(chosen, who, everybody, owners_of(chosen, who), first, words)


def owners_of(chosen: Filter, who: Reader) -> list[int]:
    """The people that the filter names."""
    owners = [who.user.pk if owner == MINE else key_of(owner) for owner in chosen.owner if owner != NOBODY]
    return [key for key in owners if key]


def menus(chosen: Filter, who: Reader, mine: Iterable[Team]) -> tuple[Facet, ...]:
    """The menus as a page has them before anybody counted: what is known without looking at a finding. `mine`: all of
    the person's teams.
    """
    people = User.objects.in_bulk([key for owner in chosen.owner if (key := key_of(owner))])
    slugs = {part.repository.slug: part.repository.name for part in who.parts.values()}
    return _bare(
        replace(chosen, q="", path="", older="", sort="priority", group="", columns=()),
        str(who.user.pk),
        tuple((str(pk), str(user)) for pk, user in people.items()),
        tuple(islice(slugs.items(), CHOICES)),
        tuple((team.slug, team.name) for team in mine),
        get_language() or "",
    )


@lru_cache(maxsize=200)
def _bare(chosen: Filter, me: str, people: Named, slugs: Named, teams: Named, language: str) -> tuple[Facet, ...]:
    """The same for the same choices: most of a list's menus are what they were on the page before."""
    return (
        facet("priority", _("Priority"), {p: p for p in PRIORITIES}, None, chosen.priority),
        facet("state", _("State"), states(), None, chosen.state),
        facet("rule", _("Rule"), {rule: rule for rule in chosen.rule}, None, chosen.rule),
        *_several("repository", _("Repository"), dict(slugs), None, chosen.repository),
        facet("owner", _("Owner"), _owners(me, dict(people)), None, chosen.owner),
        facet("tool", _("Tool"), {tool: tool for tool in chosen.tool}, None, chosen.tool),
        *_several("team", _("Team"), dict(teams), None, chosen.team),
        facet("mark", _("Marks"), text(MARK_WORDS), None, chosen.mark),
        facet("due", _("Due"), {"": _("any time")} | text(DUE_WORDS), None, (chosen.due,), single=True),
        facet("age", _("Age"), {"": _("any")} | ages(), None, (chosen.age,), single=True),
        facet("kind", _("Class"), text(KIND_WORDS), None, chosen.kind),
    )


def counted(chosen: Filter, who: Reader, everybody: Reader) -> tuple[list[Facet], str]:
    """The menus of the filter, and what is open in one sentence, where that can be told. What a facet counts is what
    its choice would leave, all else as it is. `everybody`: the reader without the filter's choice of teams.
    """
    known = tallied.knows(chosen)
    sums = tallied.counted(chosen, who, everybody, owners_of(chosen, who)) if known else _sums(chosen, who, everybody)
    bare = Filter(**{name: getattr(chosen, name) for name in ("team", *GROUPED)})
    said = _sentence(sums["open"]) if replace(chosen, sort=bare.sort) == bare else ""
    return _facets(chosen, who, everybody, sums), said


def _facets(chosen: Filter, who: Reader, everybody: Reader, sums: Counts) -> list[Facet]:
    rules, names = _named(sums["rule"].keys() | sums["tool"].keys(), [key for key in sums["owner"] if key])
    tools: Counter[str] = Counter()
    for key, n in sums["tool"].items():
        tools[rules[key].tool] += n
    by_rule = Counter({rules[key].key: n for key, n in sums["rule"].items()})
    titles = {rule.key: rule.title for rule in rules.values()}
    sums["state"][ANY] = sums["state"].total()
    summed = [
        facet("priority", _("Priority"), {p: p for p in PRIORITIES}, sums["priority"], chosen.priority),
        facet("state", _("State"), states(), sums["state"], chosen.state),
        facet("rule", _("Rule"), _fullest(titles, by_rule, chosen.rule), by_rule, chosen.rule),
        *_repositories(chosen, sums["part"], who),
        facet("owner", _("Owner"), _owners(str(who.user.pk), names), _by_owner(sums["owner"], who), chosen.owner),
        facet("tool", _("Tool"), {tool: tool for tool in sorted(tools)}, tools, chosen.tool),
    ]
    if tallied.knows(chosen):
        return [*summed, *_further(chosen, everybody, sums)]
    cut = sums["all in all"].total() >= _most(chosen, MOST) or sums["spots"].total() >= SPOTS
    return [*(at_least(summed) if cut else summed), *_asked(chosen, who, everybody, sums, cut=cut)]


def _named(rules: Iterable[str], people: Iterable[str]) -> tuple[dict[str, Called], dict[str, str]]:
    """(Rules, names of people) of these keys, by key."""
    with steady() as cursor:
        cursor.execute(NAMES, [[int(key) for key in rules], [int(key) for key in people]])
        rows = [(str(key), Called(*row)) for key, *row in cursor]
    return {key: one for key, one in rows if one.key}, {key: one.title for key, one in rows if not one.key}


def _further(chosen: Filter, everybody: Reader, told: Counts) -> list[Facet]:
    """Menus of what the columns of a list do not show."""
    cap, teams = counting.CAP, everybody.teams if len(everybody.teams) > 1 else []
    any_time, any_age = {"": _("any time")} | text(DUE_WORDS), {"": _("any")} | ages()
    return [
        *_several("team", _("Team"), {team.slug: team.name for team in teams}, told["team"], chosen.team, cap),
        facet("mark", _("Marks"), text(MARK_WORDS), told["mark"], chosen.mark),
        facet("due", _("Due"), any_time, told["due"], (chosen.due,), single=True, cap=cap),
        facet("age", _("Age"), any_age, told["age"], (chosen.age,), single=True, cap=cap),
        facet("kind", _("Class"), text(KIND_WORDS), told["kind"], chosen.kind),
    ]


def _sentence(still: Counter[str]) -> str:
    """What is open, before any filter: "14 findings are open: 2 P0, 7 P1, 5 P2."."""
    if not still:
        return _("Nothing is open.")
    said = listed(f"{counting.grouped(still[p])} {p}" for p in PRIORITIES if p in still)
    n = still.total()
    return ngettext("%(n)s finding is open: %(said)s.", "%(n)s findings are open: %(said)s.", n) % {
        "n": counting.grouped(n),
        "said": said,
    }


def _by_owner(holders: Counter[Any], who: Reader) -> Counter[str]:
    """By the choices of the owner facet, two of which may speak of one person."""
    counted = Counter({NOBODY if key is None else key: n for key, n in holders.items()})
    counted[MINE] = counted[str(who.user.pk)]
    return counted


def _owners(me: str, people: Mapping[str, str]) -> dict[str, str]:
    others = {key: name for key, name in sorted(people.items(), key=lambda p: p[1]) if key != me}
    return {MINE: _("me"), NOBODY: _("nobody")} | others


def _fullest(titles: Mapping[str, str], counts: Counter[str], checked: Sequence[str]) -> dict[str, str]:
    """The rules with most findings, and whatever is checked."""
    ranked = sorted(titles, key=lambda rule: (rule not in checked, -counts[rule], rule))[:CHOICES]
    return {rule: translated(titles[rule]) or rule for rule in ranked} | {
        rule: rule for rule in checked if rule not in titles
    }


def _several(
    name: str, label: str, words: dict[str, str], counts: Counter[str] | None, chosen: Sequence[str], cap: int = 0
) -> list[Facet]:
    """A menu, where there is anything to choose from."""
    if len(words) < 2 and not chosen:
        return []
    return [facet(name, label, words | {v: v for v in chosen if v not in words}, counts, chosen, cap=cap)]


def _repositories(chosen: Filter, parts: Counter[str], who: Reader) -> list[Facet]:
    known = {part.repository.slug: part.repository.name for part in who.parts.values()}
    counted: Counter[str] = Counter()
    for key, n in parts.items():
        counted[who.parts[int(key)].repository.slug] += n
    ranked = sorted(known, key=lambda slug: (slug not in chosen.repository, -counted[slug], slug))[:CHOICES]
    return _several("repository", _("Repository"), {s: known[s] for s in ranked}, counted, chosen.repository)


def _asked(chosen: Filter, who: Reader, everybody: Reader, sums: Counts, *, cut: bool) -> list[Facet]:
    """What takes a look at each finding: each choice is a query that stops at the cap, all in one statement, and
    looks for it in the first findings only. `sums` are of some of the findings, where they are `cut`.
    """
    firsts, wanted, few = _looked(chosen, who, [*sums["spots"]])
    first = few["age", ""]
    if not chosen.due:  # what the plan makes late is in the sums
        wanted |= tallied.late(chosen, who, sums, (AMONG.format(first=first), ()))
    teams = _teams(chosen, everybody, first, spotted="spots" in firsts)
    few |= dict.fromkeys(teams if _worded(chosen) else (), first)
    wanted |= teams
    told: Counts = defaultdict(Counter, {"mark": Counter(sums["mark"]), "kind": sums["kind"]})
    found, sizes = counting.counts_of(list(wanted.values()), firsts)
    for (name, value), n in zip(wanted, found, strict=True):
        told[name][value.partition("/")[0]] += n
    for due in () if chosen.due else DUE_WORDS:
        told["due"][due] += tallied.due_of(sums, due)
    for team in () if chosen.team or _worded(chosen) else everybody.teams:
        told["team"][team.slug] += tallied.of_team(sums, tallied.alone(team, everybody))
    part = sizes.get("spots", 0) >= SPOTS
    some = {choice for choice, first in few.items() if part or sizes[first] >= _most(chosen, FIRST_ROWS)}
    some |= {(name, value) for name in ("mark", "kind", "team", "due") for value in told[name] if cut}
    return [
        replace(menu, choices=tuple(_some(c) if (menu.name, c.value) in some else c for c in menu.choices))
        for menu in _further(chosen, everybody, told)
    ]


def _looked(
    chosen: Filter, who: Reader, places: Sequence[str]
) -> tuple[dict[str, Any], dict[tuple[str, str], Any], dict[tuple[str, str], str]]:
    """(the first findings by name, each choice as a query, by which name it looks) of marks, dates and ages: where
    nothing is chosen of them, they look into the same. `places`: those with words, as the sums tell them.
    """
    words, firsts = bool(places), dict[str, Any](spots=found_before(places[0])) if places else {}
    plain, wanted, few = Filter(state=(ANY,)), dict[Pair, Any](), dict[Pair, str]()
    marks = tuple(MARKS) if set(chosen.mark) & set(tallied.ASKED) else tallied.ASKED
    for name, values in (("mark", marks), ("due", ("", *DUE_WORDS)), ("age", ("", *AGES))):
        unset = replace(chosen, **_one(name, getattr(Filter(), name)))
        first = "first" if unset == chosen else f"first_{name}"
        if first not in firsts:
            rows = matching(unset, who, spotted=words).order_by().values(*FIRST)
            firsts[first] = rows[: _most(chosen, FIRST_ROWS)]
        for value in values:
            few[name, value] = first
            since = who.now - AGES[value] if name == "age" and value else FOREVER
            if name == "age" or not value:
                wanted[name, value] = YOUNG.format(first=first), [since, counting.CAP + 1]
            elif name == "mark" or chosen.due:
                said = _one(name, (value,) if name == "mark" else value)
                wanted[name, value] = matching(replace(plain, **said), who).filter(_in(first))
    return firsts, wanted, few


def _most(chosen: Filter, usual: int) -> int:
    """How many findings are looked at: of those with words fewer, since each place with them has to be looked up."""
    return FIRST_SOUGHT if searching.query(chosen.q) else usual


def _teams(chosen: Filter, everybody: Reader, first: str, *, spotted: bool) -> dict[tuple[str, str], Any]:
    """What several teams see: all of it where some were chosen; of the first findings where words are sought, as each
    looks for in its own places; else what each sees of the findings of others.
    """
    found: dict[tuple[str, str], Any] = {}
    plain = not (chosen.team or chosen.owner or chosen.due or set(chosen.mark) - set(PLAIN))
    titled = rules_titled(chosen.q, everybody.now) if spotted else ()
    for team in everybody.teams if len(everybody.teams) > 1 else ():
        one = tallied.alone(team, everybody)
        own, others = one.components, one.others
        if plain and spotted and not chosen.path:
            values = [own, list(titled), own, others, own, counting.CAP + 1]
            found["team", team.slug] = WORDED.format(first=first), values
        elif plain and not _worded(chosen):
            since = everybody.now - AGES[chosen.age] if chosen.age else FOREVER
            found["team", team.slug] = SHARED.format(first=first), [since, others, own, counting.CAP + 1]
        elif _worded(chosen):
            found["team", team.slug] = matching(chosen, one, spotted=spotted).filter(_in(first))
        elif chosen.team:
            found["team", team.slug] = matching(chosen, one, spotted=spotted)
        else:
            places = Occurrence.objects.filter(finding=OuterRef("pk"), component__in=own, to_run=None)
            near = Finding.objects.filter(_in(first), Exists(places), component__in=others).exclude(key="")
            found["team", team.slug] = matching(chosen, one, spotted=spotted).filter(pk__in=near.values("pk"))
    return found


def _worded(chosen: Filter) -> bool:
    """Whether words are looked for in all of the reader's places."""
    return bool(chosen.q or chosen.path) and not chosen.team


def _in(first: str) -> Q:
    """Whether a finding is among the first ones of this name."""
    return Q(OneOf(F("pk"), counting.told(first)))


def _some(choice: Choice) -> Choice:
    """A count of some of the findings: there may be more, and of none it says nothing."""
    return replace(choice, more=True) if choice.count else replace(choice, count=None)


def _one(name: str, value: Any) -> dict[str, Any]:
    return {name: value}
