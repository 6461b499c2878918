"""The plan of a report: checklists and action lists by phase, and which entries of the two say the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from findings.core.types import Priority
from remediation.core.review.blocks import Block, Document, Entry, Section
from remediation.core.review.cites import BEGUN, RANKED, cited
from remediation.core.review.deadlines import deadline_of
from remediation.core.review.groups import severity_line
from remediation.core.review.heads import read_head
from remediation.core.review.kinds import announces_plan, section_kind
from remediation.core.review.owners import name_in, named
from remediation.core.review.priorities import Scale, code_of, heading_priority, word_of
from remediation.core.review.schedule import dated, effort_aside, effort_of, phase_of, share, stage_of
from remediation.core.review.tables import cell, columns_of, is_done, timed
from remediation.core.review.terms import CODES, DONE, DONE_MARKS, NOT_DONE, P2, Kind, field_of
from remediation.core.review.words import CJK, clean, fold, rarity, terms, weigh
from remediation.core.types import Effort, Phase

SAME = 0.5
"""How much of the shorter text two entries must share, by weight, to say the same."""
LINE = 80
"""Characters of a line that may be the heading of the list under it."""
DAY = re.compile(r"(?:day|week|month|sprint|第)[\s\d一二三四五六七八九十–—~-]+[天周週]?\s*[:：]\s*(?=\S)", re.I)
TICKS = ("✅", "☑", "✔")
PAST = re.compile(
    rf"(?:{DONE.pattern})|^\W*[a-z]+ed\b|\b(?:implement|add|remov|enabl|deploy|creat|updat|follow|configur|verifi)ed\W*$"
)
"""What an entry says that tells of something done."""
OUTCOME = re.compile(
    r"\W*(?:(?:预期|预计)(?:的)?(?:成果|效果|收益|结果|影响|改善|改进)|(?:验收|成功)(?:标准|指标)|成果|收益"
    r"|expected (?:outcomes?|results?|benefits?|gains?|impact|improvements?)|(?:key )?outcomes?|benefits?"
    r"|(?:success|acceptance) (?:criteria|metrics?))\W*$"
)
"""A line above a list of what will come of the work, and not of what is to do."""
COMMENT = re.compile(r"^\s*(?:#|//|--)+\s*(?:\d+[.)]\s*)?(?=\S{2})")


@dataclass(slots=True)
class Task:
    """An entry of a checklist (`boxed`) or an action list. `details` are the lines under an action; `cites` the numbers
    of findings that it names.
    """

    line: int
    title: str
    boxed: bool = False
    ticked: bool = False
    priority: Priority | None = None
    phase: Phase | None = None
    effort: Effort | None = None
    details: list[str] = field(default_factory=list)
    action_line: int = 0
    cites: frozenset[str] = frozenset()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """What the headings above an entry say of it; `over`: that it is done."""

    kind: Kind = ""
    phase: Phase | None = None
    priority: Priority | None = None
    over: bool = False


def collect(document: Document, findings: set[int], plans: set[int], scale: Scale) -> list[Task]:
    """Every entry of the plan, in the order of the report; `findings` are the lines of sections that are findings,
    `plans` of those that are a plan though their headings do not say so.
    """
    reader = _Reader(findings, plans, scale)
    title = document.heading
    top = [s for s in document.root.children if s is not title]
    reader.blocks(title.blocks if title else [], Stand())
    reader.sections([*(title.children if title else []), *top], Stand())
    return reader.tasks


def merge(tasks: Sequence[Task]) -> list[Task]:
    """The plan with each action joined to the checklist entries that say the same; its effort is shared among them."""
    boxes = [t for t in tasks if t.boxed]
    actions = [t for t in tasks if not t.boxed]
    if not boxes:
        return list(actions)
    said = {id(t): [terms(p) for p in (t.title, *t.details)] for t in tasks}
    weights = rarity([said[id(t)][0] for t in tasks])
    claims: dict[int, tuple[float, Task]] = {}
    for action in actions:
        for box, score in _matches(action, boxes, said, weights):
            if score > claims.get(id(box), (0.0, action))[0]:
                claims[id(box)] = (score, action)
    for action in actions:
        mine = [b for b in boxes if id(b) in claims and claims[id(b)][1] is action]
        for box in mine:
            box.action_line = action.line
            box.effort = box.effort or share(action.effort, len(mine))
            box.priority = box.priority or action.priority
            box.owner = box.owner or action.owner
            box.phase = box.phase or action.phase
            box.cites = box.cites or (action.cites if len(mine) == 1 else box.cites)
            box.ticked |= action.ticked and len(mine) == 1
    merged = {b.action_line for b in boxes}
    return sorted([*boxes, *(a for a in actions if a.line not in merged)], key=lambda t: t.line)


def _matches(
    action: Task, boxes: list[Task], said: dict[int, list[frozenset[str]]], weights: dict[str, float]
) -> Iterator[tuple[Task, float]]:
    """The checklist entries that an action covers. One of another priority must share the action's title, not a detail:
    two actions often lean on the same tool.
    """
    ranked = any(box.priority for box in boxes)
    for box in boxes:
        whole = said[id(box)][0]
        title, *details = (_overlap(part, whole, weights) for part in said[id(action)])
        apart = ranked and action.priority and action.priority != box.priority
        score = title if apart else max([title, *details])
        if score >= (0.75 if apart else SAME):
            yield box, score


def _overlap(a: frozenset[str], b: frozenset[str], weights: dict[str, float]) -> float:
    """The shared terms over the shorter text; a single shared pair of Han characters proves nothing."""
    common = a & b
    short = min(weigh(a, weights), weigh(b, weights))
    if not short or (len(common) < 2 and all(CJK.match(t) for t in common)):
        return 0.0
    return weigh(common, weights) / short


class _Reader:
    def __init__(self, findings: set[int], plans: set[int], scale: Scale) -> None:
        self.findings = findings
        self.plans = plans
        self.scale = scale
        self.tasks: list[Task] = []
        self.last: Phase | None = None

    def sections(self, sections: list[Section], above: Stand) -> None:
        """Reads the sections that are neither findings nor praise."""
        for section in sections:
            priority = heading_priority(section.title, self.scale)
            kind = section_kind(section.title, above.kind, bool(priority))
            kind = "plan" if section.line in self.plans else kind
            if section.line in self.findings or kind == "praise":
                continue
            phase = self._phase(section, ranked=bool(priority)) if kind == "plan" or _boxed(section) else None
            self.last = phase or self.last
            priority = priority or above.priority
            over = above.over or _over(section.title)
            here = Stand(kind, phase or above.phase, priority if kind == "plan" or _boxed(section) else None, over)
            if not self._headed(section, here, above, bool(phase)):
                self.blocks(section.blocks, here)
            self.sections(section.children, here)

    def _phase(self, section: Section, ranked: bool) -> Phase | None:
        """The phase a heading names; in a plan a priority with a length ("P1 (2-4 weeks)") is one too."""
        phase = phase_of(section.title, section.line, self.last)
        return phase or (stage_of(section.title, section.line, self.last) if ranked else None)

    def _headed(self, section: Section, here: Stand, above: Stand, phase: bool) -> bool:
        """An action that has a heading of its own, in a plan: "#### 1.1 Split the worker"."""
        head = read_head(section.title, self.scale)
        if above.kind != "plan" or phase or section.children or not head.own or not (head.number or head.label):
            return False
        if _boxed(section) or not section.blocks:
            return False
        title, effort = effort_aside(head.title)
        task = Task(section.line, title, priority=head.priority or here.priority, phase=here.phase, effort=effort)
        task.details = [line for block in section.blocks for line in _details(block)]
        task.owner, task.cites = named(task.details), cited(section.title)
        self.tasks.append(task)
        return True

    def blocks(self, blocks: Sequence[Block], here: Stand) -> None:
        """Reads lists and tables of tasks; a short line above a list may say when ("Week 1:")."""
        outcome, own = False, here.kind
        for block in blocks:
            if block.kind == "text" and len(block.text) < LINE:
                here = self._under(block, here, own)
            if block.kind == "table" and here.kind == "plan":
                self._table(block, here)
            bullets = not here.over and _bullets(block)
            for entry in block.entries:
                self._entry(entry, here, top=not outcome, bullets=bullets)
                below = entry.text.rpartition("\n")[2]
                if below != entry.text and below.rstrip().endswith((":", "：")):
                    here = replace(here, phase=phase_of(below, entry.end, here.phase) or here.phase)
            outcome = block.kind == "text" and bool(OUTCOME.match(fold(clean(block.text[-LINE:].rpartition("\n")[2]))))

    def _under(self, block: Block, here: Stand, own: Kind) -> Stand:
        """What a short line says of the list under it: when, how urgent in a plan ("**P0 — Security**"), that it is
        done, or the plan. Up to the next such line: a section is of its `own` kind.
        """
        ranked = severity_line(block, self.scale, titled=True) if here.kind == "plan" else None
        phase = phase_of(block.text, block.line, self.last)
        phase = phase or (stage_of(block.text, block.line, self.last) if ranked else None)
        self.last = phase or self.last
        over = here.over or _over(block.text)
        labelled = block.text.rstrip().endswith((":", "：", ":**"))
        kind = ("plan" if announces_plan(block.text) else own) if labelled else here.kind
        return replace(here, kind=kind, phase=phase or here.phase, priority=ranked or here.priority, over=over)

    def _entry(self, entry: Entry, here: Stand, top: bool, bullets: bool = False) -> None:
        inner = [e for b in entry.blocks for e in b.entries]
        if any(e.ticked is not None for e in inner):
            phase = phase_of(entry.text, entry.line, self.last)
            for e in inner:
                self._entry(e, replace(here, phase=phase or here.phase), top=False)
        elif entry.ticked is not None:
            self._add(entry, entry.text, here)
        elif top and here.kind == "plan" and _is_action(entry, here, bullets):
            self._add(entry, entry.text if len(entry.text) < 120 or not entry.lead else entry.lead, here)

    def _add(self, entry: Entry, text: str, here: Stand) -> None:
        first = clean(text.partition("\n")[0])
        day = DAY.match(first)
        phase = here.phase or (phase_of(day.group(), entry.line) if day else None)
        ids = BEGUN.match(first)
        head = read_head(first[day.end() :] if day else first[ids.end() :] if ids else first, self.scale)
        title, effort = effort_aside(head.title)
        title = title.rstrip(" :：")
        if len(title) < 2:
            return
        task = Task(
            entry.line, title, entry.ticked is not None, bool(entry.ticked), head.priority or here.priority, phase
        )
        if ids and (ranked := RANKED.match(ids.group())):
            task.priority = CODES.get(int(ranked[1]), P2)
        task.effort, task.cites = effort, cited(text)
        task.details = [line for block in entry.blocks for line in _details(block)]
        task.owner = named([*text.split("\n"), *task.details])
        for line in task.details:
            label, _, rest = line.partition(":")
            if task.effort is None and field_of(fold(clean(label))) == "effort":
                task.effort = effort_of(rest)
        self.tasks.append(task)

    def _table(self, table: Block, here: Stand) -> None:
        columns = columns_of(table.header)
        name = next((c for c in ("task", "title", "fix") if c in columns), None)
        if (
            name is None
            or "count" in columns
            or not (here.priority or {"effort", "priority", "phase", "task"} & columns.keys())
        ):
            return
        for row in table.rows:
            head = read_head(cell(row, columns, name), self.scale)
            title, effort = effort_aside(head.title)
            said = cell(row, columns, "priority")
            if len(title) < 2 or re.match("总计|合计|total", fold(title)):
                continue
            priority = code_of(said) or word_of(said, self.scale) or head.priority or here.priority
            when = timed(row, table.header)
            by = deadline_of(when, bare=True)
            phase = (dated(when, by, row.line) if by else phase_of(when, row.line)) or here.phase
            effort = effort_of(cell(row, columns, "effort")) or effort
            ticked = is_done(cell(row, columns, "status"))
            task = Task(row.line, title, False, ticked, priority, phase, effort)
            task.cites, task.owner = cited(" ".join(row.cells)), name_in(cell(row, columns, "owner"))
            self.tasks.append(task)


def _boxed(section: Section) -> bool:
    return any(_has_box(entry) for block in section.blocks for entry in block.entries)


def _has_box(entry: Entry) -> bool:
    return entry.ticked is not None or any(_has_box(e) for b in entry.blocks for e in b.entries)


def _over(title: str) -> bool:
    """Whether words above a list say that it tells what is done."""
    folded = fold(clean(title))
    return bool(DONE.search(folded)) and not NOT_DONE.search(folded)


def _bullets(block: Block) -> bool:
    """Whether ticks in front of all entries of a list are but its bullets: none of them says that it is done."""
    ticked = [entry.text for entry in block.entries if entry.text.lstrip().startswith(TICKS)]
    past = sum(bool(PAST.search(fold(clean(text)))) for text in ticked)
    return 1 < len(ticked) == len(block.entries) and past * 2 < len(ticked)


def _is_action(entry: Entry, here: Stand, bullets: bool) -> bool:
    """A numbered or emphasised entry of a plan, or any where the plan or itself says when, or how urgent. A tick in
    front of it says that it is done, unless ticks are the `bullets` of its list.
    """
    if entry.text.lstrip().startswith(DONE_MARKS) and not bullets:
        return False
    if field_of(fold(clean(entry.lead))) and not BEGUN.match(f"{clean(entry.lead)}: "):
        return False
    when = here.phase or DAY.match(clean(entry.text.partition("\n")[0]))
    return bullets or bool(entry.number or entry.lead) or bool(when or here.priority)


def _details(block: Block) -> Iterator[str]:
    """The lines under an action that say what it holds: entries, and comments of its code."""
    if block.kind == "code":
        for line in block.text.split("\n"):
            if match := COMMENT.match(line):
                yield line[match.end() :].strip()
    elif block.kind == "text":
        yield from block.text.split("\n")
    for entry in block.entries:
        yield from entry.text.split("\n")
        for inner in entry.blocks:
            yield from _details(inner)
