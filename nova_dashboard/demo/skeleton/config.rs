//! What the @@service@@ service reads from its environment.

use anyhow::Context;

#[derive(Debug, Clone)]
pub struct Config {
    pub port: u16,
    pub pool_size: u32,
    pub database_url: String,
}

impl Config {
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
            port: number("PORT", @@port@@)?,
            pool_size: number("POOL_SIZE", 8)?,
            database_url: std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?,
        })
    }
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().with_context(|| format!("{name} is not a number")),
        Err(_) => Ok(default),
    }
}
