"""The demo's repository is what its story says."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nova_dashboard.demo import catalogue, fakes, people, plan, repository
from nova_dashboard.demo.changes import DemoError, Edit
from nova_dashboard.demo.history import STEPS
from remediation.core.planning import Week
from tests.nova_dashboard.demo.helpers import TODAY, Tree, filled_lines, holders, patches, show

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))


# The repository


def test_the_same_day_gives_the_same_commits(demo: repository.BuiltDemo, tmp_path: Path) -> None:
    again = repository.build(tmp_path, TODAY)
    assert [c.sha for c in again.commits] == [c.sha for c in demo.commits]
    assert again.reviews == demo.reviews
    assert again.costs == demo.costs


def test_another_day_gives_another_history(demo: repository.BuiltDemo, tmp_path: Path) -> None:
    assert repository.build(tmp_path, date(2025, 11, 25)).head != demo.head


def test_commits_reach_over_ten_weeks_in_order_and_end_before_today(demo: repository.BuiltDemo) -> None:
    days = [c.when for c in demo.commits]
    assert days == sorted(days)
    assert len(set(days)) == len(days)
    assert 66 <= (TODAY - days[0].date()).days <= 73
    assert days[-1].date() < TODAY
    assert len(demo.commits) >= 50
    assert len({c.author.email for c in demo.commits}) >= 5
    assert all(c.author.email.endswith("@example.com") for c in demo.commits)


def test_git_holds_the_dates_people_and_messages_that_are_listed(demo: repository.BuiltDemo) -> None:
    log = repository.git(demo.origin, "log", "--reverse", "--format=%H|%at|%ct|%ae|%s", "main").splitlines()
    expected = [
        f"{c.sha}|{int(c.when.timestamp())}|{int(c.when.timestamp())}|{c.author.email}|{c.subject}"
        for c in demo.commits
    ]
    assert log == expected
    assert repository.git(demo.origin, "fsck", "--strict") == ""


def test_the_working_clone_is_clean_and_at_the_head(demo: repository.BuiltDemo) -> None:
    assert repository.git(demo.clone, "rev-parse", "HEAD").strip() == demo.head
    assert repository.git(demo.clone, "status", "--porcelain") == ""
    assert 120 <= len(repository.git(demo.clone, "ls-files").splitlines()) <= 200


def test_a_second_build_in_the_same_place_is_refused_with_the_path(demo: repository.BuiltDemo) -> None:
    with pytest.raises(DemoError, match=r"platform\.git exists already"):
        repository.build(demo.origin.parent, TODAY)


@settings(max_examples=40)
@given(today=DAYS)
def test_whatever_the_day_commits_rise_and_fall_on_workdays_before_it(today: date) -> None:
    moments = [p.when for p in plan.plan(STEPS, catalogue.load(), today)]
    assert all(earlier < later for earlier, later in itertools.pairwise(moments))
    assert all(m.weekday() < 5 and m.date() < today for m in moments)


@settings(max_examples=40)
@given(today=DAYS)
def test_whatever_the_day_what_came_back_did_so_within_the_week_before_it(today: date) -> None:
    [back] = [p.when for p in plan.plan(STEPS, catalogue.load(), today) if p.step.key == "regression_commit"]
    assert (today - back.date()).days < 7


def test_git_settings_of_the_person_do_not_change_the_build(
    demo: repository.BuiltDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = trunk\n[commit]\n\tgpgsign = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert repository.build(tmp_path / "built", TODAY).head == demo.head


# What its history tells


def test_a_password_is_gone_at_head_but_left_in_history(demo: repository.BuiltDemo) -> None:
    password = fakes.value("staging-database")
    added, removed = demo.named["secret_added"], demo.named["secret_removed"]
    assert password in show(demo, added, "deploy/overlays/staging/secrets.yaml")
    assert fakes.DRESSES["url"](password) in show(demo, added, "deploy/overlays/staging/billing-env.yaml")
    for form in (password, fakes.DRESSES["url"](password), fakes.DRESSES["base64"](password)):
        with pytest.raises(DemoError):
            repository.git(demo.origin, "grep", "-F", "-q", form, demo.head)
    before = repository.git(demo.origin, "rev-parse", f"{removed}^").strip()
    assert repository.git(demo.origin, "grep", "-F", "-c", password, before).count(":1") == 1


def test_the_scratch_disk_of_redis_is_repaired_and_comes_back(demo: repository.BuiltDemo) -> None:
    path = "deploy/base/redis.yaml"
    fix, back = demo.named["fix_commit"], demo.named["regression_commit"]
    assert "emptyDir" in show(demo, f"{fix}^", path)
    assert "emptyDir" not in show(demo, fix, path)
    assert "emptyDir" not in show(demo, f"{back}^", path)
    assert "emptyDir" in show(demo, back, path)
    assert "emptyDir" in show(demo, demo.head, path)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("rename", "R100\tservices/couriers/src/roster.rs\tservices/couriers/src/week_plan.rs"),
        ("move", "R100\tdeploy/base/kafka-topics.yaml\tdeploy/messaging/kafka-topics.yaml"),
    ],
)
def test_files_with_findings_are_renamed_and_moved(demo: repository.BuiltDemo, key: str, line: str) -> None:
    assert line in repository.git(demo.origin, "show", "--format=", "--name-status", "-M", demo.named[key])


def test_a_block_moves_to_another_file_unchanged(demo: repository.BuiltDemo) -> None:
    commit = demo.named["moved_block"]
    before = show(demo, f"{commit}^", "services/proofs/src/archive.rs")
    start = before.index("/// Each proof with the names")
    block = before[start : before.index("\n}\n", start)]
    assert ".await?" in block
    assert block in show(demo, commit, "services/proofs/src/timeline.rs")
    assert block not in show(demo, commit, "services/proofs/src/archive.rs")


def test_an_overlay_does_not_parse_for_one_commit(demo: repository.BuiltDemo) -> None:
    path = "deploy/overlays/production/kustomization.yaml"
    assert "\n   newTag" in show(demo, demo.named["overlay_broken"], path)
    assert "\n   newTag" not in show(demo, demo.named["overlay_mended"], path)


def test_a_reverted_commit_leaves_the_tree_as_it_was(demo: repository.BuiltDemo) -> None:
    revert = demo.named["revert"]
    trees = [repository.git(demo.origin, "rev-parse", f"{revert}{up}^{{tree}}") for up in ("", "~2")]
    assert trees[0] == trees[1]


# Every rule has something true, and something that only looks true


AT_HEAD: dict[str, Callable[[Tree], bool]] = {
    "secrets/plaintext": lambda t: holders(t, fakes.value("warehouse-reporter")) == ["docs/runbooks/warehouse.md"],
    "kubernetes/ephemeral-state": lambda t: (
        re.search(r"redis-data\n +emptyDir", t["deploy/base/redis.yaml"]) is not None
    ),
    "kubernetes/single-replica-state": lambda t: "replicas: 1\n" in t["deploy/base/postgres.yaml"],
    "rust/web-framework-split": lambda t: (
        holders(t, "actix-web = { workspace", "Cargo.toml") == ["services/couriers/Cargo.toml"]
    ),
    "kafka/under-replicated-topic": lambda t: 'KAFKA_DEFAULT_REPLICATION_FACTOR: "1"' in t["docker-compose.yml"],
    "clickhouse/oltp-mirror": lambda t: "invoices_cdc" in t["warehouse/010_parcels_mirror.sql"],
    "rust/n-plus-one": lambda t: "for courier in couriers {" in t["services/couriers/src/week_plan.rs"],
    "rust/mutex-wrapped-connection": lambda t: "Arc<Mutex<MultiplexedConnection>>" in t["services/notify/src/cache.rs"],
    "rust/duplicate-error-conversion": lambda t: len(holders(t, "impl From<sqlx::Error> for", ".rs")) >= 2,
    "events/version-equality": lambda t: "ours == theirs" in t["libs/event-kit/src/version.rs"],
    "rust/oversized-main": lambda t: filled_lines(t["services/gateway/src/main.rs"]) > 300,
    "protobuf/unversioned-package": lambda t: "package ternpost.lockers;" in t["proto/ternpost/lockers/lockers.proto"],
    "postgres/low-cardinality-index": lambda t: "ON invoices (paid)" in t["migrations/0122_invoice_indexes.sql"],
    "kustomize/patch-sprawl": lambda t: patches(t) == 7,
    "kubernetes/inline-shell-job": lambda t: "sts get-session-token" in t["deploy/base/token-refresher.yaml"],
    "kubernetes/single-replica-service": lambda t: (
        "replicas: 1" in t["deploy/base/lockers.yaml"]
        and "name: lockers" not in t["deploy/overlays/production/replicas-patch.yaml"]
    ),
}


@pytest.mark.parametrize("rule", sorted(AT_HEAD))
def test_a_rule_holds_somewhere_at_head(rule: str, planned: tuple[plan.Planned, ...]) -> None:
    assert AT_HEAD[rule](planned[-1].tree)


def test_the_open_warehouse_is_only_in_history(planned: tuple[plan.Planned, ...]) -> None:
    path, rule = "deploy/base/clickhouse.yaml", "            <ip>::/0</ip>\n"
    assert any(rule in p.tree.get(path, "") for p in planned)
    assert rule not in planned[-1].tree[path]


def test_topics_with_one_copy_are_all_repaired_along_the_way(planned: tuple[plan.Planned, ...]) -> None:
    counts = [sum(t.count("  replicas: 1\n") for p, t in step.tree.items() if "kafka-topics" in p) for step in planned]
    seen = [n for n, _ in itertools.groupby(counts)]
    assert seen == [0, 5, 3, 1, 0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deploy/base/clickhouse.yaml", "<!-- was <ip>::/0</ip>"),
        ("deploy/base/network-policy.yaml", "cidr: 0.0.0.0/0"),
        ("deploy/base/postgres.yaml", "hostssl all  all  0.0.0.0/0"),
        ("deploy/base/gateway.yaml", "minReplicas: 1"),
        ("deploy/base/opensearch.yaml", "mountPath: /tmp"),
        ("docs/runbooks/cache.md", "emptyDir: {}"),
        ("libs/axum-trace/Cargo.toml", "warp"),
        ("libs/db-kit/src/lib.rs", "loop {"),
        ("migrations/0125_drop_verified_index.sql", "DROP INDEX IF EXISTS accounts_verified"),
        ("proto/google/type/latlng.proto", "package google.type;"),
        ("warehouse/020_scan_events.sql", "ReplacingMergeTree(computed_at)"),
        (".github/workflows/ci.yml", "id-token: write"),
        (".env.example", "your-password-here"),
        ("deploy/base/tidy.yaml", "set -eu"),
    ],
)
def test_decoys_are_at_head(planned: tuple[plan.Planned, ...], path: str, text: str) -> None:
    assert text in planned[-1].tree[path]


def test_no_token_is_left_in_any_file(planned: tuple[plan.Planned, ...]) -> None:
    assert [path for p in planned for path, text in p.tree.items() if "@@secret" in text or "@@pem" in text] == []


def test_our_own_sources_hold_no_password_of_the_demo() -> None:
    names = set(re.findall(r"@@secret:([a-z-]+)", "".join(p.read_text() for p in package_files())))
    assert len(names) >= 6
    for file in package_files():
        assert not [name for name in names if fakes.value(name) in file.read_text()]


def package_files() -> list[Path]:
    return [p for p in catalogue.HERE.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


# Teams


def owner(path: str, codeowners: str) -> str:
    rules = [line.split() for line in codeowners.splitlines() if line.strip() and not line.startswith("#")]
    return [team for pattern, team in rules if pattern == "*" or f"/{path}".startswith(pattern)][-1]


def test_the_teams_paths_are_those_of_codeowners(planned: tuple[plan.Planned, ...]) -> None:
    text = planned[-1].tree["CODEOWNERS"]
    listed = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert {(p, t.handle) for t in people.TEAMS for p in t.paths} == {tuple(row) for row in listed}
    assert owner("services/lockers/src/main.rs", text) == people.DELIVERY.handle
    assert owner("deploy/base/redis.yaml", text) == people.PLATFORM.handle


def test_the_first_team_has_a_lead_and_a_member_the_second_a_member() -> None:
    assert [(a.team, a.role) for a in people.ACCOUNTS] == [
        ("platform", "lead"),
        ("platform", "member"),
        ("delivery", "member"),
    ]


# The next repair


def test_the_next_fix_is_pushed_and_undone(tmp_path: Path) -> None:
    demo = repository.build(tmp_path, TODAY)
    when = datetime(2025, 11, 23, 10, 0, tzinfo=UTC)
    fixed = demo.next_fix(when)
    assert repository.git(demo.origin, "rev-parse", "main").strip() == fixed
    assert "Mutex" not in show(demo, fixed, repository.FIX_FILE)
    with pytest.raises(DemoError):
        demo.next_fix(when)
    undone = demo.undo_fix(when)
    assert repository.git(demo.origin, "rev-parse", "main").strip() == undone
    assert show(demo, undone, repository.FIX_FILE) == show(demo, demo.head, repository.FIX_FILE)
    with pytest.raises(DemoError, match="no repair to undo"):
        demo.undo_fix(when)
    assert "Mutex" not in show(demo, demo.next_fix(), repository.FIX_FILE)


def test_there_is_nothing_to_undo_before_the_first_fix(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="no repair to undo"):
        repository.build(tmp_path, TODAY).undo_fix()


def test_an_edit_that_does_not_fit_names_the_file() -> None:
    with pytest.raises(DemoError, match=r"a\.txt: the text to replace stands there 2 times"):
        Edit("a.txt", "x", "y").edited("x x")


@given(DAYS)
def test_on_every_day_of_a_week_something_late_is_due_in_that_week_anew(today: date) -> None:
    sunday = Week.of(today).end
    assert [today <= plan.new_date(today, n) <= sunday for n in range(10)] == [n % 5 == 0 for n in range(10)]
    assert all(plan.new_date(today, n).weekday() < plan.SATURDAY for n in range(10) if n % 5)
