"""Lists of days off, as teams have them: dates one a line, or an iCalendar file (RFC 5545) of whole days.

Of iCalendar it reads what calendars of holidays hold: events of one or several days, and such as come back by a rule of
years, months or weeks: on the same day, or on weekdays ("the fourth Thursday of November", "every Friday").
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, takewhile

DAY = timedelta(days=1)
LONGEST = 62  # days of one event; a longer one is no holiday, and a mistake would close the team for good
_LINE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:\s.*)?")
_STAMP = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T\d{6}Z?)?")
_WEEKDAY = re.compile(r"(?P<n>[+-]?\d{1,2})?(?P<day>MO|TU|WE|TH|FR|SA|SU)")
WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
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
    """When an event begins: once, or by its rule until that or `last` ends it."""
    if rule.get("FREQ") not in ("YEARLY", "MONTHLY", "WEEKLY"):
        return [start]
    most = int(rule["COUNT"]) if rule.get("COUNT", "").isdigit() else None
    until = rule.get("UNTIL", "")
    end = min(last, _stamp(until, 0)) if until else last
    days = (day for period in _periods(start, rule, end) for day in _chosen(period, start, rule) if day >= start)
    found = takewhile(lambda day: day <= end, islice(days, most))
    return [day for day in found if day >= first or day == start]


def _periods(start: date, rule: Mapping[str, str], end: date) -> Iterator[tuple[date, date]]:
    """The years, months or weeks of a rule, each from its first day to the day after its last."""
    step = max(int(rule["INTERVAL"]) if rule.get("INTERVAL", "").isdigit() else 1, 1)
    if rule["FREQ"] == "WEEKLY":
        monday = start - start.weekday() * DAY
        while monday <= end:
            yield monday, monday + 7 * DAY
            monday += 7 * step * DAY
        return
    months = step * (12 if rule["FREQ"] == "YEARLY" else 1)
    month = start.year * 12 + (start.month - 1 if months % 12 or rule["FREQ"] == "MONTHLY" else 0)
    while _month(month) <= end:
        yield _month(month), _month(month + (12 if rule["FREQ"] == "YEARLY" else 1))
        month += months


def _month(n: int) -> date:
    return date(n // 12, n % 12 + 1, 1)


def _chosen(period: tuple[date, date], start: date, rule: Mapping[str, str]) -> list[date]:
    """The days of a rule in one period, in order; BYSETPOS takes some of them by number."""
    spans = [period]
    if rule["FREQ"] == "YEARLY" and "BYMONTH" in rule:
        months = [int(m) for m in rule["BYMONTH"].split(",") if m.isdigit() and 1 <= int(m) <= 12]
        spans = [(_month(n), _month(n + 1)) for m in sorted(months) for n in (period[0].year * 12 + m - 1,)]
    if "BYDAY" in rule:
        found = sorted({day for span in spans for entry in rule["BYDAY"].split(",") for day in _weekdays(span, entry)})
    else:
        found = [day for span in spans if (day := _same_day(start, span, rule["FREQ"]))]
    wanted = [int(n) for n in rule.get("BYSETPOS", "").split(",") if n.lstrip("+-").isdigit()]
    return [found[n - 1 if n > 0 else n] for n in wanted if n and -len(found) <= n <= len(found)] if wanted else found


def _weekdays(span: tuple[date, date], entry: str) -> list[date]:
    """The days that "FR", "4TH" or "-1MO" names in a stretch."""
    match = _WEEKDAY.fullmatch(entry.strip())
    if match is None:
        return []
    ahead = (WEEK.index(match["day"]) - span[0].weekday()) % 7
    found = [span[0] + n * DAY for n in range(ahead, (span[1] - span[0]).days, 7)]
    n = int(match["n"] or 0)
    return found if not n else found[n - 1 : n] if n > 0 else found[n : n + 1 or None]


def _same_day(day: date, span: tuple[date, date], freq: str) -> date | None:
    """The day of an event in another year, month or week; None where it has none, as 29 February."""
    if freq == "WEEKLY":
        return span[0] + day.weekday() * DAY
    try:
        return day.replace(year=span[0].year, month=span[0].month if (span[1] - span[0]).days < 32 else day.month)
    except ValueError:
        return None
