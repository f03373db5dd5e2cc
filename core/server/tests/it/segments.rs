//! Segments: saved filters, which are asked for in the statement itself.

use serde_json::{Value, json};

use crate::attributes::define;
use crate::harness::{TestApp, both, problems};

both!(
    a_segment_keeps_the_accounts_of_its_filter_as_they_change,
    a_segment_shows_its_filter_as_it_can_be_sent,
    a_preview_tells_who_enters_and_who_leaves,
    a_segment_is_checked_as_a_whole,
    counts_of_many_segments_take_one_statement,
);

async fn open(app: &TestApp, name: &str, seats: f64) -> Value {
    let attributes = json!([{ "key": "seats", "value": { "number": seats } }]);
    let input = json!({
        "name": name, "attributes": attributes, "journeyStart": { "none": true },
    });
    let token = &app.home().await.token;
    app.mutate(token, "accountCreate", "account { id }", input).await["account"]["id"].clone()
}

fn at_least(seats: f64) -> Value {
    json!({ "attributes": [{ "key": "seats", "value": { "number": { "gte": seats } } }] })
}

async fn save(app: &TestApp, name: &str, filter: Value) -> Value {
    let input = json!({ "name": name, "filter": filter });
    let token = &app.home().await.token;
    let made = app.mutate(token, "segmentCreate", "segment { id accountCount filter }", input);
    made.await["segment"].clone()
}

async fn names(app: &TestApp, filter: Value) -> String {
    let query = "query($f: AccountFilter) { accounts(filter: $f) { nodes { name } } }";
    let data = app.data(&app.home().await.token, query, json!({ "f": filter })).await;
    let nodes = data["accounts"]["nodes"].as_array().expect("it is a list").iter();
    nodes.filter_map(|node| node["name"].as_str()).collect()
}

async fn a_segment_keeps_the_accounts_of_its_filter_as_they_change(app: TestApp) {
    define(&app, "seats", "NUMBER", json!({})).await;
    let small = open(&app, "A", 5.0).await;
    open(&app, "B", 50.0).await;
    open(&app, "C", 500.0).await;
    let large = save(&app, "Large", at_least(50.0)).await;
    let huge = save(&app, "Huge", at_least(500.0)).await;
    assert_eq!((&large["accountCount"], &huge["accountCount"]), (&json!(2), &json!(1)));
    let of = |id: &Value| json!({ "segmentId": { "eq": id } });
    assert_eq!(names(&app, of(&large["id"])).await, "BC");
    let either = json!({ "segmentId": { "in": [large["id"], huge["id"]] } });
    assert_eq!(names(&app, either).await, "BC");
    let without = json!({ "and": [of(&large["id"]), { "not": of(&huge["id"]) }] });
    assert_eq!(names(&app, without).await, "B");
    let token = &app.home().await.token;
    let grown = json!([{ "key": "seats", "value": { "number": 60.0 } }]);
    let input = json!({ "id": small, "attributes": grown });
    app.mutate(token, "accountUpdate", "account { id }", input).await;
    assert_eq!(names(&app, of(&large["id"])).await, "ABC");
    let put_away = json!({ "id": large["id"] });
    app.mutate(token, "segmentArchive", "segment { archivedAt }", put_away).await;
    assert_eq!(names(&app, of(&large["id"])).await, "ABC", "who names it still finds them");
    let list = app.data(token, "{ segments { nodes { name accountCount } } }", json!({})).await;
    assert_eq!(list["segments"]["nodes"], json!([{ "name": "Huge", "accountCount": 1 }]));
    let elsewhere = app.workspace().await;
    let query = "query($f: AccountFilter) { accounts(filter: $f) { nodes { name } } }";
    let filter = json!({ "f": of(&huge["id"]) });
    let answer = app.graphql(&elsewhere.token, query, filter).await;
    assert_eq!(problems(&answer), "filter.segmentId: NOT_FOUND");
}

async fn a_segment_shows_its_filter_as_it_can_be_sent(app: TestApp) {
    define(&app, "seats", "NUMBER", json!({})).await;
    define(&app, "since", "DATE", json!({})).await;
    define(&app, "motto", "TEXT", json!({})).await;
    define(&app, "budget", "MONEY", json!({})).await;
    let csm = crate::customers::global(app.home().await.owner.id);
    let filter = json!({
        "name": { "contains": "a", "isNull": false },
        "status": { "in": ["TRIAL", "ACTIVE"] },
        "csmId": { "in": [csm] },
        "createdAt": { "lt": "2999-01-01T00:00:00+00:00" },
        "includeArchived": false,
        "attributes": [
            { "key": "seats", "value": { "number": { "gte": 1.5 } } },
            { "key": "since", "value": { "date": { "lte": "2026-01-01" } } },
            { "key": "motto", "value": { "isNull": true } },
        ],
        "or": [
            { "taxId": "1", "includeArchived": false },
            { "not": { "includeArchived": false, "attributes": [
                { "key": "budget", "value": { "money": {
                    "currency": "BRL", "amountMinor": { "gt": 5 },
                } } },
            ] }, "includeArchived": false },
        ],
    });
    let saved = save(&app, "All", filter.clone()).await;
    assert_eq!(saved["filter"], filter);
    let again = save(&app, "Again", saved["filter"].clone()).await;
    assert_eq!(again["filter"], filter);
}

async fn a_preview_tells_who_enters_and_who_leaves(app: TestApp) {
    define(&app, "seats", "NUMBER", json!({})).await;
    for (name, seats) in [("A", 1.0), ("B", 2.0), ("C", 3.0)] {
        open(&app, name, seats).await;
    }
    let large = save(&app, "Large", at_least(2.0)).await;
    let query = "query($f: AccountFilter!, $s: ID) {
        segmentPreview(filter: $f, segmentId: $s) { accountCount entering leaving } }";
    let token = &app.home().await.token;
    let preview = async |filter: Value, segment: &Value| {
        let data = app.data(token, query, json!({ "f": filter, "s": segment })).await;
        let preview = &data["segmentPreview"];
        ["accountCount", "entering", "leaving"].map(|field| preview[field].as_i64())
    };
    assert_eq!(preview(at_least(3.0), &Value::Null).await, [Some(1), Some(1), Some(0)]);
    assert_eq!(preview(at_least(3.0), &large["id"]).await, [Some(1), Some(0), Some(1)]);
    let other = json!({ "name": { "in": ["A", "B"] } });
    assert_eq!(preview(other, &large["id"]).await, [Some(2), Some(1), Some(1)]);
}

async fn a_segment_is_checked_as_a_whole(app: TestApp) {
    define(&app, "seats", "NUMBER", json!({})).await;
    let large = save(&app, "Large", at_least(2.0)).await;
    let token = &app.home().await.token;
    let refused = async |input: Value| app.refused(token, "segmentCreate", input).await;
    let unknown = json!({ "attributes": [{ "key": "x", "value": { "isNull": true } }] });
    let told = refused(json!({ "name": " ", "filter": unknown })).await;
    assert_eq!(told, "name: REQUIRED; filter.attributes.0.key: UNKNOWN_ATTRIBUTE");
    let nested = json!({ "not": { "segmentId": { "eq": large["id"] } } });
    let told = refused(json!({ "name": "X", "filter": nested })).await;
    assert_eq!(told, "filter: CONTRADICTION");
    assert_eq!(refused(json!({ "name": "LARGE", "filter": {} })).await, "name: TAKEN");
    let nobody = save(&app, "Nobody", json!({ "status": { "in": [] } })).await;
    assert_eq!(nobody["accountCount"], 0);
    let input = json!({ "id": large["id"], "filter": null, "expectedVersion": 1 });
    assert_eq!(app.refused(token, "segmentUpdate", input).await, "filter: REQUIRED");
    let input = json!({ "id": large["id"], "name": "Vast", "filter": {} });
    let changed = app.mutate(token, "segmentUpdate", "segment { name version }", input).await;
    assert_eq!(changed["segment"], json!({ "name": "Vast", "version": 2 }));
}

async fn counts_of_many_segments_take_one_statement(app: TestApp) {
    let mut counts = Vec::new();
    for n in 0..4 {
        save(&app, &format!("{n}"), json!({ "name": { "contains": n.to_string() } })).await;
        let token = &app.home().await.token;
        let query = "{ segments { nodes { accountCount } } }";
        let (_, count) = app.statements(app.data(token, query, json!({}))).await;
        counts.push(count);
    }
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}
