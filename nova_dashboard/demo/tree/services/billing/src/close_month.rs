//! Closes a month: what is owed becomes an invoice.

use sqlx::PgPool;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct Owed {
    account_id: Uuid,
    cents: i64,
}

/// Writes one invoice per shop that owes something; answers how many.
pub async fn close(pool: &PgPool, month: &str) -> sqlx::Result<usize> {
    let owed: Vec<Owed> = sqlx::query_as(
        "SELECT account_id, sum(cents)::bigint AS cents FROM charges WHERE month = $1 GROUP BY account_id",
    )
    .bind(month)
    .fetch_all(pool)
    .await?;
    for row in &owed {
        sqlx::query("INSERT INTO invoices (account_id, month, cents, paid) VALUES ($1, $2, $3, false)")
            .bind(row.account_id)
            .bind(month)
            .bind(row.cents)
            .execute(pool)
            .await?;
    }
    Ok(owed.len())
}
