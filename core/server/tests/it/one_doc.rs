//! 1Doc's journey (F1): quarters last their time, and the cycle of adoption and business reviews
//! begins again and again.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, example};
use crate::harness::{TestApp, both};

both!(the_cycle_laps_without_the_loop_guard);

const EXPECTED: &str = "query ($id: ID!) { account(id: $id) { primaryJourney {
    wakesOn stage { name phase expectedDays exit } currentVisit { enteredOn expectedUntil } } } }";

async fn the_cycle_laps_without_the_loop_guard(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let manager = Desk::of(&app, Role::Manager).await;
    let nps = json!({ "key": "nps-relacional", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    manager.done("surveyCreate", nps, "survey").await;
    let (template, _) = manager.publish("1doc", example("1doc.json")).await;
    let user = app.user(Role::Csm).await;
    let csm = Desk { app: app.clone(), token: app.token_of(user.id, &[]).await };
    let town = csm.account("Prefeitura", &template, Some(&global(user.id))).await;

    csm.work_through(&town, 0.0, &[]).await;
    assert_eq!(csm.place(&town).await, "boas-vindas 1.1 ACTIVE");
    csm.work_through(&town, 0.0, &[]).await;
    let quarters = [
        "adocao-1 1.1",
        "qbr-1 1.1",
        "adocao-2 1.1",
        "qbr-2 1.1",
        "adocao-2 2.1",
        "qbr-2 2.1",
        "adocao-2 3.1",
        "qbr-2 3.1",
        "adocao-2 4.1",
    ];
    for (quarter, next) in quarters.iter().zip(&quarters[1..]) {
        assert_eq!(csm.place(&town).await, format!("{quarter} ACTIVE"));
        csm.work_through(&town, 0.0, &[]).await;
        let waits = format!("{quarter} WAITING MINIMUM_DURATION");
        assert_eq!(csm.place(&town).await, waits, "its time has not passed");
        let days = lasts(&csm, &town).await;
        assert_eq!(days, if quarter.starts_with("qbr") { 30 } else { 90 });
        app.advance(days - 1);
        app.run_jobs().await;
        assert_eq!(csm.place(&town).await, waits, "one day is missing");
        app.advance(1);
        app.run_jobs().await;
        assert_eq!(csm.place(&town).await, format!("{next} ACTIVE"));
    }
    let path = csm.path(&town).await;
    assert_eq!(path.iter().filter(|visit| visit.ends_with("LOOPED")).count(), 3);
    assert!(path[..2].iter().all(|visit| visit.ends_with("ADVANCED")));
    let alerts = csm.see("{ alerts { totalCount } }", json!({})).await;
    assert_eq!(alerts["alerts"]["totalCount"], 0, "nothing was held");
}

/// How many days the current visit lasts; the journey wakes when they have passed.
async fn lasts(csm: &Desk, account: &str) -> i64 {
    let seen = csm.see(EXPECTED, json!({ "id": account })).await;
    let journey = &seen["account"]["primaryJourney"];
    assert_eq!(journey["stage"]["exit"], "NOT_BEFORE");
    let visit = &journey["currentVisit"];
    assert_eq!(visit["expectedUntil"], journey["wakesOn"]);
    let date =
        |value: &Value| value.as_str().and_then(|text| text.parse::<chrono::NaiveDate>().ok());
    let until = date(&visit["expectedUntil"]).expect("it is a date");
    (until - date(&visit["enteredOn"]).expect("it is a date")).num_days()
}
