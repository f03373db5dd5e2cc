//! Who may do what, for every field of `Query` and `Mutation`. The calls are made from the schema,
//! so a field cannot be forgotten: a new one either passes or asks for what is missing here.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Request, StatusCode, header};
use jornada_domain::auth::{Access, Actor, Area, Scope, Scopes};
use jornada_domain::id::Kind;
use jornada_domain::workspace::Locale;
use jornada_server::graphql::{self, Caller};
use serde_json::{Value, json};

use crate::api::{Api, call, seed};
use crate::harness::{TestApp, both};

/// Fields that show only what the caller is, and therefore need no right.
const OPEN: &[&str] = &["viewer"];

/// Mutations that a right to look is enough for.
const OWN: &[(&str, &str)] = &[
    ("apiTokenCreate", "a token of your own, which may do no more than the one it was made with"),
    ("apiTokenRevoke", "a token of your own"),
];

both!(
    nobody_gets_anything,
    another_workspace_sees_and_changes_nothing,
    a_foreign_id_among_own_ones_is_refused,
    a_node_is_found_in_its_own_workspace_only,
    who_may_only_look_changes_nothing,
    who_has_no_right_sees_nothing,
    the_calls_are_real_for_the_owner_gets_through,
);

async fn nobody_gets_anything(app: TestApp) {
    let records = seed::records(&app, app.home().await).await;
    for call in call::all(&Api::load()) {
        let body = json!({ "query": call.with(&records) }).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .expect("it is a request");
        let (status, _, answer) = app.request(request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", call.field);
        assert_eq!(code(&answer), "UNAUTHENTICATED", "{}", call.field);
    }
}

async fn another_workspace_sees_and_changes_nothing(app: TestApp) {
    let records = seed::records(&app, app.home().await).await;
    let stranger = app.workspace().await;
    let before = records.events(&app).await;
    for call in call::all(&Api::load()) {
        let document = call.with(&records);
        let answer = app.graphql(&stranger.token, &document, json!({})).await;
        let text = answer.to_string();
        for id in records.all_ids() {
            assert!(!text.contains(id), "{document} shows {id}:\n{answer:#}");
        }
        let is_refused = is_refused(&answer["data"][&call.field]);
        assert!(is_refused || !call.has_ids(), "{document} is not refused:\n{answer:#}");
    }
    assert_eq!(records.events(&app).await, before, "something was changed from outside");
}

async fn a_foreign_id_among_own_ones_is_refused(app: TestApp) {
    let foreign = seed::records(&app, app.home().await).await;
    let tenant = app.workspace().await;
    let own = seed::records(&app, &tenant).await;
    let before = (foreign.events(&app).await, own.events(&app).await);
    for call in call::all(&Api::load()) {
        for document in call.with_one_of(&foreign, &own) {
            let answer = answer(&app, &tenant.actor(), &document).await;
            let value = &answer["data"][&call.field];
            assert!(is_refused(value), "{document} is not refused:\n{answer:#}");
        }
    }
    let after = (foreign.events(&app).await, own.events(&app).await);
    assert_eq!(after, before, "something was changed");
}

async fn a_node_is_found_in_its_own_workspace_only(app: TestApp) {
    let tenant = app.home().await;
    let records = seed::records(&app, tenant).await;
    let stranger = app.workspace().await.actor();
    let api = Api::load();
    let shown = Kind::ALL.iter().filter(|kind| api.kind(kind.type_name()).is_some());
    for kind in shown {
        let id = records.id(*kind);
        let document = format!("{{ node(id: \"{id}\") {{ __typename id }} }}");
        let found = answer(&app, &tenant.actor(), &document).await;
        let node = json!({ "__typename": kind.type_name(), "id": id });
        assert_eq!(found["data"]["node"], node, "{found:#}");
        let hidden = answer(&app, &stranger, &document).await;
        assert_eq!(code(&hidden), "NOT_FOUND", "{hidden:#}");
        assert!(hidden["data"]["node"].is_null(), "{hidden:#}");
    }
}

async fn who_may_only_look_changes_nothing(app: TestApp) {
    let tenant = app.home().await;
    let records = seed::records(&app, tenant).await;
    let looking = Area::ALL.map(|area| Scope { area, access: Access::Read });
    let actor = Actor { scopes: looking.into_iter().collect(), ..tenant.actor() };
    let before = records.events(&app).await;
    for call in call::of(&Api::load(), "Mutation") {
        if OWN.iter().all(|(name, _)| call.field != *name) {
            let document = call.with(&records);
            let answer = answer(&app, &actor, &document).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{document}:\n{answer:#}");
        }
    }
    assert_eq!(records.events(&app).await, before, "something was changed");
}

async fn who_has_no_right_sees_nothing(app: TestApp) {
    let tenant = app.home().await;
    let records = seed::records(&app, tenant).await;
    let actor = Actor { scopes: Scopes::NONE, ..tenant.actor() };
    for call in call::all(&Api::load()) {
        if !OPEN.contains(&call.field.as_str()) {
            let document = call.with(&records);
            let answer = answer(&app, &actor, &document).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{document}:\n{answer:#}");
        }
    }
}

async fn the_calls_are_real_for_the_owner_gets_through(app: TestApp) {
    let tenant = app.home().await;
    let records = seed::records(&app, tenant).await;
    for call in call::all(&Api::load()) {
        let document = call.with(&records);
        let answer = answer(&app, &tenant.actor(), &document).await;
        assert_eq!(answer.get("errors"), None, "{document}:\n{answer:#}");
        assert!(!answer["data"][&call.field].is_null(), "{document}:\n{answer:#}");
        assert!(!answer.to_string().contains("BAD_ID"), "{document}:\n{answer:#}");
    }
}

#[test]
fn what_is_exempt_still_exists() {
    let api = Api::load();
    let fields: BTreeSet<_> = ["Query", "Mutation"]
        .into_iter()
        .flat_map(|root| api.fields(root))
        .map(|field| field.name.node.to_string())
        .collect();
    for name in OPEN.iter().chain(OWN.iter().map(|(name, _)| name)) {
        assert!(fields.contains(*name), "{name} is gone");
    }
}

/// What the API answers to an actor, as it is without a token.
async fn answer(app: &TestApp, actor: &Actor, document: &str) -> Value {
    let actor = Arc::new(actor.clone());
    let caller = Caller { actor, locale: Locale::En, request_id: "test".to_owned() };
    let answer = graphql::answer(&graphql::schema(), &app.app, caller, document.into()).await;
    json!(answer)
}

/// The code of the first top-level error.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("no error")
}

/// Whether a field gave nothing: null, an empty list, or a payload with user errors alone.
fn is_refused(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_refused),
        Value::Object(fields) => match (fields.get("userErrors"), fields.get("nodes")) {
            (Some(Value::Array(errors)), _) => {
                let is_told = |name: &str| name == "userErrors" || name == "__typename";
                let mut others = fields.iter().filter(|(name, _)| !is_told(name));
                !errors.is_empty() && others.all(|(_, value)| value.is_null())
            }
            (_, Some(nodes)) => is_refused(nodes),
            // Of what is counted, only that there is nothing, and for which days.
            _ => match fields.get("accountCount") {
                Some(count) => *count == json!(0),
                None => fields
                    .iter()
                    .filter(|(name, _)| !["__typename", "from", "to"].contains(&name.as_str()))
                    .all(|(_, value)| *value == json!(0) || is_refused(value)),
            },
        },
        _ => false,
    }
}
