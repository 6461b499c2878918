"""rust/n-plus-one: the many ways in which real code writes loops, queries and what surrounds them."""

import pytest

from findings.core.rules.rust_queries import FAMILY
from findings.core.types import Observation, Priority
from tests.findings.core.rules.tree import see

QUERY = 'let x = sqlx::query_scalar("SELECT n FROM t WHERE id = $1").bind(row.id).fetch_one(pool).await?;'
HEAD = "pub async fn all(pool: &PgPool, rows: Vec<Row>) -> Result<()>"


def function(body: str, head: str = HEAD) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{head} {{\n{lines}    Ok(())\n}}\n"


def loop(call: str, head: str = "for row in rows", of: str = HEAD) -> str:
    return function(f"{head} {{\n    {call}\n}}", of)


def seen(text: str, **files: str) -> list[Observation]:
    return see(FAMILY, {"svc/src/lib.rs": text, **{f"svc/src/{name}.rs": other for name, other in files.items()}})


def test_the_reported_line_is_that_of_the_await():
    call = (
        'let line = sqlx::query_as::<_, Line>(\n        r#"SELECT * FROM "lines"\n        WHERE id = $1"#,\n    )\n'
        "    .bind(row.id)\n    .fetch_one(pool)\n    .await?;"
    )
    (one,) = seen(loop(call))
    assert (one.line, one.end_line) == (9, 9)


@pytest.mark.parametrize(
    "head",
    [
        "for Row { id, name } in rows",
        "for (id, Row { name, .. }) in &by_id",
        "'rows: for row in rows",
        "for row in &rows[..10]",
        "for row in rows.iter().filter(|row| (1..5).contains(&row.level))",
        "for row in match kind { Kind::A => a, _ => b }",
        "for row in if open { open_rows } else { rows }",
        "for row in [first, second].concat()",
        "for (_, rows) in groups.into_iter()",
        "for subscription in subscriptions",
        "for receiver in receivers",
        "for row in rows.values()",
        "for row in self.rows.lock().await.iter()",
        "while let Some(Row { id, .. }) = rows.next()",
        "while let Ok(Some(row)) = rows.try_next().await",
        "while let Some(id) = stack.pop()",
        "while let Some(row) = queue.lock().await.pop_front()",
    ],
)
def test_loops_over_rows_in_their_many_forms_count(head):
    assert len(seen(loop(QUERY, head))) == 1


@pytest.mark.parametrize(
    "head",
    [
        "for index in (0..rows.len()).step_by(100)",
        "for index in 0..(count + 1)",
        "for attempt in 1..=self.retries",
        "for (index, chunk) in rows.chunks(500).enumerate()",
        "for ids in ids.chunks_exact(50)",
        "for ids in &ids.iter().chunks(50)",
        "for kind in Kind::variants()",
        "for (name, sql) in MIGRATIONS",
        "for name in Self::TABLES.iter()",
        "for page in pages",
        "while let Some(page) = pages.next().await",
        "while let Some(cursor) = next_cursor",
        "while let Some(delay) = backoff.next()",
        "while let Some(job) = queue.pop().await",
        "while let Ok(message) = subscription.recv().await",
        "while let Some(delivery) = consumer.next().await",
        "while let Some(result) = tasks.join_next().await",
        "while let Err(error) = connect().await",
    ],
)
def test_loops_that_repeat_for_another_reason_are_fine_in_their_many_forms(head):
    assert seen(loop(QUERY, head)) == []


def test_the_stream_of_a_consumer_is_no_list_of_rows_and_that_of_a_query_is():
    for stream, count in (
        ("consumer.stream()", 0),
        ("Entity::find().stream(db).await?", 1),
        ("sqlx::query(Q).fetch(pool)", 1),
    ):
        text = function(f"let mut stream = {stream};\nwhile let Some(row) = stream.next().await {{\n    {QUERY}\n}}")
        assert len(seen(text)) == count, stream


def test_a_list_bound_in_another_function_says_nothing_about_this_one():
    other = function('let rows = ["a", "b"];\nuse_them(rows);', "fn other()")
    assert len(seen(other + loop(QUERY))) == 1


def test_a_list_that_grows_is_not_fixed():
    text = function("let mut todo = vec![first];\ntodo.push(second);\nfor row in todo {\n    " + QUERY + "\n}")
    assert len(seen(text)) == 1


def test_a_chunk_is_rows_again():
    text = function("for chunk in rows.chunks(50) {\n    for row in chunk {\n        " + QUERY + "\n    }\n}")
    assert [one.line for one in seen(text)] == [4]


def test_rows_of_a_page_or_a_message_count_inside_of_loops_that_do_not():
    for outer in ("loop", "while let Some(message) = consumer.recv().await", "for page in 0..pages"):
        text = function(f"{outer} {{\n    for row in rows {{\n        " + QUERY + "\n    }\n}")
        assert [one.line for one in seen(text)] == [4], outer


@pytest.mark.parametrize(
    "call",
    [
        'let x = sqlx::query_file_as!(Line, "sql/line.sql", row.id).fetch_one(&mut **tx).await?;',
        "let x = Entity::find().filter(Column::Id.eq(row.id)).one(self.db.as_ref()).await?;",
        "let x = row.find_related(lines::Entity).all(&state.database).await?;",
        "let x = Entity::find_by_id(row.id).one(ctx.store()).await?;",
        "let x: Vec<Line> = lines.filter(id.eq(row.id)).load::<Line>(conn).await?;",
        'let x = tx.query("SELECT 1", &[&row.id]).await?;',
        'let x = client.query("SELECT ?fields FROM t").bind(row.id).fetch_all::<Line>().await?;',
        "let x: Option<String> = redis::AsyncCommands::get(&mut conn, row.key()).await?;",
        "let x: Option<String> = conn.get::<_, Option<String>>(&row.key).await?;",
        "let x = self.redis.lock().await.hgetall(row.key()).await?;",
        'let x = users.find_one(doc! { "_id": row.id }).await?;',
        "if let Some(x) = sqlx::query(Q).bind(row.id).fetch_optional(pool).await? { keep(x); }",
        "match sqlx::query(Q).bind(row.id).fetch_one(pool).await { Ok(x) => keep(x), Err(e) => return Err(e.into()) }",
        "let x = timeout(D, sqlx::query(Q).fetch_one(pool)).await??;",
        "let x = async { sqlx::query(Q).fetch_one(pool).await }.instrument(span).await?;",
        "let x = retry(|| async { sqlx::query(Q).fetch_one(pool).await }).await?;",
    ],
)
def test_reads_in_their_many_forms_are_p1(call):
    (one,) = seen(loop(call))
    assert one.priority is Priority.P1


@pytest.mark.parametrize(
    "call",
    [
        'sqlx::query!("INSERT INTO t (a) VALUES ($1)", row.a).execute(&mut *tx).await?;',
        'redis::cmd("set").arg(row.key()).arg(1).query_async::<_, ()>(&mut con).await?;',
        'sqlx::query("WITH old AS (SELECT 1) DELETE FROM t").execute(pool).await?;',
        "let id: i64 = sqlx::query_scalar(INSERT).bind(row.a).fetch_one(pool).await?;",
        "row.into_active_model().update(&self.db).await?;",
        "conn.del(row.key()).await?;",
        "Entity::delete_by_id(row.id).exec(db).await?;",
    ],
)
def test_writes_in_their_many_forms_are_p2(call):
    (one,) = seen('const INSERT: &str = "INSERT INTO t (a) VALUES ($1) RETURNING id";\n' + loop(call))
    assert one.priority is Priority.P2


@pytest.mark.parametrize(
    "call",
    [
        "let conn = self.redis_pool.get().await?;",
        "let conn = pool.get().await?;",
        "let body = reqwest::get(&row.url).await?;",
        "let page = self.http.get(&row.url).send().await?.text().await?;",
        "futures.push(async move { " + QUERY + " });",
        "tokio::spawn(async move { " + QUERY + " });",
        "let all = join_all(row.ids.iter().map(|id| async move { sqlx::query(Q).fetch_one(pool).await })).await;",
        "let all = stream::iter(ids).map(|id| async move { sqlx::query(Q).fetch_one(pool).await }).buffered(8).collect().await;",
        "let query = sqlx::query(Q).fetch_one(pool);",
        "sender.send(row).await?;",
        "self.events.publish(row).await?;",
        "let guard = self.lock.lock().await;",
    ],
)
def test_calls_that_only_look_like_a_query_per_row_are_fine(call):
    assert seen(loop(call)) == []


def test_functions_that_migrate_or_seed_are_fine():
    for name in ("run_migrations", "migrate_rows", "seed"):
        assert seen(loop(QUERY, of=f"async fn {name}(pool: &PgPool, rows: Vec<Row>)")) == []
    assert see(FAMILY, {"svc/src/seed.rs": loop(QUERY), "svc/migration/src/m1.rs": loop(QUERY)}) == []


def test_macros_comments_lifetimes_and_raw_strings_do_not_confuse():
    noise = (
        "fn first<'a>(it: &'a [u8]) -> Option<&'a u8> { it.iter().find(|c| **c == b'\"' || **c == b'{') }\n"
        '/* outer /* for row in rows { q.fetch_one(p).await } */ still { */\nconst Q: &str = r##"{ "#{ "##;\n'
        'const S: &str = "\\"{";\nmacro_rules! each { ($rows:expr) => { for row in $rows { println!("{}", row); } } }\n'
    )
    text = noise + '#[tracing::instrument(skip(pool), fields(kind = "}"))]\n' + loop(QUERY)
    assert [one.line for one in seen(text)] == [9]


def test_tests_of_every_kind_are_fine():
    marks = ("#[tokio::test]", '#[tokio::test(flavor = "multi_thread")]', "#[sqlx::test]", "#[rstest]", "#[cfg(test)]",
             "#[actix_web::test]", "#[cfg(all(test, feature = \"db\"))]", "#[test_case(Row { id: 1 })]")  # fmt: skip
    for mark in marks:
        assert seen(f"{mark}\n" + loop(QUERY)) == [], mark
    assert seen("#![cfg(test)]\n" + loop(QUERY)) == []
    assert len(seen("#[cfg(not(test))]\n" + loop(QUERY))) == 1
    assert see(FAMILY, {"svc/src/orders/tests.rs": loop(QUERY), "svc/tests/it/main.rs": loop(QUERY)}) == []


REPO = """\
pub struct Users { pool: PgPool }
impl Users {
    pub async fn get(&self, id: Uuid) -> Result<User> {
        sqlx::query_as("SELECT 1").bind(id).fetch_one(&self.pool).await
    }
}
"""


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("async fn all(State(users): State<Arc<Users>>, rows: Rows)", "users.get(row.user).await?;"),
        ("async fn all(users: web::Data<Users>, client: &Http, rows: Rows)", "users.get(row.user).await?;"),
        ("async fn all(pool: PgPool, rows: Rows)", "Users::new(pool.clone()).get(row.user).await?;"),
        ("async fn all<U: Lookup>(users: U, rows: Rows)", "users.get(row.user).await?;"),
        ("async fn all(users: &impl Lookup, rows: Rows)", "users.get(row.user).await?;"),
        ("async fn all(users: Box<dyn Lookup + Send>, rows: Rows)", "users.get(row.user).await?;"),
    ],
)
def test_the_type_of_a_receiver_is_known_from_parameters_bounds_and_constructors(head, call):
    assert len(seen(loop(call, of=head), repo=REPO + REPO.replace("impl Users", "impl Lookup for Users"))) == 1


def test_a_constructor_in_a_variable_and_a_field_of_another_file_give_the_type():
    text = function("let users = Users::new(pool);\nfor row in rows {\n    users.get(row.user).await?;\n}")
    assert len(seen(text, repo=REPO)) == 1
    state = "pub struct AppState {\n    pub users: Arc<Users>,\n    pub http: HttpClient,\n}\n"
    calls = "state.users.get(row.user).await?;\n    state.http.get(row.user).await?;"
    assert [one.line for one in seen(loop(calls), repo=REPO + state)] == [3]


def test_a_type_of_another_parameter_is_not_that_of_the_receiver():
    head = "async fn all(client: &Http, users: &Users, rows: Rows)"
    assert seen(loop("client.get(row.user).await?;", of=head), repo=REPO) == []


def test_a_free_function_is_found_by_its_module():
    query = "pub async fn load(id: Uuid) -> X { sqlx::query(Q).fetch_one(pool).await }\n"
    other = "pub async fn load(id: Uuid) -> X { files.read(id).await }\n"
    files = {"users": query, "images": other}
    assert len(seen(loop("users::load(row.id).await?;"), **files)) == 1
    assert seen(loop("images::load(row.id).await?;"), **files) == []
    assert len(seen("use crate::users::load;\n" + loop("load(row.id).await?;"), **files)) == 1
    assert seen("use crate::images::load;\n" + loop("load(row.id).await?;"), **files) == []


def test_a_repository_in_another_crate_counts_where_its_type_is_known():
    manifest = '[package]\nname = "shop-users"\n'
    text = "use shop_users::Users;\n" + loop(
        "users.get(row.user).await?;", of="async fn all(users: &Users, rows: Rows)"
    )
    tree = {"libs/users/Cargo.toml": manifest, "libs/users/src/lib.rs": REPO}
    assert len(see(FAMILY, {**tree, "svc/src/lib.rs": text})) == 1
    untyped = loop("users.get(row.user).await?;")
    assert see(FAMILY, {**tree, "svc/src/lib.rs": untyped}) == []


def test_a_generated_file_of_one_line_costs_time_that_grows_with_its_length():
    for text in (
        "fn a() {" + "let x = [1]; for r in x { q.fetch_one(p).await; }" * 3000 + "}",
        "async fn f() { for r in rows { g(r).await; } }\n" * 4000,
        "fn a() {" + "x(" * 50_000 + ".await" + ")" * 50_000 + ".await" * 5000,
    ):
        assert len(seen(text)) <= 1


@pytest.mark.parametrize("join", ["tokio::try_join!", "futures::join!", "try_join!"])
def test_what_a_join_in_a_loop_waits_for_is_awaited_once_per_row(join):
    query = 'sqlx::query("SELECT 1").bind(row.id).fetch_one(pool)'
    found = seen(loop(f"let (a, b) = {join}(\n        {query},\n        price(row),\n    )?;"))
    assert [(one.line, one.priority) for one in found] == [(4, Priority.P1)]


def test_a_join_that_stands_behind_a_loop_is_one_wait():
    query = 'sqlx::query("SELECT 1").bind(row.id).fetch_one(pool)'
    assert seen(function(f"for row in rows {{\n    count += 1;\n}}\nlet (a, b) = try_join!({query}, {query})?;")) == []


def test_diesel_may_call_its_connection_anything():
    call = "diesel::update(loans::table.find(row.id)).set(loans::gone.eq(true)).execute(c).await?;"
    (one,) = seen(loop(call, of="pub async fn all(c: &mut AsyncPgConnection, rows: Vec<Row>) -> QueryResult<()>"))
    assert one.priority == Priority.P2
    assert seen(loop(call.replace("diesel::update", "jobs::update"))) == []


def test_one_query_for_each_group_with_the_list_of_its_ids_is_what_help_asks_for():
    text = (
        "pub async fn all(pool: &PgPool, ids_by_kind: HashMap<Kind, Vec<Uuid>>) {\n    for (kind, ids) in {over} {\n"
        '        let rows = sqlx::query("SELECT * FROM parts WHERE id = {which}").bind(ids).fetch_all(pool).await?;\n    }\n}\n'
    )
    held = text.replace("{over}", "ids_by_kind").replace("{which}", "ANY($1)")
    assert seen(held) == []
    assert len(seen(held.replace("ANY($1)", "$1"))) == 1
    assert len(seen(held.replace("in ids_by_kind {", "in owners {"))) == 1


@pytest.mark.parametrize(
    ("over", "counts"),
    [
        ("*columns", False),
        ("columns.iter()", False),
        ("rows_of(columns)", True),
        ("names", True),
    ],
)
def test_what_a_fixed_list_holds_is_as_fixed_as_the_list(over, counts):
    asked = f'for column in {over} {{\n        let x = sqlx::query("SELECT $1").bind(column).fetch_one(pool).await?;\n    }}'
    assert bool(seen(loop(asked, "for (table, columns) in INDEXED"))) is counts
    assert seen(loop(asked, "for (table, columns) in tables"))


@pytest.mark.parametrize("over", ["&config.topics", "self.settings.regions.iter()", "&app_config.zones[1..]"])
def test_what_the_configuration_lists_is_no_row(over):
    assert seen(loop(QUERY, f"for row in {over}")) == []
    assert len(seen(loop(QUERY, "for row in &configured"))) == 1


FAN_OUT = """\
struct Fan { sinks: Vec<Arc<dyn Sink>> }
impl Fan {
    async fn store(&self, pool: &PgPool, order: &Order) -> Result<()> {
        for sink in &self.sinks { sink.keep_order(order).await?; }
        Ok(())
    }
}
impl Sink for PgSink {
    async fn keep_order(&self, order: &Order) -> Result<()> {
        sqlx::query("INSERT INTO orders VALUES ($1)").bind(order.id).execute(&self.pool).await?;
        Ok(())
    }
}
"""


def test_an_object_that_has_each_of_its_parts_do_its_work_asks_nothing_per_row():
    assert seen(FAN_OUT) == []
    assert len(seen(FAN_OUT.replace("in &self.sinks", "in sinks"))) == 1
    assert len(seen(FAN_OUT.replace("keep_order(order)", "keep_order(pool, order)"))) == 1


def test_a_variable_is_the_text_it_was_last_set_to():
    ask = 'let query = "SELECT 1 FROM a WHERE id = $1";\nsqlx::query(query).fetch_one(pool).await?;'
    drop = 'let query = format!("DROP TABLE IF EXISTS {}", row.name);\n    sqlx::query(&query).execute(pool).await?;'
    note = 'let query = "INSERT INTO b VALUES ($1)";\n    sqlx::query(query).bind(row.id).execute(pool).await?;'
    for write in (drop, note):
        found = seen(function(ask, "pub async fn first(pool: &PgPool) -> Result<()>") + loop(write))
        assert [one.priority for one in found] == [Priority.P2]
    named = 'const ADD: &str = "INSERT INTO b VALUES ($1)";\n'
    (one,) = seen(named + loop("sqlx::query(ADD).bind(row.id).execute(pool).await?;"))
    assert one.priority == Priority.P2
