"""A team's own time: its zone, its working days, its today. What is due when is reckoned in these alone."""

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from findings.models import Team, User
from remediation.core.planning import Calendar


def zone_of(user: User | Team) -> tzinfo:
    """Their time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(user.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def calendar_of(team: Team) -> Calendar:
    """The days on which a team works."""
    return Calendar(frozenset(team.weekend), tuple(team.holidays))


def day_of(team: Team, at: datetime) -> date:
    """The date where the team is."""
    return at.astimezone(zone_of(team)).date()


def start_of(day: date, team: Team) -> datetime:
    """Midnight at the beginning of a day, where the team is."""
    return datetime.combine(day, time(), zone_of(team))
