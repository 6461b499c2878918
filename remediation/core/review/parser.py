"""A review in Markdown -> a `Review`: the whole road from text to findings, plan, costs and verdict."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from findings.core.types import FormatError, Notice, Priority, notice
from remediation.core.review import blocks, costs, desks, groups, header, items, join, kinds, naming, readings
from remediation.core.review.blocks import Section
from remediation.core.review.export import without_marks
from remediation.core.review.notes import MORE, NOTHING
from remediation.core.review.priorities import Scale, lit
from remediation.core.review.schedule import placed
from remediation.core.review.words import language, slug, unique
from remediation.core.types import CostTable, Phase, Place, Review, ReviewFinding, ReviewItem, Unread

CANDIDATES = 100
"""Sections, rows and entries that may be findings, of which a person is asked."""
NOTICES = 60
"""Notices that are listed; more of them help nobody, and are counted."""


def parse(text: str, *, redact: Callable[[str], str]) -> Review:
    """What a reviewer wrote, as findings, plan, cost tables and verdict; every row keeps its line (from 1).

    `redact` is called once, on the whole text, before anything is read, so that no secret gets into any field; it must
    keep the number of lines. FormatError when it does not.
    """
    whole = without_marks(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    safe = lit(desks.relative(redact(whole)))
    if safe.count("\n") != whole.count("\n"):
        raise FormatError("Redaction changed the number of lines", expected="each line to stay where it is")
    document = blocks.read(safe)
    scale = Scale.of(safe)
    groups.raise_lines(document.root, scale)
    naming.name_headings(document.root, scale)
    document, found, others = readings.choose(document, scale)
    own = {*found.sections, *(draft.line for draft in found.unranked)}
    tasks = items.merge(items.collect(document, own, found.plans, scale))
    reviewed = header.reviewed_on(document)
    for task in tasks:
        task.phase = task.phase and placed(task.phase, reviewed)
    joined, settles = join.join(found, tasks)
    aside = join.aside([*others, *found.unranked], joined)[:CANDIDATES]
    tables, doubts = costs.collect(document)
    found.tell_lost({one.draft.line for one in joined} | {task.line for task in tasks})
    if not joined and not tasks:
        found.note(NOTHING, 1)
    return Review(
        title=header.title_of(document),
        reviewed=reviewed,
        language=language(safe),
        verdict=header.verdict_of(document),
        findings=tuple(_finding(one, p, settles) for one in joined if (p := one.draft.priority)),
        candidates=tuple(_finding(one, one.draft.priority or Priority.P2, {}) for one in aside),
        items=_items(tasks, settles, join.stated(one.draft for one in joined)),
        phases=_phases(tasks),
        costs=tuple(tables),
        unread=tuple(_unread(document.root, sorted(_used(joined, tasks, tables)))),
        notices=_notices([*found.notices, *doubts]),
        conflicts=_notices(found.conflicts),
    )


def _used(joined: Sequence[join.Joined], tasks: Sequence[items.Task], tables: Sequence[CostTable]) -> set[int]:
    lines = {one.draft.line for one in joined} | {table.line for table in tables}
    return lines | {task.line for task in tasks} | {task.action_line for task in tasks}


def _unread(section: Section, used: list[int]) -> Iterator[Unread]:
    """The sections from which nothing was taken, whole where that is so of all under them. Praise and the verdict were
    understood.
    """
    for child in section.children:
        if kinds.section_kind(child.title, "", False) in ("praise", "verdict"):
            continue
        first = bisect_left(used, child.line)
        if first < len(used) and used[first] <= child.end:
            yield from _unread(child, used)
        elif child.end > child.line:
            yield Unread(child.title, child.line, child.end)


def _finding(one: join.Joined, priority: Priority, settles: dict[int, list[join.Joined]]) -> ReviewFinding:
    draft, phase = one.draft, join.phase_of(one)
    return ReviewFinding(
        anchor=one.anchor,
        label=draft.label,
        title=draft.title,
        priority=priority,
        line=draft.line,
        places=draft.places,
        problem=draft.body.text("problem"),
        impact=draft.body.text("impact"),
        fix=draft.body.text("fix"),
        effort=join.effort_of(one, settles),
        phase=phase.name if phase else "",
        links=one.links,
        others=draft.others,
        owner=draft.body.owner,
    )


def _items(
    tasks: Sequence[items.Task], settles: dict[int, list[join.Joined]], report: Sequence[Place]
) -> tuple[ReviewItem, ...]:
    taken: set[str] = set()
    return tuple(
        ReviewItem(
            anchor=unique(slug("", task.title), taken),
            title=task.title,
            phase=task.phase.name if task.phase else "",
            line=task.line,
            priority=task.priority,
            ticked=task.ticked,
            effort=join.effort_for(task, settles[task.line]),
            action_line=task.action_line,
            findings=tuple(one.anchor for one in settles[task.line]),
            links=join.links_of(task, settles[task.line], report),
            owner=join.owner_of(task, settles[task.line]),
        )
        for task in tasks
    )


def _phases(tasks: Sequence[items.Task]) -> tuple[Phase, ...]:
    """The phases that hold an item, in the order of time; the first telling of a name counts."""
    named: dict[str, Phase] = {}
    for task in tasks:
        if task.phase:
            named.setdefault(task.phase.name, task.phase)
    return tuple(sorted(named.values(), key=lambda p: (p.starts, p.line)))


def _notices(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    ordered = sorted(dict.fromkeys(notices), key=lambda n: n.line)
    rest = len(ordered) - NOTICES
    more = [notice(MORE, n=rest)] if rest > 0 else []
    return (*ordered[:NOTICES], *more)
