"""rust/n-plus-one."""

import pytest

from findings.core.rules.rust_queries import FAMILY
from findings.core.types import Observation, Priority
from tests.findings.core.rules.tree import see

QUERY = 'let x = sqlx::query_scalar("SELECT n FROM t WHERE id = $1").bind(row.id).fetch_one(pool).await?;'


def function(body: str, head: str = "pub async fn all(pool: &PgPool, rows: Vec<Row>) -> Result<()>") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{head} {{\n{lines}    Ok(())\n}}\n"


def loop(call: str, head: str = "for row in rows") -> str:
    return function(f"{head} {{\n    {call}\n}}")


def seen(text: str, **files: str) -> list[Observation]:
    return see(FAMILY, {"svc/src/lib.rs": text, **{f"svc/src/{name}.rs": other for name, other in files.items()}})


@pytest.mark.parametrize(
    "call",
    [
        QUERY,
        'let x = sqlx::query_as::<_, Line>("SELECT 1").bind(row.id).fetch_all(&self.pool).await?;',
        'let x = sqlx::query!("SELECT 1", row.id).fetch_optional(&mut *tx).await?;',
        "let x = user::Entity::find_by_id(row.id).one(db).await?;",
        "let x = users::table.find(row.id).first::<User>(&mut conn).await?;",
        "let x: String = conn.get(row.key()).await?;",
        "let x: String = self.redis.clone().hget(row.key(), 1).await?;",
        'let x: String = redis::cmd("GET").arg(&row.key).query_async(&mut con).await?;',
        'let x = client.query_one("SELECT 1", &[&row.id]).await?;',
    ],
)
def test_a_read_awaited_once_per_row_is_p1(call):
    (one,) = seen(loop(call))
    assert (one.rule, one.priority, one.line) == ("rust/n-plus-one", Priority.P1, 3)
    assert one.properties["function"] == "all"


@pytest.mark.parametrize(
    "call",
    [
        'sqlx::query("INSERT INTO t VALUES ($1)").bind(row.id).execute(pool).await?;',
        'let id = sqlx::query_scalar("  update t SET a = 1 RETURNING id").fetch_one(pool).await?;',
        "active.insert(db).await?;",
        "diesel::insert_into(users::table).values(&row).execute(&mut conn).await?;",
        "let _: () = conn.set_ex(row.key(), 1, 60).await?;",
    ],
)
def test_a_write_awaited_once_per_row_is_p2(call):
    (one,) = seen(loop(call))
    assert one.priority is Priority.P2


@pytest.mark.parametrize(
    "head",
    [
        "for row in &rows",
        "for (index, row) in rows.iter().enumerate()",
        "for row in sqlx::query_as(Q).fetch_all(pool).await?",
        "for row in rows.into_iter().filter(|row| { row.open })",
        "for index in 0..rows.len()",
        "while let Some(row) = rows.next()",
        "while let Some(row) = rows.try_next().await?",
        "while let Some(row) = todo.pop_front()",
    ],
)
def test_every_loop_over_rows_counts(head):
    assert len(seen(loop(QUERY, head))) == 1


def test_a_stream_of_a_query_is_rows():
    text = function(
        "let mut stream = sqlx::query(Q).fetch(pool);\nwhile let Some(row) = stream.try_next().await? {\n    "
        + QUERY
        + "\n}"
    )
    assert len(seen(text)) == 1


REPO = """\
pub struct UserRepo { pool: PgPool }
impl UserRepo {
    pub async fn by_id(&self, id: Uuid) -> Result<User> {
        sqlx::query_as("SELECT * FROM users WHERE id = $1").bind(id).fetch_one(&self.pool).await
    }
    pub async fn rename(&self, id: Uuid) -> Result<u64> {
        sqlx::query("UPDATE users SET name = ''").execute(&self.pool).await
    }
    pub async fn loaded(&self, id: Uuid) -> Result<User> {
        self.by_id(id).await
    }
}
pub async fn user_of(pool: &PgPool, id: Uuid) -> Result<User> {
    sqlx::query_as("SELECT 1").bind(id).fetch_one(pool).await
}
"""


def with_repo(
    call: str, head: str = "pub async fn all(users: &UserRepo, rows: Vec<Row>) -> Result<()>"
) -> list[Observation]:
    return seen(function(f"for row in rows {{\n    {call}\n}}", head), repo=REPO)


@pytest.mark.parametrize(
    "call",
    [
        "let user = users.by_id(row.user).await?;",
        "let user = user_of(pool, row.user).await?;",
        "let user = repo::user_of(pool, row.user).await?;",
        "let user = UserRepo::by_id(&users, row.user).await?;",
        "let user = users.loaded(row.user).await?;",
    ],
)
def test_a_method_of_another_file_whose_body_queries_counts_also_one_call_away(call):
    (one,) = with_repo(call)
    assert (one.path, one.line, one.priority) == ("svc/src/lib.rs", 3, Priority.P1)


def test_a_method_that_writes_is_p2():
    (one,) = with_repo("users.rename(row.user).await?;")
    assert one.priority is Priority.P2


def test_a_method_behind_a_trait_counts():
    traits = "#[async_trait]\npub trait Users { async fn by_id(&self, id: Uuid) -> User; }\nimpl Users for UserRepo {\n"
    text = traits + "    async fn by_id(&self, id: Uuid) -> User { sqlx::query_as(Q).fetch_one(&self.pool).await }\n}\n"
    call = function(
        "for row in rows {\n    users.by_id(row.user).await?;\n}", "async fn all(users: Arc<dyn Users>, rows: Rows)"
    )
    assert len(seen(call, repo=text)) == 1


def test_a_method_of_the_same_name_of_another_type_or_another_crate_is_fine():
    head = "async fn all(client: &HttpClient, rows: Vec<Row>) -> Result<()>"
    assert with_repo("client.by_id(row.user).await?;", head) == []
    files = {"svc/src/lib.rs": loop("users.by_id(row.user).await?;"), "other/src/repo.rs": REPO}
    assert see(FAMILY, files) == []


def test_a_call_that_does_not_query_is_fine():
    calls = "client.post(&row.url).send().await?;\n    tokio::time::sleep(D).await;\n    notify(row).await;\n    tx.send(row).await?;"
    assert seen(loop(calls)) == []


@pytest.mark.parametrize(
    "head",
    [
        "for attempt in 1..=3",
        "for _ in 0..MAX_RETRIES",
        "for delay in backoff",
        "for page in 0..pages",
        "for offset in (0..total).step_by(100)",
        "loop",
        "while more",
        "for chunk in ids.chunks(100)",
        "for batch in batches",
        "for hub in [NORTH, SOUTH]",
        'for hub in ["north", "south"]',
        "for table in &TABLES",
        "for kind in Kind::ALL.iter()",
        "for kind in Kind::iter()",
        "while let Some(message) = consumer.recv().await",
        "while let Some(event) = stream.next().await",
        "while let Ok(job) = rx.recv().await",
        "for message in consumer.iter()",
        "for shard in shards",
        "for migration in migrations",
    ],
)
def test_loops_that_are_not_over_rows_are_fine(head):
    assert seen(loop(QUERY, head)) == []


def test_a_loop_over_a_fixed_array_bound_before_is_fine():
    text = function('let hubs = ["north", "south"];\nfor hub in hubs {\n    ' + QUERY + "\n}")
    assert seen(text) == []
    text = function("for hub in hubs {\n    " + QUERY + "\n}", "async fn all(pool: &PgPool, hubs: [&str; 4])")
    assert seen(text) == []


def test_a_retry_inside_of_a_loop_over_rows_is_still_per_row():
    assert len(seen(function("for row in rows {\n    for attempt in 0..3 {\n        " + QUERY + "\n    }\n}"))) == 1


def test_queries_that_are_joined_or_spawned_are_fine():
    joined = "let all = rows.iter().map(|row| async move { " + QUERY + " });\njoin_all(all).await;"
    assert seen(function(joined)) == []
    spawned = "for row in rows {\n    set.spawn(async move { " + QUERY + " });\n}"
    assert seen(function(spawned)) == []


def test_a_query_in_the_head_of_a_loop_or_behind_it_is_fine():
    text = function("for row in " + 'sqlx::query("SELECT 1").fetch_all(pool).await? {\n    use_it(row);\n}\n' + QUERY)
    assert seen(text) == []


def test_a_function_inside_of_a_loop_is_not_awaited_by_it():
    assert seen(function("for row in rows {\n    async fn inner() {\n        " + QUERY + "\n    }\n}")) == []


def test_tests_migrations_and_documents_are_fine():
    text = loop(QUERY)
    paths = [
        "svc/tests/a.rs",
        "svc/src/migrations/a.rs",
        "svc/benches/a.rs",
        "docs/a.rs",
        "a.md",
        "vendor/a/src/lib.rs",
    ]
    assert see(FAMILY, dict.fromkeys(paths, text)) == []
    assert seen(f"#[cfg(test)]\nmod tests {{\n{text}}}\n") == []
    assert seen(f"/* {text} */") == []


def test_one_line_is_reported_once_and_two_lines_twice():
    assert [one.line for one in seen(loop(f"{QUERY}\n        {QUERY}"))] == [3, 4]


def test_source_that_does_not_balance_does_no_harm():
    for text in (
        "fn a() { for row in rows { " + QUERY,
        "}}}" + loop(QUERY),
        "fn (((" + QUERY,
        ".await" * 100,
        "fn a() { for x in y {.await",
    ):
        seen(text)


def test_a_repository_of_another_crate_is_known_by_its_type_however_it_was_made():
    store = """pub struct Wards<'a> { pub pool: &'a PgPool }
impl<'a> Wards<'a> {
    pub async fn ward(&self, id: Uuid) -> Result<Ward> {
        sqlx::query_as("SELECT * FROM wards WHERE id = $1").bind(id).fetch_one(self.pool).await
    }
}
"""
    use = """use clinic_db::wards::Wards;
pub async fn all(pool: &PgPool, rows: Vec<Row>) -> Result<()> {
    let wards = MADE;
    for row in rows {
        let _ward = wards.ward(row.id).await?;
    }
    Ok(())
}
"""
    for made in ("Wards { pool }", "Wards::new(pool)", "&Wards { pool: pool }", "Arc::new(Wards { pool })"):
        files = {
            "db/Cargo.toml": '[package]\nname = "clinic-db"\n',
            "db/src/wards.rs": store,
            "svc/Cargo.toml": '[package]\nname = "svc"\n',
            "svc/src/lib.rs": use.replace("MADE", made),
        }
        assert [(one.path, one.line) for one in see(FAMILY, files)] == [("svc/src/lib.rs", 5)], made
