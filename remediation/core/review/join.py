"""Joining findings and the plan: which item settles which finding, who gives whom priority, phase and effort."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from findings.core.types import Notice, Priority
from remediation.core.review import cites, links, places
from remediation.core.review.drafts import SAME, Draft, Found
from remediation.core.review.items import Task
from remediation.core.review.notes import BY_COLOUR, NO_PRIORITY
from remediation.core.review.schedule import share
from remediation.core.review.words import coverage, fold, likeness, rarity, slug, terms, unique, vocabulary
from remediation.core.types import Effort, LinkProposal, Phase, Place

ENOUGH = 0.55
"""Score from which an item settles a finding."""
FAINT = 0.15
"""Score that is enough where nothing else is left for either."""
NEAR = 0.12
"""How far behind the best finding another may be that the item settles too."""
MENTIONED = 0.3
"""How much of an item's subject a finding must say that has no word of it in the title."""
DOING = vocabulary("""
    add create implement fix improve use set enable remove update replace make check checks configure handle introduce
    endpoint endpoints support missing issues issue code proper new data service services configuration all
    添加 增加 修复 优化 实现 完善 改进 统一 移除 缺少 问题 处理 数据 据库 配置
""")
"""Words that say what is done to a thing, or are of many things, and not which it is."""
TOPICS = re.compile(r"\s*[、；]\s*")
"""Between the topics of one entry: "签名校验、退款幂等"."""
SEVERAL = 3
"""Findings under headings of one rank from which on most of them tell whether it is meant."""
STEM = 7
"""Letters from which a file's name is telling; "main" and "config" are everywhere."""


@dataclass(slots=True)
class Joined:
    """A finding with its anchor, links and the items of the plan that settle it. `topics`: the rules that its words
    point to, whether they read its files or not.
    """

    draft: Draft
    anchor: str
    links: tuple[LinkProposal, ...]
    title: frozenset[str]
    text: frozenset[str]
    topics: tuple[LinkProposal, ...]
    tasks: list[Task] = field(default_factory=list)


def join(found: Found, tasks: Sequence[Task]) -> tuple[list[Joined], dict[int, list[Joined]]]:
    """The findings in the order of the report, and for each task (by line) the findings it settles.

    A finding without a priority takes that of the item that settles it, else that of the colour of its heading;
    without either it is no finding, and a notice says so.
    """
    taken: set[str] = set()
    drafts = sorted([*found.drafts, *found.unranked], key=lambda d: d.line)
    _hear(drafts)
    named = stated(drafts)
    joined = [_joined(draft, taken, named) for draft in drafts]
    weights = rarity([j.title | j.text for j in joined] + [terms(t.title) for t in tasks])
    settles: dict[int, list[Joined]] = {}
    named_by = cites.resolve({t.line: t.title for t in tasks}, {t.line: t.cites for t in tasks}, drafts)
    lines = {one.draft.line: one for one in joined}
    for task in tasks:
        by_number = [lines[draft.line] for draft in sorted(named_by[task.line], key=lambda d: d.line)]
        settles[task.line] = by_number or _settled(task, joined, weights)
        for one in settles[task.line]:
            one.tasks.append(task)
    numbered = {task.line for task in tasks if named_by[task.line]}
    for task, one in _left_over(tasks, joined, weights, numbered):
        settles[task.line].append(one)
        one.tasks.append(task)
    for task, other in _retold(tasks, settles):
        settles[task.line] = list(settles[other.line])
        for one in settles[task.line]:
            one.tasks.append(task)
    for one in joined:
        _schedule(one, found)
    kept = [j for j in joined if j.draft.priority]
    return kept, {line: [j for j in some if j.draft.priority] for line, some in settles.items()}


def aside(drafts: Iterable[Draft], kept: Sequence[Joined]) -> list[Joined]:
    """What else may be a finding, in the order of the report: drafts that are none of those kept."""
    lines, taken = {one.draft.line for one in kept}, {one.anchor for one in kept}
    others = {draft.line: draft for draft in drafts if draft.line not in lines}
    named = stated(one.draft for one in kept)
    return [_joined(others[line], taken, named) for line in sorted(others)]


def stated(drafts: Iterable[Draft]) -> tuple[Place, ...]:
    """All places that findings state."""
    return tuple(place for draft in drafts for place in draft.places)


def phase_of(one: Joined) -> Phase | None:
    """The phase in which a finding is due: the first of its items'."""
    return min((t.phase for t in one.tasks if t.phase), key=lambda p: (p.starts, p.days), default=None)


def effort_of(one: Joined, settles: dict[int, list[Joined]]) -> Effort | None:
    """The effort a finding states, else that of the items which settle it and nothing else."""
    if one.draft.effort:
        return one.draft.effort
    own = [t.effort for t in one.tasks if t.effort and len(settles[t.line]) == 1]
    return Effort(_sum(e.low for e in own), _sum(e.high for e in own)) if own else None


def effort_for(task: Task, settled: Sequence[Joined]) -> Effort | None:
    """The effort that an entry of the plan states, else that of the findings which it settles: of those that several
    entries settle its part.
    """
    if task.effort:
        return task.effort
    parts = [part for one in settled if (part := share(one.draft.effort, len(one.tasks)))]
    return Effort(_sum(e.low for e in parts), _sum(e.high for e in parts)) if parts else None


def links_of(task: Task, settled: Sequence[Joined], report: Sequence[Place]) -> tuple[LinkProposal, ...]:
    """The rules that would test an item: by its own words, in the scope of a finding it settles, else through one."""
    own = links.propose(task.title, places=places.find(task.title), report=report)
    scopes = {link.rule: link.scope for one in reversed(settled) for link in one.links}
    if own:
        return tuple(LinkProposal(x.rule, scopes.get(x.rule, ""), x.why, x.confidence) for x in own)
    return links.inherit([x for one in settled[:1] for x in one.links], settled[0].draft.title if settled else "")


def owner_of(task: Task, settled: Sequence[Joined]) -> str:
    """Whom an item names as its owner, else the one whom all the findings that it settles name."""
    named = {one.draft.body.owner for one in settled}
    return task.owner or (named.pop() if len(named) == 1 else "")


def _joined(draft: Draft, taken: set[str], report: Sequence[Place]) -> Joined:
    told = "\n".join(draft.body.text(part) for part in ("location", "problem", "impact"))
    proposed = links.propose(draft.title, told, draft.places, report)
    topics = links.propose(draft.title, told)
    paths = " ".join(p.path for p in draft.places)
    text = terms(f"{paths}\n{told}\n{draft.body.text('fix')}")
    return Joined(draft, unique(slug(draft.label, draft.title), taken), proposed, terms(draft.title), text, topics)


def _settled(task: Task, joined: Sequence[Joined], weights: dict[str, float]) -> list[Joined]:
    """The findings that an item settles by its rules and words, best first."""
    parts = [part for part in TOPICS.split(task.title) if len(part) > 1]
    if len(parts) == 1:
        return _about(task, task.title, joined, weights)
    found = [one for part in parts for one in _about(task, part, joined, weights)[:1]]
    return list({one.anchor: one for one in found}.values()) or _about(task, task.title, joined, weights)


def _about(task: Task, title: str, joined: Sequence[Joined], weights: dict[str, float]) -> list[Joined]:
    """The findings that a title, or a part of one, is about."""
    words = terms(title)
    rules = {link.rule: link.confidence for link in links.propose(title)}
    paths = {p.path for line in (title, *task.details) for p in places.find(line)}
    scored = [
        (_score(words, rules, task.priority, one, weights) + _shared(fold(title), paths, one), one) for one in joined
    ]
    best = max((score for score, _ in scored), default=0.0)
    near = [(score, one) for score, one in scored if score >= ENOUGH and score >= best - NEAR]
    near.sort(key=lambda pair: -pair[0])
    return [one for _, one in near[:3]]


def _left_over(
    tasks: Sequence[Task], joined: Sequence[Joined], weights: dict[str, float], numbered: set[int]
) -> Iterable[tuple[Task, Joined]]:
    """Of the items and findings that found no other: those that are each other's best, and clearly so. A plan is often
    told twice: a finding that only `numbered` items settle is free for one that says it in words.
    """
    alone = [one for one in joined if all(task.line in numbered for task in one.tasks)]
    free = [task for task in tasks if not any(task in one.tasks for one in joined)]
    scores = {(t.line, one.anchor): _kinship(t, one, weights) for t in free for one in alone}
    for task in free:
        for one in alone:
            score = scores[task.line, one.anchor]
            rivals = [scores[task.line, o.anchor] for o in alone if o is not one]
            rivals += [scores[t.line, one.anchor] for t in free if t is not task]
            if score >= FAINT and score - max(rivals, default=0.0) >= NEAR / 2:
                yield task, one


def _retold(tasks: Sequence[Task], settles: dict[int, list[Joined]]) -> Iterable[tuple[Task, Task]]:
    """The items without a finding that say what another says which has some."""
    told = [task for task in tasks if settles[task.line]]
    for task in tasks:
        if not settles[task.line]:
            words = terms(task.title)
            alike = (o for o in told if len(words & terms(o.title)) > 1 and likeness(task.title, o.title) >= SAME)
            if other := max(alike, key=lambda o: likeness(task.title, o.title), default=None):
                yield task, other


def _kinship(task: Task, one: Joined, weights: dict[str, float]) -> float:
    words = terms(task.title)
    title, text = coverage(words, one.title, weights), coverage(words, one.text | one.title, weights)
    subject = words - DOING or words
    told = bool(subject & one.title) or coverage(subject, one.text | one.title, weights) > MENTIONED
    return 0.5 * title + 0.5 * text if told else 0.0


def _score(
    words: frozenset[str], rules: dict[str, float], priority: Priority | None, one: Joined, weights: dict[str, float]
) -> float:
    """0..1.7: a shared rule proves most, the rule that both are about enough; words in the title prove more than words
    in the text, a shared priority a little.
    """
    rule = max((0.6 * min(rules[x.rule], x.confidence) for x in one.topics if x.rule in rules), default=0.0)
    if rule and one.topics[0].rule == max(rules, key=lambda r: rules[r]):
        rule = max(rule, 0.5 + 0.2 * rules[one.topics[0].rule])
    title = coverage(words, one.title, weights)
    text = coverage(words, one.text | one.title, weights)
    same = 0.1 if priority and priority == one.draft.priority else 0.0
    return rule + 0.5 * title + 0.4 * text + same if rule or title > 0.2 or text > 0.6 else 0.0


def _shared(title: str, paths: set[str], one: Joined) -> float:
    """An item that names the file of a finding, with or without its folder and ending, is likely about it."""
    own = [f"/{p.path}" for p in one.draft.places]
    stems = {place.rpartition("/")[2].partition(".")[0] for place in own}
    named = any(len(stem) >= STEM and stem in title for stem in stems)
    return 0.45 if named or any(place.endswith(f"/{path}") for path in paths for place in own) else 0.0


def _hear(drafts: Sequence[Draft]) -> None:
    """Takes no heading for a rank under which most findings say another: "Critical issues" is a manner of speaking
    there, and contradicts none of them.
    """
    for said, run in groupby(drafts, key=lambda draft: draft.said):
        some = list(run)
        others = sum(draft.priority not in (None, said) for draft in some)
        if len(some) >= SEVERAL and others * 2 > len(some):
            for draft in some:
                draft.said = None


def _schedule(one: Joined, found: Found) -> None:
    """Gives a finding the priority of its schedule, or says where the two differ."""
    draft = one.draft
    ranks = sorted({t.priority for t in one.tasks if t.priority})
    if draft.priority is None:
        draft.priority = None if draft.faint else ranks[0] if ranks else draft.colour
        if draft.priority is None:
            found.note(NO_PRIORITY, draft.line, title=draft.title)
        elif not ranks:
            found.note(BY_COLOUR, draft.line, title=draft.title, priority=draft.priority)
        return
    draft.others = tuple(sorted({p for p in (draft.said, *ranks) if p and p != draft.priority}))
    if draft.priority in ranks:
        draft.others = tuple(p for p in draft.others if p == draft.said)
    if draft.said and draft.said != draft.priority:
        message = f"“{draft.title}” says {draft.priority} in a section of {draft.said}: {draft.priority} was taken"
        found.conflicts.append(Notice(message, line=draft.line))
    if ranks and draft.priority not in ranks:
        phase = phase_of(one)
        when = f" ({phase.name})" if phase else ""
        message = f"“{draft.title}” is {draft.priority} in its heading, but planned under {ranks[0]}{when}"
        message += ": the heading gives the priority, the plan the due date"
        found.conflicts.append(Notice(message, line=draft.line))


def _sum(hours: Iterable[Decimal]) -> Decimal:
    return sum(hours, Decimal(0)).quantize(Decimal("0.01")).normalize() + 0
