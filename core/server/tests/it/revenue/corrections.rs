//! Contracts of which the dates or the lines were said wrong: what was recorded follows, so that
//! the figures of a period do not depend on when it became known.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::{account, movements, report, subscribe};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    what_was_recorded_follows_the_dates_of_its_contract,
    what_was_lost_is_lost_on_the_day_that_is_said_last,
    a_contract_that_was_prolonged_late_never_stopped,
    dates_that_contradict_what_followed_are_refused,
    products_that_change_places_move_revenue,
);

/// A fact of the past.
async fn said(desk: &Desk, id: &str, more: Value) {
    let mut input = json!({ "id": id });
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    let payload = desk.backfill("subscriptionUpdate", input, "subscription { id }").await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

async fn owner(app: &TestApp) -> Desk {
    app.set_time("2026-11-22T12:00:00Z");
    let token = app.home().await.token.clone();
    Desk { app: app.clone(), token }
}

async fn grr(app: &TestApp) -> Value {
    let periods = report(app, "from: \"2026-01-01\", to: \"2026-11-22\"").await;
    periods[0]["groups"][0]["currencies"][0]["grr"].clone()
}

async fn what_was_recorded_follows_the_dates_of_its_contract(app: TestApp) {
    let desk = owner(&app).await;
    let lost = account(&app, "Lost").await;
    let cancelled = json!({ "cancelledOn": "2026-06-30" });
    let gone = subscribe(&app, &lost, "2024-01-01", 1200, cancelled).await;
    let stays = account(&app, "Stays").await;
    let there = subscribe(&app, &stays, "2026-03-01", 1200, json!({})).await;
    assert_eq!(grr(&app).await, 0.0);
    said(&desk, &gone, json!({ "cancelledOn": "2025-12-15" })).await;
    said(&desk, &there, json!({ "startsOn": "2025-02-01" })).await;
    insta::assert_snapshot!(movements(&app, &lost).await, @r"
    2024-01-01 NEW 1200 BRL
    2025-12-15 CHURN 1200 BRL
    ");
    assert_eq!(movements(&app, &stays).await, "2025-02-01 NEW 1200 BRL");
    assert_eq!(grr(&app).await, 1.0, "one was lost before, and the other was there");
}

async fn what_was_lost_is_lost_on_the_day_that_is_said_last(app: TestApp) {
    let desk = owner(&app).await;
    let id = account(&app, "Padaria").await;
    subscribe(&app, &id, "2024-01-01", 1200, json!({ "endsOn": "2026-11-17" })).await;
    assert!(movements(&app, &id).await.contains("2026-11-18 CHURN"));
    for day in ["2026-11-12", "2026-05-06"] {
        let churn = json!({ "id": id, "reason": "Price", "churnedOn": day });
        desk.backfill("accountChurn", churn, "account { id }").await;
        let told = movements(&app, &id).await;
        assert!(told.contains(&format!("{day} CHURN 1200 BRL")), "{told}");
        assert_eq!(told.lines().count(), 2, "{told}");
        desk.done("accountResume", json!({ "id": id }), "account").await;
    }
}

async fn a_contract_that_was_prolonged_late_never_stopped(app: TestApp) {
    let desk = owner(&app).await;
    for more in [json!({}), json!({ "effectiveOn": "2026-07-01" })] {
        let id = account(&app, "Padaria").await;
        let ends = json!({ "endsOn": "2026-06-30" });
        let subscription = subscribe(&app, &id, "2024-07-01", 1200, ends).await;
        assert!(movements(&app, &id).await.contains("2026-07-01 CHURN"));
        let mut longer = json!({ "endsOn": "2027-06-30" });
        if let (Value::Object(longer), Value::Object(more)) = (&mut longer, more) {
            longer.extend(more);
        }
        said(&desk, &subscription, longer).await;
        assert_eq!(
            movements(&app, &id).await,
            "2024-07-01 NEW 1200 BRL\n2026-07-01 RENEWAL 1200 BRL\n2026-07-01 RENEWAL 1200 BRL"
        );
    }
    assert_eq!(grr(&app).await, 1.0);
}

async fn dates_that_contradict_what_followed_are_refused(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    app.set_time("2026-01-20T12:00:00Z");
    let id = account(&app, "Padaria").await;
    let subscription = subscribe(&app, &id, "2025-01-01", 1200, json!({})).await;
    let dearer = json!({ "effectiveOn": "2025-06-01",
        "amount": { "amountMinor": 1500, "currency": "BRL" } });
    said(&desk, &subscription, dearer).await;
    let late = json!({ "id": subscription, "startsOn": "2025-07-01" });
    assert_eq!(desk.refused("subscriptionUpdate", late).await, ["startsOn TOO_LATE"]);
    said(&desk, &subscription, json!({ "cancelledOn": "2025-10-01" })).await;
    let early = json!({ "id": subscription, "cancelledOn": "2025-05-01" });
    assert_eq!(desk.refused("subscriptionUpdate", early).await, ["endsOn TOO_EARLY"]);
    insta::assert_snapshot!(movements(&app, &id).await, @r"
    2025-01-01 NEW 1200 BRL
    2025-06-01 UPGRADE 300 BRL
    2025-10-01 CHURN 1500 BRL
    ");
}

async fn products_that_change_places_move_revenue(app: TestApp) {
    let desk = owner(&app).await;
    let product = async |key: &str| {
        let new = json!({ "key": key, "name": key });
        desk.done("productCreate", new, "product").await
    };
    let (crm, bot) = (product("crm").await, product("bot").await);
    let line =
        |id: &str, minor: i64| json!({ "productId": id, "quantity": 1, "amountMinor": minor });
    let id = account(&app, "Padaria").await;
    let lines = json!({ "lines": [line(&crm, 100)] });
    let subscription = subscribe(&app, &id, "2025-01-01", 100, lines).await;
    for (crm_minor, on) in [(60, "2026-02-01"), (0, "2026-03-01")] {
        let mut lines = vec![line(&bot, 100 - crm_minor)];
        if crm_minor > 0 {
            lines.push(line(&crm, crm_minor));
        }
        said(&desk, &subscription, json!({ "lines": lines, "effectiveOn": on })).await;
    }
    let told = movements(&app, &id).await;
    let mut told: Vec<_> = told.lines().collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "2025-01-01 NEW 100 BRL",
            "2026-02-01 CROSS_SELL 40 BRL bot",
            "2026-02-01 DOWNGRADE 40 BRL crm",
            "2026-03-01 DOWNGRADE 60 BRL crm",
            "2026-03-01 UPGRADE 60 BRL bot",
        ]
    );
}
