//! Parcels that should be at their door by now.

use futures::future::join_all;
use sqlx::PgPool;

const HUBS: [&str; 4] = ["north", "south", "east", "west"];

/// Late parcels of each hub; four hubs, asked at once.
pub async fn per_hub(pool: &PgPool) -> sqlx::Result<Vec<i64>> {
    let counts = HUBS.map(|hub| {
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM parcels WHERE hub = $1 AND late")
            .bind(hub)
            .fetch_one(pool)
    });
    join_all(counts).await.into_iter().collect()
}
