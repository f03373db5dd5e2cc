//! How what goes wrong is shown.

use std::sync::Arc;

use axum::http::{Request, header};
use jornada_domain::workspace::Locale;
use jornada_server::app::App;
use jornada_server::db::{Db, Missing};
use jornada_server::graphql::{self, Caller, TopLevelCode};
use serde_json::{Value, json};

use crate::harness::{TestApp, both};

/// Half of what the threads of tokio have.
const STACK_BYTES: usize = 1 << 20;

both!(
    every_top_level_error_has_a_code_and_the_id_of_its_request,
    what_the_caller_can_mend_is_told_with_the_field_in_their_language,
    what_cannot_be_done_here_says_what_can,
    an_old_version_is_refused,
    each_mutation_of_a_document_stands_alone,
    a_field_that_fails_takes_no_other_with_it,
    what_breaks_here_shows_nothing_of_the_inside,
    a_request_fits_on_half_the_stack_of_a_worker,
);

async fn every_top_level_error_has_a_code_and_the_id_of_its_request(app: TestApp) {
    let token = &app.home().await.token;
    let deep = format!("{{ viewer {{ {} }} }}", nested(20));
    let aliases: String = (0..101).map(|n| format!("a{n}: __typename ")).collect();
    for (query, variables) in [
        ("{", json!({})),
        ("{ nobody }", json!({})),
        ("{ viewer }", json!({})),
        ("query($id: ID!) { user(id: $id) { id } }", json!({})),
        ("query($n: Int) { users(first: $n) { nodes { id } } }", json!({ "n": "many" })),
        ("query A { __typename } query B { __typename }", json!({})),
        (&deep, json!({})),
        (&format!("{{ {aliases} }}"), json!({})),
    ] {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .expect("it is a request");
        let (_, headers, answer) = app.request(request).await;
        let id = headers["x-request-id"].to_str().expect("it is text");
        for error in answer["errors"].as_array().expect("there are errors") {
            let code = error["extensions"]["code"].as_str().unwrap_or("none");
            assert_eq!(code, TopLevelCode::BadQuery.as_str(), "{query}: {answer:#}");
            assert_eq!(error["extensions"]["requestId"], id, "{query}");
        }
    }
}

/// A selection that goes around in circles.
fn nested(depth: usize) -> String {
    match depth {
        0 => "__typename".to_owned(),
        _ => format!("user {{ id memberships {{ nodes {{ {} }} }} }}", nested(depth - 1)),
    }
}

async fn what_the_caller_can_mend_is_told_with_the_field_in_their_language(app: TestApp) {
    let token = &app.home().await.token;
    let query = "mutation { workspaceUpdate(input: { name: \" \", workingDays: [] }) {
        workspace { id } userErrors { field code message } } }";
    let payload = |data: Value| data["workspaceUpdate"].clone();
    let english = payload(app.data(token, query, json!({})).await);
    let problem = |field: &str, message: &str| {
        let code = "REQUIRED";
        json!({ "field": [field], "code": code, "message": message })
    };
    let expected = ["name", "workingDays"].map(|field| problem(field, "A value is needed here."));
    assert_eq!(english, json!({ "workspace": null, "userErrors": expected }));
    let change = "mutation { workspaceUpdate(input: { locale: PT_BR }) { userErrors { code } } }";
    app.data(token, change, json!({})).await;
    let portuguese = payload(app.data(token, query, json!({})).await);
    let message = &portuguese["userErrors"][0]["message"];
    assert_eq!(message, "É preciso informar um valor aqui.");
}

async fn what_cannot_be_done_here_says_what_can(app: TestApp) {
    let token = &app.home().await.token;
    let ask = async |mutation: &str, code: &str, words: &str| {
        let query = format!("mutation {{ done: {mutation} {{ userErrors {{ code message }} }} }}");
        let data = app.data(token, &query, json!({})).await;
        let error = &data["done"]["userErrors"][0];
        let message = error["message"].as_str().unwrap_or_default();
        assert!(error["code"] == code && message.contains(words), "{error}");
    };
    let advance = "workspaceClockAdvance(input: { seconds: 60 })";
    ask(advance, "NOT_A_SANDBOX", "Only a sandbox has a clock").await;
    let start = "accountCreate(input: { name: \"A\", journeyStart: { auto: false } })";
    ask(start, "BAD_FORMAT", "Only true says something here").await;
    let archive = "accountArchive(input: { id: \"7\" })";
    ask(archive, "BAD_ID", "not an id of the right kind: account.").await;
    let change = "mutation { workspaceUpdate(input: { locale: PT_BR }) { userErrors { code } } }";
    app.data(token, change, json!({})).await;
    ask(archive, "BAD_ID", "tipo certo: cliente.").await;
    let null = "workspaceUpdate(input: { name: null })";
    ask(null, "REQUIRED", "É preciso").await;
}

async fn an_old_version_is_refused(app: TestApp) {
    let token = &app.home().await.token;
    let query = "mutation($version: Int) {
        workspaceUpdate(input: { name: \"Another\", expectedVersion: $version }) {
            workspace { version } userErrors { field code } } }";
    let data = app.data(token, query, json!({ "version": 1 })).await;
    assert_eq!(data["workspaceUpdate"]["workspace"]["version"], 2);
    let data = app.data(token, query, json!({ "version": 1 })).await;
    let conflict = json!([{ "field": ["expectedVersion"], "code": "CONFLICT" }]);
    assert_eq!(data["workspaceUpdate"], json!({ "workspace": null, "userErrors": conflict }));
}

async fn each_mutation_of_a_document_stands_alone(app: TestApp) {
    let token = &app.home().await.token;
    let query = "mutation {
        a: holidayCreate(input: { onDate: \"2026-05-01\", name: \"First\" }) { holiday { name } }
        b: holidayCreate(input: { onDate: \"2026-05-01\", name: \"Second\" }) {
            holiday { name } userErrors { field code } }
        c: holidayCreate(input: { onDate: \"2026-05-02\", name: \"Third\" }) {
            holiday { name }
        }
    }";
    let data = app.data(token, query, json!({})).await;
    assert_eq!(data["a"]["holiday"]["name"], "First");
    assert!(data["b"]["holiday"].is_null());
    assert_eq!(data["b"]["userErrors"], json!([{ "field": ["onDate"], "code": "TAKEN" }]));
    assert_eq!(data["c"]["holiday"]["name"], "Third");
    let data = app.data(token, "{ holidays { nodes { name } } }", json!({})).await;
    assert_eq!(data["holidays"]["nodes"], json!([{ "name": "First" }, { "name": "Third" }]));
}

async fn a_field_that_fails_takes_no_other_with_it(app: TestApp) {
    let owner = app.home().await.owner.id;
    let token = app.token_of(owner, &["workspace:read"]).await;
    let query = "{ viewer { user { id } workspace { name } } events { totalCount } }";
    let answer = app.graphql(&token, query, json!({})).await;
    let data = json!({ "viewer": { "user": null, "workspace": { "name": "Workspace 1" } },
        "events": null });
    assert_eq!(answer["data"], data);
    let mut scopes: Vec<_> = answer["errors"].as_array().expect("two errors").iter().collect();
    scopes.sort_by_key(|error| error["path"].to_string());
    let shown =
        |error: &Value| (error["extensions"]["code"].clone(), error["extensions"]["scope"].clone());
    let forbidden = |scope: &str| (json!("FORBIDDEN"), json!(scope));
    assert_eq!(shown(scopes[0]), forbidden("events:read"));
    assert_eq!(shown(scopes[1]), forbidden("users:read"));
}

async fn what_breaks_here_shows_nothing_of_the_inside(app: TestApp) {
    let actor = Arc::new(app.home().await.actor());
    let url = app.database_url().parse().expect("it is a URL");
    let db = Db::open(&url, 1, Missing::Refuse).await.expect("it opens");
    let broken = Arc::new(App::new(db.clone()));
    db.close().await.expect("it closes");
    let caller = Caller { actor, locale: Locale::En, request_id: "the-request".to_owned() };
    let query = "{ holidays { totalCount } }";
    let answer = graphql::answer(&graphql::schema(), &broken, caller, query.into()).await;
    let answer = json!(answer);
    let message = "Something went wrong on our side. Try again; if it stays so, tell your \
                   administrator the request id.";
    assert_eq!(answer["errors"][0]["message"], message);
    let extensions = json!({ "code": "INTERNAL", "requestId": "the-request" });
    assert_eq!(answer["errors"][0]["extensions"], extensions);
    assert!(answer["data"]["holidays"].is_null());
}

/// A document is one future, made of those of all fields: what resolvers wait for must be on the
/// heap. Debug builds, as this one is, need several times the stack of others.
async fn a_request_fits_on_half_the_stack_of_a_worker(app: TestApp) {
    let actor = Arc::new(app.home().await.actor());
    let caller = Caller { actor, locale: Locale::En, request_id: "test".to_owned() };
    let query = format!("{{ viewer {{ {} }} }}", nested(3));
    let mutation = "mutation { workspaceUpdate(input: { name: \"A\" }) { workspace { id } } }";
    for document in [query, mutation.to_owned()] {
        let (app, caller) = (app.app.clone(), caller.clone());
        let runtime = tokio::runtime::Handle::current();
        let answer =
            async move { graphql::answer(&graphql::schema(), &app, caller, document.into()).await };
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn(move || runtime.block_on(answer)).expect("a thread starts");
        assert_eq!(thread.join().expect("it answers").errors, []);
    }
}
