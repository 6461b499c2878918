//! @@purpose@@

@@mods@@

use std::net::SocketAddr;

use axum::routing::get;
use axum::Router;
use config::Config;
use repo::@@entity@@Repo;

#[derive(Clone)]
pub struct AppState {
    pub @@table@@: @@entity@@Repo,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    telemetry::init("@@service@@");
    let config = Config::from_env()?;
    let pool = db_kit::connect(&config.database_url, config.pool_size).await?;
    let state = AppState { @@table@@: @@entity@@Repo::new(pool) };
    let app = Router::new()
        .route("/healthz", get(handlers::health))
        .route("/v1/@@table@@", get(handlers::list).post(handlers::create))
        .route("/v1/@@table@@/:id", get(handlers::show))
        .with_state(state);
    let address = SocketAddr::from(([0, 0, 0, 0], config.port));
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
