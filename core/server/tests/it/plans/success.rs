//! Success plans, their goals and their milestones.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    an_account_has_one_success_plan_at_a_time,
    a_goal_comes_nearer_by_its_metric_or_by_hand,
    a_goal_is_closed_and_opened_again,
    what_is_wrong_with_a_goal_is_told_at_once,
    a_milestone_is_reached_on_a_day,
    what_was_put_away_does_not_change,
);

async fn plan(desk: &Desk, account_id: &str) -> String {
    desk.done("successPlanCreate", json!({ "accountId": account_id }), "successPlan").await
}

async fn padaria(app: &TestApp) -> String {
    global(account(app, "Padaria", None).await.id)
}

async fn an_account_has_one_success_plan_at_a_time(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let words = json!({
        "accountId": padaria, "pains": "Queues.\nLong ones.", "purchaseReason": "To sell bread.",
        "successCriteria": "No queue.", "valueMeasure": "Minutes in the queue.",
    });
    let first = desk.done("successPlanCreate", words, "successPlan").await;
    let again = json!({ "accountId": padaria });
    assert_eq!(desk.refused("successPlanCreate", again).await, ["accountId TAKEN"]);
    let change = json!({ "id": first, "pains": "  ", "valueMeasure": "Seconds." });
    desk.done("successPlanUpdate", change, "successPlan").await;
    let long = json!({ "id": first, "pains": "x".repeat(10_001), "successCriteria": "a\u{0}" });
    let told = desk.refused("successPlanUpdate", long).await;
    assert_eq!(told, ["pains TOO_LONG", "successCriteria BAD_FORMAT"]);
    let query = "query ($id: ID!) { account(id: $id) { successPlan {
        id pains purchaseReason successCriteria valueMeasure account { name } } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(
        seen["account"]["successPlan"],
        json!({
            "id": first, "pains": null, "purchaseReason": "To sell bread.",
            "successCriteria": "No queue.", "valueMeasure": "Seconds.",
            "account": { "name": "Padaria" },
        })
    );
    desk.done("successPlanArchive", json!({ "id": first }), "successPlan").await;
    let second = plan(&desk, &padaria).await;
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["successPlan"]["id"], json!(second));
}

const GOAL: &str = "query ($id: ID!) { goal(id: $id) {
    status currentValue progress metric { unit } closedAt resolution
    milestones { nodes { title } } } }";

async fn seen(desk: &Desk, goal: &str) -> Value {
    desk.see(GOAL, json!({ "id": goal })).await["goal"].take()
}

async fn a_goal_comes_nearer_by_its_metric_or_by_hand(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let padaria = padaria(&app).await;
    let plan = plan(&desk, &padaria).await;
    let metric = json!({ "key": "queue", "name": "Queue", "unit": "min", "grain": "DAY",
        "aggregation": "AVG", "direction": "LOWER_IS_BETTER", "freshnessDays": 30 });
    let metric = desk.done("metricCreate", metric, "metric").await;
    let goal = json!({ "successPlanId": plan, "outcome": "Shorter queues", "metricId": metric,
        "startValue": 40, "targetValue": 20, "dueOn": "2026-06-30" });
    let goal = desk.done("goalCreate", goal, "goal").await;
    let before = seen(&desk, &goal).await;
    assert_eq!((&before["currentValue"], &before["progress"]), (&Value::Null, &Value::Null));
    for (day, value) in [("2026-01-19", 25.0), ("2026-01-18", 60.0)] {
        let point =
            json!({ "metricId": metric, "subjectId": padaria, "period": day, "value": value });
        desk.ask("metricPointsRecord", json!({ "points": [point] }), "").await;
    }
    let after = seen(&desk, &goal).await;
    assert_eq!((&after["currentValue"], &after["progress"]), (&json!(25.0), &json!(0.75)));
    assert_eq!(after["metric"]["unit"], "min");
    let both = json!({ "id": goal, "currentValue": 30 });
    assert_eq!(desk.refused("goalUpdate", both).await, ["currentValue CONTRADICTION"]);
    let by_hand = json!({ "id": goal, "metricId": null, "currentValue": 30 });
    desk.done("goalUpdate", by_hand, "goal").await;
    assert_eq!(seen(&desk, &goal).await["progress"], 0.5);
    desk.done("goalUpdate", json!({ "id": goal, "metricId": metric }), "goal").await;
    assert_eq!(seen(&desk, &goal).await["progress"], 0.75, "what was set by hand is forgotten");
}

async fn a_goal_is_closed_and_opened_again(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let plan = plan(&desk, &padaria(&app).await).await;
    let goal = json!({ "successPlanId": plan, "outcome": "Peace" });
    let goal = desk.done("goalCreate", goal, "goal").await;
    let open = json!({ "id": goal, "status": "OPEN" });
    assert_eq!(desk.refused("goalClose", open).await, ["status UNKNOWN_WORD"]);
    let achieved = json!({ "id": goal, "status": "ACHIEVED", "resolution": "At last." });
    desk.done("goalClose", achieved.clone(), "goal").await;
    let closed = seen(&desk, &goal).await;
    assert_eq!(closed["status"], "ACHIEVED");
    assert_eq!(closed["closedAt"], "2026-01-20T12:00:00+00:00");
    assert_eq!(desk.refused("goalClose", achieved).await, ["id ALREADY_CLOSED"]);
    let change = json!({ "id": goal, "outcome": "War" });
    assert_eq!(desk.refused("goalUpdate", change).await, ["id ALREADY_CLOSED"]);
    desk.done("goalReopen", json!({ "id": goal }), "goal").await;
    let open = seen(&desk, &goal).await;
    assert_eq!((&open["status"], &open["closedAt"]), (&json!("OPEN"), &Value::Null));
    assert_eq!(open["resolution"], Value::Null);
}

async fn what_is_wrong_with_a_goal_is_told_at_once(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let plan = plan(&desk, &padaria(&app).await).await;
    let wrong = json!({
        "successPlanId": "nonsense", "outcome": " ", "metricId": plan, "currentValue": 1,
    });
    let told = desk.refused("goalCreate", wrong).await;
    assert_eq!(told, ["successPlanId BAD_ID", "metricId BAD_ID", "outcome REQUIRED"]);
    let goal = json!({ "successPlanId": plan, "outcome": "x".repeat(501) });
    assert_eq!(desk.refused("goalCreate", goal).await, ["outcome TOO_LONG"]);
    let looking = app.token(Role::Viewer).await;
    let query = "mutation ($id: ID!) { goalCreate(input: { successPlanId: $id, outcome: \"x\" }) {
        goal { id } } }";
    let answer = app.graphql(&looking, query, json!({ "id": plan })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

async fn a_milestone_is_reached_on_a_day(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let plan = plan(&desk, &padaria).await;
    let goal = json!({ "successPlanId": plan, "outcome": "Peace" });
    let goal = desk.done("goalCreate", goal, "goal").await;
    let other = global(account(&app, "Bank", None).await.id);
    let other = self::plan(&desk, &other).await;
    let strange = json!({ "successPlanId": other, "goalId": goal, "title": "First bread" });
    assert_eq!(desk.refused("milestoneCreate", strange).await, ["goalId CONTRADICTION"]);
    let new = json!({ "successPlanId": plan, "goalId": goal, "title": "First bread" });
    let bread = desk.done("milestoneCreate", new, "milestone").await;
    assert_eq!(seen(&desk, &goal).await["milestones"]["nodes"][0]["title"], "First bread");
    let early = json!({ "id": bread, "reachedOn": "2026-01-21" });
    assert_eq!(desk.refused("milestoneReach", early).await, ["reachedOn TOO_LATE"]);
    let reach = async |input: Value| {
        let payload = desk.ask("milestoneReach", input, "milestone { reachedAt }").await;
        payload["milestone"]["reachedAt"].clone()
    };
    assert_eq!(reach(json!({ "id": bread })).await, "2026-01-20T12:00:00+00:00");
    let day = reach(json!({ "id": bread, "reachedOn": "2026-01-15" })).await;
    assert_eq!(day, "2026-01-15T03:00:00+00:00", "the day begins so in São Paulo");
    let events = "{ events(filter: { type: { eq: \"milestone.reached\" } }) {
        nodes { accountId } } }";
    let events = desk.see(events, json!({})).await;
    assert_eq!(events["events"]["nodes"][0]["accountId"], json!(padaria));
    desk.done("milestoneReopen", json!({ "id": bread }), "milestone").await;
    let change = json!({ "id": bread, "goalId": null, "dueOn": "2026-03-01" });
    let selection = "milestone { reachedAt goal { id } dueOn }";
    let open = desk.ask("milestoneUpdate", change, selection).await;
    let expected = json!({ "reachedAt": null, "goal": null, "dueOn": "2026-03-01" });
    assert_eq!(open["milestone"], expected);
}

async fn what_was_put_away_does_not_change(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let plan = plan(&desk, &padaria(&app).await).await;
    let new = json!({ "successPlanId": plan, "title": "First bread" });
    let gone = desk.done("milestoneCreate", new.clone(), "milestone").await;
    let kept = desk.done("milestoneCreate", new.clone(), "milestone").await;
    let goal = json!({ "successPlanId": plan, "outcome": "Peace" });
    let goal = desk.done("goalCreate", goal, "goal").await;
    desk.done("milestoneArchive", json!({ "id": gone }), "milestone").await;
    assert_eq!(desk.refused("milestoneReach", json!({ "id": gone })).await, ["id ARCHIVED"]);
    let query = "query ($id: ID!) { successPlan(id: $id) { milestones { nodes { id } } } }";
    let left = desk.see(query, json!({ "id": plan })).await;
    assert_eq!(left["successPlan"]["milestones"]["nodes"], json!([{ "id": kept }]));
    desk.done("successPlanArchive", json!({ "id": plan }), "successPlan").await;
    assert_eq!(desk.refused("milestoneReach", json!({ "id": kept })).await, ["id ARCHIVED"]);
    assert_eq!(desk.refused("milestoneCreate", new).await, ["successPlanId ARCHIVED"]);
    let close = json!({ "id": goal, "status": "MISSED" });
    assert_eq!(desk.refused("goalClose", close).await, ["id ARCHIVED"]);
}
