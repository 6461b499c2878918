"""clickhouse/open-network and clickhouse/oltp-mirror."""

import pytest

from findings.core.rules.clickhouse import FAMILY, admits_all
from findings.core.types import Identity, Priority
from tests.findings.core.rules.tree import see


def users(ip: str = "<ip>::/0</ip>", password: str = "<password>x</password>") -> str:
    return f"""\
<clickhouse>
  <users>
    <default>
      {password}
      <networks>
        {ip}
      </networks>
    </default>
  </users>
</clickhouse>
"""


def block(text: str, lead: str = "    ") -> str:
    return "".join(f"{lead}{line}\n" for line in text.splitlines())


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: users, namespace: data}\ndata:\n  users.xml: |\n"
OPERATOR = """\
apiVersion: clickhouse.altinity.com/v1
kind: ClickHouseInstallation
metadata: {name: warehouse}
spec:
  configuration:
    users:
      default/networks/ip:
        - "::1"
        - "0.0.0.0/0"
      default/password: ""
      reporter:
        networks: {ip: "::/0"}
"""


def lines(files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in see(FAMILY, files)]


@pytest.mark.parametrize("ip", ["::/0", "0.0.0.0/0", "0.0.0.0", "0::0/0", " ::/0 "])
def test_an_address_that_means_everybody_in_users_xml_is_p0(ip):
    (seen,) = see(FAMILY, {"clickhouse/users.xml": users(f"<ip>{ip}</ip>")})
    assert (seen.rule, seen.priority, seen.line) == ("clickhouse/open-network", Priority.P0, 6)
    assert seen.properties["user"] == "default"


def test_a_pattern_of_host_names_that_fits_all_is_the_same():
    assert lines({"users.xml": users("<host_regexp>.*</host_regexp>")}) == [("users.xml", 6)]


@pytest.mark.parametrize(
    "ip", ["<ip>10.0.0.0/8</ip>", "<ip>127.0.0.1</ip>", "<ip>::1</ip>", "<host>db.internal</host>"]
)
def test_networks_that_are_named_are_fine(ip):
    assert see(FAMILY, {"users.xml": users(ip)}) == []


def test_an_empty_password_beside_it_raises_confidence():
    (seen,) = see(FAMILY, {"users.xml": users()})
    assert seen.properties["confidence"] == "medium"
    for password in ("<password></password>", "<password/>", "<no_password/>"):
        (seen,) = see(FAMILY, {"users.xml": users(password=password)})
        assert seen.properties["confidence"] == "high"
        assert "without a password" in seen.message
    (seen,) = see(FAMILY, {"users.xml": users(password='<password from_env="P"/>')})
    assert seen.properties["confidence"] == "medium"


def test_xml_inside_a_yaml_block_scalar_is_read_and_known_by_its_object():
    (seen,) = see(FAMILY, {"k8s/base/ch.yaml": CONFIG + block(users())})
    assert (seen.line, seen.identity, seen.key) == (11, Identity.LOGICAL, "ConfigMap/data/users/default")


def test_yaml_configuration_is_read_alone_and_inside_a_block_scalar():
    text = 'users:\n  default:\n    password: ""\n    networks:\n      ip:\n        - "::1"\n        - "::/0"\n'
    assert lines({"users.d/default.yaml": text}) == [("users.d/default.yaml", 7)]
    config = CONFIG.replace("users.xml", "users.yaml")
    assert lines({"k8s/ch.yaml": config + block(text)}) == [("k8s/ch.yaml", 12)]
    assert lines({"users.d/default.yaml": text.replace("ip:", "ips:")}) == [("users.d/default.yaml", 7)]


def test_an_operators_object_is_read_flat_and_nested():
    seen = see(FAMILY, {"k8s/ch.yaml": OPERATOR})
    assert sorted((one.line, one.properties["user"], one.properties["confidence"]) for one in seen) == [
        (9, "default", "high"),
        (12, "reporter", "medium"),
    ]


def test_two_open_rules_of_one_user_are_one_finding():
    text = CONFIG + block(users("<ip>::/0</ip><ip>0.0.0.0/0</ip>"))
    seen = see(FAMILY, {"k8s/ch.yaml": text})
    assert len(seen) == 2
    assert len({one.key for one in seen}) == 1


def test_a_local_overlay_drops_one_priority_and_says_so():
    (seen,) = see(FAMILY, {"k8s/overlays/local/users.xml": users()})
    assert (seen.priority, seen.properties["overlay"]) == (Priority.P1, "local")


def test_comments_of_xml_and_yaml_are_no_rules_also_over_several_lines():
    inner = users("<!-- was <ip>::/0</ip>: anybody\n  who found <ip>0.0.0.0/0</ip> -->\n<ip>127.0.0.1</ip>")
    commented = "".join(f"# {line}\n" for line in OPERATOR.splitlines())
    assert see(FAMILY, {"users.xml": inner, "k8s/a.yaml": CONFIG + block(inner), "k8s/b.yaml": commented}) == []
    assert see(FAMILY, {"users.xml": "<!-- never closed\n" + users()}) == []


def test_documents_are_no_configuration():
    assert see(FAMILY, {"docs/users.xml": users(), "docs/a.yaml": OPERATOR, "review.md": users()}) == []


@pytest.mark.parametrize(
    "text",
    [
        "data:\n  pg_hba.conf: |\n    host all all 0.0.0.0/0 scram-sha-256\n",
        "spec:\n  egress:\n  - to:\n    - ipBlock: {cidr: 0.0.0.0/0}\n",
        "ingress:\n  - cidr_blocks: ['0.0.0.0/0']\n    ipv6_cidr_blocks: ['::/0']\n",
        "routes:\n  - destination: 0.0.0.0/0\n    networks: [a]\n",
        "networks:\n  default:\n    ipam: {config: [{subnet: 0.0.0.0/0}]}\n",
        "services:\n  web:\n    networks:\n      ip: 0.0.0.0\n",
        "data:\n  config.xml: |\n    <clickhouse><listen_host>::</listen_host><listen_host>0.0.0.0</listen_host></clickhouse>\n",
    ],
)
def test_other_networks_are_none_of_clickhouse(text):
    assert see(FAMILY, {"k8s/a.yaml": text}) == []


def test_broken_xml_does_no_harm():
    assert lines({"users.xml": "</b><x></y>" + users()[:-20]}) == [("users.xml", 6)]
    assert see(FAMILY, {"users.xml": "<networks><ip>" * 5000, "x.xml": "<" * 100_000 + "networks"}) == []


@pytest.mark.parametrize(
    ("value", "open_"), [("::/0", True), ("10.0.0.0/0", True), ("::/1", False), ("x", False), ("", False)]
)
def test_what_admits_all(value, open_):
    assert admits_all(value) is open_


POSTS = "CREATE TABLE posts (id uuid PRIMARY KEY, user_id UUID NOT NULL, title text);\n"


def mirror(
    name: str = "posts_cdc",
    ident: str = "id String",
    flag: str = "is_deleted UInt8",
    engine: str = "ReplacingMergeTree(changed_at)",
    order: str = "id",
) -> str:
    return f"CREATE TABLE IF NOT EXISTS {name} (\n  {ident},\n  body String,\n  {flag}\n) ENGINE = {engine}\nORDER BY {order};\n"


def tables(files: dict[str, str]) -> list[str]:
    return [one.key for one in see(FAMILY, files)]


def test_a_mirror_is_p1_and_says_its_signs():
    (seen,) = see(FAMILY, {"clickhouse/posts.sql": mirror(), "migrations/1.sql": POSTS})
    assert (seen.rule, seen.priority, seen.key, seen.line) == ("clickhouse/oltp-mirror", Priority.P1, "posts_cdc", 1)
    assert len(seen.properties["signs"]) == 4


@pytest.mark.parametrize(
    "text",
    [
        mirror(flag="x UInt8", order="(body, id)"),  # name, strings
        mirror(ident="id UUID", order="body"),  # name, flag
        mirror(ident="id UUID", flag="x UInt8"),  # name, order
        mirror(name="articles", ident="id UUID"),  # flag, order
        mirror(name="articles", ident="id UUID", flag="__cdc_is_deleted UInt8"),
        mirror(name="articles", ident="id UUID", engine="CollapsingMergeTree(sign)"),
        mirror(name="db.articles_mirror", ident="article_id UUID", flag="x UInt8", order="(article_id)"),
        mirror(engine="ReplicatedReplacingMergeTree('/ch/{shard}/posts', '{replica}', changed_at)"),
    ],
)
def test_two_signs_are_enough(text):
    assert len(tables({"clickhouse/a.sql": text})) == 1


@pytest.mark.parametrize(
    "text",
    [
        mirror(ident="id UUID", flag="x UInt8", order="body"),  # the name alone
        mirror(name="articles", ident="id UUID", flag="x UInt8"),  # the order alone
        mirror(engine="MergeTree"),
        mirror(name="user_features", ident="user_id UUID", flag="x UInt8", order="user_id"),
        mirror(name="courier_day_stats", ident="courier_id String", flag="is_deleted UInt8", order="(day, courier_id)"),
        mirror(name="page_scores", ident="id String", flag="is_deleted UInt8"),
        "CREATE TABLE posts_backup AS posts;\nCREATE TABLE posts_cdc AS posts ENGINE = ReplacingMergeTree ORDER BY id;\n",
    ],
)
def test_derived_tables_backups_and_single_signs_are_fine(text):
    assert tables({"clickhouse/a.sql": text}) == []


def test_string_ids_count_only_where_the_source_has_uuids():
    text = mirror(name="posts", flag="x UInt8", order="body")
    assert tables({"clickhouse/a.sql": text, "migrations/1.sql": POSTS}) == ["posts"]
    by_text = POSTS.replace("uuid", "text").replace("UUID", "text")
    assert tables({"clickhouse/a.sql": text, "migrations/1.sql": by_text}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/schema.rs", f'const DDL: &str = r#"\n{mirror()}"#;\n'),
        (
            "src/schema.rs",
            'client.query("CREATE TABLE posts_cdc (id String, is_deleted UInt8) ENGINE = ReplacingMergeTree ORDER BY id").execute();\n',
        ),
        ("jobs/schema.py", f'DDL = """\n{mirror()}"""\n'),
    ],
)
def test_tables_in_strings_of_programs_are_seen(path, text):
    assert tables({path: text}) == ["posts_cdc"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/warehouse.rs", f'const DDL: &str = r#"\n{mirror()}"#;\n'),
        ("src/schema.rs", f'#[cfg(test)]\nmod tests {{\n    const DDL: &str = r#"\n{mirror()}"#;\n}}\n'),
        ("jobs/tests/test_schema.py", f'DDL = """\n{mirror()}"""\n'),
        ("jobs/schema_test.go", f"const ddl = `\n{mirror()}`\n"),
    ],
)
def test_tables_in_strings_of_tests_are_never_made(path, text):
    assert tables({path: text}) == []


def test_comments_of_programs_and_of_sql_are_no_tables():
    one_line = " ".join(mirror().split())
    files = {
        "a.rs": f"// {one_line}\n/* {mirror()} */\n",
        "b.py": f"# {one_line}\n",
        "c.sql": f"-- {one_line}\n/* {mirror()} */\n",
        "docs/d.sql": mirror(),
    }
    assert tables(files) == []


def test_one_stray_token_does_not_hide_the_next_table():
    broken = "CREATE TABLE a (id String, is_deleted UInt8)) ENGINE = ;\nSELEC oops ' (\nCREATE TABLE b (id\n"
    assert tables({"clickhouse/a.sql": broken + mirror()}) == ["posts_cdc"]


def test_a_table_that_a_later_file_drops_is_gone():
    files = {"ch/2_posts.sql": mirror(), "ch/10_drop.sql": "DROP TABLE IF EXISTS posts_cdc;\n"}
    assert tables(files) == []
    assert tables({"ch/10_posts.sql": mirror(), "ch/2_drop.sql": "DROP TABLE posts_cdc;\n"}) == ["posts_cdc"]
    assert tables({"ch/1.sql": "DROP TABLE IF EXISTS posts_cdc;\n" + mirror()}) == ["posts_cdc"]


def test_two_copies_of_a_table_are_one_finding():
    assert tables({"a/ch.sql": mirror(), "b/ch.sql": mirror()}) == ["posts_cdc", "posts_cdc"]
