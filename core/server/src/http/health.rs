//! What a supervisor asks: does the process live, and may it get requests.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Front;
use crate::db::{SchemaState, schema_state};

/// `/livez`: the process answers.
pub(super) async fn live() -> &'static str {
    "ok"
}

/// `/readyz`: the database answers with the schema of this binary, and nobody told the process to
/// stop.
pub(super) async fn ready(State(front): State<Front>) -> Response {
    match obstacle(&front).await {
        None => Json(json!({ "ready": true })).into_response(),
        Some(reason) => {
            let body = Json(json!({ "ready": false, "reason": reason }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn obstacle(front: &Front) -> Option<&'static str> {
    if front.stop.is_cancelled() {
        return Some("the process is stopping");
    }
    match schema_state(&front.app.db).await {
        Ok(SchemaState::Current) => None,
        Ok(SchemaState::Behind(_)) => Some("the database is not migrated"),
        Ok(SchemaState::Newer(_)) => Some("the database is newer than this binary"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            Some("the database does not answer")
        }
    }
}
