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
        "Arc<AsyncMutex<ConnectionManager>>",
        "Arc<Mutex<Arc<PgPool>>>",
        "tokio::sync::RwLock<redis::cluster_async::ClusterConnection>",
        "OnceCell<Arc<async_lock::Mutex<bb8::Pool<Manager>>>>",
        "Arc<Mutex<deadpool_redis::Pool>>",
        "Option<Arc<Mutex<MultiplexedConnection>>>",
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
        "Arc<Mutex<ThreadPool>>",
        "Arc<Mutex<threads::Pool>>",
        "MutexGuard<'a, PgPool>",
        "Arc<Mutex<redis::aio::Connection>>",
        "Mutex<PooledConnection<ConnectionManager<PgConnection>>>",
        "(Mutex<u32>, PgPool)",
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
    assert see(FAMILY, {"home/.cargo/registry/src/x/src/lib.rs": text}) == []


def test_a_lock_under_another_name_is_a_lock():
    text = "use tokio::sync::Mutex as Lock;\n\nstruct A {\n    x: Arc<Lock<ConnectionManager>>,\n}\n"
    assert lines({"a/src/lib.rs": text}) == [("a/src/lib.rs", 4)]
    assert lines({"a/src/lib.rs": text.replace("Mutex as Lock", "OnceCell as Lock")}) == []


def test_an_alias_with_a_parameter_is_a_lock_around_what_it_is_given():
    files = {
        "a/src/lib.rs": "pub type Shared<T> = Arc<Mutex<T>>;\n",
        "a/src/user.rs": "use crate::Shared;\n\nstruct A {\n    x: Shared<PgPool>,\n    y: Shared<Vec<u8>>,\n}\n",
    }
    assert lines(files) == [("a/src/user.rs", 4)]


def test_every_use_of_an_alias_is_a_place_and_its_import_is_none():
    files = {
        "a/src/lib.rs": "pub mod kv;\npub use kv::KvLink;\n",
        "a/src/kv.rs": "pub type KvLink = Arc<Mutex<ConnectionManager>>;\n",
        "a/src/user.rs": (
            "use crate::{kv::KvLink, other::Thing};\n\nfn open(link: &KvLink) -> KvLink {\n    link.clone()\n}\n"
            "fn all() -> Vec<KvLink> {\n    vec![]\n}\n"
        ),
        "a/src/path.rs": "struct A {\n    link: crate::kv::KvLink,\n}\n",
    }
    expected = [("a/src/kv.rs", 1), ("a/src/path.rs", 2), *[("a/src/user.rs", line) for line in (3, 6)]]
    assert lines(files) == expected


def test_an_alias_of_the_same_name_in_another_crate_is_another_alias():
    files = {
        "libs/x/Cargo.toml": '[package]\nname = "shop-x"\n',
        "libs/x/src/lib.rs": "pub type SharedPool = Arc<Mutex<PgPool>>;\n",
        "libs/y/Cargo.toml": '[package]\nname = "shop-y"\n',
        "libs/y/src/lib.rs": "pub type SharedPool = Arc<PgPool>;\n",
        "svc/src/x.rs": "use shop_x::SharedPool;\nfn f(pool: SharedPool) {}\n",
        "svc/src/y.rs": "use shop_y::SharedPool;\nfn f(pool: SharedPool) {}\n",
    }
    assert lines(files) == [("libs/x/src/lib.rs", 1), ("svc/src/x.rs", 2)]


def test_a_re_export_under_another_name_is_resolved():
    files = {
        "a/src/lib.rs": "pub use redis::aio::ConnectionManager as Link;\n",
        "a/src/b.rs": "use crate::Link;\nstruct B {\n    x: RwLock<Link>,\n}\n",
    }
    assert lines(files) == [("a/src/b.rs", 3)]


def test_a_type_alias_without_a_lock_is_no_lock():
    text = "type SharedPool = Arc<PgPool>;\nfn f(pool: SharedPool) {}\nstruct A { x: Mutex<u8> }\n"
    assert lines({"a/src/lib.rs": text}) == []
