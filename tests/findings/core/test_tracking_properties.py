"""What holds of tracking whatever the history: when a batch is held, what is never lost, what it costs."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core import nearest as nearest_module
from findings.core import pairing as pairing_module
from findings.core.nearest import nearest
from findings.core.tracking import health, track
from findings.core.types import Coverage, Drift, Hold, Identity, Known, LineMap, Observation, Tracked
from tests.findings.core.tracking_model import accounted, pairs
from tests.findings.core.tracking_world import drift, known_as, observe

ALL = Coverage()


# Holding a batch


def held(count: int, left: int, coverage: Coverage = ALL, explained: frozenset[int] = frozenset()) -> Hold:
    seen = [Observation("r", f"{n}.rs", 5, line_hash="h", block_hash=f"b{n}") for n in range(count)]
    known = known_as(seen)
    again = seen[count - left :]
    return health(known, again, track(known, again, coverage), coverage, explained)


def test_an_empty_run_after_a_full_one_is_held():
    assert held(1, 0) == Hold.ZERO
    assert held(0, 0) == Hold.NONE


def test_a_failed_run_is_held_when_something_is_missing():
    assert held(3, 1, Coverage(complete=False)) == Hold.SCAN_FAILED
    assert held(3, 3, Coverage(complete=False)) == Hold.NONE


def test_a_run_that_lost_rules_is_held_once():
    coverage = Coverage(rules=frozenset({"other"}))
    assert held(3, 1, coverage) == Hold.RULES_LOST
    known = known_as([Observation("r", "a.rs", 5, line_hash="h")])
    tracked = track(known, [], coverage)
    assert health(known, [], tracked, coverage, rules_before=frozenset({"r", "other"})) == Hold.RULES_LOST
    assert health(known, [], tracked, coverage, rules_before=frozenset({"other"})) == Hold.NONE


def test_more_than_half_of_at_least_five_gone_is_held():
    assert held(5, 2) == Hold.MASS
    assert held(6, 3) == Hold.NONE
    assert held(4, 1) == Hold.NONE


def test_closings_that_a_commit_explains_are_never_held():
    assert held(5, 0, explained=frozenset(range(1, 6))) == Hold.NONE
    assert held(6, 1, explained=frozenset({1, 2})) == Hold.NONE


# Properties

RULES = st.sampled_from(["r1", "r2"])
PATHS = st.sampled_from(["a.rs", "d/a.rs", "b.rs", "c.rs"])
SMALL = st.sampled_from(["", "x", "y", "z"])
ROW = st.fixed_dictionaries(
    {
        "rule": RULES,
        "path": PATHS,
        "line": st.integers(0, 9),
        "line_hash": SMALL,
        "block_hash": SMALL,
        "shape": SMALL,
        "tool_id": st.sampled_from(["", "", "", "t1", "t2", "t3"]),
        "partial": st.sampled_from([{}, {}, {}, {"p/v1": "1"}, {"p/v1": "2"}]),
        "at_head": st.sampled_from([True, True, True, False]),
    }
)
KEYS = st.sampled_from([(Identity.HINTS, "")] * 3 + [(Identity.LOGICAL, "k1"), (Identity.LOGICAL, "k2")])
COVERAGES = st.builds(
    Coverage,
    rules=st.sampled_from([None, None, frozenset({"r1"})]),
    unreadable=st.sampled_from([frozenset(), frozenset({"a.rs"})]),
    paths=st.sampled_from([None, frozenset({"a.rs", "b.rs"})]),
    complete=st.sampled_from([True, True, False]),
)
DRIFTS = st.builds(
    Drift,
    renames=st.sampled_from([{}, {"c.rs": "b.rs"}]),
    lines=st.sampled_from([{}, {"a.rs": LineMap(((2, 0, 3, 2), (5, 2, 8, 1)))}]),
)


@st.composite
def histories(draw: st.DrawFn, keyed: bool = True, present: bool = True) -> tuple[list[Known], list[Observation]]:
    known, seen = [], []
    for number, row in enumerate(draw(st.lists(ROW, max_size=9)), 1):
        identity, key = draw(KEYS) if keyed else (Identity.HINTS, "")
        finding = {"k1": 101, "k2": 102}.get(key, number) + (100 if row["rule"] == "r2" else 0)
        here = present or draw(st.booleans()) or bool(key)
        known.append(Known(finding, number if here else 0, present=here, identity=identity, key=key, **row))
    for number, row in enumerate(draw(st.lists(ROW, max_size=9))):
        identity, key = draw(KEYS) if keyed else (Identity.HINTS, "")
        seen.append(Observation(identity=identity, key=key, message=str(number), **row))
    return known, seen


@settings(max_examples=300)
@given(histories(keyed=False, present=False), COVERAGES, DRIFTS)
def test_the_fast_way_finds_what_the_slow_and_obvious_way_finds(history, coverage, moved):
    known, seen = history
    places = {(one.finding, one.occurrence): index for index, one in enumerate(known)}
    tracked = track(known, seen, coverage, moved)
    found = {(places[match.finding, match.occurrence], match.seen, match.step) for match in tracked.matches}
    assert found == pairs(known, seen, coverage, moved)


@settings(max_examples=300)
@given(histories(present=False), COVERAGES, DRIFTS)
def test_nothing_is_lost_invented_or_used_twice(history, coverage, moved):
    known, seen = history
    tracked = track(known, seen, coverage, moved)
    uses = Counter([match.seen for match in tracked.matches] + [index for group in tracked.new for index in group])
    assert uses == Counter(range(len(seen)))
    assert set(accounted(known, tracked).values()) <= {1}
    assert {match.finding for match in tracked.matches} <= {one.finding for one in known}
    closed = set(tracked.closed)
    assert not closed & {row.finding for row in (*tracked.matches, *tracked.kept)}
    if not coverage.complete:
        assert not closed
        assert not tracked.ended


@settings(max_examples=150)
@given(histories(), COVERAGES, DRIFTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(history, coverage, moved, random: Random):
    known, seen = history
    mixed, shuffled = random.sample(known, len(known)), random.sample(seen, len(seen))
    one, other = track(known, seen, coverage, moved), track(mixed, shuffled, coverage, moved)

    def said(tracked: Tracked, rows: list[Observation]) -> object:
        by_message = {replace(match, seen=int(rows[match.seen].message)) for match in tracked.matches}
        return by_message, tracked.closed, tracked.ended, tracked.kept

    assert said(one, seen) == said(other, shuffled)


EDITS = st.lists(st.tuples(st.sampled_from(["insert", "delete", "rename", "reindent"]), st.integers(0, 60)), max_size=6)


@settings(max_examples=80)
@given(st.sets(st.integers(0, 59), max_size=8), EDITS)
def test_distinct_lines_keep_their_identity_through_any_edits(bad, edits):
    lines = [f"BAD number {n}" if n in bad else f"line number {n}" for n in range(60)]
    old: dict[str, list[str]] = {"a.rs": lines}
    path, text, renames = "a.rs", list(lines), {}
    for number, (kind, at) in enumerate(edits):
        if kind == "insert":
            text[at:at] = [f"inserted {number}"] * 3
        elif kind == "delete":
            del text[at : at + 2]
        elif kind == "reindent":
            text[at : at + 5] = ["    " + line for line in text[at : at + 5]]
        else:
            path = f"moved{number}.rs"
            renames = {"a.rs": path}
    seen = observe({path: text})
    before = observe(old)
    tracked = track(known_as(before), seen, Coverage(paths={path}), drift(old, {path: text}, renames))
    truth = {lines[one.line - 1]: number for number, one in enumerate(before, 1)}
    assert [match.finding for match in tracked.matches] == [truth[text[one.line - 1].strip()] for one in seen]
    assert tracked.new == ()
    assert set(tracked.closed) == set(truth.values()) - {match.finding for match in tracked.matches}


@settings(max_examples=200)
@given(st.lists(st.integers(0, 12), max_size=8), st.lists(st.integers(0, 12), max_size=8))
def test_the_closest_lines_pair_first(olds, news):
    free_old, free_new, expected = set(range(len(olds))), set(range(len(news))), []
    every = sorted((abs(a - b), a, b, i, j) for i, a in enumerate(olds) for j, b in enumerate(news))
    for distance in sorted({entry[0] for entry in every}):
        free = [e for e in every if e[0] == distance and e[3] in free_old and e[4] in free_new]
        for _, _, _, i, j in free:
            if i in free_old and j in free_new:
                ambiguous = sum(e[3] == i for e in free) > 1 or sum(e[4] == j for e in free) > 1
                expected.append((i, j, ambiguous))
                free_old.remove(i)
                free_new.remove(j)
    assert sorted(nearest(olds, news)) == sorted(expected)


# Cost, by counting and not by the clock


def keys_computed(monkeypatch: pytest.MonkeyPatch, count: int) -> int:
    """How often a row is looked at in any pass, when nothing matches: the worst case."""
    calls = 0

    def counted(rows, key, among=None):
        nonlocal calls
        rows = list(rows)
        calls += len(rows)
        return real(rows, key, among)

    real = pairing_module._buckets
    monkeypatch.setattr(pairing_module, "_buckets", counted)
    old = [Observation("r", f"{n % 50}.rs", n, line_hash=f"o{n}", block_hash=f"o{n}", shape="o") for n in range(count)]
    new = [Observation("r", f"{n % 50}.rs", n, line_hash=f"n{n}", block_hash=f"n{n}", shape="n") for n in range(count)]
    assert len(track(known_as(old), new, ALL).new) == count
    monkeypatch.undo()
    return calls


def test_the_work_grows_with_the_rows_and_not_with_their_product(monkeypatch):
    assert keys_computed(monkeypatch, 2000) == 10 * keys_computed(monkeypatch, 200)


def test_one_line_repeated_everywhere_costs_no_product(monkeypatch):
    pushes = 0
    real = nearest_module.heappush

    def counted(heap, entry):
        nonlocal pushes
        pushes += 1
        real(heap, entry)

    monkeypatch.setattr(nearest_module, "heappush", counted)
    olds = [n * 3 for n in range(1000)]
    news = [n * 7 for n in range(1000)]
    assert len(list(nearest(olds, news))) == 1000
    assert pushes <= 4000
