//! Health: models, scores, and what people say instead.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

mod models;

both!(
    a_score_says_what_it_is_made_of,
    a_score_follows_what_happens_to_the_account,
    what_a_person_says_survives_every_computation_until_its_day_has_passed,
    a_trend_holds_the_score_against_that_of_some_days_ago,
    a_band_that_changes_is_told_once,
    the_health_of_many_accounts_takes_as_many_statements_as_that_of_one,
);

/// A measure of a number that is worth as many points as there are steps.
pub(crate) fn measure(key: &str, weight: f64, source: Value, scale: &[(f64, f64)]) -> Value {
    let step = |(at, points): &(f64, f64)| json!({ "at": at, "points": points });
    let scale: Vec<_> = scale.iter().map(step).collect();
    json!({ "key": key, "weight": weight, "source": source, "scale": scale })
}

/// A model of NPS, 3 parts, and of overdue tasks, 1 part. It takes one of them to know enough.
pub(crate) async fn by_nps_and_overdue(desk: &Desk) -> String {
    let definition = json!({ "weighted": {
        "minimumKnown": 0.75,
        "measures": [
            measure("nps", 3.0, json!({ "builtIn": "LAST_NPS" }), &[(0.0, 0.0), (10.0, 100.0)]),
            measure(
                "overdue", 1.0, json!({ "builtIn": "OVERDUE_TASKS" }), &[(0.0, 100.0), (4.0, 0.0)],
            ),
        ],
    } });
    let new = json!({ "name": "NPS and work", "definition": definition });
    desk.done("healthModelCreate", new, "healthModel").await
}

const HEALTH: &str = "query ($id: ID!) { account(id: $id) { health { value band
    score { value band trend base isStale contributions { key title points }
        missing { key } reasons { code text points } modelVersion { number } }
    overridden { value reason expiresOn author { role } } } } }";

pub(crate) async fn health(desk: &Desk, account: &str) -> Value {
    desk.see(HEALTH, json!({ "id": account })).await["account"]["health"].take()
}

/// Records what a customer answered to an NPS question.
pub(crate) async fn answer(desk: &Desk, account: &str, score: i32) {
    let surveys = "{ surveys(first: 100) { nodes { id key } } }";
    let known = desk.see(surveys, json!({})).await;
    let known = known["surveys"]["nodes"].as_array().cloned().unwrap_or_default();
    let survey = known.iter().find(|survey| survey["key"] == "nps");
    let survey = match survey {
        Some(survey) => survey["id"].as_str().expect("it is there").to_owned(),
        None => {
            let new = json!({
                "key": "nps", "name": "NPS", "method": "NPS", "purpose": "RELATIONAL",
                "question": "Would you recommend us?",
            });
            desk.done("surveyCreate", new, "survey").await
        }
    };
    let answer = json!({ "surveyId": survey, "accountId": account, "score": score });
    desk.done("surveyResponseRecord", answer, "surveyResponse").await;
}

async fn a_score_says_what_it_is_made_of(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let (padaria, silent) =
        (global(account(&app, "Padaria", None).await.id), account(&app, "Silent", None).await.id);
    answer(&desk, &padaria, 6).await;
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    let seen = health(&desk, &padaria).await;
    assert_eq!(
        seen,
        json!({
            "value": 70.0, "band": "HEALTHY",
            "score": {
                "value": 70.0, "band": "HEALTHY", "trend": null, "base": 0.0, "isStale": false,
                "contributions": [
                    { "key": "nps", "title": "nps", "points": 45.0 },
                    { "key": "overdue", "title": "overdue", "points": 25.0 },
                ],
                "missing": [],
                "reasons": [{ "code": "nps", "text": "nps takes 30.0 points", "points": -30.0 }],
                "modelVersion": { "number": 1 },
            },
            "overridden": null,
        })
    );
    let seen = health(&desk, &global(silent)).await;
    assert_eq!((&seen["value"], &seen["score"]["band"]), (&Value::Null, &Value::Null));
    assert_eq!(seen["score"]["missing"], json!([{ "key": "nps" }]));
}

async fn a_score_follows_what_happens_to_the_account(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &padaria).await["value"], Value::Null);
    answer(&desk, &padaria, 10).await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &padaria).await["value"], 100.0);
    // Time alone makes a task overdue: the next day's run finds it.
    let task = json!({ "accountId": padaria, "title": "Call", "dueOn": "2026-01-20" });
    desk.done("taskCreate", task, "task").await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &padaria).await["value"], 100.0);
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(health(&desk, &padaria).await["value"], 93.75);
}

async fn what_a_person_says_survives_every_computation_until_its_day_has_passed(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let csm = Desk::of(&app, Role::Csm).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    answer(&desk, &padaria, 10).await;
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    let said = json!({
        "accountId": padaria, "value": 20, "reason": "The sponsor leaves",
        "expiresOn": "2026-01-22",
    });
    csm.done("healthOverrideSet", said, "healthOverride").await;
    answer(&desk, &padaria, 9).await;
    app.run_jobs().await;
    let seen = health(&csm, &padaria).await;
    assert_eq!((&seen["value"], &seen["band"]), (&json!(20.0), &json!("POOR")));
    assert_eq!(seen["score"]["value"], 92.5);
    let expected = json!({
        "value": 20.0, "reason": "The sponsor leaves", "expiresOn": "2026-01-22",
        "author": { "role": "CSM" },
    });
    assert_eq!(seen["overridden"], expected);
    app.advance(2);
    assert_eq!(health(&csm, &padaria).await["value"], 20.0);
    app.advance(1);
    assert_eq!(health(&csm, &padaria).await["value"], 92.5);
    // What is said anew takes the place of what was said, and can be ended.
    let again = json!({ "accountId": padaria, "value": 50, "reason": "Another hunch" });
    let id = csm.done("healthOverrideSet", again, "healthOverride").await;
    assert_eq!(health(&csm, &padaria).await["band"], "CONCERNING");
    csm.done("healthOverrideEnd", json!({ "id": id }), "healthOverride").await;
    assert_eq!(health(&csm, &padaria).await["band"], "HEALTHY");
    let list = "query ($id: ID!) { account(id: $id) { healthOverrides {
        nodes { value endedAt endedBy { role } } totalCount } } }";
    let all = csm.see(list, json!({ "id": padaria })).await;
    let all = &all["account"]["healthOverrides"];
    assert_eq!(all["totalCount"], 2);
    assert!(all["nodes"][1]["endedAt"].is_string(), "{all:#}");
    let wrong = json!({
        "accountId": padaria, "value": 100.5, "reason": " ", "expiresOn": "2026-01-22",
    });
    let told = csm.refused("healthOverrideSet", wrong).await;
    assert_eq!(told, ["value OUT_OF_RANGE", "reason REQUIRED", "expiresOn TOO_EARLY"]);
}

async fn a_trend_holds_the_score_against_that_of_some_days_ago(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    answer(&desk, &padaria, 10).await;
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    for (days, score, trend) in [(10, 4, None), (19, 8, None), (1, 8, Some(-15.0)), (10, 8, None)] {
        app.advance(days);
        answer(&desk, &padaria, score).await;
        app.run_jobs().await;
        let seen = health(&desk, &padaria).await["score"]["trend"].as_f64();
        match trend {
            Some(_) => assert_eq!(seen, trend),
            // Ten days later it is held against the 4.
            None if days == 10 && score == 8 => assert_eq!(seen, Some(30.0)),
            None => assert_eq!(seen, None),
        }
    }
    let history = "query ($id: ID!) { account(id: $id) { healthHistory {
        nodes { computedOn value band modelVersion { number } } } } }";
    let seen = desk.see(history, json!({ "id": padaria })).await;
    let nodes = seen["account"]["healthHistory"]["nodes"].as_array().expect("it is there").clone();
    let days: Vec<_> = nodes.iter().map(|node| (&node["computedOn"], &node["value"])).collect();
    let expected = json!([["2026-02-18", 85.0], ["2026-01-30", 55.0], ["2026-01-20", 100.0]]);
    assert_eq!(json!(days), expected);
}

async fn a_band_that_changes_is_told_once(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    answer(&desk, &padaria, 10).await;
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    for score in [9, 1, 0] {
        answer(&desk, &padaria, score).await;
        app.run_jobs().await;
    }
    let query = "query ($id: ID!) {
        events(filter: { type: { eq: \"account.health_changed\" } }) {
            nodes { changed actorKind accountId } }
        auditEntries(subjectId: $id) { nodes { action changes } } }";
    let owner = app.home().await.token.clone();
    let told = app.data(&owner, query, json!({ "id": padaria })).await;
    let expected = json!([
        { "changed": ["healthBand"], "actorKind": "WORKER", "accountId": padaria }
    ]);
    assert_eq!(told["events"]["nodes"], expected);
    let entry = &told["auditEntries"]["nodes"][0];
    assert_eq!(entry["action"], "account.health_changed");
    let changes = json!({ "healthBand": { "before": "HEALTHY", "after": "POOR" } });
    assert_eq!(entry["changes"], changes);
}

async fn the_health_of_many_accounts_takes_as_many_statements_as_that_of_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    for n in 0..12 {
        let id = global(account(&app, &format!("Account {n}"), None).await.id);
        answer(&desk, &id, n % 11).await;
    }
    by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    let mut counts = Vec::new();
    for size in [1, 10] {
        let query = format!(
            "{{ accounts(first: {size}) {{ nodes {{ health {{ value overridden {{ reason }}
                score {{ contributions {{ title points }} reasons {{ text }} model {{ name }} }} }}
                healthScores {{ value }} healthHistory(first: 3) {{ nodes {{ value }} }} }} }} }}"
        );
        let asked = app.data(&desk.token, &query, json!({}));
        let (seen, count) = app.statements(asked).await;
        let nodes = seen["accounts"]["nodes"].as_array().expect("it is there");
        assert!(nodes.iter().all(|node| node["health"]["value"].is_number()), "{seen:#}");
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
}
