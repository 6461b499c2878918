"""SARIF from careless and hostile hands: paths, encodings, sizes, wrong types."""

import copy
import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.formats import sarif, sarif_results
from findings.core.formats.table import detect
from findings.core.tracking import track
from findings.core.types import FormatError
from tests.findings.core.formats.reports import batch, one, place, refused, report, result, run

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
    monkeypatch.setattr("findings.core.formats.source.MAX_BYTES", 1000)
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
    assert len(long.message) == sarif_results.MAX_MESSAGE
    assert len(long.excerpt.split("\n")) == sarif_results.EXCERPT_LINES


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
        (b'{"version": ' + b"9" * 5000 + b"}", "line 1 column 13"),
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


@settings(max_examples=150)
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


@pytest.mark.parametrize("odd", [[], {}, [None]])
def test_a_level_that_does_not_count_may_be_anything(odd):
    """The priority of what only may be a problem is that of the unknown, whatever its level."""
    assert len(sarif.read(report(run(result(kind="open", level=odd))))[0].observations) == 1
