//! Pulses.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    a_pulse_is_what_somebody_makes_of_an_account_on_a_day,
    what_is_wrong_with_a_pulse_is_told_at_once,
    the_last_pulse_is_the_last_felt_that_was_not_put_away,
    the_last_pulses_of_many_accounts_take_as_many_statements_as_that_of_one,
);

const PULSES: &str = "query ($id: ID!, $filter: PulseFilter) { account(id: $id) {
    lastPulse { id emotion satisfaction trust note feltAt author { role } account { name } }
    pulses(filter: $filter) { nodes { id } totalCount } } }";

async fn a_pulse_is_what_somebody_makes_of_an_account_on_a_day(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let felt = json!({
        "accountId": padaria, "trust": 2, "note": "They smiled,\nbut not at the price.",
        "feltAt": "2026-01-19T15:00:00Z",
    });
    let id = desk.done("pulseRecord", felt, "pulse").await;
    let seen = desk.see(PULSES, json!({ "id": padaria })).await;
    assert_eq!(
        seen["account"]["lastPulse"],
        json!({
            "id": id, "emotion": null, "satisfaction": null, "trust": 2,
            "note": "They smiled,\nbut not at the price.", "feltAt": "2026-01-19T15:00:00+00:00",
            "author": { "role": "CSM" }, "account": { "name": "Padaria" },
        })
    );
    let change = json!({ "id": id, "emotion": 4, "trust": null, "note": null });
    let changed = desk.ask("pulseUpdate", change, "pulse { emotion trust note version }").await;
    let expected = json!({ "emotion": 4, "trust": null, "note": null, "version": 2 });
    assert_eq!(changed["pulse"], expected);
    let events = "{ events(filter: { type: { startsWith: \"pulse.\" } }) {
        nodes { type changed accountId } } auditEntries { nodes { changes } } }";
    let owner = app.home().await.token.clone();
    let events = app.data(&owner, events, json!({})).await;
    assert_eq!(events["events"]["nodes"][0]["accountId"], json!(padaria));
    assert!(!events.to_string().contains("smiled"), "the note is personal: {events:#}");
}

async fn what_is_wrong_with_a_pulse_is_told_at_once(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let wrong = json!({
        "accountId": padaria, "emotion": 0, "satisfaction": 6, "trust": -2147483648,
        "note": "x".repeat(4001), "feltAt": "2026-01-20T12:00:01Z",
    });
    let told = desk.refused("pulseRecord", wrong).await;
    let expected = [
        "emotion OUT_OF_RANGE",
        "satisfaction OUT_OF_RANGE",
        "trust OUT_OF_RANGE",
        "note TOO_LONG",
        "feltAt TOO_LATE",
    ];
    assert_eq!(told, expected);
    let nothing = json!({ "accountId": padaria, "note": "Fine." });
    assert_eq!(desk.refused("pulseRecord", nothing).await, ["emotion REQUIRED"]);
    let id = desk.done("pulseRecord", json!({ "accountId": padaria, "emotion": 1 }), "pulse").await;
    let emptied = json!({ "id": id, "emotion": null });
    assert_eq!(desk.refused("pulseUpdate", emptied).await, ["emotion REQUIRED"]);
    let stale = json!({ "id": id, "emotion": 2, "expectedVersion": 7 });
    assert_eq!(desk.refused("pulseUpdate", stale).await, ["expectedVersion CONFLICT"]);
    desk.done("pulseArchive", json!({ "id": id }), "pulse").await;
    let late = json!({ "id": id, "emotion": 2 });
    assert_eq!(desk.refused("pulseUpdate", late).await, ["id ARCHIVED"]);
}

async fn the_last_pulse_is_the_last_felt_that_was_not_put_away(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let mut ids = Vec::new();
    for (emotion, day) in [(3, "2026-01-19"), (1, "2026-01-02"), (5, "2026-01-20")] {
        let at = format!("{day}T10:00:00Z");
        let felt = json!({ "accountId": padaria, "emotion": emotion, "feltAt": at });
        ids.push(desk.done("pulseRecord", felt, "pulse").await);
    }
    let last = async || {
        let seen = desk.see(PULSES, json!({ "id": padaria })).await;
        seen["account"]["lastPulse"]["emotion"].clone()
    };
    assert_eq!(last().await, 5);
    desk.done("pulseArchive", json!({ "id": ids[2] }), "pulse").await;
    assert_eq!(last().await, 3);
    let early = json!({ "feltAt": { "lt": "2026-01-10T00:00:00Z" } });
    let seen = desk.see(PULSES, json!({ "id": padaria, "filter": early })).await;
    let expected = json!({ "nodes": [{ "id": ids[1] }], "totalCount": 1 });
    assert_eq!(seen["account"]["pulses"], expected);
}

async fn the_last_pulses_of_many_accounts_take_as_many_statements_as_that_of_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let all = "{ accounts { nodes { lastPulse { emotion } pulses { nodes { trust } }
        successPlan { goals { nodes { progress milestones { nodes { title } } } } } } } }";
    let ask = async |number: usize| -> Value {
        let id = global(account(&app, &format!("Customer {number}"), None).await.id);
        let felt = json!({ "accountId": id, "emotion": 3 });
        desk.done("pulseRecord", felt, "pulse").await;
        let plan = desk.done("successPlanCreate", json!({ "accountId": id }), "successPlan").await;
        let goal = json!({ "successPlanId": plan, "outcome": "More", "startValue": 0,
            "currentValue": 1, "targetValue": 4 });
        desk.done("goalCreate", goal, "goal").await;
        desk.see(all, json!({})).await
    };
    ask(1).await;
    let (_, one) = app.statements(desk.see(all, json!({}))).await;
    let seen = ask(2).await;
    let plan = &seen["accounts"]["nodes"][1]["successPlan"];
    assert_eq!(plan["goals"]["nodes"][0]["progress"], 0.25, "{seen:#}");
    let (_, two) = app.statements(desk.see(all, json!({}))).await;
    assert_eq!(one, two);
}
