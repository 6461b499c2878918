//! A span per request. Only a helper: it has no binary, and the actix-web services do not use it.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

pub async fn span(request: Request, next: Next) -> Response {
    let span = tracing::info_span!("request", method = %request.method(), path = request.uri().path());
    let _guard = span.enter();
    next.run(request).await
}
