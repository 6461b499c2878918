"""Who is signed in, with their seats in teams: one statement that never changes, since every page asks for it."""

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend

from findings.columns import Columns
from findings.models import Membership, Team, User
from findings.steady import steady

USER, SEAT, TEAM = Columns(User, "u"), Columns(Membership, "m"), Columns(Team, "t")


# With what waits for this person as a lead, which every page shows: what `Run.objects.visible_to` lets through of it.
STATEMENT = """
SELECT {user}, {seat}, {team}, (
    SELECT count(*) FROM findings_run r WHERE r.state IN ('preview', 'held') AND EXISTS (
        SELECT FROM findings_component c JOIN findings_membership l ON l.team_id = c.team_id AND l.role = 'lead'
        WHERE c.repository_id = r.repository_id AND l.user_id = %(user)s))
FROM findings_user u
LEFT JOIN (findings_membership m JOIN findings_team t ON t.id = m.team_id) ON m.user_id = u.id
WHERE u.id = %(user)s ORDER BY t.name, t.id
"""


@cache
def _statement() -> str:
    return STATEMENT.format(user=USER, seat=SEAT, team=TEAM)


class Accounts(ModelBackend):
    """Django's own, but for one thing: who asks for a page comes with `seats`, as `findings.access` has them, and with
    how many imports and held batches are `waiting`.
    """

    def get_user(self, user_id: Any) -> User | None:
        """The account while it may sign in, else nothing: read anew for each page."""
        with steady() as cursor:
            cursor.execute(_statement(), {"user": user_id})
            rows = cursor.fetchall()
        if not rows:
            return None
        user: User = USER.read(rows[0][: len(USER)])
        user.seats = [_seat(row[:-1], user) for row in rows if row[len(USER)] is not None]
        user.waiting = rows[0][-1]
        return user if self.user_can_authenticate(user) else None


def _seat(row: Any, user: User) -> Membership:
    seat: Membership = SEAT.read(row[len(USER) : len(USER) + len(SEAT)])
    seat.team, seat.user = TEAM.read(row[len(USER) + len(SEAT) :]), user
    return seat
