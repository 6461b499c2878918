"""Reading SARIF: what a report says, what it covers, and clear words for what is wrong with it."""

import json
from dataclasses import replace

import pytest

from findings.core.formats import sarif, sarif_out
from findings.core.tracking import track
from findings.core.types import Batch, Coverage, Notice, Observation, Priority, RuleInfo
from tests.findings.core.formats.reports import batch, one, place, refused, report, result, run
from tests.findings.core.tracking_world import known_as, observe

# What a result says


def test_a_result_becomes_an_observation():
    seen = one(locations=[place("src/a.c", 7, region={"endLine": 9, "snippet": {"text": "int x;"}})])
    assert (seen.rule, seen.path, seen.line, seen.end_line) == ("R1", "src/a.c", 7, 9)
    assert (seen.message, seen.excerpt, seen.excerpt_line) == ("careful", "int x;", 7)
    assert seen.line_hash
    assert seen.shape


def test_a_result_without_a_place_is_about_the_whole_tree():
    seen = one(locations=[])
    assert (seen.path, seen.line) == ("", 0)


def test_the_target_of_the_analysis_stands_in_for_a_missing_place():
    assert one(locations=[], analysisTarget={"uri": "image/layer.tar"}).path == "image/layer.tar"


def test_the_first_place_is_the_identity_and_the_others_are_listed():
    seen = one(locations=[place("a.c", 1), place("b.c", 2)])
    assert seen.path == "a.c"
    assert seen.properties["places"] == [{"path": "b.c", "line": 2}]


def test_the_context_gives_whole_lines_for_the_excerpt_and_the_hashes():
    context = {"startLine": 6, "snippet": {"text": "before\r\nint   x;\r\nafter\r\n"}}
    seen = one(locations=[place(line=7, region={"snippet": {"text": "x"}}, contextRegion=context)])
    assert (seen.excerpt, seen.excerpt_line) == ("before\nint   x;\nafter", 6)
    assert seen.line_hash == one(locations=[place(region={"snippet": {"text": "int x;"}})]).line_hash
    assert seen.block_hash


def test_a_message_may_be_named_in_the_rule_with_arguments():
    rule = {"id": "R1", "messageStrings": {"default": {"text": "{0} may {{not}} call {1}{2}"}}}
    seen = batch(result(message={"id": "default", "arguments": ["a", "b"]}), rules=[rule]).observations[0]
    assert seen.message == "a may {not} call b{2}"


def test_a_message_of_the_driver_and_links_to_places_are_resolved():
    node = run(result(message={"id": "shared", "arguments": ["x"]}))
    node["tool"]["driver"]["globalMessageStrings"] = {"shared": {"text": "see [the {0}](1) and [docs](https://d)"}}
    assert sarif.read(report(node))[0].observations[0].message == "see the x and [docs](https://d)"


def test_a_result_without_a_message_takes_its_rules_words():
    rules = [{"id": "R1", "shortDescription": {"text": "No goto"}}]
    assert batch(result(message={}), rules=rules).observations[0].message == "No goto"


def test_braces_in_a_plain_message_stay():
    assert one(message={"text": "use {{ x }} or {0}"}).message == "use {{ x }} or {0}"


# Rules


def test_rules_are_found_by_id_by_index_and_in_extensions():
    node = run(
        result("R1"),
        {"ruleIndex": 1, "message": {"text": "m"}},
        {"rule": {"index": 0, "toolComponent": {"index": 0}}, "message": {"text": "m"}},
        {"rule": {"id": "X1"}, "message": {"text": "m"}},
        result("R1/sub"),
        rules=[{"id": "R1", "name": "first"}, {"id": "R2"}],
    )
    node["tool"]["extensions"] = [{"name": "more", "rules": [{"id": "X1", "name": "extra"}]}]
    read = sarif.read(report(node))[0]
    assert [seen.rule for seen in read.observations] == ["R1", "R2", "X1", "X1", "R1/sub"]
    assert {rule.key: rule.title for rule in read.rules} == {
        "R1": "first",
        "R2": "R2",
        "X1": "extra",
        "R1/sub": "first",
    }


def test_a_result_that_names_no_rule_is_kept_under_a_name_of_its_own():
    read = batch({"message": {"text": "m"}})
    assert [seen.rule for seen in read.observations] == ["unnamed"]
    assert [rule.title for rule in read.rules] == ["Results without a rule"]


def test_a_rule_index_that_points_nowhere_is_refused():
    error = refused(report(run({"ruleIndex": 4, "message": {"text": "m"}}, rules=[{"id": "R1"}])))
    assert error.where == "$.runs[0].results[0].ruleIndex"
    assert "below 1" in error.expected


def test_help_holds_the_description_the_advice_and_the_page():
    rule = {
        "id": "R1",
        "fullDescription": {"text": "Why."},
        "help": {"text": "How.", "markdown": "**How.**"},
        "helpUri": "https://example.org/R1",
    }
    assert batch(rules=[rule]).rules[0].help == "Why.\n\n**How.**\n\nhttps://example.org/R1"


# Priority


@pytest.mark.parametrize(
    ("more", "rule", "expected"),
    [
        ({}, {}, "P2"),
        ({"level": "error"}, {}, "P1"),
        ({"level": "note"}, {"defaultConfiguration": {"level": "error"}}, "P2"),
        ({}, {"defaultConfiguration": {"level": "error"}}, "P1"),
        ({}, {"properties": {"security-severity": "9.0"}}, "P0"),
        ({"level": "error"}, {"properties": {"security-severity": "8.9"}}, "P1"),
        ({"level": "note"}, {"properties": {"security-severity": 7}}, "P1"),
        ({"level": "error"}, {"properties": {"security-severity": "4.0"}}, "P1"),
        ({}, {"properties": {"security-severity": "4.0"}}, "P2"),
        ({"level": "error"}, {"properties": {"security-severity": "3.9"}}, "P2"),
        ({"properties": {"security-severity": "9.8"}}, {"properties": {"security-severity": "1"}}, "P0"),
        ({"level": "error"}, {"properties": {"security-severity": "high"}}, "P1"),
        ({"level": "error"}, {"properties": {"security-severity": "NaN"}}, "P1"),
        ({"kind": "open", "level": "error"}, {"properties": {"security-severity": "9.9"}}, "P2"),
        ({"kind": "review"}, {}, "P2"),
        ({"properties": {"priority": "P0"}}, {}, "P0"),
    ],
)
def test_priority_follows_the_table(more, rule, expected):
    seen = batch(result(**more), rules=[{"id": "R1"} | rule]).observations[0]
    assert seen.priority == Priority(expected)


# What is not there


@pytest.mark.parametrize("kind", ["pass", "notApplicable", "informational"])
def test_results_that_are_no_problems_are_dropped(kind):
    assert batch(result(kind=kind)).observations == ()


def test_a_result_that_is_absent_from_the_baseline_is_dropped():
    read = batch(result(baselineState="absent"), result(baselineState="unchanged"))
    assert len(read.observations) == 1


@pytest.mark.parametrize(
    ("suppressions", "expected"),
    [
        (None, False),
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": None}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], False),
    ],
)
def test_a_result_is_suppressed_only_when_every_suppression_is_accepted(suppressions, expected):
    seen = batch(result(suppressions=suppressions)).observations
    assert [one.suppressed for one in seen] == [expected]
    assert len(track([], seen, Coverage()).new) == (0 if expected else 1)


# Fingerprints


def test_fingerprints_become_hints_and_the_full_one_the_tools_id():
    seen = one(fingerprints={"ctx/v1": "aa", "ctx/v2": "bb"}, partialFingerprints={"line/v1": "cc"})
    assert seen.tool_id == "ctx/v2=bb"
    assert seen.partial == {"ctx/v1": "aa", "ctx/v2": "bb", "line/v1": "cc"}


def test_a_correlation_guid_is_the_strongest_id():
    assert one(correlationGuid="ABC-1", fingerprints={"ctx": "aa"}).tool_id == "abc-1"


def test_a_remark_in_the_place_of_a_fingerprint_is_none():
    assert one(fingerprints={"matchBasedId/v1": "requires login"}).tool_id == ""


# Coverage


def test_a_tool_that_is_not_known_to_list_all_its_rules_covers_every_rule():
    assert batch(result(), rules=[{"id": "R1"}]).coverage == Coverage()
    assert batch(result(), rules=[{"id": "R1"}, {"id": "R2"}]).coverage == Coverage()


def test_a_tool_that_is_known_to_list_all_its_rules_covers_those_it_lists():
    rules = [{"id": "R1"}, {"id": "R2"}, {"id": "R3", "defaultConfiguration": {"enabled": False}}]
    assert batch(result(), rules=rules, tool="CodeQL").coverage.rules == {"R1", "R2", "unnamed"}
    assert batch(result(), rules=rules[:1], tool="Semgrep OSS").coverage.rules == {"R1", "unnamed"}


def test_a_failed_invocation_covers_nothing():
    read = batch(result(), invocations=[{"executionSuccessful": True}, {"executionSuccessful": False}])
    assert not read.coverage.complete
    assert len(read.observations) == 1
    assert "failed" in read.notices[0].message


def test_a_run_without_results_did_not_scan_and_one_with_none_did():
    assert not sarif.read(report({"tool": {"driver": {"name": "T"}}}))[0].coverage.complete
    assert batch().coverage.complete


def test_results_in_other_files_leave_a_run_incomplete():
    read = batch(externalPropertyFileReferences={"results": [{"location": {"uri": "more.sarif"}}]})
    assert not read.coverage.complete


def test_what_the_tool_reports_errors_about_is_not_covered():
    notice = {
        "level": "error",
        "message": {"text": "cannot parse"},
        "associatedRule": {"id": "R1"},
        "locations": [place("bad.yaml")],
    }
    call = {"executionSuccessful": True, "toolExecutionNotifications": [notice, {"level": "note", "message": {}}]}
    read = batch(rules=[{"id": "R1"}, {"id": "R2"}], invocations=[call])
    assert read.coverage.unreadable == {"bad.yaml"}
    assert read.coverage.rules == {"R2", "unnamed"}
    assert [(notice.message, notice.path) for notice in read.notices] == [("cannot parse", "bad.yaml")]


# Runs


def test_two_runs_of_two_tools_are_two_batches():
    other = run(result())
    other["tool"]["driver"]["name"] = "Other"
    assert [read.tool for read in sarif.read(report(run(result()), other))] == ["Tool", "Other"]


def test_two_runs_of_one_tool_and_category_are_one_batch():
    failed = [{"executionSuccessful": False}]
    first = run(result("R1"), rules=[{"id": "R1"}, {"id": "R2"}], tool="CodeQL")
    second = run(result("R3"), rules=[{"id": "R3"}, {"id": "R4"}], tool="CodeQL", invocations=failed)
    reads = sarif.read(report(first, second))
    assert [[seen.rule for seen in read.observations] for read in reads] == [["R1", "R3"]]
    assert reads[0].coverage.rules == {"R1", "R2", "R3", "R4", "unnamed"}
    assert not reads[0].coverage.complete


def test_categories_keep_runs_of_one_tool_apart():
    reads = sarif.read(
        report(
            run(automationDetails={"id": "web/nightly/2024-05-01"}),
            run(automationDetails={"id": "api/"}),
            run(automationDetails={"id": "plain"}),
        )
    )
    assert [read.category for read in reads] == ["web/nightly", "api", "plain"]


def test_commit_and_branch_come_from_the_provenance():
    where = {"repositoryUri": "https://g/r", "revisionId": "ABCDEF1234", "branch": "refs/heads/main"}
    read = batch(versionControlProvenance=[where])
    assert (read.commit, read.branch) == ("abcdef1234", "main")
    assert batch(versionControlProvenance=[{"revisionId": "--upload-pack=x"}]).commit == ""


def test_a_report_without_runs_is_read_and_says_nothing():
    assert sarif.read(report()) == []


def test_the_same_report_again_is_no_change():
    results = [result(f"R{n % 3}", locations=[place(f"{n % 5}.c", n + 1)]) for n in range(40)]
    seen = batch(*results, *results).observations
    first = track([], seen, Coverage())
    again = track(known_as([seen[group[0]] for group in first.new]), seen[::-1], Coverage())
    assert (len(first.new), len(again.matches)) == (40, 40)
    assert (again.new, again.closed) == ((), {})


def test_our_own_export_is_read_back():
    text = {"caf\\xe9/a.rs": ["x", "BAD one", "y", "BAD two"], "b c.rs": ["BAD one"]}
    seen = (
        *(replace(one, priority=Priority.P1, excerpt="BAD\nx", excerpt_line=one.line) for one in observe(text)),
        Observation("s", "gone.env", 3, message="m", at_head=False),
    )
    coverage = Coverage(rules=frozenset({"demo/bad-line", "s", "quiet"}), unreadable=frozenset({"z.yaml"}))
    rules = [RuleInfo(key, key, Priority.P1) for key in ("demo/bad-line", "s", "quiet")]
    notices = (Notice("does not parse", "z.yaml"),)
    sent = Batch("nova", "main", "1", tuple(rules), seen, coverage, "abcdef1234", notices=notices)
    read = sarif.read(json.dumps(sarif_out.dump(sent)).encode())[0]
    assert (read.tool, read.category, read.commit) == ("nova", "main", "abcdef1234")
    assert read.coverage == replace(coverage, rules=coverage.rules | {"unnamed"})
    assert [rule.priority for rule in read.rules] == [Priority.P1] * 3
    for written, other in zip(sent.observations, read.observations, strict=True):
        for name in ("rule", "path", "line", "message", "priority", "at_head", "excerpt"):
            assert getattr(written, name) == getattr(other, name)
