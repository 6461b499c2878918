${pub}async fn list_$name(
    State(state): State<AppState>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, GatewayError> {
    let url = format!("{}/v1/$table", state.upstreams.$name);
    let reply = state.client.get(url).query(&page).send().await?;
    Ok(Json(reply.error_for_status()?.json().await?))
}

${pub}async fn show_$name(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Value>, GatewayError> {
    let url = format!("{}/v1/$table/{id}", state.upstreams.$name);
    let reply = state.client.get(url).send().await?;
    Ok(Json(reply.error_for_status()?.json().await?))
}

${pub}async fn create_$name(
    State(state): State<AppState>,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Value>), GatewayError> {
    let url = format!("{}/v1/$table", state.upstreams.$name);
    let reply = state.client.post(url).json(&body).send().await?;
    Ok((StatusCode::CREATED, Json(reply.error_for_status()?.json().await?)))
}
