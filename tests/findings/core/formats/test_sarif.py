"""Reading SARIF: what a report says, what it covers, and clear words for what is wrong with it."""

import copy
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.formats import FORMATS, detect, sarif, sarif_out
from findings.core.tracking import track
from findings.core.types import Batch, Coverage, FormatError, Notice, Observation, Priority, RuleInfo
from tests.findings.core.tracking_world import known_as, observe


def place(uri: str = "src/a.c", line: int = 7, **more: Any) -> dict[str, Any]:
    region = {"startLine": line} | more.pop("region", {})
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region} | more}


def result(rule: str = "R1", **more: Any) -> dict[str, Any]:
    return {"ruleId": rule, "message": {"text": "careful"}, "locations": [place()]} | more


def run(*results: dict[str, Any], rules: Any = (), **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "Tool", "rules": list(rules)}}, "results": list(results)} | more


def report(*runs: dict[str, Any]) -> bytes:
    return json.dumps({"version": "2.1.0", "runs": list(runs)}).encode()


def batch(*results: dict[str, Any], **more: Any) -> Batch:
    return sarif.read(report(run(*results, **more)))[0]


def one(**more: Any) -> Observation:
    return batch(result(**more)).observations[0]


def refused(data: bytes) -> FormatError:
    with pytest.raises(FormatError) as caught:
        sarif.read(data)
    return caught.value


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


def test_a_tool_that_lists_only_rules_with_results_covers_every_rule():
    assert batch(result(), rules=[{"id": "R1"}]).coverage == Coverage()


def test_a_tool_that_lists_rules_without_results_covers_those_it_lists():
    rules = [{"id": "R1"}, {"id": "R2"}, {"id": "R3", "defaultConfiguration": {"enabled": False}}]
    assert batch(result(), rules=rules).coverage.rules == {"R1", "R2", "unnamed"}


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
    first = run(result("R1"), rules=[{"id": "R1"}, {"id": "R2"}])
    second = run(result("R3"), rules=[{"id": "R3"}, {"id": "R4"}], invocations=[{"executionSuccessful": False}])
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
    for one, other in zip(sent.observations, read.observations, strict=True):
        for name in ("rule", "path", "line", "message", "priority", "at_head", "excerpt"):
            assert getattr(one, name) == getattr(other, name)


# Paths


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a.c", "src/a.c"),
        ("./src//a.c", "src/a.c"),
        ("src/x/../a.c", "src/a.c"),
        ("../../etc/passwd", "etc/passwd"),
        ("a/%2e%2e/%2e%2e/b.c", "b.c"),
        ("/etc/passwd", "etc/passwd"),
        ("file:///home/ci/a.c", "home/ci/a.c"),
        ("FILE://host/share/a.c", "share/a.c"),
        ("file:///C:/code/a.c", "code/a.c"),
        ("C:\\code\\a.c", "code/a.c"),
        ("src\\a.c", "src/a.c"),
        ("with%20space.c", "with space.c"),
        ("caf%C3%A9.c", "café.c"),
        ("caf%E9.c", "caf\\xe9.c"),
        ("nul%00.c", "nul\\x00.c"),
        ("back%5Cslash.c", "back\\x5cslash.c"),
        ("library/alpine:3.10", "library/alpine:3.10"),
        ("https://host/org/a.c", "org/a.c"),
        ("100%.c", "100%.c"),
        ("", ""),
    ],
)
def test_an_address_becomes_a_safe_relative_path(uri, path):
    assert one(locations=[place(uri)]).path == path


def located(artifact: dict[str, Any], **more: Any) -> str:
    return batch(result(locations=[{"physicalLocation": {"artifactLocation": artifact}}]), **more).observations[0].path


def test_relative_bases_are_folders_and_an_absolute_one_is_the_root():
    bases = {
        "ROOT": {"uri": "file:///home/ci/work/"},
        "SRC": {"uri": "services/api/", "uriBaseId": "ROOT"},
        "DEEP": {"uri": "file:///home/ci/work/lib/"},
    }
    assert located({"uri": "a.c", "uriBaseId": "SRC"}, originalUriBaseIds=bases) == "services/api/a.c"
    assert located({"uri": "a.c", "uriBaseId": "DEEP"}, originalUriBaseIds=bases) == "lib/a.c"
    assert located({"uri": "file:///home/ci/work/b.c"}, originalUriBaseIds=bases) == "b.c"
    assert located({"uri": "a.c", "uriBaseId": "%SRCROOT%"}) == "a.c"


def test_a_working_directory_is_a_root():
    call = {"executionSuccessful": True, "workingDirectory": {"uri": "file:///w/repo"}}
    assert located({"uri": "file:///w/repo/src/a.c"}, invocations=[call]) == "src/a.c"
    assert located({"uri": "file:///w/repository/a.c"}, invocations=[call]) == "w/repository/a.c"


def test_an_artifact_may_be_named_by_its_index():
    artifacts = [{"location": {"uri": "z.c"}}, {"location": {"uri": "y.c"}}]
    assert located({"index": 1}, artifacts=artifacts) == "y.c"
    error = refused(report(run(result(locations=[{"physicalLocation": {"artifactLocation": {"index": 3}}}]))))
    assert error.where.endswith("artifactLocation.index")


def test_bases_that_refer_to_each_other_are_refused():
    bases = {"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "A"}}
    assert "each other" in str(refused(report(run(result(), originalUriBaseIds=bases))))


# Text and packing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_of_json_is_read(encoding):
    text = report(run(result(message={"text": "héllo"}))).decode()
    text = json.dumps(json.loads(text), ensure_ascii=False)
    assert sarif.read(text.encode(encoding))[0].observations[0].message == "héllo"


def test_gzip_is_unpacked_and_damaged_gzip_is_refused():
    packed = gzip.compress(report(run(result())))
    assert sarif.read(packed) == sarif.read(report(run(result())))
    assert sarif.read(gzip.compress(b'{"version": "2.1.0",') + gzip.compress(b'"runs": []}')) == []
    assert "middle" in str(refused(packed[:-9]))
    assert "gzip" in str(refused(packed[:15] + b"\xff\xff\xff" + packed[18:]))


def test_a_packed_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("findings.core.formats.document.MAX_BYTES", 1000)
    assert "larger" in str(refused(gzip.compress(b" " * 5000)))
    assert "larger" in str(refused(b" " * 5000))


def test_too_many_results_are_refused(monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    assert refused(report(run(*[result()] * 4))).where == "$.runs[0].results[3]"


def test_no_text_holds_what_a_database_refuses():
    seen = one(
        message={"text": "a\0b\ud800c"},
        locations=[place("a\0.c", region={"snippet": {"text": "x\0\udfff"}})],
        partialFingerprints={"n\0": "v\0"},
        properties={"confidence": "c\0"},
    )
    read = batch(result(), rules=[{"id": "R1", "name": "t\0", "help": {"text": "h\0"}}])
    texts = repr((seen, read.rules))
    assert "\\x00" not in texts.replace("\\\\x00", "")
    assert "\\ud" not in texts
    seen.message.encode()
    seen.excerpt.encode()


def test_long_texts_are_cut():
    long = one(message={"text": "m" * 10_000}, locations=[place(region={"snippet": {"text": "x\n" * 500}})])
    assert len(long.message) == sarif.MAX_MESSAGE
    assert len(long.excerpt.split("\n")) == sarif.EXCERPT_LINES


def test_every_text_that_is_kept_went_through_the_redactor():
    value = "hunter2-hunter2"
    context = {"startLine": 6, "snippet": {"text": f"a\npass={value}\nb"}}
    call = {"executionSuccessful": False, "exitCodeDescription": value}
    node = run(
        result(
            message={"text": f"found {value}"},
            locations=[place(contextRegion=context) | {"logicalLocations": [{"fullyQualifiedName": value}]}],
            properties={"confidence": value, "offender": value},
        ),
        invocations=[call],
    )
    read = sarif.read(report(node), lambda text: text.replace(value, "***"))[0]
    assert value not in repr(read)
    plain = sarif.read(report(node).replace(value.encode(), b"***"))[0]
    assert read.observations[0].line_hash == plain.observations[0].line_hash


# Refusals


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "line 1 column 1"),
        (b"{", "line 1 column 2"),
        (b"\xff\xfe\x00", "byte 2"),
        (b"\xff{}", "byte 0"),
        (b"[]", "$"),
        (b"{}", "$.version"),
        (b'{"version": "2.0.0", "runs": []}', "$.version"),
        (b'{"version": 2, "runs": []}', "$.version"),
        (b'{"version": "2.1.0"}', "$.runs"),
        (b'{"version": "2.1.0", "runs": {}}', "$.runs"),
        (b'{"version": "2.1.0", "runs": [null]}', "$.runs[0]"),
        (b'{"version": "2.1.0", "runs": [{}]}', "$.runs[0].tool"),
        (b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": " "}}}]}', "$.runs[0].tool.driver.name"),
        (b"[" * 100_000, "$"),
        (b'{"version": ' + b"9" * 5000 + b"}", "$"),
    ],
)
def test_a_file_that_is_no_sarif_is_refused_with_its_place(data, where):
    error = refused(data)
    assert error.where == where
    assert error.expected


def test_a_wrong_type_is_named_without_its_value():
    error = refused(report(run(result(message={"text": ["hunter2"]}))))
    assert error.where == "$.runs[0].results[0].message.text"
    assert str(error) == f"found an array; at {error.where}; expected a string"
    assert "hunter2" not in str(refused(report(run(result(level="hunter2")))))


def test_true_is_no_number_and_a_number_no_flag():
    error = refused(report(run(result(locations=[place(line=True)]))))
    assert (error.where.rpartition(".")[2], error.expected) == ("startLine", "a whole number")
    error = refused(report(run(invocations=[{"executionSuccessful": 1}])))
    assert error.expected == "true or false"


def test_formats_are_told_apart_by_name_and_by_content():
    assert detect("x.sarif", b"") == "sarif"
    assert detect("x.sarif.json.gz", b"\x1f\x8b") == "sarif"
    assert detect("report.json", b' {"$schema": "https://x/sarif-2.1.0.json", "runs": []') == "sarif"
    assert set(FORMATS) == {"sarif"}
    with pytest.raises(FormatError):
        detect("report.json", b'{"a": 1}')


FULL = run(
    result(
        level="error",
        kind="fail",
        suppressions=[{"kind": "external", "status": "accepted"}],
        fingerprints={"f/v1": "aa"},
        partialFingerprints={"p/v1": "bb"},
        properties={"security-severity": "7.5", "confidence": 0.5},
        correlationGuid="g",
        ruleIndex=0,
        rule={"id": "R1", "index": 0, "toolComponent": {"index": 0}},
        message={"id": "default", "arguments": ["a"]},
        locations=[
            place(
                region={"endLine": 8, "snippet": {"text": "x"}},
                contextRegion={"startLine": 5, "snippet": {"text": "a\nb\nx"}},
            )
            | {"logicalLocations": [{"fullyQualifiedName": "f"}]},
            {"physicalLocation": {"artifactLocation": {"index": 0, "uriBaseId": "A"}}},
        ],
    ),
    rules=[
        {
            "id": "R1",
            "messageStrings": {"default": {"text": "{0}"}},
            "defaultConfiguration": {"level": "note", "enabled": True},
            "properties": {"security-severity": 5},
            "shortDescription": {"text": "s"},
            "help": {"text": "h", "markdown": "m"},
            "helpUri": "u",
        }
    ],
    artifacts=[{"location": {"uri": "b.c", "uriBaseId": "A"}}],
    originalUriBaseIds={"A": {"uri": "file:///w/"}, "B": {"uri": "b/", "uriBaseId": "A"}},
    automationDetails={"id": "c/1"},
    versionControlProvenance=[{"revisionId": "abcdef1", "branch": "main"}],
    invocations=[
        {
            "executionSuccessful": True,
            "workingDirectory": {"uri": "file:///w"},
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "message": {"text": "m"},
                    "associatedRule": {"ruleId": "R1", "index": 0},
                    "locations": [place("z.c")],
                    "descriptor": {"id": "N"},
                }
            ],
            "toolConfigurationNotifications": [{"message": {"text": "m"}}],
        }
    ],
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, child in steps for deeper in paths_of(child, (*path, key)))]


def read_or_refuse(data: bytes) -> None:
    """The only exception that reading may raise is a FormatError; and what is read can be tracked."""
    try:
        batches = sarif.read(data)
    except FormatError as error:
        assert str(error)
        return
    for read in batches:
        track([], read.observations, read.coverage)
        repr(read).encode()


VALUES = [None, True, -1, 2**70, 1.5, float("nan"), "", "x", "\0", [], [None], [{}], {}, {"a": None}, [[1]], "9" * 500]


@pytest.mark.parametrize("path", paths_of({"version": "2.1.0", "runs": [FULL]})[1:], ids=str)
def test_any_value_in_any_place_is_read_or_refused(path):
    for value in VALUES:
        whole = copy.deepcopy({"version": "2.1.0", "runs": [FULL]})
        node: Any = whole
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        read_or_refuse(json.dumps(whole).encode())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_cut_and_damaged_files_are_read_or_refused(data):
    whole = report(FULL)
    if data.draw(st.booleans()):
        whole = gzip.compress(whole)
    cut = data.draw(st.integers(0, len(whole)))
    damaged = bytearray(whole[:cut] if data.draw(st.booleans()) else whole)
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(damaged))
