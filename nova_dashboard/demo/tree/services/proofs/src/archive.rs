//! Old proofs: kept a year, then only their summary.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::repo::Proof;

/// How many proofs are older than `limit`.
pub async fn overdue(pool: &PgPool, limit: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM proofs WHERE created_at < $1")
        .bind(limit)
        .fetch_one(pool)
        .await
}

/// Each proof with the names of all who handled the parcel before it.
pub async fn with_handlers(pool: &PgPool, proofs: Vec<Proof>) -> sqlx::Result<Vec<(Proof, Vec<String>)>> {
    let mut pairs = Vec::with_capacity(proofs.len());
    for proof in proofs {
        let names = sqlx::query_scalar("SELECT name FROM handlers WHERE parcel_id = $1 ORDER BY at")
            .bind(proof.parcel_id)
            .fetch_all(pool)
            .await?;
        pairs.push((proof, names));
    }
    Ok(pairs)
}

/// Deletes the pictures of one parcel.
pub async fn forget(pool: &PgPool, parcel: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query("UPDATE proofs SET picture_key = '' WHERE parcel_id = $1")
        .bind(parcel)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
