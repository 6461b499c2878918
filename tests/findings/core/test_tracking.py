"""Tracking: which finding is which after code moved, and why something was not seen again."""

from dataclasses import replace

import pytest

from findings.core.tracking import health, track
from findings.core.types import Absence, Coverage, Drift, Hold, Identity, LineMap, Observation, Reason, Tracked
from tests.findings.core.tracking_world import code, finding_at, known_as, observe, secret, step

ALL = Coverage()


# The same thing in another place


@pytest.mark.parametrize("diff", [True, False])
def test_fifty_lines_inserted_above_move_a_finding_and_nothing_else(diff):
    old = {"a.rs": code("BAD one", "fine", "BAD two")}
    new = {"a.rs": [f"new {n}" for n in range(50)] + old["a.rs"]}
    tracked, seen = step(old, new, diff=diff)
    assert finding_at(tracked, seen) == {("a.rs", 71): 1, ("a.rs", 73): 2}
    assert [match.moved for match in tracked.matches] == [50, 50]
    assert [match.step for match in tracked.matches] == ([3, 3] if diff else [4, 4])
    assert (tracked.new, tracked.closed) == ((), {})


def test_equal_lines_keep_their_order_when_a_diff_says_how_far_they_moved():
    old = {"a.rs": code("BAD x", *["fill"] * 9, "BAD x", *["fill"] * 9, "BAD x")}
    new = {"a.rs": [f"new {n}" for n in range(10)] + old["a.rs"]}
    tracked, _ = step(old, new)
    assert [match.finding for match in tracked.matches] == [1, 2, 3]


def test_a_renamed_file_keeps_its_findings():
    old = {"src/a.rs": code("BAD one")}
    new = {"lib/b.rs": code("BAD one")}
    tracked, seen = step(old, new, {"src/a.rs": "lib/b.rs"})
    assert finding_at(tracked, seen) == {("lib/b.rs", 21): 1}
    assert (tracked.new, tracked.closed) == ((), {})


def test_a_file_renamed_and_edited_at_once_keeps_its_findings():
    old = {"src/a.rs": code("BAD one")}
    new = {"lib/b.rs": ["added", *code("BAD one, rewritten")]}
    tracked, seen = step(old, new, {"src/a.rs": "lib/b.rs"})
    assert finding_at(tracked, seen) == {("lib/b.rs", 22): 1}
    assert tracked.matches[0].step == 6


def test_a_finding_fixed_in_a_renamed_file_is_fixed_and_not_deleted():
    tracked, _ = step({"src/a.rs": code("BAD one")}, {"lib/b.rs": code("good")}, {"src/a.rs": "lib/b.rs"})
    assert tracked.closed == {1: Reason.FIXED}


def test_a_file_renamed_out_of_the_rules_sight_is_deleted_and_not_fixed():
    new = {"db/1.sql.disabled": code("BAD one")}
    known = known_as(observe({"db/1.sql": code("BAD one")}))
    tracked = track(known, [], Coverage(paths=set(new)), Drift({"db/1.sql": "db/1.sql.disabled"}))
    assert tracked.closed == {1: Reason.CODE_DELETED}


@pytest.mark.parametrize("diff", [True, False])
def test_of_two_equal_lines_the_first_is_fixed_and_the_second_stays(diff):
    old = {"a.rs": code("BAD same", *[f"between {n}" for n in range(20)], "BAD same")}
    new = {"a.rs": [line for n, line in enumerate(old["a.rs"]) if n != 20]}
    tracked, seen = step(old, new, diff=diff)
    assert finding_at(tracked, seen) == {("a.rs", 41): 2}
    assert tracked.closed == {1: Reason.FIXED}


@pytest.mark.parametrize("diff", [True, False])
def test_two_functions_that_change_places_keep_their_own_findings(diff):
    one = [f"one {n}" for n in range(8)] + ["BAD call()"] + [f"one {n}" for n in range(8, 16)]
    two = [f"two {n}" for n in range(8)] + ["BAD call()"] + [f"two {n}" for n in range(8, 16)]
    tracked, _ = step({"a.rs": one + two}, {"a.rs": two + one}, diff=diff)
    assert [match.finding for match in tracked.matches] == [2, 1]
    assert not any(match.ambiguous for match in tracked.matches)


def test_a_line_that_the_diff_carried_over_is_not_outdone_by_a_copy_of_its_old_surroundings():
    old = {"a.rs": code("BAD one")}
    new = {"a.rs": [*code("edited", "BAD one", "edited too"), *code("BAD one")]}
    diff = Drift(lines={"a.rs": LineMap(((20, 0, 21, 1), (21, 0, 23, 1), (41, 0, 44, 41)))})
    seen = observe(new)
    tracked = track(known_as(observe(old)), seen, ALL, diff)
    assert finding_at(tracked, seen) == {("a.rs", 22): 1}
    assert [seen[group[0]].line for group in tracked.new] == [64]


def test_a_finding_moved_to_another_file_is_the_same_finding():
    tracked, seen = step({"a.rs": code("BAD one"), "b.rs": code()}, {"a.rs": code(), "b.rs": code("BAD one")})
    assert finding_at(tracked, seen) == {("b.rs", 21): 1}
    assert tracked.matches[0].step == 7


def test_a_folder_moved_without_a_word_from_git_pairs_files_of_one_name():
    text = code("BAD one")
    tracked, seen = step({"x/a.rs": text, "x/b.rs": text}, {"y/b.rs": text, "y/a.rs": text}, diff=False)
    assert finding_at(tracked, seen) == {("y/a.rs", 21): 1, ("y/b.rs", 21): 2}


def test_a_copied_tree_is_new_and_the_original_keeps_its_identity():
    text = code("BAD one")
    tracked, seen = step({"a.rs": text}, {"a.rs": text, "archived/a.rs": text})
    assert finding_at(tracked, seen) == {("a.rs", 21): 1}
    assert [seen[group[0]].path for group in tracked.new] == ["archived/a.rs"]


def test_a_copied_tree_whose_original_is_deleted_later_closes_only_the_original():
    text = code("BAD one")
    tracked, seen = step({"a.rs": text, "archived/a.rs": text}, {"archived/a.rs": text})
    assert finding_at(tracked, seen) == {("archived/a.rs", 21): 2}
    assert tracked.closed == {1: Reason.CODE_DELETED}


def test_a_copy_takes_no_identity_from_an_original_that_could_not_be_read():
    text = code("BAD one")
    known = known_as(observe({"a.rs": text}))
    seen = observe({"copy.rs": text})
    tracked = track(known, seen, Coverage(unreadable=frozenset({"a.rs"})))
    assert tracked.matches == ()
    assert tracked.kept == (Absence(1, 1, Reason.NOT_COVERED),)
    assert tracked.new == ((0,),)


def test_a_force_push_to_unrelated_history_matches_what_is_still_there():
    old = {"a.rs": code("BAD one"), "b.rs": code("BAD two")}
    new = {"a.rs": ["other"] * 7 + code("BAD one"), "c/b.rs": code("BAD two")}
    tracked, seen = step(old, new, diff=False)
    assert finding_at(tracked, seen) == {("a.rs", 28): 1, ("c/b.rs", 21): 2}
    assert (tracked.new, tracked.closed) == ((), {})


# What does not change an identity


def test_the_same_report_again_changes_nothing():
    seen = observe({"a.rs": code("BAD one", "BAD one", "BAD two"), "b.rs": code("BAD one")})
    tracked = track(known_as(seen), list(reversed(seen)), ALL)
    assert len(tracked.matches) == 4
    assert (tracked.new, tracked.closed, tracked.ended, tracked.kept) == ((), {}, (), ())
    assert all(match.moved == 0 for match in tracked.matches)


def test_a_report_without_hashes_matches_itself():
    seen = [Observation("r", "a.rs", line, message="careful") for line in (3, 9, 12)] + [Observation("r", "")]
    tracked = track(known_as(seen), seen, ALL)
    assert sorted(match.finding for match in tracked.matches) == [1, 2, 3, 4]
    assert (tracked.new, tracked.closed) == ((), {})


def test_severity_and_message_are_no_identity():
    seen = observe({"a.rs": code("BAD one")})
    again = [replace(seen[0], priority="P0", message="now worded otherwise")]
    tracked = track(known_as(seen), again, ALL)
    assert [match.finding for match in tracked.matches] == [1]


def test_results_listed_twice_are_neither_doubled_nor_closed():
    seen = [Observation("r", "a.rs", line, message="m", line_hash=f"h{line}") for line in range(1, 21)]
    first = track([], seen * 2, ALL)
    assert len(first.new) == 20
    again = track(known_as(seen), seen * 2, ALL)
    assert len(again.matches) == 20
    assert (again.new, again.closed) == ((), {})


def test_a_fingerprint_that_all_results_share_names_none_of_them():
    seen = [
        Observation("r", f"f{n}.rs", 5, message="m", tool_id="same", partial={"p/v1": "same"}, line_hash=f"h{n}")
        for n in range(34)
    ]
    assert len(track([], seen, ALL).new) == 34
    again = track(known_as(seen), seen[1:], ALL)
    assert len(again.matches) == 33
    assert again.closed == {1: Reason.FIXED}


def test_the_tools_own_id_finds_a_result_wherever_it_is():
    old = Observation("r", "a.rs", 5, message="m", tool_id="id-1", line_hash="h")
    new = Observation("r", "z/b.rs", 99, message="other", tool_id="id-1", line_hash="g")
    tracked = track(known_as([old]), [new], ALL)
    assert [(match.finding, match.step, match.moved) for match in tracked.matches] == [(1, 1, 94)]


def test_partial_fingerprints_are_compared_in_the_highest_version_that_both_have():
    old = Observation("r", "a.rs", 5, partial={"p/v1": "one", "p/v2": "two"}, shape="s", line_hash="x")
    same = replace(old, line=50, partial={"p/v2": "two", "p/v3": "three"}, shape="t", line_hash="y")
    other = replace(old, line=50, partial={"p/v1": "one", "p/v2": "else"}, shape="t", line_hash="y")
    assert [match.step for match in track(known_as([old]), [same], ALL).matches] == [2]
    assert track(known_as([old]), [other], ALL).matches == ()


def test_a_partial_fingerprint_holds_in_its_own_file_and_its_rename():
    old = Observation("r", "a.rs", 5, partial={"p/v1": "one"}, line_hash="x")
    elsewhere = replace(old, path="b.rs", line_hash="y")
    assert track(known_as([old]), [elsewhere], ALL).matches == ()
    tracked = track(known_as([old]), [elsewhere], ALL, Drift({"a.rs": "b.rs"}))
    assert [match.step for match in tracked.matches] == [2]


def test_another_rule_at_the_same_place_is_another_finding():
    text = {"a.rs": code("BAD one")}
    tracked = track(known_as(observe(text)), observe(text, rule="demo/other"), ALL)
    assert tracked.closed == {1: Reason.FIXED}
    assert tracked.new == ((0,),)


def test_rows_that_are_equally_near_are_marked_ambiguous():
    old = [Observation("r", "a.rs", line, line_hash="h") for line in (10, 20)]
    new = [Observation("r", "a.rs", 15, line_hash="h")]
    tracked = track(known_as(old), new, ALL)
    assert [(match.finding, match.ambiguous) for match in tracked.matches] == [(1, True)]


def test_rows_on_one_line_are_taken_in_an_order_that_does_not_depend_on_the_report():
    old = [Observation("r", "a.rs", 10, message=str(n), line_hash="h") for n in range(3)]
    new = [Observation("r", "a.rs", 10, message=str(n), line_hash="h") for n in range(3)]
    known = known_as(old)
    for rows, again in ((known, new), (known[::-1], new), (known, new[::-1])):
        tracked = track(rows, again, ALL)
        assert {match.finding: again[match.seen].message for match in tracked.matches} == {1: "0", 2: "1", 3: "2"}
        assert all(match.ambiguous for match in tracked.matches)


# Absent is not fixed


def absent(coverage: Coverage, path: str = "a.rs") -> Tracked:
    return track(known_as([Observation("r", path, 5, line_hash="h")]), [], coverage)


def test_a_failed_run_closes_nothing():
    assert absent(Coverage(complete=False)).kept == (Absence(1, 1, Reason.SCAN_FAILED),)


def test_a_rule_that_broke_closes_nothing_and_holds_nothing_up():
    coverage = Coverage(rules=frozenset({"other"}), failed=frozenset({"r"}))
    tracked = absent(coverage)
    assert tracked.kept == (Absence(1, 1, Reason.NOT_COVERED, "a.rs", 5),)
    assert health(known_as([Observation("r", "a.rs", 5)]), [], tracked, coverage) == Hold.NONE


def test_a_rule_that_did_not_run_closes_nothing():
    assert absent(Coverage(rules=frozenset({"other"}))).kept == (Absence(1, 1, Reason.RULE_GONE),)


def test_a_file_that_could_not_be_read_closes_nothing():
    coverage = Coverage(unreadable=frozenset({"a.rs"}), paths={"a.rs"})
    assert absent(coverage).kept == (Absence(1, 1, Reason.NOT_COVERED),)


def test_a_subject_that_is_the_whole_tree_needs_the_whole_tree():
    assert absent(Coverage(unreadable=frozenset({"b.rs"})), path="").kept == (Absence(1, 1, Reason.NOT_COVERED),)
    assert absent(Coverage(paths={"b.rs"}), path="").closed == {1: Reason.FIXED}


def test_a_deleted_file_closes_as_deleted_and_a_clean_one_as_fixed():
    assert absent(Coverage(paths={"b.rs"})).closed == {1: Reason.CODE_DELETED}
    assert absent(Coverage(paths={"a.rs"})).closed == {1: Reason.FIXED}


# Findings with a key


def topic(path: str, line: int, key: str = "orders") -> Observation:
    return Observation("kafka/topic", path, line, identity=Identity.LOGICAL, key=key, line_hash=f"{path}{line}")


def test_observations_of_one_key_are_places_of_one_new_finding():
    seen = [topic("a.yaml", 3), topic("x.yaml", 1, "other"), topic("b.yaml", 9)]
    assert track([], seen, ALL).new == ((0, 2), (1,))


def test_a_known_key_in_a_new_place_is_a_new_place_and_no_new_finding():
    tracked = track(known_as([topic("a.yaml", 3)]), [topic("a.yaml", 3), topic("archived/a.yaml", 3)], ALL)
    assert [(match.finding, match.occurrence, match.step) for match in tracked.matches] == [(1, 1, 1), (1, 0, 1)]
    assert tracked.new == ()


def test_a_place_that_ends_while_another_stays_ends_alone():
    known = known_as([topic("a.yaml", 3), topic("b.yaml", 3)], finding=7)
    tracked = track(known, [topic("b.yaml", 3)], Coverage(paths={"b.yaml"}))
    assert tracked.ended == (Absence(7, 1, Reason.CODE_DELETED),)
    assert tracked.closed == {}


def test_a_place_that_ends_while_the_finding_gains_another_has_moved():
    tracked = track(known_as([topic("a.yaml", 3)]), [topic("b.yaml", 44)], Coverage(paths={"b.yaml"}))
    assert [(match.finding, match.occurrence) for match in tracked.matches] == [(1, 0)]
    assert tracked.ended == (Absence(1, 1, Reason.MOVED),)


def test_a_finding_closes_only_when_each_of_its_places_is_closed():
    known = known_as([topic("a.yaml", 3), topic("b.yaml", 3)], finding=7)
    partly = track(known, [], Coverage(unreadable=frozenset({"b.yaml"})))
    assert (partly.ended, partly.kept) == ((Absence(7, 1, Reason.FIXED),), (Absence(7, 2, Reason.NOT_COVERED),))
    assert partly.closed == {}
    assert track(known, [], ALL).closed == {7: Reason.FIXED}


def test_a_closed_key_that_comes_back_is_a_regression_with_all_its_places():
    closed = known_as([topic("a.yaml", 3)], present=False)
    tracked = track(closed, [topic("a.yaml", 3), topic("b.yaml", 8)], ALL)
    assert [(m.finding, m.occurrence, m.step, m.regression) for m in tracked.matches] == [(1, 0, 8, True)] * 2
    assert tracked.new == ()


def test_a_secret_moved_to_another_file_is_one_finding():
    tracked = track(known_as([secret("prod.env", 3)]), [secret("docs/samples/prod.env", 9)], ALL)
    assert [match.finding for match in tracked.matches] == [1]
    assert tracked.ended == (Absence(1, 1, Reason.MOVED),)


def test_a_secret_with_another_value_is_another_finding():
    tracked = track(known_as([secret("prod.env", 3)]), [secret("prod.env", 3, key="k2")], ALL)
    assert tracked.matches == ()
    assert tracked.new == ((0,),)


def test_a_secret_that_only_history_holds_stays_open_and_its_place_in_the_tree_ends():
    known = known_as([secret("prod.env", 3)])
    tracked = track(known, [secret("prod.env", 3, at_head=False)], Coverage(paths={"prod.env"}))
    assert [(match.finding, match.occurrence) for match in tracked.matches] == [(1, 0)]
    assert tracked.ended == (Absence(1, 1, Reason.FIXED),)
    assert tracked.closed == {}


@pytest.mark.parametrize("at_head", [True, False])
def test_rewriting_history_alone_does_not_close_a_secret(at_head):
    tracked = track(known_as([secret("prod.env", 3, at_head=at_head)]), [], Coverage(paths=set()))
    assert tracked.closed == {}
    assert tracked.kept == (Absence(1, 1, Reason.NOT_COVERED),)


# Coming back


def test_a_block_that_comes_back_reopens_its_finding():
    text = {"a.rs": code("BAD one")}
    closed = known_as(observe(text), present=False)
    tracked = track(closed, observe(text), ALL)
    assert [(match.finding, match.step, match.regression) for match in tracked.matches] == [(1, 8, True)]


def test_forty_files_deleted_and_reverted_all_come_back():
    tree = {f"src/{n}.rs": code(f"BAD {n}") for n in range(40)}
    closed = known_as(observe(tree), present=False)
    tracked = track(closed, observe(tree), Coverage(paths=set(tree)))
    assert sorted(match.finding for match in tracked.matches) == list(range(1, 41))
    assert (tracked.new, tracked.closed) == ((), {})


def test_only_strong_keys_bring_a_closed_finding_back():
    old = Observation("r", "a.rs", 5, message="m", line_hash="h", shape="s")
    closed = known_as([old], present=False)
    assert track(closed, [replace(old, line=6)], ALL).new == ((0,),)
    for strong in ({"tool_id": "id"}, {"partial": {"p": "x"}}, {"block_hash": "b"}):
        one = replace(old, **strong)
        tracked = track(known_as([one], present=False), [replace(one, line=6)], ALL)
        assert [match.regression for match in tracked.matches] == [True]


def test_an_open_finding_is_preferred_to_a_closed_one():
    one = Observation("r", "a.rs", 5, line_hash="h", block_hash="b")
    known = known_as([one], present=False) + known_as([one], first=2)
    tracked = track(known, [one], ALL)
    assert [(match.finding, match.regression) for match in tracked.matches] == [(2, False)]


def test_an_ended_place_of_an_open_finding_is_no_regression():
    here = Observation("r", "a.rs", 5, line_hash="h", block_hash="b")
    ended = Observation("r", "b.rs", 5, line_hash="h2", block_hash="b2")
    known = known_as([here], finding=1) + known_as([ended], present=False, finding=1)
    assert track(known, [here, ended], ALL).new == ((1,),)


def test_a_closed_finding_comes_back_to_a_file_it_was_in_before_its_last_one():
    text = code("BAD one")
    last, older = known_as(observe({"b.rs": text}) + observe({"a.rs": text}), present=False, finding=1)
    known, both = [replace(older, ago=1), last], Coverage(paths={"a.rs", "b.rs"})
    assert [match.regression for match in track(known, observe({"a.rs": text}), both).matches] == [True]
    assert track([last], observe({"a.rs": text}), both).new == ((0,),)
    everywhere = track(known, observe({"a.rs": text, "b.rs": text}), both)
    assert ([match.seen for match in everywhere.matches], everywhere.new) == ([1], ((0,),))


# Suppressed by the tool


def test_a_suppressed_result_keeps_what_is_known_and_makes_nothing_new():
    one = replace(observe({"a.rs": code("BAD one")})[0], suppressed=True)
    assert track([], [one], ALL) == Tracked()
    assert [match.finding for match in track(known_as([one]), [one], ALL).matches] == [1]
    assert track(known_as([one], present=False), [one], ALL) == Tracked()
    keyed = replace(topic("a.yaml", 3), suppressed=True)
    assert track(known_as([keyed], present=False), [keyed], ALL) == Tracked()
