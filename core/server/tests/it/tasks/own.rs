//! Tasks that people write down, and what can be done with any open task.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{global, refusals};
use crate::desk::{Desk, last, task, with};
use crate::harness::{TestApp, both};

both!(
    a_task_is_written_down_done_and_leaves_an_interaction,
    what_is_wrong_with_a_task_is_told_at_once,
    a_task_is_called_off_but_not_one_of_a_journey,
    a_due_date_is_moved_with_a_reason,
    a_task_waits_for_somebody,
    tasks_are_filtered_and_sorted,
    the_types_of_tasks_have_their_schemas,
);

async fn begin(app: &TestApp) -> (Desk, String) {
    let desk = Desk::of(app, Role::Csm).await;
    let new = json!({ "name": "Padaria", "journeyStart": { "none": true } });
    let padaria = desk.done("accountCreate", new, "account").await;
    (desk, padaria)
}

async fn a_task_is_written_down_done_and_leaves_an_interaction(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let new = json!({
        "accountId": padaria, "title": " Call Eva ", "description": "About the new ovens.",
        "typeKey": "core.interaction", "dueOn": "2026-01-20",
    });
    let selection = "task { id title description typeKey origin status required dueOn
        originalDueOn dueState isOverdue openedAt assigneeRule assigneeUser { role }
        assignedByHand config outcome type { key } account { name } journey { id } visit { id } }";
    let mut made = desk.ask("taskCreate", new, selection).await;
    let id = made["task"]["id"].take();
    assert_eq!(
        made["task"],
        json!({
            "id": null, "title": "Call Eva", "description": "About the new ovens.",
            "typeKey": "core.interaction", "origin": "AD_HOC", "status": "OPEN", "required": false,
            "dueOn": "2026-01-20", "originalDueOn": "2026-01-20", "dueState": "TODAY",
            "isOverdue": false, "openedAt": "2026-01-20T12:00:00+00:00",
            "assigneeRule": "FIXED_USER", "assigneeUser": { "role": "CSM" }, "assignedByHand": true,
            "config": {}, "outcome": null, "type": { "key": "core.interaction" },
            "account": { "name": "Padaria" }, "journey": null, "visit": null,
        })
    );
    let done = json!({ "taskId": id, "interaction": { "sentiment": "NEGATIVE" } });
    desk.done("taskComplete", done, "task").await;
    let query = "{ interactions { nodes { subject channel sentiment task { status } } } }";
    let seen = desk.see(query, json!({})).await;
    assert_eq!(
        seen["interactions"]["nodes"],
        json!([{
            "subject": "Call Eva", "channel": "OTHER", "sentiment": "NEGATIVE",
            "task": { "status": "DONE" },
        }])
    );
    let again = json!({ "taskId": id, "reason": "Eva called back." });
    desk.done("taskReopen", again, "task").await;
    let skip = json!({ "taskId": id, "reason": "It is settled." });
    desk.done("taskSkip", skip.clone(), "task").await;
    assert_eq!(desk.refused("taskSkip", skip).await, ["taskId TASK_NOT_OPEN"]);
}

async fn what_is_wrong_with_a_task_is_told_at_once(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let stranger = app.workspace().await.owner.id;
    let wrong = json!({
        "accountId": padaria, "title": "x".repeat(201), "description": "x".repeat(4001),
        "typeKey": "core.indicator", "assigneeId": global(stranger),
    });
    let found = desk.refused("taskCreate", wrong).await;
    let expected = [
        "title TOO_LONG",
        "description TOO_LONG",
        "typeKey UNKNOWN_TASK_TYPE",
        "assigneeId NOT_FOUND",
    ];
    assert_eq!(found, expected);
    let nowhere = json!({ "accountId": global(stranger), "title": "Call" });
    assert_eq!(desk.refused("taskCreate", nowhere).await, ["accountId BAD_ID"]);
    let seen = desk.see("{ tasks { totalCount } }", json!({})).await;
    assert_eq!(seen["tasks"]["totalCount"], 0);
}

async fn a_task_is_called_off_but_not_one_of_a_journey(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let stages = json!([last("a", vec![task("one", 1)])]);
    let (template, _) = manager.publish("plan", json!({ "stages": stages })).await;
    let bank = manager.account("Bank", &template, None).await;
    let reason = "No longer needed.";
    let planned = json!({ "taskId": manager.task(&bank, "one").await, "reason": reason });
    let payload = manager.ask("taskCancel", planned, "").await;
    assert_eq!(refusals(&payload), ["taskId TASK_OF_JOURNEY"]);
    let told = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(told.ends_with("Skip it, or move the journey."), "{told}");
    let own = json!({ "accountId": bank, "title": "Call" });
    let own = manager.done("taskCreate", own, "task").await;
    let cancel = json!({ "taskId": own, "reason": reason });
    let done = manager.ask("taskCancel", cancel.clone(), "task { status reason }").await;
    assert_eq!(done["task"], json!({ "status": "CANCELLED", "reason": reason }));
    let payload = manager.ask("taskCancel", cancel, "").await;
    assert_eq!(refusals(&payload), ["taskId TASK_NOT_OPEN"]);
    let told = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(told.starts_with("This task was called off"), "{told}");
}

async fn own_task(desk: &Desk, account: &str, title: &str, due_on: Value) -> String {
    let new = json!({ "accountId": account, "title": title, "dueOn": due_on });
    desk.done("taskCreate", new, "task").await
}

async fn a_due_date_is_moved_with_a_reason(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let id = own_task(&desk, &padaria, "Call", json!("2026-01-22")).await;
    let to = |day: Value, reason: &str| json!({ "taskId": id, "dueOn": day, "reason": reason });
    let early = to(json!("2026-01-19"), "In time.");
    assert_eq!(desk.refused("taskReschedule", early).await, ["dueOn TOO_EARLY"]);
    let silent = to(json!("2026-01-25"), "");
    assert_eq!(desk.refused("taskReschedule", silent).await, ["reason REQUIRED"]);
    let later = to(json!("2026-01-25"), "They are away.");
    let selection = "task { dueOn originalDueOn reason dueState }";
    let moved = desk.ask("taskReschedule", later, selection).await;
    assert_eq!(
        moved["task"],
        json!({
            "dueOn": "2026-01-25", "originalDueOn": "2026-01-22", "reason": "They are away.",
            "dueState": "UPCOMING",
        })
    );
    let never = desk.ask("taskReschedule", to(json!(null), "Some day."), selection).await;
    assert_eq!(
        (&never["task"]["dueOn"], &never["task"]["dueState"]),
        (&json!(null), &json!("UPCOMING"))
    );
}

async fn a_task_waits_for_somebody(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let id = own_task(&desk, &padaria, "Call", json!(null)).await;
    let selection = "task { waitingOn waitingSince waitingReason }";
    let wait = json!({ "taskId": id, "waitingOn": "CUSTOMER", "reason": "The contract." });
    let waits = desk.ask("taskWaitOn", wait.clone(), selection).await;
    assert_eq!(
        waits["task"],
        json!({
            "waitingOn": "CUSTOMER", "waitingSince": "2026-01-20", "waitingReason": "The contract.",
        })
    );
    let cases = [
        (json!({ "reason": null }), "reason REQUIRED"),
        (json!({ "reason": "x".repeat(501) }), "reason TOO_LONG"),
        (json!({ "waitingOn": null }), "reason CONTRADICTION"),
    ];
    for (fields, problem) in cases {
        let input = with(wait.clone(), fields);
        assert_eq!(desk.refused("taskWaitOn", input).await, [problem]);
    }
    let on = desk.ask("taskWaitOn", json!({ "taskId": id }), selection).await;
    let nobody = json!({ "waitingOn": null, "waitingSince": null, "waitingReason": null });
    assert_eq!(on["task"], nobody);
    desk.ask("taskWaitOn", wait, selection).await;
    let done = desk.ask("taskComplete", json!({ "taskId": id }), selection).await;
    assert_eq!(done["task"], nobody, "what is done waits for nobody");
}

async fn tasks_are_filtered_and_sorted(app: TestApp) {
    let (desk, padaria) = begin(&app).await;
    let days =
        [("late", json!("2026-01-30")), ("none", json!(null)), ("soon", json!("2026-01-21"))];
    for (title, due_on) in days {
        own_task(&desk, &padaria, title, due_on).await;
    }
    let titles = async |arguments: Value| {
        let query = "query ($filter: TaskFilter, $orderBy: TaskOrder, $first: Int) {
            tasks(filter: $filter, orderBy: $orderBy, first: $first) { nodes { title } } }";
        let seen = desk.see(query, arguments).await;
        let nodes = seen["tasks"]["nodes"].as_array().cloned().unwrap_or_default();
        nodes.iter().filter_map(|task| task["title"].as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(titles(json!({})).await, "soon late none");
    let descending = json!({ "field": "DUE_ON", "direction": "DESC" });
    assert_eq!(titles(json!({ "orderBy": descending })).await, "late soon none");
    let filter = |filter: Value| json!({ "filter": filter });
    let week = json!({ "dueOn": { "gte": "2026-01-20", "lte": "2026-01-27" } });
    assert_eq!(titles(filter(week)).await, "soon");
    let of_kind = |key: &str| json!({ "typeKey": { "startsWith": key } });
    assert_eq!(titles(filter(of_kind("core.s"))).await, "soon late none");
    assert_eq!(titles(filter(of_kind("core.i"))).await, "");
    assert_eq!(titles(filter(json!({ "accountId": { "eq": padaria } }))).await, "soon late none");
    assert_eq!(titles(filter(json!({ "origin": { "eq": "JOURNEY" } }))).await, "");
    assert_eq!(titles(filter(json!({ "isUnassigned": true }))).await, "");
    assert_eq!(titles(filter(json!({ "isUnassigned": false }))).await, "soon late none");
    let undated = json!({ "dueOn": { "isNull": true } });
    assert_eq!(titles(filter(undated.clone())).await, "none");
    assert_eq!(titles(filter(json!({ "not": undated.clone() }))).await, "soon late");
    let early = json!({ "dueOn": { "lt": "2026-01-25" } });
    assert_eq!(titles(filter(json!({ "not": early.clone() }))).await, "late none");
    assert_eq!(titles(filter(json!({ "or": [early, undated] }))).await, "soon none");
    assert_eq!(titles(filter(json!({ "journeyId": { "isNull": true } }))).await, "soon late none");
    assert_eq!(titles(filter(json!({ "accountId": { "isNull": true } }))).await, "");
    let deep = (0..6).fold(json!({}), |inner, _| json!({ "and": [inner] }));
    let query = "query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }";
    let answer = app.graphql(&desk.token, query, filter(deep)).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY");
    let bad = json!({ "filter": { "accountId": { "in": ["x"] } } });
    let answer = app.graphql(&desk.token, query, bad).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["field"]),
        (&json!("BAD_ID"), &json!("filter.accountId.in.0"))
    );
}

async fn the_types_of_tasks_have_their_schemas(app: TestApp) {
    let desk = Desk::of(&app, Role::Viewer).await;
    let query = "{ taskTypes { key } taskType(key: \"core.survey\") { configSchema outcomeSchema }
        none: taskType(key: \"nobody.plugin/call\") { key } }";
    let seen = desk.see(query, json!({})).await;
    let keys = ["core.standard", "core.interaction", "core.survey", "core.indicator"];
    assert_eq!(seen["taskTypes"], json!(keys.map(|key| json!({ "key": key }))));
    assert_eq!(seen["taskType"]["configSchema"]["required"], json!(["surveyKey"]));
    assert_eq!(seen["taskType"]["outcomeSchema"]["type"], "null");
    assert_eq!(seen["none"], json!(null));
}
