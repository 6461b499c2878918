"""Filters of the findings under a name: one's own, or a team's."""

from django.db import transaction

from findings.events import record
from findings.models import Team, User
from remediation.models import View


def view_of(user: User, name: str, team: Team | None) -> View | None:
    """The view of this name: a team's, or the person's own."""
    who = {"team": team} if team else {"user": user, "team": None}
    return View.objects.filter(**who, name=name).select_related("user").first()


@transaction.atomic
def save_view(user: User, name: str, query: str, *, team: Team | None = None) -> View:
    """Keep a filter (as its address) under a name; the same name again takes the place of what it was."""
    row = view_of(user, name, team) or View(team=team, name=name)
    row.user, row.query = user, query
    row.save()
    if team is not None:
        record("saved view", f"team:{team.pk}", actor=user, label=name, team=team, after={"query": query})
    return row


@transaction.atomic
def remove_view(view: View, *, actor: User) -> None:
    """Forget a name; the findings stay as they are."""
    if view.team is not None:
        record("removed view", f"team:{view.team_id}", actor=actor, label=view.name, team=view.team_id)
    view.delete()
