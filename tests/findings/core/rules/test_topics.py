"""kafka/under-replicated-topic: topics, patches, calls and brokers as real repositories write them."""

import pytest

from findings.core.rules.kafka import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.test_kafka import GOOD, topic
from tests.findings.core.rules.tree import see, why_unreadable

ONE = "  replicas: 1\n  config: {min.insync.replicas: 2}\n"
CALL = "kafka-topics.sh --create --topic orders --replication-factor 1"


def places(files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in see(FAMILY, files)]


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        (ONE, 8),
        ("  replicas: 3\n", 2),
        ("  replicas: 3\n  config:\n    retention.ms: 5\n", 2),
        ("  replicas: 3\n  config:\n    retention.ms: 5\n    min.insync.replicas: 1\n", 11),
        ("  replicas: 3\n  min.insync.replicas: 2\n", 9),
        (GOOD + "  retention.ms: 5\n", 11),
        ("", 2),
    ],
)
def test_the_line_is_the_one_to_change(spec, line):
    assert places({"t.yaml": topic(spec=spec)}) == [("t.yaml", line)]


def test_each_setting_outside_of_config_is_an_occurrence_of_the_topics_finding():
    seen = see(FAMILY, {"t.yaml": topic(spec="  replicas: 1\n  retention.ms: 5\n  min.insync.replicas: 2\n")})
    assert sorted(one.line for one in seen) == [8, 9, 10]
    assert {one.key for one in seen} == {"main/orders"}


def test_settings_of_the_topic_that_are_no_kafka_settings_are_fine():
    assert places({"t.yaml": topic(spec=GOOD).replace("metadata:\n", "metadata:\n  annotations: {a.b: c}\n")}) == []


@pytest.mark.parametrize("value", ["${REPLICAS}", "'{{ .Values.replicas }}'"])
def test_a_number_that_is_filled_in_later_cannot_be_told(value):
    text = topic(spec=GOOD.replace("replicas: 3", f"replicas: {value}").replace("replicas: 2", f"replicas: {value}"))
    assert places({"t.yaml": text}) == []


def test_topics_in_lists_and_in_json_are_read():
    listed = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"  {'- ' if not number else '  '}{line}\n" for number, line in enumerate(topic(spec=ONE).splitlines())
    )
    assert places({"t.yaml": listed}) == [("t.yaml", 11)]
    as_json = '{"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic",\n"metadata": {"name": "x"}, "spec": {\n"replicas": 1}}'
    assert places({"t.json": as_json}) == [("t.json", 3)]


def test_a_topic_of_redpanda_needs_replicas_alone():
    text = (
        "apiVersion: cluster.redpanda.com/v1alpha2\nkind: Topic\nmetadata: {name: orders}\nspec:\n"
        "  cluster: {clusterRef: {name: main}}\n  replicationFactor: 1\n"
    )
    (seen,) = see(FAMILY, {"t.yaml": text})
    assert (seen.key, seen.line) == ("main/orders", 6)
    assert places({"t.yaml": text.replace(": 1", ": 3")}) == []


PATCH = "apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\nmetadata: {name: orders}\nspec:\n  "


def overlay(patch: str, base: str = GOOD) -> dict[str, str]:
    return {
        "base/kustomization.yaml": "resources: [t.yaml]\n",
        "base/t.yaml": topic(spec=base),
        "overlays/prod/kustomization.yaml": "resources: [../../base]\npatches: [{path: p.yaml}]\n",
        "overlays/prod/p.yaml": patch,
    }


def test_a_patch_of_a_topic_is_no_topic():
    assert places(overlay(PATCH + "partitions: 24\n")) == []
    assert places(overlay(PATCH + "replicas: 2\n")) == [("overlays/prod/p.yaml", 5)]
    assert {one.key for one in see(FAMILY, overlay(PATCH + "replicas: 2\n"))} == {"main/orders"}


def test_a_patch_that_repairs_the_base_repairs_it_where_it_is_applied():
    good = PATCH + "replicas: 3\n  config: {min.insync.replicas: 2}\n"
    assert places(overlay(good, ONE)) == []
    staging = {"overlays/staging/kustomization.yaml": "resources: [../../base]\n"}
    assert places(overlay(good, ONE) | staging) == [("base/t.yaml", 8)]


def test_patches_inside_of_kustomizations_and_of_json_are_read():
    inline = (
        "resources: [../../base]\npatches:\n- target: {kind: KafkaTopic, name: orders}\n  patch: |\n"
        "    - op: replace\n      path: /spec/replicas\n      value: 1\n"
    )
    files = overlay("") | {"overlays/prod/kustomization.yaml": inline}
    assert places(files) == [("overlays/prod/kustomization.yaml", 7)]
    by_file = "resources: [../../base]\npatches: [{path: p.yaml, target: {kind: KafkaTopic}}]\n"
    files = overlay("- {op: add, path: /spec/config/min.insync.replicas, value: 1}\n")
    assert places(files | {"overlays/prod/kustomization.yaml": by_file}) == [("overlays/prod/p.yaml", 1)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"set -e\n{CALL}\n", 2),
        ('kafka-topics --create --topic "$t" --replication-factor=1\n', 1),
        ("RF=1\nkafka-topics.sh --create --topic a --replication-factor $RF\n", 2),
        ("RF=${RF:-1}\nkafka-topics.sh --create --topic a --replication-factor ${RF}\n", 2),
        ("kafka-topics.sh --create --topic a --replication-factor ${RF:-2}\n", 1),
        ("for t in a b; do\n  bin/kafka-topics.sh --create \\\n    --replication-factor 1 --topic $t\ndone\n", 3),
        ("rpk topic create orders -p 3 -r 1\n", 1),
        ('echo "creating" && kafka-topics.sh --create --topic a --replication-factor 1\n', 1),
    ],
)
def test_calls_in_scripts(text, line):
    assert places({"scripts/topics.sh": text}) == [("scripts/topics.sh", line)]


@pytest.mark.parametrize(
    "text",
    [
        f'echo "usage: {CALL}"\n',
        f"true # {CALL}\n",
        "RF=3\nkafka-topics.sh --create --topic a --replication-factor $RF\n",
        "kafka-topics.sh --create --topic a --replication-factor $RF\n",
        "kafka-topics.sh --alter --topic a --partitions 3\n",
        "rpk topic create orders -p 1 -r 3\n",
        "rpk topic describe -r 1\n",
        "tar -r 1\n",
    ],
)
def test_scripts_that_are_fine(text):
    assert places({"scripts/topics.sh": text}) == []


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (f"[sh, -c, '{CALL}']", 7),
        ("[kafka-topics.sh, --create, --topic, a, --replication-factor, '1']", 7),
        (
            "\n          - kafka-topics.sh\n          - --create\n          - --replication-factor\n          - '1'\n",
            10,
        ),
        (f"\n          - sh\n          - -c\n          - |\n            set -e\n            {CALL}\n", 12),
        (f"\n          - >-\n            wait-for &&\n            {CALL}\n", 10),
    ],
)
def test_calls_in_the_commands_of_manifests(command, line):
    text = f"apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - command: {command}\n"
    (seen,) = see(FAMILY, {"k8s/job.yaml": text})
    assert (seen.line, seen.priority) == (line, Priority.P0)


def test_calls_in_compose_files_and_pipelines_are_p2():
    compose = f"services:\n  setup:\n    command: >\n      sh -c '{CALL}'\n"
    (seen,) = see(FAMILY, {"dev.yaml": compose})
    assert (seen.line, seen.priority) == (4, Priority.P2)
    (seen,) = see(FAMILY, {".github/workflows/ci.yml": f"jobs:\n  a:\n    steps:\n      - run: {CALL}\n"})
    assert seen.priority is Priority.P2


def test_each_setting_of_a_broker_is_an_occurrence_of_one_finding():
    text = (
        "services:\n  kafka:\n    environment:\n      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1\n"
        "      KAFKA_CFG_DEFAULT_REPLICATION_FACTOR: '1'\n      KAFKA_MIN_INSYNC_REPLICAS: 1\n      KAFKA_CREATE_TOPICS: a:1:1\n"
    )
    seen = see(FAMILY, {"docker-compose.yml": text})
    assert [(one.line, one.key, one.priority) for one in seen] == [
        (line, "kafka/(broker defaults)", Priority.P2) for line in (4, 5, 6, 7)
    ]


def test_settings_that_services_share_by_an_anchor_are_told_once():
    text = (
        "x-env: &env\n  KAFKA_DEFAULT_REPLICATION_FACTOR: 1\nservices:\n"
        "  k1: {environment: {<<: *env, A: b}}\n  k2: {environment: {<<: *env}}\n"
    )
    assert places({"compose.yaml": text}) == [("compose.yaml", 2)]


def test_brokers_of_manifests_are_p2_as_well():
    pod = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: kafka}\nspec: {template: {spec: {containers: [\n"
        "  {name: k, env: [\n  {name: KAFKA_DEFAULT_REPLICATION_FACTOR, value: '1'}]}]}}}\n"
    )
    operator = (
        "apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: main}\nspec:\n  kafka:\n    config:\n"
        "      default.replication.factor: 1\n      min.insync.replicas: 2\n"
    )
    for text, line in ((pod, 6), (operator, 7)):
        (seen,) = see(FAMILY, {"k8s/k.yaml": text})
        assert (seen.line, seen.priority) == (line, Priority.P2)


def test_what_says_nothing_of_topics_need_not_parse():
    assert why_unreadable(FAMILY, "a.yaml", "kafka: [\n") == ""
    assert why_unreadable(FAMILY, "k8s/kustomization.yaml", "patches: [\n")


def test_topics_of_terraform():
    text = (
        'resource "kafka_topic" "a" {\n  name = "orders"\n  replication_factor = 1\n}\n'
        'resource "kafka_topic" "b" {\n  name = "audit"\n  replication_factor = 3\n}\n'
        'resource "aws_elasticache_replication_group" "c" {\n  replication_factor = 1\n}\n'
    )
    (found,) = see(FAMILY, {"infra/topics.tf": text})
    assert (found.line, found.key, found.priority) == (3, "/orders", Priority.P0)


def test_topics_that_a_program_makes():
    text = (
        "fn topics() -> Vec<NewTopic<'static>> {\n    vec![\n"
        '        NewTopic::new("alerts", 3, TopicReplication::Fixed(1)),\n'
        '        NewTopic::new("alarms", 3, TopicReplication::Fixed(3)),\n    ]\n}\n'
        '#[cfg(test)]\nmod tests {\n    fn t() { NewTopic::new("x", 1, TopicReplication::Fixed(1)); }\n}\n'
    )
    files = {"svc/src/topics.rs": text, "svc/tests/topics.rs": text, "docs/topics.rs": text}
    assert [(one.path, one.line, one.key) for one in see(FAMILY, files)] == [("svc/src/topics.rs", 3, "/alerts")]
