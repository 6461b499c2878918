"""postgres/low-cardinality-index."""

import pytest

from findings.core.rules.migrations import FAMILY
from findings.core.types import Identity, Priority
from tests.findings.core.rules.tree import see

TABLE = """\
-- Accounts; and what they may be.
CREATE TYPE tier AS ENUM ('free', 'paid');
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    verified boolean NOT NULL DEFAULT false,
    "Active" bool,
    tier tier NOT NULL,
    state varchar(10) CHECK (state IN ('new', 'open', 'shut')),
    tags boolean[],
    created_at timestamptz
);
"""


def indexes(*files: str, **named: str) -> list[str]:
    tree = {f"migrations/{number:03}.sql": text for number, text in enumerate((TABLE, *files), 1)}
    return sorted(one.key for one in see(FAMILY, {**tree, **named}))


@pytest.mark.parametrize(
    "column", ["verified", "tier", "state", '"Active"', "(verified)", "verified DESC NULLS LAST", "public.x"]
)
def test_an_index_on_one_boolean_or_enum_like_column_is_reported(column):
    expected = ["accounts.i"] if column[0] != "(" and "." not in column else []
    assert indexes(f"CREATE INDEX i ON accounts ({column});") == expected


def test_the_finding_names_table_index_and_column_and_points_at_the_statement():
    (seen,) = see(
        FAMILY, {"migrations/1.sql": TABLE, "migrations/2.sql": "-- why\n\nCREATE INDEX\n  i ON accounts (verified);\n"}
    )
    assert (seen.rule, seen.priority, seen.identity) == (
        "postgres/low-cardinality-index",
        Priority.P2,
        Identity.LOGICAL,
    )
    assert (seen.path, seen.line, seen.end_line, seen.key) == ("migrations/2.sql", 3, 4, "accounts.i")
    assert seen.properties["confidence"] == "high"


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX i ON accounts (email);",
        "CREATE INDEX i ON accounts (verified, created_at);",
        "CREATE INDEX i ON accounts (lower(email));",
        "CREATE INDEX i ON accounts (tags);",
        "CREATE UNIQUE INDEX i ON accounts (verified) WHERE verified;",
        "CREATE INDEX i ON strangers (verified);",
        "-- CREATE INDEX i ON accounts (verified);\n/* CREATE INDEX i ON accounts (verified); */",
        "SELECT 'CREATE INDEX i ON accounts (verified);';",
    ],
)
def test_other_indexes_are_fine(text):
    assert indexes(text) == []


def test_statements_span_lines_and_are_written_in_many_ways():
    text = 'create index concurrently if not exists\n  "i"\n  on only public.accounts\n  using btree\n  (\n    verified\n  );'
    assert indexes(text) == ["accounts.i"]


def test_an_index_without_a_name_gets_the_one_postgresql_gives():
    assert indexes("CREATE INDEX ON accounts (verified);") == ["accounts.accounts_verified_idx"]
    assert indexes("CREATE INDEX ON accounts (verified);", "DROP INDEX accounts_verified_idx;") == []


@pytest.mark.parametrize(
    "text",
    [
        "DROP INDEX i;",
        "DROP INDEX CONCURRENTLY IF EXISTS public.i CASCADE;",
        "DROP INDEX a, i;",
        "DROP TABLE accounts;",
        "ALTER TABLE accounts DROP COLUMN verified;",
        "ALTER TABLE accounts ADD x int, DROP COLUMN IF EXISTS verified CASCADE;",
        "ALTER TABLE accounts ALTER COLUMN verified TYPE text USING verified::text;",
        "ALTER INDEX i RENAME TO j;\nDROP INDEX j;",
    ],
)
def test_what_a_later_file_drops_is_fixed_though_the_old_text_stays(text):
    assert indexes("CREATE INDEX i ON accounts (verified);", text) == []


def test_an_index_that_is_made_again_after_its_drop_exists():
    assert indexes(
        "CREATE INDEX i ON accounts (verified);", "DROP INDEX i;", "CREATE INDEX i ON accounts (verified);"
    ) == ["accounts.i"]


def test_files_are_replayed_in_the_order_of_their_numbers():
    tree = {"m/2_index.sql": TABLE + "CREATE INDEX i ON accounts (verified);", "m/10_drop.sql": "DROP INDEX i;"}
    assert see(FAMILY, tree) == []
    tree = {
        "m/10_index.sql": TABLE + "CREATE INDEX i ON accounts (verified);",
        "m/2_drop.sql": "DROP INDEX IF EXISTS i;",
    }
    assert len(see(FAMILY, tree)) == 1


def test_column_types_come_from_the_replay():
    assert indexes(
        "ALTER TABLE accounts ADD COLUMN IF NOT EXISTS paid boolean DEFAULT false;",
        "CREATE INDEX i ON accounts (paid);",
    ) == ["accounts.i"]
    assert indexes(
        "ALTER TABLE accounts ALTER email SET DATA TYPE tier USING email::tier;", "CREATE INDEX i ON accounts (email);"
    ) == ["accounts.i"]
    assert indexes("ALTER TABLE accounts RENAME verified TO checked;", "CREATE INDEX i ON accounts (checked);") == [
        "accounts.i"
    ]
    assert indexes("ALTER TABLE accounts RENAME TO people;", "CREATE INDEX i ON people (verified);") == ["people.i"]
    assert indexes(
        "ALTER TYPE tier RENAME TO plan;\nALTER TABLE accounts ADD p plan;", "CREATE INDEX i ON accounts (p);"
    ) == ["accounts.i"]
    assert indexes(
        "CREATE DOMAIN flag AS boolean;\nALTER TABLE accounts ADD f flag;", "CREATE INDEX i ON accounts (f);"
    ) == ["accounts.i"]
    assert indexes(
        "ALTER TABLE accounts ADD CONSTRAINT c CHECK (email = ANY (ARRAY['a'::text, 'b'::text]));",
        "CREATE INDEX i ON accounts (email);",
    ) == ["accounts.i"]


def test_an_index_follows_its_renamed_table():
    assert indexes("CREATE INDEX i ON accounts (verified);", "ALTER TABLE accounts RENAME TO people;") == ["people.i"]


def test_types_made_in_a_do_block_count_and_function_bodies_do_not():
    block = "DO $$ BEGIN\n  CREATE TYPE mood AS ENUM ('a', 'b');\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;\n"
    assert indexes(block + "ALTER TABLE accounts ADD mood mood;\nCREATE INDEX i ON accounts (mood);") == ["accounts.i"]
    function = "CREATE FUNCTION f() RETURNS void AS $$ CREATE INDEX i ON accounts (verified); $$ LANGUAGE sql;"
    assert indexes(function) == []


def test_a_partial_index_on_the_rare_value_has_low_confidence():
    def confidence(where: str) -> str:
        tree = {"m/1.sql": TABLE + f"CREATE INDEX i ON accounts (verified) WHERE {where};"}
        (seen,) = see(FAMILY, tree)
        return seen.properties["confidence"]

    assert confidence("NOT verified") == "low"
    assert confidence("verified = false AND email IS NOT NULL") == "low"
    assert confidence("deleted_at IS NULL") == "high"


def test_clickhouse_and_mysql_files_in_the_same_folder_are_not_postgresql():
    clickhouse = "CREATE TABLE e (id UUID, ok boolean) ENGINE = MergeTree ORDER BY id;\nCREATE INDEX i ON e (ok);\n"
    mysql = "CREATE TABLE e (id int AUTO_INCREMENT, ok boolean) ENGINE=InnoDB;\nCREATE INDEX i ON e (ok);\n"
    assert indexes(clickhouse) == []
    assert indexes(mysql) == []
    assert indexes("CREATE INDEX i ON accounts (verified) TYPE minmax GRANULARITY 4;") == []


def test_a_disabled_migration_is_not_replayed():
    index = "CREATE INDEX i ON accounts (verified);"
    assert indexes(**{"migrations/900_index.sql.disabled": index}) == []
    assert indexes(**{"migrations/900_index.sql": index}) == ["accounts.i"]


def test_the_way_back_is_not_replayed():
    index = "CREATE INDEX i ON accounts (verified);"
    down = {"migrations/900_x.down.sql": "DROP INDEX i;", "migrations/900_x.up.sql": index}
    assert indexes(**down) == ["accounts.i"]
    goose = f"-- +goose Up\n{index}\n-- +goose Down\nDROP INDEX i;\n"
    assert indexes(goose) == ["accounts.i"]
    assert indexes("-- migrate:up\nSELECT 1;\n-- migrate:down\n" + index) == []


def test_a_folder_per_migration_is_one_database():
    tree = {
        "migrations/2024-01-01_accounts/up.sql": TABLE,
        "migrations/2024-01-02_index/up.sql": "CREATE INDEX i ON accounts (verified);",
        "migrations/2024-01-02_index/down.sql": "DROP INDEX i;",
    }
    assert len(see(FAMILY, tree)) == 1
    tree["migrations/2024-01-03_drop/up.sql"] = "DROP INDEX i;"
    assert see(FAMILY, tree) == []


def test_two_folders_are_two_databases():
    tree = {"a/1.sql": TABLE, "a/2.sql": "CREATE INDEX i ON accounts (verified);", "b/3.sql": "DROP INDEX i;"}
    assert len(see(FAMILY, tree)) == 1
    assert see(FAMILY, {"a/1.sql": TABLE, "b/2.sql": "CREATE INDEX i ON accounts (verified);"}) == []


def test_documents_and_tests_are_no_migrations():
    text = TABLE + "CREATE INDEX i ON accounts (verified);"
    assert see(FAMILY, {"docs/1.sql": text, "tests/fixtures/1.sql": text, "review.md": text}) == []


def test_one_bad_statement_hides_no_other():
    text = "CREAT TABEL oops ((;\nCREATE TABLE broken (id;\nINSERT INTO x VALUES ('a;b', $q$;$q$, E'it\\'s;');\nCREATE INDEX i ON accounts (verified);"
    assert indexes(text) == ["accounts.i"]
