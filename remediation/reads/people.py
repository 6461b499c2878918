"""The people that a plan speaks of, by statements that never change: who sits in a team with how many hours, who owns
items, who claimed them. Accounts are read as far as they are shown: key, address and name.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS

from findings.models import Team, User
from findings.steady import steady

SHOWN = ("id", "email", "name")
# Whom `Membership.objects.people` lets through, and behind them who is asked for beside.
SEATED = """
SELECT u.id, u.email, u.name, m.capacity FROM findings_membership m JOIN findings_user u ON u.id = m.user_id
WHERE m.team_id = %(team)s AND NOT EXISTS (SELECT FROM findings_token t WHERE t.user_id = u.id)
UNION ALL SELECT id, email, name, NULL FROM findings_user WHERE id = ANY (%(keys)s::bigint[])
"""
NAMED = """
SELECT id, email, name FROM findings_user WHERE id = ANY (%(keys)s::bigint[]) OR email = ANY (%(addresses)s::text[])
"""


class Seat(NamedTuple):
    """A person in a team, with the hours a week that they have for it."""

    user: User
    capacity: Decimal


def seats_of(team: Team, others: Collection[int]) -> tuple[list[Seat], dict[int, User]]:
    """(Who sits in the team, all of them and these `others` by key.)"""
    with steady() as cursor:
        cursor.execute(SEATED, {"team": team.pk, "keys": list(others)})
        rows = [(_account(shown), capacity) for *shown, capacity in cursor.fetchall()]
    seats = [Seat(user, capacity) for user, capacity in rows if capacity is not None]
    return seats, {user.pk: user for user, _capacity in rows} | {seat.user.pk: seat.user for seat in seats}


def accounts(keys: Collection[int], addresses: Collection[str]) -> list[User]:
    """Those with one of these keys or addresses."""
    with steady() as cursor:
        cursor.execute(NAMED, {"keys": list(keys), "addresses": list(addresses)})
        return [_account(row) for row in cursor.fetchall()]


def _account(shown: Any) -> User:
    return User.from_db(DEFAULT_DB_ALIAS, SHOWN, shown)
