"""Scans of real repositories: coverage, the price of a change, history, and nothing of a secret anywhere."""

import base64
import json

import pytest

from findings.core.facts import Settings
from findings.core.rules import FAMILIES, RULES
from findings.git import GitError, Mirror
from findings.scanner import Limits, MemoryStore, scan
from tests.findings.git_repo import Repo

KEY = b"a key for tests"
REAL = "kX9-thirteen!"
REDIS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: redis, namespace: shop}
spec:
  template:
    spec:
      containers:
        - {name: redis, image: "redis:7", volumeMounts: [{name: data, mountPath: /data}]}
      volumes:
        - name: data
          emptyDir: {}
"""
TOPIC = "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {name: t}\nspec: {replicas: 1}\n"
TREE = {
    "k8s/base/redis.yaml": REDIS,
    "k8s/overlays/staging/kustomization.yaml": "patches:\n" + "- path: p.yaml\n" * 6,
    "k8s/base/topic.yaml": TOPIC,
    "proto/orders.proto": 'syntax = "proto3";\npackage shop.orders;\n',
    "src/lib.rs": "struct A { c: Arc<Mutex<ConnectionManager>> }\n",
    ".env": f"DB_PASSWORD={REAL}\n",
    "clickhouse/users.xml": "<users><a><networks><ip>::/0</ip></networks></a></users>\n",
    "clickhouse/cdc.sql": "CREATE TABLE a_cdc (id String, is_deleted UInt8) ENGINE = ReplacingMergeTree ORDER BY id;\n",
    "k8s/base/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {replicas: 1, template: {spec: {containers: [{name: web, image: web}]}}}\n",
    "k8s/base/job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: j, "
    'image: i, command: [sh, -c, "' + "echo\\n" * 11 + '"]}]}}}\n',
    "Cargo.toml": "[workspace]\nmembers = ['a', 'b']\n",
    "a/Cargo.toml": "[package]\nname = 'a'\n[dependencies]\naxum = '1'\n",
    "a/src/main.rs": "fn main() {}\n" * 301,
    "b/Cargo.toml": "[package]\nname = 'b'\n[dependencies]\nwarp = '1'\n",
    "b/src/main.rs": 'async fn f() { for row in rows { sqlx::query(Q).fetch_one(pool).await; } }\nconst C: &str = "23505";\n'
    "fn is_compatible(ours: u32, theirs: u32) -> bool { ours == theirs }\n",
    "migrations/1.sql": "CREATE TABLE t (ok boolean);\nCREATE INDEX t_ok ON t (ok);\n",
    "README.md": "emptyDir: {}\npackage shop.orders;\n",
}


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


def run(repo, store=None, **more):
    mirror = Mirror(repo.path)
    return scan(mirror, mirror.resolve("HEAD"), store or MemoryStore(), KEY, **more)


def places(result):
    return sorted((one.rule, one.path) for one in result.batch.observations)


def test_a_scan_sees_every_rule_once_and_covers_every_path(repo):
    commit = repo.commit("all", TREE)
    result = run(repo)
    assert [rule for rule, _ in places(result)] == sorted(RULES)
    assert result.batch.commit == commit
    assert result.batch.coverage.rules == frozenset(RULES)
    assert set(result.batch.coverage.paths) == set(TREE)
    assert result.batch.coverage.unreadable == frozenset()
    assert result.counts.files == len(TREE)


def test_neither_the_batch_nor_the_kept_facts_hold_a_value(repo):
    encoded = base64.b64encode(REAL.encode()).decode()
    files = {f"k8s/{name}": text for name, text in TREE.items()}
    files["k8s/secret.yaml"] = f"apiVersion: v1\nkind: Secret\ndata: {{password: {encoded}}}\n"
    files["k8s/base/redis.yaml"] = REDIS.replace("spec:\n  template", f"# password={REAL}\nspec:\n  template")
    files["src/lib.rs"] = f"// redis://shop:{REAL}@redis\nstruct A {{ c: Mutex<PgPool> }} // {encoded}\n"
    repo.commit("all", files)
    store = MemoryStore()
    result = run(repo, store)
    said = repr(result) + json.dumps([[*key, facts] for key, facts in store.facts.items()])
    assert len(result.batch.observations) > 5
    assert REAL not in said
    assert encoded not in said


def test_a_second_scan_reads_only_what_changed_and_says_the_same(repo):
    repo.commit("all", TREE)
    store = MemoryStore()
    first = run(repo, store)
    assert first.counts.blobs_read == len(TREE)
    again = run(repo, store)
    assert again.counts.blobs_read == 0
    assert again.batch == first.batch
    repo.commit("two", {"a.txt": "new", "README.md": "changed"})
    assert run(repo, store).counts.blobs_read == 2


def test_a_warm_scan_equals_a_cold_one_after_any_change(repo):
    repo.commit("all", TREE)
    store = MemoryStore()
    run(repo, store)
    repo.git("mv", "k8s/base/redis.yaml", "k8s/cache.yaml")
    repo.commit("move", {"proto/orders.proto": None, "proto/other.proto": "package shop.other;\n"})
    assert run(repo, store).batch == run(repo).batch


def test_the_same_bytes_in_another_kind_of_file_are_other_facts(repo):
    repo.commit("one", {"a.txt": REDIS, "b.yaml": REDIS, "docs/c.yaml": REDIS})
    rules = ("kubernetes/ephemeral-state", "kubernetes/single-replica-state")
    assert places(run(repo)) == [(rule, "b.yaml") for rule in rules]


def test_what_cannot_be_read_is_not_covered_and_says_why(repo):
    (repo.path / "link.yaml").symlink_to("/etc/passwd")
    repo.commit(
        "odd",
        {
            "k8s/broken.yaml": "a: [\n",
            "big.rs": "x" * 3000,
            "lfs.proto": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "fine.txt": "fine",
        },
    )
    result = run(repo, limits=Limits(blob_bytes=2000))
    assert result.batch.coverage.unreadable == {"link.yaml", "k8s/broken.yaml", "big.rs", "lfs.proto"}
    said = {notice.path: notice.message for notice in result.batch.notices}
    assert "line" in said["k8s/broken.yaml"]
    assert "2000 bytes" in said["big.rs"]
    assert "LFS" in said["lfs.proto"]
    assert result.batch.coverage.complete


def test_a_file_too_large_for_one_scan_is_read_by_the_next_with_another_limit(repo):
    repo.commit("one", {"a.proto": "package shop.orders;\n" + "// x\n" * 500})
    store = MemoryStore()
    assert places(run(repo, store, limits=Limits(blob_bytes=1000))) == []
    assert places(run(repo, store)) == [("protobuf/unversioned-package", "a.proto")]


def test_the_patch_limit_is_a_setting(repo):
    repo.commit("all", TREE)
    rules = {rule for rule, _ in places(run(repo, limits=Limits(settings=Settings(patches=6))))}
    assert "kustomize/patch-sprawl" not in rules


def test_a_secret_gone_at_head_is_found_in_history_with_its_first_commit(repo):
    repo.commit("start", {"a.txt": "a"})
    leak = repo.commit("leak", {"k8s/secret.yaml": f"password: {REAL}\n"})
    repo.commit("edit", {"k8s/secret.yaml": f"password: {REAL}\nother: 1\n"})
    repo.commit("fix", {"k8s/secret.yaml": "password: ${DB_PASSWORD}\n"})
    (seen,) = run(repo).batch.observations
    assert (seen.at_head, seen.commit, seen.path, seen.line) == (False, leak, "k8s/secret.yaml", 1)
    assert run(repo, history=False).batch.observations == ()


def test_a_secret_that_moved_is_not_also_in_history(repo):
    repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n"})
    repo.commit("move", {"a.env": None, "docs/samples/b.md": f"DB_PASSWORD={REAL}\n"})
    (seen,) = run(repo).batch.observations
    assert (seen.at_head, seen.path) == (True, "docs/samples/b.md")


def test_history_is_read_once_and_later_scans_walk_only_what_is_new(repo):
    repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n", "b.txt": "b"})
    first = repo.commit("fix", {"a.env": "DB_PASSWORD=\n"})
    store = MemoryStore()
    assert run(repo, store).counts.history_blobs == 1
    assert run(repo, store).counts.history_blobs == 0
    repo.commit("leak two", {"c.env": "API_TOKEN=Zr8mT2wQ5yB1nV7c\n"})
    second = repo.commit("fix two", {"c.env": None})
    later = run(repo, store, since=first)
    assert later.counts.history_blobs == 1
    assert {seen.path for seen in later.batch.observations} == {"a.env", "c.env"}
    assert later.batch == run(repo).batch
    assert run(repo, store, since=second).batch == later.batch


def test_rewritten_history_is_walked_anew(repo):
    base = repo.commit("base", {"x": "x"})
    leak = repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n"})
    repo.commit("fix", {"a.env": None})
    store = MemoryStore()
    old = run(repo, store)
    assert len(old.batch.observations) == 1
    repo.git("reset", "-q", "--hard", base)
    repo.commit("clean", {"y": "y"})
    assert run(repo, store, since=old.batch.commit).batch.observations == ()
    assert leak not in repr(run(repo, store).batch)


def test_a_secret_on_another_branch_is_seen_when_all_branches_are_asked_for(repo):
    repo.commit("base", {"x": "x"})
    repo.git("checkout", "-qb", "side")
    repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n"})
    repo.git("checkout", "-q", "main")
    assert run(repo).batch.observations == ()
    assert places(run(repo, all_refs=True)) == [("secrets/plaintext", "a.env")]


def test_a_shallow_clone_says_that_history_was_not_searched(repo, tmp_path):
    repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n"})
    repo.commit("fix", {"a.env": None})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    mirror = Mirror(tmp_path / "shallow")
    result = scan(mirror, mirror.resolve("HEAD"), MemoryStore(), KEY)
    assert any("shallow" in notice.message for notice in result.batch.notices)


def test_another_hash_key_reads_everything_again_and_names_secrets_otherwise(repo):
    repo.commit("all", TREE)
    store, mirror = MemoryStore(), Mirror(repo.path)
    one = scan(mirror, mirror.resolve("HEAD"), store, b"one")
    two = scan(mirror, mirror.resolve("HEAD"), store, b"two")
    assert two.counts.blobs_read == len(TREE)
    keys = [{o.key for o in result.batch.observations if o.rule == "secrets/plaintext"} for result in (one, two)]
    assert keys[0].isdisjoint(keys[1])


def test_progress_is_told_and_an_empty_repository_is_an_error(repo):
    with pytest.raises(GitError):
        run(repo)
    repo.commit("many", {f"f{number}.txt": str(number) for number in range(450)})
    told = []
    run(repo, progress=lambda step, done, total: told.append((step, done, total)))
    assert told == [("files", 200, 450), ("files", 400, 450)]


def test_every_family_is_registered_with_versions_and_help():
    for name, family in FAMILIES.items():
        assert family.name == name
        assert family.versions
        for rule in family.rules:
            assert "How to fix" in rule.help
            assert len(rule.help) > 300


def test_a_change_of_two_files_costs_a_twentieth_of_the_whole(repo):
    """Counted in blobs, which a slow machine cannot falsify."""
    repo.commit("many", {f"d{number % 30}/f{number}.yaml": f"a: {number}\n" for number in range(600)})
    store = MemoryStore()
    assert run(repo, store).counts.blobs_read == 600
    repo.commit("two", {"d1/f1.yaml": "a: x\n", "d2/f2.yaml": "a: y\n"})
    assert run(repo, store).counts.blobs_read == 2


def test_a_kustomization_that_cannot_be_read_is_not_covered_and_undoes_nothing_elsewhere(repo):
    base = {"k8s/base/kustomization.yaml": "resources: [redis.yaml]\n", "k8s/base/redis.yaml": REDIS}
    overlay = "resources:\n- ../../base\n"
    repo.commit("one", base | {"k8s/overlays/prod/kustomization.yaml": overlay})
    before = places(run(repo))
    repo.commit("two", {"k8s/overlays/prod/kustomization.yaml": overlay + "images: [\n"})
    after = run(repo)
    assert before == places(after) != []
    assert after.batch.coverage.unreadable == {"k8s/overlays/prod/kustomization.yaml"}
