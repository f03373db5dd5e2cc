//! How running journeys change to another version of their template.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::refusals;
use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_dry_run_tells_what_a_migration_would_do_and_does_nothing,
    finished_work_attempts_and_open_due_dates_are_kept,
    a_journey_whose_stage_is_gone_needs_another_one,
    a_journey_changes_only_to_published_versions_of_its_template,
);

const SELECTION: &str = "migration { stageKey kept added cancelled }
    journey { stageKey templateVersion { number } }";

struct Moved {
    desk: Desk,
    padaria: String,
    journey: String,
    template: String,
}

/// A journey whose first task is done and whose second is open, moved to the 25th.
async fn begin(app: &TestApp) -> Moved {
    let desk = Desk::of(app, Role::Manager).await;
    let tasks = vec![task("one", 1), task("two", 3), task("three", 1)];
    let stages = json!([stage("a", tasks), last("b", vec![task("four", 1)])]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    let two = desk.task(&padaria, "two").await;
    let later = json!({ "taskId": two, "dueOn": "2026-01-25", "reason": "They are away." });
    desk.done("taskReschedule", later, "task").await;
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let journey = seen["account"]["primaryJourney"]["id"].as_str().expect("it runs").to_owned();
    Moved { desk, padaria, journey, template }
}

/// The same without the third task and with another one before it.
fn second_version() -> Value {
    let tasks = vec![task("one", 1), task("two", 9), task("new", 1)];
    json!({ "stages": [stage("a", tasks), last("b", vec![task("four", 1)])] })
}

async fn a_dry_run_tells_what_a_migration_would_do_and_does_nothing(app: TestApp) {
    let Moved { desk, padaria, journey, template } = begin(&app).await;
    let version = desk.publish_next(&template, second_version()).await;
    let events = "{ events { totalCount } }";
    let before = desk.see(events, json!({})).await;
    let input = json!({ "journeyId": journey, "versionId": version, "dryRun": true });
    let told = desk.ask("journeyMigrate", input.clone(), SELECTION).await;
    let migration = json!({
        "stageKey": "a", "kept": ["one", "two"], "added": ["new"], "cancelled": ["three"],
    });
    assert_eq!(told["migration"], migration);
    let unchanged = json!({ "stageKey": "a", "templateVersion": { "number": 1 } });
    assert_eq!(told["journey"], unchanged);
    assert_eq!(desk.see(events, json!({})).await, before);
    let real = with(input, json!({ "dryRun": false }));
    let done = desk.ask("journeyMigrate", real, SELECTION).await;
    assert_eq!(done["migration"], migration, "it does what it told");
    assert_eq!(done["journey"]["templateVersion"]["number"], 2);
    assert_eq!(desk.to_do(&padaria).await, ["two 2026-01-25"]);
}

async fn finished_work_attempts_and_open_due_dates_are_kept(app: TestApp) {
    let Moved { desk, padaria, journey, template } = begin(&app).await;
    let version = desk.publish_next(&template, second_version()).await;
    let input = json!({ "journeyId": journey, "versionId": version });
    desk.done("journeyMigrate", input, "journey").await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE");
    let query = "query ($id: ID!) { journey(id: $id) { tasks { templateKey status dueOn } } }";
    let seen = desk.see(query, json!({ "id": journey })).await;
    let task = |key: &str, status: &str, due: Value| {
        json!({
            "templateKey": key, "status": status, "dueOn": due,
        })
    };
    let tasks = seen["journey"]["tasks"].as_array().cloned().unwrap_or_default();
    for expected in [
        task("one", "DONE", json!("2026-01-21")),
        task("two", "OPEN", json!("2026-01-25")),
        task("three", "CANCELLED", Value::Null),
        task("new", "PENDING", Value::Null),
    ] {
        assert!(tasks.contains(&expected), "{expected} is not among {tasks:#?}");
    }
    desk.complete(&padaria, "two", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["new 2026-01-21"]);
    desk.complete(&padaria, "new", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn a_journey_whose_stage_is_gone_needs_another_one(app: TestApp) {
    let Moved { desk, padaria, journey, template } = begin(&app).await;
    let stages = json!([stage("x", vec![task("five", 2)]), last("b", vec![task("four", 1)])]);
    let version = desk.publish_next(&template, json!({ "stages": stages })).await;
    let input = json!({ "journeyId": journey, "versionId": version });
    let payload = desk.ask("journeyMigrate", input.clone(), "").await;
    assert_eq!(refusals(&payload), ["stageKey STAGE_GONE"]);
    let told = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(told.contains("in the stage “a”"), "{told}");
    let nowhere = with(input.clone(), json!({ "stageKey": "a" }));
    assert_eq!(desk.refused("journeyMigrate", nowhere).await, ["stageKey UNKNOWN_STAGE"]);
    let there = with(input, json!({ "stageKey": "x" }));
    let done = desk.ask("journeyMigrate", there, SELECTION).await;
    assert_eq!(
        done["migration"],
        json!({
            "stageKey": "x", "kept": [], "added": ["five"], "cancelled": ["two", "three"],
        })
    );
    assert_eq!(desk.to_do(&padaria).await, ["five 2026-01-22"]);
    assert_eq!(desk.path(&padaria).await, ["a 1.1 SKIPPED", "x 2.1 open"]);
    let query = "query ($id: ID!) { journey(id: $id) { visits { nodes {
        stage { key } templateVersion { number } } } } }";
    let seen = desk.see(query, json!({ "id": journey })).await;
    let visit = |key: &str, number: i32| {
        let version = json!({ "number": number });
        json!({ "stage": { "key": key }, "templateVersion": version })
    };
    let visits = json!([visit("a", 1), visit("x", 2)]);
    assert_eq!(seen["journey"]["visits"]["nodes"], visits, "what has ended stays what it was");
}

async fn a_journey_changes_only_to_published_versions_of_its_template(app: TestApp) {
    let Moved { desk, journey, template, .. } = begin(&app).await;
    let (_, other) = desk.publish("other", second_version()).await;
    let draft = desk.draft(&template, second_version()).await;
    let cases = [(other, "versionId CONTRADICTION"), (draft, "versionId NOT_PUBLISHED")];
    for (version, problem) in cases {
        let input = json!({ "journeyId": journey, "versionId": version });
        assert_eq!(desk.refused("journeyMigrate", input).await, [problem]);
    }
    let version = desk.publish_next(&template, second_version()).await;
    let elsewhere = json!({ "journeyId": journey, "versionId": version, "stageKey": "b" });
    let found = desk.refused("journeyMigrate", elsewhere).await;
    assert_eq!(found, ["stageKey BAD_MOVE"], "that is a move, and needs a reason");
}
