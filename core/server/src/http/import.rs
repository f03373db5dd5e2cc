//! `POST /import/metrics?key=…`: points by the million, as NDJSON, plain or as gzip.
//!
//! The body is read while it is written, and never held. What is wrong with a line is told with
//! its number, and stops nothing; a body that is no lines stops the load, of which the chunks that
//! were written stay. The key names the load for ever: sending the same content again gives the
//! first result, and other content is refused. All limits are in `import::ndjson::Limits`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use jornada_domain::Error;
use jornada_domain::auth::{Actor, Origin};
use jornada_domain::error::{Code, is_passing};
use jornada_domain::metrics::load::Model;
use jornada_domain::workspace::Locale;
use serde_json::{Value, json};
use tower_http::request_id::RequestId;

use super::refusal::Refusal;
use super::{Front, auth, id_of};
use crate::import::metrics::{Failure, load};
use crate::import::ndjson::{Broken, Limits, Lines};
use crate::{graphql, messages};

/// Answers one load.
pub(super) async fn metrics(
    State(front): State<Front>,
    id: Option<Extension<RequestId>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request_id = id_of(id.as_deref());
    let visitor = match auth::visitor(&front.app, &headers).await {
        Ok(visitor) => visitor,
        Err(refusal) => return refusal.response(request_id),
    };
    let (true, Some(is_gzip)) = (is_ndjson(&headers), is_gzip(&headers)) else {
        return Refusal::NoLines.response(request_id);
    };
    let lines = Lines::new(body.into_data_stream(), is_gzip, Limits::LOAD);
    let actor = as_import(&visitor.actor);
    let key = query.get("key").map(String::as_str).unwrap_or_default();
    match load(&front.app, &actor, key, lines).await {
        Ok(load) => Json(shown(&load, visitor.locale)).into_response(),
        Err(Failure::Refused(error)) => refused(&error, visitor.locale, request_id),
        Err(Failure::Broken(broken)) => stopped(&broken, visitor.locale, request_id),
    }
}

/// The same visitor, whose values may say when they became known; facts of the past stay so.
fn as_import(actor: &Arc<Actor>) -> Actor {
    let actor = Actor::clone(actor);
    if actor.origin == Origin::Backfill { actor } else { actor.by_way_of(Origin::Import) }
}

fn is_ndjson(headers: &HeaderMap) -> bool {
    let value = text(headers, header::CONTENT_TYPE);
    let media_type = value.split(';').next().unwrap_or_default().trim();
    let known = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
    known.iter().any(|known| media_type.eq_ignore_ascii_case(known))
}

/// Whether the content is packed; none where it is so in an unknown way.
fn is_gzip(headers: &HeaderMap) -> Option<bool> {
    match text(headers, header::CONTENT_ENCODING).trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Some(false),
        "gzip" | "x-gzip" => Some(true),
        _ => None,
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
}

/// What came of a load.
fn shown(load: &Model, locale: Locale) -> Value {
    let rejects = load.rejects();
    let rejects = rejects.iter().filter_map(|reject| {
        let problem = reject.problem()?;
        Some(json!({
            "line": reject.line,
            "field": problem.field,
            "code": problem.code.as_str(),
            "message": messages::of_problem(locale, &problem),
        }))
    });
    json!({
        "load": {
            "id": graphql::global_id(load.id),
            "key": load.key,
            "received": load.received,
            "written": load.written,
            "unchanged": load.unchanged,
            "rejected": load.rejected,
            "createdAt": load.created_at,
            "finishedAt": load.finished_at,
        },
        "rejects": rejects.collect::<Vec<_>>(),
    })
}

/// The answer where a verb refused.
fn refused(error: &Error, locale: Locale, request_id: &str) -> Response {
    let status = match error {
        Error::Problems(_) if error.has(Code::KeyReused) || error.has(Code::Superseded) => {
            StatusCode::CONFLICT
        }
        Error::Problems(_) => StatusCode::BAD_REQUEST,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Database(error) if is_passing(error) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(graphql::refused(error, locale, request_id))).into_response()
}

/// The answer where the content is no lines.
fn stopped(broken: &Broken, locale: Locale, request_id: &str) -> Response {
    let status = match broken {
        Broken::Silent { .. } | Broken::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
        Broken::LineTooLong { .. }
        | Broken::TooManyLines { .. }
        | Broken::TooLarge { .. }
        | Broken::Bomb { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    let extensions = json!({ "code": broken.code(), "requestId": request_id });
    let message = messages::of_broken(locale, broken);
    let error = json!({ "message": message, "extensions": extensions });
    (status, Json(json!({ "errors": [error] }))).into_response()
}
