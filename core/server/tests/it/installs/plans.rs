//! What a plan says before somebody agrees: what would be read, how much of that is known, and what
//! the version would break.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::{install, plan, with_manifest};
use crate::customers::{account, global};
use crate::desk::{Desk, last, task, with};
use crate::harness::plugins::{in_base64, packaged, released};
use crate::harness::{TestApp, both};

both!(
    a_plan_says_what_a_health_score_would_read_and_how_much_of_it_is_known,
    a_plan_says_whose_configuration_the_version_would_refuse,
    a_plan_about_a_plugin_that_was_changed_since_is_not_carried_out,
    a_plugin_never_changes_its_kind,
);

async fn a_plan_says_what_a_health_score_would_read_and_how_much_of_it_is_known(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let new = json!({ "subjectKind": "ACCOUNT", "key": "contract", "name": "Contract",
        "valueType": "TEXT" });
    desk.done("attributeDefinitionCreate", new, "attributeDefinition").await;
    let known = global(account(&app, "Known", None).await.id);
    let change = json!({ "id": known, "attributes": [
        { "key": "contract", "value": { "text": "Two year" } }] });
    desk.done("accountUpdate", change, "account").await;
    account(&app, "Unknown", None).await;
    let id = plan(&desk, "telco-churn-health").await;
    let query = "query ($id: ID!, $bindings: [HealthBindingInput!]!) { pluginPlan(id: $id) {
        health(bindings: $bindings) { plugin { key } inputs { key isRequired source {
            attribute { key } builtIn } } }
        coverage(bindings: $bindings) { accounts inputs { key missing } } misfits { taskKey } } }";
    let bindings =
        json!([{ "input": "contract", "source": { "attribute": { "key": "contract" } } }]);
    let told = desk.see(query, json!({ "id": id, "bindings": bindings })).await;
    let told = &told["pluginPlan"];
    let of = |list: &Value, key: &str| {
        let inputs = list.as_array().cloned().unwrap_or_default();
        inputs.into_iter().find(|one| one["key"] == key).expect("it is an input")
    };
    let inputs = &told["health"]["inputs"];
    assert_eq!(of(inputs, "contract")["source"]["attribute"]["key"], "contract");
    assert_ne!(of(inputs, "tenure")["source"], Value::Null, "it is suggested: {inputs:#}");
    assert_eq!(told["health"]["plugin"], Value::Null, "nothing is installed");
    assert_eq!(told["coverage"]["accounts"], 2);
    assert_eq!(of(&told["coverage"]["inputs"], "contract")["missing"], 1);
    assert_eq!(told["misfits"], json!([]));
    let other = plan(&desk, "training-session").await;
    let told = desk.see(query, json!({ "id": other, "bindings": [] })).await;
    assert_eq!((&told["pluginPlan"]["health"], &told["pluginPlan"]["coverage"]), NOTHING);
}

const NOTHING: (&Value, &Value) = (&Value::Null, &Value::Null);

/// A type of tasks of this key, made of a module.
fn of_module(module: &str, number: &str) -> Vec<u8> {
    let manifest = json!({
        "schema": 1,
        "plugin": { "id": "tests.chore", "version": number, "kind": "task-type",
            "title": { "en": "Chore" } },
        "capabilities": [{ "operation": "notify", "reason": { "en": "It is tested." } }],
    });
    packaged(module, manifest)
}

async fn propose(desk: &Desk, file: &[u8]) -> String {
    let file = json!({ "file": BASE64.encode(file) });
    desk.done("pluginPlanPropose", file, "pluginPlan").await
}

async fn a_plan_says_whose_configuration_the_version_would_refuse(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let apply = async |plan: &str| {
        desk.done("pluginPlanApprove", json!({ "id": plan }), "pluginPlan").await;
        let plugin = desk.done("pluginPlanApply", json!({ "id": plan }), "plugin").await;
        app.run_jobs().await;
        plugin
    };
    let plugin = apply(&propose(&desk, &of_module("chore", "1.0.0")).await).await;
    let review = with(
        task("review", 3),
        json!({ "typeKey": "tests.chore", "config": { "again_in_days": 7 } }),
    );
    let (template, _) = desk.publish("plan", json!({ "stages": [last("a", vec![review])] })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    app.run_jobs().await;
    let status = async || {
        let query = "query ($id: ID!) { account(id: $id) { tasks(first: 1) { nodes {
            status blockedReason } } } }";
        let seen = desk.see(query, json!({ "id": padaria })).await;
        let task = &seen["account"]["tasks"]["nodes"][0];
        let text = |name: &str| task[name].as_str().unwrap_or_default().to_owned();
        (text("status"), text("blockedReason"))
    };
    assert_eq!(status().await.0, "OPEN");
    let task_id = desk.task(&padaria, "review").await;

    let next = propose(&desk, &of_module("qbr", "2.0.0")).await;
    let query = "query ($id: ID!) { pluginPlan(id: $id) { misfits {
        journeyTemplate { key } taskKey openTasks problems { field code } } } }";
    let told = desk.see(query, json!({ "id": next })).await;
    let misfits = told["pluginPlan"]["misfits"].as_array().cloned().expect("it is a list");
    assert_eq!(misfits.len(), 2, "{misfits:#?}");
    assert_eq!(misfits[0]["journeyTemplate"]["key"], "plan");
    assert_eq!(misfits[0]["taskKey"], "review");
    assert_eq!(misfits[1]["openTasks"], 1);
    for misfit in &misfits {
        assert_eq!(misfit["problems"][0]["code"], "UNFIT", "{misfit:#}");
        assert_eq!(misfit["problems"][0]["field"][0], "config", "{misfit:#}");
    }
    apply(&next).await;
    let (now, reason) = status().await;
    assert_eq!(now, "BLOCKED");
    assert!(reason.contains("again_in_days"), "{reason}");
    let again = json!({ "taskId": task_id, "reason": "Perhaps now." });
    assert_eq!(desk.refused("taskReopen", again).await, ["taskId PLUGIN_UNAVAILABLE"]);
    desk.done("pluginRollBack", json!({ "id": plugin }), "plugin").await;
    app.run_jobs().await;
    assert_eq!(status().await, ("OPEN".to_owned(), String::new()));
}

async fn a_plan_about_a_plugin_that_was_changed_since_is_not_carried_out(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let early = plan(&desk, "training-session").await;
    desk.done("pluginPlanApprove", json!({ "id": early }), "pluginPlan").await;
    app.advance(1);
    let plugin = install(&desk, "training-session").await;
    let refused = desk.refused("pluginPlanApply", json!({ "id": early })).await;
    assert_eq!(refused, ["id PLAN_OUTDATED"], "it said that there was none");
    let next = with_manifest(&released("training-session"), |manifest| {
        manifest["plugin"]["version"] = json!("1.1.0");
    });
    app.advance(1);
    let next = propose(&desk, &next).await;
    app.advance(1);
    desk.done("pluginDisable", json!({ "id": plugin }), "plugin").await;
    for verb in ["pluginPlanApprove", "pluginPlanApply"] {
        assert_eq!(desk.refused(verb, json!({ "id": next })).await, ["id PLAN_OUTDATED"]);
    }
    desk.done("pluginPlanDiscard", json!({ "id": next }), "pluginPlan").await;
}

async fn a_plugin_never_changes_its_kind(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let plugin = install(&desk, "telco-churn-health").await;
    desk.done("pluginUninstall", json!({ "id": plugin }), "plugin").await;
    let other = with_manifest(&released("training-session"), |manifest| {
        manifest["plugin"]["id"] = json!("jornada.telco-churn-health");
    });
    let file = json!({ "file": BASE64.encode(other) });
    assert_eq!(desk.refused("pluginPlanPropose", file).await, ["file OTHER_KIND"]);
    let same = json!({ "file": in_base64("telco-churn-health") });
    desk.done("pluginPlanPropose", same, "pluginPlan").await;
}
