"""Which findings a list shows: read from an address, which anybody may have typed. What makes no sense is ignored."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from findings.models import Finding, Occurrence, State, Team, User
from findings.pages import Order, clean, key_of
from findings.querysets import FindingQuerySet
from remediation.clock import zone_of
from remediation.core.planning import Week
from remediation.reads.due import due_by, with_holder

ANY = "any"
MINE, NOBODY = "me", "none"
PRIORITIES = ("P0", "P1", "P2")
STATES = (*State.values, ANY)
AGES = {"7": timedelta(days=7), "30": timedelta(days=30), "90": timedelta(days=90)}
MARKS = {
    "back": Q(reopened__gt=0, state="open"),
    "flapping": Q(flapping=True),
    "history": Q(present=True, at_head=False),
    "untriaged": Q(state="open", holder=None),
}
DUES = ("overdue", "week")
ORDERS = {
    "priority": Order("priority"),
    "newest": Order("first_seen_at", down=True),
    "oldest": Order("first_seen_at"),
}
MANY = 100  # values of one parameter


@dataclass(frozen=True, slots=True)
class Filter:
    """What an address asks for. The names of the fields are those of the parameters; empty = not narrowed."""

    q: str = ""
    path: str = ""
    priority: tuple[str, ...] = ()
    state: tuple[str, ...] = ("open",)
    rule: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    repository: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    mark: tuple[str, ...] = ()
    age: str = ""
    older: str = ""
    due: str = ""
    sort: str = "priority"

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filter of a query string."""

        def several(name: str, known: Sequence[str] = ()) -> tuple[str, ...]:
            said = [clean(value) for value in query.getlist(name)[:MANY]]
            return tuple(dict.fromkeys(v for v in said if v and (not known or v in known)))

        def one(name: str, known: Sequence[str]) -> str:
            value = query.get(name, "")
            return value if value in known else ""

        return cls(
            q=clean(query.get("q", "")),
            path=clean(query.get("path", "")),
            priority=several("priority", PRIORITIES),
            state=several("state", STATES) or ((ANY,) if query.getlist("state") == [""] else ("open",)),
            rule=several("rule"),
            team=several("team"),
            repository=several("repository"),
            owner=several("owner"),
            mark=several("mark", tuple(MARKS)),
            age=one("age", tuple(AGES)),
            older=one("older", tuple(AGES)),
            due=one("due", DUES),
            sort=one("sort", tuple(ORDERS)) or "priority",
        )

    def changed(self) -> list[str]:
        """The parameters that narrow the list in another way than a bare address does."""
        bare = type(self)()
        return [f.name for f in fields(self) if f.name != "sort" and getattr(self, f.name) != getattr(bare, f.name)]

    def query(self) -> str:
        """The shortest query string that reads back as this filter."""
        names = [*self.changed(), *(["sort"] if self.sort != "priority" else [])]
        return urlencode([(name, value) for name in names for value in _listed(getattr(self, name))])

    @property
    def order(self) -> Order:
        """How the rows are sorted."""
        return ORDERS[self.sort]


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as filters need it: `teams` are those whose data is shown, `components` theirs."""

    user: User
    teams: list[Team]
    components: list[int]
    now: datetime
    role: str = "viewer"
    team_keys: list[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "team_keys", [team.pk for team in self.teams])


def reader(user: User, now: datetime, *, slugs: Sequence[str] = (), role: str = "viewer") -> Reader:
    """A person's teams (of these, when any are named) and the components they own."""
    teams = list(Team.objects.visible_to(user, role).order_by("name", "pk"))
    chosen = [team for team in teams if team.slug in slugs] if slugs else teams
    components = Finding.objects.components().filter(team__in=[t.pk for t in chosen])
    return Reader(user, chosen, list(components.values_list("pk", flat=True)), now, role)


def matching(chosen: Filter, who: Reader) -> FindingQuerySet:
    """The findings that a filter lets through, of those this person may see."""
    rows: FindingQuerySet = with_holder(Finding.objects.visible_to(who.user, who.role), who.team_keys)
    if chosen.team:
        rows = rows.in_components(who.components)  # of the named teams that are this person's
    rows = rows.filter(_plain(chosen, who))
    if chosen.q:
        rows = rows.filter(_searched(chosen.q, who.components))
    if chosen.path:
        rows = rows.filter(Exists(_places(who.components).filter(path__icontains=chosen.path)))
    if chosen.due:
        until = None if chosen.due == "overdue" else _end_of_week(who)
        rows = rows.filter(pk__in=due_by(rows, who.team_keys, who.now, until))
    return rows


def _plain(chosen: Filter, who: Reader) -> Q:
    wanted = Q()
    for name, values in (("priority", chosen.priority), ("rule__key", chosen.rule)):
        wanted &= Q(**{f"{name}__in": values}) if values else Q()
    if chosen.repository:
        wanted &= Q(repository__slug__in=chosen.repository)
    if ANY not in chosen.state:
        wanted &= Q(state__in=chosen.state)
    if chosen.owner:
        wanted &= _owned(chosen.owner, who.user)
    for mark in chosen.mark:
        wanted &= MARKS[mark]
    if chosen.age:
        wanted &= Q(first_seen_at__gte=who.now - AGES[chosen.age])
    if chosen.older:
        wanted &= Q(first_seen_at__lt=who.now - AGES[chosen.older])
    return wanted


def _owned(owners: Sequence[str], user: User) -> Q:
    keys = [user.pk if owner == MINE else key_of(owner) for owner in owners if owner != NOBODY]
    wanted = Q(holder__in=[key for key in keys if key is not None])
    return wanted | Q(holder=None) if NOBODY in owners else wanted


def _places(components: Sequence[int]) -> QuerySet[Occurrence]:
    """Places in the code of these components, where they are now, or were last for what is closed."""
    return Occurrence.objects.filter(finding=OuterRef("pk"), component__in=components)


def _searched(text: str, components: Sequence[int]) -> Q:
    """The words of a finding are those of its first place: of one shared with another team, only own places count."""
    own = Q(component__in=components) & (Q(title__icontains=text) | Q(message__icontains=text))
    place = _places(components).filter(Q(path__icontains=text) | Q(message__icontains=text))
    return own | Q(rule__key__icontains=text) | Q(rule__title__icontains=text) | Q(Exists(place))


def _end_of_week(who: Reader) -> date:
    zone = zone_of(who.teams[0]) if who.teams else UTC
    return Week.of(who.now.astimezone(zone).date()).end
