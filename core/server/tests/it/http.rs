//! What may come in over HTTP, and what goes out with every answer.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both!(
    only_json_is_taken,
    a_body_that_is_no_request_is_refused,
    a_body_that_is_too_large_is_refused,
    every_answer_carries_the_id_of_its_request,
    graphql_is_not_asked_by_get,
    the_bare_address_leads_to_the_editor,
);

async fn send(app: &TestApp, request: Builder, body: String) -> (StatusCode, HeaderMap, Value) {
    app.request(request.body(Body::from(body)).expect("it is a request")).await
}

async fn post(app: &TestApp, content_type: &str) -> Builder {
    let token = app.token(Role::Viewer).await;
    Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, content_type)
}

fn query() -> String {
    json!({ "query": "{ __typename }" }).to_string()
}

async fn only_json_is_taken(app: TestApp) {
    for content_type in ["application/json", "application/JSON; charset=utf-8"] {
        let (status, ..) = send(&app, post(&app, content_type).await, query()).await;
        assert_eq!(status, StatusCode::OK, "{content_type}");
    }
    for content_type in ["text/plain", "multipart/form-data", "application/graphql", ""] {
        let (status, _, body) = send(&app, post(&app, content_type).await, query()).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNSUPPORTED_MEDIA_TYPE");
    }
}

async fn a_body_that_is_no_request_is_refused(app: TestApp) {
    for body in ["", "{", "[]", "\"query\"", "{\"query\": 1}"] {
        let post = post(&app, "application/json").await;
        let (status, _, answer) = send(&app, post, body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    }
}

async fn a_body_that_is_too_large_is_refused(app: TestApp) {
    let body = json!({ "query": " ".repeat(1 << 20) }).to_string();
    let (status, _, answer) = send(&app, post(&app, "application/json").await, body).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAYLOAD_TOO_LARGE");
}

async fn every_answer_carries_the_id_of_its_request(app: TestApp) {
    let named = post(&app, "text/plain").await.header("x-request-id", "my-own");
    let (_, headers, body) = send(&app, named, query()).await;
    assert_eq!(headers["x-request-id"], "my-own");
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "my-own");
    let (_, headers, _) = send(&app, post(&app, "text/plain").await, query()).await;
    assert_eq!(headers["x-request-id"].len(), 36);
}

async fn graphql_is_not_asked_by_get(app: TestApp) {
    let (status, headers, _) = send(&app, Request::get("/graphql"), String::new()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers[header::ALLOW], "POST");
}

async fn the_bare_address_leads_to_the_editor(app: TestApp) {
    let (status, headers, _) = send(&app, Request::get("/"), String::new()).await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    let browser = Request::get(headers[header::LOCATION].to_str().expect("it is text"));
    let browser = browser.header(header::ACCEPT, "text/html");
    let (status, headers, _) = send(&app, browser, String::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
}
