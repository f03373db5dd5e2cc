//! What happens to the journeys of an account that pauses, goes on, or is lost.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, task, with};
use crate::harness::{TestApp, both};

both!(
    a_pause_freezes_and_its_days_are_added_on_resuming,
    a_lost_account_has_nothing_left_to_do,
    a_status_changes_only_as_it_can,
);

async fn begin(app: &TestApp) -> (Desk, String) {
    let desk = Desk::of(app, Role::Manager).await;
    let stage = last("a", vec![task("one", 3), task("two", 2)]);
    let stages = json!([with(stage, json!({ "expectedDays": 10 }))]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let own = json!({ "accountId": padaria, "title": "Send a cake", "dueOn": "2026-01-22" });
    desk.done("taskCreate", own, "task").await;
    (desk, padaria)
}

const SEEN: &str = "query ($id: ID!) { account(id: $id) {
    status pausedOn churnedOn churnReason
    tasks(filter: { status: { in: [OPEN, CANCELLED] } }) {
        nodes { title status dueOn originalDueOn isOverdue dueState reason } }
    primaryJourney { status reason pace currentVisit { expectedUntil } } } }";

async fn see(desk: &Desk, account: &str) -> Value {
    desk.see(SEEN, json!({ "id": account })).await["account"].take()
}

async fn a_pause_freezes_and_its_days_are_added_on_resuming(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let pause = json!({ "id": padaria, "reason": "Their kitchen is being rebuilt." });
    desk.done("accountPause", pause, "account").await;
    app.advance(30);
    app.run_jobs().await;
    let seen = see(&desk, &padaria).await;
    assert_eq!((&seen["status"], &seen["pausedOn"]), (&json!("PAUSED"), &json!("2026-01-20")));
    let tasks = seen["tasks"]["nodes"].as_array().cloned().unwrap_or_default();
    let frozen = |task: &Value| task["isOverdue"] == false && task["dueState"] == "UPCOMING";
    assert!(tasks.len() == 2 && tasks.iter().all(frozen), "nothing is overdue: {tasks:#?}");
    assert_eq!(seen["primaryJourney"]["pace"], "ON_TRACK", "time stands still");
    let task = json!({ "taskId": desk.task(&padaria, "one").await });
    assert_eq!(desk.refused("taskComplete", task).await, ["taskId ACCOUNT_NOT_RUNNING"]);

    desk.done("accountResume", json!({ "id": padaria }), "account").await;
    let seen = see(&desk, &padaria).await;
    assert_eq!((&seen["status"], &seen["pausedOn"]), (&json!("ACTIVE"), &json!(null)));
    let shifted = json!([
        { "title": "Send a cake", "status": "OPEN", "dueOn": "2026-02-21",
            "originalDueOn": "2026-01-22", "isOverdue": false, "dueState": "UPCOMING",
            "reason": null },
        { "title": "one", "status": "OPEN", "dueOn": "2026-02-22",
            "originalDueOn": "2026-01-23", "isOverdue": false, "dueState": "UPCOMING",
            "reason": null },
    ]);
    assert_eq!(seen["tasks"]["nodes"], shifted);
    assert_eq!(seen["primaryJourney"]["currentVisit"]["expectedUntil"], "2026-03-01");
    app.advance(2);
    let states = see(&desk, &padaria).await["tasks"]["nodes"].take();
    assert_eq!(
        (&states[0]["dueState"], &states[1]["dueState"]),
        (&json!("TODAY"), &json!("UPCOMING"))
    );
    app.advance(2);
    let states = see(&desk, &padaria).await["tasks"]["nodes"].take();
    assert_eq!((&states[0]["isOverdue"], &states[1]["isOverdue"]), (&json!(true), &json!(true)));
}

async fn a_lost_account_has_nothing_left_to_do(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let churn = json!({ "id": padaria, "churnedOn": "2026-01-19", "reason": " Too expensive. " });
    desk.done("accountChurn", churn, "account").await;
    let seen = see(&desk, &padaria).await;
    assert_eq!((&seen["status"], &seen["churnedOn"]), (&json!("CHURNED"), &json!("2026-01-19")));
    assert_eq!(seen["churnReason"], "Too expensive.");
    assert_eq!(seen["primaryJourney"]["status"], "CANCELLED");
    assert_eq!(seen["primaryJourney"]["reason"], "Too expensive.");
    let tasks = seen["tasks"]["nodes"].as_array().cloned().unwrap_or_default();
    assert!(tasks.len() == 3 && tasks.iter().all(|task| task["status"] == "CANCELLED"));
    assert!(tasks.iter().all(|task| task["dueState"].is_null() && task["isOverdue"] == false));
    let own = json!({ "accountId": padaria, "title": "Send a cake" });
    assert_eq!(desk.refused("taskCreate", own).await, ["accountId ACCOUNT_NOT_RUNNING"]);

    desk.done("accountResume", json!({ "id": padaria }), "account").await;
    let seen = see(&desk, &padaria).await;
    assert_eq!((&seen["status"], &seen["churnReason"]), (&json!("ACTIVE"), &json!(null)));
    assert_eq!(seen["primaryJourney"]["status"], "CANCELLED", "what is over stays so");
}

async fn a_status_changes_only_as_it_can(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let id = json!({ "id": padaria });
    assert_eq!(desk.refused("accountResume", id.clone()).await, ["id BAD_STATUS_CHANGE"]);
    let because = |reason: &str| with(id.clone(), json!({ "reason": reason }));
    assert_eq!(desk.refused("accountPause", because(" ")).await, ["reason REQUIRED"]);
    let long = because(&"x".repeat(501));
    assert_eq!(desk.refused("accountPause", long.clone()).await, ["reason TOO_LONG"]);
    assert_eq!(desk.refused("accountChurn", long).await, ["reason TOO_LONG"]);
    let tomorrow = with(because("Gone."), json!({ "churnedOn": "2026-01-21" }));
    assert_eq!(desk.refused("accountChurn", tomorrow).await, ["churnedOn TOO_LATE"]);
    desk.done("accountChurn", because("Gone."), "account").await;
    assert_eq!(desk.refused("accountChurn", because("Gone.")).await, ["id BAD_STATUS_CHANGE"]);
    assert_eq!(desk.refused("accountPause", because("Gone.")).await, ["id BAD_STATUS_CHANGE"]);
}
