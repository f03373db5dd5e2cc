//! How a request is refused that never reaches GraphQL: in the shape of a GraphQL error.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jornada_domain::workspace::Locale;
use serde_json::json;

use crate::graphql;

/// Why a request goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No token came with it, or none that is valid.
    Unauthenticated { presented: bool, locale: Locale },
    /// The header `Jornada-Origin` says something unknown.
    Origin,
    /// What the headers ask for needs a right that the token lacks.
    Forbidden,
    /// The body is not JSON by its content type. Others are refused, because a form of a foreign
    /// page could send them without being asked.
    MediaType,
    /// The body of a load is not lines by its content type, or is packed in an unknown way.
    NoLines,
    /// The body is not the JSON of a GraphQL request.
    BadRequest(String),
    /// The body is larger than configured.
    TooLarge,
    /// Only POST carries a request.
    Method,
    /// Something broke here; it is logged.
    Internal,
}

impl Refusal {
    /// The answer; `request_id` leads to the log.
    pub(super) fn response(self, request_id: &str) -> Response {
        let (status, code, message) = match self {
            Self::Unauthenticated { presented, locale } => {
                return unauthenticated(presented, locale, request_id);
            }
            Self::Origin => (
                StatusCode::BAD_REQUEST,
                "BAD_REQUEST",
                "the header Jornada-Origin can only say BACKFILL".to_owned(),
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "FORBIDDEN",
                "Jornada-Origin: BACKFILL needs the scope workspace:write".to_owned(),
            ),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                "send the request with `Content-Type: application/json`".to_owned(),
            ),
            Self::NoLines => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                "send lines with `Content-Type: application/x-ndjson`, plain or with \
                 `Content-Encoding: gzip`"
                    .to_owned(),
            ),
            Self::BadRequest(reason) => (
                StatusCode::BAD_REQUEST,
                "BAD_REQUEST",
                format!("the body is no GraphQL request in JSON: {reason}"),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                "the body is too large: split the request".to_owned(),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "send the request by POST; a browser gets an editor here".to_owned(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                "something broke here; it is logged under the request id".to_owned(),
            ),
        };
        let extensions = json!({ "code": code, "requestId": request_id });
        let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

fn unauthenticated(presented: bool, locale: Locale, request_id: &str) -> Response {
    let challenge = match presented {
        true => r#"Bearer realm="jornada", error="invalid_token""#,
        false => r#"Bearer realm="jornada""#,
    };
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))];
    let body = Json(graphql::unauthenticated(locale, request_id));
    (StatusCode::UNAUTHORIZED, challenge, body).into_response()
}
