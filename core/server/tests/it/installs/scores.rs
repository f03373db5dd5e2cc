//! Health models that are scored by a plugin.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::install;
use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};
use crate::plugins::{done, empty};
use crate::scoring::answer;

both!(
    a_plugin_that_somebody_began_just_now_is_installed_and_scores,
    a_plugin_scores_customers_by_what_its_inputs_are_bound_to,
    what_does_not_fit_the_plugin_is_told_where_it_stands,
    how_much_is_known_is_told_before_a_model_is_made,
    without_its_plugin_a_score_stays_and_says_so,
    what_scores_told_is_seen_in_hindsight,
);

/// A customer of a telephone company, of whom attributes are known.
async fn customer(app: &TestApp, desk: &Desk, name: &str, contract: &str, tenure: f64) -> String {
    let id = global(account(app, name, None).await.id);
    let change = json!({ "id": id, "attributes": [
        { "key": "contract", "value": { "text": contract } },
        { "key": "tenure", "value": { "number": tenure } },
        { "key": "monthly", "value": { "number": 70.5 } },
        { "key": "internet", "value": { "text": "Fiber optic" } },
    ] });
    desk.done("accountUpdate", change, "account").await;
    id
}

async fn attributes(desk: &Desk) {
    for (key, kind) in
        [("contract", "TEXT"), ("tenure", "NUMBER"), ("monthly", "NUMBER"), ("internet", "TEXT")]
    {
        let new = json!({ "subjectKind": "ACCOUNT", "key": key, "name": key, "valueType": kind });
        desk.done("attributeDefinitionCreate", new, "attributeDefinition").await;
    }
}

fn bound(input: &str, key: &str) -> Value {
    json!({ "input": input, "source": { "attribute": { "key": key } } })
}

/// What the churn model reads here.
fn definition(plugin: &str) -> Value {
    json!({ "plugin": { "pluginId": plugin, "bindings": [
        bound("tenure", "tenure"),
        bound("contract", "contract"),
        bound("internet", "internet"),
        bound("monthly_charges", "monthly"),
    ] } })
}

const HEALTH: &str = "query ($id: ID!) { account(id: $id) { health { value band score {
    base isStale staleReason contributions { key title points } missing { key title }
    reasons { code text points } } } } }";

async fn health(desk: &Desk, account: &str) -> Value {
    desk.see(HEALTH, json!({ "id": account })).await["account"]["health"].take()
}

async fn model(desk: &Desk, plugin: &str) -> String {
    let new = json!({ "name": "Churn", "definition": definition(plugin) });
    desk.done("healthModelCreate", new, "healthModel").await
}

async fn a_plugin_scores_customers_by_what_its_inputs_are_bound_to(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    attributes(&desk).await;
    let plugin = install(&desk, "telco-churn-health").await;
    let safe = customer(&app, &desk, "Two years", "Two year", 60.0).await;
    let shaky = customer(&app, &desk, "Month by month", "Month-to-month", 2.0).await;
    model(&desk, &plugin).await;
    app.run_jobs().await;
    let (safe, shaky) = (health(&desk, &safe).await, health(&desk, &shaky).await);
    let value = |health: &Value| health["value"].as_f64().expect("there is a score");
    assert!(value(&safe) > value(&shaky) + 30.0, "{safe:#} {shaky:#}");
    for health in [&safe, &shaky] {
        let score = &health["score"];
        let points = score["contributions"].as_array().expect("it is a list").iter();
        let points: f64 = points.map(|one| one["points"].as_f64().expect("it is there")).sum();
        let base = score["base"].as_f64().expect("it is there");
        assert!((base + points - value(health)).abs() < 0.02, "{health:#}");
        assert!(score["missing"].as_array().is_some_and(|missing| !missing.is_empty()));
    }
    let reasons = shaky["score"]["reasons"].as_array().expect("it is a list");
    assert!(!reasons.is_empty(), "{shaky:#}");
    assert!(reasons.iter().all(|one| one["text"] != one["code"]), "{shaky:#}");
    let calls = "query ($id: ID!) { plugin(id: $id) {
        usage { healthModels { name } } invocations(first: 5) { nodes {
            function rows outcome error fuel durationMicroseconds peakMemoryBytes } } } }";
    let told = desk.see(calls, json!({ "id": plugin })).await["plugin"].take();
    assert_eq!(told["usage"]["healthModels"], json!([{ "name": "Churn" }]));
    let call = &told["invocations"]["nodes"][0];
    assert_eq!((&call["function"], &call["outcome"]), (&json!("score"), &json!("OK")));
    assert_eq!(call["rows"], 2);
    assert!(call["fuel"].as_i64() > Some(0) && call["peakMemoryBytes"].as_i64() > Some(0));
}

async fn a_plugin_that_somebody_began_just_now_is_installed_and_scores(app: TestApp) {
    let within = empty(&format!("scores-{:?}", app.app.db.url()).replace(['/', ':'], "-"));
    done(&within, &["new", "usage-drop", "--kind", "health-score"]);
    let folder = within.join("usage-drop");
    done(&folder, &["build"]);
    let file = folder.join("dist/local.usage-drop-0.1.0.wasm");
    let file = BASE64.encode(std::fs::read(file).expect("it was built"));
    let desk = Desk::of(&app, Role::Admin).await;
    let plan = desk.done("pluginPlanPropose", json!({ "file": file }), "pluginPlan").await;
    let plugin = desk.done("pluginPlanApply", json!({ "id": plan }), "plugin").await;
    let id = global(account(&app, "Padaria", None).await.id);
    // Its inputs are bound to what it suggests.
    let definition = json!({ "plugin": { "pluginId": plugin } });
    let new = json!({ "name": "Mine", "definition": definition });
    desk.done("healthModelCreate", new, "healthModel").await;
    app.run_jobs().await;
    let unknown = health(&desk, &id).await;
    assert_eq!(unknown["score"]["missing"][0]["key"], "nps", "{unknown:#}");
    answer(&desk, &id, 9).await;
    app.run_jobs().await;
    let known = health(&desk, &id).await;
    assert!(known["value"].is_number(), "{known:#}");
    std::fs::remove_dir_all(within).expect("it is there");
}

async fn what_does_not_fit_the_plugin_is_told_where_it_stands(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    attributes(&desk).await;
    let plugin = install(&desk, "telco-churn-health").await;
    let refused = async |change: fn(&mut Value)| {
        let mut definition = definition(&plugin);
        change(&mut definition);
        desk.refused("healthModelCreate", json!({ "name": "It", "definition": definition })).await
    };
    let told = refused(|it| it["plugin"]["config"] = json!({ "moon": 3 })).await;
    assert!(told.iter().all(|one| one.starts_with("definition.plugin.config")), "{told:?}");
    assert!(told.iter().any(|one| one.ends_with("UNFIT")), "{told:?}");
    let told = refused(|it| {
        let bindings = it["plugin"]["bindings"].as_array_mut().expect("it is a list");
        bindings.push(bound("moon", "tenure"));
    });
    assert_eq!(told.await, ["definition.plugin.bindings.moon UNKNOWN_WORD"]);
    let told = refused(|it| it["plugin"]["bindings"][0] = bound("tenure", "contract")).await;
    assert_eq!(told, ["definition.plugin.bindings.tenure BAD_FORMAT"]);
    let told = refused(|it| it["plugin"]["bindings"][0] = bound("tenure", "nothing")).await;
    assert_eq!(told, ["definition.plugin.bindings.tenure.attribute.key NOT_FOUND"]);
    let told = refused(|it| *it = json!({})).await;
    assert_eq!(told, ["definition ONE_NEEDED"]);
    let other = install(&desk, "training-session").await;
    let wrong = json!({ "name": "It", "definition": definition(&other) });
    let told = desk.refused("healthModelCreate", wrong).await;
    assert_eq!(told, ["definition.plugin.pluginId NOT_FOUND"]);
}

async fn how_much_is_known_is_told_before_a_model_is_made(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    attributes(&desk).await;
    let plugin = install(&desk, "telco-churn-health").await;
    customer(&app, &desk, "Known", "Two year", 60.0).await;
    account(&app, "Unknown", None).await;
    let query = "query ($definition: HealthDefinitionInput!) {
        healthCoverage(definition: $definition) {
            accounts inputs { key missing missingShare source { attribute { key } } } } }";
    let told = desk.see(query, json!({ "definition": definition(&plugin) })).await;
    let told = &told["healthCoverage"];
    assert_eq!(told["accounts"], 2);
    let inputs = told["inputs"].as_array().expect("it is a list");
    let of = |key: &str| inputs.iter().find(|one| one["key"] == key).expect("it is an input");
    assert_eq!(
        (&of("contract")["missing"], &of("contract")["missingShare"]),
        (&json!(1), &json!(0.5))
    );
    assert_eq!(of("contract")["source"]["attribute"]["key"], "contract");
    assert_eq!((&of("payment")["missing"], &of("payment")["source"]), (&json!(2), &Value::Null));
}

async fn without_its_plugin_a_score_stays_and_says_so(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    attributes(&desk).await;
    let plugin = install(&desk, "telco-churn-health").await;
    let id = customer(&app, &desk, "Padaria", "Two year", 60.0).await;
    model(&desk, &plugin).await;
    app.run_jobs().await;
    let before = health(&desk, &id).await;
    assert_eq!(before["score"]["isStale"], false);

    desk.done("pluginDisable", json!({ "id": plugin }), "plugin").await;
    app.run_jobs().await;
    let stale = health(&desk, &id).await;
    assert_eq!((&stale["value"], &stale["band"]), (&before["value"], &before["band"]));
    assert_eq!(stale["score"]["isStale"], true);
    assert_eq!(
        stale["score"]["staleReason"],
        "The plugin jornada.telco-churn-health is disabled. Enable it to compute this score anew."
    );
    let new = json!({ "name": "Another", "definition": definition(&plugin) });
    let told = desk.refused("healthModelCreate", new).await;
    assert_eq!(told, ["definition.plugin.pluginId PLUGIN_UNAVAILABLE"]);

    // Nobody has to ask for the scores: the plugin that is called again does.
    desk.done("pluginEnable", json!({ "id": plugin }), "plugin").await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &id).await["score"]["isStale"], false);

    desk.done("pluginUninstall", json!({ "id": plugin }), "plugin").await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &id).await["score"]["isStale"], true);
    install(&desk, "telco-churn-health").await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &id).await["score"]["isStale"], false);
}

async fn what_scores_told_is_seen_in_hindsight(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    attributes(&desk).await;
    let plugin = install(&desk, "telco-churn-health").await;
    for (name, contract, tenure) in
        [("A", "Two year", 60.0), ("B", "One year", 30.0), ("C", "Two year", 50.0)]
    {
        customer(&app, &desk, name, contract, tenure).await;
    }
    let lost = customer(&app, &desk, "D", "Month-to-month", 1.0).await;
    let model = model(&desk, &plugin).await;
    app.run_jobs().await;
    app.advance(40);
    desk.done("accountChurn", json!({ "id": lost, "reason": "price" }), "account").await;
    app.run_jobs().await;
    let query = "query ($id: ID!, $days: Int!) { healthModel(id: $id) { hindsight(days: $days) {
        scored lost unscored auc parts { accounts lost lift } } } }";
    let see = async |days: i32| {
        let told = desk.see(query, json!({ "id": model, "days": days })).await;
        told["healthModel"]["hindsight"].clone()
    };
    let told = see(30).await;
    assert_eq!((&told["scored"], &told["lost"], &told["auc"]), (&json!(4), &json!(1), &json!(1.0)));
    assert_eq!(told["unscored"], 0);
    let told = see(60).await;
    assert_eq!((&told["scored"], &told["unscored"]), (&json!(0), &json!(4)));
    assert_eq!(told["auc"], Value::Null);
    let query = "query ($id: ID!) { healthModel(id: $id) { bands {
        poor concerning healthy insufficient } } }";
    let seen = desk.see(query, json!({ "id": model })).await;
    let bands = seen["healthModel"]["bands"].as_object().cloned().expect("they are there");
    let all: u64 = bands.values().filter_map(Value::as_u64).sum();
    assert_eq!(all, 3, "who has left is in none");
}
