//! Growth tasks: blocked while the account has an open critical risk.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_critical_risk_blocks_the_growth_task_and_closing_it_opens_the_task,
    a_growth_task_that_is_open_is_blocked_when_a_critical_risk_appears,
    a_blocked_task_is_left_out_with_a_reason,
    only_the_last_critical_risk_opens_what_is_blocked,
    a_paused_account_heeds_its_risks_when_it_resumes,
    the_flag_stands_in_the_definition_and_is_read_by_journeys_that_migrate,
);

fn growth() -> Value {
    let offer = with(task("offer", 3), json!({ "blockedByRisk": true }));
    json!({ "stages": [
        stage("growth", vec![task("deliver", 2), offer]), last("renewal", vec![task("renew", 1)]),
    ] })
}

async fn customer(desk: &Desk) -> String {
    let template = desk.publish("growth", growth()).await.0;
    let csm = desk.see("{ viewer { user { id } } }", json!({})).await;
    desk.account("Padaria", &template, csm["viewer"]["user"]["id"].as_str()).await
}

async fn endanger(desk: &Desk, account: &str) -> String {
    let risk = json!({ "accountId": account, "title": "Leaving", "severity": "CRITICAL" });
    desk.done("riskCreate", risk, "risk").await
}

async fn close(desk: &Desk, risk: &str) {
    let close = json!({ "id": risk, "status": "MITIGATED", "resolution": "They stay." });
    desk.done("riskClose", close, "risk").await;
}

/// The blocked task of an account, with what is said about it.
async fn blocked(desk: &Desk, account: &str) -> Value {
    let query = "query ($id: ID!) { account(id: $id) {
        tasks(filter: { status: { eq: BLOCKED } }) { nodes {
            id templateKey blockedBy blockedReason dueOn assigneeUser { id } } } } }";
    let mut seen = desk.see(query, json!({ "id": account })).await;
    seen["account"]["tasks"]["nodes"][0].take()
}

async fn a_critical_risk_blocks_the_growth_task_and_closing_it_opens_the_task(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    let risk = endanger(&desk, &padaria).await;
    desk.complete(&padaria, "deliver", json!({})).await;
    let offer = blocked(&desk, &padaria).await;
    assert_eq!(offer["templateKey"], "offer");
    assert_eq!((&offer["blockedBy"], &offer["dueOn"]), (&json!("CRITICAL_RISK"), &Value::Null));
    let reason = offer["blockedReason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("The account has an open critical risk."), "{reason}");
    assert!(offer["assigneeUser"]["id"].is_string(), "its holder sees it: {offer:#}");
    assert_eq!(desk.place(&padaria).await, "growth 1.1 ACTIVE");
    let done = desk.ask("taskComplete", json!({ "taskId": offer["id"] }), "").await;
    assert_eq!(done["userErrors"][0]["code"], "TASK_BLOCKED");
    let message = done["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("no open critical risk"), "{message}");
    let later = json!({ "taskId": offer["id"], "dueOn": "2026-02-01", "reason": "so" });
    assert_eq!(desk.refused("taskReschedule", later).await, ["taskId TASK_BLOCKED"]);
    app.advance(10);
    app.run_jobs().await;
    close(&desk, &risk).await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-02-02"], "from the day of the closing");
    desk.complete(&padaria, "offer", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "renewal 1.1 ACTIVE");
}

async fn a_growth_task_that_is_open_is_blocked_when_a_critical_risk_appears(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "deliver", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-23"]);
    let risk = json!({ "accountId": padaria, "title": "Quiet", "severity": "HIGH" });
    let risk = desk.done("riskCreate", risk, "risk").await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-23"], "it is not critical");
    let offer = desk.task(&padaria, "offer").await;
    let worse = json!({ "id": risk, "severity": "CRITICAL" });
    desk.done("riskUpdate", worse, "risk").await;
    assert_eq!(desk.to_do(&padaria).await, [""; 0]);
    let done = json!({ "taskId": offer });
    assert_eq!(desk.refused("taskComplete", done).await, ["taskId TASK_BLOCKED"]);
    let query = "{ events(filter: { type: { eq: \"task.blocked\" } }) { totalCount } }";
    assert_eq!(desk.see(query, json!({})).await["events"]["totalCount"], 1);
    app.advance(5);
    desk.done("riskUpdate", json!({ "id": risk, "severity": "LOW" }), "risk").await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-28"]);
}

async fn a_blocked_task_is_left_out_with_a_reason(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    endanger(&desk, &padaria).await;
    desk.complete(&padaria, "deliver", json!({})).await;
    let offer = blocked(&desk, &padaria).await;
    let skip = json!({ "taskId": offer["id"], "reason": " " });
    assert_eq!(desk.refused("taskSkip", skip).await, ["reason REQUIRED"]);
    let skip = json!({ "taskId": offer["id"], "reason": "Not this year." });
    desk.done("taskSkip", skip, "task").await;
    assert_eq!(desk.place(&padaria).await, "renewal 1.1 ACTIVE");
}

async fn only_the_last_critical_risk_opens_what_is_blocked(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "deliver", json!({})).await;
    let (one, other) = (endanger(&desk, &padaria).await, endanger(&desk, &padaria).await);
    close(&desk, &one).await;
    assert_eq!(desk.to_do(&padaria).await, [""; 0]);
    close(&desk, &other).await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-23"]);
    desk.done("riskReopen", json!({ "id": one }), "risk").await;
    assert_eq!(desk.to_do(&padaria).await, [""; 0]);
}

async fn a_paused_account_heeds_its_risks_when_it_resumes(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "deliver", json!({})).await;
    desk.done("accountPause", json!({ "id": padaria, "reason": "Holidays." }), "account").await;
    let risk = endanger(&desk, &padaria).await;
    app.advance(2);
    desk.done("accountResume", json!({ "id": padaria }), "account").await;
    assert_eq!(blocked(&desk, &padaria).await["templateKey"], "offer");
    close(&desk, &risk).await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-25"]);
}

async fn the_flag_stands_in_the_definition_and_is_read_by_journeys_that_migrate(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let plain = json!({ "stages": [last("growth", vec![task("offer", 3)])] });
    let (template, _) = desk.publish("growth", plain).await;
    let padaria = desk.account("Padaria", &template, None).await;
    endanger(&desk, &padaria).await;
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-01-23"]);
    let offer = with(task("offer", 3), json!({ "blockedByRisk": true }));
    let version =
        desk.publish_next(&template, json!({ "stages": [last("growth", vec![offer])] })).await;
    let query = "query ($id: ID!) { node(id: $id) { ... on JourneyTemplateVersion {
        stages { tasks { key blockedByRisk } } } } }";
    let seen = desk.see(query, json!({ "id": version })).await;
    let expected = json!([{ "key": "offer", "blockedByRisk": true }]);
    assert_eq!(seen["node"]["stages"][0]["tasks"], expected);
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let journey = desk.see(query, json!({ "id": padaria })).await;
    let migrate = json!({
        "journeyId": journey["account"]["primaryJourney"]["id"], "versionId": version,
    });
    desk.done("journeyMigrate", migrate, "journey").await;
    assert_eq!(blocked(&desk, &padaria).await["templateKey"], "offer");
}
