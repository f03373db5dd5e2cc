//! What people say when a task of a plugin is done, and what may be wrong with it.

use serde_json::{Value, json};

use super::{Scene, chore};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    what_is_wrong_with_an_outcome_is_told_at_its_place,
    what_was_not_granted_is_refused_and_nothing_is_done,
    a_plugin_that_breaks_off_leaves_the_task_as_it_was_and_says_so,
    a_task_of_which_the_plugin_broke_off_can_be_done_again,
    who_is_erased_is_named_in_no_outcome_any_more,
);

async fn what_is_wrong_with_an_outcome_is_told_at_its_place(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    app.run_jobs().await;
    let task = scene.review().await["id"].take();
    let missing = scene.csm.refused("taskComplete", json!({ "taskId": task })).await;
    assert_eq!(missing, ["outcome REQUIRED"]);
    let strange = json!({ "taskId": task, "value": 1, "outcome": {} });
    let strange = scene.csm.refused("taskComplete", strange).await;
    assert_eq!(strange, ["value NOT_FOR_TYPE"]);
    // The schema says so.
    let results = json!([{ "what": "Calm", "reached": true }]);
    let few = json!({ "attendees": [], "results": results });
    assert_eq!(scene.refused(few).await, ["outcome.attendees UNFIT"]);
    // Only the plugin can say this.
    let blank = json!({ "attendees": [{ "name": " " }], "results": results });
    assert_eq!(scene.refused(blank.clone()).await, ["outcome.attendees.0.name UNFIT"]);
    let input = json!({ "taskId": task, "outcome": blank });
    let payload = scene.csm.ask("taskComplete", input, "").await;
    let message = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("Say who it was."), "{message}");
    let stranger = json!({
        "attendees": [{ "name": "Ana", "contactId": scene.padaria }], "results": results,
    });
    assert_eq!(scene.refused(stranger).await, ["outcome UNFIT"]);
    assert_eq!(scene.status().await, "OPEN");
    let told = scene.account("interactions { totalCount }").await;
    assert_eq!(told["interactions"]["totalCount"], 0);
}

async fn what_was_not_granted_is_refused_and_nothing_is_done(app: TestApp) {
    let file = chore("1.0.0", &["notify"], None);
    let scene = Scene::of(&app, &file, "tests.chore", json!({ "again_in_days": 7 })).await;
    app.run_jobs().await;
    let agreed = json!({ "agreed": "Call again" });
    assert_eq!(scene.refused(agreed.clone()).await, ["taskId PLUGIN_UNAVAILABLE"]);
    assert_eq!(scene.status().await, "BLOCKED", "nobody who does the task can help it");
    let reason = scene.review().await["blockedReason"].take();
    assert!(reason.as_str().is_some_and(|told| told.contains("has not granted")), "{reason}");
    assert_eq!(scene.calls().await, ["on-complete OK", "on-open OK"], "it was asked all the same");
    super::install(&scene.admin, &chore("1.1.0", &["notify", "create-task"], None)).await;
    app.run_jobs().await;
    scene.complete(agreed).await;
    assert_eq!(scene.csm.to_do(&scene.padaria).await, ["Call again 2026-01-27", "end 2026-01-21"]);
}

async fn a_plugin_that_breaks_off_leaves_the_task_as_it_was_and_says_so(app: TestApp) {
    let file = chore("1.0.0", &["notify", "create-task"], None);
    let config = json!({ "again_in_days": 7, "panics": true });
    let scene = Scene::of(&app, &file, "tests.chore", config).await;
    app.run_jobs().await;
    let before = scene.review().await;
    let input = json!({ "taskId": before["id"], "outcome": { "agreed": "Call" } });
    let payload = scene.csm.ask("taskComplete", input, "").await;
    let error = &payload["userErrors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!(["taskId"]), &json!("PLUGIN_UNAVAILABLE"))
    );
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("it broke off"), "{message}");
    assert!(!message.contains("as its configuration says"), "it may name a customer: {message}");
    let after = scene.review().await;
    assert_eq!((&after["status"], &after["blockedBy"]), (&json!("BLOCKED"), &json!("PLUGIN")));
    let reason = after["blockedReason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("The plugin tests.chore failed: it broke off"), "{reason}");
    for kept in ["openedAt", "dueOn", "assigneeUser", "outcome"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let query = "query ($id: ID!) { plugin(id: $id) { invocations(first: 1) { nodes {
        function outcome backtrace } } } }";
    let seen = scene.admin.see(query, json!({ "id": scene.plugin })).await;
    let call: &Value = &seen["plugin"]["invocations"]["nodes"][0];
    assert_eq!((&call["function"], &call["outcome"]), (&json!("on-complete"), &json!("TRAP")));
    assert!(call["backtrace"].as_str().is_some_and(|told| told.contains("on-complete")), "{call}");
    // Without the plugin, too, a task can be left out.
    let skip = json!({ "taskId": before["id"], "reason": "It never works." });
    scene.csm.done("taskSkip", skip, "task").await;
    assert_eq!(scene.csm.place(&scene.padaria).await, "b 1.1 ACTIVE");
}

async fn a_task_of_which_the_plugin_broke_off_can_be_done_again(app: TestApp) {
    let file = chore("1.0.0", &["notify", "create-task"], None);
    let config = json!({ "again_in_days": 7, "panics": true });
    let scene = Scene::of(&app, &file, "tests.chore", config).await;
    app.run_jobs().await;
    let agreed = json!({ "agreed": "Call" });
    assert_eq!(scene.refused(agreed.clone()).await, ["taskId PLUGIN_UNAVAILABLE"]);
    assert_eq!(scene.refused(agreed).await, ["taskId PLUGIN_UNAVAILABLE"], "it is asked again");
    assert_eq!(scene.calls().await[..2], ["on-complete TRAP", "on-complete TRAP"]);
    assert_eq!(scene.status().await, "BLOCKED");
    // Another version is asked again, too.
    super::install(&scene.admin, &chore("1.0.1", &["notify", "create-task"], None)).await;
    app.run_jobs().await;
    assert_eq!(scene.status().await, "OPEN");
}

async fn who_is_erased_is_named_in_no_outcome_any_more(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    app.run_jobs().await;
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let new = json!({ "accountId": scene.padaria, "name": "Maria Souza" });
    let maria = owner.done("contactCreate", new, "contact").await;
    let results = json!([{ "what": "Calm", "reached": true }]);
    let outcome = json!({ "attendees": [{ "name": "Maria Souza" }], "results": results });
    scene.complete(outcome).await;
    let before = scene.review().await;
    assert_eq!(before["outcome"]["attendees"][0]["name"], "Maria Souza");
    owner.done("contactErase", json!({ "id": maria }), "contact").await;
    let after = scene.review().await;
    assert_eq!((&after["outcome"], &after["status"]), (&Value::Null, &before["status"]));
    let query =
        "query ($id: ID!) { auditEntries(subjectId: $id, first: 20) { nodes { changes } } }";
    let told = owner.see(query, json!({ "id": after["id"] })).await;
    assert!(!told.to_string().contains("Maria"), "{told:#}");
}
