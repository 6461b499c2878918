"""Random histories of reports, verdicts, failures and undos: PostgreSQL says what a slow and obvious model says.

`NOVA_HISTORIES` sets how many are played.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import itemgetter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings import actions
from findings.actions.known import place_stamp
from findings.core.lineage import PLACES
from findings.core.tracking import Words, folded, health, track
from findings.core.types import Coverage, Known, Match, Observation
from findings.models import Evidence, Finding, Repository
from tests.cast import NOON, RULES, land, seen
from tests.laws import state_of_everything, wrong_tallies

pytestmark = pytest.mark.django_db
PLAYED = int(os.environ.get("NOVA_HISTORIES", "15"))
RULE_KEYS = [rule.key for rule in RULES[:2]]

# A place is one of a few texts at one of a few lines of a few files: many are equal, so that they are easily mistaken.
places = st.builds(
    lambda rule, path, line, text, message: seen(rule, f"k8s/{path}.yaml", line, text=text, message=message),
    st.sampled_from(RULE_KEYS),
    st.sampled_from("ab"),
    st.integers(1, 6),
    st.sampled_from(["x", "y", "z"]),
    st.sampled_from(["too few", "too many 3", "too many 4"]),
)
coverages = st.sampled_from(
    [
        Coverage(rules=frozenset(RULE_KEYS)),
        Coverage(),
        Coverage(rules=frozenset(RULE_KEYS[:1])),
        Coverage(unreadable=frozenset({"k8s/a.yaml"})),
        Coverage(complete=False),
        Coverage(paths=frozenset({"k8s/a.yaml"})),
    ]
)
reports = st.tuples(st.just("report"), st.lists(places, max_size=7), coverages)
shifts = st.tuples(st.just("shift"), st.integers(1, 9), st.just(None))
renames = st.tuples(st.just("rename"), st.just("a"), st.just("b"))
verdicts = st.tuples(st.just("verdict"), st.integers(0, 5), st.sampled_from(["accepted", "false_positive"]))
undos = st.tuples(st.just("undo"), st.lists(places, max_size=7), coverages)
steps = st.lists(st.one_of(reports, reports, reports, shifts, renames, verdicts, undos), min_size=2, max_size=7)


@dataclass
class Told:
    """What the model knows of a finding: its places by a number of their own, the last one that it left in each file,
    and what came of it.
    """

    places: dict[int, Observation] = field(default_factory=dict)
    past: dict[str, tuple[int, Observation]] = field(default_factory=dict)
    present: bool = True
    verdict: str = ""
    block: str = ""
    reopened: int = 0
    reopened_day: int | None = None
    flapping: bool = False
    closings: int = 0

    @property
    def state(self) -> str:
        return "fixed" if not self.present else self.verdict or "open"

    def leave(self, number: int) -> None:
        one = self.places.pop(number)
        self.past[one.path] = number, one

    def known(self) -> list[tuple[int, Observation, int]]:
        """(number, place, how many others it had since); the number is 0 where it is no more."""
        past = sorted(self.past.values(), key=itemgetter(0), reverse=True)
        hints = [(0, one, ago) for ago, (_, one) in enumerate(past, bool(self.places)) if ago < PLACES]
        return [(number, one, 0) for number, one in self.places.items()] + hints


class Model:
    """Everything in plain dictionaries, every report compared with all that is known."""

    def __init__(self) -> None:
        self.findings: dict[int, Told] = {}
        self.rules_before: frozenset[str] | None = None
        self.numbers = 0

    def known(self) -> list[Known]:
        return [
            Known(
                pk, number, one.rule, one.path, one.line, told.present and number > 0, line_hash=one.line_hash,
                block_hash=one.block_hash, shape=one.shape, excerpt=one.excerpt, excerpt_line=one.excerpt_line,
                rotated=True, ago=ago, said=place_stamp(one),
            )
            for pk, told in self.findings.items()
            for number, one, ago in told.known()
        ]  # fmt: skip

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def seen(self) -> list[Observation]:
        """What a report names that sees everything as it is."""
        return [one for told in self.findings.values() if told.present for one in told.places.values()]

    def report(self, observations: list[Observation], coverage: Coverage, day: int) -> None:
        known = self.known()
        words = Words([place_stamp(one) for one in observations], folded(observations))
        tracked = track(known, observations, coverage, words=words)
        held = health(known, observations, tracked, coverage, tracked.closed, self.rules_before)
        for match in tracked.matches:
            self.again(self.findings[match.finding], match, observations[match.seen], day)
        for absence in tracked.ended:
            self.findings[absence.finding].leave(absence.occurrence)
        for pk in () if held else tracked.closed:
            told = self.findings[pk]
            if not told.flapping:
                for number in list(told.places):
                    told.leave(number)
                told.present, told.closings = False, told.closings + 1
        for [index] in tracked.new:
            self.findings[self.number()] = Told({self.number(): observations[index]})
        if not held:
            self.rules_before = coverage.rules

    def again(self, told: Told, match: Match, one: Observation, day: int) -> None:
        if match.regression and not told.flapping:
            told.flapping = told.reopened_day is not None and day - told.reopened_day <= 14
            told.present, told.reopened, told.reopened_day = True, told.reopened + 1, day
        if told.verdict and told.block != one.block_hash:
            told.verdict = ""
        number = match.occurrence
        if number and told.places[number].path != one.path:
            told.leave(number)
            number = 0
        told.places[number or self.number()] = one


def facts_of_model(model):
    return sorted(
        (
            told.state,
            told.reopened,
            told.flapping,
            told.closings,
            sorted((p.rule, p.path, p.line, p.line_hash, p.message) for p in told.places.values()),
        )
        for told in model.findings.values()
    )


def facts_of_database():
    rows = []
    for finding in Finding.objects.select_related("rule"):
        present = finding.occurrences.filter(to_run=None)
        rows.append((
            finding.state, finding.reopened, finding.flapping, Evidence.objects.filter(finding=finding, closes=True).count(),
            sorted((finding.rule.key, p.path, p.line, p.line_hash, p.message) for p in present),
        ))  # fmt: skip
    return sorted(rows)


def as_it_is(model: Model, one: list[Observation], other: Coverage) -> tuple[list[Observation], Coverage]:
    return one, other


def shifted(model: Model, by: int, _: None) -> tuple[list[Observation], Coverage]:
    rows = [replace(one, line=one.line + by, excerpt_line=one.excerpt_line + by) for one in model.seen()]
    return rows, Coverage()


def renamed(model: Model, _: str, to: str) -> tuple[list[Observation], Coverage]:
    path = f"k8s/{to}.yaml"
    return [replace(one, path=path) for one in model.seen()], Coverage(paths=frozenset({path}))


SIGHTS: dict[str, Callable] = {"report": as_it_is, "shift": shifted, "rename": renamed}


class Rollback(Exception):
    """The end of a history: nothing of it stays."""


def play(history: list[tuple]) -> None:
    team = actions.create_team("players", name="Players", actor="test")
    repository = actions.track("https://git.example.com/p.git", team=team, actor="test", slug="p", branch="main")
    model = Model()
    for n, (what, one, other) in enumerate(history):
        day, at = 3 * n, NOON + timedelta(days=3 * n)
        if what == "undo":
            take_back(repository, one, other, at)
        elif what == "verdict":
            say(model, one, other)
        else:
            observations, coverage = SIGHTS[what](model, one, other)
            land(repository, observations, coverage=coverage, at=at)
            model.report(observations, coverage, day)
        assert facts_of_database() == facts_of_model(model)
        assert wrong_tallies() == []


def take_back(repository: Repository, observations: list[Observation], coverage: Coverage, at: datetime) -> None:
    """A report and its undo: every row but events is as it was. A held one is not undone, so it is not made."""
    before = state_of_everything()
    try:
        with transaction.atomic():
            run = land(repository, observations, coverage=coverage, at=at)
            if run.state != "applied":
                raise Rollback
            actions.undo(run, actor="test")
    except Rollback:
        pass
    after = state_of_everything()
    for scaffolding in ("Checklist", "Phase"):  # of the standing list: it stays
        before.pop(scaffolding), after.pop(scaffolding)
    assert after == before


def say(model: Model, n: int, verdict: str) -> None:
    keys = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    if not keys:
        return
    told = list(model.findings.values())[n % len(keys)]
    if not told.present:
        return
    actions.decide([Finding.objects.get(pk=keys[n % len(keys)])], verdict, actor="test", reason="said so")
    told.verdict, told.block = verdict, next(iter(told.places.values())).block_hash


@settings(max_examples=PLAYED, suppress_health_check=list(HealthCheck))
@given(steps)
def test_the_database_says_what_the_model_says(db, history):
    try:
        with transaction.atomic():
            play(history)
            raise Rollback
    except Rollback:
        pass
