//! Events on Kafka: what is on the wire, and who may read it.

pub mod version;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub version: u32,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub body: T,
}

impl<T> Envelope<T> {
    pub fn new(body: T) -> Self {
        Self { version: version::CURRENT, id: Uuid::new_v4(), at: Utc::now(), body }
    }
}
