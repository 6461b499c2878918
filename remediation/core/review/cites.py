"""Which findings a text names by their numbers: "S7", "S1-S5", "P1-4", "#6", "(4.2)", "问题五"."""

import re
from collections.abc import Iterable, Mapping, Sequence

from remediation.core.review.drafts import Draft
from remediation.core.review.schedule import arabic
from remediation.core.review.terms import CODES, P2
from remediation.core.review.words import coverage, simplify, terms

HEAD = r"(?:P[0-4](?:-[A-Z]+)*-[A-Z]?|[A-Z]{1,10}(?:[-_][A-Z]{1,10})*[-_]?)"
TO = r"\s*(?:[-–—~～到至]|\bto\b)\s*"
LETTERED = re.compile(
    rf"(?<![\w.#-])(?P<head>{HEAD})(?P<first>\d{{1,3}})(?P<tail>[a-z]?)(?:{TO}(?:(?P=head))?(?P<last>\d{{1,3}}))?(?![\w%])"
)
"""A number that begins with letters, or all from one to another."""
WORD = r"(?:\b(?:issue|problem|finding|bug|item)s?\b|问题|缺陷|漏洞|#)"
PLAIN = rf"#?(?:\d{{1,3}}(?:\.\d{{1,3}})*)(?:{TO}#?\d{{1,3}}(?:\.\d{{1,3}})*)?(?![\w%])(?!\.\d)"
MARKED = re.compile(rf"{WORD}\s*:?\s*(?P<list>{PLAIN}(?:\s*(?:[,、/&+]|\band\b|和|与|及)\s*{PLAIN})*)", re.I)
"""Plain numbers behind a word that says what they count: "#6", "issues 2, 3 and 5-7"."""
CHAPTER = re.compile(
    r"[(（](?:see|见|§|section)?\s*(\d+(?:\.\d+)+)\s*[)）]|(?:问题)\s*([一二三四五六七八九十]{1,3})", re.I
)
"""A finding cited by the number of its heading, or by one in words."""
ONE = re.compile(rf"#?(?P<first>\d+(?:\.\d+)*)(?:{TO}#?(?P<last>\d+(?:\.\d+)*))?")
BEGUN = re.compile(rf"(?:{HEAD}\d{{1,3}}[a-z]?\s*(?:[/,、&+]|{TO})\s*)+{HEAD}\d{{1,3}}[a-z]?\s*[:：.—–]\s*(?=\S)")
"""Several numbers that an entry begins with: "P2-8/P2-9: …"."""
RANKED = re.compile(r"P([0-4])-(\d+)")
MOST = 40
"""Numbers from one to another; more than these are no list of findings."""


def cited(text: str) -> frozenset[str]:
    """The numbers that a text names, whether findings bear them or not."""
    text = simplify(text)
    found = [arabic(one or other) for one, other in CHAPTER.findall(text)]
    for match in LETTERED.finditer(text):
        head, first, last = match["head"], match["first"], match["last"]
        numbers = _between(first, last) if last else [first]
        found += [f"{head}{number}{match['tail']}" for number in numbers]
    for listed in MARKED.finditer(text):
        for match in ONE.finditer(listed["list"]):
            found += _between(match["first"], match["last"] or match["first"])
    return frozenset(found)


def resolve(
    titles: Mapping[int, str], cites: Mapping[int, frozenset[str]], drafts: Sequence[Draft]
) -> dict[int, list[Draft]]:
    """The drafts that each text, by its line, names. A number that several bear is of the one whose title has words of
    the text.

    "P1-4" is a label; where no finding has one of that form, it is the finding with the number 4 and that priority, if
    all such names of the plan are.
    """
    ranks = {
        name: (n[2], CODES.get(int(n[1]), P2))
        for names in cites.values()
        for name in names
        if (n := RANKED.fullmatch(name))
    }
    borne = {draft.label for draft in drafts if draft.label}
    numbered = {(draft.number, draft.priority) for draft in drafts if draft.number}
    ranked = bool(ranks) and not borne & ranks.keys() and all(rank in numbered for rank in ranks.values())
    found: dict[int, list[Draft]] = {}
    for line, names in cites.items():
        own = [d for d in drafts if d.label in names] if names else []
        for number in names:
            bearers = [d for d in drafts if d.number == number and d not in own]
            own += _meant(bearers, titles[line])
        if ranked:
            pairs = {ranks[name] for name in names if name in ranks}
            own += [d for d in drafts if (d.number, d.priority) in pairs and d not in own]
        found[line] = own
    return found


def _meant(bearers: Sequence[Draft], title: str) -> Iterable[Draft]:
    if len(bearers) < 2:
        return bearers
    words = terms(title)
    scored = [(coverage(words, terms(draft.title), {}), -draft.line, draft) for draft in bearers]
    best = max(scored, key=lambda one: one[:2])
    return [best[2]] if best[0] else []


def _between(first: str, last: str) -> list[str]:
    """All numbers from one to another that differ in the last part: "1.1" to "1.8", "01" to "03"."""
    before, dot, start = first.rpartition(".")
    above, _, stop = last.rpartition(".")
    if (above and above != before) or not 0 <= int(stop) - int(start) < MOST:
        return [first, last]
    return [f"{before}{dot}{number:0{len(start)}d}" for number in range(int(start), int(stop) + 1)]
