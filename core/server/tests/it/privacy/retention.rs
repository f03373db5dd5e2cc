//! For how long each kind of record is kept.

use jornada_domain::auth::Role;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::story::{MARKS, OTHER_MARKS, Story};
use super::traces::places;
use crate::desk::Desk;
use crate::harness::{TestApp, both, problems};

both!(
    texts_are_blanked_after_their_days_and_what_is_counted_stays,
    the_contacts_of_a_churned_account_are_erased,
    audit_entries_and_events_and_jobs_and_alerts_are_deleted,
    more_than_a_batch_is_done_in_one_pass,
    a_policy_has_limits_and_only_who_may_sets_it,
);

async fn set(desk: &Desk, kind: &str, days: Option<i32>) {
    let input = json!({ "kind": kind, "days": days });
    desk.done("retentionPolicySet", input, "workspace").await;
}

/// The changes of the last event of a pass.
async fn told(app: &TestApp) -> Vec<Value> {
    let query = "{ auditEntries(first: 100) { nodes { action changes } } }";
    let data = app.data(&app.home().await.token, query, json!({})).await;
    let nodes = data["auditEntries"]["nodes"].as_array().expect("a list").iter();
    let passes = nodes.filter(|node| node["action"] == "workspace.pruned");
    passes.map(|node| node["changes"]["retention"].clone()).collect()
}

async fn count(app: &TestApp, of: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {of}");
    let db = app.app.db.read();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.expect("it can be counted");
    row.expect("a row").try_get("", "n").expect("a number")
}

async fn texts_are_blanked_after_their_days_and_what_is_counted_stays(app: TestApp) {
    let story = Story::of(&app).await;
    let pulse = json!({ "accountId": story.account, "trust": 4, "note": "sigilo" });
    story.desk.done("pulseRecord", pulse, "pulse").await;
    app.run_jobs().await;
    for (kind, days) in [("INTERACTION", 30), ("SURVEY_COMMENT", 40), ("PULSE_NOTE", 50)] {
        set(&story.desk, kind, Some(days)).await;
    }
    app.run_jobs().await;
    let texts = async || {
        let all = places(&app, &MARKS).await;
        let is_text = |place: &String| {
            ["interaction.", "survey_response.", "pulse."].iter().any(|t| place.starts_with(t))
        };
        all.into_iter().filter(is_text).collect::<Vec<_>>()
    };
    let [note, notes, subject, comment] =
        ["pulse.note", "interaction.notes", "interaction.subject", "survey_response.comment"];
    app.advance(30);
    app.run_jobs().await;
    assert_eq!(texts().await, [notes, subject, note, comment], "30 days are not over");
    let before = story.figures().await;
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(texts().await, [note, comment]);
    app.advance(10);
    app.run_jobs().await;
    assert_eq!(texts().await, [note]);
    app.advance(10);
    app.run_jobs().await;
    assert_eq!(texts().await, [""; 0]);
    let passes =
        [json!({ "PULSE_NOTE": 1 }), json!({ "SURVEY_COMMENT": 2 }), json!({ "INTERACTION": 2 })];
    assert_eq!(told(&app).await, passes);
    let query = "query ($id: ID!) { account(id: $id) { lastPulse { trust note }
        interactions { nodes { sentiment subject } } surveyResponses { nodes { score } } } }";
    let kept = story.desk.see(query, json!({ "id": story.account })).await["account"].take();
    let met = json!({ "sentiment": "POSITIVE", "subject": "" });
    assert_eq!(kept["interactions"]["nodes"], json!([met, met]));
    assert_eq!(kept["lastPulse"], json!({ "trust": 4, "note": null }));
    let after = story.figures().await;
    assert_eq!(after["accountsSummary"]["nps"], before["accountsSummary"]["nps"]);
    assert_eq!(after["account"]["timeline"], before["account"]["timeline"]);
    for kind in ["INTERACTION", "SURVEY_COMMENT", "PULSE_NOTE"] {
        set(&story.desk, kind, None).await;
    }
    app.advance(1);
    app.run_jobs().await;
    app.advance(1);
    assert_eq!(app.run_jobs().await, 0, "nothing is looked for any more");
}

async fn the_contacts_of_a_churned_account_are_erased(app: TestApp) {
    let story = Story::of(&app).await;
    app.run_jobs().await;
    set(&story.desk, "CONTACT", Some(30)).await;
    app.advance(60);
    app.run_jobs().await;
    assert_ne!(places(&app, &MARKS).await, [""; 0], "who is a customer stays");
    let churn = json!({ "id": story.account, "reason": "Gone" });
    story.desk.done("accountChurn", churn, "account").await;
    app.advance(30);
    app.run_jobs().await;
    assert_ne!(places(&app, &MARKS).await, [""; 0], "30 days are not over");
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(places(&app, &MARKS).await, [""; 0]);
    assert_eq!(places(&app, &OTHER_MARKS).await, [""; 0]);
    assert_eq!(told(&app).await, [json!({ "CONTACT": 2 })]);
    let log = std::fs::read_to_string(app.erasure_log()).expect("it is kept");
    assert_eq!(log.lines().count(), 2, "{log}");
}

async fn audit_entries_and_events_and_jobs_and_alerts_are_deleted(app: TestApp) {
    let story = Story::of(&app).await;
    app.run_jobs().await;
    let events = count(&app, "event").await;
    set(&story.desk, "EVENT", Some(30)).await;
    app.advance(31);
    app.run_jobs().await;
    assert_eq!(count(&app, "event").await, events + 1, "no event goes before its audit entry");
    set(&story.desk, "AUDIT_ENTRY", Some(60)).await;
    app.advance(30);
    app.run_jobs().await;
    let since = "2026-01-21";
    let old = format!("audit_entry WHERE recorded_at < '{since}'");
    assert_eq!(count(&app, &old).await, 0);
    assert_eq!(count(&app, &format!("event WHERE occurred_at < '{since}'")).await, 0);
    assert_ne!(count(&app, "audit_entry").await, 0);
    assert_ne!(count(&app, "job WHERE state = 'DONE'").await, 0);
    set(&story.desk, "JOB", Some(30)).await;
    set(&story.desk, "ALERT", Some(30)).await;
    app.advance(40);
    app.run_jobs().await;
    let old = "job WHERE state = 'DONE' AND created_at < '2026-03-22'";
    assert_eq!(count(&app, old).await, 0);
    let last = told(&app).await;
    assert!(last[0]["JOB"].as_i64() > Some(0), "{last:?}");
}

async fn more_than_a_batch_is_done_in_one_pass(app: TestApp) {
    let story = Story::of(&app).await;
    app.run_jobs().await;
    let db = app.app.db.write();
    let id = match db.get_database_backend() {
        DbBackend::Sqlite => "randomblob(16)",
        _ => "gen_random_uuid()",
    };
    // What people do in years, in one statement.
    let met = format!(
        "INSERT INTO interaction (workspace_id, id, version, created_at, updated_at, account_id,
            channel, subject, happened_at)
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100)
        SELECT workspace_id, {id}, 1, created_at, updated_at, account_id, 'CHAT', 'Hi', happened_at
        FROM numbers, (SELECT * FROM interaction LIMIT 1) AS one"
    );
    db.execute_unprepared(&met).await.expect("they are made");
    let all = count(&app, "interaction").await;
    assert_eq!(all, 1102);
    set(&story.desk, "INTERACTION", Some(30)).await;
    app.advance(31);
    app.run_jobs().await;
    assert_eq!(count(&app, "interaction WHERE subject <> ''").await, 0);
    assert_eq!(count(&app, "interaction").await, all);
    assert_eq!(told(&app).await, [json!({ "INTERACTION": all })]);
}

async fn a_policy_has_limits_and_only_who_may_sets_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let input = |days: i32| json!({ "kind": "ALERT", "days": days });
    for days in [29, -1, 0, 7306] {
        let refused = desk.refused("retentionPolicySet", input(days)).await;
        assert_eq!(refused, ["days OUT_OF_RANGE"], "{days}");
    }
    let mut stale = input(30);
    stale["expectedVersion"] = json!(7);
    let refused = desk.refused("retentionPolicySet", stale).await;
    assert_eq!(refused, ["expectedVersion CONFLICT"]);
    let selection = "workspace { version retentionPolicies { kind days } }";
    let first = desk.ask("retentionPolicySet", input(30), selection).await;
    let policies = first["workspace"]["retentionPolicies"].as_array().expect("a list");
    assert_eq!(policies.len(), 8);
    assert!(policies.contains(&input(30)), "{policies:?}");
    let same = desk.ask("retentionPolicySet", input(30), selection).await;
    assert_eq!(same["workspace"]["version"], first["workspace"]["version"]);
    let query = "mutation { retentionPolicySet(input: { kind: ALERT, days: 90 }) {
        workspace { id } } }";
    for role in [Role::Manager, Role::Csm, Role::Viewer] {
        let token = app.token(role).await;
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(problems(&answer), ": FORBIDDEN", "{role:?}");
        let query = "{ viewer { workspace { retentionPolicies { kind days } } } }";
        app.data(&token, query, json!({})).await;
    }
}
