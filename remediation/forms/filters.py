"""Which findings a list shows: read from an address, which anybody may have typed. What makes no sense is ignored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from findings.core.ownership import owner_of
from findings.models import Component, State, Team, User
from findings.pages import Order, clean
from findings.parts import components_near

ANY = "any"
MINE, NOBODY = "me", "none"
PRIORITIES = ("P0", "P1", "P2")
STATES = (*State.values, ANY)
AGES = {"7": timedelta(days=7), "30": timedelta(days=30), "90": timedelta(days=90)}
MARKS = ("back", "flapping", "history", "untriaged", "asked", "told")
KINDS = ("real", "dev", "test", "placeholder")  # classes of secrets
DUES = ("overdue", "week")
ORDERS = {
    "priority": Order("priority"),
    "newest": Order("first_seen_at", down=True),
    "oldest": Order("first_seen_at"),
}
GROUPS = ("rule", "path", "owner")
COLUMNS = ("rule", "part", "where", "age", "owner", "due", "state")
USUAL = COLUMNS[2:]
ROWS = ("25", "50", "100")  # of a page; what is below the first screen costs as much as what is on it
LOOKS = ("sort", "group", "columns", "rows")  # what narrows nothing
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
    tool: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    mark: tuple[str, ...] = ()
    age: str = ""
    older: str = ""
    due: str = ""
    sort: str = "priority"
    group: str = ""
    columns: tuple[str, ...] = ()
    rows: str = ROWS[0]

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
            tool=several("tool"),
            kind=several("kind"),
            mark=several("mark", MARKS),
            age=one("age", tuple(AGES)),
            older=one("older", tuple(AGES)),
            due=one("due", DUES),
            sort=one("sort", tuple(ORDERS)) or "priority",
            group=one("group", GROUPS),
            columns=_columns(query.getlist("columns")[:MANY]),
            rows=one("rows", ROWS) or ROWS[0],
        )

    def changed(self) -> list[str]:
        """The parameters that narrow the list in another way than a bare address does."""
        bare = type(self)()
        return [f.name for f in fields(self) if f.name not in LOOKS and getattr(self, f.name) != getattr(bare, f.name)]

    def query(self) -> str:
        """The shortest query string that reads back as this filter."""
        bare = type(self)()
        names = [*self.changed(), *(name for name in LOOKS if getattr(self, name) != getattr(bare, name))]
        said = {name: _listed(getattr(self, name)) for name in names}
        if "columns" in said:
            said["columns"] = (".".join(self.columns),)  # it is in the address of every row
        return urlencode([(name, value) for name, values in said.items() for value in values])

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns beside priority and title."""
        return self.columns or USUAL

    @property
    def size(self) -> int:
        """Rows of a page."""
        return int(self.rows)

    @property
    def order(self) -> Order:
        """How the rows are sorted."""
        return ORDERS[self.sort]


def _columns(said: Sequence[str]) -> tuple[str, ...]:
    """Columns as a form sends them or as an address has them, in our order; the usual ones are no choice."""
    wanted = {name for value in said for name in value.split(".")}
    chosen = tuple(name for name in COLUMNS if name in wanted)
    return () if chosen == USUAL else chosen


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as filters need it: `teams` are those whose data is shown, `components` theirs, `others` those of
    other teams in the same repositories; `parts` has both with team and repository.
    """

    user: User
    teams: list[Team]
    components: list[int]
    now: datetime
    role: str = "viewer"
    others: list[int] = field(default_factory=list)
    parts: Mapping[int, Component] = field(default_factory=dict)
    team_keys: list[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "team_keys", [team.pk for team in self.teams])

    def owner(self, repository: int) -> Callable[[str], Component]:
        """The component that a path of a repository belongs to."""
        parts = [part for part in self.parts.values() if part.repository_id == repository]
        home = next(part for part in parts if part.is_default)
        return owner_of([(part, part.paths) for part in parts if not part.is_default], home)


def reader(
    user: User, now: datetime, *, slugs: Sequence[str] = (), role: str = "viewer", teams: Sequence[Team] | None = None
) -> Reader:
    """A person's teams (of these, when any are named) and the components they own. `teams`: all of the person's,
    where they are known.
    """
    known = list(Team.objects.visible_to(user, role).order_by("name", "pk")) if teams is None else teams
    chosen = [team for team in known if team.slug in slugs] if slugs else list(known)
    keys = {team.pk for team in chosen}
    parts = components_near(known, keys) if keys else {}
    own = [pk for pk, part in parts.items() if part.team_id in keys]
    others = [pk for pk, part in parts.items() if part.team_id not in keys]
    return Reader(user, chosen, own, now, role, others, parts)
