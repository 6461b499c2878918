//! JSON values in Redis, with a time to live.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionManager;
use redis::AsyncCommands;
use serde::{de::DeserializeOwned, Serialize};
use tokio::sync::Mutex;

#[derive(Clone)]
pub struct Cache {
    connection: Arc<Mutex<ConnectionManager>>,
    ttl: Duration,
}

impl Cache {
    pub async fn open(url: &str, ttl: Duration) -> anyhow::Result<Self> {
        let manager = ConnectionManager::new(redis::Client::open(url)?).await?;
        Ok(Self { connection: Arc::new(Mutex::new(manager)), ttl })
    }

    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> anyhow::Result<Option<T>> {
        let mut connection = self.connection.lock().await;
        let text: Option<String> = connection.get(key).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub async fn put<T: Serialize>(&self, key: &str, value: &T) -> anyhow::Result<()> {
        let mut connection = self.connection.lock().await;
        let text = serde_json::to_string(value)?;
        connection.set_ex(key, text, self.ttl.as_secs()).await?;
        Ok(())
    }

    pub async fn forget(&self, key: &str) -> anyhow::Result<()> {
        let mut connection = self.connection.lock().await;
        connection.del(key).await?;
        Ok(())
    }
}
