//! How people move journeys, and what stops one that goes round in circles.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, indicator, last, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_person_moves_a_journey_anywhere_with_a_reason,
    what_cannot_be_moved_is_refused,
    a_journey_is_called_off,
    the_loop_guard_holds_and_tells_the_csm,
);

/// Three stages in a row, with a task in each.
async fn three_stages(desk: &Desk) -> String {
    let stages = json!([
        stage("a", vec![task("one", 1)]),
        stage("b", vec![task("two", 1)]),
        last("c", vec![task("three", 1)]),
    ]);
    desk.publish("plan", json!({ "stages": stages })).await.0
}

async fn journey_of(desk: &Desk, account: &str) -> String {
    let query = "query ($id: ID!) { account(id: $id) { primaryJourney { id } } }";
    let seen = desk.see(query, json!({ "id": account })).await;
    seen["account"]["primaryJourney"]["id"].as_str().expect("there is one").to_owned()
}

async fn a_person_moves_a_journey_anywhere_with_a_reason(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = three_stages(&desk).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let journey = journey_of(&desk, &padaria).await;
    let steps = [
        (json!({ "move": "REPEAT" }), "a 2.1 ACTIVE"),
        (json!({ "move": "ADVANCE" }), "b 3.1 ACTIVE"),
        (json!({ "move": "RETURN" }), "a 4.1 ACTIVE"),
        (json!({ "move": "JUMP", "stageKey": "c" }), "c 5.1 ACTIVE"),
        (json!({ "move": "ADVANCE" }), "c 5 COMPLETED"),
    ];
    for (step, place) in steps {
        let input = with(step, json!({ "journeyId": journey, "reason": "They asked for it." }));
        desk.done("journeyMove", input, "journey").await;
        assert_eq!(desk.place(&padaria).await, place, "each move starts a lap");
    }
    let path =
        ["a 1.1 REPEATED", "a 2.1 ADVANCED", "b 3.1 REGRESSED", "a 4.1 SKIPPED", "c 5.1 ADVANCED"];
    assert_eq!(desk.path(&padaria).await, path);
    let query = "query ($id: ID!) { account(id: $id) {
        tasks { nodes { status } }
        primaryJourney { endedAt visits { nodes { reason tasks { status } } } } }
        auditEntries(subjectId: $id) { totalCount } }";
    let seen = desk.see(query, json!({ "id": padaria })).await;
    let statuses = seen["account"]["tasks"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(statuses, vec![json!({ "status": "CANCELLED" }); 5]);
    let visits = seen["account"]["primaryJourney"]["visits"]["nodes"].as_array().cloned();
    assert!(visits.into_iter().flatten().all(|visit| visit["reason"] == "They asked for it."));
    let audit = "query ($id: ID!) { auditEntries(subjectId: $id) { nodes { action reason } } }";
    let seen = desk.see(audit, json!({ "id": journey })).await;
    assert_eq!(seen["auditEntries"]["nodes"][0]["reason"], "They asked for it.");
}

async fn what_cannot_be_moved_is_refused(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = three_stages(&desk).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let journey = journey_of(&desk, &padaria).await;
    let cases = [
        (json!({ "move": "RETURN" }), "move BAD_MOVE"),
        (json!({ "move": "JUMP" }), "stageKey REQUIRED"),
        (json!({ "move": "JUMP", "stageKey": "z" }), "stageKey UNKNOWN_STAGE"),
        (json!({ "move": "REPEAT", "stageKey": "b" }), "stageKey CONTRADICTION"),
        (json!({ "move": "REPEAT", "reason": " " }), "reason REQUIRED"),
        (json!({ "move": "REPEAT", "reason": "x".repeat(2001) }), "reason TOO_LONG"),
        (json!({ "move": "REPEAT", "journeyId": padaria }), "journeyId BAD_ID"),
    ];
    for (case, problem) in cases {
        let input = with(json!({ "journeyId": journey, "reason": "Because." }), case);
        assert_eq!(desk.refused("journeyMove", input).await, [problem]);
    }
    assert_eq!(desk.place(&padaria).await, "a 1.1 ACTIVE");

    let pause = json!({ "id": padaria, "reason": "Holidays." });
    desk.done("accountPause", pause, "account").await;
    let again = json!({ "journeyId": journey, "move": "REPEAT", "reason": "Because." });
    let found = desk.refused("journeyMove", again.clone()).await;
    assert_eq!(found, ["journeyId ACCOUNT_NOT_RUNNING"]);
    desk.done("accountResume", json!({ "id": padaria }), "account").await;
    let cancel = json!({ "journeyId": journey, "reason": "Sold." });
    desk.done("journeyCancel", cancel.clone(), "journey").await;
    assert_eq!(desk.refused("journeyMove", again).await, ["journeyId JOURNEY_ENDED"]);
    assert_eq!(desk.refused("journeyCancel", cancel).await, ["journeyId JOURNEY_ENDED"]);
}

async fn a_journey_is_called_off(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let template = three_stages(&desk).await;
    let padaria = desk.account("Padaria", &template, None).await;
    let journey = journey_of(&desk, &padaria).await;
    let cancel = json!({ "journeyId": journey, "reason": " They left us. " });
    let selection = "journey { status reason endedAt currentVisit { id } tasks { id }
        visits { nodes { outcome reason tasks { status } } } }";
    let done = desk.ask("journeyCancel", cancel, selection).await;
    assert_eq!(
        done["journey"],
        json!({
            "status": "CANCELLED", "reason": "They left us.",
            "endedAt": "2026-01-20T12:00:00+00:00",
            "currentVisit": null,
            "tasks": [],
            "visits": { "nodes": [{
                "outcome": "CANCELLED", "reason": "They left us.",
                "tasks": [{ "status": "CANCELLED" }],
            }] },
        })
    );
}

async fn the_loop_guard_holds_and_tells_the_csm(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let stages = json!([last("a", vec![indicator("ready", "PERSON")])]);
    let definition = json!({ "maxAttempts": 2, "stages": stages });
    let (template, _) = manager.publish("plan", definition).await;
    let user = app.user(Role::Csm).await;
    let csm = Desk { app: app.clone(), token: app.token_of(user.id, &[]).await };
    let padaria = csm.account("Padaria", &template, Some(&global(user.id))).await;
    for place in ["a 1.2 ACTIVE", "a 1 HELD"] {
        csm.complete(&padaria, "ready", json!({ "value": 79.9 })).await;
        assert_eq!(csm.place(&padaria).await, place);
    }
    app.run_jobs().await;
    assert_eq!(alerts(&manager).await, json!([]), "it is not theirs");
    let mut seen = alerts(&csm).await;
    let id = seen[0]["id"].take();
    let expected = json!([{
        "id": null, "kind": "JOURNEY_HELD", "readAt": null, "account": { "name": "Padaria" },
        "journey": { "status": "HELD", "pace": "STUCK", "currentVisit": null },
    }]);
    assert_eq!(seen, expected);
    let read = json!({ "id": id });
    assert_eq!(manager.refused("alertRead", read.clone()).await, ["id NOT_FOUND"]);
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    let foreign = app.graphql(&manager.token, node, read.clone()).await;
    assert_eq!(foreign["errors"][0]["extensions"]["code"], "NOT_FOUND");
    csm.done("alertRead", read, "alert").await;
    assert_eq!(alerts(&csm).await, json!([]));

    let journey = journey_of(&csm, &padaria).await;
    let again = json!({ "journeyId": journey, "move": "REPEAT", "reason": "Trained again." });
    csm.done("journeyMove", again, "journey").await;
    assert_eq!(csm.place(&padaria).await, "a 2.1 ACTIVE", "attempts count anew");
    csm.complete(&padaria, "ready", json!({ "value": 80 })).await;
    assert_eq!(csm.place(&padaria).await, "a 2 COMPLETED");
}

async fn alerts(desk: &Desk) -> Value {
    let query = "{ alerts(unread: true) { nodes { id kind readAt account { name }
        journey { status pace currentVisit { id } } } } }";
    desk.see(query, json!({})).await["alerts"]["nodes"].take()
}
