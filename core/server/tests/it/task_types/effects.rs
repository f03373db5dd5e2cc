//! What follows from tasks of plugins.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::Scene;
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    a_review_is_prepared_and_becomes_an_interaction_tasks_goals_and_values,
    a_training_that_too_few_attended_repeats_its_stage,
    criteria_of_success_become_goals_milestones_and_attributes,
    of_two_who_complete_a_task_at_once_one_does,
);

async fn metric(admin: &Desk, key: &str) -> String {
    let new = json!({ "key": key, "name": key, "unit": "%", "grain": "MONTH",
        "aggregation": "LAST", "direction": "HIGHER_IS_BETTER", "freshnessDays": 100 });
    admin.done("metricCreate", new, "metric").await
}

fn reviewed() -> Value {
    json!({
        "attendees": [{ "name": "Ana", "role": "Sponsor" }],
        "results": [
            { "what": "Fewer calls", "reached": true }, { "what": "Growth", "reached": false },
        ],
        "satisfaction": 4, "sentiment": 5,
        "followUps": [{ "title": "Send the slides", "dueInDays": 2 }],
        "nextGoals": [{ "title": "Half of the calls", "metric": "results", "target": 90 }],
    })
}

async fn a_review_is_prepared_and_becomes_an_interaction_tasks_goals_and_values(app: TestApp) {
    let admin = Desk::of(&app, Role::Admin).await;
    let metrics = [metric(&admin, "results").await, metric(&admin, "satisfaction").await];
    let config = json!({ "resultMetric": "results", "satisfactionMetric": "satisfaction" });
    let scene = Scene::first_party(&app, "qbr", config).await;
    let review = scene.review().await;
    assert_eq!((&review["status"], &review["openedAt"]), (&json!("PREPARING"), &Value::Null));
    assert_eq!(
        (&review["dueOn"], &review["type"]["key"]),
        (&json!("2026-01-23"), &json!("jornada.qbr"))
    );
    assert!(review["assigneeUser"]["id"].is_string(), "somebody sees it");
    assert_eq!(scene.refused(reviewed()).await, ["taskId TASK_NOT_OPEN"]);

    app.run_jobs().await;
    let review = scene.review().await;
    assert_eq!((&review["status"], &review["dueOn"]), (&json!("OPEN"), &json!("2026-01-23")));
    assert_eq!(review["openedAt"], "2026-01-20T12:00:00+00:00");
    let alerts = "{ alerts { nodes { kind message task { templateKey } account { name } } } }";
    let alerts = scene.csm.see(alerts, json!({})).await["alerts"]["nodes"].take();
    assert_eq!(
        alerts,
        json!([{
            "kind": "PLUGIN_NOTICE", "task": { "templateKey": "review" },
            "message": "Prepare the review of Padaria: open goals: 0; last NPS: none.",
            "account": { "name": "Padaria" },
        }])
    );

    let input = json!({ "taskId": review["id"], "outcome": reviewed() });
    let complete = scene.csm.done("taskComplete", input, "task");
    let (_, statements) = app.statements(complete).await;
    assert_eq!(statements, 76, "to see what to ask, to call, and to do seven things");
    assert_eq!(scene.csm.place(&scene.padaria).await, "b 1.1 ACTIVE");
    for (metric, value) in metrics.iter().zip([50.0, 4.0]) {
        let series = format!("metricSeries(metricId: \"{metric}\") {{ nodes {{ value }} }}");
        let seen = scene.account(&series).await;
        assert_eq!(seen["metricSeries"]["nodes"], json!([{ "value": value }]));
    }
    assert_eq!(scene.review().await["outcome"], reviewed());
    assert_eq!(scene.calls().await, ["on-complete OK", "on-open OK"]);
    assert_reviewed(&scene).await;
}

/// What followed from the review is there.
async fn assert_reviewed(scene: &Scene) {
    let told = scene
        .account(
            "interactions { nodes { subject sentiment task { templateKey } notes } }
            tasks(first: 9, filter: { status: { eq: OPEN } }) { nodes { title dueOn origin } }
            successPlan { goals { nodes { outcome targetValue metric { key } } } }",
        )
        .await;
    let talk = &told["interactions"]["nodes"][0];
    assert_eq!((&talk["subject"], &talk["sentiment"]), (&json!("review"), &json!("VERY_POSITIVE")));
    assert_eq!(talk["task"]["templateKey"], "review");
    let tasks = told["tasks"]["nodes"].as_array().expect("a list");
    let slides = json!({ "title": "Send the slides", "dueOn": "2026-01-22", "origin": "AD_HOC" });
    assert!(tasks.contains(&slides), "{tasks:#?}");
    let metric = json!({ "key": "results" });
    let goal = json!({ "outcome": "Half of the calls", "targetValue": 90.0, "metric": metric });
    assert_eq!(told["successPlan"]["goals"]["nodes"], json!([goal]));
}

async fn a_training_that_too_few_attended_repeats_its_stage(app: TestApp) {
    let scene = Scene::first_party(&app, "training-session", json!({ "minimumPercent": 50 })).await;
    app.run_jobs().await;
    let held = |attended: u32| {
        let topics = ["Billing"];
        json!({ "invited": 10, "attended": attended, "outcome": "Fine", "topics": topics })
    };
    scene.complete(held(4)).await;
    assert_eq!(scene.csm.place(&scene.padaria).await, "a 1.2 ACTIVE");
    let query = "primaryJourney { visits { nodes { outcome evaluations { nodes {
        source verdict reason isCarried task { templateKey } } } } } }";
    let seen = scene.account(query).await;
    let visit = &seen["primaryJourney"]["visits"]["nodes"][0];
    assert_eq!(visit["outcome"], "REPEATED");
    let wish = &visit["evaluations"]["nodes"][0];
    assert_eq!((&wish["source"], &wish["verdict"]), (&json!("PLUGIN"), &json!("FAILED")));
    let reason = "4 of 10 who were invited were there (40%). At least 50% are needed.";
    assert_eq!((&wish["reason"], &wish["isCarried"]), (&json!(reason), &json!(false)));
    app.run_jobs().await;
    scene.complete(held(9)).await;
    assert_eq!(
        scene.csm.path(&scene.padaria).await,
        ["a 1.1 REPEATED", "a 1.2 ADVANCED", "b 1.1 open"]
    );
}

async fn criteria_of_success_become_goals_milestones_and_attributes(app: TestApp) {
    let admin = Desk::of(&app, Role::Admin).await;
    let new =
        json!({ "subjectKind": "ACCOUNT", "key": "pains", "name": "Pains", "valueType": "TEXT" });
    admin.done("attributeDefinitionCreate", new, "attributeDefinition").await;
    let config = json!({ "painsAttribute": "pains", "milestonesRequired": true });
    let scene = Scene::first_party(&app, "success-criteria", config).await;
    app.run_jobs().await;
    scene
        .complete(json!({
            "criteria": [{ "outcome": "Calm Mondays", "measure": "they say so" }],
            "milestones": [{ "title": "First report", "dueOn": "2026-02-01" }],
            "pains": "Too many calls",
        }))
        .await;
    let told = scene
        .account(
            "successPlan { goals { nodes { outcome } } milestones { nodes { title dueOn } } }
            attributes { key text }",
        )
        .await;
    let goal = &told["successPlan"]["goals"]["nodes"][0]["outcome"];
    assert_eq!(goal, "Calm Mondays (measured by: they say so)");
    let milestones = json!([{ "title": "First report", "dueOn": "2026-02-01" }]);
    assert_eq!(told["successPlan"]["milestones"]["nodes"], milestones);
    assert_eq!(told["attributes"], json!([{ "key": "pains", "text": "Too many calls" }]));
}

async fn of_two_who_complete_a_task_at_once_one_does(app: TestApp) {
    let scene = Scene::first_party(&app, "qbr", json!({})).await;
    app.run_jobs().await;
    let outcome = json!({
        "attendees": [{ "name": "Ana" }], "results": [{ "what": "Calm", "reached": true }],
    });
    let input = json!({ "taskId": scene.review().await["id"], "outcome": outcome });
    let ask = async || {
        let payload = scene.csm.ask("taskComplete", input.clone(), "task { id }").await;
        crate::customers::refusals(&payload)
    };
    let (one, other) = tokio::join!(ask(), ask());
    let mut told = [one, other];
    told.sort();
    assert_eq!(told, [vec![], vec!["taskId TASK_NOT_OPEN".to_owned()]]);
    let told = scene.account("interactions { totalCount }").await;
    assert_eq!(told["interactions"]["totalCount"], 1);
}
