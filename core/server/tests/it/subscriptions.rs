//! Subscriptions: what is accepted about them, and how they are found.

use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    a_subscription_is_shown_with_its_amount_and_dates,
    what_cannot_be_is_refused_and_changes_nothing,
    subscriptions_are_found_by_their_end,
    subscriptions_of_another_workspace_are_not_found,
);

/// The global id of a new account of the home workspace.
async fn open(app: &TestApp) -> String {
    global(customers::account(app, "Padaria", None).await.id)
}

/// A subscription that began in February 2025 and is paid monthly, changed by `said`.
fn monthly(account: &str, said: Value) -> Value {
    let mut input = json!({
        "accountId": account, "name": "Gold", "startsOn": "2025-02-01", "interval": "MONTH",
        "amount": { "amountMinor": 129_900, "currency": "BRL" },
    });
    let fields = input.as_object_mut().expect("it is an object");
    fields.extend(said.as_object().expect("it is an object").clone());
    input
}

/// The global id of a new subscription.
async fn create(app: &TestApp, account: &str, said: Value) -> String {
    let token = &app.home().await.token;
    let selection = "subscription { id }";
    let made = app.mutate(token, "subscriptionCreate", selection, monthly(account, said)).await;
    made["subscription"]["id"].as_str().expect("it was added").to_owned()
}

async fn a_subscription_is_shown_with_its_amount_and_dates(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app).await;
    let said = json!({ "endsOn": "2026-01-31", "noticeOn": "2025-12-01" });
    let gold = create(&app, &account, said).await;
    let query = "query($id: ID!) { subscription(id: $id) { name startsOn endsOn noticeOn
        cancelledOn amount { amountMinor currency } interval package { key } account { name
        subscriptions { totalCount nodes { name } } } } }";
    let data = app.data(token, query, json!({ "id": gold })).await;
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
    let token = &app.home().await.token;
    let account = open(&app).await;
    let wrong = json!({
        "name": "", "amount": { "amountMinor": -1, "currency": "reais" },
        "endsOn": "2024-12-31", "cancelledOn": "2024-01-01", "noticeOn": "2026-02-01",
    });
    let told = app.refused(token, "subscriptionCreate", monthly(&account, wrong)).await;
    let expected = "name: REQUIRED; endsOn: TOO_EARLY; cancelledOn: TOO_EARLY; \
        noticeOn: TOO_LATE; amount.amountMinor: OUT_OF_RANGE; amount.currency: BAD_FORMAT";
    assert_eq!(told, expected);

    let gold = create(&app, &account, json!({ "endsOn": "2026-01-31" })).await;
    // Dates are checked against those that stay.
    let input = json!({ "id": gold, "startsOn": "2026-02-01" });
    assert_eq!(app.refused(token, "subscriptionUpdate", input).await, "endsOn: TOO_EARLY");
    let input = json!({ "id": gold, "expectedVersion": 2 });
    let told = app.refused(token, "subscriptionUpdate", input).await;
    assert_eq!(told, "expectedVersion: CONFLICT");
    let input = json!({
        "id": gold, "expectedVersion": 1, "endsOn": null, "cancelledOn": "2026-01-10",
    });
    let selection = "subscription { version name endsOn cancelledOn }";
    let changed = app.mutate(token, "subscriptionUpdate", selection, input).await;
    let expected =
        json!({ "version": 2, "name": "Gold", "endsOn": null, "cancelledOn": "2026-01-10" });
    assert_eq!(changed["subscription"], expected);
}

async fn subscriptions_are_found_by_their_end(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app).await;
    for said in [
        json!({ "name": "Late", "endsOn": "2026-12-31", "cancelledOn": "2026-01-21" }),
        json!({ "name": "Early", "endsOn": "2026-01-31" }),
        json!({ "name": "Open" }),
        json!({ "name": "Gone", "endsOn": "2026-06-30", "cancelledOn": "2026-01-01" }),
    ] {
        create(&app, &account, said).await;
    }
    let names = async |filter: Value| {
        let query = "query($filter: SubscriptionFilter) { subscriptions(filter: $filter) {
            nodes { name } } }";
        let data = app.data(token, query, json!({ "filter": filter })).await;
        let nodes = data["subscriptions"]["nodes"].as_array().expect("it is a list");
        nodes.iter().map(|node| node["name"].clone()).collect::<Value>()
    };
    let all = json!(["Early", "Gone", "Late", "Open"]);
    assert_eq!(names(json!({ "accountId": { "eq": account } })).await, all);
    let live = json!(["Early", "Late", "Open"]);
    assert_eq!(names(json!({ "isCancelled": false })).await, live);
    assert_eq!(names(json!({ "isCancelled": true })).await, json!(["Gone"]));
    let first_half = json!({ "gte": "2026-01-01", "lte": "2026-06-30" });
    assert_eq!(names(json!({ "endsOn": first_half })).await, json!(["Early", "Gone"]));
    app.advance(1);
    let gone = json!(["Gone", "Late"]);
    assert_eq!(names(json!({ "isCancelled": true })).await, gone, "its day has come");
}

async fn subscriptions_of_another_workspace_are_not_found(app: TestApp) {
    let account = open(&app).await;
    let gold = create(&app, &account, json!({})).await;
    let stranger = &app.workspace().await.token;
    let query = "query($id: ID!) { subscription(id: $id) { id }
        subscriptions { totalCount } }";
    let answer = app.graphql(stranger, query, json!({ "id": gold })).await;
    let expected = json!({ "subscription": null, "subscriptions": { "totalCount": 0 } });
    assert_eq!(answer["data"], expected);
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("NOT_FOUND"));
    let told = app.refused(stranger, "subscriptionUpdate", json!({ "id": gold })).await;
    assert_eq!(told, "id: NOT_FOUND");
    let input = monthly(&account, json!({}));
    let told = app.refused(stranger, "subscriptionCreate", input).await;
    assert_eq!(told, "accountId: NOT_FOUND");
}
