//! Subscriptions: what is accepted about them, and how they are found.

use chrono::NaiveDate;
use jornada_domain::id::AccountId;
use jornada_domain::journeys::signals;
use jornada_domain::revenue::subscription::{
    BillingInterval, Model, NewSubscription, SubscriptionPatch,
};
use jornada_domain::{Code, Result};
use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    a_subscription_is_shown_with_its_amount_and_dates,
    what_cannot_be_is_refused_and_changes_nothing,
    subscriptions_are_found_by_their_end,
    subscriptions_of_another_workspace_are_not_found,
);

fn date(text: &str) -> NaiveDate {
    text.parse().expect("it is a date")
}

/// A subscription of a year; `ends_on` is its last day.
fn yearly(account_id: AccountId, name: &str, ends_on: Option<&str>) -> NewSubscription {
    NewSubscription {
        account_id,
        package_id: None,
        name: name.to_owned(),
        starts_on: date("2025-02-01"),
        ends_on: ends_on.map(date),
        notice_on: None,
        cancelled_on: None,
        amount_minor: 129_900,
        currency: "BRL".to_owned(),
        interval: BillingInterval::Month,
    }
}

async fn create(app: &TestApp, new: NewSubscription) -> Result<Model> {
    let owner = app.home().await.actor();
    app.try_write(&owner, async |tx| signals::create_subscription(tx, new).await).await
}

async fn a_subscription_is_shown_with_its_amount_and_dates(app: TestApp) {
    let token = &app.home().await.token;
    let account = customers::account(&app, "Padaria", None).await.id;
    let new = NewSubscription {
        notice_on: Some(date("2025-12-01")),
        ..yearly(account, "Gold", Some("2026-01-31"))
    };
    let gold = create(&app, new).await.expect("it is well formed");
    let query = "query($id: ID!) { subscription(id: $id) { name startsOn endsOn noticeOn
        cancelledOn amount { amountMinor currency } interval package { key } account { name
        subscriptions { totalCount nodes { name } } } } }";
    let data = app.data(token, query, json!({ "id": global(gold.id) })).await;
    let expected = json!({
        "name": "Gold", "startsOn": "2025-02-01", "endsOn": "2026-01-31",
        "noticeOn": "2025-12-01", "cancelledOn": null,
        "amount": { "amountMinor": 129_900, "currency": "BRL" }, "interval": "MONTH",
        "package": null, "account": {
            "name": "Padaria",
            "subscriptions": { "totalCount": 1, "nodes": [{ "name": "Gold" }] },
        },
    });
    assert_eq!(data["subscription"], expected);
}

async fn what_cannot_be_is_refused_and_changes_nothing(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    let wrong = NewSubscription {
        name: String::new(),
        currency: "reais".to_owned(),
        amount_minor: -1,
        cancelled_on: Some(date("2024-01-01")),
        notice_on: Some(date("2026-02-01")),
        ..yearly(account, "", Some("2024-12-31"))
    };
    let told = create(&app, wrong).await.expect_err("everything is wrong").to_string();
    let expected = "name: REQUIRED; endsOn: TOO_EARLY min=2025-02-01; \
        cancelledOn: TOO_EARLY min=2025-02-01; noticeOn: TOO_LATE max=2024-12-31; \
        amountMinor: OUT_OF_RANGE min=0 max=9007199254740991; \
        currency: BAD_FORMAT form=currency";
    assert_eq!(told, expected);
    let gold = create(&app, yearly(account, "Gold", Some("2026-01-31"))).await;
    let gold = gold.expect("it is well formed");
    let owner = app.home().await.actor();
    let change = async |patch: SubscriptionPatch| {
        let change = async |tx: &jornada_domain::Tx<'_>| {
            signals::update_subscription(tx, gold.id, patch).await
        };
        app.try_write(&owner, change).await
    };
    // Dates are checked against those that stay.
    let patch = SubscriptionPatch { starts_on: Some(date("2026-02-01")), ..Default::default() };
    assert!(change(patch).await.expect_err("it ends before").has(Code::TooEarly));
    let patch = SubscriptionPatch { expected_version: Some(2), ..Default::default() };
    assert!(change(patch).await.expect_err("it is version 1").has(Code::Conflict));
    let patch = SubscriptionPatch {
        ends_on: Some(None),
        cancelled_on: Some(Some(date("2026-01-10"))),
        expected_version: Some(1),
        ..Default::default()
    };
    let changed = change(patch).await.expect("it is well formed");
    assert_eq!((changed.version, changed.ends_on), (2, None));
    assert_eq!(changed.name, "Gold");
}

async fn subscriptions_are_found_by_their_end(app: TestApp) {
    let token = &app.home().await.token;
    let account = customers::account(&app, "Padaria", None).await.id;
    for (name, ends_on, cancelled_on) in [
        ("Late", Some("2026-12-31"), None),
        ("Early", Some("2026-01-31"), None),
        ("Open", None, None),
        ("Gone", Some("2026-06-30"), Some("2026-01-01")),
    ] {
        let cancelled_on = cancelled_on.map(date);
        let new = NewSubscription { cancelled_on, ..yearly(account, name, ends_on) };
        create(&app, new).await.expect("it is well formed");
    }
    let names = async |filter: Value| {
        let query = "query($filter: SubscriptionFilter) { subscriptions(filter: $filter) {
            nodes { name } } }";
        let data = app.data(token, query, json!({ "filter": filter })).await;
        let nodes = data["subscriptions"]["nodes"].as_array().expect("it is a list");
        nodes.iter().map(|node| node["name"].clone()).collect::<Value>()
    };
    let account_id = json!({ "eq": global(account) });
    let all = json!(["Early", "Gone", "Late", "Open"]);
    assert_eq!(names(json!({ "accountId": account_id })).await, all);
    let live = json!(["Early", "Late", "Open"]);
    assert_eq!(names(json!({ "isCancelled": false })).await, live);
    let first_half = json!({ "gte": "2026-01-01", "lte": "2026-06-30" });
    assert_eq!(names(json!({ "endsOn": first_half })).await, json!(["Early", "Gone"]));
}

async fn subscriptions_of_another_workspace_are_not_found(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    let gold = create(&app, yearly(account, "Gold", None)).await.expect("it is well formed");
    let stranger = app.workspace().await;
    let query = "query($id: ID!) { subscription(id: $id) { id }
        subscriptions { totalCount } }";
    let answer = app.graphql(&stranger.token, query, json!({ "id": global(gold.id) })).await;
    let expected = json!({ "subscription": null, "subscriptions": { "totalCount": 0 } });
    assert_eq!(answer["data"], expected);
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("NOT_FOUND"));
    let by_stranger = stranger.actor();
    let new = yearly(account, "Silver", None);
    let made = app.try_write(&by_stranger, async |tx| signals::create_subscription(tx, new).await);
    assert!(made.await.expect_err("the account is not theirs").has(Code::NotFound));
}
