//! Distances between stops, asked once and kept.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::RwLock;

type Pair = (String, String);

/// In memory only: a restart asks again.
#[derive(Clone, Default)]
pub struct Matrix {
    known: Arc<RwLock<HashMap<Pair, u32>>>,
}

impl Matrix {
    pub async fn metres(&self, from: &str, to: &str) -> Option<u32> {
        self.known.read().await.get(&(from.to_owned(), to.to_owned())).copied()
    }

    pub async fn learn(&self, from: &str, to: &str, metres: u32) {
        self.known.write().await.insert((from.to_owned(), to.to_owned()), metres);
    }
}
