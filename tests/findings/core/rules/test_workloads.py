"""kubernetes/single-replica-state, kubernetes/single-replica-service and kubernetes/inline-shell-job."""

import pytest

from findings.core.rules.workloads import FAMILY
from findings.core.types import Identity, Observation, Priority
from tests.findings.core.rules.tree import see, why_unreadable

STATE, SERVICE, SCRIPT = (
    "kubernetes/single-replica-state",
    "kubernetes/single-replica-service",
    "kubernetes/inline-shell-job",
)


def workload(
    image: str = "postgres:16",
    replicas: str = "1",
    kind: str = "StatefulSet",
    name: str = "db",
    namespace: str = "",
    more: str = "",
    selector: bool = True,
) -> str:
    lines = [f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: {name}"]
    lines += [f"  namespace: {namespace}"] if namespace else []
    lines += ["spec:"]
    lines += [f"  replicas: {replicas}"] if replicas else []
    lines += ["  selector: {matchLabels: {app: x}}"] if selector else []
    lines += [f"  template:\n    spec:\n      containers:\n        - name: main\n          image: {image}", more]
    return "\n".join(lines) + "\n"


def app(replicas: str = "1", name: str = "orders", **more: str) -> str:
    return workload("registry.example.com/shop/orders:1", replicas, "Deployment", name, **more)


def patch(replicas: str, kind: str = "Deployment", name: str = "orders") -> str:
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n"


def kustomization(*resources: str, patches: tuple[str, ...] = (), more: str = "") -> str:
    listed = "".join(f"- {name}\n" for name in resources)
    changed = "".join(f"- path: {name}\n" for name in patches)
    return (f"resources:\n{listed}" if listed else "") + (f"patches:\n{changed}" if changed else "") + more


def seen(files: dict[str, str], rule: str = "") -> list[Observation]:
    return [one for one in see(FAMILY, files) if rule in ("", one.rule)]


def places(files: dict[str, str], rule: str = "") -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in seen(files, rule)]


@pytest.mark.parametrize(
    "image",
    [
        "redis:7", "bitnami/postgresql:16", "mysql:8", "mongo:6", "clickhouse/clickhouse-server:24", "apache/kafka:3.8.0",
        "redpandadata/redpanda:v24", "zookeeper:3.9", "elasticsearch:8", "opensearchproject/opensearch:2", "rabbitmq:3",
    ],
)  # fmt: skip
def test_a_database_broker_or_search_engine_with_one_replica_is_p0(image):
    (one,) = seen({"k8s/db.yaml": workload(image)})
    assert (one.rule, one.priority, one.identity, one.key) == (STATE, Priority.P0, Identity.LOGICAL, "StatefulSet//db")
    assert one.line == 6


def test_absent_replicas_mean_one():
    (one,) = seen({"k8s/db.yaml": workload(replicas="")})
    assert (one.rule, one.line, one.properties["confidence"]) == (STATE, 2, "medium")


def test_a_deployment_of_a_database_counts_too_and_prometheus_is_p1():
    assert seen({"k8s/r.yaml": workload("redis:7", kind="Deployment")})[0].rule == STATE
    assert seen({"k8s/p.yaml": workload("prom/prometheus:v2", kind="Deployment")})[0].priority is Priority.P1


@pytest.mark.parametrize("replicas", ["3", "2", "0", '"${REPLICAS}"'])
def test_other_numbers_are_fine(replicas):
    assert seen({"k8s/db.yaml": workload(replicas=replicas), "k8s/app.yaml": app(replicas)}) == []


def test_exporters_and_consumers_are_no_state():
    assert seen({"k8s/e.yaml": workload("redis_exporter:1", name="x"), "k8s/n.yaml": workload("nats:2")}) == []
    nats = workload("nats:2", more='          args: ["-js"]')
    assert [one.rule for one in seen({"k8s/n.yaml": nats})] == [STATE]


def test_a_sidecar_database_does_not_make_a_service_a_database():
    text = app(more="        - name: cache\n          image: redis:7")
    assert [one.rule for one in seen({"k8s/a.yaml": text})] == [SERVICE]


@pytest.mark.parametrize("image", ["pgbackrest/pgbackrest:2.51", "ghcr.io/cloudnative-pg/barman:3"])
def test_what_backs_a_database_up_beside_it_leaves_it_a_database(image):
    assert [
        one.rule for one in seen({"k8s/a.yaml": workload(more=f"        - name: saver\n          image: {image}")})
    ] == [STATE]


def test_the_minimum_of_an_autoscaler_is_no_replica_count():
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: orders}\n"
        "spec:\n  scaleTargetRef: {kind: Deployment, name: orders}\n  minReplicas: 1\n"
    )
    assert seen({"k8s/a.yaml": app("2") + "---\n" + scaler}) == []
    assert seen({"k8s/a.yaml": app("") + "---\n" + scaler.replace("minReplicas: 1", "minReplicas: 2")}) == []


def test_a_patch_that_is_no_workload_is_none():
    files = {
        "base/db.yaml": workload(replicas="3"),
        "overlays/staging/kustomization.yaml": kustomization("../../base", patches=("image.yaml", "memory.yaml")),
        "overlays/staging/image.yaml": workload("postgres:16.1", "", selector=False),
        "overlays/staging/memory.yaml": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {template: {spec: {}}}\n",
        "base/kustomization.yaml": kustomization("db.yaml"),
    }
    assert seen(files) == []
    del files["overlays/staging/kustomization.yaml"]
    assert seen(files) == []


def test_an_overlay_that_sets_replicas_wins_over_the_base():
    base = {"base/kustomization.yaml": kustomization("db.yaml"), "base/db.yaml": workload(replicas="1")}
    overlay = {"overlays/prod/kustomization.yaml": kustomization("../../base", patches=("p.yaml",))}
    assert places({**base, **overlay, "overlays/prod/p.yaml": patch("3", "StatefulSet", "db")}) == []
    base["base/db.yaml"] = workload(replicas="3")
    files = {**base, **overlay, "overlays/prod/p.yaml": patch("1", "StatefulSet", "db")}
    assert places(files, STATE) == [("overlays/prod/p.yaml", 5)]


@pytest.mark.parametrize(
    "more",
    [
        "replicas:\n- name: orders\n  count: 2\n",
        "patches:\n- target: {kind: Deployment, name: orders}\n  patch: |\n    - op: replace\n      path: /spec/replicas\n      value: 2\n",
        "patches:\n- target: {kind: Deployment}\n  path: json.yaml\n",
        "patchesJson6902:\n- target: {kind: Deployment, name: orders}\n  path: json.yaml\n",
        "patchesStrategicMerge:\n- two.yaml\n",
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: orders}\n    spec: {replicas: 2}\n",
    ],
)
def test_every_way_an_overlay_sets_replicas_is_read(more):
    files = {
        "base/kustomization.yaml": kustomization("orders.yaml"),
        "base/orders.yaml": app("1"),
        "overlays/prod/kustomization.yaml": kustomization("../../base", more=more),
        "overlays/prod/json.yaml": "- op: replace\n  path: /spec/replicas\n  value: 2\n",
        "overlays/prod/two.yaml": patch("2"),
    }
    assert seen(files) == []
    one = {path: text.replace(": 2", ": 1") for path, text in files.items() if path.startswith("overlays")}
    assert all(path.startswith("overlays/prod/") for path, _ in places({**files, **one}))
    assert len(places({**files, **one})) == 1


def test_an_object_is_one_finding_however_many_manifests_hold_it():
    files = {"base/db.yaml": workload(), "overlays/staging/db.yaml": workload(), "overlays/prod/db.yaml": workload()}
    found = seen(files)
    assert {one.key for one in found} == {"StatefulSet//db"}
    assert {one.path for one in found} == {"overlays/staging/db.yaml", "overlays/prod/db.yaml"}
    files["base/kustomization.yaml"] = kustomization("db.yaml")
    files["overlays/prod/kustomization.yaml"] = kustomization("../../base")
    del files["overlays/staging/db.yaml"], files["overlays/prod/db.yaml"]
    assert places(files) == [("base/db.yaml", 6)]


def test_a_full_manifest_in_an_overlay_wins_too():
    assert seen({"base/db.yaml": workload(), "overlays/prod/db.yaml": workload(replicas="3")}) == []


def test_objects_of_two_namespaces_are_two_findings():
    found = seen({"a.yaml": workload(namespace="shop"), "b.yaml": workload(namespace="chat")})
    assert {one.key for one in found} == {"StatefulSet/shop/db", "StatefulSet/chat/db"}


def test_a_local_overlay_drops_one_priority_and_does_not_speak_for_the_others():
    (one,) = seen({"overlays/local/db.yaml": workload()})
    assert (one.priority, one.properties["overlay"]) == (Priority.P1, "local")
    files = {
        "base/kustomization.yaml": kustomization("db.yaml"),
        "base/db.yaml": workload(replicas="1"),
        "overlays/dev/kustomization.yaml": kustomization("../../base", more="replicas:\n- {name: db, count: 3}\n"),
    }
    files["overlays/prod/kustomization.yaml"] = kustomization("../../base")
    assert places(files) == [("base/db.yaml", 6)]


OPERATED = [
    ("postgresql.cnpg.io/v1", "Cluster", "instances: 1"),
    ("acid.zalan.do/v1", "postgresql", "numberOfInstances: 1"),
    (
        "clickhouse.altinity.com/v1",
        "ClickHouseInstallation",
        "configuration: {clusters: [{layout: {replicasCount: 1}}]}",
    ),
    ("kafka.strimzi.io/v1beta2", "Kafka", "kafka: {replicas: 1}"),
    ("kafka.strimzi.io/v1beta2", "KafkaNodePool", "replicas: 1"),
    ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "nodeSets: [{count: 1}]"),
    ("opensearch.opster.io/v1", "OpenSearchCluster", "nodePools: [{replicas: 1}]"),
    ("rabbitmq.com/v1beta1", "RabbitmqCluster", "image: x"),
    ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", "members: 1"),
]


def operated(api: str, kind: str, spec: str) -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: db}}\nspec:\n  {spec}\n"


@pytest.mark.parametrize(("api", "kind", "spec"), OPERATED)
def test_the_objects_of_operators_count(api, kind, spec):
    (one,) = seen({"k8s/db.yaml": operated(api, kind, spec)})
    assert (one.rule, one.priority, one.key) == (STATE, Priority.P0, f"{kind}//db")
    assert seen({"k8s/db.yaml": operated(api, kind, spec.replace("1", "3").replace("image: x", "replicas: 3"))}) == []


def test_objects_of_the_same_kind_that_are_no_database_are_fine():
    assert seen({"k8s/c.yaml": operated("cluster.x-k8s.io/v1", "Cluster", "instances: 1")}) == []
    assert seen({"k8s/t.yaml": operated("kafka.strimzi.io/v1", "KafkaTopic", "replicas: 1")}) == []


def test_a_stateless_service_with_one_replica_is_p2():
    (one,) = seen({"k8s/base/orders.yaml": app()})
    assert (one.rule, one.priority, one.key, one.line) == (SERVICE, Priority.P2, "Deployment//orders", 6)
    assert len(seen({"k8s/base/orders.yaml": app("")})) == 1


def test_a_service_of_a_local_overlay_is_fine():
    assert seen({"overlays/local/mail.yaml": app()}) == []
    files = {
        "mail/kustomization.yaml": kustomization("mail.yaml"),
        "mail/mail.yaml": app(),
        "overlays/local/kustomization.yaml": kustomization("../../mail"),
    }
    assert seen(files) == []
    assert len(seen({**files, "overlays/prod/kustomization.yaml": kustomization("../../mail")})) == 1


def test_what_keeps_a_volume_or_runs_everywhere_is_no_stateless_service():
    volume = "      volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]"
    assert seen({"k8s/a.yaml": app(more=volume)}) == []
    assert seen({"k8s/a.yaml": workload("acme/ledger:1")}) == []
    assert seen({"k8s/a.yaml": workload("acme/agent:1", "", "DaemonSet")}) == []


def job(script: str, kind: str = "CronJob", command: str = '["/bin/sh", "-c"]', name: str = "tidy") -> str:
    lead = " " * (14 if kind == "CronJob" else 10)
    pod = f"containers:\n- name: main\n  image: tools:1\n  command: {command}\n  args:\n    - |\n" + "".join(
        f"      {line}\n" for line in script.splitlines()
    )
    spec = (
        "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"
        if kind == "CronJob"
        else "spec:\n  template:\n    spec:\n"
    )
    body = "".join(f"{lead[4:]}{line}\n" for line in pod.splitlines())
    return f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{spec}{body}"


LONG = "set -eu\n" + "echo step\n" * 10
MINTS = LONG + "aws sts get-session-token > /tmp/x\nkubectl create secret generic s --from-file=/tmp/x\n"


@pytest.mark.parametrize("kind", ["CronJob", "Job"])
def test_a_job_with_a_script_of_more_than_ten_lines_is_p2(kind):
    (one,) = seen({"k8s/job.yaml": job(LONG, kind)})
    assert (one.rule, one.priority, one.key) == (SCRIPT, Priority.P2, f"{kind}//tidy")
    assert one.properties["lines"] == 11
    assert "11 lines" in one.message


def test_ten_lines_are_fine_and_blank_ones_do_not_count():
    assert seen({"k8s/job.yaml": job("echo a\n\n" * 10)}) == []


@pytest.mark.parametrize(
    "line",
    [
        "aws sts get-session-token --duration 3600",
        "aws iam create-access-key --user-name x",
        "kubectl create secret generic x --from-literal=a=b",
        "kubectl -n shop patch secret db -p '{}'",
        "vault write database/rotate-root/x",
        "psql -c \"ALTER USER shop PASSWORD '$NEW'\"",
        "curl -X PUT $API/api/v1/namespaces/shop/secrets/x",
    ],
)
def test_a_script_that_mints_or_rotates_credentials_is_p1(line):
    (one,) = seen({"k8s/job.yaml": job(LONG + line)})
    assert (one.priority, one.properties["credentials"]) == (Priority.P1, True)


def test_a_script_that_only_reads_a_secret_is_p2():
    (one,) = seen({"k8s/job.yaml": job(LONG + "kubectl get secret x -o json")})
    assert one.priority is Priority.P2


def test_scripts_of_other_languages_and_of_services_are_no_shell_jobs():
    assert seen({"k8s/job.yaml": job(LONG, command='["python3", "-c"]')}) == []
    script = "".join(f"              {line}\n" for line in LONG.splitlines())
    assert seen({"k8s/app.yaml": app("2", more=f"          args:\n            - |\n{script}")}) == []


def test_a_manifest_nobody_refers_to_is_marked_and_drops_to_p2():
    files = {"k8s/kustomization.yaml": kustomization("job.yaml"), "k8s/job.yaml": job(MINTS)}
    (one,) = seen(files)
    assert one.priority is Priority.P1
    assert "unreferenced" not in one.properties
    files["k8s/kustomization.yaml"] = kustomization("other.yaml")
    (one,) = seen(files)
    assert (one.priority, one.properties["unreferenced"]) == (Priority.P2, True)
    (one,) = seen({"k8s/job.yaml": job(MINTS)})
    assert one.priority is Priority.P1


def test_the_limit_of_a_script_is_told_by_the_settings():
    assert seen({"k8s/job.yaml": job("echo a\n" * 11)}) != []


def test_documents_and_comments_are_no_manifests():
    text = workload() + "---\n" + job(MINTS)
    assert (
        seen(
            {"docs/a.yaml": text, "review.md": text, "k8s/a.yaml": "".join(f"# {line}\n" for line in text.splitlines())}
        )
        == []
    )


def test_what_does_not_parse_is_not_covered():
    assert why_unreadable(FAMILY, "k8s/a.yaml", workload() + "  bad\n :")
    assert why_unreadable(FAMILY, "k8s/kustomization.yaml", "- a\n")


def test_kustomizations_that_refer_to_each_other_end():
    files = {
        "a/kustomization.yaml": kustomization("../b", "db.yaml"),
        "b/kustomization.yaml": kustomization("../a"),
        "a/db.yaml": workload(),
    }
    assert len(seen(files)) == 1


def test_a_name_with_a_number_within_it_is_one_word():
    assert [one.rule for one in seen({"a.yaml": workload("neo4j:5.9.0", name="graph")})] == [STATE]


@pytest.mark.parametrize(
    ("name", "rule"), [("postgres-deployment", STATE), ("tide-redis-sts", STATE), ("redis-tide", SERVICE)]
)
def test_an_image_of_ones_own_is_the_program_that_its_workload_is_called_after(name, rule):
    text = workload("databaseservice", kind="Deployment", name=name)
    assert [one.rule for one in seen({"k8s/db.yaml": text})] == [rule]
