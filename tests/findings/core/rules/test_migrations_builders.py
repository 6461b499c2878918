"""postgres/low-cardinality-index in the migrations of Loco, Knex and TypeORM, which are read and never run."""

import pytest

from findings.core.rules.migrations import FAMILY
from tests.findings.core.rules.tree import see

LOCO = """\
use loco_rs::schema::*;
use sea_orm_migration::prelude::*;

impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        create_table(m, "loan",
            &[
            ("id", ColType::PkAuto),
            ("lost", ColType::BooleanWithDefault(false)),
            ("colour", ColType::EnumNull("colour".to_string(), vec!["red".to_string()])),
            ("title", ColType::StringNull),
            ],
            &[("reader", "")]
        ).await?;
        add_column(m, "loans", "status", ColType::StringLen(16)).await?;
        m.create_index(Index::create().name("i").table(Loans::Table).col(Loans::{}).to_owned()).await
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        drop_table(m, "loan").await
    }
}
"""
KNEX = """\
exports.up = async function (knex) {
  await knex.schema.createTable('loans', (table) => {
    table.increments('id');
    table.boolean('lost').notNullable().defaultTo(false).index();
    // table.index('title');
    table.enu('colour', ['red', 'blue']);
    table.string('title').notNullable();
    table.string('status', 16);
    table.index(['colour'], 'by_colour');
    table.index(['colour', 'title']);
    table.index('title');
    table.index('status');
  });
  await knex.raw('CREATE INDEX lost_again ON loans (lost)');
};

exports.down = (knex) => knex.schema.dropTable('loans');
"""
TYPEORM = """\
import { MigrationInterface, QueryRunner, Table, TableIndex } from "typeorm";

export class Loans1700000000000 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: "loans",
        columns: [
          { name: "id", type: "uuid", isPrimary: true },
          { name: "lost", type: "boolean", default: false },
          { name: "title", type: "varchar" },
        ],
        indices: [{ name: "by_title", columnNames: ["title"] }],
      }),
      true,
    );
    await queryRunner.createIndex("loans", new TableIndex({ name: "by_lost", columnNames: ["lost"] }));
    await queryRunner.query(`CREATE TYPE "colour" AS ENUM ('red', 'blue')`);
    await queryRunner.query(
      `ALTER TABLE "loans" ADD "colour" "colour" NOT NULL`,
    );
    await queryRunner.query(`CREATE INDEX "by_colour" ON "loans" ("colour")`);
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable("loans");
  }
}
"""


def seen(tree: dict[str, str]) -> list[tuple[str, int]]:
    return sorted((one.key, one.line) for one in see(FAMILY, tree))


@pytest.mark.parametrize(("column", "told"), [("Lost", 1), ("Colour", 1), ("Status", 1), ("Title", 0), ("ReaderId", 0)])
def test_helpers_of_loco_make_tables_and_columns(column, told):
    text = LOCO.replace("{}", column)
    found = seen({"migration/src/m20240101_000001_loans.rs": text})
    assert found == [("migration/loans.i", 16)] * told or found == [("loans.i", 16)] * told


def test_builders_of_knex_make_columns_and_indexes():
    assert seen({"db/migrations/20240101_loans.js": KNEX}) == [
        ("loans.by_colour", 9),
        ("loans.loans_lost_index", 4),
        ("loans.loans_status_index", 12),
        ("loans.lost_again", 14),
    ]


def test_objects_and_queries_of_typeorm_make_columns_and_indexes():
    assert seen({"src/migrations/1700000000000-Loans.ts": TYPEORM}) == [("loans.by_colour", 22), ("loans.by_lost", 17)]


def test_later_migrations_drop_what_earlier_ones_made():
    drop = "exports.up = (knex) => knex.schema.alterTable('loans', (t) => {\n  t.dropIndex('colour', 'by_colour');\n  t.dropColumn('lost');\n});\n"
    left = seen({"db/migrations/1_loans.js": KNEX, "db/migrations/2_drop.js": drop})
    assert left == [("loans.loans_status_index", 12)]
    gone = TYPEORM.replace('new TableIndex({ name: "by_lost", columnNames: ["lost"] })', '"x"').replace(
        "createIndex(", "dropTable("
    )
    assert seen({"src/migrations/1-Loans.ts": gone}) == [("loans.by_colour", 22)]


@pytest.mark.parametrize(
    "path",
    ["src/loans.ts", "src/migrations/index.ts", "tests/migrations/1_loans.js", "node_modules/x/migrations/1_a.js"],
)
def test_other_programs_are_no_migrations(path):
    assert FAMILY.classify(path) == ""


def test_a_generated_migration_of_one_line_is_read_to_its_end():
    for text in (
        "knex.createTable(" * 3_000,
        "knex.createTable('a', t => {" + "t.index(" * 3_000,
        "knex.raw('" + "(" * 90_000,
    ):
        assert seen({"db/migrations/1_x.js": text}) == []
