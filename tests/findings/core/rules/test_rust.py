"""rust/mutex-wrapped-connection."""

import pytest

from findings.core.rules.rust import FAMILY
from tests.findings.core.rules.tree import see


def lines(files: dict[str, str]) -> list[tuple[str, int]]:
    return sorted((one.path, one.line) for one in see(FAMILY, files))


@pytest.mark.parametrize(
    "kind",
    [
        "Arc<Mutex<ConnectionManager>>",
        "Arc<RwLock<ConnectionManager>>",
        "Arc<tokio::sync::Mutex<redis::aio::ConnectionManager>>",
        "std::sync::Arc<std::sync::RwLock<MultiplexedConnection>>",
        "Arc<parking_lot::Mutex<PgPool>>",
        "Mutex<Pool<Postgres>>",
        "Arc<\n        Mutex<\n            ConnectionManager,\n        >,\n    >",
        "RwLock<sea_orm::DatabaseConnection>",
        "web::Data<Mutex<r2d2::Pool<ConnectionManager<PgConnection>>>>",
    ],
)
def test_a_lock_around_a_handle_that_may_be_shared_is_reported(kind):
    (seen,) = see(FAMILY, {"libs/cache/src/lib.rs": f"pub struct Cache {{\n    pool: {kind},\n}}\n"})
    assert seen.rule == "rust/mutex-wrapped-connection"
    assert seen.line in (2, 3)
    assert seen.line_hash


@pytest.mark.parametrize(
    "kind",
    [
        "ConnectionManager",
        "Arc<PgPool>",
        "Arc<Mutex<PgConnection>>",
        "Arc<Mutex<Option<ConnectionManager>>>",
        "Arc<Mutex<HashMap<String, ConnectionManager>>>",
        "Pool<ConnectionManager<PgConnection>>",
        "Arc<Mutex<ConnectionManagerConfig>>",
        "Arc<Mutex<ThreadPoolStats>>",
    ],
)
def test_other_types_are_fine(kind):
    assert see(FAMILY, {"src/lib.rs": f"struct Cache {{ pool: {kind} }}\n"}) == []


def test_comments_and_strings_are_no_types():
    text = (
        "// pool: Arc<Mutex<ConnectionManager>>\n/// Was `Arc<Mutex<PgPool>>`.\n"
        '/* Mutex<PgPool> */\nconst HELP: &str = "Arc<Mutex<PgPool>>";\nconst RAW: &str = r#"Mutex<PgPool>"#;\n'
        "fn first<'a>(x: &'a str) -> char { 'x' }\n"
    )
    assert see(FAMILY, {"src/lib.rs": text}) == []


def test_a_type_alias_and_its_uses_are_reported():
    files = {
        "a/src/lib.rs": "pub type SharedConn = Arc<Mutex<ConnectionManager>>;\n\npub fn open() -> SharedConn { x }\n",
        "a/src/user.rs": "use crate::SharedConn;\n\nstruct Users {\n    conn: SharedConn,\n}\n",
    }
    assert lines(files) == [("a/src/lib.rs", 1), ("a/src/lib.rs", 3), ("a/src/user.rs", 4)]


def test_an_alias_counts_in_another_crate_only_where_it_is_imported():
    files = {
        "a/src/lib.rs": "pub type SharedConn = Arc<Mutex<ConnectionManager>>;\n",
        "b/src/main.rs": "use a::SharedConn;\nfn run(conn: &SharedConn) {}\n",
        "c/src/main.rs": "struct SharedConn;\nfn run(conn: &SharedConn) {}\n",
    }
    assert lines(files) == [("a/src/lib.rs", 1), ("b/src/main.rs", 2)]


def test_the_handle_behind_an_alias_or_another_name_is_seen():
    files = {
        "a/src/lib.rs": "type Conn = redis::aio::ConnectionManager;\nstruct A { c: Arc<Mutex<Conn>> }\n",
        "b/src/lib.rs": "use redis::aio::ConnectionManager as Manager;\nstruct B { c: Mutex<Manager> }\n",
    }
    assert lines(files) == [("a/src/lib.rs", 2), ("b/src/lib.rs", 2)]


def test_an_own_type_of_the_same_name_is_left_alone():
    own = "pub struct ConnectionManager { sockets: Vec<Socket> }\n"
    text = "use crate::ws::ConnectionManager;\nstruct Hub { all: Arc<RwLock<ConnectionManager>> }\n"
    assert see(FAMILY, {"chat/src/ws.rs": own, "chat/src/hub.rs": text}) == []
    real = "use redis::aio::ConnectionManager;\nstruct Cache { c: Arc<Mutex<ConnectionManager>> }\n"
    assert lines({"chat/src/ws.rs": own, "cache/src/lib.rs": real}) == [("cache/src/lib.rs", 2)]


def test_two_locks_in_one_file_are_two_places():
    text = "struct A { x: Mutex<PgPool> }\n\nstruct B { y: RwLock<PgPool> }\n"
    assert lines({"src/lib.rs": text}) == [("src/lib.rs", 1), ("src/lib.rs", 3)]


def test_documents_and_build_output_are_not_source():
    text = "struct A { x: Mutex<PgPool> }\n"
    assert see(FAMILY, {"README.md": text, "target/debug/x.rs": text, "vendor/y/src/lib.rs": text}) == []
