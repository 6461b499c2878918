"""Rules proposed from words."""

import pytest

from remediation.core.review.links import inherit, propose, scope
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
