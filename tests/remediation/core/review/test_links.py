"""Rules proposed from words."""

import pytest

from remediation.core.review.links import inherit, propose, scope
from remediation.core.review.reach import reads
from remediation.core.review.rulebook import RULES
from remediation.core.types import LinkProposal, Place


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Rotate all database passwords", "secrets/plaintext"),
        ("明文密码提交到仓库", "secrets/plaintext"),
        ("密鑰寫死：硬編碼的密鑰", "secrets/plaintext"),
        ("ClickHouse: forbid 0.0.0.0/0", "clickhouse/open-network"),
        ("ClickHouse 对公网开放", "clickhouse/open-network"),
        ("Redis to ElastiCache or a PVC", "kubernetes/ephemeral-state"),
        ("Postgres data sits on emptyDir", "kubernetes/ephemeral-state"),
        ("PostgreSQL runs as a single instance", "kubernetes/single-replica-state"),
        ("数据库单点，没有高可用", "kubernetes/single-replica-state"),
        ("Unify the web framework (Actix -> Axum)", "rust/web-framework-split"),
        ("Kafka topics: replicas 1 -> 3", "kafka/under-replicated-topic"),
        ("主题没有 min.insync.replicas", "kafka/under-replicated-topic"),
        ("Drop the ClickHouse CDC mirror tables", "clickhouse/oltp-mirror"),
        ("N+1 queries in the list", "rust/n-plus-one"),
        ("循环里逐条查询用户", "rust/n-plus-one"),
        ("Arc<Mutex<ConnectionManager>> is needless", "rust/mutex-wrapped-connection"),
        ("错误转换重复了四十次", "rust/duplicate-error-conversion"),
        ("Error conversion is duplicated in each service", "rust/duplicate-error-conversion"),
        ("Event schema versions are compared for equality", "events/version-equality"),
        ("main.rs has 700 lines", "rust/oversized-main"),
        ("gRPC packages without a version", "protobuf/unversioned-package"),
        ("Drop low-cardinality indexes", "postgres/low-cardinality-index"),
        ("布尔列上的索引", "postgres/low-cardinality-index"),
        ("Simplify kustomize (14 patches)", "kustomize/patch-sprawl"),
        ("A CronJob with 80 lines of shell", "kubernetes/inline-shell-job"),
        ("Each service runs a single replica", "kubernetes/single-replica-service"),
    ],
)
def test_the_surest_rule_is_the_one_meant_and_says_why(title, rule):
    first = propose(title)[0]
    assert first.rule == rule
    assert first.why and 0.5 <= first.confidence <= 1


def test_every_rule_has_words():
    assert len(RULES) == 17 and all(RULES.values())


@pytest.mark.parametrize(
    "title", ["Merge the services (12 -> 3)", "Cost: $275 -> $60", "Hire a DBA", "Write more tests", "重新评估必要性"]
)
def test_what_no_rule_can_test_has_no_link(title):
    assert propose(title) == ()


def test_a_side_remark_adds_a_rule_without_the_scope_of_the_finding():
    links = propose("Plain-text passwords", "- ClickHouse is open to 0.0.0.0/0", [Place("deploy/prod/")])
    assert [(x.rule, x.scope) for x in links] == [
        ("secrets/plaintext", "deploy/prod/**"),
        ("clickhouse/open-network", ""),
    ]


@pytest.mark.parametrize(
    ("paths", "glob"),
    [
        ([], ""),
        (["a/b.rs"], "a/b.rs"),
        (["a/b/"], "a/b/**"),
        (["a/*/p/*.proto"], "a/*/p/*.proto"),
        (["a/b/c.rs", "a/b/d.rs"], "a/b/**"),
        (["a/b/", "a/b/d.rs"], "a/b/**"),
        (["a/x.rs", "b/y.rs"], ""),
        (["x.rs", "b/y.rs"], ""),
    ],
)
def test_a_scope_covers_all_places_and_little_more(paths, glob):
    assert scope([Place(p) for p in paths]) == glob


def test_an_item_inherits_the_surest_link_of_its_finding_with_less_confidence():
    links = [LinkProposal("a/b", "x", "w", 0.6), LinkProposal("c/d", "y", "w", 0.8)]
    assert inherit(links, "the finding") == (LinkProposal("c/d", "y", "through the finding", 0.6),)
    assert inherit([], "the finding") == ()


@pytest.mark.parametrize("path", ["web/list.js", "store/orders.go", "orders.php", "app/views.py", "README.md"])
def test_a_rule_of_rust_is_not_proposed_for_a_file_of_another_language(path):
    assert propose("N+1 queries in the list", places=[Place(path)]) == ()
    assert [x.rule for x in propose("N+1 queries in the list", places=[Place(path), Place("feed/src/repo.rs")])] == [
        "rust/n-plus-one"
    ]


def test_what_a_rule_reads_is_what_the_families_of_its_kind_read():
    assert reads("rust/web-framework-split", "feed/src/routes.rs") and reads("rust/web-framework-split", "Cargo.toml")
    assert reads("kustomize/patch-sprawl", "deploy/prod/limits-patch.yaml")
    assert reads("secrets/plaintext", "web/app.js")
    assert not reads("kubernetes/ephemeral-state", "feed/src/routes.rs")
    assert not reads("protobuf/unversioned-package", "deploy/feed.yaml")


@pytest.mark.parametrize("places", [[], [Place("shop/")], [Place("shop/**")]])
def test_without_a_file_the_languages_of_the_report_tell(places):
    go, rust = [Place("shop/a.go"), Place("shop/b.go"), Place("shop/c.go")], [Place("feed/src/a.rs")]
    assert propose("N+1 queries in the list", "", places, go) == ()
    assert propose("N+1 queries in the list", "", places, [*go, *rust]) == ()
    assert propose("N+1 queries in the list", "", places, [*go[:2], *rust])[0].rule == "rust/n-plus-one"
    assert propose("Redis sits on emptyDir", "", places, go)[0].rule == "kubernetes/ephemeral-state"


@pytest.mark.parametrize(
    "title",
    [
        "Hardcoded colours where the theme has tokens",
        "No hard-coded passwords were found",
        "The repository is free of hardcoded credentials",
        "No secrets are committed",
        "未发现硬编码密码",
        "The login form sends passwords in plain text, there is no HTTPS",
        "没有 HTTPS，密码明文传输",
        "双因素认证：防止密码泄露后账号被盗",
        "The reset endpoint has the plaintext password in its response",
        "Port 22 is exposed to the internet, private keys lie in home folders",
        "The vault is locked before it was unmounted",
        "Refresh tokens cannot be revoked",
        "Take the order with one conditional database update that also persists its price",
        "缺少 PostgreSQL 持久化层的测试",
        "数据库备份从未验证，RDS 快照无备份策略",
        "数据库单点登录失败",
        "The sign-up API can be called in a batch",
        "缺少错误边界，初始化的各步骤没有保护",
        "注册重复的路由时抛出错误",
        "Two error variants are duplicates",
        "The wire protocol has no version",
        "The list avoids N+1 queries",
    ],
)
def test_common_words_praise_and_other_subjects_point_to_no_rule(title):
    assert propose(title) == ()


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("There is no secret store: database passwords are hardcoded", "secrets/plaintext"),
        ("Hardcoded tokens in the deploy script", "secrets/plaintext"),
        ("An API token was committed", "secrets/plaintext"),
        ("Move the credentials to Vault", "secrets/plaintext"),
        ("Redis runs without persistence", "kubernetes/ephemeral-state"),
        ("Redis 没有持久化", "kubernetes/ephemeral-state"),
        ("Move the databases to RDS", "kubernetes/single-replica-state"),
        ("Start-up has 14 steps", "rust/oversized-main"),
    ],
)
def test_a_common_word_counts_beside_the_subject_of_the_rule(title, rule):
    assert propose(title)[0].rule == rule


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("`gateway/src/main.rs` lines 7-9: a Mutex around the Redis connection", "rust/mutex-wrapped-connection"),
        ("`gateway/src/main.rs` 第 7-9 行：Redis 连接外面包了 Mutex", "rust/mutex-wrapped-connection"),
        ("Queries in a loop, N+1 (gateway/src/main.rs, line 12)", "rust/n-plus-one"),
    ],
)
def test_the_lines_of_a_file_do_not_say_that_it_is_too_long(said, first):
    assert [link.rule for link in propose(said)] == [first]
    assert [link.rule for link in propose("It waits for others", said)] == [first]


@pytest.mark.parametrize("said", ["gateway/src/main.rs has 700 lines", "gateway/src/main.rs 有 700 行", "main.rs"])
def test_how_many_lines_there_are_does(said):
    assert propose(said)[0].rule == "rust/oversized-main"


def test_a_file_with_its_folder_is_a_place_and_no_rule():
    assert propose("gateway/src/main.rs, lines 7-9") == ()
