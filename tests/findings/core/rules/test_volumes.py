"""kubernetes/ephemeral-state: volumes as real manifests, patches and operators write them."""

import pytest

from findings.core.rules.kubernetes import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.test_kubernetes import workload
from tests.findings.core.rules.tree import see

CLAIM = "persistentVolumeClaim: {claimName: r}"


def places(files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in see(FAMILY, files)]


@pytest.mark.parametrize(
    ("volume", "found"),
    [
        ("emptyDir:\n            medium: Memory\n            sizeLimit: 1Gi", True),
        ("emptyDir:", True),
        ("emptyDir: null\n          persistentVolumeClaim: {claimName: c}", False),
        ("ephemeral: {volumeClaimTemplate: {}}", False),
    ],
)
def test_an_empty_dir_in_any_form_counts_and_one_that_a_patch_takes_away_does_not(volume, found):
    assert bool(places({"k8s/app.yaml": workload(volume=volume)})) is found


def test_a_claim_template_of_the_same_name_takes_the_place_of_the_volume():
    text = workload(kind="StatefulSet") + "  volumeClaimTemplates:\n    - metadata: {name: vol}\n      spec: {}\n"
    assert places({"k8s/app.yaml": text}) == []
    assert places({"k8s/app.yaml": text.replace("{name: vol}", "{name: other}")}) == [("k8s/app.yaml", 17)]


@pytest.mark.parametrize(
    ("image", "path", "extra"),
    [
        ("postgres:16", "/pg", "          env: [{name: PGDATA, value: /pg/main}]\n"),
        ("apache/kafka:3", "/logs", "          env: [{name: KAFKA_LOG_DIRS, value: /logs}]\n"),
        ("mongo:7", "/srv/m", '          args: ["--dbpath", "/srv/m"]\n'),
        ("redis:7", "/srv/r", '          command: [sh, -c, "redis-server --dir /srv/r --save 60 1"]\n'),
        ("redis:7", "/redis-master-data", ""),
        ("elasticsearch:8", "/esdata", ""),
        ("cassandra:5", "/var/lib/cassandra", ""),
        ("etcd:3", "/etcd-data", ""),
    ],
)
def test_the_data_directory_is_where_the_settings_put_it(image, path, extra):
    assert places({"k8s/app.yaml": workload(image, path, extra=extra)}) != []


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("redis:7", "/usr/local/etc/redis"),
        ("redis:7", "/scripts"),
        ("bitnami/postgresql:16", "/opt/bitnami/postgresql/tmp"),
        ("clickhouse-server:24", "/etc/clickhouse-server/users.d"),
        ("elasticsearch:8", "/usr/share/elasticsearch/plugins"),
        ("postgres:16", "/docker-entrypoint-initdb.d"),
        ("rabbitmq:3", "/etc/rabbitmq"),
        ("acme/kafka-indexer:1", "/data"),
        ("postgrest/postgrest", "/data"),
    ],
)
def test_configuration_scripts_and_programs_around_a_database_are_fine(image, path):
    assert places({"k8s/app.yaml": workload(image, path)}) == []


def test_a_volume_that_is_called_data_is_data_wherever_it_is_mounted():
    text = workload("redis:7", "/opt/r")
    assert places({"a.yaml": text}) == []
    assert places({"a.yaml": text.replace("name: vol", "name: redis-data")}) == [("a.yaml", 17)]
    assert places({"a.yaml": text.replace("name: vol", "name: redis-data").replace("/opt/r", "/tmp")}) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [("/var/lib/ledger", True), ("/srv/data", True), ("/var/cache/x", False), ("/run/x", False), ("/work", False)],
)
def test_of_an_unknown_stateful_set_the_data_directory_counts(path, found):
    assert bool(places({"s.yaml": workload("acme/ledger:3", path, kind="StatefulSet")})) is found


def test_two_volumes_of_an_object_are_occurrences_of_one_finding():
    text = workload() + "        - name: data-2\n          emptyDir: {}\n"
    text = text.replace(
        "              mountPath: /data\n",
        "              mountPath: /data\n            - {name: data-2, mountPath: /redis}\n",
    )
    seen = see(FAMILY, {"a.yaml": text})
    assert [one.line for one in seen] == [18, 20]
    assert {one.key for one in seen} == {"Deployment/shop/cache"}


INLINE = """\
resources: [../../base]
patches:
  - target: {kind: StatefulSet, name: cache}
    patch: |-
      - op: remove
        path: /spec/volumeClaimTemplates
      - op: add
        path: /spec/template/spec/volumes
        value:
          - name: vol
            emptyDir: {}
"""
STRATEGIC = """\
patches:
  - patch: |
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: cache}
      spec:
        template:
          spec:
            volumes:
              - name: vol
                emptyDir: {}
"""


@pytest.mark.parametrize(("text", "line"), [(INLINE, 11), (STRATEGIC, 11)])
def test_a_patch_inside_of_a_kustomization_is_joined_with_its_base(text, line):
    base = workload(volume=CLAIM, kind="StatefulSet")
    files = {"base/r.yaml": base, "overlays/staging/kustomization.yaml": text}
    assert places(files) == [("overlays/staging/kustomization.yaml", line)]
    (seen,) = see(FAMILY, {"base/r.yaml": base, "overlays/dev/kustomization.yaml": text})
    assert seen.priority is Priority.P1


def test_a_file_of_json_patches_is_joined_with_the_object_that_it_is_aimed_at():
    files = {
        "base/r.yaml": workload(volume=CLAIM),
        "o/kustomization.yaml": "patches:\n- target: {kind: Deployment, name: cache}\n  path: vol.yaml\n",
        "o/vol.yaml": "- op: replace\n  path: /spec/template/spec/volumes/0\n  value: {name: vol, emptyDir: {}}\n",
    }
    assert places(files) == [("o/vol.yaml", 3)]
    del files["o/kustomization.yaml"]
    assert places(files) == []


def of_operator(api: str, kind: str, spec: str) -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\nspec:\n{spec}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            of_operator(
                "clickhouse.altinity.com/v1",
                "ClickHouseInstallation",
                "  templates:\n    podTemplates:\n    - name: p\n      spec:\n        containers:\n        - name: clickhouse\n"
                "          image: clickhouse/clickhouse-server:24\n          volumeMounts:\n"
                "          - {name: d, mountPath: /var/lib/clickhouse}\n"
                "        volumes:\n        - name: d\n          emptyDir: {}\n",
            ),
            16,
        ),
        (
            of_operator(
                "elasticsearch.k8s.elastic.co/v1",
                "Elasticsearch",
                "  nodeSets:\n  - name: a\n    podTemplate:\n      spec:\n        containers: [{name: elasticsearch}]\n"
                "        volumes:\n        - name: elasticsearch-data\n          emptyDir: {}\n",
            ),
            12,
        ),
        (of_operator("kafka.strimzi.io/v1beta2", "Kafka", "  kafka:\n    storage:\n      type: ephemeral\n"), 7),
        (of_operator("monitoring.coreos.com/v1", "Prometheus", "  storage:\n    emptyDir: {}\n"), 6),
    ],
)
def test_the_storage_of_an_operators_object_counts(text, line):
    assert places({"k8s/x.yaml": text}) == [("k8s/x.yaml", line)]


def test_a_custom_resource_definition_is_no_pod():
    text = of_operator(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "  containers: [{name: redis}]\n  volumes: [{name: data, emptyDir: {}}]\n",
    )
    assert places({"crd.yaml": text}) == []


def test_json_and_templates_of_openshift_are_read():
    as_json = (
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "r"}, "spec": {"containers": [{"name": "r", '
        '"image": "redis", "volumeMounts": [{"name": "d", "mountPath": "/data"}]}],\n"volumes": [{"name": "d",\n"emptyDir": {}}]}}\n'
    )
    assert places({"r.json": as_json}) == [("r.json", 3)]
    listed = "kind: Template\napiVersion: template.openshift.io/v1\nobjects:\n" + "".join(
        f"  {'- ' if not number else '  '}{line}\n" for number, line in enumerate(workload().splitlines())
    )
    assert places({"t.yaml": listed}) == [("t.yaml", 20)]


@pytest.mark.parametrize(
    ("head", "spec", "lines"),
    [
        (
            "databases.spotahome.com/v1\nkind: RedisFailover",
            "  redis:\n    replicas: 3\n    storage:\n      emptyDir: {}\n",
            [8],
        ),
        ("monitoring.coreos.com/v1\nkind: Prometheus", "  storage:\n    emptyDir: {medium: Memory}\n", [6]),
        (
            "kafka.strimzi.io/v1beta2\nkind: KafkaNodePool",
            "  storage:\n    type: jbod\n    volumes:\n    - {id: 0, type: ephemeral}\n",
            [8],
        ),
        ("kafka.strimzi.io/v1beta2\nkind: Kafka", "  kafka:\n    storage: {type: persistent-claim}\n", []),
        ("databases.spotahome.com/v1\nkind: RedisFailover", "  redis: {storage: {persistentVolumeClaim: {}}}\n", []),
        ("databases.spotahome.com/v1\nkind: RedisFailover", "  sentinel: {storage: {emptyDir: {}}}\n", []),
        ("shops.example/v1\nkind: Cart", "  redis:\n    storage:\n      emptyDir: {}\n", []),
    ],
)
def test_the_storage_of_an_operators_object_wherever_it_stands(head, spec, lines):
    text = f"apiVersion: {head}\nmetadata: {{name: sensors}}\nspec:\n{spec}"
    assert [line for _, line in places({"k8s/a.yaml": text})] == lines
