"""Reading time: how long something takes, and in which stretch of the plan it falls."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from remediation.core.review.deadlines import deadline_of, resolve
from remediation.core.review.terms import CODE
from remediation.core.review.words import clean, fold
from remediation.core.types import Effort, Phase

HAN = {c: str(i) for i, c in enumerate("零一二三四五六七八九十")} | {"两": "2", "半": "0.5"}
UNITS: tuple[tuple[str, Decimal], ...] = (
    (r"分钟|minutes?|mins?", Decimal(1) / 60),
    (r"个?小时|人时|工时|hours?|hrs?|h", Decimal(1)),
    (r"个?工作日|人日|人天|天|日|(?:person|working|business|man)[- ]days?|days?|d", Decimal(8)),
    (r"个?星期|个?人?周|(?:person|man)[- ]weeks?|weeks?|wks?|w", Decimal(40)),
    (r"个?人?月|(?:person|man)[- ]months?|months?|mo", Decimal(160)),
    (r"个?迭代|sprints?", Decimal(80)),
)
NUMBER = r"(\d{1,4}(?:\.\d{1,4})?|[一二两三四五六七八九十半]|(?:half an?|an?|one|two|three|four|five|six)(?=[\s–—-]))"
AMOUNT = re.compile(
    rf"(?<![\w.$¥€£/-]){NUMBER}\s*(?:[-–—~到至]|to)?\s*(?:(?<=[-–—~到至\so]){NUMBER})?\s*\+?\s*"
    rf"({'|'.join(f'(?:{u})' for u, _ in UNITS)})(?![a-z])(?!\s*(?:以?内|之?后|前|一次|ago))"
)
NOT_EFFORT = re.compile(r"每|within|every|after|in the (?:last|next)|过去|未来|over|week \d|month \d|p9[059]")
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」")
"""What a program says, and not how long something takes: 'shows "in 1 days"'."""
SPOKEN = {"half a": "0.5", "half an": "0.5", "a": "1", "an": "1"} | dict(
    zip(("one", "two", "three", "four", "five", "six"), "123456", strict=True)
)
FILLERS = re.compile(r"[\W\d]|大?约|about|approx|effort|estimated|est|of work|work|takes?|预计|估计|工时|工期|需要?")
BEHIND = re.compile(r"(?P<title>.*\S)\s*(?:[,，;；]|\s[–—-])\s*(?P<effort>[^,，;；]{1,24})$", re.S)
ASIDE = re.compile(r"[(（\[]([^()（）\[\]]{1,40})[)）\]]")

LAST = re.compile(r"[(（]([^()（）]{1,60})[)）]\s*[.。]?\s*$")
HANDLE = re.compile(r"@[a-z0-9][\w.-]*", re.I)

LATER = 366
"""Where a dated stretch stands while nobody knows the day of the review: behind the others."""
DAYS = {"day": 1, "天": 1, "week": 7, "周": 7, "星期": 7, "sprint": 14, "迭代": 14, "冲刺": 14, "month": 30, "月": 30}
DAYS |= {"quarter": 90, "季度": 90}
SPAN = re.compile(
    r"""\b(?P<unit>day|week|sprint|month|quarter)s?\s*(?P<a>\d{1,3})
        (?:\s*(?:[-–—~]|to)\s*(?:week|month|day)?\s*(?P<b>\d{1,3}))? (?P<more>\s*\+)?
      | 第\s*(?P<c>\d{1,3}|[一二三四五六七八九十]) (?:\s*[-–—~到至]\s*第?(?P<d>\d{1,3}|[一二三四五六七八九十]))?
        (?P<more2>\s*\+)?\s*个?(?P<unit2>天|周|星期|月|季度|迭代|冲刺)(?P<more3>\s*(?:\+|以?后|及以后))?""",
    re.X,
)
STAGE = re.compile(
    r"(?:\bphase|\bstage|\bmilestone|阶段)\s*(?:\d+|[一二三四五六七八九十])|第\s*(?:\d+|[一二三四五六七八九十])\s*阶段"
)
FIRST = re.compile(r"(?:\bphase|\bstage|\bmilestone|阶段)\s*(?:1|一)(?!\d)|第\s*(?:1|一)\s*阶段")
"""The stage with which a plan begins, and begins again where a report tells two."""
WITHIN = re.compile(
    r"(?:^\W*|[(（,，:：–—-]\s*)(?:(?:with)?in |in the )?(?P<next>next |未来)?"
    r"(?P<n>\d{1,3}|two|three|four|six|[一两二三四六])\s*-?\s*个?"
    rf"(?P<unit>{'|'.join(DAYS)})s?(?P<in>\s*[之以]?内)?"
)
"""An end that a heading states: "(within 1 month)", "(next 2 weeks)", "2 周内执行"."""
NAMED: tuple[tuple[str, int, int], ...] = (
    (r"\btoday\b|今天|今日", 0, 1),
    (r"\bimmediate(?:ly)?\b|\bright away\b|\bnow\b|立即|马上|即刻", 0, 7),
    (r"\bthis week\b|本周|这周|一周内|1 ?周内|24 ?小时内|48 ?小时内", 0, 7),
    (r"\bnext week\b|下周|下星期", 7, 7),
    (r"\b(?:next|this|current) sprint\b|下个? ?(?:sprint|迭代|冲刺)|本迭代|当前迭代", 7, 14),
    (r"\bthis month\b|本月|这个月|一个月内", 0, 30),
    (r"\bnext month\b|下个?月", 30, 30),
    (r"\bshort[- ]term\b|短期|近期", 7, 21),
    (r"\b(?:mid|medium)[- ]term\b|中期", 30, 60),
    (r"\b(?:next|this) quarter\b|下个?季度|本季度", 30, 90),
    (r"\blong[- ]term\b|\blater\b|\bbacklog\b|长期|未来|持续改进", 90, 90),
)


def effort_of(text: str) -> Effort | None:
    """The first length of time a text names, in hours; None for deadlines ("within 2 weeks") and none."""
    folded = QUOTED.sub(" ", fold(text))
    if NOT_EFFORT.search(folded):
        return None
    match = AMOUNT.search(folded)
    if match is None:
        return None
    hours = next(h for unit, h in UNITS if re.fullmatch(unit, match[3]))
    low = _number(match[1])
    high = _number(match[2]) if match[2] else low
    low, high = sorted((low, high))
    return Effort(_hours(low * hours), _hours(high * hours))


def effort_aside(title: str) -> tuple[str, Effort | None]:
    """A title and the effort in brackets behind or inside it, or behind a comma; it is taken out of the title."""
    for match in ASIDE.finditer(title):
        if effort := only_effort(match[1]):
            return clean(re.sub(r"\s+([:：])", r"\1", title[: match.start()] + title[match.end() :])), effort
    behind = BEHIND.match(title)
    if behind and (effort := only_effort(behind["effort"])):
        return clean(behind["title"]), effort
    return title, None


def only_effort(text: str) -> Effort | None:
    """The effort of words that speak of nothing else: "about 2 days", "预计工期：1 天"."""
    rest = FILLERS.sub("", AMOUNT.sub("", fold(clean(text))))
    return effort_of(text) if len(rest) <= 2 else None


def effort_behind(text: str) -> tuple[Effort | None, str]:
    """The effort in brackets at the end of a text, and the handle that may stand beside it: "(2 hours, @ana)"."""
    match = LAST.search(text)
    parts = re.split(r"\s*[,，、;；·]\s*", match[1].strip()) if match else []
    names = [part for part in parts if HANDLE.fullmatch(part)]
    said = [part for part in parts if part not in names]
    effort = only_effort(said[0]) if len(said) == 1 and len(names) < 2 else None
    return effort, "".join(names) if effort else ""


def arabic(number: str) -> str:
    """A running number in digits: "十二" is "12"; others as they are."""
    if not re.fullmatch("[一二三四五六七八九十]+", number):
        return number
    tens, ten, ones = number.rpartition("十")
    return str(int(HAN[tens] if tens else "1") * 10 * bool(ten) + int(HAN[ones] if ones else "0"))


def share(effort: Effort | None, among: int) -> Effort | None:
    """An equal part of an effort that several entries have together."""
    if effort is None or among < 2:
        return effort
    # Four places, so that the parts of two hours among three add up to two again when rounded to hundredths.
    return Effort(*((end / among).quantize(Decimal("0.0001")).normalize() + 0 for end in (effort.low, effort.high)))


def phase_of(heading: str, line: int, after: Phase | None = None) -> Phase | None:
    """The stretch of the plan that a heading names. Stages without dates follow `after`, or the length they state."""
    title = clean(heading)
    folded = fold(title)
    if by := deadline_of(title):
        return dated(title, by, line)
    if match := SPAN.search(folded):
        unit = match["unit"] or match["unit2"]
        first = int(_number(match["a"] or match["c"]))
        last = int(_number(match["b"] or match["d"] or str(first)))
        days = DAYS[unit]
        more = bool(match["more"] or match["more2"] or match["more3"])
        length = (max(last, first) - first + 1) * days
        if first:
            return Phase(_name(title), title, (first - 1) * days, max(length, 90) if more else length, line)
    if STAGE.search(folded):
        after = None if FIRST.search(folded) else after
        starts, days = _named(folded) or (0, 14)
        return stage_of(heading, line, after) or Phase(_name(title), title, max(_next(after), starts), days, line)
    named = _named(folded)
    if end := _end(folded):
        starts = next((day for day in (named[0] if named else 0, _next(after)) if day < end), 0)
        return Phase(_name(title), title, starts, end - starts, line)
    return Phase(_name(title), title, named[0], _length(folded) or named[1], line) if named else None


def _named(folded: str) -> tuple[int, int] | None:
    """The first day and the days of a stretch that has a name."""
    return next(((starts, days) for words, starts, days in NAMED if re.search(words, folded)), None)


def _end(folded: str) -> int:
    """The last day of a stretch whose heading says within which time, 0 where it does not."""
    match = WITHIN.search(folded)
    if match is None or not (match["next"] or match["in"] or "within" in match.group()):
        return 0
    return int(_number(match["n"])) * DAYS[match["unit"]]


def dated(title: str, by: str, line: int) -> Phase:
    """A stretch that ends on a day. Where it stands among the others is known with the day of the review."""
    return Phase(_name(title), title, LATER, 0, line, by)


def placed(phase: Phase, reviewed: date | None) -> Phase:
    """A dated stretch with the days from the review to its end, so that it stands in the order of time."""
    if not phase.by or reviewed is None:
        return phase
    return replace(phase, starts=max((resolve(phase.by, reviewed) - reviewed).days, 0))


def is_dated(heading: str) -> bool:
    """Whether a heading names a stretch of time by number: "Week 1", "第二阶段"; not just "soon"."""
    folded = fold(clean(heading))
    return bool(SPAN.search(folded) or STAGE.match(folded) or deadline_of(heading))


def stage_of(heading: str, line: int, after: Phase | None) -> Phase | None:
    """A stretch that follows another and whose heading says how long it is."""
    title = clean(heading)
    length = _length(fold(title))
    return Phase(_name(title), title, _next(after), length, line) if length else None


def _next(after: Phase | None) -> int:
    return after.starts + after.days if after else 0


def _length(folded: str) -> int:
    """The calendar days that a heading gives a stage: "(2-4 weeks)" is 28."""
    effort = effort_of(folded)
    return int(effort.high / 40 * 7) if effort else 0


def _name(title: str) -> str:
    """The short name of a phase: its heading up to the first bracket, colon or dash."""
    parts = [part.strip() for part in re.split(r"\s*[()（）:：\[\]]\s*|\s+[-—–|]+\s+", title)]
    return next((part for part in parts if part and not CODE.fullmatch(part)), title)[:60]


def _number(text: str) -> Decimal:
    return Decimal(HAN.get(text, SPOKEN.get(text, text)))


def _hours(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01")).normalize() + 0
