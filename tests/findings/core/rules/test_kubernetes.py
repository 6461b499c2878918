"""kubernetes/ephemeral-state."""

import pytest

from findings.core.rules.kubernetes import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.tree import see, why_unreadable

EMPTY = "emptyDir: {}"


def workload(
    image: str = "redis:7",
    path: str = "/data",
    volume: str = EMPTY,
    kind: str = "Deployment",
    name: str = "cache",
    container: str = "main",
    extra: str = "",
) -> str:
    return f"""\
apiVersion: apps/v1
kind: {kind}
metadata:
  name: {name}
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: {container}
          image: {image}
{extra}          volumeMounts:
            - name: vol
              mountPath: {path}
      volumes:
        - name: vol
          {volume}
"""


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("redis:7-alpine", "/data"),
        ("docker.io/bitnami/redis:7.2", "/bitnami/redis/data"),
        ("postgres:15", "/var/lib/postgresql/data"),
        ("ghcr.io/x/postgresql@sha256:ab", "/var/lib/postgresql"),
        ("mysql:8", "/var/lib/mysql"),
        ("mariadb:11", "/var/lib/mysql"),
        ("mongo:6", "/data/db"),
        ("clickhouse/clickhouse-server:23", "/var/lib/clickhouse"),
        ("confluentinc/cp-kafka:7.5", "/var/lib/kafka/data"),
        ("redpandadata/redpanda:v23", "/var/lib/redpanda/data"),
        ("confluentinc/cp-zookeeper:7.5", "/var/lib/zookeeper/data"),
        ("docker.elastic.co/elasticsearch/elasticsearch:8", "/usr/share/elasticsearch/data"),
        ("opensearchproject/opensearch:2", "/usr/share/opensearch/data"),
        ("rabbitmq:3-management", "/var/lib/rabbitmq"),
    ],
)
def test_the_data_directory_of_a_stateful_program_on_an_empty_dir_is_p0(image, path):
    (seen,) = see(FAMILY, {"k8s/base/app.yaml": workload(image, path)})
    assert (seen.key, seen.priority, seen.line) == ("Deployment/shop/cache", Priority.P0, 17)
    assert path in seen.message


def test_prometheus_is_p1():
    (seen,) = see(FAMILY, {"p.yaml": workload("prom/prometheus:v2", "/prometheus")})
    assert seen.priority is Priority.P1


def test_nats_counts_only_with_a_store():
    assert see(FAMILY, {"n.yaml": workload("nats:2", "/data")}) == []
    (seen,) = see(FAMILY, {"n.yaml": workload("nats:2", "/data", extra='          args: ["-js", "-sd", "/data"]\n')})
    assert seen.properties["program"] == "nats"


def test_a_name_tells_where_the_image_says_nothing():
    (seen,) = see(FAMILY, {"r.yaml": workload("registry.local/base:1", container="redis", name="x")})
    assert seen.properties["program"] == "redis"
    (seen,) = see(FAMILY, {"r.yaml": workload("registry.local/base:1", name="orders-postgres-0", path="/pgdata")})
    assert seen.properties["program"] == "postgres"


def test_a_stateful_set_counts_and_with_an_unknown_program_for_its_data_directory():
    assert len(see(FAMILY, {"s.yaml": workload(kind="StatefulSet")})) == 1
    (seen,) = see(FAMILY, {"s.yaml": workload("acme/ledger:3", "/srv/data", kind="StatefulSet")})
    assert seen.properties["confidence"] == "medium"
    assert see(FAMILY, {"s.yaml": workload("acme/ledger:3", "/srv/data")}) == []


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("redis:7", "/tmp"),
        ("postgres:15", "/dev/shm"),
        ("postgres:15", "/var/run/postgresql"),
        ("elasticsearch:8", "/usr/share/elasticsearch/logs"),
        ("mysql:8", "/var/cache/mysql"),
        ("clickhouse-server:23", "/var/log/clickhouse-server"),
        ("oliver006/redis_exporter:v1", "/data"),
        ("acme/redis-consumer:3", "/data"),
        ("nginx:1", "/data"),
    ],
)
def test_scratch_space_sidecars_and_stateless_programs_are_fine(image, path):
    assert see(FAMILY, {"k8s/app.yaml": workload(image, path)}) == []


@pytest.mark.parametrize("volume", ["persistentVolumeClaim: {claimName: redis}", "hostPath: {path: /srv}"])
def test_volumes_that_outlive_the_pod_are_fine(volume):
    assert see(FAMILY, {"k8s/app.yaml": workload(volume=volume)}) == []


def test_a_sidecars_scratch_beside_a_claim_is_fine():
    text = (
        workload(volume="persistentVolumeClaim: {claimName: r}") + "        - name: scratch\n          emptyDir: {}\n"
    )
    text = text.replace(
        "      volumes:",
        "        - name: exporter\n          image: redis_exporter:1\n          volumeMounts:\n"
        "            - {name: scratch, mountPath: /data}\n      volumes:",
    )
    assert see(FAMILY, {"a.yaml": text}) == []


def test_a_patch_that_only_names_the_volume_is_joined_with_its_base():
    base = workload(volume="persistentVolumeClaim: {claimName: r}")
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cache, namespace: shop}\n"
        "spec: {template: {spec: {volumes: [{name: vol, emptyDir: {}}]}}}\n"
    )
    (seen,) = see(FAMILY, {"base/r.yaml": base, "overlays/prod/r.yaml": patch})
    assert seen.path == "overlays/prod/r.yaml"


def test_the_same_object_in_two_overlays_is_one_finding_with_two_occurrences():
    seen = see(FAMILY, {"a/r.yaml": workload(), "b/r.yaml": workload()})
    assert len(seen) == 2
    assert len({one.key for one in seen}) == 1


def test_the_occurrence_in_a_local_overlay_drops_one_priority_and_says_so():
    (seen,) = see(FAMILY, {"overlays/local/r.yaml": workload()})
    assert (seen.priority, seen.properties["overlay"]) == (Priority.P1, "local")
    seen = see(FAMILY, {"overlays/local/r.yaml": workload(), "overlays/prod/r.yaml": workload()})
    assert {one.path: one.priority for one in seen} == {
        "overlays/local/r.yaml": Priority.P1,
        "overlays/prod/r.yaml": Priority.P0,
    }
    assert len({one.key for one in seen}) == 1


def test_several_documents_and_lists_are_read():
    listed = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"  {'- ' if not number else '  '}{line}\n" for number, line in enumerate(workload(name="b").splitlines())
    )
    seen = see(FAMILY, {"all.yaml": workload(name="a") + "---\n" + listed})
    assert {one.key for one in seen} == {"Deployment/shop/a", "Deployment/shop/b"}


def test_a_volume_from_an_anchor_is_read():
    text = workload(volume="emptyDir: &none {}").replace("      volumes:", "      volumes: &all")
    assert len(see(FAMILY, {"a.yaml": text})) == 1


def test_commented_out_volumes_and_documents_are_no_manifests():
    commented = "".join(f"# {line}\n" for line in workload().splitlines())
    assert see(FAMILY, {"a.yaml": commented, "docs/a.yaml": workload(), "review.md": workload()}) == []


def test_a_manifest_that_does_not_parse_is_not_covered():
    assert why_unreadable(FAMILY, "k8s/a.yaml", workload() + "  bad\n :")
    assert why_unreadable(FAMILY, "chart/templates/a.yaml", "{{- if x }}\n" + workload() + "{{- end }}\n")


def test_a_secret_beside_the_volume_is_not_in_the_excerpt():
    text = workload(volume="emptyDir: {}\n      # next").replace(
        "      volumes:", "      # DB_PASSWORD: kX9-thirteen!\n      volumes:"
    )
    (seen,) = see(FAMILY, {"a.yaml": text})
    assert "emptyDir" in seen.excerpt
    assert "kX9-thirteen" not in seen.excerpt


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_keeps_no_state(kind):
    text = workload(kind=kind)
    if kind == "CronJob":
        text = text.replace("spec:\n  template:", "spec:\n  jobTemplate:\n   spec:\n    template:", 1)
    assert not see(FAMILY, {"k8s/a.yaml": text})
