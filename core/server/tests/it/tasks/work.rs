//! Tasks of journeys, from their opening to their end.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, indicator, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_completion_is_dated_back_but_not_before_the_task_opened,
    a_completion_says_what_its_kind_needs,
    what_is_wrong_with_a_completion_names_its_field,
    an_indicator_that_is_skipped_is_waived,
    a_task_is_opened_again_only_within_the_current_visit,
    tasks_of_one_position_open_together_and_optional_ones_block_nothing,
    due_dates_follow_their_anchors,
    who_saw_an_older_version_changes_nothing,
);

async fn begin(app: &TestApp, tasks: Vec<Value>) -> (Desk, String) {
    let desk = Desk::of(app, Role::Manager).await;
    let stages = json!([stage("a", tasks), last("b", vec![task("end", 1)])]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    (desk, padaria)
}

async fn a_completion_is_dated_back_but_not_before_the_task_opened(app: TestApp) {
    let (desk, padaria) = begin(&app, vec![task("one", 1), task("two", 3)]).await;
    app.set_time("2026-01-28T12:00:00Z");
    let done = async |at: &str| {
        let id = desk.task(&padaria, "one").await;
        desk.refused("taskComplete", json!({ "taskId": id, "finishedAt": at })).await
    };
    assert_eq!(done("2026-01-20T11:59:59Z").await, ["finishedAt TOO_EARLY"]);
    assert_eq!(done("2026-01-28T12:00:01Z").await, ["finishedAt TOO_LATE"]);
    assert_eq!(done("2026-01-23T15:00:00Z").await, [""; 0]);
    assert_eq!(desk.to_do(&padaria).await, ["two 2026-01-26"], "it counts from that day");
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { tasks {
        templateKey openedAt finishedAt finishedBy { role } } } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let tasks = &seen["account"]["primaryJourney"]["tasks"];
    assert_eq!(
        tasks[0],
        json!({
            "templateKey": "one", "openedAt": "2026-01-20T12:00:00+00:00",
            "finishedAt": "2026-01-23T15:00:00+00:00", "finishedBy": { "role": "MANAGER" },
        })
    );
    assert_eq!(tasks[1]["openedAt"], "2026-01-23T15:00:00+00:00");
}

/// An interaction, a survey that needs its answer, and an indicator, side by side.
async fn kinds(app: &TestApp) -> (Desk, String) {
    let manager = Desk::of(app, Role::Manager).await;
    let csat = json!({ "key": "csat", "name": "CSAT", "question": "?", "method": "CSAT",
        "purpose": "TRANSACTIONAL" });
    manager.done("surveyCreate", csat, "survey").await;
    let survey = json!({ "surveyKey": "csat", "doneWhen": "ANSWERED" });
    let together = |task: Value| with(task, json!({ "position": 0 }));
    let tasks = vec![
        together(with(task("talk", 1), json!({ "typeKey": "core.interaction" }))),
        together(with(task("ask", 1), json!({ "typeKey": "core.survey", "config": survey }))),
        together(indicator("judge", "PERSON")),
        together(task("do", 1)),
    ];
    begin(app, tasks).await
}

async fn a_completion_says_what_its_kind_needs(app: TestApp) {
    let (desk, padaria) = kinds(&app).await;
    let talk = json!({});
    let (answer, value) = (json!({ "score": 5 }), json!(90));
    let cases = [
        ("talk", json!({}), vec!["interaction REQUIRED"]),
        ("talk", json!({ "interaction": talk, "value": value }), vec!["value NOT_FOR_TYPE"]),
        ("ask", json!({}), vec!["answer REQUIRED"]),
        ("judge", json!({}), vec!["value REQUIRED"]),
        ("judge", json!({ "answer": answer }), vec!["value REQUIRED", "answer NOT_FOR_TYPE"]),
        ("do", json!({ "interaction": talk }), vec!["interaction NOT_FOR_TYPE"]),
    ];
    for (key, how, problems) in cases {
        let input = with(how, json!({ "taskId": desk.task(&padaria, key).await }));
        assert_eq!(desk.refused("taskComplete", input).await, problems, "{key}");
    }
    desk.complete(&padaria, "talk", json!({ "interaction": talk })).await;
    desk.complete(&padaria, "ask", json!({ "answer": answer })).await;
    desk.complete(&padaria, "judge", json!({ "value": value })).await;
    desk.complete(&padaria, "do", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn what_is_wrong_with_a_completion_names_its_field(app: TestApp) {
    let (desk, padaria) = kinds(&app).await;
    let bank = json!({ "name": "Bank", "journeyStart": { "none": true } });
    let bank = desk.done("accountCreate", bank, "account").await;
    let stranger = json!({ "accountId": bank, "name": "Ivo" });
    let stranger = desk.done("contactCreate", stranger, "contact").await;
    let (long, padding) = ("x".repeat(201), "x".repeat(20_001));
    let cases = [
        (
            "talk",
            json!({ "interaction": { "subject": long, "notes": padding,
            "contactId": stranger } }),
            vec![
                "interaction.contactId CONTRADICTION",
                "interaction.subject TOO_LONG",
                "interaction.notes TOO_LONG",
            ],
        ),
        (
            "talk",
            json!({ "interaction": { "contactId": bank } }),
            vec!["interaction.contactId BAD_ID"],
        ),
        (
            "ask",
            json!({ "answer": { "score": 11, "comment": "x".repeat(4001) } }),
            vec!["answer.comment TOO_LONG", "answer.score OUT_OF_RANGE"],
        ),
    ];
    for (key, how, problems) in cases {
        let input = with(how, json!({ "taskId": desk.task(&padaria, key).await }));
        assert_eq!(desk.refused("taskComplete", input).await, problems, "{key}");
    }
    let skip = json!({ "taskId": desk.task(&padaria, "do").await, "reason": "x".repeat(2001) });
    assert_eq!(desk.refused("taskSkip", skip).await, ["reason TOO_LONG"]);
    let foreign = app.workspace().await;
    let other = json!({ "taskId": desk.task(&padaria, "do").await });
    let foreign = Desk { app: app.clone(), token: foreign.token };
    assert_eq!(foreign.refused("taskComplete", other).await, ["taskId NOT_FOUND"]);
    let seen = desk.see("{ interactions { totalCount } }", json!({})).await;
    assert_eq!(seen["interactions"]["totalCount"], 0, "nothing was left half done");
}

async fn an_indicator_that_is_skipped_is_waived(app: TestApp) {
    let (desk, padaria) = begin(&app, vec![indicator("judge", "PERSON")]).await;
    let id = desk.task(&padaria, "judge").await;
    let skip = json!({ "taskId": id, "reason": "They sell only on Sundays." });
    desk.done("taskSkip", skip, "task").await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    let query = "query ($id: ID!) { task(id: $id) { status reason
        visit { completeness evaluations { nodes { verdict reason task { id } } } } } }";
    let seen = desk.see(query, json!({ "id": id })).await;
    let reason = "They sell only on Sundays.";
    assert_eq!(
        seen["task"],
        json!({ "status": "SKIPPED", "reason": reason, "visit": {
        "completeness": 1.0, "evaluations": { "nodes": [
            { "verdict": "WAIVED", "reason": reason, "task": { "id": id } },
        ] },
    } })
    );
}

async fn a_task_is_opened_again_only_within_the_current_visit(app: TestApp) {
    let (desk, padaria) = begin(&app, vec![task("one", 1), task("two", 1)]).await;
    let one = desk.task(&padaria, "one").await;
    let again = json!({ "taskId": one, "reason": "A page was missing." });
    let found = desk.refused("taskReopen", again.clone()).await;
    assert_eq!(found, ["taskId TASK_NOT_FINISHED"]);
    desk.complete(&padaria, "one", json!({})).await;
    let silent = with(again.clone(), json!({ "reason": "" }));
    assert_eq!(desk.refused("taskReopen", silent).await, ["reason REQUIRED"]);
    desk.done("taskReopen", again.clone(), "task").await;
    let open = desk.to_do(&padaria).await;
    assert_eq!(open, ["one 2026-01-21", "two 2026-01-21"], "what was opened stays open");
    let audit = "query ($id: ID!) { auditEntries(subjectId: $id) { nodes { action reason } } }";
    let seen = desk.see(audit, json!({ "id": one })).await;
    let entry = json!({ "action": "task.reopened", "reason": "A page was missing." });
    assert_eq!(seen["auditEntries"]["nodes"][0], entry);
    desk.complete(&padaria, "two", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE", "the first is open");
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    assert_eq!(desk.refused("taskReopen", again).await, ["taskId VISIT_ENDED"]);
}

async fn tasks_of_one_position_open_together_and_optional_ones_block_nothing(app: TestApp) {
    let tasks = vec![
        task("one", 1),
        with(task("beside", 2), json!({ "position": 0 })),
        with(task("optional", 3), json!({ "position": 0, "required": false })),
        with(task("after", 4), json!({ "position": 1 })),
    ];
    let (desk, padaria) = begin(&app, tasks).await;
    let mut open = desk.to_do(&padaria).await;
    open.sort();
    assert_eq!(open, ["beside 2026-01-22", "one 2026-01-21", "optional 2026-01-23"]);
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await.len(), 2, "`beside` is open");
    desk.complete(&padaria, "beside", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["optional 2026-01-23", "after 2026-01-24"]);
    desk.complete(&padaria, "after", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    let query = "{ tasks(filter: { status: { eq: CANCELLED } }) { nodes { title required } } }";
    let seen = desk.see(query, json!({})).await;
    assert_eq!(seen["tasks"]["nodes"], json!([{ "title": "optional", "required": false }]));
}

async fn due_dates_follow_their_anchors(app: TestApp) {
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let holiday = json!({ "onDate": "2026-01-26", "name": "Anniversary" });
    owner.done("holidayCreate", holiday, "holiday").await;
    let tasks = vec![
        task("one", 0),
        with(task("two", 3), json!({ "dayKind": "BUSINESS" })),
        with(task("three", 10), json!({ "anchor": "STAGE_ENTRY" })),
        with(task("four", 0), json!({ "durationDays": null })),
    ];
    let (desk, padaria) = begin(&app, tasks).await;
    assert_eq!(desk.to_do(&padaria).await, ["one 2026-01-20"]);
    app.set_time("2026-01-22T12:00:00Z");
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["two 2026-01-28"], "over a weekend and a holiday");
    desk.complete(&padaria, "two", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["three 2026-01-30"]);
    desk.complete(&padaria, "three", json!({})).await;
    assert_eq!(desk.to_do(&padaria).await, ["four -"]);
    let query = "{ tasks(filter: { status: { eq: OPEN } }) { nodes { dueState } } }";
    let seen = desk.see(query, json!({})).await;
    assert_eq!(seen["tasks"]["nodes"][0]["dueState"], "UPCOMING");
}

async fn who_saw_an_older_version_changes_nothing(app: TestApp) {
    let user = app.user(Role::Csm).await;
    let (desk, padaria) = begin(&app, vec![task("one", 1)]).await;
    let id = desk.task(&padaria, "one").await;
    let query = "query ($id: ID!) { task(id: $id) { version } }";
    let seen = desk.see(query, json!({ "id": id })).await["task"]["version"].take();
    let assign = json!({ "taskId": id, "assigneeId": global(user.id) });
    desk.done("taskAssign", assign, "task").await;
    let stale = json!({ "taskId": id, "expectedVersion": seen });
    assert_eq!(desk.refused("taskComplete", stale).await, ["expectedVersion CONFLICT"]);
    assert_eq!(desk.to_do(&padaria).await, ["one 2026-01-21"]);
}
