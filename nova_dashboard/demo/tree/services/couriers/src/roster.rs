//! Who works this week, and where they start.

use serde::Serialize;
use sqlx::PgPool;

use crate::repo::Courier;

#[derive(Debug, Serialize)]
pub struct Entry {
    pub courier: Courier,
    pub hubs: Vec<String>,
}

pub async fn this_week(pool: &PgPool) -> sqlx::Result<Vec<Entry>> {
    let couriers: Vec<Courier> =
        sqlx::query_as("SELECT * FROM couriers WHERE active ORDER BY name").fetch_all(pool).await?;
    let mut entries = Vec::new();
    for courier in couriers {
        let hubs = sqlx::query_scalar("SELECT DISTINCT hub FROM stints WHERE courier_id = $1")
            .bind(courier.id)
            .fetch_all(pool)
            .await?;
        entries.push(Entry { courier, hubs });
    }
    Ok(entries)
}
