//! Passed on as it is.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::Json;
use serde_json::Value;

use crate::{AppState, GatewayError, Page};
