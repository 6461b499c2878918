"""Two services that have the same table and index: each index is a finding of its own, wherever its service goes."""

import pytest

from tests.replay.player import Player
from tests.replay.world import INDEX, Line, plain

pytestmark = pytest.mark.django_db

SQL, RUST = "services/mail/migrations/0001_init.sql", "services/shop/migration/src/m20240101_000001_init.rs"
TABLE = plain("CREATE TABLE jobs (\n    id bigint PRIMARY KEY,\n    title text,\n    done boolean NOT NULL\n);")
MADE = """\
use sea_orm_migration::{prelude::*, schema::*};
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(Table::create().table(Jobs::Table).col(boolean(Jobs::Done)).col(string(Jobs::Title)).to_owned())
            .await?;
        manager"""
INDEXED = """\
                    .name("jobs_done")
                    .table(Jobs::Table)
                    .col(Jobs::Done)
                    .to_owned(),
            )
            .await
    }
}"""


@pytest.fixture
def started(player: Player) -> Player:
    player.world.write(SQL, TABLE, (Line("CREATE INDEX jobs_done ON jobs (done);", "mail", INDEX),))
    player.world.write(
        RUST,
        plain(MADE),
        plain("            .create_index("),
        (Line("                Index::create()", "shop", INDEX),),
        plain(INDEXED),
    )
    player.push("Start")
    return player


def move(player: Player, old: str, new: str) -> None:
    for path in player.world.folder(old):
        player.world.rename(path, path.replace(old, new, 1))


def test_a_service_is_renamed_away_and_back(started):
    for old, new in (("services/shop/", "services/store/"), ("services/store/", "services/shop/")):
        move(started, old, new)
        started.push("Rename the service")


def test_both_services_move_at_once(started):
    move(started, "services/", "apps/backend/")
    started.push("Move all services")


def test_the_tree_is_copied_and_the_copy_deleted(started):
    for path in started.world.folder("services/"):
        started.world.copy(path, f"archived-v1/{path}")
    started.push("Keep the old tree")
    for path in started.world.folder("archived-v1/"):
        del started.world.files[path]
    started.push("Drop it")


def test_one_service_is_deleted_and_reverted(started):
    kept = started.world.files.pop(RUST)
    started.push("Drop the shop")
    started.world.files[RUST] = kept
    started.push("Revert")


def test_a_later_migration_ends_the_index_of_its_own_service(started):
    started.world.write("services/mail/migrations/0002_drop.sql", plain("DROP INDEX jobs_done;"))
    started.world.edit(
        SQL,
        (Line("CREATE INDEX jobs_done ON jobs (done);", "mail", INDEX),),
        plain("CREATE INDEX jobs_done ON jobs (done);"),
    )
    started.push("Drop the index")
