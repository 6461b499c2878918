"""The frame around every page: which team it is about, and where one can go from there. Reads only.

The address says which team is meant (`/teams/<slug>/…` or `?team=<slug>`), so a page can be shared; without a word it
is the person's first team.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy

from findings.access import memberships_of
from findings.core.same import Same
from findings.models import Team
from findings.pages import person

# (address, icon, label, is it about one team: then by which way the team is named).
QUERY, PATH, NONE = "query", "path", ""
ENTRIES = (
    ("remediation:week", "week", gettext_lazy("This week"), QUERY),
    ("remediation:board", "board", gettext_lazy("Board"), QUERY),
    ("remediation:findings", "findings", gettext_lazy("Findings"), QUERY),
    ("remediation:team", "team", gettext_lazy("Team"), PATH),
    ("remediation:costs", "costs", gettext_lazy("Costs"), PATH),
    ("findings:repositories", "repositories", gettext_lazy("Repositories"), NONE),
    ("remediation:imports", "imports", gettext_lazy("Imports"), NONE),
    ("remediation:digest", "digest", gettext_lazy("Digest"), NONE),
    ("remediation:team_settings", "settings", gettext_lazy("Settings"), PATH),
    ("health", "health", gettext_lazy("Health"), NONE),
)
TEAM_ROUTES = ("teams/", "week/", "board/")  # addresses in which `<slug>` names a team
# Pages that stand under another entry than the one their address starts with.
UNDER = {
    "finding": "findings",
    "view_save": "findings",
    "scan": "repositories",
    "repository": "repositories",
    "add_repository": "repositories",
    "run": "imports",
    "commit_week": "week",
    "item": "board",
    "invite": "settings",
    "make_token": "settings",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation, or of the team menu."""

    label: str
    url: str
    icon: str = ""
    current: bool = False
    count: int = 0

    @property
    def name(self) -> str:
        """What the team menu calls its label."""
        return self.label


def teams_of(request: HttpRequest) -> list[Team]:
    """The person's teams, by name."""
    return [seat.team for seat in memberships_of(request)]


def team_of(request: HttpRequest) -> Team | None:
    """The team this page is about; None for a person who is in no team. Never raises: error pages have a frame too."""
    if chosen := vars(request).get("team"):
        return cast(Team, chosen)
    match, known = request.resolver_match, teams_of(request)
    slug = (
        match.kwargs.get("slug", "") if match and match.route.startswith(TEAM_ROUTES) else request.GET.get("team", "")
    )
    return next((team for team in known if team.slug == slug), known[0] if known else None)


def frame(request: HttpRequest) -> Same:
    """`nav` (where one can go) and `teams` (the same page for each of them): made once for the same person's seats, in
    the same place and language.
    """
    match, current, known = request.resolver_match, team_of(request), teams_of(request)
    if match and match.route.startswith(TEAM_ROUTES) and set(match.kwargs) == {"slug"}:
        place = match.view_name, ""
    else:
        place = "", request.path if match and not match.kwargs else ""
    led = {seat.team_id for seat in memberships_of(request) if seat.role == "lead"}
    may_set = current is not None and current.pk in led
    return _frame(
        tuple((team.slug, team.name) for team in known),
        current.slug if current else "",
        place,
        _here(match.url_name or "" if match else ""),
        (*(() if may_set else ("settings",)), *(() if led or person(request).is_staff else ("health",))),
        waiting(request),
        get_language() or "",
    )


@lru_cache(maxsize=500)
def _frame(
    teams: tuple[tuple[str, str], ...],
    current: str,
    place: tuple[str, str],
    here: str,
    closed: tuple[str, ...],
    count: int,
    language: str,
) -> Same:
    return Same(nav=_navigation(teams, current, here, closed, count), teams=_team_entries(teams, current, place))


def _team_entries(teams: tuple[tuple[str, str], ...], current: str, place: tuple[str, str]) -> list[Entry]:
    """The same page for each team; from a page about one thing, the team's week."""
    view, path = place
    found = []
    for slug, name in teams:
        if view:
            url = reverse(view, args=[slug])
        else:
            url = f"{path or reverse('remediation:week')}?{urlencode({'team': slug})}"
        found.append(Entry(name, url, current=slug == current))
    return found


def _navigation(
    teams: tuple[tuple[str, str], ...], team: str, here: str, closed: tuple[str, ...], waiting: int
) -> list[Entry]:
    """Where one can go. Entries about a team are left out for a person who has none, and those that lead to "you may
    not" (`closed`).
    """
    ask = f"?{urlencode({'team': team})}" if team and len(teams) > 1 else ""
    found = []
    for name, icon, label, way in ENTRIES:
        if (way == PATH and not team) or icon in closed:
            continue
        url = reverse(name, args=[team] if way == PATH else [])
        count = waiting if name == "remediation:imports" else 0
        found.append(Entry(str(label), url + (ask if way == QUERY else ""), icon, icon == here, count))
    return found


@lru_cache(maxsize=500)
def _here(name: str) -> str:
    """The icon of the entry that a page stands under."""
    by_name = {entry[0].rpartition(":")[2]: entry[1] for entry in ENTRIES}
    whole = by_name.get(name) or UNDER.get(name) or UNDER.get(name.partition("_")[0], "")
    return whole or next((icon for entry, icon in by_name.items() if name.startswith(entry.rstrip("s"))), "")


def waiting(request: HttpRequest) -> int:
    """Imports and held batches that wait for this person; told with the account (see `findings.accounts`)."""
    return int(getattr(request.user, "waiting", 0))
