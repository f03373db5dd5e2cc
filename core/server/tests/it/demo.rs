//! The demo: what it loads, and that a CSM finds something to do in it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use chrono::{DateTime, Utc};
use jornada_domain::auth::user::{self, UserFilter};
use jornada_domain::auth::{Actor, Role};
use jornada_domain::event::{self, EventFilter};
use jornada_domain::journeys::journey::{self, JourneyFilter, JourneyStatus};
use jornada_domain::journeys::visit;
use jornada_domain::page::{MAX_PAGE, PageArgs};
use jornada_domain::portfolio::summary::{self, Summed};
use jornada_domain::portfolio::{self, Of};
use jornada_domain::tasks::TaskStatus;
use jornada_domain::tasks::task;
use jornada_server::app::{Clock, SystemClock};
use jornada_server::demo::{self, Demo, TELCO_CSV};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::customers::global;
use crate::harness::{Engine, TestApp, both, run};
use crate::operator;

both!(the_demo_holds_what_it_promises, an_interrupted_load_goes_on);

/// Enough of the file for a second batch.
const TELCO_ROWS: usize = 150;

async fn load(app: &TestApp) -> Demo {
    let csv = head(TELCO_ROWS);
    let demo = demo::load(&app.app, csv.as_bytes(), |_| {}).await.expect("the demo is loaded");
    app.run_jobs().await;
    demo
}

fn head(rows: usize) -> String {
    let csv = std::str::from_utf8(TELCO_CSV).expect("the file is text");
    csv.lines().take(rows + 1).flat_map(|line| [line, "\n"]).collect()
}

fn setup(demo: &Demo) -> Actor {
    Actor::setup(demo.workspace.id, demo.workspace.clock_offset())
}

/// One test, because loading takes its time.
async fn the_demo_holds_what_it_promises(app: TestApp) {
    let demo = load(&app).await;
    each_csm_has_overdue_due_and_upcoming_work(&app, &demo).await;
    every_journey_is_consistent(&app, &demo).await;
    let token = give_token(&app, &demo).await;
    journeys_repeat_return_wait_and_lap(&app, &token).await;
    the_csm_of_a_held_journey_is_alerted(&app, &demo).await;
    a_renewal_begins_by_the_end_of_its_subscription(&app, &token).await;
    timelines_begin_with_the_csm(&app, &token).await;
    customers_of_the_telephone_company_have_all_that_the_file_says(&app, &token).await;
    plugins_score_customers_and_open_tasks(&app, &token).await;
    loading_again_changes_nothing(&app, &demo).await;
    the_sector_of_a_new_customer_picks_its_journey(&app, &demo, &token).await;
}

async fn each_csm_has_overdue_due_and_upcoming_work(app: &TestApp, demo: &Demo) {
    let actor = setup(demo);
    let cx = app.read(&actor);
    let filter = UserFilter { roles: Some(vec![Role::Csm]), ..Default::default() };
    let csms = user::list(&cx, filter, &PageArgs::first(MAX_PAGE))
        .await
        .expect("it can be read")
        .into_rows();
    let mut busy = 0;
    for csm in csms {
        let portfolio = portfolio::find(&cx, Of::User(csm.id)).await.expect("it can be read");
        let tasks =
            summary::tasks(&cx, &Summed::portfolio(&cx, &portfolio)).await.expect("it can be read");
        if tasks.overdue + tasks.today + tasks.upcoming > 0 {
            busy += 1;
            assert!(tasks.overdue > 0 && tasks.today > 0 && tasks.upcoming > 0, "{tasks:?}");
            let tally = summary::nps(&cx, &Summed::portfolio(&cx, &portfolio))
                .await
                .expect("it can be read");
            assert!(tally.nps().is_some(), "{tally:?}");
        }
    }
    assert_eq!(busy, 3, "the others look after the telephone company");
}

/// What a plugin made of the customers before some of them left, and a task of the type of another.
async fn plugins_score_customers_and_open_tasks(app: &TestApp, token: &str) {
    let query = "{ healthModels(first: 10) { nodes { name isPrimary
        activeVersion { definition { plugin { plugin { key } } } }
        bands { poor concerning healthy insufficient }
        runs(last: 1) { nodes { status total done stale } }
        hindsight(days: 1) { scored lost unscored auc } } } }";
    let told = app.data(token, query, json!({})).await;
    let model = &told["healthModels"]["nodes"][0];
    assert_eq!((&model["name"], &model["isPrimary"]), (&json!("Telco churn"), &json!(true)));
    let plugin = &model["activeVersion"]["definition"]["plugin"]["plugin"]["key"];
    assert_eq!(plugin, "jornada.telco-churn-health");
    let first = &model["runs"]["nodes"][0];
    let rows = json!(TELCO_ROWS);
    assert_eq!((&first["total"], &first["done"], &first["stale"]), (&rows, &rows, &json!(0)));
    let hindsight = &model["hindsight"];
    assert_eq!((&hindsight["scored"], &hindsight["unscored"]), (&rows, &json!(41)));
    let auc = hindsight["auc"].as_f64().expect("some left");
    assert!(auc > 0.75, "{hindsight:#}");
    let tasks = "{ tasks(first: 10, filter: { typeKey: { eq: \"jornada.training-session\" } }) {
        nodes { title status } } }";
    let told = app.data(token, tasks, json!({})).await;
    assert_eq!(told["tasks"]["nodes"][0]["status"], "OPEN", "{told:#}");
    let keys = "{ plugins(first: 10) { nodes { key status } } }";
    assert_eq!(
        app.data(token, keys, json!({})).await["plugins"]["nodes"].as_array().map(Vec::len),
        Some(3)
    );
}

async fn every_journey_is_consistent(app: &TestApp, demo: &Demo) {
    let actor = setup(demo);
    let cx = app.read(&actor);
    let page = PageArgs::first(MAX_PAGE);
    let journeys = journey::list(&cx, &JourneyFilter::default(), &page)
        .await
        .expect("it can be read")
        .into_rows();
    assert_eq!(journeys.len(), 43, "one is on trial, two have a renewal, one is trained");
    let ids: Vec<_> = journeys.iter().map(|journey| journey.id).collect();
    let visits = visit::list_each(&cx, &ids, &page).await.expect("it can be read");
    for journey in &journeys {
        let visits: Vec<_> = visits[&journey.id].rows.iter().map(|(_, visit)| visit).collect();
        let open: Vec<_> = visits.iter().filter(|visit| visit.exited_at.is_none()).collect();
        let ids: Vec<_> = visits.iter().map(|visit| visit.id).collect();
        let tasks = task::of_visits(&cx, &ids).await.expect("it can be read");
        let tasks: Vec<_> = tasks.into_values().flatten().collect();
        let has_open_task = tasks.iter().any(|task| task.status == TaskStatus::Open);
        match journey.status {
            JourneyStatus::Active => assert!(open.len() == 1 && has_open_task, "{journey:?}"),
            JourneyStatus::Held => assert!(open.is_empty() && !has_open_task, "{journey:?}"),
            JourneyStatus::Waiting => {
                assert!(open.len() == 1 && !has_open_task, "{journey:?}");
                assert!(journey.waiting_for.is_some() && journey.wakes_on > Some(today(app)));
            }
            _ => assert!(open.is_empty() && !has_open_task && journey.ended_at.is_some()),
        }
        for (before, after) in visits.iter().zip(&visits[1..]) {
            assert_eq!(before.number + 1, after.number);
            assert!(before.exited_at.is_some_and(|at| at <= after.entered_at), "{journey:?}");
        }
        for task in tasks.iter().filter(|task| task.status == TaskStatus::Done) {
            assert!(task.opened_at <= task.finished_at && task.finished_at <= Some(cx.now));
            assert!(task.finished_by_id.is_some(), "somebody did it");
        }
    }
}

fn today(app: &TestApp) -> chrono::NaiveDate {
    app.now().date_naive()
}

async fn journeys_repeat_return_wait_and_lap(app: &TestApp, token: &str) {
    let query = "{ journeys(first: 100) { nodes {
        status lap account { status } visits(first: 100) { nodes { outcome } } } } }";
    let data = app.data(token, query, json!({})).await;
    let mut seen: HashMap<String, usize> = HashMap::new();
    for journey in data["journeys"]["nodes"].as_array().expect("a list") {
        let visits = journey["visits"]["nodes"].as_array().expect("a list");
        let words = visits.iter().map(|visit| &visit["outcome"]);
        let words = words.chain([&journey["status"], &journey["account"]["status"]]);
        for word in words.filter_map(|word| word.as_str()) {
            *seen.entry(word.to_owned()).or_default() += 1;
        }
    }
    for word in [
        "ADVANCED",
        "REPEATED",
        "REGRESSED",
        "LOOPED",
        "WAITING",
        "HELD",
        "COMPLETED",
        "PAUSED",
        "CHURNED",
    ] {
        assert!(seen.contains_key(word), "{word} is not among {seen:?}");
    }
}

async fn the_csm_of_a_held_journey_is_alerted(app: &TestApp, demo: &Demo) {
    let token = token_of(app, &demo.csm.email);
    let query = "{ alerts { nodes { kind journey { status visits { totalCount } } } } }";
    let data = app.data(&token, query, json!({})).await;
    let held = json!({ "status": "HELD", "visits": { "totalCount": 5 } });
    assert_eq!(data["alerts"]["nodes"], json!([{ "kind": "JOURNEY_HELD", "journey": held }]));
}

async fn a_renewal_begins_by_the_end_of_its_subscription(app: &TestApp, token: &str) {
    let query = "{ journeys(first: 100) { nodes {
        isPrimary status template { key } subscription { endsOn } } } }";
    let data = app.data(token, query, json!({})).await;
    let mut renewals = data["journeys"]["nodes"].as_array().cloned().expect("a list");
    renewals.retain(|journey| journey["template"]["key"] == "renovacao");
    let seen: Vec<_> =
        renewals.iter().map(|it| (it["status"].as_str(), it["isPrimary"].as_bool())).collect();
    assert_eq!(seen, [(Some("COMPLETED"), Some(false)), (Some("ACTIVE"), Some(false))]);
    assert_eq!(renewals[1]["subscription"]["endsOn"], "2026-03-20");
}

async fn the_sector_of_a_new_customer_picks_its_journey(app: &TestApp, demo: &Demo, token: &str) {
    let segments = app
        .data(token, include_str!("../../../../examples/queries/segments.graphql"), json!({}))
        .await;
    let segments = segments["optionSetByKey"]["options"]["nodes"].as_array().expect("a list");
    let town = segments.iter().find(|it| it["label"] == "Governo municipal").expect("it is there");
    let document = include_str!("../../../../examples/queries/new-customer.graphql");
    for (segment, name) in [(&Value::Null, "Jornada Centrics"), (&town["id"], "Jornada 1Doc")] {
        let variables = json!({ "csm": global(demo.csm.id), "segment": segment });
        let mut data = app.data(token, document, variables).await;
        let account = data["accountCreate"]["account"].take();
        assert_eq!(account["primaryJourney"]["template"]["name"], name);
    }
}

/// Nothing is told of an account before it had a CSM.
async fn timelines_begin_with_the_csm(app: &TestApp, token: &str) {
    let query = "{ accounts(first: 100) { nodes { name customerSince
        timeline(last: 2) { nodes { kind } } assignments { nodes { startsOn } } } } }";
    let data = app.data(token, query, json!({})).await;
    for account in data["accounts"]["nodes"].as_array().expect("a list") {
        let Some(since) = account["customerSince"].as_str() else { continue };
        let assignments = account["assignments"]["nodes"].as_array().expect("a list");
        assert!(assignments.iter().all(|it| it["startsOn"] == since), "{account}");
        let kinds = account["timeline"]["nodes"].as_array().expect("a list");
        assert!(kinds.iter().any(|entry| entry["kind"] == "ASSIGNED"), "{account}");
    }
}

async fn give_token(app: &TestApp, demo: &Demo) -> String {
    token_of(app, &demo.owner.email)
}

fn token_of(app: &TestApp, email: &str) -> String {
    let arguments = ["token", "create", "--workspace", demo::SLUG, "--email", email];
    operator::run(app.database_url(), &arguments)
}

async fn customers_of_the_telephone_company_have_all_that_the_file_says(
    app: &TestApp,
    token: &str,
) {
    let query = "query($id: String!, $metric: ID!) {
        accountByExternalRef(system: \"telco\", externalId: $id) {
            name status marketSegment { label } package { label } csm { name } customerSince
            subscriptions { nodes { name amount { amountMinor currency } } }
            metricSeries(metricId: $metric, last: 1) { nodes { value } } } }";
    let metric = "{ metricByKey(key: \"total-charges\") { id } }";
    let metric = app.data(token, metric, json!({})).await["metricByKey"]["id"].clone();
    let variables = json!({ "id": "C00003", "metric": metric });
    let data = app.data(token, query, variables).await;
    assert_eq!(
        data["accountByExternalRef"],
        json!({
            "name": "Telco customer C00003", "status": "CHURNED",
            "marketSegment": { "label": "DSL" }, "package": { "label": "Month-to-month" },
            "csm": { "name": "Davi Suposto" }, "customerSince": "2025-11-19",
            "subscriptions": { "nodes": [{
                "name": "Month-to-month", "amount": { "amountMinor": 5385, "currency": "USD" },
            }] },
            "metricSeries": { "nodes": [{ "value": 108.15 }] },
        })
    );
}

async fn loading_again_changes_nothing(app: &TestApp, demo: &Demo) {
    let actor = setup(demo);
    let args = PageArgs { backward: true, ..PageArgs::first(1) };
    let last_event = async || event::list(&app.read(&actor), EventFilter::default(), &args).await;
    let before = last_event().await.expect("it can be read").into_rows();
    let (_, statements) = app.statements(load(app)).await;
    assert_eq!(last_event().await.expect("it can be read").into_rows(), before);
    assert!(statements < 20, "{statements}");
}

async fn an_interrupted_load_goes_on(app: TestApp) {
    for mark in ["people", "customers 150", "a portfolio"] {
        let reached = Notify::new();
        let csv = head(TELCO_ROWS);
        let tell = |what: &str| {
            if what.starts_with(mark) {
                reached.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = reached.notified() => {}
            loaded = demo::load(&app.app, csv.as_bytes(), tell) => {
                panic!("it came to its end: {loaded:?}");
            }
        }
    }
    let demo = load(&app).await;
    let token = give_token(&app, &demo).await;
    let query = "{ accounts { totalCount } journeys { totalCount } }";
    let data = app.data(&token, query, json!({})).await;
    let counts = json!({ "accounts": { "totalCount": 191 }, "journeys": { "totalCount": 43 } });
    assert_eq!(data, counts);
}

/// The whole file, through the binary; on one database, since it takes its time.
#[test]
fn one_command_loads_the_demo_and_prints_a_query_that_finds_it() {
    run(Engine::Sqlite, the_printed_query_finds_real_data);
}

async fn the_printed_query_finds_real_data(app: TestApp) {
    // The binary has the clock of the machine.
    let now = SystemClock.now();
    app.set_time(&now.to_rfc3339());
    let printed = start_and_stop(app.database_url());
    let line = |start: &str| {
        let line = printed.iter().find_map(|line| line.trim_start().strip_prefix(start));
        line.unwrap_or_else(|| panic!("no {start} in {printed:?}"))
    };
    let token = line("Token").trim();
    let body = line("-d '").trim_end_matches('\'');
    let body: Value = serde_json::from_str(body).expect("the body is JSON");
    let query = body["query"].as_str().expect("there is a query");
    let data = app.data(token, query, body["variables"].clone()).await;
    all_that_is_due_is_there(&data["portfolio"], now);
    let data = app.data(token, "{ accounts { totalCount } }", json!({})).await;
    assert_eq!(data, json!({ "accounts": { "totalCount": 3562 } }));
}

/// The lists have as many tasks as are counted, and each is due when its list says.
fn all_that_is_due_is_there(portfolio: &Value, now: DateTime<Utc>) {
    let today = &*now.with_timezone(&chrono_tz::America::Sao_Paulo).date_naive().to_string();
    let accounts = portfolio["accounts"]["nodes"].as_array().expect("a list");
    for list in ["overdue", "today"] {
        let tasks = accounts.iter().flat_map(|account| account[list]["nodes"].as_array());
        let due: Vec<_> = tasks.flatten().filter_map(|task| task["dueOn"].as_str()).collect();
        assert!(due.iter().all(|day| (*day < today) == (list == "overdue") && *day <= today));
        assert!(!due.is_empty());
        assert_eq!(json!(due.len()), portfolio["taskCounts"][list], "{list}");
    }
}

/// What the demo prints until it has said everything.
fn start_and_stop(database_url: &str) -> Vec<String> {
    let mut command = operator::jornada(database_url, &["demo", "--listen", "127.0.0.1:0"]);
    let mut process =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let mut printed = Vec::new();
    for line in BufReader::new(process.stdout.take().expect("it is piped")).lines() {
        printed.push(line.expect("it is text"));
        if printed.last().is_some_and(|line| line.contains("-d '")) {
            break;
        }
    }
    process.kill().expect("it runs");
    process.wait().expect("it ends");
    printed
}
