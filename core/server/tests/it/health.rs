//! What a supervisor is told.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jornada_migrations::Migrator;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use serde_json::Value;

use crate::harness::{TestApp, both};

both!(
    a_migrated_database_is_ready,
    a_newer_database_is_not_ready,
    an_older_database_is_not_ready,
    a_process_that_stops_is_not_ready,
);

async fn get(app: &TestApp, path: &str) -> (StatusCode, Value) {
    let request = Request::get(path).body(Body::empty()).expect("it is a request");
    let (status, _, body) = app.request(request).await;
    (status, body)
}

async fn reason(app: &TestApp) -> Value {
    let (status, mut body) = get(app, "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!(get(app, "/livez").await.0, StatusCode::OK, "it lives all the same");
    body["reason"].take()
}

async fn a_migrated_database_is_ready(app: TestApp) {
    assert_eq!(get(&app, "/livez").await, (StatusCode::OK, "ok".into()));
    assert_eq!(get(&app, "/readyz").await.0, StatusCode::OK);
}

async fn a_newer_database_is_not_ready(app: TestApp) {
    add_unknown_migration(&app).await;
    assert_eq!(reason(&app).await, "the database is newer than this binary");
}

async fn an_older_database_is_not_ready(app: TestApp) {
    Migrator::down(app.app.db.write(), Some(1)).await.expect("the last one goes back");
    assert_eq!(reason(&app).await, "the database is not migrated");
    app.app.db.write().execute_unprepared("DROP TABLE seaql_migrations").await.expect("gone");
    assert_eq!(reason(&app).await, "the database is not migrated");
}

async fn a_process_that_stops_is_not_ready(app: TestApp) {
    app.stop.cancel();
    assert_eq!(reason(&app).await, "the process is stopping");
}

/// As a later version of jornada leaves it behind.
pub(crate) async fn add_unknown_migration(app: &TestApp) {
    let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    app.app.db.write().execute_unprepared(sql).await.expect("it is added");
}
