"""Filters under a name, as the list offers them: one statement that never changes, since every list asks for it."""

from collections.abc import Collection, Mapping
from typing import Any

from findings.models import User
from findings.steady import steady
from remediation.reads.addresses import address

# What `View.objects.visible_to` lets through.
VIEWS = """
SELECT id, team_id, name, query FROM remediation_view WHERE team_id IS NULL AND user_id = %s OR team_id = ANY (%s)
ORDER BY name, id
"""


def named_views(user: User, teams: Mapping[int, str], editing: Collection[int], query: str) -> list[dict[str, Any]]:
    """The person's own views and those of their teams (key -> name), as addresses; `remove` where they may forget one:
    their own, and those of teams in which they may change things (`editing`). `query` is the filter that is shown.
    """
    home = address("remediation:findings")
    with steady() as cursor:
        cursor.execute(VIEWS, [user.pk, list(teams)])
        rows = cursor.fetchall()
    return [
        {
            "label": name,
            "team": teams.get(team, ""),
            "url": f"{home}?{asked}",
            "current": asked == query,
            "remove": address("remediation:view_remove", pk) if team is None or team in editing else "",
        }
        for pk, team, name, asked in rows
    ]
