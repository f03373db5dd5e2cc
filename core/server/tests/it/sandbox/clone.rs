//! What a sandbox has of the workspace that it is like.

use std::collections::BTreeSet;

use jornada_domain::id::WorkspaceId;
use jornada_domain::{sandbox, workspace};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::json;

use crate::api::seed;
use crate::desk::Desk;
use crate::harness::{TestApp, both};
use crate::operator::{output, run};

use super::acme;

both!(
    every_table_is_copied_or_not,
    nothing_of_people_and_customers_comes_along,
    what_is_configured_comes_along_and_works,
    conditions_that_name_somebody_are_left_out,
);

/// The tables of the database, but for that of the migrations.
async fn tables(app: &TestApp) -> BTreeSet<String> {
    let sql = match app.app.db.read().get_database_backend() {
        DatabaseBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        }
        _ => {
            "SELECT table_name::text AS name FROM information_schema.tables
             WHERE table_schema = 'public'"
        }
    };
    let mut names: BTreeSet<_> = column(app, sql, "name").await.into_iter().collect();
    names.retain(|name| name != "seaql_migrations");
    names
}

async fn column(app: &TestApp, sql: &str, name: &str) -> Vec<String> {
    let db = app.app.db.read();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    let rows = rows.expect("it can be read");
    rows.iter().map(|row| row.try_get("", name).expect("it is a text")).collect()
}

async fn every_table_is_copied_or_not(app: TestApp) {
    let copied: BTreeSet<_> = sandbox::copied().into_iter().map(str::to_owned).collect();
    let others: BTreeSet<_> = sandbox::NOT_COPIED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(copied.intersection(&others).collect::<Vec<_>>(), [""; 0]);
    let named: BTreeSet<_> = copied.union(&others).cloned().collect();
    assert_eq!(named, tables(&app).await, "say in core/domain/src/sandbox.rs what becomes of it");
}

/// A workspace in which there is a record of every kind, and its sandbox.
async fn filled(app: &TestApp) -> (workspace::Model, workspace::Model) {
    let source = app.home().await;
    seed::records(app, source).await;
    let sandbox = ["workspace", "sandbox", "try", "--from", &source.workspace.slug];
    let owner = ["--owner-email", "eva@example.com", "--owner-name", "Eva"];
    run(app.database_url(), &[&sandbox[..], &owner].concat());
    let made = workspace::by_slug(app.app.db.read(), "try").await.expect("it is there");
    (source.workspace.clone(), made)
}

/// All rows of a table that belong to a workspace, as text.
async fn rows(app: &TestApp, table: &str, id: WorkspaceId) -> Vec<String> {
    let owner = if table == "workspace" { "id" } else { "workspace_id" };
    let columns = match app.app.db.read().get_database_backend() {
        DatabaseBackend::Sqlite => {
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            let names = column(app, &sql, "name").await;
            let quoted = names.iter().map(|name| format!("COALESCE(hex(\"{name}\"), '')"));
            let shown = names.iter().map(|name| format!("COALESCE(CAST(\"{name}\" AS TEXT), '')"));
            // Ids are blobs; what is shown of them is their digits.
            let each = quoted.zip(shown).zip(&names).map(|((hex, text), name)| {
                format!("CASE WHEN typeof(\"{name}\") = 'blob' THEN {hex} ELSE {text} END")
            });
            each.collect::<Vec<_>>().join(" || ' ' || ")
        }
        _ => format!("\"{table}\"::text"),
    };
    let id = id.0;
    let compared = match app.app.db.read().get_database_backend() {
        DatabaseBackend::Sqlite => format!("hex(\"{owner}\") = upper('{}')", id.simple()),
        _ => format!("\"{owner}\" = '{id}'"),
    };
    column(app, &format!("SELECT {columns} AS line FROM \"{table}\" WHERE {compared}"), "line")
        .await
}

async fn nothing_of_people_and_customers_comes_along(app: TestApp) {
    let (source, made) = filled(&app).await;
    let users = rows(&app, "user", source.id).await;
    assert!(!users.is_empty(), "rows are found");
    let markers = [
        "csm@example.com",
        "A CSM",
        &app.home().await.owner.email,
        "An account",
        "A contact",
        "A call",
        "A subscription",
    ];
    for table in tables(&app).await {
        let rows_of_source = rows(&app, &table, source.id).await;
        let copy = rows(&app, &table, made.id).await;
        for row in &copy {
            assert!(!markers.iter().any(|marker| row.contains(marker)), "{table}: {row}");
        }
        if sandbox::copied().contains(&table.as_str()) {
            assert_eq!(copy.len(), rows_of_source.len(), "{table}");
        } else if table == "job" {
            assert!(copy.iter().all(|row| row.contains("health.daily")), "{copy:?}");
        } else if !["user", "api_token", "workspace", "event", "audit_entry"]
            .contains(&table.as_str())
        {
            assert_eq!(copy, [""; 0], "{table}");
        }
    }
    assert_eq!(rows(&app, "user", made.id).await.len(), 1, "the owner");
}

async fn what_is_configured_comes_along_and_works(app: TestApp) {
    filled(&app).await;
    let owner = ["--workspace", "try", "--email", "eva@example.com"];
    let token = run(app.database_url(), &[&["token", "create"][..], &owner].concat());
    let desk = Desk { app: app.clone(), token };
    let query = "{ viewer { workspace { kind timeZone locale } } selectionRules { nodes { name } }
        journeyTemplates { nodes { publishedVersion { stages {
            tasks { assigneeUser { email } } } } } }
        events { nodes { type changed } } }";
    let seen = desk.see(query, json!({})).await;
    let workspace = json!({ "kind": "SANDBOX", "timeZone": "America/Sao_Paulo", "locale": "EN" });
    assert_eq!(seen["viewer"]["workspace"], workspace);
    assert_eq!(seen["selectionRules"]["nodes"], json!([{ "name": "A rule" }]));
    let holder = json!({ "assigneeUser": { "email": "eva@example.com" } });
    let version = &seen["journeyTemplates"]["nodes"][0]["publishedVersion"];
    assert_eq!(version["stages"][0]["tasks"], json!([holder, holder, holder]));
    let events = seen["events"]["nodes"].as_array().cloned().expect("there are events");
    let types: Vec<_> = events.iter().map(|event| &event["type"]).collect();
    let set_up = ["workspace.created", "user.created", "api_token.created", "api_token.created"];
    assert_eq!(types, set_up, "what is copied is told by one event");
    let changed = events[0]["changed"].as_array().cloned().expect("there are fields");
    assert!(changed.contains(&json!("source")), "{changed:?}");
}

async fn conditions_that_name_somebody_are_left_out(app: TestApp) {
    let desk = acme(&app).await;
    let define = async |key: &str, is_personal: bool| {
        let new = json!({ "subjectKind": "ACCOUNT", "key": key, "name": key, "valueType": "TEXT",
            "isPersonal": is_personal });
        desk.done("attributeDefinitionCreate", new, "attributeDefinition").await;
    };
    define("founder", true).await;
    define("plan", false).await;
    let about = |key: &str| json!([{ "key": key, "value": { "text": { "eq": "Eva" } } }]);
    let viewer = desk.see("{ viewer { user { id } } }", json!({})).await;
    let ana = &viewer["viewer"]["user"]["id"];
    let filters = [
        ("a nobody's", json!({ "not": { "csmId": { "isNull": true } } })),
        ("b trials", json!({ "status": { "eq": "TRIAL" }, "attributes": about("plan") })),
        ("c by name", json!({ "or": [{ "name": { "contains": "Prefeitura" } }] })),
        ("d of Ana", json!({ "csmId": { "eq": ana } })),
        ("e founder", json!({ "attributes": about("founder") })),
        ("f tax id", json!({ "taxId": "1" })),
    ];
    for (name, filter) in filters {
        desk.done("segmentCreate", json!({ "name": name, "filter": filter }), "segment").await;
    }
    let template = desk.see("{ journeyTemplates { nodes { id } } }", json!({})).await;
    let template = &template["journeyTemplates"]["nodes"][0]["id"];
    for key in ["founder", "plan"] {
        let rule = json!({ "templateId": template, "name": key, "attributes": about(key) });
        desk.done("selectionRuleCreate", rule, "selectionRule").await;
    }
    let sandbox = ["workspace", "sandbox", "try", "--from", "acme", "--owner-email", "a@b.com"];
    let done = output(app.database_url(), &sandbox);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("name people or customers: 4 segments and 1 selection rules"), "{said}");
    let token = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    let query = "{ segments { nodes { name } } selectionRules { nodes { name } } }";
    let data = app.data(&token, query, json!({})).await;
    let segments = json!([{ "name": "a nobody's" }, { "name": "b trials" }]);
    assert_eq!(data["segments"]["nodes"], segments);
    assert_eq!(data["selectionRules"]["nodes"], json!([{ "name": "plan" }]));
}
