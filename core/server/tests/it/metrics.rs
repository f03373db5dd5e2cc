//! Metrics and their points.

mod retention;
mod windows;

use jornada_domain::auth::{Origin, Role};
use jornada_domain::id::MetricId;
use jornada_domain::journeys::signals::record_points;
use jornada_domain::metrics::point::{NewPoint, Subject};
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, event};
use serde_json::{Value, json};

use crate::customers::{account, contact, global, refusals};
use crate::harness::{TestApp, both};

both!(
    a_metric_is_created_changed_and_put_away,
    what_is_wrong_with_a_metric_is_said_at_once,
    a_point_takes_the_place_of_the_one_of_its_period,
    a_call_that_records_points_is_one_event,
    one_bad_point_refuses_all_and_each_is_named,
    only_a_backfill_says_when_a_value_became_known,
);

const CREATE: &str = "mutation ($input: MetricCreateInput!) { metricCreate(input: $input) {
    metric { id version key grain freshnessDays } userErrors { field code } } }";

const RECORD: &str = "mutation ($points: [MetricPointInput!]!) {
    metricPointsRecord(input: { points: $points }) {
        points { period value subject { id } } userErrors { field code } } }";

/// A metric that is counted by the week; its id.
async fn logins(app: &TestApp, token: &str) -> String {
    let input = json!({
        "key": "logins", "name": "Logins", "unit": "logins", "grain": "WEEK",
        "aggregation": "SUM", "direction": "HIGHER_IS_BETTER", "freshnessDays": 14,
    });
    let data = app.data(token, CREATE, json!({ "input": input })).await;
    data["metricCreate"]["metric"]["id"].as_str().expect("it is created").to_owned()
}

async fn record(app: &TestApp, token: &str, points: Value) -> Value {
    app.data(token, RECORD, json!({ "points": points })).await["metricPointsRecord"].take()
}

async fn a_metric_is_created_changed_and_put_away(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let id = logins(&app, &token).await;
    let update = "mutation ($id: ID!, $version: Int) {
        metricUpdate(input: { id: $id, expectedVersion: $version, name: \"Sign-ins\" }) {
            metric { version name } userErrors { field code } } }";
    let changed = app.data(&token, update, json!({ "id": id, "version": 1 })).await;
    assert_eq!(changed["metricUpdate"]["metric"], json!({ "version": 2, "name": "Sign-ins" }));
    let stale = app.data(&token, update, json!({ "id": id, "version": 1 })).await;
    assert_eq!(refusals(&stale["metricUpdate"]), ["expectedVersion CONFLICT"]);
    let archive = "mutation ($id: ID!) { metricArchive(input: { id: $id }) {
        metric { archivedAt } userErrors { code } } }";
    let archived = app.data(&token, archive, json!({ "id": id })).await;
    assert_eq!(archived["metricArchive"]["metric"]["archivedAt"], "2026-01-20T12:00:00+00:00");
    let list = "{ metrics { nodes { key } }
        all: metrics(filter: { includeArchived: true }) { nodes { key } }
        metricByKey(key: \"logins\") { id } }";
    let lists = app.data(&token, list, json!({})).await;
    assert_eq!(lists["metrics"]["nodes"], json!([]));
    assert_eq!(lists["all"]["nodes"], json!([{ "key": "logins" }]));
    assert_eq!(lists["metricByKey"]["id"], id);
    let subject = account(&app, "Padaria", None).await.id;
    let point = json!({ "metricId": id, "subjectId": global(subject), "period": "2026-01-19",
        "value": 1.0 });
    let refused = record(&app, &token, json!([point])).await;
    assert_eq!(refusals(&refused), ["points.0.metricId UNKNOWN_METRIC"]);
}

async fn what_is_wrong_with_a_metric_is_said_at_once(app: TestApp) {
    let token = app.token(Role::Csm).await;
    logins(&app, &token).await;
    let input = |key: &str, name: &str, days: i32| {
        json!({ "input": {
            "key": key, "name": name, "unit": "n", "grain": "DAY", "aggregation": "LAST",
            "direction": "NEUTRAL", "freshnessDays": days,
        } })
    };
    let bad = app.data(&token, CREATE, input("Log Ins", " ", 3651)).await;
    let expected = ["key BAD_FORMAT", "name REQUIRED", "freshnessDays OUT_OF_RANGE"];
    assert_eq!(refusals(&bad["metricCreate"]), expected);
    let taken = app.data(&token, CREATE, input("logins", "Logins", 1)).await;
    assert_eq!(refusals(&taken["metricCreate"]), ["key TAKEN"]);
}

async fn a_point_takes_the_place_of_the_one_of_its_period(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let metric = logins(&app, &token).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let point = |day: &str, value: f64| {
        let subject = global(padaria);
        json!({ "metricId": metric, "subjectId": subject, "period": day, "value": value })
    };
    // Thursday 15 January and Friday 16 January 2026 are days of one week.
    record(&app, &token, json!([point("2026-01-08", 3.0), point("2026-01-15", 5.0)])).await;
    let again = record(&app, &token, json!([point("2026-01-16", 8.0)])).await;
    let kept =
        json!({ "period": "2026-01-12", "value": 8.0, "subject": { "id": global(padaria) } });
    assert_eq!(again["points"], json!([kept]));
    let series = "query ($id: ID!, $metric: ID!, $after: String) { account(id: $id) {
        all: metricSeries(metricId: $metric, first: 1, after: $after) {
            nodes { period value metric { key } } pageInfo { hasNextPage endCursor } totalCount }
        present: metricSeries(metricId: $metric, last: 1) { nodes { value } }
        past: metricSeries(metricId: $metric, period: { lt: \"2026-01-12\" }) {
            nodes { value } } } }";
    let of = json!({ "id": global(padaria), "metric": metric });
    let found = app.data(&token, series, of).await["account"].take();
    let first = json!({ "period": "2026-01-05", "value": 3.0, "metric": { "key": "logins" } });
    assert_eq!(found["all"]["nodes"], json!([first]));
    assert_eq!(found["all"]["totalCount"], 2);
    assert_eq!(found["all"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(found["present"]["nodes"], json!([{ "value": 8.0 }]));
    assert_eq!(found["past"]["nodes"], json!([{ "value": 3.0 }]));
    let cursor = &found["all"]["pageInfo"]["endCursor"];
    let of = json!({ "id": global(padaria), "metric": metric, "after": cursor });
    let next = app.data(&token, series, of).await;
    assert_eq!(next["account"]["all"]["nodes"][0]["period"], "2026-01-12");
}

async fn a_call_that_records_points_is_one_event(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let metric = logins(&app, &token).await;
    let (one, other) = (account(&app, "One", None).await.id, account(&app, "Other", None).await.id);
    let eva = contact(&app, one, "Eva").await.id;
    let point = |subject: String| {
        let period = "2026-01-12";
        json!({ "metricId": metric, "subjectId": subject, "period": period, "value": 1.0 })
    };
    record(&app, &token, json!([point(global(one)), point(global(eva))])).await;
    record(&app, &token, json!([point(global(one)), point(global(other))])).await;
    let owner = app.home().await.actor();
    let events = event::list(&app.read(&owner), Default::default(), &PageArgs::first(100)).await;
    let events = events.expect("events can be read").into_rows();
    let recorded: Vec<_> = events
        .into_iter()
        .filter(|event| event.event_type == "metric.recorded")
        .map(|event| (event.account_id, event.changed))
        .collect();
    assert_eq!(recorded, [(Some(one), json!(["points"])), (None, json!(["points"]))]);
}

async fn one_bad_point_refuses_all_and_each_is_named(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let metric = logins(&app, &token).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let stranger = app.workspace().await.owner.id;
    let good = json!({ "metricId": metric, "subjectId": global(padaria), "period": "2026-01-12",
        "value": 1.0 });
    let with = |field: &str, value: Value| {
        let mut point = good.clone();
        point[field] = value;
        point
    };
    let unknown = global(MetricId(uuid::Uuid::from_u128(7)));
    let points = json!([
        good,
        with("period", json!("2026-01-21")),
        with("metricId", json!(unknown)),
        with("period", json!("2026-01-13")),
        with("recordedAt", json!("2026-01-01T00:00:00Z")),
    ]);
    let refused = record(&app, &token, points).await;
    let expected = [
        "points.1.period TOO_LATE",
        "points.2.metricId UNKNOWN_METRIC",
        "points.3.period DUPLICATE_KEY",
        "points.4.recordedAt BACKFILL_NEEDED",
        "points.4.period DUPLICATE_KEY",
    ];
    assert_eq!(refusals(&refused), expected);
    let ids = json!([with("subjectId", json!(global(stranger))), with("metricId", json!("7"))]);
    let expected = ["points.0.subjectId BAD_ID", "points.1.metricId BAD_ID"];
    assert_eq!(refusals(&record(&app, &token, ids).await), expected);
    let count = "query ($id: ID!, $metric: ID!) { account(id: $id) {
        metricSeries(metricId: $metric) { totalCount } } }";
    let of = json!({ "id": global(padaria), "metric": metric });
    let found = app.data(&token, count, of).await;
    assert_eq!(found["account"]["metricSeries"]["totalCount"], 0);
}

async fn only_a_backfill_says_when_a_value_became_known(app: TestApp) {
    let token = app.token(Role::Csm).await;
    logins(&app, &token).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let owner = app.home().await.actor();
    let cx = app.read(&owner);
    let metric = jornada_domain::metrics::metric::by_key(&cx, "logins").await.expect("it is there");
    let known_at = "2025-12-31T15:00:00Z".parse().expect("it is a time");
    let point = |recorded_at| NewPoint {
        metric_id: metric.id,
        subject: Subject::Account(padaria),
        period: "2025-12-31".parse().expect("it is a day"),
        value: 4.0,
        recorded_at: Some(recorded_at),
    };
    let backfill = owner.clone().by_way_of(Origin::Backfill);
    let rows =
        app.write(&backfill, async |tx| record_points(tx, vec![point(known_at)]).await).await;
    assert_eq!(rows[0].recorded_at, known_at);
    let many = vec![point(known_at); 501];
    let refused = app.try_write(&backfill, async |tx| record_points(tx, many).await).await;
    assert!(refused.is_err_and(|error| error.has(Code::TooMany)));
    let late = "2026-01-20T12:00:01Z".parse().expect("it is a time");
    let future = app.try_write(&backfill, async |tx| record_points(tx, vec![point(late)]).await);
    assert!(future.await.is_err_and(|error| error.has(Code::TooLate)));
}
