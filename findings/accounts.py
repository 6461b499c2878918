"""Who is signed in, with their seats in teams: one statement that never changes, since every page asks for it."""

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import connection

from findings.columns import Columns
from findings.models import Membership, Team, User

USER, SEAT, TEAM = Columns(User, "u"), Columns(Membership, "m"), Columns(Team, "t")


STATEMENT = """
SELECT {user}, {seat}, {team} FROM findings_user u
LEFT JOIN (findings_membership m JOIN findings_team t ON t.id = m.team_id) ON m.user_id = u.id
WHERE u.id = %s ORDER BY t.name, t.id
"""


@cache
def _statement() -> str:
    return STATEMENT.format(user=USER, seat=SEAT, team=TEAM)


class Accounts(ModelBackend):
    """Django's own, but for one thing: who asks for a page comes with `seats`, as `findings.access` tells them."""

    def get_user(self, user_id: Any) -> User | None:
        """The account while it may sign in, else nothing: read anew for each page."""
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [user_id])
            rows = cursor.fetchall()
        if not rows:
            return None
        user: User = USER.read(rows[0][: len(USER)])
        user.seats = [_seat(row, user) for row in rows if row[len(USER)] is not None]
        return user if self.user_can_authenticate(user) else None


def _seat(row: Any, user: User) -> Membership:
    seat: Membership = SEAT.read(row[len(USER) : len(USER) + len(SEAT)])
    seat.team, seat.user = TEAM.read(row[len(USER) + len(SEAT) :]), user
    return seat
