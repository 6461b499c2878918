//! The plan of a day: every open shift with its parcels.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::repo::Shift;

#[derive(Debug, Serialize)]
pub struct Planned {
    pub shift: Shift,
    pub parcels: Vec<Uuid>,
}

pub async fn of_day(pool: &PgPool, day: NaiveDate) -> sqlx::Result<Vec<Planned>> {
    let shifts: Vec<Shift> = sqlx::query_as("SELECT * FROM shifts WHERE starts_at::date = $1 AND open")
        .bind(day)
        .fetch_all(pool)
        .await?;
    let ids: Vec<Uuid> = shifts.iter().map(|shift| shift.id).collect();
    let mut loads = parcels_of(pool, &ids).await?;
    Ok(shifts
        .into_iter()
        .map(|shift| Planned { parcels: loads.remove(&shift.id).unwrap_or_default(), shift })
        .collect())
}

/// The parcels of many shifts, in one query.
async fn parcels_of(pool: &PgPool, shifts: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Vec<Uuid>>> {
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "SELECT shift_id, parcel_id FROM loads WHERE shift_id = ANY($1) ORDER BY position",
    )
    .bind(shifts)
    .fetch_all(pool)
    .await?;
    let mut loads: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (shift, parcel) in rows {
        loads.entry(shift).or_default().push(parcel);
    }
    Ok(loads)
}
