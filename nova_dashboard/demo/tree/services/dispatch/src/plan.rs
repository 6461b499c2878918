//! The plan of a day: every open shift with its parcels.

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
    let mut planned = Vec::with_capacity(shifts.len());
    for shift in shifts {
        let parcels = parcels_of(pool, shift.id).await?;
        planned.push(Planned { shift, parcels });
    }
    Ok(planned)
}

async fn parcels_of(pool: &PgPool, shift: Uuid) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("SELECT parcel_id FROM loads WHERE shift_id = $1 ORDER BY position")
        .bind(shift)
        .fetch_all(pool)
        .await
}
