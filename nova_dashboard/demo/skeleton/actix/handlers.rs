//! HTTP handlers: parse, call the repository, answer.

use actix_web::{web, HttpResponse};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::AppError;
use crate::repo::{@@entity@@Repo, New@@entity@@};

#[derive(Debug, Deserialize)]
pub struct Page {
    pub after: Option<Uuid>,
    #[serde(default = "page_size")]
    pub limit: i64,
}

fn page_size() -> i64 {
    50
}

pub async fn health() -> HttpResponse {
    HttpResponse::Ok().finish()
}

pub async fn list(
    @@table@@: web::Data<@@entity@@Repo>,
    page: web::Query<Page>,
) -> Result<HttpResponse, AppError> {
    let rows = @@table@@.page(page.after, page.limit.clamp(1, 200)).await?;
    Ok(HttpResponse::Ok().json(rows))
}

pub async fn show(
    @@table@@: web::Data<@@entity@@Repo>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, AppError> {
    let row = @@table@@.by_id(*id).await?.ok_or_else(|| AppError::not_found("@@noun@@"))?;
    Ok(HttpResponse::Ok().json(row))
}

pub async fn create(
    @@table@@: web::Data<@@entity@@Repo>,
    body: web::Json<New@@entity@@>,
) -> Result<HttpResponse, AppError> {
    let row = @@table@@.insert(&body).await?;
    Ok(HttpResponse::Created().json(row))
}
