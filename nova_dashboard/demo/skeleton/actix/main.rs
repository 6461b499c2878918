//! @@purpose@@

@@mods@@

use actix_web::{web, App, HttpServer};
use config::Config;
use repo::@@entity@@Repo;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    telemetry::init("@@service@@");
    let config = Config::from_env()?;
    let pool = db_kit::connect(&config.database_url, config.pool_size).await?;
    let @@table@@ = web::Data::new(@@entity@@Repo::new(pool));
    let port = config.port;
    HttpServer::new(move || {
        App::new()
            .app_data(@@table@@.clone())
            .route("/healthz", web::get().to(handlers::health))
            .route("/v1/@@table@@", web::get().to(handlers::list))
            .route("/v1/@@table@@", web::post().to(handlers::create))
            .route("/v1/@@table@@/{id}", web::get().to(handlers::show))
    })
    .bind(("0.0.0.0", port))?
    .run()
    .await?;
    Ok(())
}
