"""Compares what the parser takes from a report with what its side file says a reader takes from it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from findings.core.types import Priority
from remediation.core.review import parse
from remediation.core.types import Place, Review, ReviewFinding

FOLDER = Path(__file__).parent
ALIKE = 0.7  # likeness of titles from which on two speak of the same finding

_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+)(?:-(?P<end>\d+))?)?$")
_COUNTS = re.compile(r"(?:items (?P<items>\d+) ticked (?P<ticked>\d+)|costs (?P<costs>\d+))$")


@dataclass(frozen=True, slots=True)
class Expected:
    """A finding as its side file has it. `optional` places are neither missed nor invented."""

    at: str
    priority: Priority
    title: str
    places: frozenset[Place]
    optional: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Case:
    """A report and what a reader takes from it; a count is None where the side file is silent."""

    name: str
    text: str
    findings: tuple[Expected, ...]
    counts: dict[str, int]


@dataclass(slots=True)
class Score:
    """What became of a report's findings. Lists name places for whoever mends it."""

    wanted: int = 0
    got: int = 0
    matched: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    other_priority: list[str] = field(default_factory=list)
    other_place: list[str] = field(default_factory=list)
    other_count: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the expected findings that arrived."""
        return share(self.matched, self.wanted)

    @property
    def precision(self) -> float:
        """Share of the findings read that were expected."""
        return share(self.matched, self.got)

    @property
    def arrived(self) -> float:
        """Share of the expected findings that arrived with right priority and right places."""
        return share(self.right, self.wanted)

    def add(self, other: "Score") -> None:
        """Sums up."""
        for name in ("wanted", "got", "matched", "right"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("missed", "invented", "other_priority", "other_place", "other_count"):
            getattr(self, name).extend(getattr(other, name))


def share(part: int, whole: int) -> float:
    """A share; 1 of nothing."""
    return part / whole if whole else 1.0


def cases() -> list[Case]:
    """Every report of the folder that has a side file."""
    return [
        expected_of(path.stem, path.with_suffix(".md").read_text(), path.read_text())
        for path in sorted(FOLDER.glob("*.expected"))
    ]


def expected_of(name: str, text: str, said: str) -> Case:
    """A case from the texts of its two files. ValueError names the line that is not in the form."""
    findings, counts = [], {}
    for number, line in enumerate(said.splitlines(), 1):
        if counted := _COUNTS.match(line):
            counts |= {key: int(value) for key, value in counted.groupdict().items() if value}
        elif line and not line.startswith("#"):
            findings.append(_finding(f"{name}.expected:{number}", line))
    return Case(name, text, tuple(findings), counts)


def _finding(at: str, line: str) -> Expected:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 3:
        raise ValueError(f"{at}: PRIORITY | TITLE | PLACES")
    named = [word.strip() for word in parts[2].split(",") if word.strip()]
    return Expected(
        at=at,
        priority=Priority(parts[0]),
        title=parts[1],
        places=frozenset(_place(word) for word in named if not word.startswith("?")),
        optional=frozenset(_place(word[1:]) for word in named if word.startswith("?")),
    )


def _place(word: str) -> Place:
    found = _PLACE.match(word)
    assert found
    line = int(found["line"] or 0)
    return Place(found["path"], line, int(found["end"] or line))


@cache
def read(text: str) -> Review:
    """What the parser takes from a report."""
    return parse(text, redact=str)


def measure(case: Case) -> Score:
    """Read the report and compare."""
    return compare(case, read(case.text))


def compare(case: Case, review: Review) -> Score:
    """One finding read for one expected, the likest titles first."""
    score = Score(wanted=len(case.findings), got=len(review.findings))
    pairs = sorted(
        (
            (_likeness(w.title, g.title), -n, -m)
            for n, w in enumerate(case.findings)
            for m, g in enumerate(review.findings)
        ),
        reverse=True,
    )
    taken: dict[int, int] = {}
    for likeness, n, m in pairs:
        if likeness >= ALIKE and -n not in taken and -m not in taken.values():
            taken[-n] = -m
    for n, wanted in enumerate(case.findings):
        if n in taken:
            _judge(wanted, review.findings[taken[n]], score)
        else:
            score.missed.append(f"{wanted.at} {wanted.title}")
    score.matched = len(taken)
    score.invented = [
        f"{case.name}.md:{g.line} {g.title}" for m, g in enumerate(review.findings) if m not in taken.values()
    ]
    score.other_count = _counts(case, review)
    return score


def _likeness(wanted: str, got: str) -> float:
    plain = [re.sub(r"[`*\s]+", " ", title).strip().lower() for title in (wanted, got)]
    return SequenceMatcher(None, *plain).ratio()


def _judge(wanted: Expected, got: ReviewFinding, score: Score) -> None:
    seen = {Place(p.path, p.line, p.end_line or p.line) for p in got.places}
    placed = wanted.places <= seen <= wanted.places | wanted.optional
    if got.priority != wanted.priority:
        score.other_priority.append(f"{wanted.at} {wanted.title}: {got.priority} instead of {wanted.priority}")
    if not placed:
        less, more = _said(wanted.places - seen), _said(seen - wanted.places - wanted.optional)
        score.other_place.append(f"{wanted.at} {wanted.title}: without {less or '-'}, with {more or '-'}")
    score.right += placed and got.priority == wanted.priority


def _said(places: Iterable[Place]) -> str:
    return ", ".join(sorted(f"{p.path}:{p.line}-{p.end_line}" if p.line else p.path for p in places))


def _counts(case: Case, review: Review) -> list[str]:
    had = {
        "items": len(review.items),
        "ticked": sum(item.ticked for item in review.items),
        "costs": len(review.costs[0].rows) if review.costs else 0,
    }
    return [
        f"{case.name} {key}: {had[key]} instead of {count}" for key, count in case.counts.items() if had[key] != count
    ]


def together(scores: Sequence[Score]) -> Score:
    """The sum of scores."""
    whole = Score()
    for score in scores:
        whole.add(score)
    return whole
