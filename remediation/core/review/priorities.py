"""Reading priorities: codes ("P0"), words of severity, and the headings of sections that carry either."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from findings.core.types import Priority
from remediation.core.review.terms import (
    CODE,
    CODES,
    COLOURS,
    DEMANDS,
    GENERIC,
    LEVEL,
    LEVEL_HEADINGS,
    LEVEL_WORDS,
    NOUNS,
    P0,
    P1,
    P2,
)
from remediation.core.review.words import clean, fold

NAMES = "(?:UTF|SHA|HTTP|ISO|RFC|CVE|CWE|AES|RSA|TLS|PR|ADR|RFD|PEP|EC|ES|RS|HS|AL|SEV)[-_]"
"""What looks like a label and is the name of a thing."""
SERIES = re.compile(
    rf"^[\s#>*|_-]*(?:[\[【(][^\]】)\n]{{1,12}}[\]】)]\s*)?(?!{NAMES})(?P<prefix>(?:[A-Z]{{1,10}}[-_])+)(?P<number>\d+)\b",
    re.M,
)
LETTERS = re.compile(
    rf"(?:(?<![\w-])(?P<a>[a-z])\s*(?:=|:|：|→|-{{1,2}}>|是|表示)|\[(?P<b>[a-z])\])\s*\**\s*(?P<word>{LEVEL})(?![a-z])"
)
"""What a letter means: "C = Critical, H = High", "**[C]** Critical"."""
SINGLE = re.compile(r"^#+\s+\W{0,4}(?P<prefix>[A-OQ-Z])-?(?P<number>\d{1,2})(?=[\s.:：)、-])", re.M)
"""A heading with a letter and a number: "### F3 No limit"; of a P nobody knows whether it is one."""
RANKED_RED = re.compile(rf"#+ .{{0,12}}[🔴🚨🟠].{{0,6}}?(?:{LEVEL}|p[01]\b)")
"""A heading whose colour means what its words say: "## 🔴 Critical issues"."""
READY = re.compile(
    r"(?<!not )(?<!un)\b(?:ready|good|healthy|passed|stable)\b"
    r"|(?<![不未没])(?:可用[于於]|就绪|良好|通过|健康|优秀|正常)"
)
"""What a green mark may say instead of how bad something is."""
WISHES = re.compile(r"建议|改进|优化|可选|选择性|\b(?:suggest|improve|recommend|optional|nice|minor|consider|enhance)")
LEGEND = re.compile(
    rf"[\s>*|_【\[#-]*(?:(?P<word>{LEVEL})[^\w\n]{{0,6}}(?:$|[|:：=→(（,，—–-]|means|corresponds|是|对应|相当|指)"
    rf"|p[0-4][\s*_）)]*[|:：(（=→—–-]+[\s*_]*(?P<after>{LEVEL})\s*(?:[)）|*_:：]|$))"
)
CHAPTER = re.compile(
    r"^(?:[(（]?(?:\d+(?:\.\d+)*|[一二三四五六七八九十]+(?![般级])|[a-z](?=[.)]))\s*[.、:：)）]?"
    r"|第\s*(?:\d+|[一二三四五六七八九十]+)\s*(?:部分|章|节|类)\s*[:：、.—–-]*"
    r"|(?:part|section|tier|category|class|group|level|chapter) (?:\d+|[a-z])\s*[:.—–-]+)\s*",
    re.I,
)
"""What counts the chapters of a report, in front of what they are."""
AMONG = re.compile(
    r"(?:新增|新发现|遗留|剩余|其他|其它|主要|现存|(?:remaining|new|other|additional|outstanding|open|current|identified|existing|unresolved)\b)"
    r"的?\s*"
)
"""Which of the problems a heading is about, in front of how bad they are: "New critical issues"."""
PART = re.compile(r"^#+ (?:Part|PART) ([0-4])\b", re.M)
BEYOND = re.compile(r"^#{2,6} \W{0,4}P(?:[5-9]|[1-9]\d)-\d", re.M)
"""A heading's number that is beyond all priorities: "P7-2"; so P1-4 of the same report is none either."""
MINOR = re.compile(
    r"^#+ .*(?:阻断|次要)|[|【\[(（*:]\s*(?:阻断|次要)\s*[|】\])）*,，、]|^[-*] .*[|】\])） *:](?:阻断|次要)\b"
)
"""A heading, cell or bracket of a scale on which 主要 is the middle."""
TOGETHER = re.compile(r"\s*(?:[/&+、,，]|\band\b|与|和|及)\s*")
DOT = "[🔴🚨⛔🟠🟡🔵🟢⚪]"
COUNTED = r"(?:[^\W\d_]{1,12}\s?(?=\d))?[\d.、\s-]{0,10}"
"""What may stand before the mark of a heading: a number, perhaps with a word of what is counted."""
DOTTED = re.compile(rf"^#+\s+{COUNTED}(?P<mark>{DOT})\ufe0f?\s*(?P<rest>\S.*)$", re.M)
"""A heading in which a coloured mark stands before the title."""
SLIGHT = re.compile(r"🟢\ufe0f?[\s*]*(?:(?:minor|low|trivial)\b|轻微|低|次要)", re.I)
"""What says that green is the least; yellow, next to it, is less than high."""
MARKED = re.compile(rf"({DOT})\ufe0f?[\s*:：=]*({LEVEL}|p[0-4]\b)")
"""What a mark means: "🔴 高危 | 🟡 中等"."""
GAUGE = re.compile(
    r"严重(?:程度|度|性(?!问题|缺陷|漏洞))|high[- ]level"
    r"|(?:严重|重要|紧急|危害|危险|风险|优先)(?:程度|度|性|级别|等级|级)?(?=\s*:)"
)
"""What names a scale and is no word of it: "严重程度：轻微"."""
ASIDE = re.compile(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]")
ORDINAL = re.compile(r"(?:优先级|priority)\s*([0-4])")
NOUGHT = re.compile(r"(?:优先级|priority)\s*0\b")
"""That a report counts its priorities from nought."""
ASIDE_REST = re.compile(r"\s+[—–-]+\s+|[,，:：;；]")
"""What parts a severity in brackets from what else is said there: "Priority 1 (High - this week)"."""
WEIGHED = re.compile(r"\s+[—–-]+\s+|\s*[(（:：,，.。]")
"""What parts how bad an impact is from what it is: "High — tokens leak"."""
AMOUNT = re.compile(r"\s*[,，;；、·:：-]\s*\d{1,3}\s*(?:[个個項项条處处]|items?|issues?|findings?|problems?)?$")
"""How many there are, behind a severity in brackets: "(MEDIUM, 3 items)"."""
ANNOUNCED = re.compile(
    r"(?:关键|重要|主要|核心|重大)(?:发现|结论|观察|提示|说明)|(?:key|important|major) (?:findings?|note)"
)
"""What sounds like a severity and only announces something."""
KEY = re.compile(
    r"(?:关键|重要|主要|核心)(?:的)?[一-鿿]{0,4}(?:问题|缺陷|漏洞|风险)"
    r"|(?:key|main|important) (?:[a-z]{1,20} )?(?:issues|problems|findings|risks)"
)
"""A heading that ranks what stands under it only where nothing above does: "Key technical issues"."""
UNLIKE = re.compile(
    rf"{ANNOUNCED.pattern}|[短中长]期|阶段|\bphase|\bsprint|\bweek|\bmonth|[周月]|迭代|建议|改进|(?<!可选)优化|\b(?:recommend|improve|suggest)"
)
"""What makes a heading with a word of severity one of a plan, of advice or of notes."""
RANKS = re.compile(rf"(?!info){LEVEL}")
SEVERITY = re.compile("(?<=[高中低])严重(?:性|度|程度)?")
"""The noun of "高严重性": the word of severity stands before it."""
SUGGESTED = re.compile(r"(?:suggestions?|建议)(?: ?(?:级|项|性))?")
"""What is the lowest severity where it is one at all: in a bracket, a cell, a label's value."""
LIGHTS = {"RED": "Critical", "ORANGE": "High", "AMBER": "High", "YELLOW": "High", "GREEN": "✅"}
"""What traffic lights mean, by name; green says that there is nothing to do, and yellow less where orange is one."""
COLOUR = "|".join(LIGHTS)
LIT = re.compile(
    rf"(?P<open>[(（])\*{{0,2}}(?P<a>{COLOUR})\b\*{{0,2}}(?P<rest>[^()（）\n]{{0,40}})(?P<close>[)）])(?=\*{{0,2}}\s*(?:[|:：]|$))"
    rf"|(?P<left>[\[【])\*{{0,2}}(?P<c>{COLOUR})\*{{0,2}}(?P<right>[\]】])(?!\()"
    rf"|(?<=[—–|:：-] )\*{{0,2}}(?P<b>{COLOUR})\*{{0,2}}(?=\s*(?:\||$))",
    re.M,
)
"""A light in brackets or behind a dash at the end of a line, in square brackets, or alone in a cell; in the midst of a
sentence it is a colour.
"""
LONG = 400
"""Characters of a heading that are read: more is no heading, and patterns take time."""


USUAL = {"C": P0, "H": P1, "M": P2, "L": P2}
"""The first letters of critical, high, medium and low."""


SHORT = (P0, P0, P1, P2, P2)
"""The severities S0 to S4 of a table's cell; elsewhere S3 may be anything."""
ORDINALS = {"1": P0, "2": P1, "3": P2, "4": P2}
"""Bare numbers in a column of priorities, where they are no order of all rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What the words of one report mean; it is compared as the one thing that it is, so that what was read with it is
    remembered. 严重 (severe) is P1 in a report that also knows 致命 (fatal), a yellow mark P2 in one that also knows
    orange or says that green is minor; `coloured` says that marks in headings rank what stands under them; `said` are
    the severities that its own legend gives a code; `series` the prefixes with which it numbers ("YF-" of YF-01,
    YF-02); `parts` the numbers of its parts, whose chapters ("P2.1" of part 2) have no priority; `letters` the
    severities that the letters of its numbers mean, `marks` what its legend says of coloured ones; it is `dotted` where
    those rank the headings of findings; `nought` where it counts priorities from 0; `major` where 主要 (major) is one
    of its severities, and not only what is worth a heading; `counted` where "P1-4" is the fourth of a first and no
    priority.
    """

    severe: Priority = P0
    coloured: bool = False
    yellow: Priority = COLOURS["🟡"]
    said: Mapping[str, Priority] = field(default_factory=dict)
    series: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    letters: Mapping[str, Priority] = field(default_factory=dict)
    marks: Mapping[str, Priority] = field(default_factory=dict)
    dotted: bool = False
    major: bool = False
    nought: bool = False
    counted: bool = False

    @classmethod
    def of(cls, text: str) -> "Scale":
        """The scale that a whole report uses."""
        folded = [fold(line) for line in text.split("\n")]
        fatal = re.search(
            r"严重[^\n]{0,12}\bp1\b|致命(?:问题|性|缺陷|漏洞|级|优先级|风险|错误|\s*\d+\s*[个项处])"
            r"|(?<![一-鿿])致命(?![一-鿿])|(?:严重度|严重程度|严重性|级别|等级)[*\s]*:[*\s🔴]{0,6}致命",
            "\n".join(folded),
        )
        yellow = P2 if "🟠" in text or SLIGHT.search(text) else COLOURS["🟡"]
        coloured = any(RANKED_RED.match(line) for line in folded)
        severe, parts = P1 if fatal else P0, frozenset(PART.findall(text))
        series = _series(text)
        letters, marks = _letters(folded, series), _marks(folded)
        dots = [(m["mark"], heading_priority(m["rest"], Scale())) for m in DOTTED.finditer(text)]
        dotted = sum(rank is None for _, rank in dots) > 2 and len({mark for mark, _ in dots}) > 1
        major = "主要" in text and any(MINOR.search(line) for line in folded)
        nought = any(NOUGHT.search(line) for line in folded)
        counted, said = len(BEYOND.findall(text)) > 2, _legend(folded)
        return cls(severe, coloured, yellow, said, series, parts, letters, marks, dotted, major, nought, counted)

    def ordinal(self, number: int) -> Priority:
        """What "priority 1" is: the first, unless the report counts from nought."""
        return (P0, P1, P2)[min(max(number - (not self.nought), 0), 2)]

    def rank(self, word: str, priority: Priority) -> Priority:
        """The priority of a word of severity: the report's own, else what the word usually means."""
        return self.said.get(_bare(word), priority)

    def shade(self, title: str) -> Priority | None:
        """The priority that the mark in a section's heading gives, in a report that ranks its sections so."""
        mark = self.colour(title) if self.coloured else None
        if "🟢" in title and READY.search(fold(title)):
            return None
        return P2 if mark and mark > P0 and WISHES.search(fold(title)) else mark

    def colour(self, text: str) -> Priority | None:
        """The priority of the first coloured mark in a text."""
        marks = {**COLOURS, "🟡": self.yellow, **self.marks}
        return next((p for mark, p in marks.items() if mark in text), None)


def lit(text: str) -> str:
    """A report that rates by the names of traffic lights, with words of severity in their place."""
    named = {match["a"] or match["b"] or match["c"] for match in LIT.finditer(text)}
    said = LIGHTS | ({"YELLOW": "Medium"} if named & {"ORANGE", "AMBER"} else {})

    def told(match: re.Match[str]) -> str:
        word = said[match["a"] or match["b"] or match["c"]]
        if match["c"]:
            return f"{match['left']}{word}{match['right']}"
        return word if match["b"] or word == "✅" else f"{match['open']}{word}{match['rest']}{match['close']}"

    return LIT.sub(told, text) if len(named) > 1 else text


def _legend(lines: Sequence[str]) -> dict[str, Priority]:
    """What a legend says: "| high | … P0 |", "- **fatal**: P0". One line is no legend, nor are words said to be two."""
    said: dict[str, set[Priority]] = {}
    for line in lines:
        match = LEGEND.match(line) if len(line) < LONG else None
        if match and (code := code_of(line)):
            said.setdefault(_bare(match["word"] or match["after"]), set()).add(code)
    sure = {word: codes.copy().pop() for word, codes in said.items() if len(codes) == 1}
    return sure if len(set(sure.values())) > 1 else {}


def _letters(lines: Sequence[str], series: frozenset[str]) -> Mapping[str, Priority]:
    """What the letters of numbers mean: as a legend says, else those of critical, high, medium and low, where a report
    counts by two or more of them and by no other letter.
    """
    said = [match for line in lines if len(line) < LONG for match in LETTERS.finditer(line)]
    told = {(match["a"] or match["b"]).upper(): match["word"] for match in said}
    if len(told) > 1:
        ranks = {letter: rank for letter, word in told.items() if (rank := word_of(word, Scale()))}
        return ranks if len(set(ranks.values())) > 1 else {}
    return usual({prefix.rstrip("-_") for prefix in series if len(prefix.rstrip("-_")) == 1})


def usual(letters: Collection[str]) -> Mapping[str, Priority]:
    """What letters mean where they are those of critical, high, medium and low, and more than one; else nothing."""
    known = next((scale for scale in (USUAL, ORDINALS) if scale.keys() >= set(letters)), {})
    return known if len(letters) > 1 else {}


def _marks(lines: Sequence[str]) -> dict[str, Priority]:
    """What a line says of two coloured marks or more: each a word of severity."""
    for line in lines:
        found = MARKED.findall(line) if len(line) < LONG and not line.startswith("#") else []
        ranks = {mark: rank for mark, word in found if (rank := code_of(word) or word_of(word, Scale()))}
        if len(ranks) > 1 and len(set(ranks.values())) > 1:
            return ranks
    return {}


def _bare(word: str) -> str:
    return re.sub(r"[\s_-]", "", word).rstrip("s")


def _series(text: str) -> frozenset[str]:
    """Prefixes that stand with two numbers or more at the start of lines."""
    numbers: dict[str, set[str]] = {}
    for match in [*SERIES.finditer(text), *SINGLE.finditer(text)]:
        numbers.setdefault(match["prefix"], set()).add(match["number"])
    return frozenset(prefix for prefix, counted in numbers.items() if len(counted) > 1)


def code_of(text: str) -> Priority | None:
    """The priority that a P-code in the text names, if there is just one."""
    found = {CODES.get(int(m.group(1)), P2) for m in CODE.finditer(text)}
    return found.pop() if len(found) == 1 else None


def word_of(text: str, scale: Scale) -> Priority | None:
    """The priority of a short text about severity and nothing else: a table cell, a bracket, a label's value."""
    folded = SEVERITY.sub("", fold(clean(text)))
    if code := code_of(folded):
        return code
    if SUGGESTED.fullmatch(folded):
        return P2
    if "严重" in folded:
        return scale.rank("严重", scale.severe)
    if not re.search(r"\w", folded):
        return scale.colour(text)
    found = ((pattern.search(folded), p) for pattern, p in LEVEL_WORDS)
    return next((scale.rank(match.group(), p) for match, p in found if match), None)


@lru_cache(maxsize=8192)
def heading_priority(text: str, scale: Scale) -> Priority | None:
    """The priority that the heading of a section gives to what stands under it."""
    folded = fold(clean(text[:LONG])).replace("【", " ").replace("】", " ").strip()
    if CODE.search(folded):
        return code_of(folded)
    if any(SUGGESTED.fullmatch(aside.strip()) for aside in ASIDE.findall(folded)):
        return P2
    asides = ASIDE.findall(folded)
    for part in (
        folded,
        ASIDE.sub("", folded),
        *asides,
        *(aside[: match.start()] for aside in asides if (match := AMOUNT.search(aside))),
        *re.split(r"\s*[:：]\s*|\s+[-—–|]+\s+", folded),
    ):
        bare = _among(CHAPTER.sub("", part).strip(), scale)
        if match := ORDINAL.fullmatch(bare):
            named = (severity_of(ASIDE_REST.split(aside)[0], scale) for aside in ASIDE.findall(folded))
            return next(filter(None, named), None) or scale.ordinal(int(match[1]))
        if both := _together(bare, scale):
            return both
        if re.match(rf"严重(?:$|.*(?:{NOUNS}))", bare) and not GAUGE.match(bare):
            return scale.rank("严重", scale.severe)
        if match := DEMANDS.match(bare):
            demanded = {"p0": P0, "p1": P1, "p2": P2}.get(match.lastgroup or "")
            return demanded or word_of(match.group(), scale)
        for pattern, priority in LEVEL_HEADINGS:
            if (match := pattern.match(bare)) and not GAUGE.match(bare):
                return scale.rank(match["word"], priority)
    return _plain(folded, scale)


def _among(text: str, scale: Scale) -> str:
    """A heading without which of the problems it is about, 主要 left to it where that is a severity."""
    return AMONG.sub(lambda m: m.group() if scale.major and m.group().startswith("主要") else "", text)


def _plain(folded: str, scale: Scale) -> Priority | None:
    """The one severity in a heading without a title of its own, wherever it stands: "发现的严重问题"."""
    bare = _among(GAUGE.sub(" ", ASIDE.sub(" ", folded)), scale)
    words = {match.group() for match in RANKS.finditer(bare)}
    ranks = {word_of(word, scale) for word in words} if words and not remainder(folded) else set()
    return ranks.pop() if len(ranks) == 1 and not UNLIKE.search(folded) else None


def _together(text: str, scale: Scale) -> Priority | None:
    """The worst of the severities that a heading puts together and of which it says nothing else: "Medium / low"."""
    words = TOGETHER.split(text)
    ranks = [word_of(word, scale) for word in words if not remainder(word)] if len(words) > 1 else []
    found = [rank for rank in ranks if rank]
    return min(found) if found and len(found) == len(words) else None


def rank_of(cell: str, scale: Scale) -> Priority | None:
    """The priority that a table's cell gives: what stands in brackets counts only where nothing stands before them."""
    if code := code_of(cell):
        return code
    if re.fullmatch(r"[Ss][0-4]", cell):
        return SHORT[int(cell[1])]
    if len(cell) == 1 and (letter := scale.letters.get(cell.upper())):
        return letter
    bare = ASIDE.sub("", cell)
    return word_of(bare if re.search(r"\w", bare) else cell, scale)


def severity_of(text: str, scale: Scale) -> Priority | None:
    """The priority of a bracket or prefix, if it says nothing else."""
    folded = re.sub(
        r"^(?:priority|severity|优先级|严重程度|严重度|严重性|级别|等级|风险)\s*:\s*", "", fold(clean(text))
    )
    if match := ORDINAL.fullmatch(folded):
        return scale.ordinal(int(match[1]))
    return None if remainder(folded) or ANNOUNCED.fullmatch(folded) else word_of(folded, scale)


def remainder(text: str) -> str:
    """What a heading says beside words of priority, haste and category: a finding's own title."""
    bare = CHAPTER.sub("", CHAPTER.sub("", fold(ASIDE.sub(" ", text)).strip()))
    return re.sub(r"[\W\d_]+", "", RANKS.sub(" ", GENERIC.sub(" ", CODE.sub(" ", GAUGE.sub(" ", bare)))))
