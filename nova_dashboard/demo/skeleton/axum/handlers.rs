//! HTTP handlers: parse, call the repository, answer.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::Json;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::AppError;
use crate::repo::{@@entity@@, New@@entity@@};
use crate::AppState;

#[derive(Debug, Deserialize)]
pub struct Page {
    pub after: Option<Uuid>,
    #[serde(default = "page_size")]
    pub limit: i64,
}

fn page_size() -> i64 {
    50
}

pub async fn health() -> StatusCode {
    StatusCode::OK
}

pub async fn list(
    State(state): State<AppState>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<@@entity@@>>, AppError> {
    let rows = state.@@table@@.page(page.after, page.limit.clamp(1, 200)).await?;
    Ok(Json(rows))
}

pub async fn show(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
) -> Result<Json<@@entity@@>, AppError> {
    let row = state.@@table@@.by_id(id).await?.ok_or_else(|| AppError::not_found("@@noun@@"))?;
    Ok(Json(row))
}

pub async fn create(
    State(state): State<AppState>,
    Json(body): Json<New@@entity@@>,
) -> Result<(StatusCode, Json<@@entity@@>), AppError> {
    let row = state.@@table@@.insert(&body).await?;
    Ok((StatusCode::CREATED, Json(row)))
}
