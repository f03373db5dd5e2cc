//! Onboarding and churn: cohorts by how customers were onboarded, before and after a change of the
//! process.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_migration_does_not_rewrite_by_which_version_somebody_was_onboarded,
    neither_rescheduling_nor_skipping_makes_an_onboarding_punctual,
    who_left_during_the_onboarding_is_counted,
    an_onboarding_that_was_taken_over_counts_as_far_as_it_is_known,
    who_left_an_onboarding_that_was_taken_over_is_counted_on_that_day,
    a_change_of_the_process_is_seen_in_what_became_of_customers,
    the_statements_do_not_grow_with_the_accounts,
    what_cannot_be_answered_is_refused,
);

const QUESTION: &str = "query ($from: Date!, $to: Date!, $by: CohortDimension!, $template: ID) {
    onboardingCohorts(from: $from, to: $to, by: $by, templateId: $template) { cohorts {
        min below npsClass month accounts lostInOnboarding medianDays medianOnTime
        churn { withinDays observed churned rate } decidedRenewals renewed renewalRate
        journeyTemplate { key } templateVersion { number } } leftOut } }";

/// A take-off that should last ten days, and a flight.
fn definition() -> Value {
    let take_off = with(
        stage("take-off", vec![task("kick-off", 10)]),
        json!({
            "phase": "ONBOARDING",
        }),
    );
    json!({ "maxAttempts": 5, "stages": [take_off, last("flight", vec![task("review", 30)])] })
}

/// The cohorts of a year.
async fn cohorts(desk: &Desk, by: &str) -> Vec<Value> {
    let year = json!({ "from": "2026-01-01", "to": "2026-12-31", "by": by });
    let seen = desk.see(QUESTION, year).await;
    seen["onboardingCohorts"]["cohorts"].as_array().cloned().expect("there are cohorts")
}

/// What tells a cohort from others, how many accounts it has, and the churn of each horizon.
fn line(cohort: &Value) -> String {
    let names = [
        &cohort["min"],
        &cohort["npsClass"],
        &cohort["month"],
        &cohort["templateVersion"]["number"],
    ];
    let name = names.into_iter().find(|name| !name.is_null()).unwrap_or(&Value::Null);
    let churn = cohort["churn"].as_array().expect("a list").iter();
    let churn: Vec<_> =
        churn.map(|one| format!("{}/{}", one["churned"], one["observed"])).collect();
    format!("{name}: {} accounts, {}", cohort["accounts"], churn.join(" "))
}

async fn lines(desk: &Desk, by: &str) -> String {
    cohorts(desk, by).await.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Three customers of a slow and late onboarding, two of them lost; then the process changes, and
/// three others are on board within days.
async fn before_and_after(app: &TestApp) -> Desk {
    app.set_time("2026-01-05T12:00:00Z");
    let desk = Desk::of(app, Role::Manager).await;
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "TRANSACTIONAL" });
    let survey = desk.done("surveyCreate", nps, "survey").await;
    let (template, _) = desk.publish("standard", definition()).await;
    let mut late = Vec::new();
    for name in ["A", "B", "C"] {
        late.push(desk.account(name, &template, None).await);
    }
    app.advance(40);
    let answer = async |account: &str, score: i32| {
        let answer = json!({ "surveyId": survey, "accountId": account, "score": score });
        desk.done("surveyResponseRecord", answer, "surveyResponse").await;
    };
    answer(&late[0], 3).await;
    for account in &late {
        desk.complete(account, "kick-off", json!({})).await;
    }
    desk.publish_next(&template, definition()).await;
    let mut quick = Vec::new();
    for name in ["D", "E", "F"] {
        quick.push(desk.account(name, &template, None).await);
    }
    // One who is still on the way, and is in no cohort.
    desk.account("G", &template, None).await;
    app.advance(5);
    answer(&late[1], 10).await;
    for account in &quick {
        answer(account, 9).await;
        desk.complete(account, "kick-off", json!({})).await;
    }
    for (account, verb) in [(&late[2], "renewalLose"), (&quick[0], "renewalWin")] {
        decide_renewal(&desk, account, verb).await;
    }
    app.advance(30);
    let churn = json!({ "id": late[0], "reason": "Price" });
    desk.done("accountChurn", churn, "account").await;
    app.advance(70);
    let churn = json!({ "id": late[1], "reason": "Price" });
    desk.done("accountChurn", churn, "account").await;
    desk
}

/// An account pays until the end of the year, and says already what it will do then.
async fn decide_renewal(desk: &Desk, account: &str, verb: &str) {
    let input = json!({ "accountId": account, "name": "S", "startsOn": "2026-01-01",
        "endsOn": "2026-12-31", "interval": "MONTH",
        "amount": { "amountMinor": 100, "currency": "BRL" } });
    desk.done("subscriptionCreate", input, "subscription").await;
    let query = "query ($id: ID!) { account(id: $id) { nextRenewal { id } } }";
    let seen = desk.see(query, json!({ "id": account })).await;
    let id = &seen["account"]["nextRenewal"]["id"];
    let input = match verb {
        "renewalWin" => json!({ "id": id, "endsOn": "2027-12-31" }),
        _ => json!({ "id": id, "reason": "Price" }),
    };
    desk.done(verb, input, "renewal").await;
}

async fn a_change_of_the_process_is_seen_in_what_became_of_customers(app: TestApp) {
    let desk = before_and_after(&app).await;
    // 105 days after the first three, 100 after the others.
    let versions = "1: 3 accounts, 1/3 0/0 0/0 2/3\n2: 3 accounts, 0/3 0/0 0/0 0/3";
    assert_eq!(lines(&desk, "TEMPLATE_VERSION").await, versions);
    let found = cohorts(&desk, "TEMPLATE_VERSION").await;
    let told = |cohort: &Value| (cohort["medianDays"].clone(), cohort["medianOnTime"].clone());
    assert_eq!(told(&found[0]), (json!(40.0), json!(0.0)));
    assert_eq!(told(&found[1]), (json!(5.0), json!(1.0)));
    assert_eq!(found[0]["churn"][0]["rate"], json!(1.0 / 3.0));
    assert_eq!(found[0]["churn"][1]["rate"], Value::Null, "nobody has been seen for so long");
    assert_eq!(found[1]["journeyTemplate"]["key"], "standard");
    let renewed: Vec<_> = found.iter().map(|cohort| cohort["renewalRate"].clone()).collect();
    assert_eq!(renewed, [json!(0.0), json!(1.0)]);
    let duration = "0: 3 accounts, 0/3 0/0 0/0 0/3\n31: 3 accounts, 1/3 0/0 0/0 2/3";
    assert_eq!(lines(&desk, "DURATION").await, duration);
    let on_time = "0: 3 accounts, 1/3 0/0 0/0 2/3\n100: 3 accounts, 0/3 0/0 0/0 0/3";
    assert_eq!(lines(&desk, "ON_TIME").await, on_time);
    // The answer after the phase does not count for it.
    let nps = "\"PROMOTER\": 3 accounts, 0/3 0/0 0/0 0/3\n\"DETRACTOR\": 1 accounts, 1/1 0/0 0/0 \
               1/1\nnull: 2 accounts, 0/2 0/0 0/0 1/2";
    assert_eq!(lines(&desk, "NPS").await, nps);
    assert_eq!(lines(&desk, "REPEATS").await, "0: 6 accounts, 1/6 0/0 0/0 2/6");
    assert_eq!(lines(&desk, "MONTH").await, "\"2026-02-01\": 6 accounts, 1/6 0/0 0/0 2/6");
}

async fn the_statements_do_not_grow_with_the_accounts(app: TestApp) {
    let desk = before_and_after(&app).await;
    let (_, few) = app.statements(cohorts(&desk, "NPS")).await;
    let template = "{ journeyTemplates { nodes { id } } }";
    let template = desk.see(template, json!({})).await;
    let template = template["journeyTemplates"]["nodes"][0]["id"].as_str().expect("an id");
    for number in 0..10 {
        let account = desk.account(&format!("H{number}"), template, None).await;
        desk.complete(&account, "kick-off", json!({})).await;
    }
    let (found, many) = app.statements(cohorts(&desk, "NPS")).await;
    assert_eq!(found.len(), 3);
    assert_eq!(many, few);
}

async fn what_cannot_be_answered_is_refused(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let backwards = json!({ "from": "2026-02-01", "to": "2026-01-01", "by": "MONTH" });
    let answer = app.graphql(&desk.token, QUESTION, backwards).await;
    assert_eq!(crate::harness::problems(&answer), "to: TOO_EARLY");
    let nothing = json!({ "from": "2026-01-01", "to": "2026-02-01", "by": "MONTH" });
    let seen = desk.see(QUESTION, nothing).await;
    assert_eq!(seen["onboardingCohorts"]["cohorts"], json!([]));
}

/// Migrates the primary journey of an account.
async fn migrate(desk: &Desk, account: &str, version: &str) {
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let seen = desk.see(query, json!({ "id": account })).await;
    let journey = &seen["account"]["primaryJourney"]["id"];
    let input = json!({ "journeyId": journey, "versionId": version });
    desk.done("journeyMigrate", input, "journey").await;
}

async fn a_migration_does_not_rewrite_by_which_version_somebody_was_onboarded(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let desk = Desk::of(&app, Role::Manager).await;
    let (template, _) = desk.publish("standard", definition()).await;
    let early = desk.account("Early", &template, None).await;
    let between = desk.account("Between", &template, None).await;
    desk.complete(&early, "kick-off", json!({})).await;
    let second = desk.publish_next(&template, definition()).await;
    for account in [&early, &between] {
        migrate(&desk, account, &second).await;
    }
    let first_only = "1: 1 accounts, 0/0 0/0 0/0 0/1";
    assert_eq!(lines(&desk, "TEMPLATE_VERSION").await, first_only, "it flew already");
    desk.complete(&between, "kick-off", json!({})).await;
    let both = "1: 1 accounts, 0/0 0/0 0/0 0/1\n2: 1 accounts, 0/0 0/0 0/0 0/1";
    assert_eq!(lines(&desk, "TEMPLATE_VERSION").await, both, "its open visit moved along");
    let mut renamed = definition();
    renamed["stages"][0]["key"] = json!("start");
    let third = desk.publish_next(&template, renamed).await;
    for account in [&early, &between] {
        migrate(&desk, account, &third).await;
    }
    assert_eq!(lines(&desk, "TEMPLATE_VERSION").await, both, "nobody vanishes");
}

async fn neither_rescheduling_nor_skipping_makes_an_onboarding_punctual(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let desk = Desk::of(&app, Role::Manager).await;
    let mut definition = definition();
    definition["stages"][0]["tasks"] = json!([task("kick-off", 10), task("training", 10)]);
    let (template, _) = desk.publish("standard", definition).await;
    let rescheduled = desk.account("Rescheduled", &template, None).await;
    let skipped = desk.account("Skipped", &template, None).await;
    let input = json!({ "taskId": desk.task(&rescheduled, "kick-off").await,
        "dueOn": "2026-03-01", "reason": "They are away." });
    desk.done("taskReschedule", input, "task").await;
    let input = json!({ "taskId": desk.task(&skipped, "kick-off").await, "reason": "Not needed." });
    desk.done("taskSkip", input, "task").await;
    app.advance(20);
    desk.complete(&rescheduled, "kick-off", json!({})).await;
    desk.complete(&rescheduled, "training", json!({})).await;
    let input = json!({ "taskId": desk.task(&skipped, "training").await, "reason": "Not needed." });
    desk.done("taskSkip", input, "task").await;
    // One of two was done when it was first due; of what was skipped nothing can be said.
    let on_time = "50: 1 accounts, 0/0 0/0 0/0 0/1\nnull: 1 accounts, 0/0 0/0 0/0 0/1";
    assert_eq!(lines(&desk, "ON_TIME").await, on_time);
    let found = cohorts(&desk, "ON_TIME").await;
    let medians: Vec<_> = found.iter().map(|cohort| cohort["medianOnTime"].clone()).collect();
    assert_eq!(medians, [json!(0.5), Value::Null]);
}

async fn who_left_during_the_onboarding_is_counted(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let desk = Desk::of(&app, Role::Manager).await;
    let (template, _) = desk.publish("standard", definition()).await;
    let through = desk.account("Through", &template, None).await;
    let left = desk.account("Left", &template, None).await;
    desk.account("On the way", &template, None).await;
    desk.complete(&through, "kick-off", json!({})).await;
    let churn = json!({ "id": left, "reason": "Price" });
    desk.done("accountChurn", churn, "account").await;
    let told = async |by: &str| {
        let found = cohorts(&desk, by).await;
        let line = |one: &Value| format!("{} {}", one["accounts"], one["lostInOnboarding"]);
        found.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(told("TEMPLATE_VERSION").await, ["1 1"]);
    assert_eq!(told("MONTH").await, ["1 1"]);
    assert_eq!(told("DURATION").await, ["1 0", "0 1"]);
    let back = json!({ "id": left });
    desk.done("accountResume", back, "account").await;
    assert_eq!(told("TEMPLATE_VERSION").await, ["1 0"], "one that was won back is not lost");
}

/// A take-off, a climb and a flight; a customer comes to one of them as `at` says.
async fn onboard(desk: &Desk, template: &str, name: &str, at: Value) -> String {
    let at = with(json!({ "templateId": template }), at);
    let input = json!({ "name": name, "journeyStart": { "at": at } });
    desk.done("accountCreate", input, "account").await
}

async fn an_onboarding_that_was_taken_over_counts_as_far_as_it_is_known(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let desk = Desk::of(&app, Role::Manager).await;
    let mut definition = definition();
    let second = with(task("training", 10), json!({ "position": 1 }));
    definition["stages"][0]["tasks"].as_array_mut().expect("a list").push(second);
    let climb = with(stage("climb", vec![task("check", 10)]), json!({ "phase": "ONBOARDING" }));
    definition["stages"].as_array_mut().expect("a list").insert(1, climb);
    let (template, _) = desk.publish("standard", definition).await;
    let over = json!({ "stageKey": "climb", "enteredOn": "2024-04-14",
        "adoption": { "allDone": true } });
    onboard(&desk, &template, "Over", over).await;
    let begun = json!({ "enteredOn": "2025-12-26", "adoption": { "nextTaskKey": "training" } });
    let begun = onboard(&desk, &template, "Begun", begun).await;
    let between = json!({ "stageKey": "climb", "enteredOn": "2025-12-26",
        "adoption": { "nothingDone": true } });
    let between = onboard(&desk, &template, "Between", between).await;
    let unsaid = json!({ "adoption": { "nothingDone": true } });
    let unsaid = onboard(&desk, &template, "Unsaid", unsaid).await;
    let new = onboard(&desk, &template, "New", json!({})).await;
    app.advance(10);
    for account in [&unsaid, &new] {
        desk.complete(account, "kick-off", json!({})).await;
    }
    for account in [&unsaid, &new, &begun] {
        desk.complete(account, "training", json!({})).await;
    }
    for account in [&unsaid, &new, &begun, &between] {
        desk.complete(account, "check", json!({})).await;
    }
    let told = async |by: &str| {
        let found = cohorts(&desk, by).await;
        let line =
            |one: &Value| format!("{} {} {}", one["min"], one["accounts"], one["medianDays"]);
        found.iter().map(line).collect::<Vec<_>>()
    };
    // From 26 December to 15 January for one, ten days for the other.
    assert_eq!(told("DURATION").await, ["0 2 15.0", "null 2 null"]);
    assert_eq!(told("REPEATS").await, ["0 2 15.0", "null 2 null"]);
    assert_eq!(told("MONTH").await, ["null 4 15.0"], "when they ended is known of all four");
    assert_eq!(told("ON_TIME").await, ["100 3 15.0", "null 1 null"], "by what began here");
    let year = json!({ "from": "2026-01-01", "to": "2026-12-31", "by": "MONTH" });
    let seen = desk.see(QUESTION, year).await;
    assert_eq!(seen["onboardingCohorts"]["leftOut"], 1, "one was over before");
}

async fn who_left_an_onboarding_that_was_taken_over_is_counted_on_that_day(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    let (template, _) = desk.publish("standard", definition()).await;
    let begun = json!({ "enteredOn": "2025-03-01", "adoption": { "nothingDone": true } });
    let lost = onboard(&desk, &template, "Lost", begun).await;
    let churn = json!({ "id": lost, "reason": "Price", "churnedOn": "2025-04-20" });
    desk.backfill("accountChurn", churn, "account { id }").await;
    let april = json!({ "from": "2025-04-20", "to": "2025-04-20", "by": "MONTH" });
    let seen = desk.see(QUESTION, april).await;
    let found = &seen["onboardingCohorts"];
    assert_eq!(found["cohorts"][0]["lostInOnboarding"], 1);
    assert_eq!(found["leftOut"], 0);
}
