//! How journeys begin: with the account, by hand, in the middle and in the past.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    an_account_begins_with_its_csm_and_its_journey,
    a_journey_begins_in_the_middle_and_in_the_past,
    a_journey_that_ran_before_is_taken_over_without_anything_overdue,
    a_fact_of_the_past_leaves_nothing_overdue_unless_the_rest_is_told_too,
    what_cannot_begin_leaves_no_account_behind,
    the_primary_journey_is_the_last_that_was_said_to_be,
    a_running_journey_is_made_the_primary_one,
);

async fn plan(desk: &Desk) -> String {
    let stages = json!([
        with(stage("a", vec![task("one", 2)]), json!({ "expectedDays": 10 })),
        last("b", vec![task("two", 5)]),
    ]);
    desk.publish("plan", json!({ "stages": stages })).await.0
}

async fn an_account_begins_with_its_csm_and_its_journey(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = plan(&desk).await;
    let user = app.user(Role::Csm).await;
    let input = json!({
        "name": " Padaria ", "status": "TRIAL", "taxId": "11.222.333/0001-81", "country": "BR",
        "city": "São Paulo", "preferredChannel": "WHATSAPP", "customerSince": "2026-01-19",
        "csmId": global(user.id), "journeyStart": { "at": { "templateId": template } },
    });
    let selection = "account { name status taxId city preferredChannel customerSince csm { id }
        primaryJourney { isPrimary status lap stageKey lapStageKey startedAt pace completeness
            template { key } stage { name } currentVisit { entryDay: enteredOn expectedUntil }
            tasks { templateKey status assigneeUser { id } assigneeRole { key } } } }";
    let made = desk.ask("accountCreate", input, selection).await;
    assert_eq!(
        made["account"],
        json!({
            "name": "Padaria", "status": "TRIAL", "taxId": "11222333000181", "city": "São Paulo",
            "preferredChannel": "WHATSAPP", "customerSince": "2026-01-19",
            "csm": { "id": global(user.id) }, "primaryJourney": {
                "isPrimary": true, "status": "ACTIVE", "lap": 1,
                "stageKey": "a", "lapStageKey": "a",
                "startedAt": "2026-01-20T12:00:00+00:00", "pace": "ON_TRACK", "completeness": 0.0,
                "template": { "key": "plan" }, "stage": { "name": "a" },
                "currentVisit": { "entryDay": "2026-01-20", "expectedUntil": "2026-01-30" },
                "tasks": [{
                    "templateKey": "one", "status": "OPEN",
                    "assigneeUser": { "id": global(user.id) }, "assigneeRole": { "key": "csm" },
                }],
            },
        })
    );
}

async fn a_journey_begins_in_the_middle_and_in_the_past(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = plan(&desk).await;
    let at = json!({ "templateId": template, "stageKey": "b", "enteredOn": "2026-01-02" });
    let input = json!({ "name": "Old friend", "journeyStart": { "at": at } });
    let old = desk.done("accountCreate", input, "account").await;
    assert_eq!(desk.path(&old).await, ["b 1.1 open"]);
    assert_eq!(desk.to_do(&old).await, ["two 2026-01-07"]);
    let query = "query ($id: ID!) { account(id: $id) { tasks { nodes { isOverdue dueState } }
        primaryJourney { startedAt currentVisit { enteredAt } } } }";
    let seen = desk.see(query, json!({ "id": old })).await;
    let overdue = json!([{ "isOverdue": true, "dueState": "OVERDUE" }]);
    assert_eq!(seen["account"]["tasks"]["nodes"], overdue);
    let began = json!("2026-01-02T03:00:00+00:00");
    assert_eq!(seen["account"]["primaryJourney"]["startedAt"], began, "midnight in São Paulo");
}

async fn a_journey_that_ran_before_is_taken_over_without_anything_overdue(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let tasks = vec![task("one", 2), with(task("two", 5), json!({ "position": 1 }))];
    let stages = json!([
        with(stage("a", tasks), json!({ "expectedDays": 30 })),
        last("b", vec![task("three", 5)])
    ]);
    let template = desk.publish("plan", json!({ "stages": stages })).await.0;
    let start = |adoption: Value| {
        let entry = json!({ "templateId": template, "enteredOn": "2025-12-01" });
        let at = with(entry, json!({ "adoption": adoption }));
        json!({ "name": "Old friend", "journeyStart": { "at": at } })
    };
    for (adoption, to_do) in [
        (json!({ "nothingDone": true }), vec!["one 2026-01-22"]),
        (json!({ "nextTaskKey": "two" }), vec!["two 2026-01-25"]),
    ] {
        let old = desk.done("accountCreate", start(adoption), "account").await;
        assert_eq!(desk.to_do(&old).await, to_do);
        let query = "query ($id: ID!) { account(id: $id) { primaryJourney { pace
            currentVisit { entryDay: enteredOn adoptedAt } } } }";
        let seen = desk.see(query, json!({ "id": old })).await;
        let visit = json!({ "entryDay": "2025-12-01", "adoptedAt": "2026-01-20T12:00:00+00:00" });
        assert_eq!(
            seen["account"]["primaryJourney"],
            json!({ "pace": "BEHIND", "currentVisit": visit })
        );
    }
    let refused = desk.refused("accountCreate", start(json!({ "nextTaskKey": "six" }))).await;
    assert_eq!(refused, ["journeyStart.at.adoption.nextTaskKey UNKNOWN_TASK"]);
    let refused = desk.refused("accountCreate", start(json!({ "allDone": false }))).await;
    assert_eq!(refused, ["journeyStart.at.adoption.allDone BAD_FORMAT"]);
}

async fn a_fact_of_the_past_leaves_nothing_overdue_unless_the_rest_is_told_too(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    let template = plan(&desk).await;
    let told = async |at: Value| {
        let at = with(json!({ "templateId": template }), at);
        let input = json!({ "name": "Old friend", "journeyStart": { "at": at } });
        let made = desk.backfill("accountCreate", input, "account { id }").await;
        made["account"]["id"].as_str().expect("an account").to_owned()
    };
    let since = |adoption: Value| json!({ "enteredOn": "2025-12-01", "adoption": adoption });
    let old = told(since(Value::Null)).await;
    assert_eq!(desk.to_do(&old).await, ["one 2026-01-22"], "as an import takes it over");
    let input = json!({ "accountId": old, "templateId": template, "stageKey": "b",
        "enteredOn": "2025-12-01", "isPrimary": false });
    desk.backfill("journeyStart", input, "journey { id }").await;
    assert_eq!(desk.to_do(&old).await, ["one 2026-01-22", "two 2026-01-25"]);
    let new = told(json!({})).await;
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney {
        currentVisit { adoptedAt } visits { nodes { enteredOn exitedAt } } } } }";
    let seen = desk.see(query, json!({ "id": new })).await;
    let visit = &seen["account"]["primaryJourney"]["currentVisit"];
    assert_eq!(visit["adoptedAt"], Value::Null, "what begins today was not before");
    let whole = told(since(json!({ "toBeTold": true }))).await;
    assert_eq!(desk.to_do(&whole).await, ["one 2025-12-03"]);
    let done = json!({ "taskId": desk.task(&whole, "one").await,
        "finishedAt": "2025-12-02T12:00:00Z" });
    desk.backfill("taskComplete", done, "task { id }").await;
    let seen = desk.see(query, json!({ "id": whole })).await;
    let first = &seen["account"]["primaryJourney"]["visits"]["nodes"][0];
    let stayed = json!({ "enteredOn": "2025-12-01", "exitedAt": "2025-12-02T12:00:00+00:00" });
    assert_eq!(first, &stayed);
}

async fn what_cannot_begin_leaves_no_account_behind(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = plan(&desk).await;
    let new = json!({ "key": "empty", "name": "Empty" });
    let empty = desk.done("journeyTemplateCreate", new, "journeyTemplate").await;
    let inactive = app.user(Role::Csm).await;
    let leave = json!({ "id": global(inactive.id) });
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    owner.done("userDeactivate", leave, "user").await;
    let at = |fields: Value| {
        let at = with(json!({ "templateId": template }), fields);
        json!({ "journeyStart": { "at": at } })
    };
    let cases = [
        (at(json!({ "stageKey": "z" })), "journeyStart.at.stageKey UNKNOWN_STAGE"),
        (at(json!({ "enteredOn": "2026-01-21" })), "journeyStart.at.enteredOn TOO_LATE"),
        (at(json!({ "templateId": empty })), "journeyStart.at.templateId NOT_PUBLISHED"),
        (json!({ "journeyStart": { "none": false } }), "journeyStart.none BAD_FORMAT"),
        (with(at(json!({})), json!({ "status": "CHURNED" })), "journeyStart CONTRADICTION"),
        (json!({ "csmId": global(inactive.id) }), "csmId USER_INACTIVE"),
        (json!({ "name": "" }), "name REQUIRED"),
        (json!({ "name": "x".repeat(201) }), "name TOO_LONG"),
        (json!({ "taxId": "11.222.333/0001-82" }), "taxId BAD_FORMAT"),
    ];
    for (fields, problem) in cases {
        let input = with(json!({ "name": "Padaria" }), fields);
        assert_eq!(desk.refused("accountCreate", input).await, [problem]);
    }
    let seen = desk.see("{ accounts { totalCount } journeys { totalCount } }", json!({})).await;
    let nothing = json!({ "totalCount": 0 });
    assert_eq!(seen, json!({ "accounts": nothing, "journeys": nothing }));
}

async fn the_primary_journey_is_the_last_that_was_said_to_be(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = plan(&desk).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let start = json!({ "accountId": padaria, "templateId": template, "stageKey": "b" });
    let aside = with(start.clone(), json!({ "isPrimary": false }));
    desk.done("journeyStart", aside, "journey").await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE");
    desk.done("journeyStart", start, "journey").await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    let query = "query ($id: ID!, $filter: JourneyFilter) { account(id: $id) {
        journeys(filter: $filter) { nodes { stageKey isPrimary } } } }";
    let found = async |filter: Value| {
        let mut seen = desk.see(query, json!({ "id": padaria, "filter": filter })).await;
        seen["account"]["journeys"]["nodes"].take()
    };
    assert_eq!(found(json!(null)).await.as_array().map(Vec::len), Some(3));
    let primary = json!([{ "stageKey": "b", "isPrimary": true }]);
    assert_eq!(found(json!({ "isPrimary": true })).await, primary);
    let by_stage = json!({ "stageKey": { "eq": "a" }, "status": { "in": ["ACTIVE"] } });
    let first = json!([{ "stageKey": "a", "isPrimary": false }]);
    assert_eq!(found(by_stage).await, first.clone());
    assert_eq!(found(json!({ "templateId": { "in": [] } })).await, json!([]));
    let neither =
        json!({ "not": { "or": [{ "isPrimary": true }, { "stageKey": { "eq": "b" } }] } });
    assert_eq!(found(neither).await, first);
}

async fn a_running_journey_is_made_the_primary_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = plan(&desk).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let aside = json!({
        "accountId": padaria, "templateId": template, "stageKey": "b", "isPrimary": false,
    });
    let aside = desk.done("journeyStart", aside, "journey").await;
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let first = seen["account"]["primaryJourney"]["id"].clone();
    let make = |id: &Value| json!({ "journeyId": id });
    for _ in 0..2 {
        desk.done("journeyMakePrimary", make(&json!(aside)), "journey").await;
        assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    }
    let query = "query ($id: ID!) { journey(id: $id) { isPrimary version } }";
    let seen = desk.see(query, json!({ "id": aside })).await;
    assert_eq!(seen["journey"], json!({ "isPrimary": true, "version": 2 }), "once");
    let seen = desk.see(query, json!({ "id": first })).await;
    assert_eq!(seen["journey"]["isPrimary"], false);
    let cancel = json!({ "journeyId": first, "reason": "so" });
    desk.done("journeyCancel", cancel, "journey").await;
    let found = desk.refused("journeyMakePrimary", make(&first)).await;
    assert_eq!(found, ["journeyId JOURNEY_ENDED"]);
    desk.done("accountPause", json!({ "id": padaria, "reason": "so" }), "account").await;
    desk.done("journeyMakePrimary", make(&json!(aside)), "journey").await;
    let stranger = &app.workspace().await.token;
    let found = app.refused(stranger, "journeyMakePrimary", make(&json!(aside))).await;
    assert_eq!(found, "journeyId: NOT_FOUND");
}
