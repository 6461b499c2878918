"""Rules that see the whole tree and are judged again around a change say what they say of the whole tree."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.core.rules import FAMILIES
from findings.facts import DatabaseStore
from findings.folds import NEWEST
from findings.git import Mirror
from findings.models import Fact, Reading, TreeFold
from findings.scanner import MemoryStore, scan
from tests.findings.git_repo import Repo
from tests.findings.test_scanner import KEY
from tests.findings.test_scanner_folds import import_history, judge_counted

KINDS = ("Deployment", "StatefulSet")
NAMES = ("web", "redis")


def workload(kind, name, said):
    image = "redis:7" if name == "redis" else "shop/web:1"
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  {said}\n  selector: {{}}\n  template:\n"
        f"    spec:\n      containers: [{{name: {name}, image: '{image}', volumeMounts: [{{name: data, mountPath: /data}}]}}]\n"
        "      volumes: [{name: data, emptyDir: {}}]\n"
    )


def patch(kind, name, count):
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{replicas: {count}}}\n"


def scaler(name):
    return (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: s}\n"
        f"spec: {{minReplicas: 2, scaleTargetRef: {{kind: Deployment, name: {name}}}}}\n"
    )


def kustomization(*more):
    return "\n".join(["resources: [../base, a.yaml]", *more, ""])


MANIFESTS = [
    *(
        workload(kind, name, said)
        for kind in KINDS
        for name in NAMES
        for said in ("replicas: 1", "replicas: 3", "a: 1")
    ),
    *(patch(kind, "web", count) for kind in KINDS for count in (1, 2)),
    workload("Deployment", "web", "replicas: 1") + "---\n" + workload("StatefulSet", "redis", "replicas: 1"),
    scaler("web"),
    '[{"op": "replace", "path": "/spec/replicas", "value": 1}]',
    kustomization(),
    kustomization("patches:", "- path: p.yaml"),
    kustomization("patches:", "- {path: p.yaml, target: {kind: Deployment}}"),
    kustomization("replicas: [{name: web, count: 1}]"),
    kustomization("replicas: [{name: redis, count: 3}]"),
    "a: [\n",
]
PATHS = [
    f"k8s/{folder}/{name}.yaml"
    for folder in ("base", "overlays/prod", "overlays/local")
    for name in ("a", "b", "p", "kustomization")
]
EDITS = st.tuples(st.just("put"), st.sampled_from(PATHS), st.sampled_from(MANIFESTS), st.just("100644"))
DROPS = st.tuples(st.just("drop"), st.sampled_from(PATHS), st.just(""), st.just(""))
HISTORIES = st.lists(st.lists(st.one_of(EDITS, EDITS, DROPS), min_size=1, max_size=8), min_size=2, max_size=6)


def equal_all_along(mirror, commits, store_of, caplog):
    since = ""
    for commit in commits:
        warm = scan(mirror, commit, store_of(), KEY, since=since, all_refs=True).batch
        assert warm == scan(mirror, commit, MemoryStore(), KEY, all_refs=True).batch
        since = commit
    assert not caplog.records  # a change reached no further than was said


@given(history=HISTORIES)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_manifests_judged_around_a_change_say_what_the_whole_tree_says(tmp_path_factory, history, caplog):
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", history)
    store = MemoryStore()
    with caplog.at_level(logging.ERROR):
        equal_all_along(mirror, commits, lambda: store, caplog)


@pytest.mark.django_db
@given(history=HISTORIES)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_so_they_do_with_what_the_database_keeps(tmp_path_factory, repository, history, caplog):
    for model in (Fact, Reading, TreeFold):
        model.objects.all().delete()
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", history)

    def store():
        NEWEST.forget()
        return DatabaseStore(repository.pk)

    with caplog.at_level(logging.ERROR):
        equal_all_along(mirror, commits, store, caplog)


def test_a_change_of_a_manifest_is_judged_with_what_shares_an_object(tmp_path):
    calls = []
    families = FAMILIES | {"workloads": judge_counted(FAMILIES["workloads"], calls)}
    repo, store = Repo(tmp_path / "repo"), MemoryStore()
    many = {f"k8s/base/{n}.yaml": workload("Deployment", f"web-{n}", "replicas: 1") for n in range(30)}
    more = {"k8s/base/copy.yaml": many["k8s/base/7.yaml"], "k8s/base/kustomization.yaml": "resources: [7.yaml]\n"}
    one = repo.commit("one", many | more)
    two = repo.commit("two", {"k8s/base/7.yaml": "# first\n" + many["k8s/base/7.yaml"]})
    mirror = Mirror(repo.path)
    scan(mirror, one, store, KEY, families=families)
    calls.clear()
    seen = scan(mirror, two, store, KEY, families=families).batch
    assert calls == [["k8s/base/7.yaml", "k8s/base/copy.yaml", "k8s/base/kustomization.yaml"]] * 2
    assert seen == scan(mirror, two, MemoryStore(), KEY).batch


def test_a_change_of_a_kustomization_is_judged_with_the_whole_tree(tmp_path):
    calls = []
    families = FAMILIES | {"workloads": judge_counted(FAMILIES["workloads"], calls)}
    repo, store = Repo(tmp_path / "repo"), MemoryStore()
    many = {f"k8s/base/{n}.yaml": workload("Deployment", f"web-{n}", "replicas: 1") for n in range(5)}
    one = repo.commit("one", many | {"k8s/base/kustomization.yaml": "resources: [1.yaml]\n"})
    two = repo.commit("two", {"k8s/base/kustomization.yaml": "resources: [2.yaml]\n"})
    mirror = Mirror(repo.path)
    scan(mirror, one, store, KEY, families=families)
    calls.clear()
    assert scan(mirror, two, store, KEY, families=families).batch == scan(mirror, two, MemoryStore(), KEY).batch
    assert [len(paths) for paths in calls] == [6]


def test_a_rule_that_looks_further_than_it_says_is_judged_by_the_whole_tree(tmp_path, caplog):
    """What was seen before does not come out again around the change: then all of it is looked at."""
    repo, store, mirror = Repo(tmp_path / "repo"), MemoryStore(), Mirror(tmp_path / "repo")
    one = repo.commit("one", {f"k8s/{n}.yaml": workload("Deployment", f"web-{n}", "replicas: 1") for n in range(5)})
    two = repo.commit("two", {"k8s/1.yaml": workload("Deployment", "web-1", "replicas: 3")})
    scan(mirror, one, store, KEY)
    [fold] = store.folds.kept.values()
    held = fold.held["workloads"]
    held.seen.put("k8s/1.yaml", "k8s/1.yaml", ())
    assert scan(mirror, two, store, KEY).batch == scan(mirror, two, MemoryStore(), KEY).batch
    assert "what workloads saw before is not what it sees there" in caplog.text


def function(name, does, owner=""):
    body = {
        "reads": 'sqlx::query("select 1").fetch_one(pool).await?;',
        "writes": 'sqlx::query("update a set b = 1").execute(pool).await?;',
        "find": "self.repo.find(id).await?;",
        "load": "load(id).await?;",
        "other": "b::load(id).await?;",
        "bare": "c::save(id).await?;",
        "idle": "tick().await;",
    }[does]
    text = f"pub async fn {name}(&self, pool: &PgPool, id: i64) -> Result<(), Error> {{\n    {body}\n    Ok(())\n}}\n"
    return f"impl {owner} {{\n{text}}}\n" if owner else text


def loop(call):
    return f"pub async fn each(&self, repo: &Repo) {{\n    for row in rows {{\n        {call}.await?;\n    }}\n}}\n"


PIECES = st.one_of(
    st.builds(
        function,
        st.sampled_from(["load", "find", "save"]),
        st.sampled_from(["reads", "writes", "find", "load", "other", "bare", "idle"]),
        st.sampled_from(["", "", "Repo", "Store"]),
    ),
    st.builds(
        loop,
        st.sampled_from(
            [
                "load(row.id)",
                "self.repo.find(row.id)",
                "b::load(row.id)",
                "c::save(row.id)",
                "crate::one::save(row.id)",
                "store.save(row)",
                "repo.find(row.id)",
                'sqlx::query("select 1").fetch_one(pool)',
            ]
        ),
    ),
    st.sampled_from(
        ["pub struct A {\n    repo: Arc<Repo>,\n}\n", "pub struct B {\n    repo: Arc<dyn Store>,\n}\n", "\n"]
    ),
)
SOURCES = st.lists(PIECES, max_size=3).map("".join)
RUST_PATHS = [f"{crate}/src/{name}.rs" for crate in ("a", "b", "deep/c", "c") for name in ("one", "two")]
RUST_EDITS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(RUST_PATHS), SOURCES, st.just("100644")),
    st.tuples(st.just("put"), st.sampled_from(RUST_PATHS), SOURCES, st.just("100644")),
    st.tuples(st.just("drop"), st.sampled_from(RUST_PATHS), st.just(""), st.just("")),
    st.tuples(
        st.just("put"),
        st.sampled_from([f"{crate}/Cargo.toml" for crate in ("a", "b", "deep/c")]),
        st.sampled_from(['[package]\nname = "a"\n', '[package]\nname = "b"\n', "[workspace]\n"]),
        st.just("100644"),
    ),
)
CRATES = [("put", f"{crate}/Cargo.toml", f'[package]\nname = "{crate}"\n', "100644") for crate in "ab"]
RUST_HISTORIES = st.lists(st.lists(RUST_EDITS, min_size=1, max_size=6), min_size=2, max_size=6)


@given(history=RUST_HISTORIES)
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_queries_judged_around_a_change_say_what_the_whole_tree_says(tmp_path_factory, history, caplog):
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", [CRATES + history[0], *history[1:]])
    store = MemoryStore()
    with caplog.at_level(logging.ERROR):
        equal_all_along(mirror, commits, lambda: store, caplog)


def test_a_change_of_a_query_is_judged_with_the_loops_that_reach_it(tmp_path):
    calls = []
    families = FAMILIES | {"rust-queries": judge_counted(FAMILIES["rust-queries"], calls)}
    repo, store = Repo(tmp_path / "repo"), MemoryStore()
    idle = {f"a/src/n{n}.rs": function(f"n{n}", "idle") for n in range(20)}
    files = {
        "a/Cargo.toml": '[package]\nname = "a"\n',
        "a/src/store.rs": function("load", "idle"),
        "a/src/middle.rs": function("find", "load", "Repo"),
        "a/src/walk.rs": "pub struct A {\n    repo: Arc<Repo>,\n}\n" + loop("self.repo.find(row.id)"),
    }
    one = repo.commit("one", files | idle)
    two = repo.commit("two", {"a/src/store.rs": function("load", "reads")})
    mirror = Mirror(repo.path)
    assert scan(mirror, one, store, KEY, families=families).batch.observations == ()
    calls.clear()
    seen = scan(mirror, two, store, KEY, families=families).batch
    assert calls == [sorted(files)] * 2
    assert [found.path for found in seen.observations] == ["a/src/walk.rs"]
    assert seen == scan(mirror, two, MemoryStore(), KEY).batch
