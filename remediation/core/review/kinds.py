"""What a section is for: problems, praise, a plan, costs, a verdict, a summary; by its heading and the one above."""

import re

from remediation.core.review.blocks import Section
from remediation.core.review.priorities import ASIDE, Scale, heading_priority
from remediation.core.review.schedule import is_dated, phase_of
from remediation.core.review.shapes import NUMBERED
from remediation.core.review.tables import closed
from remediation.core.review.terms import DONE, DONE_MARKS, Kind, kind_of
from remediation.core.review.words import clean, fold

RANKED_STEP = re.compile(
    r"[\[【]?(?:优先级|优化|方案|建议|改进|步骤|措施|priority|recommendation|optimi[sz]ation|improvement|step|action|task)"
    r" ?(?:#?\d|[一二三四五六七八九十]+ ?[:：])"
)
"""A heading of a step in order ("Priority 1: drop the lock", "方案 2"): what to do, not what is wrong."""
PROBLEMS = re.compile(r"\b(?:issue|problem|finding|defect|vulnerabilit|bug)|问题|缺陷|漏洞")
"""A heading that says what its entries are: all of them are findings, however plain."""
ADVICE = re.compile(
    r"(?:[\d一二三四五六七八九十]+(?:\.\d+)* ?[.、)]? ?)?"
    r"(?:(?:key|top|our|main|final|priority|prioriti[sz]ed|general|overall|comprehensive|detailed|strategic|specific"
    r"|actionable|consolidated|further|additional) )?"
    r"(?:recommendations?|recommended (?:[a-z]+ ){0,2}(?:fixes|improvements|changes|enhancements)|suggestions?"
    r"|(?:总体|综合|整体)?(?:改进|整改|优化|修复)?建议)"
    r"(?: (?:summary|by priority)|汇总|总结)?"
)
"""A heading that behind the findings only says what to do about them."""
SLIGHT = re.compile(r"(?:low|minor|trivial|optional|nice[- ]to[- ]have|低|轻微|次要|可选)")
"""A severity in front of which a tick only says that nothing is urgent."""
RISKS = re.compile(
    r"risk (?:assessment|analysis|summary|matrix|register|evaluation)|风险(?:评估|总结|分析|矩阵|汇总|评价)"
)
"""A chapter that behind the findings weighs them, or what mending them may break, once more."""
FILES = re.compile(r"`[^`]*`|(?<![\w./-])[\w/-]+\.[A-Za-z]{1,5}(?![\w])")
"""Code and files in a title: "Schedule.kt:30 - …" is no schedule."""
SOMETIME = re.compile(r"[(（](?:可|待|后续)?排期[)）]")
"""What a severity may say of when: "P2（可排期）" is no plan."""
LACKS = re.compile(r"(?:missing|no|lack of|lacking|absent)\b|缺少|缺乏|没有|无")
"""How a title begins that names what is not there: "Missing vacuum schedule" is no schedule."""
BOTH = re.compile(rf"(?:{PROBLEMS.pattern})\w* ?(?:&|\band\b|/|与|和|及) ?")
"""A heading over problems and what to do about them."""


def section_kind(title: str, inherited: Kind, ranked: bool) -> Kind:
    """What a section is for: its heading's word, where the section above is no plan or praise, which cover all.

    A heading that says when is a plan, but "P0: fix immediately" (`ranked`) announces problems.
    """
    if inherited in ("plan", "praise"):
        return inherited
    if RANKED_STEP.match(fold(clean(title))):
        return "plan"
    slight = ranked and SLIGHT.match(fold(clean(title))) and not DONE.search(fold(title))
    if closed(title) or (NUMBERED.sub("", title).startswith(DONE_MARKS) and not slight):
        return "praise"
    kind = kind_of(fold(clean(FILES.sub(" ", title))))
    if kind == "plan" and BOTH.search(fold(clean(title))):
        return inherited  # "Critical issues & remediation plan": what stands under it says which of the two it is
    # "Medium (raises the cost of upkeep)" is about no costs.
    if ranked and (kind in ("cost", "summary") or (kind == "plan" and SOMETIME.search(title))):
        kind = kind_of(fold(ASIDE.sub("", clean(title))))
    if kind in ("", "problems", "summary") and (
        is_dated(title) or (kind != "problems" and not ranked and phase_of(title, 0))
    ):
        return "plan"
    if kind == "problems" and inherited in ("summary", "verdict"):
        return "summary"  # "Overall assessment" over "Critical issues" sums up
    return inherited if inherited == "summary" and not kind else kind or inherited


def announces_plan(line: str) -> bool:
    """Whether a line above a list says that its entries are what to do: "Priority recommendations:"."""
    said = fold(clean(line.rstrip(":： ")))
    return kind_of(said) == "plan" or bool(ADVICE.fullmatch(said))


def reviewed(section: Section, scale: Scale) -> bool:
    """Whether a tick in a heading only says that the review of a part is done: below it are ranks of problems."""
    below = [c.title for c in section.children if heading_priority(c.title, scale)]
    return any(PROBLEMS.search(fold(t)) and not closed(t) and not DONE.search(fold(t)) for t in below)
