"""The file that evidence shows: the one whose change made a rule's answer turn, wherever the finding stands."""

import pytest

from findings.core.lineage import Lineage
from findings.evidence import Evidence
from findings.git import Mirror
from findings.scanner import Between, MemoryStore, scan
from nova_dashboard.walk import drift
from tests.findings.git_repo import Repo

KEY = b"a key for tests"
SINGLE = "kubernetes/single-replica-service"
INDEX = "postgres/low-cardinality-index"
SPLIT = "rust/web-framework-split"
LOCK = "rust/mutex-wrapped-connection"


def deployment(name, replicas=1, team="shop"):
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels: {{team: {team}}}\n"
        f"spec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: {name}}}}}\n"
        f"  template: {{spec: {{containers: [{{name: {name}, image: {name}}}]}}}}\n"
    )


OVERLAY = "resources: [../../base]\n"
OVERLAID = {
    "base/web.yaml": deployment("web"),
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "overlays/prod/kustomization.yaml": OVERLAY,
}


def scaler(name, least=2):
    return (
        f"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}}}\nspec:\n"
        f"  minReplicas: {least}\n  maxReplicas: 9\n  scaleTargetRef: {{kind: Deployment, name: {name}}}\n"
    )


def crate(name, uses, version="0.1.0"):
    return f'[package]\nname = "{name}"\nversion = "{version}"\n[dependencies]\n{uses}\n[[bin]]\nname = "{name}"\n'


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


class Road:
    """A repository's commits, scanned one after the other as pushes are, and the evidence for what turned last."""

    def __init__(self, repo):
        self.mirror, self.store, self.line = Mirror(repo.path), MemoryStore(), Lineage(())

    def take(self, *commits):
        for commit in commits:
            batch = scan(self.mirror, commit, self.store, KEY, history=False, since=self.line.commit).batch
            moved = drift(self.mirror, self.line.commit, commit, self.line.paths)
            self.line.step(commit, batch.observations, batch.coverage, moved)
        return self

    def ended(self, rule):
        (turn,) = [turn for turn in self.line.ended.values() if turn.place.rule == rule]
        return Evidence(self.mirror, self.store, KEY).ended(turn)

    def back(self, rule):
        (turn,) = [turn for turn in self.line.back.values() if turn.place.rule == rule]
        return Evidence(self.mirror, self.store, KEY).returned(turn)


@pytest.fixture
def asked(monkeypatch):
    """The trees that rules were asked about: which paths were taken from the other commit."""
    trees, real = [], Between.seen

    def seen(self, paths):
        trees.append(set(paths))
        return real(self, paths)

    monkeypatch.setattr(Between, "seen", seen)
    return trees


def test_an_autoscaler_in_another_file_is_shown_though_the_deployment_got_another_label(repo):
    old = repo.commit("start", {"k8s/b.yaml": deployment("web"), "k8s/a.yaml": deployment("api", 3)})
    new = repo.commit(
        "scale",
        {
            "k8s/a.yaml": deployment("api", 3, team="api"),
            "k8s/b.yaml": deployment("web", team="web"),
            "k8s/scale.yaml": scaler("web"),
        },
    )
    change = Road(repo).take(old, new).ended(SINGLE)
    assert (change.commit.sha, change.path, change.deleted) == (new, "k8s/scale.yaml", False)
    assert "+  minReplicas: 2" in change.hunk


def test_its_own_file_is_shown_where_that_did_it_and_others_changed_as_well(repo, asked):
    files = {f"k8s/{name}.yaml": deployment(name, 3) for name in "abcyz"}
    old = repo.commit("start", {**files, "k8s/web.yaml": deployment("web")})
    files = {f"k8s/{name}.yaml": deployment(name, 3, team="new") for name in "abcyz"}
    new = repo.commit("two", {**files, "k8s/web.yaml": deployment("web", 2)})
    change = Road(repo).take(old, new).ended(SINGLE)
    assert change.path == "k8s/web.yaml"
    assert "-  replicas: 1" in change.hunk
    assert asked == [set(), {"k8s/web.yaml"}]


def test_its_own_file_comes_first_where_another_would_have_done_it_as_well(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web")})
    new = repo.commit("both", {"k8s/web.yaml": deployment("web", 2), "k8s/a.yaml": scaler("web")})
    assert Road(repo).take(old, new).ended(SINGLE).path == "k8s/web.yaml"


def test_the_first_of_several_that_would_have_done_it_is_shown(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web")})
    files = {f"k8s/{name}.yaml": scaler(name) for name in ("a", "b")}
    more = {"k8s/x1.yaml": scaler("web"), "k8s/x2.yaml": scaler("web", 3)}
    new = repo.commit("scale", {**files, **more, "k8s/web.yaml": deployment("web", team="web")})
    assert Road(repo).take(old, new).ended(SINGLE).path == "k8s/x1.yaml"


def test_a_later_migration_that_drops_an_index_is_shown_and_not_the_one_beside_it(repo):
    table = "CREATE TABLE t (ok boolean, n int);\nCREATE INDEX t_ok ON t (ok);\n"
    old = repo.commit("start", {"m/001.sql": table, "m/002.sql": "ALTER TABLE t ADD a int;\n"})
    new = repo.commit(
        "drop",
        {
            "m/001.sql": f"-- shop\n{table}",
            "m/003.sql": "CREATE TABLE u (n int);\nCREATE INDEX u_n ON u (n);\n",
            "m/004.sql": "DROP INDEX t_ok;\n",
            "n/001.sql": "CREATE TABLE v (n int);\nCREATE INDEX v_n ON v (n);\n",
        },
    )
    change = Road(repo).take(old, new).ended(INDEX)
    assert change.path == "m/004.sql"
    assert "+DROP INDEX t_ok;" in change.hunk


def test_a_patch_and_the_kustomization_that_applies_it_did_it_together(repo):
    old = repo.commit("start", OVERLAID)
    operation = "- op: replace\n  path: /spec/replicas\n  value: 3\n"
    new = repo.commit(
        "three",
        {
            "base/web.yaml": deployment("web", team="web"),
            "overlays/prod/kustomization.yaml": f"{OVERLAY}patches:\n- path: n.yaml\n  target: {{kind: Deployment}}\n",
            "overlays/prod/n.yaml": operation,
        },
    )
    change = Road(repo).take(old, new).ended(SINGLE)
    assert change.path == "overlays/prod/n.yaml"
    assert "+  value: 3" in change.hunk


def test_the_kustomization_is_shown_that_sets_the_number_itself(repo):
    old = repo.commit("start", OVERLAID)
    sets = f"{OVERLAY}replicas:\n- name: web\n  count: 2\n"
    labels = {"base/web.yaml": deployment("web", team="web")}
    new = repo.commit("two", {**labels, "overlays/prod/kustomization.yaml": sets})
    assert Road(repo).take(old, new).ended(SINGLE).path == "overlays/prod/kustomization.yaml"


def test_what_a_workspace_says_is_shown_by_its_root(repo):
    root = (
        '[workspace]\nmembers = ["a", "b", "c"]\n[workspace.dependencies]\nweb = {{ package = "{}", version = "1" }}\n'
    )
    shared, own = "web = { workspace = true }", 'axum = "0.7"'
    crates = {"a/Cargo.toml": crate("a", own), "b/Cargo.toml": crate("b", own), "c/Cargo.toml": crate("c", shared)}
    old = repo.commit("start", {"Cargo.toml": root.format("actix-web"), **crates})
    more = {"a/Cargo.toml": crate("a", own, "0.2.0"), "c/Cargo.toml": crate("c", shared, "0.2.0")}
    new = repo.commit("axum", {"z/Cargo.toml": crate("z", own), "Cargo.toml": root.format("axum"), **more})
    change = Road(repo).take(old, new).ended(SPLIT)
    assert change.path == "Cargo.toml"
    assert '+web = { package = "axum"' in change.hunk


def test_a_crate_that_is_gone_ends_what_another_one_was_told_of(repo):
    root = '[workspace]\nmembers = ["crates/*"]\n'
    crates = {"crates/a/Cargo.toml": crate("a", 'axum = "0.7"'), "crates/b/Cargo.toml": crate("b", 'rocket = "0.5"')}
    old = repo.commit("start", {"Cargo.toml": root, **crates})
    told = crate("b", 'rocket = "0.5"', "0.2.0")
    new = repo.commit("one", {"Cargo.toml": f"{root}# one\n", "crates/a/Cargo.toml": None, "crates/b/Cargo.toml": told})
    change = Road(repo).take(old, new).ended(SPLIT)
    assert (change.path, change.deleted) == ("crates/a/Cargo.toml", False)
    assert '-axum = "0.7"' in change.hunk


def test_a_file_that_is_deleted_itself_stays_evidence_of_its_own(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web")})
    new = repo.commit("drop", {"k8s/web.yaml": None, "k8s/a.yaml": scaler("web")})
    change = Road(repo).take(old, new).ended(SINGLE)
    assert (change.path, change.deleted, change.hunk) == ("k8s/web.yaml", True, "")


def test_a_renamed_file_is_no_cause_where_the_fix_lies_in_another(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web")})
    new = repo.commit(
        "move and scale",
        {"k8s/web.yaml": None, "k8s/apps/web.yaml": deployment("web"), "k8s/scale.yaml": scaler("web")},
    )
    change = Road(repo).take(old, new).ended(SINGLE)
    assert (change.path, change.deleted) == ("k8s/scale.yaml", False)


def test_a_renamed_file_with_the_fix_shows_what_changed_in_it(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web"), "k8s/z.yaml": deployment("z", 3)})
    moved = {"k8s/web.yaml": None, "k8s/apps/web.yaml": deployment("web", 2)}
    new = repo.commit("move and fix", {**moved, "k8s/z.yaml": deployment("z", 3, team="z")})
    change = Road(repo).take(old, new).ended(SINGLE)
    assert (change.path, change.deleted) == ("k8s/apps/web.yaml", False)
    assert "-  replicas: 1\n+  replicas: 2" in change.hunk


def test_lines_that_only_moved_or_changed_around_are_no_cause(repo):
    """The type is the alias's; the user's own line is written anew, the finding on it goes on until the alias ends."""
    alias = "pub type Shared = Arc<Mutex<ConnectionManager>>;\n"
    use = "use crate::Shared;\nstruct A {\n    conn: Shared,\n}\n"
    old = repo.commit("start", {"a/src/lib.rs": alias, "a/src/user.rs": use})
    more = "// who asks\nuse crate::Shared;\n\nstruct A {\n    name: String,\n    pub conn: Shared,\n}\n"
    free = "pub type Shared = ConnectionManager;\n"
    new = repo.commit(
        "free", {"a/src/lib.rs": free, "a/src/user.rs": more, "a/src/b.rs": "struct B {\n    n: u8,\n}\n"}
    )
    road = Road(repo).take(old, new)
    turns = [turn for turn in road.line.ended.values() if turn.place.path == "a/src/user.rs"]
    (turn,) = turns
    assert Evidence(road.mirror, road.store, KEY).ended(turn).path == "a/src/lib.rs"


def test_one_of_two_equal_lines_of_a_file_goes_by_that_file(repo):
    lock = "    pool: Arc<Mutex<ConnectionManager>>,\n"
    body = f"use redis;\n\nstruct A {{\n{lock}}}\n\nstruct B {{\n{lock}}}\n"
    old = repo.commit(
        "start", {"a/src/lib.rs": body, "a/src/z.rs": "use redis;\nstruct Z {\n    a: Mutex<Client>,\n}\n"}
    )
    rest = body.replace(lock, "    pool: ConnectionManager,\n", 1)
    new = repo.commit("one", {"a/src/lib.rs": rest, "a/src/a.rs": "use redis;\nstruct Y {\n    a: Client,\n}\n"})
    change = Road(repo).take(old, new).ended(LOCK)
    assert change.path == "a/src/lib.rs"


def test_what_brings_a_finding_back_is_shown_by_its_file(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web"), "k8s/a.yaml": deployment("a", 2)})
    fix = repo.commit("scale", {"k8s/scale.yaml": scaler("web")})
    back = repo.commit(
        "smaller",
        {
            "k8s/a.yaml": deployment("a", 2, team="a"),
            "k8s/web.yaml": deployment("web", team="web"),
            "k8s/scale.yaml": scaler("web", 1),
        },
    )
    change = Road(repo).take(old, fix, back).back(SINGLE)
    assert (change.commit.sha, change.path) == (back, "k8s/scale.yaml")
    assert "-  minReplicas: 2\n+  minReplicas: 1" in change.hunk


def test_a_file_whose_end_brings_a_finding_back_is_named(repo):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web")})
    fix = repo.commit("scale", {"k8s/scale.yaml": scaler("web")})
    back = repo.commit("drop", {"k8s/scale.yaml": None, "k8s/web.yaml": deployment("web", team="web")})
    change = Road(repo).take(old, fix, back).back(SINGLE)
    assert (change.path, change.deleted) == ("k8s/scale.yaml", False)
    assert "-  minReplicas: 2" in change.hunk


# What it costs


def test_nothing_is_asked_where_one_file_can_have_done_it(repo, asked):
    old = repo.commit("start", {"k8s/web.yaml": deployment("web"), "src/lib.rs": "fn a() {}\n"})
    new = repo.commit("two", {"k8s/web.yaml": deployment("web", 2), "src/lib.rs": "fn b() {}\n", "README.md": "# W\n"})
    road = Road(repo).take(old, new)
    folds = list(road.store.folds.kept)
    assert road.ended(SINGLE).path == "k8s/web.yaml"
    assert asked == []
    assert list(road.store.folds.kept) == folds


def test_nothing_is_asked_of_rules_that_judge_each_file_alone(repo, asked):
    old = repo.commit("start", {"a.proto": "package shop;\n", "b.proto": "package post.v1;\n"})
    new = repo.commit("v1", {"a.proto": "package shop.v1;\n", "b.proto": "package post.v2;\n"})
    assert Road(repo).take(old, new).ended("protobuf/unversioned-package").path == "a.proto"
    assert asked == []


def test_no_blob_is_read_and_no_tree_asked_about_twice(repo, asked, monkeypatch):
    names = [f"s{n}" for n in range(9)]
    old = repo.commit("start", {f"k8s/{name}.yaml": deployment(name) for name in names})
    labels = {f"k8s/{name}.yaml": deployment(name, team="new") for name in names}
    scale = "---\n".join(scaler(name) for name in names)
    new = repo.commit("scale", {**labels, "k8s/all.yaml": scale})
    road = Road(repo).take(old, new)
    read, real = [], Mirror.read
    monkeypatch.setattr(Mirror, "read", lambda self, names, limit: read.extend(names) or real(self, names, limit))
    evidence = Evidence(road.mirror, road.store, KEY)
    monkeypatch.setattr(evidence, "_told", lambda old, new, file, deleted: file.path)
    assert [evidence.ended(turn) for turn in road.line.ended.values()] == ["k8s/all.yaml"] * 9
    assert read == []
    assert len(asked) == len({frozenset(paths) for paths in asked}) <= 30


def test_where_too_many_trees_would_be_asked_about_the_own_file_is_shown(repo, asked):
    names = [f"s{n}" for n in range(40)]
    old = repo.commit("start", {f"k8s/{name}.yaml": deployment(name) for name in names})
    new = repo.commit("two", {f"k8s/{name}.yaml": deployment(name, 2) for name in names})
    road = Road(repo).take(old, new)
    evidence = Evidence(road.mirror, road.store, KEY)
    shown = {turn.place.path: evidence.ended(turn).path for turn in road.line.ended.values()}
    assert len(shown) == 40
    assert all(path == own for own, path in shown.items())
    assert len(asked) == 30
