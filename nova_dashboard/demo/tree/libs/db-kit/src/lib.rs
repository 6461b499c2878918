//! One way to reach PostgreSQL.

use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::PgPool;

const TRIES: u32 = 5;

/// Opens a pool; the database of a fresh cluster may need a few seconds.
pub async fn connect(url: &str, size: u32) -> sqlx::Result<PgPool> {
    let mut wait = Duration::from_millis(200);
    for attempt in 1..=TRIES {
        match PgPoolOptions::new().max_connections(size).connect(url).await {
            Ok(pool) => return Ok(pool),
            Err(error) if attempt == TRIES => return Err(error),
            Err(error) => tracing::warn!(%error, attempt, "database is not there yet"),
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    unreachable!("the last attempt returns")
}

/// All rows of a statement, page by page.
pub async fn pages(pool: &PgPool, sql: &str, size: i64) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
    let mut rows = Vec::new();
    loop {
        let page = sqlx::query(sql).bind(size).bind(rows.len() as i64).fetch_all(pool).await?;
        let last = (page.len() as i64) < size;
        rows.extend(page);
        if last {
            return Ok(rows);
        }
    }
}
