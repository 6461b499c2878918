"""Our batches as SARIF 2.1.0."""

import json

from findings.core.formats.sarif_out import FINGERPRINT, dump
from findings.core.rules import RULES
from findings.core.types import Batch, Coverage, Identity, Notice, Observation, Priority

SECRET = {"identity": Identity.SECRET, "key": "ab" * 32, "properties": {"class": "real", "confidence": "high"}}


def batch(*seen: Observation, **more) -> Batch:
    return Batch(tool="nova", tool_version="1", rules=tuple(RULES.values()), observations=seen, **more)


def results(*seen: Observation, **more) -> list:
    return dump(batch(*seen), **more)["runs"][0]["results"]


def test_every_result_points_into_the_rules_and_carries_its_level_and_properties():
    seen = Observation(
        "secrets/plaintext", "a b/ü.env", 3, 4, "says", Priority.P0, excerpt="x\ny", excerpt_line=2, **SECRET
    )
    run = dump(batch(seen))["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "secrets/plaintext"
    assert (result["level"], result["message"]["text"]) == ("error", "says")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%BC.env"
    assert place["region"] == {"startLine": 3, "endLine": 4}
    assert place["contextRegion"]["startLine"] <= 3
    assert place["contextRegion"]["endLine"] >= 4
    assert result["properties"]["class"] == "real"
    assert result["properties"]["confidence"] == "high"


def test_levels_follow_priorities():
    seen = [Observation("secrets/plaintext", "a", message="m", priority=priority) for priority in Priority]
    assert [result["level"] for result in results(*seen)] == ["error", "warning", "note"]


def test_rules_bring_help_in_markdown():
    rules = dump(batch())["runs"][0]["tool"]["driver"]["rules"]
    assert len(rules) == len(RULES)
    assert all("**How to fix**" in rule["help"]["markdown"] for rule in rules)


def test_occurrences_of_one_finding_share_their_fingerprint():
    one, two = results(
        Observation("secrets/plaintext", "a", 1, **SECRET), Observation("secrets/plaintext", "b", 9, **SECRET)
    )
    assert one["partialFingerprints"] == two["partialFingerprints"]
    assert FINGERPRINT == "novaFingerprint/v1"


def test_equal_lines_of_one_file_are_told_apart():
    seen = [Observation("rust/mutex-wrapped-connection", "a.rs", line, line_hash="h") for line in (1, 9)]
    one, two = results(*seen)
    assert one["partialFingerprints"] != two["partialFingerprints"]


def test_a_moved_line_keeps_its_fingerprint():
    one, two = (
        results(Observation("rust/mutex-wrapped-connection", "a.rs", line, line_hash="h"))[0] for line in (1, 50)
    )
    assert one["partialFingerprints"] == two["partialFingerprints"]


def test_with_a_throw_away_key_no_fingerprint_of_a_secret_leaves():
    seen = Observation("protobuf/unversioned-package", "a", identity=Identity.LOGICAL, key="shop")
    secret, other = results(Observation("secrets/plaintext", "a", **SECRET), seen, secret_fingerprints=False)
    assert "partialFingerprints" not in secret
    assert "partialFingerprints" in other
    assert "ab" * 32 not in json.dumps(secret)


def test_unreadable_paths_are_notifications_and_the_run_is_still_a_success():
    found = batch(
        coverage=Coverage(unreadable=frozenset({"k8s/x.yaml"})), notices=(Notice("line 3: bad", "k8s/x.yaml"),)
    )
    run = dump(found)["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    (said,) = invocation["toolExecutionNotifications"]
    assert "line 3" in said["message"]["text"]
    assert said["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "k8s/x.yaml"
    assert run["properties"]["notCovered"] == ["k8s/x.yaml"]


def test_what_only_history_holds_says_so():
    (result,) = results(Observation("secrets/plaintext", "a", at_head=False, commit="c0ffee", **SECRET))
    assert result["properties"]["atHead"] is False
    assert result["properties"]["commit"] == "c0ffee"
