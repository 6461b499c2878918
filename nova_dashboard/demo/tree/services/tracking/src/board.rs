//! The board of a hub: where each of its parcels was last seen.

use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::repo::Scan;

#[derive(Debug, Serialize)]
pub struct Row {
    pub parcel: Uuid,
    pub last: Option<Scan>,
}

pub async fn of_hub(pool: &PgPool, hub: &str) -> sqlx::Result<Vec<Row>> {
    let parcels: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM parcels WHERE hub = $1")
        .bind(hub)
        .fetch_all(pool)
        .await?;
    let mut rows = Vec::with_capacity(parcels.len());
    for parcel in parcels {
        let last = sqlx::query_as("SELECT * FROM scans WHERE parcel_id = $1 ORDER BY seen_at DESC LIMIT 1")
            .bind(parcel)
            .fetch_optional(pool)
            .await?;
        rows.push(Row { parcel, last });
    }
    Ok(rows)
}
