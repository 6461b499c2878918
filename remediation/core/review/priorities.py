"""Reading priorities: codes ("P0"), words of severity, and headings that carry either."""

import re
from dataclasses import dataclass

from findings.core.types import Priority
from remediation.core.review.terms import CODE, CODES, COLOURS, GENERIC, LEVEL_HEADINGS, LEVEL_WORDS, NOUNS, P0, P1, P2
from remediation.core.review.words import clean, fold, simplify

LABEL = re.compile(
    r"""[\[【(（]?\s*
    (?P<label> P(?P<p>[0-4])(?:[-_ ]?[A-Z]{2,}[A-Z0-9]*)*\s?[-–.#_]\s?\d+[a-z]?
               (?:\s*[\]】)）])? \s*(?:[:：.、·|—–-]+|\s|$)
             | (?!(?:UTF|SHA|HTTP|ISO|RFC|CVE|CWE|AES|RSA|TLS|PR|EC|ES|RS|HS|AL)[-_])(?:[A-Z]{1,10}[-_])+\d+[a-z]?
               (?: \s*[\]】)）]\s*(?:[:：.、·|—–-]+)? | \s*(?:[:：.、·|]|\s[—–-]+\s)) )
    \s*(?P<rest>.*)$""",
    re.S | re.X,
)
"""A finding's own number in front of its title: "P0-1: …", "[P1-AUTH-001] …", "SEC-3: …"."""

NUMBER = re.compile(
    r"""(?: (?:问题|缺陷|漏洞|风险|发现|issue|problem|finding|bug|risk|item|vulnerability|gap|defect)\s*\#?\s*(?P<a>\d+)
            [\s.、:：)）—–-]*
          | \#(?P<b>\d+)\s*[.、:：)）—–-]?
          | (?P<c>\d+(?:\.\d+)*)\s*[.、:：)）](?!\d)
          | (?P<d>\d+(?:\.\d+)+)\s
          | (?P<e>[一二三四五六七八九十]{1,3})\s*[、.:：] )
    \s*(?P<rest>\S.*)$""",
    re.I | re.S | re.X,
)
BRACKET = re.compile(r"[\[【]\s*([^\[\]【】]{1,24}?)\s*[\]】]\s*(.*)$", re.S)
PREFIX = re.compile(r"(.{1,24}?)(?:\s+[-—–|]+\s*|\s*[:：·]\s*)(\S.*)$", re.S)
SUFFIX = re.compile(
    r"(.*\S)\s*(?:[(（\[【]\s*([^()（）\[\]【】]{1,40})\s*[)）\]】]|\s[-—–|]+\s*(P[0-4]|[A-Z]{3,8}))\s*$", re.I | re.S
)
ASIDE = re.compile(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]")
LONG = 400
"""Characters of a heading that are read: more is no heading, and patterns take time."""
NAMED = {"CRIT": P0, "CRITICAL": P0, "BLOCKER": P0, "HIGH": P1, "MED": P2, "MEDIUM": P2, "LOW": P2}


@dataclass(frozen=True, slots=True)
class Scale:
    """What the severity words of one report mean. 严重 (severe) is P1 in a report that also knows 致命 (fatal)."""

    severe: Priority = P0

    @classmethod
    def of(cls, text: str) -> "Scale":
        """The scale that a whole report uses."""
        fatal = re.search(
            r"严重[^\n]{0,12}\bp1\b|致命(?:问题|性|缺陷|漏洞|级|错误)", "\n".join(map(fold, text.split("\n")))
        )
        return cls(P1) if fatal else cls()


@dataclass(frozen=True, slots=True)
class Head:
    """A heading taken apart. `explicit`: a number of its own or a bracketed priority stands in front of the title;
    `own`: something is left of the title when the words of priority are taken out; `number` is a plain running number.
    """

    title: str
    label: str = ""
    number: str = ""
    priority: Priority | None = None
    explicit: bool = False
    own: bool = True
    colour: Priority | None = None


def code_of(text: str) -> Priority | None:
    """The priority that a P-code in the text names, if there is just one."""
    found = {CODES.get(int(m.group(1)), P2) for m in CODE.finditer(text)}
    return found.pop() if len(found) == 1 else None


def word_of(text: str, scale: Scale) -> Priority | None:
    """The priority of a short text about severity and nothing else: a table cell, a bracket, a label's value."""
    folded = fold(clean(text))
    if code := code_of(folded):
        return code
    if "严重" in folded:
        return scale.severe
    return next((p for pattern, p in LEVEL_WORDS if pattern.search(folded)), None)


def heading_priority(text: str, scale: Scale) -> Priority | None:
    """The priority that the heading of a section gives to what stands under it."""
    folded = fold(clean(text[:LONG])).replace("【", " ").replace("】", " ").strip()
    if CODE.search(folded):
        return code_of(folded)
    for part in (folded, *ASIDE.findall(folded), *re.split(r"\s*[:：]\s*|\s+[-—–|]+\s+", folded)):
        bare = re.sub(r"^(?:\d+(?:\.\d+)*|[一二三四五六七八九十]+)\s*[.、:：)）]?\s*", "", part).strip()
        if re.match(rf"严重(?:$|.*(?:{NOUNS}))", bare):
            return scale.severe
        for pattern, priority in LEVEL_HEADINGS:
            if pattern.match(bare):
                return priority
    return None


def read_head(raw: str, scale: Scale) -> Head:
    """A heading's number, priority and title. The title is as written, without numbers, emoji and priority."""
    colour = next((p for mark, p in COLOURS.items() if mark in raw), None)
    text, number, priority, explicit = clean(raw[:LONG]), "", None, False
    for _ in range(4):
        if match := LABEL.match(text):
            label = re.sub(r"[^\w]+$", "", match["label"]).replace(" ", "")
            own = CODES.get(int(match["p"]), P2) if match["p"] else priority or NAMED.get(re.split("[-_]", label)[0])
            return Head(clean(match["rest"]), label, number, own, True, bool(match["rest"]), colour)
        if (match := NUMBER.match(simplify(text))) and not number:
            number = next(filter(None, match.group("a", "b", "c", "d", "e")))
            text = clean(text[match.start("rest") :])
        elif (match := BRACKET.match(text)) and (found := _severity(match[1], scale)):
            priority, text, explicit = priority or found, clean(match[2]), True
        else:
            break
    if not explicit:
        priority, text = _around(text, scale)
    return Head(text, "", number, priority, explicit, bool(_remainder(text)), colour)


def _around(text: str, scale: Scale) -> tuple[Priority | None, str]:
    """A priority that stands before a colon or dash, or in brackets behind the title."""
    if (match := SUFFIX.match(text)) and (found := _severity(match[2] or match[3], scale)):
        return found, clean(match[1])
    if (match := PREFIX.match(text)) and (found := _severity(match[1], scale)):
        return found, clean(match[2])
    return None, text


def _severity(text: str, scale: Scale) -> Priority | None:
    """The priority of a bracket or prefix, if it says nothing else."""
    folded = re.sub(r"^(?:priority|severity|优先级|严重程度)\s*:\s*", "", fold(clean(text)))
    if match := re.fullmatch(r"(?:优先级|priority)\s*([0-4])", folded):
        return {"0": P0, "1": P0, "2": P1}.get(match[1], P2)
    return None if _remainder(folded) else word_of(folded, scale)


def _remainder(text: str) -> str:
    """What a heading says beside words of priority, haste and category: a finding's own title."""
    return re.sub(r"[\W_]+", "", GENERIC.sub(" ", CODE.sub(" ", fold(ASIDE.sub(" ", text)))))
