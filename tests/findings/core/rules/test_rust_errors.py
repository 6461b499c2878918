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
    "code", ['let zip = "40001";', 'let port = "22001";', "let n = 23505;", '// "23505"', 'let id = "x23505y";']
)
def test_numbers_that_only_look_like_an_sqlstate_are_fine(code):
    assert see(FAMILY, {"a/src/lib.rs": f"fn f() {{\n    {code}\n}}\n"}) == []


def test_literals_in_tests_are_fine():
    text = '#[cfg(test)]\nmod tests {\n    fn f() { assert_eq!(code, "23505"); }\n}\n'
    assert see(FAMILY, {"a/src/lib.rs": text, "a/tests/x.rs": 'fn f() { code == "23505" }\n'}) == []
