"""Whose page it is, and what the person who asks may do there."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from findings.models import Membership, Team
from findings.pages import person
from findings.querysets import at_least


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The teams of the person who asks, by name, with the role in each; read once a request, with the account."""
    known: list[Membership] | None = vars(request).get("memberships") or getattr(request.user, "seats", None)
    if known is None:
        rows = Membership.objects.filter(user=person(request)).select_related("team")
        known = vars(request)["memberships"] = list(rows.order_by("team__name", "team_id"))
    return known


def team_of(request: HttpRequest, slug: str = "", role: str = "viewer") -> Team:
    """The team a page is about: the named one (path, then `?team=`), else the first by name.

    404 for a team the person is not in, 403 where the role does not reach.
    """
    wanted = slug or request.GET.get("team", "")
    seat = next((m for m in memberships_of(request) if wanted in ("", m.team.slug)), None)
    if seat is None:
        raise Http404("no such team")
    reach(request, seat.team, role)
    return seat.team


def may(request: HttpRequest, team: Team | int, role: str) -> bool:
    """Whether the person has at least this role in a team."""
    pk = team.pk if isinstance(team, Team) else team
    return any(m.team_id == pk and m.role in at_least(role) for m in memberships_of(request))


def reach(request: HttpRequest, team: Team, role: str) -> None:
    """Go on with this team as the page's own, or answer 403 where the role does not reach."""
    if not may(request, team, role):
        raise PermissionDenied
    vars(request)["team"] = team
