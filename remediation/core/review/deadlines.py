"""Reading by when something has to be done: "by 15 March", "before 2026-03-15", "3月15日前"."""

import re
from datetime import date

from remediation.core.review.header import MONTHS, NAMES
from remediation.core.review.words import fold

_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in NAMES.split())
_DAY = rf"""
    (?P<y>(?:19|20)\d\d)\s?[-/.年]\s?(?P<m>\d{{1,2}})\s?[-/.月]\s?(?P<d>\d{{1,2}})日?
  | (?P<m2>\d{{1,2}})月(?P<d2>\d{{1,2}})[日号]
  | (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\ (?P<n3>{_MONTH})(?:,?\ (?P<y3>(?:19|20)\d\d))?
  | (?P<n4>{_MONTH})\ (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<y4>(?:19|20)\d\d))?
"""
_BY = r"""
    (?: by|before|until|no\ later\ than|due(?:\ on|\ by)?|deadline
      | (?:截止|最迟|不晚于|限期)(?:到|至|于|日期|时间)? )\ ?:?\ ?
"""
_AHEAD = _DAY.replace("(?P<", "(?P<b")  # the same day once more, in front of its word: groups need other names
DEADLINE = re.compile(rf"(?:^|[(:—–-]\ ?)(?:{_BY}(?:{_DAY})|(?:{_AHEAD})\ ?(?:之前|以前|前))(?:$|\ ?[):—–-])", re.X)
"""A deadline that a heading is, begins with, or has in brackets: a title may speak of a day, too."""
BARE = re.compile(_DAY, re.X)
"""A day and nothing else, as cells of a column of deadlines have it."""


def deadline_of(heading: str, bare: bool = False) -> str:
    """The day of a heading as ISO 8601 writes it, "--03-15" where it says no year; "" where it names none. `bare`: the
    text is a cell of a column that says when.
    """
    folded = fold(heading)
    match = (BARE.fullmatch(folded) if bare else None) or DEADLINE.search(folded)
    if match is None:
        return ""
    parts = {name.removeprefix("b")[0]: text for name, text in match.groupdict().items() if text}
    month = int(parts["m"]) if "m" in parts else MONTHS[parts["n"][:3]]
    try:
        day = date(int(parts.get("y", 2000)), month, int(parts["d"]))
    except ValueError:
        return ""
    return day.isoformat() if "y" in parts else f"--{day:%m-%d}"


def resolve(deadline: str, reviewed: date) -> date:
    """The day of a deadline; one without a year is the next such day from the review on."""
    if not deadline.startswith("--"):
        return date.fromisoformat(deadline)
    month, day = map(int, deadline[2:].split("-"))
    years = range(reviewed.year, reviewed.year + 9)
    days = (date(year, month, day) for year in years if (month, day) != (2, 29) or year % 4 == 0)
    return next(found for found in days if found >= reviewed)
