//! Old proofs: kept a year, then only their summary.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// How many proofs are older than `limit`.
pub async fn overdue(pool: &PgPool, limit: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM proofs WHERE created_at < $1")
        .bind(limit)
        .fetch_one(pool)
        .await
}

/// Deletes the pictures of one parcel.
pub async fn forget(pool: &PgPool, parcel: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query("UPDATE proofs SET picture_key = '' WHERE parcel_id = $1")
        .bind(parcel)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
