"""kafka/under-replicated-topic."""

import pytest

from findings.core.rules.kafka import FAMILY
from findings.core.types import Identity, Priority
from tests.findings.core.rules.tree import see, why_unreadable


def topic(name: str = "orders", cluster: str = "main", spec: str = "") -> str:
    return (
        "apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\nmetadata:\n"
        f"  name: {name}\n  labels: {{strimzi.io/cluster: {cluster}}}\nspec:\n  partitions: 12\n{spec}"
    )


GOOD = "  replicas: 3\n  config:\n    min.insync.replicas: 2\n"


def test_one_replica_is_reported_with_cluster_and_topic_as_key():
    (seen,) = see(FAMILY, {"k8s/topics.yaml": topic(spec="  replicas: 1\n  config: {min.insync.replicas: 2}\n")})
    assert (seen.key, seen.identity, seen.priority, seen.line) == ("main/orders", Identity.LOGICAL, Priority.P0, 8)
    assert "1 of 3 replicas" in seen.message


def test_three_replicas_of_which_two_confirm_are_fine():
    assert see(FAMILY, {"k8s/topics.yaml": topic(spec=GOOD)}) == []


@pytest.mark.parametrize("config", ["", "  config: {retention.ms: 1}\n", '  config: {min.insync.replicas: "1"}\n'])
def test_three_replicas_without_enough_confirmations_are_reported(config):
    (seen,) = see(FAMILY, {"k8s/topics.yaml": topic(spec="  replicas: 3\n" + config)})
    assert "min.insync.replicas" in seen.message


def test_settings_outside_config_are_named_because_the_operator_ignores_them():
    (seen,) = see(FAMILY, {"t.yaml": topic(spec="  replicas: 3\n  min.insync.replicas: 2\n")})
    assert "min.insync.replicas is ignored" in seen.message
    (seen,) = see(FAMILY, {"t.yaml": topic(spec=GOOD + "  cleanup.policy: compact\n")})
    assert "cleanup.policy is ignored" in seen.message


def test_copies_of_a_topic_in_two_overlays_are_occurrences_of_one_finding():
    text = topic(spec="  replicas: 1\n")
    seen = see(FAMILY, {"overlays/staging/t.yaml": text, "overlays/prod/t.yaml": text})
    assert [one.key for one in seen] == ["main/orders"] * 2


def test_the_same_name_in_another_cluster_is_another_topic():
    bad = "  replicas: 1\n"
    assert {one.key for one in see(FAMILY, {"a.yaml": topic("t", "a", bad) + "---\n" + topic("t", "b", bad)})} == {
        "a/t",
        "b/t",
    }


def test_the_topic_name_in_the_spec_wins_over_the_name_of_the_object():
    (seen,) = see(FAMILY, {"t.yaml": topic("x", spec="  topicName: real.name\n  replicas: 1\n")})
    assert seen.key == "main/real.name"


def test_a_local_overlay_drops_one_priority_and_says_so():
    (seen,) = see(FAMILY, {"overlays/dev/t.yaml": topic(spec="  replicas: 1\n")})
    assert seen.priority is Priority.P1
    assert seen.properties["overlay"] == "local"
    assert seen.properties["priority_before"] == "P0"


def test_a_script_that_creates_a_topic_with_one_replica_is_reported():
    text = (
        "#!/bin/sh\nset -e\nkafka-topics.sh --create \\\n  --topic orders \\\n  --replication-factor 1 --partitions 3\n"
    )
    (seen,) = see(FAMILY, {"scripts/topics.sh": text})
    assert (seen.key, seen.line) == ("/orders", 5)


@pytest.mark.parametrize(
    "line",
    [
        "kafka-topics.sh --create --topic orders --replication-factor 3",
        "# kafka-topics.sh --create --topic orders --replication-factor 1",
        "kafka-topics.sh --describe --topic orders",
    ],
)
def test_scripts_that_are_fine(line):
    assert see(FAMILY, {"scripts/topics.sh": line + "\n"}) == []


def test_a_topic_whose_name_the_script_computes_has_no_key():
    (seen,) = see(FAMILY, {"t.sh": 'kafka-topics --create --topic "$t" --replication-factor 1\n'})
    assert seen.identity is Identity.HINTS
    assert seen.line_hash


@pytest.mark.parametrize(
    "environment",
    ["      KAFKA_DEFAULT_REPLICATION_FACTOR: 1\n", "      - KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1\n"],
)
def test_broker_defaults_in_compose_are_p2(environment):
    (seen,) = see(FAMILY, {"docker-compose.yml": f"services:\n  kafka:\n    environment:\n{environment}"})
    assert (seen.priority, seen.line) == (Priority.P2, 4)
    assert "kafka" in seen.key


def test_good_broker_defaults_and_other_services_say_nothing():
    text = (
        "services:\n  kafka:\n    environment:\n      KAFKA_DEFAULT_REPLICATION_FACTOR: 3\n"
        "      KAFKA_MIN_INSYNC_REPLICAS: 2\n  web:\n    environment: [REPLICATION=1]\n"
    )
    assert see(FAMILY, {"compose.yaml": text}) == []


def test_a_document_that_quotes_a_topic_is_no_manifest():
    text = topic(spec="  replicas: 1\n")
    assert see(FAMILY, {"docs/topics.yaml": text, "REVIEW.md": text}) == []


def test_a_manifest_that_does_not_parse_is_not_covered():
    assert "line" in why_unreadable(FAMILY, "topics.yaml", "kind: KafkaTopic\nspec:\n\treplicas: 1\n")
