"""Compares what a scan says with the labels: one observation for one label, the nearest line first."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from findings.core.types import Observation
from findings.git import Mirror
from findings.scanner import MemoryStore, scan
from tests.accuracy.case import Case, Label

KEY = b"a key for measuring"
NEAR = 3  # lines between where a person points and where a rule does
WHOLE = frozenset({"rust/oversized-main", "kustomize/patch-sprawl", "rust/web-framework-split"})  # about a file


@dataclass(slots=True)
class Score:
    """What became of the labels and observations of one rule (or class). Lists name places for whoever mends it."""

    found: int = 0
    exact: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    other_priority: list[str] = field(default_factory=list)

    @property
    def labels(self) -> int:
        """How many should be found."""
        return self.found + len(self.missed)

    @property
    def recall(self) -> float:
        """Share of the labels that were found; 1 where there is none."""
        return self.found / self.labels if self.labels else 1.0

    @property
    def precision(self) -> float:
        """Share of the observations that were labelled; 1 where there is none."""
        said = self.found + len(self.false)
        return self.found / said if said else 1.0


@dataclass(slots=True)
class Result:
    """Scores by rule, recall by class of secret, and how many traps of each rule were walked into."""

    rules: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    classes: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    traps: Counter[str] = field(default_factory=Counter)
    sprung: Counter[str] = field(default_factory=Counter)


def measure(corpus: Iterable[Case]) -> Result:
    """Build, scan and compare every case."""
    result = Result()
    with tempfile.TemporaryDirectory(prefix="nova-accuracy-") as folder:
        for number, case in enumerate(corpus):
            repo = case.build(Path(folder) / str(number))
            mirror = Mirror(repo.path)
            seen = scan(mirror, mirror.resolve("HEAD"), MemoryStore(), KEY).batch.observations
            compare(case, seen, result)
    return result


def compare(case: Case, seen: Sequence[Observation], result: Result) -> None:
    """Add one case to the scores."""
    labels = case.labels()
    wanted, had = defaultdict(list), defaultdict(list)
    for label in labels:
        if label.trap:
            result.traps[label.rule] += 1
        else:
            wanted[label.rule, label.path, label.gone].append(label)
    for one in seen:
        had[one.rule, one.path, not one.at_head].append(one)
    for name in wanted.keys() | had.keys():
        left = _place(name[0], wanted[name], had[name], result)
        result.rules[name[0]].false += [f"{case.name}.case {_said(one)}" for one in left]
    places = {(one.rule, one.path, one.line) for one in seen if one.at_head}
    for label in labels:
        result.sprung[label.rule] += label.trap and (label.rule, label.path, label.line) in places


def _place(rule: str, wanted: list[Label], had: list[Observation], result: Result) -> list[Observation]:
    """Scores the labels of one path; answers the observations that no label asked for."""
    score, left = result.rules[rule], list(had)
    far = 10**9 if rule in WHOLE or any(label.gone for label in wanted) else NEAR
    pairs = sorted((abs(w.line - h.line), n, m) for n, w in enumerate(wanted) for m, h in enumerate(had))
    taken: dict[int, int] = {}
    for distance, n, m in pairs:
        if distance <= far and n not in taken and m not in taken.values():
            taken[n] = m
    for n, label in enumerate(wanted):
        place = f"{label.case}.case:{label.at} {label.path}:{label.line}"
        by_class = result.classes[label.kind] if label.kind and not label.gone else Score()
        if n not in taken:
            score.missed.append(place)
            by_class.missed.append(place)
            continue
        one = had[taken[n]]
        left.remove(one)
        by_class.found += 1
        score.found += 1
        score.exact += one.line == label.line or label.gone
        if said := _difference(label, one):
            score.other_priority.append(f"{place}: {said}")
    return left


def _said(one: Observation) -> str:
    return f"{one.path}:{one.line} {'' if one.at_head else 'in history '}{one.message}"


def _difference(label: Label, one: Observation) -> str:
    """What an observation says otherwise than its label."""
    said = []
    if label.priority and label.priority != one.priority:
        said.append(f"{one.priority} instead of {label.priority}")
    if label.kind and label.kind != one.properties.get("class"):
        said.append(f"class {one.properties.get('class')} instead of {label.kind}")
    return ", ".join(said)
