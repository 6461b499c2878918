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

/// One query for all parcels: the newest scan of each.
pub async fn of_hub(pool: &PgPool, hub: &str) -> sqlx::Result<Vec<Row>> {
    let parcels: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM parcels WHERE hub = $1")
        .bind(hub)
        .fetch_all(pool)
        .await?;
    let scans: Vec<Scan> = sqlx::query_as(
        "SELECT DISTINCT ON (parcel_id) * FROM scans WHERE parcel_id = ANY($1) ORDER BY parcel_id, seen_at DESC",
    )
    .bind(&parcels)
    .fetch_all(pool)
    .await?;
    Ok(parcels
        .into_iter()
        .map(|parcel| Row { parcel, last: scans.iter().find(|scan| scan.parcel_id == parcel).cloned() })
        .collect())
}
