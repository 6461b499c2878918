"""Finding the findings: walks the sections of a report and decides which of them are problems, and how bad."""

import re
from dataclasses import replace

from findings.core.types import Priority
from remediation.core.review import groups, places
from remediation.core.review.blocks import Document, Section
from remediation.core.review.body import Body, read_body
from remediation.core.review.details import unfold
from remediation.core.review.drafts import Draft, Found
from remediation.core.review.heads import Head, read_head
from remediation.core.review.judging import alone, evident
from remediation.core.review.kinds import ADVICE, PROBLEMS, RISKS, reviewed, section_kind
from remediation.core.review.lens import USUAL, Context, Lens
from remediation.core.review.listed import read_entries
from remediation.core.review.notes import BARE, EMPTY, PRAISED, REMARK, TOLD
from remediation.core.review.priorities import CHAPTER, KEY, SUGGESTED, WISHES, Scale, heading_priority
from remediation.core.review.retold import citing, resolves, schedules, tells_in_full
from remediation.core.review.rows import read_table
from remediation.core.review.schedule import arabic, effort_aside
from remediation.core.review.shapes import (
    NUMBERED,
    PROMOTED,
    SENTENCE,
    file_of,
    has_code,
    has_content,
    leads,
    numbered,
    own_finding,
    promoted,
)
from remediation.core.review.tables import closed
from remediation.core.review.terms import CODE, DOING, P2, RETOLD, Kind, field_of, kind_of
from remediation.core.review.words import clean, fold, short
from remediation.core.types import Place

FEW = 3
"""Times as many entries in a summary as findings elsewhere, from which on it does not sum them up."""
SPEAKING = 12
"""Characters of a title from which on it says more than what kind of section it is."""
PROBLEM = re.compile(r"(?:问题|缺陷|漏洞|issue|problem|finding|defect|vulnerability)s? ?#?\d")
"""A heading that counts problems; without a priority it waits for a table or the schedule to give it one."""
SPEAKS: frozenset[Kind] = frozenset({"plan", "cost", "verdict", "summary", "praise"})
"""Kinds that a title may seem to announce while it names a problem."""


def collect(document: Document, scale: Scale, lens: Lens = USUAL) -> Found:
    """Every finding of a report that stands under a heading of its own, in a table or in a list."""
    walker = _Walker(document, scale, lens)
    title = document.heading
    walker.visit_below(document.root, Context(), [])
    if title:
        # A report called "Critical issues" may be of one priority; one called "Summary of costs" is about problems too.
        alone = not any(heading_priority(s.title, scale) for s in document.root.walk() if s is not title)
        whole = Context("", heading_priority(title.title, scale) if alone else None, groups.target_of(document))
        walker.visit_below(title, whole, title.children)
    walker.visit_all([s for s in document.root.children if s is not title], Context())
    walker.tables_and_lists()
    return walker.found


class _Walker:
    def __init__(self, document: Document, scale: Scale, lens: Lens) -> None:
        self.document = document
        self.scale = scale
        self.lens = lens
        self.found = Found()
        self.open: list[tuple[Section, Context]] = []
        self.peers: set[int] = set()
        self.forced: set[int] = set()

    def visit_below(self, top: Section, context: Context, children: list[Section]) -> None:
        """Reads what stands above all headings, or under the one that names the report; neither is a finding."""
        self.open.append((top, context))
        head = read_head(top.title, self.scale)
        lines = groups.by_severity(top, PROMOTED, self.scale)
        above = replace(top, end=lines[0].line - 1, children=[]) if lines else top
        self.visit_all([*promoted(above, head, context.priority, self.scale), *lines, *children], context)

    def visit_all(self, sections: list[Section], context: Context) -> None:
        """Visits neighbours. A bare heading of priority counts for the numbered headings that follow on its level."""
        carried: Priority | None = None
        for section in sections:
            head = read_head(section.title, self.scale)
            ranked = heading_priority(section.title, self.scale)
            if ranked and not head.own:
                carried = ranked if not section.children and not has_content(section) else None
            elif not (head.number or head.explicit):
                carried = None
            self.visit(section, head, replace(context, priority=carried) if carried and head.own else context)
        self._brothers(sections, context)
        self._peers(sections)

    def _brothers(self, sections: list[Section], context: Context) -> None:
        """Takes the neighbours of findings that look like them and only tell: what half of a row of headings is, all
        of it is. Under a heading of problems that have a priority, a row of headings is findings by itself.
        """
        told = {draft.line for draft in [*self.found.drafts, *self.found.unranked]}
        told |= {line for line, _ in self.found.settled}
        rows: dict[tuple[bool, ...], list[Section]] = {}
        for section in sections:
            head = read_head(section.title, self.scale)
            if head.own and (head.priority or context.priority):
                rows.setdefault((bool(head.number), bool(head.label), bool(head.priority)), []).append(section)
        for row in rows.values():
            left = [section for section in row if section.line not in told and self._tells(section, context)]
            taken = sum(section.line in told for section in row)
            if left and (taken >= len(left) or (context.listed and not taken and len(left) == len(row) > 1)):
                self.forced.update(section.line for section in left)
                lines = {s.line for section in left for s in section.walk()}
                self.open = [(section, here) for section, here in self.open if section.line not in lines]
                for section in left:
                    self.visit(section, read_head(section.title, self.scale), context)

    def _tells(self, section: Section, context: Context) -> bool:
        """Whether a section tells something in its own words, and is no plan, praise, category or list of others."""
        if context.kind in ("plan", "praise", "summary") or section.children:
            return False
        head = read_head(section.title, self.scale)
        if not has_content(section) and not head.priority:
            return False
        title = fold(clean(NUMBERED.sub("", section.title)))
        only = kind_of(title) in SPEAKS and len(title) < SPEAKING
        if (
            section_kind(section.title, context.kind, False) in ("plan", "praise")
            or only
            or groups.CATEGORY.fullmatch(title)
            or ADVICE.fullmatch(title)
        ):
            return False
        return section.blocks[0].kind in ("text", "code", "quote") if section.blocks else True

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
        if context.priority and KEY.fullmatch(fold(clean(section.title))):
            ranked = context.priority
        if ranked and file_of(section):  # "`a.py` — P0, rewrite it": its rank and no more
            head = replace(head, priority=ranked)
        kind = section_kind(section.title, context.kind, bool(ranked))
        if kind == "praise" != context.kind and reviewed(section, self.scale):
            kind = ""
        if kind != context.kind and kind in SPEAKS and evident(self.document, section, head, context, self.scale):
            kind = "problems"
        if context.kind == kind == "summary" and tells_in_full(self.document, section, self.scale):
            kind = "problems"
        sentence = section.level == PROMOTED and head.number and context.priority and len(head.title) >= SENTENCE
        kind = "problems" if section.line in self.forced or sentence else kind
        least = self._least(section)
        ranked = P2 if least else ranked
        advice = kind in ("", "problems") and not least and bool(ADVICE.fullmatch(fold(clean(section.title))))
        if advice and len(self.found.drafts) > 1:
            kind = "plan"  # what to do about the findings told before
            self.found.plans.add(section.line)
        if kind in ("", "problems") and RISKS.search(fold(clean(section.title))) and self._ranked_before():
            kind = "summary"
        if kind == "plan" and self.lens.plans and ranked and not head.own:
            kind = "problems"
        praised = kind == "praise" and section_kind(section.title, "", bool(ranked)) == "praise"
        if praised and (head.label or head.priority or context.priority or (ranked and closed(section.title))):
            self.found.note(PRAISED, section.line, title=short(head.title))
            if head.own:
                self.found.settled.append((section.line, head.priority or context.priority))
            return
        if not ranked and kind in ("", "problems"):
            ranked = self.scale.shade(section.title)
        here = Context(kind, None if kind == "praise" else ranked or context.priority, file_of(section) or context.file)
        here = replace(here, advice=context.advice or advice)
        if ranked and not head.own and kind == "problems" and not WISHES.search(fold(section.title)):
            here = replace(here, listed=True)
        planned = kind == "plan" and not self.lens.plans  # its lines of urgency stay for those who read the plan
        lines: list[Section] = []
        if not planned or any(leads(b, self.scale) for b in section.blocks):
            lines = groups.by_severity(section, PROMOTED, self.scale) if not planned else []
            lines = lines or promoted(section, head, here.priority, self.scale)
        children = [*lines, *section.children]
        nested = any(own_finding(h) or (h.own and h.priority) for c in children for h in self._heads(c))
        nested = nested or not (
            head.explicit or head.number or head.priority or len(children) < len(section.children) + 2
        )
        nested = nested or any(leads(b, self.scale) for c in section.children for s in c.walk() for b in s.blocks)
        if groups.several_ranks(lines, self.scale):
            nested = True
            self.peers |= {line.line for line in lines if all(b.kind == "list" for b in line.blocks)}
        if not nested and (self._take(section, head, context, kind) or self._marked(section, head, here)):
            self.found.sections.update(s.line for s in section.walk())
            return
        self.open.append((section, here))
        self.visit_all(children, here)

    def _least(self, section: Section) -> bool:
        """Whether a chapter of suggestions, marked by a colour, holds findings: headings with numbers of a series of
        their own, none of which was told before, and places under some.
        """
        if not (self.scale.colour(section.title) and SUGGESTED.fullmatch(CHAPTER.sub("", fold(clean(section.title))))):
            return False
        labels = [read_head(child.title, self.scale).label for child in section.children]
        known = any(self.found.labelled(label) for label in labels)
        told = any(read_body(self.document, child, self.scale).places() for child in section.children)
        return bool(labels) and all(labels) and told and not known

    def _ranked_before(self) -> bool:
        """Whether findings, or headings of severity for some, were met already."""
        return len(self.found.drafts) > 1 or any(context.priority for _, context in self.open)

    def _heads(self, section: Section) -> list[Head]:
        return [read_head(s.title, self.scale) for s in section.walk()]

    def tables_and_lists(self) -> None:
        """Reads findings told as rows, after those under headings are known: a row often repeats one of them."""
        told = len(self.found.drafts)
        for section, context in self.open:
            if context.advice and self._only_advised():
                self._rows(section, replace(context, advice=False), 0)
            else:
                self._rows(section, context, told)
        ranked = [(s, c) for s, c in self.open if c.kind == "summary" and heading_priority(s.title, self.scale)]
        if sum(len(groups.listed(s)) for s, _ in ranked) >= FEW * len(self.found.drafts):
            for section, context in ranked:  # where little else tells findings, the ranked parts of a summary do
                self._rows(section, replace(context, kind=""), told)
        unfold(self.found, self.document, self.open, self.scale)

    def _only_advised(self) -> bool:
        """Whether ranked advice has many times what is told elsewhere: then it tells the findings itself."""
        advice = [s for s, c in self.open if c.advice and heading_priority(s.title, self.scale)]
        entries = {entry.line for section in advice for entry in groups.listed(section)}
        apart = sum(draft.line not in entries for draft in self.found.drafts)
        return 0 < FEW * apart <= len(entries)

    def _rows(self, section: Section, context: Context, told: int) -> None:
        if context.kind == "plan" and not told:
            for table in filter(groups.backlog, section.blocks):
                read_table(self.found, table, context.priority, self.scale, 0, False, file=context.file)
        if context.kind in ("plan", "praise", "cost", "verdict"):
            return
        # Entries and rows tell some, too.
        before = told if self.found.unranked else max(told, len(self.found.drafts) - 1)
        told = before if context.advice else told
        if not self.lens.plans and schedules(section, context, self.found, told, self.scale):
            self.found.plans.add(section.line)
            return
        rows = 0
        for block in section.blocks:
            if block.kind == "table" and not self.lens.plans and resolves(block, self.found):
                self.found.plans.add(section.line)
            elif block.kind == "table":
                rows += read_table(
                    self.found,
                    block,
                    context.priority,
                    self.scale,
                    0 if self.lens.rows else before if groups.by_part(block) else told,
                    context.kind == "summary",
                    file=context.file,
                    tasks=self.lens.plans,
                )
        headed = any(c.line in self.found.sections for c in section.children)
        head = read_head(section.title, self.scale)
        # Under a heading that names one thing and its rank, only what has a number of its own is another.
        one = head.own and head.priority and not head.dotted and not file_of(section)
        ranked = None if one else context.priority
        if not rows and not headed and (context.kind != "summary" or self.lens.rows):
            # Where headings tell findings, plain entries elsewhere sum them up.
            sorts = context.kind == "problems" and groups.sorts(section)
            plain = not told and (sorts or (not head.own and bool(PROBLEMS.search(fold(section.title)))))
            plain = plain or (head.own and bool(context.priority) and groups.placed(groups.unlabelled(section)))
            plain = plain or section.line in self.peers or self.lens.plain or groups.counted(section)
            wishes = not head.own and WISHES.search(fold(section.title))
            if wishes and not heading_priority(section.title, self.scale):
                ranked = None  # suggestions, of which a mark tells nothing but the mood
            read_entries(
                self.found, self.document, section, ranked, self.scale, head.priority, context.file, plain=plain
            )

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
        if (
            not head.own
            or field_of(fold(head.title))
            or not (head.explicit or alone(self.document, section, head, context, self.scale))
        ):
            return False
        body = read_body(self.document, section, self.scale)
        if RETOLD.search(fold(section.title)):
            self.found.note(TOLD, section.line, n=1)
            return True
        if body.remark and not (head.priority or context.priority):
            self.found.note(REMARK, section.line, title=short(head.title))
            return True
        if not self._is_finding(section, head, body, context, kind) or (not body.labels and citing(section)):
            return False
        counted = head.number and not PROBLEMS.search(fold(section.title))
        if context.kind == "problems" and not body.labels and groups.sorts(section):
            return False
        ranged = groups.RANGED.match(section.title)
        if (ranged or not (head.number or head.explicit or head.priority)) and groups.counted(section):
            return False
        if head.dotted and groups.placed(groups.unlabelled(section)):
            return False
        lettered = head.number[:1].isascii() and head.number[:1].isalpha()  # "M1. Unused names" of a series
        told = head.label or lettered or head.priority or body.labels or PROBLEM.match(fold(clean(section.title)))
        if not told and groups.placed(section):
            return False
        if not head.explicit and groups.tells_each(section, self.scale):
            return False
        lists = [block for block in section.blocks if groups.lists_findings(block)]
        lists = lists or [block for block in section.blocks[:1] if groups.compares(section)]
        if lists and not (head.explicit or body.labels) and not (counted and len(section.blocks) > len(lists)):
            return False
        if not (head.priority or context.priority or body.priority) and any(groups.rates(block) for block in lists):
            return False
        title, aside = effort_aside(head.title)
        ranks = [None if head.dotted else head.priority, body.priority, context.priority, head.priority, body.weighed]
        if body.coded and not CODE.search(section.title) and not head.label.startswith("P"):
            ranks.insert(0, body.priority)  # "[High] …" whose priority is P2
        priority = next(filter(None, ranks), None)
        if priority and (body.done or closed(section.title)):
            self.found.settle(short(title), section.line, priority)
            return True
        draft = Draft(section.line, title or head.title, head.label, priority, context.priority, head.colour, body)
        draft.number = arabic(head.number)
        draft.faint = not (
            priority or head.label or "location" in body.labels or PROBLEM.match(fold(clean(section.title)))
        )
        draft.name(body)
        if context.file and not draft.places and (lines := places.named_lines(body.text("location"))):
            draft.places = tuple(Place(context.file, line, end) for line, end in lines)
        draft.effort = body.effort or aside
        self.found.add(draft)
        return True

    def _is_finding(self, section: Section, head: Head, body: Body, context: Context, kind: Kind) -> bool:
        told = body.labels & {"location", "problem", "impact", "fix"}
        ranked = head.priority or context.priority
        if kind == "plan":
            named = "location" in told or (told & {"problem", "impact"} and not DOING.match(fold(head.title)))
            return bool(head.label and head.priority and named)
        if head.explicit and ranked:
            return True
        if kind in ("cost", "verdict", "summary", "praise"):
            return False
        if head.priority:
            return has_content(section) or bool(section.children) or section.line in self.forced
        if context.priority and (head.number or told or body.mentioned or has_code(section)):
            return not (head.number and section.children and not told and numbered(section, self.scale))
        if context.priority and has_content(section) and not section.children:
            if self.lens.prose or section.line in self.forced:
                return True
            self.found.note(EMPTY, section.line, title=short(head.title))
        if body.priority and (told or head.number or (self.lens.prose and has_content(section))):
            return True
        if body.weighed and (head.number or head.label) and told & {"location", "problem"}:
            return True
        if body.priority and has_content(section):
            self.found.note(BARE, section.line, title=short(head.title))
        if head.number and PROBLEM.match(fold(clean(section.title))) and told:
            return True
        if head.number and "fix" in told and told & {"problem", "impact"}:
            return True
        placed = body.named or (head.label and (body.mentioned or places.find(section.title)))
        return ("location" in told or bool(head.label)) and bool(told & {"problem", "impact"}) and bool(placed)
