//! What the points of some days say, through the API.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, contact, global};
use crate::harness::{TestApp, both};
use crate::loads::{Sender, line};

both!(
    a_window_ends_with_its_last_day_and_begins_after_the_one_before,
    a_metric_folds_its_points_in_its_own_way,
    a_trend_compares_means_of_periods_that_have_ended,
    a_trend_says_nothing_of_what_is_not_kept,
    what_is_missing_is_unknown,
    the_last_value_is_said_to_be_stale,
    a_point_belongs_to_the_days_in_which_its_period_begins,
    contacts_and_subscriptions_have_windows_too,
    windows_of_many_accounts_take_as_many_statements_as_those_of_one,
    the_points_of_another_workspace_are_not_seen,
);

const WINDOW: &str = "since until trend metric { key }
    last { period value isStale } current { count value sum average min max }
    previous { count value sum average min max }";

/// The window of an account.
async fn window(sender: &Sender, account: &str, arguments: &str) -> Value {
    let query = format!(
        "query ($id: ID!) {{ account(id: $id) {{ metricWindow({arguments}) {{ {WINDOW} }} }} }}"
    );
    let mut seen = sender.app.data(&sender.token, &query, json!({ "id": account })).await;
    seen["account"]["metricWindow"].take()
}

/// The code of why there is no window.
async fn refused(sender: &Sender, account: &str, arguments: &str) -> String {
    let query = format!(
        "query ($id: ID!) {{ account(id: $id) {{ name metricWindow({arguments}) {{ trend }} }} }}"
    );
    let answer = sender.app.graphql(&sender.token, &query, json!({ "id": account })).await;
    assert_eq!(answer["data"]["account"]["metricWindow"], Value::Null);
    assert!(answer["data"]["account"]["name"].is_string(), "it fails alone: {answer:#}");
    let extensions = &answer["errors"][0]["extensions"];
    let word = |name: &str| extensions[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", word("field"), word("code"))
}

async fn a_window_ends_with_its_last_day_and_begins_after_the_one_before(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let of = |day: &str, value: i32| line("logins", &padaria, day, value);
    let lines = [
        of("2026-01-20", 1000),
        of("2026-01-19", 5),
        of("2026-01-13", 3),
        of("2026-01-12", 4),
        of("2026-01-06", 2),
        of("2026-01-05", 100),
    ];
    sender.load("monday", &lines).await;
    let seen = window(&sender, &padaria, r#"key: "logins", days: 7, until: "2026-01-19""#).await;
    let expected = json!({
        "since": "2026-01-13", "until": "2026-01-19", "metric": { "key": "logins" },
        "last": { "period": "2026-01-19", "value": 5.0, "isStale": false },
        "current": { "count": 2, "value": 8.0, "sum": 8.0, "average": 4.0, "min": 3.0,
            "max": 5.0 },
        "previous": { "count": 2, "value": 6.0, "sum": 6.0, "average": 3.0, "min": 2.0,
            "max": 4.0 },
        "trend": null,
    });
    assert_eq!(seen, expected);
    let today = window(&sender, &padaria, r#"key: "logins", days: 1"#).await;
    assert_eq!((&today["since"], &today["until"]), (&json!("2026-01-20"), &json!("2026-01-20")));
    assert_eq!((&today["current"]["sum"], &today["trend"]), (&json!(1000.0), &Value::Null));
    let all = window(&sender, &padaria, r#"key: "logins", days: 1100"#).await;
    assert_eq!((&all["current"]["count"], &all["trend"]), (&json!(6), &Value::Null));
    for (arguments, told) in [
        (r#"key: "logins", days: 0"#, "days OUT_OF_RANGE"),
        (r#"key: "logins", days: 1101"#, "days OUT_OF_RANGE"),
        (r#"key: "unknown""#, "key NOT_FOUND"),
    ] {
        assert_eq!(refused(&sender, &padaria, arguments).await, told, "{arguments}");
    }
}

async fn a_metric_folds_its_points_in_its_own_way(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    for (key, aggregation) in
        [("a-sum", "SUM"), ("a-last", "LAST"), ("a-max", "MAX"), ("an-avg", "AVG")]
    {
        let new = json!({
            "key": key, "name": key, "unit": "n", "grain": "DAY", "aggregation": aggregation,
            "direction": "NEUTRAL", "freshnessDays": 30,
        });
        let create = "mutation ($input: MetricCreateInput!) {
            metricCreate(input: $input) { userErrors { code } } }";
        app.data(&sender.token, create, json!({ "input": new })).await;
        let points = [
            ("2026-01-15", 8),
            ("2026-01-14", 2),
            ("2026-01-12", 2),
            ("2026-01-10", 2),
            ("2026-01-09", 1),
            ("2026-01-08", 3),
        ];
        let lines: Vec<_> =
            points.into_iter().map(|(day, value)| line(key, &padaria, day, value)).collect();
        sender.load(key, &lines).await;
    }
    let mut told = Vec::new();
    for key in ["a-sum", "a-last", "a-max", "an-avg"] {
        let arguments = format!(r#"key: "{key}", days: 5, until: "2026-01-15""#);
        let seen = window(&sender, &padaria, &arguments).await;
        let (now, before) = (&seen["current"]["value"], &seen["previous"]["value"]);
        told.push(format!("{key}: {before} to {now}, {}", seen["trend"]));
    }
    let expected = [
        "a-sum: 6.0 to 12.0, 1.0",
        "a-last: 2.0 to 8.0, 1.0",
        "a-max: 3.0 to 8.0, 1.0",
        "an-avg: 2.0 to 4.0, 1.0",
    ];
    assert_eq!(told, expected);
}

/// The trend of an account on 20 January, a Tuesday.
async fn trend(sender: &Sender, account: &str, arguments: &str) -> Value {
    window(sender, account, arguments).await["trend"].clone()
}

async fn a_trend_compares_means_of_periods_that_have_ended(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let of = |key: &str, day: &str, value: i32| line(key, &padaria, day, value);
    let mut lines = Vec::new();
    // 12 logins on each of six days, then 10 on each of five, and today has only begun.
    for (days, value) in [(6..=11, 12), (13..=17, 10), (20..=20, 1)] {
        lines.extend(days.map(|day| of("logins", &format!("2026-01-{day:02}"), value)));
    }
    // Whole weeks: 5 and 12 January against 22 and 29 December; that of the 19th has not ended.
    for (day, value) in [("2025-12-22", 2), ("2025-12-29", 4), ("2026-01-05", 5), ("2026-01-12", 7)]
    {
        lines.push(of("visits", day, value));
    }
    lines.push(of("visits", "2026-01-19", 90));
    // December against November; January has not ended.
    for (day, value) in [("2025-11-01", 40), ("2025-12-01", 30), ("2026-01-01", 5)] {
        lines.push(of("seats", day, value));
    }
    sender.load("monday", &lines).await;
    let part = json!(-2.0 / 12.0);
    assert_eq!(trend(&sender, &padaria, r#"key: "logins", days: 7"#).await, part);
    assert_eq!(trend(&sender, &padaria, r#"key: "visits", days: 14"#).await, json!(1.0));
    assert_eq!(trend(&sender, &padaria, r#"key: "seats", days: 30"#).await, json!(-0.25));
    assert_eq!(trend(&sender, &padaria, r#"key: "seats""#).await, json!(-0.25));
    let until = r#"key: "logins", days: 2, until: "2026-01-14""#;
    assert_eq!(trend(&sender, &padaria, until).await, part, "11 January against 13 and 14");
    let few = r#"key: "logins", days: 13"#;
    assert_eq!(trend(&sender, &padaria, few).await, Value::Null, "nothing is known of December");
}

async fn a_trend_says_nothing_of_what_is_not_kept(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let days = (1..=31).map(|day| format!("2025-12-{day:02}"));
    let days = days.chain((1..20).map(|day| format!("2026-01-{day:02}")));
    let lines: Vec<_> = days.map(|day| line("logins", &padaria, &day, 1)).collect();
    sender.load("monday", &lines).await;
    let arguments = [r#"key: "logins", days: 15"#, r#"key: "logins", days: 16"#];
    for arguments in arguments {
        assert_eq!(trend(&sender, &padaria, arguments).await, json!(0.0));
    }
    let keep = "mutation { metricRetentionUpdate(input: { dailyDays: 31 }) {
        userErrors { code } } }";
    let owner = app.token(Role::Owner).await;
    app.data(&owner, keep, Value::Null).await;
    // The first day that is kept is 20 December; of 16 days, those before begin on the 19th.
    assert_eq!(trend(&sender, &padaria, arguments[0]).await, json!(0.0));
    assert_eq!(trend(&sender, &padaria, arguments[1]).await, Value::Null);
}

async fn what_is_missing_is_unknown(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let nothing = json!({ "count": 0, "value": null, "sum": null, "average": null, "min": null,
        "max": null });
    let seen = window(&sender, &padaria, r#"key: "logins""#).await;
    assert_eq!((&seen["since"], &seen["last"]), (&json!("2025-12-22"), &Value::Null));
    assert_eq!((&seen["current"], &seen["previous"]), (&nothing, &nothing));
    sender.load("a", &[line("logins", &padaria, "2026-01-01", 0)]).await;
    let seen = window(&sender, &padaria, r#"key: "logins", days: 15"#).await;
    assert_eq!((&seen["current"], &seen["trend"]), (&nothing, &Value::Null), "none is not zero");
    assert_eq!((&seen["previous"]["sum"], &seen["last"]["value"]), (&json!(0.0), &json!(0.0)));
    sender.load("b", &[line("logins", &padaria, "2026-01-20", 5)]).await;
    let seen = window(&sender, &padaria, r#"key: "logins", days: 15"#).await;
    assert_eq!(seen["trend"], Value::Null, "of zero there is no part");
}

async fn the_last_value_is_said_to_be_stale(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    // Both stay fresh for 14 days: the day itself, and the end of the month.
    let lines =
        [line("logins", &padaria, "2026-01-06", 1), line("seats", &padaria, "2025-12-31", 2)];
    sender.load("monday", &lines).await;
    for (today, logins, seats) in [
        ("2026-01-14T12:00:00Z", false, false),
        ("2026-01-15T12:00:00Z", false, true),
        ("2026-01-20T12:00:00Z", false, true),
        ("2026-01-21T12:00:00Z", true, true),
    ] {
        app.set_time(today);
        for (key, is_stale) in [("logins", logins), ("seats", seats)] {
            let seen = window(&sender, &padaria, &format!(r#"key: "{key}", days: 1"#)).await;
            assert_eq!(seen["last"]["isStale"], is_stale, "{key} {today}");
        }
    }
}

async fn a_point_belongs_to_the_days_in_which_its_period_begins(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    // The Mondays before Tuesday 20 January are 19, 12, 5, and 29 December.
    let days = ["2026-01-20", "2026-01-14", "2026-01-11", "2026-01-04"];
    let lines: Vec<_> =
        days.iter().zip(1..).map(|(day, value)| line("visits", &padaria, day, value)).collect();
    sender.load("monday", &lines).await;
    let seen = window(&sender, &padaria, r#"key: "visits", days: 14"#).await;
    assert_eq!((&seen["current"]["count"], &seen["current"]["value"]), (&json!(2), &json!(1.5)));
    assert_eq!((&seen["previous"]["count"], &seen["previous"]["value"]), (&json!(2), &json!(3.5)));
    assert_eq!(seen["last"], json!({ "period": "2026-01-19", "value": 1.0, "isStale": false }));
}

async fn contacts_and_subscriptions_have_windows_too(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let eva = global(contact(&app, padaria, "Eva").await.id);
    let new = "mutation ($id: ID!) { subscriptionCreate(input: { accountId: $id, name: \"Plus\",
        startsOn: \"2026-01-01\", amount: { amountMinor: 1, currency: \"BRL\" }, interval: MONTH })
        { subscription { id } } }";
    let token = app.token(Role::Owner).await;
    let made = app.data(&token, new, json!({ "id": global(padaria) })).await;
    let plus = made["subscriptionCreate"]["subscription"]["id"].as_str().expect("it is made");
    let of = |kind: &str, id: &str, value: i32| {
        json!({ "metric": "logins", kind: id, "period": "2026-01-19", "value": value }).to_string()
    };
    let wrong = of("account", plus, 5);
    let lines = [of("contact", &eva, 3), of("subscription", plus, 4), wrong];
    let answer = sender.load("monday", &lines).await;
    assert_eq!(crate::loads::rejects(&answer), ["3 account BAD_ID"]);
    let query = "query ($eva: ID!, $plus: ID!) {
        contact(id: $eva) { metricWindow(key: \"logins\") { last { value } } }
        subscription(id: $plus) { metricWindow(key: \"logins\") { last { value } } } }";
    let seen = app.data(&token, query, json!({ "eva": eva, "plus": plus })).await;
    let window = |value: f64| json!({ "metricWindow": { "last": { "value": value } } });
    assert_eq!(seen, json!({ "contact": window(3.0), "subscription": window(4.0) }));
}

async fn windows_of_many_accounts_take_as_many_statements_as_those_of_one(app: TestApp) {
    let sender = Sender::of(&app).await;
    let mut counts = Vec::new();
    for round in 0..2 {
        for n in 0..5 {
            let id = global(account(&app, &format!("{round} {n}"), None).await.id);
            let lines = ["logins", "visits", "seats"].map(|key| line(key, &id, "2026-01-19", n));
            sender.load(&format!("{round}-{n}"), &lines).await;
        }
        let query = "{ accounts { nodes {
            logins: metricWindow(key: \"logins\", days: 7) { trend metric { key } }
            visits: metricWindow(key: \"visits\", days: 7) { last { value } metric { key } }
            seats: metricWindow(key: \"seats\", days: 7) { current { value } }
        } } }";
        let (seen, count) = app.statements(app.data(&sender.token, query, Value::Null)).await;
        assert_eq!(seen["accounts"]["nodes"].as_array().map(Vec::len), Some(5 * (round + 1)));
        assert_eq!(seen["accounts"]["nodes"][1]["visits"]["last"]["value"], 1.0);
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
}

async fn the_points_of_another_workspace_are_not_seen(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    sender.load("monday", &[line("logins", &padaria, "2026-01-19", 1)]).await;
    let stranger = app.workspace().await;
    let query = "query ($id: ID!) { account(id: $id) {
        metricWindow(key: \"logins\") { last { value } } } }";
    let answer = app.graphql(&stranger.token, query, json!({ "id": padaria })).await;
    assert_eq!(answer["data"]["account"], Value::Null);
    let stranger = Sender { token: stranger.token, app: app.clone() };
    let answer = stranger.load("monday", &[line("logins", &padaria, "2026-01-19", 1)]).await;
    assert_eq!(crate::loads::rejects(&answer), ["1 metric UNKNOWN_METRIC", "1 account NOT_FOUND"]);
}
