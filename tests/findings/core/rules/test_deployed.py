"""kubernetes/single-replica-*: which number counts, as kustomizations stack up."""

import pytest

from findings.core.facts import is_local
from findings.core.rules.workloads import FAMILY
from findings.core.types import Priority
from tests.findings.core.rules.test_workloads import SERVICE, STATE, app, kustomization, patch, places, seen, workload
from tests.findings.core.rules.tree import see

ONE, TWO = "replicas:\n- {name: orders, count: 1}\n", "replicas:\n- {name: orders, count: 2}\n"


def overlays(base: str = "1", **more: str) -> dict[str, str]:
    """A base with one service, and an overlay for each keyword with that text in its kustomization."""
    files = {"base/kustomization.yaml": kustomization("orders.yaml"), "base/orders.yaml": app(base)}
    for name, text in more.items():
        files[f"overlays/{name}/kustomization.yaml"] = kustomization("../../base", more=text)
    return files


def test_each_overlay_is_deployed_by_itself():
    assert places(overlays(prod=TWO, staging=TWO)) == []
    assert places(overlays(prod=TWO, staging="")) == [("base/orders.yaml", 6)]
    assert places(overlays(prod=ONE, staging=TWO)) == [("overlays/prod/kustomization.yaml", 4)]
    assert places(overlays("2", prod=ONE, staging=ONE)) == [
        ("overlays/prod/kustomization.yaml", 4),
        ("overlays/staging/kustomization.yaml", 4),
    ]


def test_the_outermost_kustomization_has_the_last_word():
    files = overlays("3", prod=ONE)
    files["clusters/eu/kustomization.yaml"] = kustomization("../../overlays/prod", more=TWO)
    assert places(files) == []
    files["clusters/us/kustomization.yaml"] = kustomization("../../overlays/prod")
    assert places(files) == [("overlays/prod/kustomization.yaml", 4)]


def test_a_component_changes_what_stands_beside_it():
    component = "kind: Component\npatches:\n- path: two.yaml\n"
    files = overlays(prod="components:\n- ../../components/ha\n")
    files |= {"components/ha/kustomization.yaml": component, "components/ha/two.yaml": patch("2")}
    assert places(files) == []
    files["overlays/prod/kustomization.yaml"] += ONE
    assert places(files) == [("overlays/prod/kustomization.yaml", 6)]


def test_an_overlay_of_another_service_with_the_same_name_says_nothing():
    files = overlays(prod=TWO)
    files |= {"other/kustomization.yaml": kustomization("orders.yaml"), "other/orders.yaml": app("1")}
    assert places(files) == [("other/orders.yaml", 6)]


@pytest.mark.parametrize(
    ("target", "hit"),
    [
        ("{kind: Deployment}", True),
        ("{kind: Deployment, name: orders|payments}", True),
        ("{name: ord.*}", True),
        ('{labelSelector: "tier=web"}', True),
        ('{labelSelector: "tier=web, team"}', False),
        ("{kind: StatefulSet}", False),
        ("{kind: Deployment, name: order}", False),
        ('{annotationSelector: "a=b"}', False),
        ("{name: '(a+)+$'}", False),
    ],
)
def test_a_patch_hits_what_its_target_selects(target, hit):
    json = f"patches:\n- target: {target}\n  patch: |\n    - {{op: add, path: /spec/replicas, value: 1}}\n"
    files = overlays("2", prod=json)
    files["base/orders.yaml"] = files["base/orders.yaml"].replace(
        "  name: orders\n", "  name: orders\n  labels: {tier: web}\n"
    )
    assert bool(places(files)) is hit


def test_patches_in_files_without_kustomization_speak_for_the_base():
    files = {"base/orders.yaml": app("1"), "overlays/prod/replicas.yaml": patch("3")}
    assert places(files) == []
    files = {"base/orders.yaml": app("3"), "overlays/prod/replicas.yaml": patch("1")}
    assert places(files) == [("overlays/prod/replicas.yaml", 5)]


def test_an_overlay_that_is_used_by_local_ones_only_is_local():
    files = {"db/kustomization.yaml": kustomization("db.yaml"), "db/db.yaml": workload()}
    files["overlays/local/kustomization.yaml"] = kustomization("../../db")
    (one,) = seen(files)
    assert (one.rule, one.priority, one.properties["priority_before"]) == (STATE, Priority.P1, "P0")


def test_what_only_a_local_overlay_deploys_once_drops_one_priority():
    files = {"base/kustomization.yaml": kustomization("db.yaml"), "base/db.yaml": workload()}
    files["overlays/dev/kustomization.yaml"] = kustomization("../../base")
    files["overlays/prod/kustomization.yaml"] = kustomization("../../base", more="replicas:\n- {name: db, count: 3}\n")
    (one,) = seen(files)
    assert (one.path, one.priority, one.properties["overlay"]) == ("base/db.yaml", Priority.P1, "local")
    files["overlays/staging/kustomization.yaml"] = kustomization(
        "../../base", more="replicas:\n- {name: db, count: 1}\n"
    )
    assert {(one.path, one.priority) for one in seen(files)} == {
        ("base/db.yaml", Priority.P1),
        ("overlays/staging/kustomization.yaml", Priority.P0),
    }


def test_an_overlay_changes_the_objects_of_operators_too():
    chi = (
        "apiVersion: clickhouse.altinity.com/v1\nkind: ClickHouseInstallation\nmetadata: {{name: ch}}\nspec:\n"
        "  configuration:\n    clusters:\n      - name: main\n        layout:\n          replicasCount: {}\n"
    )
    files = {
        "base/kustomization.yaml": kustomization("ch.yaml"),
        "base/ch.yaml": chi.format(1),
        "overlays/prod/kustomization.yaml": kustomization("../../base", patches=("ch.yaml",)),
        "overlays/prod/ch.yaml": chi.format(2),
    }
    assert places(files) == []
    files["overlays/staging/kustomization.yaml"] = kustomization("../../base")
    assert places(files) == [("base/ch.yaml", 9)]
    files["overlays/prod/ch.yaml"] = chi.format(1)
    assert sorted(places(files)) == [("base/ch.yaml", 9), ("overlays/prod/ch.yaml", 9)]


def test_the_members_of_a_search_cluster_are_counted_together():
    text = (
        "apiVersion: elasticsearch.k8s.elastic.co/v1\nkind: Elasticsearch\nmetadata: {name: es}\nspec:\n"
        "  nodeSets:\n  - {name: masters, count: 1}\n"
    )
    assert places({"es.yaml": text}) == [("es.yaml", 6)]
    assert places({"es.yaml": text + "  - {name: data, count: 2}\n"}) == []


@pytest.mark.parametrize(
    ("api", "kind", "spec", "line"),
    [
        ("postgresql.cnpg.io/v1", "Cluster", "storage: {size: 1Gi}", 2),
        (
            "clickhouse.altinity.com/v1",
            "ClickHouseInstallation",
            "configuration: {clusters: [{layout: {shardsCount: 2}}]}",
            2,
        ),
        ("clickhouse.altinity.com/v1", "ClickHouseInstallation", "configuration: {users: {}}", 0),
        ("acid.zalan.do/v1", "postgresql", "teamId: x", 0),
    ],
)
def test_an_operators_default_of_one_is_told_at_the_kind(api, kind, spec, line):
    text = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: db}}\nspec:\n  {spec}\n"
    assert places({"db.yaml": text}) == ([("db.yaml", line)] if line else [])


def test_an_autoscaler_of_events_is_one_too():
    scaler = (
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\n"
        "spec: {scaleTargetRef: {name: orders}, minReplicaCount: 2}\n"
    )
    assert places({"a.yaml": app("")}, SERVICE) == [("a.yaml", 2)]
    assert places({"a.yaml": app("") + "---\n" + scaler}) == []


@pytest.mark.parametrize(
    ("boxes", "rule"),
    [
        ([("api-gateway", "acme/gateway:1"), ("redis", "redis:7")], SERVICE),
        ([("redis", "redis:7"), ("metrics", "oliver006/redis_exporter:1")], STATE),
        ([("main", "acme/base:1"), ("istio-proxy", "istio/proxyv2:1")], SERVICE),
        ([("x", "postgrest/postgrest:12")], SERVICE),
        ([("x", "acme/kafka-indexer:3")], SERVICE),
        ([("x", "provectuslabs/kafka-ui:1")], SERVICE),
        ([("x", "pgvector/pgvector:pg16")], STATE),
        ([("x", "mcr.microsoft.com/mssql/server:2022")], STATE),
    ],
)
def test_a_pod_is_a_database_when_that_is_what_it_is_there_for(boxes, rule):
    more = "".join(f"        - name: {name}\n          image: {image}\n" for name, image in boxes[1:])
    text = app(name="front").replace("registry.example.com/shop/orders:1", boxes[0][1]).replace("main", boxes[0][0])
    assert [one.rule for one in seen({"a.yaml": text + more})] == [rule]


def test_manifests_are_read_in_json_with_marks_and_with_line_ends_of_windows():
    as_json = (
        '{"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},\n'
        ' "spec": {\n\t"replicas": 1,\n\t"selector": {}, "template": {"spec": {"containers": ['
        '{"name": "db", "image": "mysql:8"}]}}}}\n'
    )
    assert places({"k8s/db.json": as_json}) == [("k8s/db.json", 3)]
    windows = ("\ufeff" + workload()).replace("\n", "\r\n").encode()
    assert [(one.rule, one.line) for one in see(FAMILY, {"k8s/db.yaml": windows})] == [(STATE, 6)]
    assert places({"package.json": '{"kind": "x",\n\t"// comment": [1,}'}) == []


def test_of_a_key_that_stands_twice_the_later_counts_and_merged_keys_are_read():
    assert places({"a.yaml": workload(replicas="1\n  replicas: 3")}) == []
    merged = workload().replace("spec:\n  replicas: 1\n", "x: &x {replicas: 1}\nspec:\n  <<: *x\n", 1)
    assert places({"a.yaml": merged}) == [("a.yaml", 5)]
    assert places({"a.yaml": merged.replace("<<: *x", "<<: *x\n  replicas: 3")}) == []


@pytest.mark.parametrize("path", ["k8s/overlays/minikube/a.yaml", "envs/docker-desktop/a.yaml", "overlays/kind/a.yaml"])
def test_clusters_on_the_own_machine_are_local(path):
    assert is_local(path)


def test_a_folder_called_kind_says_nothing():
    assert not is_local("src/kind/a.yaml")


def test_what_is_named_for_production_is_deployed_though_a_laptop_builds_on_it():
    files = {"apps/prod/kustomization.yaml": kustomization("orders.yaml"), "apps/prod/orders.yaml": app("1")}
    files["apps/minikube/kustomization.yaml"] = kustomization("../prod")
    assert places(files) == [("apps/prod/orders.yaml", 6)]
    other = {path.replace("prod", "base"): text.replace("prod", "base") for path, text in files.items()}
    assert places(other) == []


SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: orders}\n"
    "spec:\n  scaleTargetRef: {kind: Deployment, name: orders}\n  minReplicas: 1\n"
)
RAISED = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: orders}\nspec: {minReplicas: 3}\n"


def scaled(**more: str) -> dict[str, str]:
    """Overlays of a service that an autoscaler of the base keeps one of."""
    files = overlays(**more)
    return files | {"base/kustomization.yaml": kustomization("orders.yaml", "scaler.yaml"), "base/scaler.yaml": SCALER}


def test_what_an_overlay_raises_an_autoscaler_to_counts_in_that_overlay():
    patched = {"overlays/prod/raised.yaml": RAISED}
    assert places(scaled(prod="")) == [("base/orders.yaml", 6)]
    assert places(scaled(prod="patches: [{path: raised.yaml}]\n") | patched) == []
    assert places(scaled(prod="patches: [{path: raised.yaml}]\n", staging="") | patched) == [("base/orders.yaml", 6)]


@pytest.mark.parametrize(("count", "found"), [("1", True), ("3", False)])
def test_an_autoscaler_is_raised_by_operations_and_by_patches_in_a_kustomization(count, found):
    operation = f"[{{op: replace, path: /spec/minReplicas, value: {count}}}]\n"
    target = "target: {kind: HorizontalPodAutoscaler, name: orders}"
    here = scaled(prod=f"patches:\n- {target}\n  patch: |\n    {operation}")
    there = scaled(prod=f"patches:\n- {target}\n  path: raised.yaml\n") | {"overlays/prod/raised.yaml": operation}
    merged = "".join(f"    {line}\n" for line in RAISED.replace("3", count).splitlines())
    inside = scaled(prod=f"patches:\n- patch: |\n{merged}")
    for files in (here, there, inside):
        assert places(files) == ([("base/orders.yaml", 6)] if found else [])


def test_an_autoscaler_of_one_overlay_says_nothing_of_another():
    files = overlays(prod="", staging="")
    files["overlays/prod/kustomization.yaml"] = kustomization("../../base", "scaler.yaml")
    files["overlays/prod/scaler.yaml"] = SCALER.replace("minReplicas: 1", "minReplicas: 2")
    assert places(files) == [("base/orders.yaml", 6)]
    del files["overlays/staging/kustomization.yaml"]
    assert places(files) == []
