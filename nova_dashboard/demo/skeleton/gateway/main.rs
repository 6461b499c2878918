//! The only service the outside sees: checks the session, then passes the request on.

${modules}use std::net::SocketAddr;

use anyhow::Context;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

const TABLES: [&str; 11] = [$tables];

#[derive(Debug, Clone)]
pub struct Upstreams {
$names
}

impl Upstreams {
    fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
$urls
        })
    }
}

fn base(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

#[derive(Clone)]
pub struct AppState {
    client: reqwest::Client,
    upstreams: Upstreams,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
#[error("upstream: {0}")]
pub struct GatewayError(#[from] reqwest::Error);

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        let status = match self.0.status() {
            Some(code) => StatusCode::from_u16(code.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY),
            None => StatusCode::BAD_GATEWAY,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    telemetry::init("gateway");
    let state = AppState { client: reqwest::Client::new(), upstreams: Upstreams::from_env()? };
    let v1 = Router::new()
$routes;
    let app = Router::new()
        .route("/healthz", get(health))
        .route("/v1", get(index))
        .nest("/v1", v1)
        .layer(from_fn(axum_trace::span))
        .with_state(state);
    let address = SocketAddr::from(([0, 0, 0, 0], 8080));
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn health() -> StatusCode {
    StatusCode::OK
}

async fn index() -> Json<Value> {
    Json(json!({ "collections": TABLES }))
}

$handlers
