//! The columns of a portfolio: what a list is narrowed and sorted by is what it shows.

use std::cmp::Ordering;

use jornada_domain::auth::Role;
use jornada_domain::interactions::Sentiment::{Negative, VeryPositive};
use jornada_domain::journeys::status::pause_account;
use serde_json::{Value, json};

use super::answer;
use crate::customers::{account, complete, global, journey, template, to_do};
use crate::desk::Desk;
use crate::harness::{TestApp, both, problems};
use crate::scoring;

both!(
    every_column_sorts_by_what_it_shows,
    every_column_narrows_by_what_it_shows,
    a_sorted_portfolio_takes_as_many_statements_for_many_accounts_as_for_few,
    summaries_tell_what_the_accounts_come_to,
);

/// The columns, and where their values are shown.
const COLUMNS: &[(&str, &str)] = &[
    ("NAME", "/name"),
    ("OVERDUE", "/taskCounts/overdue"),
    ("DUE_TODAY", "/taskCounts/today"),
    ("UPCOMING", "/taskCounts/upcoming"),
    ("LAST_NPS", "/lastNps/score"),
    ("LAST_SENTIMENT", "/lastSentiment"),
    ("LAST_TOUCH", "/lastInteraction/happenedAt"),
    ("STAGE", "/primaryJourney/stage/name"),
    ("COMPLETENESS", "/primaryJourney/completeness"),
    ("PACE", "/primaryJourney/pace"),
    ("RECURRING_REVENUE", "/recurringRevenue/0/amountMinor"),
    ("RENEWAL_ON", "/nextRenewal/endsOn"),
    ("PULSE", "/lastPulse"),
    ("OPEN_RISKS", "/risks/totalCount"),
    ("HEALTH", "/health/value"),
];

const SHOWN: &str = "id name taskCounts { overdue today upcoming } lastNps { score }
    lastSentiment lastInteraction { happenedAt } recurringRevenue { amountMinor }
    nextRenewal { endsOn } lastPulse { emotion satisfaction trust }
    risks(filter: { status: { eq: OPEN } }) { totalCount }
    primaryJourney { stage { name } completeness pace } health { value band }";

/// A portfolio of accounts that differ in everything; gives the id of its CSM.
async fn portfolio(app: &TestApp) -> String {
    let owner = app.home().await.actor();
    let (csm, template) = (app.user(Role::Csm).await, template(app).await);
    let token = app.home().await.token.clone();
    for n in 0..8u8 {
        // Two of each name part, so that ids decide between equals.
        let id = account(app, &format!("Account {}", n / 2), Some(csm.id)).await.id;
        if n % 4 != 3 {
            let entered = ["2026-01-18", "2026-01-05", "2025-12-01"][usize::from(n % 3)];
            journey(app, id, template, entered).await;
        }
        if n % 4 < 2 && n > 0 {
            let felt = if n % 2 == 0 { Negative } else { VeryPositive };
            complete(app, id, "hand-over", felt).await;
            if n > 4 {
                complete(app, id, "meeting", felt).await;
            }
        }
        for day in 0..n % 3 {
            to_do(app, id, "late", Some(&format!("2026-01-1{day}"))).await;
        }
        if n % 2 == 0 {
            to_do(app, id, "now", Some("2026-01-20")).await;
        }
        if n % 3 != 0 {
            answer(app, id, None, i32::from(n), "2026-01-10").await;
        }
        if n > 1 {
            let input = json!({
                "accountId": global(id), "name": "Plan", "startsOn": "2026-01-01",
                "endsOn": format!("2026-0{}-01", 9 - n), "interval": "YEAR",
                "amount": { "amountMinor": 100 * i64::from(n / 3), "currency": "BRL" },
            });
            app.mutate(&token, "subscriptionCreate", "subscription { id }", input).await;
        }
        let moods = ["NEGATIVE", "VERY_POSITIVE"];
        if let Some(mood) = moods.get(usize::from(n)) {
            let input = json!({
                "accountId": global(id), "channel": "PHONE", "subject": "A call",
                "sentiment": mood, "happenedAt": format!("2026-01-1{n}T12:00:00Z"),
            });
            app.mutate(&token, "interactionCreate", "interaction { id }", input).await;
        }
        if n % 3 != 1 {
            let input = json!({
                "accountId": global(id), "emotion": n / 2 + 1, "trust": (n > 3).then_some(2),
            });
            app.mutate(&token, "pulseRecord", "pulse { id }", input).await;
        }
        for severity in ["LOW", "HIGH"].iter().take(usize::from(n % 3)) {
            let input = json!({ "accountId": global(id), "title": "Risk", "severity": severity });
            app.mutate(&token, "riskCreate", "risk { id }", input).await;
        }
        if n == 5 {
            let input = json!({ "accountId": global(id), "value": 12.5, "reason": "A hunch" });
            app.mutate(&token, "healthOverrideSet", "healthOverride { id }", input).await;
        }
        if n == 6 {
            app.write(&owner, async |tx| pause_account(tx, id, None, "Works").await).await;
        }
    }
    let desk = Desk { app: app.clone(), token };
    scoring::by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    global(csm.id)
}

/// The accounts of a portfolio, page by page.
async fn listed(app: &TestApp, csm: &str, arguments: &str, size: usize) -> Vec<Value> {
    let query = format!(
        "query($id: ID!, $after: String) {{ portfolio(userId: $id) {{
            accounts({arguments} first: {size}, after: $after) {{
                nodes {{ {SHOWN} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
    );
    let (mut rows, mut after) = (Vec::new(), Value::Null);
    let token = &app.home().await.token;
    for _ in 0..20 {
        let data = app.data(token, &query, json!({ "id": csm, "after": after })).await;
        let list = &data["portfolio"]["accounts"];
        rows.extend(list["nodes"].as_array().expect("a list").clone());
        if list["pageInfo"]["hasNextPage"] == false {
            return rows;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
    panic!("{arguments}: the walk does not end");
}

/// The value of a column as it is sorted; nothing is paid where nothing is shown.
fn value(row: &Value, column: &str, place: &str) -> Value {
    const PACES: [&str; 3] = ["ON_TRACK", "BEHIND", "STUCK"];
    const MOODS: [&str; 5] = ["VERY_NEGATIVE", "NEGATIVE", "NEUTRAL", "POSITIVE", "VERY_POSITIVE"];
    let shown = row.pointer(place).cloned().unwrap_or_default();
    let word = shown.as_str().unwrap_or_default();
    match column {
        "PACE" if !shown.is_null() => json!(PACES.iter().position(|pace| *pace == word)),
        "LAST_SENTIMENT" if !shown.is_null() => json!(MOODS.iter().position(|m| *m == word)),
        "PULSE" if !shown.is_null() => {
            let scores = ["emotion", "satisfaction", "trust"].map(|name| shown[name].as_f64());
            let given: Vec<_> = scores.into_iter().flatten().collect();
            json!(given.iter().sum::<f64>() / given.len() as f64)
        }
        "RECURRING_REVENUE" if shown.is_null() => json!(0),
        _ => shown,
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (a, b) => panic!("{a} cannot be compared with {b}"),
    }
    .expect("numbers are finite")
}

async fn every_column_sorts_by_what_it_shows(app: TestApp) {
    let csm = portfolio(&app).await;
    for (column, place) in COLUMNS {
        let mut kinds = 0;
        for is_descending in [false, true] {
            let direction = if is_descending { "DESC" } else { "ASC" };
            let currency = if *column == "RECURRING_REVENUE" { "currency: \"BRL\"" } else { "" };
            let order =
                format!("orderBy: {{ field: {column}, direction: {direction} {currency} }},");
            let rows = listed(&app, &csm, &order, 3).await;
            assert_eq!(rows.len(), 8, "{column}: none is lost between pages");
            let values: Vec<_> = rows.iter().map(|row| value(row, column, place)).collect();
            let missing = values.iter().position(Value::is_null).unwrap_or(values.len());
            assert!(values[missing..].iter().all(Value::is_null), "{column} {values:?}");
            let sorted = values[..missing].is_sorted_by(|a, b| match is_descending {
                false => compare(a, b) != Ordering::Greater,
                true => compare(a, b) != Ordering::Less,
            });
            assert!(sorted, "{column} {direction} {values:?}");
            let mut distinct = values[..missing].to_vec();
            distinct.dedup();
            kinds = distinct.len();
        }
        assert!(kinds > 1, "{column} says nothing: all accounts are alike");
    }
    let query = "query($id: ID!) { portfolio(userId: $id) {
        accounts(orderBy: { field: RECURRING_REVENUE }) { nodes { id } } } }";
    let answer = app.graphql(&app.home().await.token, query, json!({ "id": csm })).await;
    assert_eq!(problems(&answer), "orderBy.currency: REQUIRED");
}

async fn every_column_narrows_by_what_it_shows(app: TestApp) {
    let csm = portfolio(&app).await;
    let all = listed(&app, &csm, "", 100).await;
    let number = |place: &'static str, keep: fn(f64) -> bool| {
        move |row: &Value| row.pointer(place).and_then(Value::as_f64).is_some_and(keep)
    };
    let text = |place: &'static str, keep: fn(&str) -> bool| {
        move |row: &Value| row.pointer(place).and_then(Value::as_str).is_some_and(keep)
    };
    type Keep = Box<dyn Fn(&Value) -> bool>;
    let cases: Vec<(&str, Keep)> = vec![
        ("overdue: { gte: 1 }", Box::new(number("/taskCounts/overdue", |n| n >= 1.0))),
        ("overdue: { lt: 1 }", Box::new(number("/taskCounts/overdue", |n| n < 1.0))),
        ("dueToday: { eq: 0 }", Box::new(number("/taskCounts/today", |n| n == 0.0))),
        ("upcoming: { gt: 0 }", Box::new(number("/taskCounts/upcoming", |n| n > 0.0))),
        ("lastNps: { lte: 4 }", Box::new(number("/lastNps/score", |n| n <= 4.0))),
        ("lastNps: { isNull: true }", Box::new(|row| row["lastNps"].is_null())),
        (
            "lastSentiment: { in: [NEGATIVE] }",
            Box::new(text("/lastSentiment", |mood| mood == "NEGATIVE")),
        ),
        ("lastTouch: { isNull: false }", Box::new(|row| !row["lastInteraction"].is_null())),
        (
            "stage: { eq: \"FLIGHT\" }",
            Box::new(text("/primaryJourney/stage/name", |name| name == "FLIGHT")),
        ),
        (
            "completeness: { gte: 0.5 }",
            Box::new(number("/primaryJourney/completeness", |n| n >= 0.5)),
        ),
        (
            "pace: { in: [BEHIND, STUCK] }",
            Box::new(text("/primaryJourney/pace", |pace| pace != "ON_TRACK")),
        ),
        (
            "recurringRevenue: { currency: \"BRL\", amountMinor: { gte: 100 } }",
            Box::new(number("/recurringRevenue/0/amountMinor", |n| n >= 100.0)),
        ),
        ("recurringRevenue: { currency: \"USD\", amountMinor: { eq: 0 } }", Box::new(|_| true)),
        (
            "renewalOn: { lt: \"2026-05-01\" }",
            Box::new(text("/nextRenewal/endsOn", |day| day < "2026-05-01")),
        ),
        ("openRisks: { gte: 2 }", Box::new(number("/risks/totalCount", |n| n >= 2.0))),
        ("pulse: { isNull: true }", Box::new(|row| row["lastPulse"].is_null())),
        (
            "pulse: { lt: 2.5 }",
            Box::new(|row| {
                let mean = value(row, "PULSE", "/lastPulse");
                mean.as_f64().is_some_and(|mean| mean < 2.5)
            }),
        ),
        ("health: { gte: 70 }", Box::new(number("/health/value", |n| n >= 70.0))),
        ("health: { isNull: true }", Box::new(|row| row["health"]["value"].is_null())),
        (
            "healthBand: { in: [POOR, CONCERNING] }",
            Box::new(text("/health/band", |band| band != "HEALTHY")),
        ),
        ("account: { status: { eq: PAUSED } }, overdue: { gte: 1 }", Box::new(|_| false)),
    ];
    for (filter, keep) in cases {
        let rows = listed(&app, &csm, &format!("filter: {{ {filter} }},"), 2).await;
        let expected: Vec<_> = all.iter().filter(|row| keep(row)).cloned().collect();
        assert_eq!(rows, expected, "{filter}");
        let tells = !expected.is_empty() && expected.len() < all.len();
        assert!(tells || filter.contains("USD") || filter.contains("PAUSED"), "{filter}");
    }
}

async fn a_sorted_portfolio_takes_as_many_statements_for_many_accounts_as_for_few(app: TestApp) {
    let (csm, token) = (portfolio(&app).await, app.home().await.token.clone());
    let mut counts = Vec::new();
    for size in [2, 7] {
        let query = format!(
            "query($id: ID!) {{ portfolio(userId: $id) {{ accounts(
                first: {size}, orderBy: {{ field: OVERDUE, direction: DESC }},
                filter: {{ upcoming: {{ gte: 0 }}, pace: {{ in: [ON_TRACK, BEHIND, STUCK] }} }}
            ) {{ nodes {{ {SHOWN} }} }} }} }}"
        );
        let asked = app.data(&token, &query, json!({ "id": csm }));
        counts.push(app.statements(asked).await.1);
    }
    assert_eq!(counts[0], counts[1]);
}

async fn summaries_tell_what_the_accounts_come_to(app: TestApp) {
    let (csm, token) = (portfolio(&app).await, app.home().await.token.clone());
    account(&app, "Of nobody", None).await;
    let summary = "accounts { status count } taskCounts { overdue today upcoming }
        nps { score } paces { onTrack behind stuck } recurringRevenue { amountMinor currency }
        renewalsDue(days: 120) { count recurringRevenue { amountMinor } }
        health { poor concerning healthy insufficient }
        stages { template { key } stageKey stageName accounts taskCounts { overdue upcoming } }";
    let query = format!(
        "query($id: ID!) {{ portfolio(userId: $id) {{ summary {{ {summary} }} }}
            accountsSummary(filter: {{ csmId: {{ eq: $id }} }}) {{ {summary} }}
            all: accountsSummary {{ accounts {{ status count }} }} }}"
    );
    let data = app.data(&token, &query, json!({ "id": csm })).await;
    let of_portfolio = &data["portfolio"]["summary"];
    assert_eq!(of_portfolio, &data["accountsSummary"]);
    let stage = |key: &str, accounts: i32, overdue: i32, upcoming: i32| {
        json!({
            "template": { "key": "standard" }, "stageKey": key, "stageName": key.to_uppercase(),
            "accounts": accounts, "taskCounts": { "overdue": overdue, "upcoming": upcoming },
        })
    };
    let expected = json!({
        "accounts": [{ "status": "ACTIVE", "count": 7 }, { "status": "PAUSED", "count": 1 }],
        "taskCounts": { "overdue": 8, "today": 3, "upcoming": 6 },
        // Four detractors and a passive one.
        "nps": { "score": -80.0 },
        "paces": { "onTrack": 3, "behind": 2, "stuck": 1 },
        "recurringRevenue": [{ "amountMinor": 700, "currency": "BRL" }],
        "health": { "poor": 3, "concerning": 1, "healthy": 1, "insufficient": 3 },
        "renewalsDue": { "count": 4, "recurringRevenue": [{ "amountMinor": 600 }] },
        "stages": [stage("take-off", 5, 1, 4), stage("flight", 1, 0, 1)],
    });
    assert_eq!(of_portfolio, &expected);
    let all = json!([{ "status": "ACTIVE", "count": 8 }, { "status": "PAUSED", "count": 1 }]);
    assert_eq!(data["all"]["accounts"], all);
    // What is summed up is what is listed.
    let rows = listed(&app, &csm, "", 100).await;
    let total =
        |place: &str| rows.iter().filter_map(|row| row.pointer(place)?.as_i64()).sum::<i64>();
    assert_eq!(of_portfolio["taskCounts"]["overdue"], total("/taskCounts/overdue"));
    let paid = total("/recurringRevenue/0/amountMinor");
    assert_eq!(of_portfolio["recurringRevenue"][0]["amountMinor"], paid);
    for (band, word) in [("poor", "POOR"), ("concerning", "CONCERNING"), ("healthy", "HEALTHY")] {
        let there = rows.iter().filter(|row| row["health"]["band"] == word).count();
        assert_eq!(of_portfolio["health"][band], there, "{band}");
    }
}
