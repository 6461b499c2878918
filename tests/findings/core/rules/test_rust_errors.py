"""rust/duplicate-error-conversion."""

import pytest

from findings.core.rules.rust_errors import FAMILY
from findings.core.types import Identity, Priority
from tests.findings.core.rules.tree import see

BY_HAND = "impl From<sqlx::Error> for AppError {\n    fn from(e: sqlx::Error) -> Self { Self::Db }\n}\n"
DERIVED = "enum AppError {\n    #[error(transparent)]\n    Db(#[from] sqlx::Error),\n}\n"


def keys(files: dict[str, str]) -> list[str]:
    return sorted(one.key for one in see(FAMILY, files))


def test_two_crates_that_convert_one_foreign_error_are_a_finding_each():
    seen = see(FAMILY, {"a/src/error.rs": BY_HAND, "b/src/error.rs": BY_HAND})
    assert [(one.rule, one.priority, one.identity) for one in seen] == [
        ("rust/duplicate-error-conversion", Priority.P1, Identity.LOGICAL)
    ] * 2
    assert [(one.key, one.line) for one in seen] == [("a/sqlx::Error", 1), ("b/sqlx::Error", 1)]


@pytest.mark.parametrize(("crates", "told"), [("ab", "as another does"), ("abc", "as 2 others do")])
def test_the_message_says_how_many_crates_do_the_same(crates, told):
    seen = see(FAMILY, {f"{crate}/src/error.rs": BY_HAND for crate in crates})
    assert {one.message.rpartition(", ")[2] for one in seen} == {told}


def test_one_crate_alone_is_fine():
    assert see(FAMILY, {"a/src/error.rs": BY_HAND, "b/src/error.rs": "pub use a::AppError;\n"}) == []


def test_each_conversion_in_a_crate_is_an_occurrence_of_one_finding():
    files = {"a/src/x.rs": BY_HAND, "a/src/y.rs": BY_HAND, "b/src/error.rs": BY_HAND}
    assert keys(files) == ["a/sqlx::Error", "a/sqlx::Error", "b/sqlx::Error"]
    assert keys({"a/src/x.rs": BY_HAND, "a/src/y.rs": BY_HAND}) == []


@pytest.mark.parametrize(
    "text",
    [
        DERIVED,
        "struct E {\n    #[from]\n    source: sqlx::Error,\n}\n",
        "use sqlx::Error as SqlxError;\nimpl From<SqlxError> for AppError {}\n",
        "use sqlx::{Error, PgPool};\nimpl From<Error> for AppError {}\n",
        "impl std::convert::From<::sqlx::error::Error> for AppError {}\n",
        "impl<T: Kind> From<sqlx::Error> for AppError<T> {}\n",
        "impl From<\n    sqlx::Error,\n> for AppError {}\n",
    ],
)
def test_every_writing_of_a_conversion_is_the_same_error(text):
    assert keys({"a/src/error.rs": BY_HAND, "b/src/error.rs": text}) == ["a/sqlx::Error", "b/sqlx::Error"]


def test_own_errors_and_other_types_are_no_foreign_errors():
    own = "struct ParseError;\nimpl From<ParseError> for AppError {}\nimpl From<crate::db::DbError> for AppError {}\n"
    other = "impl From<String> for AppError {}\nimpl From<Box<dyn std::error::Error>> for AppError {}\nimpl From<sqlx::Row> for X {}\n"
    assert keys({"a/src/error.rs": own + other, "b/src/error.rs": own + other}) == []


def test_two_different_errors_are_no_duplicate():
    io = "impl From<std::io::Error> for AppError {}\n"
    fmt = "use std::fmt;\nimpl From<fmt::Error> for AppError {}\n"
    assert keys({"a/src/error.rs": io, "b/src/error.rs": fmt}) == []


def test_conversions_in_tests_and_comments_do_not_count():
    test = f"#[cfg(test)]\nmod tests {{\n{BY_HAND}}}\n"
    assert (
        keys({"a/src/e.rs": BY_HAND, "b/src/e.rs": test, "c/tests/e.rs": BY_HAND, "d/src/e.rs": f"/*{BY_HAND}*/"}) == []
    )


def test_a_copy_of_a_crate_is_no_second_crate():
    assert keys({"services/a/src/e.rs": BY_HAND, "archived/services/a/src/e.rs": BY_HAND}) == []


MANIFEST = '[package]\nname = "{}"\nversion = "0.1.0"\n'


def test_crates_are_known_by_their_manifests_and_not_by_the_last_folder():
    files = {}
    for service in ("orders", "billing"):
        files[f"services/{service}/core/Cargo.toml"] = MANIFEST.format(f"{service}-core")
        files[f"services/{service}/core/src/error.rs"] = BY_HAND
    assert keys(files) == ["billing-core/sqlx::Error", "orders-core/sqlx::Error"]


def test_a_crate_keeps_its_key_when_its_folder_is_renamed():
    def tree(folder: str) -> dict[str, str]:
        return {
            f"{folder}/Cargo.toml": MANIFEST.format("shop-orders"),
            f"{folder}/src/e.rs": BY_HAND,
            "b/src/e.rs": BY_HAND,
        }

    assert keys(tree("orders")) == keys(tree("services/ordering")) == ["b/sqlx::Error", "shop-orders/sqlx::Error"]


def test_the_error_of_an_own_crate_is_not_foreign():
    files = {
        "libs/errors/Cargo.toml": MANIFEST.format("shop-errors"),
        "libs/errors/src/lib.rs": "pub struct AppError;\n",
    }
    for crate in ("a", "b"):
        files[f"{crate}/src/error.rs"] = "impl From<shop_errors::AppError> for ApiError {}\n"
    assert keys(files) == []


def test_an_own_error_that_is_imported_by_a_glob_or_named_by_its_module_is_not_foreign():
    for text in ("use super::*;\nimpl From<DbError> for AppError {}\n", "impl From<db::DbError> for AppError {}\n"):
        files = {f"{crate}/src/{name}.rs": body for crate in "ab" for name, body in
                 (("error", text), ("db", "pub enum DbError { Gone }\n"))}  # fmt: skip
        assert keys(files) == [], text


def test_foreign_errors_behind_aliases_and_re_exports_are_the_same_error():
    alias = "type DbErr = sqlx::Error;\nimpl From<DbErr> for AppError {}\n"
    assert keys({"a/src/e.rs": BY_HAND, "b/src/e.rs": alias}) == ["a/sqlx::Error", "b/sqlx::Error"]
    files = {
        "b/src/db.rs": "pub use sqlx::Error as SqlError;\n",
        "b/src/e.rs": "impl From<crate::db::SqlError> for E {}\n",
    }
    assert keys({"a/src/e.rs": BY_HAND, **files}) == ["a/sqlx::Error", "b/sqlx::Error"]
    files = {
        "libs/db/Cargo.toml": MANIFEST.format("shop-db"),
        "libs/db/src/lib.rs": "pub use sqlx::Error as SqlError;\n",
        "b/src/e.rs": "use shop_db::SqlError;\nimpl From<SqlError> for E {}\n",
    }
    assert keys({"a/src/e.rs": BY_HAND, **files}) == ["a/sqlx::Error", "b/sqlx::Error"]


def test_a_name_that_only_a_glob_explains_is_the_one_error_of_that_name():
    text = "use redis::*;\nimpl From<RedisError> for AppError {}\n"
    full = "impl From<redis::RedisError> for AppError {}\n"
    assert keys({"a/src/e.rs": full, "b/src/e.rs": text}) == ["a/redis::RedisError", "b/redis::RedisError"]


@pytest.mark.parametrize(
    "text",
    [
        'enum E {\n    #[error("db")]\n    Db {\n        #[from]\n        #[source]\n        source: sqlx::Error,\n    },\n}\n',
        "enum E { Db(#[from] pub(crate) sqlx::Error) }\n",
        "impl<'a, T> From<sqlx::Error> for Wrapped<'a, T>\nwhere\n    T: From<String>,\n{}\n",
        "mod inner { impl core::convert::From<sqlx::Error> for E {} }\n",
    ],
)
def test_attributes_bounds_and_modules_do_not_hide_a_conversion(text):
    assert keys({"a/src/error.rs": BY_HAND, "b/src/error.rs": text}) == ["a/sqlx::Error", "b/sqlx::Error"]


@pytest.mark.parametrize(
    "text",
    [
        "fn f<T>(x: T) where AppError: From<sqlx::Error> {}\n",
        "impl<T> Wrap<T> where T: From<sqlx::Error> {}\n",
        "impl From<OrderStatus> for String {}\n",
        "macro_rules! from { ($e:ty) => { impl From<$e> for AppError {} } }\n",
        'const S: &str = "impl From<sqlx::Error> for E";\n',
        "impl From<AppError> for tonic::Status {}\n",
    ],
)
def test_what_only_looks_like_a_conversion_is_fine(text):
    assert keys({"a/src/error.rs": BY_HAND, "b/src/error.rs": text}) == []


def test_a_conversion_is_reported_where_its_impl_begins():
    text = "\nimpl<T>\n    From<sqlx::Error>\n    for E<T>\n{\n}\n"
    assert [one.line for one in see(FAMILY, {"a/src/e.rs": text, "b/src/e.rs": BY_HAND}) if one.path[0] == "a"] == [2]


def test_two_codes_on_one_line_are_two_literals():
    (first, second) = see(FAMILY, {"a/src/e.rs": 'fn f() { matches!(code, "23505" | "23503") }\n'})
    assert {first.properties["sqlstate"], second.properties["sqlstate"]} == {"23505", "23503"}


@pytest.mark.parametrize(
    "code",
    [
        'if e.code() == Some("23505") {}',
        'match code.as_ref() { "23505" => Conflict, _ => Other }',
        'const UNIQUE: &str = "23505";',
        'e.code() == Some(Cow::Borrowed("23505"))',
        'let x = r#"23505"#;',
        'let x = b"23505";',
        'message.contains("SQLSTATE 23505")',
        'if db_err.code() == "40001" { retry() }',
        "match sqlstate { 23505 => Conflict, _ => Other }",
    ],
)
def test_an_sqlstate_literal_is_a_finding_in_any_form_and_in_a_single_crate(code):
    (seen,) = see(FAMILY, {"a/src/error.rs": f"fn f() {{\n    {code}\n}}\n"})
    assert (seen.line, seen.identity) == (2, Identity.HINTS)
    assert seen.properties["sqlstate"] in seen.message


def test_each_literal_is_a_finding_of_its_own():
    text = 'fn f() {\n    a == "23505";\n    b == "23503";\n}\n'
    assert [one.line for one in see(FAMILY, {"a/src/error.rs": text})] == [2, 3]


def test_a_conversion_with_a_literal_is_both():
    text = BY_HAND + 'fn f() { code == "23505" }\n'
    assert keys({"a/src/error.rs": text, "b/src/error.rs": BY_HAND}) == ["", "a/sqlx::Error", "b/sqlx::Error"]


@pytest.mark.parametrize(
    "code",
    [
        'if zip_code == "40001" {}',
        'let postal_code = "22001";',
        'let zip = "40001";',
        'Address { zip: "23505" }',
        'let port = "22001";',
        "let n = 23505;",
        '// "23505"',
        'let id = "x23505y";',
    ],
)
def test_numbers_that_only_look_like_an_sqlstate_are_fine(code):
    assert see(FAMILY, {"a/src/lib.rs": f"fn f() {{\n    {code}\n}}\n"}) == []


def test_literals_in_tests_are_fine():
    text = '#[cfg(test)]\nmod tests {\n    fn f() { assert_eq!(code, "23505"); }\n}\n'
    assert see(FAMILY, {"a/src/lib.rs": text, "a/tests/x.rs": 'fn f() { code == "23505" }\n'}) == []


MORE = """\
use derive_more::{{Display, From}};

#[derive(Debug, Display, From)]
#[display("{{self:?}}")]
pub enum AppError {{
    {}
    Text(String),
}}
"""


def test_what_derive_more_writes_is_a_conversion():
    seen = see(FAMILY, {"a/src/error.rs": BY_HAND, "b/src/error.rs": MORE.format("Db(sqlx::Error),")})
    assert [(one.key, one.line) for one in seen] == [("a/sqlx::Error", 1), ("b/sqlx::Error", 6)]


@pytest.mark.parametrize(
    "text",
    [
        MORE.format("#[from(skip)] Db(sqlx::Error),"),
        MORE.format("Db(sqlx::Error),").replace(", From)]", ")]"),
        MORE.format("Db(sqlx::Error),").replace("derive_more", "other"),
        MORE.format("Db { inner: String, source: sqlx::Error },"),
    ],
)
def test_what_derive_more_leaves_alone_is_none(text):
    assert see(FAMILY, {"a/src/error.rs": BY_HAND, "b/src/error.rs": text}) == []


@pytest.mark.parametrize("use", ["use anyhow::anyhow;", "use anyhow::{anyhow, Context};", "use anyhow::Context;", ""])
def test_a_macro_named_as_its_crate_does_not_hide_the_crate(use):
    text = f"{use}\nimpl From<anyhow::Error> for Failure {{\n    fn from(e: anyhow::Error) -> Self {{ Self }}\n}}\n"
    assert keys({"a/src/x.rs": text, "b/src/y.rs": text.replace(use, "")}) == ["a/anyhow::Error", "b/anyhow::Error"]


def test_a_type_named_as_a_crate_is_what_was_imported():
    text = "use crate::sqlx;\nimpl From<sqlx::Error> for AppError {}\n"
    assert keys({"a/src/x.rs": text, "b/src/y.rs": BY_HAND}) == []
