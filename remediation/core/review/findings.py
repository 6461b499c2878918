"""Finding the findings: walks the sections of a report and decides which of them are problems, and how bad."""

import re
from dataclasses import dataclass, replace

from findings.core.types import Priority
from remediation.core.review import groups, places
from remediation.core.review.blocks import Block, Document, Section
from remediation.core.review.body import Body, read_body
from remediation.core.review.drafts import Draft, Found
from remediation.core.review.priorities import ASIDE, WISHES, Head, Scale, heading_priority, read_head
from remediation.core.review.rows import read_entries, read_table
from remediation.core.review.schedule import arabic, effort_aside, is_dated, phase_of
from remediation.core.review.tables import closed
from remediation.core.review.terms import CODE, DONE_MARKS, Kind, field_of, kind_of
from remediation.core.review.words import clean, fold
from remediation.core.types import Place

RANKED_STEP = re.compile(
    r"[\[【]?(?:优先级|优化|方案|建议|改进|步骤|措施|priority|recommendation|optimi[sz]ation|improvement|step|action|task)"
    r" ?(?:#?\d|[一二三四五六七八九十]+ ?[:：])"
)
"""A heading of a step in order ("Priority 1: drop the lock", "方案 2"): what to do, not what is wrong."""
PROBLEM = re.compile(r"(?:问题|缺陷|漏洞|issue|problem|finding|defect|vulnerability)s? ?#?\d")
"""A heading that counts problems; without a priority it waits for a table or the schedule to give it one."""
PROBLEMS = re.compile(r"\b(?:issue|problem|finding|defect|vulnerabilit|bug)|问题|缺陷|漏洞")
"""A heading that says what its entries are: all of them are findings, however plain."""
ADVICE = re.compile(
    r"(?:[\d一二三四五六七八九十]+(?:\.\d+)* ?[.、)]? ?)?"
    r"(?:(?:key|top|our|main|final|prioriti[sz]ed|general|overall) )?"
    r"(?:recommendations?|recommended (?:fixes|improvements|changes)|suggestions?"
    r"|(?:总体|综合|整体)?(?:改进|整改|优化|修复)?建议)"
    r"(?: (?:summary|by priority)|汇总|总结)?"
)
"""A heading that behind the findings only says what to do about them."""
BOTH = re.compile(rf"(?:{PROBLEMS.pattern})\w* ?(?:&|\band\b|/|与|和|及) ?")
"""A heading over problems and what to do about them."""
SPEAKS: frozenset[Kind] = frozenset({"plan", "cost", "verdict", "summary", "praise"})
"""Kinds that a title may seem to announce while it names a problem."""
REFERENCE = re.compile(r"\b(?:P[0-4](?:-[A-Z]+)*-[A-Z]?\d+[a-z]?|(?:[A-Z]{1,10}[-_])+\d+[a-z]?)\b")
"""A finding's number, as other lines cite it."""
LISTED = re.compile(r"\s*[（(]\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[）)]\s*\S")
"""A line that is numbered in brackets: "（一）托运接口没有限流"."""
NUMBERED = re.compile(r"^[\s\d.、)）–~-]*")
PROMOTED = 7
"""The level of a paragraph that stands for a heading: below all real ones."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the headings above say about a section; `file` is the one that they name and nothing else."""

    kind: Kind = ""
    priority: Priority | None = None
    file: str = ""


def collect(document: Document, scale: Scale) -> Found:
    """Every finding of a report that stands under a heading of its own, in a table or in a list."""
    walker = _Walker(document, scale)
    title = document.heading
    if title:
        # A report called "Critical issues" may be of one priority; one called "Summary of costs" is about problems too.
        alone = not any(heading_priority(s.title, scale) for s in document.root.walk() if s is not title)
        whole = Context("", heading_priority(title.title, scale) if alone else None, groups.target_of(document))
        walker.open.append((title, whole))
        walker.visit_all(title.children, whole)
    walker.visit_all([s for s in document.root.children if s is not title], Context())
    walker.tables_and_lists()
    return walker.found


def section_kind(title: str, inherited: Kind, ranked: bool) -> Kind:
    """What a section is for: its heading's word, where the section above is no plan or praise, which cover all.

    A heading that says when is a plan, but "P0: fix immediately" (`ranked`) announces problems.
    """
    if inherited in ("plan", "praise"):
        return inherited
    if RANKED_STEP.match(fold(clean(title))):
        return "plan"
    if NUMBERED.sub("", title).startswith(DONE_MARKS) or closed(title):
        return "praise"
    kind = kind_of(fold(clean(title)))
    if kind == "plan" and BOTH.search(fold(clean(title))):
        return inherited  # "Critical issues & remediation plan": what stands under it says which of the two it is
    if ranked and kind in ("cost", "summary"):  # "Medium (raises the cost of upkeep)" is about no costs
        kind = kind_of(fold(ASIDE.sub("", clean(title))))
    if kind in ("", "problems", "summary") and (
        is_dated(title) or (kind != "problems" and not ranked and phase_of(title, 0))
    ):
        return "plan"
    return inherited if inherited == "summary" and kind in ("", "problems") else kind or inherited


class _Walker:
    def __init__(self, document: Document, scale: Scale) -> None:
        self.document = document
        self.scale = scale
        self.found = Found()
        self.open: list[tuple[Section, Context]] = []
        self.peers: set[int] = set()

    def visit_all(self, sections: list[Section], context: Context) -> None:
        """Visits neighbours. A bare heading of priority counts for the numbered headings that follow on its level."""
        carried: Priority | None = None
        for section in sections:
            head = read_head(section.title, self.scale)
            ranked = heading_priority(section.title, self.scale)
            if ranked and not head.own:
                carried = ranked if not section.children and not _has_content(section) else None
            elif not (head.number or head.explicit):
                carried = None
            self.visit(section, head, replace(context, priority=carried) if carried and head.own else context)
        self._peers(sections)

    def _peers(self, sections: list[Section]) -> None:
        """Notes the headings of severity beside one of another severity under which findings have headings: plain
        entries under them are findings too, and no summary.
        """
        ranks = {s.line: rank for s in sections if (rank := heading_priority(s.title, self.scale))}
        told = {d.line for d in self.found.drafts}
        telling = {s.line for s in sections if s.line in ranks and any(c.line in told for c in s.walk() if c is not s)}
        self.peers |= ranks.keys() - telling if telling else set()

    def visit(self, section: Section, head: Head, context: Context) -> None:
        """Reads one section: a finding, or a heading over others."""
        ranked = heading_priority(section.title, self.scale)
        kind = section_kind(section.title, context.kind, bool(ranked))
        if kind != context.kind and kind in SPEAKS and self._evident(section, head, context):
            kind = "problems"
        if kind in ("", "problems") and ADVICE.fullmatch(fold(clean(section.title))) and len(self.found.drafts) > 1:
            kind = "plan"  # what to do about the findings told before
        praised = kind == "praise" and section_kind(section.title, "", bool(ranked)) == "praise"
        if praised and (head.label or head.priority or context.priority or (ranked and closed(section.title))):
            title = _short(head.title)
            self.found.note(f"“{title}” is marked as done or praised: not taken as a finding", section.line)
            return
        if not ranked and kind in ("", "problems"):
            ranked = self.scale.shade(section.title)
        here = Context(kind, None if kind == "praise" else ranked or context.priority, _file(section) or context.file)
        promoted = _promoted(section, head, here, self.scale) or groups.by_severity(section, PROMOTED, self.scale)
        children = [*promoted, *section.children]
        nested = any(_own_finding(h) or (h.own and h.priority) for c in children for h in self._heads(c))
        nested = nested or any(self._leads(b) for c in section.children for s in c.walk() for b in s.blocks)
        if not nested and (self._take(section, head, context, kind) or self._marked(section, head, here)):
            self.found.sections.update(s.line for s in section.walk())
            return
        self.open.append((section, here))
        self.visit_all(children, here)

    def _heads(self, section: Section) -> list[Head]:
        return [read_head(s.title, self.scale) for s in section.walk()]

    def _leads(self, block: Block) -> bool:
        """Whether a paragraph is the heading of a finding: "**P1-AUTH-001: No reset token**"."""
        title, _ = _heading_of(block)
        return bool(title) and _own_finding(read_head(title, self.scale))

    def _evident(self, section: Section, head: Head, context: Context) -> bool:
        """Whether a title that speaks of plans, costs or praise names a problem all the same: "Kafka backlog grows"."""
        if context.kind in ("plan", "praise") or not head.own or NUMBERED.sub("", section.title).startswith(DONE_MARKS):
            return False
        told = read_body(self.document, section, self.scale).labels & {"location", "problem", "impact", "fix"}
        if head.label and (head.priority or context.priority):
            return True
        return "location" in told and (len(told) > 1 or bool(context.priority and head.number))

    def tables_and_lists(self) -> None:
        """Reads findings told as rows, after those under headings are known: a row often repeats one of them."""
        told = len(self.found.drafts)
        for section, context in self.open:
            self._rows(section, context, told)
        if not self.found.drafts:  # where nothing else tells findings, the ranked parts of a summary do
            for section, context in self.open:
                if context.kind == "summary" and heading_priority(section.title, self.scale):
                    self._rows(section, replace(context, kind=""), told)

    def _rows(self, section: Section, context: Context, told: int) -> None:
        if context.kind in ("plan", "praise", "cost", "verdict"):
            return
        if self._schedules(section, context, told):
            self.found.plans.add(section.line)
            return
        rows = 0
        for block in section.blocks:
            if block.kind == "table":
                rows += read_table(
                    self.found, block, context.priority, self.scale, told, context.kind == "summary", file=context.file
                )
        headed = any(c.line in self.found.sections for c in section.children)
        head = read_head(section.title, self.scale)
        # Under a heading that names one thing and its rank, only what has a number of its own is another.
        ranked = None if head.own and head.priority else context.priority
        if not rows and not headed and context.kind != "summary":
            # Where headings tell findings, plain entries elsewhere sum them up.
            sorts = context.kind == "problems" and groups.sorts(section)
            plain = not told and (sorts or (not head.own and bool(PROBLEMS.search(fold(section.title)))))
            plain = plain or (head.own and bool(context.priority) and groups.placed(section))
            plain = plain or section.line in self.peers
            wishes = not head.own and WISHES.search(fold(section.title))
            if wishes and not heading_priority(section.title, self.scale):
                ranked = None  # suggestions, of which a mark tells nothing but the mood
            read_entries(
                self.found, self.document, section, ranked, self.scale, head.priority, context.file, plain=plain
            )

    def _schedules(self, section: Section, context: Context, told: int) -> bool:
        """Whether the entries of a section are what is to do about the findings told: they cite their numbers, or stand
        under a heading that says when.
        """
        listed = [entry for block in section.blocks for entry in block.entries]
        heads = [(entry.line, read_head(entry.text.partition("\n")[0], self.scale)) for entry in listed]
        afresh = [Draft(line, head.title, head.label) for line, head in heads if head.label]
        if context.priority and groups.renumbered(afresh, self.found.drafts):
            return False
        if _citing(section, self.found):
            return True
        plain = not any(read_head(entry.text, self.scale).explicit or places.find(entry.text) for entry in listed)
        return bool(listed and told and plain and phase_of(section.title, 0))

    def _marked(self, section: Section, head: Head, here: Context) -> bool:
        """Keeps a section as a finding whose heading has a mark of severity and a title of its own, and which only
        says where.
        """
        if here.kind not in ("", "problems") or not here.priority or not head.own or section.children:
            return False
        if self.scale.shade(section.title) is None or not groups.only_places(section):
            return False
        draft = Draft(section.line, effort_aside(head.title)[0], head.label, here.priority)
        draft.name(read_body(self.document, section, self.scale))
        draft.places = draft.places or places.gather(places.find("\n".join(e.text for e in groups.listed(section))), [])
        self.found.add(draft)
        return True

    def _take(self, section: Section, head: Head, context: Context, kind: Kind) -> bool:
        """Keeps the section as a finding, if it is one."""
        if not head.own or field_of(fold(head.title)) or not (head.explicit or self._one(section, head, context)):
            return False
        body = read_body(self.document, section, self.scale)
        if body.remark and not (head.priority or context.priority):
            self.found.note(f"“{_short(head.title)}” is a remark without a priority: not taken", section.line)
            return True
        if not self._is_finding(section, head, body, context, kind) or (not body.labels and _citing(section)):
            return False
        counted = head.number and not PROBLEMS.search(fold(section.title))
        if context.kind == "problems" and not body.labels and groups.sorts(section):
            return False
        if not (head.label or head.priority or body.labels) and groups.placed(section):
            return False
        if not (head.explicit or counted or body.labels) and any(map(groups.lists_findings, section.blocks)):
            return False
        title, aside = effort_aside(head.title)
        ranks = [head.priority, body.priority, context.priority]
        if body.coded and not CODE.search(section.title) and not head.label.startswith("P"):
            ranks.insert(0, body.priority)  # "[High] …" whose priority is P2
        priority = next(filter(None, ranks), None)
        if priority and (body.done or closed(section.title)):
            self.found.note(f"“{_short(title)}” is already resolved: not taken as a finding", section.line)
            return True
        draft = Draft(section.line, title or head.title, head.label, priority, context.priority, head.colour, body)
        draft.number = arabic(head.number)
        draft.faint = not (priority or "location" in body.labels or PROBLEM.match(fold(clean(section.title))))
        draft.name(body)
        if context.file and not draft.places and (lines := places.named_lines(body.text("location"))):
            draft.places = tuple(Place(context.file, line, end) for line, end in lines)
        draft.effort = body.effort or aside
        self.found.add(draft)
        return True

    def _one(self, section: Section, head: Head, context: Context) -> bool:
        """Whether a section tells of one thing: its headings are labels of it, and not findings of their own."""
        topics = [c for c in section.children if not field_of(fold(clean(c.title)))]
        if not topics:
            return True
        own = replace(section, children=[], end=section.children[0].line - 1)
        told = read_body(self.document, own, self.scale).labels
        if not (told & {"location", "problem", "priority"} or (context.priority and head.number)):
            return False
        return not any(read_body(self.document, c, self.scale).labels & {"location", "priority"} for c in topics)

    def _is_finding(self, section: Section, head: Head, body: Body, context: Context, kind: Kind) -> bool:
        told = body.labels & {"location", "problem", "impact", "fix"}
        ranked = head.priority or context.priority
        if kind == "plan":
            return bool(head.label and head.priority and {"location", "problem", "impact"} & told)
        if head.explicit and ranked:
            return True
        if kind in ("cost", "verdict", "summary", "praise"):
            return False
        if head.priority:
            return _has_content(section) or bool(section.children)
        if context.priority and (head.number or told or body.mentioned or _has_code(section)):
            return not (head.number and section.children and not told and _numbered(section, self.scale))
        if context.priority and _has_content(section) and not section.children:
            self.found.note(
                f"“{_short(head.title)}” stands under a priority but says no place, problem or fix", section.line
            )
        if body.priority and (told or head.number):
            return True
        if body.priority and _has_content(section):
            self.found.note(f"“{_short(head.title)}” has a priority, but says no place, problem or fix", section.line)
        if head.number and PROBLEM.match(fold(clean(section.title))) and told:
            return True
        if head.number and "fix" in told and told & {"problem", "impact"}:
            return True
        return "location" in told and bool(told & {"problem", "impact"}) and bool(body.named)


def _file(section: Section) -> str:
    """The file that a heading names and nothing else: "File: `a.py`", "### 文件：a.py"."""
    label, colon, rest = clean(section.title).replace("：", ":").partition(":")
    told = rest if colon and field_of(fold(label)) == "location" else clean(NUMBERED.sub("", section.title))
    found = places.find(told)
    alone = len(found) == 1 and not found[0].line and told.strip(" `") == found[0].path
    return found[0].path if alone else ""


def _own_finding(head: Head) -> bool:
    return head.explicit and head.own and bool(head.priority or head.label)


def _citing(section: Section, found: Found | None = None) -> bool:
    """Whether half of the entries under a heading name findings by number; those of `found`, where it is given."""
    listed = [REFERENCE.findall(entry.text) for block in section.blocks for entry in block.entries]
    cited = [names for names in listed if any(found is None or found.labelled(name) for name in names)]
    return bool(listed) and len(cited) * 2 >= len(listed)


def _numbered(section: Section, scale: Scale) -> bool:
    return all(read_head(c.title, scale).number for c in section.children)


def _has_content(section: Section) -> bool:
    """Whether anything stands under the heading; a bold line may go on in its own paragraph."""
    return bool(section.blocks) or (section.level == PROMOTED and section.end > section.line)


def _has_code(section: Section) -> bool:
    return any(b.kind == "code" for s in section.walk() for b in s.blocks)


def _promoted(section: Section, head: Head, context: Context, scale: Scale) -> list[Section]:
    """Paragraphs that number a finding, as sections of their own up to the next: a bold line, bold words that begin
    one, or a numbered line with labels under it.
    """
    starts: dict[int, tuple[str, bool]] = {}
    for i, block in enumerate(section.blocks):
        title, run_in = _heading_of(block)
        own = read_head(title, scale) if title else None
        told = own.priority or (context.priority if not section.children else None) if own else None
        if own and ((_own_finding(own) and own.priority) or ((own.number or own.label) and told)):
            starts[i] = title, run_in
    if not starts or _own_finding(head):
        return []
    last = section.children[0].line - 1 if section.children else section.end
    made = []
    for start, stop in zip(starts, [*list(starts)[1:], len(section.blocks)], strict=True):
        title, run_in = starts[start]
        if stop == start + 1 and "\n" not in section.blocks[start].text and not run_in:
            continue
        blocks = section.blocks[start + 1 : stop]
        end = section.blocks[stop].line - 1 if stop < len(section.blocks) else last
        made.append(Section(PROMOTED, title, section.blocks[start].line, end, blocks, run_in=run_in))
    del section.blocks[min(starts) :]
    return made


def _heading_of(block: Block) -> tuple[str, bool]:
    """The words of a paragraph that may be a heading ("" where none are), and whether its text goes on behind them."""
    line, _, rest = block.text.partition("\n")
    if block.kind != "text" or block.lead.endswith((":", "：")):
        return "", False
    if block.lead:
        alone = line.strip() == block.lead
        behind = line.strip().removeprefix(block.lead).strip()
        if not alone and (behind.startswith(("(", "（", "—", "–", "- ", "`", "[")) or not re.search(r"\w", behind)):
            return block.lead.rstrip(" .。"), True
        ended = block.lead.rstrip().endswith((".", "。", "!", "?", "！", "？"))
        return (block.lead, False) if alone else (block.lead.rstrip(" .。"), True) if ended else ("", False)
    labelled = any(field_of(fold(part.partition("：")[0].partition(":")[0])) for part in rest.split("\n"))
    return (line.strip(), False) if LISTED.match(line) and labelled else ("", False)


def _short(title: str) -> str:
    return title if len(title) < 60 else title[:57] + "…"
