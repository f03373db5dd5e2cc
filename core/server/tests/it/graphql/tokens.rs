//! Tokens, from being given out to being revoked.

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both!(a_token_opens_what_it_was_made_for_until_it_is_revoked);

async fn a_token_opens_what_it_was_made_for_until_it_is_revoked(app: TestApp) {
    let token = &app.home().await.token;
    let query = "mutation($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) {
        secret apiToken { id name scopes user { role } } userErrors { field code } } }";
    let refused = json!({ "input": { "name": "BI", "scopes": ["accounts:read", "all"] } });
    let data = app.data(token, query, refused).await;
    assert!(data["apiTokenCreate"]["secret"].is_null());
    let errors = json!([{ "field": ["scopes", "1"], "code": "BAD_SCOPE" }]);
    assert_eq!(data["apiTokenCreate"]["userErrors"], errors);
    let given = json!({ "input": { "name": "BI", "scopes": ["workspace:read"] } });
    let data = app.data(token, query, given).await;
    let made = &data["apiTokenCreate"];
    assert_eq!(made["apiToken"]["scopes"], json!(["workspace:read"]));
    let secret = made["secret"].as_str().expect("it is shown once");
    let data = app.data(secret, "{ viewer { scopes } }", json!({})).await;
    assert_eq!(data["viewer"]["scopes"], json!(["workspace:read"]));
    let query = "mutation($id: ID!) { apiTokenRevoke(input: { id: $id }) {
        apiToken { revokedAt } userErrors { code } } }";
    let data = app.data(token, query, json!({ "id": made["apiToken"]["id"] })).await;
    assert!(data["apiTokenRevoke"]["apiToken"]["revokedAt"].is_string());
    let (status, answer) = viewer(&app, secret).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

async fn viewer(app: &TestApp, token: &str) -> (StatusCode, Value) {
    let request = Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(json!({ "query": "{ viewer { scopes } }" }).to_string().into())
        .expect("it is a request");
    let (status, _, answer) = app.request(request).await;
    (status, answer)
}
