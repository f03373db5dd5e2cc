//! Tasks whose plugin cannot serve them are blocked with the reason, and go on when it can.

use serde_json::{Value, json};

use super::{PANICS, Scene, chore, install};
use crate::harness::plugins::first_party;
use crate::harness::{TestApp, both};

both!(
    a_disabled_plugin_blocks_its_tasks_until_it_is_enabled,
    a_task_that_was_never_open_is_prepared_when_its_plugin_is_back,
    an_uninstalled_plugin_blocks_its_tasks_until_it_is_installed_again,
    a_plugin_that_breaks_off_when_a_task_opens_blocks_it_until_a_version_works,
    a_blocked_task_can_be_left_out_or_tried_again,
);

fn blocked(task: &Value) -> (&str, &str, &str) {
    let text = |name: &str| task[name].as_str().unwrap_or_default();
    (text("status"), text("blockedBy"), text("blockedReason"))
}

const DISABLED: &str =
    "The plugin jornada.qbr is disabled. Enable it, or skip this task with a reason.";

async fn a_disabled_plugin_blocks_its_tasks_until_it_is_enabled(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    app.run_jobs().await;
    let before = scene.review().await;
    scene.switch("pluginDisable").await;
    let task = scene.review().await;
    assert_eq!(blocked(&task), ("BLOCKED", "PLUGIN", DISABLED));
    let outcome = json!({ "attendees": [], "results": [] });
    assert_eq!(scene.refused(outcome).await, ["taskId TASK_BLOCKED"]);
    scene.switch("pluginEnable").await;
    let after = scene.review().await;
    assert_eq!(blocked(&after), ("OPEN", "", ""));
    for kept in ["openedAt", "dueOn", "assigneeUser"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(scene.calls().await, ["on-open OK"], "it is not opened twice");
}

async fn a_task_that_was_never_open_is_prepared_when_its_plugin_is_back(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    assert_eq!(scene.status().await, "PREPARING");
    scene.switch("pluginDisable").await;
    assert_eq!(blocked(&scene.review().await), ("BLOCKED", "PLUGIN", DISABLED));
    assert_eq!(scene.calls().await, [""; 0]);
    scene.switch("pluginEnable").await;
    let task = scene.review().await;
    assert_eq!(blocked(&task), ("OPEN", "", ""));
    assert_eq!(task["openedAt"], "2026-01-20T12:00:00+00:00");
    assert_eq!(scene.calls().await, ["on-open OK"]);
}

async fn an_uninstalled_plugin_blocks_its_tasks_until_it_is_installed_again(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    app.run_jobs().await;
    scene.switch("pluginUninstall").await;
    let told = "The plugin jornada.qbr is not installed. Install it, or skip this task with a \
                reason.";
    assert_eq!(blocked(&scene.review().await), ("BLOCKED", "PLUGIN", told));
    install(&scene.admin, &first_party("qbr")).await;
    app.run_jobs().await;
    assert_eq!(scene.status().await, "OPEN");
}

async fn a_plugin_that_breaks_off_when_a_task_opens_blocks_it_until_a_version_works(app: TestApp) {
    let file = chore("1.0.0", &["notify"], Some(PANICS));
    let scene = Scene::of(&app, &file, "tests.chore", json!({ "again_in_days": 1 })).await;
    app.run_jobs().await;
    let task = scene.review().await;
    let (status, by, reason) = blocked(&task);
    assert_eq!((status, by), ("BLOCKED", "PLUGIN"));
    assert!(reason.starts_with("The plugin tests.chore failed: it broke off"), "{reason}");
    assert!(!reason.contains("as its input says"), "it may name a customer: {reason}");
    assert_eq!(scene.calls().await, ["on-open TRAP"]);
    let query = "query ($id: ID!) { plugin(id: $id) { invocations(first: 1) { nodes {
        backtrace } } } }";
    let seen = scene.admin.see(query, json!({ "id": scene.plugin })).await;
    let backtrace = seen["plugin"]["invocations"]["nodes"][0]["backtrace"].as_str();
    assert!(backtrace.is_some_and(|told| told.contains("on-open")), "{backtrace:?}");
    let alerts = scene.csm.see("{ alerts { totalCount } }", json!({})).await;
    assert_eq!(alerts["alerts"]["totalCount"], 0, "nothing was done");

    install(&scene.admin, &chore("1.0.1", &["notify"], None)).await;
    app.run_jobs().await;
    assert_eq!(scene.status().await, "OPEN");
    assert_eq!(scene.calls().await, ["on-open OK", "on-open TRAP"]);
    scene.switch("pluginRollBack").await;
    assert_eq!(scene.status().await, "OPEN", "what is open stays so");
}

async fn a_blocked_task_can_be_left_out_or_tried_again(app: TestApp) {
    let file = chore("1.0.0", &[], None);
    let scene = Scene::of(&app, &file, "tests.chore", json!({ "again_in_days": 1 })).await;
    app.run_jobs().await;
    let task = scene.review().await;
    let (status, _, reason) = blocked(&task);
    assert_eq!(status, "BLOCKED");
    assert!(reason.contains("has not granted"), "{reason}");
    let again = json!({ "taskId": task["id"], "reason": "Perhaps now." });
    scene.csm.done("taskReopen", again.clone(), "task").await;
    assert_eq!(scene.status().await, "PREPARING");
    app.run_jobs().await;
    assert_eq!(scene.status().await, "BLOCKED");
    assert_eq!(scene.calls().await, ["on-open OK", "on-open OK"]);
    scene.switch("pluginDisable").await;
    let refused = scene.csm.refused("taskReopen", again.clone()).await;
    assert_eq!(refused, ["taskId PLUGIN_UNAVAILABLE"]);
    scene.csm.done("taskSkip", again, "task").await;
    assert_eq!(scene.csm.place(&scene.padaria).await, "b 1.1 ACTIVE");
}
