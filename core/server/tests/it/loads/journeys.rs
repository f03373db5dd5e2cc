//! Journeys that wait for a value of a load.

use jornada_domain::auth::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{Sender, line};
use crate::customers::{account, global};
use crate::desk::{Desk, indicator, last, stage, task};
use crate::harness::{TestApp, both};

both!(
    a_load_wakes_the_journeys_that_wait_for_its_metrics_and_no_others,
    a_load_that_accounts_got_nothing_of_wakes_nobody,
);

/// The payloads of the jobs of a kind.
async fn jobs(app: &TestApp, kind: &str) -> Vec<Value> {
    let db = app.app.db.read();
    let sql = "SELECT payload FROM job WHERE kind = $1 ORDER BY id";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [kind.into()]);
    let rows = db.query_all_raw(statement).await.expect("jobs can be read");
    rows.iter().map(|row| row.try_get("", "payload").expect("it is JSON")).collect()
}

/// The template of a journey whose first stage is decided by a metric.
async fn plan(desk: &Desk, metric: &str) -> String {
    let mut decides = indicator("decides", "METRIC");
    decides["config"]["metricKey"] = json!(metric);
    let stages =
        json!([stage("a", vec![task("one", 1), decides]), last("b", vec![task("two", 1)])]);
    desk.publish(metric, json!({ "stages": stages })).await.0
}

async fn a_load_wakes_the_journeys_that_wait_for_its_metrics_and_no_others(app: TestApp) {
    let sender = Sender::of(&app).await;
    let desk = Desk::of(&app, Role::Manager).await;
    let (by_logins, by_seats) = (plan(&desk, "logins").await, plan(&desk, "seats").await);
    let waits = desk.account("Waits", &by_logins, None).await;
    let gets_nothing = desk.account("Gets nothing", &by_logins, None).await;
    let of_another = desk.account("Of another metric", &by_seats, None).await;
    for account in [&waits, &gets_nothing, &of_another] {
        desk.complete(account, "one", json!({})).await;
        assert_eq!(desk.place(account).await, "a 1.1 WAITING INDICATOR");
    }
    let busy = desk.account("Busy", &by_logins, None).await;
    let without = global(account(&app, "Without a journey", None).await.id);
    app.run_jobs().await;
    let before = jobs(&app, "journey.wake_accounts").await.len();
    app.advance(1);
    let of = |account: &String| line("logins", account, "2026-01-20", 80);
    let lines: Vec<_> = [&waits, &of_another, &busy, &without].into_iter().map(of).collect();
    sender.load("monday", &lines).await;
    assert_eq!(desk.place(&waits).await, "a 1.1 WAITING INDICATOR", "by a job");
    app.run_jobs().await;
    let woken = jobs(&app, "journey.wake_accounts").await.split_off(before);
    let accounts: Vec<_> = woken.iter().map(|job| job["account_ids"].clone()).collect();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    assert_eq!(accounts[0].as_array().map(Vec::len), Some(1), "{accounts:?}");
    assert_eq!(desk.place(&waits).await, "b 1.1 ACTIVE");
    for account in [&gets_nothing, &of_another] {
        assert_eq!(desk.place(account).await, "a 1.1 WAITING INDICATOR");
    }
    assert_eq!(desk.place(&busy).await, "a 1.1 ACTIVE");
    sender.load("monday", &lines).await;
    assert_eq!(app.run_jobs().await, 0, "sent again, it wakes nobody");
}

async fn a_load_that_accounts_got_nothing_of_wakes_nobody(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let eva = crate::customers::contact(&app, padaria, "Eva").await.id;
    let of_eva = json!({ "metric": "logins", "contact": global(eva), "period": "2026-01-18",
        "value": 1 });
    sender.load("monday", &[of_eva.to_string(), "{}".to_owned()]).await;
    assert_eq!(jobs(&app, "journey.wake_waiting").await, [Value::Null; 0]);
}
