//! What journeys wait for: values, answers, and dates.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, indicator, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_point_of_a_metric_wakes_the_journey_that_waits_for_it,
    an_answer_wakes_the_journey_that_waits_for_it,
    an_awaited_indicator_is_waived_with_a_reason,
    a_missing_value_counts_after_its_days,
    a_stage_begins_by_the_end_of_the_subscription,
    an_end_counts_until_its_subscription_is_cancelled,
);

/// A stage whose only task is followed by this indicator, and a last one.
async fn plan(desk: &Desk, indicator: Value) -> String {
    let stages =
        json!([stage("a", vec![task("one", 1), indicator]), last("b", vec![task("two", 1)]),]);
    desk.publish("plan", json!({ "stages": stages })).await.0
}

async fn metric(desk: &Desk) -> String {
    let logins = json!({
        "key": "logins", "name": "Logins", "unit": "logins", "grain": "DAY",
        "aggregation": "LAST", "direction": "HIGHER_IS_BETTER", "freshnessDays": 30,
    });
    desk.done("metricCreate", logins, "metric").await
}

fn logins() -> Value {
    let mut logins = indicator("logins", "METRIC");
    logins["config"]["metricKey"] = json!("logins");
    logins
}

async fn record(desk: &Desk, metric: &str, account: &str, value: f64) {
    let day = desk.app.now().date_naive().to_string();
    let point = json!({ "metricId": metric, "subjectId": account, "period": day, "value": value });
    let payload = desk.ask("metricPointsRecord", json!({ "points": [point] }), "").await;
    assert_eq!(payload["userErrors"], json!([]));
}

async fn a_point_of_a_metric_wakes_the_journey_that_waits_for_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let metric = metric(&desk).await;
    let template = plan(&desk, logins()).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 WAITING INDICATOR");
    app.advance(1);
    record(&desk, &metric, &padaria, 79.0).await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 WAITING INDICATOR", "by a job");
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "a 1.2 ACTIVE", "too few");
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "a 1.2 WAITING INDICATOR", "the old value is old");
    app.advance(1);
    record(&desk, &metric, &padaria, 80.0).await;
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn an_answer_wakes_the_journey_that_waits_for_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    let nps = desk.done("surveyCreate", nps, "survey").await;
    let mut good = indicator("nps", "NPS");
    good["config"]["target"] = json!(7);
    let template = plan(&desk, good).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    for (score, place) in [(6, "a 1.2 ACTIVE"), (7, "b 1.1 ACTIVE")] {
        app.advance(1);
        let answer = json!({ "surveyId": nps, "accountId": padaria, "score": score });
        desk.done("surveyResponseRecord", answer, "surveyResponse").await;
        app.run_jobs().await;
        assert_eq!(desk.place(&padaria).await, place);
        if score == 6 {
            desk.complete(&padaria, "one", json!({})).await;
        }
    }
}

async fn an_awaited_indicator_is_waived_with_a_reason(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    metric(&desk).await;
    let template = plan(&desk, logins()).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id awaitedIndicators {
        key name source isCarried } } } }";
    let mut seen = desk.see(query, json!({ "id": padaria })).await;
    let journey = seen["account"]["primaryJourney"]["id"].take();
    let awaited = &seen["account"]["primaryJourney"]["awaitedIndicators"];
    let logins = json!([{ "key": "logins", "name": "logins", "source": "METRIC",
        "isCarried": false }]);
    assert_eq!(*awaited, logins);
    let waive = json!({ "journeyId": journey, "indicatorKey": "logins", "reason": "No data." });
    let unknown = with(waive.clone(), json!({ "indicatorKey": "one" }));
    assert_eq!(desk.refused("indicatorWaive", unknown).await, ["indicatorKey NOT_AWAITED"]);
    let silent = with(waive.clone(), json!({ "reason": "" }));
    assert_eq!(desk.refused("indicatorWaive", silent).await, ["reason REQUIRED"]);
    desk.done("indicatorWaive", waive, "journey").await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
    let query = "query ($id: ID!) { journey(id: $id) { visits(first: 1) { nodes {
        evaluations { nodes { verdict reason observed evaluatedBy { role } } } } } } }";
    let seen = desk.see(query, json!({ "id": journey })).await;
    let evaluations = &seen["journey"]["visits"]["nodes"][0]["evaluations"]["nodes"];
    let waived = json!([{ "verdict": "WAIVED", "reason": "No data.", "observed": null,
        "evaluatedBy": { "role": "MANAGER" } }]);
    assert_eq!(*evaluations, waived);
}

async fn a_missing_value_counts_after_its_days(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    metric(&desk).await;
    let mut optional = logins();
    let given_up = json!({ "onMissing": "PASS", "missingAfterDays": 5 });
    optional["config"] = with(optional["config"].take(), given_up);
    let template = plan(&desk, optional).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    app.advance(4);
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "a 1.1 WAITING INDICATOR");
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "b 1.1 ACTIVE");
}

async fn a_stage_begins_by_the_end_of_the_subscription(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let offer = with(task("offer", 30), json!({ "anchor": "SUBSCRIPTION_END" }));
    let by_the_end = json!({ "startsAt": "SUBSCRIPTION_END", "startsDaysBefore": 90 });
    let stages =
        json!([stage("a", vec![task("one", 1)]), with(last("renewal", vec![offer]), by_the_end),]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    desk.complete(&padaria, "one", json!({})).await;
    assert_eq!(desk.place(&padaria).await, "renewal 1 WAITING ANCHOR", "no end is known");
    let gold = json!({
        "accountId": padaria, "name": "Gold", "startsOn": "2025-07-01", "endsOn": "2026-06-30",
        "amount": { "amountMinor": 100_000, "currency": "BRL" }, "interval": "YEAR",
    });
    desk.done("subscriptionCreate", gold, "subscription").await;
    app.run_jobs().await;
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { wakesOn } } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    assert_eq!(seen["account"]["primaryJourney"]["wakesOn"], "2026-04-01");
    app.set_time("2026-03-31T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "renewal 1 WAITING ANCHOR");
    app.set_time("2026-04-01T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(desk.place(&padaria).await, "renewal 1.1 ACTIVE");
    assert_eq!(desk.to_do(&padaria).await, ["offer 2026-05-31"]);
}

async fn an_end_counts_until_its_subscription_is_cancelled(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let by_the_end = json!({ "startsAt": "SUBSCRIPTION_END", "startsDaysBefore": 90 });
    let stages = json!([with(last("renewal", vec![task("offer", 1)]), by_the_end)]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let ends = [("2026-06-30", json!("2026-02-10")), ("2026-12-31", json!(null))];
    for (ends_on, cancelled_on) in ends {
        let gold = json!({
            "accountId": padaria, "name": "Gold", "startsOn": "2025-07-01", "endsOn": ends_on,
            "cancelledOn": cancelled_on, "interval": "YEAR",
            "amount": { "amountMinor": 100_000, "currency": "BRL" },
        });
        desk.done("subscriptionCreate", gold, "subscription").await;
    }
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { wakesOn } } }";
    let days = [
        ("2026-01-20T12:00:00Z", "2026-04-01"),
        ("2026-02-09T12:00:00Z", "2026-04-01"),
        ("2026-02-10T12:00:00Z", "2026-10-02"),
    ];
    for (now, wakes_on) in days {
        app.set_time(now);
        app.run_jobs().await;
        let seen = desk.see(query, json!({ "id": padaria })).await;
        assert_eq!(seen["account"]["primaryJourney"]["wakesOn"], wakes_on, "{now}");
    }
}
