"""The cheapest path to each better letter: which fixes, how many hours.

Every rule's cost depends only on which of its problems are left, so rules that no fix joins are independent. They are
searched apart and put together by a Pareto merge of (hours, points left), which loses nothing: points are tenths, so a
front never has more entries than there are tenths to lose.

Exact, where each group of joined rules has at most `EXHAUSTIVE` fixes, or is one rule whose fixes settle one problem
each (there the cheapest problems of equal weight go first) with at most `PREFIXES` ways to choose. A larger group is
searched only along one order: what lifts a cap first, then points per hour. The hours are then an upper bound, the
path still reaches its letter, and it says `exact=False`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product
from math import prod

from findings.core.types import Priority
from remediation.core.grading import (
    CAPS,
    LETTERS,
    TOP,
    CapName,
    Grade,
    Id,
    Problem,
    caps_of,
    grade,
    tenths_of,
    weight,
    what_if,
)
from remediation.core.planning import overdue

EXHAUSTIVE = 10
PREFIXES = 2000
NO_HOURS = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fix:
    """A piece of work: the problems it settles (an item's, or a single one) and its effort in hours (0 or more)."""

    id: Id
    problems: frozenset[Id]
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """A way to a letter: fixes, what they settle, their hours, and the grade they lead to (it may be better still)."""

    letter: str
    fixes: tuple[Id, ...]
    problems: tuple[Id, ...]
    hours: Decimal
    grade: Grade
    exact: bool


@dataclass(frozen=True, slots=True)
class _Option:
    """A choice of fixes: `left` is what the group still costs after it, in tenths of a point."""

    hours: Decimal
    left: int
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    problems: tuple[Problem, ...]
    options: tuple[_Option, ...]
    exact: bool


def one_by_one(problems: Iterable[Problem], effort: Mapping[Id, Decimal], default: Decimal) -> tuple[Fix, ...]:
    """A fix for each problem alone, `default` hours where its effort is not known."""
    return tuple(Fix(p.id, frozenset({p.id}), effort.get(p.id, default)) for p in problems)


def cheapest_path(problems: Sequence[Problem], fixes: Sequence[Fix], *, today: date) -> tuple[Path, ...]:
    """The cheapest path to each letter better than today's, nearest letter first.

    Least hours first, then fewest fixes. Letters that no choice of the given fixes reaches are left out.
    """
    return tuple(paths(problems, fixes, today=today))


def paths(problems: Sequence[Problem], fixes: Sequence[Fix], *, today: date) -> Iterator[Path]:
    """The same, each searched for when it is asked for."""
    now = grade(problems, today=today)
    counted = [p for p in problems if p.counts]
    groups = [_group(part, of_part, today) for part, of_part in _split(counted, fixes)]
    for letter, lowest in reversed(tuple(LETTERS.items())):
        path = _path(letter, problems, groups, today) if lowest > LETTERS[now.letter] else None
        if path is not None:
            yield path


@lru_cache(maxsize=64)
def nearest_path(problems: tuple[Problem, ...], fixes: tuple[Fix, ...], today: date) -> Path | None:
    """The cheapest path to the nearest better letter that there is one to. Of the same problems it is the same."""
    return next(paths(problems, fixes, today=today), None)


def _split(problems: list[Problem], fixes: Sequence[Fix]) -> list[tuple[list[Problem], list[Fix]]]:
    """Part the problems into groups of rules that no fix joins, each with the fixes that touch it."""
    rule_of = {p.id: p.rule for p in problems}
    useful = [f for f in fixes if any(i in rule_of for i in f.problems)]
    head = {rule: rule for rule in rule_of.values()}

    def root(rule: str) -> str:
        while head[rule] != rule:
            rule = head[rule]
        return rule

    for fix in useful:
        first, *others = sorted({root(rule_of[i]) for i in fix.problems if i in rule_of})
        head.update(dict.fromkeys(others, first))
    groups: dict[str, tuple[list[Problem], list[Fix]]] = {root(rule): ([], []) for rule in sorted(head)}
    for problem in problems:
        groups[root(problem.rule)][0].append(problem)
    for fix in sorted(useful, key=lambda f: (f.hours, str(f.id))):
        groups[root(next(rule_of[i] for i in fix.problems if i in rule_of))][1].append(fix)
    return list(groups.values())


def _group(problems: list[Problem], fixes: list[Fix], today: date) -> _Group:
    """All the choices worth making in one group."""
    if len(fixes) <= EXHAUSTIVE:
        chosen: list[tuple[Fix, ...]] = [c for n in range(len(fixes) + 1) for c in combinations(fixes, n)]
        exact = True
    else:
        prefixes = _by_weight(problems, fixes, today)
        exact = prefixes is not None
        chosen = prefixes or _along_one_order(problems, fixes, today)
    options = [_option(problems, choice, today) for choice in chosen]
    return _Group(tuple(problems), tuple(options), exact)


def _option(problems: Iterable[Problem], choice: tuple[Fix, ...], today: date) -> _Option:
    settled = {i for fix in choice for i in fix.problems}
    left = _tenths((p for p in problems if p.id not in settled), today)
    return _Option(sum((f.hours for f in choice), NO_HOURS), left, choice)


def _tenths(problems: Iterable[Problem], today: date) -> int:
    """What problems cost together, without the floor at zero, in tenths of a point."""
    rules: dict[str, Counter[int]] = {}
    for p in problems:
        rules.setdefault(p.rule, Counter())[weight(p, today)] += p.n
    return sum(map(_of_rule, rules.values()))


def _of_rule(costs: Counter[int]) -> int:
    """What the problems of a rule cost together, given how many there are of each full cost."""
    before, total = 0, 0
    for cost in sorted(costs, reverse=True):
        total += tenths_of(cost, before + 1, costs[cost])
        before += costs[cost]
    return total


def _by_weight(problems: list[Problem], fixes: list[Fix], today: date) -> list[tuple[Fix, ...]] | None:
    """For one rule with a fix per problem: of equal problems the cheapest go first, so only the counts are chosen."""
    single = {next(iter(f.problems)): f for f in reversed(fixes) if len(f.problems) == 1}
    if len({p.rule for p in problems}) > 1 or any(len(f.problems) > 1 for f in fixes) or any(p.n > 1 for p in problems):
        return None
    kinds: dict[tuple[Priority, bool], list[Fix]] = {}
    for p in sorted((p for p in problems if p.id in single), key=lambda p: (single[p.id].hours, str(p.id))):
        kinds.setdefault((p.priority, overdue(p.due, today)), []).append(single[p.id])
    if prod(len(kind) + 1 for kind in kinds.values()) > PREFIXES:
        return None
    counts = product(*(range(len(kind) + 1) for kind in kinds.values()))
    return [tuple(f for kind, n in zip(kinds.values(), c, strict=True) for f in kind[:n]) for c in counts]


def _along_one_order(problems: list[Problem], fixes: list[Fix], today: date) -> list[tuple[Fix, ...]]:
    """The prefixes of one good order: the hardest cap first, then points per hour of each fix alone."""
    hardness = {name: rank for rank, name in enumerate(CAPS, 1)}
    by_id = {p.id: p for p in problems}
    whole = _tenths(problems, today)

    def value(fix: Fix) -> tuple[int, Decimal]:
        settled = [by_id[i] for i in fix.problems if i in by_id]
        lifted = max((hardness[c] for p in settled for c in _caps_of(p, today)), default=0)
        gain = whole - _tenths((p for p in problems if p.id not in fix.problems), today)
        return (-lifted, -gain / max(fix.hours, Decimal("0.01")))

    order = sorted(fixes, key=value)
    return [tuple(order[:n]) for n in range(len(order) + 1)]


def _caps_of(problem: Problem, today: date) -> tuple[CapName, ...]:
    return caps_of(problem.priority, overdue(problem.due, today))


def _path(letter: str, problems: Sequence[Problem], groups: list[_Group], today: date) -> Path | None:
    """The cheapest path to one letter, or None where the given fixes cannot reach it."""
    budget = int((TOP - LETTERS[letter]) * 10)
    front = [_Option(NO_HOURS, 0, ())]
    for group in groups:
        front = _merge(front, _allowed(group, letter, today), budget)
        if not front:
            return None
    best = front[0]
    given = {p.id for p in problems if p.counts}
    settled = {i for fix in best.fixes for i in fix.problems if i in given}
    return Path(
        letter=letter,
        fixes=tuple(sorted((f.id for f in best.fixes), key=str)),
        problems=tuple(sorted(settled, key=str)),
        hours=best.hours,
        grade=what_if(problems, settled, today=today),
        exact=all(g.exact for g in groups),
    )


def _allowed(group: _Group, letter: str, today: date) -> list[_Option]:
    """The options that leave no problem whose cap lies below the letter, without those another one beats."""
    barring = {name for name, at_most in CAPS.items() if LETTERS[at_most] < LETTERS[letter]}
    must = {p.id for p in group.problems if barring.intersection(_caps_of(p, today))}
    allowed = [o for o in group.options if must <= {i for fix in o.fixes for i in fix.problems}]
    return _merge([_Option(NO_HOURS, 0, ())], allowed, max((o.left for o in allowed), default=0))


def _merge(front: list[_Option], options: list[_Option], budget: int) -> list[_Option]:
    """Every pair of a choice so far and a choice here that stays in the budget, without those another one beats.

    Pairs are compared as plain tuples and made into options only where they are kept: there are many of them.
    """
    pairs = sorted(
        (a.hours + b.hours, len(a.fixes) + len(b.fixes), a.left + b.left, i, j)
        for i, a in enumerate(front)
        for j, b in enumerate(options)
        if a.left + b.left <= budget
    )
    kept: list[_Option] = []
    for hours, _, left, i, j in pairs:
        if not kept or left < kept[-1].left:
            kept.append(_Option(hours, left, front[i].fixes + options[j].fixes))
    return kept
