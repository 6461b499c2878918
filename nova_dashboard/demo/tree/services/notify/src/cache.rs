//! Who wants which kind of notice, kept in Redis.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::AsyncCommands;
use tokio::sync::Mutex;
use uuid::Uuid;

type Shared = Arc<Mutex<MultiplexedConnection>>;

#[derive(Clone)]
pub struct Wishes {
    connection: Shared,
}

impl Wishes {
    pub fn new(connection: MultiplexedConnection) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)) }
    }

    pub async fn channel(&self, account: Uuid) -> redis::RedisResult<Option<String>> {
        let mut connection = self.connection.lock().await;
        connection.get(format!("wish:{account}")).await
    }
}
