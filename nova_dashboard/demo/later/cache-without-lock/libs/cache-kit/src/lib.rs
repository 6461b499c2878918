//! JSON values in Redis, with a time to live.

use std::time::Duration;

use redis::aio::ConnectionManager;
use redis::AsyncCommands;
use serde::{de::DeserializeOwned, Serialize};

/// Cheap to clone: the manager multiplexes one connection and opens it again when it breaks.
#[derive(Clone)]
pub struct Cache {
    connection: ConnectionManager,
    ttl: Duration,
}

impl Cache {
    pub async fn open(url: &str, ttl: Duration) -> anyhow::Result<Self> {
        let connection = ConnectionManager::new(redis::Client::open(url)?).await?;
        Ok(Self { connection, ttl })
    }

    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> anyhow::Result<Option<T>> {
        let text: Option<String> = self.connection.clone().get(key).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub async fn put<T: Serialize>(&self, key: &str, value: &T) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        self.connection.clone().set_ex(key, text, self.ttl.as_secs()).await?;
        Ok(())
    }

    pub async fn forget(&self, key: &str) -> anyhow::Result<()> {
        self.connection.clone().del(key).await?;
        Ok(())
    }
}
