//! The only place of this service that speaks SQL.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct @@entity@@ {
    pub id: Uuid,
@@fields@@
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct New@@entity@@ {
@@fields@@
}

#[derive(Debug, Clone)]
pub struct @@entity@@Repo {
    pool: PgPool,
}

impl @@entity@@Repo {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub async fn by_id(&self, id: Uuid) -> sqlx::Result<Option<@@entity@@>> {
        sqlx::query_as("SELECT * FROM @@table@@ WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
    }

    pub async fn page(&self, after: Option<Uuid>, limit: i64) -> sqlx::Result<Vec<@@entity@@>> {
        sqlx::query_as("SELECT * FROM @@table@@ WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
    }

    pub async fn insert(&self, new: &New@@entity@@) -> sqlx::Result<@@entity@@> {
        sqlx::query_as(
            "INSERT INTO @@table@@ (@@columns@@) VALUES (@@slots@@) RETURNING *",
        )
@@binds@@
        .fetch_one(&self.pool)
        .await
    }
}
