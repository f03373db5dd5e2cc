//! What becomes of a subscription at its end, and who is told of it.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::{account, change, movements, subscribe};
use crate::customers::global;
use crate::desk::{Desk, with};
use crate::harness::{TestApp, both};

both!(
    a_renewal_is_won_lost_or_lapses,
    whoever_looks_after_an_account_is_reminded_of_a_renewal,
    a_base_that_is_adopted_alerts_nobody_and_keeps_its_history,
    a_renewal_of_the_past_was_decided_when_it_is_said,
);

/// The renewals of an account, one a line.
pub(super) async fn renewals(app: &TestApp, account: &str) -> String {
    let query = "query($id: ID!) { account(id: $id) { renewals { nodes {
        endsOn status decidedOn renewedUntil reason } } nextRenewal { endsOn } } }";
    let data = app.data(&app.home().await.token, query, json!({ "id": account })).await;
    let nodes = data["account"]["renewals"]["nodes"].as_array().expect("a list").clone();
    let line = |node: &Value| {
        let fields = ["endsOn", "status", "decidedOn", "renewedUntil", "reason"];
        let there: Vec<_> = fields.iter().filter_map(|field| node[*field].as_str()).collect();
        there.join(" ")
    };
    let lines: Vec<_> = nodes.iter().map(line).collect();
    format!("{}\nnext: {}", lines.join("\n"), data["account"]["nextRenewal"]["endsOn"])
}

/// The id of the open renewal of an account.
pub(super) async fn open_renewal(app: &TestApp, account: &str) -> String {
    let query = "query($f: RenewalFilter) { renewals(filter: $f) { nodes { id } } }";
    let filter = json!({ "f": { "accountId": { "eq": account }, "status": { "eq": "OPEN" } } });
    let data = app.data(&app.home().await.token, query, filter).await;
    data["renewals"]["nodes"][0]["id"].as_str().expect("there is one").to_owned()
}

async fn a_renewal_is_won_lost_or_lapses(app: TestApp) {
    let token = &app.home().await.token;
    let a = account(&app, "A").await;
    let until = |day: &str| json!({ "endsOn": day });
    subscribe(&app, &a, "2025-07-01", 1000, until("2026-06-30")).await;
    let id = open_renewal(&app, &a).await;
    app.set_time("2026-06-01T12:00:00Z");
    let input = json!({
        "id": id, "endsOn": "2027-06-30", "amountMinor": 1300, "csSourced": true,
        "reason": "Happy",
    });
    let selection = "renewal { status subscription { endsOn amount { amountMinor } } }";
    let won = app.mutate(token, "renewalWin", selection, input.clone()).await;
    let expected = json!({
        "status": "RENEWED",
        "subscription": { "endsOn": "2027-06-30", "amount": { "amountMinor": 1300 } },
    });
    assert_eq!(won["renewal"], expected);
    assert_eq!(app.refused(token, "renewalWin", input).await, "id: ALREADY_DECIDED");
    insta::assert_snapshot!(renewals(&app, &a).await, @r#"
    2026-06-30 RENEWED 2026-06-01 2027-06-30 Happy
    2027-06-30 OPEN
    next: "2027-06-30"
    "#);
    app.set_time("2027-05-01T12:00:00Z");
    let id = open_renewal(&app, &a).await;
    let input = json!({ "id": id, "reason": "Too dear" });
    app.mutate(token, "renewalLose", "renewal { status }", input).await;
    app.run_jobs().await;
    assert_eq!(movements(&app, &a).await.lines().count(), 3, "it counts until its last day");
    app.set_time("2027-07-02T12:00:00Z");
    app.run_jobs().await;
    insta::assert_snapshot!(movements(&app, &a).await, @r"
    2025-07-01 NEW 1000 BRL
    2026-06-01 UPGRADE 300 BRL by CS Happy
    2026-06-01 RENEWAL 1000 BRL by CS Happy
    2027-07-01 CHURN 1300 BRL Too dear
    ");
    let b = account(&app, "B").await;
    subscribe(&app, &b, "2027-01-01", 10, until("2027-07-10")).await;
    app.set_time("2027-07-20T12:00:00Z");
    app.run_jobs().await;
    insta::assert_snapshot!(renewals(&app, &b).await, @r"
    2027-07-10 LOST 2027-07-20
    next: null
    ");
    let c = account(&app, "C").await;
    let subscription = subscribe(&app, &c, "2027-01-01", 10, until("2027-12-31")).await;
    change(&app, &subscription, json!({ "endsOn": "2027-11-30" })).await;
    assert_eq!(renewals(&app, &c).await, "2027-11-30 OPEN\nnext: \"2027-11-30\"");
    change(&app, &subscription, json!({ "endsOn": null })).await;
    assert_eq!(renewals(&app, &c).await, "2027-11-30 CANCELLED 2027-07-20\nnext: null");
}

async fn whoever_looks_after_an_account_is_reminded_of_a_renewal(app: TestApp) {
    let token = &app.home().await.token;
    let ana = app.user(Role::Csm).await;
    let anas = app.token_of(ana.id, &["journeys:write", "revenue:read", "accounts:read"]).await;
    let input = json!({
        "name": "A", "csmId": global(ana.id), "journeyStart": { "none": true },
    });
    let opened = app.mutate(token, "accountCreate", "account { id }", input).await;
    let a = opened["account"]["id"].as_str().expect("an id").to_owned();
    let notice = json!({ "endsOn": "2026-12-31", "noticeOn": "2026-10-01" });
    subscribe(&app, &a, "2026-01-01", 10, notice).await;
    let alerts = async || {
        app.run_jobs().await;
        let query = "{ alerts { nodes { kind account { name } renewal { noticeOn } } } }";
        let data = app.data(&anas, query, json!({})).await;
        data["alerts"]["nodes"].as_array().expect("a list").clone()
    };
    app.set_time("2026-07-02T12:00:00Z");
    assert_eq!(alerts().await.len(), 0);
    app.set_time("2026-07-03T12:00:00Z");
    let told = alerts().await;
    let expected = json!({
        "kind": "RENEWAL_DUE", "account": { "name": "A" },
        "renewal": { "noticeOn": "2026-10-01" },
    });
    assert_eq!(told, [expected], "ninety days before the notice");
    app.set_time("2026-09-05T12:00:00Z");
    assert_eq!(alerts().await.len(), 2);
    let id = open_renewal(&app, &a).await;
    let input = json!({ "id": id, "endsOn": "2027-12-31" });
    app.mutate(token, "renewalWin", "renewal { id }", input).await;
    app.set_time("2026-12-30T12:00:00Z");
    assert_eq!(alerts().await.len(), 2, "what was decided needs no reminder");
}

async fn a_base_that_is_adopted_alerts_nobody_and_keeps_its_history(app: TestApp) {
    let a = account(&app, "A").await;
    let past = json!({ "endsOn": "2025-12-31" });
    subscribe(&app, &a, "2024-01-01", 1000, past).await;
    let soon = json!({ "endsOn": "2026-02-10" });
    subscribe(&app, &a, "2025-02-11", 2000, soon).await;
    app.run_jobs().await;
    let alerts = app.data(&app.home().await.token, "{ alerts { nodes { kind } } }", json!({}));
    assert_eq!(alerts.await["alerts"]["nodes"], json!([]));
    insta::assert_snapshot!(movements(&app, &a).await, @r"
    2024-01-01 NEW 1000 BRL
    2025-02-11 CROSS_SELL 2000 BRL
    2026-01-01 DOWNGRADE 1000 BRL
    ");
    assert_eq!(renewals(&app, &a).await, "2026-02-10 OPEN\nnext: \"2026-02-10\"");
    let id = subscribe(&app, &a, "2025-03-01", 100, json!({})).await;
    let token = &app.home().await.token;
    let price = json!({ "amountMinor": 150, "currency": "BRL" });
    let input = json!({ "id": id, "amount": price, "effectiveOn": "2025-09-01" });
    let told = app.refused(token, "subscriptionUpdate", input.clone()).await;
    assert_eq!(told, "effectiveOn: BACKFILL_NEEDED", "only a backfill looks back");
    let query = "mutation($i: SubscriptionUpdateInput!) { subscriptionUpdate(input: $i) {
        userErrors { code } } }";
    app.graphql_from(token, Some("BACKFILL"), query, json!({ "i": input })).await;
    assert!(movements(&app, &a).await.contains("2025-09-01 UPGRADE 50 BRL"));
}

async fn a_renewal_of_the_past_was_decided_when_it_is_said(app: TestApp) {
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let ends = json!({ "endsOn": "2026-02-28" });
    let won = account(&app, "Won").await;
    subscribe(&app, &won, "2025-03-01", 1000, ends.clone()).await;
    let said = json!({ "id": open_renewal(&app, &won).await, "endsOn": "2027-02-28",
        "amountMinor": 1200, "decidedOn": "2025-12-10" });
    assert_eq!(desk.refused("renewalWin", said.clone()).await, ["decidedOn BACKFILL_NEEDED"]);
    desk.backfill("renewalWin", said, "renewal { id }").await;
    assert!(renewals(&app, &won).await.starts_with("2026-02-28 RENEWED 2025-12-10 2027-02-28"));
    insta::assert_snapshot!(movements(&app, &won).await, @r"
    2025-03-01 NEW 1000 BRL
    2025-12-10 UPGRADE 200 BRL
    2025-12-10 RENEWAL 1000 BRL
    ");
    let lost = account(&app, "Lost").await;
    subscribe(&app, &lost, "2025-03-01", 1000, ends).await;
    let said = json!({ "id": open_renewal(&app, &lost).await, "reason": "Price",
        "decidedOn": "2026-01-21" });
    assert_eq!(desk.refused("renewalLose", said.clone()).await, ["decidedOn TOO_LATE"]);
    let said = with(said, json!({ "decidedOn": "2026-01-05" }));
    desk.backfill("renewalLose", said, "renewal { id }").await;
    assert!(renewals(&app, &lost).await.starts_with("2026-02-28 LOST 2026-01-05 Price"));
}
