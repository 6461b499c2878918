"""Lists of days off, as teams have them: dates one a line, or an iCalendar file (RFC 5545) of whole days.

Of iCalendar it reads what calendars of holidays hold: events of one or several days, and such as come back every year.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 62  # days of one event; a longer one is no holiday, and a mistake would close the team for good
_LINE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:\s.*)?")
_STAMP = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T\d{6}Z?)?")
Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class NoDate(ValueError):
    """A line that is no date; `line` counts from 1."""

    line: int
    text: str


def is_calendar(text: str) -> bool:
    """Whether a text is an iCalendar file."""
    return text.lstrip("\ufeff \r\n\t").upper().startswith("BEGIN:VCALENDAR")


def read_days(text: str, first: date, last: date) -> list[date]:
    """The days of a list or an iCalendar file, in order, each once; what comes back is followed from `first` to `last`.

    Raises `NoDate`. In a list, what follows the date is its name; empty lines and those that begin with # are skipped.
    """
    found = set(_events(text, first, last) if is_calendar(text) else _lines(text))
    return sorted(found)


def _lines(text: str) -> Iterator[date]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        words = line.strip().replace(",", " ").replace(";", " ")
        if not words or words.startswith("#"):
            continue
        match = _LINE.fullmatch(words)
        try:
            yield date.fromisoformat(match["day"] if match else words)
        except ValueError:
            raise NoDate(number, line.strip()[:60]) from None


def _events(text: str, first: date, last: date) -> Iterator[date]:
    for line, event in _blocks(text):
        start, end = _stamp(event.get("DTSTART", ""), line), event.get("DTEND", "")
        days = (_stamp(end, line) - start).days if end else 1
        if event.get("STATUS", "").upper() == "CANCELLED":
            continue
        for begin in _starts(start, _rule(event.get("RRULE", "")), first, last):
            yield from (begin + n * DAY for n in range(min(max(days, 1), LONGEST)))


def _blocks(text: str) -> Iterator[tuple[int, Fields]]:
    """The events of a file, each with the number of its first line; properties of parts inside them do not count."""
    inside: list[str] = []
    event: Fields = {}
    begun = 0
    for number, line in _unfolded(text):
        head, _colon, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        if name == "BEGIN":
            inside.append(value.strip().upper())
            if inside[-1] == "VEVENT":
                event, begun = {}, number
        elif name == "END":
            if inside and inside.pop() == "VEVENT":
                yield begun, event
        elif inside and inside[-1] == "VEVENT":
            event.setdefault(name, value.strip())


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with their numbers: one that begins with a blank goes on the line before."""
    begun, whole = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t"):
            whole += line[1:]
            continue
        if whole:
            yield begun, whole
        begun, whole = number, line
    if whole:
        yield begun, whole


def _stamp(text: str, line: int) -> date:
    match = _STAMP.fullmatch(text)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else date.fromisoformat(text)
    except ValueError:
        raise NoDate(line, text[:60]) from None


def _rule(text: str) -> Mapping[str, str]:
    return dict(part.upper().partition("=")[::2] for part in text.split(";") if "=" in part)


def _starts(start: date, rule: Mapping[str, str], first: date, last: date) -> Iterable[date]:
    """When an event begins: once, or every so many years on the same day, until its rule or `last` ends it."""
    if rule.get("FREQ") != "YEARLY" or "BYDAY" in rule:
        return [start]
    step = int(rule["INTERVAL"]) if rule.get("INTERVAL", "").isdigit() else 1
    most = int(rule["COUNT"]) if rule.get("COUNT", "").isdigit() else last.year
    until = rule.get("UNTIL", "")
    end = min(last, _stamp(until, 0)) if until else last
    years = range(start.year, last.year + 1, max(step, 1))[: max(most, 0)]
    days = (_same_day(start, year) for year in years)
    return [day for day in days if day is not None and day <= end and (day >= first or day == start)]


def _same_day(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None
