"""The frame around every page: which team it is about, and where one can go from there. Reads only.

The address says which team is meant (`/teams/<slug>/…` or `?team=<slug>`), so a page can be shared; without a word it
is the person's first team.
"""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from findings.access import memberships_of
from findings.models import Team
from findings.pages import person

# (address, icon, label, is it about one team: then by which way the team is named). Leads alone may open `FOR_LEADS`.
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
FOR_LEADS = ("settings", "health")
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


def team_entries(request: HttpRequest) -> list[Entry]:
    """The same page for each team; from a page about one thing, the team's week."""
    match, current = request.resolver_match, team_of(request)
    found = []
    for team in teams_of(request):
        if match and match.route.startswith(TEAM_ROUTES) and set(match.kwargs) == {"slug"}:
            url = reverse(match.view_name, args=[team.slug])
        else:
            path = request.path if match and not match.kwargs else reverse("remediation:week")
            url = f"{path}?{urlencode({'team': team.slug})}"
        found.append(Entry(team.name, url, current=team == current))
    return found


def navigation(request: HttpRequest) -> list[Entry]:
    """Where one can go. Entries about a team are left out for a person who has none."""
    team, here = team_of(request), _here(request)
    ask = f"?{urlencode({'team': team.slug})}" if team and len(teams_of(request)) > 1 else ""
    found = []
    for name, icon, label, way in ENTRIES:
        if (way == PATH and team is None) or not _may_open(request, icon, team if way == PATH else None):
            continue
        url = reverse(name, args=[team.slug] if way == PATH and team else [])
        count = waiting(request) if name == "remediation:imports" else 0
        found.append(Entry(str(label), url + (ask if way == QUERY else ""), icon, icon == here, count))
    return found


def _may_open(request: HttpRequest, icon: str, team: Team | None) -> bool:
    """Whether an entry leads anywhere but to "you may not": some are for leads, of this team or of any."""
    led = {seat.team_id for seat in memberships_of(request) if seat.role == "lead"}
    if icon not in FOR_LEADS:
        return True
    return team.pk in led if team else bool(led) or person(request).is_staff


def _here(request: HttpRequest) -> str:
    """The icon of the entry that the current page stands under."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    by_name = {entry[0].rpartition(":")[2]: entry[1] for entry in ENTRIES}
    whole = by_name.get(name) or UNDER.get(name) or UNDER.get(name.partition("_")[0], "")
    return whole or next((icon for entry, icon in by_name.items() if name.startswith(entry.rstrip("s"))), "")


def waiting(request: HttpRequest) -> int:
    """Imports and held batches that wait for this person; told with the account (see `findings.accounts`)."""
    return int(getattr(request.user, "waiting", 0))
