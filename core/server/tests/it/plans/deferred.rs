//! What was left out of the implementation, and its review in adoption.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    what_implementation_leaves_out_is_reviewed_in_adoption,
    what_is_left_out_in_adoption_joins_the_review_that_is_open,
    what_is_left_out_after_a_review_gets_another_one,
    a_review_is_neither_skipped_nor_cancelled_while_something_is_undecided,
    facts_of_the_past_start_no_review,
    a_review_moves_along_with_the_csm,
    what_is_wrong_with_a_deferred_item_is_told_at_once,
    the_deferred_items_of_many_accounts_take_as_many_statements_as_those_of_one,
);

fn plan() -> Value {
    let onboarding = with(
        stage("onboarding", vec![task("install", 2)]),
        json!({
            "phase": "ONBOARDING",
        }),
    );
    json!({ "stages": [
        onboarding, stage("adoption", vec![task("use", 30)]),
        last("renewal", vec![task("renew", 1)]),
    ] })
}

async fn customer(desk: &Desk) -> String {
    let template = desk.publish("plan", plan()).await.0;
    let seen = desk.see("{ viewer { user { id } } }", json!({})).await;
    desk.account("Padaria", &template, seen["viewer"]["user"]["id"].as_str()).await
}

async fn defer(desk: &Desk, account: &str, title: &str) -> String {
    let item = json!({ "accountId": account, "title": title });
    desk.done("deferredItemCreate", item, "deferredItem").await
}

async fn decide(desk: &Desk, item: &str, status: &str) {
    let decide = json!({ "id": item, "status": status, "decision": "So it is." });
    desk.done("deferredItemDecide", decide, "deferredItem").await;
}

/// The reviews of an account, with what each of them reviews.
async fn reviews(desk: &Desk, account: &str) -> Vec<Value> {
    let query = "query ($id: ID!) { account(id: $id) { tasks(
        filter: { origin: { eq: AD_HOC } }, orderBy: { field: UPDATED_AT }
    ) { nodes { id title status dueOn deferredItems { nodes { title } } } } } }";
    let mut seen = desk.see(query, json!({ "id": account })).await;
    seen["account"]["tasks"]["nodes"].as_array_mut().map(std::mem::take).unwrap_or_default()
}

fn titles(review: &Value) -> String {
    let items = review["deferredItems"]["nodes"].as_array().expect("a list").iter();
    items.filter_map(|item| item["title"].as_str()).collect::<Vec<_>>().join(", ")
}

async fn what_implementation_leaves_out_is_reviewed_in_adoption(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    let payroll = defer(&desk, &padaria, "Payroll").await;
    let portal = defer(&desk, &padaria, "Portal").await;
    let query = "query ($id: ID!) { deferredItem(id: $id) { status stageKey reviewTask { id }
        journey { stageKey } decision decidedAt decidedBy { role } } }";
    let seen = desk.see(query, json!({ "id": payroll })).await;
    let expected = json!({
        "status": "OPEN", "stageKey": "onboarding", "reviewTask": null,
        "journey": { "stageKey": "onboarding" }, "decision": null, "decidedAt": null,
        "decidedBy": null,
    });
    assert_eq!(seen["deferredItem"], expected);
    assert_eq!(reviews(&desk, &padaria).await, [Value::Null; 0]);
    desk.complete(&padaria, "install", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "adoption 1.1 ACTIVE");
    let review = reviews(&desk, &padaria).await.remove(0);
    assert_eq!(review["title"], "Review what was left out of the implementation");
    assert_eq!(
        (&review["dueOn"], titles(&review).as_str()),
        (&json!("2026-02-03"), "Payroll, Portal")
    );
    let done = json!({ "taskId": review["id"] });
    decide(&desk, &payroll, "ADOPTED").await;
    let early = desk.ask("taskComplete", done.clone(), "").await;
    assert_eq!(early["userErrors"][0]["code"], "ITEMS_UNDECIDED");
    let message = early["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("One deferred item of"), "{message}");
    decide(&desk, &portal, "DROPPED").await;
    assert_eq!(reviews(&desk, &padaria).await[0]["status"], "OPEN", "a person completes it");
    desk.done("taskComplete", done, "task").await;
    let seen = desk.see(query, json!({ "id": portal })).await;
    assert_eq!(seen["deferredItem"]["status"], "DROPPED");
    assert_eq!(seen["deferredItem"]["decision"], "So it is.");
    assert_eq!(seen["deferredItem"]["decidedBy"]["role"], "MANAGER");
    desk.complete(&padaria, "use", json!({})).await;
    assert_eq!(reviews(&desk, &padaria).await.len(), 1, "there is nothing left to review");
}

async fn what_is_left_out_in_adoption_joins_the_review_that_is_open(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "install", json!({})).await;
    assert_eq!(reviews(&desk, &padaria).await, [Value::Null; 0], "nothing was left out");
    let payroll = defer(&desk, &padaria, "Payroll").await;
    let review = reviews(&desk, &padaria).await.remove(0);
    assert_eq!(titles(&review), "Payroll");
    let portal = defer(&desk, &padaria, "Portal").await;
    let all = reviews(&desk, &padaria).await;
    assert_eq!((all.len(), titles(&all[0]).as_str()), (1, "Payroll, Portal"));
    decide(&desk, &payroll, "KEPT").await;
    decide(&desk, &portal, "KEPT").await;
    let agenda = defer(&desk, &padaria, "Agenda").await;
    let all = reviews(&desk, &padaria).await;
    assert_eq!((all.len(), titles(&all[0]).as_str()), (1, "Payroll, Portal, Agenda"));
    decide(&desk, &agenda, "KEPT").await;
    let stale = json!({ "taskId": review["id"], "expectedVersion": 1 });
    let told = desk.refused("taskComplete", stale).await;
    assert_eq!(told, ["expectedVersion CONFLICT"], "it reviews more than it did");
}

async fn what_is_left_out_after_a_review_gets_another_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "install", json!({})).await;
    let payroll = defer(&desk, &padaria, "Payroll").await;
    decide(&desk, &payroll, "KEPT").await;
    let review = reviews(&desk, &padaria).await.remove(0);
    desk.done("taskComplete", json!({ "taskId": review["id"] }), "task").await;
    app.advance(1);
    defer(&desk, &padaria, "Portal").await;
    let all = reviews(&desk, &padaria).await;
    assert_eq!(all.iter().map(titles).collect::<Vec<_>>(), ["Payroll", "Portal"]);
}

async fn a_review_is_neither_skipped_nor_cancelled_while_something_is_undecided(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "install", json!({})).await;
    let payroll = defer(&desk, &padaria, "Payroll").await;
    let review = reviews(&desk, &padaria).await.remove(0);
    let left = json!({ "taskId": review["id"], "reason": "so" });
    for verb in ["taskSkip", "taskCancel"] {
        assert_eq!(desk.refused(verb, left.clone()).await, ["taskId ITEMS_UNDECIDED"], "{verb}");
    }
    decide(&desk, &payroll, "DROPPED").await;
    desk.done("taskCancel", left, "task").await;
}

async fn facts_of_the_past_start_no_review(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    let padaria = customer(&desk).await;
    defer(&desk, &padaria, "Payroll").await;
    let install = desk.task(&padaria, "install").await;
    let query = "mutation ($id: ID!) { taskComplete(input: { taskId: $id }) {
        userErrors { code } } }";
    let variables = json!({ "id": install });
    app.graphql_from(&desk.token, Some("BACKFILL"), query, variables).await;
    assert_eq!(desk.place(&padaria).await, "adoption 1.1 ACTIVE");
    assert_eq!(reviews(&desk, &padaria).await, [Value::Null; 0]);
    defer(&desk, &padaria, "Portal").await;
    assert_eq!(titles(&reviews(&desk, &padaria).await[0]), "Payroll, Portal");
}

async fn a_review_moves_along_with_the_csm(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    desk.complete(&padaria, "install", json!({})).await;
    defer(&desk, &padaria, "Payroll").await;
    let next = global(app.user(Role::Csm).await.id);
    let query = "query ($id: ID!) { account(id: $id) {
        tasks(filter: { origin: { eq: AD_HOC } }) { nodes { assigneeUser { id } } } }
        optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let roles = seen["optionSetByKey"]["options"]["nodes"].as_array().expect("a set").iter();
    let csm = roles.clone().find(|role| role["key"] == "csm").expect("it is built in");
    let assign = json!({ "accountId": padaria, "userId": next, "roleId": csm["id"] });
    desk.done("assignmentCreate", assign, "accountAssignment").await;
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["tasks"]["nodes"][0]["assigneeUser"]["id"], next);
}

async fn what_is_wrong_with_a_deferred_item_is_told_at_once(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = customer(&desk).await;
    let bank = global(account(&app, "Bank", None).await.id);
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let journey = seen["account"]["primaryJourney"]["id"].clone();
    let wrong = json!({
        "accountId": bank, "journeyId": journey, "stageKey": "nowhere", "title": "",
        "note": "x".repeat(4001),
    });
    let expected =
        ["journeyId CONTRADICTION", "stageKey UNKNOWN_STAGE", "title REQUIRED", "note TOO_LONG"];
    assert_eq!(desk.refused("deferredItemCreate", wrong).await, expected);
    let homeless = json!({ "accountId": bank, "stageKey": "onboarding", "title": "Payroll" });
    let told = desk.refused("deferredItemCreate", homeless).await;
    assert_eq!(told, ["stageKey CONTRADICTION"], "there is no journey");
    let item = defer(&desk, &padaria, "Payroll").await;
    let open = json!({ "id": item, "status": "OPEN", "decision": " " });
    let told = desk.refused("deferredItemDecide", open).await;
    assert_eq!(told, ["status UNKNOWN_WORD", "decision REQUIRED"]);
    let change = json!({ "id": item, "title": "Payroll of the staff", "note": "Next year." });
    desk.done("deferredItemUpdate", change.clone(), "deferredItem").await;
    decide(&desk, &item, "KEPT").await;
    decide(&desk, &item, "ADOPTED").await;
    assert_eq!(desk.refused("deferredItemUpdate", change).await, ["id ALREADY_CLOSED"]);
}

async fn the_deferred_items_of_many_accounts_take_as_many_statements_as_those_of_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let all = "{ accounts { nodes { deferredItems(filter: { status: { eq: OPEN } }) { nodes {
        title reviewTask { title deferredItems { nodes { title } } } } }
        handoffs { nodes { checklist { text } toUser { name } } } } } }";
    let template = desk.publish("plan", plan()).await.0;
    let add = async |number: usize| {
        let id = desk.account(&format!("Customer {number}"), &template, None).await;
        desk.complete(&id, "install", json!({})).await;
        defer(&desk, &id, "Payroll").await;
    };
    add(1).await;
    let (_, one) = app.statements(desk.see(all, json!({}))).await;
    add(2).await;
    let (seen, two) = app.statements(desk.see(all, json!({}))).await;
    let item = &seen["accounts"]["nodes"][1]["deferredItems"]["nodes"][0];
    assert_eq!(item["reviewTask"]["deferredItems"]["nodes"][0]["title"], "Payroll");
    assert_eq!(one, two);
}
