"""postgres/low-cardinality-index: the many ways in which tools write, name and order migrations."""

import pytest

from findings.core.rules.migrations import FAMILY
from tests.findings.core.rules.tree import see

TABLE = "CREATE TABLE jobs (id uuid PRIMARY KEY, done boolean, title text, status varchar(20) NOT NULL, rank int);\n"
INDEX = "CREATE INDEX i ON jobs (done);\n"


def keys(tree: dict[str, str]) -> list[str]:
    return sorted(one.key for one in see(FAMILY, tree))


def after(text: str) -> list[str]:
    return keys({"m/1.sql": TABLE, "m/2.sql": text})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("m/V1__index.sql", "m/V1_1__drop.sql"),
        ("m/V1__index.sql", "m/V1.1__drop.sql"),
        ("m/V9__index.sql", "m/V10__drop.sql"),
        ("m/20240102030405_index.sql", "m/20240102030406_drop.sql"),
        ("m/20240102030405_index.up.sql", "m/20240102030406_drop.up.sql"),
        ("m/2024-01-02-000000_z/up.sql", "m/2024-01-03-000000_a/up.sql"),
        ("m/2023/0001_index.sql", "m/2024/0001_drop.sql"),
        ("m/0001_z_index.sql", "m/0002_a_drop.sql"),
    ],
)
def test_files_are_replayed_in_the_order_of_their_tool(first, second):
    assert keys({first: TABLE + INDEX, second: "DROP INDEX i;"}) == []
    assert keys({first: "DROP INDEX IF EXISTS i;" + TABLE, second: INDEX}) == ["m/jobs.i"]


def test_ways_back_in_folders_and_files_are_not_replayed():
    ways = ("m/down/2.sql", "m/2_x.down.sql", "m/2_x_down.sql", "m/U2__x.sql", "rollback/2.sql", "m/2/down.sql")
    for way in ways:
        assert keys({"m/1.sql": TABLE + INDEX, way: "DROP INDEX i;"}) == ["m/jobs.i"], way


def test_a_table_that_exists_stays_as_it_is():
    again = "CREATE TABLE IF NOT EXISTS jobs (id uuid, done text);\n" + INDEX
    assert after(again) == ["m/jobs.i"]


def test_partitions_copies_and_heirs_have_the_columns_of_their_table():
    for made in (
        "CREATE TABLE jobs_new PARTITION OF jobs FOR VALUES IN ('a');",
        "CREATE TABLE jobs_new (LIKE jobs INCLUDING ALL);",
        "CREATE TABLE jobs_new (extra int) INHERITS (jobs);",
    ):
        assert after(made + "CREATE INDEX i ON jobs_new (done);") == ["m/jobs_new.i"], made


def test_a_short_text_with_the_name_of_a_state_is_enum_like_and_less_sure():
    (seen,) = see(FAMILY, {"m/1.sql": TABLE + "CREATE INDEX i ON jobs (status);"})
    assert (seen.key, seen.properties["confidence"]) == ("m/jobs.i", "medium")
    assert after("CREATE INDEX i ON jobs (title);") == []
    assert after("CREATE INDEX i ON jobs (rank);") == []


@pytest.mark.parametrize(
    "check",
    [
        "CHECK (title IN ('a', 'b'))",
        "CHECK (title = 'a' OR title = 'b')",
        "CHECK (lower(title) IN ('a', 'b'))",
        "CHECK (title::text = ANY (ARRAY['a'::text, 'b'::text]))",
        "CONSTRAINT c CHECK ((title)::text = ANY ((ARRAY['a'::character varying])::text[]))",
    ],
)
def test_a_check_that_lists_values_makes_a_column_enum_like(check):
    assert after(f"ALTER TABLE jobs ADD {check};\nCREATE INDEX i ON jobs (title);") == ["m/jobs.i"]


@pytest.mark.parametrize("check", ["CHECK (length(title) IN (2, 3))", "CHECK (title <> '')", "CHECK (title = 'a')"])
def test_other_checks_do_not(check):
    assert after(f"ALTER TABLE jobs ADD {check};\nCREATE INDEX i ON jobs (title);") == []


@pytest.mark.parametrize(
    "text",
    [
        "DO $do$ BEGIN\n  IF NOT EXISTS (SELECT 1) THEN\n    CREATE INDEX i ON jobs (done);\n  END IF;\nEND $do$;",
        "DO $$ BEGIN EXECUTE 'CREATE INDEX i ON jobs (done)'; END $$;",
        "BEGIN;\nSET LOCAL lock_timeout = '2s';\nCREATE INDEX i ON jobs (done);\nCOMMIT;",
        '\\connect shop\nCREATE INDEX "i" ON "public"."jobs" USING btree ("done");',
        "COPY jobs (id) FROM stdin;\n1;'\n\\.\nCREATE INDEX i ON jobs (done);",
        "CREATE INDEX i ON jobs (done) INCLUDE (id, title) WITH (fillfactor = 70) TABLESPACE fast;",
        "CREATE INDEX i ON jobs USING hash (done);",
        "/* nested /* comment; */ */ CREATE INDEX i -- of\n ON jobs -- the\n (done -- flag\n );",
        "INSERT INTO jobs (title) VALUES ('it''s; CREATE INDEX j ON jobs (done);');\nCREATE INDEX i ON jobs (done);",
    ],
)
def test_an_index_in_its_many_forms_is_found(text):
    assert after(text) == ["m/jobs.i"]


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE jobs RENAME COLUMN done TO ready;\nALTER TABLE jobs DROP COLUMN ready;",
        "ALTER TABLE jobs RENAME TO tasks;\nDROP TABLE IF EXISTS tasks CASCADE;",
        "ALTER INDEX public.i RENAME TO j;\nDROP INDEX CONCURRENTLY j;",
        'DROP INDEX IF EXISTS "public"."i";',
        "DO $$ BEGIN DROP INDEX IF EXISTS i; END $$;",
        "ALTER TABLE IF EXISTS ONLY jobs ALTER COLUMN done TYPE int USING done::int;",
    ],
)
def test_what_drops_renames_or_retypes_it_later_ends_it(text):
    assert keys({"m/1.sql": TABLE + INDEX, "m/2.sql": text}) == []


def test_the_key_outlives_a_renamed_file_and_folder():
    for path in ("print/migrations/1.sql", "services/print/db/migrations/0001_init.sql", "archived-v1/Print/sql/1.sql"):
        assert keys({path: TABLE + INDEX}) == ["print/jobs.i"], path
    assert keys({"1.sql": TABLE + INDEX}) == keys({"migrations/0001_init.sql": TABLE + INDEX}) == ["jobs.i"]


def test_the_same_index_of_two_services_is_two_findings():
    tree = {f"services/{name}/migrations/1.sql": TABLE + INDEX for name in ("print", "mail")}
    assert keys(tree) == ["mail/jobs.i", "print/jobs.i"]


def test_a_copied_folder_is_another_occurrence_of_the_same_finding():
    seen = see(FAMILY, {"m/1.sql": TABLE + INDEX, "archived-v1/m/1.sql": TABLE + INDEX})
    assert {one.key for one in seen} == {"m/jobs.i"}
    assert len({one.path for one in seen}) == 2


def test_other_databases_files_are_left_alone():
    texts = (
        "CREATE TABLE `jobs` (`done` boolean);\nCREATE INDEX i ON `jobs` (`done`);",
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, done boolean);\n" + INDEX,
    )
    assert [keys({"m/1.sql": text}) for text in texts] == [[], []]
    assert keys({"m/clickhouse_001.sql": TABLE + INDEX}) == []


def test_a_large_history_is_replayed_in_time_that_grows_with_its_steps():
    many = "".join(
        f"CREATE TABLE t{n} (a boolean, b int);\nCREATE INDEX i{n} ON t{n} (a);\nALTER TABLE t{n} RENAME TO u{n};\n"
        for n in range(1500)
    )
    assert len(keys({"m/1.sql": many})) == 1500


def test_a_table_that_other_migrations_make_is_judged_by_the_names_of_its_columns():
    def kinds(text: str) -> list[tuple[str, str]]:
        return [(one.key, one.properties["confidence"]) for one in see(FAMILY, {"db/migrations/7_more.sql": text})]

    assert kinds("CREATE INDEX i ON people (is_hidden);\nCREATE INDEX j ON people (state);") == [
        ("people.i", "medium"),
        ("people.j", "medium"),
    ]
    assert kinds("CREATE INDEX i ON people (seen_at);\nCREATE INDEX j ON people (verified);") == []
    made = "CREATE TABLE people (id uuid, state bigint);\nCREATE INDEX i ON people (is_hidden);\n"
    assert kinds(made + "CREATE INDEX j ON people (state);") == []
