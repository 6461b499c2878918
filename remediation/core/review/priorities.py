"""Reading priorities: codes ("P0"), words of severity, and headings that carry either."""

import re
from collections.abc import Mapping, Sequence
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
from remediation.core.review.words import clean, fold, simplify

NAMES = "(?:UTF|SHA|HTTP|ISO|RFC|CVE|CWE|AES|RSA|TLS|PR|EC|ES|RS|HS|AL)[-_]"
"""What looks like a label and is the name of a thing."""
LABEL = re.compile(
    r"""[\[【(（]?\s*
    (?P<label> P(?P<p>[0-4])(?:[-_ ]?[A-Z]{2,}[A-Z0-9]*)*\s?[-–.#_]\s?(?:[A-Z](?=\d))?\d+[a-z]?
               (?:\s*[\]】)）])? \s*(?:[:：.、·|—–-]+|\s|$)
             | (?!{NAMES})(?:(?:[A-Z]{1,10}[-_])+|[A-Z]{1,3}\d{1,2}-)\d+[a-z]?
               (?: \s*[\]】)）]\s*(?:[:：.、·|—–-]+)? | \s*(?:[:：.、·|]|\s[—–-]+\s)) )
    \s*(?P<rest>.*)$""".replace("{NAMES}", NAMES),
    re.S | re.X,
)
"""A finding's own number in front of its title: "P0-1: …", "[P1-AUTH-001] …", "SEC-3: …"."""

RANKED_LABEL = re.compile(
    rf"(?!{NAMES})(?P<label>(?:[A-Z]{{1,10}}[-_])+\d+[a-z]?|[A-Z]{{1,4}}\d{{1,3}})\s*[(（\[【](?P<rank>[^()（）\[\]【】]{{1,16}})[)）\]】]"
    r"\s*[:：.、·—–-]*\s*(?P<rest>\S.*)$",
    re.S,
)
"""A finding's own number with its priority in brackets behind it: "FE-1（P1）…", "B2 (Major) …"."""
SERIES = re.compile(
    rf"^[\s#>*|_-]*(?:[\[【(][^\]】)\n]{{1,12}}[\]】)]\s*)?(?!{NAMES})(?P<prefix>(?:[A-Z]{{1,10}}[-_])+)(?P<number>\d+)\b",
    re.M,
)
LETTERED = re.compile(r"(?P<number>(?P<prefix>[A-Z])\d{1,2})\s+(?P<rest>\S.*)$", re.S)
"""A letter and a number with nothing but a space behind it: a number where the report counts so."""
LETTERS = re.compile(rf"(?<![\w-])([a-z])\s*(?:=|:|：|→|-{{1,2}}>|是|表示)\s*\**({LEVEL})(?![a-z])")
"""What a letter means: "C = Critical, H = High"."""
SINGLE = re.compile(r"^#+\s+\W{0,4}(?P<prefix>[A-OQ-Z])-?(?P<number>\d{1,2})(?=[\s.:：)、-])", re.M)
"""A heading with a letter and a number: "### F3 No limit"; of a P nobody knows whether it is one."""
NUMBERED = re.compile(r"(?P<label>(?P<prefix>(?:[A-Z]{1,10}[-_])+)\d+[a-z]?)\s+(?P<rest>\S.*)$", re.S)
"""A number of a series with nothing but a space behind it: believed where the report has more of the series."""
RANKED_RED = re.compile(rf"#+ .{{0,12}}[🔴🚨🟠].{{0,6}}?(?:{LEVEL}|p[01]\b)")
"""A heading whose colour means what its words say: "## 🔴 Critical issues"."""
WISHES = re.compile(r"建议|改进|优化|可选|选择性|\b(?:suggest|improve|recommend|optional|nice|minor|consider|enhance)")
LEGEND = re.compile(
    rf"[\s>*|_【\[#-]*(?:(?P<word>{LEVEL})[^\w\n]{{0,6}}(?:$|[|:：=→(（,，—–-]|means|corresponds|是|对应|相当|指)"
    rf"|p[0-4][\s*_）)]*[|:：(（=→—–-]+[\s*_]*(?P<after>{LEVEL})\s*(?:[)）|*_:：]|$))"
)
NUMBER = re.compile(
    r"""(?: (?:问题|缺陷|漏洞|风险|发现|根因|root[ ]cause|issue|problem|finding|bug|risk|item|vulnerability|gap|defect)
            \s*[\#-]?\s*
            (?P<a>\d+|[一二三四五六七八九十]{1,3})
            [\s.、:：)）—–-]*
          | \#(?P<b>\d+)\s*[.、:：)）—–-]?
          | (?P<c>\d+(?:\.\d+)*)(?:\s?[-–~]\s?\d+)?\s*[.、:：)）](?!\d)
          | (?P<d>\d+(?:\.\d+)+)\s
          | (?P<e>[一二三四五六七八九十]{1,3})\s*[、.:：]
          | [（(]\s*(?P<f>[一二三四五六七八九十]{1,3}|\d{1,2})\s*[）)]
          | (?P<g>[A-Z]\d{1,2})\s*[.、:：)）]\s )
    \s*(?P<rest>\S.*)$""",
    re.I | re.S | re.X,
)
CHAPTER = re.compile(r"^(?:\d+(?:\.\d+)*|[一二三四五六七八九十]+(?!般)|[a-z](?=[.)]))\s*[.、:：)）]?\s*")
AMONG = re.compile(
    r"(?:新增|新发现|遗留|剩余|其他|其它|主要|现存|(?:remaining|new|other|additional|outstanding|open|current|identified|existing|unresolved)\b)"
    r"的?\s*"
)
"""Which of the problems a heading is about, in front of how bad they are: "New critical issues"."""
PART = re.compile(r"^#+ (?:Part|PART) ([0-4])\b", re.M)
TOGETHER = re.compile(r"\s*(?:[/&+、,，]|\band\b|与|和|及)\s*")
COUNT = re.compile(r"(?::\s+|：\s*)(?:\d+|none|无)\W*$", re.I)
"""What makes a heading a sum: "Warnings: 3"."""
DOT = "[🔴🚨⛔🟠🟡🔵🟢⚪]"
DOTTED = re.compile(rf"^#+\s+[\d.、\s]{{0,10}}(?P<mark>{DOT})\ufe0f?\s*(?P<rest>\S.*)$", re.M)
"""A heading in which a coloured mark stands before the title."""
MARKED = re.compile(rf"({DOT})\ufe0f?[\s*:：=]*({LEVEL}|p[0-4]\b)")
"""What a mark means: "🔴 高危 | 🟡 中等"."""
LETTER = re.compile(r"^\s*[A-Za-z][.)]\s+")
"""A chapter's letter: "B. Fix this month"."""
TOPIC = re.compile(
    r"(?P<rank>[\[【]?\s*(?:P[0-4]|[A-Za-z]{3,10}|[一-鿿]{1,4})\s*[\]】]?)\s*"
    r"[(（\[【][A-Za-z][A-Za-z /&-]{1,23}[)）\]】]\s*(?P<behind>[:：—–-]?)\s*(?P<rest>\S.*)$",
    re.S,
)
"""A topic in brackets between a severity and the title: "P1 (security): …", "[P1][security] …"."""
BRACKET = re.compile(r"[\[【]\s*([^\[\]【】]{1,24}?)\s*[\]】]\s*(.*)$", re.S)
PREFIX = re.compile(r"([^(（\[【]{1,24}?)(?:\s+[-—–|]+\s*|\s*[:：·]\s*)(\S.*)$", re.S)
SUFFIX = re.compile(r"(.*\S)\s*[(（\[【]\s*([^()（）\[\]【】]{1,40})\s*[)）\]】]\s*$", re.S)
BEHIND = re.compile(
    r"(.*\S)(?:\s[-—–|]+|\s*[·•])\s*(P[0-4]|[A-Z]{3,8}|[一-鿿]{1,5})\s*(?:[(（\[【][^()（）\[\]【】]{1,40}[)）\]】])?\s*$",
    re.I | re.S,
)
"""A priority behind a dash or dot, perhaps with a remark in brackets: "Open port — MEDIUM (high for some)"."""
ASIDE = re.compile(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]")
ORDINAL = re.compile(r"(?:优先级|priority)\s*([0-4])")
ANNOUNCED = re.compile(
    r"(?:关键|重要|主要|核心|重大)(?:发现|结论|观察|提示|说明)|(?:key|important|major) (?:findings?|note)"
)
"""What sounds like a severity and only announces something."""
RANKS = re.compile(rf"(?!info){LEVEL}")
SEVERITY = re.compile("(?<=[高中低])严重(?:性|度|程度)?")
"""The noun of "高严重性": the word of severity stands before it."""
SUGGESTED = re.compile(r"(?:suggestions?|建议)(?: ?(?:级|项|性))?")
"""What is the lowest severity where it is one at all: in a bracket, a cell, a label's value."""
LONG = 400
"""Characters of a heading that are read: more is no heading, and patterns take time."""
NAMED = {"CRIT": P0, "CRITICAL": P0, "BLOCKER": P0, "HIGH": P1, "MED": P2, "MEDIUM": P2, "LOW": P2}


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What the words of one report mean; it is compared as the one thing that it is, so that what was read with it is
    remembered. 严重 (severe) is P1 in a report that also knows 致命 (fatal), a yellow mark P2
    in one that also knows orange; `coloured` says that marks in headings rank what stands under them; `said` are the
    severities that its own legend gives a code; `series` the prefixes with which it numbers ("YF-" of YF-01, YF-02);
    `parts` the numbers of its parts, whose chapters ("P2.1" of part 2) have no priority; `letters` the severities that
    the letters of its numbers mean, `marks` what its legend says of coloured ones; it is `dotted` where those rank the
    headings of findings.
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

    @classmethod
    def of(cls, text: str) -> "Scale":
        """The scale that a whole report uses."""
        folded = [fold(line) for line in text.split("\n")]
        fatal = re.search(
            r"严重[^\n]{0,12}\bp1\b|致命(?:问题|性|缺陷|漏洞|级|错误)|(?:严重度|严重程度|严重性|级别|等级)[*\s]*:[*\s🔴]{0,6}致命",
            "\n".join(folded),
        )
        yellow = P2 if "🟠" in text else COLOURS["🟡"]
        coloured = any(RANKED_RED.match(line) for line in folded)
        severe, parts = P1 if fatal else P0, frozenset(PART.findall(text))
        series = _series(text)
        letters, marks = _letters(folded, series), _marks(folded)
        dots = [m["mark"] for m in DOTTED.finditer(text) if heading_priority(m["rest"], Scale()) is None]
        dotted = len(dots) > 2 and len(set(dots)) > 1
        return cls(severe, coloured, yellow, _legend(folded), series, parts, letters, marks, dotted)

    def rank(self, word: str, priority: Priority) -> Priority:
        """The priority of a word of severity: the report's own, else what the word usually means."""
        return self.said.get(_bare(word), priority)

    def shade(self, title: str) -> Priority | None:
        """The priority that the mark in a section's heading gives, in a report that ranks its sections so."""
        mark = self.colour(title) if self.coloured else None
        return P2 if mark and mark > P0 and WISHES.search(fold(title)) else mark

    def colour(self, text: str) -> Priority | None:
        """The priority of the first coloured mark in a text."""
        marks = {**COLOURS, "🟡": self.yellow, **self.marks}
        return next((p for mark, p in marks.items() if mark in text), None)


def _legend(lines: Sequence[str]) -> dict[str, Priority]:
    """What a legend says: "| high | … P0 |", "- **fatal**: P0". One line is no legend, nor are words said to be two."""
    said: dict[str, set[Priority]] = {}
    for line in lines:
        match = LEGEND.match(line) if len(line) < LONG else None
        if match and (code := code_of(line)):
            said.setdefault(_bare(match["word"] or match["after"]), set()).add(code)
    sure = {word: codes.copy().pop() for word, codes in said.items() if len(codes) == 1}
    return sure if len(set(sure.values())) > 1 else {}


def _letters(lines: Sequence[str], series: frozenset[str]) -> dict[str, Priority]:
    """What the letters of numbers mean: as a legend says, else those of critical, high, medium and low, where a report
    counts by two or more of them and by no other letter.
    """
    told = {letter.upper(): word for line in lines if len(line) < LONG for letter, word in LETTERS.findall(line)}
    if len(told) > 1:
        ranks = {letter: rank for letter, word in told.items() if (rank := word_of(word, Scale()))}
        return ranks if len(set(ranks.values())) > 1 else {}
    single = {prefix.rstrip("-_") for prefix in series if len(prefix.rstrip("-_")) == 1}
    usual = {"C": P0, "H": P1, "M": P2, "L": P2}
    return usual if len(single) > 1 and single <= usual.keys() else {}


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
    for part in (
        folded,
        ASIDE.sub("", folded),
        *ASIDE.findall(folded),
        *re.split(r"\s*[:：]\s*|\s+[-—–|]+\s+", folded),
    ):
        bare = AMONG.sub("", CHAPTER.sub("", part).strip())
        if ORDINAL.fullmatch(bare):
            return _severity(bare, scale)
        if both := _together(bare, scale):
            return both
        if re.match(rf"严重(?:$|.*(?:{NOUNS}))", bare):
            return scale.rank("严重", scale.severe)
        if match := DEMANDS.match(bare):
            demanded = {"p0": P0, "p1": P1, "p2": P2}.get(match.lastgroup or "")
            return demanded or word_of(match.group(), scale)
        for pattern, priority in LEVEL_HEADINGS:
            if match := pattern.match(bare):
                return scale.rank(match["word"], priority)
    return None


def _together(text: str, scale: Scale) -> Priority | None:
    """The worst of the severities that a heading puts together and of which it says nothing else: "Medium / low"."""
    words = TOGETHER.split(text)
    ranks = [word_of(word, scale) for word in words if not _remainder(word)] if len(words) > 1 else []
    found = [rank for rank in ranks if rank]
    return min(found) if found and len(found) == len(words) else None


@lru_cache(maxsize=8192)
def read_head(raw: str, scale: Scale) -> Head:
    """A heading's number, priority and title. The title is as written, without numbers, emoji and priority."""
    colour = scale.colour(raw)
    text, number, priority, explicit = clean(raw[:LONG]), "", None, False
    for _ in range(4):
        if (match := RANKED_LABEL.match(text)) and (found := _severity(match["rank"], scale)):
            return Head(clean(match["rest"]), match["label"], number, found, True, True, colour)
        if (match := LABEL.match(text)) and not (match["p"] in scale.parts and "." in match["label"]):
            label = re.sub(r"[^\w]+$", "", match["label"]).replace(" ", "")
            own = CODES.get(int(match["p"]), P2) if match["p"] else priority or _named(label, scale)
            around, title = _around(clean(match["rest"]), scale)
            return Head(title, label, number, own or around, True, bool(match["rest"]), colour)
        if (match := NUMBERED.match(text)) and match["prefix"] in scale.series:
            own = priority or _named(match["label"], scale)
            around, title = _around(clean(match["rest"]), scale)
            return Head(title, match["label"], number, own or around, True, True, colour)
        if (match := TOPIC.match(text)) and not priority and (found := _topical(match, scale)):
            priority, text, explicit = found, clean(match["rest"]), True
        elif (match := LETTERED.match(text)) and match["prefix"] in scale.series and not number:
            number, text = match["number"], clean(match["rest"])
        elif (match := NUMBER.match(simplify(text))) and not number:
            number = next(filter(None, match.group("a", "b", "c", "d", "e", "f", "g")))
            text = clean(text[match.start("rest") :])
        elif (match := BRACKET.match(text)) and (found := _severity(match[1], scale)):
            priority, text, explicit = priority or found, clean(match[2]), True
        else:
            break
    if not explicit:
        priority, text = _around(text, scale)
    dotted = scale.dotted and priority is None and bool(re.match(rf"[\d.、\s]{{0,10}}{DOT}", raw.lstrip("# ")))
    titled = bool(_remainder(text)) and not COUNT.search(text)
    return Head(text, "", number, colour if dotted else priority, explicit, titled, colour, dotted)


def _named(label: str, scale: Scale) -> Priority | None:
    """The priority that the prefix of a number says: "CRIT-1", or "H-2" in a report whose letters are severities."""
    prefix = re.split(r"[-_]|(?<=[A-Z])(?=\d)", label)[0]
    return NAMED.get(prefix) or scale.letters.get(prefix)


def _topical(match: re.Match[str], scale: Scale) -> Priority | None:
    """The priority in front of a topic in brackets, where something sets the title apart from both."""
    bracketed = match["rank"].startswith(("[", "【"))
    return _severity(match["rank"].strip("[]【】 "), scale) if match["behind"] or bracketed else None


def _around(text: str, scale: Scale) -> tuple[Priority | None, str]:
    """A priority that stands before a colon or dash, or in brackets behind the title."""
    for pattern in (SUFFIX, BEHIND):
        if (match := pattern.match(text)) and (found := _severity(match[2], scale)):
            return found, clean(match[1])
    if (match := PREFIX.match(text)) and (found := _severity(match[1], scale)):
        return found, clean(match[2])
    return None, text


def rank_of(cell: str, scale: Scale) -> Priority | None:
    """The priority that a table's cell gives: what stands in brackets counts only where nothing stands before them."""
    if code := code_of(cell):
        return code
    bare = ASIDE.sub("", cell)
    return word_of(bare if re.search(r"\w", bare) else cell, scale)


def _severity(text: str, scale: Scale) -> Priority | None:
    """The priority of a bracket or prefix, if it says nothing else."""
    folded = re.sub(
        r"^(?:priority|severity|优先级|严重程度|严重度|严重性|级别|等级|风险)\s*:\s*", "", fold(clean(text))
    )
    if match := ORDINAL.fullmatch(folded):
        return {"0": P0, "1": P0, "2": P1}.get(match[1], P2)
    return None if _remainder(folded) or ANNOUNCED.fullmatch(folded) else word_of(folded, scale)


def _remainder(text: str) -> str:
    """What a heading says beside words of priority, haste and category: a finding's own title."""
    bare = CODE.sub(" ", fold(ASIDE.sub(" ", LETTER.sub("", text))))
    return re.sub(r"[\W_]+", "", RANKS.sub(" ", GENERIC.sub(" ", bare)))
