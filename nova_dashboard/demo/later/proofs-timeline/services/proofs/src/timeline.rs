//! What happened to a parcel on its way to the door.

use sqlx::PgPool;

use crate::repo::Proof;

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
