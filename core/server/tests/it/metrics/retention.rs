//! For how long points are kept.

use jornada_domain::auth::Role;
use jornada_domain::page::PageArgs;
use jornada_domain::{audit, event};
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};
use crate::loads::{Sender, line, rejects};

both!(
    points_that_were_kept_long_enough_are_deleted_daily,
    points_are_kept_for_ever_again,
    what_would_not_be_kept_is_not_taken,
    the_days_have_limits_and_only_who_may_change_the_workspace_changes_them,
);

/// The periods of the points there are.
async fn periods(sender: &Sender) -> Vec<String> {
    sender.points().await.into_iter().map(|(period, _)| period).collect()
}

/// What was told of deleted points.
async fn told(app: &TestApp) -> Vec<Value> {
    let owner = app.home().await.actor();
    let (cx, all) = (app.read(&owner), PageArgs::first(100));
    let events = event::list(&cx, Default::default(), &all).await;
    let events = events.expect("events can be read").into_rows();
    let ids: Vec<_> =
        events.iter().filter(|e| e.event_type == "workspace.pruned").map(|e| e.id).collect();
    let entries = audit::list(&cx, None, &all).await.expect("the audit can be read").into_rows();
    let mut entries: Vec<_> = entries
        .into_iter()
        .filter(|entry| ids.contains(&entry.event_id))
        .map(|entry| entry.changes["points"]["deleted"].clone())
        .collect();
    entries.reverse();
    entries
}

async fn points_that_were_kept_long_enough_are_deleted_daily(app: TestApp) {
    let sender = Sender::of(&app).await;
    let desk = Desk::of(&app, Role::Owner).await;
    let mut lines = Vec::new();
    for name in ["Padaria", "Mercado"] {
        let id = global(account(&app, name, None).await.id);
        // 40 days before 20 January is 11 December.
        for day in ["2024-01-01", "2025-12-10", "2025-12-11", "2025-12-12", "2026-01-20"] {
            lines.push(line("logins", &id, day, 1));
        }
        lines.push(line("seats", &id, "2020-01-01", 1));
    }
    sender.load("monday", &lines).await;
    let kept = json!({ "dailyDays": 40 });
    let payload = desk
        .ask("metricRetentionUpdate", kept, "workspace { metricRetention { dailyDays } }")
        .await;
    assert_eq!(payload["workspace"]["metricRetention"]["dailyDays"], 40);
    app.run_jobs().await;
    let young = ["2025-12-11", "2025-12-12", "2026-01-20"];
    assert_eq!(periods(&sender).await, [&young[..], &young, &["2020-01-01"; 2]].concat());
    assert_eq!(told(&app).await, [json!(4)]);
    assert_eq!(app.run_jobs().await, 0, "the next run is tomorrow's");
    app.advance(1);
    app.run_jobs().await;
    let young = &young[1..];
    assert_eq!(periods(&sender).await, [young, young, &["2020-01-01"; 2]].concat());
    assert_eq!(told(&app).await, [json!(4), json!(2)]);
    app.set_time("2026-01-22T02:59:00Z");
    assert_eq!(app.run_jobs().await, 0, "in São Paulo it is still the day before");
    app.set_time("2026-01-22T03:00:00Z");
    app.run_jobs().await;
    assert_eq!(periods(&sender).await.len(), 4);
}

async fn points_are_kept_for_ever_again(app: TestApp) {
    let sender = Sender::of(&app).await;
    let desk = Desk::of(&app, Role::Owner).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    // While its metric counts a point as fresh, it is kept in any case.
    let seen = desk.see("{ metricByKey(key: \"logins\") { id } }", Value::Null).await;
    let fresh = json!({ "id": seen["metricByKey"]["id"], "freshnessDays": 60 });
    desk.done("metricUpdate", fresh, "metric").await;
    // 60 days before 20 January is 21 November.
    let days = ["2025-11-20", "2025-11-21"];
    let lines = days.map(|day| line("logins", &padaria, day, 1));
    sender.load("monday", &lines).await;
    let what = "workspace";
    desk.done("metricRetentionUpdate", json!({ "dailyDays": 31, "monthlyDays": 400 }), what).await;
    app.run_jobs().await;
    assert_eq!(periods(&sender).await, ["2025-11-21"]);
    desk.done("metricRetentionUpdate", json!({ "dailyDays": null, "monthlyDays": null }), what)
        .await;
    app.advance(100);
    app.run_jobs().await;
    assert_eq!(periods(&sender).await, ["2025-11-21"]);
    app.advance(1);
    assert_eq!(app.run_jobs().await, 0, "nothing is looked for any more");
}

async fn what_would_not_be_kept_is_not_taken(app: TestApp) {
    let sender = Sender::of(&app).await;
    let desk = Desk::of(&app, Role::Owner).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    desk.done("metricRetentionUpdate", json!({ "weeklyDays": 31 }), "workspace").await;
    // 31 days before 20 January is Saturday 20 December, in the week of the 15th.
    let of = |day: &str| line("visits", &padaria, day, 1);
    let old = line("logins", &padaria, "2000-01-01", 1);
    let answer = sender.load("monday", &[of("2025-12-14"), of("2025-12-15"), old]).await;
    assert_eq!(rejects(&answer), ["1 period TOO_EARLY"]);
    let told = &answer["rejects"][0]["message"];
    assert_eq!(*told, "This is too early. Give 2025-12-15 or later.");
    let seen = desk.see("{ metricByKey(key: \"visits\") { id } }", Value::Null).await;
    let point = json!({ "metricId": seen["metricByKey"]["id"], "subjectId": padaria,
        "period": "2025-12-14", "value": 1 });
    let refused = desk.refused("metricPointsRecord", json!({ "points": [point] })).await;
    assert_eq!(refused, ["points.0.period TOO_EARLY"]);
}

async fn the_days_have_limits_and_only_who_may_change_the_workspace_changes_them(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    let wrong = json!({ "dailyDays": 30, "weeklyDays": 36_501, "monthlyDays": -1 });
    let expected =
        ["dailyDays OUT_OF_RANGE", "weeklyDays OUT_OF_RANGE", "monthlyDays OUT_OF_RANGE"];
    assert_eq!(desk.refused("metricRetentionUpdate", wrong).await, expected);
    let stale = json!({ "dailyDays": 31, "expectedVersion": 7 });
    let refused = desk.refused("metricRetentionUpdate", stale).await;
    assert_eq!(refused, ["expectedVersion CONFLICT"]);
    let query = "mutation { metricRetentionUpdate(input: { dailyDays: 31 }) {
        workspace { id } } }";
    let csm = app.token(Role::Csm).await;
    let answer = app.graphql(&csm, query, Value::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
