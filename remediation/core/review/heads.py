"""Taking a heading apart: the number, priority and title of what may be a finding."""

import re
from dataclasses import dataclass
from functools import lru_cache

from findings.core.types import Priority
from remediation.core.review.priorities import AMONG, COUNTED, DOT, LONG, NAMES, Scale, remainder, severity_of
from remediation.core.review.terms import CODES, LEVEL, P0, P1, P2
from remediation.core.review.words import clean, fold, simplify

LABEL = re.compile(
    r"""[\[【(（]?\s*
    (?P<label> P(?P<p>[0-4])(?:[-_ ]?[A-Z]{2,}[A-Z0-9]*)*\s?[-–.#_]\s?(?:[A-Z](?=\d))?\d+[a-z]?
               (?:\s*[\]】)）])? \s*(?:[:：.、·|｜—–-]+|\s|$)
             | (?!V)[A-Z]{1,2}\d{1,2}\.\d{1,2} (?=\s*(?:[:：、·|｜]|\s[—–-]+\s)) \s*[:：、·|｜—–-]+
             | (?!{NAMES})(?:[A-Z]{1,10}[-_](?:[A-Z][A-Z0-9]{0,9}[-_])*|[A-Z]{1,3}\d{1,2}-)\d+[a-z]?
               (?: \s*[\]】)）]\s*(?:[:：.、·|｜—–-]+)? | \s*(?:[:：.、·|｜]|\s[—–-]+\s)) )
    \s*(?P<rest>.*)$""".replace("{NAMES}", NAMES),
    re.S | re.X,
)
"""A finding's own number in front of its title: "P0-1: …", "[P1-AUTH-001] …", "SEC-3: …"."""

RANKED_LABEL = re.compile(
    rf"(?!{NAMES}|P[0-4]\b)(?P<label>(?:[A-Z]{{1,10}}[-_])+\d+[a-z]?|[A-Z]{{1,4}}\d{{1,3}})\s*[(（\[【](?P<rank>[^()（）\[\]【】]{{1,16}})[)）\]】]"
    r"\s*[:：.、·—–-]*\s*(?P<rest>\S.*)$",
    re.S,
)
"""A finding's own number with its priority in brackets behind it: "FE-1（P1）…", "B2 (Major) …"."""
LETTERED = re.compile(r"(?P<number>(?P<prefix>[A-Z])\d{1,2})\s+(?P<rest>\S.*)$", re.S)
"""A letter and a number with nothing but a space behind it: a number where the report counts so."""
NUMBERED = re.compile(r"(?P<label>(?P<prefix>(?:[A-Z]{1,10}[-_])+)\d+[a-z]?)\s+(?P<rest>\S.*)$", re.S)
"""A number of a series with nothing but a space behind it: believed where the report has more of the series."""
NUMBER = re.compile(
    r"""(?: (?:问题|缺陷|漏洞|风险|发现|根因|root[ ]cause|issue|problem|finding|bug|risk|item|vulnerability|gap|defect)
            \s*[\#-]?\s*
            (?P<a>\d+(?:\.\d+)*|[一二三四五六七八九十]{1,3})
            [\s.、:：)）—–-]*
          | \#(?P<b>\d+)\s*[.、:：)）—–-]?
          | (?P<c>\d+(?:\.\d+)*)(?:\s?[-–~]\s?\d+)?\s*[.、:：)）](?!\d)
          | (?P<d>\d+(?:\.\d+)+)\s
          | (?P<e>[一二三四五六七八九十]{1,3})\s*[、.:：]
          | [（(]\s*(?P<f>[一二三四五六七八九十]{1,3}|\d{1,2})\s*[）)]
          | (?P<g>(?!P[0-4])[A-Z]\d{1,2})\s*(?:[.、:)）]\s|：) )
    \s*(?P<rest>\S.*)$""",
    re.I | re.S | re.X,
)
COUNT = re.compile(r"(?::\s+|：\s*)(?:\d+|none|无)\W*$", re.I)
"""What makes a heading a sum: "Warnings: 3"."""
TOPIC = re.compile(
    r"(?P<rank>[\[【]?\s*(?:P[0-4]|[A-Za-z]{3,10}|[一-鿿]{1,4})\s*[\]】]?)\s*"
    r"[(（\[【][A-Za-z][A-Za-z /&-]{1,23}[)）\]】]\s*(?P<behind>[:：—–-]?)\s*(?P<rest>\S.*)$",
    re.S,
)
"""A topic in brackets between a severity and the title: "P1 (security): …", "[P1][security] …"."""
BRACKET = re.compile(
    r"(?:[\[【]\s*(?P<bracket>[^\[\]【】]{1,24}?)\s*[\]】]"
    r"|[(（]\s*(?P<round>[A-Za-z][A-Za-z -]{2,14})\s*[)）]"
    r"|`(?P<badge>P[0-4]|[A-Z][A-Za-z -]{2,14}|[一-鿿]{1,5})`"
    r"|(?P<code>P[0-4])\s*[(（](?P<word>[^()（）]{1,12})[)）](?=\s*[:：.、·—–-]|[一-鿿]))\s*(?P<rest>.*)$",
    re.S,
)
"""A severity apart from the title behind it: "[High] …", "【严重】…", "`P0` …", "P0（致命）…"."""
PREFIX = re.compile(r"([^(（\[【]{1,24}?)(?:\s+[-—–|]+\s*|\s*[:：·]\s*)(\S.*)$", re.S)
SUFFIX = re.compile(r"(.*\S)\s*[(（\[【]\s*([^()（）\[\]【】]{1,40})\s*[)）\]】]\s*$", re.S)
REMARKED = re.compile(
    r"(.*\S)\s*[(（\[【]\s*([^()（）\[\]【】]{1,24})\s*[)）\]】]\s*[*_]{0,2}[(（][^()（）]{1,60}[)）][*_]{0,2}\s*$",
    re.S,
)
"""A severity in brackets with another remark behind it: "Open port [HIGH] (verified)"."""
REMARK = re.compile(r"\s+[—–-]+\s+")
"""What parts a severity in brackets from a word on it: "Open port (Medium — exposure)"."""
SHOUTED = re.compile(
    rf"(\S)(?:\*\*|\s+{DOT}|\s+[⚠🚨❗]\ufe0f?)\ufe0f?\s*[🔴🚨⛔🟠🟡⚠]?\ufe0f?\s*(P[0-4]|[A-Z]{{3,8}}|[一-鿿]{{1,3}})\s*$"
)
"""A priority behind a mark or behind the emphasised title: "**Open port** 🚨 CRITICAL"."""
BEHIND = re.compile(
    r"(.*\S)(?:\s[-—–|]+|——|\s*[·•→⇒⟶]|\s[-=]+>)\s*((?:(?:priority|severity|优先级|严重程度)\s*[:：]\s*)?"
    r"(?:P[0-4]|SEV-?\d|[A-Z]{3,12}(?:\s(?:issue|problem|finding|risk|priority))?|[一-鿿]{1,5}))"
    r"\s*(?:[(（\[【][^()（）\[\]【】]{1,40}[)）\]】])?\s*$",
    re.I | re.S,
)
"""A priority behind a dash, dot or arrow, perhaps with a remark in brackets: "Open port — MEDIUM (high for some)"."""
CODED = re.compile(r"(?<=[^\s:：])\s+`(P[0-4]|[A-Z]{3,8}|[一-鿿]{1,3})`\s*$")
"""A word in code at the end of a heading, which may be its severity."""
ARROW = re.compile("[➜➡⟹]\ufe0f?")
"""Arrows that are emoji, which titles are freed from."""
FIRST = re.compile(
    r"(?P<rank>[A-Z][A-Za-z0-9]{1,9}|[一-鿿]{1,3})\s*[·|]\s*(?=[A-Z]{1,10}-\d+\s*[·|:：—–-])(?P<rest>\S.*)$", re.S
)
"""A severity in front of a finding's own number: "BLOCKER · LEC-9 · …"."""
STATUS = re.compile(
    r"(.*\S)\s+[·•|—–-]+\s+(?:NEW|OPEN|TO ?DO|IN PROGRESS|ACCEPTED|CONFIRMED|REOPENED|PLANNED|BACKLOG|WIP"
    r"|BLOCKED|ON HOLD|WAITING|DEFERRED|PARKED|STALLED|TRIAGED|ASSIGNED|搁置|挂起|已排期|待定"
    r"|新增|未处理|待处理|处理中|进行中|已确认|已接受)(?:\s*[(（][^()（）]{1,40}[)）])?\s*$",
    re.S,
)
"""How far a finding is, behind its title and severity: "Two leaders · P0 · IN PROGRESS (Ines)"."""
TWICE = re.compile(rf"(?:{LEVEL})\s+[/／&+、·|]\s+\S.{{0,15}}")
"""A severity behind a priority, and what else stands under it: the heading of a section ("P3 — low / upkeep")."""
NAMED = {"CRIT": P0, "CRITICAL": P0, "BLOCKER": P0, "HIGH": P1, "MED": P2, "MEDIUM": P2, "LOW": P2}


@dataclass(frozen=True, slots=True)
class Head:
    """A heading taken apart. `explicit`: a number of its own or a bracketed priority stands in front of the title;
    `own`: something is left of the title when the words of priority are taken out; `number` is a plain running number;
    `dotted`: only a coloured mark gives the priority.
    """

    title: str
    label: str = ""
    number: str = ""
    priority: Priority | None = None
    explicit: bool = False
    own: bool = True
    colour: Priority | None = None
    dotted: bool = False


@lru_cache(maxsize=8192)
def read_head(raw: str, scale: Scale) -> Head:
    """A heading's number, priority and title. The title is as written, without numbers, emoji and priority."""
    colour, raw = scale.colour(raw), SHOUTED.sub(r"\1 (\2)", ARROW.sub("→", raw[:LONG]))
    if (code := CODED.search(raw)) and severity_of(code[1], scale):
        raw = f"{raw[: code.start()]} ({code[1]})"
    text, number, priority, explicit = STATUS.sub(r"\1", clean(raw[:LONG])), "", None, False
    for _ in range(4):
        if (match := RANKED_LABEL.match(text)) and (found := severity_of(match["rank"], scale)):
            return Head(clean(match["rest"]), match["label"], number, found, True, True, colour)
        if (match := LABEL.match(text)) and not (match["p"] in scale.parts and "." in match["label"]):
            label = re.sub(r"[^\w]+$", "", match["label"]).replace(" ", "")
            coded = match["p"] and not scale.counted
            own = CODES.get(int(match["p"]), P2) if coded else priority or _named(label, scale)
            around, title = _around(clean(match["rest"]), scale)
            return Head(title, label, number, own or around, True, bool(match["rest"]), colour)
        if (match := NUMBERED.match(text)) and match["prefix"] in scale.series:
            own = priority or _named(match["label"], scale)
            around, title = _around(clean(match["rest"]), scale)
            return Head(title, match["label"], number, own or around, True, True, colour)
        if not priority and (apart := _apart(text, scale)):
            (priority, text), explicit = apart, True
        elif (match := LETTERED.match(text)) and match["prefix"] in scale.series and not number:
            number, text = match["number"], clean(match["rest"])
        elif (match := NUMBER.match(simplify(text))) and not number:
            number = next(filter(None, match.group("a", "b", "c", "d", "e", "f", "g")))
            text = clean(text[match.start("rest") :])
        elif (match := BRACKET.match(text)) and (found := _bracketed(match, scale)):
            priority, text, explicit = priority or found, clean(match["rest"].lstrip(":：.、·")), True
        else:
            break
    if not explicit:
        priority, text = _around(text, scale)
    mark = re.match(rf"{COUNTED}{DOT}\ufe0f?", raw.lstrip("# ")) if scale.dotted or scale.marks else None
    dotted = mark is not None and priority is None
    if mark and dotted and raw.lstrip("# ")[:1].isalpha():
        text = clean(raw.lstrip("# ")[mark.end() :])
    titled = bool(remainder(text)) and not (COUNT.search(text) or (priority and TWICE.fullmatch(fold(text))))
    return Head(text, "", number, colour if dotted else priority, explicit, titled, colour, dotted)


def _named(label: str, scale: Scale) -> Priority | None:
    """The priority that the prefix of a number says: "CRIT-1", or "H-2" in a report whose letters are severities."""
    prefix = re.split(r"[-_]|(?<=[A-Z])(?=\d)", label)[0]
    return NAMED.get(prefix) or scale.letters.get(prefix)


def _bracketed(match: re.Match[str], scale: Scale) -> Priority | None:
    """The priority in a bracket; what stands in brackets behind a code only confirms it."""
    if match["code"] and not severity_of(match["word"], scale):
        return None
    said = next(filter(None, match.group("bracket", "round", "badge", "code")))
    return severity_of(said, scale) or scale.letters.get(said.strip())


def _apart(text: str, scale: Scale) -> tuple[Priority, str] | None:
    """The severity in front of a topic in brackets or of a finding's own number, and what is behind it."""
    if (match := TOPIC.match(text)) and (found := _topical(match, scale)):
        return found, clean(match["rest"])
    if (match := FIRST.match(text)) and (found := severity_of(match["rank"], scale)):
        return found, clean(match["rest"])
    return None


def _topical(match: re.Match[str], scale: Scale) -> Priority | None:
    """The priority in front of a topic in brackets, where something sets the title apart from both."""
    bracketed = match["rank"].startswith(("[", "【"))
    return severity_of(match["rank"].strip("[]【】 "), scale) if match["behind"] or bracketed else None


def _around(text: str, scale: Scale) -> tuple[Priority | None, str]:
    """A priority that stands before a colon or dash, or in brackets behind the title."""
    for pattern in (SUFFIX, REMARKED, BEHIND):
        if (match := pattern.match(text)) and (found := severity_of(REMARK.split(match[2])[0], scale)):
            return found, clean(match[1])
    if (match := PREFIX.match(text)) and (found := severity_of(AMONG.sub("", match[1]) or match[1], scale)):
        return found, clean(match[2])
    return None, text
