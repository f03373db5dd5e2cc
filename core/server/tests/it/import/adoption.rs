//! A base that lives already: nine hundred accounts in the middle of their life come in with their
//! people, contracts, usage and past, and nobody is asked for anything that was done long ago.

use std::fmt::Write;

use chrono::{Days, NaiveDate};
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::Import;
use crate::desk::{Desk, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(nine_hundred_accounts_in_the_middle_of_their_life_set_off_nothing);

const ACCOUNTS: u64 = 900;

fn today() -> NaiveDate {
    "2026-01-20".parse().expect("a date")
}

fn ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

/// A journey with surveys in it, a renewal that a rule starts ninety days before contracts end, and
/// what both stand on.
async fn ground(app: &TestApp) -> Desk {
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    desk.done("surveyCreate", nps, "survey").await;
    let logins = json!({ "key": "logins", "name": "L", "unit": "n", "grain": "MONTH",
        "aggregation": "SUM", "direction": "HIGHER_IS_BETTER", "freshnessDays": 60 });
    desk.done("metricCreate", logins, "metric").await;
    let at = |position: i32, task: Value| with(task, json!({ "position": position }));
    let survey = json!({ "typeKey": "core.survey", "config": { "surveyKey": "nps",
        "doneWhen": "ANSWERED" } });
    let stages = json!([
        stage("welcome", vec![task("kick-off", 3), at(1, with(task("ask", 2), survey.clone()))]),
        with(
            stage(
                "adoption",
                vec![
                    task("train", 5),
                    at(1, task("check", 30)),
                    at(2, with(task("judge", 2), survey))
                ]
            ),
            json!({ "expectedDays": 90, "exit": "NOT_BEFORE" }),
        ),
        last("review", vec![task("meet", 7)]),
    ]);
    desk.publish("life", json!({ "stages": stages })).await;
    let prepare = with(task("prepare", 60), json!({ "anchor": "SUBSCRIPTION_END" }));
    let renewal = json!({ "stages": [last("renew", vec![prepare])] });
    let (template, _) = desk.publish("renewal", renewal).await;
    let rule = json!({ "templateId": template, "name": "Renewals", "anchor": "SUBSCRIPTION_END",
        "daysBefore": 90 });
    desk.done("selectionRuleCreate", rule, "selectionRule").await;
    desk
}

/// A third in welcome, a third in adoption with its training done, a third without a journey; one
/// in twenty was lost.
fn accounts(emails: &[String]) -> String {
    let mut text = "id,name,status,churned_on,owner_email,customer_since,journey_template,\
                    journey_stage,journey_entered_on,journey_next_task\n"
        .to_owned();
    for n in 0..ACCOUNTS {
        let is_lost = n % 20 == 19;
        let (status, churned) =
            if is_lost { ("churned", ago(10).to_string()) } else { ("", String::new()) };
        let journey = match n % 3 {
            _ if is_lost => ",,,".to_owned(),
            0 => format!("life,welcome,{},ask", ago(n % 40)),
            1 => format!("life,Adoption,{},check", ago(n % 200)),
            _ => ",,,".to_owned(),
        };
        let email = &emails[n as usize % emails.len()];
        let since = ago(300 + n);
        writeln!(text, "{n},Account {n},{status},{churned},{email},{since},{journey}")
            .expect("a string takes it");
    }
    text
}

/// A line for each account, made of its number.
fn each(header: &str, row: impl Fn(u64) -> String) -> String {
    let rows: Vec<_> = (0..ACCOUNTS).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

async fn nine_hundred_accounts_in_the_middle_of_their_life_set_off_nothing(app: TestApp) {
    let import = Import::new(&app);
    let desk = ground(&app).await;
    let mut emails = Vec::new();
    for _ in 0..9 {
        emails.push(app.user(Role::Csm).await.email);
    }
    import.run(accounts(&emails)).await.assert(ACCOUNTS, 0, 0, 0);
    let contacts = each("id,account_id,name,email,principal", |n| {
        format!("c{n},{n},Person {n},p{n}@x.example,sim")
    });
    let subscriptions = each("id,account_id,name,starts_on,ends_on,amount", |n| {
        // Some ended before, some end within the ninety days of the renewal, most later.
        let ends = today() + Days::new(n) - Days::new(100);
        format!("s{n},{n},Plan,{},{ends},\"100,00\"", ago(300 + n))
    });
    let interactions =
        each("id,account_id,contact_external_id,subject,sentiment,happened_at", |n| {
            format!("i{n},{n},c{n},Call,{},{}", n % 5 + 1, ago(n % 300))
        });
    let responses = each("id,account_id,contact_external_id,survey,score,responded_at", |n| {
        format!("r{n},{n},c{n},nps,{},{}", n % 11, ago(30 + n % 300))
    });
    let points = each("account_id,period,metric.logins", |n| format!("{n},2025-12-01,{}", n * 3));
    for (kind, text) in [
        ("contacts", contacts),
        ("subscriptions", subscriptions),
        ("interactions", interactions),
        ("responses", responses),
        ("metrics", points),
    ] {
        import.run_kind(kind, text, &[]).await.assert(ACCOUNTS, 0, 0, 0);
    }
    while app.run_jobs().await > 0 {}
    let query = "{ alerts { totalCount } journeys { totalCount }
        overdue: tasks(filter: { status: { eq: OPEN }, dueOn: { lt: \"2026-01-20\" } }) {
            totalCount }
        open: tasks(filter: { status: { eq: OPEN } }) { totalCount }
        pending: tasks(filter: { status: { eq: PENDING } }) { totalCount }
        skipped: tasks(filter: { status: { eq: SKIPPED } }) { totalCount } }";
    let seen = desk.see(query, json!({})).await;
    let count = |name: &str| seen[name]["totalCount"].as_u64();
    let of = |is: fn(u64) -> bool| (0..ACCOUNTS).filter(|n| n % 20 != 19 && is(*n)).count() as u64;
    let (welcomed, adopting) = (of(|n| n % 3 == 0), of(|n| n % 3 == 1));
    // Contracts of customers that end within ninety days are to be renewed, which is real work.
    let renewing = of(|n| (100..=190).contains(&n));
    assert_eq!(count("alerts"), Some(0));
    assert_eq!(count("overdue"), Some(0));
    assert_eq!(count("journeys"), Some(welcomed + adopting + renewing));
    assert_eq!(count("open"), Some(welcomed + adopting + renewing), "one next task each");
    assert_eq!(count("pending"), Some(adopting), "the survey of adoption waits for its turn");
    assert_eq!(count("skipped"), Some(welcomed + adopting), "kick-offs and trainings are past");
}
