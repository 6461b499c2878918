"""postgres/low-cardinality-index in SeaORM's migrations, which are read and never run."""

import pytest

from findings.core.rules.migrations import FAMILY
from tests.findings.core.rules.tree import see

BODY = """\
use sea_orm_migration::{{prelude::*, schema::*}};

#[async_trait::async_trait]
impl MigrationTrait for Migration {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
{}
    }}

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        manager.drop_index(Index::drop().name("i").to_owned()).await?;
        manager.drop_table(Table::drop().table(Loan::Table).to_owned()).await
    }}
}}
"""
TABLE = """\
        manager.create_type(Type::create().as_enum(Alias::new("loan_kind")).values(["book", "film"]).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table(Loan::Table)
                    .col(ColumnDef::new(Loan::Id).uuid().not_null().primary_key())
                    .col(ColumnDef::new(Loan::GivenBack).boolean().not_null().default(false))
                    .col(&mut ColumnDef::new(Loan::Kind).custom(Alias::new("loan_kind")).to_owned())
                    .col(enumeration(Loan::Colour, Alias::new("colour"), ["red", "blue"]))
                    .col(boolean_null(Loan::Lost))
                    .col(string_len(Loan::Status, 16))
                    .col(string(Loan::Title))
                    .to_owned(),
            )
            .await?;
"""
INDEX = """\
        manager
            .create_index(
                Index::create()
                    .if_not_exists()
                    .name("i")
                    .table(Loan::Table)
                    .col({})
                    .to_owned(),
            )
            .await"""


def seen(*bodies: str) -> list[tuple[str, int]]:
    tree = {f"migration/src/m2024010{at}_000001_x.rs": BODY.format(body) for at, body in enumerate(bodies)}
    return sorted((one.key, one.line) for one in see(FAMILY, tree))


@pytest.mark.parametrize(
    "column",
    ["Loan::GivenBack", "Loan::Kind", "Loan::Colour", "Loan::Lost", "Loan::Status", "loan::Column::Lost",
     'Alias::new("given_back")', "(Loan::Lost, IndexOrder::Desc)"],
)  # fmt: skip
def test_an_index_on_a_column_of_few_values(column):
    assert seen(TABLE + INDEX.format(column)) == [("loan.i", 23)]
    assert seen(TABLE, INDEX.format(column)) == [("loan.i", 8)]


@pytest.mark.parametrize(
    "body",
    [
        INDEX.format("Loan::Title"),
        INDEX.format("Loan::Lost)\n                    .col(Loan::Title"),
        INDEX.format("Loan::Lost)\n                    .unique("),
        INDEX.replace("Loan::Table", "Shelf::Table").format("Loan::Lost"),
        '        // Index::create().name("i").table(Loan::Table).col(Loan::Lost)\n',
    ],
)
def test_other_indexes_are_fine(body):
    assert seen(TABLE + body) == []


@pytest.mark.parametrize(
    "later",
    [
        'manager.drop_index(Index::drop().name("i").table(Loan::Table).to_owned()).await',
        "manager.drop_table(Table::drop().table(Loan::Table).to_owned()).await",
        "manager.alter_table(Table::alter().table(Loan::Table).drop_column(Loan::Lost).to_owned()).await",
        "manager.alter_table(Table::alter().table(Loan::Table)"
        ".modify_column(ColumnDef::new(Loan::Lost).timestamp()).to_owned()).await",
        'manager.get_connection().execute_unprepared("DROP INDEX IF EXISTS i").await',
    ],
)
def test_what_a_later_migration_takes_away_is_gone(later):
    assert seen(TABLE + INDEX.format("Loan::Lost"), later) == []


def test_renamed_tables_and_columns_are_followed():
    renamed = (
        "manager.rename_table(Table::rename().table(Loan::Table, Lending::Table).to_owned()).await?;\n"
        "manager.alter_table(Table::alter().table(Lending::Table).rename_column(Lending::Title, Lending::Gone)"
        ".add_column(ColumnDef::new(Lending::Late).boolean().not_null()).to_owned()).await?;\n"
    )
    assert seen(TABLE + INDEX.format("Loan::Lost"), renamed) == [("lending.i", 23)]
    late = INDEX.replace('"i"', '"j"').replace("Loan::Table", "Lending::Table").format("Lending::Late")
    assert seen(TABLE, renamed + late) == [("lending.j", 10)]


def test_sql_in_strings_counts_where_it_leads_ahead():
    told = '        let db = manager.get_connection();\n        db.execute_unprepared(\n            "CREATE INDEX i\n ON loan (lost)",\n        )\n        .await?;\n'
    assert seen(TABLE, told) == [("loan.i", 8)]
    back = BODY.format("        Ok(())").replace(
        'Index::drop().name("i")', 'Index::create().name("i").table(Loan::Table).col(Loan::Lost)'
    )
    tree = {"migration/src/m20240101_000001_a.rs": BODY.format(TABLE), "migration/src/m20240102_000001_b.rs": back}
    assert see(FAMILY, tree) == []


def test_other_programs_are_no_migrations():
    text = BODY.format(TABLE + INDEX.format("Loan::Lost"))
    assert see(FAMILY, {"src/schema.rs": text, "tests/m20240101_000001_a.rs": text}) == []
    assert see(FAMILY, {"migration/src/m20240101_000001_a.rs": text.replace("sea_orm_migration", "other")}) == []
