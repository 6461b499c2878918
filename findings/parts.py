"""The components of one's teams, and those beside them in the same repositories: one statement that never changes."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from findings.columns import Columns
from findings.models import Component, Repository, Team
from findings.steady import steady

PART, TEAM, REPOSITORY = Columns(Component, "c"), Columns(Team, "t"), Columns(Repository, "r")


STATEMENT = """
SELECT {part}, {team}, {repository} FROM findings_component c
JOIN findings_team t ON t.id = c.team_id JOIN findings_repository r ON r.id = c.repository_id
WHERE c.repository_id IN (SELECT repository_id FROM findings_component WHERE team_id = ANY (%s))
ORDER BY c.position, c.id
"""


@cache
def _statement() -> str:
    return STATEMENT.format(part=PART, team=TEAM, repository=REPOSITORY)


def components_near(known: Iterable[Team], keys: Collection[int]) -> dict[int, Component]:
    """By key, in their order, with team and repository: all components of repositories in which one of these teams
    (`keys`) has any. `known`: teams that are read already.
    """
    with steady() as cursor:
        cursor.execute(_statement(), [list(keys)])
        rows = cursor.fetchall()
    teams: dict[int, Any] = {team.pk: team for team in known}
    repositories: dict[int, Any] = {}
    parts: dict[int, Component] = {}
    team_at, repository_at = len(PART), len(PART) + len(TEAM)
    for row in rows:
        part: Component = PART.read(row[:team_at])
        if part.team_id not in teams:
            teams[part.team_id] = TEAM.read(row[team_at:repository_at])
        if part.repository_id not in repositories:
            repositories[part.repository_id] = REPOSITORY.read(row[repository_at:])
        part.team, part.repository = teams[part.team_id], repositories[part.repository_id]
        parts[part.pk] = part
    return parts
