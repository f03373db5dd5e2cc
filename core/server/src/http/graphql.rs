//! `POST /graphql`: one request of a known visitor, as JSON.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use tower_http::request_id::RequestId;

use super::refusal::Refusal;
use super::{Front, auth, id_of};
use crate::graphql::{self, Caller};

type Body = Result<Bytes, BytesRejection>;

/// Answers one request.
pub(super) async fn execute(
    State(front): State<Front>,
    id: Option<Extension<RequestId>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request_id = id_of(id.as_deref());
    match answer(&front, request_id, &headers, body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refusal.response(request_id),
    }
}

async fn answer(
    front: &Front,
    request_id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<async_graphql::Response, Refusal> {
    let auth::Visitor { actor, locale } = auth::visitor(&front.app, headers).await?;
    if !is_json(headers) {
        return Err(Refusal::MediaType);
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::BadRequest(rejection.body_text()),
    })?;
    let request = parse(&body).map_err(Refusal::BadRequest)?;
    let caller = Caller { actor, locale, request_id: request_id.to_owned() };
    Ok(graphql::answer(&front.schema, &front.app, caller, request).await)
}

fn parse(body: &[u8]) -> Result<async_graphql::Request, String> {
    // The parser would also take an array of the fields' values.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err("it must be one object".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
