//! Who gets in, and who does not.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::TimeDelta;
use jornada_domain::auth::token::{self, NewToken};
use jornada_domain::auth::{Role, user};
use jornada_domain::journeys::people;
use jornada_domain::{Tx, workspace};
use jornada_server::secret::Secret;
use serde_json::{Value, json};

use crate::harness::{Tenant, TestApp, both, token_id};

both!(
    nobody_is_told_how_to_come_in,
    what_is_no_token_of_ours_is_refused,
    an_expired_token_is_refused,
    a_revoked_token_is_refused,
    a_deactivated_user_is_refused_until_reactivated,
    the_use_of_a_token_is_noted_once_an_hour,
    advancing_a_sandbox_locks_nobody_out,
);

const QUERY: &str = "{ __typename }";

async fn ask(app: &TestApp, authorization: Option<&str>) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let body = Body::from(json!({ "query": QUERY }).to_string());
    app.request(request.body(body).expect("it is a request")).await
}

async fn is_let_in(app: &TestApp, token: &str) -> bool {
    let (status, _, answer) = ask(app, Some(&format!("Bearer {token}"))).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert!(status == StatusCode::OK || code == "UNAUTHENTICATED", "{answer}");
    status == StatusCode::OK
}

async fn nobody_is_told_how_to_come_in(app: TestApp) {
    let (status, headers, answer) = ask(&app, None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(headers[header::WWW_AUTHENTICATE], "Bearer realm=\"jornada\"");
    let error = &answer["errors"][0]["extensions"];
    assert_eq!(error["code"], "UNAUTHENTICATED");
    assert_eq!(error["requestId"], headers["x-request-id"].to_str().expect("it is text"));
}

async fn what_is_no_token_of_ours_is_refused(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let (workspace_id, other) = (app.home().await.workspace.id, token_id(&token));
    let wrong_secret = Secret::from_bytes([0xff; 24]).token(workspace_id, other);
    let unknown = Secret::from_bytes([0xff; 24]).token(workspace_id, uuid::Uuid::nil().into());
    for value in ["", "Bearer", "Bearer jor_x", &format!("Basic {token}"), &token] {
        let (status, ..) = ask(&app, Some(value)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{value}");
    }
    for token in [wrong_secret, unknown] {
        let (status, headers, _) = ask(&app, Some(&format!("Bearer {token}"))).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let challenge = headers[header::WWW_AUTHENTICATE].to_str().expect("it is text");
        assert!(challenge.contains("invalid_token"), "{challenge}");
    }
    assert!(is_let_in(&app, &token).await);
    assert_eq!(ask(&app, Some(&format!("bearer  {token}"))).await.0, StatusCode::OK);
}

/// A token of the owner for one day.
async fn token_for_a_day(app: &TestApp, tenant: &Tenant) -> String {
    let secret = Secret::from_bytes([1; 24]);
    let expires_at = Some(app.now() + TimeDelta::days(1));
    let new = NewToken {
        user_id: tenant.owner.id,
        name: "For a day".to_owned(),
        scopes: Vec::new(),
        expires_at,
        digest: secret.digest(),
    };
    let row = app.write(&tenant.actor(), async |tx| token::create(tx, new).await).await;
    secret.token(row.workspace_id, row.id)
}

async fn an_expired_token_is_refused(app: TestApp) {
    let token = token_for_a_day(&app, app.home().await).await;
    assert!(is_let_in(&app, &token).await);
    app.advance(1);
    assert!(!is_let_in(&app, &token).await);
}

async fn a_revoked_token_is_refused(app: TestApp) {
    let token = app.token(Role::Csm).await;
    assert!(is_let_in(&app, &token).await);
    let actor = app.home().await.actor();
    app.write(&actor, async |tx| token::revoke(tx, token_id(&token)).await).await;
    assert!(!is_let_in(&app, &token).await);
}

async fn a_deactivated_user_is_refused_until_reactivated(app: TestApp) {
    let csm = app.user(Role::Csm).await;
    let token = app.token_of(csm.id, &[]).await;
    let owner = app.home().await.actor();
    app.write(&owner, async |tx| people::deactivate_user(tx, csm.id, None).await).await;
    assert!(!is_let_in(&app, &token).await);
    app.write(&owner, async |tx| user::reactivate(tx, csm.id).await).await;
    assert!(is_let_in(&app, &token).await);
}

async fn the_use_of_a_token_is_noted_once_an_hour(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let actor = app.home().await.actor();
    let last_used = async || {
        let row = token::find(&app.read(&actor), token_id(&token)).await;
        row.expect("the token is there").last_used_at
    };
    let (_, quiet) = app.statements(is_let_in(&app, &token)).await;
    let first = last_used().await;
    app.set_time("2026-01-20T12:59:59Z");
    assert!(is_let_in(&app, &token).await);
    assert_eq!(last_used().await, first);
    app.set_time("2026-01-20T13:00:00Z");
    let (_, noting) = app.statements(is_let_in(&app, &token)).await;
    assert_eq!(last_used().await, Some(app.now()));
    assert_eq!(noting, quiet + 1);
}

async fn advancing_a_sandbox_locks_nobody_out(app: TestApp) {
    let sandbox = app.sandbox().await;
    let token = token_for_a_day(&app, &sandbox).await;
    let a_week = 7 * 24 * 60 * 60;
    let advance = async |tx: &Tx<'_>| workspace::advance_clock(tx, a_week).await;
    app.write(&sandbox.actor(), advance).await;
    assert!(is_let_in(&app, &token).await);
    assert!(is_let_in(&app, &sandbox.token).await);
}
