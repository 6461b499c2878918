//! A door held for a parcel that is on its way.

use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::repo::{Locker, LockerRepo};

#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Hold {
    pub parcel_id: Uuid,
    pub locker_id: Uuid,
}

/// The holds of a courier with the locker of each.
pub async fn of_courier(
    pool: &PgPool,
    lockers: &LockerRepo,
    courier: Uuid,
) -> sqlx::Result<Vec<(Hold, Option<Locker>)>> {
    let holds: Vec<Hold> = sqlx::query_as("SELECT parcel_id, locker_id FROM holds WHERE courier_id = $1")
        .bind(courier)
        .fetch_all(pool)
        .await?;
    let mut found = Vec::with_capacity(holds.len());
    for hold in holds {
        let locker = lockers.by_id(hold.locker_id).await?;
        found.push((hold, locker));
    }
    Ok(found)
}
