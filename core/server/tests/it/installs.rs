//! Plugins that are installed: from a file to a plan, to consent, and all that comes after.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jornada_domain::auth::Role;
use jornada_plugin_host::{Component, Limits};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::harness::plugins::{in_base64, released};
use crate::harness::{TestApp, both};

mod command_line;
mod plans;
mod scores;

both!(
    a_file_becomes_a_plan_and_runs_once_somebody_agrees,
    what_is_no_plugin_that_can_run_here_is_refused_and_says_why,
    another_version_takes_the_place_and_the_one_before_comes_back,
    whoever_looks_after_plugins_sees_their_calls_and_nobody_else,
);

/// The plan of a released file.
pub(crate) async fn plan(desk: &Desk, name: &str) -> String {
    desk.done("pluginPlanPropose", json!({ "file": in_base64(name) }), "pluginPlan").await
}

/// A released file, installed.
pub(crate) async fn install(desk: &Desk, name: &str) -> String {
    let plan = plan(desk, name).await;
    desk.done("pluginPlanApprove", json!({ "id": plan }), "pluginPlan").await;
    desk.done("pluginPlanApply", json!({ "id": plan }), "plugin").await
}

const PLAN: &str = "query ($id: ID!) { pluginPlan(id: $id) { key kind number status
    about { title license inputQuery capabilities { operation reason } }
    rights { kept added removed readsOtherwise } plugin { key } decidedBy { name } } }";

const PLUGIN: &str = "query ($id: ID!) { plugin(id: $id) { key kind status grants archivedAt
    activeVersion { number } previousVersion { number } versions(first: 10) { totalCount }
    usage { healthModels { name } taskTemplates openTasks } } }";

async fn seen(desk: &Desk, id: &str) -> Value {
    desk.see(PLUGIN, json!({ "id": id })).await["plugin"].take()
}

async fn a_file_becomes_a_plan_and_runs_once_somebody_agrees(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let id = plan(&desk, "training-session").await;
    let told = desk.see(PLAN, json!({ "id": id })).await["pluginPlan"].take();
    assert_eq!(told["key"], "jornada.training-session");
    assert_eq!((&told["kind"], &told["status"]), (&json!("TASK_TYPE"), &json!("OPEN")));
    assert_eq!(told["about"]["title"], "Training");
    let asked = told["rights"]["added"].as_array().expect("it is a list");
    assert!(asked.contains(&json!("repeat-stage")), "{told:#}");
    assert_eq!((&told["rights"]["kept"], &told["plugin"]), (&json!([]), &Value::Null));
    let reasons = told["about"]["capabilities"].as_array().expect("it is a list");
    assert!(reasons.iter().all(|one| !one["reason"].as_str().unwrap_or_default().is_empty()));

    let early = desk.refused("pluginPlanApply", json!({ "id": id })).await;
    assert_eq!(early, ["id NOT_APPROVED"]);
    desk.done("pluginPlanApprove", json!({ "id": id }), "pluginPlan").await;
    let plugin = desk.done("pluginPlanApply", json!({ "id": id }), "plugin").await;
    let told = seen(&desk, &plugin).await;
    assert_eq!((&told["status"], &told["grants"]), (&json!("ENABLED"), &json!(asked)));
    assert_eq!(told["activeVersion"]["number"], "1.0.0");
    assert_eq!(told["previousVersion"], Value::Null);
    let decided = desk.see(PLAN, json!({ "id": id })).await["pluginPlan"].take();
    assert_eq!(decided["status"], "APPLIED");
    assert!(decided["decidedBy"]["name"].is_string(), "{decided:#}");
    let again = desk.refused("pluginPlanApply", json!({ "id": id })).await;
    assert_eq!(again, ["id ALREADY_CLOSED"]);
}

async fn what_is_no_plugin_that_can_run_here_is_refused_and_says_why(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let mut broken = released("training-session");
    broken.truncate(1000);
    let changed = |change: fn(&mut Value)| with_manifest(&released("training-session"), change);
    for (bytes, because) in [
        (b"MZ".to_vec(), "no sound WebAssembly component"),
        (broken, "no sound WebAssembly component"),
        (
            changed(|manifest| manifest["capabilities"][0]["operation"] = json!("launch-rocket")),
            "`launch-rocket` is no operation; there are create-goal",
        ),
        (
            changed(|manifest| manifest["plugin"]["id"] = json!("core.training")),
            "`core` is the platform itself",
        ),
        (
            changed(|manifest| manifest["outcome"] = json!({ "type": "object" })),
            "the schema of its outcome is not the one in its manifest",
        ),
        (changed(|manifest| manifest["input"] = json!("{ workspace { horoscope } }")), "horoscope"),
        (
            changed(|manifest| manifest["fixtures"][0]["expect"] = json!({ "luck": 7 })),
            "does not hold",
        ),
        (
            changed(|manifest| manifest["plugin"]["kind"] = json!("health-score")),
            "a health score only computes",
        ),
    ] {
        let file = json!({ "file": BASE64.encode(bytes) });
        let payload = desk.ask("pluginPlanPropose", file, "pluginPlan { id }").await;
        let error = &payload["userErrors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(["file"]), &json!("BAD_PLUGIN")));
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains(because), "{because}: {message}");
    }
    let refused = desk.refused("pluginPlanPropose", json!({ "file": "ça" })).await;
    assert_eq!(refused, ["file BAD_FORMAT"]);
    let open = desk.see("{ pluginPlans { totalCount } plugins { totalCount } }", json!({})).await;
    assert_eq!(open, json!({ "pluginPlans": { "totalCount": 0 }, "plugins": { "totalCount": 0 } }));
}

async fn another_version_takes_the_place_and_the_one_before_comes_back(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let plugin = install(&desk, "training-session").await;
    let asked = seen(&desk, &plugin).await["grants"].take();
    // The next version asks for less, and is otherwise the same.
    let next = with_manifest(&released("training-session"), |manifest| {
        manifest["plugin"]["version"] = json!("1.1.0");
        let capabilities = manifest["capabilities"].as_array_mut().expect("it is a list");
        capabilities.retain(|one| one["operation"] == "repeat-stage");
        manifest["fixtures"] = json!([]);
    });
    let file = json!({ "file": BASE64.encode(next) });
    let id = desk.done("pluginPlanPropose", file, "pluginPlan").await;
    let told = desk.see(PLAN, json!({ "id": id })).await["pluginPlan"].take();
    assert_eq!(told["rights"]["kept"], json!(["repeat-stage"]));
    assert_eq!(told["rights"]["added"], json!([]));
    assert_ne!(told["rights"]["removed"], json!([]));
    let same = desk.done("pluginPlanApply", json!({ "id": id }), "plugin").await;
    assert_eq!(same, plugin);
    let told = seen(&desk, &plugin).await;
    assert_eq!(told["grants"], json!(["repeat-stage"]));
    assert_eq!(told["activeVersion"]["number"], "1.1.0");
    assert_eq!(told["previousVersion"]["number"], "1.0.0");
    assert_eq!(told["versions"]["totalCount"], 2);

    desk.done("pluginRollBack", json!({ "id": plugin }), "plugin").await;
    let told = seen(&desk, &plugin).await;
    assert_eq!(told["activeVersion"]["number"], "1.0.0");
    // It may do what it was granted: without that, it could not do its work.
    assert_eq!(told["grants"], json!(asked));

    desk.done("pluginUninstall", json!({ "id": plugin }), "plugin").await;
    let told = seen(&desk, &plugin).await;
    assert!(told["archivedAt"].is_string(), "{told:#}");
    assert_eq!(desk.refused("pluginEnable", json!({ "id": plugin })).await, ["id NOT_FOUND"]);
    // It comes back as itself.
    assert_eq!(install(&desk, "training-session").await, plugin);
    assert_eq!(seen(&desk, &plugin).await["archivedAt"], Value::Null);
}

async fn whoever_looks_after_plugins_sees_their_calls_and_nobody_else(app: TestApp) {
    let admin = Desk::of(&app, Role::Admin).await;
    let plugin = install(&admin, "telco-churn-health").await;
    let calls = "query ($id: ID!) { plugin(id: $id) { key invocations(first: 5) { totalCount } } }";
    let told = admin.see(calls, json!({ "id": plugin })).await;
    assert_eq!(told["plugin"]["invocations"]["totalCount"], 0);
    let csm = Desk::of(&app, Role::Csm).await;
    let answer = app.graphql(&csm.token, calls, json!({ "id": plugin })).await;
    assert_eq!(answer["data"]["plugin"]["key"], "jornada.telco-churn-health");
    assert_eq!(answer["data"]["plugin"]["invocations"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let input = json!({ "id": plugin });
    let mutation = "mutation ($input: PluginDisableInput!) {
        pluginDisable(input: $input) { userErrors { code } } }";
    let answer = app.graphql(&csm.token, mutation, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

/// A file with another manifest: of two that stand in it, the last one counts.
pub(crate) fn with_manifest(file: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let component = Component::inspect(file.to_vec(), &Limits::default());
    let mut manifest = json!(component.expect("it is sound").manifest);
    change(&mut manifest);
    let name = b"jornada:manifest";
    let mut section = vec![u8::try_from(name.len()).expect("it is short")];
    section.extend(name);
    section.extend(manifest.to_string().bytes());
    let mut bytes = file.to_vec();
    bytes.push(0);
    let mut size = section.len();
    while size >= 0x80 {
        bytes.push(u8::try_from(size & 0x7f).expect("it is a byte") | 0x80);
        size >>= 7;
    }
    bytes.push(u8::try_from(size).expect("it is a byte"));
    bytes.extend(section);
    bytes
}
