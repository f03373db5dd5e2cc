//! How much effort is in each stage (F4: the need of resources per stage).

use jornada_domain::auth::Role;
use serde_json::json;

use crate::desk::{Desk, last, task, with};
use crate::harness::{TestApp, both};

both!(the_load_of_a_stage_tells_what_its_tasks_still_take, an_effort_that_cannot_be_is_refused,);

async fn the_load_of_a_stage_tells_what_its_tasks_still_take(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let takes = |key: &str, position: i32, minutes: Option<i32>| {
        with(task(key, 2), json!({ "position": position, "effortMinutes": minutes }))
    };
    let tasks = vec![takes("one", 0, Some(30)), takes("two", 1, Some(90)), takes("three", 2, None)];
    let (template, _) = desk.publish("plan", json!({ "stages": [last("a", tasks)] })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.account("Quitanda", &template, None).await;
    let query = "{ accountsSummary { stages { stageKey accounts taskCounts { upcoming }
        effort { openMinutes comingMinutes unestimated } } } }";
    let load = |open: i32, coming: i32, unestimated: i32| {
        json!([{
            "stageKey": "a", "accounts": 2, "taskCounts": { "upcoming": 2 },
            "effort": { "openMinutes": open, "comingMinutes": coming, "unestimated": unestimated },
        }])
    };
    let seen = desk.see(query, json!({})).await;
    assert_eq!(seen["accountsSummary"]["stages"], load(60, 180, 2));
    desk.complete(&padaria, "one", json!({})).await;
    let seen = desk.see(query, json!({})).await;
    assert_eq!(seen["accountsSummary"]["stages"], load(120, 90, 2));
    let query = "{ tasks(first: 10) { nodes { templateKey effortMinutes } } }";
    let seen = desk.see(query, json!({})).await;
    let tasks = seen["tasks"]["nodes"].as_array().expect("a list");
    assert!(tasks.contains(&json!({ "templateKey": "two", "effortMinutes": 90 })), "{tasks:?}");
}

async fn an_effort_that_cannot_be_is_refused(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let (template, _) =
        desk.publish("plan", json!({ "stages": [last("a", vec![task("one", 2)])] })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    for minutes in [0, 12_001] {
        let own = json!({ "accountId": padaria, "title": "Call", "effortMinutes": minutes });
        assert_eq!(desk.refused("taskCreate", own).await, ["effortMinutes OUT_OF_RANGE"]);
    }
}
