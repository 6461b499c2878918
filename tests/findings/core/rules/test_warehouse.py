"""clickhouse/open-network and clickhouse/oltp-mirror: configuration and tables as real repositories write them."""

import pytest

from findings.core.rules.clickhouse import FAMILY
from findings.core.types import Identity
from tests.findings.core.rules.test_clickhouse import CONFIG, POSTS, block, lines, mirror, tables, users
from tests.findings.core.rules.tree import see

NESTED = """\
users:
  reporter:
    profile: default
    networks:
{}"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NESTED.format('      ip: "::/0"\n'), 5),
        (NESTED.format('      ip: ["10.0.0.0/8", "0.0.0.0/0"]\n'), 5),
        (NESTED.format('      - ip: "10.0.0.0/8"\n      - ip: "::/0"\n'), 6),
        (NESTED.format("      host_regexp: '.*'\n"), 5),
        ('clickhouse:\n  users:\n    - name: a\n      networks:\n        ip:\n          - "::/0"\n', 6),
        ('x: &any\n  ip: "::/0"\nusers:\n  a:\n    networks: *any\n', 2),
        ('users:\n  a/networks/ip: "::/0"\n', 2),
    ],
)
def test_rules_of_users_in_yaml(text, line):
    assert lines({"clickhouse/users.yaml": text}) == [("clickhouse/users.yaml", line)]


@pytest.mark.parametrize(
    "text",
    [
        NESTED.format('      ip: "10.0.0.0/8"\n      # ip: "::/0"\n'),
        "networks:\n  ip: 0.0.0.0/0\n",
        "spec:\n  ingress:\n  - from: [{ipBlock: {cidr: 0.0.0.0/0}}]\n  networks: [a]\n",
        "services:\n  clickhouse:\n    ports: ['0.0.0.0:9000:9000']\n    networks: [back]\n",
        "data:\n  users.xml: |\n    <clickhouse>\n    <!--\n    <networks><ip>::/0</ip></networks>\n    -->\n    </clickhouse>\n",
    ],
)
def test_what_only_looks_like_a_rule(text):
    assert lines({"k8s/a.yaml": text}) == []


@pytest.mark.parametrize(
    "xml",
    [
        '<networks incl="networks" replace="replace"><ip>::/0</ip></networks>',
        "<networks>\n<ip>\n::/0\n</ip></networks>".replace("\n<ip>\n", "<ip>").replace("\n</ip>", "</ip>"),
        "<networks><ip>127.0.0.1</ip><ip>0.0.0.0/0</ip></networks>",
        "<networks><ip>::</ip></networks>",
    ],
)
def test_rules_of_users_in_xml(xml):
    text = f"<yandex><users><app>{xml}</app></users></yandex>\n"
    for path in ("ch/users.xml", "ch/users.xml.j2", "ch/users.d/app.XML"):
        assert lines({path: text}) == [(path, 1)]


def test_xml_with_the_line_ends_of_windows_and_a_mark():
    data = ("\ufeff" + users()).replace("\n", "\r\n").encode()
    assert [one.line for one in see(FAMILY, {"users.xml": data})] == [6]


def test_a_user_of_an_object_keeps_its_name_when_the_file_moves():
    text = CONFIG + block(users())
    (one,) = see(FAMILY, {"a/ch.yaml": text})
    (other,) = see(FAMILY, {"b/other.yaml": "# moved\n" + text})
    assert (one.key, one.identity) == (other.key, Identity.LOGICAL)
    assert len({seen.key for seen in see(FAMILY, {"a/ch.yaml": text, "b/ch.yaml": text})}) == 1


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("stories", "story_id"),
        ("addresses", "address_id"),
        ("user_profiles", "user_id"),
        ("user_profiles", "profile_id"),
    ],
)
def test_the_id_of_a_row_has_many_names(name, order):
    text = mirror(name=f"{name}_cdc", ident=f"{order} UUID", flag="x UInt8", order=f"({order}, body)")
    assert tables({"ch/a.sql": text}) == [f"{name}_cdc"]


def test_a_primary_key_is_the_order_where_there_is_no_other():
    text = mirror(ident="id UUID", flag="x UInt8").replace("ORDER BY id", "PRIMARY KEY id")
    assert tables({"ch/a.sql": text}) == ["posts_cdc"]


def test_tables_in_manifests_and_compose_files_are_seen():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: init}\ndata:\n  init.sql: |\n" + block(mirror())
    (seen,) = see(FAMILY, {"k8s/init.yaml": text})
    assert (seen.key, seen.line) == ("posts_cdc", 6)
    commented = "".join(f"# {line}\n" for line in text.splitlines())
    assert tables({"k8s/init.yaml": commented}) == []


@pytest.mark.parametrize(
    "text",
    [
        mirror(name="`shop`.`posts_cdc`"),
        mirror(name="shop.posts_cdc ON CLUSTER '{cluster}'"),
        mirror(name="{database}.posts_cdc"),
        mirror(engine="ReplicatedCollapsingMergeTree('/t/{shard}', '{replica}', sign)"),
        mirror(engine="VersionedCollapsingMergeTree(sign, version)"),
        mirror(ident="id String COMMENT 'a, b (c'", flag="_peerdb_is_deleted UInt8 DEFAULT 0"),
        mirror().replace("\n) ENGINE", ",\n  INDEX i body TYPE minmax GRANULARITY 4\n)\nENGINE"),
        mirror().replace("CREATE TABLE", "create table").replace("ENGINE = ", "engine="),
        mirror().replace(";", "\nSETTINGS index_granularity = 8192;"),
    ],
)
def test_a_mirror_in_other_clothes(text):
    assert tables({"ch/a.sql": text, "m/1.sql": POSTS}) == ["posts_cdc"]


def test_a_mirror_keeps_its_name_wherever_it_stands():
    files = {
        "a/1.sql": mirror(name="posts_cdc"),
        "src/b.rs": f'const X: &str = "{mirror(name="analytics.posts_cdc")}";\n',
    }
    assert tables(files) == ["posts_cdc", "posts_cdc"]


def test_flags_and_sorting_keys_in_short_words():
    text = (
        "CREATE TABLE sync_users (id String CODEC(ZSTD(1)), is_del UInt8, at DateTime)\n"
        "Engine=ReplacingMergeTree(at) Order By tuple(id) SETTINGS index_granularity=8192;\n"
    )
    assert [seen.line for seen in see(FAMILY, {"db/clickhouse/a.sql": text})] == [1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("CREATE USER a IDENTIFIED WITH no_password HOST ANY;\n", [1]),
        ("SELECT 1;\nALTER USER IF EXISTS a\n  HOST IP '10.0.0.0/8', IP '::/0';\n", [2]),
        ("SELECT 1;\nALTER USER IF EXISTS a\n  HOST LOCAL, HOST IP '::/0';\n", [2]),
        ("CREATE USER a HOST REGEXP '.*';\nCREATE USER b HOST LIKE '%';\n", [1, 2]),
        ("-- CREATE USER a HOST ANY;\nCREATE USER b HOST IP '10.0.0.0/8';\nCREATE USER c HOST LOCAL;\n", []),
        ("CREATE USER 'a'@'%' IDENTIFIED BY 'x';\nCREATE TABLE host (any text);\n", []),
    ],
)
def test_users_that_sql_makes(text, lines):
    assert [seen.line for seen in see(FAMILY, {"db/users.sql": text})] == lines


def test_a_database_may_be_named_as_a_mirror():
    text = "CREATE TABLE {} (id String, name String, sign Int8)\nENGINE = CollapsingMergeTree(sign)\nORDER BY id;\n"
    for name in ("mirror.owners", "`shop_cdc`.owners", "pg.owners"):
        assert [one.line for one in see(FAMILY, {"sql/a.sql": text.format(name)})] == [1]
    for name in ("shop.owners", "owners", "mirror.owner_scores"):
        assert see(FAMILY, {"sql/a.sql": text.format(name)}) == []
