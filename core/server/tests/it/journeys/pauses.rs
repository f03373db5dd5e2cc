//! What a pause of an account keeps: what it was, its dates, and what arrives meanwhile.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_trial_becomes_a_customer_and_stays_a_trial_through_a_pause,
    dates_that_hang_on_the_contract_or_were_set_in_a_pause_do_not_move_by_it,
    an_answer_that_arrives_in_a_pause_counts_when_it_is_over,
    an_answer_of_the_past_does_nothing_that_was_asked_later,
    a_renewal_that_fell_into_a_pause_begins_after_it,
    a_journey_woken_too_early_asks_again,
    facts_of_the_past_alert_nobody,
    a_pause_that_became_known_late_moves_nothing_that_began_since,
);

async fn pause(desk: &Desk, account: &str) {
    desk.done("accountPause", json!({ "id": account, "reason": "so" }), "account").await;
}

async fn resume(desk: &Desk, account: &str) {
    desk.done("accountResume", json!({ "id": account }), "account").await;
    desk.app.run_jobs().await;
}

async fn status(desk: &Desk, account: &str) -> Value {
    let query = "query ($id: ID!) { account(id: $id) { status } }";
    desk.see(query, json!({ "id": account })).await["account"]["status"].take()
}

fn subscription(account: &str, ends_on: &str) -> Value {
    json!({
        "accountId": account, "name": "Gold", "startsOn": "2025-07-01", "endsOn": ends_on,
        "amount": { "amountMinor": 100_000, "currency": "BRL" }, "interval": "YEAR",
    })
}

async fn a_trial_becomes_a_customer_and_stays_a_trial_through_a_pause(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let new = json!({ "name": "Padaria", "status": "TRIAL" });
    let padaria = desk.done("accountCreate", new, "account").await;
    pause(&desk, &padaria).await;
    resume(&desk, &padaria).await;
    assert_eq!(status(&desk, &padaria).await, "TRIAL");
    let id = json!({ "id": padaria });
    desk.done("accountActivate", id.clone(), "account").await;
    assert_eq!(status(&desk, &padaria).await, "ACTIVE");
    assert_eq!(desk.refused("accountActivate", id).await, ["id BAD_STATUS_CHANGE"]);
}

async fn dates_that_hang_on_the_contract_or_were_set_in_a_pause_do_not_move_by_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let offer = with(task("offer", 30), json!({ "anchor": "SUBSCRIPTION_END", "position": 0 }));
    let call = with(task("call", 3), json!({ "position": 0 }));
    let stages = json!([last("a", vec![offer, call])]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let gold = subscription(&padaria, "2026-06-30");
    let gold = desk.done("subscriptionCreate", gold, "subscription").await;
    app.run_jobs().await;
    pause(&desk, &padaria).await;
    app.advance(10);
    let cake = json!({ "accountId": padaria, "title": "cake", "dueOn": "2026-02-20" });
    desk.done("taskCreate", cake, "task").await;
    let call = desk.task(&padaria, "call").await;
    let later = json!({ "taskId": call, "dueOn": "2026-02-20", "reason": "so" });
    assert_eq!(desk.refused("taskReschedule", later).await, ["taskId ACCOUNT_NOT_RUNNING"]);
    app.advance(10);
    resume(&desk, &padaria).await;
    let mut to_do = desk.to_do(&padaria).await;
    to_do.sort();
    let expected = ["cake 2026-03-02", "call 2026-02-12", "offer 2026-05-31"];
    assert_eq!(to_do, expected, "ten days, twenty days, and none");
    let later = json!({ "id": gold, "endsOn": "2026-07-31" });
    desk.done("subscriptionUpdate", later, "subscription").await;
    app.run_jobs().await;
    assert!(desk.to_do(&padaria).await.contains(&"offer 2026-07-01".to_owned()));
}

/// An account that was asked for an answer, and the survey.
async fn asked(desk: &Desk) -> (String, String) {
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    let nps = desk.done("surveyCreate", nps, "survey").await;
    let config = json!({ "surveyKey": "nps", "doneWhen": "ANSWERED" });
    let ask = with(task("ask", 3), json!({ "typeKey": "core.survey", "config": config }));
    let stages = json!([stage("a", vec![ask]), last("b", vec![task("one", 1)])]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    (desk.account("Padaria", &template, None).await, nps)
}

async fn an_answer_that_arrives_in_a_pause_counts_when_it_is_over(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let (padaria, nps) = asked(&desk).await;
    pause(&desk, &padaria).await;
    app.advance(3);
    let answer = json!({ "surveyId": nps, "accountId": padaria, "score": 9 });
    desk.done("surveyResponseRecord", answer, "surveyResponse").await;
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE", "nothing moves");
    app.advance(3);
    resume(&desk, &padaria).await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn an_answer_of_the_past_does_nothing_that_was_asked_later(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let (padaria, nps) = asked(&desk).await;
    let answer =
        |at: &str| json!({ "surveyId": nps, "accountId": padaria, "score": 9, "respondedAt": at });
    let selection = "surveyResponse { task { templateKey } }";
    let old = desk.ask("surveyResponseRecord", answer("2026-01-19T12:00:00Z"), selection).await;
    assert_eq!(old["surveyResponse"], json!({ "task": null }));
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE");
    app.advance(1);
    let new = desk.ask("surveyResponseRecord", answer("2026-01-21T12:00:00Z"), selection).await;
    assert_eq!(new["surveyResponse"], json!({ "task": { "templateKey": "ask" } }));
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn a_renewal_that_fell_into_a_pause_begins_after_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let stages = json!([last("renewal", vec![task("offer", 3)])]);
    let (template, _) = desk.publish("renewal", json!({ "stages": stages })).await;
    let rule = json!({
        "templateId": template, "name": "Renewal", "anchor": "SUBSCRIPTION_END", "daysBefore": 90,
    });
    desk.done("selectionRuleCreate", rule, "selectionRule").await;
    let new = json!({ "name": "Padaria", "journeyStart": { "none": true } });
    let padaria = desk.done("accountCreate", new, "account").await;
    let gold = subscription(&padaria, "2026-06-30");
    let gold = desk.done("subscriptionCreate", gold, "subscription").await;
    app.set_time("2026-03-30T12:00:00Z");
    pause(&desk, &padaria).await;
    app.set_time("2026-04-10T12:00:00Z");
    app.run_jobs().await;
    let query = "query ($id: ID!) { account(id: $id) { journeys { totalCount }
        primaryJourney { stageKey } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["journeys"]["totalCount"], 0);
    resume(&desk, &padaria).await;
    assert_eq!(desk.place(&padaria).await, "renewal 1.1 ACTIVE", "it is the only one, so primary");
    // The end moves while the renewal is under way: no second one begins for the new date.
    let later = json!({ "id": gold, "endsOn": "2026-07-05" });
    desk.done("subscriptionUpdate", later, "subscription").await;
    app.run_jobs().await;
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["journeys"]["totalCount"], 1);
}

async fn a_journey_woken_too_early_asks_again(app: TestApp) {
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let timed = json!({ "exit": "NOT_BEFORE", "expectedDays": 5 });
    let stages = json!([with(stage("a", vec![]), timed), last("b", vec![task("one", 1)])]);
    let (template, _) = owner.publish("plan", json!({ "stages": stages })).await;
    let padaria = owner.account("Padaria", &template, None).await;
    let zone = json!({ "timeZone": "America/Los_Angeles" });
    owner.done("workspaceUpdate", zone, "workspace").await;
    app.set_time("2026-01-25T03:00:01Z");
    assert_eq!(app.run_jobs().await, 1, "midnight in São Paulo");
    assert_eq!(owner.place(&padaria).await, "a 1.1 WAITING MINIMUM_DURATION");
    app.set_time("2026-01-25T08:00:00Z");
    app.run_jobs().await;
    assert_eq!(owner.place(&padaria).await, "b 1.1 ACTIVE", "midnight in Los Angeles");
}

async fn facts_of_the_past_alert_nobody(app: TestApp) {
    let owner = app.home().await.actor();
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let ready = json!({ "name": "ready", "source": "PERSON", "comparator": "GTE", "target": 80 });
    let ready = with(task("ready", 1), json!({ "typeKey": "core.indicator", "config": ready }));
    let definition = json!({ "maxAttempts": 1, "stages": [last("a", vec![ready])] });
    let (template, _) = desk.publish("plan", definition).await;
    for (name, origin, alerts) in
        [("Past", Some("BACKFILL"), 0), ("Now", None, 1), ("Wrong", Some("FUTURE"), 1)]
    {
        let account = desk.account(name, &template, None).await;
        let input = json!({ "taskId": desk.task(&account, "ready").await, "value": 1 });
        let variables = json!({ "input": input });
        let query = "mutation ($input: TaskCompleteInput!) {
            taskComplete(input: $input) { userErrors { code } } }";
        let (status, _) = app.graphql_from(&desk.token, origin, query, variables).await;
        assert_eq!(status.as_u16() == 200, name != "Wrong", "{name}");
        app.run_jobs().await;
        let seen = desk.see("{ alerts { totalCount } }", json!({})).await;
        assert_eq!(
            seen["alerts"]["totalCount"], alerts,
            "{name}: without a CSM, who leads is told"
        );
    }
    let low = app.token_of(owner.user_id.expect("a person"), &["tasks:write"]).await;
    let (status, answer) =
        app.graphql_from(&low, Some("BACKFILL"), "{ __typename }", json!({})).await;
    assert_eq!(status.as_u16(), 403);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

async fn a_pause_that_became_known_late_moves_nothing_that_began_since(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let (template, _) =
        desk.publish("plan", json!({ "stages": [last("a", vec![task("call", 3)])] })).await;
    let at = json!({ "templateId": template, "enteredOn": "2025-03-01",
        "adoption": { "nothingDone": true } });
    let new = json!({ "name": "Padaria", "journeyStart": { "at": at } });
    let padaria = desk.done("accountCreate", new, "account").await;
    assert_eq!(desk.to_do(&padaria).await, ["call 2026-01-23"]);
    let pause = |since: &str| json!({ "id": padaria, "reason": "so", "pausedOn": since });
    let refused = desk.refused("accountPause", pause("2026-01-21")).await;
    assert_eq!(refused, ["pausedOn TOO_LATE"]);
    desk.done("accountPause", pause("2025-11-20"), "account").await;
    let query = "query ($id: ID!) { account(id: $id) { pausedOn } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["pausedOn"], "2025-11-20");
    app.advance(10);
    resume(&desk, &padaria).await;
    assert_eq!(desk.to_do(&padaria).await, ["call 2026-02-02"], "ten days, and not seventy");
}
