"""A scan that starts from the tree scanned before says what a scan that knows nothing says, whatever happened between."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.core.facts import Settings
from findings.core.rules import FAMILIES
from findings.facts import DatabaseStore
from findings.folds import NEWEST, load_fold, save_fold
from findings.git import Mirror
from findings.models import Fact, Reading, TreeFold, TreePart
from findings.scanner import Limits, MemoryStore, observed, scan
from findings.scanner.shelves import BUCKETS, Outdated
from tests.findings.git_repo import Repo
from tests.findings.test_scanner import KEY, REAL, REDIS, TREE

FILE, PROGRAM, LINK, MODULE = "100644", "100755", "120000", "160000"
SUBMODULE = "1" * 40
NAMES = [
    "a.yaml",
    "b.proto",
    "src/lib.rs",
    "docs/c.md",
    "d",
    "d/e.yaml",
    "d/kustomization.yaml",
    r"caf\351.env",
    "m/1.sql",
]
TEXTS = [
    "",
    "a: [\n",
    "x" * 3000,
    f"DB_PASSWORD={REAL}\n",
    REDIS,
    "syntax = 'proto3';\npackage shop.orders;\n",
    "patches:\n" + "- path: p.yaml\n" * 6,
    TREE["src/lib.rs"],
    TREE["b/src/main.rs"],
    TREE["migrations/1.sql"],
    TREE["k8s/base/web.yaml"],
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
]
EDITS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(NAMES), st.sampled_from(TEXTS), st.sampled_from([FILE, PROGRAM, LINK])),
    st.tuples(st.just("module"), st.sampled_from(NAMES), st.just(""), st.just(MODULE)),
    st.tuples(st.just("drop"), st.sampled_from(NAMES), st.just(""), st.just("")),
    st.tuples(st.just("move"), st.sampled_from(NAMES), st.sampled_from(NAMES), st.just("")),
    st.tuples(st.just("copy"), st.sampled_from(NAMES), st.sampled_from(NAMES), st.just("")),
)
HISTORIES = st.lists(st.lists(EDITS, max_size=4), min_size=2, max_size=6)
WAYS = ["same", "other limits", "larger blobs", "other version"]


def import_history(path, history):
    """A repository with a commit per list of edits, on top of each other; answers the commits, oldest first."""
    repo = Repo(path)
    there: set[str] = set()
    out = []
    for number, edits in enumerate(history):
        out.append(f"commit refs/heads/main\ncommitter A <a@shop.test> {1_700_000_000 + number} +0000\ndata 0\n")
        out += [line for edit in edits for line in written(edit, there)]
    repo.git("fast-import", "--quiet", "--force", data="".join(out).encode())
    return Mirror(path), repo.git("rev-list", "--reverse", "main").split()


def written(edit, there):
    """An edit in git's words; none for what git would refuse. A file takes the place of a folder and the other way."""
    verb, name, more, mode = edit
    quoted = f'"{name}"'
    if verb in ("put", "module"):
        hide(there, name)
        there.add(name)
        data = f"data {len(more)}\n{more}\n"
        yield f"M {mode} {SUBMODULE} {quoted}\n" if verb == "module" else f"M {mode} inline {quoted}\n{data}"
    elif name in there and verb == "drop":
        there.discard(name)
        yield f"D {quoted}\n"
    elif name in there and name != more and not more.startswith(f"{name}/") and not name.startswith(f"{more}/"):
        hide(there, more)
        there.add(more)
        if verb == "move":
            there.discard(name)
        yield f'{"R" if verb == "move" else "C"} {quoted} "{more}"\n'


def hide(there, name):
    there -= {other for other in there if other.startswith(f"{name}/") or name.startswith(f"{other}/")}


def raised(family):
    """The family with a new version of its extractor, which says that it is one."""

    def extract(blob):
        facts = family.extract(blob)
        return {**facts, "newer": True} if facts else facts

    return replace(family, versions={name: one + 1 for name, one in family.versions.items()}, extract=extract)


def how(way):
    limits = {"other limits": Limits(settings=Settings(patches=9)), "larger blobs": Limits(blob_bytes=1000)}.get(way)
    families = FAMILIES | {"protobuf": raised(FAMILIES["protobuf"])} if way == "other version" else FAMILIES
    return {"limits": limits, "families": families}


@given(history=HISTORIES, order=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(WAYS)), min_size=2, max_size=7))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_a_warm_scan_of_any_commit_equals_a_cold_one(tmp_path_factory, history, order):
    """In any order of commits, with limits and versions changing in between."""
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", history)
    store = MemoryStore()
    for number, way in [(n, "same") for n in range(len(commits))] + order:
        commit = commits[number % len(commits)]
        warm = scan(mirror, commit, store, KEY, history=False, **how(way))
        cold = scan(mirror, commit, MemoryStore(), KEY, history=False, **how(way))
        assert warm.batch == cold.batch
        assert warm.counts.files == cold.counts.files


@pytest.mark.django_db
@given(history=HISTORIES)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_a_scan_from_what_the_database_keeps_equals_a_cold_one(tmp_path_factory, repository, history):
    """Each scan in a process of its own: nothing is in memory but what the database says."""
    for model in (Fact, Reading, TreeFold):
        model.objects.all().delete()
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", history)
    since = ""
    for commit in commits:
        NEWEST.forget()
        warm = scan(mirror, commit, DatabaseStore(repository.pk), KEY, since=since, all_refs=True)
        cold = scan(mirror, commit, MemoryStore(), KEY, all_refs=True)
        assert (warm.batch, warm.counts.files) == (cold.batch, cold.counts.files)
        since = commit


@pytest.mark.django_db
@given(history=HISTORIES, turns=st.lists(st.integers(0, 2), min_size=6, max_size=6))
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_workers_that_take_turns_see_what_a_cold_scan_sees(tmp_path_factory, repository, history, turns):
    """Each holds what it knew, which another may have replaced since; a third begins anew each time."""
    for model in (Fact, Reading, TreeFold):
        model.objects.all().delete()
    mirror, commits = import_history(tmp_path_factory.mktemp("history") / "repo", history)
    workers = [DatabaseStore(repository.pk), DatabaseStore(repository.pk)]
    since = ""
    for commit, turn in zip(commits, turns, strict=False):
        store = (*workers, DatabaseStore(repository.pk))[turn]
        warm = scan(mirror, commit, store, KEY, since=since, all_refs=True)
        before = scan(mirror, since or commit, store, KEY, history=False)
        assert warm.batch == scan(mirror, commit, MemoryStore(), KEY, all_refs=True).batch
        assert before.batch == scan(mirror, since or commit, MemoryStore(), KEY, history=False).batch
        since = commit


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


def judge_counted(family, calls):
    def judge(places, limits):
        calls.append(sorted(place.path for place in places))
        return family.judge(places, limits)

    return replace(family, judge=judge)


def test_rules_look_again_only_at_parts_that_changed(repo):
    calls = []
    families = FAMILIES | {"protobuf": judge_counted(FAMILIES["protobuf"], calls)}
    protos = {f"p{number}.proto": f"package shop.p{number};\n" for number in range(5)}
    one = repo.commit("one", protos | {"a.txt": "a"})
    store, mirror = MemoryStore(), Mirror(repo.path)
    scan(mirror, one, store, KEY, families=families)
    assert sorted(calls) == [[path] for path in sorted(protos)]
    calls.clear()
    two = repo.commit("two", {"p3.proto": "package shop.other;\n", "a.txt": "b"})
    assert len(scan(mirror, two, store, KEY, families=families).batch.observations) == 5
    assert calls == [["p3.proto"]]


def broken(family):
    def judge(places, limits):
        raise ValueError(f"DB_PASSWORD={REAL}")

    return replace(family, judge=judge)


@pytest.mark.parametrize("name", ["kafka", "secrets"])
def test_rules_that_break_cost_their_own_coverage_and_look_again_next_time(repo, name, caplog):
    head = repo.commit("all", TREE)
    keys = {rule.key for rule in FAMILIES[name].rules}
    store, mirror = MemoryStore(), Mirror(repo.path)
    whole = scan(mirror, head, MemoryStore(), KEY).batch
    batch = scan(mirror, head, store, KEY, families=FAMILIES | {name: broken(FAMILIES[name])}).batch
    assert batch.coverage.failed == keys == whole.coverage.rules - batch.coverage.rules
    assert batch.rules == whole.rules
    assert batch.observations == tuple(one for one in whole.observations if one.rule not in keys) != whole.observations
    assert [note.message for note in batch.notices if "failed" in note.message] == [
        f"{keys.pop()}: the rule failed on this tree, and closes nothing"
    ]
    assert "ValueError at" in caplog.text
    assert REAL not in caplog.text
    assert scan(mirror, head, store, KEY).batch == whole


def test_a_change_that_leaves_the_facts_as_they_are_is_not_judged_again(repo):
    calls = []
    families = FAMILIES | {"kafka": judge_counted(FAMILIES["kafka"], calls)}
    topic = TREE["k8s/base/topic.yaml"] + "\n" * 9
    one = repo.commit("one", {"k8s/a.yaml": topic, "k8s/b.yaml": topic.replace("name: t", "name: u")})
    two = repo.commit("two", {"k8s/a.yaml": topic + "# the end\n"})
    three = repo.commit("three", {"k8s/a.yaml": "\n" + topic})
    store, mirror = MemoryStore(), Mirror(repo.path)
    lines = []
    for commit in (one, two, three):
        seen = scan(mirror, commit, store, KEY, families=families).batch.observations
        lines.append([found.line for found in seen if found.rule == "kafka/under-replicated-topic"])
    assert lines[0] == lines[1] != lines[2]
    assert len(calls) == 2


@pytest.mark.parametrize(
    "name", [name for name, family in FAMILIES.items() if family.part("a/b.x") and not family.narrow]
)
def test_judging_part_by_part_says_the_same_as_judging_the_whole_tree(repo, name):
    files = {f"{folder}/{path}": text for folder in ("x", "y/z") for path, text in TREE.items()}
    head = repo.commit("one", files | TREE)
    mirror, whole = Mirror(repo.path), replace(FAMILIES[name], part=lambda path: "")
    parts = observed(mirror, head, MemoryStore(), KEY, FAMILIES[name], Limits()).observations
    at_once = scan(mirror, head, MemoryStore(), KEY, history=False, families={name: whole}).batch.observations
    assert sorted(parts, key=repr) == sorted(at_once, key=repr)
    assert len(parts) >= 3


@pytest.mark.django_db
def test_a_push_reads_and_writes_the_shares_it_touches(repo, repository):
    protos = {f"p{number}.proto": f"package shop.p{number};\n" for number in range(200)}
    one = repo.commit("one", protos)
    scan(Mirror(repo.path), one, DatabaseStore(repository.pk), KEY, all_refs=True)
    before = dict(TreePart.objects.values_list("pk", "data"))
    two = repo.commit("two", {"p7.proto": "package shop.other;\n"})
    with CaptureQueriesContext(connection) as caught:
        NEWEST.forget()
        scan(Mirror(repo.path), two, DatabaseStore(repository.pk), KEY, since=one, all_refs=True)
    changed = [pk for pk, data in TreePart.objects.values_list("pk", "data") if before.get(pk) != data]
    places = [query["sql"] for query in caught.captured_queries if "protobuf:places" in query["sql"]]
    assert (len(before), len(changed)) == (2 * BUCKETS, 2)
    assert len(places) == 2  # one to read what is touched, one to write it


@pytest.mark.django_db
def test_what_was_seen_is_read_once_in_a_process_while_it_is_the_stored_version(repo, repository):
    one, two = (
        repo.commit("one", {"a.proto": "package shop.a;\n"}),
        repo.commit("two", {"b.proto": "package shop.b;\n"}),
    )
    mirror, pk = Mirror(repo.path), repository.pk

    def scanned(commit):
        with CaptureQueriesContext(connection) as caught:
            seen = scan(mirror, commit, DatabaseStore(pk), KEY, all_refs=True).batch.observations
        asked = [query["sql"] for query in caught.captured_queries if "protobuf:seen" in query["sql"]]
        return [found.path for found in seen], any(sql.lstrip().startswith("SELECT") for sql in asked)

    assert scanned(one) == (["a.proto"], False)
    assert scanned(two) == (["a.proto", "b.proto"], False)
    NEWEST.forget()  # as in another process
    assert scanned(one) == (["a.proto"], True)
    TreeFold.objects.update(token="another's")
    assert scanned(two) == (["a.proto", "b.proto"], True)


@pytest.mark.django_db
def test_of_what_was_seen_only_so_much_is_held_in_a_process(repo, repository, monkeypatch):
    monkeypatch.setattr("findings.folds.MOST", 2)
    scan(
        Mirror(repo.path),
        repo.commit("one", {"a.proto": "package a;\n"}),
        DatabaseStore(repository.pk),
        KEY,
        all_refs=True,
    )
    assert repository.pk in NEWEST._kept
    three = {f"{name}.proto": f"package {name};\n" for name in "bcd"}
    scan(Mirror(repo.path), repo.commit("two", three), DatabaseStore(repository.pk), KEY, all_refs=True)
    assert repository.pk not in NEWEST._kept


@pytest.mark.django_db
def test_a_fold_that_cannot_be_completed_is_not_kept(repo, repository):
    one, two = (
        repo.commit("one", {"a.proto": "package shop.a;\n"}),
        repo.commit("two", {"b.proto": "package shop.b;\n"}),
    )
    mirror = Mirror(repo.path)
    scan(mirror, one, DatabaseStore(repository.pk), KEY, all_refs=True)
    NEWEST.forget()
    late = load_fold(repository.pk, TreeFold.objects.get().signature)
    scan(mirror, two, DatabaseStore(repository.pk), KEY, since=one, all_refs=True)
    kept = TreeFold.objects.get().token
    save_fold(repository.pk, late)
    assert (TreeFold.objects.get().token, TreeFold.objects.get().commit) == (kept, two)
    with pytest.raises(Outdated):
        list(late.held["protobuf"].places.items())


def test_the_paths_of_a_tree_are_all_there_is_in_it(repo):
    (repo.path / "link").symlink_to("a.yaml")
    head = repo.commit("one", {"a.yaml": "a: 1\n", "d/e.png": b"\0"})
    paths = scan(Mirror(repo.path), head, MemoryStore(), KEY).batch.coverage.paths
    assert set(paths) == {"link", "a.yaml", "d/e.png"}
    assert "d" not in paths


def test_what_was_missing_is_looked_for_again(repo):
    one = repo.commit("one", {"a.proto": "package shop.a;\n"})
    name = repo.git("rev-parse", f"{one}:a.proto")
    object_file = repo.path / ".git" / "objects" / name[:2] / name[2:]
    content = object_file.read_bytes()
    object_file.unlink()
    store, mirror = MemoryStore(), Mirror(repo.path)
    batch = scan(mirror, one, store, KEY).batch
    assert (batch.observations, batch.coverage.unreadable) == ((), {"a.proto"})
    object_file.write_bytes(content)
    batch = scan(mirror, one, store, KEY).batch
    assert ([seen.path for seen in batch.observations], batch.coverage.unreadable) == (["a.proto"], frozenset())


def test_a_tree_known_from_a_commit_that_is_gone_is_read_whole(repo, tmp_path):
    one = repo.commit("one", {"a.proto": "package shop.a;\n"})
    store = MemoryStore()
    scan(Mirror(repo.path), one, store, KEY)
    other = Repo(tmp_path / "other")
    head = other.commit("unrelated", {"b.proto": "package shop.b;\n"})
    batch = scan(Mirror(other.path), head, store, KEY).batch
    assert [seen.path for seen in batch.observations] == ["b.proto"]


def test_unreadable_is_said_by_family_where_one_family_is_asked(repo):
    head = repo.commit("one", {"k8s/a.yaml": f"password: {REAL}\na: [\n"})
    mirror, store = Mirror(repo.path), MemoryStore()
    assert observed(mirror, head, store, KEY, FAMILIES["kubernetes"], Limits()).coverage.unreadable == {"k8s/a.yaml"}
    secrets = observed(mirror, head, store, KEY, FAMILIES["secrets"], Limits())
    assert (secrets.coverage.unreadable, len(secrets.observations)) == (frozenset(), 1)


@pytest.mark.django_db
def test_a_fork_says_nothing_of_branches_that_only_the_other_repository_has(repo, tmp_path, repository):
    base = repo.commit("base", {"x": "x"})
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "fork"))
    repo.git("checkout", "-qb", "side")
    repo.commit("leak", {"a.env": f"DB_PASSWORD={REAL}\n"})
    own = scan(Mirror(repo.path), base, DatabaseStore(repository.pk), KEY, all_refs=True).batch
    fork = scan(Mirror(tmp_path / "fork"), base, DatabaseStore(), KEY, since=base, all_refs=True).batch
    assert (len(own.observations), fork.observations) == (1, ())
